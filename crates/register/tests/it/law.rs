//! What holds of entities, their ids, decisions and values, whatever comes and in which order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kernel::Moment;
use proptest::prelude::*;
use register::{ChangeKind, EntityState, Identity, Now, Outcome, Record, Register, identity};

pub fn spec() -> data::declare::Register {
    let field = |name: &str, compare: &str| format!("[[field]]\nname = \"{name}\"\ntitle = \"{name}\"\n{compare}\n");
    let text = [
        "title = \"人口\"\nsummary = \"人\"\ndepartment = \"d\"\n".to_owned(),
        field("citizen_id", "compare = \"checked_id\""),
        field("name", "compare = \"full_name\""),
        field("born", "compare = \"date\""),
        field("address", "compare = \"address\""),
        field("phone", "compare = \"phone\"\nconflicts = false\norder = [\"cards\"]"),
        field("note", ""),
        field("former", "former_of = \"name\""),
        "[[source]]\nresource = \"hukou\"\n[[source]]\nresource = \"cards\"\n[[source]]\nresource = \"health\"\n".to_owned(),
    ]
    .concat();
    let mut spec: data::declare::Register = toml::from_str(&text).expect("spec");
    spec.id = "persons".to_owned();
    spec
}

/// A moment and ids that say when they were asked for.
pub struct Minted(i64);

impl Minted {
    pub fn new() -> Minted {
        Minted(0)
    }

    pub fn now<R>(&mut self, act: impl FnOnce(&mut Now<'_>) -> R) -> R {
        let count = &mut self.0;
        let moment = Moment(*count);
        let mut mint = || {
            *count += 1;
            format!("e{count}")
        };
        act(&mut Now { moment, mint: &mut mint })
    }
}

const SURNAMES: [&str; 10] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"];
const GIVEN: [&str; 16] = ["伟", "芳", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明"];
const ROADS: [&str; 8] = ["中山东路", "解放南路", "人民路", "环城西路", "江东北路", "百丈路", "彩虹南路", "大闸路"];

/// What a source says of a person: with slips and gaps of its own.
fn record(source: usize, who: usize, slip: usize) -> Record {
    let some = |text: String| Some(text);
    let name = format!("{}{}{}", SURNAMES[who % 10], GIVEN[who * 7 % 16], GIVEN[who * 3 % 16]);
    let id = format!("33020{}19{:02}{:02}{:02}{:03}", who % 6, 40 + who * 13 % 60, who % 12 + 1, who * 11 % 28 + 1, who * 37 % 1000);
    let mut values = vec![
        some(format!("{id}{}", check(&id))),
        some(name),
        some(format!("19{:02}-{:02}-{:02}", 40 + who * 13 % 60, who % 12 + 1, who * 11 % 28 + 1)),
        some(format!("浙江省宁波市海曙区{}{}号{}室", ROADS[who * 5 % 8], who * 17 % 300 + 1, who * 3 % 20 + 101)),
        some(format!("1390574{:04}", who * 31 % 10_000)),
        some(format!("{source}-{who}")),
        None,
    ];
    match slip {
        0 => values[0] = None,
        1 => {
            let now = values[1].as_ref().map(|name| name.chars().rev().collect());
            values[6] = std::mem::replace(&mut values[1], now).filter(|_| who % 2 == 0);
        }
        2 => values[2] = values[2].as_ref().map(|day| day.replace("-01", "-11")),
        3 => values[3] = None,
        4 => (values[0], values[4]) = (None, some("13905740000".to_owned())),
        5 => (values[0], values[2]) = (None, None),
        _ => {}
    }
    Record { source, key: format!("{who}"), version: None, values }
}

fn check(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    "10X98765432".chars().nth((sum % 11) as usize).expect("check digit")
}

/// A population from which the first model is learnt.
fn people() -> Vec<Record> {
    (0..400usize).flat_map(|who| (0..3).filter(move |source| (who + source) % 3 != 0).map(move |source| record(source, who, (who * 5 + source * 3) % 11))).collect()
}

fn take(register: &mut Register, records: &[Record], removed: &[(usize, String)], relearn: bool, minted: &mut Minted) -> Outcome {
    let mut delta = register.take().expect("take");
    records.iter().for_each(|record| delta.put(record).expect("put"));
    removed.iter().for_each(|(source, key)| delta.remove(*source, key).expect("remove"));
    minted.now(|now| delta.settle(relearn, now).expect("settle"))
}

/// The entities, each as its records.
fn entities(register: &Register) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut found = BTreeMap::new();
    let rows = |row: register::Row| {
        let entity = register.entity(&row.entity).expect("entity").expect("there");
        assert_eq!((entity.records, entity.members.len() as u64, entity.state), (row.records, row.records, EntityState::Live));
        found.insert(row.entity, entity.members.iter().map(|member| (member.source.clone(), member.key.clone())).collect());
        Ok(())
    };
    register.rows(true, rows).expect("rows");
    found
}

fn partition(register: &Register) -> BTreeSet<BTreeSet<(String, String)>> {
    entities(register).into_values().collect()
}

fn open(folder: &Path, name: &str) -> Register {
    Register::open(&folder.join(name), &spec()).expect("open")
}

fn learnt(folder: &Path, name: &str, minted: &mut Minted) -> Register {
    let mut register = open(folder, name);
    let outcome = take(&mut register, &people(), &[], false, minted);
    assert!(outcome.learnt && outcome.whole);
    register
}

fn of(source: &str, who: usize) -> Identity {
    identity(source, &who.to_string())
}

#[test]
fn records_of_one_person_are_one_entity() {
    let folder = tempfile::tempdir().expect("folder");
    let register = learnt(folder.path(), "a", &mut Minted::new());
    let (mut right, mut wrong) = (0, 0);
    for members in entities(&register).values().filter(|members| members.len() > 1) {
        let whos: BTreeSet<&String> = members.iter().map(|(_, key)| key).collect();
        if whos.len() == 1 { right += 1 } else { wrong += 1 }
    }
    assert!(right > 230 && wrong < 3, "{right} right, {wrong} wrong of 267");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// However records arrive, change and go, the entities are those that the records left would give at once.
    #[test]
    fn arrival_says_nothing(steps in prop::collection::vec(prop::collection::vec((0..3usize, 0..40usize, 0..9usize, prop::bool::weighted(0.25)), 1..12), 1..8)) {
        let folder = tempfile::tempdir().expect("folder");
        let mut minted = Minted::new();
        let mut register = learnt(folder.path(), "steps", &mut minted);
        let mut left: BTreeMap<(usize, String), Record> = people().into_iter().map(|record| ((record.source, record.key.clone()), record)).collect();
        for step in &steps {
            let (mut put, mut removed) = (BTreeMap::new(), Vec::new());
            for (source, who, slip, gone) in step {
                let key = (*source, who.to_string());
                if *gone {
                    put.remove(&key);
                    removed.push(key.clone());
                    left.remove(&key);
                } else {
                    removed.retain(|other| *other != key);
                    put.insert(key.clone(), record(*source, *who, *slip));
                    left.insert(key, record(*source, *who, *slip));
                }
            }
            let outcome = take(&mut register, &put.into_values().collect::<Vec<_>>(), &removed, false, &mut minted);
            prop_assert!(!outcome.whole);
        }
        // The same records at once, by the same model.
        let mut at_once = open(folder.path(), "other");
        let model = register.model().expect("model").expect("learnt");
        at_once.adopt(&model).expect("adopted");
        take(&mut at_once, &left.into_values().collect::<Vec<_>>(), &[], false, &mut minted);
        prop_assert_eq!(partition(&register), partition(&at_once));
    }
}

#[test]
fn ids_stay_and_changes_tell() {
    let folder = tempfile::tempdir().expect("folder");
    let mut minted = Minted::new();
    let mut register = learnt(folder.path(), "ids", &mut minted);
    let before = entities(&register);
    let seen = register.totals().expect("totals").changes;
    // A card without an id number turns up for somebody who is there: the entity is the same.
    take(&mut register, &[record(0, 3, 0), record(1, 3, 3)], &[], false, &mut minted);
    for (id, members) in entities(&register) {
        if let Some(old) = before.get(&id) {
            assert!(old.is_subset(&members) || members.is_subset(old), "{id} stands for others now");
        }
    }
    // Nothing new: nothing happens.
    let outcome = take(&mut register, &[record(0, 3, 0)], &[], false, &mut minted);
    assert_eq!((outcome.changed, outcome.unchanged, outcome.created), (0, 1, 0));
    // Its last record goes: the entity ends and can still be found.
    take(&mut register, &[record(0, 611, 9)], &[], false, &mut minted);
    let id = &register.find("0-611", true, 2).expect("found").0[0];
    assert_eq!(register.entity(id).expect("entity").expect("there").records, 1);
    take(&mut register, &[], &[(0, "611".to_owned())], false, &mut minted);
    assert_eq!(register.entity(id).expect("entity").expect("there").state, EntityState::Ended);
    let changes = register.history(id, 10).expect("changes");
    assert!(changes.iter().all(|change| change.seq > seen));
    assert_eq!(changes.first().map(|change| change.kind), Some(ChangeKind::Ended));
}

#[test]
fn decisions_outweigh_evidence_and_are_taken_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut minted = Minted::new();
    let mut register = learnt(folder.path(), "decided", &mut minted);
    let before = entities(&register);
    // Two who have nothing in common are decided to be one.
    let (a, b) = (of("cards", 60), of("health", 182));
    let decided = minted.now(|now| register.decide(&a, &b, true, "clerk", "同一人", now)).expect("decided");
    assert_eq!(decided.outcome.merged, 1);
    let merged = register.latest_changes(1).expect("changes").remove(0);
    assert_eq!((merged.kind, merged.cause.as_str()), (ChangeKind::Merged, "decision"));
    let gone = register.entity(&merged.entity).expect("entity").expect("there");
    assert_eq!((gone.state, gone.into.as_ref()), (EntityState::Merged, merged.other.as_ref()));
    // A new record does not undo it.
    take(&mut register, &[record(0, 500, 9)], &[], false, &mut minted);
    assert!(partition(&register).iter().any(|members| members.contains(&("cards".into(), "60".into())) && members.contains(&("health".into(), "182".into()))));
    // Taken back, everybody is who they were.
    minted.now(|now| register.undo_decision(decided.act, now)).expect("undone");
    take(&mut register, &[], &[(0, "500".to_owned())], false, &mut minted);
    assert_eq!(entities(&register), before);
    assert!(register.decisions(10, 0).expect("decisions")[0].undone);
}

#[test]
fn merges_are_taken_back_with_their_ids() {
    let folder = tempfile::tempdir().expect("folder");
    let mut minted = Minted::new();
    let mut register = learnt(folder.path(), "undo", &mut minted);
    let before = entities(&register);
    let (a, b) = (of("cards", 60), of("health", 182));
    minted.now(|now| register.decide(&a, &b, true, "clerk", "", now)).expect("decided");
    let merged = register.latest_changes(1).expect("changes").remove(0);
    minted.now(|now| register.undo_change(merged.seq, "clerk", now)).expect("undone");
    assert_eq!(entities(&register), before);
    let split = register.latest_changes(1).expect("changes").remove(0);
    assert_eq!((split.kind, split.entity, split.other), (ChangeKind::Split, merged.entity, merged.other));
    // And the other way round: the split is taken back.
    minted.now(|now| register.undo_change(split.seq, "clerk", now)).expect("undone");
    assert!(partition(&register).iter().any(|members| members.contains(&("cards".into(), "60".into())) && members.contains(&("health".into(), "182".into()))));
}

#[test]
fn the_declared_source_is_believed_and_the_others_are_told() {
    let folder = tempfile::tempdir().expect("folder");
    let mut minted = Minted::new();
    let mut register = learnt(folder.path(), "values", &mut minted);
    // The same person in all three; the card has another telephone and another day of birth.
    let mut card = record(1, 700, 9);
    (card.values[2], card.values[4]) = (Some("1970-01-02".to_owned()), Some("13800000000".to_owned()));
    take(&mut register, &[record(0, 700, 9), card, record(2, 700, 9)], &[], false, &mut minted);
    let (found, cut) = register.find("700", true, 1000).expect("found");
    assert!(!cut);
    let entity = register.entity(&found[0]).expect("entity").expect("there");
    assert_eq!(entity.members.len(), 3);
    let source = |field: usize| entity.known[field].from.map(|from| entity.members[from].source.as_str());
    assert_eq!((source(0), source(4)), (Some("hukou"), Some("cards")));
    assert_eq!(entity.known[4].value.as_deref(), Some("13800000000"));
    let against: Vec<&str> = entity.known[2].against.iter().map(|at| entity.members[*at].source.as_str()).collect();
    assert_eq!(against, ["cards"]);
    assert!(entity.known[4].against.is_empty(), "telephones may differ");
    let counts = register.conflict_counts().expect("counts");
    assert!(counts[&("cards".to_owned(), "born".to_owned())] >= 1);
    let conflicts = register.conflicts("cards", "born", 1000, 0).expect("conflicts");
    let mine = conflicts.iter().find(|conflict| conflict.entity == entity.id).expect("mine");
    assert_eq!((mine.said.2.as_deref(), mine.believed.0.as_str()), (Some("1970-01-02"), "hukou"));
}

#[test]
fn another_declaration_shows_what_there_is_and_takes_it_anew() {
    let folder = tempfile::tempdir().expect("folder");
    let mut minted = Minted::new();
    let mut register = learnt(folder.path(), "declared", &mut minted);
    let id = register.find("1-60", true, 1).expect("found").0.remove(0);
    let name = |register: &Register, field: &str| {
        let place = spec_of(register).iter().position(|known| known == field).expect("field");
        register.entity(&id).expect("entity").expect("there").known[place].value.clone()
    };
    let before = name(&register, "name");
    drop(register);
    let mut other = spec();
    other.fields.remove(0);
    other.fields.reverse();
    register = Register::open(&folder.path().join("declared"), &other).expect("open");
    assert!(register.is_outdated().expect("outdated"));
    assert_eq!(name(&register, "name"), before);
    let mut delta = register.take().expect("take");
    for source in 0..3 {
        delta.whole_source(source).expect("source");
        for mut record in people().into_iter().filter(|record| record.source == source) {
            record.values.remove(0);
            record.values.reverse();
            delta.put(&record).expect("put");
        }
    }
    let outcome = minted.now(|now| delta.settle(false, now)).expect("settled");
    assert!(outcome.learnt && outcome.unchanged == 0);
    assert_eq!(name(&register, "name"), before);
}

fn spec_of(register: &Register) -> Vec<String> {
    register.fields().map(str::to_owned).collect()
}

#[test]
fn what_was_not_settled_never_happened() {
    let folder = tempfile::tempdir().expect("folder");
    let mut minted = Minted::new();
    let mut register = learnt(folder.path(), "cut", &mut minted);
    let before = (entities(&register), register.totals().expect("totals"));
    let mut delta = register.take().expect("take");
    delta.whole_source(0).expect("source");
    delta.put(&record(0, 3, 1)).expect("put");
    drop(delta);
    assert_eq!((entities(&register), register.totals().expect("totals")), before);
    // Read whole, a source loses what it does not have any more.
    let mut delta = register.take().expect("take");
    delta.whole_source(0).expect("source");
    people().iter().filter(|record| record.source == 0 && record.key != "1").for_each(|record| delta.put(record).expect("put"));
    let outcome = minted.now(|now| delta.settle(false, now)).expect("settled");
    assert_eq!((outcome.changed, outcome.removed), (0, 1));
}

#[test]
fn doubts_are_explained_and_teach() {
    let folder = tempfile::tempdir().expect("folder");
    let mut minted = Minted::new();
    let mut register = learnt(folder.path(), "doubts", &mut minted);
    let doubts = register.doubts(20, 0).expect("doubts");
    assert!(!doubts.is_empty());
    let paged: Vec<_> = [0, 3, 6].iter().flat_map(|offset| register.doubts(3, *offset).expect("doubts")).map(|doubt| doubt.left.identity).collect();
    assert_eq!(paged, doubts.iter().take(9).map(|doubt| doubt.left.identity).collect::<Vec<_>>());
    let (_, _, waterfall, decided) = register.explain(&doubts[0].left.identity, &doubts[0].right.identity).expect("explained");
    assert_eq!((waterfall.evidence.len(), decided), (5, None));
    let sum = waterfall.prior_bits + waterfall.evidence.iter().map(|evidence| evidence.bits).sum::<f64>();
    let cut = (spec().threshold / (1.0 - spec().threshold)).log2();
    assert!((sum - cut - doubts[0].bits).abs() < 1e-3, "{sum} {cut} {}", doubts[0].bits);
    for doubt in &doubts {
        let same = doubt.left.key == doubt.right.key;
        minted.now(|now| register.decide(&doubt.left.identity, &doubt.right.identity, same, "clerk", "", now)).expect("decided");
    }
    let asked: BTreeSet<_> = doubts.iter().map(|doubt| (doubt.left.identity, doubt.right.identity)).collect();
    assert!(register.doubts(1000, 0).expect("doubts").iter().all(|doubt| !asked.contains(&(doubt.left.identity, doubt.right.identity))));
    // What people decided agrees better with what is learnt from it.
    let agreement = |register: &Register| -> f64 {
        let signed = |doubt: &register::Doubt| {
            let (_, _, waterfall, decided) = register.explain(&doubt.left.identity, &doubt.right.identity).expect("explained");
            let bits: f64 = waterfall.evidence.iter().map(|evidence| evidence.bits).sum();
            if decided == Some(true) { bits } else { -bits }
        };
        doubts.iter().map(signed).sum()
    };
    let before = agreement(&register);
    take(&mut register, &[], &[], true, &mut minted);
    assert!(agreement(&register) > before);
    for members in entities(&register).values() {
        let decided_wrong = doubts.iter().any(|doubt| {
            let has = |member: &register::Member| members.contains(&(member.source.clone(), member.key.clone()));
            doubt.left.key != doubt.right.key && has(&doubt.left) && has(&doubt.right)
        });
        assert!(!decided_wrong);
    }
}
