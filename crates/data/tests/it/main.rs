//! The crate through its public door.

mod addresses;
mod cities;
mod grades;
mod masks;
mod nodes;
mod propose;
mod rules;
mod standards;
mod workdays;
