//! What people decide: that two records are of one entity, or are not. A decision outweighs any evidence, teaches the
//! next learning, and can be taken back; so can merges and splits, which is the same thing.

use std::collections::BTreeSet;

use kernel::{Moment, Text};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::file::decisions;
use crate::settle::Settle;
use crate::{Identity, Now, Outcome, Register, RegisterError};

/// Pairs that one act decides; entities of more records are not parted by hand.
const PAIRS_MOST: usize = 20_000;

/// One decision, as it was taken.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Number of the act, by which it is taken back.
    pub act: i64,
    pub at: Moment,
    pub account: String,
    pub reason: String,
    pub same: bool,
    /// How many pairs it decides.
    pub pairs: u64,
    /// One of them: (source, key), twice.
    pub example: [(String, String); 2],
    pub undone: bool,
}

/// What a decision did.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    pub act: i64,
    pub outcome: Outcome,
}

impl Register {
    /// Decides a pair.
    pub fn decide(&mut self, a: &Identity, b: &Identity, same: bool, account: &str, reason: &str, now: &mut Now<'_>) -> Result<Decided, RegisterError> {
        if a == b {
            return Err(RegisterError::Refused(Text::new("两条记录是同一条", "the two records are one and the same")));
        }
        self.act(now, |db| {
            for identity in [a, b] {
                number(db, identity)?;
            }
            Ok(Act { pairs: vec![(*a, *b)], same, account: account.to_owned(), reason: reason.to_owned() })
        })
    }

    /// Takes a merge or a split back, by deciding that the records are not, or are, of one entity.
    pub fn undo_change(&mut self, seq: i64, account: &str, now: &mut Now<'_>) -> Result<Decided, RegisterError> {
        self.act(now, |db| {
            let change = db
                .prepare_cached("SELECT kind, entity, other FROM change WHERE seq = ?1")?
                .query_row([seq], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<i64>>(2)?)))
                .optional()?;
            let (kind, entity, other) = change.ok_or_else(missing)?;
            let (same, left, right) = match (kind.as_str(), other) {
                ("merged", Some(into)) => {
                    let left = identities(db, "SELECT r.identity FROM former f JOIN record r ON r.number = f.record WHERE f.entity = ?1 AND r.entity = ?2", &[entity, into])?;
                    let right = identities(
                        db,
                        "SELECT identity FROM record WHERE entity = ?2 AND number NOT IN (SELECT record FROM former WHERE entity = ?1)",
                        &[entity, into],
                    )?;
                    (false, left, right)
                }
                ("split", Some(from)) => {
                    let of = "SELECT identity FROM record WHERE entity = ?1";
                    (true, identities(db, of, &[entity])?, identities(db, of, &[from])?)
                }
                _ => return Err(refused("只有合并与拆分可以撤销", "only merges and splits can be taken back")),
            };
            if left.is_empty() || right.is_empty() {
                return Err(refused("这些记录后来又有变化，不能直接撤销；请逐对判定", "these records have changed since; decide their pairs instead"));
            }
            // Every pair: an earlier word on any of them must not stand against this one.
            if left.len().saturating_mul(right.len()) > PAIRS_MOST {
                return Err(refused("记录太多，不能一次撤销", "too many records to be taken back at once"));
            }
            let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b))).collect();
            Ok(Act { pairs, same, account: account.to_owned(), reason: format!("undo {seq}") })
        })
    }

    /// Takes a decision back: the evidence counts again.
    pub fn undo_decision(&mut self, act: i64, now: &mut Now<'_>) -> Result<Outcome, RegisterError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let concerned = identities(&tx, "SELECT a FROM decision WHERE act = ?1 AND undone = 0 UNION SELECT b FROM decision WHERE act = ?1 AND undone = 0", &[act])?;
        if concerned.is_empty() {
            return Err(missing());
        }
        tx.execute("UPDATE decision SET undone = 1 WHERE act = ?1", [act])?;
        let outcome = follow(&tx, &self.spec, &self.memory, &concerned, now)?;
        tx.commit()?;
        Ok(outcome)
    }

    /// Decisions, the newest first.
    pub fn decisions(&self, limit: u32, offset: u32) -> Result<Vec<Decision>, RegisterError> {
        let mut statement = self.db.prepare_cached(
            "SELECT d.act, d.at, d.account, d.reason, d.same, count(*), min(d.undone), x.source, x.key, y.source, y.key
             FROM decision d LEFT JOIN record x ON x.identity = d.a LEFT JOIN record y ON y.identity = d.b
             GROUP BY d.act ORDER BY d.act DESC LIMIT ?1 OFFSET ?2",
        )?;
        let text = |row: &rusqlite::Row<'_>, at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
        let rows = statement.query_map([limit, offset], |row| {
            Ok(Decision {
                act: row.get(0)?,
                at: Moment(row.get(1)?),
                account: row.get(2)?,
                reason: row.get(3)?,
                same: row.get(4)?,
                pairs: row.get::<_, i64>(5)?.max(0) as u64,
                undone: row.get(6)?,
                example: [(text(row, 7)?, text(row, 8)?), (text(row, 9)?, text(row, 10)?)],
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn act(&mut self, now: &mut Now<'_>, decide: impl FnOnce(&Connection) -> Result<Act, RegisterError>) -> Result<Decided, RegisterError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Act { pairs, same, account, reason } = decide(&tx)?;
        let act: i64 = tx.query_row("SELECT coalesce(max(act), 0) + 1 FROM decision", [], |row| row.get(0))?;
        let mut concerned = BTreeSet::new();
        {
            let mut replace = tx.prepare_cached("UPDATE decision SET undone = 1 WHERE a = ?1 AND b = ?2 AND undone = 0")?;
            let mut insert = tx.prepare_cached("INSERT INTO decision (a, b, same, account, reason, at, act) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            for (a, b) in &pairs {
                let (a, b) = (a.min(b), a.max(b));
                replace.execute(params![a, b])?;
                insert.execute(params![a, b, same, account, reason, now.moment.0, act])?;
                concerned.extend([*a, *b]);
            }
        }
        let concerned: Vec<Identity> = concerned.into_iter().collect();
        let outcome = follow(&tx, &self.spec, &self.memory, &concerned, now)?;
        tx.commit()?;
        Ok(Decided { act, outcome })
    }
}

struct Act {
    pairs: Vec<(Identity, Identity)>,
    same: bool,
    account: String,
    reason: String,
}

/// What follows from decisions about these records.
fn follow(db: &Connection, spec: &data::declare::Register, memory: &crate::file::Memory, concerned: &[Identity], now: &mut Now<'_>) -> Result<Outcome, RegisterError> {
    let mut seeds = BTreeSet::new();
    for identity in concerned {
        seeds.extend(number(db, identity).ok());
    }
    let decided = decisions(db)?;
    let mut settle =
        Settle { db, spec, memory, decided, changed: BTreeSet::new(), seeds, bereft: BTreeSet::new(), cause: "decision", outcome: Outcome::default() };
    settle.run(false, now)?;
    Ok(settle.outcome)
}

fn number(db: &Connection, identity: &Identity) -> Result<i64, RegisterError> {
    let found = db.prepare_cached("SELECT number FROM record WHERE identity = ?1")?.query_row([identity], |row| row.get(0)).optional()?;
    found.ok_or_else(missing)
}

fn identities(db: &Connection, sql: &str, numbers: &[i64]) -> Result<Vec<Identity>, RegisterError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(rusqlite::params_from_iter(numbers), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn missing() -> RegisterError {
    refused("没有这条记录或变更，或已经变化", "there is no such record or change, or it has changed")
}

fn refused(zh: &str, en: &str) -> RegisterError {
    RegisterError::Refused(Text::new(zh, en))
}
