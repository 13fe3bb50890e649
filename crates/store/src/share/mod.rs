//! Data lent between departments: requests, grants, the applications that use them, and each reading.

pub mod about;
pub mod application;
pub mod challenge;
pub mod grant;
pub(crate) mod group;
pub mod read;
pub mod report;
pub mod request;
pub mod subscription;
mod within;
pub mod usage;

pub use about::{AboutFilter, AboutRow};
pub use application::ApplicationRow;
pub use challenge::{ChallengeFilter, ChallengeRow};
pub use grant::GrantRow;
pub use read::{NewRead, ReadRow};
pub use report::ReportRow;
pub use request::{RequestActRow, RequestFilter, RequestRow, Settled};
pub use subscription::SubscriptionRow;
pub use usage::{Concern, GrantUse, UsageRow, UseFilter};
