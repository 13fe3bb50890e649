//! PostgreSQL by logical replication: the whole table once, then each change as it was made.
//!
//! A slot keeps the changes at the server. Each run takes what lies there up to the end of the log and ends; the
//! server forgets them only when the next run begins, as its position says what is in durably. Where a run dies, the
//! position that was committed with the last batch tells which changes of which transaction were in.

mod changes;
mod decode;
mod lookup;
mod mark;
mod slot;
mod stream;

use std::time::Duration;

use data::declare::Resource;
use kernel::Text;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;

use self::changes::{Plan, Portion, serve};
use self::decode::Lsn;
pub use self::mark::Mark;
use self::mark::NOTHING;
use self::slot::{Slot, State};
use super::failed;
use super::table::{Found, columns, find};
use crate::connect::Context;
use crate::connect::ahead::Ahead;
use crate::connect::database::Target;
use crate::names::field_of;
use crate::position::FileMark;
use crate::source::Decision;
use crate::{CollectError, Position, Progress, RawBatch, Source};

/// How long the server may take to lay out the changes, or to send more of them.
const PATIENCE: Duration = Duration::from_secs(1800);

/// How a resource is to be read now.
pub struct Course {
    pub mark: Mark,
    found: Found,
    slot: String,
    end: Lsn,
    pub decisions: Vec<Decision>,
}

/// Sees to publication and slot, confirms what is in, and says where to go on: with the whole table
/// ([`Mark::unread`]) or with the changes.
pub async fn course(
    connection: &mut PgConnection,
    target: &Target,
    resource: &Resource,
    position: &Position,
) -> Result<Course, CollectError> {
    let found = find(connection, target, &resource.collect.from).await?;
    let key = key(connection, target, resource, &found).await?;
    let slot = Slot::of(resource, target);
    slot.publish(connection, &found, &key).await?;
    let mut decisions = Vec::new();
    let known = Mark::parse(position.cursor.as_deref());
    let mark = match (known, slot.state(connection).await?) {
        (Some(mark), State::Ready(kept)) if kept <= mark.lsn() && mark.table == found.oid => {
            slot.confirm(connection, mark.lsn()).await?;
            decisions.extend(mark.unread.then(again));
            mark
        }
        // The position was set back, so everything is read again; what the slot kept is told all the same, because
        // there may be removals among it.
        (None, State::Ready(kept)) => {
            decisions.push(again());
            let snapshot = Some(NOTHING.to_owned());
            Mark { end: kept.to_string(), unread: true, snapshot, table: found.oid, ..Mark::default() }
        }
        (known, state) => {
            decisions.push(begun(&slot.name, known.is_some() || state != State::Absent));
            decisions.extend(known.map(|_| again()));
            if state != State::Absent {
                slot.drop(connection).await?;
            }
            let end = slot.create(connection).await?.to_string();
            Mark { end, unread: true, table: found.oid, ..Mark::default() }
        }
    };
    let end: String = sqlx::query_scalar("SELECT pg_current_wal_flush_lsn()::text")
        .fetch_one(connection)
        .await
        .map_err(|error| failed(target, &error))?;
    let end = Lsn::parse(&end).unwrap_or(mark.lsn());
    Ok(Course { mark, found, slot: slot.name, end, decisions })
}

/// The columns that hold the declared key.
async fn key(
    connection: &mut PgConnection,
    target: &Target,
    resource: &Resource,
    found: &Found,
) -> Result<Vec<String>, CollectError> {
    let columns = columns(connection, found.oid).await.map_err(|error| failed(target, &error))?;
    let fields: Vec<String> = columns.into_iter().map(|column| column.name).collect();
    let items = resource.items.iter().filter(|item| item.key);
    Ok(items.filter_map(|item| field_of(resource, &item.name, &fields)).map(str::to_owned).collect())
}

fn begun(slot: &str, again: bool) -> Decision {
    let why = match again {
        false => Text::new(
            format!("已建立复制槽和发布「{slot}」，先读整张表。停用本资源时请删除：SELECT pg_drop_replication_slot('{slot}')，否则数据库会一直保留日志。"),
            format!("The slot and publication “{slot}” were made; the whole table is read first. When this resource is given up, drop them (SELECT pg_drop_replication_slot('{slot}')), or the server keeps its log for ever."),
        ),
        true => Text::new(
            format!("复制槽「{slot}」已丢失或不再可用，其间的变更无法得知：已重新建立。"),
            format!("The slot “{slot}” was lost or is of no use any more, and with it the changes since: it was made anew."),
        ),
    };
    Decision { what: "slot".to_owned(), about: String::new(), chosen: slot.to_owned(), why }
}

/// The whole table is read once more, after a slot was lost, a table emptied or made anew, or a declaration changed.
fn again() -> Decision {
    let why = Text::new(
        "整张表重新读取，此后再接续变更。来源已不再有的行随之移除。",
        "The whole table is read anew, and the changes go on from there. Rows that the source has no more are removed.",
    );
    Decision { what: "snapshot".to_owned(), about: String::new(), chosen: "again".to_owned(), why }
}

/// The changes, from where the course says.
pub fn open(
    ctx: &Context,
    connection: PgConnection,
    options: PgConnectOptions,
    target: Target,
    resource: &Resource,
    course: Course,
    position: &Position,
) -> Box<dyn Source> {
    let name = course.found.shown();
    let database = options.get_database().unwrap_or(options.get_username());
    let file = format!("{database}#{name}").into();
    let rows = position.files.get(&name).map_or(0, |file| file.rows);
    let plan = Plan {
        options,
        target: target.clone(),
        resource: resource.clone(),
        found: course.found,
        slot: course.slot,
        file,
        mark: course.mark,
        end: course.end,
        line: rows,
    };
    Box::new(ChangeSource {
        target,
        name,
        before: rows,
        position: position.clone(),
        progress: Progress::default(),
        decisions: course.decisions,
        changes: Ahead::start(&ctx.runtime, |asked| serve(connection, plan, asked)),
        more: false,
        ended: false,
    })
}

struct ChangeSource {
    target: Target,
    name: String,
    /// Rows read by earlier runs.
    before: u64,
    position: Position,
    progress: Progress,
    decisions: Vec<Decision>,
    changes: Ahead<Portion>,
    more: bool,
    ended: bool,
}

impl Source for ChangeSource {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        if self.ended {
            return Ok(None);
        }
        let codes = ("postgres.timeout", "postgres.stream");
        let portion = self.changes.next(max_rows, PATIENCE, &self.target, codes, |portion| portion.batch.is_none());
        let Portion { batch, mark, more } = portion.inspect_err(|_| self.ended = true)?;
        self.ended = batch.is_none();
        self.more = more;
        if let Some(batch) = &batch {
            self.progress.rows = batch.lines.last().map_or(self.progress.rows, |line| line - self.before);
            self.progress.bytes += batch.columns.iter().map(|column| column.value_data().len() as u64).sum::<u64>();
        }
        self.position.cursor = Some(mark.text());
        let rows = self.before + self.progress.rows;
        self.position.files.insert(self.name.clone(), FileMark { rows, complete: true, ..FileMark::default() });
        Ok(batch)
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

    fn more(&self) -> bool {
        self.more
    }
}
