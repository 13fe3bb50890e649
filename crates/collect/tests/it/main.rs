//! What the collect room promises, seen from outside.

mod api;
mod arrow;
mod books;
mod bucket;
mod check;
mod city;
mod files;
mod forms;
mod http;
mod ledger;
mod load;
mod login;
mod mariadb;
mod mysql;
mod network;
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
mod transfer;
