//! Acts of the desk over a lake in memory that can be made to fail.

mod account;
mod memory;
mod push;
mod river;
