//! Whom files of all rows were about: exactly those who were in them, whatever came to nothing in between.

use std::collections::{BTreeSet, HashMap};

use store::share::{AboutFilter, GrantRow, NewRead, RequestActRow, RequestRow, Settled};
use store::{NewLeaf, Store};

use crate::{MIDNIGHT, open};

async fn granted(store: &Store, id: &str) {
    let request = RequestRow {
        id: format!("request-{id}"),
        resource: "person".into(),
        provider: "civil".into(),
        department: "housing".into(),
        account: "a".into(),
        terms: "{}".into(),
        reason: "r".into(),
        state: "asked".into(),
        due: String::new(),
        asked: MIDNIGHT,
        renews: None,
        lent: None,
    };
    let grant = GrantRow {
        id: id.into(),
        request: request.id.clone(),
        resource: "person".into(),
        provider: "civil".into(),
        department: "housing".into(),
        terms: "{}".into(),
        since: MIDNIGHT,
        until: MIDNIGHT,
        ended: None,
        ended_by: None,
        ended_why: None,
    };
    let told = |act: &str| RequestActRow { act: act.into(), who: String::new(), words: String::new(), time: MIDNIGHT };
    let settled = Settled { request: request.id.clone(), from: "asked", to: "granted", due: String::new(), told: told("granted"), grant: Some(grant) };
    store.add_request(request, told("asked"), Some(settled)).await.expect("granted");
}

/// A file of all rows, about these; its leaf. Without `told` it comes to nothing before it is told.
async fn file(store: &Store, lent: &str, about: &[(u8, u64)], told: bool) -> Option<u64> {
    let number = store.next_file(lent).await.expect("number");
    let members: HashMap<[u8; 16], u64> = about.iter().map(|(one, own)| ([*one; 16], *own)).collect();
    store.note_within(lent, number, members).await.expect("noted");
    let leaf = NewLeaf { time: MIDNIGHT, actor: "a".into(), act: "read.grant".into(), subject: "s".into(), entry: Vec::new() };
    let read = NewRead { lent: lent.into(), channel: "batch", caller: "a".into(), rows: 1, day: "2026-01-01".into(), case: None, told: None, file: Some(number), subjects: Vec::new(), calls_most: None, rows_most: None, failed: false, millis: None };
    if told { store.add_read(leaf, read).await.expect("told") } else { None }
}

#[tokio::test]
async fn files_are_told_by_whom_they_had_in_them() {
    let (_folder, store) = open().await;
    granted(&store, "g").await;
    granted(&store, "h").await;
    let files: [(&str, &[(u8, u64)], bool); 9] = [
        ("g", &[(1, 1), (2, 1), (3, 2)], true),
        ("g", &[(1, 1), (3, 2)], true),
        // Nobody is told of what came to nothing, and what follows is right again.
        ("g", &[(4, 1), (1, 9)], false),
        ("g", &[(1, 1), (2, 1), (3, 1)], true),
        ("h", &[(2, 1)], true),
        ("g", &[], false),
        ("g", &[(1, 1), (2, 1), (3, 1)], true),
        ("g", &[], true),
        ("g", &[(2, 5)], true),
    ];
    let mut expected: HashMap<u8, BTreeSet<(u64, u64)>> = HashMap::new();
    for (lent, about, told) in files {
        if let Some(leaf) = file(&store, lent, about, told).await {
            for (one, own) in about {
                expected.entry(*one).or_default().insert((leaf, *own));
            }
        }
    }
    for one in 0..6 {
        let filter = AboutFilter { digests: vec![[one; 16]], ..AboutFilter::default() };
        let rows = store.reads_about(&filter, 1, 100).await.expect("reads");
        let got: BTreeSet<(u64, u64)> = rows.entries.iter().map(|row| (row.read.leaf, row.own.expect("counted"))).collect();
        assert_eq!(got.len() as u64, rows.total);
        assert_eq!(got, expected.remove(&one).unwrap_or_default(), "person {one}");
    }
}
