//! The desk's ports for models, plugged: SELECTs planned by the engine without data, and tables made in worker
//! processes of this same binary.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use desk::port::{How, Made, Maker, Planned, PlannedColumn, Planner, Recipe, Source, TableName, Tables};
use desk::view::SqlError;
use kernel::Text;
use serde::{Deserialize, Serialize};

use crate::ports::{layer, name};
use crate::worker;

/// The engine, asked only to read and plan.
pub struct Engine;

impl Planner for Engine {
    fn reads(&self, sql: &str) -> Result<Vec<TableName>, SqlError> {
        let names = lake::reads(sql).map_err(crate::show::sql_error)?;
        Ok(names.into_iter().map(ours).collect())
    }

    fn plan(&self, sql: &str, tables: &Tables, kept: bool) -> Result<Planned, SqlError> {
        let tables: lake::Tables = tables.iter().map(|(table, schema)| (name(table), schema.clone())).collect();
        let compiled = lake::compile(sql, &tables).map_err(crate::show::sql_error)?;
        let schema = if kept {
            compiled.kept(sql).map_err(crate::show::sql_error)?
        } else {
            compiled.schema.clone()
        };
        let columns = compiled
            .lineage
            .columns
            .into_iter()
            .zip(schema.fields())
            .map(|(column, field)| PlannedColumn {
                name: column.name,
                kind: field.data_type().to_string(),
                value: column.value.into_iter().map(|(from, how)| (source(from), way(how))).collect(),
                rows: column.rows.into_iter().map(source).collect(),
                lowered: column.lowered.into_iter().map(|(from, by)| (source(from), by)).collect(),
            });
        Ok(Planned {
            columns: columns.collect(),
            schema,
        })
    }
}

fn ours(table: lake::TableName) -> TableName {
    TableName {
        layer: layer(table.layer),
        name: table.name,
    }
}

fn source(from: lake::Source) -> Source {
    Source {
        table: ours(from.table),
        column: from.column,
    }
}

fn way(how: lake::How) -> How {
    match how {
        lake::How::Copied => How::Copied,
        lake::How::Computed => How::Computed,
        lake::How::Folded => How::Folded,
    }
}

/// What a worker is asked to make.
#[derive(Serialize, Deserialize)]
pub struct Order {
    /// `topic.air_month`
    pub table: String,
    pub sql: String,
    pub rows: u64,
    pub memory_bytes: u64,
    pub deadline_ms: u64,
    pub note: String,
    pub key: Vec<String>,
    pub cursor: Option<String>,
}

/// What became of it.
#[derive(Serialize, Deserialize)]
pub enum Done {
    Made { given: u64, rows: u64, version: i64, added: bool },
    Refused(Text),
}

/// Makes each table in a process of its own: one that eats all memory or all time dies alone, and leaves the table as it was.
pub struct Makers {
    data_dir: PathBuf,
}

/// A worker that outlives its own deadline by so much is killed: writing what it has takes a while.
const GRACE: Duration = Duration::from_secs(60);
/// No answer is larger, in bytes.
const ANSWER_MAX: u64 = 1 << 20;

impl Makers {
    pub fn new(data_dir: PathBuf) -> Makers {
        Makers { data_dir }
    }
}

#[async_trait]
impl Maker for Makers {
    async fn make(&self, recipe: Recipe) -> Result<Made, Text> {
        let order = Order {
            table: recipe.table.to_string(),
            sql: recipe.sql,
            rows: recipe.rows,
            memory_bytes: recipe.memory_bytes,
            deadline_ms: recipe.deadline.as_millis() as u64,
            note: recipe.note,
            key: recipe.key,
            cursor: recipe.cursor,
        };
        match tokio::time::timeout(recipe.deadline + GRACE, worker::ask("model-worker", &self.data_dir, &order, ANSWER_MAX)).await {
            Ok(Ok(Done::Made {
                given,
                rows,
                version,
                added,
            })) => Ok(Made {
                given,
                rows,
                version,
                added,
            }),
            Ok(Ok(Done::Refused(text))) => Err(text),
            Ok(Err(error)) => {
                tracing::warn!(%error, table = order.table, "a worker ended without an answer");
                Err(Text::new(
                    "运行超出内存等限制，已被中止，未写入。请检查连接条件，或调整 limits。",
                    "The run went past its limits (memory) and was stopped; nothing was written. Check the join conditions, or its limits.",
                ))
            }
            Err(_) => Err(Text::new(
                "运行超过时限，已被中止，未写入。",
                "The run took longer than it may and was stopped; nothing was written.",
            )),
        }
    }
}
