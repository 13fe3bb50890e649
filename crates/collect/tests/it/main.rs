//! What the collect room promises, seen from outside.

mod arrow;
mod books;
mod check;
mod city;
mod files;
mod forms;
mod http;
mod ledger;
mod load;
mod mariadb;
mod mysql;
mod postgres;
mod read;
mod replication;
mod round;
mod server;
mod shared;
mod silent;
mod show;
mod speed;
mod sqlite;
