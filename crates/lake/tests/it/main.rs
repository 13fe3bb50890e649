//! The lake through its public door: landing, reading, damage, SQL, durability, speed.

mod damage;
mod durable;
mod landing;
mod model;
mod sql;
mod support;
mod upkeep;
