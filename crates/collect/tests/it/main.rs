//! What the collect room promises, seen from outside.

mod api;
mod arrow;
mod bucket;
mod check;
mod city;
mod files;
mod http;
mod ledger;
mod load;
mod login;
mod network;
mod postgres;
mod read;
mod round;
mod server;
mod shared;
mod show;
mod speed;
mod sqlite;
mod transfer;
