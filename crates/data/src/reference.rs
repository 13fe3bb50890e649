//! National code tables that checks rely on: divisions (GB/T 2260) with their history, towns, industries
//! (GB/T 4754-2017). Embedded, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A division of the country down to the county, as it was named at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Six digits.
    pub code: &'static str,
    pub name: &'static str,
    /// The code of the division above; empty for a province.
    pub parent: &'static str,
    /// The first month (`2016-11`) in which it can have been in force; empty when before all records.
    pub since: &'static str,
    /// The last month in which it can have been in force; empty while it is.
    pub until: &'static str,
    successors: &'static str,
}

/// A section, division, group or class of industry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Industry {
    /// A letter, or two to four digits.
    pub code: &'static str,
    pub name: &'static str,
    /// The code of the level above; empty for a section.
    pub parent: &'static str,
    /// The letter of the section it belongs to.
    pub section: &'static str,
}

impl Division {
    /// Whether it is in force today, as far as the tables go.
    pub fn in_force(&self) -> bool {
        self.until.is_empty()
    }

    /// Whether it can have been in force in a month written `2016-11`.
    pub fn in_force_in(&self, month: &str) -> bool {
        self.since <= month && (self.until.is_empty() || month <= self.until)
    }

    /// What took its place, where that is known.
    pub fn successors(&self) -> impl Iterator<Item = &'static Division> {
        self.successors.split(' ').filter_map(division)
    }

    /// Those of its successors, and of theirs, that are in force today.
    pub fn heirs(&self) -> Vec<&'static Division> {
        let (mut heirs, mut waiting) = (Vec::new(), vec![*self]);
        // No chain of successors is longer; a slip in the table must not go round for ever.
        for _ in 0..16 {
            let Some(next) = waiting.pop() else { break };
            for division in next.successors() {
                if division.in_force() {
                    heirs.push(division);
                } else {
                    waiting.push(*division);
                }
            }
        }
        heirs
    }
}

/// The division with this six-digit code: the present one, or the last that bore it.
pub fn division(code: &str) -> Option<&'static Division> {
    stays(code).last()
}

/// All that ever bore this code, oldest first.
pub fn stays(code: &str) -> &'static [Division] {
    let place = number(code).and_then(|number| PLACES.get(number).copied()).unwrap_or(NOWHERE);
    let from = DIVISIONS.get(usize::from(place)..).unwrap_or_default();
    let stays = from.iter().take_while(|known| known.code == code).count();
    from.get(..stays).unwrap_or_default()
}

/// Six digits as a number.
fn number(code: &str) -> Option<usize> {
    let digit = |number: usize, byte: u8| byte.is_ascii_digit().then(|| number * 10 + usize::from(byte - b'0'));
    // Longer ones would not fit into a number at all.
    (code.len() == 6).then(|| code.bytes().try_fold(0, digit)).flatten()
}

/// All divisions, present and past, in the order of their codes.
pub fn divisions() -> impl Iterator<Item = &'static Division> {
    DIVISIONS.iter()
}

/// Towns and streets of all counties: the code of nine digits as county and last three, and the name.
pub fn towns() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    include_str!("../reference/towns.txt").lines().flat_map(|line| {
        let (county, towns) = line.split_once(' ').unwrap_or((line, ""));
        towns.split(' ').filter_map(move |town| town.split_at_checked(3).map(|(number, name)| (county, number, name)))
    })
}

/// The industry with this code: `C`, `25`, `251` or `2511`.
pub fn industry(code: &str) -> Option<&'static Industry> {
    INDUSTRIES.get(code)
}

static DIVISIONS: LazyLock<Vec<Division>> = LazyLock::new(|| {
    let mut all: Vec<_> = rows(include_str!("../reference/divisions.csv"))
        .map(|[code, name, parent, since, until, successors]| Division { code, name, parent, since, until, successors })
        .collect();
    all.sort_by_key(|division| (division.code, division.since, division.until.is_empty()));
    all
});

/// By a code as a number, where its divisions begin among all: every citizen id asks, so it must cost nothing.
static PLACES: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut places = Vec::new();
    for (division, place) in DIVISIONS.iter().zip(0u16..) {
        let Some(number) = number(division.code) else { continue };
        if places.len() <= number {
            places.resize(number + 1, NOWHERE);
        }
        if let Some(slot) = places.get_mut(number).filter(|slot| **slot == NOWHERE) {
            *slot = place;
        }
    }
    places
});

const NOWHERE: u16 = u16::MAX;

static INDUSTRIES: LazyLock<HashMap<&'static str, Industry>> = LazyLock::new(|| {
    let rows = rows(include_str!("../reference/industries.csv"));
    rows.map(|[code, name, parent, section]| (code, Industry { code, name, parent, section })).collect()
});

/// The rows of a table of plain columns, without its header.
pub(crate) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        fields.try_into().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_the_country_and_its_industries() {
        assert_eq!(division("330203").map(|d| d.name), Some("海曙区"));
        assert_eq!(division("330204").map(|d| d.until), Some("2016-11"));
        assert_eq!(division("33020"), None);
        assert_eq!(division("+30203"), None);
        assert!(["", "999999", "3302030", "３３"].iter().all(|code| stays(code).is_empty()));
        assert!(DIVISIONS.iter().all(|known| stays(known.code).contains(known)));
        assert_eq!(divisions().count(), 7464);
        assert_eq!(industry("2511").map(|i| (i.parent, i.section)), Some(("251", "C")));
        assert_eq!(INDUSTRIES.len(), 1971);
        assert!(DIVISIONS.iter().all(|d| d.parent.is_empty() || division(d.parent).is_some()));
        assert!(towns().all(|(county, number, name)| number.parse::<u16>().is_ok() && !name.is_empty() && division(county).is_some()));
        assert_eq!(towns().count(), 41_352);
    }

    #[test]
    fn abolished_codes_lead_to_what_is_in_force() {
        let heirs = |code| division(code).unwrap().heirs().iter().map(|d| d.code).collect::<Vec<_>>();
        assert_eq!(heirs("330283"), ["330213"]);
        assert_eq!(heirs("330204"), ["330212"]);
        assert_eq!(heirs("330227"), ["330212"]);
        assert_eq!(heirs("332124"), ["330213"], "奉化县, 奉化县, 奉化市, 奉化市, 奉化区");
        assert_eq!(stays("330206").iter().map(|d| d.name).collect::<Vec<_>>(), ["滨海区", "北仑区"]);
        for division in divisions() {
            assert!(division.heirs().len() < 8, "{division:?}");
        }
    }
}
