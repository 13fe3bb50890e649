//! Which lines of a table are its header, and what the fields are called by them.

use super::filled;

/// Lines that a header may have.
const LEVELS: usize = 5;

/// How many lines of the sample from `first` on make up the header: names above names above values.
pub(super) fn levels(sample: &[Vec<String>], first: usize, declared: bool) -> usize {
    let line = |index: usize| sample.get(index).map_or(&[][..], Vec::as_slice);
    let mut count = 1;
    while count < LEVELS {
        let (upper, lower) = (line(first + count - 1), line(first + count));
        let body = sample.get(first + count + 1..).unwrap_or_default();
        if lower.len() != upper.len() || !is_level(upper, lower, body, declared, count) {
            break;
        }
        count += 1;
    }
    count
}

/// Records below a second header line that names nothing new.
const BODY: usize = 5;

/// What a line of units below the names is made of.
pub(crate) const UNITS: [&str; 57] = [
    "元", "千元", "万元", "百万元", "亿元", "美元", "万美元", "亿美元", "人", "万人", "人次", "万人次", "户", "万户", "个", "次", "件", "万件", "台", "辆",
    "万辆", "套", "所", "家", "张", "床", "岁", "米", "m", "公里", "千米", "km", "平方米", "万平方米", "㎡", "平方公里", "km²", "亩", "公顷", "立方米",
    "万立方米", "吨", "万吨", "kg", "千瓦时", "亿千瓦时", "%", "％", "‰", "℃", "小时", "分钟", "天", "μg/m³", "ug/m3", "mg/m³", "mm",
];

/// A unit, bare, in brackets, or led in as such.
fn is_unit(cell: &str) -> bool {
    let bare = cell.trim().trim_start_matches("单位：").trim_start_matches("单位:");
    UNITS.contains(&bare.trim_matches(|c: char| matches!(c, '(' | ')' | '（' | '）' | '[' | ']') || c.is_whitespace()))
}

/// Whether a line goes on with the `count` lines of the header above it. It holds no value where values follow; a record
/// with remarks in place of figures looks like that too, so it must also name what the line above spans, or hold nothing
/// but units, or else stand above three columns of values at least and have a name for each, with records enough to be
/// sure of it or a header of several lines already, where the header's line was not declared.
fn is_level(upper: &[String], lower: &[String], body: &[Vec<String>], declared: bool, count: usize) -> bool {
    if filled(lower) < 2 || lower.iter().any(|name| is_value(name.trim())) {
        return false;
    }
    let named = |cells: &[String], column: usize| cells.get(column).is_some_and(|name| !is_missing(name.trim()));
    let start = (0..upper.len()).find(|column| named(upper, *column)).unwrap_or(upper.len());
    let spanned = (start..lower.len()).filter(|column| !named(upper, *column) && named(lower, *column)).count();
    let valued = valued_columns(body, 5);
    let columns: Vec<usize> = (0..lower.len()).filter(|column| valued.get(*column) == Some(&true)).collect();
    let above = columns.iter().filter(|column| named(lower, **column)).count();
    let all = above > 0 && above == columns.len();
    let units = || lower.iter().filter(|cell| !cell.trim().is_empty()).all(|cell| is_unit(cell));
    match spanned {
        0 if above > 0 && units() => true,
        0 => !declared && all && above >= 3 && (body.len() >= BODY || count > 1),
        1 => all && above >= 2,
        _ => above > 0 && above * 4 >= columns.len(),
    }
}

/// Columns in which `share` tenths of what is there are values.
pub(super) fn valued_columns(body: &[Vec<String>], share: usize) -> Vec<bool> {
    let width = body.iter().map(Vec::len).max().unwrap_or(0);
    let mut counts = vec![(0usize, 0usize); width];
    for cells in body {
        for (cell, (values, all)) in cells.iter().zip(&mut counts) {
            let cell = cell.trim();
            if !is_missing(cell) {
                *all += 1;
                *values += usize::from(is_value(cell));
            }
        }
    }
    counts.into_iter().map(|(values, all)| all > 0 && values * 10 >= all * share).collect()
}

/// One name for each column. An upper name spans the unnamed columns to its right; a part that says the same as the
/// one above it is left out.
pub(super) fn joined(lines: &[Vec<String>], width: usize) -> Vec<String> {
    let [line] = lines else {
        return (0..width).map(|column| spanning(lines, column)).collect();
    };
    (0..width).map(|column| line.get(column).cloned().unwrap_or_default()).collect()
}

fn spanning(lines: &[Vec<String>], column: usize) -> String {
    let own = |level: usize, column: usize| lines.get(level).and_then(|l| l.get(column)).map_or("", |c| c.trim());
    let lowest = (0..lines.len()).rev().find(|level| !own(*level, column).is_empty());
    let mut parts: Vec<&str> = Vec::new();
    for level in 0..lines.len() {
        let below = lowest.is_some_and(|lowest| lowest > level);
        let part = match own(level, column) {
            // Only what lies under an upper name is named by it.
            "" if below => (0..column)
                .rev()
                .take_while(|left| (0..level).all(|upper| own(upper, left + 1).is_empty()))
                .map(|left| own(level, left))
                .find(|part| !part.is_empty())
                .unwrap_or(""),
            part => part,
        };
        if !part.is_empty() && parts.last() != Some(&part) {
            parts.push(part);
        }
    }
    parts.join(" ")
}

/// The first full line is the header when its cells look like names above columns of values.
pub(super) fn find(sample: &[Vec<String>], usual: usize) -> Option<usize> {
    let full = |cells: &Vec<String>| {
        let n = filled(cells);
        if usual < 2 { n > 0 } else { n >= 2 && (cells.len() == usual || n * 10 >= usual * 6) && (usual < 4 || n > 2) }
    };
    let candidate = sample.iter().take(50).position(full)?;
    let names = sample.get(candidate)?;
    let body: Vec<&Vec<String>> = sample.iter().skip(candidate + 1).filter(|r| filled(r) > 0).take(200).collect();
    let mut score = 0i64;
    let years = looks_like_years(names);
    for (column, name) in names.iter().enumerate() {
        let below: Vec<&str> =
            body.iter().filter_map(|r| r.get(column)).map(|c| c.trim()).filter(|c| !is_missing(c)).collect();
        score += vote(name.trim(), &below, years);
    }
    let same = |r: &[String]| r.iter().zip(names).filter(|(a, b)| a == b && !b.trim().is_empty()).count();
    let repeated = body.iter().any(|r| same(r) > 1 && same(r) * 2 >= filled(names));
    let distinct = {
        let mut seen = std::collections::HashSet::new();
        names.iter().map(|n| n.trim()).filter(|n| !n.is_empty()).all(|n| seen.insert(n))
    };
    let texts = names.iter().filter(|n| !n.trim().is_empty()).all(|n| !is_value(n.trim()) && !is_missing(n.trim()));
    let is_header = repeated && texts || score > 0 || (score == 0 && texts && distinct);
    is_header.then_some(candidate)
}

/// For a header (a name above values), against it (a value above values, or a text that comes again), or nothing.
fn vote(name: &str, below: &[&str], years: bool) -> i64 {
    if name.is_empty() {
        return 0;
    }
    let values = below.iter().filter(|c| is_value(c)).count();
    if is_value(name) {
        return if years { 1 } else { -i64::from(values * 2 >= below.len()) };
    }
    if is_missing(name) {
        return -1;
    }
    if !below.is_empty() && values * 10 >= below.len() * 7 {
        return 1;
    }
    -i64::from(below.len() >= 5 && below.contains(&name))
}

/// Years in a row, as above the columns of statistics.
fn looks_like_years(names: &[String]) -> bool {
    let years: Vec<i32> = names
        .iter()
        .filter_map(|n| n.trim().trim_end_matches('年').parse().ok())
        .filter(|y| (1900..2100).contains(y))
        .collect();
    years.len() >= 3 && years.windows(2).all(|w| matches!(w, [a, b] if (a - b).abs() == 1))
}

/// Numbers, dates, times, ranges, identifiers in hex: what stands in a column rather than above it.
pub(super) fn is_value(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    const PARTS: &str = "0123456789.,-+/:~～—%％℃年月日时分秒 TZeE°";
    if cell.chars().all(|c| PARTS.contains(c)) {
        return true;
    }
    cell.len() >= 16 && cell.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

pub(super) fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "-" | "--" | "—" | "——" | "/" | "NaN" | "nan" | "NA" | "N/A" | "NULL" | "null" | "\\N" | "无")
}
