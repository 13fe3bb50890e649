//! Text in columns of fixed width: where they begin is told from the blanks between them, or declared.

use super::super::shape::is_value;
use super::split::Span;

/// `fixed:1,15,35` in place of a delimiter: where each column begins, from 1. A Chinese character is two wide, as it is
/// shown and as it is in GBK.
const DECLARED: &str = "fixed:";
/// Lines looked at.
const LOOK: usize = 2000;
/// Lines are looked at as far as this.
const WIDEST: usize = 8192;

/// Where the columns begin, from 0, as declared; `None` when a delimiter is declared, an error when it is written wrongly.
pub(super) fn declared(delimiter: &str) -> Option<Result<Vec<usize>, ()>> {
    let list = delimiter.strip_prefix(DECLARED)?;
    let starts: Option<Vec<usize>> = list.split(',').map(|one| one.trim().parse::<usize>().ok()?.checked_sub(1)).collect();
    let ordered = |starts: &Vec<usize>| !starts.is_empty() && starts.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
    Some(starts.filter(ordered).ok_or(()))
}

pub(super) fn label(starts: &[usize]) -> String {
    let list: Vec<String> = starts.iter().map(|start| (start + 1).to_string()).collect();
    format!("{DECLARED}{}", list.join(","))
}

/// A stretch of the lines between blanks.
struct Column {
    start: usize,
    end: usize,
}

/// Where the columns of a text begin, when it is evident: in every line that is padded the same places are blank, and no
/// word is cut. One blank alone sets columns apart only where it stands beside a column of values; else it is one between
/// words.
pub(super) fn tell(text: &str, whole: bool, newline: u8) -> Option<Vec<usize>> {
    let newline = char::from(newline);
    let complete = if whole { text } else { text.rsplit_once(newline)?.0 };
    let all: Vec<Vec<char>> = complete.split(newline).filter_map(cells).take(LOOK).collect();
    let padded = |line: &&Vec<char>| line.windows(2).any(|pair| matches!(pair, [' ', ' ']));
    // Titles and notes do not keep to the columns.
    let lines: Vec<&[char]> = all.iter().filter(padded).map(Vec::as_slice).collect();
    if lines.len() < 3 || lines.len() * 10 < all.len() * 6 || all.iter().flatten().any(|c| *c == '\t') {
        return None;
    }
    let columns = columns(&lines);
    let filled = |line: &&&[char]| columns.iter().filter(|column| !part(line, column).is_empty()).count() > 1;
    let regular = lines.iter().filter(filled).count() * 10 >= lines.len() * 9;
    (columns.len() >= 3 && regular).then(|| std::iter::once(0).chain(columns.iter().skip(1).map(|column| column.start)).collect())
}

/// A line by the places that it is shown at: a wide character takes two. `None` for a blank one.
fn cells(line: &str) -> Option<Vec<char>> {
    let mut cells = Vec::new();
    for c in line.trim_end().chars().take(WIDEST) {
        cells.push(c);
        if width(c) == 2 {
            cells.push('\0');
        }
    }
    (!cells.is_empty()).then_some(cells)
}

fn width(c: char) -> usize {
    let wide = matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..);
    if wide { 2 } else { 1 }
}

fn part(line: &[char], column: &Column) -> String {
    let end = column.end.min(line.len());
    line.get(column.start..end).unwrap_or_default().iter().filter(|c| **c != '\0').collect::<String>().trim().to_owned()
}

fn columns(lines: &[&[char]]) -> Vec<Column> {
    // Names may be wider than what stands under them.
    let body = if lines.len() > 3 { lines.get(1..).unwrap_or(lines) } else { lines };
    let longest = body.iter().map(|line| line.len()).max().unwrap_or(0);
    let used = |at: usize| body.iter().any(|line| line.get(at).is_some_and(|c| *c != ' '));
    let mut stretches: Vec<Column> = Vec::new();
    for at in (0..longest).filter(|at| used(*at)) {
        match stretches.last_mut() {
            Some(column) if column.end == at => column.end = at + 1,
            _ => stretches.push(Column { start: at, end: at + 1 }),
        }
    }
    let mut columns: Vec<Column> = Vec::new();
    for next in stretches {
        let Some(before) = columns.last_mut() else {
            columns.push(next);
            continue;
        };
        let start = (before.end..=next.start).rev().find(|at| !cuts_word(lines, *at));
        let apart = next.start - before.end > 1 || holds_values(body, before) || holds_values(body, &next);
        match start.filter(|_| apart) {
            Some(start) => {
                before.end = start;
                columns.push(Column { start, end: next.end });
            }
            None => before.end = next.end,
        }
    }
    columns
}

fn cuts_word(lines: &[&[char]], at: usize) -> bool {
    let filled = |line: &[char], at: usize| line.get(at).is_some_and(|c| *c != ' ');
    lines.iter().any(|line| at > 0 && filled(line, at - 1) && filled(line, at))
}

/// Whether most of a column is filled, and most of that is values.
fn holds_values(lines: &[&[char]], column: &Column) -> bool {
    let parts: Vec<String> = lines.iter().map(|line| part(line, column)).filter(|part| !part.is_empty()).collect();
    parts.len() * 2 >= lines.len() && parts.iter().filter(|part| is_value(part)).count() * 10 >= parts.len() * 7
}

/// Cuts one line, which begins at `offset`; blanks around the cells go. A line that would be cut in the midst of words
/// keeps to no columns: a title, or a note.
pub(super) fn cut(line: &[u8], offset: usize, starts: &[usize], spans: &mut Vec<Span>) {
    let text = std::str::from_utf8(line).ok();
    // Bytes that are no text stand for one place each.
    let wide: Vec<(usize, usize)> = match text {
        Some(text) => text.char_indices().map(|(at, c)| (at, width(c))).collect(),
        None => (0..line.len()).map(|at| (at, 1)).collect(),
    };
    let mut place = 0;
    let mut borders = Vec::with_capacity(starts.len() + 1);
    for (at, width) in wide {
        while borders.len() < starts.len() && starts.get(borders.len()).is_some_and(|start| *start <= place) {
            borders.push(at);
        }
        place += width;
    }
    let is_word = |at: usize| line.get(at).is_some_and(|byte| *byte != b' ');
    let inside = borders.iter().filter(|at| **at > 0).count();
    let cut = borders.iter().filter(|at| **at > 0 && is_word(**at) && is_word(**at - 1)).count();
    if cut > 1 && cut * 2 > inside {
        borders.clear();
        borders.push(0);
        borders.push(line.len());
    } else {
        borders.resize(starts.len() + 1, line.len());
    }
    for pair in borders.windows(2) {
        let &[start, end] = pair else { continue };
        let cell = line.get(start..end).unwrap_or_default();
        let left = cell.len() - cell.trim_ascii_start().len();
        let start = if left == cell.len() { end } else { start + left };
        let end = if start == end { end } else { end - (cell.len() - cell.trim_ascii_end().len()) };
        spans.push(Span { start: offset + start, end: offset + end, escaped: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_from_blanks_beside_values() {
        let text = "001  Old Gate    7 2020-01-01\n002  New Bridge 12 2020-01-02\n003  City Wall 123 2020-01-03\n";
        assert_eq!(tell(text, true, b'\n'), Some(vec![0, 5, 16, 20]));
        // A name wider than its values, and a title above.
        let named = "A list of gates\nNo   Name      Height\n001  Old Gate     7.5\n002  Bridge      12.0\n003  Wall        13.0\n";
        assert_eq!(tell(named, true, b'\n'), Some(vec![0, 5, 15]));
        assert_eq!(tell("so it is\nwith any text\nof a few lines\n", true, b'\n'), None);
        assert_eq!(declared("fixed:1, 6,16"), Some(Ok(vec![0, 5, 15])));
        assert_eq!((declared("fixed:3,1"), declared(",")), (Some(Err(())), None));
        assert_eq!(label(&[0, 5, 15]), "fixed:1,6,16");
    }

    #[test]
    fn wide_characters_take_two_places() {
        let (line, mut spans) = ("甲站  ab   7", Vec::new());
        cut(line.as_bytes(), 0, &[0, 6, 10, 20], &mut spans);
        let cells: Vec<&str> = spans.iter().map(|span| &line[span.start..span.end]).collect();
        assert_eq!(cells, ["甲站", "ab", "7", ""]);
    }
}
