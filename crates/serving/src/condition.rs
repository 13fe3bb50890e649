//! Conditions on rows, and how they are written in SQL: values only ever as parameters, columns by their place.

use rusqlite::types::Value as Stored;

use crate::shape::Kind;
use crate::{ServingError, Shape, Value};

/// How deep conditions may stand in one another, how many values a list may have, and all lists and comparisons together.
const NESTED: usize = 32;
const LISTED: usize = 1000;
const PARTS: usize = 10_000;
/// Characters of a pattern.
const PATTERN: usize = 1000;

/// A condition on a row, with the three values of SQL: what compares with nothing is neither true nor false.
/// Text is compared by its bytes. A value given as text is read as the column's kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All hold; true if there are none.
    All(Vec<Condition>),
    /// At least one holds; false if there are none.
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(String, Operator, Value),
    /// The column's value is among these, of which there are at most 1,000; false if there are none.
    In(String, Vec<Value>),
    /// `%` is any text, `_` any character, `\` takes the next character as it is; case matters. For text columns alone;
    /// a text with a zero character is seen up to there.
    Like { column: String, pattern: String, negated: bool },
    /// The column has no value.
    Null(String),
    True,
    False,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Operator {
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::Unequal => "<>",
            Operator::Less => "<",
            Operator::LessEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterEqual => ">=",
        }
    }
}

/// Writes a condition on the table called `r`; its values are added to `parameters` in the order of their `?`.
pub(crate) fn sql(condition: &Condition, shape: &Shape, parameters: &mut Vec<Stored>) -> Result<String, ServingError> {
    let mut writer = Writer { shape, parameters, parts: 0 };
    writer.write(condition, 0)
}

struct Writer<'w> {
    shape: &'w Shape,
    parameters: &'w mut Vec<Stored>,
    parts: usize,
}

impl Writer<'_> {
    fn write(&mut self, condition: &Condition, depth: usize) -> Result<String, ServingError> {
        if depth > NESTED {
            return Err(ServingError::Limit(format!("a condition may stand in at most {NESTED} others")));
        }
        self.count(1)?;
        Ok(match condition {
            Condition::True => "1".to_owned(),
            Condition::False => "0".to_owned(),
            Condition::All(parts) => self.several(parts, " AND ", "1", depth)?,
            Condition::Any(parts) => self.several(parts, " OR ", "0", depth)?,
            Condition::Not(part) => format!("NOT ({})", self.write(part, depth + 1)?),
            Condition::Compare(column, operator, value) => {
                let (sql, kind) = self.shape.find(column)?;
                self.parameters.push(kind.store(column, value)?);
                format!("{sql} {} ?", operator.sql())
            }
            Condition::In(column, values) => {
                let (sql, kind) = self.shape.find(column)?;
                if values.len() > LISTED {
                    return Err(ServingError::Limit(format!("column {column}: at most {LISTED} values can be listed")));
                }
                self.count(values.len())?;
                for value in values {
                    self.parameters.push(kind.store(column, value)?);
                }
                match values.is_empty() {
                    true => "0".to_owned(),
                    false => format!("{sql} IN ({})", vec!["?"; values.len()].join(", ")),
                }
            }
            Condition::Like { column, pattern, negated } => {
                let like = self.like(column, pattern)?;
                if *negated { format!("NOT ({like})") } else { like }
            }
            Condition::Null(column) => format!("{} IS NULL", self.shape.find(column)?.0),
        })
    }

    fn count(&mut self, more: usize) -> Result<(), ServingError> {
        self.parts += more;
        match self.parts > PARTS {
            true => Err(ServingError::Limit(format!("a condition has at most {PARTS} parts and values"))),
            false => Ok(()),
        }
    }

    fn several(&mut self, parts: &[Condition], word: &str, none: &str, depth: usize) -> Result<String, ServingError> {
        let parts: Vec<String> = parts.iter().map(|part| self.write(part, depth + 1)).collect::<Result<_, _>>()?;
        if parts.is_empty() { Ok(none.to_owned()) } else { Ok(balanced(&parts, word)) }
    }

    /// SQLite finds no range in an index for a pattern that is a parameter. So what the text begins with is written as one.
    fn like(&mut self, column: &str, pattern: &str) -> Result<String, ServingError> {
        let (sql, kind) = self.shape.find(column)?;
        let refuse = |expected| ServingError::Value { column: column.to_owned(), expected, given: pattern.chars().take(60).collect() };
        if kind != Kind::Text {
            return Err(refuse("a pattern for a column of text"));
        }
        if pattern.chars().count() > PATTERN {
            return Err(ServingError::Limit(format!("column {column}: a pattern has at most {PATTERN} characters")));
        }
        let (prefix, rest) = prefix(pattern).ok_or_else(|| refuse("a pattern: \\ stands at its end"))?;
        if rest.is_empty() {
            self.parameters.push(Stored::Text(prefix));
            return Ok(format!("{sql} = ?"));
        }
        let mut parts = Vec::new();
        if !prefix.is_empty() {
            parts.push(format!("{sql} >= ?"));
            let after = after(&prefix);
            self.parameters.push(Stored::Text(prefix));
            if let Some(after) = after {
                parts.push(format!("{sql} < ?"));
                self.parameters.push(Stored::Text(after));
            }
        }
        if rest != "%" || parts.len() < 2 {
            parts.push(format!("{sql} LIKE ? ESCAPE '\\'"));
            self.parameters.push(Stored::Text(pattern.to_owned()));
        }
        Ok(format!("({})", parts.join(" AND ")))
    }
}

/// Parts joined as a tree: SQLite counts how deep an expression is, and a chain is as deep as it is long.
pub(crate) fn balanced(parts: &[String], word: &str) -> String {
    match parts {
        [] => String::new(),
        [part] => format!("({part})"),
        _ => {
            let (left, right) = parts.split_at(parts.len() / 2);
            format!("({}{word}{})", balanced(left, word), balanced(right, word))
        }
    }
}

/// What every text of a pattern begins with, and the pattern's rest from its first wildcard. `None` if it ends in `\`.
fn prefix(pattern: &str) -> Option<(String, &str)> {
    let mut prefix = None;
    let mut begun = String::new();
    let mut characters = pattern.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => begun.push(characters.next()?.1),
            '%' | '_' => prefix = prefix.or_else(|| Some((begun.clone(), &pattern[at..]))),
            other => begun.push(other),
        }
    }
    Some(prefix.unwrap_or((begun, "")))
}

/// The first text behind all that begin with this one; `None` if there is none.
fn after(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        // Numbers that are no characters are passed over.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}
