//! `/open/others`: datasets of other portals, beside ours; a page for each of them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use desk::open::OtherView;
use desk::view::Page;
use kernel::{Moment, Text};
use opendata::{Concept, Distribution};

use crate::app::App;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::{Html, marked};
use crate::link;
use crate::paging::Paging;

const SIZE: u64 = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/open/others", get(list))
}

#[derive(Template)]
#[template(path = "open/others.html")]
pub(crate) struct OthersPage {
    pub f: Frame,
    pub query: String,
    pub catalogue: String,
    /// Portals: id, name, datasets.
    pub portals: Vec<(String, Text, u64)>,
    pub found: Page<OtherView>,
    pub paging: Paging,
}

impl OthersPage {
    fn portal(&self, id: &str) -> String {
        link::with("/open/others", &[("catalogue", id)])
    }

    fn marked(&self, text: &Text) -> Html {
        marked(self.f.text(text), &self.query)
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    let page = async {
        let desk = &visit.app.desk;
        let (query, catalogue) = (visit.parameter("q").chars().take(200).collect::<String>(), visit.parameter("catalogue").to_owned());
        let found = desk.other_datasets(&catalogue, &query, visit.page(), SIZE).await?;
        let portals = desk.other_portals().await?;
        let f = visit.frame(Place::Open, |say| say.t("others-title"));
        let paging = Paging::new(&f, found.page, found.size, found.total);
        Ok(OthersPage { f, query, catalogue, portals, found, paging })
    };
    visit.answer(page.await)
}

#[derive(Template)]
#[template(path = "open/other.html")]
pub(crate) struct OtherPage {
    pub f: Frame,
    pub d: OtherView,
    /// For search engines.
    pub ld: Html,
}

impl OtherPage {
    fn web(&self, url: &str) -> bool {
        url.starts_with("https://") || url.starts_with("http://")
    }

    /// Its page there; empty where it has none that a browser opens.
    fn page(&self) -> &str {
        self.d.record.page.as_deref().filter(|page| self.web(page)).unwrap_or_default()
    }

    fn address<'a>(&self, file: &'a Distribution) -> &'a str {
        file.download_url.as_deref().unwrap_or(&file.access_url)
    }

    fn name(&self, file: &Distribution) -> String {
        let title = self.f.text(&file.title);
        if title.is_empty() { self.address(file).to_owned() } else { title.to_owned() }
    }

    fn when(&self, moment: &Option<Moment>) -> Html {
        moment.map(|moment| self.f.when(moment)).unwrap_or_else(|| Html("—".to_owned()))
    }

    fn words(&self, words: &[Text]) -> String {
        words.iter().map(|word| self.f.text(word)).collect::<Vec<_>>().join(&self.f.t("comma"))
    }

    fn themes(&self, themes: &[Concept]) -> String {
        themes.iter().map(|theme| self.f.text(&theme.title)).collect::<Vec<_>>().join(&self.f.t("comma"))
    }

    fn licence(&self) -> String {
        let rights = self.d.record.rights.as_ref();
        rights.map(|rights| if rights.id.is_empty() { self.f.text(&rights.title).to_owned() } else { rights.id.clone() }).unwrap_or_default()
    }

    fn description(&self, ending: &str) -> String {
        format!("{}.{ending}", link::dataset(&self.d.record.id))
    }
}

/// A dataset that is not ours.
pub(super) async fn page(visit: &Visit, id: &str) -> Answered<OtherPage> {
    let d = visit.app.desk.other_dataset(id).await?;
    let f = visit.frame(Place::Open, |say| say.text(&d.record.title).to_owned());
    let site = visit.app.desk.open_site(&visit.origin(), visit.now).await?;
    let ld = Html(opendata::dcat::script(&opendata::dcat::schema_dataset(&site, &d.record, f.lang)));
    Ok(OtherPage { f, d, ld })
}
