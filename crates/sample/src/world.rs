//! The one population and the one set of companies that every system of the sample city tells of.

use std::collections::HashSet;

use crate::calendar::{civil, day_of, digits, TODAY};
use crate::ids::{citizen_check, social_credit_code};
use crate::names::{ESTATES, GIVEN, MARKS, ROADS, SURNAMES, TRADES};
use crate::places::{districts, District};
use crate::rng::{mix, Rng};

/// Place of a person in the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Head,
    Spouse,
    Child,
    Elder,
}

/// Thirteen persons live in five households: one alone, a couple, two families of three, one of four.
/// Household within the block, and role, by person within the block.
const BLOCK: [(u32, Role); 13] = [
    (0, Role::Head),
    (1, Role::Head),
    (1, Role::Spouse),
    (2, Role::Head),
    (2, Role::Spouse),
    (2, Role::Child),
    (3, Role::Head),
    (3, Role::Spouse),
    (3, Role::Child),
    (4, Role::Head),
    (4, Role::Spouse),
    (4, Role::Child),
    (4, Role::Elder),
];
/// First person of each household of a block, and how many live in it.
const HOUSEHOLDS: [(u32, u32); 5] = [(0, 1), (1, 2), (3, 3), (6, 3), (9, 4)];

/// Places of birth outside the city.
const ELSEWHERE: [&str; 12] = [
    "330602", "331002", "330902", "341202", "360102", "410102", "420102", "500101", "510104", "520102", "430102", "320102",
];

/// One invented person.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub index: u32,
    pub household: u32,
    pub role: Role,
    pub male: bool,
    /// Day number.
    pub birth: i32,
    /// Position in [`districts`] of the home.
    pub district: u8,
    id_division: &'static str,
    order: u16,
    surname: u8,
    given: [u8; 2],
}

/// One invented company.
#[derive(Clone, Copy, Debug)]
pub struct Company {
    pub index: u32,
    pub district: u8,
    pub uscc: [u8; 18],
    /// Day number.
    pub founded: i32,
    /// Position in [`TRADES`].
    pub trade: u8,
    marks: [u8; 2],
    shape: u8,
    /// Person who stands for it in law.
    pub representative: u32,
    /// Registered capital in 10,000 yuan.
    pub capital: u32,
    pub employees: u32,
}

/// Everybody and every company, made once per run: about 40 bytes each.
#[derive(Debug)]
pub struct World {
    pub seed: u64,
    pub persons: Vec<Person>,
    pub companies: Vec<Company>,
}

impl World {
    /// 400,000 persons and 60,000 companies at scale 1.
    pub fn new(seed: u64, scale: f64) -> World {
        let count = ((400_000.0 * scale) as u32).max(2_600) / 13 * 13;
        let companies = ((60_000.0 * scale) as u32).max(600);
        World { seed, persons: persons(seed, count), companies: self::companies(seed, companies, count) }
    }

    pub fn households(&self) -> u32 {
        (self.persons.len() / 13 * 5) as u32
    }

    /// The head of a household.
    pub fn head(&self, household: u32) -> &Person {
        let (first, _) = HOUSEHOLDS[(household % 5) as usize];
        &self.persons[(household / 5 * 13 + first) as usize]
    }

    /// How many live in a household.
    pub fn size(&self, household: u32) -> u32 {
        HOUSEHOLDS[(household % 5) as usize].1
    }

    /// Husband or wife, where there is one.
    pub fn spouse(&self, person: &Person) -> Option<&Person> {
        match (person.role, person.household % 5) {
            (Role::Head, 1..) => self.persons.get(person.index as usize + 1),
            (Role::Spouse, _) => self.persons.get(person.index as usize - 1),
            _ => None,
        }
    }

    /// The company that a person works for.
    pub fn employer(&self, person: &Person) -> &Company {
        let mut rng = Rng::new(mix(self.seed ^ 0xE3, u64::from(person.index)));
        // The squared chance gives a few large employers and many small ones.
        let place = rng.unit();
        &self.companies[(place * place * self.companies.len() as f64) as usize]
    }

    pub fn home(&self, person: &Person) -> Home {
        Home::of(self.seed, person.household, person.district)
    }
}

fn persons(seed: u64, count: u32) -> Vec<Person> {
    let mut taken: HashSet<u64> = HashSet::with_capacity(count as usize);
    let mut persons: Vec<Person> = Vec::with_capacity(count as usize);
    for index in 0..count {
        let (within, role) = BLOCK[(index % 13) as usize];
        let household = index / 13 * 5 + within;
        let mut rng = Rng::new(mix(seed ^ 0x9E_0001, u64::from(index)));
        let head = persons.get((index / 13 * 13 + HOUSEHOLDS[within as usize].0) as usize).copied();
        let (male, birth, surname, district) = match (role, head) {
            (Role::Spouse, Some(head)) => (!head.male, head.birth + rng.range(-2_200, 2_200) as i32, family(&mut rng), head.district),
            (Role::Child, Some(head)) => {
                let father = if head.male { head.surname } else { persons.last().map_or(head.surname, |spouse| spouse.surname) };
                (rng.chance(0.52), (head.birth + rng.range(8_400, 12_800) as i32).min(TODAY - 40), father, head.district)
            }
            (Role::Elder, Some(head)) => (rng.chance(0.45), head.birth - rng.range(8_400, 12_000) as i32, head.surname, head.district),
            _ => {
                let years = if within >= 2 { 1962..=1996 } else { 1938..=2003 };
                let birth = day_of(rng.range(*years.start(), *years.end()) as i32, 1, 1) + rng.range(0, 364) as i32;
                let district = rng.weighted(districts().iter().map(|district| district.weight)) as u8;
                (rng.chance(0.62), birth, family(&mut rng), district)
            }
        };
        let id_division = if rng.chance(0.78) { districts()[district as usize].code } else { rng.word(&ELSEWHERE) };
        let mut order = rng.range(1, 998) as u16;
        order = order - order % 2 + u16::from(male);
        // No two persons share an id: the order code moves on until it is free.
        let division: u64 = id_division.parse().unwrap_or(0);
        while !taken.insert(division << 32 | (birth + 100_000) as u64 * 1000 + u64::from(order)) {
            order = (order + 2) % 1000;
        }
        let second = if rng.chance(0.8) { rng.below(GIVEN.len() as u64) as u8 } else { u8::MAX };
        let given = [rng.below(GIVEN.len() as u64) as u8, second];
        persons.push(Person { index, household, role, male, birth, district, id_division, order, surname, given });
    }
    persons
}

/// A family name; early ones in the list come more often.
fn family(rng: &mut Rng) -> u8 {
    let place = rng.unit();
    (place * place * SURNAMES.len() as f64) as u8
}

impl Person {
    pub fn write_name(&self, out: &mut String) {
        out.push_str(SURNAMES[self.surname as usize]);
        out.push_str(GIVEN[self.given[0] as usize]);
        if let Some(second) = GIVEN.get(self.given[1] as usize) {
            out.push_str(second);
        }
    }

    /// Two in a hundred had another given name before.
    pub fn former_name(&self) -> Option<String> {
        let mut rng = Rng::new(mix(0x9E_0002, u64::from(self.index)));
        if !rng.chance(0.02) {
            return None;
        }
        let mut former = SURNAMES[self.surname as usize].to_owned();
        former.push_str(rng.word(GIVEN));
        former.push_str(rng.word(GIVEN));
        Some(former)
    }

    pub fn write_id(&self, out: &mut String) {
        let start = out.len();
        out.push_str(self.id_division);
        let (year, month, day) = civil(self.birth);
        digits(out, year as u32, 4);
        digits(out, month, 2);
        digits(out, day, 2);
        digits(out, u32::from(self.order), 3);
        let check = citizen_check(out[start..].as_bytes());
        out.push(char::from(check));
    }

    /// Age in full years on the sample's last day.
    pub fn age(&self) -> i32 {
        (TODAY - self.birth) * 100 / 36_525
    }

    /// A number of the block 140, which is given to machines and never to people.
    pub fn write_phone(&self, seed: u64, out: &mut String) {
        out.push_str("140");
        digits(out, (mix(seed ^ 0x7E1, u64::from(self.index)) % 100_000_000) as u32, 8);
    }
}

/// Where a household lives or a company sits.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    pub district: &'static District,
    /// Code and name.
    pub town: (&'static str, &'static str),
    road: &'static str,
    estate: &'static str,
    number: u32,
    building: u32,
    room: u32,
    pub longitude: f64,
    pub latitude: f64,
}

impl Home {
    /// The home with this number in this district: always the same one.
    pub fn of(seed: u64, number: u32, district: u8) -> Home {
        let mut rng = Rng::new(mix(seed ^ 0xAD_D4E5, u64::from(number)));
        let district = &districts()[district as usize];
        Home {
            district,
            town: *rng.pick(&district.towns),
            road: rng.word(ROADS),
            estate: rng.word(ESTATES),
            number: rng.range(1, 1_288) as u32,
            building: rng.range(1, 36) as u32,
            room: (rng.range(1, 18) * 100 + rng.range(1, 4)) as u32,
            longitude: district.longitude + (rng.unit() + rng.unit() - 1.0) * 0.11,
            latitude: district.latitude + (rng.unit() + rng.unit() - 1.0) * 0.08,
        }
    }

    pub fn write_dwelling(&self, out: &mut String) {
        self.write_street(out);
        push(out, &[self.estate]);
        number(out, self.building, "幢");
        number(out, self.room, "室");
    }

    /// Down to the house number.
    pub fn write_street(&self, out: &mut String) {
        push(out, &["浙江省宁波市", self.district.name, self.town.1, self.road]);
        number(out, self.number, "号");
    }

    /// As an old file has it: no province, and a district that was merged away in 2016 for the one that took it over.
    pub fn write_old(&self, out: &mut String) {
        let district = match self.district.code {
            "330212" => "江东区",
            "330213" => "奉化市",
            _ => self.district.name,
        };
        push(out, &["宁波", district, self.road]);
        number(out, self.number, "弄");
        number(out, self.building, "号");
        number(out, self.room, "室");
    }
}

fn push(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

fn number(out: &mut String, number: u32, word: &str) {
    let width = number.max(1).ilog10() as usize + 1;
    digits(out, number, width);
    out.push_str(word);
}

fn companies(seed: u64, count: u32, persons: u32) -> Vec<Company> {
    let mut taken: HashSet<(u8, [u8; 2], u8, u8)> = HashSet::with_capacity(count as usize);
    let mut companies = Vec::with_capacity(count as usize);
    for index in 0..count {
        let mut rng = Rng::new(mix(seed ^ 0xC0_0001, u64::from(index)));
        let district = rng.weighted(districts().iter().map(|district| district.weight)) as u8;
        let trade = rng.below(TRADES.len() as u64) as u8;
        let shape = rng.below(20) as u8;
        let mut marks = [rng.below(MARKS.len() as u64) as u8, rng.below(MARKS.len() as u64) as u8];
        // A name is registered once; the next mark is taken when it is gone.
        while !taken.insert((district, marks, trade, shape)) {
            marks[1] = (marks[1] + 1) % MARKS.len() as u8;
        }
        let founded = TODAY - (rng.unit() * rng.unit() * 11_000.0) as i32 - 30;
        let uscc = social_credit_code("91", districts()[district as usize].code, u64::from(index));
        let representative = rng.below(u64::from(persons / 13)) as u32 * 13 + *rng.pick(&[0u32, 1, 2, 3, 6, 9]);
        let capital = *rng.pick(&[10, 50, 50, 100, 100, 100, 200, 300, 500, 500, 1_000, 1_000, 2_000, 5_000, 20_000]);
        // The first ones are the large ones; `employer` draws from them most.
        let employees = (8_000 / (index + 4)).max(rng.range(1, 60) as u32);
        companies.push(Company { index, district, uscc, founded, trade, marks, shape, representative, capital, employees });
    }
    companies
}

impl Company {
    pub fn uscc(&self) -> &str {
        std::str::from_utf8(&self.uscc).unwrap_or_default()
    }

    pub fn write_name(&self, out: &mut String) {
        let district = districts()[self.district as usize].name;
        let short = district.trim_end_matches(['区', '县', '市']);
        let mark = [MARKS[self.marks[0] as usize], MARKS[self.marks[1] as usize]];
        let trade = TRADES[self.trade as usize].0;
        match self.shape {
            0..=2 => push(out, &[mark[0], mark[1], "（宁波）", trade, "有限公司"]),
            3..=9 => push(out, &["宁波", mark[0], mark[1], trade, "有限公司"]),
            10..=12 => push(out, &["宁波", short, mark[0], mark[1], trade, "有限公司"]),
            13..=15 => push(out, &["宁波市", district, mark[0], mark[1], trade, "厂"]),
            16 => push(out, &["宁波", mark[0], mark[1], trade, "股份有限公司"]),
            17 => push(out, &["浙江", mark[0], mark[1], short, trade, "有限责任公司"]),
            18 => push(out, &["宁波", mark[0], mark[1], trade, "（普通合伙）"]),
            _ => push(out, &[short, mark[0], mark[1], trade, "有限公司宁波分公司"]),
        }
    }

    /// Value of code list `enterprise_type`, agreeing with the name.
    pub fn kind(&self) -> &'static str {
        match self.shape {
            13..=15 => "4540",
            16 => "1200",
            18 => "4530",
            19 => "2000",
            _ => "1100",
        }
    }

    pub fn industry(&self) -> &'static str {
        TRADES[self.trade as usize].1
    }

    pub fn trade_word(&self) -> &'static str {
        TRADES[self.trade as usize].0
    }

    pub fn site(&self, seed: u64) -> Home {
        Home::of(seed ^ 0x5173, self.index, self.district)
    }
}
