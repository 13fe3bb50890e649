//! The one writer: acts queue up, many share one transaction, and each is answered only once that is durable.
//!
//! A disk flush takes milliseconds while an act takes microseconds, so acts that arrive during a flush wait
//! for the next one together. Each act runs in a savepoint of its own: one that fails undoes only itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;

/// What an act gives back while it borrows the writer's connection.
pub(crate) type Writing<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

/// Acts that may wait in the queue before further ones wait to be let in.
const QUEUE: usize = 4_096;
/// Acts that may share one transaction.
const GROUP: usize = 512;
/// A group is closed after this long, so that a stream of slow acts cannot hold back the first answer.
const GROUP_TIME: Duration = Duration::from_millis(50);
/// How long an act may wait to be let into the queue.
const ADMISSION: Duration = Duration::from_secs(30);

/// The way to the writer; cheap to clone.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    commits: Arc<AtomicU64>,
}

enum Message {
    Act(Box<dyn Act>),
    Close(oneshot::Sender<()>),
}

/// A queued act with its result type forgotten.
trait Act: Send {
    /// Runs it; true when it is to be kept.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> Pin<Box<dyn Future<Output = bool> + Send + 'c>>;
    /// Tells who asked; `lost` says why the transaction as a whole was not committed.
    fn answer(self: Box<Self>, lost: Option<&StoreError>);
}

struct Waiting<T, F> {
    act: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Act for Waiting<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Writing<'c, T> + Send + 'static,
{
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> Pin<Box<dyn Future<Output = bool> + Send + 'c>> {
        Box::pin(async move {
            let Some(act) = self.act.take() else { return false };
            let outcome = act(connection).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn answer(self: Box<Self>, lost: Option<&StoreError>) {
        let outcome = match (self.outcome, lost) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(lost)) => Err(lost.again()),
            (Some(done), None) => done,
            (None, None) => Err(StoreError::Closed),
        };
        // Who asked may have gone away; the act is durable all the same.
        let _ = self.reply.send(outcome);
    }
}

impl Writer {
    /// Starts the writer on its first connection; later ones are made from `options` when a commit failed.
    pub(crate) fn start(connection: SqliteConnection, options: SqliteConnectOptions) -> Writer {
        let (queue, inbox) = mpsc::channel(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        tokio::spawn(serve(inbox, connection, options, commits.clone()));
        Writer { queue, commits }
    }

    /// Runs `act` inside a transaction and answers when it is on disk.
    pub(crate) async fn write<T, F>(&self, act: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Writing<'c, T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let waiting = Box::new(Waiting { act: Some(act), outcome: None, reply });
        match tokio::time::timeout(ADMISSION, self.queue.send(Message::Act(waiting))).await {
            Ok(Ok(())) => answer.await.unwrap_or(Err(StoreError::Closed)),
            Ok(Err(_)) => Err(StoreError::Closed),
            Err(_) => Err(StoreError::Busy),
        }
    }

    /// Transactions committed so far.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Finishes what is queued and lets the connection go.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

async fn serve(mut inbox: mpsc::Receiver<Message>, first: SqliteConnection, options: SqliteConnectOptions, commits: Arc<AtomicU64>) {
    let mut connection = Some(first);
    let mut closing = None;
    while closing.is_none() {
        let act = match inbox.recv().await {
            Some(Message::Act(act)) => act,
            Some(Message::Close(done)) => {
                closing = Some(done);
                break;
            }
            None => break,
        };
        let mut group = vec![act];
        let result = match take_connection(&mut connection, &options).await {
            Ok(mut live) => {
                let result = commit_group(&mut live, &mut group, &mut inbox, &mut closing).await;
                match &result {
                    Ok(()) => connection = Some(live),
                    // After a failed commit the connection's state is in doubt: the next group gets a new one.
                    Err(_) => drop(live.close().await),
                }
                result
            }
            Err(error) => Err(error),
        };
        match &result {
            Ok(()) => drop(commits.fetch_add(1, Ordering::Relaxed)),
            Err(error) => tracing::error!(%error, acts = group.len(), "a group of writes was not committed"),
        }
        for act in group {
            act.answer(result.as_ref().err());
        }
    }
    if let Some(connection) = connection {
        let _ = connection.close().await;
    }
    if let Some(done) = closing {
        let _ = done.send(());
    }
}

async fn take_connection(kept: &mut Option<SqliteConnection>, options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    match kept.take() {
        Some(connection) => Ok(connection),
        None => Ok(options.connect().await?),
    }
}

/// Runs the first act and those that have queued meanwhile, then commits them all.
async fn commit_group(
    connection: &mut SqliteConnection,
    group: &mut Vec<Box<dyn Act>>,
    inbox: &mut mpsc::Receiver<Message>,
    closing: &mut Option<oneshot::Sender<()>>,
) -> Result<(), StoreError> {
    let began = Instant::now();
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut next = 0;
    while let Some(act) = group.get_mut(next) {
        let mut savepoint = transaction.begin().await?;
        match act.run(&mut savepoint).await {
            true => savepoint.commit().await?,
            false => savepoint.rollback().await?,
        }
        next += 1;
        if group.len() < GROUP && began.elapsed() < GROUP_TIME && closing.is_none() {
            match inbox.try_recv() {
                Ok(Message::Act(act)) => group.push(act),
                Ok(Message::Close(done)) => *closing = Some(done),
                Err(_) => {}
            }
        }
    }
    Ok(transaction.commit().await?)
}
