//! The crate through its public door.

mod cities;
mod propose;
mod standards;
