//! Measurements and the defects they open, recheck and close.

use kernel::{Moment, Text};
use store::Store;
use store::defect::{DefectFilter, DefectRow, Verdict};
use store::quality::{QualityResult, QualityRun};

use crate::{DAY, after, open};

fn run(id: &str, resource: &str, ended: Moment, score: f64) -> QualityRun {
    QualityRun {
        id: id.into(),
        resource: resource.into(),
        department: "transport".into(),
        started_by: "command".into(),
        started: ended,
        ended,
        rows: 100,
        score: Some(score),
        error: None,
    }
}

fn verdict(rule: &str, failed: u64, defect: &str) -> Verdict {
    Verdict {
        rule: rule.into(),
        title: Text::new("站点不重名", "one name"),
        severity: "error".into(),
        checked: 100,
        failed,
        passed: failed == 0,
        opens: Some((defect.into(), "2026-12-01".into())),
    }
}

async fn measure(store: &Store, id: &str, hours: i64, verdicts: Vec<Verdict>) {
    let result = |v: &Verdict| QualityResult {
        rule: v.rule.clone(),
        state: if v.passed { "passed" } else { "failed" }.into(),
        checked: v.checked,
        failed: v.failed,
        newest: None,
        declared: "{}".into(),
    };
    let results = verdicts.iter().map(result).collect();
    let declared = verdicts.iter().map(|v| v.rule.clone()).collect();
    let run = run(id, "bus", after(hours * 3600), 100.0 - hours as f64);
    store
        .add_quality(run, format!("2026-11-{:02}", 24 + hours / 24), results, verdicts, declared)
        .await
        .expect("kept");
}

async fn told(store: &Store, id: &str) -> (String, Vec<String>) {
    let state = store.defect(id).await.expect("read").expect("there").state;
    (
        state,
        store.defect_acts(id).await.expect("read").into_iter().map(|act| act.act).collect(),
    )
}

#[tokio::test]
async fn a_failing_rule_has_one_defect_until_it_passes() {
    let (_folder, store) = open().await;
    measure(&store, "q1", 1, vec![verdict("name", 7, "d1"), verdict("fine", 0, "x")]).await;
    measure(&store, "q2", 2, vec![verdict("name", 7, "d2"), verdict("fine", 0, "x")]).await;
    assert_eq!(told(&store, "d1").await, ("open".into(), vec!["opened".into()]));
    assert!(store.answer_defect("d1", "小王", "已改", after(7300)).await.expect("answered"));
    assert!(!store.answer_defect("d1", "小王", "又改", after(7301)).await.expect("asked"));
    measure(&store, "q3", 3, vec![verdict("name", 2, "d3")]).await;
    assert_eq!(
        told(&store, "d1").await,
        ("rechecked".into(), vec!["opened".into(), "answered".into(), "rechecked".into()])
    );
    assert!(
        store
            .answer_defect("d1", "小王", "这次真改了", after(12000))
            .await
            .expect("answered")
    );
    measure(&store, "q4", 4, vec![verdict("name", 0, "d4")]).await;
    let (state, acts) = told(&store, "d1").await;
    assert_eq!(
        (state.as_str(), acts.last().map(String::as_str), acts.len()),
        ("closed", Some("closed"), 5)
    );
    measure(&store, "q5", 30, vec![verdict("name", 1, "d5")]).await;
    assert_eq!(store.defects(&DefectFilter::default(), 1, 10).await.expect("listed").total, 2);
    // The rule is gone from the declaration: nothing could ever close its defect.
    measure(&store, "q6", 31, vec![]).await;
    assert_eq!(told(&store, "d5").await, ("closed".into(), vec!["opened".into(), "dropped".into()]));
    let days = store.quality_days(Some("bus"), "2026-11-01").await.expect("read");
    assert_eq!(
        days.iter().map(|d| (d.day.as_str(), d.score)).collect::<Vec<_>>(),
        [("2026-11-24", 96.0), ("2026-11-25", 69.0)]
    );
    assert_eq!(store.latest_quality().await.expect("read").len(), 1);
    assert_eq!(store.quality_results("q1").await.expect("read").len(), 2);
}

#[tokio::test]
async fn what_is_late_is_escalated_once_and_objections_are_settled_by_people() {
    let (_folder, store) = open().await;
    measure(&store, "q1", 1, vec![verdict("name", 7, "d1")]).await;
    let objection = DefectRow {
        id: "o1".into(),
        kind: "objection".into(),
        resource: "bus".into(),
        department: "transport".into(),
        rule: None,
        row_hash: Some("00ff".into()),
        title: Text::new("站名不对", "站名不对"),
        severity: "warning".into(),
        state: "open".into(),
        checked: 0,
        failed: 0,
        opened: after(60),
        due: "2026-12-08".into(),
        escalated: None,
        closed: None,
    };
    store.object(objection.clone(), "小李", "站名不对").await.expect("kept");
    assert_eq!(store.waiting_defects(None).await.expect("counted"), 2);
    assert_eq!(store.waiting_defects(Some("transport")).await.expect("counted"), 2);
    assert_eq!(store.waiting_defects(Some("health")).await.expect("counted"), 0);
    assert_eq!(store.escalate_defects("2026-12-01", after(0)).await.expect("asked"), 0);
    let late = Moment(after(0).0 + 8 * DAY);
    assert_eq!(store.escalate_defects("2026-12-02", late).await.expect("asked"), 1);
    assert_eq!(store.escalate_defects("2026-12-02", late).await.expect("asked"), 0);
    assert_eq!(store.defect("d1").await.expect("read").and_then(|d| d.escalated), Some(late));
    let filter = DefectFilter {
        late: Some("2026-12-02".into()),
        ..DefectFilter::default()
    };
    assert_eq!(store.defects(&filter, 1, 10).await.expect("listed").entries.len(), 1);
    assert!(
        !store.recheck_objection("d1", true, "小李", "", late).await.expect("asked"),
        "rules are closed by measuring"
    );
    assert!(store.recheck_objection("o1", false, "小李", "还是不对", late).await.expect("asked"));
    assert!(store.recheck_objection("o1", true, "小李", "对了", late).await.expect("asked"));
    assert_eq!(
        told(&store, "o1").await,
        ("closed".into(), vec!["opened".into(), "rejected".into(), "confirmed".into()])
    );
}

/// An error of a measurement says nothing about the data.
#[tokio::test]
async fn a_measurement_that_fails_leaves_scores_and_defects_alone() {
    let (_folder, store) = open().await;
    measure(&store, "q1", 1, vec![verdict("name", 7, "d1")]).await;
    let failed = QualityRun {
        id: "q2".into(),
        score: None,
        error: Some(Text::new("超时", "late")),
        ..run("q2", "bus", after(9000), 0.0)
    };
    store
        .add_quality(failed, "2026-11-24".into(), vec![], vec![], vec![])
        .await
        .expect("kept");
    assert_eq!(told(&store, "d1").await.0, "open");
    assert_eq!(store.latest_quality().await.expect("read")[0].id, "q1");
    assert_eq!(store.quality_runs("bus", 5).await.expect("read").len(), 2);
}
