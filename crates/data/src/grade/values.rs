//! What the values of a column say.
//!
//! Each value adds to a sum for each type of information: how much likelier it is in a column of that type than in
//! another (log-likelihood ratio). The sum never falls below zero and its highest point counts (CUSUM, Page 1954): a
//! stretch of ids in a column of remarks is found wherever it stands, and more values never take back what some have said.
//! Only different values count, so that a word that is repeated is not heard twice.

use std::collections::HashSet;

use super::info::InfoType;
use super::names;
use crate::declare::Kind;
use crate::standard::clock::Zone;
use crate::standard::{read_day, tidy_trim, valid};

/// The most values looked at, and the most characters of each.
const MOST: usize = 10_000;
const LONGEST: usize = 2_000;
/// Where a sum is high enough, it need not grow.
const ENOUGH: f64 = 14.0;
/// A text longer than this is prose: what stands in it speaks, what does not says nothing.
const PROSE: usize = 20;

/// One type's sum.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Score {
    sum: f64,
    /// The highest sum there was.
    pub best: f64,
    /// Different values that spoke for it.
    pub spoke: usize,
}

impl Score {
    fn add(&mut self, odds: f64) {
        self.sum = (self.sum + odds).clamp(0.0, ENOUGH);
        self.best = self.best.max(self.sum);
        self.spoke += usize::from(odds > 0.0);
    }
}

/// The types that values can speak for.
#[rustfmt::skip]
const TESTED: [InfoType; 20] = [
    InfoType::CitizenId, InfoType::TravelDocument, InfoType::BankAccount, InfoType::Health, InfoType::PersonName, InfoType::Mobile,
    InfoType::Email, InfoType::HomeAddress, InfoType::MaritalStatus, InfoType::Vehicle, InfoType::Sex, InfoType::Ethnicity,
    InfoType::Education, InfoType::Household, InfoType::Device, InfoType::CompanyId, InfoType::Organisation, InfoType::Division,
    InfoType::Landline, InfoType::Minor,
];

/// What was found, and how many different values were seen.
pub(super) struct Seen {
    pub scores: Vec<(InfoType, Score)>,
    pub different: usize,
}

/// Looks at the values. `today` (days since 1970) tells who is a child; `born` says that dates here are birthdays.
pub(super) fn look(values: &[&str], today: Option<i32>, born: bool) -> Seen {
    let mut scores = TESTED.map(|info| (info, Score::default()));
    let mut seen: HashSet<&str> = HashSet::new();
    let zone = Zone::named("Asia/Shanghai").ok();
    for text in values.iter().take(MOST).map(|text| tidy_trim(text)) {
        if text.is_empty() || text.len() > LONGEST || !seen.insert(text) {
            continue;
        }
        let value = Value::new(text);
        let child = today.and_then(|today| value.is_child(today, born, zone.as_ref()));
        for (info, score) in &mut scores {
            match (*info, child) {
                (InfoType::Minor, Some(child)) => score.add(if child { 0.59 } else { -1.61 }),
                (InfoType::Minor, None) => {}
                (info, _) => score.add(value.odds(info)),
            }
        }
    }
    Seen {
        scores: scores.to_vec(),
        different: seen.len(),
    }
}

/// A value and what is plain about it.
struct Value<'v> {
    text: &'v str,
    chars: usize,
    digits: usize,
    han: bool,
    /// Runs of digits and letters in prose.
    runs: Vec<&'v str>,
}

impl<'v> Value<'v> {
    fn new(text: &'v str) -> Value<'v> {
        let chars = text.chars().count();
        let prose = chars > PROSE;
        let runs = if prose {
            text.split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|run| run.len() >= 11)
                .collect()
        } else {
            Vec::new()
        };
        Value {
            text,
            chars,
            digits: text.bytes().filter(u8::is_ascii_digit).count(),
            han: text.chars().any(names::is_han),
            runs,
        }
    }

    /// The log-likelihood ratio of a type for this value. The shares behind the numbers: how many values of such a column
    /// are so, and how many of any other.
    fn odds(&self, info: InfoType) -> f64 {
        let prose = self.chars > PROSE;
        match info {
            // The old ids of 15 places have no check digit: one in a thousand numbers could be one.
            InfoType::CitizenId if self.text.len() == 15 => self.told(valid(Kind::CitizenId, self.text), 3.5),
            InfoType::CitizenId => self.found(|text| text.len() == 18 && valid(Kind::CitizenId, text), 11.4),
            InfoType::Mobile => self.found(is_mobile, 4.0),
            InfoType::BankAccount => self.found(
                |text| text.len() >= 16 && text.starts_with("62") && valid(Kind::BankCard, text),
                3.9,
            ),
            InfoType::Vehicle => self.told(
                self.han && (7..=8).contains(&self.chars) && valid(Kind::PlateNumber, self.text)
                    || self.chars == 17 && valid(Kind::Vin, self.text),
                6.8,
            ),
            InfoType::TravelDocument => self.told(is_travel_document(self.text), 2.9),
            InfoType::Email => self.told(self.text.contains('@') && valid(Kind::Email, self.text), 6.8),
            InfoType::Device => self.told(
                self.chars == 17 && self.text.contains([':', '-']) && valid(Kind::MacAddress, self.text),
                4.5,
            ),
            InfoType::CompanyId => self.told(self.chars == 18 && valid(Kind::Uscc, self.text), 9.0),
            InfoType::Landline => self.told(
                self.digits >= 7 && !is_mobile(self.text) && self.text.starts_with(['0', '4', '8', '(']) && valid(Kind::Phone, self.text),
                4.0,
            ),
            InfoType::PersonName if prose => 0.0,
            InfoType::PersonName => names::odds(self.text),
            InfoType::Organisation => self.told(
                self.han && self.chars >= 4 && ORGANISATIONS.iter().any(|end| self.text.ends_with(end)),
                2.6,
            ),
            InfoType::Division => self.told(
                matches!(self.text.len(), 6 | 9 | 12) && self.digits == self.text.len() && valid(Kind::DivisionCode, self.text),
                2.2,
            ),
            InfoType::HomeAddress => self.home(),
            InfoType::Health => self.health(),
            InfoType::MaritalStatus => self.told(MARITAL.contains(&self.text), 4.0),
            InfoType::Sex => self.told(
                matches!(self.text, "男" | "女" | "男性" | "女性" | "male" | "female" | "Male" | "Female"),
                4.0,
            ),
            InfoType::Ethnicity => self.told(self.han && self.text.ends_with('族') && valid(Kind::EthnicCode, self.text), 5.0),
            InfoType::Education => self.told(EDUCATION.contains(&self.text), 2.2),
            InfoType::Household => self.told(KINSHIP.contains(&self.text), 4.0),
            _ => 0.0,
        }
    }

    fn told(&self, hit: bool, odds: f64) -> f64 {
        match hit {
            true => odds,
            // In prose, not to be one says nothing.
            false if self.chars > PROSE => 0.0,
            false => -2.3,
        }
    }

    /// The value itself, or a run of digits in prose.
    fn found(&self, is: impl Fn(&str) -> bool, odds: f64) -> f64 {
        if self.digits < 11 {
            return self.told(false, odds);
        }
        self.told(is(self.text) || self.runs.iter().any(|run| is(run)), odds)
    }

    /// Estates, buildings, rooms: 春晓小区3幢502室. Offices have rooms too, homes oftener.
    fn home(&self) -> f64 {
        if self.chars > 50 {
            return 0.0;
        }
        if !self.han || self.chars < 5 {
            return -2.3;
        }
        let estate = ESTATES.iter().any(|word| self.text.contains(word));
        let building = ["幢", "栋", "单元", "号楼"].iter().any(|word| self.text.contains(word));
        let room = self.text.contains('室') || self.text.contains('户');
        match (estate || building, room) {
            (true, true) => 1.9,
            (true, false) if estate && self.digits > 0 => 1.0,
            (false, true) if self.digits >= 2 => 0.6,
            _ => -1.8,
        }
    }

    fn health(&self) -> f64 {
        let code = self.text.len() <= 6
            && self.text.starts_with(|c: char| c.is_ascii_uppercase())
            && self
                .text
                .get(1..3)
                .is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            && (self.text.len() == 3 || self.text.get(3..4) == Some("."));
        let named = self.han && DISEASES.iter().any(|word| self.text.ends_with(word)) && !self.text.ends_with("病区");
        self.told(code && self.text.len() > 3 || named, if code { 2.0 } else { 2.6 })
    }

    /// Whether somebody below fourteen was born on the day it tells; `None` where it tells no birthday.
    fn is_child(&self, today: i32, born: bool, zone: Option<&Zone>) -> Option<bool> {
        const FOURTEEN_YEARS: i32 = 5_113;
        let birthday = if self.digits >= 14 && self.text.len() == 18 && valid(Kind::CitizenId, self.text) {
            let text = self.text.get(6..14)?;
            read_day(&format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..)?), zone?)?
        } else if born {
            read_day(self.text, zone?)?
        } else {
            return None;
        };
        Some(birthday <= today && today - birthday < FOURTEEN_YEARS)
    }
}

fn is_mobile(text: &str) -> bool {
    let text = text.strip_prefix("+86").unwrap_or(text).trim_start_matches(['-', ' ']);
    text.len() == 11
        && text.starts_with('1')
        && text.as_bytes().get(1).is_some_and(|second| (b'3'..=b'9').contains(second))
        && valid(Kind::Phone, text)
}

/// Passports and permits of the forms that say something: a letter or two and eight digits.
fn is_travel_document(text: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.as_bytes() {
        [b'G' | b'E' | b'D' | b'S' | b'P' | b'H' | b'M' | b'C' | b'W', rest @ ..] if rest.len() == 8 => {
            text.get(1..).is_some_and(|rest| digits(rest, 8)) || text.starts_with('E') && text.get(2..).is_some_and(|rest| digits(rest, 7))
        }
        _ => false,
    }
}

#[rustfmt::skip]
const ORGANISATIONS: [&str; 30] = [
    "公司", "厂", "集团", "合作社", "事务所", "律所", "经营部", "商行", "超市", "酒店", "饭店", "医院", "卫生院", "诊所", "学校", "小学",
    "中学", "幼儿园", "大学", "学院", "委员会", "街道办事处", "局", "厅", "中心", "银行", "协会", "基金会", "研究院", "服务站",
];
#[rustfmt::skip]
const MARITAL: [&str; 10] = [
    "未婚", "已婚", "丧偶", "离婚", "离异", "初婚", "再婚", "复婚", "未说明的婚姻状况", "有配偶",
];
#[rustfmt::skip]
const EDUCATION: [&str; 16] = [
    "本科", "大学本科", "大专", "大学专科", "专科", "硕士", "硕士研究生", "博士", "博士研究生", "研究生", "文盲", "文盲或半文盲",
    "初中毕业", "高中毕业", "中专", "中等专科",
];
#[rustfmt::skip]
const KINSHIP: [&str; 16] = [
    "户主", "本人", "配偶", "妻", "夫", "子", "女", "长子", "次子", "长女", "次女", "父亲", "母亲", "儿媳", "孙子", "孙女",
];
#[rustfmt::skip]
const ESTATES: [&str; 16] = [
    "小区", "花园", "新村", "家园", "公寓", "花苑", "雅苑", "名苑", "新苑", "苑", "名邸", "花城", "里弄", "宿舍", "府", "村民组",
];
#[rustfmt::skip]
const DISEASES: [&str; 22] = [
    "炎", "癌", "瘤", "病", "症", "综合征", "骨折", "高血压", "感染", "结石", "出血", "梗死", "梗阻", "中风", "哮喘", "肺结核", "抑郁",
    "贫血", "腹泻", "疱疹", "过敏", "障碍",
];
