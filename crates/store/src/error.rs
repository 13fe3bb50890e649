//! What can go wrong with the control store, in words that say what to do next.

use kernel::Text;

/// Why the control store did not do what was asked. Nothing of a refused act is kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the control store {path} cannot be opened: {reason}")]
    Open { path: String, reason: String },
    #[error("SQLite {0} is older than 3.51.3 and may damage its log")]
    SqliteTooOld(String),
    #[error("the control store was written by a newer version (migration {found}, this one knows {known})")]
    Newer { found: i64, known: i64 },
    #[error("the name {0} is taken")]
    Taken(String),
    #[error("{0} does not exist")]
    Missing(String),
    #[error("the control store is busy; try again")]
    Busy,
    #[error("the disk that holds the control store is full")]
    DiskFull,
    #[error("the control store is closed")]
    Closed,
    #[error("the log of acts cannot be written, so nothing that it must tell may happen; see the server's messages")]
    Unlogged,
    #[error("the control store holds a value that cannot be read: {0}")]
    Unreadable(String),
    #[error("the control store failed: {0}")]
    Database(String),
}

impl StoreError {
    /// For people: what happened, and what to do.
    pub fn text(&self) -> Text {
        let zh = match self {
            StoreError::Open { path, reason } => format!("打不开控制库 {path}：{reason}。请检查文件夹是否存在、可写"),
            StoreError::SqliteTooOld(version) => format!("SQLite {version} 低于 3.51.3，可能损坏日志。请用自带的 SQLite 重新构建"),
            StoreError::Newer { found, known } => {
                format!("控制库由更新的版本写成（迁移 {found}，本版本只认识到 {known}）。请升级程序")
            }
            StoreError::Taken(name) => format!("名称“{name}”已被使用，请换一个"),
            StoreError::Missing(what) => format!("{what} 不存在"),
            StoreError::Busy => "控制库正忙，请稍后再试".to_owned(),
            StoreError::DiskFull => "控制库所在磁盘已满，请清理后再试".to_owned(),
            StoreError::Closed => "控制库已关闭".to_owned(),
            StoreError::Unlogged => "操作日志写不下去，须留痕的操作暂停办理；请查看服务器的消息".to_owned(),
            StoreError::Unreadable(what) => format!("控制库中有无法读取的值：{what}"),
            StoreError::Database(reason) => format!("控制库出错：{reason}"),
        };
        Text::new(zh, self.to_string())
    }

    /// The same error for every act that shared a failed commit.
    pub(crate) fn again(&self) -> StoreError {
        match self {
            StoreError::Busy => StoreError::Busy,
            StoreError::DiskFull => StoreError::DiskFull,
            StoreError::Closed => StoreError::Closed,
            other => StoreError::Database(other.to_string()),
        }
    }
}

const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_FULL: i32 = 13;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        match &error {
            sqlx::Error::PoolTimedOut => StoreError::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => StoreError::Closed,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Unreadable(error.to_string()),
            sqlx::Error::Database(inner) => {
                // Extended result codes keep the primary code in their lowest byte.
                match inner.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff) {
                    Some(SQLITE_BUSY | SQLITE_LOCKED) => StoreError::Busy,
                    Some(SQLITE_FULL) => StoreError::DiskFull,
                    _ => StoreError::Database(error.to_string()),
                }
            }
            _ => StoreError::Database(error.to_string()),
        }
    }
}

/// Whether an insert was refused because a unique value exists already.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(inner) if inner.is_unique_violation())
}
