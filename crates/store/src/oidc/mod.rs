//! Applications that log people in with us: which there are, what people agreed to, and what was given for their logins.

mod client;
mod login;

pub use client::{ClientRow, ConsentRow};
pub use login::{CodeRow, LoginRow, NewToken, TokenRow};
