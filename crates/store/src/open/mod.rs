//! Data that is opened to the public: proposals, versions, use.

mod access;
mod app;
mod ckan;
mod harvest;
mod proposal;
mod usage;
mod version;
mod voice;

pub use access::{AccessDecided, AccessFilter, AccessRow, AccessUse};
pub use app::{AppFilter, AppRow, AppTold, NewApp};
pub use ckan::CkanGroupRow;
pub use harvest::{HarvestCount, HarvestRow, HarvestRunRow};
pub use proposal::{ProposalDecided, ProposalRow};
pub use usage::Used;
pub use version::{HeldRow, OpenVersionRow};
pub use voice::{Flood, Moderated, VoiceAnswered, VoiceCount, VoiceFilter, VoiceRow};
