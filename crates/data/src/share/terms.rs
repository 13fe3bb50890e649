//! The terms under which rows are lent, and what must hold of them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::{Text, nearest};
use serde::{Deserialize, Serialize};

use super::{Channel, Daily, Purpose};
use crate::City;
use crate::declare::{Grade, Resource, ShareType};
use crate::rule::{Expression, measure, parse};

/// Years that a term may lie ahead at most, whatever the city says: dates beyond are slips.
pub const UNTIL_MAX: u32 = 3_660;
/// Longest condition, in characters.
const CONDITION_MAX: usize = 2_000;
/// Longest legal ground of a delay, in characters.
const GROUND_MAX: usize = 200;
/// Calls a minute at most.
const PER_MINUTE_MAX: u32 = 600_000;

/// An item that is lent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lent {
    pub name: String,
    /// As it stands; else behind the item's mask.
    pub whole: bool,
}

/// What is asked for, or allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Items of the resource, each once, in its order.
    pub items: Vec<Lent>,
    /// Items that each query and verification must name (必填查询项).
    pub keys: Vec<String>,
    /// Which rows: a condition in the language of rules over the resource's items; all of them when empty.
    pub condition: String,
    pub channels: BTreeSet<Channel>,
    pub purpose: Purpose,
    /// The last day, `2027-01-31`.
    pub until: String,
    /// Calls a minute; more are put off.
    pub per_minute: u32,
    /// Days after which whoever a reading is about is told of it; 0: at once.
    #[serde(default)]
    pub told_after: u32,
    /// The legal ground of that delay.
    #[serde(default)]
    pub told_ground: String,
    /// Calls and rows a day.
    #[serde(default, flatten)]
    pub daily: Daily,
}

impl Terms {
    /// What similar requests begin with: all items up to L2 as they are, others masked; keys where somebody could be told by them.
    pub fn proposed(city: &City, resource: &Resource, today: Date) -> Terms {
        let items: Vec<Lent> = resource
            .items
            .iter()
            .map(|item| Lent { name: item.name.clone(), whole: grade(resource, &item.name) <= Grade::L2 })
            .collect();
        let sharing = &city.info.share;
        Terms {
            items,
            keys: keys_of(resource),
            condition: String::new(),
            channels: BTreeSet::from([Channel::Query]),
            purpose: Purpose::Service,
            until: last_day(today, sharing.longest_days),
            per_minute: sharing.per_minute,
            told_after: 0,
            told_ground: String::new(),
            daily: Daily::of_city(sharing),
        }
    }

    /// The same in order: items and keys as the resource has them. Says what does not hold together.
    pub fn settled(mut self, city: &City, resource: &Resource, today: Date) -> Result<Terms, Text> {
        let known = |name: &String| resource.items.iter().position(|item| item.name == *name).ok_or_else(|| unknown(resource, name));
        for name in self.items.iter().map(|item| &item.name).chain(&self.keys) {
            known(name)?;
        }
        self.items.sort_by_cached_key(|item| known(&item.name).unwrap_or(usize::MAX));
        self.items.dedup_by(|next, first| next.name == first.name);
        self.keys.sort_by_cached_key(|name| known(name).unwrap_or(usize::MAX));
        self.keys.dedup();
        self.condition = self.condition.trim().to_owned();
        self.daily = self.daily.settled(&city.info.share)?;
        self.channels(resource)?;
        self.of_service(city, resource)?;
        self.grades(resource)?;
        self.expression(city, resource)?;
        self.period(city, today)?;
        self.delay(city)?;
        match self.per_minute {
            1..=PER_MINUTE_MAX => Ok(self),
            _ => Err(Text::new(format!("每分钟调用次数应在 1 到 {PER_MINUTE_MAX} 之间"), format!("calls a minute are between 1 and {PER_MINUTE_MAX}"))),
        }
    }

    /// The condition, read; `None` where all rows are meant.
    pub fn expression(&self, city: &City, resource: &Resource) -> Result<Option<Expression>, Text> {
        if self.condition.is_empty() {
            return Ok(None);
        }
        if self.condition.chars().count() > CONDITION_MAX {
            return Err(Text::new("行条件超过 2000 字", "the condition has more than 2,000 characters"));
        }
        let read = parse(&self.condition, &measure::columns(city, resource));
        read.map(Some).map_err(|fault| {
            let help = fault.help.map(|help| Text::new(format!("；{}", help.zh), format!("; {}", help.en))).unwrap_or_default();
            Text::new(format!("行条件：{}{}", fault.message.zh, help.zh), format!("condition: {}{}", fault.message.en, help.en))
        })
    }

    /// Whether it holds at once, without anybody deciding: the resource is shared unconditionally, and nothing asked for as it
    /// stands is above L2.
    pub fn at_once(&self, resource: &Resource) -> bool {
        let low = |item: &Lent| !item.whole || grade(resource, &item.name) <= Grade::L2;
        resource.share == ShareType::Unconditional && self.told_after == 0 && self.items.iter().all(low)
    }

    /// Whether a decision gives no more than was asked: says what would be more. A condition may only be narrowed by one more.
    pub fn within(&self, asked: &Terms) -> Result<(), Text> {
        let more = |zh: &str, en: &str| Err(Text::new(format!("授权不能超出申请：{zh}"), format!("a grant gives no more than was asked: {en}")));
        for item in &self.items {
            match asked.items.iter().find(|one| one.name == item.name) {
                None => return more(&format!("未申请信息项 {}", item.name), &format!("the item {} was not asked for", item.name)),
                Some(one) if item.whole && !one.whole => return more(&format!("{} 只申请了脱敏值", item.name), &format!("{} was asked for masked", item.name)),
                Some(_) => {}
            }
        }
        if !self.channels.is_subset(&asked.channels) {
            return more("方式", "channels");
        }
        if !asked.keys.iter().all(|key| self.keys.contains(key)) {
            return more("必填查询项只能增加", "keys may only be added");
        }
        if self.until > asked.until {
            return more("期限", "the period");
        }
        if self.told_after > asked.told_after || (self.told_after > 0 && self.told_ground != asked.told_ground) {
            return more("延迟告知", "the delay in telling");
        }
        if !self.daily.within(&asked.daily) {
            return more("每日额度", "the daily quota");
        }
        if self.purpose != asked.purpose {
            return more("用途", "the purpose");
        }
        let narrowed = self.condition == asked.condition || asked.condition.is_empty() || self.condition.starts_with(&format!("({}) AND ", asked.condition));
        if narrowed { Ok(()) } else { more("行条件", "the condition") }
    }

    /// The same for fewer rows.
    pub fn narrowed(mut self, more: &str) -> Terms {
        let more = more.trim();
        self.condition = match (self.condition.is_empty(), more.is_empty()) {
            (_, true) => self.condition,
            (true, false) => more.to_owned(),
            (false, false) => format!("({}) AND ({more})", self.condition),
        };
        self
    }

    /// What two requests have in common that ask for the same: who asked and how long do not count.
    pub fn same_use(&self, other: &Terms) -> bool {
        self.items == other.items && self.condition == other.condition && self.channels == other.channels && self.purpose == other.purpose
    }

    fn channels(&self, resource: &Resource) -> Result<(), Text> {
        if self.channels.is_empty() {
            return Err(Text::new("至少选择一种方式", "choose one channel at least"));
        }
        if self.items.is_empty() {
            return Err(Text::new("至少选择一个信息项", "choose one item at least"));
        }
        if self.channels.contains(&Channel::Verify) && self.keys.is_empty() {
            let keys = keys_of(resource).join("、");
            let (zh, en) = if keys.is_empty() { Default::default() } else { (format!("；例如主键 {keys}"), format!("; for instance {keys}")) };
            return Err(Text::new(
                format!("核验要有必填查询项，用来确定核验的是哪一行{zh}"),
                format!("verification needs keys, which say which row is meant{en}"),
            ));
        }
        Ok(())
    }

    /// A service is asked call by call, by what its operations take.
    fn of_service(&self, city: &City, resource: &Resource) -> Result<(), Text> {
        if !city.is_service(resource) {
            return Ok(());
        }
        if let Some(channel) = self.channels.iter().find(|channel| !matches!(channel, Channel::Query | Channel::Verify)) {
            let title = channel.title();
            return Err(Text::new(
                format!("这是实时服务，只能查询或核验，不能{}", title.zh),
                format!("this is a service asked in real time: it is queried or verified, there is no {}", title.en.to_lowercase()),
            ));
        }
        let callable = resource.operations.iter().map(|operation| super::callable(operation, self));
        let mut why = None;
        for one in callable {
            match one {
                Ok(()) => return Ok(()),
                Err(text) => drop(why.get_or_insert(text)),
            }
        }
        why.map_or(Ok(()), Err)
    }

    fn grades(&self, resource: &Resource) -> Result<(), Text> {
        let rows = self.channels.iter().any(|channel| *channel != Channel::Verify);
        let whole = |least: Grade| self.items.iter().find(|item| item.whole && grade(resource, &item.name) >= least);
        if let (true, Some(item)) = (rows, whole(Grade::L4)) {
            return Err(Text::new(
                format!("{} 是 L4 数据，原值只能用于核验；查询和批量请选择脱敏值", item.name),
                format!("{} is of grade L4: as it stands it may be verified only; take it masked for queries and batches", item.name),
            ));
        }
        if let (true, true, Some(item)) = (self.channels.contains(&Channel::Query), self.keys.is_empty(), whole(Grade::L3)) {
            return Err(Text::new(
                format!("{} 是 L3 数据，查询须有必填查询项，不能浏览", item.name),
                format!("{} is of grade L3: queries need keys, rows cannot be browsed", item.name),
            ));
        }
        Ok(())
    }

    fn period(&self, city: &City, today: Date) -> Result<(), Text> {
        let longest = last_day(today, city.info.share.longest_days);
        let until: Result<Date, _> = self.until.parse();
        match until {
            Ok(until) if until < today => Err(Text::new("期限已过", "the period is over")),
            Ok(_) if self.until > longest => Err(Text::new(format!("期限最长到 {longest}"), format!("the period ends on {longest} at the latest"))),
            Ok(_) => Ok(()),
            Err(_) => Err(Text::new("期限应为日期，如 2027-01-31", "the period ends on a date, such as 2027-01-31")),
        }
    }
}

impl Terms {
    /// Whoever is read about is told; later only where an investigation needs it, on a legal ground, and not for ever.
    fn delay(&mut self, city: &City) -> Result<(), Text> {
        let longest = city.info.share.longest_delay;
        self.told_ground = self.told_ground.trim().to_owned();
        match self.told_after {
            0 => self.told_ground.clear(),
            _ if self.purpose != Purpose::Investigation => return Err(Text::new("只有用途为“案件调查”的，才能延迟告知本人", "telling persons may be delayed for an investigation only")),
            _ if self.told_ground.is_empty() || self.told_ground.chars().count() > GROUND_MAX => {
                return Err(Text::new("延迟告知本人须写明法律依据（不超过 200 字）", "a delay in telling persons needs its legal ground, in at most 200 characters"));
            }
            days if days > longest => {
                return Err(Text::new(format!("延迟告知本人最长 {longest} 天"), format!("persons are told after {longest} days at the latest")));
            }
            _ => {}
        }
        Ok(())
    }
}

/// An item's grade: its own, else that of the resource.
pub(crate) fn grade(resource: &Resource, name: &str) -> Grade {
    resource.items.iter().find(|item| item.name == name).and_then(|item| item.grade).unwrap_or(resource.grade)
}

/// The items that queries must name where something tells of a person: the declared ones, else the key.
fn keys_of(resource: &Resource) -> Vec<String> {
    if !resource.share_keys.is_empty() {
        return resource.share_keys.clone();
    }
    if !resource.operations.is_empty() {
        return service_keys(resource);
    }
    let grave = resource.items.iter().any(|item| grade(resource, &item.name) >= Grade::L3);
    resource.items.iter().filter(|item| grave && item.key).map(|item| item.name.clone()).collect()
}

/// What every operation of a service must be asked by.
fn service_keys(resource: &Resource) -> Vec<String> {
    let needs = |operation: &crate::declare::Operation, item: &str| operation.carries(item).is_some_and(|parameter| parameter.required && parameter.value.is_none());
    let all = |item: &&crate::declare::Item| resource.operations.iter().all(|operation| needs(operation, &item.name));
    resource.items.iter().filter(all).map(|item| item.name.clone()).collect()
}

fn last_day(today: Date, days: u32) -> String {
    let span = jiff::Span::new().try_days(i64::from(days.min(UNTIL_MAX))).unwrap_or_default();
    today.checked_add(span).unwrap_or(today).to_string()
}

fn unknown(resource: &Resource, name: &str) -> Text {
    let near = nearest(name, resource.items.iter().map(|item| item.name.as_str()));
    let (zh, en) = near.map(|near| (format!("，是否为 {near}？"), format!("; {near}?"))).unwrap_or_default();
    Text::new(format!("没有信息项 {name}{zh}"), format!("there is no item {name}{en}"))
}
