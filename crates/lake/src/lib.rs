//! Large tables and SQL over them: Delta for commits, plain Parquet scans for reads, DataFusion to query.
//! Heavy by nature, so only the binary depends on it; no type of its engines leaves this crate
//! except Arrow batches. It knows neither cities nor pages.

mod allowed;
mod append;
mod carry;
mod changes;
mod compact;
mod disk;
mod encode;
mod engine;
mod error;
mod guard;
mod key;
mod lake;
mod lease;
mod lineage;
mod log;
mod make;
mod manifest;
mod mask;
mod name;
mod part;
mod precedence;
mod profile;
mod provider;
mod query;
mod repair;
mod replace;
mod rewrite;
mod room;
mod sample;
mod semi;
mod sql_error;
mod state;
mod stats;
mod survey;
mod synced;
mod syntax;
mod table;
mod tidy;
mod types;
mod until;
mod verify;
mod write;

pub use error::LakeError;
pub use lake::{Batches, Lake};
pub use lineage::{ColumnLineage, Compiled, How, Lineage, Source, Tables, compile, reads};
pub use mask::{Masks, Secret, Shown};
pub use make::{Made, Recipe, Unmade};
pub use name::{Appended, AsOf, Commit, Compaction, LastCommit, Layer, TableInfo, TableName};
pub use profile::{ColumnProfile, Profile};
pub use query::{Answer, Limits, SqlBatches, Truncated};
pub use sql_error::SqlError;
pub use repair::{Lost, Repaired};
pub use verify::{Damage, Verified};
pub use write::{Format, write};
