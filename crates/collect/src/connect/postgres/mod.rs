//! PostgreSQL: a table or view streamed by COPY out of one read-only snapshot, and its changes by replication.

mod copy;
mod replication;
mod table;

use std::str::FromStr;
use std::sync::Arc;

use data::declare::{Mode, Resource};
use futures::StreamExt;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::copy::{CopyReader, Step};
use self::replication::{Course, Mark};
use self::table::Table;
use super::database::{CONNECT, IDLE, PLAN, Server, Target, hosts, noted};
use super::gather::Gather;
use super::network::Network;
use super::{Context, wait};
use crate::position::FileMark;
use crate::source::Decision;
use crate::{CollectError, Position, Progress, RawBatch, Source};

/// Rows are handed over in pieces of about this size; few of them lie ready.
const PIECE: usize = 256 << 10;
const PIECES: usize = 4;
/// Longest record, in bytes.
const RECORD_LIMIT: usize = 64 << 20;

/// Opens the table that a resource names, after what was read before.
pub fn open(
    ctx: &Context,
    system: &str,
    url: &str,
    resource: &Resource,
    position: &Position,
) -> Result<Box<dyn Source>, CollectError> {
    let url = ctx.filled_url(system, url)?;
    let options = PgConnectOptions::from_str(&url).map_err(|_| {
        // The parser's own message could repeat the password.
        CollectError::new(
            "postgres.url",
            system,
            "数据库地址无效，应为 postgres://用户:${密码变量}@主机:5432/数据库。",
            "The address is not valid; it should be postgres://user:${PASSWORD}@host:5432/database.",
        )
    })?;
    let options = options.application_name("sanjiang").statement_cache_capacity(0).disable_statement_logging();
    let database = options.get_database().unwrap_or(options.get_username()).to_owned();
    let target = Target::new(format!("{}:{}/{database}", options.get_host(), options.get_port()), &url);
    let connect = || wait(&ctx.runtime, connect(&ctx.network, options, &target));
    let (mut connection, options) = noted(ctx, system, connect)?;
    let late = |_| target.late("postgres.timeout", PLAN);
    let mut course = None;
    if resource.collect.mode == Mode::Replication {
        let replication = replication::course(&mut connection, &target, resource, position);
        let planned = wait(&ctx.runtime, async { timeout(PLAN * 2, replication).await.map_err(late)? })?;
        if !planned.mark.unread {
            return Ok(replication::open(ctx, connection, (options, &database), target, resource, planned, position));
        }
        course = Some(planned);
    }
    let plan = table::plan(&mut connection, &target, resource, position);
    let table = wait(&ctx.runtime, async { timeout(PLAN, plan).await.map_err(late)? })?;
    if table.fields.is_empty() {
        return Err(target.error("postgres.no_columns", "这张表没有列。", "The table has no columns."));
    }
    let (pieces, received) = mpsc::channel(PIECES);
    let task = ctx.runtime.spawn(stream(connection, table.copy.clone(), pieces));
    let mut source = PostgresSource::new(ctx, target, &database, table, position, received, task);
    if let Some(Course { mut mark, decisions, .. }) = course {
        // The stream leaves out what the first of several tries showed: what came since is told once more.
        mark.snapshot = mark.snapshot.or_else(|| source.table.snapshot.take());
        source.position.cursor = Some(mark.text());
        source.mark = Some(mark);
        source.table.decisions.extend(decisions);
    }
    Ok(Box::new(source))
}

/// Connects, and says how: with the very address that was allowed.
async fn connect(
    network: &Network,
    options: PgConnectOptions,
    target: &Target,
) -> Result<(PgConnection, PgConnectOptions), CollectError> {
    let fail = |error: sqlx::Error| failed(target, &error);
    let connected = timeout(CONNECT, async {
        let server = Server {
            host: options.get_host(),
            by_socket: options.get_socket().is_some() || options.get_host().starts_with('/'),
            by_name: matches!(options.get_ssl_mode(), PgSslMode::VerifyFull),
        };
        let hosts = hosts(network, server).await.map_err(|unreached| target.unreached(unreached, failed))?;
        let mut refused = None;
        for host in hosts {
            let options = options.clone().host(&host);
            match session(&options).await {
                Ok(connection) => return Ok((connection, options)),
                Err(error) => refused = Some(error),
            }
        }
        Err(fail(refused.unwrap_or(sqlx::Error::PoolClosed)))
    });
    connected.await.map_err(|_| target.late("postgres.connect", CONNECT))?
}

/// A connection in which values are written as everywhere, whatever the account or the database is set to. Settings that
/// a server of the family does not know are left out.
async fn session(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let mut connection = options.connect().await?;
    sqlx::raw_sql(
        "SELECT set_config(name, CASE name WHEN 'bytea_output' THEN 'hex' ELSE 'postgres' END, false)
         FROM pg_settings WHERE name IN ('bytea_output', 'IntervalStyle')",
    )
    .execute(&mut connection)
    .await?;
    Ok(connection)
}

/// Sends the answer of COPY in pieces; ends when all is sent or nobody listens.
async fn stream(mut connection: PgConnection, copy: String, pieces: mpsc::Sender<sqlx::Result<Vec<u8>>>) {
    let mut rows = match connection.copy_out_raw(&copy).await {
        Ok(rows) => rows,
        Err(error) => {
            // A send fails only when the source was dropped; then the error is of no use.
            let _ = pieces.send(Err(error)).await;
            return;
        }
    };
    let mut piece = Vec::with_capacity(PIECE);
    while let Some(bytes) = rows.next().await {
        match bytes {
            Ok(bytes) => piece.extend_from_slice(&bytes),
            Err(error) => {
                let _ = pieces.send(Err(error)).await;
                return;
            }
        }
        if piece.len() >= PIECE
            && pieces.send(Ok(std::mem::replace(&mut piece, Vec::with_capacity(PIECE)))).await.is_err()
        {
            return;
        }
    }
    // An empty piece says that the end was reached, and not that the task was stopped.
    let last = if piece.is_empty() { Ok(()) } else { pieces.send(Ok(piece)).await };
    if last.is_ok() {
        let _ = pieces.send(Ok(Vec::new())).await;
    }
}

struct PostgresSource {
    runtime: tokio::runtime::Handle,
    target: Target,
    file: Arc<str>,
    table: Table,
    received: mpsc::Receiver<sqlx::Result<Vec<u8>>>,
    task: JoinHandle<()>,
    reader: CopyReader,
    gather: Gather,
    position: Position,
    progress: Progress,
    /// How far replication is, while it reads the whole table.
    mark: Option<Mark>,
    received_all: bool,
    failed: bool,
}

impl PostgresSource {
    fn new(
        ctx: &Context,
        target: Target,
        database: &str,
        table: Table,
        position: &Position,
        received: mpsc::Receiver<sqlx::Result<Vec<u8>>>,
        task: JoinHandle<()>,
    ) -> PostgresSource {
        PostgresSource {
            runtime: ctx.runtime.clone(),
            file: format!("{database}#{}", table.name).into(),
            gather: Gather::new(table.fields.clone().into()),
            position: Position { files: Default::default(), cursor: position.cursor.clone() },
            progress: Progress { rows_total: table.rows_total, ..Progress::default() },
            reader: CopyReader::default(),
            target,
            table,
            received,
            task,
            mark: None,
            received_all: false,
            failed: false,
        }
    }

    /// Waits for the next piece of the answer.
    fn receive(&mut self) -> Result<(), CollectError> {
        let received = &mut self.received;
        let piece = wait(&self.runtime, async { timeout(IDLE, received.recv()).await });
        let piece = piece.map_err(|_| self.target.late("postgres.timeout", IDLE))?;
        let piece = piece.ok_or_else(|| self.broken("连接意外结束", "The connection ended unexpectedly"))?;
        let piece = piece.map_err(|error| failed(&self.target, &error))?;
        self.received_all = piece.is_empty();
        self.progress.bytes += piece.len() as u64;
        if self.received_all && self.reader.pending() > 0 {
            return Err(self.broken("最后一条记录不完整", "The last record is incomplete"));
        }
        if self.reader.pending() > RECORD_LIMIT {
            return Err(CollectError::new(
                "postgres.record_too_large",
                &self.target.shown,
                format!("第 {} 条记录超过 64 MiB。", self.progress.rows + 1),
                format!("Record {} is larger than 64 MiB.", self.progress.rows + 1),
            ));
        }
        self.reader.push(&piece);
        Ok(())
    }

    /// Gathers records until the batch is full or the answer ends.
    fn gather(&mut self, max_rows: usize) -> Result<(), CollectError> {
        while !self.gather.is_full(max_rows) {
            let place = self.table.cursor;
            let cursor = &mut self.position.cursor;
            let mut note = |field, text: &str| {
                if place == Some(field) {
                    *cursor = Some(text.to_owned());
                }
            };
            match self.reader.record(&mut self.gather, &self.table.fields, &mut note) {
                Step::Record => {
                    self.progress.rows += 1;
                    self.gather.end_record(self.progress.rows);
                }
                Step::More if self.received_all => return Ok(()),
                Step::More => self.receive()?,
                Step::Broken => {
                    return Err(self.broken("服务器的回答不是约定的格式", "The answer is not in the form agreed"));
                }
            }
        }
        Ok(())
    }

    fn broken(&self, zh: &str, en: &str) -> CollectError {
        CollectError::new("postgres.stream", &self.target.shown, format!("{zh}。"), format!("{en}.")).transient()
    }
}

impl Source for PostgresSource {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        if self.failed {
            return Err(self.broken("读取已失败", "Reading has failed already"));
        }
        self.gather(max_rows).inspect_err(|_| self.failed = true)?;
        let batch = self.gather.finish(&self.file);
        let mark = FileMark { hash: String::new(), length: 0, rows: self.progress.rows, complete: batch.is_none(), ..FileMark::default() };
        self.position.files.insert(self.table.name.clone(), mark);
        if let Some(mark) = self.mark.as_ref().filter(|_| batch.is_none()) {
            let read = Mark { unread: false, ..mark.clone() };
            self.position.cursor = Some(read.text());
        }
        Ok(batch)
    }

    fn renews(&self) -> bool {
        self.mark.is_some()
    }

    fn more(&self) -> bool {
        self.mark.is_some()
    }

    fn position(&self) -> Position {
        self.position.clone()
    }

    fn decisions(&self) -> Vec<Decision> {
        self.table.decisions.clone()
    }

    fn progress(&self) -> Progress {
        self.progress
    }
}

impl Drop for PostgresSource {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An error of the server or the network, said so that a reader knows what to do.
fn failed(target: &Target, error: &sqlx::Error) -> CollectError {
    let state = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
    let (code, transient, zh, en) = match (error, state.as_str()) {
        (sqlx::Error::Io(_) | sqlx::Error::Tls(_), _) => {
            ("postgres.connect", true, "无法连接数据库", "The database cannot be reached")
        }
        (_, "28000" | "28P01") => {
            ("postgres.login", false, "账号或密码不被接受", "The account or password is not accepted")
        }
        (_, "42501") => {
            ("postgres.permission", false, "账号没有读取这张表的权限", "The account may not read this table")
        }
        (_, "3D000") => {
            ("postgres.database_missing", false, "服务器上没有这个数据库", "The server has no such database")
        }
        // Connection, resources, operator intervention, serialisation: another time it may go well.
        (_, state) if ["08", "53", "57", "40", "55"].iter().any(|class| state.starts_with(class)) => {
            ("postgres.unavailable", true, "数据库暂时不可用", "The database is not available at present")
        }
        _ => ("postgres.read", false, "无法读取数据库", "The database cannot be read"),
    };
    let error = target.failed(code, error, zh, en);
    if transient { error.transient() } else { error }
}
