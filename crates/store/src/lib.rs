//! The control store: what the brain remembers about itself (accounts, runs, refused rows, results).
//! It holds the only SQL over those records; it knows no page, no lake and no clock.

pub mod account;
pub mod batch;
mod cells;
pub mod correction;
pub mod defect;
pub mod drift;
pub mod emergency;
pub mod error;
pub mod figure;
pub mod grading;
pub mod identity;
pub mod leaf;
pub mod message;
mod migrate;
pub mod model;
pub mod open;
pub mod oidc;
pub mod node;
mod owner;
pub mod panel;
pub mod person;
pub mod profile;
pub mod push;
pub mod quality;
pub mod quarantine;
mod reserve;
pub mod resource_state;
pub mod run;
pub mod session;
pub mod setting;
pub mod share;
pub mod undoing;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{ConnectOptions, Row};

pub use account::{AccountRow, Invitation, NewAccount, Rights};
pub use emergency::EmergencyRow;
pub use batch::BatchRow;
pub use drift::{Decision, DriftFilter, DriftRow};
pub use error::StoreError;
pub use leaf::{LeafFilter, LeafRow, NewLeaf};
pub use model::{ModelRunOutcome, ModelRunRow, NewModelRun};
pub use panel::PanelRow;
pub use person::PersonRow;
pub use profile::StoredJson;
pub use quarantine::{CauseRow, QuarantineFilter, QuarantineRow};
pub use resource_state::ResourceState;
pub use run::{NewRun, RunCounters, RunCounts, RunFilter, RunRow};
use owner::Owner;
use reserve::Reserve;
use writer::{Writer, Writing};

/// How long a connection waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(20);
const READERS: u32 = 4;
/// Versions before this one can damage the write-ahead log when it is reset.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// One page of a list; `total` counts all.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    pub entries: Vec<T>,
    pub total: u64,
}

/// The control store. Cheap to clone; several processes may have the same one open.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    readers: SqlitePool,
    owner: Arc<Owner>,
    /// The leaf of the next write.
    leaf: Option<leaf::Pending>,
    evidence: Arc<leaf::Evidence>,
    reads: share::group::Shared,
    reserve: Arc<Reserve>,
}

impl Store {
    /// Opens the store in the file `path`, making or upgrading it as needed.
    pub async fn open(path: impl AsRef<Path>) -> Result<Store, StoreError> {
        let path = path.as_ref();
        let failed = |reason: String| StoreError::Open { path: path.display().to_string(), reason };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What a savepoint would put back is kept in memory, not in a file of its own for each act.
            .pragma("temp_store", "MEMORY")
            .busy_timeout(BUSY);
        let mut connection = connect_patiently(&options).await.map_err(|error| match error {
            StoreError::Database(reason) => failed(reason),
            other => other,
        })?;
        refuse_old_sqlite(&mut connection).await?;
        migrate::migrate(&mut connection).await?;
        let owner = Arc::new(Owner::new(path)?);
        let reserve = Arc::new(Reserve::beside(path));
        let readers = PoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY)
            .connect_lazy_with(options.clone().pragma("query_only", "1"));
        Ok(Store { writer: Writer::start(connection, options), readers, owner, leaf: None, evidence: Arc::default(), reads: Arc::default(), reserve })
    }

    /// Transactions committed by this store since it was opened: each cost one flush of the disk.
    pub fn commits(&self) -> u64 {
        self.writer.commits()
    }

    /// Finishes queued writes and closes the files. Later acts answer `Closed`.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn write<T, F>(&self, act: F) -> Result<T, StoreError>
    where
        T: leaf::Happened + Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Writing<'c, T> + Send + 'static,
    {
        match self.take_leaf()? {
            None => self.writer.write(act).await,
            Some(leaf) => self.write_logged(act, leaf).await,
        }
    }
}

/// Switching a new file to write-ahead logging does not wait for another process doing the same, so we do.
async fn connect_patiently(options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    let began = Instant::now();
    loop {
        match options.connect().await.map_err(StoreError::from) {
            Err(StoreError::Busy) if began.elapsed() < BUSY => tokio::time::sleep(Duration::from_millis(20)).await,
            outcome => return outcome,
        }
    }
}

async fn refuse_old_sqlite(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT sqlite_version() AS version").fetch_one(connection).await?;
    let version: String = row.try_get("version")?;
    match is_old(&version) {
        true => Err(StoreError::SqliteTooOld(version)),
        false => Ok(()),
    }
}

fn is_old(version: &str) -> bool {
    let parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    parts.as_slice() < OLDEST_SQLITE.as_slice()
}

#[cfg(test)]
mod tests {
    #[test]
    fn old_versions_of_sqlite_are_told_by_number_not_by_text() {
        assert!(super::is_old("3.51.2") && super::is_old("3.9.9") && super::is_old("garbage"));
        assert!(!super::is_old("3.51.3") && !super::is_old("3.100.0") && !super::is_old("4.0.0"));
    }
}
