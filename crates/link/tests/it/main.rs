//! Laws of linkage, through the public door.
