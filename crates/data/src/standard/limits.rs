//! What a declared standard asks beyond its kind: pattern, length, range, earliest and latest day.

use regex::{Regex, RegexBuilder};

use super::clock::Zone;
use super::flaw::Flaw;
use super::{Value, calendar, date};
use crate::declare::{Kind, Standard};

/// The memory a compiled pattern may take, in bytes.
const LARGEST_PATTERN: usize = 1 << 20;

#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    pattern: Option<Regex>,
    shortest: Option<usize>,
    longest: Option<usize>,
    least: Option<f64>,
    most: Option<f64>,
    /// Days since 1970-01-01.
    earliest: Option<i32>,
    latest: Option<i32>,
    any: bool,
}

/// Compiles a pattern that the whole value must match.
pub(crate) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(LARGEST_PATTERN).build()
}

impl Limits {
    pub fn new(standard: &Standard) -> Result<Limits, Flaw> {
        let pattern = standard.pattern.as_deref().map(compile).transpose().map_err(|error| {
            Flaw::new("pattern", format!("正则表达式有误：{error}"), format!("the pattern is not valid: {error}"))
        })?;
        let day = |text: &Option<String>| text.as_deref().map(date::declared).transpose();
        let mut limits = Limits {
            pattern,
            shortest: standard.min_length.map(|n| n as usize),
            longest: standard.max_length.map(|n| n as usize),
            least: standard.minimum,
            most: standard.maximum,
            earliest: day(&standard.earliest)?,
            latest: day(&standard.latest)?,
            any: false,
        };
        // The days of a citizen id are those of birth: they are checked where the id is read.
        let days = (limits.earliest.is_some() || limits.latest.is_some()) && standard.kind != Kind::CitizenId;
        limits.any = days
            || limits.pattern.is_some()
            || limits.shortest.is_some()
            || limits.longest.is_some()
            || limits.least.is_some()
            || limits.most.is_some();
        Ok(limits)
    }

    pub fn any(&self) -> bool {
        self.any
    }

    pub fn check(&self, value: &Value<'_>, zone: &Zone) -> Result<(), Flaw> {
        match value {
            Value::Text(text) => self.check_text(text),
            Value::Integer(number) => self.check_number(*number as f64),
            Value::Number(number) => self.check_number(*number),
            Value::Money(fen) => self.check_number(*fen as f64 / 100.0),
            Value::Date(day) => self.check_day(Some(*day)),
            Value::Datetime(micros) => self.check_day(Some(zone.day(*micros))),
            Value::Null | Value::Boolean(_) => Ok(()),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), Flaw> {
        if self.shortest.is_some() || self.longest.is_some() {
            let length = text.chars().count();
            if let Some(shortest) = self.shortest.filter(|shortest| length < *shortest) {
                let zh = format!("只有 {length} 个字，至少应有 {shortest} 个");
                return Err(Flaw::new(
                    "too_short",
                    zh,
                    format!("has {length} characters, should have at least {shortest}"),
                ));
            }
            if let Some(longest) = self.longest.filter(|longest| length > *longest) {
                let zh = format!("有 {length} 个字，最多 {longest} 个");
                return Err(Flaw::new(
                    "too_long",
                    zh,
                    format!("has {length} characters, should have at most {longest}"),
                ));
            }
        }
        match &self.pattern {
            Some(pattern) if !pattern.is_match(text) => {
                let form = pattern.as_str();
                let form = form.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$")).unwrap_or(form);
                let zh = format!("不符合规定的形式 `{form}`");
                Err(Flaw::new("pattern", zh, format!("does not have the required form `{form}`")))
            }
            _ => Ok(()),
        }
    }

    fn check_number(&self, number: f64) -> Result<(), Flaw> {
        if let Some(least) = self.least.filter(|least| number < *least) {
            let zh = format!("小于最小值 {least}，请核对数值和单位");
            return Err(Flaw::new(
                "below_minimum",
                zh,
                format!("is below the minimum {least}; check the value and its unit"),
            ));
        }
        if let Some(most) = self.most.filter(|most| number > *most) {
            let zh = format!("大于最大值 {most}，请核对数值和单位");
            return Err(Flaw::new(
                "above_maximum",
                zh,
                format!("is above the maximum {most}; check the value and its unit"),
            ));
        }
        Ok(())
    }

    /// Whether a day (since 1970-01-01) lies within the declared ones.
    pub fn check_day(&self, day: Option<i32>) -> Result<(), Flaw> {
        let Some(day) = day else { return Ok(()) };
        if let Some(earliest) = self.earliest.filter(|earliest| day < *earliest) {
            let limit = calendar::show(earliest);
            let zh = format!("日期早于 {limit}，请核对年份");
            return Err(Flaw::new("too_early", zh, format!("the date is before {limit}; check the year")));
        }
        if let Some(latest) = self.latest.filter(|latest| day > *latest) {
            let limit = calendar::show(latest);
            let zh = format!("日期晚于 {limit}，请核对年份");
            return Err(Flaw::new("too_late", zh, format!("the date is after {limit}; check the year")));
        }
        Ok(())
    }
}
