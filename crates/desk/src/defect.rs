//! Defects: one for each rule that fails and each objection, owned by the department of the resource, with a clock in
//! working days, until a measurement (or, for an objection, a person) finds the data right.

use data::rule::clock;
use kernel::{Moment, Text, uuid_v7};
use serde::Serialize;
use serde_json::json;
use store::defect::{DefectAct, DefectFilter as Query, DefectRow};

use crate::authority::{Object, object};
use crate::quality::{RuleView, Subject};
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal, invalid};

/// Longest answer or objection, in characters.
const WORDS_MAX: usize = 1_000;
/// Working days in which an objection must be answered.
const OBJECTION_DAYS: u32 = 10;

/// Where a defect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DefectState {
    /// The department has to mend it.
    Open,
    /// The department says that it is mended; the next measurement tells.
    Answered,
    /// Measured after the answer, and still wrong.
    Rechecked,
    Closed,
}

/// Where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DefectKind {
    Rule,
    /// 异议: a user of the data says that they are wrong.
    Objection,
}

impl DefectState {
    pub const ALL: [DefectState; 4] = [
        DefectState::Open,
        DefectState::Answered,
        DefectState::Rechecked,
        DefectState::Closed,
    ];

    /// The word in addresses and records.
    pub fn word(self) -> &'static str {
        match self {
            DefectState::Open => "open",
            DefectState::Answered => "answered",
            DefectState::Rechecked => "rechecked",
            DefectState::Closed => "closed",
        }
    }

    pub fn of(word: &str) -> Option<DefectState> {
        DefectState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// One defect.
#[derive(Clone, Debug, Serialize)]
pub struct DefectView {
    pub id: String,
    pub kind: DefectKind,
    pub title: Text,
    pub resource: String,
    pub resource_title: Text,
    pub department: String,
    pub department_title: Text,
    pub rule: Option<String>,
    /// The row that an objection is about.
    pub row: Option<String>,
    /// `error`, `warning`.
    pub severity: String,
    pub state: DefectState,
    pub checked: u64,
    pub failed: u64,
    pub opened: Moment,
    /// Last day on which it is not late, `2026-01-31`.
    pub due: String,
    pub late: bool,
    pub escalated: Option<Moment>,
    pub closed: Option<Moment>,
}

/// One act on a defect.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// `opened`, `measured`, `answered`, `rechecked`, `closed`, `dropped`, `escalated`, `confirmed`, `rejected`.
    pub act: String,
    pub who: String,
    pub time: Moment,
    pub words: String,
    pub failed: Option<u64>,
}

/// A defect with its history and, as long as it is declared, its rule.
#[derive(Clone, Debug)]
pub struct DefectDetail {
    pub defect: DefectView,
    pub acts: Vec<Act>,
    pub rule: Option<RuleView>,
}

#[derive(Clone, Debug, Default)]
pub struct DefectFilter {
    pub department: Option<String>,
    pub resource: Option<String>,
    pub state: Option<DefectState>,
    /// Only those that should have been mended by now.
    pub late: bool,
    /// Only those not closed.
    pub standing: bool,
}

impl Desk {
    /// Staff: those that stand first, the most urgent first. `page` is 1-based.
    pub async fn defects(&self, who: &Account, filter: &DefectFilter, page: u64, size: u64, now: Moment) -> Answer<Page<DefectView>> {
        let object = who.all_of("see.defects", "defects");
        self.may(who, "see.defects", &object).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let today = self.today(now);
        let query = Query {
            department: object.department.or_else(|| filter.department.clone()),
            resource: filter.resource.clone(),
            state: filter.state.map(|state| state.word().to_owned()),
            standing: filter.standing,
            late: filter.late.then(|| today.clone()),
        };
        let rows = self.store().defects(&query, page, size).await.map_err(internal)?;
        let entries = rows.entries.into_iter().map(|row| self.view_defect(row, &today)).collect();
        Ok(Page {
            entries,
            total: rows.total,
            page,
            size,
        })
    }

    /// How many defects are this person's to see to: those that wait for the own department, or for any where there is none.
    pub async fn waiting_defects(&self, who: &Account) -> Answer<u64> {
        if !who.may("defect.answer") {
            return Ok(0);
        }
        self.store().waiting_defects(who.department.as_deref()).await.map_err(internal)
    }

    /// Staff: one of them with everything that was done about it.
    pub async fn defect(&self, who: &Account, id: &str, now: Moment) -> Answer<DefectDetail> {
        let (row, _) = self.defect_object(who, "see.defects", id).await?;
        let acts = self.store().defect_acts(id).await.map_err(internal)?.into_iter().map(act).collect();
        let quality = self.resource_quality(&row.resource, now).await.ok();
        let rule = quality.and_then(|quality| quality.rules.into_iter().find(|rule| row.rule.as_deref() == Some(&rule.name)));
        Ok(DefectDetail {
            defect: self.view_defect(row, &self.today(now)),
            acts,
            rule,
        })
    }

    /// Staff: what the department has done about it. The next measurement tells whether that helped.
    pub async fn answer_defect(&self, who: &Account, id: &str, words: &str, now: Moment) -> Answer<()> {
        let (_, object) = self.defect_object(who, "defect.answer", id).await?;
        let words = said(words)?;
        let store = self.logging(who, "defect.answer", &object, json!({ "words": words })).await?;
        match store.answer_defect(id, &who.display, words, now).await.map_err(internal)? {
            true => Ok(()),
            false => Err(invalid("这一问题已经答复或办结。", "It has been answered or closed already.")),
        }
    }

    /// Staff: whether what an objection says has been put right.
    pub async fn recheck_objection(&self, who: &Account, id: &str, right: bool, words: &str, now: Moment) -> Answer<()> {
        let (row, object) = self.defect_object(who, "objection.recheck", id).await?;
        let words = said(words)?;
        if row.kind != "objection" {
            return Err(invalid(
                "规则发现的问题由复测办结，不能手工关闭。",
                "What a rule found is closed by measuring again, not by hand.",
            ));
        }
        match self
            .logging(who, "objection.recheck", &object, json!({ "right": right, "words": words })).await?
            .recheck_objection(id, right, &who.display, words, now)
            .await
            .map_err(internal)?
        {
            true => Ok(()),
            false => Err(invalid("这一异议已经办结。", "The objection is closed already.")),
        }
    }

    /// Anybody logged in: says that a resource, or one row of it, is wrong. Answers the id of the defect.
    pub async fn object(&self, who: &Account, resource: &str, row: Option<&str>, words: &str, now: Moment) -> Answer<String> {
        self.may(who, "objection.raise", &self.resource_object(resource)).await?;
        let words = said(words)?;
        let (city, models) = (self.city(), self.compiled());
        let declared = Subject::find(&city, &models, resource).ok_or(DeskError::NotFound)?;
        let row = row.filter(|row| !row.is_empty());
        if row.is_some_and(|row| crate::quality::row_hash(row).is_none()) {
            return Err(invalid(
                "行号应是行的 `_hash`（32 位十六进制）。",
                "A row is named by its `_hash`, 32 hexadecimal digits.",
            ));
        }
        let title: String = words.lines().next().unwrap_or_default().chars().take(60).collect();
        let id = uuid_v7(now, self.chance());
        let today = self.scene(&city, now).today();
        let defect = DefectRow {
            id: id.clone(),
            kind: "objection".to_owned(),
            resource: resource.to_owned(),
            department: declared.department.map(|found| found.id.clone()).unwrap_or_default(),
            rule: None,
            row_hash: row.map(str::to_owned),
            title: Text::new(&title, &title),
            severity: "warning".to_owned(),
            state: "open".to_owned(),
            checked: 0,
            failed: 0,
            opened: now,
            due: clock::due(&city.calendar(), today, OBJECTION_DAYS).to_string(),
            escalated: None,
            closed: None,
        };
        let detail = json!({ "resource": resource, "row": row, "words": words });
        self.logging(who, "objection.raise", &object("defect", &id), detail).await?.object(defect, &who.display, words).await.map_err(internal)?;
        Ok(id)
    }

    /// A defect that somebody may do this about, and what the log and the table of authority call it.
    async fn defect_object(&self, who: &Account, act: &str, id: &str) -> Answer<(DefectRow, Object)> {
        self.may_at_all(who, act, &object("defect", id)).await?;
        let row = self.store().defect(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let object = Object { department: Some(row.department.clone()).filter(|id| !id.is_empty()), ..object("defect", id) };
        self.may(who, act, &object).await?;
        Ok((row, object))
    }

    /// Escalates what is late; answers how many.
    pub async fn escalate_defects(&self, now: Moment) -> Answer<u64> {
        self.store().escalate_defects(&self.today(now), now).await.map_err(internal)
    }

    /// The day in the city.
    fn today(&self, now: Moment) -> String {
        self.day(now).to_string()
    }

    fn view_defect(&self, row: DefectRow, today: &str) -> DefectView {
        let city = self.city();
        let title = |found: Option<Text>, id: &str| found.unwrap_or_else(|| Text::new(id, id));
        let resource = Subject::find(&city, &self.compiled(), &row.resource).map(|subject| subject.title);
        let department = city.departments.get(&row.department).map(|d| Text::new(&d.title, &d.title_en));
        let state = DefectState::of(&row.state).unwrap_or(DefectState::Closed);
        DefectView {
            resource_title: title(resource, &row.resource),
            department_title: title(department, &row.department),
            kind: if row.kind == "objection" {
                DefectKind::Objection
            } else {
                DefectKind::Rule
            },
            late: matches!(state, DefectState::Open | DefectState::Rechecked) && row.due.as_str() < today,
            state,
            id: row.id,
            title: row.title,
            resource: row.resource,
            department: row.department,
            rule: row.rule,
            row: row.row_hash,
            severity: row.severity,
            checked: row.checked,
            failed: row.failed,
            opened: row.opened,
            due: row.due,
            escalated: row.escalated,
            closed: row.closed,
        }
    }
}

fn act(act: DefectAct) -> Act {
    Act {
        act: act.act,
        who: act.who,
        time: act.time,
        words: act.words,
        failed: act.failed,
    }
}

fn said(words: &str) -> Answer<&str> {
    let words = words.trim();
    if words.is_empty() || words.chars().count() > WORDS_MAX {
        return Err(invalid(
            "请写明情况（不超过 1000 字）。",
            "Say what the matter is, in at most 1,000 characters.",
        ));
    }
    Ok(words)
}
