//! Serving copies: a table as a file of SQLite with indexes, for reads of microseconds, and a feed of what changed. It
//! knows no lake, no desk, no clock and no network: it is given Arrow batches, and says what of the table it shows.
//!
//! A copy is never the truth, only a way to it. Whatever is wrong with one, building it again from the table is right.
//!
//! Where things are: `<path>` is a link to `<path>.<generation>`, the file itself. A build makes a new generation beside
//! and turns the link in one step; who has the old one open reads on. (Were the new file put under the old name, readers
//! of the old one would share its write-ahead log.) Writers keep each other out by `<path>.lock`.

mod apply;
mod batch;
mod bits;
mod builder;
mod condition;
mod convert;
mod copy;
mod error;
mod feed;
mod file;
mod generation;
mod json;
mod plan;
mod pool;
mod question;
mod shape;
mod time;
mod value;
mod version;

use serde::{Deserialize, Serialize};

pub use apply::{Applied, Removal, apply};
pub use builder::Builder;
pub use condition::{Condition, Operator};
pub use copy::Copy;
pub use error::ServingError;
pub use feed::{Change, Changes, Op};
pub use generation::remove;
pub use json::objects;
pub use plan::{Aggregate, Expr, Function, Plan, Told};
pub use question::{Page, Question};
pub use shape::{Column, Kind, ROW, Shape};
pub use value::Value;
pub use version::{Delta, Published, Publishing, Version, Versions};

/// What of the table a copy shows, as the caller tells it; kept in the file, and changed in one step with the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The newest batch that is in.
    pub batch: i64,
    /// The table's version.
    pub version: i64,
    /// How many rows the table has. Nothing is refused by it; [`Copy::held`] tells what the copy has.
    pub rows: u64,
    /// Which declaration the rows were made by: a hash, or whatever tells one from another.
    pub declared: String,
}
