//! 核验: whether what a caller says of somebody is so: yes, no or unknown, never a value.

use std::collections::BTreeMap;

use data::share::Channel;
use kernel::Moment;
use serde::{Deserialize, Serialize};
use serving::{Condition, Operator, Question, Value};

use super::door::{Call, Pass};
use super::query::{Heading, Lending, Told, ask};
use super::question::canonical;
use super::{Caller, invalid};
use crate::{Answer, Desk, internal};

/// Rows under one key that are looked at.
const ROWS: u64 = 1_000;

/// What verification answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A row under these keys has all the values that were said.
    Yes,
    /// There are rows, and none of them does.
    No,
    /// There is no such row, or it has no value where one was said.
    Unknown,
}

#[derive(Serialize)]
struct Answered<'a> {
    #[serde(flatten)]
    heading: &'a Heading<'a>,
    verdict: Verdict,
}

impl Desk {
    /// An application or an officer: whether the row under the grant's keys has the values that are said of it. `said`: keys and
    /// lent items with their values.
    pub async fn verify_lent(&self, caller: &Caller, grant: &str, call: &Call, said: &BTreeMap<String, String>, now: Moment) -> Answer<Lending> {
        let pass = self.pass(caller, grant, Channel::Verify, call, now).await?;
        let (keys, claims) = parted(&pass, said)?;
        if pass.city.is_service(&pass.resource) {
            return self.verify_service(caller, call, pass, &keys, claims).await;
        }
        let copy = self.copy_for_answer(&pass.resource.id)?;
        let equal = |(item, value): &(String, String)| Condition::Compare(item.clone(), Operator::Equal, Value::Text(value.clone()));
        let under: Vec<Condition> = pass.condition.iter().cloned().chain(keys.iter().map(equal)).collect();
        let claimed = Condition::All(under.iter().cloned().chain(claims.iter().map(equal)).collect());
        let absent = Condition::Any(claims.iter().map(|(item, _)| Condition::Null(item.clone())).collect());
        let unsure = Condition::All(under.iter().cloned().chain([absent]).collect());
        let found = |condition: Condition| {
            let columns = vec![pass.terms.items.first().map(|item| item.name.clone()).unwrap_or_default()];
            let question = Question { columns, condition: Some(condition), limit: Some(ROWS), ..Question::default() };
            let copy = copy.clone();
            async move { ask(copy, question).await.map(|(batch, page)| (batch, page.rows.len())) }
        };
        // All that the three answers depend on is asked whatever comes out: how long it takes tells nothing.
        let (batch, there) = found(Condition::All(under.clone())).await?;
        let ((_, matching), (_, open)) = (found(claimed).await?, found(unsure).await?);
        let verdict = match (matching, open, there) {
            (1.., _, _) => Verdict::Yes,
            (_, 1.., _) | (_, _, 0) => Verdict::Unknown,
            _ => Verdict::No,
        };
        let heading = self.heading(&pass, Some(batch));
        let body = serde_json::to_vec(&Answered { heading: &heading, verdict }).map_err(internal)?;
        let mut subjects = self.subjects_of_keys(&pass, &keys);
        subjects.values_mut().for_each(|own| *own = u64::try_from(there).unwrap_or(0));
        let parameters: Vec<(String, String)> = said.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let told = Told { channel: Channel::Verify, call, heading: &heading, canonical: &canonical(&parameters), rows: 1, subjects, file: None, millis: None };
        self.tell_read(caller, &pass, told, body).await
    }
}

type Said = Vec<(String, String)>;

/// What says which row is meant, and what is said of it.
fn parted(pass: &Pass, said: &BTreeMap<String, String>) -> Answer<(Said, Said)> {
    let terms = &pass.terms;
    if let Some(missing) = terms.keys.iter().find(|key| !said.contains_key(*key)) {
        return Err(invalid(format!("缺少必填查询项：{missing}"), format!("the grant asks for the key {missing}")));
    }
    if let Some(other) = said.keys().find(|name| !terms.keys.contains(name) && !terms.items.iter().any(|item| item.name == **name)) {
        return Err(invalid(format!("授权中没有信息项 {other}"), format!("the grant has no item {other}")));
    }
    let pair = |(name, value): (&String, &String)| (name.clone(), value.clone());
    let (keys, claims): (Said, Said) = said.iter().map(pair).partition(|(name, _)| terms.keys.contains(name));
    match claims.is_empty() {
        true => Err(invalid("请给出要核验的信息项和值", "say what is to be verified: items with their values")),
        false => Ok((keys, claims)),
    }
}
