//! People made up with slips and gaps, as files of many makes have them: several records of each, and two files that call
//! the same by other names.

use std::collections::BTreeMap;

use link::{Linkage, Records, Side};

use crate::options;

/// A small generator of numbers, always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

const GIVEN: [&str; 40] = [
    "stephen", "patrick", "john", "amelia", "george", "harriet", "oliver", "jacob", "freya", "noah", "lucas", "sofia", "mia", "isla", "grace", "ruby", "leo", "arthur",
    "theodore", "henry", "evie", "poppy", "daisy", "logan", "mason", "ethan", "alice", "florence", "matilda", "rosie", "jasmine", "hugo", "felix", "martha", "edith", "ivy",
    "oscar", "albert", "ralph", "maeve",
];
const SURNAMES: [&str; 40] = [
    "booth", "khan", "hussain", "turner", "taylor", "wilson", "harrison", "watson", "bennett", "palmer", "mills", "foster", "webb", "simpson", "stevens", "tucker", "porter",
    "hunter", "hicks", "crawford", "boyd", "mason", "kennedy", "warren", "dixon", "ramos", "reyes", "burns", "gordon", "shaw", "holmes", "rice", "robertson", "henry", "black",
    "daniels", "nichols", "grant", "knight", "ferguson",
];
const CITIES: [&str; 12] = ["belfast", "plymouth", "london", "leeds", "birmingham", "coventry", "wakefield", "cardiff", "bath", "york", "derby", "truro"];

struct Person([String; 5]);

/// Given name, surname, day of birth, town, e-mail.
fn person(dice: &mut Dice) -> Person {
    let (given, surname) = (GIVEN[dice.below(40)], SURNAMES[dice.below(40)]);
    let born = format!("{}-{:02}-{:02}", 1930 + dice.below(75), 1 + dice.below(12), 1 + dice.below(28));
    let mail = format!("{given}.{surname}{}@mail{}.org", dice.below(90), dice.below(8));
    Person([given.to_owned(), surname.to_owned(), born, CITIES[dice.below(12)].to_owned(), mail])
}

/// The same as one record tells it: with gaps, and a letter changed here and there.
fn told(person: &Person, dice: &mut Dice) -> [String; 5] {
    person.0.clone().map(|value| match (dice.one_in(6), dice.one_in(6)) {
        (true, _) => String::new(),
        (false, true) => {
            let mut letters: Vec<char> = value.chars().collect();
            let at = dice.below(letters.len());
            letters[at] = if letters[at].is_ascii_digit() { char::from(b'0' + dice.below(10) as u8) } else { char::from(b'a' + dice.below(26) as u8) };
            letters.into_iter().collect()
        }
        _ => value,
    })
}

/// F1 over pairs, where an id begins with the number of its person.
fn f1(records: &Records, two: bool) -> f64 {
    let who = |id: &str| id.split('-').next().unwrap_or("").to_owned();
    let linked = Linkage::learn(records, &[], &[], &options(2)).expect("learnt").link();
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for record in 0..records.len() as u32 {
        counts.entry(who(records.id(record))).or_default()[usize::from(records.side(record) == Side::Right)] += 1;
    }
    let wanted: usize = counts.values().map(|[left, right]| if two { left * right } else { left * (left - 1) / 2 }).sum();
    let right = linked.pairs.iter().filter(|pair| who(records.id(pair.a)) == who(records.id(pair.b))).count();
    2.0 * right as f64 / (linked.pairs.len() + wanted) as f64
}

#[test]
fn several_records_of_each_with_slips_and_gaps_are_found() {
    let mut dice = Dice(7);
    let mut builder = Records::builder();
    let places: Vec<usize> = ["first_name", "surname", "dob", "city", "email"].map(|name| builder.column(name).expect("column")).to_vec();
    for n in 0..250 {
        let person = person(&mut dice);
        for copy in 0..4 {
            let told = told(&person, &mut dice);
            builder.push(Side::Left, &format!("{n}-{copy}"), places.iter().copied().zip(told.iter().map(String::as_str))).expect("push");
        }
    }
    let found = f1(&builder.build(), false);
    assert!(found > 0.93, "F1 {found}");
}

#[test]
fn files_that_call_the_same_by_other_names_are_compared_all_the_same() {
    let mut dice = Dice(11);
    let mut builder = Records::builder();
    let left: Vec<usize> = ["first_name", "last_name", "date_of_birth", "city", "email"].map(|name| builder.column(name).expect("column")).to_vec();
    let right: Vec<usize> = ["given", "family_name", "born", "town", "mail"].map(|name| builder.column(name).expect("column")).to_vec();
    for n in 0..400 {
        let person = person(&mut dice);
        for (side, places) in [(Side::Left, &left), (Side::Right, &right)] {
            let mut told = told(&person, &mut dice);
            if side == Side::Right {
                // Days in another form, names in capitals.
                let parts: Vec<&str> = told[2].split('-').collect();
                told[2] = parts.iter().rev().copied().collect::<Vec<_>>().join("/");
                told[1] = told[1].to_uppercase();
            }
            builder.push(side, &format!("{n}-{side:?}"), places.iter().copied().zip(told.iter().map(String::as_str))).expect("push");
        }
    }
    let records = builder.build();
    assert_eq!(records.names().collect::<Vec<_>>(), ["first_name", "last_name", "date_of_birth", "city", "email"]);
    let found = f1(&records, true);
    assert!(found > 0.93, "F1 {found}");
}

#[test]
fn what_one_column_foretells_of_another_is_no_evidence_twice() {
    let mut dice = Dice(23);
    let mut builder = Records::builder();
    let places: Vec<usize> = ["full_name", "first_name", "last_name", "dob", "city"].map(|name| builder.column(name).expect("column")).to_vec();
    for n in 0..600 {
        let mut person = person(&mut dice);
        // Few names: everyone has namesakes, whose three names agree and say no more than one.
        person.0[0] = GIVEN[dice.below(8)].to_owned();
        person.0[1] = SURNAMES[dice.below(8)].to_owned();
        for copy in 0..2 {
            let told = told(&person, &mut dice);
            let full = format!("{} {}", told[0], told[1]);
            let cells = [full.trim(), &told[0], &told[1], &told[2], &told[3]];
            builder.push(Side::Left, &format!("{n}-{copy}"), places.iter().copied().zip(cells)).expect("push");
        }
    }
    let found = f1(&builder.build(), false);
    assert!(found > 0.7, "F1 {found}");
}

#[test]
fn matches_that_no_narrow_rule_brings_do_not_pass_for_chance() {
    let mut dice = Dice(31);
    let mut builder = Records::builder();
    let places: Vec<usize> = ["地址", "户主"].map(|name| builder.column(name).expect("column")).to_vec();
    let roads = ["中山", "解放", "人民", "和义", "药行", "江东", "百丈", "兴宁", "环城", "学院", "丽园", "世纪", "天童", "首南", "四明", "嵩江"];
    let (surnames, given): (Vec<char>, Vec<char>) = ("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗".chars().collect(), "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂华玉兰".chars().collect());
    for n in 0..1000 {
        let (district, road) = (["海曙", "江北", "镇海", "北仑", "鄞州", "奉化"][dice.below(6)], roads[dice.below(16)]);
        let (house, building, room) = (1 + dice.below(600), 1 + dice.below(20), 101 + dice.below(1700));
        let head = format!("{}{}{}", surnames[dice.below(20)], given[dice.below(26)], given[dice.below(26)]);
        for copy in 0..2 {
            // No two write an address alike, and every other one has no name: whole values seldom agree.
            let city = ["浙江省宁波市", "宁波市", ""][dice.below(3)];
            let end = [format!("{building}幢{room}室"), format!("{building}号楼{room}"), format!("{building}-{room}")][dice.below(3)].clone();
            let address = format!("{city}{district}区{road}路{house}号{end}");
            let head = if dice.one_in(2) { "" } else { head.as_str() };
            builder.push(Side::Left, &format!("{n}-{copy}"), places.iter().copied().zip([address.as_str(), head])).expect("push");
        }
    }
    let found = f1(&builder.build(), false);
    assert!(found > 0.9, "F1 {found}");
}

#[test]
fn whole_numbers_that_a_table_keeps_as_fractions_are_the_same_numbers() {
    let mut builder = Records::builder();
    let year = builder.column("year").expect("column");
    for (id, value) in ["1998.0", "1998", "1998.5", ".0", "v2.0"].into_iter().enumerate() {
        builder.push(Side::Left, &id.to_string(), [(year, value)]).expect("push");
    }
    let records = builder.build();
    let of = |id: &str| records.value(records.find(Side::Left, id).expect("record"), year);
    assert_eq!(["0", "1", "2", "3", "4"].map(of), ["1998", "1998", "1998.5", ".0", "v2.0"].map(Some));
}

/// Two records of each person: half took another surname between them, and the later record tells the earlier one.
fn renamed(former: &str) -> Records {
    let mut dice = Dice(47);
    let mut builder = Records::builder();
    let places: Vec<usize> = ["first_name", "surname", "dob", "city", former].map(|name| builder.column(name).expect("column")).to_vec();
    for n in 0..600 {
        let person = person(&mut dice);
        let mut later = told(&person, &mut dice);
        later[4].clear();
        let mut earlier = later.clone();
        if n % 2 == 0 {
            later[4] = std::mem::replace(&mut later[1], SURNAMES[dice.below(40)].to_owned());
        }
        // A day of birth alone is that of many, a name alone too.
        earlier[2] = told(&person, &mut dice)[2].clone();
        for (copy, told) in [earlier, later].iter().enumerate() {
            builder.push(Side::Left, &format!("{n}-{copy}"), places.iter().copied().zip(told.iter().map(String::as_str))).expect("push");
        }
    }
    let mut records = builder.build();
    records.gather_former();
    records
}

#[test]
fn what_one_was_called_before_is_found_in_what_another_is_called() {
    let (known, unknown) = (renamed("former_surname"), renamed("remark"));
    assert_eq!(known.names().collect::<Vec<_>>(), ["first_name", "surname", "dob", "city"]);
    assert_eq!(unknown.names().count(), 5);
    let (with, without) = (f1(&known, false), f1(&unknown, false));
    assert!(with > 0.92 && with > without + 0.03, "F1 {with}, without {without}");
    let linkage = Linkage::learn(&known, &[], &[], &options(2)).expect("learnt");
    let said: Vec<String> = linkage.choices().iter().map(|choice| format!("{} {} {}", choice.what.en, choice.about, choice.chosen.en)).collect();
    assert!(said.contains(&"former former_surname surname".to_owned()), "{said:?}");
}
