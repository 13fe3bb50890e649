//! Large tables and SQL over them: Delta for commits, plain Parquet scans for reads, DataFusion to query.
//! Heavy by nature, so only the binary depends on it; no type of its engines leaves this crate
//! except Arrow batches. It knows neither cities nor pages.

mod append;
mod disk;
mod encode;
mod engine;
mod error;
mod guard;
mod lake;
mod log;
mod name;
mod part;
mod profile;
mod provider;
mod query;
mod replace;
mod rewrite;
mod sample;
mod sql_error;
mod state;
mod stats;
mod synced;
mod syntax;
mod table;
mod tidy;
mod types;
mod until;
mod write;

pub use error::LakeError;
pub use lake::{Batches, Lake};
pub use name::{Appended, Commit, LastCommit, Layer, TableInfo, TableName};
pub use profile::{ColumnProfile, Profile};
pub use query::{Answer, Limits, SqlBatches, Truncated};
pub use sql_error::SqlError;
pub use write::{Format, write};
