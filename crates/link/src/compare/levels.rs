//! The methods of comparing, how each brings a value into one form, and what its levels are called.

use kernel::Text;

use crate::dates::day_of;
use crate::fold::{digits, fold, letters};
use crate::kind::Kind;

/// Levels of a comparison, unknown and crossed included: what four bits hold.
pub(crate) const LEVELS_MOST: usize = 16;
/// Each value is like the one in the other column of the other record: given name and surname changed places.
pub(crate) const CROSSED: u8 = 15;

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Names by their letters, Chinese ones by characters and sound.
    Spelling,
    /// Texts by the words they share, rare ones counting more.
    Words,
    /// Addresses by numbers and words apart.
    Address,
    /// Chinese names of organisations by place, mark, trade and form; others by words.
    Company,
    Date,
    Phone,
    Identifier,
    Postcode,
    House,
    Category,
    Number,
}

impl Method {
    pub fn of(kind: Kind) -> Method {
        match kind {
            Kind::GivenName | Kind::Surname | Kind::FullName | Kind::Name => Method::Spelling,
            Kind::Company => Method::Company,
            Kind::Address => Method::Address,
            Kind::HouseNumber => Method::House,
            Kind::Postcode => Method::Postcode,
            Kind::Date => Method::Date,
            Kind::Phone => Method::Phone,
            Kind::CheckedId | Kind::Identifier => Method::Identifier,
            Kind::Category => Method::Category,
            Kind::Number => Method::Number,
            Kind::Words => Method::Words,
        }
    }

    /// The one form of a value; empty where nothing of it can be compared.
    pub fn form(self, value: &str) -> String {
        match self {
            Method::Spelling | Method::Category | Method::House | Method::Postcode => letters(value),
            Method::Identifier => fold(value).chars().filter(|c| c.is_alphanumeric() || matches!(c, '@' | '.')).collect(),
            Method::Words | Method::Company => crate::fold::spaced(value),
            Method::Address => super::address::form(value),
            Method::Date => day_of(value).map_or_else(|| digits(value), |day| day.digits().iter().collect()),
            Method::Phone => phone(value),
            Method::Number => number(value),
        }
    }

    /// The highest level: one form.
    pub fn exact(self) -> u8 {
        self.names().len() as u8
    }

    /// Whether each level speaks more for a match than the one below; of addresses only the highest does.
    pub fn is_ordered(self) -> bool {
        !matches!(self, Method::Address | Method::Company)
    }

    /// What a level is called.
    pub fn say(self, level: u8) -> Text {
        match level {
            super::UNKNOWN => Text::new("缺失，不作证据", "missing: no evidence"),
            CROSSED => Text::new("两列互换后相同", "the same with the two columns changed round"),
            level => self.names().get(usize::from(level) - 1).map_or_else(Text::default, |(zh, en)| Text::new(*zh, *en)),
        }
    }

    #[rustfmt::skip]
    fn names(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Method::Spelling => &[
                ("不同", "different"), ("有些相似（JW≥0.70）", "somewhat alike (JW ≥ 0.70)"),
                ("相似（JW≥0.88，或差一字、音近）", "alike (JW ≥ 0.88; or one character or a similar sound)"),
                ("很相似（JW≥0.92，或同音）", "very alike (JW ≥ 0.92; or the same sound)"), ("相同", "the same"),
            ],
            Method::Words => &[
                ("词不同", "other words"), ("共有少数词（≥0.2）", "few words shared (≥ 0.2)"), ("共有部分词（≥0.4）", "some words shared (≥ 0.4)"),
                ("共有多数词（≥0.6）", "most words shared (≥ 0.6)"), ("一方包含另一方", "one holds the other"),
                ("几乎所有词相同（≥0.8）", "nearly all words shared (≥ 0.8)"), ("仅书写略有不同", "only spelt a little differently"), ("相同", "the same"),
            ],
            Method::Company => &[
                ("不同", "different"), ("部分文字相同（≥0.4）", "some text shared (≥ 0.4)"), ("多数文字相同（≥0.6）", "most text shared (≥ 0.6)"),
                ("字号相同，行政区划不同", "the same mark, another place"), ("字号音近或互含", "marks of like sound, or one holding the other"),
                ("字号相同，行业不同", "the same mark, another trade"), ("字号、行业相同", "the same mark and trade"), ("相同", "the same"),
            ],
            Method::Address => &[
                ("不同", "different"), ("文字部分相同，号码不同", "some words shared, other numbers"), ("文字相同，号码不同", "the same words, other numbers"),
                ("号码相同，文字不同", "the same numbers, other words"), ("文字部分相同，号码不明", "some words shared, numbers unknown"),
                ("号码部分相同", "numbers partly the same"), ("号码相同，文字部分相同", "the same numbers, some words shared"),
                ("文字相同，号码不明", "the same words, numbers unknown"), ("号码、文字相同", "the same numbers and words"), ("相同", "the same"),
            ],
            Method::Date => &[
                ("不同", "different"), ("相差不到一年", "within a year"), ("年月日中两项相同", "two of year, month and day the same"),
                ("一处笔误，或月日互换", "one slip, or month and day changed round"), ("相同", "the same"),
            ],
            Method::Phone => &[
                ("不同", "different"), ("差两处", "two slips"), ("差一处", "one slip"), ("除区号外相同", "the same but for the area code"), ("相同", "the same"),
            ],
            Method::Identifier => &[
                ("校验码都正确而号码不同", "both check digits fit and the numbers differ"), ("不同", "different"),
                ("差两处", "two slips"), ("差一处", "one slip"), ("相同", "the same"),
            ],
            Method::Postcode => &[("不同", "different"), ("前两位相同", "the same first two places"), ("差一处", "one slip"), ("相同", "the same")],
            Method::House | Method::Category => &[("不同", "different"), ("差一处", "one slip"), ("相同", "the same")],
            Method::Number => &[("不同", "different"), ("相差不到一成", "within a tenth"), ("相差不到百分之一", "within a hundredth"), ("相等", "equal")],
        }
    }
}

/// Digits without the country's code and without the zero before an area code.
fn phone(value: &str) -> String {
    let digits = digits(value);
    let national = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86").filter(|rest| rest.len() >= 10)).unwrap_or(&digits);
    national.trim_start_matches('0').to_owned()
}

/// A number in one form, thousands separators and money signs dropped.
fn number(value: &str) -> String {
    let plain: String = fold(value).chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e')).collect();
    plain.parse::<f64>().ok().filter(|number| number.is_finite()).map_or(String::new(), |number| number.to_string())
}
