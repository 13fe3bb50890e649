//! A table made from a SELECT: planned and run within its limits, checked, and put in place in one commit. Whatever goes
//! wrong on the way, the table is as it was.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use futures::{StreamExt, TryStreamExt};
use kernel::Text;
use xxhash_rust::xxh3::xxh3_128;

use crate::lineage::landed;
use crate::query::{self, Since};
use crate::{Commit, Lake, LakeError, Limits, SqlError, TableName, rewrite};

const HASH: &str = "_hash";

/// What a table is to be made from.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub table: TableName,
    pub sql: String,
    /// `max_rows`: more are refused, not cut off.
    pub limits: Limits,
    /// JSON kept with the commit: what it was made from.
    pub note: String,
    /// Columns that together name a row. No two rows may agree in them, and none may be null.
    pub key: Vec<String>,
    /// Only rows at or beyond the greatest value of this column are added, in the place of those with the same key.
    /// `None`, or a table that has other columns than the SELECT: the whole table anew.
    pub cursor: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Rows that the SELECT gave.
    pub given: u64,
    /// Rows that the table holds now.
    pub rows: u64,
    /// The table's version, and the number of the commit.
    pub version: i64,
    pub seq: i64,
    /// Rows were added to what was there.
    pub added: bool,
}

/// Why there is no new version.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unmade {
    /// Mend the SELECT, or its limits.
    #[error("{0}")]
    Statement(SqlError),
    #[error("{0}")]
    Lake(#[from] LakeError),
}

impl From<SqlError> for Unmade {
    fn from(error: SqlError) -> Unmade {
        Unmade::Statement(error)
    }
}

/// Runs the SELECT and puts its rows in place. The caller sees to it that a table is made by one at a time.
pub(crate) async fn make(lake: &Lake, recipe: &Recipe) -> Result<Made, Unmade> {
    let handle = lake.handle(&recipe.table)?;
    let last = lake.last_commit(&recipe.table).await?;
    let commit = Commit {
        seq: last.map_or(0, |last| last.seq) + 1,
        note: recipe.note.clone(),
        replaces: Vec::new(),
    };
    let held = lake.schema(&recipe.table).await?;
    let since = match (&recipe.cursor, &held) {
        (Some(cursor), Some(held)) => greatest(lake, recipe, held, cursor).await?,
        _ => None,
    };
    let mut answer = query::run_since(lake, &recipe.sql, &recipe.limits, since.clone()).await?;
    let plain = landed(&recipe.sql, &answer.schema)?;
    let keys = Keys::new(recipe, &plain)?;
    let schema = keys.schema(&plain);
    // A table of other columns is another table: what is there stays until all of it can be made anew.
    let adding = since.is_some() && held.as_ref() == Some(&schema);
    if since.is_some() && !adding {
        answer = query::run_since(lake, &recipe.sql, &recipe.limits, None).await?;
    }
    let truncated = answer.truncated();
    let most = recipe.limits.max_rows.unwrap_or(u64::MAX);
    let given = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let (mut keys, counted) = (keys, given.clone());
    let shaped = answer.batches.map(move |batch| {
        let batch = keys.shape(&batch?, &plain)?;
        counted.fetch_add(batch.num_rows() as u64, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, SqlError>(batch)
    });
    let end =
        futures::stream::once(async move { if truncated.get() { Some(Err(too_many(most))) } else { None } }).filter_map(std::future::ready);
    let mut rows = shaped.chain(end).boxed();
    let version = if adding {
        let batches = gather(&mut rows, recipe.limits.memory_bytes).await?;
        let replaces = hashes(&batches);
        match lake
            .append(
                &recipe.table,
                batches,
                Commit {
                    replaces,
                    ..commit.clone()
                },
            )
            .await?
        {
            crate::Appended::Done { version } => version,
            crate::Appended::AlreadyThere => return Err(LakeError::Busy(recipe.table.to_string()).into()),
        }
    } else {
        put(lake, &handle, &schema, rows, &commit).await?
    };
    let info = lake.table(&recipe.table).await?;
    let given = given.load(std::sync::atomic::Ordering::Relaxed);
    Ok(Made {
        given,
        rows: info.map_or(0, |info| info.rows),
        version,
        seq: commit.seq,
        added: adding,
    })
}

/// The whole table anew. What the statement says of itself must not become an error of the lake on the way.
async fn put(
    lake: &Lake,
    table: &crate::table::Table,
    schema: &SchemaRef,
    rows: futures::stream::BoxStream<'static, Result<RecordBatch, SqlError>>,
    commit: &Commit,
) -> Result<i64, Unmade> {
    let said = Arc::new(std::sync::Mutex::new(None));
    let heard = said.clone();
    let rows = rows.map_err(move |error| {
        let text = LakeError::Batch(error.message.en.clone());
        *heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
        text
    });
    let _writing = table.writing.lock().await;
    let done = rewrite::rewrite(lake, table, schema, rows.boxed(), commit).await;
    let said = said.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    match (done, said) {
        (Err(_), Some(error)) => Err(Unmade::Statement(error)),
        (done, _) => Ok(done?),
    }
}

async fn gather(
    rows: &mut futures::stream::BoxStream<'static, Result<RecordBatch, SqlError>>,
    memory: u64,
) -> Result<Vec<RecordBatch>, SqlError> {
    let (mut batches, mut bytes) = (Vec::new(), 0);
    while let Some(batch) = rows.try_next().await? {
        bytes += batch.get_array_memory_size() as u64;
        if bytes > memory {
            return Err(SqlError::whole(
                "新增的行太多，超过内存上限；请用 --backfill 整表重做",
                "too many new rows for the memory allowed: make the whole table anew with --backfill",
            ));
        }
        batches.push(batch);
    }
    Ok(batches)
}

fn too_many(most: u64) -> SqlError {
    SqlError::whole(
        format!("结果超过 {most} 行的上限，已停止，未写入；请检查连接条件，或调高 limits.rows"),
        format!(
            "the result goes past the limit of {most} rows and was stopped; nothing was written. Check the join conditions, or raise limits.rows"
        ),
    )
}

/// The greatest value of the cursor so far. `None`: there is none, so everything is new.
async fn greatest(lake: &Lake, recipe: &Recipe, held: &Schema, cursor: &str) -> Result<Option<Since>, Unmade> {
    if held.column_with_name(cursor).is_none() || held.column_with_name(HASH).is_none() {
        return Ok(None);
    }
    let (table, limits) = (
        &recipe.table,
        Limits {
            max_rows: None,
            ..recipe.limits
        },
    );
    let sql = format!("SELECT max(\"{cursor}\") FROM {}.\"{}\"", table.layer.word(), table.name);
    let batches: Vec<RecordBatch> = query::run_since(lake, &sql, &limits, None).await?.batches.try_collect().await?;
    let value = batches
        .iter()
        .find(|batch| batch.num_rows() > 0)
        .map(|batch| ScalarValue::try_from_array(batch.column(0), 0));
    let value = value.transpose().map_err(LakeError::from)?.filter(|value| !value.is_null());
    Ok(value.map(|from| Since {
        column: cursor.to_owned(),
        from,
    }))
}

/// A plan whose rows are those at or beyond a value; rows without one too, so that they are noticed.
pub(crate) fn since(plan: LogicalPlan, since: &Since) -> datafusion::error::Result<LogicalPlan> {
    let columns = plan.schema().columns();
    let place = plan.schema().fields().iter().position(|field| *field.name() == since.column);
    let Some(column) = place.and_then(|at| columns.get(at)) else {
        return Err(DataFusionError::Plan(format!(
            "the cursor `{}` is no column of the SELECT",
            since.column
        )));
    };
    let column = Expr::Column(column.clone());
    LogicalPlanBuilder::from(plan)
        .filter(column.clone().is_null().or(column.gt_eq(lit(since.from.clone()))))?
        .build()
}

fn hashes(batches: &[RecordBatch]) -> Vec<[u8; 16]> {
    let of = |batch: &RecordBatch| {
        let column = batch
            .column_by_name(HASH)
            .and_then(|column| column.as_any().downcast_ref::<BinaryArray>())
            .cloned();
        column.into_iter().flat_map(|column| {
            column
                .iter()
                .flatten()
                .filter_map(|value| value.try_into().ok())
                .collect::<Vec<[u8; 16]>>()
        })
    };
    batches.iter().flat_map(of).collect()
}

/// The key of the rows, and those seen already.
struct Keys {
    places: Vec<usize>,
    names: Vec<String>,
    cursor: Option<usize>,
    seen: HashSet<[u8; 16]>,
}

impl Keys {
    fn new(recipe: &Recipe, schema: &Schema) -> Result<Keys, SqlError> {
        let place = |name: &String| {
            schema.index_of(name).map_err(|_| {
                let near = kernel::nearest(name, schema.fields().iter().map(|field| field.name().as_str())).map(str::to_owned);
                SqlError::whole(format!("SELECT 中没有列 `{name}`"), format!("the SELECT gives no column `{name}`")).suggest(near)
            })
        };
        let places = recipe.key.iter().map(place).collect::<Result<_, _>>()?;
        let cursor = recipe.cursor.as_ref().map(place).transpose()?;
        Ok(Keys {
            places,
            names: recipe.key.clone(),
            cursor,
            seen: HashSet::new(),
        })
    }

    /// Tables with a key carry its hash, by which rows are replaced.
    fn schema(&self, plain: &SchemaRef) -> SchemaRef {
        if self.places.is_empty() {
            return plain.clone();
        }
        let mark = Arc::new(Field::new(HASH, DataType::Binary, true));
        Arc::new(Schema::new(plain.fields().iter().cloned().chain([mark]).collect::<Vec<_>>()))
    }

    /// A batch in the types of the table, with the hash of its key.
    fn shape(&mut self, batch: &RecordBatch, plain: &SchemaRef) -> Result<RecordBatch, SqlError> {
        let failed =
            |error: arrow_schema::ArrowError| SqlError::whole(format!("值存不进表：{error}"), format!("a value cannot be kept: {error}"));
        let exact = arrow_cast::CastOptions {
            safe: false,
            ..Default::default()
        };
        let cast =
            |(column, field): (&ArrayRef, &Arc<Field>)| arrow_cast::cast_with_options(column, field.data_type(), &exact).map_err(failed);
        let mut columns = batch
            .columns()
            .iter()
            .zip(plain.fields())
            .map(cast)
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(cursor) = self.cursor
            && let Some(nulls) = columns.get(cursor).map(|column| column.null_count()).filter(|nulls| *nulls > 0)
        {
            return Err(SqlError::whole(
                format!("有 {nulls} 行的 cursor 列为空"),
                format!("{nulls} rows have no value in the cursor column"),
            ));
        }
        if !self.places.is_empty() {
            columns.push(Arc::new(self.marks(&columns, batch.num_rows())?));
        }
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema(plain), columns, &options).map_err(failed)
    }

    fn marks(&mut self, columns: &[ArrayRef], rows: usize) -> Result<BinaryArray, SqlError> {
        let text = |place: &usize| {
            let column = columns
                .get(*place)
                .map(|column| arrow_cast::cast(column, &DataType::Utf8))
                .transpose();
            let column = column
                .ok()
                .flatten()
                .unwrap_or_else(|| arrow_array::new_null_array(&DataType::Utf8, rows));
            column
                .as_any()
                .downcast_ref::<StringArray>()
                .cloned()
                .unwrap_or_else(|| StringArray::new_null(rows))
        };
        let texts: Vec<StringArray> = self.places.iter().map(text).collect();
        let mut marks = Vec::with_capacity(rows);
        for row in 0..rows {
            let mut bytes = Vec::new();
            for column in &texts {
                if column.is_null(row) {
                    return Err(self.flaw("为空", "is null", &texts, row));
                }
                let value = column.value(row).as_bytes();
                bytes.extend((value.len() as u64).to_le_bytes());
                bytes.extend(value);
            }
            let mark = xxh3_128(&bytes).to_be_bytes();
            if !self.seen.insert(mark) {
                return Err(self.flaw("重复", "is not unique", &texts, row));
            }
            marks.push(mark);
        }
        Ok(BinaryArray::from_iter_values(marks))
    }

    fn flaw(&self, zh: &str, en: &str, texts: &[StringArray], row: usize) -> SqlError {
        let values = self.names.iter().zip(texts).map(|(name, column)| {
            let value = if column.is_null(row) { "null" } else { column.value(row) };
            format!("{name} = {value}")
        });
        let shown = Text::new(values.clone().collect::<Vec<_>>().join("、"), values.collect::<Vec<_>>().join(", "));
        SqlError::whole(format!("主键{zh}：{}", shown.zh), format!("the key {en}: {}", shown.en))
    }
}
