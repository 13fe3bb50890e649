//! Connections to one generation's file, for reading; each with the moment at which what it reads is stopped.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::{ServingError, Shape, file, generation};

/// Connections kept for the next reader; more are opened when more read at once.
const KEPT: usize = 16;
/// How long a reader of a file that was replaced waits for a connection that another has.
const PATIENCE: Duration = Duration::from_secs(1);
/// Instructions of SQLite between two looks at the time: some microseconds.
const STEPS: i32 = 1000;
/// Bytes of the file that are mapped into memory: none. A mapped file that somebody cuts short, or a sector that cannot be read,
/// would end the process; a file that is read gives an error. Two threads would read 116 thousand rows a second instead of 70.
const MAPPED: i64 = 0;

pub(crate) struct Pool {
    pub copy: PathBuf,
    pub file: PathBuf,
    form: i64,
    free: Mutex<Vec<Reader>>,
    given_back: Condvar,
}

struct Reader {
    db: Connection,
    limit: Arc<Limit>,
}

/// When a read is stopped, in nanoseconds since the connection was opened.
struct Limit {
    opened: Instant,
    nanos: AtomicU64,
}

impl Pool {
    /// Opens the present generation at `path`: between reading the link and opening the file a builder may replace both.
    pub fn open_present(path: &Path, form: i64) -> Result<(Pool, Shape), ServingError> {
        let mut tries = 0;
        loop {
            let file = generation::present(path)?;
            match Pool::open(path, &file, form) {
                Err(ServingError::Missing(_)) if tries < 3 && generation::present(path)? != file => tries += 1,
                result => return result,
            }
        }
    }

    /// Opens the file and keeps the first connection.
    fn open(copy: &Path, file: &Path, form: i64) -> Result<(Pool, Shape), ServingError> {
        let pool = Pool { copy: copy.to_owned(), file: file.to_owned(), form, free: Mutex::default(), given_back: Condvar::new() };
        let (reader, shape) = pool.connect()?;
        pool.give_back(reader);
        Ok((pool, shape))
    }

    /// Lets `read` use a connection, for as long as `within` says. Errors: what `read` says, `TooLong`, `Replaced`.
    pub fn read<T>(&self, within: Option<Duration>, read: impl FnOnce(&Connection) -> Result<T, ServingError>) -> Result<T, ServingError> {
        let reader = self.take()?;
        let until = within.map(|within| u64::try_from((reader.limit.opened.elapsed() + within).as_nanos()).unwrap_or(u64::MAX));
        reader.limit.nanos.store(until.unwrap_or(u64::MAX), Ordering::Relaxed);
        let result = read(&reader.db).map_err(|error| error.at(&self.copy));
        reader.limit.nanos.store(u64::MAX, Ordering::Relaxed);
        self.give_back(reader);
        result
    }

    /// The same within one snapshot, for several statements that belong together.
    pub fn snapshot<T>(&self, within: Option<Duration>, read: impl FnOnce(&Connection) -> Result<T, ServingError>) -> Result<T, ServingError> {
        self.read(within, |db| {
            let transaction = db.unchecked_transaction()?;
            let result = read(&transaction)?;
            transaction.finish()?;
            Ok(result)
        })
    }

    fn take(&self) -> Result<Reader, ServingError> {
        if let Some(reader) = self.free().pop() {
            return Ok(reader);
        }
        match self.connect() {
            Ok((reader, _)) => Ok(reader),
            // The file is gone, yet who has it open can read it to the end.
            Err(ServingError::Missing(_)) => {
                let waited = self.given_back.wait_timeout_while(self.free(), PATIENCE, |free| free.is_empty());
                let (mut free, _) = waited.unwrap_or_else(PoisonError::into_inner);
                free.pop().ok_or_else(|| ServingError::Replaced(self.copy.clone()))
            }
            Err(error) => Err(error),
        }
    }

    fn give_back(&self, reader: Reader) {
        // One that was stopped so that its snapshot stayed open would show it to the next reader.
        if !reader.db.is_autocommit() {
            return;
        }
        let mut free = self.free();
        if free.len() < KEPT {
            free.push(reader);
            self.given_back.notify_one();
        }
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        // A list of connections is whole at any moment.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self) -> Result<(Reader, Shape), ServingError> {
        let (db, shape) = file::open(&self.copy, &self.file, self.form, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let limit = Arc::new(Limit { opened: Instant::now(), nanos: AtomicU64::new(u64::MAX) });
        let prepare = || -> Result<(), ServingError> {
            db.execute_batch(&format!("PRAGMA case_sensitive_like = ON; PRAGMA cache_size = -8192; PRAGMA mmap_size = {MAPPED};"))?;
            let looked = limit.clone();
            db.progress_handler(
                STEPS,
                Some(move || {
                    let nanos = looked.nanos.load(Ordering::Relaxed);
                    nanos != u64::MAX && looked.opened.elapsed().as_nanos() >= u128::from(nanos)
                }),
            )?;
            Ok(())
        };
        prepare().map_err(|error| error.at(&self.copy))?;
        Ok((Reader { db, limit }, shape))
    }
}
