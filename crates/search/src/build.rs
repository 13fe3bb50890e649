//! Builds the index: every text is cut once, however many documents share it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tantivy::directory::RamDirectory;
use tantivy::schema::Field;
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{DocId, TantivyDocument};

use crate::facet::Facets;
use crate::fields::Fields;
use kernel::fold::fold;
use crate::matched::{Cut, Shown};
use crate::vocabulary::Vocabulary;
use crate::{Doc, Index, SearchError};

/// Memory with which the segment writer begins.
const MEMORY: usize = 64 << 20;
/// Characters of a summary that are indexed, and of any other text.
const SUMMARY_CHARS: usize = 4_000;
const TEXT_CHARS: usize = 400;
/// Items of one document that are indexed.
const ITEMS: usize = 2_000;

pub(crate) fn build(docs: impl Iterator<Item = Doc>) -> Result<Index, SearchError> {
    let (fields, schema) = Fields::new();
    let mut writer = tantivy::Index::builder()
        .schema(schema)
        .single_segment_index_writer::<TantivyDocument>(RamDirectory::create(), MEMORY)?;
    let mut gathered = Gathered::default();
    let mut facets = Facets::new();
    let mut facet_values = HashMap::new();
    for doc in docs {
        let number = DocId::try_from(gathered.shown.len()).map_err(|_| SearchError("too many documents".to_owned()))?;
        writer.add_document(gathered.document(number, &doc, &fields))?;
        facets.add(&doc, &mut facet_values);
    }
    let index = writer.finalize()?;
    let searcher = index.reader()?.searcher();
    Ok(Index {
        searcher,
        fields,
        vocabulary: Vocabulary::new(gathered.words, gathered.sounds),
        facets,
        shown: gathered.shown,
        exact: gathered.exact,
        exact_items: gathered.exact_items,
    })
}

#[derive(Default)]
struct Gathered {
    cuts: HashMap<String, Arc<Cut>>,
    words: BTreeSet<String>,
    sounds: BTreeSet<String>,
    shown: Vec<Shown>,
    exact: HashMap<String, Vec<DocId>>,
    exact_items: HashMap<String, Vec<DocId>>,
}

impl Gathered {
    fn document(&mut self, number: DocId, doc: &Doc, fields: &Fields) -> TantivyDocument {
        let titles = [doc.title.zh.as_str(), doc.title.en.as_str()];
        let title: Vec<Arc<Cut>> = titles.iter().map(|text| self.cut(text, TEXT_CHARS)).collect();
        let marks = doc.keywords.iter().chain([&doc.code, &doc.id]);
        let marks: Vec<Arc<Cut>> = marks.map(|text| self.cut(text, TEXT_CHARS)).collect();
        let holders = doc.holders.iter().flat_map(|holder| [&holder.zh, &holder.en]);
        let holders: Vec<Arc<Cut>> = holders.map(|text| self.cut(text, TEXT_CHARS)).collect();
        let summary: Vec<Arc<Cut>> = [&doc.summary.zh, &doc.summary.en].map(|text| self.cut(text, SUMMARY_CHARS)).to_vec();
        let items: Vec<[Arc<Cut>; 3]> = doc
            .items
            .iter()
            .take(ITEMS)
            .map(|item| [&item.name, &item.title.zh, &item.title.en].map(|text| self.cut(text, TEXT_CHARS)))
            .collect();
        self.remember_exact(number, doc);

        let all_items: Vec<Arc<Cut>> = items.iter().flatten().cloned().collect();
        let other: Vec<Arc<Cut>> = marks.iter().chain(&holders).chain(&summary).cloned().collect();
        let everything: Vec<Arc<Cut>> = title.iter().chain(&all_items).chain(&other).cloned().collect();
        let named: Vec<Arc<Cut>> = title.iter().chain(&marks).cloned().collect();
        let mut document = TantivyDocument::default();
        put(&mut document, fields.title, &title, |cut| &cut.words);
        put(&mut document, fields.keywords, &marks, |cut| &cut.words);
        put(&mut document, fields.items, &all_items, |cut| &cut.words);
        put(&mut document, fields.holders, &holders, |cut| &cut.words);
        put(&mut document, fields.summary, &summary, |cut| &cut.words);
        put(&mut document, fields.title_pairs, &title, |cut| &cut.pairs);
        put(&mut document, fields.item_pairs, &all_items, |cut| &cut.pairs);
        put(&mut document, fields.other_pairs, &other, |cut| &cut.pairs);
        put_once(&mut document, fields.characters, &everything, |cut| &cut.characters);
        put_once(&mut document, fields.title_sounds, &named, |cut| &cut.sounds);
        put_once(&mut document, fields.item_sounds, &all_items, |cut| &cut.sounds);
        self.learn(&named);
        self.learn(&all_items);

        let texts = doc.keywords.iter().chain(doc.items.iter().flat_map(|item| [&item.title.zh, &item.title.en]));
        self.shown.push(Shown {
            id: doc.id.clone(),
            titles: titles.iter().filter(|text| !text.is_empty()).map(|text| fold(text)).collect(),
            texts: titles.iter().map(|text| (*text).to_owned()).chain(texts.cloned()).filter(|text| !text.is_empty()).collect(),
            items,
        });
        document
    }

    fn cut(&mut self, text: &str, limit: usize) -> Arc<Cut> {
        if let Some(cut) = self.cuts.get(text) {
            return cut.clone();
        }
        let short: String = text.chars().take(limit).collect();
        let cut = Arc::new(Cut::new(&short, limit == TEXT_CHARS));
        self.cuts.insert(text.to_owned(), cut.clone());
        cut
    }

    /// Beginnings of these texts' words and sounds will be understood.
    fn learn(&mut self, cuts: &[Arc<Cut>]) {
        for cut in cuts {
            for word in cut.words.iter().filter(|word| word.is_ascii() && word.len() > 3) {
                remember(&mut self.words, word);
            }
            for sound in &cut.sounds {
                remember(&mut self.sounds, sound);
            }
        }
    }

    fn remember_exact(&mut self, number: DocId, doc: &Doc) {
        for text in [&doc.id, &doc.code, &doc.title.zh, &doc.title.en] {
            note(&mut self.exact, text, number);
        }
        for item in doc.items.iter().take(ITEMS) {
            for text in [&item.name, &item.title.zh, &item.title.en] {
                note(&mut self.exact_items, text, number);
            }
        }
    }
}

fn remember(known: &mut BTreeSet<String>, term: &str) {
    if !known.contains(term) {
        known.insert(term.to_owned());
    }
}

fn note(exact: &mut HashMap<String, Vec<DocId>>, text: &str, number: DocId) {
    if text.is_empty() {
        return;
    }
    let docs = exact.entry(fold(text)).or_default();
    if docs.last() != Some(&number) {
        docs.push(number);
    }
}

fn put(document: &mut TantivyDocument, field: Field, cuts: &[Arc<Cut>], terms: fn(&Cut) -> &Vec<String>) {
    add(document, field, cuts.iter().flat_map(|cut| terms(cut)).map(String::as_str));
}

/// Terms for which only presence counts.
fn put_once(document: &mut TantivyDocument, field: Field, cuts: &[Arc<Cut>], terms: fn(&Cut) -> &Vec<String>) {
    let distinct: HashSet<&str> = cuts.iter().flat_map(|cut| terms(cut)).map(String::as_str).collect();
    add(document, field, distinct.into_iter());
}

fn add<'a>(document: &mut TantivyDocument, field: Field, terms: impl Iterator<Item = &'a str>) {
    let tokens: Vec<Token> = terms
        .enumerate()
        .map(|(position, term)| Token { position, text: term.to_owned(), ..Token::default() })
        .collect();
    if !tokens.is_empty() {
        document.add_pre_tokenized_text(field, PreTokenizedString { text: String::new(), tokens });
    }
}
