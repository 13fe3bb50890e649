//! GeoJSON geometries (RFC 7946), of a bounded size.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::coordinate::Crs;
use super::flaw::Flaw;
use super::point;

/// The longest geometry of one row, in bytes.
const LARGEST: usize = 4 << 20;
const DEEPEST: usize = 8;

/// A geometry in WGS 84 is kept as found; one in a declared system gets new coordinates.
pub(super) fn read(text: &str, crs: Crs) -> Result<Cow<'_, str>, Flaw> {
    if text.len() > LARGEST {
        let mib = LARGEST >> 20;
        return Err(Flaw::new(
            "too_large",
            format!("几何图形太大，最多 {mib} MiB"),
            format!("the geometry is too large; at most {mib} MiB"),
        ));
    }
    let mut json: Json = serde_json::from_str(text).map_err(|_| form())?;
    if crs != Crs::Wgs84 {
        convert(&mut json, crs, 0)?;
        geometry(&json, 0)?;
        return Ok(Cow::Owned(json.to_string()));
    }
    geometry(&json, 0)?;
    Ok(Cow::Borrowed(text))
}

/// Converts every position: a list that begins with two numbers.
fn convert(json: &mut Json, crs: Crs, depth: usize) -> Result<(), Flaw> {
    if depth > 2 * DEEPEST {
        return Err(form());
    }
    match json {
        Json::Object(object) => {
            let inner = object.iter_mut().filter(|(key, _)| matches!(key.as_str(), "coordinates" | "geometries"));
            inner.map(|(_, value)| value).try_for_each(|value| convert(value, crs, depth + 1))
        }
        Json::Array(list) => match list.as_mut_slice() {
            [x, y, ..] if x.is_number() && y.is_number() => {
                let point = (x.as_f64().unwrap_or(f64::NAN), y.as_f64().unwrap_or(f64::NAN));
                let (lon, lat) = point::convert(point, crs)?;
                (*x, *y) = (Json::from(lon), Json::from(lat));
                Ok(())
            }
            list => list.iter_mut().try_for_each(|value| convert(value, crs, depth + 1)),
        },
        _ => Ok(()),
    }
}

/// Whether a JSON value is a GeoJSON geometry.
pub(crate) fn geometry(json: &Json, depth: usize) -> Result<(), Flaw> {
    let kind = json.get("type").and_then(Json::as_str).ok_or_else(form)?;
    let coordinates = json.get("coordinates").unwrap_or(&Json::Null);
    match kind {
        "Point" => position(coordinates),
        "MultiPoint" => each(coordinates, position),
        "LineString" => line(coordinates),
        "MultiLineString" => each(coordinates, line),
        "Polygon" => each(coordinates, ring),
        "MultiPolygon" => each(coordinates, |polygon| each(polygon, ring)),
        "GeometryCollection" if depth < DEEPEST => {
            each(json.get("geometries").unwrap_or(&Json::Null), |inner| geometry(inner, depth + 1))
        }
        "Feature" | "FeatureCollection" => Err(Flaw::new(
            "feature",
            "是要素（Feature），不是几何图形；请只给其中的 geometry",
            "is a Feature; give only the geometry in it",
        )),
        _ => Err(form()),
    }
}

fn each(json: &Json, check: impl Fn(&Json) -> Result<(), Flaw>) -> Result<(), Flaw> {
    json.as_array().ok_or_else(form)?.iter().try_for_each(check)
}

fn line(json: &Json) -> Result<(), Flaw> {
    each(json, position)?;
    match json.as_array() {
        Some(points) if points.len() >= 2 => Ok(()),
        _ => Err(Flaw::new("line", "线至少要有两个点", "a line has at least two points")),
    }
}

fn ring(json: &Json) -> Result<(), Flaw> {
    each(json, position)?;
    match json.as_array().map(Vec::as_slice) {
        Some([first, _, .., last]) if first == last && json.as_array().is_some_and(|points| points.len() >= 4) => {
            Ok(())
        }
        _ => Err(Flaw::new(
            "ring",
            "多边形的环至少四个点，并且首尾相同",
            "a polygon's ring has at least four points, the last one equal to the first",
        )),
    }
}

fn position(json: &Json) -> Result<(), Flaw> {
    let numbers: Option<Vec<f64>> = json.as_array().and_then(|list| list.iter().map(Json::as_f64).collect());
    match numbers.as_deref() {
        Some([x, y] | [x, y, _]) if x.abs() <= 180.0 && y.abs() <= 90.0 => Ok(()),
        Some([_, _] | [_, _, _]) => Err(Flaw::new(
            "range",
            "坐标超出经纬度范围；应先经度后纬度，以度为单位",
            "coordinates are out of range; expected longitude, latitude in degrees",
        )),
        _ => Err(Flaw::new("position", "坐标应为 [经度, 纬度]", "a position is [longitude, latitude]")),
    }
}

fn form() -> Flaw {
    Flaw::new(
        "form",
        "应为 GeoJSON 几何图形（Point、LineString、Polygon…）",
        "expected a GeoJSON geometry (Point, LineString, Polygon…)",
    )
}
