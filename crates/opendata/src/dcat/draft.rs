//! A graph while it is being written: each triple once, in the order in which it was told.

use std::collections::HashSet;

use kernel::{Moment, Text};
use oxrdf::{Literal, NamedNode, NamedOrBlankNode, Term, Triple};

use super::word::{DCT, RDF, XSD, word};

/// Triples so far.
#[derive(Default)]
pub(super) struct Draft {
    triples: Vec<Triple>,
    told: HashSet<Triple>,
}

impl Draft {
    pub fn put(&mut self, subject: impl Into<NamedOrBlankNode>, predicate: NamedNode, object: impl Into<Term>) {
        let triple = Triple::new(subject, predicate, object);
        if self.told.insert(triple.clone()) {
            self.triples.push(triple);
        }
    }

    pub fn class(&mut self, subject: &NamedNode, vocabulary: &str, name: &str) {
        self.put(subject.clone(), word(RDF, "type"), word(vocabulary, name));
    }

    /// A text in both languages; one that is the same in both has the language that is given, if any.
    pub fn text(&mut self, subject: &NamedNode, predicate: NamedNode, text: &Text, only: Option<&str>) {
        let (zh, en) = (text.zh.trim(), text.en.trim());
        if zh == en {
            if !zh.is_empty() {
                self.put(subject.clone(), predicate, said(zh, only));
            }
            return;
        }
        for (value, tag) in [(zh, "zh"), (en, "en")] {
            if !value.is_empty() {
                self.put(subject.clone(), predicate.clone(), said(value, Some(tag)));
            }
        }
    }

    pub fn plain(&mut self, subject: &NamedNode, predicate: NamedNode, text: &str) {
        if !text.is_empty() {
            self.put(subject.clone(), predicate, Literal::new_simple_literal(text));
        }
    }

    pub fn typed(&mut self, subject: &NamedNode, predicate: NamedNode, text: impl Into<String>, kind: &str) {
        self.put(subject.clone(), predicate, Literal::new_typed_literal(text, word(XSD, kind)));
    }

    pub fn time(&mut self, subject: &NamedNode, name: &str, moment: Option<Moment>) {
        if let Some(moment) = moment {
            self.typed(subject, word(DCT, name), moment.rfc3339(), "dateTime");
        }
    }

    /// A node of which a class is told; nothing where the text is no address.
    pub fn node(&mut self, subject: &NamedNode, predicate: NamedNode, address: &str, class: Option<(&str, &str)>) -> Option<NamedNode> {
        let node = NamedNode::new(address).ok()?;
        self.put(subject.clone(), predicate, node.clone());
        if let Some((vocabulary, name)) = class {
            self.class(&node, vocabulary, name);
        }
        Some(node)
    }

    /// Another's triples, as they are.
    pub fn add(&mut self, triples: &[Triple]) {
        for triple in triples {
            self.put(triple.subject.clone(), triple.predicate.clone(), triple.object.clone());
        }
    }

    pub fn into_triples(self) -> Vec<Triple> {
        // One subject's triples stand together, in the order in which the subjects were told.
        let mut order = std::collections::HashMap::new();
        for triple in &self.triples {
            let next = order.len();
            order.entry(triple.subject.clone()).or_insert(next);
        }
        let mut triples = self.triples;
        triples.sort_by_key(|triple| order.get(&triple.subject).copied().unwrap_or(usize::MAX));
        triples
    }
}

fn said(text: &str, tag: Option<&str>) -> Literal {
    tag.and_then(|tag| Literal::new_language_tagged_literal(text, tag).ok()).unwrap_or_else(|| Literal::new_simple_literal(text))
}
