//! Readings by whom they were about, as the audit officer tells them at the counter and as each sees the own.

use std::collections::{BTreeMap, HashMap};

use data::grade::InfoType;
use data::share::{Purpose, Terms};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::json;
use store::share::{AboutFilter, AboutRow, ChallengeRow, GrantRow};

use super::{Named, invalid};
use crate::authority::Object;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// Longest id that is looked for, in bytes.
const ID_MAX: usize = 100;

/// A reading of what is kept of somebody.
#[derive(Clone, Debug, Serialize)]
pub struct AboutView {
    /// Its place in the log.
    pub leaf: u64,
    pub time: Moment,
    pub caller: Text,
    /// The department that it was read for.
    pub department: Named,
    /// The department that lent it.
    pub provider: Named,
    pub resource: Named,
    pub purpose: Purpose,
    /// The case that the caller knows it by.
    pub case: Option<String>,
    pub channel: String,
    /// What the items are called that the answer had.
    pub items: Vec<Text>,
    /// How many rows were about them; 0 where they were asked for in vain.
    pub rows: Option<u64>,
    pub grant: String,
    /// Where it is kept back for an investigation: from when on they may be told.
    pub held: Option<Moment>,
    /// What they have said of it.
    pub challenge: Option<Said>,
}

/// What somebody said of a reading, and was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    pub words: String,
    pub asked: Moment,
    pub answer: Option<String>,
    pub answered: Option<Moment>,
}

impl From<ChallengeRow> for Said {
    fn from(row: ChallengeRow) -> Said {
        Said { words: row.words, asked: row.asked, answer: row.answer, answered: row.answered }
    }
}

/// Who is told of readings.
pub(super) enum Reader<'a> {
    /// Staff: callers by name.
    Staff,
    /// Whom they were about: applications by name, and of people only that they are of the department's staff.
    Person(&'a Account),
}

impl Desk {
    /// Audit officer: who read what is kept of a person or company, by the number of an identity card or of a company.
    pub async fn reads_about(&self, who: &Account, id: &str, page: u64, size: u64) -> Answer<Page<AboutView>> {
        self.may(who, "see.reads", &Object::of("reads")).await?;
        let id = id.trim();
        if id.is_empty() || id.len() > ID_MAX {
            return Err(invalid("请输入身份证号或统一社会信用代码。", "Enter the number of an identity card, or a unified social credit code."));
        }
        let digests = [InfoType::CitizenId, InfoType::CompanyId].into_iter().filter_map(|info| self.subject_digest(info, id)).collect();
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().reads_about(&AboutFilter { digests, ..AboutFilter::default() }, page, size).await.map_err(internal)?;
        self.log(who, "see.reads", &Object::of("reads"), json!({ "found": rows.total })).await?;
        Ok(Page { entries: self.view_reads(rows.entries, &Reader::Staff, self.now()).await?, total: rows.total, page, size })
    }

    /// Readings as people see them.
    pub(super) async fn view_reads(&self, rows: Vec<AboutRow>, reader: &Reader<'_>, now: Moment) -> Answer<Vec<AboutView>> {
        let (city, names) = (self.city(), self.names().await?);
        let mut said: HashMap<u64, ChallengeRow> = match reader {
            Reader::Person(who) => self.store().challenges_by(&who.id).await.map_err(internal)?.into_iter().map(|one| (one.leaf, one)).collect(),
            Reader::Staff => HashMap::new(),
        };
        let mut grants: BTreeMap<String, (GrantRow, Terms)> = BTreeMap::new();
        let mut views = Vec::with_capacity(rows.len());
        for AboutRow { read, own } in rows {
            if !grants.contains_key(&read.lent) {
                let grant = self.store().grant(&read.lent).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
                let terms = super::terms(&grant.terms)?;
                grants.insert(read.lent.clone(), (grant, terms));
            }
            let Some((grant, terms)) = grants.get(&read.lent) else { continue };
            let items = terms.items.iter().map(|item| match city.resources.get(&grant.resource) {
                Some(resource) => super::item_title(resource, &item.name),
                None => Text::new(&item.name, &item.name),
            });
            views.push(AboutView {
                leaf: read.leaf,
                time: read.time,
                caller: match reader {
                    Reader::Person(_) if !read.caller.contains('/') => Text::new("工作人员", "A member of staff"),
                    _ => names.actor(&read.caller),
                },
                department: super::department(&city, &grant.department),
                provider: super::department(&city, &grant.provider),
                resource: super::resource(&city, &grant.resource),
                purpose: terms.purpose,
                case: read.case,
                channel: read.channel,
                items: items.collect(),
                rows: own,
                grant: grant.id.clone(),
                held: read.told.filter(|told| *told > now),
                challenge: said.remove(&read.leaf).map(Said::from),
            });
        }
        Ok(views)
    }
}
