//! The languages of open data, from without.

mod ckan;
