//! Coordinate systems in which a city's places are delivered, and the way from each to WGS 84 and back.
//! CGCS2000 and WGS 84 differ by centimetres, less than any of these places is known to; they are kept as one.

mod gauss_kruger;
mod offset;

use gauss_kruger::GaussKruger;

/// East and north: degrees of longitude and latitude, or metres.
pub type Point = (f64, f64);

/// A coordinate reference system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Crs {
    /// WGS 84 or CGCS2000, degrees.
    Wgs84,
    /// The offset system of published Chinese maps (火星坐标), degrees.
    Gcj02,
    /// Baidu's, degrees.
    Bd09,
    /// Web Mercator, metres (EPSG:3857).
    WebMercator,
    /// CGCS2000 Gauss-Kruger, metres (EPSG:4491 to 4554).
    GaussKruger(GaussKruger),
}

impl Crs {
    /// The system of a declared name: `gcj02`, `bd09`, `cgcs2000`, `wgs84`, `EPSG:4549`…
    pub fn named(name: &str) -> Option<Crs> {
        match name.to_ascii_lowercase().replace(['-', '_', ' '], "").as_str() {
            "wgs84" | "cgcs2000" | "epsg:4326" | "epsg:4490" => Some(Crs::Wgs84),
            "gcj02" => Some(Crs::Gcj02),
            "bd09" | "bd09ll" => Some(Crs::Bd09),
            "webmercator" | "epsg:3857" => Some(Crs::WebMercator),
            other => {
                let number = other.strip_prefix("epsg:")?.parse().ok()?;
                GaussKruger::of_epsg(number).map(Crs::GaussKruger)
            }
        }
    }

    /// Whether its numbers are metres, not degrees.
    pub fn is_projected(self) -> bool {
        matches!(self, Crs::WebMercator | Crs::GaussKruger(_))
    }

    /// The WGS 84 longitude and latitude of a point; `None` where the system does not reach.
    pub fn to_wgs84(self, point: Point) -> Option<Point> {
        let (lon, lat) = match self {
            Crs::Wgs84 => point,
            Crs::Gcj02 => offset::gcj02_to_wgs84(point),
            Crs::Bd09 => offset::gcj02_to_wgs84(offset::bd09_to_gcj02(point)),
            Crs::WebMercator => mercator_to_wgs84(point),
            Crs::GaussKruger(projection) => projection.to_degrees(point)?,
        };
        (lon.abs() <= 180.0 && lat.abs() <= 90.0).then_some((lon, lat))
    }

    /// The point of a WGS 84 longitude and latitude; `None` where the system does not reach.
    pub fn from_wgs84(self, (lon, lat): Point) -> Option<Point> {
        if !(lon.abs() <= 180.0 && lat.abs() <= 90.0) {
            return None;
        }
        let point = match self {
            Crs::Wgs84 => (lon, lat),
            Crs::Gcj02 => offset::wgs84_to_gcj02((lon, lat)),
            Crs::Bd09 => offset::gcj02_to_bd09(offset::wgs84_to_gcj02((lon, lat))),
            Crs::WebMercator => mercator((lon, lat)),
            Crs::GaussKruger(projection) => projection.to_metres((lon, lat))?,
        };
        (point.0.is_finite() && point.1.is_finite()).then_some(point)
    }
}

/// Eight decimals of a degree are a millimetre: what is finer is noise of the calculation.
pub(crate) fn rounded(degrees: f64) -> f64 {
    (degrees * 1e8).round() / 1e8
}

const EARTH_RADIUS: f64 = 6_378_137.0;

fn mercator((lon, lat): Point) -> Point {
    (EARTH_RADIUS * lon.to_radians(), EARTH_RADIUS * lat.to_radians().tan().asinh())
}

fn mercator_to_wgs84((x, y): Point) -> Point {
    ((x / EARTH_RADIUS).to_degrees(), (y / EARTH_RADIUS).sinh().atan().to_degrees())
}
