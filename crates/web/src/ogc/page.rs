//! The same for people: plain pages with lists of links, rows and facts.

use askama::Template;

use crate::frame::Frame;

/// A list under its title: what is shown, where it leads (if anywhere), a word beside.
pub(crate) struct Section {
    pub title: String,
    pub entries: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "ogc/document.html")]
pub(crate) struct DocumentPage {
    pub f: Frame,
    pub title: String,
    pub lead: String,
    pub sections: Vec<Section>,
}

#[derive(Template)]
#[template(path = "ogc/items.html")]
pub(crate) struct ItemsPage {
    pub f: Frame,
    pub id: String,
    pub title: String,
    pub matched: u64,
    pub heads: Vec<String>,
    /// Each with its number and cells.
    pub rows: Vec<(u64, Vec<String>)>,
    pub previous: Option<String>,
    pub next: Option<String>,
    /// The same as GeoJSON.
    pub json: String,
}

#[derive(Template)]
#[template(path = "ogc/item.html")]
pub(crate) struct ItemPage {
    pub f: Frame,
    pub id: String,
    pub title: String,
    pub number: u64,
    pub facts: Vec<(String, String)>,
    pub json: String,
    /// The map around it.
    pub map: Option<String>,
}
