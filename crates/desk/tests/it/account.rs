//! Set-up once, login, lock-out, sessions that end.

use desk::{Desk, DeskError, Place};
use kernel::Moment;

use crate::memory::{Memory, ports};
use crate::river::prepare;

const HOUR: i64 = 3_600_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_link_works_once_and_passwords_guard_the_rest() {
    let dir = tempfile::tempdir().expect("folder");
    prepare(dir.path());
    let place = Place { city_dir: dir.path().join("city"), data_dir: dir.path().join("data"), variables: Default::default() };
    let Ok(desk) = Desk::open(place, ports(&Memory::new(-1))).await else { panic!("desk") };
    let now = Moment::from_jiff(jiff::Timestamp::now());
    let later = |hours: i64| Moment(now.0 + hours * HOUR);
    let token = desk.setup_token(now).await.expect("token").expect("no account yet");
    assert!(matches!(desk.setup("wrong", "steward", "long-enough-1", now).await, Err(DeskError::Invalid(_))));
    assert!(matches!(desk.setup(&token, "steward", "short", now).await, Err(DeskError::Invalid(_))));
    let session = desk.setup(&token, "steward", "long-enough-1", now).await.expect("set up");
    assert!(matches!(desk.setup(&token, "other", "long-enough-2", now).await, Err(DeskError::Invalid(_))), "the link works once");
    assert!(desk.setup_token(now).await.expect("token").is_none(), "no further link once there is an account");
    assert_eq!(desk.session(&session, now).await.expect("session").map(|a| a.name), Some("steward".to_owned()));
    assert!(desk.session(&session, later(13)).await.expect("session").is_none(), "an unused session ends");
    desk.logout(&session).await.expect("logout");
    assert!(desk.session(&session, now).await.expect("session").is_none());
    desk.login("steward", "long-enough-1", now).await.expect("login");
    for _ in 0..5 {
        assert!(matches!(desk.login("steward", "guess", now).await, Err(DeskError::Invalid(_))));
    }
    assert!(matches!(desk.login("steward", "long-enough-1", now).await, Err(DeskError::Busy(_))), "locked after five failures");
    desk.login("Steward", "long-enough-1", later(1)).await.expect("the lock ends, and names do not care for case");
}
