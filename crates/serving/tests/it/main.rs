//! The laws of serving copies, through the public door.

mod conditions;
mod feed;
mod files;
mod kinds;
mod plans;
mod versions;
