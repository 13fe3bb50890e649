//! One binary: the commands, and the only place where the parts meet.

mod allocator;
mod commands;
mod confine;
mod model_ports;
mod past;
mod ports;
mod show;
mod upkeep;
mod wire;
mod worker;

use clap::Parser;

fn main() -> std::process::ExitCode {
    allocator::give_back_at_once();
    // Two providers are linked in; rustls wants to be told which one before its first use.
    let _ = rustls::crypto::ring::default_provider().install_default();
    commands::Command::parse().run()
}
