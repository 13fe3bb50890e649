//! Calls of functions and casts: allowed ones, with the right arguments, in forms that cannot stop a statement.

use std::ops::Range;

use kernel::nearest;
use sqlparser::ast::{DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart};

use super::function::{CASTS, FUNCTIONS, Function, Gives};
use super::parse::{Part, Reader};
use super::tree::{Expression, Fault};
use super::types::Type;

impl Reader<'_> {
    pub(super) fn cast(&self, tree: &Expr, inner: &Expr, to: &DataType) -> Part {
        let (part, _) = self.part(inner)?;
        let (function, kind) = match to {
            DataType::Text | DataType::Varchar(_) | DataType::String(_) | DataType::Char(_) => ("cast_text", Type::Text),
            DataType::Double(_)
            | DataType::DoublePrecision
            | DataType::Float(_)
            | DataType::Real
            | DataType::Numeric(_)
            | DataType::Decimal(_) => ("cast_number", Type::Number),
            DataType::Int(_) | DataType::Integer(_) | DataType::BigInt(_) => ("cast_integer", Type::Number),
            DataType::Date => ("cast_date", Type::Date),
            _ => {
                let fault = Fault::new(self.place(tree), format!("不能转换为 `{to}`"), format!("cannot be cast to `{to}`"));
                return Err(fault.help("可用 TEXT、DOUBLE、BIGINT、DATE", "TEXT, DOUBLE, BIGINT and DATE are possible"));
            }
        };
        let function = CASTS.iter().find(|one| one.name == function).unwrap_or(&FUNCTIONS[0]);
        Ok((Expression::Call(function, vec![part]), kind))
    }

    pub(super) fn function(&self, tree: &Expr, call: &sqlparser::ast::Function) -> Part {
        let [ObjectNamePart::Identifier(name)] = call.name.0.as_slice() else {
            return Err(self.not_allowed(tree));
        };
        let plain = call.filter.is_none() && call.over.is_none() && call.null_treatment.is_none() && call.within_group.is_empty();
        if Function::named(&name.value).is_none() {
            let near = nearest(&name.value.to_lowercase(), FUNCTIONS.iter().map(|function| function.name));
            let fault = Fault::new(
                self.span(name.span),
                format!("规则中没有函数 `{}`", name.value),
                format!("rules have no function `{}`", name.value),
            )
            .suggest(near);
            let all = FUNCTIONS.iter().map(|function| function.name).collect::<Vec<_>>();
            return Err(if near.is_some() {
                fault
            } else {
                fault.help(format!("可用的有：{}", all.join("、")), format!("there are: {}", all.join(", ")))
            });
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

    pub(super) fn call(&self, tree: &Expr, name: &str, arguments: &[&Expr]) -> Part {
        self.call_at(self.place(tree), name, arguments)
    }

    fn call_at(&self, span: Range<usize>, name: &str, arguments: &[&Expr]) -> Part {
        let Some(function) = Function::named(name) else {
            return Err(Fault::new(span, "没有这个函数", "there is no such function"));
        };
        let shown = function.shown();
        let count = arguments.len();
        let right = match function.gives {
            Gives::Same if function.name == "nullif" => count == 2,
            Gives::Same => count >= 2,
            Gives::One(_) => (function.takes.len() - function.optional..=function.takes.len()).contains(&count),
        };
        if !right {
            return Err(Fault::new(
                span,
                format!("参数个数不对，应写 `{shown}`"),
                format!("the number of arguments is wrong; write `{shown}`"),
            ));
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
        let right = |form: &String| {
            form.split('%')
                .skip(1)
                .all(|rest| rest.starts_with(['Y', 'm', 'd', 'y', 'j', 'u', 'U', 'F']))
        };
        match part {
            Some(Expression::Text(form)) if right(form) => Ok(()),
            _ => {
                let span = tree.map_or(0..self.text.len(), |tree| self.place(tree));
                Err(
                    Fault::new(span, "日期格式应是写定的文字", "the form of the date must be a written text")
                        .help("如 `'%Y%m%d'`", "e.g. `'%Y%m%d'`"),
                )
            }
        }
    }
}
