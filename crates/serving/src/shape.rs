//! What a copy's columns are, by which of them a row is known, and by which it is found.

use std::collections::HashSet;

use arrow_schema::{DataType, Schema, TimeUnit};
use serde::{Deserialize, Serialize};

use crate::ServingError;

/// The column that tells rows apart in a copy without a key: a whole number that a row keeps as long as it is there,
/// over builds too, and that no other row is ever given. It can be asked for, compared and ordered by like any other.
pub const ROW: &str = "_row";

/// SQLite takes two thousand; a statement of ours names each at most twice.
const COLUMNS: usize = 1000;

/// How the values of a column are kept and told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Text,
    /// Any whole number of at most 64 bits with a sign.
    Integer,
    /// A float. What is not a number is kept as nothing; the two zeros are one.
    Number,
    /// A number with `scale` digits after the point, whose units fit 64 bits.
    Decimal { scale: u8 },
    Boolean,
    /// Kept as days since 1970, told as `2026-01-31`.
    Date,
    /// Kept as microseconds since 1970, told as `2026-01-31T08:00:00Z`, and without the `Z` if the column has no zone.
    Moment { zoned: bool },
    /// Sixteen bytes, told as 32 hexadecimal digits.
    Hash,
}

impl Kind {
    /// The kind for an Arrow type; `None` for one that cannot be kept.
    pub fn of(kind: &DataType) -> Option<Kind> {
        Some(match kind {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
            kind if kind.is_integer() => Kind::Integer,
            DataType::Float64 | DataType::Float32 => Kind::Number,
            DataType::Boolean => Kind::Boolean,
            DataType::Decimal128(_, scale @ 0..=38) => Kind::Decimal { scale: u8::try_from(*scale).ok()? },
            DataType::Date32 => Kind::Date,
            DataType::Timestamp(TimeUnit::Microsecond, zone) => Kind::Moment { zoned: zone.is_some() },
            DataType::FixedSizeBinary(16) | DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Kind::Hash,
            _ => return None,
        })
    }

    pub(crate) fn sql(self) -> &'static str {
        match self {
            Kind::Text => "TEXT",
            Kind::Number => "REAL",
            Kind::Hash => "BLOB",
            Kind::Integer | Kind::Decimal { .. } | Kind::Boolean | Kind::Date | Kind::Moment { .. } => "INTEGER",
        }
    }
}

/// A column of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// What a copy looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    pub columns: Vec<Column>,
    /// By which a row is known; none of them may be empty in any row. Without a key rows are counted, and known by [`ROW`].
    pub key: Vec<String>,
    /// By which rows are found, besides the key.
    pub indexes: Vec<Vec<String>>,
}

impl Shape {
    /// The shape of a table with these columns. Errors: a type that cannot be kept, a name that is not there or there twice.
    pub fn of(schema: &Schema, key: &[&str], indexes: &[&[&str]]) -> Result<Shape, ServingError> {
        let column = |field: &arrow_schema::FieldRef| match Kind::of(field.data_type()) {
            Some(kind) => Ok(Column { name: field.name().clone(), kind }),
            None => Err(ServingError::Kind { column: field.name().clone(), found: field.data_type().to_string() }),
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let columns = schema.fields().iter().map(column).collect::<Result<_, _>>()?;
        let shape = Shape { columns, key: names(key), indexes: indexes.iter().map(|index| names(index)).collect() };
        shape.check()?;
        Ok(shape)
    }

    /// Whether rows are known by a key.
    pub fn is_keyed(&self) -> bool {
        !self.key.is_empty()
    }

    /// Whether rows of this shape and of another are known and told alike, so that a feed can go on.
    pub fn is_alike(&self, other: &Shape) -> bool {
        self.columns == other.columns && self.key == other.key
    }

    /// Refuses a shape that contradicts itself.
    pub(crate) fn check(&self) -> Result<(), ServingError> {
        if self.columns.is_empty() || self.columns.len() > COLUMNS {
            return Err(ServingError::Shape(format!("a copy has 1 to {COLUMNS} columns, not {}", self.columns.len())));
        }
        once(self.columns.iter().map(|column| &column.name))?;
        if !self.is_keyed() && self.columns.iter().any(|column| column.name == ROW) {
            return Err(ServingError::Shape(format!("{ROW} is the name of what tells rows apart, and cannot be a column")));
        }
        for list in std::iter::once(&self.key).chain(&self.indexes) {
            once(list.iter())?;
            list.iter().try_for_each(|name| self.place(name).map(drop))?;
        }
        match self.indexes.iter().any(Vec::is_empty) {
            true => Err(ServingError::Shape("an index without columns".to_owned())),
            false => Ok(()),
        }
    }

    /// Where a column stands.
    pub(crate) fn place(&self, name: &str) -> Result<usize, ServingError> {
        self.columns.iter().position(|column| column.name == name).ok_or_else(|| ServingError::Column(name.to_owned()))
    }

    /// Where the columns of the key stand.
    pub(crate) fn key_places(&self) -> Vec<usize> {
        self.key.iter().filter_map(|name| self.place(name).ok()).collect()
    }

    /// Kinds of what the feed knows a row by.
    pub(crate) fn key_kinds(&self) -> Vec<Kind> {
        match self.is_keyed() {
            true => self.key_places().into_iter().filter_map(|place| Some(self.columns.get(place)?.kind)).collect(),
            false => vec![Kind::Integer],
        }
    }

    /// A column as statements call it, of the table that is called `r` there. Columns are called by their place: names
    /// that differ only in case stay two, and none of them is ever part of a statement.
    pub(crate) fn find(&self, name: &str) -> Result<(String, Kind), ServingError> {
        if name == ROW && !self.is_keyed() {
            return Ok(("r.rowid".to_owned(), Kind::Integer));
        }
        let place = self.place(name)?;
        let column = self.columns.get(place).ok_or_else(|| ServingError::Column(name.to_owned()))?;
        Ok((format!("r.c{place}"), column.kind))
    }

    /// The columns asked for; all if none is named.
    pub(crate) fn found(&self, names: &[String]) -> Result<Vec<(String, Kind)>, ServingError> {
        match names.is_empty() {
            true => Ok(self.columns.iter().zip(0..).map(|(column, place)| (format!("r.c{place}"), column.kind)).collect()),
            false => names.iter().map(|name| self.find(name)).collect(),
        }
    }
}

fn once<'n>(mut names: impl Iterator<Item = &'n String>) -> Result<(), ServingError> {
    let mut seen = HashSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(name) => Err(ServingError::Shape(format!("the column {name} is named twice"))),
        None => Ok(()),
    }
}
