//! Writes a plan as SQL: each expression with the kind of its values, so that what does not fit is refused before anything is read.

use rusqlite::types::Value as Stored;

use super::{Aggregate, Expr, Function, Plan, check};
use crate::condition::balanced;
use crate::{Kind, Operator, ServingError, Shape, Value};

/// How deep expressions may stand in one another, and how many parts and values a plan may have.
const NESTED: usize = 64;
const PARTS: usize = 10_000;
/// Characters of a pattern, as for conditions.
const PATTERN: usize = 1000;

pub(super) struct Writer<'w> {
    shape: &'w Shape,
    pub parameters: Vec<Stored>,
    parts: usize,
}

type Written = (String, Kind);

impl Writer<'_> {
    pub fn new(shape: &Shape) -> Writer<'_> {
        Writer { shape, parameters: Vec::new(), parts: 0 }
    }

    /// The statement, and the kinds of what it tells. Parts are written in the order in which their parameters stand.
    pub fn select(&mut self, from: &str, plan: &Plan) -> Result<(String, Vec<Kind>), ServingError> {
        let (told, kinds): (Vec<String>, Vec<Kind>) = plan.select.iter().map(|expr| self.write(expr, 0)).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        if told.is_empty() {
            return Err(ServingError::Operand { of: "select", expected: "something" });
        }
        let mut sql = format!("SELECT {} FROM {from}", told.join(", "));
        if let Some(filter) = &plan.filter {
            sql.push_str(&format!(" WHERE {}", self.condition(filter, "where", 0)?));
        }
        if !plan.group.is_empty() {
            let group: Vec<String> = plan.group.iter().map(|expr| Ok(self.write(expr, 0)?.0)).collect::<Result<_, ServingError>>()?;
            // A number alone would be the place of a column.
            sql.push_str(&format!(" GROUP BY {}", group.iter().map(|one| format!("+{one}")).collect::<Vec<_>>().join(", ")));
        }
        if let Some(having) = &plan.having {
            sql.push_str(&format!(" HAVING {}", self.condition(having, "having", 0)?));
        }
        let mut order = Vec::new();
        for (expr, downward) in &plan.order {
            let way = if *downward { " DESC NULLS FIRST" } else { " NULLS LAST" };
            let one = self.write(expr, 0)?.0;
            // A column alone can be read along its index.
            order.push(if matches!(expr, Expr::Column(_)) { format!("{one}{way}") } else { format!("+{one}{way}") });
        }
        if !order.is_empty() && !check::is_grouped(plan) {
            order.push("r.n".to_owned());
        }
        if !order.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", order.join(", ")));
        }
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        sql.push_str(&format!(" LIMIT {} OFFSET {}", number(plan.limit), number(plan.offset)));
        Ok((sql, kinds))
    }

    fn condition(&mut self, expr: &Expr, of: &'static str, depth: usize) -> Result<String, ServingError> {
        match self.write(expr, depth)? {
            (sql, Kind::Boolean) => Ok(sql),
            _ => Err(ServingError::Operand { of, expected: "a condition" }),
        }
    }

    fn write(&mut self, expr: &Expr, depth: usize) -> Result<Written, ServingError> {
        self.parts += 1;
        if depth > NESTED || self.parts > PARTS {
            return Err(ServingError::Limit(format!("at most {NESTED} expressions may stand in one another, and {PARTS} together")));
        }
        let deeper = depth + 1;
        Ok(match expr {
            Expr::Column(name) => self.shape.find(name)?,
            Expr::Number => ("r.n".to_owned(), Kind::Integer),
            Expr::Value(value) => self.literal(value),
            Expr::Aggregate(aggregate, of) => self.aggregate(*aggregate, of.as_deref(), deeper)?,
            Expr::Call(function, parts) => self.call(*function, parts, deeper)?,
            Expr::Compare(operator, left, right) => (self.compare(*operator, left, right, deeper)?, Kind::Boolean),
            Expr::And(parts) => (self.several(parts, "and", " AND ", "1", deeper)?, Kind::Boolean),
            Expr::Or(parts) => (self.several(parts, "or", " OR ", "0", deeper)?, Kind::Boolean),
            Expr::Not(part) => (format!("(NOT {})", self.condition(part, "not", deeper)?), Kind::Boolean),
            Expr::In(of, values) => (self.one_of(of, values, deeper)?, Kind::Boolean),
            Expr::Like(of, pattern) => (self.like(of, pattern, deeper)?, Kind::Boolean),
            Expr::Null(of) => (format!("({} IS NULL)", self.write(of, deeper)?.0), Kind::Boolean),
        })
    }

    fn literal(&mut self, value: &Value) -> Written {
        let (stored, kind) = match value {
            Value::Null => (Stored::Null, Kind::Text),
            Value::Integer(number) => (Stored::Integer(*number), Kind::Integer),
            Value::Number(number) => (Stored::Real(*number), Kind::Number),
            Value::Decimal { .. } => (Stored::Real(value.text().parse().unwrap_or_default()), Kind::Number),
            Value::Boolean(yes) => (Stored::Integer(i64::from(*yes)), Kind::Boolean),
            Value::Text(text) => (Stored::Text(text.clone()), Kind::Text),
        };
        self.parameters.push(stored);
        ("?".to_owned(), kind)
    }

    fn several(&mut self, parts: &[Expr], of: &'static str, word: &str, none: &str, depth: usize) -> Result<String, ServingError> {
        let parts: Vec<String> = parts.iter().map(|part| self.condition(part, of, depth)).collect::<Result<_, _>>()?;
        Ok(if parts.is_empty() { none.to_owned() } else { balanced(&parts, word) })
    }

    /// A value is read as what it is compared with, so that a day is a day and an index is used.
    fn compare(&mut self, operator: Operator, left: &Expr, right: &Expr, depth: usize) -> Result<String, ServingError> {
        let word = operator.sql();
        match (left, right) {
            (Expr::Value(value), right) if !matches!(right, Expr::Value(_)) => {
                // The value's parameter stands before what it is compared with, yet is read as that.
                let at = self.parameters.len();
                let (sql, kind) = self.write(right, depth)?;
                let stored = kind.store(&named(right), value)?;
                self.parameters.insert(at, stored);
                Ok(format!("(? {word} {sql})"))
            }
            (left, Expr::Value(value)) if !matches!(left, Expr::Value(_)) => {
                let (sql, kind) = self.write(left, depth)?;
                self.parameters.push(kind.store(&named(left), value)?);
                Ok(format!("({sql} {word} ?)"))
            }
            _ => {
                let ((left, first), (right, second)) = (self.write(left, depth)?, self.write(right, depth)?);
                match first == second {
                    true => Ok(format!("({left} {word} {right})")),
                    false => Ok(format!("({} {word} {})", figure((left, first), "comparison")?, figure((right, second), "comparison")?)),
                }
            }
        }
    }

    fn one_of(&mut self, of: &Expr, values: &[Value], depth: usize) -> Result<String, ServingError> {
        self.parts += values.len();
        let (sql, kind) = self.write(of, depth)?;
        for value in values {
            self.parameters.push(kind.store(&named(of), value)?);
        }
        Ok(if values.is_empty() { "0".to_owned() } else { format!("({sql} IN ({}))", vec!["?"; values.len()].join(", ")) })
    }

    fn like(&mut self, of: &Expr, pattern: &str, depth: usize) -> Result<String, ServingError> {
        if pattern.chars().count() > PATTERN {
            return Err(ServingError::Limit(format!("a pattern has at most {PATTERN} characters")));
        }
        if let Expr::Column(name) = of {
            // Written as a range where it can be, which an index finds.
            let condition = crate::Condition::Like { column: name.clone(), pattern: pattern.to_owned(), negated: false };
            return crate::condition::sql(&condition, self.shape, &mut self.parameters);
        }
        let sql = self.text(of, "like", depth)?;
        self.parameters.push(Stored::Text(pattern.to_owned()));
        Ok(format!("({sql} LIKE ? ESCAPE '\\')"))
    }

    fn aggregate(&mut self, aggregate: Aggregate, of: Option<&Expr>, depth: usize) -> Result<Written, ServingError> {
        let Some(of) = of else {
            return match aggregate {
                Aggregate::Count => Ok(("count(*)".to_owned(), Kind::Integer)),
                _ => Err(ServingError::Operand { of: "aggregate", expected: "a column" }),
            };
        };
        let (sql, kind) = self.write(of, depth)?;
        Ok(match (aggregate, kind) {
            (Aggregate::Count, _) => (format!("count({sql})"), Kind::Integer),
            (Aggregate::CountDistinct, _) => (format!("count(DISTINCT {sql})"), Kind::Integer),
            (Aggregate::Sum, Kind::Integer | Kind::Number | Kind::Decimal { .. }) => (format!("sum({sql})"), kind),
            (Aggregate::Mean, _) => (format!("avg({})", figure((sql, kind), "avg")?), Kind::Number),
            (Aggregate::Least, _) => (format!("min({sql})"), kind),
            (Aggregate::Greatest, _) => (format!("max({sql})"), kind),
            (Aggregate::Sum, _) => return Err(ServingError::Operand { of: "sum", expected: "a number" }),
        })
    }

    fn text(&mut self, of: &Expr, name: &'static str, depth: usize) -> Result<String, ServingError> {
        match self.write(of, depth)? {
            (sql, Kind::Text) => Ok(sql),
            _ => Err(ServingError::Operand { of: name, expected: "a text" }),
        }
    }

    fn call(&mut self, function: Function, parts: &[Expr], depth: usize) -> Result<Written, ServingError> {
        use Function as F;
        Ok(match (function, parts) {
            (F::Add | F::Subtract | F::Multiply | F::Divide | F::Remainder, [left, right]) => self.reckon(function, left, right, depth)?,
            (F::Negate | F::Absolute, [of]) => {
                let (sql, kind) = self.write(of, depth)?;
                let sql = figure((sql, kind), "-")?;
                // A number that has no negative is none.
                let sign = if function == F::Negate { format!("(-{sql})") } else { format!("abs(1.0 * {sql})") };
                (sign, if function == F::Negate && kind == Kind::Integer { Kind::Integer } else { Kind::Number })
            }
            (F::Floor, [of]) => {
                let sql = figure(self.write(of, depth)?, "floor")?;
                let again = self.again(of, depth)?;
                (format!("(CAST({sql} AS INTEGER) - ({again} < CAST({} AS INTEGER)))", self.again(of, depth)?), Kind::Integer)
            }
            (F::Truncate, [of]) => (format!("CAST({} AS INTEGER)", figure(self.write(of, depth)?, "floor")?), Kind::Integer),
            (F::Round, [of, Expr::Value(Value::Integer(digits @ 0..=15))]) => {
                (format!("round({}, {digits})", figure(self.write(of, depth)?, "round")?), Kind::Number)
            }
            (F::Round, [of]) => (format!("round({})", figure(self.write(of, depth)?, "round")?), Kind::Number),
            (F::Lower, [of]) => (format!("lower({})", self.text(of, "lower", depth)?), Kind::Text),
            (F::Upper, [of]) => (format!("upper({})", self.text(of, "upper", depth)?), Kind::Text),
            (F::Length, [of]) => (format!("length({})", self.text(of, "length", depth)?), Kind::Integer),
            (F::Join, [left, right]) => (format!("({} || {})", self.text(left, "||", depth)?, self.text(right, "||", depth)?), Kind::Text),
            (F::Contains, [of, part]) => (format!("(instr({}, {}) > 0)", self.text(of, "contains", depth)?, self.text(part, "contains", depth)?), Kind::Boolean),
            (F::Year | F::Month | F::Day | F::Hour | F::Weekday, [of]) => {
                let letter = match function {
                    F::Year => "%Y",
                    F::Month => "%m",
                    F::Day => "%d",
                    F::Hour => "%H",
                    _ => "%w",
                };
                let (seconds, _) = self.seconds(of, depth)?;
                (format!("CAST(strftime('{letter}', {seconds}, 'unixepoch') AS INTEGER)"), Kind::Integer)
            }
            (F::StartOfYear | F::StartOfMonth | F::StartOfDay, [of]) => self.start(function, of, depth)?,
            (F::Coalesce, [first, rest @ ..]) if !rest.is_empty() && rest.len() < 100 => {
                let (sql, kind) = self.write(first, depth)?;
                let mut all = vec![sql];
                for one in rest {
                    let (sql, other) = match one {
                        Expr::Value(value) => {
                            self.parameters.push(kind.store("coalesce", value)?);
                            ("?".to_owned(), kind)
                        }
                        one => self.write(one, depth)?,
                    };
                    if other != kind {
                        return Err(ServingError::Operand { of: "coalesce", expected: "values of one kind" });
                    }
                    all.push(sql);
                }
                (format!("coalesce({})", all.join(", ")), kind)
            }
            _ => return Err(ServingError::Operand { of: "function", expected: "the number of arguments that it takes" }),
        })
    }

    /// Once more, with its parameters.
    fn again(&mut self, of: &Expr, depth: usize) -> Result<String, ServingError> {
        figure(self.write(of, depth)?, "floor")
    }

    fn reckon(&mut self, function: Function, left: &Expr, right: &Expr, depth: usize) -> Result<Written, ServingError> {
        let (left, right) = (self.write(left, depth)?, self.write(right, depth)?);
        let kind = if left.1 == Kind::Integer && right.1 == Kind::Integer { Kind::Integer } else { Kind::Number };
        let (left, right) = (figure(left, "arithmetic")?, figure(right, "arithmetic")?);
        Ok(match function {
            Function::Add => (format!("({left} + {right})"), kind),
            Function::Subtract => (format!("({left} - {right})"), kind),
            Function::Multiply => (format!("({left} * {right})"), kind),
            Function::Divide => (format!("(1.0 * {left} / {right})"), Kind::Number),
            _ if kind == Kind::Integer => (format!("({left} % {right})"), kind),
            _ => return Err(ServingError::Operand { of: "%", expected: "whole numbers" }),
        })
    }

    /// Seconds since 1970.
    fn seconds(&mut self, of: &Expr, depth: usize) -> Result<Written, ServingError> {
        match self.write(of, depth)? {
            (sql, Kind::Date) => Ok((format!("({sql} * 86400)"), Kind::Date)),
            (sql, kind @ Kind::Moment { .. }) => Ok((format!("({sql} / 1000000)"), kind)),
            _ => Err(ServingError::Operand { of: "date function", expected: "a date or a moment" }),
        }
    }

    fn start(&mut self, function: Function, of: &Expr, depth: usize) -> Result<Written, ServingError> {
        let of_what = match function {
            Function::StartOfYear => "year",
            Function::StartOfMonth => "month",
            _ => "day",
        };
        let (seconds, kind) = self.seconds(of, depth)?;
        let begun = format!("CAST(strftime('%s', {seconds}, 'unixepoch', 'start of {of_what}') AS INTEGER)");
        // Where there is no date, nothing begins.
        Ok(match kind {
            Kind::Date => (format!("({begun} / 86400)"), kind),
            _ => (format!("({begun} * 1000000)"), kind),
        })
    }
}

/// A number as it is read, not in the units in which it is kept.
fn figure((sql, kind): Written, of: &'static str) -> Result<String, ServingError> {
    match kind {
        Kind::Integer | Kind::Number => Ok(sql),
        Kind::Decimal { scale } => Ok(format!("({sql} / 1e{scale})")),
        _ => Err(ServingError::Operand { of, expected: "a number" }),
    }
}

/// What a value was compared with, in a message.
fn named(expr: &Expr) -> String {
    match expr {
        Expr::Column(name) => name.clone(),
        Expr::Number => ":id".to_owned(),
        other => check::parts(other).first().map(|part| named(part)).unwrap_or_default(),
    }
}
