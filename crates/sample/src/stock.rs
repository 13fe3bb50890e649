//! Columns that many tables have, each with its standard, class and grade, and the ways its value varies
//! from one department to the next.

use std::fmt::Write;

use data::declare::Grade::{L1, L2, L3};
use data::declare::ItemClass;

use crate::calendar::{self, digits};
use crate::catalogue::codes;
use crate::names::{HOMOPHONES, TRADITIONAL};
use crate::row::Row;
use crate::spec::Column;

/// Name, source name, Chinese title, English title.
pub type Names = [&'static str; 4];

/// A column whose cells `make` writes.
pub fn col(names: Names, standard: &'static str, make: impl Fn(&mut Row, &mut String) + Send + Sync + 'static) -> Column {
    let [name, source, title, title_en] = names;
    Column {
        name,
        source,
        title,
        title_en,
        standard,
        class: ItemClass::Public,
        grade: None,
        key: false,
        required: false,
        unit: "",
        gaps: 0.0,
        make: Box::new(make),
    }
}

/// A whole number, small ones more often.
pub fn int(names: Names, low: i64, high: i64) -> Column {
    col(names, "count", move |row, out| {
        let chance = row.rng.unit();
        push(out, low + (chance * chance * (high - low + 1) as f64) as i64);
    })
}

/// A measured number, spread evenly.
pub fn num(names: Names, low: f64, high: f64, places: usize) -> Column {
    col(names, "quantity", move |row, out| decimal(out, low + row.rng.unit() * (high - low), places))
}

/// Yuan, small amounts more often.
pub fn money(names: Names, low: f64, high: f64) -> Column {
    col(names, "amount", move |row, out| {
        let chance = row.rng.unit();
        decimal(out, low + chance * chance * chance * (high - low), 2);
    })
}

/// One of a few words.
pub fn pick(names: Names, words: &'static [&'static str]) -> Column {
    col(names, "short_text", move |row, out| out.push_str(row.rng.word(words)))
}

/// A value of a code list, as often as its weight says.
pub fn coded(names: Names, list: &'static str) -> Column {
    let codes = codes::find(list).codes;
    col(names, list, move |row, out| {
        let position = row.rng.weighted(codes.iter().map(|code| code.3));
        out.push_str(codes[position].0);
    })
}

/// The same, spelt out in Chinese as the code list's title.
pub fn spelt(names: Names, list: &'static str) -> Column {
    let codes = codes::find(list).codes;
    col(names, list, move |row, out| {
        let position = row.rng.weighted(codes.iter().map(|code| code.3));
        out.push_str(codes[position].1);
    })
}

/// `prefix` and the row's number: unique in its table.
pub fn serial(names: Names, prefix: &'static str) -> Column {
    col(names, "serial_no", move |row, out| {
        out.push_str(prefix);
        digits(out, row.index as u32 + 1, 9);
    })
    .key()
}

/// `prefix` and the number of one of `count` things: refers to their table.
pub fn reference(names: Names, prefix: &'static str, count: u64) -> Column {
    let salt = crate::rng::hash(prefix);
    col(names, "serial_no", move |row, out| {
        out.push_str(prefix);
        digits(out, row.shared(salt).below(count) as u32 + 1, 9);
    })
}

/// `prefix` and the number of the row's thing, in a grid.
pub fn thing(names: Names, prefix: &'static str) -> Column {
    col(names, "serial_no", move |row, out| {
        out.push_str(prefix);
        digits(out, row.entity as u32 + 1, 9);
    })
    .key()
}

pub fn flag(names: Names, share: f64) -> Column {
    col(names, "boolean", move |row, out| out.push_str(if row.rng.chance(share) { "是" } else { "否" }))
}

/// The day the row is about, and so many days after.
pub fn on(names: Names, low: i64, high: i64) -> Column {
    col(names, "business_date", move |row, out| {
        let day = row.day + row.rng.range(low, high) as i32;
        calendar::date(out, day, row.form, &mut row.rng);
    })
}

/// The moment the row is about.
pub fn at(names: Names) -> Column {
    col(names, "datetime", |row, out| calendar::datetime(out, row.day, row.second, row.form, &mut row.rng))
}

/// A moment so many hours later.
pub fn at_after(names: Names, low: i64, high: i64) -> Column {
    col(names, "datetime", move |row, out| {
        let second = i64::from(row.second) + row.rng.range(low * 3600, high * 3600);
        let day = row.day + second.div_euclid(86_400) as i32;
        calendar::datetime(out, day, second.rem_euclid(86_400) as u32, row.form, &mut row.rng);
    })
}

/// When the department last touched the record; always in ISO form, since programs compare it.
pub fn updated_at(source: &'static str) -> Column {
    col(["updated_at", source, "更新时间", "Updated at"], "datetime", |row, out| {
        let pause = if row.ordered { 0 } else { row.shared(0xDA7E).below(2) as i32 };
        let day = row.day + pause + row.later;
        calendar::datetime(out, day, row.second, calendar::DateForm::Iso, &mut row.rng);
    })
    .required()
}

/// `2026-03`, the month of the row's day.
pub fn month(names: Names) -> Column {
    col(names, "period_month", |row, out| {
        let (year, month, _) = calendar::civil(row.day);
        digits(out, year as u32, 4);
        out.push('-');
        digits(out, month, 2);
    })
}

pub fn citizen_id(source: &'static str) -> Column {
    citizen_id_as(["citizen_id", source, "公民身份号码", "Citizen id number"])
}

pub fn citizen_id_as(names: Names) -> Column {
    col(names, "citizen_number", |row, out| row.someone().write_id(out)).sensitive(L3)
}

/// A name; one in 130 is spelt as another clerk heard or wrote it, and some still have the one that was changed.
pub fn person_name(source: &'static str) -> Column {
    person_name_as(["person_name", source, "姓名", "Name"])
}

pub fn person_name_as(names: Names) -> Column {
    col(names, "person_name", |row, out| {
        let start = out.len();
        row.someone().write_name(out);
        misspell(row, out, start);
        if let Some(before) = row.someone().former_name().filter(|_| row.shared(0xF0_0001).chance(0.4)) {
            let mut now = String::new();
            row.someone().write_name(&mut now);
            row.variant = Some(("name_former", now));
            out.replace_range(start.., &before);
        }
    })
    .required()
    .personal(L3)
}

fn misspell(row: &mut Row, out: &mut String, start: usize) {
    if row.rng.chance(0.015) {
        let (kind, table) = if row.rng.chance(0.5) { ("name_traditional", TRADITIONAL) } else { ("name_homophone", HOMOPHONES) };
        vary(row, out, start, kind, table);
    }
}

/// The name as the police register it.
pub fn registered_name(source: &'static str) -> Column {
    col(["person_name", source, "姓名", "Name"], "person_name", |row, out| {
        let start = out.len();
        row.someone().write_name(out);
        misspell(row, out, start);
    })
    .required()
    .personal(L3)
}

/// The name that somebody had before.
pub fn former_name(source: &'static str) -> Column {
    col(["former_name", source, "曾用名", "Former name"], "person_name", |row, out| out.push_str(&row.someone().former_name().unwrap_or_default())).personal(L3)
}

/// Head of the household, or the spouse where that is the person.
pub fn guardian(source: &'static str) -> Column {
    col(["guardian", source, "监护人姓名", "Guardian"], "person_name", |row, out| {
        let person = row.someone();
        let head = row.world.head(person.household);
        let guardian = if head.index == person.index { row.world.spouse(person).unwrap_or(head) } else { head };
        guardian.write_name(out);
    })
    .personal(L3)
}

fn vary(row: &mut Row, out: &mut String, start: usize, kind: &'static str, table: &[(&str, &str)]) {
    let name = out[start..].to_owned();
    let found = table.iter().find(|(from, to)| name.contains(from) && from != to);
    if let Some((from, to)) = found {
        out.truncate(start);
        out.push_str(&name.replacen(from, to, 1));
        row.variant = Some((kind, name));
    }
}

pub fn sex(source: &'static str) -> Column {
    col(["sex", source, "性别", "Sex"], "sex", |row, out| out.push_str(if row.someone().male { "1" } else { "2" })).personal(L2)
}

/// 男 or 女, as most forms have it.
pub fn sex_word(source: &'static str) -> Column {
    col(["sex", source, "性别", "Sex"], "sex", |row, out| out.push_str(if row.someone().male { "男" } else { "女" })).personal(L2)
}

pub fn birth_date(source: &'static str) -> Column {
    col(["birth_date", source, "出生日期", "Date of birth"], "birth_date", |row, out| {
        let birth = row.someone().birth;
        calendar::date(out, birth, row.form, &mut row.rng);
    })
    .personal(L3)
}

pub fn age(source: &'static str) -> Column {
    col(["age", source, "年龄", "Age"], "age", |row, out| push(out, i64::from(row.someone().age()))).personal(L2)
}

pub fn ethnicity(source: &'static str) -> Column {
    coded(["ethnicity", source, "民族", "Ethnicity"], "ethnicity").personal(L2)
}

/// The person's mobile number, empty now and then.
pub fn phone(source: &'static str) -> Column {
    col(["phone", source, "联系电话", "Telephone"], "phone", |row, out| row.someone().write_phone(row.world.seed, out))
        .personal(L3)
        .gaps(0.06)
}

/// An office's fixed line.
pub fn office_phone(source: &'static str) -> Column {
    col(["phone", source, "联系电话", "Telephone"], "phone", |row, out| {
        let number = row.shared(0x0574).below(1_000_000) as u32;
        out.push_str("0574-88");
        digits(out, number, 6);
    })
    .graded(L1)
}

/// Where the person lives; one in sixty is the old address of an old file.
pub fn dwelling(source: &'static str) -> Column {
    col(["address", source, "居住地址", "Home address"], "address", |row, out| {
        let home = row.home();
        if row.rng.chance(0.016) {
            let mut now = String::new();
            home.write_dwelling(&mut now);
            home.write_old(out);
            row.variant = Some(("address_old", now));
        } else {
            home.write_dwelling(out);
        }
    })
    .personal(L3)
}

/// Address of an office, a site or a thing.
pub fn address(source: &'static str) -> Column {
    col(["address", source, "地址", "Address"], "address", |row, out| row.home().write_street(out)).graded(L1)
}

pub fn district(source: &'static str) -> Column {
    district_as(["district", source, "所属区（县、市）", "District"])
}

pub fn district_as(names: Names) -> Column {
    col(names, "district", |row, out| out.push_str(row.district().code)).required().graded(L1)
}

/// The district by its name; now and then only `海曙`.
pub fn district_name(source: &'static str) -> Column {
    col(["district", source, "所属区（县、市）", "District"], "district", |row, out| {
        let name = row.district().name;
        let short = row.rng.chance(0.03);
        out.push_str(if short { name.trim_end_matches(['区', '县', '市']) } else { name });
    })
    .required()
    .graded(L1)
}

pub fn town(source: &'static str) -> Column {
    col(["town", source, "所属乡镇（街道）", "Town"], "town", |row, out| out.push_str(row.home().town.0)).graded(L1)
}

pub fn longitude(source: &'static str) -> Column {
    col(["longitude", source, "经度", "Longitude"], "longitude", |row, out| decimal(out, row.home().longitude, 6)).graded(L1)
}

pub fn latitude(source: &'static str) -> Column {
    col(["latitude", source, "纬度", "Latitude"], "latitude", |row, out| decimal(out, row.home().latitude, 6)).graded(L1)
}

pub fn uscc(source: &'static str) -> Column {
    uscc_as(["uscc", source, "统一社会信用代码", "Unified social credit code"])
}

pub fn uscc_as(names: Names) -> Column {
    col(names, "credit_code", |row, out| out.push_str(row.firm().uscc())).graded(L1)
}

/// A company's name; one in forty is not quite the registered one.
pub fn company_name(source: &'static str) -> Column {
    company_name_as(["company_name", source, "企业名称", "Company"])
}

pub fn company_name_as(names: Names) -> Column {
    col(names, "org_name", |row, out| {
        let start = out.len();
        row.firm().write_name(out);
        if row.rng.chance(0.025) {
            let name = out[start..].to_owned();
            let (kind, spelt) = match row.rng.below(4) {
                0 => ("company_brackets", name.replace('（', "(").replace('）', ")")),
                1 => ("company_short", name.trim_end_matches("有限公司").to_owned()),
                2 => ("company_form", name.replace("有限公司", "有限责任公司")),
                _ => ("company_former", name.replace("科技", "").replace("制品", "")),
            };
            if spelt != name {
                out.truncate(start);
                out.push_str(&spelt);
                row.variant = Some((kind, name));
            }
        }
    })
    .required()
    .graded(L1)
}

pub fn industry(source: &'static str) -> Column {
    col(["industry", source, "行业代码", "Industry"], "industry", |row, out| out.push_str(row.firm().industry())).graded(L1)
}

/// A name put together from the district and words: 海曙区第三小学.
pub fn named(names: Names, words: &'static [&'static str], suffixes: &'static [&'static str]) -> Column {
    col(names, "org_name", move |row, out| {
        let mut chance = row.of_entity(0x4A3E);
        out.push_str(row.district().name);
        out.push_str(chance.word(words));
        out.push_str(chance.word(suffixes));
    })
    .required()
    .graded(L1)
}

/// Writes a whole number.
pub fn push(out: &mut String, number: i64) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}

/// Writes a number with so many decimal places, quicker than the general formatter.
pub fn decimal(out: &mut String, number: f64, places: usize) {
    let scale = 10f64.powi(places as i32);
    let scaled = (number.abs() * scale).round() as u64;
    if number < 0.0 && scaled > 0 {
        out.push('-');
    }
    push(out, (scaled / scale as u64) as i64);
    if places > 0 {
        out.push('.');
        digits(out, (scaled % scale as u64) as u32, places);
    }
}

/// Business matter of companies.
pub fn inner(column: Column) -> Column {
    column.business().graded(L2)
}
