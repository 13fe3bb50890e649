//! Messages are written with the act that they tell of, taken by one sender at a time, and sent as they were first sent.

use kernel::{Moment, Text};
use store::Store;
use store::defect::DefectRow;

use crate::{DAY, after, open};

async fn object(store: &Store, id: &str, seconds: i64) {
    let row = DefectRow {
        id: id.into(),
        kind: "objection".into(),
        resource: "bus".into(),
        department: "transport".into(),
        rule: None,
        row_hash: None,
        title: Text::new("站名不对", ""),
        severity: "warning".into(),
        state: "open".into(),
        checked: 0,
        failed: 0,
        opened: after(seconds),
        due: "2026-12-08".into(),
        escalated: None,
        closed: None,
    };
    store.object(row, "小李", "站名不对").await.expect("kept");
}

#[tokio::test]
async fn one_sender_takes_a_message_and_sends_what_was_sent_before() {
    let (_folder, store) = open().await;
    object(&store, "o1", 60).await;
    assert!(store.due_messages(after(59), 10).await.expect("read").is_empty());
    let due = store.due_messages(after(60), 10).await.expect("read");
    assert_eq!((due.len(), due[0].id.as_str(), due[0].kind.as_str(), due[0].tries), (1, "o1.opened", "defect.opened", 0));

    let taken = store.take_message("o1.opened", "first", after(180), after(60)).await.expect("taken").expect("mine");
    assert_eq!((taken.body.as_str(), taken.tries), ("first", 1));
    assert_eq!(store.take_message("o1.opened", "second", after(180), after(61)).await.expect("asked"), None, "somebody is at it");
    // Whoever took it died: it is somebody else's later, as it was.
    let again = store.take_message("o1.opened", "second", after(400), after(180)).await.expect("taken").expect("mine");
    assert_eq!((again.body.as_str(), again.tries), ("first", 2));

    object(&store, "o2", 100).await;
    store.fail_message("o1.opened", Text::new("不通", "down"), after(900), after(300)).await.expect("kept");
    let due = store.due_messages(after(299), 10).await.expect("read");
    assert!(due.is_empty(), "the others wait a little too: {due:?}");
    assert_eq!(store.due_messages(after(300), 10).await.expect("read")[0].id, "o2.opened");
    assert_eq!(store.hurry_messages(after(301)).await.expect("hurried"), 1);
    assert_eq!(store.due_messages(after(301), 10).await.expect("read").len(), 2);

    store.acknowledge_message("o1.opened", after(302)).await.expect("kept");
    // A second sender whose own try failed does not undo that.
    store.fail_message("o1.opened", Text::new("不通", "down"), after(900), after(302)).await.expect("asked");
    let all = store.messages(None, 1, 10).await.expect("read");
    assert_eq!((all.total, all.entries[1].state.as_str(), all.entries[1].error.clone(), all.entries[1].ended), (2, "acknowledged", None, Some(after(302))));
    assert_eq!(store.waiting_messages().await.expect("counted"), 1);
}

#[tokio::test]
async fn what_is_for_nobody_ends_and_what_waits_is_not_forgotten() {
    let (_folder, store) = open().await;
    object(&store, "o1", 60).await;
    let late = Moment(after(0).0 + 20 * DAY);
    assert_eq!(store.escalate_defects("2026-12-14", late).await.expect("escalated"), 1);
    assert_eq!(store.leave_unaddressed(&["defect.opened", "defect.escalated"], late).await.expect("asked"), 0);
    assert_eq!(store.leave_unaddressed(&["defect.escalated"], late).await.expect("ended"), 1);
    let waiting = store.messages(Some("waiting"), 1, 10).await.expect("read");
    assert_eq!((waiting.total, waiting.entries[0].id.as_str()), (1, "o1.escalated"));
    let much_later = Moment(late.0 + 400 * DAY);
    assert_eq!(store.forget_messages(much_later).await.expect("forgotten"), 1);
    assert_eq!(store.messages(None, 1, 10).await.expect("read").total, 1);
}
