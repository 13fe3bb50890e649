//! What the public sees: which datasets there are, found by words and facets, and all that is known of one.

use std::collections::BTreeMap;
use std::sync::Arc;

use data::City;
use data::declare::{OpenTo, Theme, UpdatePeriod};
use data::open::{Licence, licence};
use kernel::{Moment, Text};
use search::{Doc, DocItem, Index};
use store::open::{OpenVersionRow, Used};

use super::live::{Live, OpenColumn, Use};
use super::{declared, model_title};
use crate::catalog::facet;
use crate::port::Source;
use crate::runs::PAGE_MAX;
use crate::share::Named;
use crate::view::{FacetValue, Page};
use crate::{Answer, Desk, DeskError, internal};

/// A longer query is cut.
const QUERY_CHARS_MAX: usize = 200;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct DatasetFilter {
    pub query: String,
    /// Words of [`Theme`].
    pub theme: Vec<String>,
    /// Ids of departments.
    pub department: Vec<String>,
    /// `everybody`, `applicants`.
    pub to: Vec<String>,
    /// Ids of licences.
    pub licence: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Portal {
    pub datasets: Page<DatasetView>,
    pub themes: Vec<FacetValue>,
    pub departments: Vec<FacetValue>,
    pub to: Vec<FacetValue>,
    pub licences: Vec<FacetValue>,
    pub suggestion: Option<String>,
}

/// One open dataset in a list.
#[derive(Clone, Debug)]
pub struct DatasetView {
    pub id: String,
    pub title: Text,
    pub summary: Text,
    pub department: Named,
    pub theme: Theme,
    pub to: OpenTo,
    pub licence: &'static Licence,
    pub period: UpdatePeriod,
    pub keywords: Vec<Text>,
    pub rows: u64,
    pub columns: usize,
    pub version: u64,
    pub published: Moment,
    pub updated: Moment,
    pub used: Used,
    /// Columns with longitude and latitude.
    pub position: Option<[String; 2]>,
}

/// A dataset's page.
#[derive(Clone, Debug)]
pub struct DatasetDetail {
    pub view: DatasetView,
    pub condition: Text,
    pub columns: Vec<OpenColumn>,
    /// The resources that its rows come from.
    pub sources: Vec<Named>,
    /// The newest ones.
    pub versions: Vec<VersionView>,
    pub versions_total: u64,
}

/// A published version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionView {
    pub number: u64,
    pub rows: u64,
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
    pub time: Moment,
}

/// All that is open, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenTotals {
    pub datasets: u64,
    pub items: u64,
    pub rows: u64,
    pub departments: u64,
    pub used: Used,
}

impl Desk {
    /// Everybody: searches what is open; an empty query lists all, the newest first.
    pub async fn open_datasets(&self, filter: &DatasetFilter, page: u64, size: u64, now: Moment) -> Answer<Portal> {
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let live = self.live(now).await?;
        let city = self.city();
        let index = self.open_index(&city, &live)?;
        let query: String = filter.query.trim().chars().take(QUERY_CHARS_MAX).collect();
        let chosen: Vec<(&'static str, Vec<String>)> = [
            ("theme", filter.theme.clone()),
            ("department", filter.department.clone()),
            ("to", filter.to.clone()),
            ("licence", filter.licence.clone()),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .collect();
        let offset = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX);
        let found = index.search(&query, &chosen, offset, usize::try_from(size).unwrap_or(1)).map_err(internal)?;
        let entries = found.hits.iter().filter_map(|hit| view(&city, &hit.id, live.get(&hit.id)?)).collect();
        let facet = |name: &str| facet(&found, &chosen, name);
        Ok(Portal {
            datasets: Page { entries, total: found.total, page, size },
            themes: facet("theme"),
            departments: facet("department"),
            to: facet("to"),
            licences: facet("licence"),
            suggestion: found.suggestion.clone(),
        })
    }

    /// Everybody: one dataset.
    pub async fn open_dataset(&self, dataset: &str, now: Moment) -> Answer<DatasetDetail> {
        let live = self.live_one(dataset, now).await?;
        let city = self.city();
        let (_, opening) = declared(&city, dataset).ok_or(DeskError::NotFound)?;
        let versions = self.open_versions(dataset, 1, 10, now).await?;
        Ok(DatasetDetail {
            view: view(&city, dataset, &live).ok_or(DeskError::NotFound)?,
            condition: Text::new(&opening.condition, &opening.condition_en),
            sources: self.open_sources(&city, dataset, &live.columns),
            columns: live.columns,
            versions: versions.entries,
            versions_total: versions.total,
        })
    }

    /// Everybody: the versions of a dataset, the newest first.
    pub async fn open_versions(&self, dataset: &str, page: u64, size: u64, now: Moment) -> Answer<Page<VersionView>> {
        self.live_one(dataset, now).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().open_versions(dataset, page, size).await.map_err(internal)?;
        Ok(Page { entries: rows.entries.iter().map(version).collect(), total: rows.total, page, size })
    }

    /// Everybody: what is open, in numbers.
    pub async fn open_totals(&self, now: Moment) -> Answer<OpenTotals> {
        let live = self.live(now).await?;
        let city = self.city();
        let departments: std::collections::BTreeSet<&str> =
            live.keys().filter_map(|id| declared(&city, id)).map(|(model, _)| model.department.as_str()).collect();
        let mut totals = OpenTotals { datasets: live.len() as u64, departments: departments.len() as u64, ..OpenTotals::default() };
        for one in live.values() {
            totals.items += one.columns.len() as u64;
            totals.rows += one.version.rows;
            totals.used.views += one.used.views;
            totals.used.calls += one.used.calls;
            totals.used.downloads += one.used.downloads;
        }
        Ok(totals)
    }

    /// Somebody looked at a dataset's page.
    pub fn open_viewed(&self, dataset: &str) {
        self.0.open.count(dataset, Use::View);
    }

    fn open_index(&self, city: &Arc<City>, live: &BTreeMap<String, Live>) -> Answer<Arc<Index>> {
        let stamp: Vec<(String, u64)> = live.iter().map(|(id, live)| (id.clone(), live.version.number)).collect();
        self.0.open.index(city, &stamp, || {
            let mut views: Vec<(DatasetView, &Live)> = live.iter().filter_map(|(id, live)| Some((view(city, id, live)?, live))).collect();
            views.sort_by(|(one, _), (other, _)| other.updated.cmp(&one.updated).then(one.id.cmp(&other.id)));
            Index::build(views.into_iter().map(doc)).map_err(internal)
        })
    }

    /// The resources behind the columns, by their lineage.
    pub(super) fn open_sources(&self, city: &City, dataset: &str, columns: &[OpenColumn]) -> Vec<Named> {
        let models = self.compiled();
        let table = super::gate::lake_table(dataset);
        let mut found = BTreeMap::new();
        for column in columns {
            super::gate::walk(&models, &Source { table: table.clone(), column: column.name.clone() }, true, &mut found, 0);
        }
        let named = |id: &String| city.resources.get(id).map(|one| Named { id: id.clone(), title: Text::new(&one.title, &one.title_en) });
        found.keys().filter_map(named).collect()
    }
}

pub(super) fn view(city: &City, dataset: &str, live: &Live) -> Option<DatasetView> {
    let (model, opening) = declared(city, dataset)?;
    let keyword = |(n, zh): (usize, &String)| Text::new(zh, opening.keywords_en.get(n).map_or("", String::as_str));
    Some(DatasetView {
        id: dataset.to_owned(),
        title: model_title(model),
        summary: Text::new(&model.summary, &model.summary_en),
        department: Named { id: model.department.clone(), title: crate::message::department_title(city, &model.department) },
        theme: opening.theme,
        to: opening.to,
        licence: licence(&opening.licence)?,
        period: opening.period,
        keywords: opening.keywords.iter().enumerate().map(keyword).collect(),
        rows: live.version.rows,
        columns: live.columns.len(),
        version: live.version.number,
        published: live.first,
        updated: live.version.time,
        used: live.used,
        position: opening.position.clone(),
    })
}

fn doc((view, live): (DatasetView, &Live)) -> Doc {
    Doc {
        items: live.columns.iter().map(|column| DocItem { name: column.name.clone(), title: column.title.clone() }).collect(),
        keywords: view.keywords.iter().flat_map(|word| [word.zh.clone(), word.en.clone()]).filter(|word| !word.is_empty()).collect(),
        code: view.id.clone(),
        holders: vec![view.department.title.clone(), view.theme.title()],
        facets: vec![
            ("theme", view.theme.word().to_owned()),
            ("department", view.department.id.clone()),
            ("to", crate::catalog::word(view.to)),
            ("licence", view.licence.id.to_owned()),
        ],
        id: view.id,
        title: view.title,
        summary: view.summary,
    }
}

fn version(row: &OpenVersionRow) -> VersionView {
    VersionView { number: row.number, rows: row.rows, added: row.added, changed: row.changed, removed: row.removed, time: row.time }
}
