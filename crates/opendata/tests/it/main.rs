//! What others ask, and how it is understood: laws of the pure languages of open data.

mod chart;
mod ogc;
mod soda;
