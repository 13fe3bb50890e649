//! Record linkage: which records of one table, or of two, are of the same person, body or place. What to compare and
//! how, which records to put beside each other, and what each agreement is worth are learnt from the records.
//! Pure: it knows no file, no SQL and no page.

mod align;
mod birth;
mod block;
mod cluster;
mod compare;
mod dates;
mod em;
mod field;
mod fold;
mod former;
mod key;
mod kind;
mod learned;
mod linkage;
mod model;
mod once;
mod plan;
mod relation;
mod sample;
mod scatter;
mod similar;
mod table;
mod tie;
mod work;

pub use compare::Method;
pub use kind::Kind;
pub use learned::Learned;
pub use birth::birth_of;
pub use cluster::{DIFFERENT, SAME};
pub use linkage::{Choice, Edge, LEAST_BITS, Linkage, Linked, Weigher};
pub use model::{Evidence, Options, Pair, Waterfall};
pub use table::{Builder, COLUMNS_MOST, LinkError, Records, Side, VALUE_MOST};
