//! The receipt of an answer: its leaf, and the proof that it stands in the log. For those whom it concerns: who read, who lent, and
//! the audit officer.

use std::collections::BTreeMap;

use data::grade::InfoType;
use data::share::Purpose;
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::json;
use serving::{Condition, Operator, Question, Value};
use store::share::ReadRow;

use super::query::ask;
use super::{Caller, Named, invalid};
use crate::authority::Object;
use crate::log::Receipt;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// Files that are looked through.
const FILES_MAX: u64 = 1_000;
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
    pub resource: Named,
    pub purpose: Purpose,
    pub channel: String,
    /// What the items are called that the answer had.
    pub items: Vec<Text>,
    pub grant: String,
}

impl Desk {
    /// The receipt of the answer whose leaf has this number; busy until the leaf stands in the log's files.
    pub async fn read_receipt(&self, caller: &Caller, leaf: u64) -> Answer<Receipt> {
        let read = self.store().read_of(leaf).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let grant = self.store().grant(&read.lent).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let concerns = |department: Option<&str>| department.is_some_and(|own| own == grant.department || own == grant.provider);
        let allowed = match caller {
            Caller::Application { department, .. } | Caller::Node { department, .. } => *department == grant.department,
            Caller::Person(account) => account.may("see.log") || account.may_for("see.grants", None) || (account.may("see.grants") && concerns(account.department.as_deref())),
        };
        if !allowed {
            return Err(DeskError::NotFound);
        }
        self.receipt(leaf).await
    }

    /// Audit officer: who read what is kept of a person or company, by the number of an identity card or of a company.
    pub async fn reads_about(&self, who: &Account, id: &str, page: u64, size: u64) -> Answer<Page<AboutView>> {
        self.may(who, "see.reads", &Object::of("reads")).await?;
        let id = id.trim();
        if id.is_empty() || id.len() > ID_MAX {
            return Err(invalid("请输入身份证号或统一社会信用代码。", "Enter the number of an identity card, or a unified social credit code."));
        }
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let mut rows = store::Rows { entries: Vec::new(), total: 0 };
        for info in [InfoType::CitizenId, InfoType::CompanyId] {
            let digest = self.subject_digest(info, id).ok_or_else(|| internal("the key of masks is too short".to_owned()))?;
            let found = self.store().reads_about(digest, page, size).await.map_err(internal)?;
            rows.total += found.total;
            rows.entries.extend(found.entries);
        }
        if page == 1 {
            let files = self.files_about(id).await?;
            rows.total += files.len() as u64;
            rows.entries.extend(files);
            rows.entries.sort_by_key(|row| std::cmp::Reverse(row.leaf));
        }
        self.log(who, "see.reads", &Object::of("reads"), json!({ "found": rows.total })).await?;
        let (city, names) = (self.city(), self.names().await?);
        let mut entries = Vec::new();
        for row in rows.entries {
            let grant = self.store().grant(&row.lent).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
            let terms = super::terms(&grant.terms)?;
            let items = terms.items.iter().map(|item| match city.resources.get(&grant.resource) {
                Some(resource) => super::item_title(resource, &item.name),
                None => Text::new(&item.name, &item.name),
            });
            entries.push(AboutView {
                leaf: row.leaf,
                time: row.time,
                caller: names.actor(&row.caller),
                department: super::department(&city, &grant.department),
                resource: super::resource(&city, &grant.resource),
                purpose: terms.purpose,
                channel: row.channel,
                items: items.collect(),
                grant: grant.id,
            });
        }
        Ok(Page { entries, total: rows.total, page, size })
    }

    /// The newest files of all rows that somebody is among, as far as their grants' conditions and the copies tell now.
    async fn files_about(&self, id: &str) -> Answer<Vec<ReadRow>> {
        let mut within: BTreeMap<String, bool> = BTreeMap::new();
        let mut found = Vec::new();
        for row in self.store().newest_files(FILES_MAX).await.map_err(internal)? {
            let known = within.get(&row.lent).copied();
            let there = match known {
                Some(there) => there,
                None => self.is_among(&row.lent, id).await?,
            };
            within.insert(row.lent.clone(), there);
            if there {
                found.push(row);
            }
        }
        Ok(found)
    }

    async fn is_among(&self, grant: &str, id: &str) -> Answer<bool> {
        let Some(pass) = self.open_pass(grant).await? else { return Ok(false) };
        let Some(copy) = self.copy_of(&pass.resource.id) else { return Ok(false) };
        let named = |item: String| Condition::Compare(item, Operator::Equal, Value::Text(id.to_owned()));
        let any = Condition::Any(pass.about().map(named).collect());
        let question = Question { condition: Some(Condition::All(pass.condition.iter().cloned().chain([any]).collect())), limit: Some(1), ..Question::default() };
        Ok(!ask(copy, question).await?.1.rows.is_empty())
    }
}
