//! Datasets of other portals as people see them: beside our own for everybody, and how their harvest goes for those who see to it.

use data::declare::CatalogueKind;
use kernel::{Moment, Text};
use opendata::Record;
use store::open::{HarvestCount, HarvestRow, HarvestRunRow};

use super::proposal::own;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// Refused datasets, and harvests, of one catalogue that are shown.
const REFUSED_MAX: u64 = 50;
const RUNS_MAX: u64 = 10;

/// A catalogue that is harvested.
#[derive(Clone, Debug)]
pub struct CatalogueView {
    pub id: String,
    pub title: Text,
    pub kind: CatalogueKind,
    /// Where it is: an address, or a file in the city's folder.
    pub place: String,
    pub department: String,
    pub department_title: Text,
    pub count: HarvestCount,
    /// The newest first.
    pub runs: Vec<HarvestRunRow>,
    /// What it calls the datasets that were not taken, and why.
    pub refused: Vec<(String, Text)>,
}

/// A dataset of another portal.
#[derive(Clone, Debug)]
pub struct OtherView {
    pub record: Record,
    pub catalogue: String,
    pub catalogue_title: Text,
    /// When we first saw it, when it last changed, and when it was gone.
    pub first: Moment,
    pub changed: Moment,
    pub gone: Option<Moment>,
}

impl Desk {
    /// Staff: the catalogues that are harvested, how that went, and what was refused.
    pub async fn catalogues(&self, who: &Account) -> Answer<Vec<CatalogueView>> {
        self.may(who, "see.harvest", &own(who)).await?;
        let (city, counts) = (self.city(), self.store().harvest_counts().await.map_err(internal)?);
        let mut views = Vec::new();
        for (id, one) in &city.catalogs {
            if who.kept_to("see.harvest").is_some_and(|own| own != one.department) {
                continue;
            }
            let refused = self.store().harvest_refused(id, REFUSED_MAX).await.map_err(internal)?;
            views.push(CatalogueView {
                id: id.clone(),
                title: Text::new(&one.title, &one.title_en),
                kind: one.kind,
                place: one.url.clone().or_else(|| one.file.clone()).unwrap_or_default(),
                department: one.department.clone(),
                department_title: crate::message::department_title(&city, &one.department),
                count: counts.iter().find(|count| count.catalogue == *id).cloned().unwrap_or_default(),
                runs: self.store().harvest_runs(id, RUNS_MAX).await.map_err(internal)?,
                refused: refused.into_iter().filter_map(|row| Some((row.key, row.refused?))).collect(),
            });
        }
        Ok(views)
    }

    /// Everybody: other portals whose datasets are shown here, with how many.
    pub async fn other_portals(&self) -> Answer<Vec<(String, Text, u64)>> {
        let (city, counts) = (self.city(), self.store().harvest_counts().await.map_err(internal)?);
        let live = |id: &str| counts.iter().find(|count| count.catalogue == id).map_or(0, |count| count.live);
        Ok(city.catalogs.values().map(|one| (one.id.clone(), Text::new(&one.title, &one.title_en), live(&one.id))).filter(|(.., live)| *live > 0).collect())
    }

    /// Everybody: datasets of other portals in which a text stands.
    pub async fn other_datasets(&self, catalogue: &str, query: &str, page: u64, size: u64) -> Answer<Page<OtherView>> {
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let query: String = query.trim().chars().take(200).collect();
        let found = self.store().harvest_records(catalogue, &query, page, size).await.map_err(internal)?;
        Ok(Page { entries: found.entries.iter().filter_map(|row| self.other(row)).collect(), total: found.total, page, size })
    }

    /// Everybody: one dataset of another portal; also one that is gone there, which says so.
    pub async fn other_dataset(&self, id: &str) -> Answer<OtherView> {
        let row = self.store().harvest_record(id).await.map_err(internal)?;
        row.and_then(|row| self.other(&row)).ok_or(DeskError::NotFound)
    }

    /// A catalogue that is not declared any more is not shown.
    fn other(&self, row: &HarvestRow) -> Option<OtherView> {
        let city = self.city();
        let title = match city.catalogs.get(&row.catalogue) {
            Some(catalogue) => Text::new(&catalogue.title, &catalogue.title_en),
            None if row.catalogue == super::ckan::REGISTERED => Text::new("登记的数据集", "Registered datasets"),
            None => return None,
        };
        Some(OtherView {
            record: serde_json::from_str(&row.record).ok()?,
            catalogue: row.catalogue.clone(),
            catalogue_title: title,
            first: row.first,
            changed: row.changed,
            gone: row.gone,
        })
    }
}
