//! Open data in numbers, by department and theme: what there is, how often it is used, what the public said and was answered.

use std::collections::BTreeMap;

use data::open::VoiceKind;
use kernel::{Moment, Text};
use serde::Serialize;
use store::open::Used;

use super::portal::view;
use super::{DatasetView, OpenTotals};
use crate::{Answer, Desk, internal};

/// How many days back use is told day by day.
const DAYS: i64 = 30;
const DAY: i64 = 86_400_000_000;
/// Datasets in the list of the most used.
const MOST: usize = 20;

/// Datasets that belong together.
#[derive(Clone, Debug, Serialize)]
pub struct OpenGroup {
    pub id: String,
    pub title: Text,
    pub datasets: u64,
    pub items: u64,
    pub rows: u64,
    #[serde(skip)]
    pub used: Used,
}

/// What the public said, by kind: how much everybody can read, and how much of it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoiceTotal {
    pub kind: VoiceKind,
    pub total: u64,
    pub answered: u64,
}

/// Open data in numbers.
#[derive(Clone, Debug)]
pub struct OpenStatistics {
    pub totals: OpenTotals,
    /// With the most datasets first.
    pub departments: Vec<OpenGroup>,
    pub themes: Vec<OpenGroup>,
    /// The most used datasets.
    pub most: Vec<DatasetView>,
    /// The last days with any use, the oldest first.
    pub days: Vec<(String, Used)>,
    pub voices: Vec<VoiceTotal>,
}

impl Desk {
    /// Everybody: open data in numbers.
    pub async fn open_statistics(&self, now: Moment) -> Answer<OpenStatistics> {
        let (live, city) = (self.live(now).await?, self.city());
        let mut views: Vec<DatasetView> = live.iter().filter_map(|(id, one)| view(&city, id, one)).collect();
        let departments = groups(&views, |view| (view.department.id.clone(), view.department.title.clone()));
        let themes = groups(&views, |view| (view.theme.word().to_owned(), view.theme.title()));
        views.sort_by(|one, other| uses(&other.used).cmp(&uses(&one.used)).then_with(|| one.id.cmp(&other.id)));
        views.truncate(MOST);
        let since = self.day(Moment(now.0 - DAYS * DAY)).to_string();
        let counts = self.store().voice_counts().await.map_err(internal)?;
        let told = |kind: VoiceKind| {
            let count = counts.iter().find(|count| count.kind == kind.word());
            VoiceTotal { kind, total: count.map_or(0, |count| count.total), answered: count.map_or(0, |count| count.answered) }
        };
        Ok(OpenStatistics {
            totals: self.open_totals(now).await?,
            departments,
            themes,
            most: views,
            days: self.store().open_usage_by_day(&since).await.map_err(internal)?,
            voices: VoiceKind::ALL.into_iter().map(told).collect(),
        })
    }
}

fn uses(used: &Used) -> u64 {
    used.views + used.calls + used.downloads
}

fn groups(views: &[DatasetView], of: impl Fn(&DatasetView) -> (String, Text)) -> Vec<OpenGroup> {
    let mut found: BTreeMap<String, OpenGroup> = BTreeMap::new();
    for view in views {
        let (id, title) = of(view);
        let group = found.entry(id.clone()).or_insert(OpenGroup { id, title, datasets: 0, items: 0, rows: 0, used: Used::default() });
        group.datasets += 1;
        group.items += view.columns as u64;
        group.rows += view.rows;
        group.used.views += view.used.views;
        group.used.calls += view.used.calls;
        group.used.downloads += view.used.downloads;
    }
    let mut groups: Vec<OpenGroup> = found.into_values().collect();
    groups.sort_by(|one, other| other.datasets.cmp(&one.datasets).then_with(|| one.id.cmp(&other.id)));
    groups
}
