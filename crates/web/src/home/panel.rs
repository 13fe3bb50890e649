//! One panel of a board as it stands on a page: drawn by its kind, with unit, time, sources and what it is and is not.

use data::declare::PanelKind;
use desk::figure::number;
use desk::view::PanelView;
use serde_json::Value;

use crate::figure::{beside, period_name};
use crate::chart::{self, Bar, Districts, Shade};
use crate::frame::Frame;
use crate::html::{Html, escape};
use crate::link;
use crate::say::decimal;

/// A panel ready to be shown.
pub(crate) struct Panel {
    pub id: String,
    pub kind: &'static str,
    pub title: String,
    /// Where it can be questioned.
    pub href: String,
    pub summary: String,
    /// The drawing, or the table that it is.
    pub body: Html,
    /// Of which period a figure is, and how it stands beside earlier ones.
    pub beside: Html,
    /// Beside a map: the districts in order of value.
    pub ranking: Html,
    /// When it was computed.
    pub as_of: Html,
    /// (address, title) of what it reads.
    pub sources: Vec<(String, String)>,
    /// The SELECT, for staff, and where to run it.
    pub sql: Option<(String, String)>,
}

/// Draws a panel. `sources` names a resource.
pub(crate) fn drawn(f: &Frame, panel: &PanelView, districts: &Districts, sources: &dyn Fn(&str) -> String) -> Panel {
    let ready = panel.error.is_none() && panel.as_of.is_some() && !panel.rows.is_empty();
    let map = panel.kind == PanelKind::Map && !districts.all.is_empty();
    Panel {
        id: panel.id.clone(),
        kind: match panel.kind {
            PanelKind::Figure => "figure",
            PanelKind::Bar => "bar",
            PanelKind::Line => "line",
            PanelKind::Map => "map",
            PanelKind::Table => "table",
        },
        title: f.text(&panel.title).to_owned(),
        href: match &panel.figure {
            Some(figure) => link::figure(figure),
            None => link::panel(&panel.board, &panel.id),
        },
        beside: panel.headline.as_ref().map(|headline| beside(f, headline, panel.period, panel.better)).unwrap_or_default(),
        summary: f.text(&panel.summary).to_owned(),
        body: match (ready, map) {
            (true, _) => body(f, panel, districts),
            // The districts are there before their values are.
            (false, true) => Html(format!("{}{}", absent(f, panel), body(f, panel, districts))),
            (false, false) => absent(f, panel),
        },
        ranking: if ready && map { ranking(f, panel, districts) } else { Html::default() },
        as_of: panel.as_of.map(|m| f.when(m)).unwrap_or_default(),
        sources: panel.sources.iter().map(|id| (link::resource(id), sources(id))).collect(),
        sql: f.may("read.sql").then(|| (panel.sql.clone(), link::sql(&panel.sql))),
    }
}

/// Why there is nothing to draw.
fn absent(f: &Frame, panel: &PanelView) -> Html {
    let (class, text) = match (&panel.error, panel.as_of) {
        (Some(error), _) => ("wrong", f.text(error).to_owned()),
        (None, None) => ("none", f.t("panel-waiting")),
        (None, Some(_)) => ("none", f.t("panel-empty")),
    };
    Html(format!("<p class=\"state {class}\">{}</p>", escape(&text)))
}

fn body(f: &Frame, panel: &PanelView, districts: &Districts) -> Html {
    let title = f.text(&panel.title);
    let unit = f.text(&panel.unit);
    let id = format!("panel-{}", panel.id);
    match panel.kind {
        PanelKind::Figure => figure(f, panel.rows.first().and_then(|row| row.first()).unwrap_or(&Value::Null), unit),
        PanelKind::Line => {
            let points: Vec<(String, f64)> =
                labelled(panel).filter_map(|(label, value)| Some((named(f, panel, label), number(value)?))).collect();
            chart::line(f, &id, title, unit, &points)
        }
        PanelKind::Map if !districts.all.is_empty() => {
            let shade = |(code, value): (&Value, &Value)| {
                let number = number(value)?;
                Some(Shade { code: code.as_str()?.to_owned(), value: number, shown: format!("{} {unit}", decimal(number)) })
            };
            let shades: Vec<Shade> = labelled(panel).filter_map(shade).collect();
            let description = f.t1("map-desc", &("unit", unit));
            districts.choropleth(f, &id, title, &description, &shades)
        }
        PanelKind::Bar => bars(f, panel, districts),
        PanelKind::Table | PanelKind::Map => table(f, &panel.columns, &panel.rows, title),
    }
}

/// A label in the reader's words: the title of its code or the name of its period, where it is one.
fn named(f: &Frame, panel: &PanelView, label: &Value) -> String {
    if let (PanelKind::Line, Some(period), Some(start)) = (panel.kind, panel.period, label.as_str()) {
        return period_name(f, start, period);
    }
    let title = label.as_str().and_then(|code| panel.labels.get(code));
    title.map_or_else(|| said(f, label), |title| f.text(title).to_owned())
}

/// The first two columns of each row.
fn labelled(panel: &PanelView) -> impl Iterator<Item = (&Value, &Value)> {
    panel.rows.iter().filter_map(|row| Some((row.first()?, row.get(1)?)))
}

/// A large figure in the reader's scale, with its unit.
pub(crate) fn figure(f: &Frame, value: &Value, unit: &str) -> Html {
    let shown = match number(value) {
        Some(n) if n >= 10_000.0 && n < 1e18 => f.big(n.round() as u64).0,
        Some(n) => decimal(n),
        None => escape(&f.value(value)),
    };
    Html(format!("<p class=\"big\">{shown} <span class=\"unit\">{}</span></p>", escape(unit)))
}

fn bars(f: &Frame, panel: &PanelView, districts: &Districts) -> Html {
    let row = |(label, value): (&Value, &Value)| {
        let number = number(value);
        let district = label.as_str().and_then(|code| districts.get(code));
        Bar {
            label: district.map(|d| f.text(&d.name).to_owned()).unwrap_or_else(|| named(f, panel, label)),
            href: district.map(|d| link::district(&d.code)),
            place: district.map(|d| d.place),
            value: number.unwrap_or_default(),
            shown: number.map(decimal).unwrap_or_else(|| f.value(value)),
        }
    };
    let rows: Vec<Bar> = labelled(panel).map(row).collect();
    chart::bars(f.text(&panel.title), [&f.t("chart-label"), &head(f, panel)], &rows)
}

/// The districts of a map in order of value: the map's own table.
fn ranking(f: &Frame, panel: &PanelView, districts: &Districts) -> Html {
    let mut rows: Vec<Bar> = labelled(panel)
        .filter_map(|(code, value)| {
            let district = districts.get(code.as_str()?)?;
            let value = number(value)?;
            Some(Bar {
                label: f.text(&district.name).to_owned(),
                href: Some(link::district(&district.code)),
                place: Some(district.place),
                value,
                shown: decimal(value),
            })
        })
        .collect();
    rows.sort_by(|a, b| b.value.total_cmp(&a.value));
    chart::bars(f.text(&panel.title), [&f.t("map-district"), &head(f, panel)], &rows)
}

fn head(f: &Frame, panel: &PanelView) -> String {
    let unit = f.text(&panel.unit);
    if unit.is_empty() { f.t("chart-value") } else { unit.to_owned() }
}

/// An answer as a table; columns of numbers stand right.
pub(crate) fn table(f: &Frame, columns: &[String], rows: &[Vec<Value>], caption: &str) -> Html {
    let numeric = |i: usize| {
        let mut values = rows.iter().filter_map(|row| row.get(i)).filter(|v| !v.is_null()).peekable();
        values.peek().is_some() && values.all(Value::is_number)
    };
    let classes: Vec<&str> = (0..columns.len()).map(|i| if numeric(i) { " class=\"num\"" } else { "" }).collect();
    let label = escape(caption);
    let mut out = format!("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\"><table><caption class=\"vh\">{label}</caption><thead><tr>");
    for (column, class) in columns.iter().zip(&classes) {
        out.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escape(column)));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (i, (value, class)) in row.iter().zip(&classes).enumerate() {
            let shown = escape(&f.value(value));
            out.push_str(&if i == 0 { format!("<th scope=\"row\"{class}>{shown}</th>") } else { format!("<td{class}>{shown}</td>") });
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    Html(out)
}

/// A label: dates as people say them.
fn said(f: &Frame, value: &Value) -> String {
    f.full_day(&f.value(value))
}
