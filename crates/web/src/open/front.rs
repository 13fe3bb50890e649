//! `/open` when nothing is looked for yet: where a person begins. Search, counts, themes, what is new, what is used, ways for programs, wishes.

use askama::Template;
use data::open::VoiceKind;
use desk::open::{DatasetFilter, DatasetView, OpenGroup, OpenStatistics, VoiceFilter, VoiceView};
use opendata::dcat::{data_catalog, script};

use crate::frame::{Answered, Frame, Place, Visit, icon};
use crate::html::Html;
use crate::link;

/// Datasets in each of the two lists.
const LIST: usize = 6;
/// Wishes that are shown.
const WISHES: u64 = 3;
/// Words that are offered for a search.
const WORDS: usize = 8;
/// A department's datasets are a click away; a city has dozens of departments.
const DEPARTMENTS: usize = 24;

#[derive(Template)]
#[template(path = "open/front.html")]
pub(crate) struct FrontPage {
    pub f: Frame,
    pub s: OpenStatistics,
    pub newest: Vec<DatasetView>,
    pub wishes: Vec<VoiceView>,
    /// Datasets of other portals.
    pub others: u64,
    /// Where the site is reached.
    pub origin: String,
    /// For search engines.
    pub ld: Html,
}

pub(super) async fn front(visit: &Visit) -> Answered<FrontPage> {
    let desk = &visit.app.desk;
    let newest = desk.open_datasets(&DatasetFilter::default(), 1, LIST as u64, visit.now).await?.datasets.entries;
    let wished = VoiceFilter { dataset: None, wishes: Some(true) };
    let f = visit.frame(Place::Open, |say| say.t("open-title"));
    Ok(FrontPage {
        s: desk.open_statistics(visit.now).await?,
        newest,
        wishes: desk.open_voices(visit.account.as_ref(), &wished, 1, WISHES, visit.now).await?.entries,
        others: desk.other_portals().await?.iter().map(|(.., live)| live).sum(),
        origin: visit.origin(),
        ld: Html(script(&data_catalog(&desk.open_site(&visit.origin(), visit.now).await?, f.lang))),
        f,
    })
}

impl FrontPage {
    /// What many came for: keywords of the most used datasets, one of each first.
    fn words(&self) -> Vec<(String, String)> {
        let mut words: Vec<String> = Vec::new();
        for nth in 0..3 {
            for keyword in self.s.most.iter().filter_map(|one| one.keywords.get(nth)) {
                let word = self.f.text(keyword).to_owned();
                if !words.contains(&word) && words.len() < WORDS {
                    words.push(word);
                }
            }
        }
        words.into_iter().map(|word| (link::with("/open", &[("q", &word)]), word)).collect()
    }

    /// The most used datasets that were used at all.
    fn most(&self) -> Vec<&DatasetView> {
        self.s.most.iter().filter(|one| uses(one) > 0).take(LIST).collect()
    }

    fn departments(&self) -> &[OpenGroup] {
        self.s.departments.get(..DEPARTMENTS).unwrap_or(&self.s.departments)
    }

    fn icon(&self, theme: &str) -> Html {
        icon(theme)
    }

    /// The datasets of a theme or a department.
    fn of(&self, facet: &str, group: &OpenGroup) -> String {
        link::with("/open", &[(facet, &group.id)])
    }

    fn theme(&self, one: &DatasetView) -> String {
        self.f.text(&one.theme.title()).to_owned()
    }

    /// How many wishes everybody can read.
    fn wished(&self) -> u64 {
        self.s.voices.iter().find(|voice| voice.kind == VoiceKind::Wish).map_or(0, |voice| voice.total)
    }

    /// A dataset for examples: one with a place has every way in.
    fn example(&self) -> Option<String> {
        let one = self.newest.iter().find(|one| one.position.is_some()).or(self.newest.first());
        one.map(|one| link::encode(&one.id))
    }

    fn used(&self, one: &DatasetView) -> u64 {
        uses(one)
    }
}

fn uses(one: &DatasetView) -> u64 {
    one.used.views + one.used.calls + one.used.downloads
}
