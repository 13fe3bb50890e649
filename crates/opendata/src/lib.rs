//! The languages that clients of open data speak, as pure functions: what a catalogue knows of a dataset ([`Record`]), and how
//! others write and ask for it.

pub mod chart;
pub mod ckan;
pub mod dcat;
pub mod map;
pub mod ogc;
mod record;
pub mod score;
pub mod soda;

pub use record::{Concept, Contact, Distribution, Period, Publisher, Record, Rights};
