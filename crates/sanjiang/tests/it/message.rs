//! Others are told of defects by the running binary: kill -9 while a message is on its way loses none and changes none.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::receiver::{Got, Receiver};
use crate::support::{must, path, person_resource, sanjiang, small_city, write};

/// Answers are withheld so often, and the server is killed each time.
const KILLS: usize = 4;

#[test]
fn a_message_survives_kills_and_stays_the_same() {
    let folder = tempfile::tempdir().expect("folder");
    let (city, data) = (folder.path().join("city"), folder.path().join("data"));
    let receiver = Receiver::start(|n| (n > KILLS).then_some((200, "")));
    small_city(&city);
    let before = std::fs::read_to_string(city.join("city.toml")).expect("city.toml");
    let notify = format!("[network]\nallow = [\"127.0.0.1\"]\n[notify]\nurl = \"http://127.0.0.1:{}/told\"\n", receiver.port);
    write(&city.join("city.toml"), before + &notify);
    person_resource(&city);
    write(&city.join("sources/files/person.csv"), "id,age\n0001,900\n0002,30\n");
    let place = ["--city", path(&city), "--data", path(&data), "--lang", "en"];
    let with = |words: &[&str]| must(&[words, &place].concat());
    with(&["collect", "--all"]);
    let listed = with(&["message", "list", "--waiting"]);
    assert!(listed.contains(".opened") && listed.lines().count() == 1, "{listed}");

    for kill in 1..=KILLS {
        // The server sends by itself; what a dead one had taken is sent again at once by whoever asks for that.
        let (act, listen): (&[&str], &[&str]) = if kill == 1 { (&["serve", "--no-collect"], &["--listen", "127.0.0.1:0"]) } else { (&["message", "send"], &[]) };
        let mut child = sanjiang().args([act, &place[..4], listen].concat()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        wait(&receiver, kill);
        child.kill().expect("killed");
        child.wait().expect("ended");
        let listed = with(&["message", "list", "--json"]);
        assert!(listed.lines().count() == 1 && listed.contains("\"state\":\"waiting\"") && listed.contains(&format!("\"tries\":{kill}")), "kill {kill}: {listed}");
    }
    assert!(with(&["message", "send"]).contains("1 acknowledged"));
    assert!(with(&["message", "send"]).contains("0 acknowledged"), "it is not sent again");
    let got = receiver.got();
    let is_event = |one: &Got| one.target == "/told" && one.headers.iter().any(|line| line.starts_with("content-type: application/cloudevents+json"));
    assert!(got.iter().all(is_event), "{got:?}");
    let bodies: BTreeSet<&str> = got.iter().map(|one: &Got| one.body.as_str()).collect();
    assert_eq!((got.len(), bodies.len()), (KILLS + 1, 1), "{got:?}");
    assert!(with(&["message", "list", "--json"]).contains("\"state\":\"acknowledged\""));
}

fn wait(receiver: &Receiver, count: usize) {
    let end = Instant::now() + Duration::from_secs(60);
    while receiver.got().len() < count {
        assert!(Instant::now() < end, "only {} of {count} arrived", receiver.got().len());
        std::thread::sleep(Duration::from_millis(50));
    }
}
