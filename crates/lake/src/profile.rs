//! The shape of a table's values: nulls, different values, bounds, mean, and how they are spread. Of a large table the
//! statistics of its files and some of its rows are looked at, so that a profile costs the same however large it grows.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::TryStreamExt;

use crate::sample::{self, Known};
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
    /// Approximate above 10,000 rows (HyperLogLog), estimated from some of the rows above 250,000.
    pub distinct: u64,
    pub minimum: Option<String>,
    pub maximum: Option<String>,
    /// Arithmetic mean, for numbers.
    pub mean: Option<f64>,
    /// Equal-width bins for numbers and times (lower edge, rows), else the most frequent values. Above 250,000 rows the
    /// numbers of rows are estimates.
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
    let ground = Ground::of(lake, table, &fields, rows).await?;
    let mut profiles = Vec::new();
    for group in fields.chunks(AT_ONCE) {
        profiles.extend(summaries(&ground, group).await?);
    }
    for (at, (profile, field)) in profiles.iter_mut().zip(&fields).enumerate() {
        let known = ground.known.get(at).cloned().unwrap_or_default();
        if ground.some.is_some() {
            ground.correct(field, &known, profile).await?;
        }
        spread(&ground, field, &known, profile).await?;
    }
    Ok(Profile { rows, columns: profiles })
}

/// The rows that are asked: all of the table, or some that stand for it.
struct Ground<'a> {
    lake: &'a Lake,
    source: String,
    /// Rows of the table.
    rows: u64,
    /// Where the chosen rows are, and how many they are, when not all are asked.
    some: Option<(SessionContext, u64)>,
    known: Vec<Known>,
}

impl<'a> Ground<'a> {
    async fn of(lake: &'a Lake, table: &TableName, fields: &[Field], rows: u64) -> Result<Ground<'a>, LakeError> {
        let source = format!("{}.{}", table.layer.word(), quoted(&table.name));
        let whole = Ground { lake, source, rows, some: None, known: Vec::new() };
        if rows <= sample::WHOLE {
            return Ok(whole);
        }
        let _lease = lake.lease();
        let Some((_, state)) = lake.state(table).await? else { return Ok(whole) };
        let wanted = fields.to_vec();
        let (schema, batches, known) = tokio::task::spawn_blocking(move || {
            let (schema, batches) = sample::rows(&state, &wanted)?;
            Ok::<(SchemaRef, Vec<RecordBatch>, Vec<Known>), LakeError>((schema, batches, sample::known(&state, &wanted)))
        })
        .await??;
        let chosen = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(cores));
        context.register_table("chosen", Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        Ok(Ground { source: "chosen".to_owned(), some: Some((context, chosen)), known, ..whole })
    }

    /// Runs a statement of our own whose answer fits into one small batch.
    async fn one(&self, sql: &str) -> Result<RecordBatch, LakeError> {
        if let Some((context, _)) = &self.some {
            let frame = context.sql(sql).await?;
            let schema = frame.schema().inner().clone();
            return Ok(arrow_select::concat::concat_batches(&schema, &frame.collect().await?)?);
        }
        let failed = |error: SqlError| LakeError::Engine(error.message.en);
        let limits = Limits { max_rows: Some(1000), deadline: Duration::from_secs(600), ..Limits::default() };
        let answer = query::run(self.lake, sql, &limits).await.map_err(failed)?;
        let schema = answer.schema.clone();
        let batches: Vec<RecordBatch> = answer.batches.try_collect().await.map_err(failed)?;
        Ok(arrow_select::concat::concat_batches(&schema, &batches)?)
    }

    /// From what the chosen rows show to what the table has: exactly where its files tell, estimated otherwise.
    async fn correct(&self, field: &Field, known: &Known, profile: &mut ColumnProfile) -> Result<(), LakeError> {
        let name = quoted(field.name());
        let batch = self
            .one(&format!(
                "SELECT CAST(coalesce(sum(n), 0) AS BIGINT), CAST(count(*) AS BIGINT), CAST(count(CASE WHEN n = 1 THEN 1 END) AS BIGINT) \
                 FROM (SELECT count(*) AS n FROM {} WHERE {name} IS NOT NULL GROUP BY {name})",
                self.source
            ))
            .await?;
        let (seen, different, once) = (count(&batch, 0), count(&batch, 1), count(&batch, 2));
        profile.nulls = known.nulls.unwrap_or_else(|| self.scaled(profile.nulls));
        profile.distinct = sample::different(self.rows.saturating_sub(profile.nulls), seen, different, once);
        if let Some((low, high)) = &known.bounds {
            let shown = |value: &ScalarValue| text(value.to_array().ok()?.as_ref(), 0);
            profile.minimum = shown(low).or(profile.minimum.take());
            profile.maximum = shown(high).or(profile.maximum.take());
        }
        Ok(())
    }

    /// Rows of the table for so many of those that were asked.
    fn scaled(&self, rows: u64) -> u64 {
        match &self.some {
            Some((_, chosen)) if *chosen > 0 => (rows as f64 * self.rows as f64 / *chosen as f64).round() as u64,
            _ => rows,
        }
    }
}

/// A whole number in the first row of an answer.
fn count(batch: &RecordBatch, at: usize) -> u64 {
    let column = batch.columns().get(at).and_then(|column| column.as_primitive_opt::<Int64Type>());
    column.filter(|column| !column.is_empty()).map_or(0, |column| column.value(0).max(0) as u64)
}

async fn summaries(ground: &Ground<'_>, fields: &[Field]) -> Result<Vec<ColumnProfile>, LakeError> {
    let of = |field: &Field| {
        let name = quoted(field.name());
        let different = match (ground.rows <= EXACT, field.data_type()) {
            // Counted by itself, once for all that is to be known of it.
            _ if ground.some.is_some() => "0".to_owned(),
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
    let sql = format!("SELECT {} FROM {}", named.collect::<Vec<_>>().join(", "), ground.source);
    let batch = ground.one(&sql).await?;
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
    let mean = batch.columns().get(at + 4).and_then(|column| column.as_primitive_opt::<Float64Type>());
    ColumnProfile {
        name: name.to_owned(),
        nulls: count(batch, at),
        distinct: count(batch, at + 1),
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

async fn spread(ground: &Ground<'_>, field: &Field, known: &Known, profile: &mut ColumnProfile) -> Result<(), LakeError> {
    let (name, source) = (quoted(field.name()), &ground.source);
    if profile.distinct == 0 || field.data_type() == &DataType::Binary {
        return Ok(());
    }
    let kind = field.data_type();
    if !numeric(kind) && !temporal(kind) {
        let sql = format!(
            "SELECT CAST({name} AS VARCHAR) AS v, CAST(count(*) AS BIGINT) AS n FROM {source} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {BINS}"
        );
        let batch = ground.one(&sql).await?;
        let (Some(values), Some(counts)) =
            (batch.columns().first(), batch.columns().get(1).and_then(|column| column.as_primitive_opt::<Int64Type>()))
        else {
            return Ok(());
        };
        let rows = |row| ground.scaled(counts.value(row).max(0) as u64);
        profile.histogram = (0..batch.num_rows()).filter_map(|row| Some((text(values.as_ref(), row)?, rows(row)))).collect();
        return Ok(());
    }
    profile.binned = true;
    let number = match kind {
        DataType::Date32 => format!("CAST(CAST({name} AS INT) AS DOUBLE)"),
        DataType::Timestamp(_, _) => format!("CAST(CAST({name} AS BIGINT) AS DOUBLE)"),
        _ => format!("CAST({name} AS DOUBLE)"),
    };
    let bounds = known.bounds.as_ref().and_then(|(low, high)| Some((as_number(low)?, as_number(high)?)));
    let bounds = bounds.filter(|(low, high)| low.is_finite() && high.is_finite());
    let bounds = bounds.map_or("SELECT min(v) AS low, max(v) AS high FROM f".to_owned(), |(low, high)| {
        format!("SELECT CAST('{low:e}' AS DOUBLE) AS low, CAST('{high:e}' AS DOUBLE) AS high")
    });
    let sql = format!(
        "WITH x AS (SELECT {number} AS v FROM {source} WHERE {name} IS NOT NULL), f AS (SELECT v FROM x WHERE v - v = 0), \
         b AS ({bounds}) \
         SELECT low, high, CAST(CASE WHEN high > low THEN least(floor((v - low) / (high - low) * {BINS}), {BINS} - 1) ELSE 0 END AS BIGINT) AS bin, \
         CAST(count(*) AS BIGINT) AS n FROM f CROSS JOIN b GROUP BY 1, 2, 3 ORDER BY 3"
    );
    let bins = bins(&ground.one(&sql).await?, kind);
    profile.histogram = bins.into_iter().map(|(edge, rows)| (edge, ground.scaled(rows))).collect();
    Ok(())
}

/// A bound as the bins count: days, microseconds, or the number itself.
fn as_number(bound: &ScalarValue) -> Option<f64> {
    let whole = match bound.data_type() {
        DataType::Date32 => bound.cast_to(&DataType::Int32).ok()?,
        DataType::Timestamp(_, _) => bound.cast_to(&DataType::Int64).ok()?,
        _ => bound.clone(),
    };
    match whole.cast_to(&DataType::Float64).ok()? {
        ScalarValue::Float64(number) => number,
        _ => None,
    }
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
