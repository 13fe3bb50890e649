//! How a city's data is declared, typed and checked: departments, systems, resources, items,
//! standards, code lists, boards. Pure rules: the same text gives the same answer.
//! It knows neither files nor tables nor pages.

pub mod address;
pub mod city;
pub mod declare;
pub mod diagnostic;
pub mod figure;
pub mod grade;
pub mod mask;
pub mod network;
pub mod open;
pub mod oidc;
pub mod openapi;
pub mod reference;
pub mod rule;
pub mod schedule;
pub mod share;
pub mod standard;
pub mod workday;

pub use city::City;
pub use diagnostic::{Diagnostic, Severity};
