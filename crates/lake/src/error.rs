//! What can go wrong in the lake, named after what the reader may do next.

use std::path::Path;

use arrow_schema::{ArrowError, DataType};
use datafusion::error::DataFusionError;
use kernel::Text;

/// The lake could not do it; nothing was committed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LakeError {
    /// Restore the file named from a backup.
    #[error("damaged file {file}: {what}")]
    Damaged { file: String, what: String },
    /// Make room and try again.
    #[error("the disk is full: {0}")]
    Full(String),
    /// Give the column its old type, or a new name.
    #[error("column {column} of {table} is {held}, the batch brings {given}")]
    Type { table: String, column: String, held: DataType, given: DataType },
    /// Choose another name.
    #[error("not a table name: {0:?}")]
    Name(String),
    /// Ask for columns the table has.
    #[error("{table} has no column {column}")]
    Column { table: String, column: String },
    /// Ask for a later version: the files of this one have been vacuumed, or it never was.
    #[error("{table} is not kept as it was at version {version}")]
    Past { table: String, version: i64 },
    /// The batch cannot be kept as it is.
    #[error("batch refused: {0}")]
    Batch(String),
    /// Others kept committing to this table; try again later.
    #[error("{0} is being written by others")]
    Busy(String),
    /// Call the function as it is meant.
    #[error("{}", text.en)]
    Function { name: String, text: Text },
    #[error("{file}: {what}")]
    Io { file: String, what: String },
    #[error("engine: {0}")]
    Engine(String),
}

impl LakeError {
    pub(crate) fn damaged(file: &Path, what: impl Into<String>) -> LakeError {
        LakeError::Damaged { file: file.display().to_string(), what: what.into() }
    }

    pub(crate) fn io(file: &Path, error: &std::io::Error) -> LakeError {
        let file = file.display().to_string();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => LakeError::Full(file),
            _ => LakeError::Io { file, what: error.to_string() },
        }
    }

    /// Whether the disk has no room left.
    pub fn full(&self) -> bool {
        matches!(self, LakeError::Full(_))
    }

    /// For people, in both languages.
    pub fn text(&self) -> Text {
        match self {
            LakeError::Damaged { file, what } => Text::new(
                format!("数据文件已损坏，须从备份恢复：{file}（{what}）"),
                format!("a data file is damaged, restore it from a backup: {file} ({what})"),
            ),
            LakeError::Full(what) => Text::new(
                format!("磁盘空间不足，未写入：{what}。请清理磁盘，腾出空间后会自动继续；查询不受影响"),
                format!("the disk is full, nothing was written: {what}. Make room, and writing goes on by itself; queries go on meanwhile"),
            ),
            LakeError::Type { table, column, held, given } => Text::new(
                format!("表 {table} 的列 {column} 类型为 {held}，新批次为 {given}，不能写入"),
                format!("column {column} of {table} is {held}; the batch brings {given} and was not written"),
            ),
            LakeError::Name(name) => Text::new(
                format!("表名不合规：{name:?}（只能用文字、数字、下划线和连字符，最多 100 字）"),
                format!("not a table name: {name:?} (letters, digits, `_` and `-`, at most 100)"),
            ),
            LakeError::Column { table, column } => {
                Text::new(format!("表 {table} 没有列 {column}"), format!("table {table} has no column {column}"))
            }
            LakeError::Past { table, version } => Text::new(
                format!("表 {table} 的版本 {version} 已不再保留，请选较新的时间"),
                format!("{table} is no longer kept as it was at version {version}; ask for a later time"),
            ),
            LakeError::Batch(what) => Text::new(format!("批次不能写入：{what}"), format!("the batch cannot be written: {what}")),
            LakeError::Busy(table) => Text::new(
                format!("表 {table} 正被其他进程频繁写入，请稍后再试"),
                format!("table {table} is being written by others, try again later"),
            ),
            LakeError::Function { text, .. } => text.clone(),
            LakeError::Io { file, what } => {
                Text::new(format!("读写失败：{file}（{what}）"), format!("reading or writing failed: {file} ({what})"))
            }
            LakeError::Engine(what) => Text::new(format!("数据引擎出错：{what}"), format!("the data engine failed: {what}")),
        }
    }
}

impl From<ArrowError> for LakeError {
    fn from(error: ArrowError) -> LakeError {
        match error {
            ArrowError::ExternalError(inner) => match inner.downcast::<LakeError>() {
                Ok(ours) => *ours,
                Err(other) => LakeError::Engine(other.to_string()),
            },
            other => LakeError::Engine(other.to_string()),
        }
    }
}

impl From<datafusion::parquet::errors::ParquetError> for LakeError {
    fn from(error: datafusion::parquet::errors::ParquetError) -> LakeError {
        let text = error.to_string();
        if text.contains("No space left") { LakeError::Full(text) } else { LakeError::Engine(text) }
    }
}

impl From<DataFusionError> for LakeError {
    fn from(error: DataFusionError) -> LakeError {
        match find_ours(&error) {
            Some(ours) => ours,
            None => LakeError::Engine(error.strip_backtrace()),
        }
    }
}

/// Our own error, if that is what the engine carries inside its own.
pub(crate) fn find_ours(error: &DataFusionError) -> Option<LakeError> {
    match error.find_root() {
        DataFusionError::External(inner) => inner.downcast_ref::<LakeError>().cloned(),
        _ => None,
    }
}

impl From<LakeError> for DataFusionError {
    fn from(error: LakeError) -> DataFusionError {
        DataFusionError::External(Box::new(error))
    }
}

impl From<deltalake_core::DeltaTableError> for LakeError {
    fn from(error: deltalake_core::DeltaTableError) -> LakeError {
        LakeError::Engine(error.to_string())
    }
}

impl From<tokio::task::JoinError> for LakeError {
    fn from(error: tokio::task::JoinError) -> LakeError {
        LakeError::Engine(format!("a task ended early: {error}"))
    }
}
