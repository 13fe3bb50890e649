//! Facets: by what hits can be narrowed, and how many each choice would leave.

use std::collections::HashMap;

use crate::Doc;

/// A facet's name, its values and how many hits have each; the commonest first.
pub type FacetCounts = (&'static str, Vec<(String, u64)>);

/// The facet values of every document, as small numbers.
pub(crate) struct Facets {
    names: Vec<&'static str>,
    /// By facet, then by number.
    values: Vec<Vec<String>>,
    /// By document: (facet, value).
    of_doc: Vec<Vec<(usize, usize)>>,
}

/// What was chosen: per facet, the numbers of the chosen values.
type Chosen = Vec<(usize, Vec<usize>)>;

impl Facets {
    pub(crate) fn new() -> Facets {
        Facets { names: Vec::new(), values: Vec::new(), of_doc: Vec::new() }
    }

    pub(crate) fn add(&mut self, doc: &Doc, seen: &mut HashMap<(usize, String), usize>) {
        let mut own = Vec::with_capacity(doc.facets.len());
        for (name, value) in &doc.facets {
            let facet = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
                self.names.push(name);
                self.values.push(Vec::new());
                self.names.len() - 1
            });
            let Some(values) = self.values.get_mut(facet) else { continue };
            let number = *seen.entry((facet, value.clone())).or_insert_with(|| {
                values.push(value.clone());
                values.len() - 1
            });
            own.push((facet, number));
        }
        self.of_doc.push(own);
    }

    /// Keeps the documents that satisfy every filter, and counts: each facet's own filter is ignored for its own counts,
    /// so that one sees what choosing another value would give.
    pub(crate) fn narrow(&self, found: &[u32], filters: &[(&str, Vec<String>)]) -> (Vec<u32>, Vec<FacetCounts>) {
        let chosen = self.chosen(filters);
        let mut counts: Vec<Vec<u64>> = self.values.iter().map(|values| vec![0; values.len()]).collect();
        let mut kept = Vec::new();
        for doc in found {
            let Some(own) = self.of_doc.get(*doc as usize) else { continue };
            let mut failing = chosen.iter().filter(|(facet, values)| !own.iter().any(|(f, v)| f == facet && values.contains(v)));
            let (first, second) = (failing.next(), failing.next());
            if second.is_some() {
                continue;
            }
            if first.is_none() {
                kept.push(*doc);
            }
            for (facet, value) in own {
                let counted = first.is_none_or(|(failed, _)| failed == facet);
                if let Some(count) = counts.get_mut(*facet).and_then(|of| of.get_mut(*value)).filter(|_| counted) {
                    *count += 1;
                }
            }
        }
        (kept, self.named(counts))
    }

    /// A facet or value that no document has stays a filter that nothing passes.
    fn chosen(&self, filters: &[(&str, Vec<String>)]) -> Chosen {
        filters
            .iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, wanted)| {
                let facet = self.names.iter().position(|known| known == name).unwrap_or(usize::MAX);
                let values = self.values.get(facet).map(Vec::as_slice).unwrap_or_default();
                let numbers = values.iter().enumerate().filter(|(_, value)| wanted.contains(value)).map(|(number, _)| number);
                (facet, numbers.collect())
            })
            .collect()
    }

    fn named(&self, counts: Vec<Vec<u64>>) -> Vec<FacetCounts> {
        let named = self.names.iter().zip(&self.values).zip(counts).map(|((name, values), counts)| {
            let mut counted: Vec<(String, u64)> = values.iter().cloned().zip(counts).filter(|(_, count)| *count > 0).collect();
            counted.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
            (*name, counted)
        });
        named.collect()
    }
}
