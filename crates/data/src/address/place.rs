//! Where in the division tree an address has got to, and which of several divisions of one name is meant.

use super::gazetteer::{Entry, GAZETTEER, Level};
use super::words;

/// What the divisions read so far leave possible.
pub(super) struct Found {
    home: Option<u32>,
    /// Codes of what was read, one or more for a name that several divisions bear.
    chosen: Vec<Vec<Entry>>,
    last: Option<Entry>,
}

impl Found {
    pub fn new(home: Option<&str>) -> Found {
        Found { home: home.and_then(|code| code.parse().ok()), chosen: Vec::new(), last: None }
    }

    /// Which of the entries of a name is meant here, if any. `low` says that the address has come below the town.
    pub fn choose(&self, entries: &[Entry], after: &str, low: bool) -> Option<Entry> {
        let allowed = |entry: &&Entry| self.allows(entry, after, low) && self.fits(entry) && !misread(entry, after);
        let mut fitting: Vec<&Entry> = entries.iter().filter(allowed).collect();
        if fitting.is_empty() {
            fitting = entries.iter().filter(|entry| self.allows(entry, after, low) && self.beside(entry)).collect();
        }
        if fitting.iter().any(|entry| entry.present) {
            fitting.retain(|entry| entry.present);
        }
        let near = |entry: &&&Entry| self.home.is_some_and(|home| home / 100 == entry.six() / 100);
        let best = fitting.iter().find(near).or_else(|| fitting.iter().min_by_key(|entry| entry.level))?;
        // A short name, or a town whose district is not known, must be the only one.
        let unsure = fitting.iter().any(|other| other.level == best.level && other.six() / 100 != best.six() / 100);
        let vague = !best.whole || best.level == Level::Town;
        (!(unsure && vague) || near(&best)).then_some(**best)
    }

    fn allows(&self, entry: &Entry, after: &str, low: bool) -> bool {
        if low && !(entry.whole && entry.level <= Level::City) {
            return false;
        }
        let deeper = self.last.is_none_or(|last| entry.level > last.level);
        // A repeated division is taken when its name is whole.
        if !deeper && !entry.whole {
            return self.last.is_some_and(|last| last.six() == entry.six());
        }
        let short = !entry.whole;
        let known_above = self.last.is_some();
        let town_needs = entry.level != Level::Town || known_above || entry.whole;
        !(short && (words::road_follows(after) || part_of_name(after) && !GAZETTEER.begins(after))) && town_needs
    }

    /// Whether the entry lies in what was read before, or above it.
    fn fits(&self, entry: &Entry) -> bool {
        let Some(last) = self.last else {
            return entry.level != Level::Town || entry.whole || self.home.is_some_and(|home| home / 100 == entry.six() / 100);
        };
        if entry.level == Level::Province {
            return true;
        }
        same(last, entry)
    }

    /// A town of another district of the city: borders between districts move, and people keep the old one.
    fn beside(&self, entry: &Entry) -> bool {
        let last = self.last.filter(|last| last.level == Level::District);
        entry.level == Level::Town && last.is_some_and(|last| last.six() / 100 == entry.six() / 100)
    }

    pub fn add(&mut self, entry: Entry) {
        if entry.level == Level::Province && self.last.is_some_and(|last| !same(last, &entry)) {
            self.chosen.clear();
            self.last = None;
        }
        self.chosen.push(vec![entry]);
        if self.last.is_none_or(|last| entry.level >= last.level) {
            self.last = Some(entry);
        }
    }

    /// The deepest division, and how sure it is.
    pub fn settle(&self) -> (String, f64) {
        let Some(last) = self.last else { return (String::new(), 0.0) };
        let code = match last.level {
            Level::Province => format!("{:02}", last.code / 10_000),
            Level::City => format!("{:04}", last.code / 100),
            Level::District => format!("{:06}", last.code),
            Level::Town => format!("{:09}", last.code),
        };
        // Each level that agrees with the ones above it makes the place surer.
        let levels = self.chosen.iter().flatten().filter(|entry| same(**entry, &last)).count();
        let whole = self.chosen.iter().flatten().all(|entry| entry.whole);
        let confidence = match (levels, whole) {
            (0 | 1, true) => 0.7,
            (0 | 1, false) => 0.5,
            (2, true) => 0.9,
            (2, false) => 0.8,
            (_, true) => 1.0,
            (_, false) => 0.9,
        };
        (code, confidence)
    }
}

/// Whether one lies in the other.
fn same(one: Entry, other: &Entry) -> bool {
    let digits = |entry: &Entry| match entry.level {
        Level::Province => 2,
        Level::City => 4,
        Level::District | Level::Town => 6,
    };
    let scale = 10u32.pow(6 - digits(&one).min(digits(other)));
    // County-level cities right below a province have no city above them.
    let direct = |code: u32| code / 100 % 100 == 90;
    one.six() / scale == other.six() / scale
        || (direct(one.six()) || direct(other.six())) && one.six() / 10_000 == other.six() / 10_000
}

/// `江东街道` is no district 江东, `宁波村` no city: the name goes on.
fn part_of_name(after: &str) -> bool {
    after.starts_with(['村', '镇', '乡', '街', '社', '新', '小', '大', '花', '公', '国', '人', '银', '宾', '酒', '商', '科'])
}

/// Whole names that are the beginning of another: `江东街道`, `市中区路`.
fn misread(entry: &Entry, after: &str) -> bool {
    entry.whole && entry.level == Level::District && words::road_follows(after)
}
