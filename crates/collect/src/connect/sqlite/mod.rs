//! SQLite: a table or view of a database file, read in one read transaction that never writes.

mod rows;
mod table;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use data::declare::Resource;
use kernel::Text;
use rusqlite::{Connection, ErrorCode, InterruptHandle, OpenFlags};

use self::rows::Portion;
use self::table::{Problem, Table};
use super::hint;
use crate::position::FileMark;
use crate::source::Decision;
use crate::{CollectError, Position, Progress, RawBatch, Source};

/// How long a writer may keep us waiting for its lock.
const BUSY: Duration = Duration::from_secs(10);
/// How long the database may take for one batch (a view may have to sort first).
const PATIENCE: Duration = Duration::from_secs(600);

/// Opens the table that a resource names, after what was read before.
pub fn open(path: &Path, resource: &Resource, position: &Position) -> Result<Box<dyn Source>, CollectError> {
    let name = file_name(path);
    let connection = connect(path, &name)?;
    let table = Table::plan(&connection, &resource.collect.from, Some(resource), position)
        .map_err(|problem| problem.into_error(&name))?;
    start(connection, table, &name, position.clone(), Vec::new())
}

/// Opens a table of a database file never seen before; without a name, the first one.
pub fn open_file(path: &Path, table: Option<&str>) -> Result<Box<dyn Source>, CollectError> {
    open_named(path, &file_name(path), table)
}

/// The same, where the file goes by another name in messages.
pub fn open_named(path: &Path, name: &str, table: Option<&str>) -> Result<Box<dyn Source>, CollectError> {
    let connection = connect(path, name)?;
    let present = table::tables(&connection).map_err(|error| failed(name, &error))?;
    let mut decisions = Vec::new();
    let chosen = match table {
        Some(table) => table.to_owned(),
        None => {
            let first = present.first().ok_or_else(|| {
                CollectError::new("sqlite.empty", name, "数据库中没有表。", "The database has no tables.")
            })?;
            decisions.push(first_table(first, &present));
            first.clone()
        }
    };
    let position = Position::default();
    let table =
        Table::plan(&connection, &chosen, None, &position).map_err(|problem: Problem| problem.into_error(name))?;
    start(connection, table, name, position, decisions)
}

/// Whether a file is a SQLite database, by its first sixteen bytes.
pub fn is_database(first_bytes: &[u8]) -> bool {
    first_bytes.starts_with(b"SQLite format 3\0")
}

fn first_table(first: &str, present: &[String]) -> Decision {
    let why = match present.len() {
        1 => Text::new("数据库中只有这一张表。", "It is the only table of the database."),
        _ => Text::new(
            format!("未声明表名，取第一张。{}", hint("", present).0),
            format!("No table was declared: the first one is taken. {}", hint("", present).1),
        ),
    };
    Decision { what: "table".to_owned(), about: String::new(), chosen: first.to_owned(), why }
}

fn connect(path: &Path, name: &str) -> Result<Connection, CollectError> {
    if !path.is_file() {
        return Err(super::missing_file(path, "sqlite.missing"));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        // A view of a hostile database must not call functions with side effects, nor we write by mistake.
        connection.execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; BEGIN; SELECT count(*) FROM sqlite_master;",
        )?;
        Ok(connection)
    };
    open().map_err(|error| failed(name, &error))
}

/// An error of SQLite, said so that a reader knows what to do.
pub(super) fn failed(name: &str, error: &rusqlite::Error) -> CollectError {
    let (code, transient, zh, en) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            "sqlite.busy",
            true,
            "数据库正被其他程序锁定，请稍后再试",
            "Another program has locked the database: try again later",
        ),
        Some(ErrorCode::NotADatabase) => {
            ("sqlite.format", false, "不是 SQLite 数据库", "This is not a SQLite database")
        }
        Some(ErrorCode::DatabaseCorrupt) => ("sqlite.corrupt", false, "数据库已损坏", "The database is corrupt"),
        Some(ErrorCode::CannotOpen) => (
            "sqlite.open",
            false,
            "无法打开数据库（请检查文件权限）",
            "The database cannot be opened (check the permissions)",
        ),
        _ => ("sqlite.read", false, "无法读取数据库", "The database cannot be read"),
    };
    let error = CollectError::new(code, name, format!("{zh}：{error}"), format!("{en}: {error}"));
    if transient { error.transient() } else { error }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Starts the thread that owns the connection; it reads only when asked.
fn start(
    connection: Connection,
    table: Table,
    name: &str,
    position: Position,
    decisions: Vec<Decision>,
) -> Result<Box<dyn Source>, CollectError> {
    let file: Arc<str> = format!("{name}#{}", table.name).into();
    let rows_total: i64 = connection
        .query_row(&table.count, rusqlite::params_from_iter(&table.from), |row| row.get(0))
        .map_err(|error| failed(name, &error))?;
    let interrupt = connection.get_interrupt_handle();
    let (requests, requested) = sync_channel(1);
    let (answer, answers) = sync_channel(1);
    let table_name = table.name.clone();
    let thread_file = file.clone();
    let work = move || {
        if let Err(error) = rows::serve(&connection, &table, &thread_file, &requested, &answer) {
            // Nobody listens any more when the source was dropped; then the error is of no use.
            let _ = answer.send(Err(error));
        }
    };
    std::thread::Builder::new().name("sqlite".to_owned()).spawn(work).map_err(|error| {
        CollectError::new(
            "sqlite.thread",
            name,
            format!("无法启动读取线程：{error}"),
            format!("The reading thread cannot be started: {error}"),
        )
        .transient()
    })?;
    Ok(Box::new(SqliteSource {
        name: name.to_owned(),
        table: table_name,
        requests,
        answers,
        interrupt,
        position: Position { files: Default::default(), cursor: position.cursor },
        decisions,
        progress: Progress { rows_total: u64::try_from(rows_total).ok(), ..Progress::default() },
        ended: false,
    }))
}

struct SqliteSource {
    name: String,
    table: String,
    requests: SyncSender<usize>,
    answers: Receiver<rusqlite::Result<Option<Portion>>>,
    interrupt: InterruptHandle,
    position: Position,
    decisions: Vec<Decision>,
    progress: Progress,
    ended: bool,
}

impl SqliteSource {
    fn ask(&mut self, max_rows: usize) -> Result<Option<Portion>, CollectError> {
        let gone =
            || CollectError::new("sqlite.read", &self.name, "读取线程已中断。", "The reading thread has stopped.");
        self.requests.send(max_rows).map_err(|_| gone())?;
        match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => answer.map_err(|error| failed(&self.name, &error)),
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
            Err(RecvTimeoutError::Timeout) => Err(CollectError::new(
                "sqlite.timeout",
                &self.name,
                format!("数据库超过 {} 秒没有给出下一批数据。", PATIENCE.as_secs()),
                format!("The database gave no rows for {} seconds.", PATIENCE.as_secs()),
            )
            .transient()),
        }
    }
}

impl Source for SqliteSource {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        if self.ended {
            return Ok(None);
        }
        let portion = self.ask(max_rows).inspect_err(|_| self.ended = true)?;
        let rows = portion.as_ref().map_or(0, |portion| portion.batch.rows() as u64);
        self.progress.rows += rows;
        self.ended = portion.is_none();
        let mark = FileMark { hash: String::new(), length: 0, rows: self.progress.rows, complete: self.ended, ..FileMark::default() };
        self.position.files.insert(self.table.clone(), mark);
        Ok(portion.map(|portion| {
            self.position.cursor = portion.cursor.or_else(|| self.position.cursor.take());
            portion.batch
        }))
    }

    fn position(&self) -> Position {
        self.position.clone()
    }

    fn decisions(&self) -> Vec<Decision> {
        self.decisions.clone()
    }

    fn progress(&self) -> Progress {
        self.progress
    }
}

impl Drop for SqliteSource {
    fn drop(&mut self) {
        self.interrupt.interrupt();
    }
}
