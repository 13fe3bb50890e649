//! Proposals to open a dataset, and what was decided about each.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::Cells;
use crate::error::is_taken;
use crate::{Store, StoreError};

const ADD: &str = "INSERT INTO open_proposal (id, dataset, declared, state, account, proposer, words, proposed, gate)
    VALUES ($1, $2, $3, 'measuring', $4, $5, $6, $7, '')";
const MEASURED: &str = "UPDATE open_proposal SET state = 'proposed', gate = $1 WHERE id = $2 AND state = 'measuring'";
const DECIDE: &str = "UPDATE open_proposal SET state = $1, decider = $2, decision = $3, decided = $4 WHERE id = $5 AND state = $6";
const REPLACE: &str = "UPDATE open_proposal SET state = 'replaced' WHERE dataset = $1 AND state = 'approved'";
const ONE: &str = "SELECT * FROM open_proposal WHERE id = $1";
const OF_DATASET: &str = "SELECT * FROM open_proposal WHERE dataset = $1 ORDER BY proposed DESC, id DESC LIMIT 100";
const IN_STATE: &str = "SELECT * FROM open_proposal WHERE state = $1 ORDER BY proposed, id LIMIT 10000";
const WAITING: &str = "SELECT COUNT(*) AS total FROM open_proposal WHERE state = 'proposed' AND account <> $1";

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRow {
    pub id: String,
    pub dataset: String,
    /// A hash of what was proposed.
    pub declared: String,
    pub state: String,
    /// Id of the account that proposed it, which cannot approve it.
    pub account: String,
    pub proposer: String,
    pub words: String,
    pub proposed: Moment,
    /// JSON; empty while it is measured.
    pub gate: String,
    pub decider: Option<String>,
    pub decision: Option<String>,
    pub decided: Option<Moment>,
}

/// A decision about a proposal.
#[derive(Clone, Debug)]
pub struct ProposalDecided {
    pub id: String,
    pub dataset: String,
    pub from: &'static str,
    pub to: &'static str,
    pub decider: String,
    pub words: String,
    pub time: Moment,
}

impl Store {
    /// Writes down a proposal that is being measured. False when one of the dataset waits already.
    pub async fn add_proposal(&self, row: ProposalRow) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let add = sqlx::query(ADD).bind(row.id).bind(row.dataset).bind(row.declared).bind(row.account).bind(row.proposer).bind(row.words);
                match add.bind(row.proposed.0).execute(connection).await {
                    Err(error) if is_taken(&error) => Ok(false),
                    other => Ok(other.map(|_| true)?),
                }
            })
        })
        .await
    }

    /// What the gate found: from now on somebody has to decide. False when it is not being measured any more.
    pub async fn proposal_measured(&self, id: &str, gate: String) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(MEASURED).bind(gate).bind(id).execute(connection).await?.rows_affected() > 0) })
        })
        .await
    }

    /// False when the proposal is not in the state that it must be in. An approval takes the earlier one's place.
    pub async fn decide_proposal(&self, decided: ProposalDecided) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                if decided.to == "approved" {
                    sqlx::query(REPLACE).bind(&decided.dataset).execute(&mut *connection).await?;
                    // What held an earlier approval's rows back says nothing of this one's.
                    sqlx::query(super::version::FREE).bind(&decided.dataset).execute(&mut *connection).await?;
                }
                let decide = sqlx::query(DECIDE).bind(decided.to).bind(decided.decider).bind(decided.words).bind(decided.time.0);
                Ok(decide.bind(decided.id).bind(decided.from).execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    pub async fn proposal(&self, id: &str) -> Result<Option<ProposalRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The newest first.
    pub async fn proposals_of(&self, dataset: &str) -> Result<Vec<ProposalRow>, StoreError> {
        sqlx::query(OF_DATASET).bind(dataset).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    pub async fn proposals_in(&self, state: &str) -> Result<Vec<ProposalRow>, StoreError> {
        sqlx::query(IN_STATE).bind(state).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// How many wait for a decision that this account may make.
    pub async fn waiting_proposals(&self, account: &str) -> Result<u64, StoreError> {
        sqlx::query(WAITING).bind(account).fetch_one(&self.readers).await?.count("total")
    }
}

fn read(row: &SqliteRow) -> Result<ProposalRow, StoreError> {
    Ok(ProposalRow {
        id: row.text("id")?,
        dataset: row.text("dataset")?,
        declared: row.text("declared")?,
        state: row.text("state")?,
        account: row.text("account")?,
        proposer: row.text("proposer")?,
        words: row.text("words")?,
        proposed: row.moment("proposed")?,
        gate: row.text("gate")?,
        decider: row.text_maybe("decider")?,
        decision: row.text_maybe("decision")?,
        decided: row.moment_maybe("decided")?,
    })
}
