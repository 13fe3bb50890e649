//! A city as declared: all its files read, checked and joined.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::declare::{Board, Catalogue, CityInfo, CodeList, Connector, Department, Figure, Item, Kind, Model, Neighbour, Register, Resource, Standard, System};
use crate::diagnostic::Diagnostic;
use crate::openapi::Api;
use crate::workday::Calendar;

/// One file of a city folder, already read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path inside the folder, with `/`.
    pub path: String,
    pub text: String,
}

/// A whole city. Maps are keyed by id (the file's stem).
#[derive(Clone, Debug)]
pub struct City {
    pub info: CityInfo,
    pub departments: BTreeMap<String, Department>,
    pub systems: BTreeMap<String, System>,
    pub resources: BTreeMap<String, Resource>,
    pub standards: BTreeMap<String, Standard>,
    pub code_lists: BTreeMap<String, CodeList>,
    pub boards: BTreeMap<String, Board>,
    /// By table name: `topic.air_month`.
    pub models: BTreeMap<String, Model>,
    /// By id; their tables are `master.<id>`.
    pub registers: BTreeMap<String, Register>,
    pub figures: BTreeMap<String, Figure>,
    /// Nodes of other cities that data is exchanged with.
    pub nodes: BTreeMap<String, Neighbour>,
    /// Catalogues of other portals that are harvested.
    pub catalogs: BTreeMap<String, Catalogue>,
    /// GeoJSON text of the district outlines, where declared.
    pub districts: Option<String>,
    /// What services can be asked, by the id of the system.
    pub apis: BTreeMap<String, Arc<Api>>,
}

impl City {
    /// Reads and checks every file. The city is `None` if any diagnostic is an error.
    pub fn read(files: &[SourceFile]) -> (Option<City>, Vec<Diagnostic>) {
        crate::declare::read(files)
    }

    /// Whether its system sends the rows itself, so that there is nothing to collect.
    pub fn is_pushed(&self, resource: &Resource) -> bool {
        self.systems.get(&resource.system).is_some_and(|system| matches!(system.connector, Connector::Push {}))
    }

    /// Whether it is asked at its system at each call, so that nothing of it is here.
    pub fn is_service(&self, resource: &Resource) -> bool {
        self.systems.get(&resource.system).is_some_and(|system| matches!(system.connector, Connector::Service { .. }))
    }

    /// Whether its rows are fetched by runs.
    pub fn is_collected(&self, resource: &Resource) -> bool {
        !self.is_pushed(resource) && !self.is_service(resource)
    }

    /// Its working days: those of the notices and its own. Days that a checked city cannot contain are left out.
    pub fn calendar(&self) -> Calendar {
        let own = &self.info.calendar;
        Calendar::with(&own.days, &own.years).unwrap_or_else(|_| Calendar::national())
    }

    /// What an item's values are: by its standard, declared or built in.
    pub fn kind_of(&self, item: &Item) -> Option<Kind> {
        self.standards.get(&item.standard).map(|standard| standard.kind).or_else(|| Kind::named(&item.standard))
    }

    /// The code list that an item's values follow.
    pub fn codes_of(&self, item: &Item) -> Option<&CodeList> {
        self.code_lists.get(self.standards.get(&item.standard)?.codes.as_ref()?)
    }

    /// The department that answers for a resource.
    pub fn provider(&self, resource: &Resource) -> Option<&Department> {
        self.departments.get(&self.systems.get(&resource.system)?.department)
    }
}
