//! One way of making a value coarser: the masks of the house, and two more that only openings need.

use std::borrow::Cow;

use data::mask::{DateStep, HIDDEN, Mask, Masker};
use data::standard::Value;
use kernel::Text;
use serde::{Deserialize, Serialize};

/// What is done to the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// As it is.
    Whole,
    /// A mask of the house.
    Mask(Mask),
    /// A date to its quarter: `1985-Q2`.
    Quarter,
    /// So many first characters.
    Prefix(u8),
    /// Nothing is told, not even whether there is a value.
    Hide,
}

/// Dates are told in the time zone of the declared cities.
const ZONE: &str = "Asia/Shanghai";

impl Step {
    /// Ready for many values.
    pub(crate) fn ready(self) -> Ready {
        let mask = match self {
            Step::Mask(mask) => Some(mask),
            Step::Quarter => Some(Mask::Date { step: DateStep::Month }),
            _ => None,
        };
        Ready { step: self, masker: mask.and_then(|mask| Masker::new(mask, None, ZONE)) }
    }

    /// What is told of one value.
    pub fn apply(self, value: Option<&str>) -> Option<Cow<'_, str>> {
        self.ready().apply(value)
    }

    /// The mask a declaration would name; `None`: there is none that does this.
    pub fn mask(self) -> Option<Mask> {
        match self {
            Step::Mask(mask) => Some(mask),
            Step::Hide => Some(Mask::Hide {}),
            _ => None,
        }
    }

    /// As a declaration would spell it, or nearly so.
    pub fn spelled(self) -> String {
        match self {
            Step::Whole => "whole".to_owned(),
            Step::Mask(mask) => mask.spelled(),
            Step::Quarter => "date(quarter)".to_owned(),
            Step::Prefix(count) => format!("prefix({count})"),
            Step::Hide => "hide".to_owned(),
        }
    }

    pub fn title(self) -> Text {
        match self {
            Step::Whole => Text::new("原样", "as it is"),
            Step::Mask(mask) => mask.title(),
            Step::Quarter => Text::new("日期泛化", "date made coarser"),
            Step::Prefix(count) => Text::new(format!("保留前 {count} 个字符"), format!("first {count} characters kept")),
            Step::Hide => Text::new("隐藏", "hidden"),
        }
    }
}

/// A step with what it needs.
pub(crate) struct Ready {
    step: Step,
    masker: Option<Masker>,
}

impl Ready {
    /// What is told of a value; what has not the form that the step takes is hidden. A missing value stays missing, unless
    /// the whole column is hidden.
    pub fn apply<'v>(&self, value: Option<&'v str>) -> Option<Cow<'v, str>> {
        let hidden = Some(Cow::Borrowed(HIDDEN));
        if self.step == Step::Hide {
            return hidden;
        }
        let value = value.filter(|value| !value.is_empty())?;
        match self.step {
            Step::Whole => Some(Cow::Borrowed(value)),
            Step::Prefix(count) => Some(Cow::Owned(prefix(value.trim(), usize::from(count)))),
            Step::Quarter => self.masked(value).and_then(|month| quarter(&month)).map(Cow::Owned).or(hidden),
            _ => self.masked(value).map(Cow::Owned).or(hidden),
        }
    }

    fn masked(&self, value: &str) -> Option<String> {
        match self.masker.as_ref()?.apply(&Value::Text(Cow::Borrowed(value.trim()))) {
            Value::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}

fn prefix(value: &str, count: usize) -> String {
    let mut told: String = value.chars().take(count).collect();
    if value.chars().nth(count).is_some() {
        told.push('*');
    }
    told
}

/// `1985-Q2` of `1985-05`.
fn quarter(month: &str) -> Option<String> {
    let (year, month) = month.split_once('-')?;
    let month: u32 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some(format!("{year}-Q{}", (month + 2) / 3))
}
