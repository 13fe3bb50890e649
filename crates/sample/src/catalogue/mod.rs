//! What the sample city declares besides its resources.

pub mod boards;
pub mod codes;
pub mod departments;
pub mod figures;
pub mod rules;
pub mod models;
pub mod registers;
pub mod standards;
