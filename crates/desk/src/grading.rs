//! Classes and grades that the values speak for and the declaration does not: proposed to a steward, who confirms, chooses
//! another, or rejects. What is decided is written into the declaration, shown as a diff first, and can be taken back.

use std::collections::BTreeSet;

use data::City;
use data::declare::{Grade, Item, ItemClass, OpenType, Resource};
use data::grade::{self, Column, InfoType, Proposal};
use kernel::{Moment, Text, id::uuid_v7};
use serde_json::json;
use store::grading::GradeDecision;

use crate::amend::{self, DiffLine, Draft};
use crate::authority::{Object, department_of};
use crate::catalog::word;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

const WHY_MAX: usize = 500;
/// Decisions that the page lists.
const DECISIONS_SHOWN: u32 = 50;

/// An item whose names and values speak for more than its declaration says.
#[derive(Clone, Debug, PartialEq)]
pub struct GradeProposal {
    pub resource: String,
    pub resource_title: Text,
    pub item: String,
    pub item_title: Text,
    pub class: ItemClass,
    pub grade: Grade,
    /// As declared; the grade of the resource where the item has none of its own.
    pub declared_class: ItemClass,
    pub declared_grade: Grade,
    /// 0 to 1.
    pub confidence: f64,
    pub why: Text,
}

impl GradeProposal {
    /// `personal L3`
    fn said(&self) -> String {
        said(self.class, self.grade)
    }
}

/// What was decided, for the page.
#[derive(Clone, Debug, PartialEq)]
pub struct GradeDecided {
    pub id: String,
    pub resource: String,
    pub item: String,
    pub proposed: String,
    pub decided: String,
    /// `confirmed`, `chosen`, `rejected` or `undone`.
    pub state: String,
    pub who: String,
    pub why: String,
    pub time: Moment,
    pub change: Option<String>,
}

/// What a steward decides about a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GradeVerdict {
    Confirm,
    Choose(ItemClass, Grade),
    Reject,
}

fn said(class: ItemClass, grade: Grade) -> String {
    format!("{} {}", word(class), word(grade))
}

impl Desk {
    /// Staff: what is proposed and neither declared nor rejected, the surest of the highest grade first.
    pub async fn grade_proposals(&self, who: &Account, resource: Option<&str>) -> Answer<Vec<GradeProposal>> {
        let city = self.city();
        let own = who.kept_to("see.grading");
        let object = resource.map_or_else(|| who.all_of("see.grading", "resources"), |id| self.resource_object(id));
        self.may(who, "see.grading", &object).await?;
        let rejected = self.store().rejected_grades().await.map_err(internal)?;
        let rejected: BTreeSet<(String, String, String)> = rejected.into_iter().map(|row| (row.resource, row.item, row.proposed)).collect();
        let mut found = Vec::new();
        for declared in city.resources.values().filter(|one| resource.is_none_or(|id| one.id == id)) {
            if own.is_some() && department_of(&city, &declared.id).as_deref() != own {
                continue;
            }
            let kept = self.store().preview(&declared.id).await.map_err(internal)?;
            let rows: Option<(Vec<String>, Vec<Vec<Option<String>>>)> = kept.and_then(|kept| serde_json::from_str(&kept.json).ok());
            let (columns, rows) = rows.unwrap_or_default();
            found.extend(proposals(&city, declared, &columns, &rows, self.now()));
        }
        found.retain(|one| !rejected.contains(&(one.resource.clone(), one.item.clone(), one.said())));
        found.sort_by(|a, b| b.grade.cmp(&a.grade).then(b.confidence.total_cmp(&a.confidence)).then(a.resource.cmp(&b.resource)));
        Ok(found)
    }

    /// Staff: one of them.
    pub async fn grade_proposal(&self, who: &Account, resource: &str, item: &str) -> Answer<GradeProposal> {
        let all = self.grade_proposals(who, Some(resource)).await?;
        all.into_iter().find(|one| one.item == item).ok_or(DeskError::NotFound)
    }

    /// Staff: how the declaration would change.
    pub async fn grade_draft(&self, resource: &str, item: &str, class: ItemClass, grade: Grade) -> Answer<Draft> {
        let open = self.city().resources.get(resource).is_some_and(|one| one.open == OpenType::Unconditional);
        if open && grade > Grade::L1 {
            return Err(DeskError::Invalid(Text::new(
                "该信息资源无条件开放，只能是 L1：请先改它的开放类型。",
                "The resource is opened without conditions, so it can only be L1: change how it is opened first.",
            )));
        }
        let (dir, resource, item) = (self.0.city_dir.clone(), resource.to_owned(), item.to_owned());
        let draft = tokio::task::spawn_blocking(move || amend::grade_draft(&dir, &resource, &item, class, grade)).await.map_err(internal)??;
        draft.ok_or_else(|| {
            DeskError::Invalid(Text::new("声明无法自动改成这样，请直接编辑文件。", "The declaration cannot be changed so by itself; edit the file."))
        })
    }

    /// Staff: decides about a proposal. `base` names the file that the diff was shown for; without it the file is taken as it is.
    pub async fn settle_grade(&self, who: &Account, of: (&str, &str), verdict: GradeVerdict, why: &str, base: Option<&str>) -> Answer<()> {
        self.may(who, "grade.decide", &self.resource_object(of.0)).await?;
        let ((resource, item), now) = (of, self.now());
        let proposal = self.grade_proposal(who, resource, item).await?;
        let why = why.trim();
        let needed = verdict != GradeVerdict::Confirm;
        if (needed && why.is_empty()) || why.chars().count() > WHY_MAX {
            return Err(DeskError::Invalid(Text::new("请写明理由（不超过 500 字）。", "Say why, in at most 500 characters.")));
        }
        let (state, class, grade) = match verdict {
            GradeVerdict::Confirm => ("confirmed", proposal.class, proposal.grade),
            GradeVerdict::Choose(class, grade) => ("chosen", class, grade),
            GradeVerdict::Reject => ("rejected", proposal.declared_class, proposal.declared_grade),
        };
        let mut row = GradeDecision {
            id: uuid_v7(now, self.chance()),
            resource: resource.to_owned(),
            item: item.to_owned(),
            proposed: proposal.said(),
            decided: said(class, grade),
            state: state.to_owned(),
            who: who.display.clone(),
            why: why.to_owned(),
            time: now,
            ..GradeDecision::default()
        };
        if verdict != GradeVerdict::Reject {
            let draft = self.grade_draft(resource, item, class, grade).await?;
            if base.is_some_and(|base| base != draft.base) {
                return Err(amend::changed_meanwhile(&draft.path));
            }
            row.change = Some(shown(&draft.lines));
            row.path = Some(draft.path.clone());
            row.after_base = Some(amend::base(&draft.text));
            row.before = Some(self.write_draft(draft).await?);
        }
        let detail = json!({ "item": item, "state": row.state, "decided": row.decided, "why": why });
        self.logging(who, "grade.decide", &self.resource_object(resource), detail).await?.add_grade_decision(row).await.map_err(internal)
    }

    /// Staff: takes a decision back: the declaration becomes what it was, if nobody has changed it since.
    pub async fn undo_grade(&self, who: &Account, id: &str) -> Answer<()> {
        self.may_at_all(who, "grade.undo", &Object::of("resources")).await?;
        let row = self.store().grade_decision(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        self.may(who, "grade.undo", &self.resource_object(&row.resource)).await?;
        if row.state == "undone" {
            return Err(DeskError::Invalid(Text::new("已经撤销过。", "It was taken back before.")));
        }
        if let (Some(path), Some(text), Some(base)) = (row.path, row.before, row.after_base) {
            self.write_draft(Draft { path, text, base, lines: Vec::new() }).await?;
        }
        let detail = json!({ "item": row.item, "decision": id });
        self.logging(who, "grade.undo", &self.resource_object(&row.resource), detail).await?.undo_grade_decision(id).await.map_err(internal)?;
        Ok(())
    }

    /// Staff: the newest decisions.
    pub async fn grade_decisions(&self, who: &Account) -> Answer<Vec<GradeDecided>> {
        let (city, own) = (self.city(), who.kept_to("see.grading"));
        self.may(who, "see.grading", &who.all_of("see.grading", "resources")).await?;
        let rows = self.store().grade_decisions(DECISIONS_SHOWN).await.map_err(internal)?;
        let view = |row: GradeDecision| GradeDecided {
            id: row.id,
            resource: row.resource,
            item: row.item,
            proposed: row.proposed,
            decided: row.decided,
            state: row.state,
            who: row.who,
            why: row.why,
            time: row.time,
            change: row.change,
        };
        let theirs = |row: &GradeDecision| own.is_none() || department_of(&city, &row.resource).as_deref() == own;
        Ok(rows.into_iter().filter(theirs).map(view).collect())
    }

    /// Writes a draft and reads the city again; answers the text that was there.
    async fn write_draft(&self, draft: Draft) -> Answer<String> {
        let dir = self.0.city_dir.clone();
        let written = move || {
            let before = std::fs::read_to_string(dir.join(&draft.path)).map_err(internal)?;
            amend::write(&dir, &[draft]).map(|()| before)
        };
        let before = tokio::task::spawn_blocking(written).await.map_err(internal)??;
        self.reload_city().map_err(|d| internal(format!("{d:?}")))?;
        Ok(before)
    }
}

fn shown(lines: &[DiffLine]) -> String {
    lines.iter().map(|line| format!("{} {}\n", line.mark, line.text)).collect()
}

/// What is proposed for a resource's items, by its first rows.
fn proposals(city: &City, resource: &Resource, columns: &[String], rows: &[Vec<Option<String>>], now: Moment) -> Vec<GradeProposal> {
    let values: Vec<Vec<&str>> = resource.items.iter().map(|item| values(columns, rows, &item.name)).collect();
    let looked: Vec<Column<'_>> = resource
        .items
        .iter()
        .zip(&values)
        .map(|(item, values)| Column { name: &item.name, title: &item.title, values })
        .collect();
    let today = i32::try_from(now.0.div_euclid(86_400_000_000)).ok();
    let found = grade::detect_table(&looked, today);
    resource.items.iter().zip(found).filter_map(|(item, found)| proposal(city, resource, item, &found)).collect()
}

fn values<'r>(columns: &[String], rows: &'r [Vec<Option<String>>], item: &str) -> Vec<&'r str> {
    let Some(at) = columns.iter().position(|column| column == item) else { return Vec::new() };
    rows.iter().filter_map(|row| row.get(at)?.as_deref()).collect()
}

/// What speaks for more than is declared; nothing where nothing was found, or no more than that.
fn proposal(city: &City, resource: &Resource, item: &Item, found: &Proposal) -> Option<GradeProposal> {
    let of_kind = city.kind_of(item).and_then(InfoType::of_kind);
    let (declared_class, declared_grade) = (item.class, item.grade.unwrap_or(resource.grade));
    if !found.is_known() && of_kind.is_none() {
        return None;
    }
    let known = found.is_known().then(|| (found.class(), found.grade()));
    let class = known.map(|known| known.0).max(of_kind.map(InfoType::class))?;
    let grade = known.map(|known| known.1).max(of_kind.map(InfoType::grade))?;
    // Evidence only raises: that something is harmless is for a steward to say.
    let (class, grade) = (class.max(declared_class), grade.max(declared_grade));
    if (class, grade) == (declared_class, declared_grade) {
        return None;
    }
    let why = found.findings.first().map(|finding| finding.why.clone()).or_else(|| found.raised.as_ref().map(|(_, _, why)| why.clone()));
    Some(GradeProposal {
        resource: resource.id.clone(),
        resource_title: Text::new(&resource.title, &resource.title_en),
        item: item.name.clone(),
        item_title: Text::new(&item.title, &item.title_en),
        class,
        grade,
        declared_class,
        declared_grade,
        confidence: if found.findings.is_empty() { 1.0 } else { found.confidence() },
        why: why.unwrap_or_else(|| Text::new("数据元是这一类信息", "its standard says so")),
    })
}
