//! Postal addresses taken apart (GB/T 23705): from the province down to the room, and placed in the division tree.
//! The text decides; where it is silent the tables of divisions and towns fill in the code, never a part.

mod gazetteer;
mod number;
mod place;
mod words;

use gazetteer::{GAZETTEER, Level};
use number::Number;
use place::Found;
use serde::Serialize;

/// An address in its parts, each as it was written (full-width signs narrowed). Empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Address {
    pub province: String,
    pub city: String,
    pub district: String,
    /// Development zone (开发区), beside the divisions.
    pub zone: String,
    pub town: String,
    /// Village or neighbourhood (村、社区).
    pub village: String,
    pub road: String,
    /// Number in the road, lanes included: `832弄`, `30号`.
    pub number: String,
    /// What the place is called: estate, tower, company.
    pub place: String,
    pub building: String,
    pub unit: String,
    pub floor: String,
    pub room: String,
    /// What is left: repeated divisions, postal codes, hints for the postman.
    pub remark: String,
    /// The present division code: 9 digits to the town, 6 to the district, 4, 2, or empty.
    pub division: String,
    /// How sure the division is, from 0 to 1.
    pub confidence: f64,
}

/// The longest text looked at, in characters; what follows goes to the remark.
const LONGEST: usize = 200;

/// Takes an address apart. `home` is the division code of the city whose addresses these are: it decides between
/// divisions of one name, where the text does not.
pub fn parse(text: &str, home: Option<&str>) -> Address {
    let text: String = text.chars().filter_map(words::narrowed).collect();
    let mut parser = Parser { text: &text, ends: Vec::new(), at: 0, address: Address::default(), found: Found::new(home) };
    parser.ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    if parser.ends.len() > LONGEST {
        parser.ends.truncate(LONGEST + 1);
    }
    while parser.at + 1 < parser.ends.len() {
        let before = parser.at;
        parser.step();
        // Every step eats something, so that the end is reached.
        parser.at = parser.at.max(before + 1);
    }
    let rest = parser.ends.last().and_then(|end| text.get(*end..)).unwrap_or("");
    push(&mut parser.address.remark, rest);
    let (division, confidence) = parser.found.settle();
    Address { division, confidence, ..parser.address }
}

/// Reads from left to right; positions count characters.
struct Parser<'t> {
    text: &'t str,
    /// Byte offset of every character, and of the end.
    ends: Vec<usize>,
    at: usize,
    address: Address,
    found: Found,
}

impl<'t> Parser<'t> {
    fn slice(&self, from: usize, to: usize) -> &'t str {
        let bytes = self.ends.get(from).copied().zip(self.ends.get(to).copied());
        bytes.and_then(|(from, to)| self.text.get(from..to)).unwrap_or("")
    }

    fn left(&self) -> usize {
        self.ends.len() - 1 - self.at.min(self.ends.len() - 1)
    }

    fn rest(&self) -> &'t str {
        self.slice(self.at, self.ends.len() - 1)
    }

    fn take(&mut self, length: usize) -> &'t str {
        let to = (self.at + length).min(self.ends.len() - 1);
        let taken = self.slice(self.at, to);
        self.at = to;
        taken
    }

    fn step(&mut self) {
        let separators = self.rest().chars().take_while(|c| words::SEPARATORS.contains(*c)).count();
        if separators > 0 {
            self.at += separators;
            return;
        }
        if let Some(length) = words::remark(self.rest()) {
            let remark = self.take(length);
            return push(&mut self.address.remark, remark);
        }
        if !(self.division() || self.number() || self.named()) {
            let rest = self.unnamed();
            self.place(rest);
        }
    }

    /// A province, city, district or town that the tables know.
    fn division(&mut self) -> bool {
        // Below the road a name of a division is a part of some other name, unless the address begins anew.
        let low = !self.address.road.is_empty() || !self.address.place.is_empty() || !self.address.number.is_empty();
        for length in (2..=self.left().min(gazetteer::LONGEST_NAME)).rev() {
            let name = self.slice(self.at, self.at + length);
            let after = self.slice(self.at + length, self.ends.len() - 1);
            let Some(entry) = GAZETTEER.find(name).and_then(|entries| self.found.choose(entries, after, low)) else {
                continue;
            };
            self.at += length;
            self.assign(entry.level, name);
            self.found.add(entry);
            return true;
        }
        false
    }

    fn assign(&mut self, level: Level, name: &str) {
        let address = &mut self.address;
        // An address that begins anew from the top: what stood before was a repetition.
        let anew = level == Level::Province && !address.province.is_empty();
        if anew {
            for part in [&mut address.province, &mut address.city, &mut address.district, &mut address.town] {
                push(&mut address.remark, &std::mem::take(part));
            }
        }
        let part = match level {
            Level::Province => &mut address.province,
            Level::City => &mut address.city,
            Level::District => &mut address.district,
            Level::Town => &mut address.town,
        };
        if part.is_empty() { push(part, name) } else { push(&mut address.remark, name) }
    }

    /// Numbers with what they count, or bare ones in the order house, unit, room.
    fn number(&mut self) -> bool {
        let Some((number, length)) = number::read(self.rest()) else { return false };
        let taken = self.take(length);
        let address = &mut self.address;
        let estate = words::is_estate(&address.place) && address.road.is_empty();
        let below = !address.building.is_empty() || !address.unit.is_empty() || !address.floor.is_empty();
        match number {
            Number::Road => return self.assign_road(taken),
            Number::Part => return self.place(taken),
            Number::Lane => push(&mut address.number, taken),
            Number::House if address.number.is_empty() && !below && !estate => push(&mut address.number, taken),
            Number::House if below => push(&mut address.room, taken),
            Number::House | Number::Building => push(&mut address.building, taken),
            Number::Unit => push(&mut address.unit, taken),
            Number::Floor => push(&mut address.floor, taken),
            Number::Room if taken.contains('-') => self.bare(taken),
            Number::Room => push(&mut address.room, taken),
            Number::Remark => push(&mut address.remark, taken),
            Number::Bare => self.bare(taken),
        }
        true
    }

    /// `11-9-517` is building, unit and room, `11-9-5-517` has the floor between; a single number the road's, the building's or the room's.
    fn bare(&mut self, taken: &str) {
        let address = &mut self.address;
        let parts: Vec<&str> = taken.split('-').filter(|part| !part.is_empty()).collect();
        let in_road = !address.road.is_empty() && address.number.is_empty() && address.place.is_empty();
        match parts.as_slice() {
            [number] if in_road => push(&mut address.number, number),
            _ if in_road => push(&mut address.number, taken),
            [room] if !address.building.is_empty() || !address.unit.is_empty() || !address.floor.is_empty() => {
                push(&mut address.room, room)
            }
            [house] if house.chars().count() <= 2 => push(&mut address.building, house),
            [room] => push(&mut address.room, room),
            [unit, room] if !address.building.is_empty() && address.unit.is_empty() => {
                push(&mut address.unit, unit);
                push(&mut address.room, room);
            }
            [house, room] => {
                push(&mut address.building, house);
                push(&mut address.room, room);
            }
            [house, unit, room] => {
                push(&mut address.building, house);
                push(&mut address.unit, unit);
                push(&mut address.room, room);
            }
            [house, unit, floor, room] => {
                push(&mut address.building, house);
                push(&mut address.unit, unit);
                push(&mut address.floor, floor);
                push(&mut address.room, room);
            }
            _ => push(&mut address.remark, taken),
        }
    }

    fn assign_road(&mut self, taken: &str) -> bool {
        let part = if self.address.road.is_empty() { &mut self.address.road } else { &mut self.address.remark };
        push(part, taken);
        true
    }

    /// A name that its last word tells: `方岩镇`, `下宅村`, `万里公路`, `东郊开发区`, `佳园小区`.
    fn named(&mut self) -> bool {
        let Some((kind, length)) = words::named(self.rest()) else { return false };
        let name = self.take(length);
        let address = &mut self.address;
        let part = match kind {
            words::Kind::Town if address.town.is_empty() && address.road.is_empty() => &mut address.town,
            words::Kind::Zone if address.zone.is_empty() => &mut address.zone,
            words::Kind::Village if address.village.is_empty() && address.number.is_empty() => &mut address.village,
            words::Kind::Road if address.road.is_empty() => &mut address.road,
            words::Kind::District if address.district.is_empty() && address.road.is_empty() => &mut address.district,
            _ => return self.place(name),
        };
        push(part, name);
        true
    }

    /// Up to the next number, separator or remark.
    fn unnamed(&mut self) -> &'t str {
        let length = words::unnamed(self.rest());
        self.take(length.max(1))
    }

    fn place(&mut self, name: &str) -> bool {
        push(&mut self.address.place, name);
        true
    }
}

fn push(part: &mut String, text: &str) {
    if !part.is_empty() && !text.is_empty() {
        part.push(' ');
    }
    part.push_str(text);
}
