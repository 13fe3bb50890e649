//! CKAN's Action API as others' programs use it: packages as it writes them, and its search language (Solr's query syntax, as far
//! as `q` and `fq` of `package_search` are used).

mod check;
mod clause;
mod matching;
mod query;
mod read;
mod search;
mod sql;
mod write;

pub use check::{Wrong, checked_group, checked_package};
pub use query::{Query, Syntax};
pub use read::{Packages, read_package, read_packages};
pub use search::{Asked, Found, search};
pub use sql::{Select, select};
pub use write::{group, licence, organization, package, stamp};
