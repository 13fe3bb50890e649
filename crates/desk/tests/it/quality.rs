//! Suggested rules taken over, measured, and what is kept when a measurement fails.

use std::sync::Arc;

use desk::defect::{DefectFilter, DefectState};
use desk::quality::RuleState;
use desk::view::ColumnProfile;
use desk::{CollectScope, Desk, DeskError};
use serde_json::json;

use crate::drift::{HEADER, city, deliver, now, row, steward};
use crate::memory::Memory;
use crate::river::open;

fn shape(name: &str, nulls: u64, distinct: u64, values: &[(&str, u64)]) -> ColumnProfile {
    ColumnProfile {
        name: name.into(),
        nulls,
        distinct,
        minimum: Some("0".into()),
        maximum: Some("812".into()),
        mean: None,
        histogram: values.iter().map(|(value, rows)| ((*value).to_owned(), *rows)).collect(),
        binned: false,
    }
}

async fn start(memory: &Arc<Memory>, dir: &std::path::Path) -> Desk {
    city(dir, "");
    deliver(dir, HEADER, (0..200).map(row));
    *memory.shapes.lock().expect("lock") = vec![
        shape("id", 0, 200, &[]),
        shape("name", 0, 200, &[("人1", 1), ("人2", 1), ("人3", 1)]),
        shape("sex", 0, 2, &[("1", 100), ("2", 100)]),
        shape("phone", 0, 200, &[("05740001", 1), ("05740002", 1), ("05740003", 1)]),
    ];
    let desk = open(dir, memory).await;
    desk.collect_now(CollectScope::All, "command", now()).await.expect("collected");
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggested_rule_is_taken_over_as_shown_and_measured() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let desk = start(&memory, dir.path()).await;
    let suggested = desk.suggested_rules(&steward(), "person").await.expect("suggested");
    let names: Vec<&str> = suggested.iter().map(|one| one.rule.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "id_range",
            "name_unique",
            "sex_filled",
            "phone_filled",
            "phone_unique",
            "phone_form"
        ],
        "{names:?}"
    );
    let form = &suggested[5];
    assert!(
        form.text.contains("expression = \"regexp_like(phone, '^[0-9]{8}$')\"") && suggested[0].text.contains("id between 0 and 900"),
        "{}",
        form.text
    );

    // Of a thousand rows, three fail: more than none.
    *memory.cells.lock().expect("lock") = vec![json!(1000), json!(3)];
    let found = desk
        .adopt_rule(&steward(), "person", "phone_form", &form.base, now())
        .await
        .expect("taken over");
    assert_eq!(
        (found.rules.len(), found.rules[0].state, found.rules[0].failed, found.rows),
        (1, RuleState::Failed, 3, 1000)
    );
    assert!((found.score.expect("a score") - 99.7).abs() < 1e-9);
    let text = std::fs::read_to_string(dir.path().join("city/resources/person.toml")).expect("file");
    assert!(
        text.contains("# 现行姓名") && text.trim_end().ends_with("severity = \"warning\""),
        "{text}"
    );

    // The declaration is another one now: what was shown for the old one is not written over it.
    let stale = desk.adopt_rule(&steward(), "person", "name_unique", &form.base, now()).await;
    assert!(matches!(stale, Err(DeskError::Invalid(_))), "{stale:?}");
    assert!(
        desk.suggested_rules(&steward(), "person")
            .await
            .expect("suggested")
            .iter()
            .all(|one| one.rule.name != "phone_form")
    );

    let defects = desk
        .defects(
            &steward(),
            &DefectFilter {
                standing: true,
                ..Default::default()
            },
            1,
            10,
            now(),
        )
        .await
        .expect("defects");
    assert_eq!(
        (defects.total, defects.entries[0].failed, defects.entries[0].department.as_str()),
        (1, 3, "office")
    );
    let id = defects.entries[0].id.clone();
    assert!(matches!(
        desk.answer_defect(&steward(), &id, "  ", now()).await,
        Err(DeskError::Invalid(_))
    ));
    desk.answer_defect(&steward(), &id, "已更正", now()).await.expect("answered");

    // A measurement without an answer changes nothing but its own line.
    memory.cells.lock().expect("lock").clear();
    let failed = desk.measure_now(&steward(), "person", "person").await.expect("measured");
    assert!(failed.error.is_some() && failed.score == found.score);
    assert_eq!(
        desk.defect(&steward(), &id, now()).await.expect("defect").defect.state,
        DefectState::Answered
    );

    *memory.cells.lock().expect("lock") = vec![json!(1000), json!(0)];
    desk.measure_now(&steward(), "person", "person").await.expect("measured");
    let closed = desk.defect(&steward(), &id, now()).await.expect("defect");
    assert_eq!(closed.defect.state, DefectState::Closed);
    let acts: Vec<&str> = closed.acts.iter().map(|act| act.act.as_str()).collect();
    assert_eq!(acts, ["opened", "answered", "closed"]);
    let city = desk.city_quality(None, now()).await.expect("scores");
    assert_eq!(
        (city.score, city.resources.len(), city.departments.len(), city.trend.len()),
        (Some(100.0), 1, 1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_rule_is_unmeasured_until_it_is_measured_again() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let desk = start(&memory, dir.path()).await;
    let path = dir.path().join("city/resources/person.toml");
    let text = std::fs::read_to_string(&path).expect("file");
    let rule = "\n[[rule]]\nname = \"known\"\ntitle = \"有电话\"\ndimension = \"completeness\"\nexpression = \"phone is not null\"\n";
    std::fs::write(&path, format!("{text}{rule}")).expect("file");
    desk.reload_city().expect("read");
    *memory.cells.lock().expect("lock") = vec![json!(200), json!(200)];
    let found = desk.measure_now(&steward(), "person", "person").await.expect("measured");
    assert_eq!((found.rules[0].state, found.score), (RuleState::Failed, Some(0.0)));
    std::fs::write(&path, format!("{text}{}", rule.replace("phone is not null", "phone is null"))).expect("file");
    desk.reload_city().expect("read");
    assert_eq!(
        desk.resource_quality("person", now()).await.expect("quality").rules[0].state,
        RuleState::Unmeasured
    );

    // Without the rule nothing is left to measure, and its defect closes.
    std::fs::write(&path, &text).expect("file");
    desk.reload_city().expect("read");
    desk.measure_now(&steward(), "person", "person").await.expect("measured");
    let standing = desk
        .defects(
            &steward(),
            &DefectFilter {
                standing: true,
                ..Default::default()
            },
            1,
            10,
            now(),
        )
        .await
        .expect("defects");
    assert_eq!(standing.total, 0);

    let later = kernel::Moment(now().0 + 40 * 86_400_000_000);
    let id = desk
        .object(&steward(), "person", Some(&"0a".repeat(16)), "姓名写错了", now())
        .await
        .expect("an objection");
    assert!(matches!(
        desk.object(&steward(), "person", Some("xx"), "姓名写错了", now()).await,
        Err(DeskError::Invalid(_))
    ));
    assert_eq!(desk.escalate_defects(later).await.expect("escalated"), 1);
    let late = desk.defect(&steward(), &id, later).await.expect("defect").defect;
    assert!(late.late && late.escalated == Some(later) && late.title.zh == "姓名写错了");
}
