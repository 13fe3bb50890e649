//! A standard for a column never seen before, from its name and up to some thousand of its values.
//!
//! Nothing is guessed away: a column is a number only if every value comes out of it as it went in,
//! and ids, codes, telephones and postcodes stay text whatever they look like.

mod column;
mod plain;
mod title;
mod words;

pub use title::{Titles, propose_titles};

use std::collections::BTreeSet;

use kernel::Text;

use super::tidy::trim;
use crate::declare::{Grade, ItemClass, Kind};
use column::Column;
use words::NULLS;

/// What a column probably is, and why. A steward decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Name of a built-in kind.
    pub standard: String,
    pub class: ItemClass,
    pub grade: Grade,
    /// What speaks for it.
    pub why: Text,
    /// Texts among the values that mean "no value".
    pub nulls: Vec<String>,
}

/// The most values looked at.
const MOST: usize = 10_000;

/// Proposes a standard for a column called `name` with these values, as found.
pub fn propose(name: &str, values: &[&str]) -> Proposal {
    let all: Vec<&str> = values.iter().take(MOST).map(|text| trim(text)).filter(|text| !text.is_empty()).collect();
    let rest: Vec<&str> = all.iter().copied().filter(|text| !NULLS.contains(text)).collect();
    let column = Column::new(name, &rest);
    let (kind, why) = column.kind();
    // Null words are words like any other in a column of text.
    let nulls: BTreeSet<&str> = match kind {
        Kind::Text => BTreeSet::new(),
        _ => all.iter().copied().filter(|text| NULLS.contains(text)).collect(),
    };
    let (class, grade) = column.sensitivity(kind);
    Proposal {
        standard: kind.name().to_owned(),
        class,
        grade,
        why,
        nulls: nulls.into_iter().map(str::to_owned).collect(),
    }
}

/// Whether every value (empty ones and words for "no value" apart) is one of the built-in kind.
pub fn fits(kind: Kind, values: &[&str]) -> bool {
    let rest: Vec<&str> = values.iter().map(|text| trim(text)).filter(|text| !text.is_empty()).collect();
    Column::new("", &rest).is(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, values: &[&str]) -> String {
        propose(name, values).standard
    }

    #[test]
    fn numbers_only_when_nothing_is_lost() {
        assert_eq!(kind("人数", &["1", "20", "-3", ""]), "integer");
        assert_eq!(kind("人数", &["1,200", "20"]), "integer");
        assert_eq!(kind("x", &["1", "020"]), "text");
        assert_eq!(kind("x", &["1", "+20"]), "text");
        assert_eq!(kind("x", &["330203198001"]), "text");
        assert_eq!(kind("x", &["13800000000"]), "text");
        assert_eq!(kind("站点编号", &["1", "2"]), "text");
        assert_eq!(kind("stationId", &["1", "2"]), "text");
        assert_eq!(kind("邮编", &["315000"]), "text");
        assert_eq!(kind("房号", &["301"]), "text");
        assert_eq!(kind("评价", &["5", "4"]), "integer");
        assert_eq!(kind("浓度", &["12", "3.50", "-0.25", "1e-05"]), "number");
        assert_eq!(kind("浓度", &["12", "12.0", "1,234.5"]), "number");
        assert_eq!(kind("version", &["3.1", "3.10"]), "text");
        assert_eq!(kind("x", &["1.23456E+17"]), "text");
        assert_eq!(kind("x", &["12.30.1"]), "text");
    }

    #[test]
    fn null_words_are_proposed_when_the_rest_is_typed() {
        let proposal = propose("浓度", &["1.5", "NaN", "—", "2"]);
        assert_eq!((proposal.standard.as_str(), proposal.nulls), ("number", vec!["NaN".to_owned(), "—".to_owned()]));
        let proposal = propose("备注", &["无", "甲"]);
        assert_eq!((proposal.standard.as_str(), proposal.nulls.len()), ("text", 0));
    }

    #[test]
    fn known_kinds_are_found_by_name_and_content() {
        assert_eq!(kind("证件", &["11010519491231002X", "440524188001010014"]), "citizen_id");
        assert_eq!(propose("证件", &["11010519491231002X"]).class, ItemClass::Sensitive);
        assert_eq!(propose("联系电话", &["13800000000"]).grade, Grade::L3);
        assert_eq!(kind("代码", &["113302000000001072"]), "uscc");
        assert_eq!(kind("联系电话", &["0574-87654321", "13800000000"]), "phone");
        assert_eq!(propose("联系电话", &["0574-87654321"]).grade, Grade::L1);
        assert_eq!(kind("adcode", &["330203"]), "division_code");
        assert_eq!(kind("x", &["330203", "330205", "330206"]), "division_code");
        assert_eq!(kind("lng", &["121.5", "121.6"]), "longitude");
        assert_eq!(kind("纬度", &["29.8"]), "latitude");
        assert_eq!(kind("发布日期", &["2026-11-23", "2026年1月6日"]), "date");
        assert_eq!(kind("day", &["20261123"]), "date");
        assert_eq!(kind("x", &["20261123"]), "integer");
        assert_eq!(kind("time", &["2020-01-06 12:09:38", "2020-01-06 00:00:00"]), "datetime");
        assert_eq!(kind("date", &["6/7/2026"]), "text");
        assert_eq!(kind("是否公办", &["是", "否"]), "boolean");
        assert_eq!(kind("是否公办", &["1", "0"]), "boolean");
        assert_eq!(kind("count", &["1", "0"]), "integer");
        assert_eq!(kind("补贴金额", &["1234.50", "3"]), "money");
        assert_eq!(kind("金额（万元）", &["1234.5", "3"]), "number");
        assert_eq!(kind("行业代码", &["C2511", "0111"]), "industry_code");
        assert_eq!(kind("空", &["", " "]), "text");
    }
}
