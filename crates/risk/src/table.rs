//! Rows as they are given: named columns of optional text, each value kept once.
//!
//! Memory: four bytes a row and column, and for each distinct value of a column its text and about thirty bytes. Beyond
//! [`KEPT_MOST`] distinct values of a column further ones are known by a hash of 64 bits only.

use hashbrown::HashTable;
use kernel::Text;
use xxhash_rust::xxh3::xxh3_64;

/// Columns of a table.
pub const COLUMNS_MOST: usize = 512;
/// Distinct values of a column whose text is kept.
pub const KEPT_MOST: usize = 1 << 22;
/// Bytes of text that a column keeps.
const TEXT_MOST: usize = 1 << 29;
/// Bytes of a value that are kept; a longer one is still told apart by all of it.
const VALUE_MOST: usize = 1000;
const ROWS_MOST: usize = (u32::MAX >> 1) as usize;

/// Why rows cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum RiskError {
    #[error("{}", .0.en)]
    TooWide(Text),
    #[error("{}", .0.en)]
    TooMany(Text),
}

impl RiskError {
    /// What to tell the reader.
    pub fn text(&self) -> &Text {
        match self {
            RiskError::TooWide(text) | RiskError::TooMany(text) => text,
        }
    }
}

fn too_many() -> RiskError {
    RiskError::TooMany(Text::new("记录超过二十亿条", "more than two billion rows"))
}

fn too_wide() -> RiskError {
    RiskError::TooWide(Text::new(
        format!("最多测量 {COLUMNS_MOST} 列；请先选出要公开的列"),
        format!("at most {COLUMNS_MOST} columns can be measured; choose those that are to be opened"),
    ))
}

/// A column: for each row the number of its value.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    /// 0 is no value. A missing value is a value of its own: who knows somebody knows that it is missing.
    pub codes: Vec<u32>,
    /// How many numbers there are, that of the missing value among them.
    pub count: u32,
    /// How many rows have each number.
    pub rows: Vec<u32>,
    kept: Kept,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    text: String,
    ends: Vec<u32>,
}

impl Kept {
    fn get(&self, code: u32) -> Option<&str> {
        let at = (code as usize).checked_sub(1)?;
        let begin = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(begin..*self.ends.get(at)? as usize)
    }

    /// Keeps the beginning of a value; `false` when there is no room for it.
    fn put(&mut self, value: &str) -> bool {
        let mut end = value.len().min(VALUE_MOST);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        let room = self.ends.len() < KEPT_MOST && self.text.len() + end <= TEXT_MOST;
        if room {
            self.text.push_str(value.get(..end).unwrap_or_default());
            self.ends.push(self.text.len() as u32);
        }
        room
    }
}

impl Column {
    /// The text of a value; `None` of the missing one, and of those that are known by their hash only.
    pub fn text(&self, code: u32) -> Option<&str> {
        self.kept.get(code)
    }

    pub fn value(&self, row: usize) -> Option<&str> {
        self.text(*self.codes.get(row)?)
    }

    /// Whether every value can be read again.
    pub fn is_read(&self) -> bool {
        self.kept.ends.len() + 1 == self.count as usize
    }

    /// Distinct values, without the missing one.
    pub fn distinct(&self) -> u32 {
        self.count - 1
    }

    /// Rows that have a value.
    pub fn filled(&self) -> u64 {
        self.rows.iter().skip(1).map(|rows| u64::from(*rows)).sum()
    }

    /// The texts that are kept, in the order in which they came.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        (1..=self.kept.ends.len() as u32).filter_map(|code| self.kept.get(code))
    }
}

/// Rows that have been taken.
#[derive(Clone, Debug)]
pub struct Table {
    pub columns: Vec<Column>,
    rows: usize,
}

impl Table {
    pub fn builder<S: AsRef<str>>(names: &[S]) -> Result<Builder, RiskError> {
        if names.len() > COLUMNS_MOST {
            return Err(too_wide());
        }
        let columns = names.iter().map(|name| Growing::new(name.as_ref())).collect();
        Ok(Builder { columns, rows: 0 })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// Takes rows one by one.
pub struct Builder {
    columns: Vec<Growing>,
    rows: usize,
}

struct Growing {
    name: String,
    codes: Vec<u32>,
    rows: Vec<u32>,
    kept: Kept,
    full: bool,
    known: HashTable<(u64, u32)>,
}

impl Growing {
    fn new(name: &str) -> Growing {
        Growing { name: name.to_owned(), codes: Vec::new(), rows: vec![0], kept: Kept::default(), full: false, known: HashTable::new() }
    }

    fn put(&mut self, value: &str) {
        let hash = xxh3_64(value.as_bytes());
        let kept = &self.kept;
        // A text that was cut off, or not kept, is told by its hash.
        let same = |code: u32| kept.get(code).is_none_or(|text| text == value || value.len() > VALUE_MOST);
        let code = match self.known.find(hash, |(known, code)| *known == hash && same(*code)) {
            Some((_, code)) => *code,
            None => {
                let code = self.rows.len() as u32;
                // Once one was not kept none is: the numbers of texts are those of values.
                self.full = self.full || !self.kept.put(value);
                self.rows.push(0);
                self.known.insert_unique(hash, (hash, code), |(hash, _)| *hash);
                code
            }
        };
        self.take(code);
    }

    fn take(&mut self, code: u32) {
        self.codes.push(code);
        if let Some(rows) = self.rows.get_mut(code as usize) {
            *rows += 1;
        }
    }
}

impl Builder {
    /// The place of a column with this name: a new one, empty so far, if there is none yet.
    pub fn column(&mut self, name: &str) -> Result<usize, RiskError> {
        if let Some(at) = self.columns.iter().position(|column| column.name == name) {
            return Ok(at);
        }
        if self.columns.len() >= COLUMNS_MOST {
            return Err(too_wide());
        }
        let mut column = Growing::new(name);
        column.codes.resize(self.rows, 0);
        column.rows = vec![self.rows as u32];
        self.columns.push(column);
        Ok(self.columns.len() - 1)
    }

    /// Adds a row: its values in the order of the columns. An empty text is no value, and so is what is not given.
    pub fn push<'v>(&mut self, values: impl IntoIterator<Item = Option<&'v str>>) -> Result<(), RiskError> {
        self.put(values.into_iter().enumerate())
    }

    /// Adds a row: values with the places of their columns. What is not given is no value, and what is given twice stays as
    /// it was given first.
    pub fn put<'v>(&mut self, values: impl IntoIterator<Item = (usize, Option<&'v str>)>) -> Result<(), RiskError> {
        if self.rows >= ROWS_MOST {
            return Err(too_many());
        }
        self.rows += 1;
        for (at, value) in values {
            match (self.columns.get_mut(at).filter(|column| column.codes.len() < self.rows), value) {
                (Some(column), Some(value)) if !value.is_empty() => column.put(value),
                _ => {}
            }
        }
        for column in self.columns.iter_mut().filter(|column| column.codes.len() < self.rows) {
            column.take(0);
        }
        Ok(())
    }

    pub fn build(self) -> Table {
        let columns = self.columns.into_iter().map(|column| {
            let Growing { name, codes, rows, kept, .. } = column;
            Column { name, codes, count: rows.len() as u32, rows, kept }
        });
        Table { columns: columns.collect(), rows: self.rows }
    }
}
