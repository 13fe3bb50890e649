//! Names of divisions and towns, whole and short, present and past, and the present code that each stands for.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::reference::{divisions, towns};

/// The longest name of a division, in characters.
pub(super) const LONGEST_NAME: usize = 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Province,
    City,
    District,
    Town,
}

/// What a name may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub level: Level,
    /// The present code in full digits (six, or nine of a town); that of the heir where it was abolished.
    pub code: u32,
    /// The whole name, not a short form.
    pub whole: bool,
    /// In force today, or leading to what is.
    pub present: bool,
}

impl Entry {
    /// The six digits of the county, or of the city or province.
    pub fn six(self) -> u32 {
        if self.level == Level::Town { self.code / 1000 } else { self.code }
    }
}

pub(super) struct Gazetteer(HashMap<String, Vec<Entry>>);

pub(super) static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::new);

/// Ends of names, longest first, that people leave out.
const SUFFIXES: [&str; 14] = [
    "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治县", "街道", "地区", "新区", "省", "市", "区", "县", "镇", "乡",
];
/// Short forms that are words of their own.
const WORDS: [&str; 16] =
    ["城区", "郊区", "矿区", "市区", "城关", "城东", "城西", "城南", "城北", "新城", "中心", "开发", "工业", "高新", "河东", "河西"];

impl Gazetteer {
    fn new() -> Gazetteer {
        let mut all = Gazetteer(HashMap::new());
        for division in divisions() {
            let heirs = division.heirs();
            let present = match heirs.as_slice() {
                [heir] if !division.in_force() => heir,
                _ => division,
            };
            let level = match division.code {
                code if code.ends_with("0000") => Level::Province,
                code if code.ends_with("00") => Level::City,
                _ => Level::District,
            };
            let headings = division.name == "市辖区" || division.name == "县" || division.name.contains("直辖");
            if let (false, Ok(code)) = (headings, present.code.parse()) {
                all.add(division.name, Entry { level, code, whole: true, present: present.in_force() });
            }
        }
        for (county, number, name) in towns() {
            if let (Ok(county), Ok(number)) = (county.parse::<u32>(), number.parse::<u32>()) {
                let code = county * 1000 + number;
                all.add(name, Entry { level: Level::Town, code, whole: true, present: true });
            }
        }
        all
    }

    fn add(&mut self, name: &str, entry: Entry) {
        self.put(name, entry);
        let short = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
        if let Some(short) = short.filter(|short| short.chars().count() >= 2 && !WORDS.contains(short)) {
            self.put(short, Entry { whole: false, ..entry });
        }
    }

    fn put(&mut self, name: &str, entry: Entry) {
        let entries = self.0.entry(name.to_owned()).or_default();
        if !entries.iter().any(|known| (known.level, known.code) == (entry.level, entry.code)) {
            entries.push(entry);
        }
    }

    /// Whether a division's name stands at the beginning of a text.
    pub fn begins(&self, text: &str) -> bool {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1).take(5);
        ends.filter_map(|end| text.get(..end).and_then(|name| self.find(name)))
            .any(|entries| entries.iter().any(|entry| entry.whole && entry.level <= Level::District))
    }

    pub fn find(&self, name: &str) -> Option<&[Entry]> {
        self.0.get(name).map(Vec::as_slice)
    }
}
