//! Finding resources: full text with facets over the catalogue.

use std::time::Instant;

use data::City;
use data::declare::{Grade, OpenType, ResourceClass, ShareType};
use kernel::{Moment, Text};
use search::{Doc, DocItem, Index, SearchError};
use serde::Serialize;

use crate::runs::PAGE_MAX;
use crate::state;
use crate::view::{CatalogFilter, CatalogHit, CatalogView, FacetValue, Page};
use crate::{Answer, Desk, internal};

/// A longer query is cut: nobody types more, and matching costs time.
const QUERY_CHARS_MAX: usize = 200;

impl Desk {
    /// Full-text search with facets; an empty query lists all, by department.
    pub async fn catalog(&self, filter: &CatalogFilter, page: u64, size: u64, now: Moment) -> Answer<CatalogView> {
        let began = Instant::now();
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let declared = self.declared();
        let query: String = filter.query.trim().chars().take(QUERY_CHARS_MAX).collect();
        let chosen = chosen(filter);
        let offset = (page - 1).saturating_mul(size);
        let found = declared.index.search(&query, &chosen, offset as usize, size as usize).map_err(internal)?;
        let states = self.states().await?;
        let hit = |hit: &search::Hit| {
            let resource = declared.city.resources.get(&hit.id)?;
            let item = |at: &usize| resource.items.get(*at).map(|i| (i.name.clone(), Text::new(&i.title, &i.title_en)));
            Some(CatalogHit {
                resource: state::summarise(&declared.city, resource, states.get(&hit.id), now),
                items: hit.items.iter().filter_map(item).collect(),
            })
        };
        let facet = |name: &str| facet(&found, &chosen, name);
        Ok(CatalogView {
            hits: Page { entries: found.hits.iter().filter_map(hit).collect(), total: found.total, page, size },
            departments: facet("department"),
            classes: facet("class"),
            grades: facet("grade"),
            shares: facet("share"),
            opens: facet("open"),
            suggestion: found.suggestion.clone(),
            elapsed_us: began.elapsed().as_micros() as u64,
        })
    }
}

/// The index over all resources, in the order of their departments.
pub(crate) fn index(city: &City) -> Result<Index, SearchError> {
    let mut resources: Vec<_> = city.resources.values().collect();
    resources.sort_by_key(|r| (city.provider(r).map(|d| d.id.as_str()).unwrap_or_default(), r.system.as_str(), r.id.as_str()));
    Index::build(resources.into_iter().map(|resource| {
        let department = city.provider(resource);
        let system = city.systems.get(&resource.system);
        Doc {
            id: resource.id.clone(),
            title: Text::new(&resource.title, &resource.title_en),
            items: resource.items.iter().map(|i| DocItem { name: i.name.clone(), title: Text::new(&i.title, &i.title_en) }).collect(),
            summary: Text::new(&resource.summary, &resource.summary_en),
            keywords: resource.keywords.clone(),
            code: resource.code.clone(),
            holders: vec![
                department.map_or_else(Text::default, |d| Text::new(&d.title, &d.title_en)),
                system.map_or_else(Text::default, |s| Text::new(&s.title, &s.title_en)),
            ],
            facets: vec![
                ("department", department.map_or_else(String::new, |d| d.id.clone())),
                ("class", word(resource.class)),
                ("grade", word(resource.grade)),
                ("share", word(resource.share)),
                ("open", word(resource.open)),
            ],
        }
    }))
}

fn chosen(filter: &CatalogFilter) -> Vec<(&'static str, Vec<String>)> {
    let words = |values: Vec<String>| values;
    vec![
        ("department", filter.department.clone()),
        ("class", words(filter.class.iter().map(|v: &ResourceClass| word(*v)).collect())),
        ("grade", words(filter.grade.iter().map(|v: &Grade| word(*v)).collect())),
        ("share", words(filter.share.iter().map(|v: &ShareType| word(*v)).collect())),
        ("open", words(filter.open.iter().map(|v: &OpenType| word(*v)).collect())),
    ]
    .into_iter()
    .filter(|(_, values): &(&str, Vec<String>)| !values.is_empty())
    .collect()
}

/// The word a declaration uses for an enum's value, e.g. `unconditional`, `L2`.
pub fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn facet(found: &search::Found, chosen: &[(&'static str, Vec<String>)], name: &str) -> Vec<FacetValue> {
    let picked = chosen.iter().find(|(facet, _)| *facet == name).map(|(_, values)| values.as_slice()).unwrap_or_default();
    let counts = found.facets.iter().find(|(facet, _)| *facet == name).map(|(_, counts)| counts.as_slice()).unwrap_or_default();
    let value = |(value, count): &(String, u64)| FacetValue {
        value: value.clone(),
        count: *count,
        chosen: picked.contains(value),
    };
    counts.iter().map(value).collect()
}
