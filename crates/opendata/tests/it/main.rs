//! The languages of open data, through the public door.

mod dcat;
mod foreign;
mod shared;
