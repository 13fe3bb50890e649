//! History told from raw: changes cell by cell, versions of a row, the table as it was, and replay.

use desk::Desk;
use desk::history::{Change, Point};
use desk::view::RunState;
use futures::StreamExt;
use proptest::prelude::*;

use crate::drift::{HEADER, city, collect, deliver, row, steward};
use crate::memory::Memory;
use crate::river::open;

async fn table(desk: &Desk, point: Point) -> Vec<String> {
    let mut told = desk.as_of(&steward(), "person", &point).await.expect("as of");
    let columns = ["id", "name"].map(str::to_owned);
    let mut rows = Vec::new();
    while let Some(batch) = told.rows.next().await {
        let texts = desk::history::texts(&batch.expect("batch"), &columns).expect("texts");
        rows.extend(texts.into_iter().map(|row| row.into_iter().flatten().collect::<Vec<_>>().join(" ")));
    }
    rows.sort();
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_cell_by_cell_and_a_row_through_time() {
    let dir = tempfile::tempdir().expect("folder");
    city(dir.path(), "on_missing = \"remove\"");
    let memory = Memory::new(-1);
    deliver(dir.path(), HEADER, (0..120).map(row));
    let desk = open(dir.path(), &memory).await;
    let first = collect(&desk).await;
    deliver(dir.path(), HEADER, (1..121).map(|id| if id == 7 { "7,改名,2,05740007".to_owned() } else { row(id) }));
    let second = collect(&desk).await;
    assert_eq!((second.state, second.landed, second.corrected, second.missing), (RunState::Done, 2, 1, 1));
    deliver(dir.path(), HEADER, (1..121).map(|id| if id == 7 { "7,改名,9,05740007".to_owned() } else { row(id) }));
    collect(&desk).await;

    let (from, to) = (Point::Run(first.id.clone()), Point::Run(second.id.clone()));
    let found = desk.changes(&steward(), "person", &from, &to, None, 100).await.expect("changes");
    assert!(found.next.is_none());
    let corrected = found.entries.iter().find(|entry| entry.change == Change::Corrected).expect("corrected");
    assert_eq!(corrected.cells, [("name".to_owned(), Some("人7".to_owned()), Some("改名".to_owned()))]);
    assert_eq!(corrected.now.as_ref().map(|now| (now.file.as_str(), now.line)), Some(("person.csv", 8)));
    let keys = |change| found.entries.iter().filter(|e| e.change == change).map(|e| e.key[0].1.as_str()).collect::<Vec<_>>();
    assert_eq!((keys(Change::Added), keys(Change::Removed)), (vec!["120"], vec!["0"]));

    // Page by page it is the same, from the beginning too.
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = desk.changes(&steward(), "person", &Point::Start, &to, after.as_deref(), 25).await.expect("changes");
        pages.extend(page.entries.into_iter().map(|entry| entry.key[0].1.parse::<usize>().expect("key")));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    pages.sort_unstable();
    assert_eq!(pages, (1..121).collect::<Vec<_>>(), "the removed row was never there");

    let versions = desk.row_history(&steward(), "person", &["007".to_owned()]).await.expect("row");
    assert_eq!(versions.iter().map(|v| v.version.refused).collect::<Vec<_>>(), [true, false, false], "the same key, however it is written");
    assert!(matches!(desk.row_history(&steward(), "person", &["999".to_owned()]).await, Err(desk::DeskError::NotFound)));

    assert_eq!(table(&desk, Point::Run(first.id)).await.len(), 120);
    let then = table(&desk, to).await;
    assert!(then.contains(&"7 改名".to_owned()) && !then.contains(&"0 人0".to_owned()));
    assert!(table(&desk, Point::Start).await.is_empty());
    let yesterday = desk.point("2020-01-01").expect("day");
    assert!(table(&desk, yesterday).await.is_empty());
    assert!(desk.point("gestern").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_under_a_corrected_declaration_is_whole_or_not_at_all() {
    for fuse in -1..3 {
        let dir = tempfile::tempdir().expect("folder");
        city(dir.path(), "");
        let memory = Memory::new(-1);
        deliver(dir.path(), HEADER, (0..200).map(|id| if id < 20 { format!("{id},人{id},9,0574") } else { row(id) }));
        let desk = open(dir.path(), &memory).await;
        let run = collect(&desk).await;
        assert_eq!((run.state, run.landed, run.quarantined), (RunState::Held, 0, 0), "a tenth is too much to be told only");
        let held = desk.drifts(&steward(), &Default::default(), 1, 1).await.expect("drifts").entries.remove(0);
        desk.decide_drift(&steward(), &held.id, desk::drift::Verdict::Accept, "先收", crate::drift::now()).await.expect("decision");
        let run = collect(&desk).await;
        assert_eq!((run.landed, run.quarantined), (180, 20));

        let list = dir.path().join("city/codes/sex.toml");
        let codes = std::fs::read_to_string(&list).expect("codes") + "[[code]]\nvalue = \"9\"\ntitle = \"未说明\"\n";
        std::fs::write(&list, codes).expect("codes");
        desk.reload_city().expect("city");
        let compared = desk.replay("person", Some(&run.id), false).await.expect("comparison");
        assert_eq!((compared.refused_then, compared.refused_now, compared.not_in_standard, compared.written), (20, 0, 20, false));
        memory.fuse.store(fuse, std::sync::atomic::Ordering::SeqCst);
        let cut = desk.replay("person", None, true).await;
        memory.fuse.store(-1, std::sync::atomic::Ordering::SeqCst);
        let rows = table_rows(&memory);
        assert!(rows == 180 || rows == 200, "fuse {fuse}: {rows} rows after {cut:?}");
        let done = desk.replay("person", None, true).await.expect("replay");
        assert_eq!((table_rows(&memory), done.written), (200, true));
        assert_eq!(desk.resource(Some(&steward()), "person", crate::drift::now()).await.expect("resource").summary.rows.quarantined, 0);
        assert!(desk.replay("person", None, false).await.expect("comparison").agrees());
        // Collecting goes on as if nothing had happened.
        let run = collect(&desk).await;
        assert_eq!((run.state, run.landed, run.quarantined), (RunState::Done, 0, 0), "{run:?}");
    }
}

fn table_rows(memory: &std::sync::Arc<Memory>) -> usize {
    memory.batches(&desk::port::TableName::standard("person")).iter().map(|batch| batch.num_rows()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Whatever is delivered, in whatever order: the table as of each run is what that run left in the standard layer,
    /// the changes between two runs lead from one to the other, and raw agrees with standard.
    #[test]
    fn history_agrees_with_what_was_there(deliveries in prop::collection::vec(prop::collection::btree_map(0u8..8, 0u8..3, 0..8), 1..6)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
        runtime.block_on(async move {
            let dir = tempfile::tempdir().expect("folder");
            city(dir.path(), "on_missing = \"remove\"\n[contract]\nvolume = \"accept\"\nmax_removed = 1.0\n");
            let memory = Memory::new(-1);
            deliver(dir.path(), HEADER, std::iter::once("9,始,1,0".to_owned()));
            let desk = open(dir.path(), &memory).await;
            let mut runs = vec![(collect(&desk).await.id, vec!["9 始".to_owned()])];
            for delivery in deliveries {
                deliver(dir.path(), HEADER, delivery.iter().map(|(id, name)| format!("{id},名{name},1,0")));
                let run = collect(&desk).await;
                assert!(delivery.is_empty() || run.state == RunState::Done, "{run:?}");
                let mut rows: Vec<String> = delivery.iter().map(|(id, name)| format!("{id} 名{name}")).collect();
                if delivery.is_empty() {
                    // An empty delivery says nothing about any row.
                    rows = runs.last().map(|(_, rows)| rows.clone()).unwrap_or_default();
                }
                rows.sort();
                runs.push((run.id, rows));
            }
            for (id, rows) in &runs {
                assert_eq!(&table(&desk, Point::Run(id.clone())).await, rows, "as of {id}");
            }
            for (a, b) in runs.iter().flat_map(|a| runs.iter().map(move |b| (a, b))).filter(|(a, b)| a.0 < b.0) {
                let found = desk.changes(&steward(), "person", &Point::Run(a.0.clone()), &Point::Run(b.0.clone()), None, 100).await.expect("changes");
                let value = |version: &Option<desk::history::Version>, key: &str| {
                    let name = version.as_ref().and_then(|v| v.cells.iter().find(|(column, _)| column == "name")).and_then(|(_, name)| name.clone());
                    format!("{key} {}", name.unwrap_or_default())
                };
                let mut rows = a.1.clone();
                for entry in &found.entries {
                    if entry.change != Change::Added {
                        rows.retain(|row| *row != value(&entry.before, &entry.key[0].1));
                    }
                    if entry.change != Change::Removed {
                        rows.push(value(&entry.now, &entry.key[0].1));
                    }
                }
                rows.sort();
                assert_eq!(rows, b.1, "from {} to {}", a.0, b.0);
            }
            assert!(desk.replay("person", None, false).await.expect("comparison").agrees());
        });
    }
}
