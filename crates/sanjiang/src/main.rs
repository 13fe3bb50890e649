//! One binary: the commands, and the only place where the parts meet.

mod commands;
mod model_ports;
mod past;
mod ports;
mod show;
mod upkeep;
mod wire;
mod worker;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // Two providers are linked in; rustls wants to be told which one before its first use.
    let _ = rustls::crypto::ring::default_provider().install_default();
    commands::Command::parse().run()
}
