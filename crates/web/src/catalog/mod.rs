//! `/catalog`: all resources, found by their words in Chinese, pinyin or English, and narrowed by facets.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use data::declare::{Grade, OpenType, ResourceClass, ShareType};
use desk::view::{CatalogFilter, CatalogHit, CatalogView, FacetValue};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::{Html, marked};
use crate::link;
use crate::paging::Paging;

/// Hits on one page.
const SIZE: u64 = 20;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/catalog", get(show))
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit).await)
}

async fn page(visit: &Visit) -> Answered<CatalogPage> {
    let filter = filter(visit);
    let view = visit.app.desk.catalog(&filter, visit.page(), SIZE, visit.now).await?;
    let f = visit.frame(Place::Catalog, |say| match filter.query.is_empty() {
        true => say.t("catalog-title"),
        false => say.t1("catalog-title-of", &("query", &filter.query)),
    });
    let city = visit.app.desk.city();
    let department = |id: &str| city.departments.get(id).map(|d| f.pair(&d.title, &d.title_en).to_owned()).unwrap_or_else(|| id.to_owned());
    Ok(CatalogPage::new(f.clone(), filter, view, &department))
}

fn filter(visit: &Visit) -> CatalogFilter {
    CatalogFilter {
        query: visit.parameter("q").chars().take(200).collect(),
        department: visit.all("department").into_iter().map(str::to_owned).collect(),
        class: declared(visit.all("class")),
        grade: declared(visit.all("grade")),
        share: declared(visit.all("share")),
        open: declared(visit.all("open")),
    }
}

/// Words of an address as declared values; unknown words are passed over.
fn declared<T: DeserializeOwned>(words: Vec<&str>) -> Vec<T> {
    words.into_iter().filter_map(word).collect()
}

fn word<T: DeserializeOwned>(word: &str) -> Option<T> {
    T::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word)).ok()
}

/// A facet: its name and its values as links that add or drop them.
pub(crate) struct Facet {
    pub title: String,
    pub values: Vec<FacetLink>,
}

pub(crate) struct FacetLink {
    pub word: String,
    pub count: u64,
    pub chosen: bool,
    pub href: String,
}

/// A hit with the query's words marked.
pub(crate) struct Hit {
    pub hit: CatalogHit,
    pub title: Html,
    pub summary: Html,
    pub items: Vec<Html>,
}

#[derive(Template)]
#[template(path = "catalog/catalog.html")]
pub(crate) struct CatalogPage {
    f: Frame,
    query: String,
    hits: Vec<Hit>,
    total: u64,
    facets: Vec<Facet>,
    chosen: Vec<FacetLink>,
    suggestion: Option<(String, String)>,
    took: String,
    paging: Paging,
}

impl CatalogPage {
    pub(crate) fn new(f: Frame, filter: CatalogFilter, view: CatalogView, department: &dyn Fn(&str) -> String) -> CatalogPage {
        let links = |name: &str, values: &[FacetValue], said: &dyn Fn(&str) -> String| facet_links(&f.address, name, values, said);
        let class = |w: &str| word::<ResourceClass>(w).map(|c| f.class(c)).unwrap_or_else(|| w.to_owned());
        let grade = |w: &str| word::<Grade>(w).map(|g| f.grade(g)).unwrap_or_else(|| w.to_owned());
        let share = |w: &str| word::<ShareType>(w).map(|s| f.share(s)).unwrap_or_else(|| w.to_owned());
        let open = |w: &str| word::<OpenType>(w).map(|o| f.open(o)).unwrap_or_else(|| w.to_owned());
        let facets: Vec<Facet> = [
            (f.t("department"), links("department", &view.departments, department)),
            (f.t("class"), links("class", &view.classes, &class)),
            (f.t("grade"), links("grade", &view.grades, &grade)),
            (f.t("share"), links("share", &view.shares, &share)),
            (f.t("open"), links("open", &view.opens, &open)),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(title, values)| Facet { title, values })
        .collect();
        let chosen = chosen_links(&facets);
        let page = &view.hits;
        CatalogPage {
            paging: Paging::new(&f, page.page, page.size, page.total),
            took: milliseconds(view.elapsed_us),
            suggestion: view.suggestion.map(|s| (link::with("/catalog", &[("q", &s)]), s)),
            total: page.total,
            hits: view.hits.entries.into_iter().map(|hit| shown(&f, hit, &filter.query)).collect(),
            query: filter.query,
            facets,
            chosen,
            f,
        }
    }
}

/// The values of a facet as links that add or drop them.
pub(crate) fn facet_links(address: &str, name: &str, values: &[FacetValue], said: &dyn Fn(&str) -> String) -> Vec<FacetLink> {
    let link = |v: &FacetValue| FacetLink { word: said(&v.value), count: v.count, chosen: v.chosen, href: toggled(address, name, v) };
    values.iter().filter(|v| v.count > 0 || v.chosen).map(link).collect()
}

/// The values that are chosen, as links that drop them.
pub(crate) fn chosen_links(facets: &[Facet]) -> Vec<FacetLink> {
    let chosen = facets.iter().flat_map(|facet| &facet.values).filter(|v| v.chosen);
    chosen.map(|v| FacetLink { word: v.word.clone(), count: v.count, chosen: true, href: v.href.clone() }).collect()
}

fn shown(f: &Frame, hit: CatalogHit, query: &str) -> Hit {
    let item = |(name, title): &(String, kernel::Text)| {
        let title = f.text(title);
        let title = if title.is_empty() { name } else { title };
        marked(title, query)
    };
    Hit {
        title: marked(f.text(&hit.resource.title), query),
        summary: marked(f.text(&hit.resource.summary), query),
        items: hit.items.iter().take(8).map(item).collect(),
        hit,
    }
}

/// The address with a facet value added, or dropped when it is chosen; always back on the first page.
fn toggled(address: &str, name: &str, value: &FacetValue) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let pairs = link::pairs(query);
    let mut kept: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .filter(|(k, v)| *k != "page" && !(*k == name && *v == value.value))
        .collect();
    if !value.chosen {
        kept.push((name, &value.value));
    }
    link::with(path, &kept)
}

/// Microseconds as milliseconds with two digits: `3.2`.
fn milliseconds(us: u64) -> String {
    let ms = us as f64 / 1000.0;
    if ms < 10.0 { format!("{ms:.1}") } else { format!("{ms:.0}") }
}
