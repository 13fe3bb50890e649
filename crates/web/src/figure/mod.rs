//! `/figures`, `/figures/{id}`: numbers declared once, and everything that can be asked of one: how it is worked out, from
//! what, how fresh and how good that is, and which rows it counts.

mod grounds;
pub(crate) mod panel;
pub(crate) mod rows;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use data::declare::{Better, Period};
use desk::figure::{Breakdown, FigureDetail, FigureView, Headline, Point, change, number};
use serde_json::Value;

use crate::app::App;
use crate::chart::{self, Bar, Districts};
use crate::frame::{Answered, Frame, Place, Visit};
use crate::home::figure as large;
use crate::html::{Html, escape};
use crate::link;
use crate::say::decimal;

pub(crate) use grounds::Grounded;

/// Points that a line is drawn over.
const POINTS_MAX: usize = 120;
/// Bars of a breakdown before the rest is folded into the table of the API.
const PARTS_MAX: usize = 30;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/figures", get(list))
        .route("/figures/{id}", get(show))
        .route("/figures/{id}/rows", get(rows::show))
        .route("/boards/{board}/{panel}", get(panel::show))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(figures(&visit).await)
}

async fn figures(visit: &Visit) -> Answered<FiguresPage> {
    let figures = visit.app.desk.figures(visit.account.as_ref()).await?;
    Ok(FiguresPage::new(visit.frame(Place::Figures, |say| say.t("figures-title")), &figures))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(detail(&visit, &id).await)
}

async fn detail(visit: &Visit, id: &str) -> Answered<FigurePage> {
    let detail = visit.app.desk.figure(visit.account.as_ref(), id).await?;
    let f = visit.frame(Place::Figures, |say| say.text(&detail.view.title).to_owned());
    let table = crate::model::table_link(&detail.view.table);
    Ok(FigurePage::new(f, detail, table, &visit.app.districts()))
}

/// A period by its first day: `2026年10月`, `2026年第3季度`.
pub(crate) fn period_name(f: &Frame, start: &str, period: Period) -> String {
    let Ok(day) = start.parse::<jiff::civil::Date>() else { return start.to_owned() };
    match period {
        Period::Day => f.full_day(start),
        Period::Week => f.t1("figure-week-of", &("day", f.full_day(start))),
        Period::Month => f.t2("figure-month-name", &("year", day.year().to_string()), &("month", format!("{:02}", day.month()))),
        Period::Quarter => f.t2("figure-quarter-name", &("year", day.year().to_string()), &("quarter", ((day.month() - 1) / 3 + 1).to_string())),
        Period::Year => f.t1("figure-year-name", &("year", day.year().to_string())),
    }
}

/// How often it has a value, in a word.
fn period_word(f: &Frame, period: Option<Period>) -> String {
    match period {
        None => f.t("figure-now"),
        Some(Period::Day) => f.t("figure-daily"),
        Some(Period::Week) => f.t("figure-weekly"),
        Some(Period::Month) => f.t("figure-monthly"),
        Some(Period::Quarter) => f.t("figure-quarterly"),
        Some(Period::Year) => f.t("figure-yearly"),
    }
}

/// What the value is of, and how it stands beside the period before and a year before.
pub(crate) fn beside(f: &Frame, headline: &Headline, period: Option<Period>, better: Option<Better>) -> Html {
    let Some(value) = &headline.value else { return Html::default() };
    let mut parts = Vec::new();
    if let (Some(start), Some(period)) = (&headline.start, period) {
        let running = if headline.running { format!(" {}", f.t("figure-running")) } else { String::new() };
        parts.push(format!("<span>{}{running}</span>", escape(&period_name(f, start, period))));
    }
    let before = headline.before.as_ref();
    if !headline.running {
        let said = |change: &str, then: &Point| match period {
            Some(_) => f.t1("figure-before", &("change", change)),
            None => f.t2("figure-since", &("change", change), &("day", f.day(&then.start))),
        };
        parts.extend(before.and_then(|point| compared(f, point, value, period, better, &said)));
        let said = |change: &str, _: &Point| f.t1("figure-year-before", &("change", change));
        parts.extend(headline.year_before.as_ref().and_then(|point| compared(f, point, value, period, better, &said)));
    }
    if parts.is_empty() {
        return Html::default();
    }
    Html(format!("<p class=\"beside\">{}</p>", parts.join(" ")))
}

/// `环比 +3.2%`, with what it was in the title.
fn compared(f: &Frame, then: &Point, now: &Value, period: Option<Period>, better: Option<Better>, said: &dyn Fn(&str, &Point) -> String) -> Option<String> {
    let share = change(&then.value, now)?;
    let class = match (better, share) {
        (_, share) if share.abs() < 0.000_5 => "same",
        (Some(Better::Higher), share) => if share > 0.0 { "better" } else { "worse" },
        (Some(Better::Lower), share) => if share < 0.0 { "better" } else { "worse" },
        (None, _) => "plain",
    };
    let name = period.map_or_else(|| f.day(&then.start), |period| period_name(f, &then.start, period));
    let title = format!("{name}{}{}", f.t("colon"), number(&then.value).map(decimal).unwrap_or_default());
    let said = said(&signed(share), then);
    Some(format!("<span class=\"change {class}\" title=\"{}\">{}</span>", escape(&title), escape(&said)))
}

/// `+3.2%`, `−12%`.
fn signed(share: f64) -> String {
    let percent = share * 100.0;
    let sign = if percent > 0.0 { "+" } else if percent < 0.0 { "−" } else { "" };
    match percent.abs() {
        small if small < 10.0 => format!("{sign}{small:.1}%"),
        large => format!("{sign}{large:.0}%"),
    }
}

/// The value in large type, or why there is none.
fn value(f: &Frame, view: &FigureView) -> Html {
    match &view.headline.value {
        _ if view.hidden => Html(format!("<p class=\"state none\">{}</p>", escape(&f.t("figure-hidden")))),
        Some(value) => large(f, value, f.text(&view.unit)),
        None if view.error.is_some() => Html(format!("<p class=\"state wrong\">{}</p>", escape(&f.t("figure-wrong")))),
        None => Html(format!("<p class=\"state none\">{}</p>", escape(&f.t("panel-waiting")))),
    }
}

/// One figure as a card.
struct Card {
    href: String,
    title: String,
    summary: String,
    value: Html,
    beside: Html,
    trend: Html,
    as_of: Html,
    period: String,
    table: String,
    /// (address, name) of the department that answers for it.
    owner: (String, String),
}

fn card(f: &Frame, view: &FigureView) -> Card {
    Card {
        href: link::figure(&view.id),
        title: f.text(&view.title).to_owned(),
        summary: f.text(&view.summary).to_owned(),
        value: value(f, view),
        beside: beside(f, &view.headline, view.period, view.better),
        trend: small_trend(f, view),
        as_of: view.as_of.map(|moment| f.when(moment)).unwrap_or_default(),
        period: period_word(f, view.period),
        table: f.text(&view.table_title).to_owned(),
        owner: (link::department(&view.department), f.text(&view.department_title).to_owned()),
    }
}

/// Up to 24 values as columns; nothing for fewer than three, or where some are negative.
fn small_trend(f: &Frame, view: &FigureView) -> Html {
    let series = settled(view);
    let mut values: Vec<f64> = series.iter().take(24).filter_map(|point| number(&point.value)).collect();
    values.reverse();
    if values.len() < 3 || values.iter().any(|value| *value < 0.0) {
        return Html::default();
    }
    // Columns are drawn from whole numbers: small values keep three digits.
    let greatest = values.iter().copied().fold(0.0, f64::max);
    let scale = if greatest > 0.0 && greatest < 1_000.0 { 1_000.0 / greatest } else { 1.0 };
    let drawn: Vec<u64> = values.iter().map(|value| (value * scale).round() as u64).collect();
    let (last, first) = (series.first(), series.get(values.len() - 1));
    let name = |point: Option<&Point>| point.map(|point| view.period.map_or_else(|| f.day(&point.start), |period| period_name(f, &point.start, period))).unwrap_or_default();
    let description = f.t3("chart-line-desc", &("first", name(first)), &("last", name(last)), &("greatest", decimal(greatest)));
    chart::sparkline(&format!("trend-{}", view.id), f.text(&view.title), &description, &drawn)
}

#[derive(Template)]
#[template(path = "figure/list.html")]
pub(crate) struct FiguresPage {
    f: Frame,
    cards: Vec<Card>,
}

impl FiguresPage {
    pub(crate) fn new(f: Frame, figures: &[FigureView]) -> FiguresPage {
        FiguresPage { cards: figures.iter().map(|view| card(&f, view)).collect(), f }
    }
}

#[derive(Template)]
#[template(path = "figure/detail.html")]
pub(crate) struct FigurePage {
    f: Frame,
    d: FigureDetail,
    value: Html,
    beside: Html,
    period: String,
    line: Html,
    breakdowns: Vec<(String, Html, usize)>,
    grounds: Grounded,
    /// (address, title) of the table it counts.
    table: (String, String),
    rows: String,
    api: String,
}

impl FigurePage {
    pub(crate) fn new(f: Frame, mut d: FigureDetail, table: String, districts: &Districts) -> FigurePage {
        let view = &d.view;
        let start = view.headline.start.clone().unwrap_or_default();
        let rows = rows_link(&view.id, &start, None);
        FigurePage {
            value: value(&f, view),
            beside: beside(&f, &view.headline, view.period, view.better),
            period: period_word(&f, view.period),
            line: over_time(&f, view),
            breakdowns: d.breakdowns.iter().map(|breakdown| bars(&f, view, breakdown, districts, &start)).collect(),
            table: (table, f.text(&view.table_title).to_owned()),
            rows,
            api: format!("/api/v1{}", link::figure(&view.id)),
            grounds: Grounded::new(&f, std::mem::take(&mut d.grounds)),
            f,
            d,
        }
    }
}

/// The rows of one period, and of one part of a breakdown.
fn rows_link(id: &str, start: &str, part: Option<(&str, &str)>) -> String {
    let mut query = Vec::new();
    if !start.is_empty() {
        query.push(("period", start));
    }
    query.extend(part);
    link::with(&format!("{}/rows", link::figure(id)), &query)
}

/// What it was up to the period that stands for it now: one that still runs would look like a fall.
fn settled(view: &FigureView) -> &[Point] {
    let from = view.headline.start.as_ref().and_then(|start| view.series.iter().position(|point| point.start == *start));
    view.series.get(from.unwrap_or(0)..).unwrap_or_default()
}

fn over_time(f: &Frame, view: &FigureView) -> Html {
    let point = |point: &Point| {
        let name = view.period.map_or_else(|| f.full_day(&point.start), |period| period_name(f, &point.start, period));
        Some((name, number(&point.value)?))
    };
    let mut points: Vec<(String, f64)> = settled(view).iter().take(POINTS_MAX).filter_map(point).collect();
    points.reverse();
    if points.len() < 2 {
        return Html::default();
    }
    chart::line(f, "figure-line", f.text(&view.title), f.text(&view.unit), &points)
}

/// (title, bars, parts that are not shown) of a breakdown; each part leads to its district, or for staff to its rows.
fn bars(f: &Frame, view: &FigureView, breakdown: &Breakdown, districts: &Districts, start: &str) -> (String, Html, usize) {
    let bar = |part: &desk::figure::Part| {
        let district = districts.get(&part.key);
        let value = number(&part.value);
        let rows = || f.may("read.figure").then(|| rows_link(&view.id, start, Some((&breakdown.by, &part.key))));
        Bar {
            label: district.map_or_else(|| f.text(&part.title).to_owned(), |district| f.text(&district.name).to_owned()),
            href: rows().or_else(|| district.map(|district| link::district(&district.code))),
            place: district.map(|district| district.place),
            value: value.unwrap_or_default(),
            shown: value.map(decimal).unwrap_or_else(|| f.value(&part.value)),
        }
    };
    let rows: Vec<Bar> = breakdown.parts.iter().take(PARTS_MAX).map(bar).collect();
    let title = f.t1("figure-by", &("column", f.text(&breakdown.title)));
    let unit = f.text(&view.unit);
    let head = if unit.is_empty() { f.t("chart-value") } else { unit.to_owned() };
    let drawn = if rows.is_empty() {
        Html(format!("<p class=\"state none\">{}</p>", escape(&f.t("panel-empty"))))
    } else {
        chart::bars(&title, [f.text(&breakdown.title), &head], &rows)
    };
    (title, drawn, breakdown.parts.len().saturating_sub(PARTS_MAX))
}
