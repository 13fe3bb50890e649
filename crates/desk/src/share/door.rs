//! The one door that every reading under a grant goes through: who calls, whether the grant holds, for this channel and purpose,
//! and not too often. What is known of callers and grants is kept for a second, and forgotten at once when it changes here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data::City;
use data::declare::{Item, Kind, Resource};
use data::grade::InfoType;
use data::share::{Channel, Daily, Purpose, Terms, midnight};
use kernel::{Moment, Text};
use serde_json::json;
use store::share::{ApplicationRow, GrantRow};

use super::{Caller, grant_object};
use crate::sight::Veil;
use crate::{Answer, Desk, DeskError, internal};

/// How long another process's change may go unnoticed, in microseconds.
const KNOWN_FOR: i64 = 1_000_000;
/// Callers and grants that are kept at most; beyond, all are asked for again.
const KNOWN_MAX: usize = 10_000;
/// Refused calls a minute of one caller that are told in the log; a flood of them is one entry's worth of news.
const REFUSALS_A_MINUTE: u32 = 60;
const CASE_MAX: usize = 200;

/// What comes with a call besides its question.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// What the rows are for: the word of a [`Purpose`].
    pub purpose: String,
    /// The case or reason that the caller's own records know it by (办件号).
    pub case: Option<String>,
}

/// A grant that lets its caller through, with all that an answer needs.
pub(super) struct Pass {
    pub grant: GrantRow,
    pub terms: Terms,
    pub city: Arc<City>,
    pub resource: Resource,
    pub condition: Option<serving::Condition>,
    /// Masks under a key of the grant's own: what two grants give cannot be put together.
    pub veil: Veil,
    /// Items that name a person or a company, shown or not: whoever a row is about is told of its reading.
    pub about: Vec<(String, InfoType)>,
    /// Calls and rows a day.
    pub daily: Daily,
}

impl Pass {
    /// The names of the items that somebody is named by.
    pub fn about(&self) -> impl Iterator<Item = String> + '_ {
        self.about.iter().map(|(item, _)| item.clone())
    }
}

/// What is known of callers and grants.
#[derive(Default)]
pub(crate) struct Doors(Mutex<Known>);

#[derive(Default)]
struct Known {
    applications: HashMap<String, (Moment, ApplicationRow)>,
    passes: HashMap<String, (Moment, Arc<Pass>)>,
    buckets: HashMap<String, Bucket>,
}

/// Calls that are still free, in thousandths, and when that was so.
struct Bucket {
    free: i64,
    at: Moment,
}

impl Doors {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something changed that decides who is let through.
    pub fn forget(&self) {
        let mut known = self.known();
        known.applications.clear();
        known.passes.clear();
    }

    pub fn application(&self, digest: &str, now: Moment) -> Option<ApplicationRow> {
        fresh(self.known().applications.get(digest), now)
    }

    pub fn keep_application(&self, digest: String, row: ApplicationRow, now: Moment) {
        keep(&mut self.known().applications, digest, row, now);
    }

    fn pass(&self, id: &str, now: Moment) -> Option<Arc<Pass>> {
        fresh(self.known().passes.get(id), now)
    }

    fn keep_pass(&self, id: &str, pass: Arc<Pass>, now: Moment) {
        keep(&mut self.known().passes, id.to_owned(), pass, now);
    }

    /// Takes one call from who may make so many a minute, a sixth of them at once; the seconds to wait where none is free.
    pub(crate) fn take(&self, whose: &str, per_minute: u32, now: Moment) -> Result<(), u64> {
        let mut known = self.known();
        if known.buckets.len() >= KNOWN_MAX {
            known.buckets.clear();
        }
        let most = i64::from(per_minute.div_ceil(6)) * 1_000;
        let bucket = known.buckets.entry(whose.to_owned()).or_insert(Bucket { free: most, at: now });
        let passed = (now.0 - bucket.at.0).clamp(0, 60_000_000);
        let filled = passed * i64::from(per_minute) / 60_000;
        if filled > 0 {
            bucket.free = (bucket.free + filled).min(most);
            bucket.at = now;
        }
        if bucket.free < 1_000 {
            let missing = u64::try_from(1_000 - bucket.free).unwrap_or(0) * 60;
            return Err(missing.div_ceil(u64::from(per_minute.max(1)) * 1_000));
        }
        bucket.free -= 1_000;
        Ok(())
    }
}

fn fresh<T: Clone>(known: Option<&(Moment, T)>, now: Moment) -> Option<T> {
    known.filter(|(at, _)| (0..KNOWN_FOR).contains(&(now.0 - at.0))).map(|(_, known)| known.clone())
}

fn keep<T>(all: &mut HashMap<String, (Moment, T)>, id: String, one: T, now: Moment) {
    if all.len() >= KNOWN_MAX {
        all.clear();
    }
    all.insert(id, (now, one));
}

impl Desk {
    /// The grant that a call is made under, if it lets this caller through now.
    pub(super) async fn pass(&self, caller: &Caller, id: &str, channel: Channel, call: &Call, now: Moment) -> Answer<Arc<Pass>> {
        let pass = match self.0.doors.pass(id, now) {
            Some(pass) => pass,
            None => {
                let pass = Arc::new(self.open_pass(id).await?.ok_or(DeskError::NotFound)?);
                self.0.doors.keep_pass(id, pass.clone(), now);
                pass
            }
        };
        if caller.department() != Some(pass.grant.department.as_str()) {
            // Who is not of the department does not learn that there is such a grant.
            self.tell_refused(caller, &pass, channel, "department", now).await?;
            return Err(DeskError::NotFound);
        }
        if let Caller::Person(account) = caller {
            self.may(account, "read.grant", &grant_object(id, &pass.grant.department)).await?;
        }
        if let Err((word, why)) = holds(&pass, channel, call, now) {
            self.tell_refused(caller, &pass, channel, word, now).await?;
            return Err(DeskError::Forbidden(why));
        }
        if let Caller::Node { id: node, .. } = caller
            && let Err((word, why)) = self.agreed(node, &pass, channel, now)
        {
            self.tell_refused(caller, &pass, channel, word, now).await?;
            return Err(DeskError::Forbidden(why));
        }
        self.within_quota(caller, &pass, channel, now).await?;
        self.0.doors.take(&pass.grant.id, pass.terms.per_minute, now).map_err(|seconds| DeskError::TooMany {
            text: Text::new(
                format!("调用过于频繁：该授权每分钟 {} 次，请 {seconds} 秒后再试。", pass.terms.per_minute),
                format!("Too many calls: the grant allows {} a minute. Try again in {seconds} s.", pass.terms.per_minute),
            ),
            seconds,
        })?;
        Ok(pass)
    }

    pub(super) async fn open_pass(&self, id: &str) -> Answer<Option<Pass>> {
        let Some(grant) = self.store().grant(id).await.map_err(internal)? else { return Ok(None) };
        let city = self.city();
        let Some(resource) = city.resources.get(&grant.resource).cloned() else { return Ok(None) };
        let terms = super::terms(&grant.terms)?;
        let condition = super::condition::of_terms(&city, &resource, &terms)?;
        let masked: Vec<&str> = terms.items.iter().filter(|item| !item.whole).map(|item| item.name.as_str()).collect();
        let veil = self.lent_veil(&city, &resource, &masked, &format!("grant/{}", grant.id));
        let names = |item: &Item| match city.kind_of(item)? {
            Kind::CitizenId => Some(InfoType::CitizenId),
            Kind::Uscc => Some(InfoType::CompanyId),
            _ => None,
        };
        let about = resource.items.iter().filter_map(|item| Some((item.name.clone(), names(item)?))).collect();
        let daily = terms.daily.least(Daily::of_city(&city.info.share));
        Ok(Some(Pass { grant, terms, resource, condition, veil, about, daily, city }))
    }

    /// Refuses what the day has no room for, before anything is asked. What is exact is the count that a reading is written with.
    async fn within_quota(&self, caller: &Caller, pass: &Pass, channel: Channel, now: Moment) -> Answer<()> {
        if !pass.daily.is_bounded() {
            return Ok(());
        }
        let (calls, rows) = self.store().used_on(&pass.grant.id, &self.day(now).to_string()).await.map_err(internal)?;
        let left = pass.daily.left(calls, rows);
        match left.calls == Some(0) || left.rows == Some(0) {
            true => Err(self.beyond_quota(caller, pass, channel, now).await?),
            false => Ok(()),
        }
    }

    /// What is told where a day's quota is used up.
    pub(super) async fn beyond_quota(&self, caller: &Caller, pass: &Pass, channel: Channel, now: Moment) -> Answer<DeskError> {
        self.tell_refused(caller, pass, channel, "quota", now).await?;
        let next = midnight(&pass.city, now);
        let shown = |most: Option<u64>, without: &str| most.map_or(without.to_owned(), |most| most.to_string());
        Ok(DeskError::TooMany {
            text: Text::new(
                format!("今日额度不足（每日调用 {}，行数 {}），请明日再试。", shown(pass.daily.calls, "不限"), shown(pass.daily.rows, "不限")),
                format!("The day's quota is used up ({} calls, {} rows a day). Try again tomorrow.", shown(pass.daily.calls, "any"), shown(pass.daily.rows, "any")),
            ),
            seconds: u64::try_from(next.seconds_since(now)).unwrap_or(0).max(1),
        })
    }

    /// What a neighbour may read it may read as long as the agreement holds that opened it.
    fn agreed(&self, node: &str, pass: &Pass, channel: Channel, now: Moment) -> Result<(), (&'static str, Text)> {
        let (city, today) = (self.city(), self.day(now).to_string());
        let node = city.nodes.get(node).filter(|node| node.holds(&today));
        let open = node.is_some_and(|node| node.offers(&city, &pass.resource) && node.channels.contains(&channel) && node.purposes.contains(&pass.terms.purpose));
        let why = || Text::new("两市的协议现在不包括这次使用。", "The agreement between the cities does not include this reading now.");
        if open { Ok(()) } else { Err(("agreement", why())) }
    }

    /// Whether one more refusal of somebody is told in the log: a flood of them is told now and then.
    pub(crate) fn tells_refusal(&self, whose: &str, now: Moment) -> bool {
        self.0.doors.take(&format!("refused/{whose}"), REFUSALS_A_MINUTE, now).is_ok()
    }

    /// Tells the log of a call that was not let through; a flood of them is told now and then.
    pub(super) async fn tell_refused(&self, caller: &Caller, pass: &Pass, channel: Channel, why: &str, now: Moment) -> Answer<()> {
        let actor = caller.actor();
        if !self.tells_refusal(&actor.id(), now) {
            return Ok(());
        }
        let detail = json!({ "act": "read.grant", "why": why });
        let leaf = self.leaf(actor, "act.refuse", &crate::log::subject("grant", &pass.grant.id), detail);
        self.store().add_refusal(leaf, &pass.grant.id, &self.day(now).to_string(), channel.word()).await.map_err(internal)
    }
}

/// Whether a grant holds for a call; else a word for the log, and what the caller is told.
pub(super) fn holds(pass: &Pass, channel: Channel, call: &Call, now: Moment) -> Result<(), (&'static str, Text)> {
    let Pass { grant, terms, .. } = pass;
    if let Some(why) = grant.ended.and(grant.ended_why.as_ref()) {
        return Err(("ended", Text::new(format!("授权已被收回：{why}"), format!("The grant was withdrawn: {why}"))));
    }
    if grant.until < now {
        return Err(("expired", Text::new(format!("授权已于 {} 到期，请申请续期。", terms.until), format!("The grant ended on {}; ask for its renewal.", terms.until))));
    }
    if !terms.channels.contains(&channel) {
        let title = channel.title();
        return Err(("channel", Text::new(format!("授权不含“{}”方式。", title.zh), format!("The grant does not include the channel “{}”.", title.en))));
    }
    if call.purpose != terms.purpose.word() {
        let words: Vec<&str> = Purpose::ALL.iter().map(|purpose| purpose.word()).collect();
        return Err(("purpose", Text::new(
            format!("用途不符：调用须以 purpose 写明用途，且与授权的用途一致（可写 {}）。", words.join("、")),
            format!("The purpose does not fit: each call names it as `purpose`, the same as the grant's (one of {}).", words.join(", ")),
        )));
    }
    if call.case.as_ref().is_some_and(|case| case.chars().count() > CASE_MAX) {
        return Err(("case", Text::new("办件号过长（不超过 200 字）。", "The case is longer than 200 characters.")));
    }
    Ok(())
}
