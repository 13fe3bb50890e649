//! A standard for a column never seen before, from its name and up to some thousand of its values.
//!
//! Nothing is guessed away: a column is a number only if every value comes out of it as it went in,
//! and ids, codes, telephones and postcodes stay text whatever they look like.

use std::collections::{BTreeSet, HashMap};

use kernel::Text;

use super::clock::Zone;
use super::flaw::Flaw;
use super::tidy::{all_digits, trim};
use super::{boolean, citizen_id, date, datetime, division, geometry, industry, money, number, phone, position, uscc};
use crate::declare::{Grade, ItemClass, Kind};
use crate::reference;

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

/// Texts that people and programs write for "no value".
const NULL_WORDS: [&str; 22] = [
    "NaN",
    "nan",
    "NULL",
    "Null",
    "null",
    "N/A",
    "n/a",
    "#N/A",
    "NA",
    "None",
    "none",
    "\\N",
    "—",
    "——",
    "-",
    "--",
    "－",
    "/",
    "无",
    "空",
    "暂无",
    "未填写",
];

/// The most values looked at.
const MOST: usize = 10_000;

/// Proposes a standard for a column called `name` with these values, as found.
pub fn propose(name: &str, values: &[&str]) -> Proposal {
    let all: Vec<&str> = values.iter().take(MOST).map(|text| trim(text)).filter(|text| !text.is_empty()).collect();
    let rest: Vec<&str> = all.iter().copied().filter(|text| !NULL_WORDS.contains(text)).collect();
    let column = Column { name: name.to_lowercase(), values: &rest, distinct: rest.iter().copied().collect() };
    let (kind, why) = column.kind();
    // Null words are words like any other in a column of text.
    let nulls: BTreeSet<&str> = match kind {
        Kind::Text => BTreeSet::new(),
        _ => all.iter().copied().filter(|text| NULL_WORDS.contains(text)).collect(),
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

struct Column<'v> {
    name: String,
    /// Neither empty nor a null word.
    values: &'v [&'v str],
    distinct: BTreeSet<&'v str>,
}

impl Column<'_> {
    fn kind(&self) -> (Kind, Text) {
        if self.values.is_empty() {
            return (
                Kind::Text,
                Text::new("没有值可看，先按文字保存", "there are no values to judge by; kept as text"),
            );
        }
        let found = self.identity().or_else(|| self.place()).or_else(|| self.day()).or_else(|| self.flag());
        if let Some(found) = found {
            return found;
        }
        if self.named(&IDENTIFIERS) || self.named_id() || self.name.ends_with(['号', '码']) {
            return (
                Kind::Text,
                Text::new(
                    "是编号或代码，按文字保存，前面的零不会丢",
                    "is an id or a code: kept as text, so that no leading zero is lost",
                ),
            );
        }
        self.quantity().unwrap_or_else(|| (Kind::Text, Text::new("按文字保存，不改动", "kept as text, as it is")))
    }

    /// Ids with check digits, telephones, divisions, industries.
    fn identity(&self) -> Option<(Kind, Text)> {
        if let Some(why) = self.mostly(|text| citizen_id::read(text).map(drop), "公民身份号码", "citizen id numbers")
        {
            return Some((Kind::CitizenId, why));
        }
        if let Some(why) =
            self.mostly(|text| uscc::read(text).map(drop), "统一社会信用代码", "unified social credit codes")
        {
            return Some((Kind::Uscc, why));
        }
        if self.named(&["电话", "手机", "联系方式", "phone", "mobile", "tel", "热线"])
            && self.all(|text| phone::read(text).map(drop))
        {
            return Some((Kind::Phone, self.told("名称和内容都是电话号码", "name and values are telephone numbers")));
        }
        if self.all(|text| division::read(text).map(drop)) && (self.named(&DIVISIONS) || self.looks_like_divisions()) {
            return Some((
                Kind::DivisionCode,
                self.told("都是存在的行政区划代码", "all are division codes that exist"),
            ));
        }
        let industry = self.named(&["行业", "industry"]) && self.all(|text| industry::read(text).map(drop));
        industry.then(|| (Kind::IndustryCode, self.told("都是存在的行业代码", "all are industry codes that exist")))
    }

    fn place(&self) -> Option<(Kind, Text)> {
        let told = || self.told("名称和范围都相符", "name and range agree");
        if self.named(&["经度", "longitude", "lng", "lon"]) && self.all(|text| position::longitude(text).map(drop)) {
            return Some((Kind::Longitude, told()));
        }
        if self.named(&["纬度", "latitude", "lat"]) && self.all(|text| position::latitude(text).map(drop)) {
            return Some((Kind::Latitude, told()));
        }
        let shapes = self.values.iter().all(|text| text.starts_with('{')) && self.all(geometry::read);
        shapes.then(|| (Kind::Geometry, self.told("都是 GeoJSON 几何图形", "all are GeoJSON geometries")))
    }

    fn day(&self) -> Option<(Kind, Text)> {
        let zone = Zone::named("Asia/Shanghai").ok()?;
        // Eight digits may be a date or a number: the name, or the years, must say so.
        if self.values.iter().any(|text| all_digits(text)) {
            let recent = |text: &&str| text.len() == 8 && (text.starts_with("19") || text.starts_with("20"));
            let named = self.named(&["日期", "时间", "date", "time", "day", "_at"]);
            if !self.values.iter().all(recent) || !(named || self.distinct.len() >= 3) || self.named(&IDENTIFIERS) {
                return None;
            }
        }
        if self.all(|text| date::read(text, &zone).map(drop)) {
            return Some((Kind::Date, self.told("每个值都是日期", "every value is a date")));
        }
        let moments = self.all(|text| datetime::read(text, &zone, None).map(drop));
        moments.then(|| (Kind::Datetime, self.told("每个值都是日期时间", "every value is a date and time")))
    }

    fn flag(&self) -> Option<(Kind, Text)> {
        let words = self.distinct.len() == 2 && self.all(|text| boolean::read(text).map(drop));
        let digits = self.distinct.iter().all(|text| matches!(*text, "0" | "1"));
        let named = self.name.starts_with("是否") || self.name.starts_with("is_") || self.name.starts_with("has_");
        (words && (!digits || named))
            .then(|| (Kind::Boolean, self.told("只有是、否两种值", "there are only yes and no")))
    }

    fn quantity(&self) -> Option<(Kind, Text)> {
        let signs = self.values.iter().any(|text| text.contains(['元', '¥', '￥']));
        let scaled = self.name.contains(['万', '亿', '千']);
        if (signs || ((self.named(&MONEY) || self.named(&["fee"]) || self.name.ends_with('费')) && !scaled))
            && self.all(|text| money::fen(text).map(drop))
        {
            return Some((
                Kind::Money,
                self.told("每个值都是金额，精确到分", "every value is an amount, exact to fen"),
            ));
        }
        if self.values.iter().all(|text| is_whole(text)) {
            return Some((
                Kind::Integer,
                self.told("每个值都是整数，没有前导零", "every value is a whole number without leading zeros"),
            ));
        }
        if self.values.iter().all(|text| is_decimal(text)) {
            return match self.same_number_twice() {
                None => Some((
                    Kind::Number,
                    self.told("每个值都是数字，往返不变", "every value is a number and survives the round trip"),
                )),
                Some((a, b)) => Some((
                    Kind::Text,
                    Text::new(
                        format!("`{a}` 和 `{b}` 写法不同、数值相同，可能是编号，按文字保存"),
                        format!(
                            "`{a}` and `{b}` are written differently but are one number; perhaps ids, kept as text"
                        ),
                    ),
                )),
            };
        }
        None
    }

    /// Two spellings of one number (3.1 and 3.10), as versions and section numbers have them. `12` beside `12.0` is harmless.
    fn same_number_twice(&self) -> Option<(&str, &str)> {
        let mut seen: HashMap<u64, &str> = HashMap::new();
        for text in &self.distinct {
            let plain = text.strip_suffix(".0").unwrap_or(text);
            let number: f64 = plain.parse().unwrap_or(0.0);
            let other = *seen.entry(number.to_bits()).or_insert(plain);
            let places = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            if other != plain && places(other) > 0 && places(plain) > 0 && places(other) != places(plain) {
                return Some((other, plain));
            }
        }
        None
    }

    fn all(&self, check: impl Fn(&str) -> Result<(), Flaw>) -> bool {
        self.values.iter().all(|text| check(text).is_ok())
    }

    /// Check digits do not fit by chance: nine of ten (and at least three different ones) are proof enough.
    fn mostly(&self, check: impl Fn(&str) -> Result<(), Flaw>, zh: &str, en: &str) -> Option<Text> {
        // Most columns are neither: a few values tell.
        if self.values.iter().take(50).filter(|text| check(text).is_ok()).count() == 0 {
            return None;
        }
        let right = self.values.iter().filter(|text| check(text).is_ok()).count();
        let wrong = self.values.len() - right;
        if wrong == 0 {
            return Some(
                self.told(&format!("都是校验码正确的{zh}"), &format!("all are {en} with the right check digit")),
            );
        }
        (wrong * 10 <= right && self.distinct.len() >= 3).then(|| {
            Text::new(
                format!("{right} 个值是校验码正确的{zh}，{wrong} 个不是（将进入问题数据）"),
                format!(
                    "{right} values are {en} with the right check digit, {wrong} are not (they will go to quarantine)"
                ),
            )
        })
    }

    fn told(&self, zh: &str, en: &str) -> Text {
        let count = self.values.len();
        Text::new(format!("看了 {count} 个值：{zh}"), format!("of {count} values seen: {en}"))
    }

    fn named(&self, words: &[&str]) -> bool {
        words.iter().any(|word| match word.is_ascii() && word.len() <= 4 {
            true => self.name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == *word),
            false => self.name.contains(word),
        })
    }

    /// `id`, `station_id`, `stationId`.
    fn named_id(&self) -> bool {
        self.name.ends_with("id") && !self.name.ends_with("paid") && !self.name.ends_with("bid")
    }

    fn looks_like_divisions(&self) -> bool {
        self.distinct.len() >= 3
            && self
                .values
                .iter()
                .all(|text| text.len() >= 6 && reference::division(text.get(..6).unwrap_or("")).is_some())
    }

    /// How careful to be with it. What is not known to be harmless is not proposed for opening.
    fn sensitivity(&self, kind: Kind) -> (ItemClass, Grade) {
        let sensitive =
            ["病", "诊断", "症状", "患者", "银行卡", "银行账", "宗教", "指纹", "密码", "password", "diagnosis"];
        let personal = [
            "姓名", "住址", "家庭", "出生", "生日", "手机", "户籍", "工资", "薪", "婚姻", "车牌", "birth", "mobile",
            "salary", "wage",
        ];
        if kind == Kind::CitizenId || self.named(&sensitive) {
            return (ItemClass::Sensitive, Grade::L4);
        }
        let mobile = kind == Kind::Phone
            && self
                .values
                .iter()
                .any(|text| phone::read(text).is_ok_and(|number| number.len() == 11 && number.starts_with('1')));
        if mobile || self.named(&personal) {
            return (ItemClass::Personal, Grade::L3);
        }
        let harmless = matches!(
            kind,
            Kind::Uscc
                | Kind::DivisionCode
                | Kind::IndustryCode
                | Kind::Longitude
                | Kind::Latitude
                | Kind::Geometry
                | Kind::Phone
        );
        if harmless { (ItemClass::Public, Grade::L1) } else { (ItemClass::Business, Grade::L2) }
    }
}

const IDENTIFIERS: [&str; 17] = [
    "编号", "编码", "代码", "账号", "帐号", "证号", "号码", "标识", "邮编", "邮政", "文号", "单号", "code", "no",
    "postcode", "zip", "zipcode",
];
const DIVISIONS: [&str; 6] = ["区划", "行政区", "adcode", "division", "area_code", "地区代码"];
const MONEY: [&str; 19] = [
    "金额", "价格", "单价", "总价", "票价", "房价", "售价", "均价", "费用", "资金", "收入", "支出", "余额", "工资",
    "补贴", "amount", "price", "cost", "salary",
];

/// A whole number that comes out as it went in: no plus sign, no leading zero, fewer than twelve digits.
/// Eleven digits that begin like a mobile number are one.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = all_digits(digits) && (digits == "0" || !digits.starts_with('0')) && text != "-0";
    let mobile = digits.len() == 11 && digits.starts_with('1');
    let grouped = || text.contains(',') && number::plain(text).is_ok_and(|plain| is_whole(&plain));
    (plain && digits.len() < 12 && !mobile) || grouped()
}

/// A decimal number of at most fifteen digits, without plus sign or leading zeros; small ones may have an exponent.
fn is_decimal(text: &str) -> bool {
    if is_whole(text) {
        return true;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "-0"));
    let Some((whole, fraction)) = mantissa.split_once('.').or(Some((mantissa, "0")).filter(|_| mantissa != text))
    else {
        return text.contains(',') && number::plain(text).is_ok_and(|plain| !plain.contains(',') && is_decimal(&plain));
    };
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let right = all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'));
    let small = exponent.strip_prefix('-').is_some_and(|digits| all_digits(digits) && digits.len() <= 3);
    if text.contains(',') {
        return number::plain(text).is_ok_and(|plain| !plain.contains(',') && is_decimal(&plain));
    }
    right && small && whole.len() + fraction.trim_end_matches('0').len() <= 16
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
        assert_eq!(propose("证件", &["11010519491231002X"]).grade, Grade::L4);
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
