//! A checked expression as SQL for the lake's engine: names quoted, every operator in brackets, nothing that can fail on a row.

use kernel::Moment;

use super::tree::{Expression, Operator, Truth};

/// When and where an expression is asked: fixed before the statement is made, so that one statement knows one day.
#[derive(Clone, Debug)]
pub struct Scene {
    pub now: Moment,
    /// IANA name of the city's time zone.
    pub zone: String,
}

impl Scene {
    /// The day in the city, `2026-01-31`.
    pub fn today(&self) -> jiff::civil::Date {
        let zone = jiff::tz::TimeZone::get(&self.zone).unwrap_or_else(|_| jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
        self.now.to_jiff().to_zoned(zone).date()
    }
}

impl Expression {
    /// Its SQL, items of the table taken under the given alias.
    pub fn sql(&self, alias: &str, scene: &Scene) -> String {
        let sql = |one: &Expression| one.sql(alias, scene);
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match self {
            Expression::Item(name) => column(alias, name),
            Expression::Text(text) => quoted(text),
            Expression::Number(text) => text.clone(),
            Expression::Boolean(true) => "TRUE".to_owned(),
            Expression::Boolean(false) => "FALSE".to_owned(),
            Expression::Null => "NULL".to_owned(),
            Expression::Date(day) => format!("DATE '{day}'"),
            Expression::Datetime(text) => datetime(text),
            Expression::Not(one) => format!("(NOT {})", sql(one)),
            Expression::Minus(one) => format!("(- {})", sql(one)),
            Expression::Binary(left, operator, right) => binary(&unbracketed(left, *operator, &sql(left)), *operator, &sql(right)),
            Expression::Is { value, what, negated } => {
                let what = match what {
                    Truth::Null => "NULL",
                    Truth::True => "TRUE",
                    Truth::False => "FALSE",
                };
                format!("({} IS {}{what})", sql(value), not(negated))
            }
            Expression::In { value, list, negated } => {
                let each: Vec<String> = list.iter().map(sql).collect();
                format!("({} {}IN ({}))", sql(value), not(negated), each.join(", "))
            }
            Expression::Between { value, low, high, negated } => {
                format!("({} {}BETWEEN {} AND {})", sql(value), not(negated), sql(low), sql(high))
            }
            Expression::Like {
                value,
                pattern,
                any_case,
                negated,
            } => {
                let word = if *any_case { "ILIKE" } else { "LIKE" };
                format!("({} {}{word} {})", sql(value), not(negated), quoted(pattern))
            }
            Expression::Case { branches, otherwise } => {
                let each = branches
                    .iter()
                    .map(|(when, then)| format!(" WHEN {} THEN {}", sql(when), sql(then)));
                let last = otherwise.as_ref().map(|one| format!(" ELSE {}", sql(one))).unwrap_or_default();
                format!("(CASE{}{last} END)", each.collect::<String>())
            }
            Expression::Call(function, arguments) => {
                let each: Vec<String> = arguments.iter().map(sql).collect();
                if function.sql.is_empty() {
                    return format!("{}({})", function.name, each.join(", "));
                }
                filled(function.sql, &each, scene)
            }
        }
    }
}

/// The template with its places filled, in one walk, so that nothing put in is read as a place.
fn filled(template: &str, arguments: &[String], scene: &Scene) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, after)) = after.split_once('}') else { break };
        out.push_str(before);
        match place {
            "zone" => out.push_str(&quoted(&scene.zone)),
            "today" => out.push_str(&format!("DATE '{}'", scene.today())),
            "now" => out.push_str(&datetime(&scene.now.rfc3339())),
            n => out.push_str(n.parse().ok().and_then(|n: usize| arguments.get(n)).map_or("NULL", String::as_str)),
        }
        rest = after;
    }
    out + rest
}

/// A chain of one operator needs no brackets on its left, however long it is.
fn unbracketed(left: &Expression, operator: Operator, sql: &str) -> String {
    let chains = matches!(
        operator,
        Operator::And | Operator::Or | Operator::Plus | Operator::Times | Operator::Join
    );
    match left {
        Expression::Binary(_, same, _) if chains && *same == operator => sql
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
            .unwrap_or(sql)
            .to_owned(),
        _ => sql.to_owned(),
    }
}

fn binary(left: &str, operator: Operator, right: &str) -> String {
    let sign = match operator {
        Operator::And => "AND",
        Operator::Or => "OR",
        Operator::Equal => "=",
        Operator::Unequal => "<>",
        Operator::Less => "<",
        Operator::LessEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterEqual => ">=",
        Operator::Plus => "+",
        Operator::Minus => "-",
        Operator::Times => "*",
        Operator::Join => "||",
        // Whole numbers divide as fractions, and nothing is divided by zero.
        Operator::Divide => return format!("(CAST({left} AS DOUBLE) / nullif(CAST({right} AS DOUBLE), 0))"),
        Operator::Modulo => return format!("({left} % nullif({right}, 0))"),
    };
    format!("({left} {sign} {right})")
}

/// A moment in the type that columns of moments have.
fn datetime(rfc3339: &str) -> String {
    format!("arrow_cast('{rfc3339}', 'Timestamp(Microsecond, Some(\"UTC\"))')")
}

pub(super) fn column(alias: &str, name: &str) -> String {
    format!("{alias}.\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
