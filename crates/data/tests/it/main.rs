//! The crate through its public door.

mod cities;
mod standards;
