//! Longitude and latitude of one place: in one cell, or in two items of a row. The order is checked, and
//! a declared system (`crs`) is converted to WGS 84.

use std::borrow::Cow;

use super::coordinate::{Crs, Point, rounded};
use super::flaw::Flaw;
use super::position;
use super::tidy::narrow;

/// `121.554212,29.868312`, `东经121°33′15″ 北纬29°52′6″`, `POINT(121.55 29.86)`: east, then north.
pub(super) fn read(text: &str, crs: Crs) -> Result<Cow<'_, str>, Flaw> {
    let narrow = narrow(text);
    let bare = narrow.trim().trim_start_matches("POINT").trim().trim_matches(['(', ')', '[', ']']).trim();
    let (first, second) = parts(bare).ok_or_else(form)?;
    let turned = first.starts_with(['北', '南']) || first.ends_with(['N', 'S']);
    let (east, north) = if turned { (second, first) } else { (first, second) };
    let point = if crs.is_projected() {
        (position::metres(east)?, position::metres(north)?)
    } else {
        // Each alone may be out of its range because the order is wrong; that is the better thing to say.
        match (position::longitude(east), position::latitude(north)) {
            (Ok(lon), Ok(lat)) => (lon, lat),
            (lon, lat) => {
                let other = (position::longitude(north), position::latitude(east));
                return Err(match other {
                    (Ok(lon), Ok(lat)) => swapped((lon, lat)),
                    _ => lon.err().or(lat.err()).unwrap_or_else(form),
                });
            }
        }
    };
    let (lon, lat) = convert(point, crs)?;
    let written = format!("{lon},{lat}");
    Ok(if written == text { Cow::Borrowed(text) } else { Cow::Owned(written) })
}

/// The WGS 84 point of one in a declared system; a flaw where the order is wrong or the system does not reach.
pub(super) fn convert(point: Point, crs: Crs) -> Result<Point, Flaw> {
    if !crs.is_projected() && looks_swapped(point) {
        return Err(swapped((point.1, point.0)));
    }
    if crs == Crs::Wgs84 {
        return Ok(point);
    }
    let (lon, lat) = crs.to_wgs84(point).ok_or_else(|| {
        Flaw::new(
            "outside",
            "换算不出经纬度：坐标不在所声明坐标系（`crs`）的范围内，请核对带号、顺序和单位",
            "cannot be converted: outside of the declared system (`crs`); check zone, order and unit",
        )
    })?;
    Ok((rounded(lon), rounded(lat)))
}

/// What would lie in China the other way round, and does not this way.
fn looks_swapped((lon, lat): Point) -> bool {
    let in_china = |lon: f64, lat: f64| (73.0..=136.0).contains(&lon) && (3.0..=54.0).contains(&lat);
    in_china(lat, lon) && !in_china(lon, lat)
}

fn swapped((lon, lat): Point) -> Flaw {
    Flaw::new(
        "swapped",
        format!("经度和纬度写反了；应为 {lon},{lat}"),
        format!("longitude and latitude are swapped; it should be {lon},{lat}"),
    )
}

/// Two numbers parted by a comma, semicolon, slash or blanks.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (first, second) = text
        .split_once([',', ';', '/', '|', '、'])
        .or_else(|| text.split_once(char::is_whitespace))
        .or_else(|| text.find(['北', '南']).filter(|at| *at > 0).and_then(|at| text.split_at_checked(at)))?;
    let (first, second) = (first.trim(), second.trim());
    (!first.is_empty() && !second.is_empty() && !second.contains([',', ';', '|'])).then_some((first, second))
}

fn form() -> Flaw {
    Flaw::new(
        "form",
        "应为“经度,纬度”，如 121.554212,29.868312",
        "expected longitude and latitude, such as 121.554212,29.868312",
    )
}
