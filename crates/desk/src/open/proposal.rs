//! Proposals to open a dataset: one person proposes, the gate measures, another person decides.

use data::open::OpeningState;
use kernel::{Moment, Text, uuid_v7};
use serde_json::json;
use store::open::{HeldRow, ProposalDecided, ProposalRow};

use super::gate::{Gate, lake_table};
use super::{datasets, declared, model_title, print};
use crate::authority::{Object, object};
use crate::share::{WORDS_MAX, said};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// A proposal, as people see it.
#[derive(Clone, Debug)]
pub struct ProposalView {
    pub id: String,
    pub dataset: String,
    pub state: OpeningState,
    pub proposer: String,
    pub words: String,
    pub proposed: Moment,
    /// What the gate found; none while it measures.
    pub gate: Option<Gate>,
    pub decider: Option<String>,
    pub decision: Option<String>,
    pub decided: Option<Moment>,
    /// Whether the reader is the one who proposed it, and so cannot approve it.
    pub own: bool,
}

/// How the opening of a dataset stands, for those who see to it.
#[derive(Clone, Debug)]
pub struct OpeningView {
    pub dataset: String,
    pub title: Text,
    pub department: String,
    pub department_title: Text,
    /// The file that declares it.
    pub path: String,
    /// The newest proposal.
    pub proposal: Option<ProposalView>,
    /// Whether what is declared now is what was approved.
    pub current: bool,
    /// The newest version, and its rows.
    pub version: Option<(u64, u64, Moment)>,
    /// Why the newest rows are not published.
    pub held: Option<HeldRow>,
}

/// One dataset's page for those who see to it.
#[derive(Clone, Debug)]
pub struct OpeningDetail {
    pub view: OpeningView,
    /// The newest first.
    pub proposals: Vec<ProposalView>,
    pub sql: String,
}

impl Desk {
    /// Staff: all datasets that are declared, and how their opening stands; those that wait for somebody stand first.
    pub async fn openings(&self, who: &Account) -> Answer<Vec<OpeningView>> {
        self.may(who, "see.openings", &own(who)).await?;
        let (city, held) = (self.city(), self.store().held_open_versions().await.map_err(internal)?);
        let mut views = Vec::new();
        for (dataset, model, _) in datasets(&city) {
            if who.kept_to("see.openings").is_none_or(|own| own == model.department) {
                let rows = self.store().proposals_of(dataset).await.map_err(internal)?;
                views.extend(self.opening_view(who, dataset, &rows, &held).await?);
            }
        }
        let waits = |view: &OpeningView| view.proposal.as_ref().is_some_and(|proposal| proposal.state == OpeningState::Proposed);
        views.sort_by_key(|view| !waits(view));
        Ok(views)
    }

    /// Staff: one dataset.
    pub async fn opening(&self, who: &Account, dataset: &str) -> Answer<OpeningDetail> {
        let object = self.opening_object(dataset)?;
        self.may(who, "see.openings", &object).await?;
        let rows = self.store().proposals_of(dataset).await.map_err(internal)?;
        let held = self.store().held_open_versions().await.map_err(internal)?;
        let view = self.opening_view(who, dataset, &rows, &held).await?.ok_or(DeskError::NotFound)?;
        let sql = declared(&self.city(), dataset).map(|(model, _)| model.sql.trim().to_owned()).unwrap_or_default();
        Ok(OpeningDetail { view, proposals: rows.iter().map(|row| seen(row, who)).collect(), sql })
    }

    /// Staff: proposes to open a dataset as it is declared now. The gate measures in the background.
    pub async fn propose_opening(&self, who: &Account, dataset: &str, words: &str, now: Moment) -> Answer<String> {
        let object = self.opening_object(dataset)?;
        self.may(who, "open.propose", &object).await?;
        let city = self.city();
        let (model, opening) = declared(&city, dataset).ok_or(DeskError::NotFound)?;
        let words = said(words)?;
        if self.0.ports.lake.last_commit(&lake_table(dataset)).await.map_err(internal)?.is_none() {
            return Err(DeskError::Invalid(Text::new("数据表还没有生成：请先运行模型。", "The table has not been made: run the model first.")));
        }
        let row = ProposalRow {
            id: uuid_v7(now, self.chance()),
            dataset: dataset.to_owned(),
            declared: print(model, opening),
            state: OpeningState::Measuring.word().to_owned(),
            account: who.id.clone(),
            proposer: who.display.clone(),
            words: words.to_owned(),
            proposed: now,
            gate: String::new(),
            decider: None,
            decision: None,
            decided: None,
        };
        let (id, detail) = (row.id.clone(), json!({ "proposal": row.id, "declared": row.declared, "words": words }));
        if !self.logging(who, "open.propose", &object, detail).await?.add_proposal(row).await.map_err(internal)? {
            return Err(DeskError::Conflict(Text::new("该数据集已有待审核的提议。", "A proposal for this dataset is waiting already.")));
        }
        let desk = self.clone();
        tokio::spawn(async move {
            if let Err(error) = desk.measure_openings(now).await {
                tracing::warn!(%error, "a proposal to open a dataset was not measured");
            }
        });
        Ok(id)
    }

    /// Measures the proposals that wait for it. What cannot be measured now waits for the next time.
    pub async fn measure_openings(&self, now: Moment) -> Answer<()> {
        let Ok(_alone) = crate::collect::at_once(&self.0.data_dir, "open.gate") else { return Ok(()) };
        for row in self.store().proposals_in(OpeningState::Measuring.word()).await.map_err(internal)? {
            let batch = self.0.ports.lake.last_commit(&lake_table(&row.dataset)).await.map_err(internal)?.map_or(0, |last| last.seq);
            let gate = self.measure_opening(&row.dataset, batch, now).await?;
            let detail = json!({ "proposal": row.id, "rows": gate.rows, "stops": gate.stops(), "findings": gate.findings });
            let gate = serde_json::to_string(&gate).map_err(internal)?;
            let object = object("dataset", &row.dataset);
            self.logging_as("opening", "open.measure", &object, detail).proposal_measured(&row.id, gate).await.map_err(internal)?;
        }
        Ok(())
    }

    /// Staff, and never who proposed it: approves or refuses. What is approved is published at once.
    pub async fn decide_opening(&self, who: &Account, id: &str, approve: bool, words: &str, now: Moment) -> Answer<()> {
        let row = self.store().proposal(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let object = self.opening_object(&row.dataset)?;
        self.may(who, "open.decide", &object).await?;
        if row.account == who.id {
            return Err(DeskError::Forbidden(Text::new("提议人不能审核自己的提议，请另一位数据管理员审核。", "Who proposed it cannot decide: another steward has to.")));
        }
        let to = if approve { OpeningState::Approved } else { OpeningState::Refused };
        let words = if approve { words.trim().chars().take(WORDS_MAX).collect() } else { said(words)?.to_owned() };
        if approve {
            self.can_be_approved(&row)?;
        }
        let decided = ProposalDecided {
            id: row.id.clone(),
            dataset: row.dataset.clone(),
            from: OpeningState::Proposed.word(),
            to: to.word(),
            decider: who.display.clone(),
            words: words.clone(),
            time: now,
        };
        let detail = json!({ "proposal": row.id, "declared": row.declared, "proposer": row.proposer, "state": to, "words": words });
        if !self.logging(who, "open.decide", &object, detail).await?.decide_proposal(decided).await.map_err(internal)? {
            return Err(DeskError::Conflict(Text::new("该提议已经处理，或仍在测算。", "The proposal has been decided, or is still being measured.")));
        }
        self.0.open.forget();
        if approve {
            self.publish_soon();
        }
        Ok(())
    }

    /// What the gate stops is not approved, and neither is what was changed since it measured.
    fn can_be_approved(&self, row: &ProposalRow) -> Answer<()> {
        let city = self.city();
        let same = declared(&city, &row.dataset).is_some_and(|(model, opening)| print(model, opening) == row.declared);
        if !same {
            return Err(DeskError::Conflict(Text::new(
                "声明在提议之后有改动：请退回，重新提议。",
                "The declaration was changed since: refuse this proposal and have it made anew.",
            )));
        }
        let gate: Option<Gate> = serde_json::from_str(&row.gate).ok();
        match gate {
            Some(gate) if gate.stops() => Err(DeskError::Invalid(Text::new("风险测算未通过，不能开放。", "The gate does not let it pass: it cannot be opened."))),
            _ => Ok(()),
        }
    }

    /// Staff: takes a dataset from the public, at once. Its versions are kept and can be opened again.
    pub async fn withdraw_opening(&self, who: &Account, dataset: &str, words: &str, now: Moment) -> Answer<()> {
        let object = self.opening_object(dataset)?;
        self.may(who, "open.withdraw", &object).await?;
        let words = said(words)?;
        let rows = self.store().proposals_of(dataset).await.map_err(internal)?;
        let standing = rows.into_iter().find(|row| row.state == OpeningState::Approved.word());
        let Some(row) = standing else {
            return Err(DeskError::Invalid(Text::new("该数据集没有开放。", "The dataset is not open.")));
        };
        let decided = ProposalDecided {
            id: row.id,
            dataset: dataset.to_owned(),
            from: OpeningState::Approved.word(),
            to: OpeningState::Withdrawn.word(),
            decider: who.display.clone(),
            words: words.to_owned(),
            time: now,
        };
        let done = self.logging(who, "open.withdraw", &object, json!({ "words": words })).await?.decide_proposal(decided).await.map_err(internal)?;
        self.0.open.forget();
        if done { Ok(()) } else { Err(DeskError::Conflict(Text::new("该数据集刚刚撤下。", "The dataset has just been withdrawn."))) }
    }

    /// How many proposals wait for this account's decision.
    pub async fn waiting_openings(&self, who: &Account) -> Answer<u64> {
        match who.may("open.decide") {
            true => self.store().waiting_proposals(&who.id).await.map_err(internal),
            false => Ok(0),
        }
    }

    async fn opening_view(&self, who: &Account, dataset: &str, rows: &[ProposalRow], held: &[HeldRow]) -> Answer<Option<OpeningView>> {
        let city = self.city();
        let Some((model, opening)) = declared(&city, dataset) else { return Ok(None) };
        let print = print(model, opening);
        let live = self.live(self.now()).await?;
        Ok(Some(OpeningView {
            dataset: dataset.to_owned(),
            title: model_title(model),
            department: model.department.clone(),
            department_title: crate::message::department_title(&city, &model.department),
            path: model.path.clone(),
            current: rows.iter().any(|row| row.state == OpeningState::Approved.word() && row.declared == print),
            version: live.get(dataset).map(|live| (live.version.number, live.version.rows, live.version.time)),
            proposal: rows.first().map(|row| seen(row, who)),
            held: held.iter().find(|held| held.dataset == dataset).cloned(),
        }))
    }

    pub(super) fn opening_object(&self, dataset: &str) -> Answer<Object> {
        let city = self.city();
        let (model, _) = declared(&city, dataset).ok_or(DeskError::NotFound)?;
        Ok(Object { department: Some(model.department.clone()), ..object("dataset", dataset) })
    }
}

/// The own department's, or all.
pub(super) fn own(who: &Account) -> Object {
    Object { department: who.department.clone(), ..Object::of("datasets") }
}

fn seen(row: &ProposalRow, who: &Account) -> ProposalView {
    ProposalView {
        own: row.account == who.id,
        id: row.id.clone(),
        dataset: row.dataset.clone(),
        state: OpeningState::parse(&row.state).unwrap_or(OpeningState::Refused),
        proposer: row.proposer.clone(),
        words: row.words.clone(),
        proposed: row.proposed,
        gate: serde_json::from_str(&row.gate).ok(),
        decider: row.decider.clone(),
        decision: row.decision.clone(),
        decided: row.decided,
    }
}
