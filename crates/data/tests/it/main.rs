//! The crate through its public door.

mod addresses;
mod cities;
mod propose;
mod rules;
mod standards;
