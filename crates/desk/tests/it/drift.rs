//! Deliveries that differ: what is told, what is held, what an officer decides; rows that a whole delivery lacks.

use std::path::Path;
use std::sync::Arc;

use desk::drift::{DriftFilter, DriftState, Kind, Verdict};
use desk::history::{Change, Point};
use desk::port::TableName;
use desk::view::{Account, RunState, RunView};
use desk::{CollectScope, Desk};
use kernel::Moment;

use crate::memory::{Memory, int, text};
use crate::river::open;

/// A city whose one system is a folder with one CSV file.
pub fn city(dir: &Path, collect: &str) {
    let city = dir.join("city");
    for room in ["departments", "systems", "resources", "standards", "codes", "files"] {
        std::fs::create_dir_all(city.join(room)).expect("folder");
    }
    let write = |name: &str, text: &str| std::fs::write(city.join(name), text).expect("file");
    write("city.toml", "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n");
    write("departments/office.toml", "title = \"试验局\"\nuscc = \"113302000029290324\"\n");
    write("systems/files.toml", "title = \"文件\"\ndepartment = \"office\"\n[connector]\nkind = \"files\"\npath = \"files\"\n");
    write("standards/sex.toml", "title = \"性别\"\nkind = \"code\"\ncodes = \"sex\"\n");
    write("codes/sex.toml", "title = \"性别\"\n[[code]]\nvalue = \"1\"\ntitle = \"男\"\n[[code]]\nvalue = \"2\"\ntitle = \"女\"\n");
    write(
        "resources/person.toml",
        &format!(
            "title = \"人员\"\ncode = \"3990200/000001\"\nsummary = \"试验\"\nsystem = \"files\"\nclass = \"department\"\n\
             share = \"unconditional\"\nopen = \"none\"\ngrade = \"L1\"\nperiod = \"daily\"\n\n# 归集\n[collect]\nfrom = \"person.csv\"\n{collect}\n\
             [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"integer\"\nkey = true\n\n\
             [[item]]\n# 现行姓名\nname = \"name\"\ntitle = \"姓名\"\nsource = \"姓名\"\nstandard = \"text\"\nrequired = true\n\n\
             [[item]]\nname = \"sex\"\ntitle = \"性别\"\nsource = \"性别\"\nstandard = \"sex\"\n\n\
             [[item]]\nname = \"phone\"\ntitle = \"电话\"\nsource = \"电话\"\nstandard = \"text\"\n"
        ),
    );
}

/// Delivers rows under a header.
pub fn deliver(dir: &Path, header: &str, rows: impl Iterator<Item = String>) {
    let body: String = rows.map(|row| row + "\n").collect();
    std::fs::write(dir.join("city/files/person.csv"), format!("{header}\n{body}")).expect("file");
}

pub const HEADER: &str = "id,姓名,性别,电话";

pub fn row(id: usize) -> String {
    format!("{id},人{id},{},0574{id:04}", id % 2 + 1)
}

pub async fn collect(desk: &Desk) -> RunView {
    let outcome = desk.collect_now(CollectScope::All, "command", now()).await.expect("collection");
    outcome.runs.into_iter().next().expect("a run")
}

pub fn now() -> Moment {
    Moment::from_jiff(jiff::Timestamp::now())
}

/// A data steward who sees all grades.
pub fn steward() -> Account {
    let roles = desk::authority::Roles::only(desk::authority::Role::Steward);
    Account { id: "a".into(), name: "chen".into(), display: "陈静".into(), roles, clearance: Some(data::declare::Grade::L4), ..Account::default() }
}

/// Whoever works on the server itself.
pub fn command() -> Account {
    Account { name: "root".into(), clearance: Some(data::declare::Grade::L4), ..Account::default() }
}

fn names(memory: &Arc<Memory>) -> Vec<(i64, String)> {
    let batches = memory.batches(&TableName::standard("person"));
    let mut rows: Vec<(i64, String)> = batches.iter().flat_map(|b| int(b, "id").into_iter().zip(text(b, "name"))).collect();
    rows.sort();
    rows
}

/// The one held delivery.
async fn held(desk: &Desk) -> desk::drift::DriftDetail {
    let filter = DriftFilter { state: Some(DriftState::Held), ..DriftFilter::default() };
    let found = desk.drifts(&steward(), &filter, 1, 10).await.expect("drifts");
    assert_eq!(found.total, 1, "{found:?}");
    desk.drift(&steward(), &found.entries[0].id).await.expect("drift")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_column_waits_and_the_declaration_learns_its_new_name() {
    let dir = tempfile::tempdir().expect("folder");
    city(dir.path(), "");
    deliver(dir.path(), HEADER, (0..300).map(row));
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    assert_eq!(collect(&desk).await.state, RunState::Done);

    // The same people under another header, one more of them; and a column that nobody asked for.
    deliver(dir.path(), "id,人员名称,性别,电话,备注", (0..301).map(|id| row(id) + ",x"));
    let run = collect(&desk).await;
    assert_eq!((run.state, run.landed), (RunState::Held, 0), "{run:?}");
    assert!(run.error.as_ref().is_some_and(|error| error.zh.contains("人员名称")), "{run:?}");
    assert_eq!(names(&memory).len(), 300);
    // Again and again: it waits once.
    collect(&desk).await;
    let detail = held(&desk).await;
    let kinds: Vec<Kind> = detail.drift.differences.iter().map(|d| d.kind).collect();
    assert_eq!(kinds, [Kind::Renamed, Kind::Added]);
    assert!(detail.blocked.is_some(), "a required item cannot land without its column");
    let accept = desk.decide_drift(&steward(), &detail.drift.id, Verdict::Accept, "试试", now()).await;
    assert!(matches!(accept, Err(desk::DeskError::Invalid(_))), "{accept:?}");
    let nameless = desk.decide_drift(&steward(), &detail.drift.id, Verdict::Refuse, " ", now()).await;
    assert!(matches!(nameless, Err(desk::DeskError::Invalid(_))), "a decision needs a reason");

    // The draft keeps comments, names the new column, and is written only as it was shown.
    let added: Vec<&str> = detail.drafts[0].lines.iter().filter(|line| line.mark == '+').map(|line| line.text.as_str()).collect();
    assert!(added.contains(&"aliases = [\"人员名称\"]") && added.contains(&"source = \"备注\""), "{added:?}");
    let stale = desk.decide_drift(&steward(), &detail.drift.id, Verdict::Update { base: "x".into() }, "改名", now()).await;
    assert!(matches!(stale, Err(desk::DeskError::Invalid(_))));
    let update = Verdict::Update { base: detail.base() };
    let resource = desk.decide_drift(&steward(), &detail.drift.id, update, "来源升级改名", now()).await.expect("decision");
    assert_eq!(resource.as_deref(), Some("person"));
    let declared = std::fs::read_to_string(dir.path().join("city/resources/person.toml")).expect("declaration");
    assert!(declared.contains("# 现行姓名\nname = \"name\"\naliases = [\"人员名称\"]\n"), "{declared}");
    let run = collect(&desk).await;
    assert_eq!(run.state, RunState::Done, "{run:?}");
    assert_eq!(names(&memory).len(), 301);
    let kept = desk.drift(&steward(), &detail.drift.id).await.expect("drift").drift;
    assert_eq!((kept.state, kept.decided_by.as_deref(), kept.why.as_deref()), (DriftState::Used, Some("陈静"), Some("来源升级改名")));
    assert!(kept.change.is_some_and(|change| change.contains("+ aliases")));
    assert_eq!(desk.held_deliveries(&steward()).await.expect("count"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_values_hold_only_when_there_are_many_and_pass_when_accepted() {
    let dir = tempfile::tempdir().expect("folder");
    city(dir.path(), "");
    deliver(dir.path(), HEADER, (0..300).map(row));
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;

    // Two unknown codes among three hundred are told; the rows go to quarantine as always.
    let few = |id: usize| if id < 2 { format!("{id},人{id},9,0574{id:04}") } else { row(id) };
    deliver(dir.path(), HEADER, (0..300).map(few));
    assert_eq!(collect(&desk).await.state, RunState::Partial);
    let told = desk.drifts(&steward(), &DriftFilter::default(), 1, 10).await.expect("drifts").entries;
    assert_eq!((told[0].state, told[0].differences[0].kind, told[0].differences[0].count), (DriftState::Told, Kind::Codes, 2));

    // Half of them hold, and so do telephones that lost their zeros.
    let many = |id: usize| format!("{id},人{id},{},574{id:04}", if id % 2 == 0 { 9 } else { 1 });
    deliver(dir.path(), HEADER, (0..300).map(many));
    let run = collect(&desk).await;
    assert_eq!((run.state, run.landed), (RunState::Held, 0));
    let detail = held(&desk).await;
    // What differs in shape is told before values are looked at.
    assert_eq!(detail.drift.differences[0].kind, Kind::Retyped, "{detail:?}");
    desk.decide_drift(&steward(), &detail.drift.id, Verdict::Accept, "新系统不带 0", now()).await.expect("decision");
    assert_eq!(collect(&desk).await.state, RunState::Held, "the codes are another matter");
    let detail = held(&desk).await;
    let codes = detail.drift.differences.iter().find(|d| d.kind == Kind::Codes).expect("codes");
    assert_eq!((codes.count, codes.now[0].as_str(), codes.before.len()), (150, "9 × 150", 2));
    let update = Verdict::Update { base: detail.base() };
    desk.decide_drift(&steward(), &detail.drift.id, update, "新代码", now()).await.expect("decision");
    assert!(desk.city().code_lists["sex"].codes.iter().any(|code| code.value == "9"));
    let run = collect(&desk).await;
    assert!(matches!(run.state, RunState::Done), "{run:?}");

    // A refused delivery stays out and does not come back to the inbox.
    deliver(dir.path(), "id,姓名,性别", (0..300).map(|id| format!("{id},人{id},1")));
    assert_eq!(collect(&desk).await.state, RunState::Held);
    let detail = held(&desk).await;
    desk.decide_drift(&steward(), &detail.drift.id, Verdict::Refuse, "漏了电话", now()).await.expect("decision");
    assert_eq!(collect(&desk).await.state, RunState::Held);
    assert_eq!(desk.held_deliveries(&steward()).await.expect("count"), 0);
    // And when the source is right again, it lands by itself.
    deliver(dir.path(), HEADER, (0..300).map(many));
    assert!(matches!(collect(&desk).await.state, RunState::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_a_delivery_is_judged_before_it_lands() {
    let dir = tempfile::tempdir().expect("folder");
    city(dir.path(), "[contract]\nmin_rows = 100\n");
    deliver(dir.path(), HEADER, (0..300).map(row));
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    for extra in 0..3 {
        deliver(dir.path(), HEADER, (0..300 + extra).map(row));
        assert_eq!(collect(&desk).await.state, RunState::Done);
    }
    deliver(dir.path(), HEADER, (0..20).map(|id| format!("{id},改名{id},1,0574")));
    let run = collect(&desk).await;
    assert_eq!((run.state, run.landed), (RunState::Held, 0), "{run:?}");
    assert_eq!(held(&desk).await.drift.differences[0].kind, Kind::Volume);
    assert_eq!(names(&memory).len(), 302);
    // An empty delivery too.
    deliver(dir.path(), HEADER, std::iter::empty());
    assert_eq!(collect(&desk).await.state, RunState::Held);
    assert_eq!(names(&memory).len(), 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_dies_missing_rows_are_removed_once_and_never_too_many() {
    for fuse in 0..10 {
        let dir = tempfile::tempdir().expect("folder");
        city(dir.path(), "on_missing = \"remove\"");
        deliver(dir.path(), HEADER, (0..300).map(row));
        let memory = Memory::new(-1);
        let desk = open(dir.path(), &memory).await;
        collect(&desk).await;
        // Ten rows are gone, one is corrected, one is there but broken: it is not missing.
        let rest = |id: usize| match id {
            20 => format!("{id},新名,1,0574"),
            21 => format!("{id},人{id},9,0574"),
            _ => row(id),
        };
        deliver(dir.path(), HEADER, (10..300).map(rest));
        memory.fuse.store(fuse, std::sync::atomic::Ordering::SeqCst);
        let first = collect(&desk).await;
        drop(desk);
        memory.fuse.store(-1, std::sync::atomic::Ordering::SeqCst);
        let desk = open(dir.path(), &memory).await;
        let second = collect(&desk).await;
        assert_ne!(second.state, RunState::Failed, "fuse {fuse}: {first:?}\n{second:?}");
        let ids: Vec<i64> = names(&memory).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, (10..300).collect::<Vec<i64>>(), "fuse {fuse}");
        let replayed = desk.replay("person", None, false).await.expect("comparison");
        assert!(replayed.agrees(), "fuse {fuse}: {replayed:?}");
        let changed = desk.changes(&steward(), "person", &Point::Batch(1), &Point::Batch(99), None, 100).await.expect("changes");
        let of = |wanted: Change| changed.entries.iter().filter(|entry| entry.change == wanted).count();
        assert_eq!((of(Change::Removed), of(Change::Corrected), of(Change::Added)), (10, 1, 0), "fuse {fuse}: {changed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mass_removal_waits_and_a_returning_row_lands_again() {
    let dir = tempfile::tempdir().expect("folder");
    city(dir.path(), "on_missing = \"remove\"\n[contract]\nvolume = \"accept\"\n");
    deliver(dir.path(), HEADER, (0..300).map(row));
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    deliver(dir.path(), HEADER, (0..200).map(row));
    let run = collect(&desk).await;
    assert_eq!((run.state, run.missing), (RunState::Held, 0), "{run:?}");
    assert_eq!(names(&memory).len(), 300, "none is removed");
    let detail = held(&desk).await;
    assert_eq!((detail.drift.differences[0].kind, detail.drift.differences[0].count), (Kind::Removed, 100));
    desk.decide_drift(&steward(), &detail.drift.id, Verdict::Accept, "确已注销", now()).await.expect("decision");
    let run = collect(&desk).await;
    assert_eq!((run.state, run.missing, run.source_rows), (RunState::Done, 100, 200), "{run:?}");
    assert_eq!(names(&memory).len(), 200);
    // The very same row comes back.
    deliver(dir.path(), HEADER, (0..201).map(row));
    let run = collect(&desk).await;
    assert_eq!((run.state, run.landed), (RunState::Done, 1), "{run:?}");
    assert_eq!(names(&memory).len(), 201);
    // A delivery of which a row cannot be told at all is not complete.
    deliver(dir.path(), HEADER, (0..200).map(row).chain(["?,谁,1,0574".to_owned()]));
    let run = collect(&desk).await;
    assert_eq!((run.missing, names(&memory).len()), (0, 201), "{run:?}");
    assert!(run.decisions.iter().any(|(what, _)| what == "missing"));
}
