//! Any source → checked batches. Readers (text, workbooks, JSON, GeoJSON, XML, dBASE, Parquet, SQL dumps) and connectors
//! (files, SQLite, PostgreSQL, HTTP) give raw batches; [`check`] types them against the declared items;
//! [`ledger`] decides what is new. It knows neither pages nor the control store nor how tables are kept.

pub mod batch;
pub mod check;
#[cfg(feature = "connect")]
pub mod connect;
pub mod drift;
pub mod error;
pub mod ledger;
mod names;
pub mod position;
pub mod propose;
pub mod read;
mod readable;
pub mod show;
pub mod source;

pub use batch::RawBatch;
pub use error::CollectError;
pub use ledger::{Ledger, Verdict};
pub use position::Position;
pub use readable::{encoded, readable};
pub use source::{Progress, Source};
