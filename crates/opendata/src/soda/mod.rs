//! Questions in the Socrata query language (SODA, SoQL), read into a tree. Nothing of the text is ever passed on: names are looked
//! up, and values stand by themselves.

mod lex;
mod parse;

use kernel::Text;

/// Rows that are told when nothing is said, and at most.
pub const LIMIT: u64 = 1_000;
pub const LIMIT_MAX: u64 = 50_000;
/// Rows that may be left out before the first.
pub const OFFSET_MAX: u64 = 100_000_000;
/// Bytes of all parameters together.
pub const BYTES_MAX: usize = 16_384;

/// What is written in a clause.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    Name(String),
    Text(String),
    /// As it was written: digits, a point, an exponent.
    Number(String),
    Boolean(bool),
    Null,
    /// `*`
    All,
    /// A function by its name in lower case.
    Call(String, Vec<Term>),
    Binary(Operator, Box<Term>, Box<Term>),
    Not(Box<Term>),
    Negate(Box<Term>),
    In(Box<Term>, Vec<Term>),
    Between(Box<Term>, Box<Term>, Box<Term>),
    Like(Box<Term>, Box<Term>),
    IsNull(Box<Term>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Join,
    Multiply,
    Divide,
    Remainder,
}

/// A whole question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// What is told, each with the name that it is given; all columns if there is nothing.
    pub select: Vec<(Term, Option<String>)>,
    pub filter: Option<Term>,
    pub group: Vec<Term>,
    pub having: Option<Term>,
    /// Each with whether it goes downward.
    pub order: Vec<(Term, bool)>,
    pub limit: Option<u64>,
    pub offset: Option<u64>,
    /// Words that are looked for in all texts.
    pub words: Option<String>,
    /// Columns that have a value.
    pub equals: Vec<(String, String)>,
}

/// Why a question is none: the code that Socrata has for it, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SodaError {
    pub code: &'static str,
    pub message: Text,
}

impl SodaError {
    pub fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> SodaError {
        SodaError { code, message: Text::new(zh, en) }
    }

    pub(crate) fn compile(zh: impl Into<String>, en: impl Into<String>) -> SodaError {
        SodaError::new("query.compiler.malformed", zh, en)
    }

    fn twice(name: &str) -> SodaError {
        SodaError::compile(format!("{name} 只能出现一次"), format!("{name} stands once only"))
    }
}

impl Query {
    /// Reads the parameters of an address: `$select`, `$where`, `$group`, `$having`, `$order`, `$limit`, `$offset`, `$q`, or all in one
    /// as `$query`; other names are columns.
    pub fn read<'p>(parameters: impl IntoIterator<Item = (&'p str, &'p str)>) -> Result<Query, SodaError> {
        let (mut query, mut bytes, mut seen) = (Query::default(), 0, std::collections::BTreeSet::new());
        for (name, value) in parameters {
            bytes += name.len() + value.len();
            if bytes > BYTES_MAX {
                return Err(SodaError::compile(format!("查询超过 {BYTES_MAX} 字节"), format!("the question has more than {BYTES_MAX} bytes")));
            }
            let Some(clause) = name.strip_prefix('$') else {
                query.equals.push((name.to_owned(), value.to_owned()));
                continue;
            };
            if !seen.insert(clause) {
                return Err(SodaError::twice(name));
            }
            query.clause(clause, value)?;
        }
        if seen.contains("query") && seen.iter().any(|clause| !matches!(*clause, "query" | "$app_token" | "app_token")) {
            return Err(SodaError::compile("有 $query 时不能再写其他子句", "where there is a $query there are no other clauses"));
        }
        query.limit.map_or(Ok(()), |limit| at_most("$limit", limit, LIMIT_MAX))?;
        query.offset.map_or(Ok(()), |offset| at_most("$offset", offset, OFFSET_MAX))?;
        Ok(query)
    }

    fn clause(&mut self, clause: &str, value: &str) -> Result<(), SodaError> {
        let parser = || parse::Parser::new(value);
        match clause {
            "select" => self.select = parser()?.whole(parse::Parser::select)?,
            "where" => self.filter = Some(parser()?.whole(parse::Parser::term)?),
            "group" => self.group = parser()?.whole(parse::Parser::terms)?,
            "having" => self.having = Some(parser()?.whole(parse::Parser::term)?),
            "order" => self.order = parser()?.whole(parse::Parser::order)?,
            "limit" => self.limit = Some(number("$limit", value)?),
            "offset" => self.offset = Some(number("$offset", value)?),
            "q" => self.words = Some(value.trim().to_owned()).filter(|words| !words.is_empty()),
            "query" => {
                let equals = std::mem::take(&mut self.equals);
                *self = parser()?.whole(parse::Parser::query)?;
                self.equals = equals;
            }
            // Tokens meter who asks; everybody may.
            "$app_token" | "app_token" => {}
            other => {
                let known = ["select", "where", "group", "having", "order", "limit", "offset", "q", "query"];
                let near = kernel::nearest(other, known);
                let (zh, en) = near.map(|near| (format!("，是否为 ${near}？"), format!("; ${near}?"))).unwrap_or_default();
                return Err(SodaError::compile(format!("没有 ${other}{zh}"), format!("there is no ${other}{en}")));
            }
        }
        Ok(())
    }
}

fn number(name: &str, text: &str) -> Result<u64, SodaError> {
    text.trim().parse().map_err(|_| SodaError::compile(format!("{name} 应为不小于 0 的整数"), format!("{name} is a whole number")))
}

fn at_most(name: &str, number: u64, most: u64) -> Result<(), SodaError> {
    match number > most {
        true => Err(SodaError::compile(format!("{name} 最大为 {most}"), format!("{name} is {most} at most"))),
        false => Ok(()),
    }
}
