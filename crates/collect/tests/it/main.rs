//! What the collect room promises, seen from outside.

mod check;
mod city;
mod ledger;
mod postgres;
mod server;
mod sqlite;
