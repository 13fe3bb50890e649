//! Data that is opened to the public: proposals, versions, use.

mod proposal;
mod usage;
mod version;

pub use proposal::{ProposalDecided, ProposalRow};
pub use usage::Used;
pub use version::{HeldRow, OpenVersionRow};
