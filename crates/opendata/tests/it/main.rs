//! The languages of open data, through the public door.

mod chart;
mod ckan;
mod dcat;
mod foreign;
mod ogc;
mod score;
mod shared;
mod soda;
