//! The crate through its public door.

mod addresses;
mod cities;
mod grades;
mod masks;
mod nodes;
mod propose;
mod rules;
mod services;
mod standards;
mod workdays;
