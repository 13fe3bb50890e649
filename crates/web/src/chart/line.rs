//! Values along an axis: a sparkline beside a figure, a line with its axis, a histogram. All from a zero baseline.

use super::{coordinate, scaled, twin};
use crate::html::{Html, escape};
use crate::say::Say;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 100.0;

/// A small trend for beside a figure: columns from zero, the last one strong. `id` is unique on the page.
pub fn sparkline(id: &str, title: &str, description: &str, values: &[u64]) -> Html {
    let greatest = values.iter().copied().max().unwrap_or(0) as f64;
    let step = WIDTH / values.len().max(1) as f64;
    let mut out = opening(id, "spark", title, description);
    for (i, value) in values.iter().enumerate() {
        let height = scaled(*value as f64, greatest, HEIGHT - 4.0).max(if *value > 0 { 3.0 } else { 1.0 });
        let class = if i + 1 == values.len() { " class=\"last\"" } else { "" };
        out.push_str(&rect(class, i as f64 * step, height, step * 0.72));
    }
    out.push_str("</svg>");
    Html(out)
}

/// A line over labelled points: first, last and greatest value are named; the table behind it has all.
pub fn line(say: &Say, id: &str, title: &str, unit: &str, points: &[(String, f64)]) -> Html {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Html::default() };
    let greatest = points.iter().map(|(_, v)| *v).filter(|v| v.is_finite()).fold(0.0, f64::max);
    let shown = |v: f64| crate::say::decimal(v);
    let description = say.t3("chart-line-desc", &("first", &first.0), &("last", &last.0), &("greatest", shown(greatest)));
    let step = WIDTH / (points.len().max(2) - 1) as f64;
    let place = |i: usize, v: f64| (coordinate(i as f64 * step), coordinate(HEIGHT - scaled(v, greatest, HEIGHT - 6.0)));
    let mut path = String::new();
    for (i, (_, value)) in points.iter().enumerate() {
        let (x, y) = place(i, *value);
        path.push_str(&format!("{}{x} {y}", if i == 0 { 'M' } else { 'L' }));
    }
    let (x, y) = place(points.len() - 1, last.1);
    let rows: Vec<(String, String)> = points.iter().map(|(label, v)| (label.clone(), shown(*v))).collect();
    Html(format!(
        "<figure class=\"line\"><p class=\"axis above\"><span>{greatest} {unit}</span><strong>{last_value}</strong></p>{svg}<path class=\"area\" d=\"{path}L{WIDTH} {HEIGHT}L0 {HEIGHT}Z\"/><path class=\"stroke\" d=\"{path}\"/><path class=\"point\" d=\"M{x} {y}h.01\"/></svg><p class=\"axis\"><span>{first_label}</span><span>{last_label}</span></p>{twin}</figure>",
        greatest = shown(greatest),
        unit = escape(unit),
        last_value = shown(last.1),
        svg = opening(id, "plot", title, &description),
        first_label = escape(&first.0),
        last_label = escape(&last.0),
        twin = twin(say, title, [&say.t("chart-label"), &head(say, unit)], &rows),
    ))
}

/// Equal-width bins: (label of the lower edge, rows).
pub fn histogram(say: &Say, id: &str, title: &str, bins: &[(String, u64)]) -> Html {
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else { return Html::default() };
    let greatest = bins.iter().map(|(_, n)| *n).max().unwrap_or(0);
    let description = say.t3("chart-bins-desc", &("first", &first.0), &("last", &last.0), &("greatest", greatest));
    let step = WIDTH / bins.len() as f64;
    let mut out = format!("<figure class=\"histogram\">{}", opening(id, "plot", title, &description));
    for (i, (_, rows)) in bins.iter().enumerate() {
        let height = scaled(*rows as f64, greatest as f64, HEIGHT).max(if *rows > 0 { 2.0 } else { 0.0 });
        out.push_str(&rect("", i as f64 * step, height, step * 0.9));
    }
    out.push_str(&format!(
        "</svg><p class=\"axis\"><span>{}</span><span>{}</span></p>",
        escape(&first.0),
        escape(&last.0)
    ));
    let rows: Vec<(String, String)> = bins.iter().map(|(label, n)| (label.clone(), say.int(n))).collect();
    out.push_str(&twin(say, title, [&say.t("chart-from"), &say.t("unit-rows-head")], &rows).0);
    out.push_str("</figure>");
    Html(out)
}

/// The head of a value column: its unit, or the plain word.
fn head(say: &Say, unit: &str) -> String {
    if unit.is_empty() { say.t("chart-value") } else { unit.to_owned() }
}

fn rect(class: &str, x: f64, height: f64, width: f64) -> String {
    let (x, y) = (coordinate(x), coordinate(HEIGHT - height));
    format!("<rect{class} x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"/>", coordinate(width), coordinate(height))
}

/// Opens a drawing that stretches to its box, named for screen readers.
fn opening(id: &str, class: &str, title: &str, description: &str) -> String {
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        escape(title),
        escape(description)
    )
}
