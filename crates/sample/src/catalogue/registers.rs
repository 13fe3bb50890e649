//! The registers of the sample city: path in the city folder and text.

pub const REGISTERS: &[(&str, &str)] = &[
    ("registers/companies.toml", include_str!("../registers/companies.toml")),
    ("registers/persons.toml", include_str!("../registers/persons.toml")),
];
