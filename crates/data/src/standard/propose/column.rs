//! One column, and what its name and values say of it.

use std::collections::BTreeSet;

use kernel::Text;

use super::super::clock::Zone;
use super::super::coordinate::Crs;
use super::super::flaw::Flaw;
use super::super::tidy::all_digits;
use super::super::{boolean, citizen_id, date, datetime, division, geometry, industry, money, phone, position, uscc};
use super::{plain, words};
use crate::declare::{Grade, ItemClass, Kind};
use crate::grade;
use crate::reference;

pub(super) struct Column<'v> {
    /// As found.
    header: &'v str,
    /// In lower case.
    name: String,
    /// Neither empty nor a null word.
    values: &'v [&'v str],
    distinct: BTreeSet<&'v str>,
}

impl<'v> Column<'v> {
    pub fn new(name: &'v str, values: &'v [&'v str]) -> Column<'v> {
        Column { header: name, name: name.to_lowercase(), values, distinct: values.iter().copied().collect() }
    }

    pub fn kind(&self) -> (Kind, Text) {
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
        if self.named(&words::IDENTIFIERS) || self.named_id() || self.name.ends_with(['号', '码']) {
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

    /// Whether every value is one of the kind, and comes out of it as it went in.
    pub fn is(&self, kind: Kind) -> bool {
        let Ok(zone) = Zone::named("Asia/Shanghai") else { return false };
        match kind {
            Kind::Text => true,
            Kind::Integer => self.values.iter().all(|text| plain::is_whole(text)),
            Kind::Number => self.values.iter().all(|text| plain::is_decimal(text)),
            Kind::Boolean => self.all(|text| boolean::read(text).map(drop)),
            Kind::Date => self.all(|text| date::read(text, &zone).map(drop)),
            Kind::Datetime => self.all(|text| datetime::read(text, &zone, None).map(drop)),
            Kind::Longitude => self.all(|text| position::longitude(text).map(drop)),
            Kind::Latitude => self.all(|text| position::latitude(text).map(drop)),
            _ => false,
        }
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
        // A column with codes of old is kept as it is: which day they were of, only a steward can declare.
        if self.all(|text| division::read(text).and_then(|code| division::in_force(&code)))
            && (self.named(&words::DIVISIONS) || self.looks_like_divisions())
        {
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
        let shapes = self.values.iter().all(|text| text.starts_with('{'))
            && self.all(|text| geometry::read(text, Crs::Wgs84).map(drop));
        shapes.then(|| (Kind::Geometry, self.told("都是 GeoJSON 几何图形", "all are GeoJSON geometries")))
    }

    fn day(&self) -> Option<(Kind, Text)> {
        let zone = Zone::named("Asia/Shanghai").ok()?;
        // Eight digits may be a date or a number: the name, or the years, must say so.
        if self.values.iter().any(|text| all_digits(text)) {
            let recent = |text: &&str| text.len() == 8 && (text.starts_with("19") || text.starts_with("20"));
            let named = self.named(&["日期", "时间", "date", "time", "day", "_at"]);
            if !self.values.iter().all(recent)
                || !(named || self.distinct.len() >= 3)
                || self.named(&words::IDENTIFIERS)
            {
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
        if (signs || ((self.named(&words::MONEY) || self.named(&["fee"]) || self.name.ends_with('费')) && !scaled))
            && self.all(|text| money::fen(text).map(drop))
        {
            return Some((
                Kind::Money,
                self.told("每个值都是金额，精确到分", "every value is an amount, exact to fen"),
            ));
        }
        if self.values.iter().all(|text| plain::is_whole(text)) {
            return Some((
                Kind::Integer,
                self.told("每个值都是整数，没有前导零", "every value is a whole number without leading zeros"),
            ));
        }
        if self.values.iter().all(|text| plain::is_decimal(text)) {
            return match plain::same_number_twice(&self.distinct) {
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
    pub fn sensitivity(&self, kind: Kind) -> (ItemClass, Grade) {
        let found = grade::detect(&grade::Column { name: self.header, title: "", values: self.values }, None);
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
        match (found.is_known(), harmless) {
            (true, _) => (found.class(), found.grade()),
            (false, true) => (ItemClass::Public, Grade::L1),
            (false, false) => grade::UNKNOWN,
        }
    }
}
