//! From a question that was read to a plan: names become columns or what was called so, functions those that there are.

use opendata::soda::{Operator, Query, SodaError, Term};
use serving::{Aggregate, Expr, Function, Kind, Plan, Value};

use super::{Bound, no_column};
use crate::open::live::OpenColumn;

/// The place of a row, where it has longitude and latitude.
const LOCATION: &str = "location";
/// The row's own number.
const ID: &str = ":id";
/// Metres of a degree of latitude.
const DEGREE: f64 = 111_195.0;
/// The greatest circle, in metres: wider ones are no circles on a flat map.
const RADIUS_MAX: f64 = 500_000.0;

struct Binder<'b> {
    columns: &'b [OpenColumn],
    position: Option<&'b [String; 2]>,
    /// What was called by another name in `$select`.
    aliases: Vec<(String, Expr)>,
}

/// The plan of a question, without its limits, and the names of what it tells.
pub(super) fn bind(query: &Query, columns: &[OpenColumn], position: Option<&[String; 2]>) -> Bound<(Plan, Vec<String>)> {
    let mut binder = Binder { columns, position, aliases: Vec::new() };
    let (select, names) = binder.select(query)?;
    let mut all: Vec<Expr> = query.filter.iter().map(|term| binder.term(term, false)).collect::<Bound<_>>()?;
    for (name, value) in &query.equals {
        let column = binder.name(name, false)?;
        let value = binder.beside(&Term::Text(value.clone()), &column, false)?;
        all.push(Expr::Compare(serving::Operator::Equal, Box::new(column), Box::new(value)));
    }
    all.extend(query.words.iter().map(|words| binder.words(words)));
    let order = query.order.iter().map(|(term, down)| Ok((binder.term(term, true)?, *down))).collect::<Bound<_>>()?;
    let plan = Plan {
        select,
        filter: (!all.is_empty()).then_some(Expr::And(all)),
        group: query.group.iter().map(|term| binder.term(term, true)).collect::<Bound<_>>()?,
        having: query.having.as_ref().map(|term| binder.term(term, true)).transpose()?,
        order,
        ..Plan::default()
    };
    Ok((plan, names))
}

fn type_mismatch(zh: impl Into<String>, en: impl Into<String>) -> SodaError {
    SodaError::new("query.soql.type-mismatch", zh, en)
}

impl Binder<'_> {
    fn select(&mut self, query: &Query) -> Bound<(Vec<Expr>, Vec<String>)> {
        let (mut select, mut names) = (Vec::new(), Vec::new());
        let terms: Vec<(Term, Option<String>)> = match (query.select.is_empty(), query.group.is_empty()) {
            (false, _) => query.select.clone(),
            (true, true) => vec![(Term::All, None)],
            (true, false) => query.group.iter().map(|term| (term.clone(), None)).collect(),
        };
        for (term, alias) in terms {
            if term == Term::All {
                for column in self.columns {
                    select.push(Expr::column(&column.name));
                    names.push(column.name.clone());
                }
                continue;
            }
            let expr = self.term(&term, false)?;
            let name = alias.clone().unwrap_or_else(|| called(&term, names.len()));
            if alias.is_some() || !matches!(term, Term::Name(_)) {
                self.aliases.push((name.clone(), expr.clone()));
            }
            select.push(expr);
            names.push(name);
        }
        let twice = names.iter().enumerate().find(|(place, name)| names.iter().take(*place).any(|other| other == *name));
        match twice {
            Some((_, name)) => Err(SodaError::new("query.soql.duplicate-alias", format!("{name} 出现两次，请用 AS 另起名称"), format!("Duplicate alias: {name}; give another name with AS"))),
            None => Ok((select, names)),
        }
    }

    /// A column, or what was called so where that may be meant.
    fn name(&self, name: &str, aliased: bool) -> Bound<Expr> {
        if let Some((_, expr)) = self.aliases.iter().find(|(alias, _)| aliased && alias == name) {
            return Ok(expr.clone());
        }
        if name == ID {
            return Ok(Expr::Number);
        }
        match self.columns.iter().find(|column| column.name == name) {
            Some(column) => Ok(Expr::column(&column.name)),
            None if name == LOCATION && self.position.is_some() => {
                Err(type_mismatch("location 只能用于 within_box 和 within_circle", "location stands in within_box and within_circle only"))
            }
            None => Err(no_column(name, &self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>())),
        }
    }

    fn term(&self, term: &Term, aliased: bool) -> Bound<Expr> {
        let inner = |term: &Term| self.term(term, aliased);
        Ok(match term {
            Term::Name(name) => self.name(name, aliased)?,
            Term::Text(_) | Term::Number(_) | Term::Boolean(_) | Term::Null => Expr::Value(value(term)),
            Term::All => return Err(SodaError::new("query.compiler.malformed", "* 只能单独出现在 $select 里，或写作 count(*)", "* stands alone in $select, or in count(*)")),
            Term::Call(name, of) => self.call(name, of, aliased)?,
            Term::Not(of) => Expr::Not(Box::new(inner(of)?)),
            Term::Negate(of) => Expr::call(Function::Negate, vec![inner(of)?]),
            Term::IsNull(of) => Expr::Null(Box::new(inner(of)?)),
            Term::In(of, list) => self.among(&inner(of)?, list, aliased)?,
            Term::Between(of, low, high) => {
                let of = inner(of)?;
                let compare = |operator, term: &Term| Ok(Expr::Compare(operator, Box::new(of.clone()), Box::new(self.beside(term, &of, aliased)?)));
                Expr::And(vec![compare(serving::Operator::GreaterEqual, low)?, compare(serving::Operator::LessEqual, high)?])
            }
            Term::Like(of, pattern) => match pattern.as_ref() {
                Term::Text(pattern) => Expr::Like(Box::new(inner(of)?), literal_pattern(pattern)),
                _ => return Err(type_mismatch("like 之后应为文本", "like takes a text")),
            },
            Term::Binary(operator, left, right) => self.binary(*operator, left, right, aliased)?,
        })
    }

    fn among(&self, of: &Expr, list: &[Term], aliased: bool) -> Bound<Expr> {
        let value = |term: &Term| match self.beside(term, of, aliased)? {
            Expr::Value(value) => Ok(value),
            _ => Err(type_mismatch("in 的括号里应为值", "in takes values")),
        };
        Ok(Expr::In(Box::new(of.clone()), list.iter().map(value).collect::<Bound<_>>()?))
    }

    fn binary(&self, operator: Operator, left: &Term, right: &Term, aliased: bool) -> Bound<Expr> {
        use serving::Operator as Compare;
        let both = || Ok::<_, SodaError>(vec![self.term(left, aliased)?, self.term(right, aliased)?]);
        let compare = |operator| {
            let (left, right) = match (is_value(left), is_value(right)) {
                (true, false) => {
                    let right = self.term(right, aliased)?;
                    (self.beside(left, &right, aliased)?, right)
                }
                _ => {
                    let left = self.term(left, aliased)?;
                    let right = self.beside(right, &left, aliased)?;
                    (left, right)
                }
            };
            Ok(Expr::Compare(operator, Box::new(left), Box::new(right)))
        };
        match operator {
            Operator::Or => Ok(Expr::Or(both()?)),
            Operator::And => Ok(Expr::And(both()?)),
            Operator::Equal => compare(Compare::Equal),
            Operator::Unequal => compare(Compare::Unequal),
            Operator::Less => compare(Compare::Less),
            Operator::LessEqual => compare(Compare::LessEqual),
            Operator::Greater => compare(Compare::Greater),
            Operator::GreaterEqual => compare(Compare::GreaterEqual),
            Operator::Add => Ok(Expr::call(Function::Add, both()?)),
            Operator::Subtract => Ok(Expr::call(Function::Subtract, both()?)),
            Operator::Join => Ok(Expr::call(Function::Join, both()?)),
            Operator::Multiply => Ok(Expr::call(Function::Multiply, both()?)),
            Operator::Divide => Ok(Expr::call(Function::Divide, both()?)),
            Operator::Remainder => Ok(Expr::call(Function::Remainder, both()?)),
        }
    }

    /// A term beside what it is compared with: a day that is written as the moment of its beginning is that day.
    fn beside(&self, term: &Term, other: &Expr, aliased: bool) -> Bound<Expr> {
        match term {
            Term::Text(text) if self.is_day(other) => {
                let day = text.split_once('T').filter(|(day, rest)| day.len() == 10 && rest.trim_end_matches('Z').bytes().all(|byte| matches!(byte, b'0' | b':' | b'.')));
                Ok(Expr::Value(Value::Text(day.map_or(text.as_str(), |(day, _)| day).to_owned())))
            }
            term => self.term(term, aliased),
        }
    }

    fn is_day(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Column(name) => self.columns.iter().any(|column| column.name == *name && column.kind == Kind::Date),
            Expr::Call(Function::StartOfYear | Function::StartOfMonth | Function::StartOfDay, of) => of.iter().any(|of| self.is_day(of)),
            Expr::Aggregate(Aggregate::Least | Aggregate::Greatest, Some(of)) => self.is_day(of),
            _ => false,
        }
    }

    /// All the words stand somewhere in the row's texts.
    fn words(&self, words: &str) -> Expr {
        let texts = || self.columns.iter().filter(|column| column.kind == Kind::Text);
        let word = |word: &str| {
            let has = |column: &OpenColumn| {
                let text = Expr::call(Function::Lower, vec![Expr::column(&column.name)]);
                Expr::call(Function::Contains, vec![text, Expr::Value(Value::Text(word.to_ascii_lowercase()))])
            };
            Expr::Or(texts().map(has).collect())
        };
        Expr::And(words.split_whitespace().take(10).map(word).collect())
    }

    fn call(&self, name: &str, of: &[Term], aliased: bool) -> Bound<Expr> {
        if let Some(found) = self.place(name, of)? {
            return Ok(found);
        }
        if let ("count", [Term::All]) = (name, of) {
            return Ok(Expr::count());
        }
        let aggregate = match name {
            "count" => Some(Aggregate::Count),
            "count distinct" => Some(Aggregate::CountDistinct),
            "sum" => Some(Aggregate::Sum),
            "avg" => Some(Aggregate::Mean),
            "min" => Some(Aggregate::Least),
            "max" => Some(Aggregate::Greatest),
            _ => None,
        };
        if let Some(aggregate) = aggregate {
            return match of {
                [one] => Ok(Expr::aggregate(aggregate, self.term(one, aliased)?)),
                _ => Err(type_mismatch(format!("{name} 只有一个参数"), format!("{name} takes one argument"))),
            };
        }
        if let ("starts_with", [text, Term::Text(start)]) = (name, of) {
            return Ok(Expr::Like(Box::new(self.term(text, aliased)?), format!("{}%", crate::asked::escaped(start))));
        }
        let function = FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function);
        let function = function.ok_or_else(|| {
            let known = FUNCTIONS.iter().map(|(name, _)| *name).chain(["count", "sum", "avg", "min", "max", "starts_with", "within_box", "within_circle"]);
            let kernel::Text { zh, en } = crate::asked::meant(name, known);
            SodaError::new("query.soql.no-such-function", format!("没有函数 {name}{zh}"), format!("No such function: {name}{en}"))
        })?;
        Ok(Expr::call(function, of.iter().map(|term| self.term(term, aliased)).collect::<Bound<_>>()?))
    }

    /// `within_box(location, north, west, south, east)` and `within_circle(location, latitude, longitude, metres)`.
    fn place(&self, name: &str, of: &[Term]) -> Bound<Option<Expr>> {
        if !matches!(name, "within_box" | "within_circle") {
            return Ok(None);
        }
        let wrong = || {
            type_mismatch(
                format!("{name} 的用法：within_box(location, 北, 西, 南, 东) 或 within_circle(location, 纬度, 经度, 米)"),
                format!("{name}: within_box(location, north, west, south, east) or within_circle(location, latitude, longitude, metres)"),
            )
        };
        let Some([longitude, latitude]) = self.position else {
            return Err(type_mismatch("该数据集没有坐标", "this dataset has no places"));
        };
        let [Term::Name(location), numbers @ ..] = of else { return Err(wrong()) };
        let numbers: Vec<f64> = numbers.iter().map(figure).collect::<Option<_>>().ok_or_else(wrong)?;
        if location != LOCATION {
            return Err(wrong());
        }
        let within = |[west, south, east, north]: [f64; 4]| {
            let between = |name: &str, low: f64, high: f64| Expr::column(name).between(Value::Number(low), Value::Number(high), true);
            Expr::And(vec![between(longitude, west, east), between(latitude, south, north)])
        };
        match (name, numbers.as_slice()) {
            ("within_box", [north, west, south, east]) => Ok(Some(within([*west, *south, *east, *north]))),
            ("within_circle", [y, x, radius]) if (0.0..=RADIUS_MAX).contains(radius) && y.abs() < 89.0 => {
                let shorter = DEGREE * y.to_radians().cos();
                let (wide, high) = (radius / shorter, radius / DEGREE);
                // Flat around its middle, which on this scale is as the earth is.
                let away = |name: &str, from: f64, metres: f64| {
                    let off = Expr::call(Function::Multiply, vec![Expr::call(Function::Subtract, vec![Expr::column(name), Expr::number(from)]), Expr::number(metres)]);
                    Expr::call(Function::Multiply, vec![off.clone(), off])
                };
                let square = Expr::call(Function::Add, vec![away(longitude, *x, shorter), away(latitude, *y, DEGREE)]);
                let near = Expr::Compare(serving::Operator::LessEqual, Box::new(square), Box::new(Expr::number(radius * radius)));
                Ok(Some(Expr::And(vec![within([x - wide, y - high, x + wide, y + high]), near])))
            }
            _ => Err(wrong()),
        }
    }
}

const FUNCTIONS: [(&str, Function); 17] = [
    ("upper", Function::Upper),
    ("lower", Function::Lower),
    ("length", Function::Length),
    ("abs", Function::Absolute),
    ("floor", Function::Floor),
    ("round", Function::Round),
    ("contains", Function::Contains),
    ("coalesce", Function::Coalesce),
    ("date_trunc_y", Function::StartOfYear),
    ("date_trunc_ym", Function::StartOfMonth),
    ("date_trunc_ymd", Function::StartOfDay),
    ("date_extract_y", Function::Year),
    ("date_extract_m", Function::Month),
    ("date_extract_d", Function::Day),
    ("date_extract_hh", Function::Hour),
    ("date_extract_dow", Function::Weekday),
    ("concat", Function::Join),
];

/// What a column of the answer is called where nothing else is said.
fn called(term: &Term, place: usize) -> String {
    match term {
        Term::Name(name) => name.clone(),
        Term::Call(name, of) => {
            let name = name.replace(' ', "_");
            match of.first() {
                Some(Term::Name(column)) => format!("{name}_{column}"),
                _ => name,
            }
        }
        _ => format!("col_{}", place + 1),
    }
}

fn is_value(term: &Term) -> bool {
    matches!(term, Term::Text(_) | Term::Number(_) | Term::Boolean(_) | Term::Null)
}

fn value(term: &Term) -> Value {
    match term {
        Term::Text(text) => Value::Text(text.clone()),
        Term::Boolean(yes) => Value::Boolean(*yes),
        Term::Number(digits) => digits.parse().map_or_else(|_| Value::Number(digits.parse().unwrap_or_default()), Value::Integer),
        _ => Value::Null,
    }
}

fn figure(term: &Term) -> Option<f64> {
    match term {
        Term::Number(digits) | Term::Text(digits) => digits.parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// A pattern of SoQL, in which a backslash is one.
fn literal_pattern(pattern: &str) -> String {
    pattern.replace('\\', "\\\\")
}
