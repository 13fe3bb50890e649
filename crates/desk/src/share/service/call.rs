//! A call of a service under a grant: through the one door, asked with our credentials, cut to what is lent, told, signed. It goes
//! on to its end when its caller goes away: what was asked is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use data::declare::{Operation, Resource};
use data::share::{Asked, Channel, asked, callable, pick};
use kernel::{Moment, Text, nearest};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::filter::{self, holds};
use crate::share::door::{Call, Pass};
use crate::share::query::{Heading, Lending, Told};
use crate::share::question::canonical;
use crate::share::{Caller, Verdict, invalid};
use crate::{Answer, Desk, DeskError, internal};

#[derive(Serialize)]
struct Answered<'a> {
    #[serde(flatten)]
    heading: &'a Heading<'a>,
    /// Whether there were more records than one answer has.
    more: bool,
    rows: Vec<Map<String, Json>>,
}

#[derive(Serialize)]
struct Verified<'a> {
    #[serde(flatten)]
    heading: &'a Heading<'a>,
    verdict: Verdict,
}

/// A question that is on its way.
struct Asking {
    caller: Caller,
    call: Call,
    channel: Channel,
    pass: Arc<Pass>,
    /// The operation's place among those of the resource.
    operation: usize,
    asked: Asked,
    /// What was asked, as one text.
    canonical: String,
    /// What is said of the record, where it is to be verified.
    claims: Vec<(String, String)>,
}

impl Asking {
    fn operation(&self) -> Answer<&Operation> {
        self.pass.resource.operations.get(self.operation).ok_or(DeskError::NotFound)
    }
}

/// What a service gave: the values of all items of each record, and whether there were more records.
type Records = (Vec<Vec<Json>>, bool);

impl Desk {
    /// An application or an officer: asks an operation of a service under a grant.
    pub async fn call_service(&self, caller: &Caller, grant: &str, operation: &str, call: &Call, parameters: &[(String, String)], now: Moment) -> Answer<Lending> {
        let pass = self.pass(caller, grant, Channel::Query, call, now).await?;
        let at = named(&pass.resource, operation)?;
        self.ask_in_full(caller, call, Channel::Query, pass, at, parameters, Vec::new()).await
    }

    /// The same for verification: by the first operation that the keys can ask.
    pub(in crate::share) async fn verify_service(&self, caller: &Caller, call: &Call, pass: Arc<Pass>, keys: &[(String, String)], claims: Vec<(String, String)>) -> Answer<Lending> {
        let fits = |operation: &Operation| callable(operation, &pass.terms).and_then(|()| self.asked(&pass, operation, keys).map(drop));
        let mut why = None;
        let mut found = None;
        for (at, operation) in pass.resource.operations.iter().enumerate() {
            match fits(operation) {
                Ok(()) => {
                    found = Some(at);
                    break;
                }
                Err(text) => drop(why.get_or_insert(text)),
            }
        }
        let at = found.ok_or_else(|| why.map_or(DeskError::NotFound, DeskError::Invalid))?;
        self.ask_in_full(caller, call, Channel::Verify, pass, at, keys, claims).await
    }

    #[allow(clippy::too_many_arguments)]
    async fn ask_in_full(&self, caller: &Caller, call: &Call, channel: Channel, pass: Arc<Pass>, operation: usize, parameters: &[(String, String)], claims: Vec<(String, String)>) -> Answer<Lending> {
        let declared = pass.resource.operations.get(operation).ok_or(DeskError::NotFound)?;
        let asked = self.asked(&pass, declared, parameters).map_err(DeskError::Invalid)?;
        let all: Vec<(String, String)> = parameters.iter().chain(&claims).cloned().chain([("operation".to_owned(), declared.id.clone())]).collect();
        let asking = Asking { caller: caller.clone(), call: call.clone(), channel, pass, operation, asked, canonical: canonical(&all), claims };
        let desk = self.clone();
        tokio::spawn(async move { desk.ask_service(asking).await }).await.map_err(internal)?
    }

    fn asked(&self, pass: &Pass, operation: &Operation, parameters: &[(String, String)]) -> Result<Asked, Text> {
        let described = pass.city.apis.get(&pass.resource.system).and_then(|api| api.operations.get(&operation.id));
        let described = described.ok_or_else(|| Text::new("服务的文档里没有这个操作", "the service's document does not have this operation"))?;
        asked(&pass.city, &pass.resource, operation, described, &pass.terms, parameters)
    }

    async fn ask_service(&self, asking: Asking) -> Answer<Lending> {
        let system = asking.pass.city.systems.get(&asking.pass.resource.system).ok_or(DeskError::NotFound)?;
        let line = self.service_line(system)?;
        self.service_rate(&asking, system).await?;
        let turn = match line.turn(self.0.ports.clock) {
            Ok(turn) => turn,
            Err((why, seconds)) => {
                self.tell_refused(&asking.caller, &asking.pass, asking.channel, why, self.now()).await?;
                return Err(super::tell::put_off(why, seconds));
            }
        };
        let began = Instant::now();
        let answer = line.service.ask(&asking.asked.sent).await;
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let good = answer.as_ref().err().is_none_or(|failed| super::tell::is_callers(failed.why));
        line.say(answer.as_ref().err().map(|failed| failed.error.message.clone()));
        if let Some(turned) = turn.tell(good) {
            self.tell_turn(system, turned, answer.as_ref().err()).await?;
        }
        match answer {
            Ok(answer) => self.answer_of_service(&asking, answer.as_ref(), millis).await,
            Err(failed) => {
                tracing::info!(system = system.id, error = failed.error.message.en, "a service gave no answer");
                self.tell_unanswered(&asking, failed.why, millis).await?;
                Err(super::tell::unanswered(&failed))
            }
        }
    }

    /// A service bears so many calls a minute, of all grants together.
    async fn service_rate(&self, asking: &Asking, system: &data::declare::System) -> Answer<()> {
        let data::declare::Connector::Service { per_minute: Some(most), .. } = system.connector else { return Ok(()) };
        match self.0.doors.take(&format!("service/{}", system.id), most, self.now()) {
            Ok(()) => Ok(()),
            Err(seconds) => {
                self.tell_refused(&asking.caller, &asking.pass, asking.channel, "full", self.now()).await?;
                Err(super::tell::put_off("full", seconds))
            }
        }
    }

    async fn answer_of_service(&self, asking: &Asking, answer: Option<&Json>, millis: u64) -> Answer<Lending> {
        let pass = &asking.pass;
        let operation = asking.operation()?;
        let (records, more) = records(pass, operation, answer);
        let mut subjects = self.subjects_of_keys(pass, &asking.asked.named);
        for named in records.iter().flat_map(|record| self.subjects_of_record(pass, record)) {
            *subjects.entry(named).or_insert(0) += 1;
        }
        let mut heading = self.heading(pass, None);
        heading.operation = Some(&operation.id);
        let (body, rows) = match asking.channel {
            Channel::Verify => (serde_json::to_vec(&Verified { heading: &heading, verdict: verdict(pass, &records, &asking.claims) }), 1),
            _ => {
                let rows: Vec<Map<String, Json>> = records.iter().map(|record| shown(pass, record)).collect();
                let count = rows.len() as u64;
                (serde_json::to_vec(&Answered { heading: &heading, more, rows }), count)
            }
        };
        let told = Told { channel: asking.channel, call: &asking.call, heading: &heading, canonical: &asking.canonical, rows, subjects, file: None, millis: Some(millis) };
        self.tell_read(&asking.caller, pass, told, body.map_err(internal)?).await
    }

    /// Tells that a service was asked and gave no answer: whom it was asked about, it knows by now.
    async fn tell_unanswered(&self, asking: &Asking, why: ::collect::connect::Unanswered, millis: u64) -> Answer<()> {
        let pass = &asking.pass;
        let mut heading = self.heading(pass, None);
        heading.operation = Some(&asking.operation()?.id);
        let subjects = self.subjects_of_keys(pass, &asking.asked.named);
        let told = Told { channel: asking.channel, call: &asking.call, heading: &heading, canonical: &asking.canonical, rows: 0, subjects, file: None, millis: Some(millis) };
        self.tell_failed(&asking.caller, pass, told, super::tell::word(why)).await
    }

    /// Whom a record names, shown or not.
    fn subjects_of_record(&self, pass: &Pass, record: &[Json]) -> BTreeSet<[u8; 16]> {
        let items = pass.resource.items.iter().zip(record);
        let named = items.filter_map(|(item, value)| Some((pass.about.iter().find(|(name, _)| *name == item.name)?.1, value)));
        let each = named.flat_map(|(info, value)| match value {
            Json::Array(all) => all.iter().map(|one| (info, one)).collect::<Vec<_>>(),
            one => vec![(info, one)],
        });
        each.filter_map(|(info, value)| self.subject_digest(info, &filter::text(value)?)).collect()
    }
}

/// The operation of this name.
fn named(resource: &Resource, operation: &str) -> Answer<usize> {
    if let Some(at) = resource.operations.iter().position(|one| one.id == operation) {
        return Ok(at);
    }
    if resource.operations.is_empty() {
        return Err(invalid("这不是实时服务，请用查询（rows）。", "This is no service asked in real time; ask for its rows."));
    }
    let names = || resource.operations.iter().map(|one| one.id.as_str());
    let (zh, en) = match nearest(operation, names()) {
        Some(near) => (format!("，是否为 {near}？"), format!("; {near}?")),
        None => (format!("，可用的有：{}", names().collect::<Vec<_>>().join("、")), format!("; there are: {}", names().collect::<Vec<_>>().join(", "))),
    };
    Err(invalid(format!("没有操作 {operation}{zh}"), format!("there is no operation {operation}{en}")))
}

/// The records that the grant's condition lets through, with the values of all items.
fn records(pass: &Pass, operation: &Operation, answer: Option<&Json>) -> Records {
    let Some(answer) = answer else { return (Vec::new(), false) };
    let names: Vec<String> = pass.resource.items.iter().map(|item| item.name.clone()).collect();
    let most = usize::try_from(pass.city.info.share.rows).unwrap_or(usize::MAX);
    let (mut records, more) = pick(&pass.resource, operation, answer, &names, most);
    if let Some(condition) = &pass.condition {
        records.retain(|record| holds(&pass.city, &pass.resource, condition, record));
    }
    (records, more)
}

/// A record as it is lent: what the grant has, masked where it says so.
fn shown(pass: &Pass, record: &[Json]) -> Map<String, Json> {
    let value = |name: &str| pass.resource.items.iter().position(|item| item.name == name).and_then(|at| record.get(at)).cloned().unwrap_or_default();
    let lent = |(name, whole): (&String, bool)| match (whole, value(name)) {
        (true, value) => value,
        (false, Json::Array(all)) => Json::Array(all.iter().map(|one| masked(pass, name, one)).collect()),
        (false, value) => masked(pass, name, &value),
    };
    pass.terms.items.iter().map(|item| (item.name.clone(), lent((&item.name, item.whole)))).collect()
}

fn masked(pass: &Pass, name: &str, value: &Json) -> Json {
    filter::text(value).and_then(|text| pass.veil.cell(name, Some(text))).map_or(Json::Null, Json::String)
}

/// Whether a record has all that is said of it.
fn verdict(pass: &Pass, records: &[Vec<Json>], claims: &[(String, String)]) -> Verdict {
    let all: BTreeMap<&str, usize> = pass.resource.items.iter().enumerate().map(|(at, item)| (item.name.as_str(), at)).collect();
    let value = |record: &[Json], name: &str| all.get(name).and_then(|at| record.get(*at)).cloned().unwrap_or_default();
    let number = |name: &str| pass.resource.items.iter().find(|item| item.name == name).and_then(|item| pass.city.kind_of(item)).is_some_and(|kind| kind.is_number());
    let same = |name: &str, one: &Json, said: &str| match filter::text(one) {
        Some(text) if number(name) => text.parse::<f64>().ok().zip(said.trim().parse::<f64>().ok()).is_some_and(|(one, said)| one == said),
        Some(text) => text.trim() == said.trim(),
        None => false,
    };
    let fits = |record: &[Json], (name, said): &(String, String)| match value(record, name) {
        Json::Array(all) => all.iter().any(|one| same(name, one, said)),
        one => same(name, &one, said),
    };
    if records.iter().any(|record| claims.iter().all(|claim| fits(record, claim))) {
        return Verdict::Yes;
    }
    let open = |record: &Vec<Json>| claims.iter().any(|(name, _)| value(record, name).is_null());
    if records.is_empty() || records.iter().any(open) { Verdict::Unknown } else { Verdict::No }
}
