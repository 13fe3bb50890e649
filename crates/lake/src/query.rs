//! Running one SELECT within limits: rows, memory, and a deadline that also ends what is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::{displayable, execute_stream};
use datafusion::sql::parser::Statement;
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use kernel::Moment;
use tokio::time::{Instant, timeout_at};

use crate::guard::{self, Asked};
use crate::sql_error::{self, SqlError};
use crate::until::{self, Until};
use crate::{Lake, Layer, allowed, engine, lease, make, types};

/// What one statement may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows given at most; `None`: all.
    pub max_rows: Option<u64>,
    pub deadline: Duration,
    /// Bytes the engine's operators may hold; beyond, they spill to disk or refuse.
    pub memory_bytes: u64,
    /// Tables as they were then; as they are now when `None`.
    pub as_of: Option<Moment>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_rows: None, deadline: Duration::from_secs(60), memory_bytes: 1 << 30, as_of: None }
    }
}

/// Only rows at or beyond a value.
#[derive(Clone, Debug)]
pub(crate) struct Since {
    pub column: String,
    pub from: datafusion::common::ScalarValue,
}

pub type SqlBatches = BoxStream<'static, Result<RecordBatch, SqlError>>;

/// The rows of a statement, as they come.
pub struct Answer {
    pub schema: SchemaRef,
    pub batches: SqlBatches,
    truncated: Arc<AtomicBool>,
}

impl Answer {
    pub(crate) fn new(schema: SchemaRef, batches: SqlBatches) -> Answer {
        Answer { schema, batches, truncated: Arc::new(AtomicBool::new(false)) }
    }

    /// Whether more rows existed than were asked for. Certain once `batches` has ended.
    pub fn truncated(&self) -> Truncated {
        Truncated(self.truncated.clone())
    }
}

/// Still answers when the batches have been moved elsewhere.
#[derive(Clone, Debug)]
pub struct Truncated(Arc<AtomicBool>);

impl Truncated {
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Plans and starts a statement.
pub(crate) async fn run(lake: &Lake, sql: &str, limits: &Limits) -> Result<Answer, SqlError> {
    run_since(lake, sql, limits, None).await
}

pub(crate) async fn run_since(lake: &Lake, sql: &str, limits: &Limits, since: Option<Since>) -> Result<Answer, SqlError> {
    let lease = lake.lease();
    let end = Instant::now() + limits.deadline;
    let late = || sql_error::late(limits.deadline.as_secs_f64());
    let statement = match guard::parse(sql)? {
        Asked::Tables => return tables(lake).await,
        Asked::Rows(statement) => statement,
    };
    let (lake, text, limits) = (lake.clone(), sql.to_owned(), *limits);
    let until = Until::new(end.into_std());
    let watching = until.clone();
    let planned = Tied::spawn(until.clone(), async move { start(&lake, &text, *statement, &limits, since.as_ref(), &watching).await });
    let (schema, rows) = timeout_at(end, planned.wait()).await.map_err(|_| late())??;
    let answer = Answer::new(schema, stream::empty().boxed());
    let rows = lease::until_the_end(rows, lease).boxed();
    let batches = deliver(rows, until, limits, answer.truncated.clone());
    Ok(Answer { batches, ..answer })
}

async fn start(
    lake: &Lake,
    sql: &str,
    statement: Statement,
    limits: &Limits,
    since: Option<&Since>,
    until: &Arc<Until>,
) -> Result<(SchemaRef, SqlBatches), SqlError> {
    let said = |error: DataFusionError| sql_error::explain(sql, &error, &|| lake.all_names());
    let state = engine::session(lake, limits.memory_bytes, limits.as_of).map_err(|error| said(error.into()))?;
    let (state, plan) = logical(state, statement).await.map_err(&said)?;
    let plan = match since {
        None => plan,
        Some(since) => make::since(plan, since).map_err(&said)?,
    };
    let plan = match (limits.max_rows, &plan) {
        (_, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_)) | (None, _) => plan,
        (Some(max), _) => {
            // One more than asked tells whether there were more.
            let fetch = usize::try_from(max.saturating_add(1)).unwrap_or(usize::MAX);
            LogicalPlanBuilder::from(plan).limit(0, Some(fetch)).and_then(LogicalPlanBuilder::build).map_err(&said)?
        }
    };
    let explains = matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_));
    let physical = state.create_physical_plan(&plan).await.and_then(|physical| until::watch(physical, until)).map_err(&said)?;
    let schema = types::plain(&physical.schema());
    let plain = schema.clone();
    let rows = execute_stream(physical, state.task_ctx()).map_err(&said)?;
    let (text, folder) = (sql.to_owned(), folder(lake));
    let rows = rows.map(move |batch| {
        let batch = batch.and_then(|batch| Ok(types::respell(&batch, &plain)?));
        let batch = batch.and_then(|batch| if explains { without(&folder, &batch) } else { Ok(batch) });
        batch.map_err(|error| sql_error::explain(&text, &error, &Vec::new))
    });
    Ok((schema, rows.boxed()))
}

pub(crate) async fn logical(state: SessionState, statement: Statement) -> Result<(SessionState, LogicalPlan), DataFusionError> {
    let mut plan = state.statement_to_plan(statement).await?;
    if let LogicalPlan::DescribeTable(described) = &mut plan {
        described.schema = types::plain(&described.schema);
    }
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false).verify_plan(&plan)?;
    allowed::check(&plan, &engine::is_ours)?;
    let state = engine::tune(state, &plan);
    Ok((state, plan))
}

/// A task that ends, with the plan it runs, when nobody waits for it any more.
struct Tied<T> {
    task: tokio::task::JoinHandle<Result<T, SqlError>>,
    until: Arc<Until>,
    /// The plan goes on after the task, because its rows are still wanted.
    handed_on: bool,
}

impl<T: Send + 'static> Tied<T> {
    fn spawn(until: Arc<Until>, work: impl Future<Output = Result<T, SqlError>> + Send + 'static) -> Tied<T> {
        Tied { task: tokio::spawn(work), until, handed_on: false }
    }

    async fn wait(mut self) -> Result<T, SqlError> {
        let ended = |error| SqlError::whole(format!("查询中断：{error}"), format!("the query ended early: {error}"));
        let done = (&mut self.task).await.map_err(ended)?;
        self.handed_on = true;
        done
    }
}

impl<T> Drop for Tied<T> {
    fn drop(&mut self) {
        self.task.abort();
        if !self.handed_on {
            self.until.leave();
        }
    }
}

/// Drives the rows in a task of their own, so that a busy computation cannot keep the deadline from being seen.
fn deliver(mut rows: SqlBatches, until: Arc<Until>, limits: Limits, truncated: Arc<AtomicBool>) -> SqlBatches {
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    let end = Instant::from_std(until.end());
    let late = move || sql_error::late(limits.deadline.as_secs_f64());
    let driver = Tied::spawn(until, async move {
        while let Some(batch) = rows.next().await {
            let last = batch.is_err();
            if sender.send(batch).await.is_err() || last {
                break;
            }
        }
        Ok(())
    });
    let left = limits.max_rows.unwrap_or(u64::MAX);
    let unfold = stream::unfold(Some((receiver, driver, left)), move |going| {
        let truncated = truncated.clone();
        async move {
            let (mut receiver, driver, left) = going?;
            let batch = match timeout_at(end, receiver.recv()).await {
                Err(_) => return Some((Err(late()), None)),
                // The rows have ended, or the driver fell over.
                Ok(None) => return driver.wait().await.err().map(|error| (Err(error), None)),
                Ok(Some(Err(_))) if Instant::now() >= end => return Some((Err(late()), None)),
                Ok(Some(Err(error))) => return Some((Err(error), None)),
                Ok(Some(Ok(batch))) => batch,
            };
            let rows = batch.num_rows() as u64;
            if rows <= left {
                return Some((Ok(batch), Some((receiver, driver, left - rows))));
            }
            truncated.store(true, Ordering::Relaxed);
            Some((Ok(batch.slice(0, usize::try_from(left).unwrap_or(0))), None))
        }
    });
    unfold.boxed()
}

/// `SHOW TABLES`, answered from the lake itself.
async fn tables(lake: &Lake) -> Result<Answer, SqlError> {
    let infos = lake.tables().await.map_err(|error| SqlError::whole(error.text().zh, error.text().en))?;
    let texts = |pick: &dyn Fn(&crate::TableInfo) -> String| Arc::new(StringArray::from_iter_values(infos.iter().map(pick))) as ArrayRef;
    let rows = Arc::new(Int64Array::from_iter_values(infos.iter().map(|info| i64::try_from(info.rows).unwrap_or(i64::MAX)))) as ArrayRef;
    let fields = [("layer", DataType::Utf8), ("table", DataType::Utf8), ("rows", DataType::Int64)];
    let schema = Arc::new(Schema::new(fields.map(|(name, kind)| Field::new(name, kind, false)).to_vec()));
    let columns = vec![texts(&|info| info.table.layer.word().to_owned()), texts(&|info| info.table.name.clone()), rows];
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(|error| SqlError::whole(error.to_string(), error.to_string()))?;
    Ok(Answer::new(schema, stream::iter([Ok(batch)]).boxed()))
}

/// The logical (optimised) and the physical plan, indented.
pub(crate) async fn plan(lake: &Lake, sql: &str) -> Result<(String, String), SqlError> {
    let statement = match guard::parse(sql)? {
        Asked::Tables => {
            return Err(SqlError::whole("SHOW TABLES 没有执行计划", "SHOW TABLES has no plan"));
        }
        Asked::Rows(statement) => *statement,
    };
    let statement = match statement {
        Statement::Explain(explain) => *explain.statement,
        other => other,
    };
    let said = |error: DataFusionError| sql_error::explain(sql, &error, &|| lake.all_names());
    let state = engine::session(lake, Limits::default().memory_bytes, None).map_err(|error| said(error.into()))?;
    let (state, plan) = logical(state, statement).await.map_err(&said)?;
    let optimised = state.optimize(&plan).map_err(&said)?;
    let physical = state.create_physical_plan(&plan).await.map_err(&said)?;
    let tell = |text: String| text.replace(&folder(lake), "");
    Ok((tell(optimised.display_indent().to_string()), tell(displayable(physical.as_ref()).indent(false).to_string())))
}

/// Where the lake lies, as plans name its files: the reader's business are the tables alone.
fn folder(lake: &Lake) -> String {
    format!("{}/", lake.root().to_string_lossy().trim_start_matches('/'))
}

/// A plan in rows, without the folder.
fn without(folder: &str, batch: &RecordBatch) -> Result<RecordBatch, DataFusionError> {
    let column = |column: &ArrayRef| match column.as_any().downcast_ref::<StringArray>() {
        Some(texts) => Arc::new(texts.iter().map(|text| text.map(|text| text.replace(folder, ""))).collect::<StringArray>()) as ArrayRef,
        None => column.clone(),
    };
    Ok(RecordBatch::try_new(batch.schema(), batch.columns().iter().map(column).collect())?)
}

pub(crate) fn layer_names(lake: &Lake) -> Vec<String> {
    let of = |layer: Layer| lake.names(layer).unwrap_or_default().into_iter().map(move |name| format!("{}.{name}", layer.word()));
    Layer::ALL.into_iter().flat_map(of).collect()
}
