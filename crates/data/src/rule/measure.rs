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

/// One SELECT that answers with one row of whole numbers. Counts of a rule that several statements tell add up.
#[derive(Clone, Debug)]
pub struct Statement {
    pub sql: String,
    /// What the columns tell, in order.
    pub columns: Vec<Told>,
    /// The other table it reads, whose absence leaves the rule unmeasured.
    pub needs: Option<String>,
    /// Where its answer may be null, since it would have to hold too many keys: the same question in parts.
    pub split: Option<Split>,
}

/// A reference that can be asked in parts.
#[derive(Clone, Debug)]
pub struct Split {
    table: String,
    select: String,
    reference: Reference,
}

impl Split {
    /// So many statements whose answers add up.
    pub fn parts(&self, parts: u64) -> impl Iterator<Item = String> {
        (0..parts).map(move |part| self.part(part, parts))
    }

    fn part(&self, part: u64, parts: u64) -> String {
        format!("SELECT {} FROM ({})", self.select, both_sides(&self.table, &self.reference, part, parts))
    }
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
            split: None,
        }
    }
}

/// What the engine plans in one statement, with room to spare: operators, and bytes.
const HEAVIEST: usize = 440;
const LONGEST: usize = 24_000;

/// Keys of which one statement counts those that are repeated: sixteen bytes each, twice while partial counts are put together.
const KEYS_COUNTED: u64 = 8_000_000;
/// Keys that the engine gathers whole in one statement.
const KEYS_GATHERED: u64 = 1_000_000;

/// How many parts a question about so many keys is asked in.
fn parts(rows: u64, most: u64) -> u64 {
    rows.div_ceil(most).max(1)
}

/// The statements that measure a table: the first passes over it once for all rules that look at a row alone, and for as many
/// that compare rows as memory allows. Only where these are more than one statement can hold, further ones follow.
/// The table has so many rows.
pub fn statements(id: &str, rows: u64, measures: &[Measure], scene: &Scene) -> Vec<Statement> {
    statements_over(&table(id), rows, measures, scene)
}

/// The same over the rows that a SELECT would give; how many these are is not known.
pub fn statements_of_select(select: &str, measures: &[Measure], scene: &Scene) -> Vec<Statement> {
    statements_over(&format!("(\n{select}\n)"), KEYS_COUNTED, measures, scene)
}

fn statements_over(table: &str, own: u64, measures: &[Measure], scene: &Scene) -> Vec<Statement> {
    let mut pass = Pass::new();
    let mut keys = 0;
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
            Way::Unique(items) => {
                let select = format!("count_repeated({}) AS f{n}", columns_of(ROW, items));
                keys += own;
                if keys <= KEYS_COUNTED && !pass.is_full(1, select.len()) {
                    pass.add(select, Told::Failed(n), 1);
                    continue;
                }
                let parts = parts(own, KEYS_COUNTED);
                more.extend((0..parts).map(|part| Statement {
                    sql: format!("SELECT {select} FROM {table} AS {ROW} WHERE {}", in_part(ROW, items, part, parts)),
                    columns: vec![Told::Failed(n)],
                    needs: None,
                    split: None,
                }));
            }
            Way::Reference(reference) => {
                let keys: Vec<String> = (0..reference.items.len()).map(key).collect();
                let select = format!("count_astray({}, known) AS f{n}", keys.join(", "));
                let split = Split { table: table.to_owned(), select, reference: reference.clone() };
                more.push(Statement {
                    sql: split.part(0, 1),
                    columns: vec![Told::Failed(n)],
                    needs: Some(reference.resource.clone()),
                    split: Some(split),
                });
            }
        }
    }
    passes.push(pass.statement(table));
    passes.into_iter().chain(more).collect()
}

/// SELECTs of the rows that fail, each in the order of their hashes, after one of them: `_hash` in hexadecimal, then the given
/// columns as they are. Each gives other rows; a page holds the first of them all. None for a rule that no single row fails.
pub fn rows(id: &str, measure: &Measure, shown: &[String], after: Option<[u8; 16]>, scene: &Scene, rows: &dyn Fn(&str) -> u64) -> Vec<String> {
    let table = table(id);
    let from: Vec<String> = match &measure.way {
        Way::Fresh { .. } => Vec::new(),
        Way::Row { .. } => vec![format!("{table} AS {ROW} WHERE {}", failing(&measure.way, scene))],
        Way::Reference(reference) => {
            let parts = parts(rows(&reference.resource), KEYS_GATHERED);
            (0..parts).map(|part| format!("{table} AS {ROW} WHERE {}", astray(reference, part, parts))).collect()
        }
        Way::Unique(items) => {
            let parts = parts(rows(id), KEYS_GATHERED);
            (0..parts).map(|part| repeated(&table, items, part, parts)).collect()
        }
    };
    let hash = format!("encode({}, 'hex')", column(ROW, "_hash"));
    let beyond = after.map(|hash_after| {
        let hex: String = hash_after.iter().map(|byte| format!("{byte:02x}")).collect();
        format!(" AND {hash} > {}", quoted(&hex))
    });
    let wanted = shown.iter().map(|name| column(ROW, name));
    let all: Vec<String> = std::iter::once(format!("{hash} AS \"_hash\"")).chain(wanted).collect();
    let select = |from: String| format!("SELECT {} FROM {from}{} ORDER BY 1", all.join(", "), beyond.as_deref().unwrap_or_default());
    from.into_iter().map(select).collect()
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

/// The condition under which a row fails a rule that looks at it alone.
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
        Way::Reference(_) | Way::Unique(_) | Way::Fresh { .. } => "FALSE".to_owned(),
    }
}

/// The condition under which a row of a part refers to nothing.
fn astray(reference: &Reference, part: u64, parts: u64) -> String {
    let pairs = reference.items.iter().zip(&reference.to);
    let same: Vec<String> = pairs
        .map(|(item, to)| format!("{} = {}", column("o", to), column(ROW, item)))
        .collect();
    // Each value once: the engine would walk all rows of the other table that share one.
    format!(
        "{} AND NOT EXISTS (SELECT 1 FROM (SELECT DISTINCT {} FROM {} AS d WHERE {}) AS o WHERE {})",
        in_part(ROW, &reference.items, part, parts),
        columns_of("d", &reference.to),
        table(&reference.resource),
        in_part("d", &reference.to, part, parts),
        same.join(" AND ")
    )
}

/// The values of a part that refer, and those that are known, as one table. Compared as sets of hashes, they cost less than a
/// join does, which keeps each row of the other table.
fn both_sides(table: &str, reference: &Reference, part: u64, parts: u64) -> String {
    let side = |table: &str, items: &[String], known: &str| {
        let named = items.iter().enumerate().map(|(n, item)| format!("{} AS {}", column(ROW, item), key(n)));
        format!("SELECT {}, {known} AS known FROM {table} AS {ROW} WHERE {}", named.collect::<Vec<_>>().join(", "), in_part(ROW, items, part, parts))
    };
    let asking = side(table, &reference.items, "FALSE");
    let known = side(&self::table(&reference.resource), &reference.to, "TRUE");
    format!("{asking} UNION ALL {known}")
}

/// What values are called there.
fn key(n: usize) -> String {
    format!("k{n}")
}

/// The rows of a part whose values stand in another row too.
fn repeated(table: &str, items: &[String], part: u64, parts: u64) -> String {
    let same: Vec<String> = items
        .iter()
        .map(|item| format!("{} = {}", column("g", item), column(ROW, item)))
        .collect();
    let names = columns_of("d", items);
    format!(
        "{table} AS {ROW} JOIN (SELECT {names} FROM {table} AS d WHERE {} GROUP BY {names} HAVING count(*) > 1) AS g ON {} WHERE TRUE",
        in_part("d", items, part, parts),
        same.join(" AND ")
    )
}

/// The condition under which a row has all of the values, and they fall in the part.
fn in_part(alias: &str, items: &[String], part: u64, parts: u64) -> String {
    if parts > 1 {
        return format!("key_part({parts}, {}) = {part}", columns_of(alias, items));
    }
    let filled: Vec<String> = items.iter().map(|item| format!("{} IS NOT NULL", column(alias, item))).collect();
    filled.join(" AND ")
}

fn columns_of(alias: &str, items: &[String]) -> String {
    items.iter().map(|item| column(alias, item)).collect::<Vec<_>>().join(", ")
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
