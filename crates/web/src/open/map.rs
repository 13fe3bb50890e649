//! The map of a dataset: its rows as points, or counted in cells, on the outlines of the districts. It is a drawing that needs no
//! script and no other host; links lead nearer, farther and beside, and from each point and cell to its rows.

use desk::open::{OpenMap, Point, View};

use crate::chart::{Districts, coordinate};
use crate::html::{Html, escape};
use crate::link;
use crate::say::Say;

/// Width of the drawing in its own units.
const WIDTH: f64 = 600.0;
/// Places named in the table behind the map.
const LISTED: usize = 24;
const SHADES: f64 = 5.0;

/// A map as it stands on a page.
pub(crate) struct Drawn {
    pub svg: Html,
    pub table: Html,
    /// What leads to another view: its name for the island, the word for it, the address.
    pub ways: Vec<(&'static str, String, String)>,
    /// Rows of the fullest cell, where there are cells.
    pub most: Option<u64>,
    pub rows: u64,
    pub placed: u64,
}

struct Canvas<'c> {
    map: &'c OpenMap,
    height: f64,
}

impl Canvas<'_> {
    fn project(&self, longitude: f64, latitude: f64) -> (f64, f64) {
        let [west, south, east, north] = self.map.view.bounds;
        ((longitude - west) / (east - west) * WIDTH, (north - latitude) / (north - south) * self.height)
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (0.0..=WIDTH).contains(&x) && (0.0..=self.height).contains(&y)
    }
}

/// Draws the map of a dataset.
pub(crate) fn draw(say: &Say, dataset: &str, title: &str, map: &OpenMap, districts: &Districts) -> Drawn {
    let canvas = Canvas { map, height: (WIDTH * map.view.shape()).clamp(120.0, 600.0) };
    let name = say.t1("place-map-of", &("title", title));
    let desc = say.t2("place-map-desc", &("n", map.rows), &("total", map.placed));
    let mut svg = format!(
        "<svg class=\"map places\" viewBox=\"0 0 {WIDTH} {}\" role=\"group\" aria-labelledby=\"places-t places-d\" data-bounds=\"{}\"><title id=\"places-t\">{}</title><desc id=\"places-d\">{}</desc>",
        coordinate(canvas.height),
        map.view.text(),
        escape(&name),
        escape(&desc)
    );
    let placed = districts.placed(|x, y| canvas.project(x, y));
    svg.push_str("<g class=\"ground\" aria-hidden=\"true\">");
    for (_, path, _) in &placed {
        svg.push_str(&format!("<path class=\"district shade-0\" d=\"{path}\"/>"));
    }
    svg.push_str("</g>");
    cells(say, dataset, &canvas, &mut svg);
    points(dataset, &canvas, &mut svg);
    svg.push_str("<g class=\"names\" aria-hidden=\"true\">");
    for (district, _, at) in placed.iter().filter(|(_, _, at)| canvas.holds(*at)) {
        svg.push_str(&format!("<text x=\"{}\" y=\"{}\">{}</text>", coordinate(at.0), coordinate(at.1), escape(say.text(&district.name))));
    }
    svg.push_str("</g>");
    scale(say, &canvas, &mut svg);
    svg.push_str("</svg>");
    Drawn {
        svg: Html(svg),
        table: table(say, dataset, map),
        ways: ways(say, dataset, map),
        most: map.cells.iter().map(|cell| cell.rows).max(),
        rows: map.rows,
        placed: map.placed,
    }
}

/// Where the rows of a box stand.
fn rows_in(dataset: &str, bounds: [f64; 4]) -> String {
    link::with(&link::features(dataset), &[("f", "html"), ("bbox", &exact(bounds))])
}

/// A little more exact than what is drawn, so that a cell's box has the rows that it counts.
fn exact(bounds: [f64; 4]) -> String {
    bounds.map(|one| format!("{one:.9}")).join(",")
}

fn feature(dataset: &str, point: &Point) -> String {
    link::with(&link::feature(dataset, point.number), &[("f", "html")])
}

/// Cells are links for the pointer; from the keyboard they are reached by the table, which has the fullest first.
fn cells(say: &Say, dataset: &str, canvas: &Canvas<'_>, svg: &mut String) {
    let most = canvas.map.cells.iter().map(|cell| cell.rows).max().unwrap_or(1) as f64;
    for cell in &canvas.map.cells {
        let bounds = canvas.map.bounds(cell);
        let ((left, top), (right, bottom)) = (canvas.project(bounds[0], bounds[3]), canvas.project(bounds[2], bounds[1]));
        // By the logarithm: a few cells in the middle of a city have most of everything.
        let shade = if most > 1.0 { ((cell.rows as f64).ln() / most.ln() * (SHADES - 1.0)).round() + 1.0 } else { SHADES };
        let said = escape(&say.t1("place-cell", &("n", cell.rows)));
        svg.push_str(&format!(
            "<a href=\"{}\" tabindex=\"-1\" aria-label=\"{said}\"><rect class=\"cell shade-{shade}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{said}</title></rect></a>",
            escape(&rows_in(dataset, bounds)),
            coordinate(left),
            coordinate(top),
            coordinate(right - left),
            coordinate(bottom - top)
        ));
    }
}

fn points(dataset: &str, canvas: &Canvas<'_>, svg: &mut String) {
    for point in &canvas.map.points {
        let (x, y) = canvas.project(point.at[0], point.at[1]);
        let name = escape(&called(point));
        svg.push_str(&format!(
            "<a href=\"{}\" tabindex=\"-1\" aria-label=\"{name}\"><circle class=\"spot\" cx=\"{}\" cy=\"{}\" r=\"6\"><title>{name}</title></circle></a>",
            escape(&feature(dataset, point)),
            coordinate(x),
            coordinate(y)
        ));
    }
}

fn called(point: &Point) -> String {
    if point.name.is_empty() { format!("#{}", point.number) } else { point.name.clone() }
}

/// A bar of a round length in the lower left corner.
fn scale(say: &Say, canvas: &Canvas<'_>, svg: &mut String) {
    let (metres, part) = canvas.map.view.scale();
    let shown = if metres >= 1_000.0 { say.t1("place-km", &("n", (metres / 1_000.0) as u64)) } else { say.t1("place-m", &("n", metres as u64)) };
    let (left, bottom) = (14.0, canvas.height - 12.0);
    svg.push_str(&format!(
        "<g class=\"ruler\"><path d=\"M{left} {}v6h{}v-6\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
        coordinate(bottom - 6.0),
        coordinate(part * WIDTH),
        coordinate(left + 4.0),
        coordinate(bottom - 8.0),
        escape(&shown)
    ));
}

/// The addresses of other views.
fn ways(say: &Say, dataset: &str, map: &OpenMap) -> Vec<(&'static str, String, String)> {
    let to = |view: View| format!("{}#map", link::with(&link::dataset(dataset), &[("bbox", &view.text())]));
    let view = map.view;
    let mut ways = Vec::new();
    if !view.is_narrowest() {
        ways.push(("nearer", say.t("place-nearer"), to(view.scaled(0.5))));
    }
    if view != map.whole {
        ways.push(("farther", say.t("place-farther"), to(view.scaled(2.0))));
    }
    ways.extend([
        ("west", say.t("place-west"), to(view.moved(-0.5, 0.0))),
        ("north", say.t("place-north"), to(view.moved(0.0, 0.5))),
        ("south", say.t("place-south"), to(view.moved(0.0, -0.5))),
        ("east", say.t("place-east"), to(view.moved(0.5, 0.0))),
    ]);
    if view != map.whole {
        ways.push(("whole", say.t("place-whole"), format!("{}#map", link::dataset(dataset))));
    }
    ways
}

/// The same for those who do not see the drawing: the fullest cells, or the points, each with its rows.
fn table(say: &Say, dataset: &str, map: &OpenMap) -> Html {
    let mut cells = map.cells.clone();
    cells.sort_by_key(|cell| (std::cmp::Reverse(cell.rows), cell.up, cell.across));
    let box_name = |[west, south, east, north]: [f64; 4]| format!("{west:.3}–{east:.3}, {south:.3}–{north:.3}");
    let rows: Vec<(String, String, String)> = match cells.is_empty() {
        false => cells.iter().take(LISTED).map(|cell| (rows_in(dataset, map.bounds(cell)), box_name(map.bounds(cell)), say.int(cell.rows))).collect(),
        true => map.points.iter().map(|point| (feature(dataset, point), called(point), format!("{:.5}, {:.5}", point.at[0], point.at[1]))).collect(),
    };
    let heads = match cells.is_empty() {
        false => [say.t("place-box"), say.t("unit-rows-head")],
        true => [say.t("chart-label"), say.t("place-at")],
    };
    let caption = escape(&say.t("place-table"));
    let mut out = format!(
        "<details class=\"twin\"><summary>{}</summary><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\"><table><caption class=\"vh\">{caption}</caption><thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"num\">{}</th></tr></thead><tbody>",
        escape(&say.t("chart-table")),
        escape(&heads[0]),
        escape(&heads[1])
    );
    for (href, name, value) in rows {
        out.push_str(&format!("<tr><th scope=\"row\"><a href=\"{}\">{}</a></th><td class=\"num\">{}</td></tr>", escape(&href), escape(&name), escape(&value)));
    }
    out.push_str("</tbody></table></div></details>");
    Html(out)
}
