//! An expression as a tree, every part of it allowed and of a known type.

use std::ops::Range;

use kernel::Text;

use super::function::Function;

/// A checked expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Item(String),
    Text(String),
    /// As written; digits, at most one point, an exponent.
    Number(String),
    Boolean(bool),
    Null,
    /// `2026-01-31`
    Date(String),
    /// RFC 3339 in UTC.
    Datetime(String),
    Not(Box<Expression>),
    Minus(Box<Expression>),
    Binary(Box<Expression>, Operator, Box<Expression>),
    Is {
        value: Box<Expression>,
        what: Truth,
        negated: bool,
    },
    In {
        value: Box<Expression>,
        list: Vec<Expression>,
        negated: bool,
    },
    Between {
        value: Box<Expression>,
        low: Box<Expression>,
        high: Box<Expression>,
        negated: bool,
    },
    Like {
        value: Box<Expression>,
        pattern: String,
        any_case: bool,
        negated: bool,
    },
    Case {
        branches: Vec<(Expression, Expression)>,
        otherwise: Option<Box<Expression>>,
    },
    Call(&'static Function, Vec<Expression>),
}

/// What `IS` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    Null,
    True,
    False,
}

/// Operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    And,
    Or,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
    Join,
}

/// What is wrong in an expression, and where in it, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub span: Range<usize>,
    pub message: Text,
    pub help: Option<Text>,
    /// The nearest right name.
    pub suggestion: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault {
            span,
            message: Text::new(zh, en),
            help: None,
            suggestion: None,
        }
    }

    pub(super) fn help(self, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault {
            help: Some(Text::new(zh, en)),
            ..self
        }
    }

    pub(super) fn suggest(self, name: Option<&str>) -> Fault {
        Fault {
            suggestion: name.map(str::to_owned),
            ..self
        }
    }
}

impl Expression {
    /// The items it reads, each once, in the order in which they first stand.
    pub fn items(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    /// How much work it is to plan, in operators.
    pub(super) fn weight(&self) -> usize {
        let own = match self {
            Expression::Between { .. } | Expression::Call(..) => 2,
            Expression::Binary(..) | Expression::Not(_) | Expression::Minus(_) | Expression::Is { .. } => 1,
            Expression::In { .. } | Expression::Like { .. } | Expression::Case { .. } => 1,
            _ => 0,
        };
        own + self.parts().into_iter().map(Expression::weight).sum::<usize>()
    }

    fn collect<'e>(&'e self, found: &mut Vec<&'e str>) {
        if let Expression::Item(name) = self
            && !found.contains(&name.as_str())
        {
            found.push(name);
        }
        self.parts().into_iter().for_each(|part| part.collect(found));
    }

    fn parts(&self) -> Vec<&Expression> {
        match self {
            Expression::Not(one) | Expression::Minus(one) => vec![one],
            Expression::Is { value, .. } | Expression::Like { value, .. } => vec![value],
            Expression::Binary(left, _, right) => vec![left, right],
            Expression::In { value, list, .. } => std::iter::once(&**value).chain(list).collect(),
            Expression::Between { value, low, high, .. } => vec![value, low, high],
            Expression::Case { branches, otherwise } => {
                let each = branches.iter().flat_map(|(when, then)| [when, then]);
                each.chain(otherwise.as_deref()).collect()
            }
            Expression::Call(_, arguments) => arguments.iter().collect(),
            _ => Vec::new(),
        }
    }
}
