//! Deliveries that differ from what was agreed: what was told, what waits, and what an officer decides about it.

pub use ::collect::drift::{Difference, Kind};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::json;
use store::drift::{Decision, DriftFilter as Query, DriftRow};

use crate::amend::{self, DiffLine, Draft};
use crate::authority::{Object, department_of, object};
use crate::collect::gate::differences;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, CollectScope, Desk, DeskError, internal, invalid};

/// Longest reason of a decision, in characters.
const WHY_MAX: usize = 500;

/// Where the differences of a delivery stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftState {
    /// The delivery landed all the same.
    Told,
    /// Nothing lands until an officer has decided.
    Held,
    /// The next run lets it pass.
    Accepted,
    /// It was accepted and has landed.
    Used,
    Refused,
    /// The source came right by itself, or differs in another way now.
    Withdrawn,
}

impl DriftState {
    pub const ALL: [DriftState; 6] =
        [DriftState::Held, DriftState::Told, DriftState::Accepted, DriftState::Used, DriftState::Refused, DriftState::Withdrawn];

    /// The word in addresses and records.
    pub fn word(self) -> &'static str {
        match self {
            DriftState::Told => "told",
            DriftState::Held => "held",
            DriftState::Accepted => "accepted",
            DriftState::Used => "used",
            DriftState::Refused => "refused",
            DriftState::Withdrawn => "withdrawn",
        }
    }

    pub fn of(word: &str) -> Option<DriftState> {
        DriftState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// The differences of one delivery.
#[derive(Clone, Debug, Serialize)]
pub struct DriftView {
    pub id: String,
    pub resource: String,
    pub resource_title: Text,
    pub system: String,
    pub run: String,
    pub state: DriftState,
    pub differences: Vec<Difference>,
    pub time: Moment,
    pub decided: Option<Moment>,
    pub decided_by: Option<String>,
    pub why: Option<String>,
    /// What the decision changed in the declarations, a line each.
    pub change: Option<String>,
}

/// One of them with what can be done about it.
#[derive(Clone, Debug)]
pub struct DriftDetail {
    pub drift: DriftView,
    /// Why it cannot land as it is, whoever accepts it; then only the declaration or the source can change.
    pub blocked: Option<Text>,
    /// What the declarations would say if updated.
    pub drafts: Vec<Draft>,
}

impl DriftDetail {
    /// Names the files that the drafts were made from.
    pub fn base(&self) -> String {
        self.drafts.iter().map(|draft| draft.base.as_str()).collect::<Vec<_>>().join(".")
    }
}

#[derive(Clone, Debug, Default)]
pub struct DriftFilter {
    pub state: Option<DriftState>,
    pub resource: Option<String>,
    pub run: Option<String>,
}

/// What an officer decides about a held delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It lands as it is, this once.
    Accept,
    /// The declarations are changed first, as drafted from these files ([`DriftDetail::base`]).
    Update { base: String },
    Refuse,
}

impl Desk {
    /// Staff: newest first; `page` is 1-based.
    pub async fn drifts(&self, who: &Account, filter: &DriftFilter, page: u64, size: u64) -> Answer<Page<DriftView>> {
        self.may(who, "see.drift", &who.all_of("see.drift", "drifts")).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let query = Query {
            state: filter.state.map(|s| s.word().to_owned()),
            resource: filter.resource.clone(),
            run: filter.run.clone(),
            among: self.among(who, "see.drift"),
        };
        let rows = self.store().drifts(&query, page, size).await.map_err(internal)?;
        let entries = rows.entries.into_iter().map(|row| self.view_drift(row)).collect();
        Ok(Page { entries, total: rows.total, page, size })
    }

    /// How many deliveries wait for a decision of this person's; 0 for those who may not decide.
    pub async fn held_deliveries(&self, who: &Account) -> Answer<u64> {
        if !who.may("see.drift") {
            return Ok(0);
        }
        self.store().held_deliveries(self.among(who, "see.drift").as_deref()).await.map_err(internal)
    }

    fn drift_object(&self, id: &str, resource: &str) -> Object {
        Object { department: department_of(&self.city(), resource), ..object("drift", id) }
    }

    /// Staff: one of them, with the change of declarations that would settle it.
    pub async fn drift(&self, who: &Account, id: &str) -> Answer<DriftDetail> {
        self.may_at_all(who, "see.drift", &object("drift", id)).await?;
        let row = self.store().drift(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        self.may(who, "see.drift", &self.drift_object(id, &row.resource)).await?;
        let drift = self.view_drift(row);
        let city = self.city();
        let Some(resource) = city.resources.get(&drift.resource).filter(|_| drift.state == DriftState::Held) else {
            return Ok(DriftDetail { drift, blocked: None, drafts: Vec::new() });
        };
        let needed = |d: &&Difference| {
            let item = resource.items.iter().find(|item| item.name == d.about);
            matches!(d.kind, Kind::Gone | Kind::Renamed) && item.is_some_and(|item| item.required || item.key)
        };
        let blocked = drift.differences.iter().find(needed).map(|d| {
            Text::new(
                format!("「{}」是必填项或主键，没有它的列就不能入库：请更新声明，或退回来源。", d.about),
                format!("“{}” is required or part of the key: without its column nothing can land. Update the declaration or refuse.", d.about),
            )
        });
        let (dir, found) = (self.0.city_dir.clone(), drift.differences.clone());
        let (resource, of) = (resource.clone(), city.clone());
        let drafts = tokio::task::spawn_blocking(move || amend::drafts(&dir, &resource, &of, &found)).await.map_err(internal)??;
        Ok(DriftDetail { drift, blocked, drafts })
    }

    /// Staff: decides about a held delivery, and collects it at once, in the background, if it was accepted.
    pub async fn settle_drift(&self, who: &Account, id: &str, verdict: Verdict, why: &str, now: Moment) -> Answer<()> {
        if let Some(resource) = self.decide_drift(who, id, verdict, why, now).await?
            && let Err(error) = self.collect(who, CollectScope::Resource(resource), now).await
        {
            // Busy with another collection: the next one that is due takes it up.
            tracing::info!(%error, "an accepted delivery waits for the next collection");
        }
        Ok(())
    }

    /// Staff: decides about a held delivery. Answers which resource is to be collected now.
    pub async fn decide_drift(&self, who: &Account, id: &str, verdict: Verdict, why: &str, now: Moment) -> Answer<Option<String>> {
        let why = why.trim();
        if why.is_empty() || why.chars().count() > WHY_MAX {
            return Err(invalid("请写明理由（不超过 500 字）。", "Say why, in at most 500 characters."));
        }
        let detail = self.drift(who, id).await?;
        let object = self.drift_object(id, &detail.drift.resource);
        self.may(who, "drift.decide", &object).await?;
        if detail.drift.state != DriftState::Held {
            return Err(decided_already());
        }
        let mut change = None;
        match &verdict {
            Verdict::Accept => {
                if let Some(blocked) = detail.blocked {
                    return Err(DeskError::Invalid(blocked));
                }
            }
            Verdict::Update { base } => {
                if detail.drafts.is_empty() {
                    return Err(invalid("没有可以更新的声明。", "There is no declaration to update."));
                }
                if *base != detail.base() {
                    return Err(invalid("声明已被改动，请重新查看后再确认。", "The declaration has changed meanwhile; look at it again."));
                }
                change = Some(shown(&detail.drafts));
                let (dir, drafts) = (self.0.city_dir.clone(), detail.drafts);
                tokio::task::spawn_blocking(move || amend::write(&dir, &drafts)).await.map_err(internal)??;
                self.reload_city().map_err(|d| internal(format!("{d:?}")))?;
            }
            Verdict::Refuse => {}
        }
        let accepted = verdict != Verdict::Refuse;
        let resource = detail.drift.resource.clone();
        let decision = Decision {
            state: if accepted { "accepted" } else { "refused" },
            time: now,
            by: who.display.clone(),
            why: why.to_owned(),
            change,
        };
        let detail = json!({ "resource": detail.drift.resource, "state": decision.state, "why": why });
        if !self.logging(who, "drift.decide", &object, detail).await?.decide_drift(id, decision).await.map_err(internal)? {
            return Err(decided_already());
        }
        Ok(accepted.then_some(resource))
    }

    fn view_drift(&self, row: DriftRow) -> DriftView {
        let city = self.city();
        let title = city.resources.get(&row.resource).map(|r| Text::new(&r.title, &r.title_en));
        DriftView {
            resource_title: title.unwrap_or_else(|| Text::new(&row.resource, &row.resource)),
            state: DriftState::of(&row.state).unwrap_or(DriftState::Withdrawn),
            differences: differences(&row),
            id: row.id,
            resource: row.resource,
            system: row.system,
            run: row.run,
            time: row.time,
            decided: row.decided,
            decided_by: row.decided_by,
            why: row.why,
            change: row.change,
        }
    }
}

fn shown(drafts: &[Draft]) -> String {
    let line = |line: &DiffLine| format!("{} {}\n", line.mark, line.text);
    drafts.iter().map(|draft| format!("{}\n{}", draft.path, draft.lines.iter().map(line).collect::<String>())).collect()
}

fn decided_already() -> DeskError {
    invalid("已经有人处理过，或来源已自行恢复。", "It has been decided already, or the source came right by itself.")
}
