//! A sample city: its declarations, and a generator of what its systems hold, from one description,
//! so that both always agree. All persons, ids and companies are invented. It knows nothing of how
//! data is collected, stored or shown.

pub mod api;
mod calendar;
mod catalogue;
mod declare;
mod defects;
mod error;
mod fill;
mod generate;
mod ids;
mod names;
mod places;
mod rng;
mod row;
pub mod somebody;
mod spec;
mod stock;
mod tables;
mod world;
mod write;

pub use declare::declarations;
pub use error::SampleError;
pub use generate::{generate, Options, Progress, Summary};
