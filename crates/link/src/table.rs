//! Records as they are given: named columns of optional text. They are put into an order of their own making,
//! so that whatever is learnt from them does not depend on the order in which they came.

use std::collections::HashMap;

use hashbrown::HashTable;
use kernel::Text;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::scatter::{Entry, sorted};

/// Columns looked at; records hold more only if nobody asks about the rest.
pub const COLUMNS_MOST: usize = 256;
/// Bytes of a value that count; what follows is cut off.
pub const VALUE_MOST: usize = 1000;

/// Which of two files a record is from. A single file is the left one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    Left,
    Right,
}

/// Why records cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("{}", .0.en)]
    TooWide(Text),
    #[error("{}", .0.en)]
    TooMany(Text),
}

impl LinkError {
    /// What to tell the reader.
    pub fn text(&self) -> &Text {
        match self {
            LinkError::TooWide(text) | LinkError::TooMany(text) => text,
        }
    }
}

/// The values of one column, each distinct one kept once.
pub(crate) struct Column {
    pub name: String,
    /// For each record the number of its value; 0 is none.
    pub codes: Vec<u32>,
    /// The distinct values, former ones among them; the first stands for none.
    pub values: Vec<Box<str>>,
    pub former: Option<Former>,
}

/// What records say that they had in a column before: a former name, an earlier address.
pub(crate) struct Former {
    pub name: String,
    /// For each record the number of its former value among the column's; 0 is none.
    pub codes: Vec<u32>,
}

impl Column {
    pub fn filled(&self) -> usize {
        self.codes.iter().filter(|code| **code != 0).count()
    }

    /// Takes what another column says into its own values: the codes there, renumbered.
    pub fn adopt(&mut self, other: Column) -> Vec<u32> {
        let mut numbers: HashMap<Box<str>, u32> = self.values.iter().cloned().zip(0..).collect();
        let number = |value: Box<str>| {
            *numbers.entry(value).or_insert_with_key(|value| {
                self.values.push(value.clone());
                self.values.len() as u32 - 1
            })
        };
        let renumbered: Vec<u32> = other.values.into_iter().map(number).collect();
        other.codes.into_iter().map(|code| renumbered[code as usize]).collect()
    }

    /// A column of nothing.
    pub fn none() -> Column {
        Column { name: String::new(), codes: Vec::new(), values: vec!["".into()], former: None }
    }
}

/// Records of one or two files.
pub struct Records {
    pub(crate) columns: Vec<Column>,
    pub(crate) ids: Vec<Box<str>>,
    pub(crate) sides: Vec<Side>,
    pub(crate) two: bool,
}

impl Records {
    /// Takes records, whose columns are named as they come.
    pub fn builder() -> Builder {
        Builder { columns: Vec::new(), ids: Vec::new(), sides: Vec::new(), keys: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The id a record came with.
    pub fn id(&self, record: u32) -> &str {
        self.ids.get(record as usize).map_or("", |id| id)
    }

    /// The side a record is from.
    pub fn side(&self, record: u32) -> Side {
        self.sides.get(record as usize).copied().unwrap_or(Side::Left)
    }

    /// Names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The record with this id, the first of them if several have it.
    pub fn find(&self, side: Side, id: &str) -> Option<u32> {
        let at = (0..self.len()).find(|at| self.sides[*at] == side && &*self.ids[*at] == id)?;
        Some(at as u32)
    }

    /// What a record says in a column, counted from 0.
    pub fn value(&self, record: u32, column: usize) -> Option<&str> {
        let column = self.columns.get(column)?;
        match column.codes.get(record as usize).copied()? {
            0 => None,
            code => column.values.get(code as usize).map(|value| &**value),
        }
    }

    /// How many pairs there are to decide: all of one file, or every left with every right record.
    pub(crate) fn pairs(&self) -> f64 {
        let all = self.len() as f64;
        if !self.two {
            return (all * (all - 1.0) / 2.0).abs();
        }
        let left = self.sides.iter().filter(|side| **side == Side::Left).count() as f64;
        left * (all - left)
    }

    /// Whether two records may be a pair at all.
    pub(crate) fn may_pair(&self, a: u32, b: u32) -> bool {
        a != b && (!self.two || self.sides[a as usize] != self.sides[b as usize])
    }
}

/// Takes records one by one.
pub struct Builder {
    columns: Vec<Growing>,
    ids: Vec<Box<str>>,
    sides: Vec<Side>,
    /// A hash of the whole record, by which records are put in order.
    keys: Vec<u64>,
}

impl Builder {
    /// The number of the column with this name, a new one if there is none yet.
    pub fn column(&mut self, name: &str) -> Result<usize, LinkError> {
        if let Some(at) = self.columns.iter().position(|column| column.name == name) {
            return Ok(at);
        }
        if self.columns.len() >= COLUMNS_MOST {
            return Err(LinkError::TooWide(Text::new(
                format!("最多比对 {COLUMNS_MOST} 列；请先选出要比对的列"),
                format!("at most {COLUMNS_MOST} columns can be compared; choose those that matter"),
            )));
        }
        self.columns.push(Growing::new(name.to_owned()));
        Ok(self.columns.len() - 1)
    }

    /// The place for what records had in a column before, under the name that this has.
    pub fn former(&mut self, column: usize, name: &str) -> usize {
        if let Some(column) = self.columns.get_mut(column) {
            column.former.get_or_insert_with(|| Former { name: name.to_owned(), codes: Vec::new() });
        }
        column + COLUMNS_MOST
    }

    /// Adds a record: values with the numbers of their columns. What is not given is none.
    pub fn push<'v>(&mut self, side: Side, id: &str, values: impl IntoIterator<Item = (usize, &'v str)>) -> Result<(), LinkError> {
        if self.ids.len() >= (u32::MAX >> 1) as usize {
            return Err(LinkError::TooMany(Text::new("记录超过二十亿条", "more than two billion records")));
        }
        let mut key = xxh3_64_with_seed(id.as_bytes(), side as u64);
        for (at, value) in values {
            if let Some(column) = self.columns.get_mut(at % COLUMNS_MOST) {
                // Added up, so that the order of columns says nothing either.
                let former = at >= COLUMNS_MOST;
                let hash = column.put(self.ids.len(), value, former);
                let seed = if former { !column.seed } else { column.seed };
                key = key.wrapping_add((hash ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            }
        }
        self.ids.push(id.into());
        self.sides.push(side);
        self.keys.push(key);
        Ok(())
    }

    /// Puts the records in order.
    pub fn build(mut self) -> Records {
        for column in &mut self.columns {
            column.codes.resize(self.ids.len(), 0);
            column.former.iter_mut().for_each(|former| former.codes.resize(self.ids.len(), 0));
        }
        let keys: Vec<Entry> = self.keys.iter().copied().zip(0..).collect();
        let mut order = sorted(&keys);
        // Equal hashes are equal records, or as good as never: then the id decides.
        for equal in order.chunk_by_mut(|a, b| a.0 == b.0).filter(|equal| equal.len() > 1) {
            equal.sort_unstable_by_key(|(_, at)| (self.sides[*at as usize], &self.ids[*at as usize]));
        }
        let order: Vec<u32> = order.into_iter().map(|(_, at)| at).collect();
        let mut columns: Vec<Column> = self.columns.into_iter().map(|column| column.ordered(&order)).collect();
        let mut ids = self.ids;
        let ids = order.iter().map(|at| std::mem::take(&mut ids[*at as usize])).collect();
        let sides: Vec<Side> = order.iter().map(|at| self.sides[*at as usize]).collect();
        let two = sides.contains(&Side::Right);
        if two {
            crate::align::align(&mut columns, &sides);
        }
        Records { columns, ids, sides, two }
    }
}

struct Growing {
    name: String,
    seed: u64,
    codes: Vec<u32>,
    former: Option<Former>,
    values: Vec<Box<str>>,
    /// Hash and number of each value: others are told apart without looking them up.
    known: HashTable<Entry>,
}

impl Growing {
    fn new(name: String) -> Growing {
        Growing { seed: xxh3_64(name.as_bytes()), name, codes: Vec::new(), former: None, values: vec!["".into()], known: HashTable::new() }
    }

    /// Gives a record its value; the first one given stays.
    fn put(&mut self, record: usize, value: &str, former: bool) -> u64 {
        let value = clean(value);
        let codes = match &mut self.former {
            Some(before) if former => &mut before.codes,
            _ => &mut self.codes,
        };
        if value.is_empty() || codes.len() > record {
            return self.seed;
        }
        let hash = xxh3_64(value.as_bytes());
        let values = &mut self.values;
        let code = match self.known.find(hash, |(known, code)| *known == hash && *values[*code as usize] == *value) {
            Some((_, code)) => *code,
            None => {
                let code = values.len() as u32;
                values.push(value.into());
                self.known.insert_unique(hash, (hash, code), |(hash, _)| *hash);
                code
            }
        };
        codes.resize(record, 0);
        codes.push(code);
        hash
    }

    /// The column with its records in this order, and its values numbered as they first appear in it.
    fn ordered(mut self, order: &[u32]) -> Column {
        let mut renumbered = vec![0u32; self.values.len()];
        let mut values: Vec<Box<str>> = vec!["".into()];
        let mut ordered = |codes: &[u32]| -> Vec<u32> {
            let renumber = |at: &u32| {
                let old = codes[*at as usize] as usize;
                if old != 0 && renumbered[old] == 0 {
                    renumbered[old] = values.len() as u32;
                    values.push(std::mem::take(&mut self.values[old]));
                }
                renumbered[old]
            };
            order.iter().map(renumber).collect()
        };
        let codes = ordered(&self.codes);
        let former = self.former.map(|former| Former { codes: ordered(&former.codes), ..former });
        Column { name: self.name, codes, values, former }
    }
}

/// A value without blanks around it and no longer than counts; words for "no value" are none.
fn clean(value: &str) -> &str {
    let value = value.trim();
    // What files of many makes write for it. A match, as every value of every record passes here.
    if matches!(value, "null" | "NULL" | "Null" | "nan" | "NaN" | "None" | "N/A" | "n/a" | "NA" | "#N/A" | "-" | "—" | "--" | "无") {
        return "";
    }
    let value = whole(value);
    let mut end = value.len().min(VALUE_MOST);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value.get(..end).unwrap_or("")
}

/// A whole number as it is: tables that keep a column with gaps as fractions write 1998 as `1998.0`.
fn whole(value: &str) -> &str {
    match value.strip_suffix(".0") {
        Some(number) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => number,
        _ => value,
    }
}
