//! The binary as its users call it.

mod care;
mod cli;
mod demo;
mod drill;
mod edit;
mod figure;
mod quality;
mod model;
mod register;
mod repair;
mod river;
mod sight;
mod support;
mod tidy;
