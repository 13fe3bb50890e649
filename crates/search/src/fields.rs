//! Where terms are kept: one field for each part of a document and each way of cutting it.

use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};

/// The fields of the index.
#[derive(Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) title: Field,
    pub(crate) keywords: Field,
    pub(crate) items: Field,
    pub(crate) holders: Field,
    pub(crate) summary: Field,
    pub(crate) title_pairs: Field,
    pub(crate) item_pairs: Field,
    pub(crate) other_pairs: Field,
    pub(crate) characters: Field,
    pub(crate) title_sounds: Field,
    pub(crate) item_sounds: Field,
}

impl Fields {
    pub(crate) fn new() -> (Fields, Schema) {
        let mut schema = Schema::builder();
        // The tokenizer's name is never used: terms come ready cut.
        let indexing = TextFieldIndexing::default().set_tokenizer("raw").set_index_option(IndexRecordOption::WithFreqs);
        let ranked = TextOptions::default().set_indexing_options(indexing.clone());
        let flat = TextOptions::default()
            .set_indexing_options(indexing.set_fieldnorms(false).set_index_option(IndexRecordOption::Basic));
        let fields = Fields {
            title: schema.add_text_field("title", ranked.clone()),
            keywords: schema.add_text_field("keywords", ranked.clone()),
            items: schema.add_text_field("items", ranked.clone()),
            holders: schema.add_text_field("holders", ranked.clone()),
            summary: schema.add_text_field("summary", ranked.clone()),
            title_pairs: schema.add_text_field("title_pairs", ranked.clone()),
            item_pairs: schema.add_text_field("item_pairs", ranked.clone()),
            other_pairs: schema.add_text_field("other_pairs", ranked),
            characters: schema.add_text_field("characters", flat.clone()),
            title_sounds: schema.add_text_field("title_sounds", flat.clone()),
            item_sounds: schema.add_text_field("item_sounds", flat),
        };
        (fields, schema.build())
    }

    /// Word fields with their weights: a title says more than an item, an item more than a summary.
    pub(crate) fn words(&self) -> [(Field, f32); 5] {
        [(self.title, 5.0), (self.keywords, 3.0), (self.items, 2.5), (self.holders, 1.2), (self.summary, 1.0)]
    }

    pub(crate) fn pairs(&self) -> [(Field, f32); 3] {
        [(self.title_pairs, 5.0), (self.item_pairs, 2.5), (self.other_pairs, 1.0)]
    }

    pub(crate) fn sounds(&self) -> [(Field, f32); 2] {
        [(self.title_sounds, 5.0), (self.item_sounds, 2.5)]
    }
}
