//! Checking: raw records against the declared items, giving typed columns or the reasons why not.

mod assemble;
mod column;
mod identity;
mod restore;
mod table;
mod together;

pub use assemble::{Landing, Origin, evidence};
pub use identity::{Hash, Version};
pub use restore::{Identity, Restored, from_raw};
pub use table::{Checked, Table};

pub use crate::names::raw_names;

/// What `_change` of the raw table says of a record by which the source removed a row.
pub const REMOVED: &str = "removed";
