//! Questions in SoQL put to a dataset: what was read is bound to its columns, and becomes a plan over the serving copy.

mod bind;

use std::time::Duration;

use kernel::{Moment, Text};
use opendata::soda::{LIMIT, Query, SodaError};
use serving::{Kind, ServingError, Value};

use super::live::Use;
use crate::{Desk, DeskError, asked, internal};

/// The longest that an answer may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// Why a question was not answered.
#[derive(Debug)]
pub enum SodaRefusal {
    /// In the words that clients of SODA know.
    Soda(SodaError),
    Desk(DeskError),
}

impl From<DeskError> for SodaRefusal {
    fn from(error: DeskError) -> SodaRefusal {
        SodaRefusal::Desk(error)
    }
}

impl From<SodaError> for SodaRefusal {
    fn from(error: SodaError) -> SodaRefusal {
        SodaRefusal::Soda(error)
    }
}

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SodaColumn {
    pub name: String,
    pub kind: Kind,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct SodaRows {
    pub columns: Vec<SodaColumn>,
    pub rows: Vec<Vec<Value>>,
    pub updated: Moment,
    pub version: u64,
    /// Which of the columns are longitude and latitude.
    pub position: Option<[usize; 2]>,
}

impl Desk {
    /// Everybody: what a question in SoQL tells of a dataset's newest version.
    pub async fn open_soda(&self, dataset: &str, query: &Query, now: Moment) -> Result<SodaRows, SodaRefusal> {
        let live = self.for_everybody(dataset, now).await?;
        let position = self.open_position(dataset, &live);
        let (plan, names) = bind::bind(query, &live.columns, position.as_ref())?;
        let plan = serving::Plan { limit: query.limit.unwrap_or(LIMIT), offset: query.offset.unwrap_or(0), ..plan };
        self.0.open.count(dataset, Use::Call);
        let file = self.versions_file(dataset, live.version.series)?.within(DEADLINE);
        let place = live.version.place;
        let told = tokio::task::spawn_blocking(move || file.told(Some(place), &plan)).await.map_err(internal)?;
        let told = told.map_err(|error| refusal(error, &live.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>()))?;
        let columns: Vec<SodaColumn> = names.into_iter().zip(told.kinds).map(|(name, kind)| SodaColumn { name, kind }).collect();
        let place = |name: &String| columns.iter().position(|column| column.name == *name);
        let position = position.and_then(|[longitude, latitude]| Some([place(&longitude)?, place(&latitude)?]));
        Ok(SodaRows { position, columns, rows: told.rows, updated: live.version.time, version: live.version.number })
    }
}

/// A column that is not there, with the nearest that is.
fn no_column(name: &str, columns: &[&str]) -> SodaError {
    let Text { zh, en } = asked::meant(name, columns.iter().copied());
    SodaError::new("query.soql.no-such-column", format!("没有列 {name}{zh}"), format!("No such column: {name}{en}"))
}

/// What the copy refuses, in the words of SODA.
fn refusal(error: ServingError, columns: &[&str]) -> SodaRefusal {
    SodaRefusal::Soda(match error {
        ServingError::Column(name) => no_column(&name, columns),
        ServingError::Grouped(name) => SodaError::new(
            "query.soql.column-not-in-group-bys",
            format!("列 {name} 既不在 $group 里，也没有聚合"),
            format!("Column not in group bys: {name} is neither grouped by nor aggregated"),
        ),
        ServingError::Value { column, expected, given } => SodaError::new(
            "query.soql.type-mismatch",
            format!("与 {column} 比较的值不合适（应为 {expected}）：{given}"),
            format!("Type mismatch: {given} is compared with {column}, and is not {expected}"),
        ),
        ServingError::Operand { of, expected } => {
            SodaError::new("query.soql.type-mismatch", format!("{of} 的参数不合适，应为 {expected}"), format!("Type mismatch: {of} takes {expected}"))
        }
        ServingError::Limit(what) => SodaError::new("query.compiler.malformed", "查询过大或过复杂，或结果超出范围", what),
        ServingError::TooLong => SodaError::new("query.execution.queryTimeout", "查询超时：请缩小范围。", "The query took too long: ask for less."),
        other => return SodaRefusal::Desk(internal(other)),
    })
}

/// What a SODA question that cannot be read is answered with.
pub(super) type Bound<T> = Result<T, SodaError>;
