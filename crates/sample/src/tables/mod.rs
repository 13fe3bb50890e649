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

use data::declare::{Grade, ItemClass};

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
    .map(classed)
    .collect()
}

/// Class and grade of the columns that nobody gave one. What describes an identified person is personal, and a grade below
/// what identifies him; what is not for all to see is business; the rest is public.
fn classed(mut table: Table) -> Table {
    let identifies = |column: &crate::spec::Column| {
        let named = column.standard == "person_name" && column.class == ItemClass::Personal && column.grade >= Some(Grade::L3);
        named || column.standard == "citizen_number"
    };
    let of_persons = table.columns.iter().any(identifies);
    let whole = table.gravest();
    for column in table.columns.iter_mut().filter(|column| column.class == ItemClass::Public && column.grade.is_none()) {
        match whole {
            Grade::L1 => {}
            Grade::L4 if of_persons => (column.class, column.grade) = (ItemClass::Personal, Some(Grade::L3)),
            _ if of_persons => (column.class, column.grade) = (ItemClass::Personal, Some(Grade::L2)),
            _ => column.class = ItemClass::Business,
        }
    }
    table
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
