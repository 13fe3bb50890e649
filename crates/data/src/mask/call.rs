//! Masks as people write them: `keep(6, 4, 8)` in declarations, `mask_keep(id, 6, 4, 8)` in SQL. One reading for both.

use kernel::{Text, nearest};

use super::{DateStep, Form, Level, Mask};

/// What stands in the brackets.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    Text(String),
    Number(f64),
}

/// Each mask with what stands in its brackets.
const USAGES: [(&str, &str); 9] = [
    ("hide", ""),
    ("keep", "first, last[, hidden]"),
    ("email", ""),
    ("hash", ""),
    ("encrypt", "digits | serial | citizen_id | mobile | bank_card"),
    ("date", "month | year | five_years"),
    ("place", "province | city | county | town"),
    ("grid", "km"),
    ("band", "width"),
];

impl Mask {
    /// The words for masks, as declarations write them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        USAGES.iter().map(|(name, _)| *name)
    }

    /// What stands in the brackets of a mask, for people: `first, last[, hidden]`.
    pub fn usage(name: &str) -> &'static str {
        USAGES.iter().find(|(known, _)| *known == name).map_or("", |(_, usage)| usage)
    }

    /// A mask from its name and arguments; else what was expected.
    pub fn from_call(name: &str, arguments: &[Argument]) -> Result<Mask, Text> {
        if !Mask::names().any(|known| known == name) {
            return Err(unknown(name));
        }
        read(name, arguments).ok_or_else(|| expected(name))
    }

    /// A mask as a declaration writes it: `keep(1, 0, 1)`, `date(year)`, `hide`.
    pub fn parse(text: &str) -> Result<Mask, Text> {
        let text = text.trim();
        let (name, inside) = match text.split_once('(') {
            None => (text, ""),
            Some((name, rest)) => (name.trim_end(), rest.strip_suffix(')').ok_or_else(|| expected(name.trim_end()))?),
        };
        let argument = |part: &str| {
            let part = part.trim();
            part.parse().map_or_else(|_| Argument::Text(part.trim_matches(['\'', '"']).to_owned()), Argument::Number)
        };
        let arguments: Vec<Argument> = match inside.trim() {
            "" => Vec::new(),
            inside => inside.split(',').map(argument).collect(),
        };
        Mask::from_call(name, &arguments)
    }

    /// As [`Mask::parse`] reads it.
    pub fn spelled(self) -> String {
        let name = self.name();
        match self {
            Mask::Hide {} | Mask::Email {} | Mask::Hash {} => name.to_owned(),
            Mask::Keep { first, last, hidden } => format!("{name}({first}, {last}, {hidden})"),
            Mask::Encrypt { form } => format!("{name}({})", form.word()),
            Mask::Date { step } => format!("{name}({})", step.word()),
            Mask::Place { level } => format!("{name}({})", level.word()),
            Mask::Grid { km } => format!("{name}({km})"),
            Mask::Band { width } => format!("{name}({width})"),
        }
    }

    /// What it does, for people.
    pub fn title(self) -> Text {
        match self {
            Mask::Hide {} => Text::new("隐藏", "hidden"),
            Mask::Keep { .. } => Text::new("保留首尾", "first and last characters kept"),
            Mask::Email {} => Text::new("保留邮箱域名", "domain of the e-mail kept"),
            Mask::Hash {} => Text::new("加盐散列", "keyed hash"),
            Mask::Encrypt { .. } => Text::new("保形加密", "format-preserving encryption"),
            Mask::Date { .. } => Text::new("日期泛化", "date made coarser"),
            Mask::Place { .. } => Text::new("区域泛化", "place made coarser"),
            Mask::Grid { .. } => Text::new("坐标泛化", "position made coarser"),
            Mask::Band { .. } => Text::new("数值分段", "number given as a band"),
        }
    }
}

fn read(name: &str, arguments: &[Argument]) -> Option<Mask> {
    use Argument::{Number, Text};
    Some(match (name, arguments) {
        ("hide", []) => Mask::Hide {},
        ("email", []) => Mask::Email {},
        ("hash", []) => Mask::Hash {},
        // As many hidden as make it a declassifier.
        ("keep", [Number(first), Number(last)]) => {
            let (first, last) = (small(*first)?, small(*last)?);
            let hidden = u16::from(first).saturating_add(u16::from(last)).div_ceil(2).max(1);
            Mask::Keep { first, last, hidden: u8::try_from(hidden).ok()? }
        }
        ("keep", [Number(first), Number(last), Number(hidden)]) => {
            Mask::Keep { first: small(*first)?, last: small(*last)?, hidden: small(*hidden)? }
        }
        ("encrypt", [Text(form)]) => Mask::Encrypt { form: Form::ALL.into_iter().find(|known| known.word() == form)? },
        ("date", [Text(step)]) => Mask::Date { step: DateStep::ALL.into_iter().find(|known| known.word() == step)? },
        ("place", [Text(level)]) => Mask::Place { level: Level::ALL.into_iter().find(|known| known.word() == level)? },
        ("grid", [Number(km)]) if km.fract() == 0.0 && (1.0..=1000.0).contains(km) => Mask::Grid { km: *km as u16 },
        ("band", [Number(width)]) if width.is_finite() && *width > 0.0 => Mask::Band { width: *width },
        _ => return None,
    })
}

/// A count of characters.
fn small(number: f64) -> Option<u8> {
    (number.fract() == 0.0 && (0.0..=255.0).contains(&number)).then_some(number as u8)
}

fn expected(name: &str) -> Text {
    let usage = Mask::usage(name);
    let hint = match name {
        "keep" => ("均为 0 至 255 的整数", "whole numbers from 0 to 255"),
        "grid" => ("1 至 1000 的整数（千米）", "a whole number of kilometres from 1 to 1000"),
        "band" => ("大于零的数", "a number above zero"),
        "hide" | "email" | "hash" => ("没有参数", "without arguments"),
        _ => ("其中之一", "one of these words"),
    };
    match usage {
        "" => Text::new(format!("`{name}` 的参数不对：应{}", hint.0), format!("wrong arguments for `{name}`: it is written {}", hint.1)),
        usage => Text::new(
            format!("`{name}` 的参数不对：应为 {usage}（{}）", hint.0),
            format!("wrong arguments for `{name}`: expected {usage} ({})", hint.1),
        ),
    }
}

fn unknown(name: &str) -> Text {
    let all: Vec<&str> = Mask::names().collect();
    let listed = all.join(", ");
    match nearest(name, all.iter().copied()) {
        Some(near) => Text::new(
            format!("没有脱敏方式 `{name}`；是否应为 `{near}`？"),
            format!("there is no mask `{name}`; did you mean `{near}`?"),
        ),
        None => Text::new(format!("没有脱敏方式 `{name}`；可用：{listed}"), format!("there is no mask `{name}`; there are {listed}")),
    }
}

impl Form {
    const ALL: [Form; 5] = [Form::Digits, Form::Serial, Form::CitizenId, Form::Mobile, Form::BankCard];

    pub fn word(self) -> &'static str {
        match self {
            Form::Digits => "digits",
            Form::Serial => "serial",
            Form::CitizenId => "citizen_id",
            Form::Mobile => "mobile",
            Form::BankCard => "bank_card",
        }
    }
}

impl DateStep {
    const ALL: [DateStep; 3] = [DateStep::Month, DateStep::Year, DateStep::FiveYears];

    pub fn word(self) -> &'static str {
        match self {
            DateStep::Month => "month",
            DateStep::Year => "year",
            DateStep::FiveYears => "five_years",
        }
    }
}

impl Level {
    const ALL: [Level; 4] = [Level::Province, Level::City, Level::County, Level::Town];

    pub fn word(self) -> &'static str {
        match self {
            Level::Province => "province",
            Level::City => "city",
            Level::County => "county",
            Level::Town => "town",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::Grade;

    #[test]
    fn what_is_written_is_read_again() {
        for text in
            ["hide", "keep(6, 4, 8)", "email", "hash", "encrypt(citizen_id)", "date(five_years)", "place(town)", "grid(2)", "band(5000)"]
        {
            assert_eq!(Mask::parse(text).unwrap().spelled(), text);
        }
        assert_eq!(Mask::parse(" date ( 'year' ) ").unwrap().spelled(), "date(year)");
    }

    /// Whoever says nothing of how much is hidden gets a mask that lowers.
    #[test]
    fn keeping_both_ends_hides_a_third_by_itself() {
        for text in ["keep(6, 4)", "keep(1, 0)", "keep(0, 0)"] {
            assert_eq!(Mask::parse(text).unwrap().grade(Grade::L3), Grade::L2, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_was_expected() {
        for (text, told) in [
            ("keep(1)", "first, last[, hidden]"),
            ("keep(-1, 0)", "from 0 to 255"),
            ("keep(1.5, 0)", "from 0 to 255"),
            ("date(week)", "month | year | five_years"),
            ("grid(0)", "from 1 to 1000"),
            ("band(0)", "above zero"),
            ("hide(1)", "without arguments"),
            ("encrypt(", "citizen_id"),
            ("keeps(1, 2)", "did you mean `keep`"),
            ("", "there is no mask"),
        ] {
            let message = Mask::parse(text).unwrap_err().en;
            assert!(message.contains(told), "{text}: {message}");
        }
    }
}
