//! A SELECT against tables that are only declared: which tables it reads, what it gives, where it comes from.
//! No row is read and no lake is needed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::sql::parser::Statement;
use futures::FutureExt;

use super::Lineage;
use super::relation::{name, relation};
use crate::guard::{self, Asked};
use crate::{Layer, SqlError, TableName, engine, query, sql_error, types};

/// Tables as declared, with their columns.
pub type Tables = BTreeMap<TableName, SchemaRef>;

/// What a SELECT gives.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The columns of the answer.
    pub schema: SchemaRef,
    pub lineage: Lineage,
}

impl Compiled {
    /// The columns as a table of ours would keep them; what it could not keep is refused. `sql` is the text compiled.
    pub fn kept(&self, sql: &str) -> std::result::Result<SchemaRef, SqlError> {
        landed(sql, &self.schema)
    }
}

/// Texts of strangers are read in the server's own process, and each level of a deep one takes up to a hundred KiB of the stack.
/// What is not touched of it costs nothing.
const STACK: usize = 128 << 20;

/// The tables that a text names, whether it asks for rows or for a plan, in the order of the alphabet; those of its own WITH are none.
pub fn reads(sql: &str) -> std::result::Result<Vec<TableName>, SqlError> {
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || reads_here(sql));
        reading.ok().and_then(|reading| reading.join().ok()).unwrap_or_else(|| Err(SqlError::whole("语句无法解析", "the statement cannot be read")))
    })
}

fn reads_here(sql: &str) -> std::result::Result<Vec<TableName>, SqlError> {
    let Asked::Rows(statement) = guard::parse(sql)? else { return Ok(Vec::new()) };
    let said = |error: DataFusionError| sql_error::explain(sql, &error, &Vec::new);
    let state = engine::planner(Arc::new(RuntimeEnv::default()), Arc::new(Declared::default()), None);
    let found = state.resolve_table_references(&statement).map_err(&said)?;
    let mut names = found.iter().map(name).collect::<Result<Vec<_>>>().map_err(&said)?;
    names.sort();
    names.dedup();
    Ok(names)
}

/// Plans a text as it would be run, up to the last step before reading.
pub fn compile(sql: &str, tables: &Tables) -> std::result::Result<Compiled, SqlError> {
    let statement = select(sql)?;
    let names = || -> Vec<String> { tables.keys().map(TableName::to_string).collect() };
    let said = |error: DataFusionError| sql_error::explain(sql, &error, &names);
    let state = engine::planner(Arc::new(RuntimeEnv::default()), Arc::new(Declared(Arc::new(tables.clone()))), None);
    let (state, plan) = at_once(query::logical(state, statement)).map_err(&said)?;
    let flow = relation(&plan, None).map_err(&said)?;
    let physical = at_once(state.create_physical_plan(&plan)).map_err(&said)?;
    let schema = types::plain(&physical.schema());
    Ok(Compiled {
        lineage: flow.finish(&schema),
        schema,
    })
}

fn select(sql: &str) -> std::result::Result<Statement, SqlError> {
    match guard::parse(sql)? {
        Asked::Rows(statement) if matches!(statement.as_ref(), Statement::Statement(_)) => Ok(*statement),
        _ => Err(SqlError::whole("应为一条 SELECT 查询", "expected one SELECT")),
    }
}

/// Nothing here waits for anything, so the first look finds it done.
fn at_once<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    work.now_or_never()
        .unwrap_or_else(|| Err(DataFusionError::Internal("planning waited for something".to_owned())))
}

/// The type in which a table keeps a value of this type, wider than what a batch of a source may bring.
pub(crate) fn kept(kind: &DataType) -> Option<DataType> {
    Some(match kind {
        DataType::UInt64 => DataType::Int64,
        DataType::Float16 => DataType::Float32,
        DataType::Date64 => DataType::Date32,
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        other => return types::kept(other),
    })
}

/// The columns of an answer as a table keeps them.
pub(crate) fn landed(sql: &str, schema: &Schema) -> std::result::Result<SchemaRef, SqlError> {
    let mut seen = std::collections::HashSet::new();
    let field = |(at, field): (usize, &Arc<Field>)| {
        let name = field.name();
        if !plain_name(name) {
            return Err(SqlError::whole(
                format!(
                    "第 {} 列 `{name}` 没有可用的名称，请用 AS 起名（小写字母、数字、`_` 或汉字，不以数字或 `_` 开头）",
                    at + 1
                ),
                format!(
                    "column {}, `{name}`, has no usable name: give it one with AS (lower-case letters, digits, `_`, not starting with a digit or `_`)",
                    at + 1
                ),
            ));
        }
        if !seen.insert(name.clone()) {
            let text = kernel::Text::new(
                format!("列 `{name}` 出现两次，请用 AS 改名"),
                format!("column `{name}` stands twice: rename one with AS"),
            );
            return Err(SqlError::at_word(sql, name, text));
        }
        let kind = kept(field.data_type()).ok_or_else(|| {
            let kind = field.data_type();
            let text = kernel::Text::new(
                format!("列 `{name}` 的类型 {kind} 不能存入表中，请用 CAST 转换"),
                format!("column `{name}` is {kind}, which no table keeps: convert it with CAST"),
            );
            SqlError::at_word(sql, name, text)
        })?;
        Ok(Field::new(name, kind, true))
    };
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .enumerate()
        .map(field)
        .collect::<std::result::Result<_, _>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

fn plain_name(name: &str) -> bool {
    let letter = |c: char| c.is_alphabetic() && !c.is_uppercase();
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_numeric() || c == '_') && name.chars().count() <= 63
}

/// The declared tables as the engine wants to see them.
#[derive(Clone, Default)]
struct Declared(Arc<Tables>);

impl fmt::Debug for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("declared")
    }
}

impl CatalogProvider for Declared {
    fn schema_names(&self) -> Vec<String> {
        Layer::ALL.iter().map(|layer| layer.word().to_owned()).collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let layer = Layer::ALL.into_iter().find(|layer| layer.word() == name)?;
        Some(Arc::new(DeclaredLayer {
            tables: self.0.clone(),
            layer,
        }))
    }
}

struct DeclaredLayer {
    tables: Arc<Tables>,
    layer: Layer,
}

impl fmt::Debug for DeclaredLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.layer.word())
    }
}

#[async_trait]
impl SchemaProvider for DeclaredLayer {
    fn table_names(&self) -> Vec<String> {
        self.tables
            .keys()
            .filter(|table| table.layer == self.layer)
            .map(|table| table.name.clone())
            .collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let schema = self.tables.get(&TableName::new(self.layer, name));
        Ok(schema.map(|schema| Arc::new(Columns(types::viewed(schema))) as Arc<dyn TableProvider>))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.contains_key(&TableName::new(self.layer, name))
    }
}

/// A table of which only the columns are known.
#[derive(Debug)]
struct Columns(SchemaRef);

#[async_trait]
impl TableProvider for Columns {
    fn schema(&self) -> SchemaRef {
        self.0.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(&self, _: &dyn Session, projection: Option<&Vec<usize>>, _: &[Expr], _: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(EmptyExec::new(datafusion::physical_plan::project_schema(
            &self.0, projection,
        )?)))
    }
}
