//! Acts of the desk over a lake in memory that can be made to fail.

mod account;
mod authority;
mod correct;
mod drift;
mod edit;
mod grading;
mod history;
mod log;
mod memory;
mod message;
mod own_form;
mod push;
mod quality;
mod receiver;
mod replication;
mod share;
mod river;
mod sight;
#[path = "../../../collect/tests/it/server.rs"]
mod server;
mod service;
mod subscribe;
mod undo;
mod upstream;
