//! Changes under a grant, posted to who has subscribed: at least once, the same each time, in order, and no longer than the grant holds.

use std::collections::{BTreeMap, BTreeSet};

use data::share::{Channel, Terms};
use desk::share::Decision;
use desk::{Desk, DeskError};
use kernel::Moment;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::drift::now;
use crate::memory::Memory;
use crate::receiver::Receiver;
use crate::river::open;
use crate::share::{application, city, collected, deliver, granted, officer, service, terms, told};

fn later(seconds: i64) -> Moment {
    Moment(now().0 + seconds * 1_000_000)
}

/// Delivers until nothing is due.
async fn delivered(desk: &Desk, at: Moment) -> u64 {
    let mut taken = 0;
    loop {
        match desk.deliver_subscriptions(at).await.expect("delivered") {
            0 => return taken,
            more => taken += more,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_posted_until_they_are_taken() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let text = std::fs::read_to_string(dir.path().join("city/city.toml")).expect("file");
    std::fs::write(dir.path().join("city/city.toml"), format!("{text}[network]\nallow = [\"127.0.0.1\"]\n")).expect("file");
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    let terms = Terms { condition: "district = '鄞州'".into(), channels: BTreeSet::from([Channel::Subscribe]), ..terms() };
    let grant = granted(&desk, terms, |asked| Decision::as_asked(asked, "")).await;
    let app = application(&desk, "housing").await;
    // The receiver is away at first.
    let receiver = Receiver::start(|n| if n == 1 { Some((503, "")) } else { Some((202, "")) });
    for wrong in ["no address", "ftp://example.org/", "https://${SECRET}/"] {
        assert!(matches!(desk.subscribe(&app, &grant, &service(), wrong, None, now()).await, Err(DeskError::Invalid(_))), "{wrong}");
    }
    let made = desk.subscribe(&app, &grant, &service(), &format!("http://127.0.0.1:{}/changes", receiver.port), None, now()).await.expect("subscribed");
    assert_eq!((made.tries, made.waiting), (0, false));
    assert_eq!(delivered(&desk, later(1)).await, 0, "nothing has changed since");

    deliver(dir.path(), (0..500).map(|n| (n, if n % 2 == 0 { "鄞州" } else { "海曙" }, if n < 40 { "否" } else { "是" })));
    collected(&desk).await;
    assert_eq!(delivered(&desk, later(10)).await, 0, "not taken");
    let waiting = desk.subscription(&app, &grant).await.expect("asked").expect("there");
    assert_eq!((waiting.tries, waiting.waiting), (1, true));
    assert!(waiting.error.is_some_and(|error| error.en.contains("503")));
    let seen = desk.grant(&officer("civil"), &grant, now()).await.expect("grant").subscription.expect("there");
    assert_eq!(seen.url, format!("127.0.0.1:{}", receiver.port), "the provider sees the host alone");
    assert_eq!(delivered(&desk, later(12)).await, 0, "left alone for a while");
    assert!(delivered(&desk, later(60)).await > 1);
    let got = receiver.got();
    assert_eq!(got[0].body, got[1].body, "the same bytes again");
    let mut held: BTreeMap<String, Value> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for one in got.iter().skip(1) {
        let events: Vec<Value> = serde_json::from_str(&one.body).expect("events");
        assert!(events.len() <= 200);
        for event in events {
            assert!(ids.insert(event["id"].as_str().expect("id").to_owned()), "an id twice");
            let key = event["subject"].as_str().expect("subject").to_owned();
            match event["type"].as_str().expect("type") {
                "sanjiang.row.removed" => assert!(event["data"].is_null()),
                _ => drop(held.insert(key, event["data"].clone())),
            }
        }
    }
    assert_eq!(held.len(), 250, "all rows of the district");
    assert!(held.values().all(|row| row["district"] == "鄞州" && row["name"].as_str().is_some_and(|name| name.starts_with("人*"))));
    // Each delivery is told, once, with the hash of its bytes.
    let hashes: BTreeSet<String> = told(&desk, "read.grant").await.iter().map(|entry| entry["detail"]["answer"].as_str().expect("hash").to_owned()).collect();
    let bodies: BTreeSet<String> = got.iter().map(|one| Sha256::digest(one.body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()).collect();
    assert_eq!(hashes, bodies);
    let about = desk.reads_about(&crate::drift::command(), &crate::share::id_of(4), 1, 10).await.expect("reads");
    assert_eq!(about.total, 1);

    // What changes after the grant has ended stays here.
    deliver(dir.path(), (0..500).map(|n| (n, "鄞州", "是")));
    desk.end_grant(&officer("civil"), &grant, "协议终止", now()).await.expect("withdrawn");
    collected(&desk).await;
    assert_eq!(delivered(&desk, later(120)).await, 0);
    assert_eq!(receiver.got().len(), got.len());
    assert!(desk.subscription(&app, &grant).await.expect("asked").is_none());
}
