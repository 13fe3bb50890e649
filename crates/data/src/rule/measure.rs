//! From the rules of a resource to the statements that measure them: one pass over the table for all that look at a row
//! alone, one more statement for each rule that compares rows.

use kernel::Moment;

use super::parse::{Columns, parse};
use super::tree::{Expression, Fault};
use super::types::Type;
use super::write::{Scene, column, quoted};
use crate::City;
use crate::declare::{Fresh, Item, Reference, Resource, Rule, WhenNull};
use crate::standard::Checker;

/// The table's alias in every statement.
const ROW: &str = "r";

/// A rule made ready.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Index in the resource's rules.
    pub rule: usize,
    pub way: Way,
}

/// How a rule is measured.
#[derive(Clone, Debug)]
pub enum Way {
    /// Each row alone.
    Row { expression: Expression, when_null: WhenNull },
    /// No two rows with these items.
    Unique(Vec<String>),
    /// These items must stand in another table.
    Reference(Reference),
    /// The largest value of a column must not be older than this many microseconds.
    Fresh { item: String, within: i64, date: bool },
}

/// One SELECT that answers with one row of whole numbers (or, where `newest` says so, of a text).
#[derive(Clone, Debug)]
pub struct Statement {
    pub sql: String,
    /// What the columns tell, in order.
    pub columns: Vec<Told>,
    /// The other table it reads, whose absence leaves the rule unmeasured.
    pub needs: Option<String>,
}

/// What a column of an answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Rows of the table.
    Rows,
    /// Rows that fail a rule (its place among the measures).
    Failed(usize),
    /// The largest value of a rule's date, in microseconds since 1970.
    Newest(usize),
}

/// Microseconds of an ISO 8601 duration of weeks, days, hours and minutes; `None` for any other, and for nothing.
pub fn duration_micros(text: &str) -> Option<i64> {
    let span: jiff::Span = text.strip_prefix('P').and_then(|_| text.parse().ok())?;
    if span.get_years() != 0 || span.get_months() != 0 || span.is_negative() {
        return None;
    }
    let hours = i64::from(span.get_weeks()) * 168 + i64::from(span.get_days()) * 24 + i64::from(span.get_hours());
    let seconds = hours.checked_mul(3_600)?.checked_add(span.get_minutes().checked_mul(60)?)?;
    seconds.checked_mul(1_000_000).filter(|micros| *micros > 0)
}

/// The types of a resource's items.
pub fn columns(city: &City, resource: &Resource) -> Columns {
    typed(resource, |item| {
        Checker::new(city, item).ok().map(|checker| Type::of(checker.kind().shape()))
    })
}

/// The types of the items for which a type is known.
pub fn typed(resource: &Resource, kind: impl Fn(&Item) -> Option<Type>) -> Columns {
    resource
        .items
        .iter()
        .filter_map(|item| Some((item.name.clone(), kind(item)?)))
        .collect()
}

/// Makes a rule ready. Only expressions can have faults here; the rest is checked with the declaration.
pub fn prepare(number: usize, rule: &Rule, columns: &Columns) -> Result<Option<Measure>, Fault> {
    let way = match (&rule.expression, &rule.references, &rule.fresh) {
        (Some(text), ..) => Way::Row {
            expression: parse(text, columns)?,
            when_null: rule.when_null,
        },
        (None, Some(reference), _) => Way::Reference(reference.clone()),
        (None, None, Some(Fresh { item, within })) => match duration_micros(within) {
            Some(within) => Way::Fresh {
                item: item.clone(),
                within,
                date: columns.get(item) == Some(&Type::Date),
            },
            None => return Ok(None),
        },
        (None, None, None) if !rule.unique.is_empty() => Way::Unique(rule.unique.clone()),
        _ => return Ok(None),
    };
    Ok(Some(Measure { rule: number, way }))
}

/// All rules of a resource of a city that holds together.
pub fn measures(city: &City, resource: &Resource) -> Vec<Measure> {
    ready(&resource.rules, &columns(city, resource))
}

/// Those of the rules that can be measured over these columns; all of them, where the declarations were checked.
pub fn ready(rules: &[Rule], columns: &Columns) -> Vec<Measure> {
    let ready = |(number, rule)| prepare(number, rule, columns).ok().flatten();
    rules.iter().enumerate().filter_map(ready).collect()
}

/// A statement that is being put together.
struct Pass {
    select: Vec<String>,
    told: Vec<Told>,
    weight: usize,
    length: usize,
}

impl Pass {
    fn new() -> Pass {
        Pass {
            select: vec!["count(*) AS rows".to_owned()],
            told: vec![Told::Rows],
            weight: 0,
            length: 0,
        }
    }

    fn add(&mut self, select: String, told: Told, weight: usize) {
        self.length += select.len();
        self.weight += weight;
        self.select.push(select);
        self.told.push(told);
    }

    /// Whether the engine would refuse it as too long with one more.
    fn is_full(&self, weight: usize, length: usize) -> bool {
        self.told.len() > 1 && (self.weight + weight > HEAVIEST || self.length + length > LONGEST)
    }

    fn statement(self, table: &str) -> Statement {
        Statement {
            sql: format!("SELECT {} FROM {table} AS {ROW}", self.select.join(", ")),
            columns: self.told,
            needs: None,
        }
    }
}

/// What the engine plans in one statement, with room to spare: operators, and bytes.
const HEAVIEST: usize = 440;
const LONGEST: usize = 24_000;

/// The statements that measure a table: the first passes over it once for all rules that look at a row alone. Only where
/// these are more than one statement can hold, a second one follows.
pub fn statements(id: &str, measures: &[Measure], scene: &Scene) -> Vec<Statement> {
    statements_over(&table(id), measures, scene)
}

/// The same over the rows that a SELECT would give.
pub fn statements_of_select(select: &str, measures: &[Measure], scene: &Scene) -> Vec<Statement> {
    statements_over(&format!("(\n{select}\n)"), measures, scene)
}

fn statements_over(table: &str, measures: &[Measure], scene: &Scene) -> Vec<Statement> {
    let mut pass = Pass::new();
    let (mut passes, mut more) = (Vec::new(), Vec::new());
    for (n, measure) in measures.iter().enumerate() {
        match &measure.way {
            Way::Row { expression, .. } => {
                let select = format!("count(CASE WHEN {} THEN 1 END) AS f{n}", failing(&measure.way, scene));
                let weight = expression.weight() + 2;
                if pass.is_full(weight, select.len()) {
                    passes.push(std::mem::replace(&mut pass, Pass::new()).statement(table));
                }
                pass.add(select, Told::Failed(n), weight);
            }
            Way::Fresh { item, date, .. } => {
                let value = column(ROW, item);
                let micros = match date {
                    true => format!("max(CAST(CAST({value} AS INT) AS BIGINT)) * 86400000000"),
                    false => format!("max(CAST({value} AS BIGINT))"),
                };
                pass.add(format!("{micros} AS f{n}"), Told::Newest(n), 1);
            }
            Way::Unique(items) => more.push(Statement {
                sql: format!("SELECT coalesce(sum(g.n), 0) AS f{n} FROM ({}) AS g", doubled(table, items)),
                columns: vec![Told::Failed(n)],
                needs: None,
            }),
            Way::Reference(reference) => more.push(Statement {
                sql: format!(
                    "SELECT count(*) AS f{n} FROM {table} AS {ROW} WHERE {}",
                    failing(&measure.way, scene)
                ),
                columns: vec![Told::Failed(n)],
                needs: Some(reference.resource.clone()),
            }),
        }
    }
    passes.push(pass.statement(table));
    passes.into_iter().chain(more).collect()
}

/// A SELECT of the rows that fail, in the order of their hashes, after one of them: `_hash` in hexadecimal, then the given
/// columns as they are. `None` for a rule that no single row fails.
pub fn rows(id: &str, measure: &Measure, shown: &[String], after: Option<[u8; 16]>, scene: &Scene) -> Option<String> {
    let table = table(id);
    let wanted: Vec<String> = shown.iter().map(|name| column(ROW, name)).collect();
    let from = match &measure.way {
        Way::Fresh { .. } => return None,
        Way::Row { .. } | Way::Reference(_) => format!("{table} AS {ROW} WHERE {}", failing(&measure.way, scene)),
        Way::Unique(items) => {
            let same = items
                .iter()
                .map(|item| format!("{} = {}", column("g", item), column(ROW, item)))
                .collect::<Vec<_>>();
            format!(
                "{table} AS {ROW} JOIN ({}) AS g ON {} WHERE TRUE",
                doubled(&table, items),
                same.join(" AND ")
            )
        }
    };
    let hash = format!("encode({}, 'hex')", column(ROW, "_hash"));
    let beyond = after.map(|hash_after| {
        let hex: String = hash_after.iter().map(|byte| format!("{byte:02x}")).collect();
        format!(" AND {hash} > {}", quoted(&hex))
    });
    let all: Vec<String> = std::iter::once(format!("{hash} AS \"_hash\"")).chain(wanted).collect();
    Some(format!(
        "SELECT {} FROM {from}{} ORDER BY 1",
        all.join(", "),
        beyond.unwrap_or_default()
    ))
}

/// Whether a table is as new as it must be, from its largest value.
pub fn is_fresh(measure: &Measure, newest: Moment, scene: &Scene) -> bool {
    let Way::Fresh { within, date, .. } = &measure.way else {
        return true;
    };
    if !date {
        return scene.now.0.saturating_sub(newest.0) <= *within;
    }
    // Days are compared as days: yesterday's row is a day old all day long.
    let today = i64::from(
        scene
            .today()
            .since(jiff::civil::Date::constant(1970, 1, 1))
            .map_or(0, |span| span.get_days()),
    );
    today.saturating_mul(86_400_000_000).saturating_sub(newest.0) <= *within
}

/// The table of a resource, or of a model by `layer.name`.
fn table(id: &str) -> String {
    let (layer, name) = id.split_once('.').unwrap_or(("standard", id));
    format!("{layer}.\"{name}\"")
}

/// The condition under which a row fails.
fn failing(way: &Way, scene: &Scene) -> String {
    match way {
        Way::Row {
            expression,
            when_null: WhenNull::Pass,
        } => format!("{} IS FALSE", expression.sql(ROW, scene)),
        Way::Row {
            expression,
            when_null: WhenNull::Fail,
        } => format!("{} IS NOT TRUE", expression.sql(ROW, scene)),
        Way::Reference(reference) => {
            let pairs = reference.items.iter().zip(&reference.to);
            let same: Vec<String> = pairs
                .map(|(item, to)| format!("{} = {}", column("o", to), column(ROW, item)))
                .collect();
            let filled: Vec<String> = reference
                .items
                .iter()
                .map(|item| format!("{} IS NOT NULL", column(ROW, item)))
                .collect();
            let wanted: Vec<String> = reference.to.iter().map(|to| column("d", to)).collect();
            // Each value once: the engine would walk all rows of the other table that share one.
            format!(
                "{} AND NOT EXISTS (SELECT 1 FROM (SELECT DISTINCT {} FROM {} AS d) AS o WHERE {})",
                filled.join(" AND "),
                wanted.join(", "),
                table(&reference.resource),
                same.join(" AND ")
            )
        }
        Way::Unique(_) | Way::Fresh { .. } => "FALSE".to_owned(),
    }
}

/// The values of these items that stand in more than one row, with the number of rows.
fn doubled(table: &str, items: &[String]) -> String {
    let names: Vec<String> = items.iter().map(|item| column("d", item)).collect();
    let filled: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
    let names = names.join(", ");
    format!(
        "SELECT {names}, count(*) AS n FROM {table} AS d WHERE {} GROUP BY {names} HAVING count(*) > 1",
        filled.join(" AND ")
    )
}

/// A short SQL text of what a rule asks, for people.
pub fn shown(rule: &Rule) -> String {
    if let Some(text) = &rule.expression {
        return text.trim().to_owned();
    }
    if let Some(reference) = &rule.references {
        return format!(
            "({}) → {} ({})",
            reference.items.join(", "),
            reference.resource,
            reference.to.join(", ")
        );
    }
    if let Some(fresh) = &rule.fresh {
        return format!("max({}) ≥ now − {}", fresh.item, fresh.within);
    }
    format!("unique ({})", rule.unique.join(", "))
}
