//! The lake through its public door: landing, reading, damage, SQL, durability, speed.

mod damage;
mod durable;
mod landing;
mod lineage;
mod make;
mod mask;
mod full;
mod key;
mod model;
mod readers;
mod semi;
mod sql;
mod support;
mod upkeep;
