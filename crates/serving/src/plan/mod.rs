//! Questions that reckon: expressions, groups and aggregates over a version's rows. Who asks gives a plan, never SQL: columns are
//! looked up by name, and values only ever stand as parameters.

mod check;
mod write;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

use crate::{Kind, Operator, ServingError, Shape, Value};

/// What is told of each row, or of each group of rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Column(String),
    /// The row's own number, which is never another row's.
    Number,
    Value(Value),
    /// Over the rows of a group; of nothing only where rows are counted.
    Aggregate(Aggregate, Option<Box<Expr>>),
    Call(Function, Vec<Expr>),
    Compare(Operator, Box<Expr>, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    In(Box<Expr>, Vec<Value>),
    /// `%` is any text, `_` any character, `\` takes the next as it is; case matters.
    Like(Box<Expr>, String),
    Null(Box<Expr>),
}

/// What is reckoned over rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Count,
    CountDistinct,
    Sum,
    Mean,
    Least,
    Greatest,
}

/// What is reckoned of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Add,
    Subtract,
    Multiply,
    /// Never of whole numbers alone; nothing where it is by zero.
    Divide,
    /// Of whole numbers.
    Remainder,
    Negate,
    Absolute,
    /// To the next whole number below.
    Floor,
    /// To the next whole number towards zero.
    Truncate,
    /// To so many digits, 0 to 15.
    Round,
    Lower,
    Upper,
    Length,
    /// Texts, one behind the other.
    Join,
    /// The text has the other in it.
    Contains,
    Year,
    Month,
    Day,
    Hour,
    /// 0 is Sunday.
    Weekday,
    StartOfYear,
    StartOfMonth,
    StartOfDay,
    /// The first that is something.
    Coalesce,
}

/// What is asked of a version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub select: Vec<Expr>,
    pub filter: Option<Expr>,
    pub group: Vec<Expr>,
    pub having: Option<Expr>,
    /// Each with whether it goes downward. Nothing counts as greater than any value.
    pub order: Vec<(Expr, bool)>,
    /// Rows at most.
    pub limit: u64,
    pub offset: u64,
}

/// The rows of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub kinds: Vec<Kind>,
    pub rows: Vec<Vec<Value>>,
}

impl Expr {
    pub fn column(name: &str) -> Expr {
        Expr::Column(name.to_owned())
    }

    pub fn number(number: f64) -> Expr {
        Expr::Value(Value::Number(number))
    }

    /// `self` is at least `low` and less than `high`, or at most that where `closed`.
    pub fn between(self, low: Value, high: Value, closed: bool) -> Expr {
        let below = if closed { Operator::LessEqual } else { Operator::Less };
        Expr::And(vec![
            Expr::Compare(Operator::GreaterEqual, Box::new(self.clone()), Box::new(Expr::Value(low))),
            Expr::Compare(below, Box::new(self), Box::new(Expr::Value(high))),
        ])
    }

    pub fn call(function: Function, of: Vec<Expr>) -> Expr {
        Expr::Call(function, of)
    }

    pub fn aggregate(aggregate: Aggregate, of: Expr) -> Expr {
        Expr::Aggregate(aggregate, Some(Box::new(of)))
    }

    pub fn count() -> Expr {
        Expr::Aggregate(Aggregate::Count, None)
    }
}

/// Rows for a plan. `from` is what stands behind `FROM`, called `r`.
pub(crate) fn tell(db: &Connection, from: &str, shape: &Shape, plan: &Plan) -> Result<Told, ServingError> {
    check::check(plan)?;
    let mut writer = write::Writer::new(shape);
    let (sql, kinds) = writer.select(from, plan)?;
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(writer.parameters)).map_err(overflow)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(overflow)? {
        let mut values = Vec::with_capacity(kinds.len());
        for (kind, place) in kinds.iter().zip(0..) {
            values.push(value(*kind, row.get_ref(place)?).ok_or_else(|| crate::feed::odd(place, row))?);
        }
        rows.push(values);
    }
    Ok(Told { kinds, rows })
}

/// How many rows fulfil a condition.
pub(crate) fn count(db: &Connection, from: &str, shape: &Shape, filter: &Expr) -> Result<u64, ServingError> {
    let plan = Plan { select: vec![Expr::count()], filter: Some(filter.clone()), limit: 1, ..Plan::default() };
    let told = tell(db, from, shape, &plan)?;
    Ok(match told.rows.first().and_then(|row| row.first()) {
        Some(Value::Integer(rows)) => rows.unsigned_abs(),
        _ => 0,
    })
}

/// A number that was reckoned may have come as the other kind of number.
fn value(kind: Kind, stored: ValueRef<'_>) -> Option<Value> {
    match (kind, stored) {
        (Kind::Integer | Kind::Decimal { .. }, ValueRef::Real(number)) => Some(Value::Number(number)),
        (Kind::Number, ValueRef::Integer(number)) => Some(Value::Number(number as f64)),
        _ => kind.read(stored),
    }
}

/// What SQLite says of a sum that no whole number of 64 bits can be.
fn overflow(error: rusqlite::Error) -> ServingError {
    match &error {
        rusqlite::Error::SqliteFailure(_, Some(message)) if message.contains("integer overflow") => {
            ServingError::Limit("a sum is greater than a whole number of 64 bits can be".to_owned())
        }
        _ => error.into(),
    }
}
