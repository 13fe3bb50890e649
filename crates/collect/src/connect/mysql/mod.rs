//! MySQL, MariaDB and those that speak their protocol: a table or view streamed out of one read-only snapshot.

mod rows;
mod table;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use data::declare::Resource;
use sqlx::ConnectOptions;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlSslMode};
use tokio::time::timeout;

use self::rows::{Portion, serve};
use self::table::Table;
use super::ahead::Ahead;
use super::database::{CONNECT, PLAN, Server, Target, hosts, noted};
use super::network::Network;
use super::{Context, wait};
use crate::position::FileMark;
use crate::source::Decision;
use crate::{CollectError, Position, Progress, RawBatch, Source};

/// How long the server may take for one batch (it may have to sort first).
const PATIENCE: Duration = Duration::from_secs(600);

/// Opens the table that a resource names, after what was read before.
pub fn open(
    ctx: &Context,
    system: &str,
    url: &str,
    resource: &Resource,
    position: &Position,
) -> Result<Box<dyn Source>, CollectError> {
    let url = ctx.filled_url(system, url)?;
    let options = MySqlConnectOptions::from_str(&url).map_err(|_| {
        // The parser's own message could repeat the password.
        CollectError::new(
            "mysql.url",
            system,
            "数据库地址无效，应为 mysql://用户:${密码变量}@主机:3306/数据库。",
            "The address is not valid; it should be mysql://user:${PASSWORD}@host:3306/database.",
        )
    })?;
    // What these settings ask for is set by the plan, in a form that every server of the family knows.
    let options = options.pipes_as_concat(false).no_engine_substitution(false).timezone(None::<String>);
    let options = options.statement_cache_capacity(0).disable_statement_logging();
    let database = options.get_database().unwrap_or_default().to_owned();
    let target = Target::new(format!("{}:{}/{database}", options.get_host(), options.get_port()), &url);
    let connect = || wait(&ctx.runtime, connect(&ctx.network, &options, &target));
    let mut connection = noted(ctx, system, connect)?;
    let table = wait(&ctx.runtime, async {
        let plan = table::plan(&mut connection, &target, resource, position);
        timeout(PLAN, plan).await.map_err(|_| target.late("mysql.timeout", PLAN))?
    })?;
    if table.fields.is_empty() {
        return Err(target.error("mysql.no_columns", "这张表没有列。", "The table has no columns."));
    }
    let table = Arc::new(table);
    let file = table.name.as_str().into();
    let (reading, at) = (table.clone(), target.clone());
    let rows = Ahead::start(&ctx.runtime, |asked| serve(connection, at, reading, file, asked));
    Ok(Box::new(MysqlSource {
        progress: Progress { rows_total: table.rows_total, ..Progress::default() },
        position: Position { files: Default::default(), cursor: position.cursor.clone() },
        target,
        table,
        rows,
        ended: false,
    }))
}

/// Connects to an address that was allowed.
async fn connect(network: &Network, options: &MySqlConnectOptions, target: &Target) -> Result<MySqlConnection, CollectError> {
    let connected = timeout(CONNECT, async {
        let server = Server {
            host: options.get_host(),
            by_socket: options.get_socket().is_some(),
            by_name: matches!(options.get_ssl_mode(), MySqlSslMode::VerifyIdentity),
        };
        let hosts = hosts(network, server).await.map_err(|unreached| target.unreached(unreached, failed))?;
        let mut refused = None;
        for host in hosts {
            match options.clone().host(&host).connect().await {
                Ok(connection) => return Ok(connection),
                Err(error) => refused = Some(error),
            }
        }
        Err(failed(target, &refused.unwrap_or(sqlx::Error::PoolClosed)))
    });
    connected.await.map_err(|_| target.late("mysql.connect", CONNECT))?
}

struct MysqlSource {
    target: Target,
    table: Arc<Table>,
    rows: Ahead<Portion>,
    position: Position,
    progress: Progress,
    ended: bool,
}

impl Source for MysqlSource {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        if self.ended {
            return Ok(None);
        }
        let codes = ("mysql.timeout", "mysql.stream");
        let portion = self.rows.next(max_rows, PATIENCE, &self.target, codes, |portion| portion.batch.is_none());
        let Portion { batch, cursor } = portion.inspect_err(|_| self.ended = true)?;
        self.ended = batch.is_none();
        if let Some(batch) = &batch {
            self.progress.rows += batch.rows() as u64;
            self.progress.bytes += batch.columns.iter().map(|column| column.value_data().len() as u64).sum::<u64>();
        }
        self.position.cursor = cursor.or_else(|| self.position.cursor.take());
        let mark = FileMark { rows: self.progress.rows, complete: self.ended, ..FileMark::default() };
        self.position.files.insert(self.table.name.clone(), mark);
        Ok(batch)
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

/// The number that the server gives an error; 0 when it is not the server's.
fn number(error: &sqlx::Error) -> u16 {
    let error = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
    error.map_or(0, MySqlDatabaseError::number)
}

/// An error of the server or the network, said so that a reader knows what to do.
fn failed(target: &Target, error: &sqlx::Error) -> CollectError {
    let (code, transient, zh, en) = match (error, number(error)) {
        (sqlx::Error::Io(_) | sqlx::Error::Tls(_), _) => {
            ("mysql.connect", true, "无法连接数据库", "The database cannot be reached")
        }
        (_, 1045 | 1698 | 1251) => {
            ("mysql.login", false, "账号或密码不被接受", "The account or password is not accepted")
        }
        (_, 1044 | 1142 | 1143 | 1227) => {
            ("mysql.permission", false, "账号没有读取这张表的权限", "The account may not read this table")
        }
        (_, 1049) => ("mysql.database_missing", false, "服务器上没有这个数据库", "The server has no such database"),
        // Too many connections, shutting down, killed, locks, a table that is just being changed: later it may go well.
        (_, 1040 | 1053 | 1152 | 1203 | 1205 | 1213 | 1226 | 1317 | 1412 | 1927 | 1969 | 3024) => {
            ("mysql.unavailable", true, "数据库暂时不可用", "The database is not available at present")
        }
        _ => ("mysql.read", false, "无法读取数据库", "The database cannot be read"),
    };
    let error = target.failed(code, error, zh, en);
    if transient { error.transient() } else { error }
}
