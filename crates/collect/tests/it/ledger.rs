//! The ledger's laws: every row gets one verdict, replays change nothing wherever they were cut, and what the
//! standard table holds is what the rules say.

use std::collections::{BTreeMap, HashSet};

use collect::check::{Checked, Hash, Identity, Version};
use collect::{Ledger, RawBatch, Verdict};
use data::declare::OnDuplicate;
use data::standard::Fault;
use proptest::prelude::*;

/// A row as the ledger sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Row {
    key: u8,
    content: u8,
    version: Option<i64>,
    broken: bool,
    removed: bool,
}

fn hash(row: &Row) -> Hash {
    let version = row.version.map_or(255, |version| version as u8);
    [row.key, row.content, version, u8::from(row.broken), u8::from(row.removed), 0, 0, 0, row.key, 0, 0, 0, 0, 0, 0, 1]
}

fn key(row: &Row) -> Hash {
    [row.key; 16]
}

/// The tables as the desk keeps them, and the ledger filled from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tables {
    /// Rows of the standard table, as a multiset.
    standard: BTreeMap<Hash, (usize, Option<Hash>, Option<i64>)>,
    quarantine: HashSet<Hash>,
}

impl Tables {
    fn ledger(&self, keyed: bool, latest: bool) -> Ledger {
        let mut ledger = Ledger::with(keyed, if latest { OnDuplicate::Latest } else { OnDuplicate::Quarantine });
        for (hash, (count, key, version)) in &self.standard {
            let row = || Identity { hash: *hash, key: *key, version: version.map(Version::Number) };
            ledger.add_current(&(0..*count).map(|_| row()).collect::<Vec<_>>()).unwrap();
        }
        self.quarantine.iter().for_each(|hash| ledger.add_refused(*hash));
        ledger
    }

    /// Gives a delivery in batches of `size` to the ledger, keeps the tables, and counts.
    fn deliver(
        &mut self,
        ledger: &mut Ledger,
        rows: &[Row],
        size: usize,
        keyed: bool,
    ) -> Result<Counts, TestCaseError> {
        let mut counts = Counts::default();
        ledger.begin_delivery();
        for (number, rows) in rows.chunks(size).enumerate() {
            let (batch, checked) = batch(rows, number * size, keyed);
            let verdicts = ledger.decide(&batch, &checked).unwrap();
            prop_assert_eq!(verdicts.len(), rows.len());
            for (row, verdict) in rows.iter().zip(&verdicts) {
                self.keep(row, verdict, keyed, &mut counts)?;
            }
        }
        prop_assert_eq!(counts.landed + counts.removed + counts.quarantined + counts.unchanged, rows.len());
        Ok(counts)
    }

    fn keep(&mut self, row: &Row, verdict: &Verdict, keyed: bool, counts: &mut Counts) -> Result<(), TestCaseError> {
        match verdict {
            Verdict::Land | Verdict::Replace { .. } => {
                counts.landed += 1;
                if let Verdict::Replace { old_hash } = verdict {
                    prop_assert!(self.standard.remove(old_hash).is_some(), "a row is replaced that is not there");
                }
                let entry = self.standard.entry(hash(row)).or_insert((0, keyed.then(|| key(row)), row.version));
                entry.0 += 1;
            }
            Verdict::Superseded => counts.landed += 1,
            Verdict::Remove { old_hash } => {
                counts.removed += 1;
                let known = old_hash.is_none_or(|hash| self.standard.remove(&hash).is_some());
                prop_assert!(known, "a row is removed that is not there");
            }
            Verdict::Unchanged => counts.unchanged += 1,
            Verdict::Refused | Verdict::Refuse(_) => {
                counts.quarantined += 1;
                prop_assert!(self.quarantine.insert(hash(row)), "a row is in quarantine twice");
            }
            Verdict::RefusedAgain => {
                counts.quarantined += 1;
                prop_assert!(self.quarantine.contains(&hash(row)));
            }
        }
        Ok(())
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    landed: usize,
    removed: usize,
    quarantined: usize,
    unchanged: usize,
}

fn batch(rows: &[Row], offset: usize, keyed: bool) -> (RawBatch, Checked) {
    let fault =
        Fault { code: "x".to_owned(), item: String::new(), found: String::new(), message: kernel::Text::default() };
    let refused = rows.iter().enumerate().filter(|(_, row)| row.broken).map(|(index, _)| (index, vec![fault.clone()]));
    let checked = Checked {
        columns: Vec::new(),
        refused: refused.collect(),
        hash: rows.iter().map(hash).collect(),
        key: rows.iter().map(|row| keyed.then(|| key(row))).collect(),
        version: rows.iter().map(|row| row.version.map(Version::Number)).collect(),
    };
    let batch = RawBatch {
        fields: Vec::new().into(),
        columns: Vec::new(),
        file: "f".into(),
        lines: (0..rows.len()).map(|index| (offset + index + 1) as u64).collect(),
        bytes: None,
        faults: Vec::new(),
        removed: rows.iter().enumerate().filter(|(_, row)| row.removed).map(|(index, _)| index).collect(),
    };
    (batch, checked)
}

fn rows(versioned: bool) -> impl Strategy<Value = Vec<Row>> {
    let version = if versioned { (0i64..4).prop_map(Some).boxed() } else { Just(None).boxed() };
    let row = (0u8..4, 0u8..3, version, proptest::bool::weighted(0.1));
    proptest::collection::vec(
        row.prop_map(|(key, content, version, broken)| Row { key, content, version, broken, removed: false }),
        0..24,
    )
}

fn cases() -> impl Strategy<Value = (Vec<Vec<Row>>, bool, bool, bool)> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_flat_map(|(keyed, versioned, latest)| {
        (proptest::collection::vec(rows(versioned), 1..4), Just(keyed), Just(versioned), Just(latest))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_delivery_cut_anywhere_and_given_again_ends_as_if_never_cut((deliveries, keyed, _, latest) in cases(), cut in 0usize..24, size in 1usize..9) {
        let mut tables = Tables::default();
        for rows in &deliveries {
            let mut whole = tables.clone();
            whole.deliver(&mut tables.ledger(keyed, latest), rows, size, keyed)?;
            // Batches are landed whole, so a crash cuts between two of them.
            let cut = (cut / size * size).min(rows.len());
            let mut again = tables.clone();
            again.deliver(&mut tables.ledger(keyed, latest), &rows[..cut], size, keyed)?;
            let mut ledger = again.ledger(keyed, latest);
            again.deliver(&mut ledger, rows, size, keyed)?;
            prop_assert_eq!(&again.standard, &whole.standard);
            if !latest {
                let before = again.clone();
                let mut ledger = again.ledger(keyed, latest);
                let counts = again.deliver(&mut ledger, rows, size, keyed)?;
                prop_assert_eq!(counts.landed, 0, "a replay lands nothing");
                prop_assert_eq!(&before, &again);
            }
            tables = whole;
            if keyed {
                let keys: HashSet<_> = tables.standard.values().map(|(_, key, _)| *key).collect();
                prop_assert_eq!(keys.len(), tables.standard.len(), "one row for each key");
                prop_assert!(tables.standard.values().all(|(count, _, _)| *count == 1));
            }
        }
    }

    #[test]
    fn a_ledger_that_lives_on_decides_as_one_filled_anew((deliveries, keyed, _, latest) in cases(), size in 1usize..9) {
        let (mut tables, mut anew) = (Tables::default(), Tables::default());
        let mut ledger = tables.ledger(keyed, latest);
        for rows in &deliveries {
            let counts = tables.deliver(&mut ledger, rows, size, keyed)?;
            let mut filled = anew.ledger(keyed, latest);
            prop_assert_eq!(counts, anew.deliver(&mut filled, rows, size, keyed)?);
            prop_assert_eq!(&tables, &anew);
        }
    }

    #[test]
    fn a_stream_of_changes_ends_in_the_state_it_describes_and_so_does_what_raw_kept_of_it(
        changes in proptest::collection::vec((0u8..4, 0u8..3, proptest::bool::weighted(0.4)), 0..40),
        size in 1usize..12,
    ) {
        let (mut tables, mut model) = (Tables::default(), BTreeMap::new());
        let mut ledger = tables.ledger(true, true);
        for changes in changes.chunks(size) {
            let rows: Vec<Row> = changes.iter().map(|(key, content, removed)| Row { removed: *removed, ..row(*key, *content, None) }).collect();
            for row in &rows {
                match row.removed {
                    true => model.remove(&row.key),
                    false => model.insert(row.key, hash(row)),
                };
            }
            let before = tables.clone();
            let (batch, checked) = batch(&rows, 0, true);
            let kept: Vec<Row> = before.ledger(true, true).decide(&batch, &checked).unwrap().iter().zip(&rows).filter(|(verdict, _)| verdict.is_stored()).map(|(_, row)| *row).collect();
            tables.deliver(&mut ledger, &rows, size, true)?;
            let now: Vec<Hash> = model.values().copied().collect();
            prop_assert_eq!(tables.standard.keys().copied().collect::<Vec<_>>(), now);
            let mut restored = before.clone();
            let counts = restored.deliver(&mut before.ledger(true, true), &kept, size, true)?;
            prop_assert_eq!(&restored, &tables);
            prop_assert_eq!(counts.unchanged, 0, "raw keeps no more than what had an effect");
        }
    }

    #[test]
    fn without_a_key_as_many_copies_are_kept_as_the_fullest_delivery_holds(deliveries in proptest::collection::vec(rows(false), 1..4), size in 1usize..9) {
        let mut tables = Tables::default();
        let mut ledger = tables.ledger(false, false);
        let mut most: BTreeMap<Hash, usize> = BTreeMap::new();
        for rows in &deliveries {
            tables.deliver(&mut ledger, rows, size, false)?;
            for row in rows.iter().filter(|row| !row.broken) {
                let copies = rows.iter().filter(|other| *other == row).count();
                let kept = most.entry(hash(row)).or_default();
                *kept = (*kept).max(copies);
            }
        }
        let kept: BTreeMap<Hash, usize> = tables.standard.iter().map(|(hash, (count, _, _))| (*hash, *count)).collect();
        prop_assert_eq!(kept, most);
    }

    #[test]
    fn a_ledger_on_disk_decides_as_one_in_memory(
        deliveries in proptest::collection::vec(many_rows(), 1..4), keyed: bool, latest: bool, texts: bool, room in 1usize..6, size in 1usize..9,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let on_duplicate = if latest { OnDuplicate::Latest } else { OnDuplicate::Quarantine };
        let mut memory = Ledger::with(keyed, on_duplicate);
        let mut disk = Ledger::with(keyed, on_duplicate).spilling_beyond(&folder.path().join("ledger"), room).unwrap();
        for rows in &deliveries {
            memory.begin_delivery();
            disk.begin_delivery();
            for (number, rows) in rows.chunks(size).enumerate() {
                let (batch, mut checked) = batch(rows, number * size, keyed);
                if texts {
                    let text = |version: &Option<Version>| version.as_ref().map(|version| Version::Text(format!("{version:?}").into()));
                    checked.version = checked.version.iter().map(text).collect();
                }
                prop_assert_eq!(memory.decide(&batch, &checked).unwrap(), disk.decide(&batch, &checked).unwrap());
            }
        }
    }
}

/// Enough different keys for many files on disk.
fn many_rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0u8..60, 0u8..3, proptest::option::of(0i64..4), proptest::bool::weighted(0.05));
    proptest::collection::vec(row.prop_map(|(key, content, version, broken)| Row { key, content, version, broken, removed: false }), 0..200)
}

fn row(key: u8, content: u8, version: Option<i64>) -> Row {
    Row { key, content, version, broken: false, removed: false }
}

#[test]
fn the_newer_version_wins_and_a_contradiction_names_the_first_line() {
    let mut ledger = Ledger::with(true, OnDuplicate::Quarantine);
    ledger.begin_delivery();
    let rows = [
        row(1, 0, Some(1)),
        row(1, 1, Some(2)),
        row(1, 2, Some(1)),
        row(1, 2, Some(2)),
        row(2, 0, None),
        row(2, 1, None),
    ];
    let (batch, checked) = batch(&rows, 10, true);
    let verdicts = ledger.decide(&batch, &checked).unwrap();
    assert_eq!(verdicts[..3], [Verdict::Superseded, Verdict::Land, Verdict::Unchanged]);
    let Verdict::Refuse(fault) = &verdicts[3] else { panic!("{verdicts:?}") };
    assert_eq!(fault.code, "key.duplicate");
    assert!(fault.message.en.contains("line 11"), "{fault:?}");
    assert!(matches!(&verdicts[5], Verdict::Refuse(fault) if fault.message.zh.contains("15")));
}

#[test]
fn a_removal_without_a_key_to_tell_the_row_is_refused() {
    let mut ledger = Ledger::with(false, OnDuplicate::Quarantine);
    ledger.begin_delivery();
    let (batch, checked) = batch(&[Row { removed: true, ..row(1, 0, None) }], 0, false);
    assert!(matches!(&ledger.decide(&batch, &checked).unwrap()[0], Verdict::Refuse(fault) if fault.code == "removal.unkeyed"));
}

#[test]
fn an_edited_row_lies_over_the_sources_until_that_is_another_one() {
    let (source, edited, other) = (row(1, 0, None), row(1, 9, None), row(1, 1, None));
    let filled = || {
        let mut ledger = Ledger::with(true, OnDuplicate::Quarantine);
        ledger.add_current(&[Identity { hash: hash(&edited), key: Some(key(&edited)), version: None }]).unwrap();
        ledger.add_edited(hash(&source), hash(&edited));
        ledger
    };
    let deliver = |ledger: &mut Ledger, rows: &[Row]| {
        ledger.begin_delivery();
        let (batch, checked) = batch(rows, 10, true);
        ledger.decide(&batch, &checked).unwrap()
    };
    let mut ledger = filled();
    assert_eq!(deliver(&mut ledger, &[source]), [Verdict::Unchanged]);
    assert_eq!(ledger.missing().unwrap(), Vec::<Hash>::new(), "its key was shown");
    assert!(ledger.take_confirmed().is_empty());
    let verdicts = deliver(&mut ledger, &[source, other]);
    assert!(matches!(&verdicts[1], Verdict::Refuse(fault) if fault.message.en.contains("line 11")), "two rows of one delivery: {verdicts:?}");
    assert_eq!(deliver(&mut ledger, &[other]), [Verdict::Replace { old_hash: hash(&edited) }]);
    assert_eq!(deliver(&mut ledger, &[edited]), [Verdict::Replace { old_hash: hash(&other) }]);
    assert_eq!(deliver(&mut ledger, &[source]), [Verdict::Replace { old_hash: hash(&edited) }], "it was over");

    let mut ledger = filled();
    assert_eq!(deliver(&mut ledger, &[edited]), [Verdict::Unchanged]);
    assert_eq!(ledger.take_confirmed(), [hash(&edited)]);
    assert_eq!(deliver(&mut ledger, &[source]), [Verdict::Replace { old_hash: hash(&edited) }], "the source had come to it by itself");

    let mut ledger = filled();
    assert_eq!(deliver(&mut ledger, &[Row { removed: true, ..source }]), [Verdict::Remove { old_hash: Some(hash(&edited)) }]);
    assert_eq!(deliver(&mut ledger, &[source]), [Verdict::Land]);
}
