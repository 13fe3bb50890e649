//! Acts of the desk over a lake in memory that can be made to fail.

mod account;
mod authority;
mod citizen;
mod civic;
mod correct;
mod drift;
mod edit;
mod exchange;
mod grading;
mod harvest;
mod history;
mod identity;
mod idp;
mod log;
mod memory;
mod message;
mod oidc;
mod own_form;
mod push;
mod quality;
mod receiver;
mod replication;
mod share;
mod river;
mod sight;
mod signer;
#[path = "../../../collect/tests/it/server.rs"]
mod server;
mod service;
mod subscribe;
mod undo;
mod upstream;
