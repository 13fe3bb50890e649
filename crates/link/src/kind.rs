//! What a column is, told from its name and from what it holds. The name proposes, the content decides.

use crate::dates::day_of;
use crate::fold::{digits, fold, is_chinese, words};
use crate::table::Column;

/// Values looked at.
const SAMPLE: usize = 3000;

/// What a column holds, as far as comparing goes.
pub use data::declare::Evidence as Kind;

/// What was seen of a column, in shares from 0 to 1 of its values.
struct Seen {
    distinct: usize,
    filled: usize,
    chinese: f64,
    numeric: f64,
    digits_share: f64,
    dates: f64,
    years: f64,
    checked: f64,
    phones: f64,
    tokens: f64,
    length: f64,
    even_length: f64,
    starts_with_number: f64,
    address_signs: f64,
    company_signs: f64,
    person_signs: f64,
    at_signs: f64,
}

/// The kind of a column, or `None` where nothing in it tells two records apart or brings them together.
pub(crate) fn kind_of(column: &Column) -> Option<Kind> {
    let filled = column.filled();
    let distinct = column.values.len() - 1;
    if distinct < 2 || filled < 2 {
        return None;
    }
    let seen = look(column, distinct, filled);
    // A number that no two records share names the row, not what it is about.
    if distinct == filled && seen.numeric > 0.95 && !named(&column.name, PHONE) {
        return None;
    }
    Some(decide(&fold(&column.name), &seen))
}

const GIVEN: &[&str] = &["given", "firstname", "first name", "fname", "forename", "名字拼音", "名"];
const SURNAME: &[&str] = &["surname", "lastname", "last name", "lname", "family name", "familyname", "姓", "姓氏"];
const PERSON: &[&str] = &["姓名", "fullname", "full name", "person", "法定代表人", "负责人", "申请人", "联系人", "曾用名", "author"];
const COMPANY: &[&str] = &["company", "organisation", "organization", "employer", "business", "firm", "单位", "企业", "公司", "机构", "商户", "字号"];
const ADDRESS: &[&str] = &["address", "addr", "street", "地址", "住址", "住所", "居住地", "经营场所", "户籍地", "位置"];
/// What lies around an address is none by itself: `mailing_address_city` names a town.
const REGION: &[&str] = &["city", "town", "suburb", "village", "state", "county", "province", "region", "district", "country", "place", "市", "区县", "省份", "国家"];
const HOUSE: &[&str] = &["street number", "house number", "housenumber", "streetnumber", "house no", "street no", "门牌"];
const POSTCODE: &[&str] = &["zip", "postcode", "postal", "邮编", "邮政编码"];
const DATE: &[&str] = &["date", "dob", "birth", "日期", "出生", "生日", "时间"];
const PHONE: &[&str] = &["phone", "tel", "telephone", "mobile", "fax", "电话", "手机", "传真", "联系方式"];
const NUMBERED: &[&str] = &["id", "ssn", "no", "number", "code", "passport", "licence", "license", "account", "card", "isbn", "email", "mail", "url", "证", "号", "码", "编号", "邮箱"];

const NAMING: &[&str] = &["name", "title", "名称", "店名", "字号"];

/// Whether a column is called a name.
pub(crate) fn is_called_name(name: &str) -> bool {
    named(&fold(name), NAMING)
}

const REPRESENTATIVE: &[&str] = &["法定代表人", "负责人", "联系人", "经营者", "contact", "representative", "owner", "manager", "director"];

/// Whether a column of names says who speaks for a body.
pub(crate) fn names_representative(name: &str) -> bool {
    named(&fold(name), REPRESENTATIVE)
}

/// Whether a column name holds one of the words: Chinese anywhere, Latin ones as whole words.
fn named(name: &str, wanted: &[&str]) -> bool {
    let spaced: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let spaced = format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" "));
    wanted.iter().any(|word| match word.is_ascii() {
        true => spaced.contains(&format!(" {word} ")) || (word.len() > 4 && spaced.contains(word)),
        // One character alone says too little inside a longer name.
        false if word.chars().count() == 1 => spaced.trim() == *word || (spaced.trim().ends_with(word) && matches!(*word, "证" | "号" | "码")),
        false => spaced.contains(word),
    })
}

fn decide(name: &str, seen: &Seen) -> Kind {
    if seen.checked > 0.5 {
        return Kind::CheckedId;
    }
    if seen.at_signs > 0.8 {
        return Kind::Identifier;
    }
    let dated = named(name, DATE);
    // Slips make many days that do not exist.
    let looks_dated = seen.dates > 0.9 && (seen.digits_share < 0.95 || (seen.even_length > 0.95 && seen.distinct > 30));
    if looks_dated || (dated && seen.dates > 0.5) {
        return Kind::Date;
    }
    if seen.phones > 0.8 && named(name, PHONE) {
        return Kind::Phone;
    }
    if named(name, POSTCODE) && seen.length <= 10.0 && seen.digits_share > 0.3 {
        return Kind::Postcode;
    }
    if named(name, HOUSE) && seen.length <= 12.0 {
        return Kind::HouseNumber;
    }
    let few = seen.distinct <= 100 && seen.filled >= seen.distinct * 8;
    if seen.digits_share > 0.7 {
        return numbers(name, seen, few);
    }
    texts(name, seen, few)
}

fn numbers(name: &str, seen: &Seen, few: bool) -> Kind {
    // Years are near each other by their figures, not by what share of the time since Christ lies between them.
    if (few && seen.length < 6.0) || seen.years > 0.9 {
        return Kind::Category;
    }
    if named(name, NUMBERED) {
        return Kind::Identifier;
    }
    if seen.phones > 0.9 && seen.length >= 7.0 && seen.numeric < 0.5 {
        return Kind::Phone;
    }
    let identifying = seen.numeric < 0.9 || (seen.even_length > 0.9 && seen.length >= 5.0);
    if identifying { Kind::Identifier } else { Kind::Number }
}

fn texts(name: &str, seen: &Seen, few: bool) -> Kind {
    let short = seen.tokens < 2.5 || (seen.chinese > 0.5 && seen.length <= 6.0);
    if named(name, SURNAME) && short {
        return Kind::Surname;
    }
    if named(name, GIVEN) && short {
        return Kind::GivenName;
    }
    if seen.chinese > 0.5 {
        return chinese_texts(name, seen, few);
    }
    if named(name, REGION) && seen.address_signs < 0.5 && seen.starts_with_number < 0.5 && seen.tokens < 3.0 {
        return if few { Kind::Category } else { Kind::Name };
    }
    if named(name, ADDRESS) || (seen.starts_with_number > 0.6 && seen.tokens >= 2.0) || seen.address_signs > 0.5 {
        return Kind::Address;
    }
    if few && seen.tokens < 3.0 {
        return Kind::Category;
    }
    if named(name, COMPANY) || seen.company_signs > 0.3 {
        return Kind::Company;
    }
    if named(name, PERSON) && seen.tokens < 4.0 {
        return Kind::FullName;
    }
    // One "word" of letters and digits is a code, not a word.
    if seen.tokens < 1.5 && seen.digits_share > 0.25 {
        return Kind::Identifier;
    }
    if seen.tokens < 2.0 { Kind::Name } else { Kind::Words }
}

fn chinese_texts(name: &str, seen: &Seen, few: bool) -> Kind {
    if seen.address_signs > 0.5 || (named(name, ADDRESS) && seen.length > 4.0) {
        return Kind::Address;
    }
    if seen.company_signs > 0.4 || (named(name, COMPANY) && seen.length > 4.0) {
        return Kind::Company;
    }
    if (seen.person_signs > 0.7 && !few) || (named(name, PERSON) && seen.length <= 6.0) {
        return Kind::FullName;
    }
    match few {
        true => Kind::Category,
        false if seen.length <= 8.0 => Kind::Name,
        false => Kind::Words,
    }
}

fn look(column: &Column, distinct: usize, filled: usize) -> Seen {
    // Records lie in an order that means nothing: the first ones are a fair sample.
    let filled_codes = column.codes.iter().filter(|code| **code != 0);
    let values: Vec<&str> = filled_codes.take(SAMPLE).filter_map(|code| column.values.get(*code as usize)).map(|value| &**value).collect();
    let count = values.len() as f64;
    let share = |test: &dyn Fn(&str) -> bool| values.iter().filter(|value| test(value)).count() as f64 / count;
    let mean = |of: &dyn Fn(&str) -> f64| values.iter().map(|value| of(value)).sum::<f64>() / count;
    let length = mean(&|value| value.chars().count() as f64);
    let usual = usual_length(&values);
    Seen {
        distinct,
        filled,
        chinese: share(&is_chinese),
        numeric: share(&is_numeric),
        digits_share: mean(&|value| {
            let (digits, all) = value.chars().filter(|c| c.is_alphanumeric()).fold((0, 0), |(d, n), c| (d + u32::from(c.is_ascii_digit()), n + 1));
            f64::from(digits) / f64::from(all.max(1))
        }),
        dates: share(&|value| day_of(value).is_some()),
        years: share(&|value| value.len() == 4 && value.parse::<u16>().is_ok_and(|year| (1800..2200).contains(&year))),
        checked: share(&data::standard::check_digit_fits),
        phones: share(&looks_like_phone),
        tokens: mean(&|value| value.split_whitespace().count() as f64),
        length,
        even_length: share(&|value| value.chars().count() == usual),
        starts_with_number: share(&|value| value.starts_with(|c: char| c.is_ascii_digit()) && value.contains(char::is_alphabetic)),
        address_signs: share(&looks_like_address),
        company_signs: share(&looks_like_company),
        person_signs: share(&|value| is_chinese(value) && (2..=4).contains(&value.chars().count())),
        at_signs: share(&|value| value.contains('@') || value.contains("://")),
    }
}

/// A number, with a money sign before it and commas in it or not.
fn is_numeric(value: &str) -> bool {
    value.trim_start_matches(['$', '€', '£', '¥', '￥']).replace(',', "").trim().parse::<f64>().is_ok_and(f64::is_finite)
}

fn usual_length(values: &[&str]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    values.iter().for_each(|value| *counts.entry(value.chars().count()).or_default() += 1);
    counts.into_iter().max_by_key(|(length, count)| (*count, *length)).map_or(0, |(length, _)| length)
}

fn looks_like_phone(value: &str) -> bool {
    let count = digits(value).len();
    (7..=15).contains(&count) && value.chars().all(|c| c.is_ascii_digit() || " -+()（）转./x".contains(c))
}

fn looks_like_address(value: &str) -> bool {
    if is_chinese(value) {
        let has = |signs: &[char]| value.contains(signs);
        return has(&['号', '室', '幢', '弄', '栋', '组']) && has(&['路', '街', '村', '区', '镇', '乡', '道', '巷', '苑', '县', '市']);
    }
    const STREETS: [&str; 16] =
        ["st", "street", "ave", "avenue", "rd", "road", "blvd", "boulevard", "dr", "drive", "ln", "lane", "ct", "court", "place", "hwy"];
    words(value).iter().any(|word| STREETS.contains(&word.as_str()))
}

fn looks_like_company(value: &str) -> bool {
    if is_chinese(value) {
        const ENDS: [&str; 22] = [
            "公司", "厂", "店", "部", "院", "中心", "局", "合作社", "学校", "所", "集团", "行", "会", "馆", "站", "场", "社", "委员会", "工作室", "企业", "园", "铺",
        ];
        return value.chars().count() > 4 && ENDS.iter().any(|end| value.trim_end_matches(['）', ')']).ends_with(end));
    }
    const FORMS: [&str; 18] = [
        "inc", "ltd", "limited", "llc", "corp", "corporation", "co", "company", "gmbh", "plc", "center", "centre", "school", "association", "group", "university", "bank",
        "institute",
    ];
    words(value).iter().any(|word| FORMS.contains(&word.as_str()))
}
