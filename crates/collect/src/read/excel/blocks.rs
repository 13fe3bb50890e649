//! Several tables on one sheet: one below the other with blank rows between, or side by side.

use super::super::shape;
use super::sheet::Sheet;

/// Rows of a block that are looked at to tell its form.
pub(super) const LOOK: usize = 500;
/// Gaps that are looked at as the beginnings of tables.
const SEGMENTS: usize = 200;

/// The rectangle of one table, its corners included.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub rows: (u32, u32),
    pub columns: (u32, u32),
    /// Another table stands beside it: cells outside the columns are not its own.
    pub beside: bool,
    /// The lone text above it.
    pub title: String,
}

/// Rows without a blank one between: indices of their first cells.
type Segment = Vec<usize>;

/// The tables of a sheet from top to bottom, then from left to right.
pub(crate) fn blocks(sheet: &Sheet) -> Vec<Block> {
    let segments = segments(sheet);
    // So many gaps are the way the sheet is laid out, not tables.
    if segments.len() > SEGMENTS {
        return beside(sheet, &segments.concat());
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for segment in segments {
        match groups.last_mut() {
            Some(group) if is_title(sheet, group) || !begins_table(sheet, group, &segment) => group.extend(segment),
            _ => groups.push(segment),
        }
    }
    groups.iter().flat_map(|rows| beside(sheet, rows)).collect()
}

fn segments(sheet: &Sheet) -> Vec<Segment> {
    let mut all: Vec<Segment> = Vec::new();
    let (mut at, mut last) = (0, None);
    while let Some(row) = sheet.row(at) {
        match all.last_mut() {
            Some(segment) if last.is_some_and(|last| row == last + 1) => segment.push(at),
            _ => all.push(vec![at]),
        }
        last = Some(row);
        at = sheet.row_end(at);
    }
    all
}

fn filled(cells: &[String]) -> usize {
    cells.iter().filter(|c| !c.trim().is_empty()).count()
}

/// First and last column of the rows that have more than a title.
fn columns(sheet: &Sheet, rows: &[usize]) -> Option<(u32, u32)> {
    let ends = rows.iter().map(|at| (*at, sheet.row_end(*at)));
    let spans: Vec<(u32, u32, bool)> = ends.map(|(at, end)| (sheet.column(at), sheet.column(end - 1), end - at > 1)).collect();
    let wide = spans.iter().any(|(.., wide)| *wide);
    let of = spans.iter().filter(|(.., w)| *w || !wide);
    of.fold(None, |all: Option<(u32, u32)>, (l, r, _)| Some(all.map_or((*l, *r), |(a, b)| (a.min(*l), b.max(*r)))))
}

/// The rows as texts from the column `left` on.
fn lines(sheet: &Sheet, rows: &[usize], (left, right): (u32, u32)) -> Vec<Vec<String>> {
    rows.iter().take(LOOK).map(|at| sheet.row_texts(*at, left, right)).collect()
}

/// A line or two of one cell each, with a gap below: the title of what follows, not a table.
fn is_title(sheet: &Sheet, rows: &[usize]) -> bool {
    rows.len() < 3 && rows.iter().all(|at| sheet.row_end(*at) - *at == 1)
}

/// Whether rows behind a gap are a table of their own: names in the place of records, most often under a title.
fn begins_table(sheet: &Sheet, before: &[usize], segment: &[usize]) -> bool {
    let (Some(above), Some(here)) = (columns(sheet, before), columns(sheet, segment)) else { return false };
    let titles = segment.iter().take(5).take_while(|at| sheet.row_end(**at) - **at == 1).count();
    let Some(names_at) = segment.get(titles) else { return false };
    let names = sheet.row_texts(*names_at, above.0.min(here.0), u32::MAX);
    let has_records = segment.iter().skip(titles + 1).any(|at| sheet.row_end(*at) - *at > 1);
    if names.iter().any(|name| name.trim().parse::<f64>().is_ok()) {
        return false;
    }
    let own = lines(sheet, segment.get(titles..).unwrap_or_default(), here);
    if filled(&names) < 2 || !has_records || shape::detect(&own, None).header != Some(0) {
        return false;
    }
    let known = shape::detect(&lines(sheet, before, above), None);
    let there = sheet.row_texts(*names_at, above.0, u32::MAX);
    let cell = |i: usize| there.get(i).map_or("", String::as_str);
    let other = known.shape.is_other_header(there.len(), true, titles > 0, cell);
    let same_names = || known.names.iter().zip(&there).all(|(a, b)| a.trim() == b.trim());
    let apart = here.0 > above.1 || here.1 < above.0;
    other || apart || (known.header.is_some() && !same_names() && (titles > 0 || here != above))
}

/// Splits rows at columns that are empty throughout, where what stands on both sides is surely a table: the same names
/// again, or another number of rows.
fn beside(sheet: &Sheet, rows: &[usize]) -> Vec<Block> {
    let Some(all) = columns(sheet, rows) else { return Vec::new() };
    let (Some(first), Some(last)) = (rows.first().and_then(|at| sheet.row(*at)), rows.last().and_then(|at| sheet.row(*at))) else {
        return Vec::new();
    };
    let titles: Vec<&usize> = rows.iter().take(5).take_while(|at| sheet.row_end(**at) - **at == 1).collect();
    let title = titles.last().map_or("", |at| sheet.text(**at)).trim().to_owned();
    let whole = Block { rows: (first, last), columns: all, beside: false, title };
    let groups = column_groups(sheet, rows, all);
    if groups.len() < 2 || groups.iter().any(|(l, r)| l == r) {
        return vec![whole];
    }
    let body = rows.get(titles.len()..).unwrap_or_default();
    let parts: Vec<(Vec<String>, u32)> = groups.iter().map(|group| part(sheet, body, *group)).collect();
    let headers = parts.iter().all(|(names, _)| filled(names) == names.len() && names.len() > 1);
    let again = parts.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b));
    let uneven = parts.windows(2).any(|pair| matches!(pair, [(_, a), (_, b)] if a != b));
    if !headers || !(again || uneven) {
        return vec![whole];
    }
    let of = |((l, r), (_, end)): (&(u32, u32), &(Vec<String>, u32))| Block {
        rows: (whole.rows.0, *end),
        columns: (*l, *r),
        beside: true,
        title: whole.title.clone(),
    };
    groups.iter().zip(&parts).map(of).collect()
}

/// The names above one group of columns, and the last row with anything in it.
fn part(sheet: &Sheet, rows: &[usize], (left, right): (u32, u32)) -> (Vec<String>, u32) {
    let names = rows.first().map(|at| sheet.row_texts(*at, left, right)).unwrap_or_default();
    let within = |at: usize| (at..sheet.row_end(at)).any(|i| (left..=right).contains(&sheet.column(i)));
    let last = rows.iter().rev().find(|at| within(**at)).and_then(|at| sheet.row(*at)).unwrap_or(0);
    (names, last)
}

/// Runs of columns with an empty one between.
fn column_groups(sheet: &Sheet, rows: &[usize], (left, right): (u32, u32)) -> Vec<(u32, u32)> {
    let mut used = vec![false; (right - left) as usize + 1];
    for at in rows {
        let end = sheet.row_end(*at);
        if end - at < 2 {
            continue;
        }
        for i in *at..end {
            if let Some(mark) = sheet.column(i).checked_sub(left).and_then(|c| used.get_mut(c as usize)) {
                *mark = true;
            }
        }
    }
    let mut groups: Vec<(u32, u32)> = Vec::new();
    for (column, _) in (left..=right).zip(used).filter(|(_, used)| *used) {
        match groups.last_mut() {
            Some((_, end)) if column == *end + 1 => *end = column,
            _ => groups.push((column, column)),
        }
    }
    groups
}
