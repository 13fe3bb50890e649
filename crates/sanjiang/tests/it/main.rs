//! The binary as its users call it.

mod apps;
mod care;
mod cli;
mod demo;
mod drill;
mod edit;
mod figure;
mod geo;
mod hostile;
mod log;
mod message;
mod quality;
mod model;
mod open;
#[path = "../../../desk/tests/it/receiver.rs"]
mod receiver;
mod register;
mod repair;
mod risk;
mod river;
mod sight;
mod support;
mod tidy;
