//! Several resources at once, as many as the machine bears; failures of one leave the others alone.

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::shut::Lock;
use crate::Desk;
use crate::view::{RunState, RunView};

/// Runs side by side. More would only queue for the same disk and cores, and each holds two batches in memory.
const RUNS_AT_ONCE: usize = 3;

/// How a collection of several resources ended.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub runs: Vec<RunView>,
    /// Runs that could not even be written down, as when the control store cannot be written; the log says why.
    pub unrecorded: usize,
}

impl Outcome {
    pub fn failed(&self) -> usize {
        self.unrecorded + self.runs.iter().filter(|run| run.state == RunState::Failed).count()
    }
}

impl Desk {
    pub(super) async fn collect_all(&self, resources: Vec<String>, trigger: &'static str, lock: Lock) -> Outcome {
        let waiting = Arc::new(Mutex::new(resources.into_iter().rev().collect::<Vec<_>>()));
        let (landed, changes) = mpsc::unbounded_channel();
        let settling = tokio::spawn(self.clone().settle(changes));
        let mut workers = JoinSet::new();
        for _ in 0..RUNS_AT_ONCE {
            let (desk, waiting, landed) = (self.clone(), waiting.clone(), landed.clone());
            workers.spawn(async move { desk.work_off(&waiting, trigger, &landed).await });
        }
        drop(landed);
        let mut outcome = Outcome::default();
        while let Some(done) = workers.join_next().await {
            match done {
                Ok((runs, unrecorded)) => {
                    outcome.runs.extend(runs);
                    outcome.unrecorded += unrecorded;
                }
                Err(error) => tracing::error!(%error, "a collection worker ended unexpectedly"),
            }
        }
        drop(lock);
        outcome.runs.sort_by(|a, b| a.id.cmp(&b.id));
        // Pages are complete when the boards are: a command that waits for the collection waits for them too.
        let _ = settling.await;
        outcome
    }

    async fn work_off(&self, waiting: &Mutex<Vec<String>>, trigger: &'static str, landed: &mpsc::UnboundedSender<String>) -> (Vec<RunView>, usize) {
        let (mut runs, mut unrecorded) = (Vec::new(), 0);
        loop {
            let next = waiting.lock().unwrap_or_else(|e| e.into_inner()).pop();
            let Some(resource) = next else { return (runs, unrecorded) };
            match self.collect_resource(&resource, trigger).await {
                Ok((run, more)) => {
                    if more {
                        waiting.lock().unwrap_or_else(|e| e.into_inner()).insert(0, resource);
                    }
                    if run.landed + run.removed + run.missing > 0 {
                        let _ = landed.send(run.resource.clone());
                    }
                    runs.push(run);
                }
                Err(error) => {
                    unrecorded += 1;
                    tracing::error!(%error, resource, "run could not be recorded");
                }
            }
        }
    }
}
