//! Runs of models, kept as they began and as they ended.

use kernel::Text;
use store::model::{ModelRunOutcome, NewModelRun};
use store::{Store, StoreError};

use crate::{MIDNIGHT, after, open};

fn new_run(id: &str, model: &str, seconds: i64) -> NewModelRun {
    NewModelRun {
        id: id.into(),
        model: model.into(),
        trigger: "command".into(),
        made_from: "{\"text\":1}".into(),
        started: after(seconds),
    }
}

#[tokio::test]
async fn the_newest_and_the_last_good_run_of_each_model_are_known() {
    let (_folder, store) = open().await;
    let good = ModelRunOutcome {
        given: 3,
        rows: 12,
        added: true,
        version: 4,
    };
    store.start_model_run(new_run("a1", "topic.a", 1)).await.expect("begun");
    store.finish_model_run("a1", after(2), Ok(good)).await.expect("ended");
    store.start_model_run(new_run("a2", "topic.a", 3)).await.expect("begun");
    let error = Text::new("除数为零", "division by zero");
    store.finish_model_run("a2", after(4), Err(error.clone())).await.expect("ended");
    store.start_model_run(new_run("b1", "topic.b", 5)).await.expect("begun");
    assert!(matches!(
        store.finish_model_run("a2", after(4), Ok(good)).await,
        Err(StoreError::Missing(_))
    ));
    let newest = store.newest_model_runs().await.expect("read");
    let told: Vec<_> = newest.iter().map(|run| (run.id.as_str(), run.state.as_str())).collect();
    assert_eq!(told, [("a2", "failed"), ("b1", "running")]);
    assert_eq!((newest[0].error.clone(), newest[0].ended), (Some(error), Some(after(4))));
    let last_good = store.last_good_model_runs().await.expect("read");
    assert_eq!(
        last_good.iter().map(|run| (run.id.as_str(), run.outcome)).collect::<Vec<_>>(),
        [("a1", good)]
    );
    let page = store.model_runs("topic.a", 2, 1).await.expect("read");
    assert_eq!((page.total, page.entries[0].id.as_str()), (2, "a1"));
}

#[tokio::test]
async fn a_run_whose_process_is_gone_is_interrupted() {
    let (folder, store) = open().await;
    let gone = Store::open(folder.path().join("control.sqlite")).await.expect("opens");
    gone.start_model_run(new_run("gone", "topic.a", 1)).await.expect("begun");
    gone.close().await;
    drop(gone);
    store.interrupt_running(MIDNIGHT).await.expect("asked");
    let newest = store.newest_model_runs().await.expect("read");
    assert_eq!((newest[0].state.as_str(), newest[0].ended), ("interrupted", Some(MIDNIGHT)));
}
