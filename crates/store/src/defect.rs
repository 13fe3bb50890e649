//! Defects: what is wrong in data, who must mend it by when, and every act on the way.

use kernel::{Moment, Text};
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};

use crate::cells::{Cells, signed, window};
use crate::message;
use crate::quality::QualityRun;
use crate::{Rows, Store, StoreError};

const INSERT: &str =
    "INSERT INTO defect (id, kind, resource, department, rule, row_hash, title_zh, title_en, severity, state, checked, failed, opened, due)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12, $13)";
const STANDING: &str = "SELECT * FROM defect WHERE resource = $1 AND rule = $2 AND state <> 'closed'";
const STANDING_ALL: &str = "SELECT * FROM defect WHERE resource = $1 AND rule IS NOT NULL AND state <> 'closed'";
const MEASURED: &str = "UPDATE defect SET checked = $1, failed = $2 WHERE id = $3";
const MOVE: &str = "UPDATE defect SET state = $1, closed = $2 WHERE id = $3";
const ANSWER: &str = "UPDATE defect SET state = 'answered' WHERE id = $1 AND state IN ('open', 'rechecked')";
const SETTLE: &str = "UPDATE defect SET state = $1, closed = $2 WHERE id = $3 AND kind = 'objection' AND state <> 'closed'";
const LATE: &str = "SELECT id FROM defect WHERE escalated IS NULL AND state IN ('open', 'rechecked') AND due < $1 LIMIT 1000";
const ESCALATE: &str = "UPDATE defect SET escalated = $1 WHERE id = $2";
const ONE: &str = "SELECT * FROM defect WHERE id = $1";
const ACTS: &str = "SELECT * FROM defect_act WHERE defect = $1 ORDER BY seq";
const ACT: &str = "INSERT INTO defect_act (defect, seq, act, who, time, words, failed)
    VALUES ($1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM defect_act WHERE defect = $1), $2, $3, $4, $5, $6)";
const WAITING: &str = "SELECT COUNT(*) AS total FROM defect WHERE state IN ('open', 'rechecked') AND ($1 IS NULL OR department = $1)";
/// Acts that others are told of.
const TOLD: [&str; 2] = ["opened", "escalated"];

/// Something wrong in data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefectRow {
    pub id: String,
    /// `rule` or `objection`.
    pub kind: String,
    pub resource: String,
    pub department: String,
    pub rule: Option<String>,
    /// Hash of the row that an objection is about, in hexadecimal.
    pub row_hash: Option<String>,
    pub title: Text,
    /// `error`, `warning`.
    pub severity: String,
    /// `open`, `answered`, `rechecked` (measured after the answer and still wrong), `closed`.
    pub state: String,
    /// Rows looked at and rows that failed when last measured.
    pub checked: u64,
    pub failed: u64,
    pub opened: Moment,
    /// Last day on which it is not late, `2026-01-31`.
    pub due: String,
    pub escalated: Option<Moment>,
    pub closed: Option<Moment>,
}

/// One thing that happened to a defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefectAct {
    /// `opened`, `measured`, `answered`, `rechecked`, `closed`, `dropped`, `escalated`, `confirmed`, `rejected`.
    pub act: String,
    /// Name of the person; empty where nobody did it.
    pub who: String,
    pub time: Moment,
    pub words: String,
    pub failed: Option<u64>,
}

/// What a measurement means for the defect of a rule.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub rule: String,
    pub title: Text,
    pub severity: String,
    pub checked: u64,
    pub failed: u64,
    pub passed: bool,
    /// Id and last day of a defect to be opened; `None` where the rule opens none.
    pub opens: Option<(String, String)>,
}

/// Which defects.
#[derive(Clone, Debug, Default)]
pub struct DefectFilter {
    pub department: Option<String>,
    pub resource: Option<String>,
    pub state: Option<String>,
    /// Only those not closed.
    pub standing: bool,
    /// Only those that should have been mended before this day.
    pub late: Option<String>,
}

impl Store {
    /// Opens, rechecks and closes defects by what was found of a resource outside of its own rules. `run` says of which, and when.
    pub async fn judge(&self, run: QualityRun, verdicts: Vec<Verdict>) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                for verdict in verdicts {
                    judge(connection, &run, verdict).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Opens a defect from an objection.
    pub async fn object(&self, row: DefectRow, who: &str, words: &str) -> Result<(), StoreError> {
        let (who, words) = (who.to_owned(), words.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                insert(connection, &row).await?;
                note(connection, &row.id, "opened", &who, row.opened, &words, None).await
            })
        })
        .await
    }

    /// Keeps what the department answers; false when there is nothing to answer any more.
    pub async fn answer_defect(&self, id: &str, who: &str, words: &str, now: Moment) -> Result<bool, StoreError> {
        let (id, who, words) = (id.to_owned(), who.to_owned(), words.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let moved = sqlx::query(ANSWER).bind(&id).execute(&mut *connection).await?.rows_affected() > 0;
                if moved {
                    note(connection, &id, "answered", &who, now, &words, None).await?;
                }
                Ok(moved)
            })
        })
        .await
    }

    /// An objection looked at again: right now (closed) or still wrong (rechecked). False when it is closed already.
    pub async fn recheck_objection(&self, id: &str, right: bool, who: &str, words: &str, now: Moment) -> Result<bool, StoreError> {
        let (id, who, words) = (id.to_owned(), who.to_owned(), words.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let (state, closed) = if right { ("closed", Some(now.0)) } else { ("rechecked", None) };
                let moved = sqlx::query(SETTLE)
                    .bind(state)
                    .bind(closed)
                    .bind(&id)
                    .execute(&mut *connection)
                    .await?
                    .rows_affected()
                    > 0;
                if moved {
                    note(
                        connection,
                        &id,
                        if right { "confirmed" } else { "rejected" },
                        &who,
                        now,
                        &words,
                        None,
                    )
                    .await?;
                }
                Ok(moved)
            })
        })
        .await
    }

    /// Escalates what should have been mended before today; answers how many.
    pub async fn escalate_defects(&self, today: &str, now: Moment) -> Result<u64, StoreError> {
        let late = sqlx::query(LATE).bind(today).fetch_optional(&self.readers).await?;
        if late.is_none() {
            return Ok(0);
        }
        let today = today.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let late = sqlx::query(LATE).bind(today).fetch_all(&mut *connection).await?;
                for row in &late {
                    let id = row.text("id")?;
                    sqlx::query(ESCALATE).bind(now.0).bind(&id).execute(&mut *connection).await?;
                    note(connection, &id, "escalated", "", now, "", None).await?;
                }
                Ok(late.len() as u64)
            })
        })
        .await
    }

    pub async fn defect(&self, id: &str) -> Result<Option<DefectRow>, StoreError> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    pub async fn defect_acts(&self, id: &str) -> Result<Vec<DefectAct>, StoreError> {
        let rows = sqlx::query(ACTS).bind(id).fetch_all(&self.readers).await?;
        let act = |row: &SqliteRow| {
            Ok(DefectAct {
                act: row.text("act")?,
                who: row.text("who")?,
                time: row.moment("time")?,
                words: row.text("words")?,
                failed: row.count_maybe("failed")?,
            })
        };
        rows.iter().map(act).collect()
    }

    /// Those that wait for an answer: of one department, or of all.
    pub async fn waiting_defects(&self, department: Option<&str>) -> Result<u64, StoreError> {
        sqlx::query(WAITING).bind(department).fetch_one(&self.readers).await?.count("total")
    }

    /// Those that stand first, the most urgent first; `page` is 1-based.
    pub async fn defects(&self, filter: &DefectFilter, page: u64, size: u64) -> Result<Rows<DefectRow>, StoreError> {
        let (limit, offset) = window(page, size);
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total FROM defect");
        push_filter(&mut count, filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut list = QueryBuilder::new("SELECT * FROM defect");
        push_filter(&mut list, filter);
        list.push(" ORDER BY CASE state WHEN 'closed' THEN 1 ELSE 0 END, due, opened, id LIMIT ")
            .push_bind(limit);
        list.push(" OFFSET ").push_bind(offset);
        let rows = list.build().fetch_all(&self.readers).await?;
        Ok(Rows {
            entries: rows.iter().map(read).collect::<Result<_, _>>()?,
            total,
        })
    }
}

/// What a measurement does to the defect of one rule.
pub(crate) async fn judge(connection: &mut SqliteConnection, run: &QualityRun, verdict: Verdict) -> Result<(), StoreError> {
    let standing = sqlx::query(STANDING)
        .bind(&run.resource)
        .bind(&verdict.rule)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(standing) = standing.as_ref().map(read).transpose()? else {
        let Some((id, due)) = verdict.opens.clone().filter(|_| !verdict.passed) else {
            return Ok(());
        };
        return open(connection, run, verdict, id, due).await;
    };
    sqlx::query(MEASURED)
        .bind(signed(verdict.checked))
        .bind(signed(verdict.failed))
        .bind(&standing.id)
        .execute(&mut *connection)
        .await?;
    let act = match (verdict.passed, standing.state.as_str()) {
        (true, _) => "closed",
        (false, "answered") => "rechecked",
        (false, _) if standing.failed != verdict.failed => "measured",
        (false, _) => return Ok(()),
    };
    if act != "measured" {
        let closed = verdict.passed.then_some(run.ended.0);
        sqlx::query(MOVE)
            .bind(act)
            .bind(closed)
            .bind(&standing.id)
            .execute(&mut *connection)
            .await?;
    }
    note(connection, &standing.id, act, "", run.ended, "", Some(verdict.failed)).await
}

async fn open(connection: &mut SqliteConnection, run: &QualityRun, verdict: Verdict, id: String, due: String) -> Result<(), StoreError> {
    let row = DefectRow {
        id,
        kind: "rule".to_owned(),
        resource: run.resource.clone(),
        department: run.department.clone(),
        rule: Some(verdict.rule),
        row_hash: None,
        title: verdict.title,
        severity: verdict.severity,
        state: "open".to_owned(),
        checked: verdict.checked,
        failed: verdict.failed,
        opened: run.ended,
        due,
        escalated: None,
        closed: None,
    };
    insert(connection, &row).await?;
    note(connection, &row.id, "opened", "", row.opened, "", Some(row.failed)).await
}

/// Open defects of rules that are declared no more have nothing to be measured by.
pub(crate) async fn drop_undeclared(
    connection: &mut SqliteConnection,
    resource: &str,
    declared: &[String],
    now: Moment,
) -> Result<(), StoreError> {
    let standing = sqlx::query(STANDING_ALL).bind(resource).fetch_all(&mut *connection).await?;
    for row in standing.iter().map(read).collect::<Result<Vec<_>, _>>()? {
        if row.rule.as_ref().is_some_and(|rule| !declared.contains(rule)) {
            sqlx::query(MOVE)
                .bind("closed")
                .bind(now.0)
                .bind(&row.id)
                .execute(&mut *connection)
                .await?;
            note(connection, &row.id, "dropped", "", now, "", None).await?;
        }
    }
    Ok(())
}

async fn insert(connection: &mut SqliteConnection, row: &DefectRow) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(&row.id)
        .bind(&row.kind)
        .bind(&row.resource)
        .bind(&row.department)
        .bind(&row.rule)
        .bind(&row.row_hash)
        .bind(&row.title.zh)
        .bind(&row.title.en)
        .bind(&row.severity)
        .bind(signed(row.checked))
        .bind(signed(row.failed))
        .bind(row.opened.0)
        .bind(&row.due)
        .execute(connection)
        .await?;
    Ok(())
}

async fn note(
    connection: &mut SqliteConnection,
    defect: &str,
    act: &str,
    who: &str,
    time: Moment,
    words: &str,
    failed: Option<u64>,
) -> Result<(), StoreError> {
    let insert = sqlx::query(ACT)
        .bind(defect)
        .bind(act)
        .bind(who)
        .bind(time.0)
        .bind(words)
        .bind(failed.map(signed));
    insert.execute(&mut *connection).await?;
    if TOLD.contains(&act) {
        message::add(connection, defect, act, time).await?;
    }
    Ok(())
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &DefectFilter) {
    query.push(" WHERE 1 = 1");
    let parts = [
        (" AND department = ", &filter.department),
        (" AND resource = ", &filter.resource),
        (" AND state = ", &filter.state),
    ];
    for (condition, value) in parts {
        if let Some(value) = value {
            query.push(condition).push_bind(value.clone());
        }
    }
    if filter.standing {
        query.push(" AND state <> 'closed'");
    }
    if let Some(today) = &filter.late {
        query
            .push(" AND state IN ('open', 'rechecked') AND due < ")
            .push_bind(today.clone());
    }
}

fn read(row: &SqliteRow) -> Result<DefectRow, StoreError> {
    Ok(DefectRow {
        id: row.text("id")?,
        kind: row.text("kind")?,
        resource: row.text("resource")?,
        department: row.text("department")?,
        rule: row.text_maybe("rule")?,
        row_hash: row.text_maybe("row_hash")?,
        title: Text::new(row.text("title_zh")?, row.text("title_en")?),
        severity: row.text("severity")?,
        state: row.text("state")?,
        checked: row.count("checked")?,
        failed: row.count("failed")?,
        opened: row.moment("opened")?,
        due: row.text("due")?,
        escalated: row.moment_maybe("escalated")?,
        closed: row.moment_maybe("closed")?,
    })
}
