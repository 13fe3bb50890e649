//! Portions that a task makes while the one before is checked: asked for one by one, always one ahead.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::database::Target;
use super::wait;
use crate::CollectError;

/// The asking side. Dropping it ends the task.
pub struct Ahead<P> {
    runtime: Handle,
    requests: mpsc::Sender<usize>,
    answers: mpsc::Receiver<Result<P, CollectError>>,
    task: JoinHandle<()>,
    asked: bool,
}

/// The answering side: takes requests for at most so many rows, and answers each.
pub struct Asked<P> {
    requests: mpsc::Receiver<usize>,
    answers: mpsc::Sender<Result<P, CollectError>>,
}

impl<P: Send + 'static> Ahead<P> {
    /// Starts the task that answers.
    pub fn start<F: Future<Output = ()> + Send + 'static>(runtime: &Handle, work: impl FnOnce(Asked<P>) -> F) -> Ahead<P> {
        let (requests, requested) = mpsc::channel(1);
        let (answer, answers) = mpsc::channel(1);
        let task = runtime.spawn(work(Asked { requests: requested, answers: answer }));
        Ahead { runtime: runtime.clone(), requests, answers, task, asked: false }
    }

    /// The next portion. Unless it is the last, the one after it is asked for at once.
    pub fn next(
        &mut self,
        max_rows: usize,
        patience: Duration,
        target: &Target,
        codes: (&'static str, &'static str),
        is_last: impl FnOnce(&P) -> bool,
    ) -> Result<P, CollectError> {
        let (late, gone) = codes;
        let gone = || target.error(gone, "连接意外结束。", "The connection ended unexpectedly.").transient();
        if !self.asked {
            // A task that ended at once has left an answer that says why.
            let _ = self.requests.try_send(max_rows);
        }
        let answers = &mut self.answers;
        let answer = wait(&self.runtime, async { timeout(patience, answers.recv()).await });
        let portion = answer.map_err(|_| target.late(late, patience))?.ok_or_else(gone)??;
        // When the task is gone, the next call says so.
        self.asked = !is_last(&portion) && self.requests.try_send(max_rows).is_ok();
        Ok(portion)
    }
}

impl<P> Drop for Ahead<P> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<P> Asked<P> {
    /// How many rows the next portion may have; `None` when nobody wants one.
    pub async fn request(&mut self) -> Option<usize> {
        self.requests.recv().await
    }

    /// Whether anybody took it.
    pub async fn answer(&self, portion: Result<P, CollectError>) -> bool {
        self.answers.send(portion).await.is_ok()
    }
}
