//! The words of the city that every room uses: two languages, moments, ids, the nearest right name.
//! Pure: it never reads a clock, a file or a socket, and depends on no other room.

pub mod fold;
pub mod id;
pub mod lang;
pub mod moment;
pub mod nearest;

pub use id::{RunId, uuid_v7};
pub use lang::{Lang, Text};
pub use moment::Moment;
pub use nearest::nearest;
