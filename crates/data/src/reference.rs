//! National code tables that checks rely on: divisions (GB/T 2260) and industries (GB/T 4754-2017).
//! Embedded, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A division of the country down to the county.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Six digits.
    pub code: &'static str,
    pub name: &'static str,
    /// The code of the division above; empty for a province.
    pub parent: &'static str,
    /// The last revision (`2016-11`) in which a historic code stood; empty while in force.
    pub until: &'static str,
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

/// The division with this six-digit code, current or historic.
pub fn division(code: &str) -> Option<&'static Division> {
    let number = six_digits(code)?;
    let at = DIVISIONS.binary_search_by_key(&number, |(known, _)| *known).ok()?;
    DIVISIONS.get(at).map(|(_, division)| division)
}

/// All divisions in the order of their codes.
pub fn divisions() -> impl Iterator<Item = &'static Division> {
    DIVISIONS.iter().map(|(_, division)| division)
}

/// The industry with this code: `C`, `25`, `251` or `2511`.
pub fn industry(code: &str) -> Option<&'static Industry> {
    INDUSTRIES.get(code)
}

fn six_digits(code: &str) -> Option<u32> {
    let digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if digits { code.parse().ok() } else { None }
}

static DIVISIONS: LazyLock<Vec<(u32, Division)>> = LazyLock::new(|| {
    let rows = rows(include_str!("../reference/divisions.csv"));
    let mut all: Vec<_> = rows
        .filter_map(|[code, name, parent, until]| Some((six_digits(code)?, Division { code, name, parent, until })))
        .collect();
    all.sort_by_key(|(number, _)| *number);
    all
});

static INDUSTRIES: LazyLock<HashMap<&'static str, Industry>> = LazyLock::new(|| {
    let rows = rows(include_str!("../reference/industries.csv"));
    rows.map(|[code, name, parent, section]| (code, Industry { code, name, parent, section })).collect()
});

/// The rows of a table of four plain columns, without its header.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 4]> {
    table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split(',');
        Some([fields.next()?, fields.next()?, fields.next()?, fields.next()?])
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
        assert_eq!(divisions().count(), DIVISIONS.len());
        assert_eq!(industry("2511").map(|i| (i.parent, i.section)), Some(("251", "C")));
        assert_eq!(INDUSTRIES.len(), 1971);
        assert!(DIVISIONS.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0)));
    }
}
