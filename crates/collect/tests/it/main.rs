//! The readers through their public door.

mod load;
mod shared;
