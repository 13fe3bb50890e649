//! The languages of open data, through the public door.

mod ckan;
mod dcat;
mod foreign;
mod shared;
