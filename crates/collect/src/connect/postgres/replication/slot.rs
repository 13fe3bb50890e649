//! What replication needs at the server: a publication that names the table, and a slot that keeps its changes
//! until they are in. Both are made where the account may; where it may not, the error says how.

use data::declare::Resource;
use sqlx::{AssertSqlSafe, PgConnection};
use xxhash_rust::xxh3::xxh3_64;

use super::super::failed;
use super::super::table::{Found, quoted};
use super::decode::Lsn;
use super::mark::Snapshot;
use crate::CollectError;
use crate::connect::database::Target;

/// Longest name that PostgreSQL keeps whole.
const NAME_LIMIT: usize = 63;
/// How often and how long apart we look whether transactions older than the slot have ended: five minutes in all.
const LOOKS: u32 = 300;
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
/// How often we look whether a slot has become free.
const TRIES: u32 = 20;
const BUSY: &str = "postgres.slot_busy";

/// The slot and the publication of a resource, which bear one name.
pub struct Slot<'a> {
    pub name: String,
    target: &'a Target,
}

/// How a slot is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none.
    Absent,
    /// The server has thrown away what it should have kept.
    Lost,
    /// It keeps all changes from here on.
    Ready(Lsn),
}

impl<'a> Slot<'a> {
    pub fn of(resource: &Resource, target: &'a Target) -> Slot<'a> {
        let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' { c } else { '_' };
        let mut name: String = format!("sanjiang_{}", resource.id).chars().map(plain).collect();
        if name.len() > NAME_LIMIT || !name.ends_with(&resource.id) {
            name.truncate(NAME_LIMIT - 17);
            name += &format!("_{:016x}", xxh3_64(resource.id.as_bytes()));
        }
        Slot { name, target }
    }

    /// Sees to the publication. The table must tell which row was changed before it is published: the server would
    /// refuse all its updates otherwise.
    pub async fn publish(&self, connection: &mut PgConnection, table: &Found, key: &[String]) -> Result<(), CollectError> {
        self.logical(connection).await?;
        self.identified(connection, table, key).await?;
        if self.is_published(connection, table).await? {
            return Ok(());
        }
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = $1)")
            .bind(&self.name)
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| failed(self.target, &error))?;
        let publish = match exists {
            true => format!("ALTER PUBLICATION {} ADD TABLE {}", quoted(&self.name), table.quoted()),
            false => format!(
                "CREATE PUBLICATION {} FOR TABLE {} WITH (publish_via_partition_root = true)",
                quoted(&self.name),
                table.quoted()
            ),
        };
        let made = sqlx::raw_sql(AssertSqlSafe(publish.clone())).execute(connection).await;
        made.map(|_| ()).map_err(|error| self.not_allowed("postgres.publication", &error, &publish))
    }

    async fn is_published(&self, connection: &mut PgConnection, table: &Found) -> Result<bool, CollectError> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_publication_tables WHERE pubname = $1 AND schemaname = $2 AND tablename = $3)",
        )
        .bind(&self.name)
        .bind(&table.schema)
        .bind(&table.name)
        .fetch_one(connection)
        .await
        .map_err(|error| failed(self.target, &error))
    }

    async fn logical(&self, connection: &mut PgConnection) -> Result<(), CollectError> {
        let level: String = sqlx::query_scalar("SELECT current_setting('wal_level')")
            .fetch_one(connection)
            .await
            .map_err(|error| failed(self.target, &error))?;
        if level == "logical" {
            return Ok(());
        }
        Err(self.target.error(
            "postgres.wal_level",
            format!(
                "服务器的 wal_level 是「{level}」，不提供变更流。请数据库管理员执行 ALTER SYSTEM SET wal_level = 'logical' 并重启服务器，或把 mode 改为 full 或 incremental。"
            ),
            format!(
                "The server's wal_level is “{level}”, so it tells no changes. Have its administrator run ALTER SYSTEM SET wal_level = 'logical' and restart it, or declare mode full or incremental."
            ),
        ))
    }

    /// The columns by which the stream tells a changed row must hold the declared key.
    async fn identified(&self, connection: &mut PgConnection, table: &Found, key: &[String]) -> Result<(), CollectError> {
        let full: bool = sqlx::query_scalar("SELECT relreplident = 'f' FROM pg_class WHERE oid = $1::oid")
            .bind(table.oid)
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| failed(self.target, &error))?;
        if full {
            return Ok(());
        }
        let identity: Vec<String> = sqlx::query_scalar(
            "SELECT a.attname::text FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
             WHERE c.oid = $1::oid AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident)",
        )
        .bind(table.oid)
        .fetch_all(connection)
        .await
        .map_err(|error| failed(self.target, &error))?;
        if !identity.is_empty() && key.iter().all(|column| identity.contains(column)) {
            return Ok(());
        }
        let (key, sql) = (key.join(", "), format!("ALTER TABLE {} REPLICA IDENTITY FULL", table.quoted()));
        Err(self.target.error(
            "postgres.replica_identity",
            format!("该表的变更流不含声明的主键（{key}），无法得知改的是哪一行。请表的所有者执行：{sql};"),
            format!("The table's changes do not tell the declared key ({key}), so not which row was changed. Have its owner run: {sql};"),
        ))
    }

    /// How the slot is found. A reading of ours that was cut off may hold it for a moment.
    pub async fn state(&self, connection: &mut PgConnection) -> Result<State, CollectError> {
        for _ in 1..TRIES {
            match self.look(connection).await {
                Err(error) if error.code == BUSY => tokio::time::sleep(PAUSE).await,
                found => return found,
            }
        }
        self.look(connection).await
    }

    async fn look(&self, connection: &mut PgConnection) -> Result<State, CollectError> {
        let slot: Option<(Option<String>, bool, Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT plugin::text, active, wal_status, confirmed_flush_lsn::text FROM pg_replication_slots
             WHERE slot_name = $1 AND database = current_database()",
        )
        .bind(&self.name)
        .fetch_optional(connection)
        .await
        .map_err(|error| failed(self.target, &error))?;
        let Some((plugin, active, status, confirmed)) = slot else { return Ok(State::Absent) };
        if active || plugin.as_deref() != Some("pgoutput") {
            return Err(self.target.error(
                BUSY,
                format!("复制槽「{}」正被其他程序使用。", self.name),
                format!("Another program is using the replication slot “{}”.", self.name),
            ).transient());
        }
        let ready = confirmed.as_deref().and_then(Lsn::parse).filter(|_| status.as_deref() != Some("lost"));
        Ok(ready.map_or(State::Lost, State::Ready))
    }

    /// Makes the slot and waits until nothing runs that began before it: a snapshot taken then shows all that the
    /// slot does not keep.
    pub async fn create(&self, connection: &mut PgConnection) -> Result<Lsn, CollectError> {
        let sql = format!("SELECT lsn::text FROM pg_create_logical_replication_slot('{}', 'pgoutput')", self.name);
        let lsn: String = sqlx::query_scalar(AssertSqlSafe(sql.clone()))
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| self.not_allowed("postgres.slot", &error, &sql))?;
        let began = self.snapshot_now(connection).await?;
        for _ in 0..LOOKS {
            if self.snapshot_now(connection).await?.is_past(&began) {
                return Ok(Lsn::parse(&lsn).unwrap_or_default());
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.drop(connection).await?;
        Err(self.target.error(
            "postgres.long_transaction",
            "数据库中有长时间未结束的事务，无法取得一致的快照。请在其结束后重试。",
            "A transaction at the server has not ended for long, so no consistent snapshot can be had. Try again when it has ended.",
        ).transient())
    }

    async fn snapshot_now(&self, connection: &mut PgConnection) -> Result<Snapshot, CollectError> {
        let text: String = sqlx::query_scalar("SELECT pg_current_snapshot()::text")
            .fetch_one(connection)
            .await
            .map_err(|error| failed(self.target, &error))?;
        Snapshot::parse(&text).ok_or_else(|| self.target.error("postgres.read", "无法识别快照。", "The snapshot cannot be read."))
    }

    pub async fn drop(&self, connection: &mut PgConnection) -> Result<(), CollectError> {
        let dropped = sqlx::query("SELECT pg_drop_replication_slot($1)").bind(&self.name).execute(connection).await;
        dropped.map(|_| ()).map_err(|error| failed(self.target, &error))
    }

    /// Tells the server that everything up to here is in, durably: it need not keep it any more.
    pub async fn confirm(&self, connection: &mut PgConnection, lsn: Lsn) -> Result<(), CollectError> {
        let advanced = sqlx::query("SELECT pg_replication_slot_advance($1, $2::pg_lsn)")
            .bind(&self.name)
            .bind(lsn.to_string())
            .execute(connection)
            .await;
        advanced.map(|_| ()).map_err(|error| failed(self.target, &error))
    }

    fn not_allowed(&self, code: &'static str, error: &sqlx::Error, sql: &str) -> CollectError {
        let denied = error.as_database_error().and_then(|error| error.code()).is_some_and(|state| state == "42501");
        if !denied {
            return failed(self.target, error);
        }
        self.target.error(
            code,
            format!("账号无权设置变更流。请数据库管理员执行：{sql}; 账号本身需要 REPLICATION 属性（ALTER ROLE … REPLICATION）和该表的 SELECT 权限。"),
            format!("The account may not set up replication. Have the administrator run: {sql}; the account itself needs the attribute REPLICATION (ALTER ROLE … REPLICATION) and SELECT on the table."),
        )
    }
}
