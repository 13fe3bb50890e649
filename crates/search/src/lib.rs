//! Full-text search over the catalogue, in memory: Chinese words, pairs of characters, pinyin, initials and English.
//! It knows documents and terms; it has never heard of cities, stores or pages.

mod build;
mod facet;
mod fields;
#[cfg(test)]
mod judged;
mod matched;
mod query;
mod sound;
mod terms;
mod vocabulary;

use std::collections::HashMap;

use kernel::Text;
use kernel::fold::fold;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader};

pub use facet::FacetCounts;
use facet::Facets;
use fields::Fields;
use matched::Shown;
use query::{ALL_MEANS, Asker, Means};
use vocabulary::Vocabulary;

/// Characters of a query that are read; the rest is ignored.
const QUERY_CHARS: usize = 200;
/// Hits in one answer.
const HITS: usize = 1_000;
/// An exact id, code or title comes before everything else; an exact item before what merely mentions it.
const EXACT: f32 = 10_000.0;
const EXACT_ITEM: f32 = 12.0;
/// What a title that contains the query as it stands gains.
const CONTAINED: f32 = 1.5;

/// One entry of the catalogue.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    pub id: String,
    pub title: Text,
    pub items: Vec<DocItem>,
    pub summary: Text,
    pub keywords: Vec<String>,
    pub code: String,
    /// Titles of the department and the system that hold it.
    pub holders: Vec<Text>,
    /// (facet, value); a facet may occur more than once.
    pub facets: Vec<(&'static str, String)>,
}

/// One column of an entry.
#[derive(Clone, Debug, Default)]
pub struct DocItem {
    pub name: String,
    pub title: Text,
}

/// A found document.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub id: String,
    pub score: f32,
    /// Places in `Doc::items` of the items that the query matched best; at most eight.
    pub items: Vec<usize>,
}

/// The answer to a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub total: u64,
    /// Each facet's counts ignore the facet's own filter.
    pub facets: Vec<FacetCounts>,
    /// What was perhaps meant, when the query as typed is nowhere; the hits are then those of the guess.
    pub suggestion: Option<String>,
}

/// Why the index could not be built or asked.
#[derive(Debug, thiserror::Error)]
#[error("the search index failed: {0}")]
pub struct SearchError(String);

impl SearchError {
    /// For people.
    pub fn text(&self) -> Text {
        Text::new(format!("检索索引出错：{}", self.0), self.to_string())
    }
}

impl From<tantivy::TantivyError> for SearchError {
    fn from(error: tantivy::TantivyError) -> SearchError {
        SearchError(error.to_string())
    }
}

/// An index over a fixed set of documents. A changed catalogue gets a new one.
pub struct Index {
    searcher: Searcher,
    fields: Fields,
    vocabulary: Vocabulary,
    facets: Facets,
    shown: Vec<Shown>,
    /// Folded ids, codes and titles.
    exact: HashMap<String, Vec<DocId>>,
    /// Folded item names and titles.
    exact_items: HashMap<String, Vec<DocId>>,
}

impl Index {
    /// Builds the index in memory. The first one in a process also loads the dictionary.
    pub fn build(docs: impl Iterator<Item = Doc>) -> Result<Index, SearchError> {
        build::build(docs)
    }

    /// Documents held.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The documents that match `query` and pass `filters` (any of a facet's values, all facets), best first.
    /// An empty query matches all, in the order given to [`Index::build`].
    pub fn search(&self, query: &str, filters: &[(&str, Vec<String>)], offset: usize, limit: usize) -> Result<Found, SearchError> {
        self.search_by(ALL_MEANS, query, filters, offset, limit)
    }

    fn search_by(
        &self,
        means: Means,
        query: &str,
        filters: &[(&str, Vec<String>)],
        offset: usize,
        limit: usize,
    ) -> Result<Found, SearchError> {
        let typed: String = query.trim().chars().take(QUERY_CHARS).collect();
        let (ranked, mended) = match typed.is_empty() {
            true => ((0..self.shown.len()).filter_map(|doc| Some((DocId::try_from(doc).ok()?, 0.0))).collect(), false),
            false => self.ranked(means, &typed)?,
        };
        let scores: HashMap<DocId, f32> = ranked.iter().copied().collect();
        let found: Vec<DocId> = ranked.iter().map(|(doc, _)| *doc).collect();
        let (kept, facets) = self.facets.narrow(&found, filters);
        let suggestion = mended.then(|| self.suggestion(&typed, &found)).flatten();
        let asked = matched::Asked::new(suggestion.as_deref().unwrap_or(&typed));
        let hits = kept.iter().skip(offset).take(limit.min(HITS)).filter_map(|doc| {
            let shown = self.shown.get(*doc as usize)?;
            Some(Hit { id: shown.id.clone(), score: scores.get(doc).copied().unwrap_or(0.0), items: asked.items(shown) })
        });
        Ok(Found { hits: hits.collect(), total: kept.len() as u64, facets, suggestion })
    }

    /// Documents with their scores, best first; and whether the query had to be mended.
    fn ranked(&self, means: Means, typed: &str) -> Result<(Vec<(DocId, f32)>, bool), SearchError> {
        let asker = Asker { fields: &self.fields, vocabulary: &self.vocabulary, means };
        let folded = fold(typed);
        let mut scores: HashMap<DocId, f32> = self.scores(asker.strict(typed))?.into_iter().collect();
        for doc in self.exact.get(&folded).into_iter().flatten() {
            *scores.entry(*doc).or_insert(0.0) += EXACT;
        }
        for doc in self.exact_items.get(&folded).into_iter().flatten() {
            *scores.entry(*doc).or_insert(0.0) += EXACT_ITEM;
        }
        let mended = scores.is_empty() && means.sounds;
        if mended {
            scores = self.scores(asker.mending(typed))?.into_iter().collect();
        }
        let mut ranked: Vec<(DocId, f32)> = scores.into_iter().map(|(doc, score)| (doc, score * self.lift(doc, &folded))).collect();
        // Equal scores keep the given order.
        ranked.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
        Ok((ranked, mended))
    }

    fn lift(&self, doc: DocId, folded: &str) -> f32 {
        let contains = self.shown.get(doc as usize).is_some_and(|shown| shown.titles.iter().any(|title| title.contains(folded)));
        if contains { CONTAINED } else { 1.0 }
    }

    fn scores(&self, query: Option<Box<dyn tantivy::query::Query>>) -> Result<Vec<(DocId, f32)>, SearchError> {
        match query {
            Some(query) => Ok(self.searcher.search(&query, &Everything)?),
            None => Ok(Vec::new()),
        }
    }

    /// The title, item or keyword of the best hits that is most like what was typed.
    fn suggestion(&self, typed: &str, found: &[DocId]) -> Option<String> {
        let best = found.iter().take(5).filter_map(|doc| self.shown.get(*doc as usize));
        matched::likest(typed, best.flat_map(Shown::texts))
    }
}

/// Collects every match with its score: a catalogue is small, and facets need them all.
struct Everything;

struct Gathered(Vec<(DocId, f32)>);

impl Collector for Everything {
    type Fruit = Vec<(DocId, f32)>;
    type Child = Gathered;

    fn for_segment(&self, _: SegmentOrdinal, _: &SegmentReader) -> tantivy::Result<Gathered> {
        Ok(Gathered(Vec::new()))
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Vec<(DocId, f32)>>) -> tantivy::Result<Vec<(DocId, f32)>> {
        Ok(fruits.into_iter().flatten().collect())
    }
}

impl SegmentCollector for Gathered {
    type Fruit = Vec<(DocId, f32)>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.0.push((doc, score));
    }

    fn harvest(self) -> Vec<(DocId, f32)> {
        self.0
    }
}
