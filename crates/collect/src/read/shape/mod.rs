//! Where the header of a table is, how wide its records are, and which lines among them are no records.
//! The same rules serve delimited text and sheets.

mod header;

use std::sync::Arc;

use data::standard::Fault;

use super::rows::{fault, unique_names};

pub(crate) use header::UNITS;

/// The field that holds the title which records stand under.
pub(crate) const SECTION: &str = "^.section";

/// The form every record is held against.
#[derive(Clone)]
pub(crate) struct Shape {
    pub fields: Arc<[String]>,
    /// The cells of the header's lines, to know them again.
    header: Vec<Vec<String>>,
    /// Cells that most records have.
    pub width: usize,
    /// Records with fewer cells are ragged; with this many or more the missing ones are null.
    least: usize,
    /// Columns that hold hardly anything but values.
    valued: Vec<bool>,
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
    /// Index of the header's first line in the sample.
    pub header: Option<usize>,
    /// The names as found, one for each column, empty where there is none; empty without a header.
    pub names: Vec<String>,
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
    /// `apart`: blank lines lie between it and the last record.
    pub fn judge<'a>(&self, width: usize, apart: bool, cell: impl Fn(usize) -> &'a str) -> Verdict {
        let n = self.fields.len();
        let blank = |i: usize| cell(i).trim_matches(|c: char| c.is_whitespace() || c == END_OF_FILE).is_empty();
        if (1..width).all(blank) {
            if blank(0) {
                return Verdict::Blank;
            }
            if let Some(refused) = self.title(width, apart, cell(0)) {
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
        let fits = if width <= n { width >= self.least } else { (n..width).all(blank) && self.is_whole(width, blank) };
        if fits { Verdict::Record } else { Verdict::Refused(self.ragged(width, cell(0))) }
    }

    /// Whether a record with empty cells beyond the last field is surely not one whose cells have been shifted.
    fn is_whole(&self, width: usize, blank: impl Fn(usize) -> bool) -> bool {
        width <= self.width || self.fields.len().checked_sub(1).is_none_or(|last| !blank(last))
    }

    /// Whether records stand under titles between them. A single such line may as well be a record without values.
    pub fn has_sections(&self, body: &[&[String]]) -> bool {
        let is_section = |cells: &[String]| {
            let cell = |i: usize| cells.get(i).map_or("", String::as_str);
            matches!(self.judge(cells.len(), false, cell), Verdict::Refused(fault) if fault.code == "row.section")
        };
        let sections: Vec<bool> = body.iter().map(|cells| is_section(cells)).collect();
        let leads = sections.windows(2).filter(|pair| matches!(pair, [true, false])).count();
        leads >= 2 && sections.windows(2).all(|pair| !matches!(pair, [true, true]))
    }

    /// Whether a line begins another table: names where there should be values. A record with remarks in place of
    /// figures looks like that too, so something else must set it apart: blank lines (`apart`) with a title
    /// (`titled`), another width, or three columns of values. The same header again goes on with the same table.
    pub fn is_other_header<'a>(&self, width: usize, apart: bool, titled: bool, cell: impl Fn(usize) -> &'a str) -> bool {
        let names: Vec<&str> = (0..width).map(|i| cell(i).trim()).filter(|name| !name.is_empty()).collect();
        if names.len() < 2 || names.iter().any(|name| header::is_value(name)) || self.is_header(width, &cell) {
            return false;
        }
        let mut columns = (0..width).filter(|column| self.valued.get(*column) == Some(&true)).peekable();
        let valued = columns.peek().map_or(0, |_| self.valued.iter().filter(|valued| **valued).count());
        if valued == 0 || columns.any(|column| header::is_missing(cell(column).trim())) {
            return false;
        }
        let again = |name: &&str| self.header.iter().flatten().any(|known| known == name);
        match apart {
            true => titled || width != self.width || valued >= 3,
            false => width != self.width && names.iter().filter(|name| again(name)).count() * 2 >= names.len(),
        }
    }

    fn title(&self, width: usize, apart: bool, first: &str) -> Option<Fault> {
        let n = self.fields.len();
        let text = first.trim();
        if n > 1 && NOTES.iter().any(|note| text.starts_with(note)) {
            return Some(fault("row.note", text, "这是注释行，不是记录", "a note, not a record"));
        }
        // A record with another delimiter than the rest is one cell to us, but no title.
        let other = [';', '\t', '|', ','].iter().any(|delimiter| text.matches(*delimiter).count() + 1 == n);
        let record = width == 1 && n > 2 && other;
        ((n > 2 || apart && n > 1) && (width == 1 || width >= n) && !record).then(|| {
            fault(
                "row.section",
                text,
                "只有第一格有内容，是小标题或分组行，不是记录",
                "only the first cell is filled: a section title, not a record",
            )
        })
    }

    fn is_header<'a>(&self, width: usize, cell: &impl Fn(usize) -> &'a str) -> bool {
        let same = |line: &Vec<String>| {
            let named = !line.is_empty() && width >= line.len();
            named && (0..width).all(|i| cell(i).trim() == line.get(i).map_or("", String::as_str))
        };
        self.header.iter().any(same)
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
    let declared = header.is_some();
    let header = match header {
        Some(declared) => declared.filter(|h| *h < sample.len()),
        None => header::find(sample, usual),
    };
    let first = header.map_or(0, |h| h + header::levels(sample, h, declared));
    let body = sample.get(first..).unwrap_or_default();
    let lines = header.and_then(|h| sample.get(h..first)).unwrap_or_default();
    let data_width = if body.is_empty() { usual } else { usual_width(body) };
    let names = names(lines, body, data_width);
    let width = match header {
        Some(_) => {
            let named = filled_width(&names).max(1);
            let used = body.iter().filter(|r| r.len() == data_width).map(|r| filled_width(r)).max().unwrap_or(0);
            named.max(used.min(data_width))
        }
        None => usual.max(1),
    };
    let fields = unique_names((0..width).map(|i| names.get(i).map_or("", String::as_str)));
    let short = data_width > 0 && data_width < width;
    let trimmed = |line: &Vec<String>| line.iter().take(filled_width(line)).map(|n| n.trim().to_owned()).collect();
    let shape = Shape {
        header: lines.iter().map(trimmed).collect(),
        fields: fields.into(),
        width: data_width.max(1),
        least: if short { data_width } else { width },
        valued: header::valued_columns(body, 7),
    };
    Found { shape, header, names, first, short }
}

/// The names of the columns as found. One empty cell too many among as many names as there are columns is a stray
/// delimiter.
fn names(lines: &[Vec<String>], body: &[Vec<String>], data_width: usize) -> Vec<String> {
    if lines.is_empty() {
        return Vec::new();
    }
    let width = lines.iter().map(Vec::len).max().unwrap_or(0).max(data_width);
    let mut names = header::joined(lines, width);
    let stray = width == data_width + 1 && filled(&names) == data_width && body.iter().all(|r| r.len() <= data_width);
    if stray && !body.is_empty() {
        names.retain(|name| !name.trim().is_empty());
    }
    names
}

/// Cells up to the last one that is filled.
fn filled_width(cells: &[String]) -> usize {
    cells.iter().rposition(|c| !c.trim().is_empty()).map_or(0, |i| i + 1)
}

fn filled(cells: &[String]) -> usize {
    cells.iter().filter(|c| !c.trim().is_empty()).count()
}

/// The commonest number of cells; among those that are about as common, that of the first. Blank lines and titles do
/// not count.
pub(crate) fn usual_width(sample: &[Vec<String>]) -> usize {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    let wide = sample.iter().any(|r| filled(r) > 1);
    for cells in sample.iter().filter(|r| filled(r) > usize::from(wide)) {
        match counts.iter_mut().find(|(width, _)| *width == cells.len()) {
            Some((_, count)) => *count += 1,
            None => counts.push((cells.len(), 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    if most < 3 {
        return counts.iter().filter(|(_, count)| *count == most).map(|(width, _)| *width).max().unwrap_or(0);
    }
    counts.iter().find(|(_, count)| count * 10 >= most * 9).map_or(0, |(width, _)| *width)
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
        let code = |cells: &[&str]| match found.shape.judge(cells.len(), false, |i| cells.get(i).copied().unwrap_or("")) {
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
