//! The laws of registers, through the public door.

mod law;
