//! What a catalogue tells of itself, and what stands in it.

use kernel::{Moment, Text};
use oxrdf::{NamedOrBlankNode, Triple};

use crate::record::{Contact, Publisher, Record};

/// Our portal.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Where it is reached, without a slash at the end: `https://data.example.gov.cn`.
    pub address: String,
    pub title: Text,
    pub summary: Text,
    pub publisher: Publisher,
    pub contact: Option<Contact>,
    /// When its first dataset was published, and when one last changed.
    pub issued: Option<Moment>,
    pub modified: Option<Moment>,
}

impl Site {
    /// What the catalogue is called in the world.
    pub fn uri(&self) -> String {
        format!("{}/open/catalog", self.address)
    }

    /// What one of our datasets is called in the world: the address of its page.
    pub fn dataset(&self, id: &str) -> String {
        format!("{}/open/datasets/{}", self.address, path(id))
    }
}

/// A dataset in our catalogue.
#[derive(Clone, Debug)]
pub enum Entry {
    /// One that we describe.
    Record(Box<Record>),
    /// One whose description is another's, given on as it came.
    Foreign { subject: NamedOrBlankNode, triples: Vec<Triple> },
}

/// Which page of a large catalogue this is. Pages count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    pub page: u64,
    pub pages: u64,
    /// Datasets in all.
    pub total: u64,
    pub size: u64,
}

/// A text as a part of an address.
pub(super) fn path(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
