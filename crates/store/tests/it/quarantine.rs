//! Refused rows and their causes.

use std::time::{Duration, Instant};

use store::{QuarantineFilter, QuarantineRow};

use crate::{after, open};

fn refused(resource: &str, batch: i64, row: u64, code: &str) -> QuarantineRow {
    let found = format!("{code}{row}");
    let faults = format!(
        r#"[{{"code":"{code}","item":"card","found":"{found}","message":{{"zh":"校验位不对","en":"wrong check digit"}}}}]"#
    );
    let mut hash = [0u8; 16];
    for (place, byte) in batch.to_be_bytes().into_iter().chain(row.to_be_bytes()).enumerate() {
        hash[place] = byte;
    }
    QuarantineRow {
        resource: resource.into(),
        system: "police".into(),
        run: format!("run{batch}"),
        batch,
        row,
        file: "person.csv".into(),
        line: row + 2,
        hash,
        bytes: vec![0xff, 0x00, b','],
        faults,
        code: code.into(),
        item: "card".into(),
        time: after(batch),
    }
}

fn of(resource: &str) -> QuarantineFilter {
    QuarantineFilter { resource: Some(resource.into()), ..QuarantineFilter::default() }
}

#[tokio::test]
async fn refused_rows_are_kept_byte_for_byte_once_and_counted_by_cause() {
    let (_folder, store) = open().await;
    let rows: Vec<_> = (0..5).map(|row| refused("person", 1, row, if row < 3 { "check_digit" } else { "missing" })).collect();
    store.add_quarantine(rows.clone()).await.expect("kept");
    store.add_quarantine(rows.clone()).await.expect("the same again changes nothing");
    store.add_quarantine(vec![refused("person", 2, 0, "missing"), refused("firm", 2, 0, "missing")]).await.expect("kept");

    let causes = store.quarantine_causes(&of("person")).await.expect("listed");
    let counted: Vec<_> = causes.iter().map(|cause| (cause.code.as_str(), cause.rows, cause.example.as_str())).collect();
    assert_eq!(counted, [("check_digit", 3, "check_digit0"), ("missing", 3, "missing0")]);
    assert_eq!(causes.first().map(|cause| cause.message.zh.as_str()), Some("校验位不对"));
    let run = QuarantineFilter { run: Some("run2".into()), ..QuarantineFilter::default() };
    assert_eq!(store.quarantine_causes(&run).await.expect("listed").len(), 2);

    let page = store.quarantine_rows(&of("person"), 1, 2).await.expect("listed");
    assert_eq!((page.total, page.entries.len()), (6, 2));
    assert_eq!(page.entries, [refused("person", 2, 0, "missing"), refused("person", 1, 4, "missing")]);
    let narrow = QuarantineFilter { code: Some("missing".into()), item: Some("card".into()), system: Some("police".into()), ..of("person") };
    assert_eq!(store.quarantine_rows(&narrow, 1, 10).await.expect("listed").total, 3);
    assert_eq!(store.quarantine_count("person").await.expect("counted"), 6);

    let mut hashes = store.quarantine_hashes("person").await.expect("read");
    hashes.sort_unstable();
    assert_eq!((hashes.len(), hashes.first()), (6, rows.first().map(|row| &row.hash)));
    let gone: Vec<_> = rows.iter().take(3).map(|row| row.hash).collect();
    assert_eq!(store.settle_quarantine("person", gone.clone(), after(9)).await.expect("settled"), 3);
    assert_eq!(store.settle_quarantine("person", gone, after(9)).await.expect("settled"), 0);
    assert_eq!(store.quarantine_count("person").await.expect("counted"), 3);
    assert_eq!(store.quarantine_hashes("person").await.expect("read").len(), 3);
    assert_eq!(store.quarantine_causes(&of("person")).await.expect("listed").len(), 1);
    let unreadable = QuarantineRow { faults: "no JSON".into(), ..refused("person", 7, 0, "x") };
    assert!(store.add_quarantine(vec![unreadable]).await.is_err());
    assert_eq!(store.quarantine_count("person").await.expect("counted"), 3, "nothing of it was kept");
}

#[tokio::test]
async fn causes_over_a_hundred_thousand_rows_are_quick() {
    let (_folder, store) = open().await;
    let began = Instant::now();
    for batch in 0..20 {
        let rows = (0..5_000).map(|row| refused("person", batch, row, ["a", "b", "c", "d"][(row % 4) as usize])).collect();
        store.add_quarantine(rows).await.expect("kept");
    }
    let filled = began.elapsed();
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let began = Instant::now();
        let causes = store.quarantine_causes(&QuarantineFilter::default()).await.expect("listed");
        slowest = slowest.max(began.elapsed());
        assert_eq!(causes.iter().map(|cause| cause.rows).collect::<Vec<_>>(), [25_000; 4]);
    }
    let began = Instant::now();
    let filter = QuarantineFilter { code: Some("b".into()), item: Some("card".into()), ..of("person") };
    let page = store.quarantine_rows(&filter, 3, 50).await.expect("listed");
    println!("100,000 rows in {filled:?}; causes at most {slowest:?}; a page of rows in {:?}", began.elapsed());
    assert_eq!((page.total, page.entries.len()), (25_000, 50));
    assert!(slowest < Duration::from_millis(20), "{slowest:?}");
}
