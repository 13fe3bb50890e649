//! Every table of the sample city, a file for each part of city life.

mod cloud;
mod companies;
mod countryside;
mod education;
mod environment;
mod governance;
mod health;
mod land;
mod manufacturing;
mod money;
mod people;
mod transport;
mod welfare;
mod work;

use crate::row::Row;
use crate::spec::Table;
use crate::stock::decimal;
use crate::world::{Person, Role};

/// All tables, in the order of the catalogue.
pub fn all() -> Vec<Table> {
    [
        people::tables(),
        work::tables(),
        health::tables(),
        education::tables(),
        companies::tables(),
        money::tables(),
        welfare::tables(),
        land::tables(),
        transport::tables(),
        environment::tables(),
        manufacturing::tables(),
        governance::tables(),
        countryside::tables(),
        cloud::tables(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Value of code list `kinship`.
fn role_code(person: &Person) -> &'static str {
    match (person.role, person.male) {
        (Role::Head, _) => "01",
        (Role::Spouse, _) => "10",
        (Role::Child, true) => "20",
        (Role::Child, false) => "30",
        (Role::Elder, _) => "50",
    }
}

/// A GeoJSON point.
fn point(row: &mut Row, out: &mut String) {
    let home = row.home();
    out.push_str("{\"type\":\"Point\",\"coordinates\":[");
    decimal(out, home.longitude, 6);
    out.push(',');
    decimal(out, home.latitude, 6);
    out.push_str("]}");
}
