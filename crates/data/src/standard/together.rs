//! Checks that need two items of one row: a division code on the row's own date, and the two coordinates of a place.

use kernel::Text;

use super::clock::Zone;
use super::coordinate::{Crs, Point};
use super::flaw::Flaw;
use super::{Fault, division, point};
use crate::city::City;
use crate::declare::{Kind, Resource, Standard};

/// A check over two items, each given by its place among the resource's items.
#[derive(Clone, Debug)]
pub enum Together {
    /// The code must have been in force on the day.
    Division { code: usize, day: usize, on: OnDay },
    /// Both coordinates become WGS 84, and must not be swapped.
    Place { lon: usize, lat: usize, at: Place },
}

/// Whether a division code was in force on a day.
#[derive(Clone, Debug)]
pub struct OnDay {
    item: String,
    zone: Zone,
}

/// A place in a declared coordinate system.
#[derive(Clone, Debug)]
pub struct Place {
    item: String,
    crs: Crs,
}

impl Together {
    /// The checks of a resource. Coordinates belong together in the order in which they are declared.
    pub fn of(city: &City, resource: &Resource) -> Vec<Together> {
        let Ok(zone) = Zone::named(&city.info.time_zone) else { return Vec::new() };
        let kind = |name: &str| kind_of(city, name);
        let days = resource.items.iter().enumerate().filter(|(_, item)| kind(&item.standard) == Some(Kind::DivisionCode));
        let days = days.filter_map(|(code, item)| {
            let day = resource.items.iter().position(|other| Some(&other.name) == item.as_of.as_ref())?;
            Some(Together::Division { code, day, on: OnDay { item: item.name.clone(), zone: zone.clone() } })
        });
        let of_kind = |wanted: Kind| {
            resource.items.iter().enumerate().filter(move |(_, item)| kind(&item.standard) == Some(wanted))
        };
        let places = of_kind(Kind::Longitude).zip(of_kind(Kind::Latitude)).map(|((lon, item), (lat, _))| {
            let crs = city.standards.get(&item.standard).map_or(Crs::Wgs84, crs_of);
            Together::Place { lon, lat, at: Place { item: item.name.clone(), crs } }
        });
        days.chain(places).collect()
    }
}

impl OnDay {
    /// A checked code on a day since 1970-01-01.
    pub fn check(&self, code: &str, day: i32) -> Result<(), Fault> {
        division::in_force_on(code, day).map_err(|flaw| fault(Kind::DivisionCode, &self.item, code.to_owned(), flaw))
    }

    /// A checked code on the city's day of a moment in microseconds UTC.
    pub fn check_moment(&self, code: &str, micros: i64) -> Result<(), Fault> {
        self.check(code, self.zone.day(micros))
    }
}

impl Place {
    /// Whether numbers change on the way to WGS 84.
    pub fn converts(&self) -> bool {
        self.crs != Crs::Wgs84
    }

    /// The WGS 84 longitude and latitude.
    pub fn read(&self, point: Point) -> Result<Point, Fault> {
        point::convert(point, self.crs)
            .map_err(|flaw| fault(Kind::Position, &self.item, format!("{},{}", point.0, point.1), flaw))
    }
}

fn kind_of(city: &City, name: &str) -> Option<Kind> {
    city.standards.get(name).map(|standard| standard.kind).or_else(|| Kind::named(name))
}

/// The declared system; rules have seen to it that the name is known.
pub(super) fn crs_of(standard: &Standard) -> Crs {
    standard.crs.as_deref().and_then(Crs::named).unwrap_or(Crs::Wgs84)
}

fn fault(kind: Kind, item: &str, found: String, flaw: Flaw) -> Fault {
    let Flaw { code, message: Text { zh, en } } = flaw;
    Fault { code: format!("{}.{code}", kind.name()), item: item.to_owned(), found, message: Text::new(zh, en) }
}
