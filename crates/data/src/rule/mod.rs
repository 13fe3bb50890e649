//! The expressions of rules: read from SQL into a small tree of our own, checked word by word against the items of a
//! row and a list of allowed functions, and written back as SQL that cannot fail on any row.
//!
//! Text means one thing wherever it is used: operators are bracketed as they were read, a division by zero is null, a cast
//! that does not succeed is null, and dates are those of the city's time zone.

mod call;
pub mod clock;
mod function;
pub mod measure;
mod parse;
pub mod score;
mod source;
mod tree;
mod types;
mod write;

pub use function::{FUNCTIONS, Function};
pub use parse::{Columns, parse};
pub use tree::{Expression, Fault, Operator, Truth};
pub use types::Type;
pub use write::Scene;
