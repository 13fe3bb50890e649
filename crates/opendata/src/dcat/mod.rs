//! DCAT-AP 3: our catalogue as RDF, the catalogues of others read from it, and what search engines read of both.

mod code;
mod date;
mod draft;
mod form;
mod part;
mod read;
mod schema_org;
mod site;
mod sitemap;
mod slug;
mod word;
mod write;

pub(crate) use code::file_type;
pub use code::{FREQUENCIES, frequency, language_code};
pub use date::moment;
pub use form::{Form, Limits, Unreadable};
pub use part::{Part, PART_MAX};
pub use read::{Catalogue, Found, read};
pub use schema_org::{data_catalog, dataset as schema_dataset, script};
pub use site::{Entry, Paging, Site};
pub use sitemap::{ADDRESSES_MAX, robots, sitemap, sitemaps};
pub use slug::slug;
pub use write::{catalogue, dataset};
