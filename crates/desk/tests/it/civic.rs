//! What the public says of open data: public only once released, answered by the department alone, supported once, never too much
//! of it, and told in the log without a word of it.

use desk::account::{Login, NewPerson, PersonKind};
use desk::authority::{Role, Roles};
use desk::open::{Saying, VoiceFilter, VoiceView};
use desk::view::Account;
use desk::{Desk, DeskError};
use data::open::{VoiceAuthor, VoiceState, WishOutcome};
use kernel::Moment;

use crate::drift::{command, now};
use crate::memory::Memory;
use crate::river::open;
use crate::share::{city, id_of, officer, told};

const PASSWORD: &str = "three rivers meet";
const DAY: i64 = 86_400_000_000;

fn steward() -> Account {
    Account { id: "steward".into(), name: "steward".into(), display: "steward".into(), roles: Roles::only(Role::Steward), ..Account::default() }
}

async fn person(desk: &Desk, n: usize) -> Account {
    let (name, number) = (format!("citizen-{n}"), id_of(n));
    let new = NewPerson { name: &name, display: "王芳", kind: PersonKind::Citizen, number: &number };
    desk.add_person(&command(), new, PASSWORD, now()).await.expect("made");
    let token = desk.login(Login { name: &name, password: PASSWORD, code: "", agent: "test" }, now()).await.expect("login");
    desk.session(&token, now()).await.expect("session").expect("alive")
}

fn wish(title: &str, department: &str) -> Saying {
    let text = |words: &str| words.to_owned();
    Saying { kind: text("wish"), department: text(department), title: text(title), words: text("逐桩的位置"), purpose: text("做一个地图"), ..Saying::default() }
}

/// What a reader finds among the wishes.
async fn public(desk: &Desk, reader: Option<&Account>) -> Vec<VoiceView> {
    let filter = VoiceFilter { dataset: None, wishes: Some(true) };
    desk.open_voices(reader, &filter, 1, 50, now()).await.expect("list").entries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_is_public_once_released_and_answered_by_its_department() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    let (asker, other, steward) = (person(&desk, 4).await, person(&desk, 5).await, steward());
    let id = desk.raise_voice(&asker, &wish("充电桩", ""), now()).await.expect("raised");

    // Before a steward has looked, the asker alone sees it.
    assert!(public(&desk, Some(&other)).await.is_empty() && public(&desk, None).await.is_empty());
    let own = desk.own_voices(&asker, 1, 10, now()).await.expect("own").entries;
    assert_eq!((own.len(), own[0].state, own[0].own), (1, VoiceState::Waiting, true));
    assert!(desk.own_voices(&other, 1, 10, now()).await.expect("own").entries.is_empty());
    assert!(matches!(desk.support_voice(&other, &id, now()).await, Err(DeskError::NotFound)), "what is not public is not there");
    assert!(matches!(desk.answer_voice(&steward, &id, "open", "已开放", now()).await, Err(DeskError::Conflict(_))), "not before its release");
    assert_eq!((desk.waiting_voices(&steward).await.expect("count"), desk.waiting_voices(&officer("housing")).await.expect("count")), (1, 0));

    // A steward releases it and sends it to the department that it concerns.
    assert!(matches!(desk.moderate_voice(&officer("housing"), &id, true, "", "", now()).await, Err(DeskError::Forbidden(_))));
    assert!(matches!(desk.moderate_voice(&steward, &id, true, "nobody", "", now()).await, Err(DeskError::Invalid(_))));
    desk.moderate_voice(&steward, &id, true, "housing", "", now()).await.expect("released");
    assert!(matches!(desk.moderate_voice(&steward, &id, false, "", "晚了", now()).await, Err(DeskError::Conflict(_))), "once");
    let seen = public(&desk, None).await;
    assert_eq!((seen.len(), seen[0].author, seen[0].own, seen[0].due.is_empty()), (1, VoiceAuthor::Citizen, false, false));
    let json = serde_json::to_string(&seen).expect("written");
    assert!(!json.contains("王芳") && !json.contains(&asker.id) && !json.contains("citizen-4"), "{json}");

    // Its officers answer it, nobody else's, and once.
    let (housing, civil) = (officer("housing"), officer("civil"));
    assert_eq!((desk.waiting_voices(&housing).await.expect("count"), desk.waiting_voices(&civil).await.expect("count")), (1, 0));
    assert!(desk.voices(&civil, false, 1, 10, now()).await.expect("list").entries.is_empty());
    assert!(matches!(desk.answer_voice(&civil, &id, "open", "已开放", now()).await, Err(DeskError::Forbidden(_))));
    assert!(matches!(desk.answer_voice(&housing, &id, "", "已开放", now()).await, Err(DeskError::Invalid(_))), "what becomes of it has to be said");
    assert!(matches!(desk.voices(&asker, false, 1, 10, now()).await, Err(DeskError::Forbidden(_))));
    let late = desk.open_voices(None, &VoiceFilter::default(), 1, 10, Moment(now().0 + 90 * DAY)).await.expect("list").entries;
    assert!(late[0].late, "three months later it is late");
    desk.answer_voice(&housing, &id, "planned", "明年开放", now()).await.expect("answered");
    assert!(matches!(desk.answer_voice(&housing, &id, "open", "再答", now()).await, Err(DeskError::Conflict(_))));
    let seen = public(&desk, None).await;
    assert_eq!((seen[0].outcome, seen[0].answer.as_deref(), seen[0].due.as_str()), (Some(WishOutcome::Planned), Some("明年开放"), ""));

    // Wanted by another once, and by who asked never.
    desk.support_voice(&other, &id, now()).await.expect("supported");
    for again in [&other, &asker] {
        assert!(matches!(desk.support_voice(again, &id, now()).await, Err(DeskError::Conflict(_))));
    }
    let seen = public(&desk, Some(&other)).await;
    assert_eq!((seen[0].supports, seen[0].supported), (1, true));

    // Told in the log: who, of what, and never the public's own words.
    for (act, times) in [("voice.raise", 1), ("voice.moderate", 1), ("voice.answer", 1), ("voice.support", 1)] {
        let entries = told(&desk, act).await;
        assert_eq!(entries.len(), times, "{act}");
        assert!(entries.iter().all(|entry| !entry.to_string().contains("充电桩")), "{entries:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_told_to_its_author_alone_and_floods_are_held_off() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    let (asker, steward) = (person(&desk, 4).await, steward());
    let id = desk.raise_voice(&asker, &wish("甲的电话", "civil"), now()).await.expect("raised");
    assert!(matches!(desk.moderate_voice(&steward, &id, false, "", " ", now()).await, Err(DeskError::Invalid(_))), "a reason is owed");
    desk.moderate_voice(&steward, &id, false, "", "含个人信息", now()).await.expect("refused");
    let own = desk.own_voices(&asker, 1, 10, now()).await.expect("own").entries;
    assert_eq!((own[0].state, own[0].reason.as_deref()), (VoiceState::Refused, Some("含个人信息")));
    assert!(public(&desk, Some(&asker)).await.is_empty() && desk.waiting_voices(&steward).await.expect("count") == 0);

    for saying in [
        Saying { purpose: String::new(), ..wish("乙", "") },
        Saying { title: "长".repeat(61), ..wish("", "") },
        Saying { words: "长".repeat(1_001), ..wish("乙", "") },
        Saying { kind: "shout".into(), ..wish("乙", "") },
        wish("乙", "nobody"),
    ] {
        assert!(matches!(desk.raise_voice(&asker, &saying, now()).await, Err(DeskError::Invalid(_))), "{saying:?}");
    }
    let of_nothing = Saying { kind: "question".into(), dataset: "nothing".into(), words: "为何？".into(), ..Saying::default() };
    assert!(matches!(desk.raise_voice(&asker, &of_nothing, now()).await, Err(DeskError::NotFound)));

    // Ten within a day, the refused one among them; another account is not held off, and neither is the next day.
    let at = now();
    for n in 1..10 {
        desk.raise_voice(&asker, &wish(&format!("第{n}"), ""), at).await.expect("raised");
    }
    assert!(matches!(desk.raise_voice(&asker, &wish("太多", ""), at).await, Err(DeskError::TooMany { .. })));
    assert_eq!(told(&desk, "voice.raise").await.len(), 10, "what did not happen is no leaf");
    let other = person(&desk, 5).await;
    desk.raise_voice(&other, &wish("别人", ""), at).await.expect("raised");
    desk.raise_voice(&asker, &wish("明天", ""), Moment(at.0 + DAY + 1)).await.expect("raised");
}
