//! Acts of the invented city, for drawing the pages of its log in tests and previews.

use desk::log::{LeafDetail, LeafView, LogPage, LogState};
use desk::view::Page;
use kernel::Text;
use serde_json::json;

use crate::sample::ago;

fn leaf(number: u64, act: &str, actor: &str, subject: &str) -> LeafView {
    LeafView {
        number,
        time: ago(60 * (1_300 - i64::try_from(number).unwrap_or(0))),
        actor: Text::new(actor, actor),
        actor_id: format!("program/{actor}"),
        act: act.into(),
        act_title: desk::act::title(act),
        subject: subject.into(),
        subject_title: subject.starts_with("resource/").then(|| Text::new("环境空气日报", "Daily air quality")),
        published: number < 1_282,
    }
}

fn state() -> LogState {
    LogState {
        size: 1_282,
        waiting: 1,
        root: "rM5Yh0lnEHb1yx4VgyTTt5xpmLsNqfAqvW0lVYjGm5w=".into(),
        origin: "sanjiang/330200".into(),
        keys: vec!["sanjiang/330200+1f0b5a3c+AZ0cGzvC2k0yC3mW6m8yqWvBvJmL0O0Y7n6Y3mQk1q2X".into()],
        signed: vec!["sanjiang/330200".into(), "audit-office".into()],
    }
}

pub(crate) fn page(any: bool) -> LogPage {
    let entries = vec![
        leaf(1_282, "read.sql", "陈静", "sql"),
        leaf(1_281, "grade.decide", "陈静", "resource/air_daily"),
        leaf(1_280, "collect.run", "schedule", "resource/air_daily"),
        leaf(1_279, "session.begin", "login", "account/a1"),
    ];
    let entries = if any { entries } else { Vec::new() };
    let total = if any { 1_283 } else { 0 };
    LogPage { page: Page { entries, total, page: 1, size: 50 }, state: any.then(state) }
}

pub(crate) fn act(published: bool) -> LeafDetail {
    let number = if published { 1_281 } else { 1_282 };
    LeafDetail {
        leaf: leaf(number, "grade.decide", "陈静", "resource/air_daily"),
        entry: json!({ "version": 1, "act": "grade.decide", "subject": "resource/air_daily", "detail": { "item": "aqi", "why": "公开指标", "rows": 3 } }),
        hash: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=".into(),
        state: Some(state()),
    }
}
