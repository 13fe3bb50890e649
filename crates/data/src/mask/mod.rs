//! Masks (脱敏): what is left of a value for those who may not see it whole, and which grade that still has.
//!
//! A mask works on one value and tells nothing when in doubt: a value that has not the form the mask expects is hidden.
//! No mask of single values makes a person's data L1, hiding apart: what stays can still be put together with other data.
//! Only figures over many persons do, and they are no masks.

mod call;
mod declassify;
mod defaults;
pub mod ff1;
mod form;
mod general;
mod keys;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::declare::{Grade, Shape};
use crate::standard::Value;
use crate::standard::clock::Zone;

pub use call::Argument;
pub use declassify::{Declassified, Declassifier, SMALLEST_GROUP};
pub use defaults::default_for;
pub use form::Form;
pub use general::{DateStep, Level};
pub use keys::{MaskKeys, SHORTEST_SECRET};

/// What stands for what is not told.
pub const HIDDEN: &str = "***";

/// What is done to the values of an item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "mask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mask {
    /// 隐藏: nothing is told, not even whether there is a value.
    Hide {},
    /// 保留首尾: the first and last characters stay, `*` stands for the others. At least `hidden` are hidden: of a short
    /// value fewer stay.
    Keep { first: u8, last: u8, hidden: u8 },
    /// The first sign of an e-mail address and its domain stay.
    Email {},
    /// 加盐散列: HMAC-SM3 under the purpose's key. Equal values stay equal within one purpose.
    Hash {},
    /// 保形加密: FF1 over SM4, which the holder of the key can undo.
    Encrypt { form: Form },
    /// 日期泛化: to the month, the year or five years.
    Date { step: DateStep },
    /// 区域泛化: a division code or an address, cut off below this level.
    Place { level: Level },
    /// 坐标泛化: the middle of a cell that measures at least so many kilometres each way.
    Grid { km: u16 },
    /// 数值分段: the band of this width that the number falls into, its upper end not included. Money in yuan.
    Band { width: f64 },
}

/// How much a mask takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Nothing,
    /// What stays is still about one person, or can be undone by some.
    Part,
    /// What stays says little about anyone.
    Most,
    All,
}

impl Mask {
    /// The word for it in declarations, and behind `mask_` in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Mask::Hide {} => "hide",
            Mask::Keep { .. } => "keep",
            Mask::Email {} => "email",
            Mask::Hash {} => "hash",
            Mask::Encrypt { .. } => "encrypt",
            Mask::Date { .. } => "date",
            Mask::Place { .. } => "place",
            Mask::Grid { .. } => "grid",
            Mask::Band { .. } => "band",
        }
    }

    /// The grade of what it gives for values of a grade. Never above it, and never falling when that rises.
    pub fn grade(self, input: Grade) -> Grade {
        match self.strength() {
            Strength::Nothing => input,
            Strength::Part if input == Grade::L4 => Grade::L3,
            Strength::Part | Strength::Most => input.min(Grade::L2),
            Strength::All => Grade::L1,
        }
    }

    /// Whether lineage may lower a grade behind it.
    pub fn is_declassifier(self) -> bool {
        self.strength() > Strength::Nothing
    }

    fn strength(self) -> Strength {
        match self {
            Mask::Hide {} => Strength::All,
            // A citizen id without its last place is as good as whole: a third must go.
            Mask::Keep { first, last, hidden } if u16::from(hidden) * 2 >= u16::from(first) + u16::from(last) && hidden > 0 => {
                Strength::Part
            }
            Mask::Keep { .. } => Strength::Nothing,
            Mask::Email {} | Mask::Hash {} | Mask::Encrypt { .. } => Strength::Part,
            Mask::Date { step: DateStep::Month } => Strength::Part,
            Mask::Date {
                step: DateStep::Year | DateStep::FiveYears,
            } => Strength::Most,
            Mask::Place {
                level: Level::Town | Level::County,
            } => Strength::Part,
            Mask::Place {
                level: Level::City | Level::Province,
            } => Strength::Most,
            Mask::Grid { km: 0 } => Strength::Nothing,
            Mask::Grid { km: 1..=4 } => Strength::Part,
            Mask::Grid { .. } => Strength::Most,
            Mask::Band { width } if width.is_finite() && width > 0.0 => Strength::Part,
            Mask::Band { .. } => Strength::Nothing,
        }
    }

    /// The column that its values fill, for values of a column.
    pub fn shape(self, input: Shape) -> Shape {
        match self {
            Mask::Hide {} => input,
            Mask::Grid { .. } if matches!(input, Shape::Number | Shape::Integer | Shape::Money) => Shape::Number,
            _ => Shape::Text,
        }
    }

    /// Whether it needs keys.
    pub fn is_keyed(self) -> bool {
        matches!(self, Mask::Hash {} | Mask::Encrypt { .. })
    }
}

/// A mask with its keys, ready for a column.
#[derive(Clone, Debug)]
pub struct Masker {
    mask: Mask,
    keys: Option<MaskKeys>,
    zone: Zone,
}

impl Masker {
    /// `None`: the mask needs keys and there are none, or there is no such time zone (`Asia/Shanghai`).
    pub fn new(mask: Mask, keys: Option<MaskKeys>, time_zone: &str) -> Option<Masker> {
        let zone = Zone::named(time_zone).ok()?;
        (keys.is_some() || !mask.is_keyed()).then_some(Masker { mask, keys, zone })
    }

    /// What is told of a value. `Null` stays `Null`.
    pub fn apply(&self, value: &Value<'_>) -> Value<'static> {
        if *value == Value::Null {
            return Value::Null;
        }
        self.told(value).unwrap_or_else(|| self.nothing(value))
    }

    /// The value under the mask; `None` when it has not the form for it.
    fn told(&self, value: &Value<'_>) -> Option<Value<'static>> {
        let text = |text: String| Some(Value::Text(Cow::Owned(text)));
        match self.mask {
            Mask::Hide {} => Some(Value::Null),
            Mask::Keep { first, last, hidden } => text(keep(&spelt(value)?, first, last, hidden)),
            Mask::Email {} => {
                let whole = spelt(value)?;
                let (name, domain) = whole.split_once('@')?;
                text(format!("{}@{domain}", keep(name, 1, 0, 3)))
            }
            Mask::Hash {} => text(self.keys.as_ref()?.hash(&spelt(value)?)),
            Mask::Encrypt { form } => text(form.encrypt(self.keys.as_ref()?, &spelt(value)?)?),
            Mask::Date { step } => text(general::date(general::day(value, &self.zone)?, step)),
            Mask::Place { level } => text(general::place(&spelt(value)?, level)?),
            Mask::Grid { km } => general::grid(value, km),
            Mask::Band { width } => text(general::band(value, width)?),
        }
    }

    /// What stands for a value that the mask cannot take.
    fn nothing(&self, value: &Value<'_>) -> Value<'static> {
        match (self.mask, value) {
            (Mask::Grid { .. }, Value::Text(_)) => Value::Text(Cow::Borrowed(HIDDEN)),
            (Mask::Grid { .. }, _) => Value::Null,
            _ => Value::Text(Cow::Borrowed(HIDDEN)),
        }
    }
}

/// The text of a value that is one or nearly one.
fn spelt<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text.as_ref())),
        Value::Integer(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// Characters at both ends stay, as far as enough are hidden between them.
fn keep(text: &str, first: u8, last: u8, hidden: u8) -> String {
    let count = text.chars().count();
    let spare = count.saturating_sub(usize::from(hidden));
    // The beginning tells less than the end: a surname, an area, an issuer.
    let first = usize::from(first).min(spare);
    let last = usize::from(last).min(spare - first);
    text.chars()
        .enumerate()
        .map(|(at, c)| if at < first || at >= count - last { c } else { '*' })
        .collect()
}
