//! The functions that expressions may use: what they take, what they give, and how the engine writes them.

use super::types::Type;

/// One allowed function.
#[derive(Debug, PartialEq)]
pub struct Function {
    pub name: &'static str,
    /// Types of the arguments, in order.
    pub takes: &'static [Type],
    /// How many of them, counted from the end, may be left out.
    pub optional: usize,
    pub gives: Gives,
    /// SQL with `{0}`, `{1}` for the arguments, `{zone}` for the city's time zone, `{today}` and `{now}`; empty: the
    /// function of the same name.
    pub(super) sql: &'static str,
}

/// The type of a function's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    One(Type),
    /// That of its arguments, which are any number of values of one type.
    Same,
}

const fn function(name: &'static str, takes: &'static [Type], gives: Type) -> Function {
    Function {
        name,
        takes,
        optional: 0,
        gives: Gives::One(gives),
        sql: "",
    }
}

const fn written(name: &'static str, takes: &'static [Type], gives: Type, sql: &'static str) -> Function {
    Function {
        name,
        takes,
        optional: 0,
        gives: Gives::One(gives),
        sql,
    }
}

const fn same(name: &'static str) -> Function {
    Function {
        name,
        takes: &[],
        optional: 0,
        gives: Gives::Same,
        sql: "",
    }
}

use Type::{Boolean, Date, Datetime, Number, Text};

/// All of them, by name.
pub static FUNCTIONS: [Function; 30] = [
    function("abs", &[Number], Number),
    written(
        "add_days",
        &[Date, Number],
        Date,
        "CAST(CAST((CAST({0} AS INT) + CAST({1} AS INT)) AS INT) AS DATE)",
    ),
    function("ceil", &[Number], Number),
    same("coalesce"),
    written("concat", &[Text, Text], Text, "({0} || {1})"),
    written("date", &[Datetime], Date, "CAST(to_local_time({0} AT TIME ZONE {zone}) AS DATE)"),
    written("day", &[Date], Number, "date_part('day', {0})"),
    written("days_between", &[Date, Date], Number, "(CAST({1} AS INT) - CAST({0} AS INT))"),
    function("ends_with", &[Text, Text], Boolean),
    function("floor", &[Number], Number),
    same("greatest"),
    same("least"),
    function("left", &[Text, Number], Text),
    written("length", &[Text], Number, "character_length({0})"),
    function("lower", &[Text], Text),
    written("month", &[Date], Number, "date_part('month', {0})"),
    written("now", &[], Datetime, "{now}"),
    same("nullif"),
    function("regexp_like", &[Text, Text], Boolean),
    function("replace", &[Text, Text, Text], Text),
    function("right", &[Text, Number], Text),
    Function {
        optional: 1,
        ..function("round", &[Number, Number], Number)
    },
    function("starts_with", &[Text, Text], Boolean),
    function("strpos", &[Text, Text], Number),
    Function {
        optional: 1,
        ..function("substr", &[Text, Number, Number], Text)
    },
    function("to_char", &[Date, Text], Text),
    written("today", &[], Date, "{today}"),
    written("trim", &[Text], Text, "btrim({0})"),
    function("upper", &[Text], Text),
    written("year", &[Date], Number, "date_part('year', {0})"),
];

/// What casts stand for; their names cannot be written. A value that does not fit becomes null.
pub(super) static CASTS: [Function; 4] = [
    written("cast_text", &[Text], Text, "TRY_CAST({0} AS VARCHAR)"),
    written("cast_number", &[Number], Number, "TRY_CAST({0} AS DOUBLE)"),
    written("cast_integer", &[Number], Number, "TRY_CAST({0} AS BIGINT)"),
    written("cast_date", &[Date], Date, "TRY_CAST({0} AS DATE)"),
];

impl Function {
    /// The function of this name, in any case.
    pub fn named(name: &str) -> Option<&'static Function> {
        let name = match name.to_ascii_lowercase().as_str() {
            "char_length" | "character_length" => "length".to_owned(),
            "substring" => "substr".to_owned(),
            "ceiling" => "ceil".to_owned(),
            "btrim" => "trim".to_owned(),
            "current_date" => "today".to_owned(),
            other => other.to_owned(),
        };
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// `substr(text, number, number)`, for messages.
    pub fn shown(&self) -> String {
        let word = |kind: &Type| match kind {
            Type::Text => "text",
            Type::Number => "number",
            Type::Boolean => "boolean",
            Type::Date => "date",
            Type::Datetime => "datetime",
            Type::Null => "null",
        };
        if self.gives == Gives::Same {
            return format!("{}(a, b)", self.name);
        }
        let first = self.takes.len().saturating_sub(self.optional);
        let each = self.takes.iter().enumerate().map(|(n, kind)| {
            if n >= first {
                format!("[{}]", word(kind))
            } else {
                word(kind).to_owned()
            }
        });
        format!("{}({})", self.name, each.collect::<Vec<_>>().join(", "))
    }
}
