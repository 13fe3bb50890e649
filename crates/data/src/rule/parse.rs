//! From SQL text to a checked tree: only what is allowed gets through, and every mistake has its place.

use std::collections::BTreeMap;
use std::ops::Range;

use kernel::{Moment, nearest};
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectNamePart, Spanned,
    UnaryOperator, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, Tokenizer};

use super::function::{FUNCTIONS, Function, Gives};
use super::tree::{Expression, Fault, Operator, Truth};
use super::types::Type;
use super::write::Scene;
use crate::standard::date;

/// The longest expression, in bytes.
const LONGEST: usize = 4_000;
/// Most words and signs: chains of operators are as deep as they are long.
const WORDS: usize = 400;
const DEPTH: usize = 48;
/// The engine takes no statement with more levels of brackets than a few above this.
const BRACKETS: usize = 50;

/// The items that an expression may read, with their types.
pub type Columns = BTreeMap<String, Type>;

/// Reads an expression that must be true of each row.
pub fn parse(text: &str, columns: &Columns) -> Result<Expression, Fault> {
    let reader = Reader { text, columns };
    let tree = reader.read()?;
    let (expression, kind) = reader.part(&tree)?;
    match kind {
        Type::Boolean if brackets(&expression) > BRACKETS => Err(too_deep(text)),
        Type::Boolean => Ok(expression),
        other => {
            let fault = Fault::new(0..text.len(), format!("规则应得出是或否，这里得出的是{}", other.title().zh), format!("a rule must be true or false, this gives {}", other.title().en));
            Err(fault.help("写成比较，如 `amount >= 0`", "write a comparison, e.g. `amount >= 0`"))
        }
    }
}

fn too_deep(text: &str) -> Fault {
    Fault::new(0..text.len(), "表达式嵌套太深", "the expression is nested too deeply")
}

/// Levels of brackets in its SQL.
fn brackets(expression: &Expression) -> usize {
    let scene = Scene { now: Moment(0), zone: String::new() };
    let (mut depth, mut most) = (0_usize, 0);
    for c in expression.sql("r", &scene).chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

struct Reader<'a> {
    text: &'a str,
    columns: &'a Columns,
}

type Part = Result<(Expression, Type), Fault>;

impl Reader<'_> {
    fn read(&self) -> Result<Expr, Fault> {
        let whole = 0..self.text.len();
        if self.text.trim().is_empty() {
            return Err(Fault::new(whole, "表达式是空的", "the expression is empty"));
        }
        if self.text.len() > LONGEST {
            return Err(Fault::new(whole, format!("表达式太长，最多 {LONGEST} 字节"), format!("the expression is too long; at most {LONGEST} bytes")));
        }
        let tokens = Tokenizer::new(&GenericDialect {}, self.text).tokenize_with_location().map_err(|error| {
            let at = self.offset(error.location);
            self.syntax(at..self.text.len(), &error.message)
        })?;
        let wide = tokens.iter().find(|token| matches!(&token.token, Token::Char(c) if "，。；：（）“”‘’＝＞＜＋－＊／".contains(*c)));
        if let Some(token) = wide {
            let (span, sign) = (self.span(token.span), token.token.to_string());
            return Err(Fault::new(span, format!("`{sign}` 是全角符号，请改用半角"), format!("`{sign}` is a full-width sign, use the ASCII one")));
        }
        if tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count() > WORDS {
            return Err(Fault::new(whole, format!("表达式太复杂，最多 {WORDS} 个词"), format!("the expression is too complex; at most {WORDS} words")));
        }
        let dialect = GenericDialect {};
        let mut parser = Parser::new(&dialect).with_recursion_limit(DEPTH).with_tokens_with_locations(tokens);
        let tree = parser.parse_expr().map_err(|error| self.stumbled(&error))?;
        let next = parser.peek_token();
        if next.token != Token::EOF {
            let span = self.span(next.span);
            return Err(Fault::new(span, format!("表达式应在此结束，后面多了 {}", next.token), format!("the expression should end here; {} is too much", next.token)));
        }
        Ok(tree)
    }

    /// The parser's own message: `Expected: an expression, found: EOF at Line: 1, Column: 9`.
    fn stumbled(&self, error: &ParserError) -> Fault {
        let message = match error {
            ParserError::RecursionLimitExceeded => return too_deep(self.text),
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => text,
        };
        let (body, place) = message.rsplit_once(" at Line: ").unwrap_or((message, ""));
        let (line, column) = place.split_once(", Column: ").unwrap_or(("0", "0"));
        let digits = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
        let at = match digits(line) {
            0 => self.text.len(),
            line => self.offset(Location { line, column: digits(column) }),
        };
        let word = self.text.get(at..).unwrap_or_default().chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum::<usize>();
        self.syntax(at..(at + word.max(1)).min(self.text.len()), body)
    }

    fn syntax(&self, span: Range<usize>, body: &str) -> Fault {
        match body.split_once("Expected: ").and_then(|(_, rest)| rest.split_once(", found: ")) {
            Some((_, "EOF")) => Fault::new(span, "表达式没有写完", "the expression ends early"),
            Some((wanted, found)) => Fault::new(span, format!("语法错误：此处不应是 {found}"), format!("syntax error: expected {wanted}, found {found}")),
            None if body.contains("Unterminated") => Fault::new(span, "引号没有配对", "a quotation mark is not closed"),
            None => Fault::new(span, format!("语法错误：{body}"), format!("syntax error: {body}")),
        }
    }

    fn part(&self, tree: &Expr) -> Part {
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
                Ok((Expression::Between { value: Box::new(value), low: bound(low)?, high: bound(high)?, negated: *negated }, Type::Boolean))
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => self.like(expr, pattern, false, *negated),
            Expr::ILike { negated, any: false, expr, pattern, escape_char: None } => self.like(expr, pattern, true, *negated),
            Expr::Case { operand, conditions, else_result, .. } => self.case(operand.as_deref(), conditions, else_result.as_deref()),
            Expr::Cast { kind: CastKind::Cast | CastKind::TryCast | CastKind::DoubleColon, expr, data_type, array: false, format: None } => self.cast(tree, expr, data_type),
            Expr::Function(call) => self.function(tree, call),
            Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(_) } => self.call(tree, "ceil", &[expr]),
            Expr::Floor { expr, field: CeilFloorKind::DateTimeField(_) } => self.call(tree, "floor", &[expr]),
            Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                let arguments: Vec<&Expr> = [Some(&**expr), Some(&**from), substring_for.as_deref()].into_iter().flatten().collect();
                self.call(tree, "substr", &arguments)
            }
            Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters: None } => self.call(tree, "trim", &[expr]),
            Expr::Position { expr, r#in } => self.call(tree, "strpos", &[r#in, expr]),
            other => Err(self.not_allowed(other)),
        }
    }

    fn not_allowed(&self, tree: &Expr) -> Fault {
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
        let wanted = if name.quote_style.is_some() { name.value.clone() } else { name.value.to_lowercase() };
        match self.columns.get(&wanted) {
            Some(kind) => Ok((Expression::Item(wanted), *kind)),
            None if wanted == "current_date" => Ok((Expression::Call(Function::named("today").unwrap_or(&FUNCTIONS[0]), Vec::new()), Type::Date)),
            None => {
                let near = nearest(&wanted, self.columns.keys().map(String::as_str));
                let fault = Fault::new(self.span(name.span), format!("没有信息项 `{}`", name.value), format!("there is no item `{}`", name.value)).suggest(near);
                let some: Vec<&str> = self.columns.keys().take(12).map(String::as_str).collect();
                Err(match (near, name.quote_style) {
                    (Some(_), _) => fault,
                    (None, Some('"')) => fault.help("文字要用单引号", "put texts in single quotation marks"),
                    (None, _) => fault.help(format!("信息项有：{}", some.join("、")), format!("the items are: {}", some.join(", "))),
                })
            }
        }
    }

    fn value(&self, tree: &Expr, value: &Value) -> Part {
        Ok(match value {
            Value::Number(text, false) if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-')) => {
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
            Fault::new(self.place(tree), format!("`{text}` 不是日期"), format!("`{text}` is no date")).help("写成 `2026-01-31`", "write `2026-01-31`")
        })
    }

    fn moment(&self, tree: &Expr, text: &str) -> Result<Expression, Fault> {
        match text.parse::<jiff::Timestamp>() {
            Ok(moment) => Ok(Expression::Datetime(moment.to_string())),
            Err(_) => Err(Fault::new(self.place(tree), format!("`{text}` 不是带时区的时刻"), format!("`{text}` is no moment with its zone"))
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
    fn wanted(&self, tree: &Expr, kind: Type) -> Result<Expression, Fault> {
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
        let fault = Fault::new(self.place(tree), format!("此处应为{}，却是{}", should.zh, is.zh), format!("this should be {}, it is {}", should.en, is.en));
        match (found, wanted) {
            (Type::Number, Type::Text) => fault.help("编码、代码是文字，要加单引号：`'01'`", "codes are texts: put them in single quotation marks, `'01'`"),
            (Type::Date, Type::Number) => fault.help("两个日期相差几天用 `days_between(a, b)`，加减天数用 `add_days(d, n)`", "take `days_between(a, b)` for days between dates, `add_days(d, n)` to add some"),
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
        Ok((Expression::Is { value: Box::new(value), what, negated }, Type::Boolean))
    }

    fn list(&self, value: &Expr, list: &[Expr], negated: bool) -> Part {
        let (value, kind) = self.part(value)?;
        let list = list.iter().map(|tree| self.wanted(tree, kind)).collect::<Result<_, _>>()?;
        Ok((Expression::In { value: Box::new(value), list, negated }, Type::Boolean))
    }

    fn like(&self, value: &Expr, pattern: &Expr, any_case: bool, negated: bool) -> Part {
        let (Expression::Text(pattern), _) = self.part(pattern)? else {
            return Err(Fault::new(self.place(pattern), "LIKE 后面应是写定的文字", "after LIKE a written text must stand"));
        };
        Ok((Expression::Like { value: Box::new(self.wanted(value, Type::Text)?), pattern, any_case, negated }, Type::Boolean))
    }

    /// `CASE x WHEN a …` is read as `CASE WHEN x = a …`.
    fn case(&self, operand: Option<&Expr>, conditions: &[CaseWhen], otherwise: Option<&Expr>) -> Part {
        let value = operand.map(|tree| self.part(tree)).transpose()?;
        // It stands in every branch: anything longer could grow beyond all bounds.
        if let (Some((value, _)), Some(tree)) = (&value, operand)
            && !matches!(value, Expression::Item(_))
        {
            return Err(self.not_allowed(tree).help("CASE 后面只能是一个信息项", "after CASE a single item may stand"));
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
    fn settled(&self, tree: &Expr, kind: &mut Type) -> Result<Expression, Fault> {
        let (part, found) = self.part(tree)?;
        if *kind == Type::Null {
            *kind = found;
        }
        self.fitted(tree, (part, found), *kind)
    }

    fn cast(&self, tree: &Expr, inner: &Expr, to: &DataType) -> Part {
        let (part, _) = self.part(inner)?;
        let (function, kind) = match to {
            DataType::Text | DataType::Varchar(_) | DataType::String(_) | DataType::Char(_) => ("cast_text", Type::Text),
            DataType::Double(_) | DataType::DoublePrecision | DataType::Float(_) | DataType::Real | DataType::Numeric(_) | DataType::Decimal(_) => ("cast_number", Type::Number),
            DataType::Int(_) | DataType::Integer(_) | DataType::BigInt(_) => ("cast_integer", Type::Number),
            DataType::Date => ("cast_date", Type::Date),
            _ => {
                let fault = Fault::new(self.place(tree), format!("不能转换为 `{to}`"), format!("cannot be cast to `{to}`"));
                return Err(fault.help("可用 TEXT、DOUBLE、BIGINT、DATE", "TEXT, DOUBLE, BIGINT and DATE are possible"));
            }
        };
        let function = super::function::CASTS.iter().find(|one| one.name == function).unwrap_or(&FUNCTIONS[0]);
        Ok((Expression::Call(function, vec![part]), kind))
    }

    fn function(&self, tree: &Expr, call: &sqlparser::ast::Function) -> Part {
        let [ObjectNamePart::Identifier(name)] = call.name.0.as_slice() else { return Err(self.not_allowed(tree)) };
        let plain = call.filter.is_none() && call.over.is_none() && call.null_treatment.is_none() && call.within_group.is_empty();
        if Function::named(&name.value).is_none() {
            let near = nearest(&name.value.to_lowercase(), FUNCTIONS.iter().map(|function| function.name));
            let fault = Fault::new(self.span(name.span), format!("规则中没有函数 `{}`", name.value), format!("rules have no function `{}`", name.value)).suggest(near);
            let all = FUNCTIONS.iter().map(|function| function.name).collect::<Vec<_>>();
            return Err(if near.is_some() { fault } else { fault.help(format!("可用的有：{}", all.join("、")), format!("there are: {}", all.join(", "))) });
        }
        let arguments: Vec<&Expr> = match &call.args {
            FunctionArguments::None => Vec::new(),
            FunctionArguments::List(list) if plain && list.duplicate_treatment.is_none() && list.clauses.is_empty() => {
                let each = list.args.iter().map(|argument| match argument {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) => Ok(tree),
                    _ => Err(self.not_allowed(tree)),
                });
                each.collect::<Result<_, _>>()?
            }
            _ => return Err(self.not_allowed(tree)),
        };
        self.call_at(self.span(name.span), &name.value, &arguments)
    }

    fn call(&self, tree: &Expr, name: &str, arguments: &[&Expr]) -> Part {
        self.call_at(self.place(tree), name, arguments)
    }

    fn call_at(&self, span: Range<usize>, name: &str, arguments: &[&Expr]) -> Part {
        let Some(function) = Function::named(name) else { return Err(Fault::new(span, "没有这个函数", "there is no such function")) };
        let shown = function.shown();
        let count = arguments.len();
        let right = match function.gives {
            Gives::Same if function.name == "nullif" => count == 2,
            Gives::Same => count >= 2,
            Gives::One(_) => (function.takes.len() - function.optional..=function.takes.len()).contains(&count),
        };
        if !right {
            return Err(Fault::new(span, format!("参数个数不对，应写 `{shown}`"), format!("the number of arguments is wrong; write `{shown}`")));
        }
        let mut kind = Type::Null;
        let mut each = Vec::with_capacity(count);
        for (n, tree) in arguments.iter().enumerate() {
            each.push(match function.takes.get(n) {
                // The day of a moment is taken in the city's zone, so a date may stand where a moment is taken.
                Some(wanted) => self.wanted(tree, *wanted)?,
                None => self.settled(tree, &mut kind)?,
            });
        }
        match function.name {
            "regexp_like" => self.pattern(arguments.get(1), each.get(1))?,
            "to_char" => self.date_form(arguments.get(1), each.get(1))?,
            _ => {}
        }
        let gives = match function.gives {
            Gives::One(gives) => gives,
            Gives::Same => kind,
        };
        Ok((Expression::Call(function, each), gives))
    }

    /// A pattern is written, and right; matching takes time in proportion to the text, whatever the pattern.
    fn pattern(&self, tree: Option<&&Expr>, part: Option<&Expression>) -> Result<(), Fault> {
        let span = tree.map_or(0..self.text.len(), |tree| self.place(tree));
        let Some(Expression::Text(pattern)) = part else {
            return Err(Fault::new(span, "正则表达式应是写定的文字", "the pattern must be a written text"));
        };
        let built = regex::RegexBuilder::new(pattern).size_limit(1 << 20).build();
        built.map(|_| ()).map_err(|error| {
            let first = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
            Fault::new(span, format!("正则表达式有误：{first}"), format!("the pattern is wrong: {first}"))
        })
    }

    /// A form of dates that the engine cannot write would stop the statement.
    fn date_form(&self, tree: Option<&&Expr>, part: Option<&Expression>) -> Result<(), Fault> {
        let right = |form: &String| form.split('%').skip(1).all(|rest| rest.starts_with(['Y', 'm', 'd', 'y', 'j', 'u', 'U', 'F']));
        match part {
            Some(Expression::Text(form)) if right(form) => Ok(()),
            _ => {
                let span = tree.map_or(0..self.text.len(), |tree| self.place(tree));
                Err(Fault::new(span, "日期格式应是写定的文字", "the form of the date must be a written text").help("如 `'%Y%m%d'`", "e.g. `'%Y%m%d'`"))
            }
        }
    }

    fn place(&self, tree: &Expr) -> Range<usize> {
        self.span(tree.span())
    }

    fn span(&self, span: Span) -> Range<usize> {
        if span.start.line == 0 {
            return 0..self.text.len();
        }
        let start = self.offset(span.start);
        start..self.offset(span.end).max(start)
    }

    /// The byte at a line and column, both 1-based and the column in characters.
    fn offset(&self, location: Location) -> usize {
        let mut start = 0;
        for _ in 1..location.line {
            start += self.text.get(start..).and_then(|rest| rest.find('\n')).map_or(0, |at| at + 1);
        }
        let line = self.text.get(start..).unwrap_or_default();
        let before = usize::try_from(location.column.saturating_sub(1)).unwrap_or(usize::MAX);
        start + line.char_indices().nth(before).map_or(line.len(), |(at, _)| at)
    }
}
