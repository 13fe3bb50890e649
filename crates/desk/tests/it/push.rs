//! What is pushed lands once, whichever lake call the process dies at and however often the sender repeats itself.

use std::path::Path;
use std::sync::atomic::Ordering;

use data::declare::Format;
use desk::port::TableName;
use desk::push::Pushed;
use desk::{Desk, DeskError};
use kernel::Moment;

use crate::drift::command;
use crate::memory::{Memory, int, text};
use crate::river::open;

fn now() -> Moment {
    Moment::from_jiff(jiff::Timestamp::now())
}

/// A city with a system that pushes: persons with a key, events without one.
fn prepare(dir: &Path) {
    crate::river::prepare(dir);
    let city = dir.join("city");
    std::fs::write(city.join("systems/gate.toml"), "title = \"闸机\"\ndepartment = \"office\"\n[connector]\nkind = \"push\"\n").expect("file");
    let resource = |id: &str, number: u32, key: &str| {
        let text = format!(
            "title = \"{id}\"\ncode = \"3990200/{number:06}\"\nsummary = \"试验\"\nsystem = \"gate\"\nclass = \"department\"\n\
             share = \"unconditional\"\nopen = \"none\"\ngrade = \"L1\"\nperiod = \"continuous\"\n[collect]\nfrom = \"{id}\"\n\
             [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"integer\"\n{key}\
             [[item]]\nname = \"name\"\ntitle = \"姓名\"\nstandard = \"text\"\n"
        );
        std::fs::write(city.join(format!("resources/{id}.toml")), text).expect("file");
    };
    resource("pass", 2, "key = true\n");
    resource("event", 3, "");
}

async fn push(desk: &Desk, secret: &str, resource: &str, name: &str, body: &str) -> Result<Pushed, DeskError> {
    let sender = desk.sender(secret, resource, now()).await?;
    let pieces = futures::stream::iter(body.as_bytes().chunks(7).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())));
    let received = desk.receive(pieces, Format::Ndjson).await.expect("received");
    desk.push(&sender, name, received).await
}

fn rows(memory: &Memory, resource: &str) -> Vec<(i64, String)> {
    let batches = memory.batches(&TableName::standard(resource));
    let mut rows: Vec<_> = batches.iter().flat_map(|b| int(b, "id").into_iter().zip(text(b, "name"))).collect();
    rows.sort();
    rows
}

fn raw_rows(memory: &Memory, resource: &str) -> usize {
    memory.batches(&TableName::raw(resource)).iter().map(|b| b.num_rows()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_dies_the_rows_stand_there_once() {
    let bodies = [
        ("a-1", "{\"id\":1,\"name\":\"甲\"}\n{\"id\":2,\"name\":\"乙\"}\n{\"id\":\"x\",\"name\":\"丙\"}\n"),
        ("a-2", "{\"name\":\"乙改\",\"id\":2}\n{\"id\":3,\"name\":\"丁\",\"more\":true}\n"),
        ("a-3", "{\"id\":1,\"name\":\"甲\"}\n"),
    ];
    for fuse in 0..10 {
        for resource in ["pass", "event"] {
            let dir = tempfile::tempdir().expect("folder");
            prepare(dir.path());
            let memory = Memory::new(-1);
            let mut desk = open(dir.path(), &memory).await;
            let secret = desk.add_push_key(&command(), "gate", "试验", now()).await.expect("key");
            memory.fuse.store(fuse, Ordering::SeqCst);
            for (name, body) in bodies {
                let mut tries = 0;
                let first = loop {
                    match push(&desk, &secret, resource, name, body).await {
                        Ok(pushed) => break pushed,
                        Err(error) => {
                            assert!(tries < 3, "fuse {fuse}: {error}");
                            tries += 1;
                            memory.fuse.store(-1, Ordering::SeqCst);
                            drop(desk);
                            desk = open(dir.path(), &memory).await;
                        }
                    }
                };
                let again = push(&desk, &secret, resource, name, body).await.expect("the same again");
                assert!(again.replayed && first.rows == again.rows, "fuse {fuse}");
                assert_eq!(first.rows, first.landed + first.quarantined + first.unchanged, "fuse {fuse} {name}");
            }
            let owned = |rows: &[(i64, &str)]| rows.iter().map(|(id, name)| (*id, (*name).to_owned())).collect::<Vec<_>>();
            match resource {
                // The key tells the rows apart: one was corrected, one was known.
                "pass" => {
                    assert_eq!(rows(&memory, "pass"), owned(&[(1, "甲"), (2, "乙改"), (3, "丁")]), "fuse {fuse}");
                    assert_eq!(raw_rows(&memory, "pass"), 5, "fuse {fuse}");
                }
                // Events are what happened: the same again has happened twice.
                _ => {
                    assert_eq!(rows(&memory, "event"), owned(&[(1, "甲"), (1, "甲"), (2, "乙"), (2, "乙改"), (3, "丁")]), "fuse {fuse}");
                    assert_eq!(raw_rows(&memory, "event"), 6, "fuse {fuse}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_senders_at_once_lose_and_double_nothing() {
    let dir = tempfile::tempdir().expect("folder");
    prepare(dir.path());
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    let secret = desk.add_push_key(&command(), "gate", "", now()).await.expect("key");
    let one = |n: i64| {
        let (desk, secret) = (desk.clone(), secret.clone());
        // Every name is sent twice, at the same time; every second push corrects the row of another.
        async move { push(&desk, &secret, "pass", &format!("n-{}", n / 2), &format!("{{\"id\":{},\"name\":\"{}\"}}\n", n / 4, n / 2)).await }
    };
    let answers = futures::future::join_all((0..80).map(one)).await;
    let mut told = 0;
    for answer in answers {
        match answer {
            Ok(_) => told += 1,
            Err(DeskError::Busy(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(told > 0);
    for n in 0..40 {
        push(&desk, &secret, "pass", &format!("n-{n}"), &format!("{{\"id\":{},\"name\":\"{n}\"}}\n", n / 2)).await.expect("again");
    }
    let rows = rows(&memory, "pass");
    assert_eq!(rows.iter().map(|(id, _)| *id).collect::<Vec<_>>(), (0..20).collect::<Vec<_>>(), "{rows:?}");
    assert!(rows.iter().all(|(id, name)| name.parse::<i64>().expect("number") / 2 == *id));
    assert_eq!(raw_rows(&memory, "pass"), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_in_words() {
    let dir = tempfile::tempdir().expect("folder");
    prepare(dir.path());
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    assert!(matches!(desk.add_push_key(&command(), "people", "", now()).await, Err(DeskError::Invalid(_))), "a system that does not push");
    let secret = desk.add_push_key(&command(), "gate", "", now()).await.expect("key");
    let refused = |error| match error {
        Err(DeskError::LoginRequired) => "login",
        Err(DeskError::NotFound) => "not found",
        Err(DeskError::Forbidden(_)) => "forbidden",
        Err(DeskError::Conflict(_)) => "conflict",
        Err(DeskError::Invalid(_)) => "invalid",
        Err(other) => panic!("{other}"),
        Ok(pushed) => panic!("{pushed:?}"),
    };
    let row = "{\"id\":1,\"name\":\"甲\"}\n";
    assert_eq!(refused(push(&desk, "sjpush_0", "pass", "k", row).await), "login");
    assert_eq!(refused(push(&desk, &secret, "nothing", "k", row).await), "not found");
    assert_eq!(refused(push(&desk, &secret, "person", "k", row).await), "forbidden");
    assert_eq!(refused(push(&desk, &secret, "pass", "", row).await), "invalid");
    assert_eq!(refused(push(&desk, &secret, "pass", "k", "").await), "invalid");
    assert_eq!(refused(push(&desk, &secret, "pass", "k", "{\"name\":\"没有编号\"}\n").await), "invalid", "no field for the key");
    push(&desk, &secret, "pass", "k", row).await.expect("a name that was refused is free");
    assert_eq!(refused(push(&desk, &secret, "pass", "k", "{\"id\":2}\n").await), "conflict");
    let keys = desk.push_keys().await.expect("keys");
    desk.revoke_push_key(&command(), &keys[0].id, now()).await.expect("revoked");
    assert_eq!(refused(push(&desk, &secret, "pass", "k", row).await), "login");
    assert_eq!(rows(&memory, "pass").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_takes_rows_away_by_key() {
    let dir = tempfile::tempdir().expect("folder");
    prepare(dir.path());
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    let secret = desk.add_push_key(&command(), "gate", "", now()).await.expect("key");
    push(&desk, &secret, "pass", "1", "{\"id\":1,\"name\":\"甲\"}\n{\"id\":2,\"name\":\"乙\"}\n").await.expect("landed");
    let pushed = push(&desk, &secret, "pass", "2", "{\"id\":1,\"_change\":\"delete\"}\n{\"id\":3,\"name\":\"丙\",\"_change\":\"upsert\"}\n{\"id\":9,\"_change\":\"delete\"}\n");
    let pushed = pushed.await.expect("landed");
    assert_eq!((pushed.rows, pushed.landed, pushed.removed, pushed.unchanged), (3, 1, 1, 1));
    assert_eq!(rows(&memory, "pass"), [(2, "乙".to_owned()), (3, "丙".to_owned())]);
    let wrong = push(&desk, &secret, "pass", "3", "{\"id\":1,\"_change\":\"drop\"}\n").await;
    assert!(matches!(wrong, Err(DeskError::Invalid(_))));
}
