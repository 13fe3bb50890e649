//! From SQL text to a checked tree: only what is allowed gets through, and every mistake has its place.

use std::collections::BTreeMap;

use kernel::nearest;
use sqlparser::ast::{BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DataType, Expr, Ident, UnaryOperator, Value};

use super::function::{FUNCTIONS, Function};
use super::source;
use super::tree::{Expression, Fault, Operator, Truth};
use super::types::Type;
use crate::standard::date;

/// The items that an expression may read, with their types.
pub type Columns = BTreeMap<String, Type>;

/// Reads an expression that must be true of each row.
pub fn parse(text: &str, columns: &Columns) -> Result<Expression, Fault> {
    let reader = Reader { text, columns };
    let tree = reader.read()?;
    let (expression, kind) = reader.part(&tree)?;
    match kind {
        Type::Boolean if source::is_deep(&expression) => Err(source::too_deep(text)),
        Type::Boolean => Ok(expression),
        other => {
            let fault = Fault::new(
                0..text.len(),
                format!("规则应得出是或否，这里得出的是{}", other.title().zh),
                format!("a rule must be true or false, this gives {}", other.title().en),
            );
            Err(fault.help("写成比较，如 `amount >= 0`", "write a comparison, e.g. `amount >= 0`"))
        }
    }
}

/// An expression being read.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    columns: &'a Columns,
}

/// A part with its type.
pub(super) type Part = Result<(Expression, Type), Fault>;

impl Reader<'_> {
    pub(super) fn part(&self, tree: &Expr) -> Part {
        match tree {
            Expr::Nested(inner) => self.part(inner),
            Expr::Identifier(name) => self.item(name),
            Expr::Value(value) => self.value(tree, &value.value),
            Expr::TypedString(typed) => self.typed(tree, &typed.data_type, &typed.value.value),
            Expr::UnaryOp { op, expr } => self.unary(tree, *op, expr),
            Expr::BinaryOp { left, op, right } => self.binary(tree, left, op, right),
            Expr::IsNull(inner) => self.is(inner, Truth::Null, false),
            Expr::IsNotNull(inner) => self.is(inner, Truth::Null, true),
            Expr::IsTrue(inner) => self.is(inner, Truth::True, false),
            Expr::IsNotTrue(inner) => self.is(inner, Truth::True, true),
            Expr::IsFalse(inner) => self.is(inner, Truth::False, false),
            Expr::IsNotFalse(inner) => self.is(inner, Truth::False, true),
            Expr::InList { expr, list, negated } => self.list(expr, list, *negated),
            Expr::Between { expr, negated, low, high } => {
                let (value, kind) = self.part(expr)?;
                let bound = |tree: &Expr| self.wanted(tree, kind).map(Box::new);
                Ok((
                    Expression::Between {
                        value: Box::new(value),
                        low: bound(low)?,
                        high: bound(high)?,
                        negated: *negated,
                    },
                    Type::Boolean,
                ))
            }
            Expr::Like {
                negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => self.like(expr, pattern, false, *negated),
            Expr::ILike {
                negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => self.like(expr, pattern, true, *negated),
            Expr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => self.case(operand.as_deref(), conditions, else_result.as_deref()),
            Expr::Cast {
                kind: CastKind::Cast | CastKind::TryCast | CastKind::DoubleColon,
                expr,
                data_type,
                array: false,
                format: None,
            } => self.cast(tree, expr, data_type),
            Expr::Function(call) => self.function(tree, call),
            Expr::Ceil {
                expr,
                field: CeilFloorKind::DateTimeField(_),
            } => self.call(tree, "ceil", &[expr]),
            Expr::Floor {
                expr,
                field: CeilFloorKind::DateTimeField(_),
            } => self.call(tree, "floor", &[expr]),
            Expr::Substring {
                expr,
                substring_from: Some(from),
                substring_for,
                ..
            } => {
                let arguments: Vec<&Expr> = [Some(&**expr), Some(&**from), substring_for.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect();
                self.call(tree, "substr", &arguments)
            }
            Expr::Trim {
                trim_where: None,
                trim_what: None,
                expr,
                trim_characters: None,
            } => self.call(tree, "trim", &[expr]),
            Expr::Position { expr, r#in } => self.call(tree, "strpos", &[r#in, expr]),
            other => Err(self.not_allowed(other)),
        }
    }

    pub(super) fn not_allowed(&self, tree: &Expr) -> Fault {
        let fault = Fault::new(self.place(tree), "规则中不能用这种写法", "this cannot stand in a rule");
        match tree {
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => fault.help(
                "规则只看一行；与别的信息资源对照请用 `references`",
                "a rule looks at one row; compare with another resource by `references`",
            ),
            Expr::CompoundIdentifier(_) => fault.help("直接写信息项名，不加表名", "write the item's name without a table"),
            _ => fault,
        }
    }

    fn item(&self, name: &Ident) -> Part {
        // Names are lower-case by declaration; SQL does not mind how they are written.
        let wanted = if name.quote_style.is_some() {
            name.value.clone()
        } else {
            name.value.to_lowercase()
        };
        match self.columns.get(&wanted) {
            Some(kind) => Ok((Expression::Item(wanted), *kind)),
            None if wanted == "current_date" => Ok((
                Expression::Call(Function::named("today").unwrap_or(&FUNCTIONS[0]), Vec::new()),
                Type::Date,
            )),
            None => {
                let near = nearest(&wanted, self.columns.keys().map(String::as_str));
                let fault = Fault::new(
                    self.span(name.span),
                    format!("没有信息项 `{}`", name.value),
                    format!("there is no item `{}`", name.value),
                )
                .suggest(near);
                let some: Vec<&str> = self.columns.keys().take(12).map(String::as_str).collect();
                Err(match (near, name.quote_style) {
                    (Some(_), _) => fault,
                    (None, Some('"')) => fault.help("文字要用单引号", "put texts in single quotation marks"),
                    (None, _) => fault.help(
                        format!("信息项有：{}", some.join("、")),
                        format!("the items are: {}", some.join(", ")),
                    ),
                })
            }
        }
    }

    fn value(&self, tree: &Expr, value: &Value) -> Part {
        Ok(match value {
            Value::Number(text, false)
                if text
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-')) =>
            {
                (Expression::Number(text.clone()), Type::Number)
            }
            Value::SingleQuotedString(text) => (Expression::Text(text.clone()), Type::Text),
            Value::Boolean(flag) => (Expression::Boolean(*flag), Type::Boolean),
            Value::Null => (Expression::Null, Type::Null),
            _ => return Err(self.not_allowed(tree)),
        })
    }

    /// `DATE '2026-01-31'`
    fn typed(&self, tree: &Expr, kind: &DataType, value: &Value) -> Part {
        match (kind, value) {
            (DataType::Date, Value::SingleQuotedString(text)) => Ok((self.day(tree, text)?, Type::Date)),
            (DataType::Timestamp(..), Value::SingleQuotedString(text)) => Ok((self.moment(tree, text)?, Type::Datetime)),
            _ => Err(self.not_allowed(tree)),
        }
    }

    fn day(&self, tree: &Expr, text: &str) -> Result<Expression, Fault> {
        let right = text.len() == 10 && date::declared(text).is_ok();
        right.then(|| Expression::Date(text.to_owned())).ok_or_else(|| {
            Fault::new(self.place(tree), format!("`{text}` 不是日期"), format!("`{text}` is no date"))
                .help("写成 `2026-01-31`", "write `2026-01-31`")
        })
    }

    fn moment(&self, tree: &Expr, text: &str) -> Result<Expression, Fault> {
        match text.parse::<jiff::Timestamp>() {
            Ok(moment) => Ok(Expression::Datetime(moment.to_string())),
            Err(_) => Err(Fault::new(
                self.place(tree),
                format!("`{text}` 不是带时区的时刻"),
                format!("`{text}` is no moment with its zone"),
            )
            .help("写成 `2026-01-31T08:00:00+08:00`", "write `2026-01-31T08:00:00+08:00`")),
        }
    }

    fn unary(&self, tree: &Expr, operator: UnaryOperator, inner: &Expr) -> Part {
        match operator {
            UnaryOperator::Not => Ok((Expression::Not(Box::new(self.wanted(inner, Type::Boolean)?)), Type::Boolean)),
            UnaryOperator::Minus => Ok((Expression::Minus(Box::new(self.wanted(inner, Type::Number)?)), Type::Number)),
            UnaryOperator::Plus => Ok((self.wanted(inner, Type::Number)?, Type::Number)),
            _ => Err(self.not_allowed(tree)),
        }
    }

    fn binary(&self, tree: &Expr, left: &Expr, operator: &BinaryOperator, right: &Expr) -> Part {
        let (operator, takes, gives) = match operator {
            BinaryOperator::And => (Operator::And, Some(Type::Boolean), Type::Boolean),
            BinaryOperator::Or => (Operator::Or, Some(Type::Boolean), Type::Boolean),
            BinaryOperator::Eq => (Operator::Equal, None, Type::Boolean),
            BinaryOperator::NotEq => (Operator::Unequal, None, Type::Boolean),
            BinaryOperator::Lt => (Operator::Less, None, Type::Boolean),
            BinaryOperator::LtEq => (Operator::LessEqual, None, Type::Boolean),
            BinaryOperator::Gt => (Operator::Greater, None, Type::Boolean),
            BinaryOperator::GtEq => (Operator::GreaterEqual, None, Type::Boolean),
            BinaryOperator::Plus => (Operator::Plus, Some(Type::Number), Type::Number),
            BinaryOperator::Minus => (Operator::Minus, Some(Type::Number), Type::Number),
            BinaryOperator::Multiply => (Operator::Times, Some(Type::Number), Type::Number),
            BinaryOperator::Divide => (Operator::Divide, Some(Type::Number), Type::Number),
            BinaryOperator::Modulo => (Operator::Modulo, Some(Type::Number), Type::Number),
            BinaryOperator::StringConcat => (Operator::Join, Some(Type::Text), Type::Text),
            _ => return Err(self.not_allowed(tree)),
        };
        let (left, right) = match takes {
            Some(kind) => (self.wanted(left, kind)?, self.wanted(right, kind)?),
            None => self.pair(left, right)?,
        };
        Ok((Expression::Binary(Box::new(left), operator, Box::new(right)), gives))
    }

    /// A part that must be of a type.
    pub(super) fn wanted(&self, tree: &Expr, kind: Type) -> Result<Expression, Fault> {
        self.fitted(tree, self.part(tree)?, kind)
    }

    /// A part as a value of a type, where it is one: a text that is written where a date belongs is read as that.
    fn fitted(&self, tree: &Expr, (part, found): (Expression, Type), kind: Type) -> Result<Expression, Fault> {
        match (kind, &part) {
            _ if found.agrees(kind) => Ok(part),
            (Type::Date, Expression::Text(text)) => self.day(tree, text),
            (Type::Datetime, Expression::Text(text)) => self.moment(tree, text),
            _ => Err(self.differs(tree, found, kind)),
        }
    }

    fn differs(&self, tree: &Expr, found: Type, wanted: Type) -> Fault {
        let (is, should) = (found.title(), wanted.title());
        let fault = Fault::new(
            self.place(tree),
            format!("此处应为{}，却是{}", should.zh, is.zh),
            format!("this should be {}, it is {}", should.en, is.en),
        );
        match (found, wanted) {
            (Type::Number, Type::Text) => fault.help(
                "编码、代码是文字，要加单引号：`'01'`",
                "codes are texts: put them in single quotation marks, `'01'`",
            ),
            (Type::Date, Type::Number) => fault.help(
                "两个日期相差几天用 `days_between(a, b)`，加减天数用 `add_days(d, n)`",
                "take `days_between(a, b)` for days between dates, `add_days(d, n)` to add some",
            ),
            (Type::Datetime, Type::Date) => fault.help("取当天用 `date(…)`", "take its day by `date(…)`"),
            _ => fault,
        }
    }

    /// Two values side by side, of one type.
    fn pair(&self, left: &Expr, right: &Expr) -> Result<(Expression, Expression), Fault> {
        let (a, b) = (self.part(left)?, self.part(right)?);
        let written = matches!(a.0, Expression::Text(_) | Expression::Null);
        let kind = if written { b.1 } else { a.1 };
        Ok((self.fitted(left, a, kind)?, self.fitted(right, b, kind)?))
    }

    fn is(&self, inner: &Expr, what: Truth, negated: bool) -> Part {
        let value = match what {
            Truth::Null => self.part(inner)?.0,
            Truth::True | Truth::False => self.wanted(inner, Type::Boolean)?,
        };
        Ok((
            Expression::Is {
                value: Box::new(value),
                what,
                negated,
            },
            Type::Boolean,
        ))
    }

    fn list(&self, value: &Expr, list: &[Expr], negated: bool) -> Part {
        let (value, kind) = self.part(value)?;
        let list = list.iter().map(|tree| self.wanted(tree, kind)).collect::<Result<_, _>>()?;
        Ok((
            Expression::In {
                value: Box::new(value),
                list,
                negated,
            },
            Type::Boolean,
        ))
    }

    fn like(&self, value: &Expr, pattern: &Expr, any_case: bool, negated: bool) -> Part {
        let (Expression::Text(pattern), _) = self.part(pattern)? else {
            return Err(Fault::new(
                self.place(pattern),
                "LIKE 后面应是写定的文字",
                "after LIKE a written text must stand",
            ));
        };
        Ok((
            Expression::Like {
                value: Box::new(self.wanted(value, Type::Text)?),
                pattern,
                any_case,
                negated,
            },
            Type::Boolean,
        ))
    }

    /// `CASE x WHEN a …` is read as `CASE WHEN x = a …`.
    fn case(&self, operand: Option<&Expr>, conditions: &[CaseWhen], otherwise: Option<&Expr>) -> Part {
        let value = operand.map(|tree| self.part(tree)).transpose()?;
        // It stands in every branch: anything longer could grow beyond all bounds.
        if let (Some((value, _)), Some(tree)) = (&value, operand)
            && !matches!(value, Expression::Item(_))
        {
            return Err(self
                .not_allowed(tree)
                .help("CASE 后面只能是一个信息项", "after CASE a single item may stand"));
        }
        let mut kind = Type::Null;
        let mut branches = Vec::with_capacity(conditions.len());
        for branch in conditions {
            let when = match &value {
                None => self.wanted(&branch.condition, Type::Boolean)?,
                Some((value, kind)) => {
                    let other = self.wanted(&branch.condition, *kind)?;
                    Expression::Binary(Box::new(value.clone()), Operator::Equal, Box::new(other))
                }
            };
            branches.push((when, self.settled(&branch.result, &mut kind)?));
        }
        let otherwise = otherwise.map(|tree| self.settled(tree, &mut kind)).transpose()?.map(Box::new);
        Ok((Expression::Case { branches, otherwise }, kind))
    }

    /// One of several values that must be of one type, which the first of them settles.
    pub(super) fn settled(&self, tree: &Expr, kind: &mut Type) -> Result<Expression, Fault> {
        let (part, found) = self.part(tree)?;
        if *kind == Type::Null {
            *kind = found;
        }
        self.fitted(tree, (part, found), *kind)
    }
}
