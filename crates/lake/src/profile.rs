//! The shape of a table's values: nulls, different values, bounds, mean, and how they are spread.

use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field};
use futures::TryStreamExt;

use crate::{Lake, LakeError, Limits, SqlError, TableName, query};

/// Up to so many rows, different values are counted exactly.
const EXACT: u64 = 10_000;
const BINS: i64 = 12;
/// Columns looked at in one pass, so that memory stays bounded for wide tables.
const AT_ONCE: usize = 16;

/// Of a whole table at one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub rows: u64,
    pub columns: Vec<ColumnProfile>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ColumnProfile {
    pub name: String,
    pub nulls: u64,
    /// Approximate (HyperLogLog) above 10,000 rows.
    pub distinct: u64,
    pub minimum: Option<String>,
    pub maximum: Option<String>,
    /// Arithmetic mean, for numbers.
    pub mean: Option<f64>,
    /// Equal-width bins for numbers and times (lower edge, rows), else the most frequent values.
    pub histogram: Vec<(String, u64)>,
    pub binned: bool,
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn numeric(kind: &DataType) -> bool {
    kind.is_numeric()
}

fn temporal(kind: &DataType) -> bool {
    matches!(kind, DataType::Date32 | DataType::Timestamp(_, _))
}

/// All columns but the system's own when `columns` is empty.
pub(crate) async fn profile(lake: &Lake, table: &TableName, columns: &[String]) -> Result<Profile, LakeError> {
    let schema = lake.schema(table).await?.ok_or_else(|| LakeError::Name(table.to_string()))?;
    let mut fields: Vec<Field> = Vec::new();
    for field in schema.fields() {
        let wanted = columns.contains(field.name()) || (columns.is_empty() && !field.name().starts_with('_'));
        if wanted {
            fields.push(field.as_ref().clone());
        }
    }
    if let Some(missing) = columns.iter().find(|name| schema.column_with_name(name).is_none()) {
        return Err(LakeError::Column { table: table.to_string(), column: missing.clone() });
    }
    let rows = lake.table(table).await?.map_or(0, |info| info.rows);
    let mut profiles = Vec::new();
    for group in fields.chunks(AT_ONCE) {
        profiles.extend(summaries(lake, table, group, rows).await?);
    }
    for (profile, field) in profiles.iter_mut().zip(&fields) {
        spread(lake, table, field, profile).await?;
    }
    Ok(Profile { rows, columns: profiles })
}

async fn summaries(lake: &Lake, table: &TableName, fields: &[Field], rows: u64) -> Result<Vec<ColumnProfile>, LakeError> {
    let of = |field: &Field| {
        let name = quoted(field.name());
        let different = match (rows <= EXACT, field.data_type()) {
            (true, _) => format!("count(DISTINCT {name})"),
            (false, DataType::Utf8 | DataType::Int64) => format!("approx_distinct({name})"),
            (false, DataType::Binary) => format!("approx_distinct(encode({name}, 'hex'))"),
            (false, _) => format!("approx_distinct(CAST({name} AS VARCHAR))"),
        };
        let bounds = match field.data_type() {
            DataType::Binary => "NULL, NULL".to_owned(),
            DataType::Boolean => {
                format!("min(CAST({name} AS VARCHAR)), max(CAST({name} AS VARCHAR))")
            }
            _ => format!("CAST(min({name}) AS VARCHAR), CAST(max({name}) AS VARCHAR)"),
        };
        let mean = if numeric(field.data_type()) { format!("avg(CAST({name} AS DOUBLE))") } else { "CAST(NULL AS DOUBLE)".to_owned() };
        format!("CAST(count(*) - count({name}) AS BIGINT), CAST({different} AS BIGINT), {bounds}, {mean}")
    };
    // Every value gets a name of its own, since equal expressions may not stand twice.
    let list: Vec<String> = fields.iter().map(of).collect();
    let named = list.iter().flat_map(|part| split_top(part)).enumerate().map(|(at, part)| format!("{part} AS v{at}"));
    let sql = format!("SELECT {} FROM {}.{}", named.collect::<Vec<_>>().join(", "), table.layer.word(), quoted(&table.name));
    let batch = one(lake, &sql).await?;
    Ok(fields.iter().enumerate().map(|(at, field)| summary(&batch, at * 5, field.name())).collect())
}

/// Splits at commas outside brackets.
fn split_top(list: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quoted) = (vec![String::new()], 0, false);
    for c in list.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

fn summary(batch: &RecordBatch, at: usize, name: &str) -> ColumnProfile {
    let count = |at: usize| {
        batch
            .columns()
            .get(at)
            .and_then(|column| column.as_primitive_opt::<Int64Type>())
            .filter(|c| !c.is_empty())
            .map_or(0, |c| c.value(0).max(0) as u64)
    };
    let mean = batch.columns().get(at + 4).and_then(|column| column.as_primitive_opt::<Float64Type>());
    ColumnProfile {
        name: name.to_owned(),
        nulls: count(at),
        distinct: count(at + 1),
        minimum: batch.columns().get(at + 2).and_then(|column| text(column.as_ref(), 0)),
        maximum: batch.columns().get(at + 3).and_then(|column| text(column.as_ref(), 0)),
        mean: mean.filter(|mean| mean.len() == 1 && mean.is_valid(0)).map(|mean| mean.value(0)).filter(|mean| mean.is_finite()),
        histogram: Vec::new(),
        binned: false,
    }
}

fn text(column: &dyn Array, row: usize) -> Option<String> {
    if row >= column.len() || column.is_null(row) {
        return None;
    }
    arrow_cast::display::array_value_to_string(column, row).ok()
}

async fn spread(lake: &Lake, table: &TableName, field: &Field, profile: &mut ColumnProfile) -> Result<(), LakeError> {
    let name = quoted(field.name());
    let source = format!("{}.{}", table.layer.word(), quoted(&table.name));
    if profile.distinct == 0 || field.data_type() == &DataType::Binary {
        return Ok(());
    }
    let kind = field.data_type();
    if !numeric(kind) && !temporal(kind) {
        let sql = format!(
            "SELECT CAST({name} AS VARCHAR) AS v, CAST(count(*) AS BIGINT) AS n FROM {source} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {BINS}"
        );
        let batch = one(lake, &sql).await?;
        let (Some(values), Some(counts)) =
            (batch.columns().first(), batch.columns().get(1).and_then(|column| column.as_primitive_opt::<Int64Type>()))
        else {
            return Ok(());
        };
        profile.histogram =
            (0..batch.num_rows()).filter_map(|row| Some((text(values.as_ref(), row)?, counts.value(row).max(0) as u64))).collect();
        return Ok(());
    }
    profile.binned = true;
    let number = match kind {
        DataType::Date32 => format!("CAST(CAST({name} AS INT) AS DOUBLE)"),
        DataType::Timestamp(_, _) => format!("CAST(CAST({name} AS BIGINT) AS DOUBLE)"),
        _ => format!("CAST({name} AS DOUBLE)"),
    };
    let sql = format!(
        "WITH x AS (SELECT {number} AS v FROM {source} WHERE {name} IS NOT NULL), f AS (SELECT v FROM x WHERE v - v = 0), \
         b AS (SELECT min(v) AS low, max(v) AS high FROM f) \
         SELECT low, high, CAST(CASE WHEN high > low THEN least(floor((v - low) / (high - low) * {BINS}), {BINS} - 1) ELSE 0 END AS BIGINT) AS bin, \
         CAST(count(*) AS BIGINT) AS n FROM f CROSS JOIN b GROUP BY 1, 2, 3 ORDER BY 3"
    );
    profile.histogram = bins(&one(lake, &sql).await?, kind);
    Ok(())
}

fn bins(batch: &RecordBatch, kind: &DataType) -> Vec<(String, u64)> {
    let edge = |at: usize| {
        batch.columns().get(at).and_then(|column| column.as_primitive_opt::<Float64Type>()).filter(|c| !c.is_empty()).map(|c| c.value(0))
    };
    let whole = |at: usize| batch.columns().get(at).and_then(|column| column.as_primitive_opt::<Int64Type>());
    let (Some(low), Some(high), Some(bin), Some(count)) = (edge(0), edge(1), whole(2), whole(3)) else {
        return Vec::new();
    };
    let number = if high > low { BINS } else { 1 };
    let filled = |wanted: i64| bin.values().iter().position(|found| *found == wanted).map_or(0, |row| count.value(row).max(0) as u64);
    let lower = |at: i64| label(low + (high - low) * at as f64 / number as f64, kind, high - low);
    (0..number).map(|at| (lower(at), filled(at))).collect()
}

fn label(value: f64, kind: &DataType, width: f64) -> String {
    let date = |micros: f64| jiff::Timestamp::from_microsecond(micros as i64).map(|time| time.to_string()).unwrap_or_default();
    match kind {
        DataType::Date32 => date(value.round() * 86_400e6).chars().take(10).collect(),
        DataType::Timestamp(_, _) => date(value).chars().take(19).collect(),
        _ if width >= 1000.0 => format!("{value:.0}"),
        _ => {
            let places = (3 - width.abs().max(1e-6).log10().floor() as i32).clamp(0, 9) as usize;
            let text = format!("{value:.places$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        }
    }
}

/// Runs a statement of our own whose answer fits into one small batch.
async fn one(lake: &Lake, sql: &str) -> Result<RecordBatch, LakeError> {
    let failed = |error: SqlError| LakeError::Engine(error.message.en);
    let limits = Limits { max_rows: Some(1000), deadline: Duration::from_secs(600), ..Limits::default() };
    let answer = query::run(lake, sql, &limits).await.map_err(failed)?;
    let schema = answer.schema.clone();
    let batches: Vec<RecordBatch> = answer.batches.try_collect().await.map_err(failed)?;
    Ok(arrow_select::concat::concat_batches(&schema, &batches)?)
}
