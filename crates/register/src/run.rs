//! How each resolving went, and up to where each source was read: both lie in the register's own file, so that they
//! happened exactly if the rest did.

use kernel::{Moment, Text};
use rusqlite::params;

use crate::file::{note, put_note};
use crate::take::Delta;
use crate::{Outcome, Register, RegisterError};

/// Runs that are kept.
const KEPT_RUNS: i64 = 500;

/// One resolving.
#[derive(Clone, Debug)]
pub struct Run {
    pub started: Moment,
    pub ended: Moment,
    /// `collection`, `schedule`, `command`, `person`.
    pub trigger: String,
    pub outcome: Outcome,
    /// Why it failed.
    pub error: Option<Text>,
}

impl Delta<'_> {
    /// Notes up to where a source was read; it lasts when the rest does.
    pub fn mark(&mut self, source: usize, mark: &str) -> Result<(), RegisterError> {
        put_note(&self.tx, &format!("mark {}", self.resource(source)), mark.as_bytes())
    }

    /// How many records of a source there are now.
    pub fn count(&self, source: usize) -> Result<u64, RegisterError> {
        let mut statement = self.tx.prepare_cached("SELECT count(*) FROM record WHERE source = ?1")?;
        Ok(statement.query_row([self.resource(source)], |row| row.get::<_, i64>(0))?.max(0) as u64)
    }
}

impl Register {
    /// Up to where a source was read.
    pub fn marked(&self, source: &str) -> Result<Option<String>, RegisterError> {
        Ok(note(&self.db, &format!("mark {source}"))?.and_then(|mark| String::from_utf8(mark).ok()))
    }

    pub fn add_run(&self, run: &Run) -> Result<(), RegisterError> {
        self.db
            .prepare_cached("INSERT INTO run (started, ended, trigger_word, outcome, error) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![run.started.0, run.ended.0, run.trigger, serde_json::to_string(&run.outcome)?, serde_json::to_string(&run.error)?])?;
        self.db.prepare_cached("DELETE FROM run WHERE seq <= (SELECT max(seq) FROM run) - ?1")?.execute([KEPT_RUNS])?;
        Ok(())
    }

    /// The newest runs first.
    pub fn runs(&self, limit: u32) -> Result<Vec<Run>, RegisterError> {
        let mut statement = self.db.prepare_cached("SELECT started, ended, trigger_word, outcome, error FROM run ORDER BY seq DESC LIMIT ?1")?;
        let mut rows = statement.query([limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (outcome, error): (String, String) = (row.get(3)?, row.get(4)?);
            found.push(Run {
                started: Moment(row.get(0)?),
                ended: Moment(row.get(1)?),
                trigger: row.get(2)?,
                outcome: serde_json::from_str(&outcome)?,
                error: serde_json::from_str(&error)?,
            });
        }
        Ok(found)
    }
}
