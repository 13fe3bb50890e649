//! Any table of texts, written as delimited text in any dialect and encoding, reads back equal; and reading may
//! stop and go on anywhere.

use collect::read::{ReadOptions, open_at};
use proptest::prelude::*;

use crate::load::{drain, load};

#[derive(Clone, Debug)]
struct Written {
    rows: Vec<Vec<String>>,
    delimiter: &'static str,
    newline: &'static str,
    encoding: &'static str,
    quote_all: bool,
    last_newline: bool,
}

/// Characters that every encoding tried here has.
fn cell() -> impl Strategy<Value = String> {
    let any = prop_oneof![
        4 => "[a-z0-9 ]{0,8}",
        3 => "[宁波市海曙区鄞州第一医院]{0,6}",
        3 => "[,;|\\t\"'\\\\\n\r .]{0,5}",
        1 => "[a-z\"\n,\\\\]{0,40}",
    ];
    any.prop_map(|s| s.to_owned())
}

fn written() -> impl Strategy<Value = Written> {
    (2usize..6).prop_flat_map(|width| {
        let row = proptest::collection::vec(cell(), width);
        (
            proptest::collection::vec(row, 1..20),
            prop_oneof![Just(","), Just("\t"), Just(";"), Just("|"), Just("^"), Just("||"), Just(", "), Just("\u{1}")],
            prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
            prop_oneof![Just("utf-8"), Just("gb18030"), Just("utf-16le"), Just("utf-16be"), Just("big5")],
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(mut rows, delimiter, newline, encoding, quote_all, last_newline)| {
                // What makes a line a title, a note, a blank or the header again is not what is tested here.
                for (index, row) in rows.iter_mut().enumerate() {
                    row[1] = format!("x{index}{}", row[1]);
                }
                Written { rows, delimiter, newline, encoding, quote_all, last_newline }
            })
    })
}

impl Written {
    fn text(&self) -> String {
        let header: Vec<String> = (0..self.rows[0].len()).map(|i| format!("f{i}")).collect();
        let mut out = String::new();
        for (index, row) in std::iter::once(&header).chain(&self.rows).enumerate() {
            if index > 0 {
                out.push_str(self.newline);
            }
            let cells: Vec<String> = row.iter().map(|c| self.quote(c)).collect();
            out.push_str(&cells.join(self.delimiter));
        }
        if self.last_newline {
            out.push_str(self.newline);
        }
        out
    }

    fn quote(&self, cell: &str) -> String {
        if self.quote_all || cell.contains(|c| self.delimiter.contains(c) || matches!(c, '"' | '\n' | '\r')) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.to_owned()
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let text = self.text();
        match self.encoding {
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            label => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text).0.into_owned(),
        }
    }

    fn options(&self) -> ReadOptions {
        ReadOptions {
            encoding: Some(self.encoding.to_owned()),
            delimiter: Some(self.delimiter.to_string()),
            header: Some(1),
            format: Some(data::declare::Format::Delimited),
            ..ReadOptions::default()
        }
    }
}

/// `PROPTEST_CASES` asks for more than the usual number.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}

/// Apostrophes at the ends of values, beside quoted values with line ends: what would make the lines disagree quotes nothing.
#[test]
fn apostrophes_in_values_quote_nothing() {
    let rows = [
        ["", "x0'", "", ""], ["''", "x1", "", ""], ["", "x2", "", ""], ["", "x3", "", ""], ["", "x4", "", "\r'"],
        ["", "x5", "", "''"], ["", "x6", "", ""], ["|\n", "x7", "", ""], ["", "x8", "\t\r", ""],
    ];
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
    let table = Written { rows, delimiter: "^", newline: "\n", encoding: "utf-8", quote_all: false, last_newline: false };
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), table.bytes()).unwrap();
    let found = load(file.path(), &table.options()).unwrap();
    let expected: Vec<Vec<Option<String>>> = table.rows.iter().map(|r| r.iter().cloned().map(Some).collect()).collect();
    assert_eq!(found.rows, expected);
    for done in 0..=9 {
        let mut source = open_at(file.path(), "t.csv", &table.options(), done as u64).unwrap();
        let mut rest = Vec::new();
        while let Some(batch) = source.next(1).unwrap() {
            rest.push(batch.columns[1].value(0).to_owned());
        }
        let names: Vec<&str> = table.rows[done..].iter().map(|row| row[1].as_str()).collect();
        assert_eq!(rest, names, "{done}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn any_table_reads_back_equal(table in written()) {
        // Traditional characters only exist in part; simplified ones not at all in Big5.
        let table = if table.encoding == "big5" {
            Written { rows: table.rows.iter().map(|r| r.iter().map(|c| c.chars().filter(char::is_ascii).collect()).collect()).collect(), ..table }
        } else {
            table
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes = table.bytes();
        std::fs::write(file.path(), &bytes).unwrap();
        let found = load(file.path(), &table.options()).unwrap();
        let expected: Vec<Vec<Option<String>>> = table.rows.iter().map(|r| r.iter().cloned().map(Some).collect()).collect();
        prop_assert_eq!(&found.rows, &expected, "{:?} {:?}", table.text(), found.faults);
        // The original bytes of all records are the file without its header.
        let all: Vec<u8> = found.bytes.concat();
        prop_assert!(bytes.ends_with(&all));
        prop_assert!(found.lines.is_sorted());
    }

    #[test]
    fn reading_goes_on_where_it_stopped(table in written(), done in 0usize..25, step in 1usize..7) {
        let table = if table.encoding == "big5" { Written { encoding: "gb18030", ..table } } else { table };
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), table.bytes()).unwrap();
        let mut source = open_at(file.path(), "t.csv", &table.options(), done as u64).unwrap();
        let mut rest = Vec::new();
        while let Some(batch) = source.next(step).unwrap() {
            rest.extend((0..batch.rows()).map(|row| batch.columns[1].value(row).to_owned()));
        }
        let expected: Vec<String> = table.rows.iter().skip(done).map(|r| r[1].clone()).collect();
        prop_assert_eq!(rest, expected);
        let mark = source.position().files["t.csv"].clone();
        prop_assert!(mark.complete);
        prop_assert_eq!(mark.rows, table.rows.len() as u64);
    }

    /// No bytes whatever make a reader crash or run away.
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..600), head in 0usize..9) {
        let heads: [&[u8]; 9] = [b"", b"{\"a\":[", b"[{\"a\":1},", b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"\x1f\x8b\x08", b"PAR1", b"INSERT INTO t VALUES (", b"a,b\n\"1,"];
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [heads[head], &bytes].concat()).unwrap();
        if let Ok(mut source) = open_at(file.path(), "t", &ReadOptions::default(), 0) {
            let _ = drain_quietly(&mut *source);
        }
    }
}

fn drain_quietly(source: &mut dyn collect::Source) -> Result<(), collect::CollectError> {
    drain(source, 100).map(|_| ())
}
