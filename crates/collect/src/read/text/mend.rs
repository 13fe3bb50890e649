//! What a line says that cannot be taken as a record: its cells, as well as they can be told apart. They are shown to
//! people, never landed.

use super::split::{Dialect, Span};

/// Delimiters that a single line may have been written with.
const OTHERS: [&[u8]; 6] = [b"\t", b";", b"|", b",", b", ", b" "];

/// The cells of a line of a table of `width` columns: by its own delimiter when that alone gives the right number,
/// without empty cells beyond the last column.
pub(super) fn cells(dialect: &Dialect, line: &str, width: usize) -> Vec<String> {
    let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let mut cells = cut(dialect, line);
    while cells.len() > width && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    if cells.len() != width && width > 2 {
        let others = OTHERS.iter().filter(|other| **other != dialect.delimiter);
        let mut read = others.map(|other| cut(&Dialect { delimiter: other.to_vec(), columns: Vec::new(), ..dialect.clone() }, line));
        let quoted = |cell: &String| dialect.quote.is_some_and(|quote| cell.contains(char::from(quote)));
        if let Some(other) = read.find(|other| other.len() == width && !other.iter().any(quoted)) {
            return other;
        }
    }
    cells
}

fn cut(dialect: &Dialect, line: &str) -> Vec<String> {
    let (mut spans, mut scratch) = (Vec::<Span>::new(), String::new());
    dialect.cut_line(line.as_bytes(), &mut spans);
    let cell = |span: &Span| {
        let raw = line.get(span.start..span.end).unwrap_or_default();
        if !span.escaped {
            return raw.to_owned();
        }
        dialect.unescape(raw, &mut scratch);
        scratch.clone()
    };
    spans.iter().map(cell).collect()
}
