//! What the collect room promises, seen from outside.

mod arrow;
mod check;
mod city;
mod files;
mod http;
mod ledger;
mod load;
mod postgres;
mod read;
mod round;
mod server;
mod shared;
mod speed;
mod sqlite;
