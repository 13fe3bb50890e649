//! Where the header of a table is, how wide its records are, and which lines among them are no records.
//! The same rules serve delimited text and sheets.

use std::sync::Arc;

use data::standard::Fault;

use super::rows::{fault, unique_names};

/// The form every record is held against.
pub(crate) struct Shape {
    pub fields: Arc<[String]>,
    /// The header's cells, to know it again.
    header: Option<Vec<String>>,
    /// Records with fewer cells are ragged; with this many or more the missing ones are null.
    least: usize,
}

/// What one line of a table is.
pub(crate) enum Verdict {
    Record,
    Blank,
    Refused(Fault),
}

/// The outcome of looking at the first lines.
pub(crate) struct Found {
    pub shape: Shape,
    /// Index of the header in the sample.
    pub header: Option<usize>,
    /// Index of the first line behind titles and header.
    pub first: usize,
    /// Short records are usual here: their missing last cells are read as null.
    pub short: bool,
}

const NOTES: [&str; 14] = [
    "注：", "注:", "注 ", "备注：", "备注:", "说明：", "说明:", "数据来源", "资料来源", "来源：", "来源:", "Note", "Source:", "※",
];

/// DOS programs end a text with it.
const END_OF_FILE: char = '\u{1a}';

impl Shape {
    /// Decides about a line of `width` cells. A line with nothing in it is blank; one with only its first cell
    /// filled is a section title or a note; the header may come again; everything else needs the right width.
    pub fn judge<'a>(&self, width: usize, cell: impl Fn(usize) -> &'a str) -> Verdict {
        let n = self.fields.len();
        let blank = |i: usize| cell(i).trim_matches(|c: char| c.is_whitespace() || c == END_OF_FILE).is_empty();
        if (1..width).all(blank) {
            if blank(0) {
                return Verdict::Blank;
            }
            if let Some(refused) = self.title(width, cell(0)) {
                return Verdict::Refused(refused);
            }
        }
        if self.is_header(width, &cell) {
            return Verdict::Refused(fault(
                "row.header_again",
                cell(0),
                "表头在数据中间重复出现，不是一条记录",
                "the header again in the midst of the data, not a record",
            ));
        }
        let fits = if width <= n { width >= self.least } else { (n..width).all(blank) };
        if fits { Verdict::Record } else { Verdict::Refused(self.ragged(width, cell(0))) }
    }

    fn title(&self, width: usize, first: &str) -> Option<Fault> {
        let n = self.fields.len();
        let text = first.trim();
        if n > 1 && NOTES.iter().any(|note| text.starts_with(note)) {
            return Some(fault("row.note", text, "这是注释行，不是记录", "a note, not a record"));
        }
        (n > 2 && (width == 1 || width >= n)).then(|| {
            fault(
                "row.section",
                text,
                "只有第一格有内容，是小标题或分组行，不是记录",
                "only the first cell is filled: a section title, not a record",
            )
        })
    }

    fn is_header<'a>(&self, width: usize, cell: &impl Fn(usize) -> &'a str) -> bool {
        match &self.header {
            Some(header) => {
                width >= header.len() && header.iter().enumerate().all(|(i, name)| cell(i).trim() == name.as_str())
            }
            None => false,
        }
    }

    fn ragged(&self, width: usize, first: &str) -> Fault {
        let n = self.fields.len();
        fault(
            "row.fields",
            first,
            format!("应有 {n} 个字段，实有 {width} 个；请检查分隔符、引号或缺漏的单元格"),
            format!("expected {n} fields, found {width}; look for a missing delimiter, a stray quote or a lost cell"),
        )
    }
}

/// Looks at the first lines. `header` is the index declared: `Some(None)` for "there is none".
pub(crate) fn detect(sample: &[Vec<String>], header: Option<Option<usize>>) -> Found {
    let usual = usual_width(sample);
    let header = match header {
        Some(declared) => declared.filter(|h| *h < sample.len()),
        None => find_header(sample, usual),
    };
    let first = header.map_or(0, |h| h + 1);
    let body = sample.get(first..).unwrap_or_default();
    let names = header.and_then(|h| sample.get(h));
    let data_width = if body.is_empty() { usual } else { usual_width(body) };
    let (fields, width) = match names {
        Some(names) => {
            let named = filled_width(names).max(1);
            let used = body.iter().filter(|r| r.len() == data_width).map(|r| filled_width(r)).max().unwrap_or(0);
            let width = named.max(used.min(data_width));
            let all = (0..width).map(|i| names.get(i).map_or("", String::as_str));
            (unique_names(all), width)
        }
        None => (unique_names((0..usual.max(1)).map(|_| "")), usual.max(1)),
    };
    let short = data_width > 0 && data_width < width;
    let shape = Shape {
        header: names.map(|names| names.iter().take(filled_width(names)).map(|n| n.trim().to_owned()).collect()),
        fields: fields.into(),
        least: if short { data_width } else { width },
    };
    Found { shape, header, first, short }
}

/// Cells up to the last one that is filled.
fn filled_width(cells: &[String]) -> usize {
    cells.iter().rposition(|c| !c.trim().is_empty()).map_or(0, |i| i + 1)
}

fn filled(cells: &[String]) -> usize {
    cells.iter().filter(|c| !c.trim().is_empty()).count()
}

/// The commonest number of cells; among equals the greater one. Blank lines and titles do not count.
pub(crate) fn usual_width(sample: &[Vec<String>]) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    let wide = sample.iter().any(|r| filled(r) > 1);
    for cells in sample.iter().filter(|r| filled(r) > usize::from(wide)) {
        *counts.entry(cells.len()).or_insert(0usize) += 1;
    }
    counts.into_iter().max_by_key(|&(width, count)| (count, width)).map_or(0, |(width, _)| width)
}

/// The first full line is the header when its cells look like names above columns of values.
fn find_header(sample: &[Vec<String>], usual: usize) -> Option<usize> {
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
    let repeated = body.iter().any(|r| *r == names && filled(r) > 1);
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
fn is_value(cell: &str) -> bool {
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

fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "-" | "--" | "—" | "——" | "/" | "NaN" | "nan" | "NA" | "N/A" | "NULL" | "null" | "\\N" | "无")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Vec<Vec<String>> {
        text.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn headers_are_found_where_they_are() {
        for (text, header) in [
            ("a,b,c\n1,2,3", Some(0)),
            ("1,2,3\n4,5,6", None),
            ("宁波,2013-12-02,205\n宁波,2013-12-03,166", None),
            ("2012-01\nDay,T,H\n2012-01-1,4.7,67\n2012-01-2,5.2,60", Some(1)),
            ("Summary of it ,\n,\nRow Labels,Sum of amounts\nHotels,227799.88", Some(2)),
            ("指标,2014年,2013年,2012年\n人口,1,2,3", Some(0)),
            ("species,url,id\nIris-a,http://a,IRVE\nIris-b,http://b,IRVI", Some(0)),
            (",AQI,CO,Date\n190,50,0.9,20200410\n324,90,1.1,20200410", Some(0)),
            ("东站,NaN,12\n西站,3,4\n南站,5,6", None),
        ] {
            assert_eq!(detect(&table(text), None).header, header, "{text}");
        }
    }

    #[test]
    fn lines_that_are_no_records_are_told_apart() {
        let found = detect(&table("id,name,n\n1,甲,2\n2,乙,3"), None);
        let code = |cells: &[&str]| match found.shape.judge(cells.len(), |i| cells.get(i).copied().unwrap_or("")) {
            Verdict::Record => "record".to_owned(),
            Verdict::Blank => "blank".to_owned(),
            Verdict::Refused(fault) => fault.code,
        };
        assert_eq!(code(&["3", "丙", ""]), "record");
        assert_eq!(code(&["3", "丙", "4", "", ""]), "record");
        assert_eq!(code(&["3", "丙", "4", "x"]), "row.fields");
        assert_eq!(code(&["3", "丙"]), "row.fields");
        assert_eq!(code(&["", " ", ""]), "blank");
        assert_eq!(code(&["北京市（92所）", "", ""]), "row.section");
        assert_eq!(code(&["2012-02"]), "row.section");
        assert_eq!(code(&["注：数据截至六月"]), "row.note");
        assert_eq!(code(&["id", "name", "n"]), "row.header_again");
    }
}
