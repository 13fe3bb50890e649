//! Runs, the state of resources, and stored results.

use kernel::{Moment, Text};
use store::{NewRun, PanelRow, ResourceState, RunCounters, RunFilter, Store, StoreError};

use crate::{DAY, MIDNIGHT, after, open};

fn new_run(id: &str, resource: &str, system: &str, started: Moment) -> NewRun {
    NewRun { id: id.into(), resource: resource.into(), system: system.into(), trigger: "person".into(), started }
}

fn landed(rows: u64) -> RunCounters {
    RunCounters { source_rows: rows + 3, landed: rows, quarantined: 2, unchanged: 1, rows_total: Some(rows + 3), ..RunCounters::default() }
}

#[tokio::test]
async fn a_run_is_counted_while_it_runs_and_closed_once() {
    let (_folder, store) = open().await;
    store.start_run(new_run("r1", "person", "police", MIDNIGHT)).await.expect("begun");
    store.progress_run("r1", landed(10)).await.expect("counted");
    let running = store.run("r1").await.expect("read").expect("there");
    assert_eq!((running.state.as_str(), running.counters, running.ended), ("running", landed(10), None));
    assert_eq!(store.running_runs().await.expect("counted"), 1);
    let error = Some(Text::new("文件损坏", "broken file"));
    store.finish_run("r1", "failed", landed(20), after(9), error.clone(), "[1]").await.expect("ended");
    let ended = store.run("r1").await.expect("read").expect("there");
    assert_eq!((ended.state.as_str(), ended.counters, ended.ended), ("failed", landed(20), Some(after(9))));
    assert_eq!((ended.error, ended.decisions.as_str(), ended.trigger.as_str()), (error, "[1]", "person"));
    assert!(matches!(store.progress_run("r1", landed(1)).await, Err(StoreError::Missing(_))));
    assert!(matches!(store.finish_run("r1", "done", landed(1), after(9), None, "[]").await, Err(StoreError::Missing(_))));
    assert_eq!(store.run("none").await.expect("read"), None);
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_counted_by_day() {
    let (_folder, store) = open().await;
    for n in 0..30i64 {
        let (id, system) = (format!("r{n:02}"), if n % 2 == 0 { "police" } else { "tax" });
        let started = Moment(MIDNIGHT.0 - n * DAY / 2);
        store.start_run(new_run(&id, "person", system, started)).await.expect("begun");
        let state = if n % 3 == 0 { "failed" } else { "done" };
        store.finish_run(&id, state, landed(100), started, None, "[]").await.expect("ended");
    }
    store.start_run(new_run("now", "person", "tax", after(1))).await.expect("begun");
    store.progress_run("now", landed(7)).await.expect("counted");
    let tax = RunFilter { system: Some("tax".into()), ..RunFilter::default() };
    let page = store.runs(&tax, 2, 10).await.expect("listed");
    assert_eq!((page.total, page.entries.len()), (16, 6));
    assert_eq!(page.entries.first().map(|run| run.id.as_str()), Some("r19"));
    let failed = RunFilter { state: Some("failed".into()), resource: Some("person".into()), ..RunFilter::default() };
    assert_eq!(store.runs(&failed, 1, 5).await.expect("listed").total, 10);
    assert_eq!(store.last_run().await.expect("read").map(|run| run.id), Some("now".into()));
    let today = store.runs_since(MIDNIGHT).await.expect("counted");
    assert_eq!((today.total(), today.of("failed"), today.of("running"), today.landed), (2, 1, 1, 107));
    // Midnight UTC is eight in the morning in Ningbo; the run of twelve hours before fell on the day before there.
    let days = store.landed_by_day(after(1), 8 * 3600).await.expect("counted");
    assert_eq!(days.len(), 14);
    assert_eq!(days.last(), Some(&("2026-11-24".to_owned(), 107)));
    assert_eq!(days.first(), Some(&("2026-11-11".to_owned(), 200)));
}

#[tokio::test]
async fn only_runs_of_processes_that_are_gone_are_interrupted() {
    let (folder, store) = open().await;
    let path = folder.path().join("control.sqlite");
    let gone = Store::open(&path).await.expect("opens");
    let alive = Store::open(&path).await.expect("opens");
    store.start_run(new_run("mine", "a", "s", MIDNIGHT)).await.expect("begun");
    gone.start_run(new_run("gone", "b", "s", MIDNIGHT)).await.expect("begun");
    alive.start_run(new_run("alive", "c", "s", MIDNIGHT)).await.expect("begun");
    assert_eq!(store.interrupt_running(after(1)).await.expect("asked"), 0);
    gone.close().await;
    drop(gone);
    assert_eq!(store.interrupt_running(after(2)).await.expect("asked"), 1);
    let run = store.run("gone").await.expect("read").expect("there");
    assert_eq!((run.state.as_str(), run.ended), ("interrupted", Some(after(2))));
    for id in ["mine", "alive"] {
        assert_eq!(store.run(id).await.expect("read").map(|run| run.state), Some("running".into()));
    }
}

#[tokio::test]
async fn states_profiles_panels_and_settings_are_kept_as_given_and_replaced() {
    let (folder, store) = open().await;
    let state = ResourceState {
        resource: "person".into(),
        raw_rows: 5,
        last_success: Some(MIDNIGHT),
        last_error: Some(Text::new("错", "wrong")),
        decisions: "[]".into(),
        ..ResourceState::default()
    };
    store.put_resource_state(ResourceState { raw_rows: 1, ..state.clone() }).await.expect("put");
    store.put_resource_state(state.clone()).await.expect("put");
    store.put_profile("person", "{\"rows\":5}", MIDNIGHT).await.expect("put");
    store.put_preview("person", "[]", after(1)).await.expect("put");
    let panel = PanelRow {
        board: "city".into(),
        panel: "air".into(),
        sql: "select 1".to_owned(),
        columns: "[\"日期\"]".into(),
        rows: "[[1]]".into(),
        as_of: MIDNIGHT,
        error: None,
    };
    store.put_panel(PanelRow { error: Some(Text::new("错", "wrong")), ..panel.clone() }).await.expect("put");
    store.put_panel(panel.clone()).await.expect("put");
    store.put_setting("theme", "light").await.expect("put");
    store.put_setting("theme", "dark").await.expect("put");
    store.close().await;
    assert!(matches!(store.put_setting("theme", "late").await, Err(StoreError::Closed)));

    let store = Store::open(folder.path().join("control.sqlite")).await.expect("opens again");
    assert_eq!(store.resource_states().await.expect("read"), [state.clone()]);
    assert_eq!(store.resource_state("person").await.expect("read"), Some(state));
    assert_eq!(store.profile("person").await.expect("read").map(|found| (found.json, found.as_of)), Some(("{\"rows\":5}".into(), MIDNIGHT)));
    assert_eq!(store.preview("person").await.expect("read").map(|found| found.as_of), Some(after(1)));
    assert_eq!(store.preview("none").await.expect("read"), None);
    assert_eq!(store.panels("city").await.expect("read"), [panel]);
    assert_eq!(store.setting("theme").await.expect("read").as_deref(), Some("dark"));
}
