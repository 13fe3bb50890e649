//! What is exchanged with the nodes of other cities: envelopes out and in, what was asked of them, what was read from them, and
//! the signatures that were believed.

mod inbox;
mod link;
mod nonce;
pub(crate) mod outbox;
mod read;
mod request;

pub use inbox::{Effect, InboxRow, Taken};
pub use link::LinkRow;
pub use outbox::OutboxRow;
pub use read::NodeReadRow;
pub use request::{NodeRequestRow, Word};
