//! The city's districts from GeoJSON: drawn once, shaded by value, each leading to its own page.

use data::City;
use kernel::Text;
use serde_json::Value;

use super::coordinate;
use crate::html::{Html, escape};
use crate::link;

/// Width of the drawing in its own units; its height follows the city's shape.
const WIDTH: f64 = 600.0;
/// Points nearer than this to the last one are left out.
const STEP: f64 = 0.7;
/// Identity colours; a larger city uses them again.
const COLOURS: usize = 12;
/// Shades of a choropleth, light to dark.
const SHADES: usize = 5;

type Ring = Vec<(f64, f64)>;

/// One district: outline and where its name stands.
#[derive(Clone, Debug)]
pub struct District {
    pub code: String,
    pub name: Text,
    /// Its colour everywhere (0 to 11), by the order of codes.
    pub place: usize,
    path: String,
    label: (f64, f64),
    /// The outline as it was read: longitudes and latitudes.
    rings: Vec<Ring>,
}

/// All districts with an outline, in order of code; empty when the city declares none.
#[derive(Clone, Debug, Default)]
pub struct Districts {
    pub all: Vec<District>,
    height: f64,
}

/// What a district shows on a map.
#[derive(Clone, Debug)]
pub struct Shade {
    pub code: String,
    pub value: f64,
    /// The value as it is read, with its unit.
    pub shown: String,
}

impl Districts {
    /// Reads the outlines the city declares. Features without a code or a polygon are passed over.
    pub fn read(city: &City) -> Districts {
        let Some(text) = &city.districts else { return Districts::default() };
        let Ok(document) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else { return Districts::default() };
        let mut shapes: Vec<(String, Text, Vec<Ring>)> = document["features"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|feature| {
                let code = word(&feature["properties"]["code"])?;
                let rings = rings(&feature["geometry"]);
                (!rings.is_empty()).then(|| (code.clone(), name(city, feature, &code), rings))
            })
            .collect();
        shapes.sort_by(|a, b| a.0.cmp(&b.0));
        shapes.dedup_by(|a, b| a.0 == b.0);
        draw(shapes)
    }

    pub fn get(&self, code: &str) -> Option<&District> {
        self.all.iter().find(|district| district.code == code)
    }

    /// The map, shaded in five equal steps from zero to the greatest value. `id` is unique on the page.
    pub fn choropleth(&self, say: &crate::say::Say, id: &str, title: &str, description: &str, shades: &[Shade]) -> Html {
        let greatest = shades.iter().map(|s| s.value).filter(|v| v.is_finite()).fold(0.0, f64::max);
        let mut out = self.opening(id, title, description);
        for district in &self.all {
            let name = say.text(&district.name);
            let shade = shades.iter().find(|s| s.code == district.code);
            let (class, said) = match shade {
                Some(shade) => (step(shade.value, greatest), format!("{name}{}{}", say.t("colon"), shade.shown)),
                None => (0, format!("{name}{}{}", say.t("colon"), say.t("map-none"))),
            };
            out.push_str(&format!(
                "<a href=\"{}\" aria-label=\"{}\"><path class=\"district shade-{class}\" d=\"{}\"><title>{}</title></path></a>",
                escape(&link::district(&district.code)),
                escape(&said),
                district.path,
                escape(&said)
            ));
        }
        self.names(say, &mut out);
        out.push_str("</svg>");
        Html(out)
    }

    /// The map with one district drawn out, for its own page.
    pub fn outline(&self, say: &crate::say::Say, id: &str, title: &str, chosen: &str) -> Html {
        let mut out = self.opening(id, title, title);
        for district in &self.all {
            let name = escape(say.text(&district.name));
            if district.code == chosen {
                out.push_str(&format!("<path class=\"district chosen place-{}\" d=\"{}\"><title>{name}</title></path>", district.place, district.path));
            } else {
                out.push_str(&format!(
                    "<a href=\"{}\" aria-label=\"{name}\"><path class=\"district shade-0\" d=\"{}\"><title>{name}</title></path></a>",
                    escape(&link::district(&district.code)),
                    district.path
                ));
            }
        }
        self.names(say, &mut out);
        out.push_str("</svg>");
        Html(out)
    }

    /// Where the city lies: west, south, east, north.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        let points = self.all.iter().flat_map(|district| district.rings.iter().flatten());
        points.fold(None, |known: Option<[f64; 4]>, (x, y)| {
            let [west, south, east, north] = known.unwrap_or([*x, *y, *x, *y]);
            Some([west.min(*x), south.min(*y), east.max(*x), north.max(*y)])
        })
    }

    /// The outlines in another drawing: each district's path, and where its name stands.
    pub(crate) fn placed(&self, project: impl Fn(f64, f64) -> (f64, f64)) -> Vec<(&District, String, (f64, f64))> {
        let placed = |district: &'_ District| {
            let rings: Vec<Ring> = district.rings.iter().map(|ring| thinned(ring.iter().map(|(x, y)| project(*x, *y)))).collect();
            let largest = rings.iter().max_by(|a, b| area(a).total_cmp(&area(b)));
            (rings.iter().map(path).collect::<String>(), largest.map(middle).unwrap_or_default())
        };
        self.all.iter().map(|district| (district, placed(district))).map(|(district, (path, label))| (district, path, label)).collect()
    }

    fn opening(&self, id: &str, title: &str, description: &str) -> String {
        format!(
            "<svg class=\"map\" viewBox=\"0 0 {WIDTH} {}\" role=\"group\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
            coordinate(self.height),
            escape(title),
            escape(description)
        )
    }

    /// Names last, so that no outline covers them; the links already say them aloud.
    fn names(&self, say: &crate::say::Say, out: &mut String) {
        out.push_str("<g class=\"names\" aria-hidden=\"true\">");
        for district in &self.all {
            let (x, y) = district.label;
            out.push_str(&format!("<text x=\"{}\" y=\"{}\">{}</text>", coordinate(x), coordinate(y), escape(say.text(&district.name))));
        }
        out.push_str("</g>");
    }
}

/// Which of the shades 1 to 5 a value has; 0 is "no data".
fn step(value: f64, greatest: f64) -> usize {
    if !value.is_finite() || value < 0.0 {
        return 0;
    }
    (super::scaled(value, greatest, SHADES as f64).ceil() as usize).clamp(1, SHADES)
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The name in the outline file; in English what the file or the code list of divisions says.
fn name(city: &City, feature: &Value, code: &str) -> Text {
    let zh = word(&feature["properties"]["name"]).unwrap_or_else(|| code.to_owned());
    let listed = city.info.divisions.as_ref().and_then(|id| city.code_lists.get(id));
    let listed = listed.and_then(|list| list.codes.iter().find(|c| c.value == code)).map(|c| c.title_en.clone());
    let en = word(&feature["properties"]["name_en"]).or(listed).unwrap_or_default();
    Text { zh, en }
}

/// Outer rings of a Polygon or MultiPolygon, as (longitude, latitude).
fn rings(geometry: &Value) -> Vec<Ring> {
    let coordinates = geometry["coordinates"].as_array();
    let polygons: Vec<&Value> = match geometry["type"].as_str() {
        Some("Polygon") => vec![&geometry["coordinates"]],
        Some("MultiPolygon") => coordinates.into_iter().flatten().collect(),
        _ => Vec::new(),
    };
    let point = |p: &Value| Some((p.get(0)?.as_f64()?, p.get(1)?.as_f64()?));
    let ring = |polygon: &&Value| -> Ring { polygon[0].as_array().into_iter().flatten().filter_map(point).collect() };
    polygons.iter().map(ring).filter(|ring| ring.len() >= 4).collect()
}

/// Fits all shapes into the drawing. Longitude is shortened by the cosine of the latitude, so that nothing looks stretched.
fn draw(shapes: Vec<(String, Text, Vec<Ring>)>) -> Districts {
    let points = || shapes.iter().flat_map(|(_, _, rings)| rings.iter().flatten().copied());
    let (west, east) = points().fold((f64::MAX, f64::MIN), |(a, b), (x, _)| (a.min(x), b.max(x)));
    let (south, north) = points().fold((f64::MAX, f64::MIN), |(a, b), (_, y)| (a.min(y), b.max(y)));
    if east <= west || north <= south {
        return Districts::default();
    }
    let shorten = ((south + north) / 2.0).to_radians().cos();
    let margin = 6.0;
    let scale = (WIDTH - 2.0 * margin) / ((east - west) * shorten);
    let project = |(x, y): &(f64, f64)| (margin + (x - west) * shorten * scale, margin + (north - y) * scale);
    let district = |(order, (code, name, outline)): (usize, &(String, Text, Vec<Ring>))| {
        let rings: Vec<Ring> = outline.iter().map(|ring| thinned(ring.iter().map(project))).collect();
        let largest = rings.iter().max_by(|a, b| area(a).total_cmp(&area(b)));
        District {
            code: code.clone(),
            name: name.clone(),
            place: order % COLOURS,
            path: rings.iter().map(|ring| path(ring)).collect(),
            label: largest.map(|ring| middle(ring)).unwrap_or_default(),
            rings: outline.clone(),
        }
    };
    let all = shapes.iter().enumerate().map(district).collect();
    Districts { all, height: 2.0 * margin + (north - south) * scale }
}

fn thinned(points: impl Iterator<Item = (f64, f64)>) -> Ring {
    let mut kept: Ring = Vec::new();
    for point in points {
        let near = kept.last().is_some_and(|last| (last.0 - point.0).hypot(last.1 - point.1) < STEP);
        if !near {
            kept.push(point);
        }
    }
    kept
}

fn path(ring: &Ring) -> String {
    let mut out = String::new();
    for (i, (x, y)) in ring.iter().enumerate() {
        out.push_str(&format!("{}{} {}", if i == 0 { 'M' } else { 'L' }, coordinate(*x), coordinate(*y)));
    }
    out.push('Z');
    out
}

/// Each edge of a ring, the closing one included.
fn edges(ring: &Ring) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn area(ring: &Ring) -> f64 {
    (edges(ring).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0).abs()
}

/// The point of a grid inside the ring that is farthest from its edge: the best place for a name.
fn middle(ring: &Ring) -> (f64, f64) {
    const CELLS: usize = 24;
    let (left, right) = ring.iter().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.0), b.max(p.0)));
    let (top, bottom) = ring.iter().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.1), b.max(p.1)));
    let at = |i: usize, from: f64, to: f64| from + (to - from) * (i as f64 + 0.5) / CELLS as f64;
    let cells = (0..CELLS).flat_map(|i| (0..CELLS).map(move |j| (i, j)));
    cells
        .map(|(i, j)| (at(i, left, right), at(j, top, bottom)))
        .filter(|p| inside(ring, *p))
        .max_by(|a, b| clearance(ring, *a).total_cmp(&clearance(ring, *b)))
        .unwrap_or(((left + right) / 2.0, (top + bottom) / 2.0))
}

fn inside(ring: &Ring, (x, y): (f64, f64)) -> bool {
    edges(ring).filter(|(a, b)| (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0).count() % 2 == 1
}

fn clearance(ring: &Ring, (x, y): (f64, f64)) -> f64 {
    let distance = |(a, b): ((f64, f64), (f64, f64))| {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = dx * dx + dy * dy;
        let t = if length > 0.0 { (((x - a.0) * dx + (y - a.1) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        // A name is wide and low, so that room to the sides counts for less.
        ((x - a.0 - t * dx) / 1.6).hypot(y - a.1 - t * dy)
    };
    edges(ring).map(distance).fold(f64::MAX, f64::min)
}
