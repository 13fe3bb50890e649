//! Acts of the desk over a lake in memory that can be made to fail.

mod account;
mod drift;
mod history;
mod memory;
mod push;
mod river;
