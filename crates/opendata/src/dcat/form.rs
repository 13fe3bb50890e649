//! The three forms in which a graph is written: Turtle, RDF/XML, JSON-LD. Reading them is bounded, whoever wrote them.

use std::io;

use kernel::Text;
use oxjsonld::{JsonLdParser, JsonLdSerializer};
use oxrdf::{Graph, GraphName, QuadRef, Triple};
use oxrdfxml::{RdfXmlParser, RdfXmlSerializer};
use oxttl::{TurtleParser, TurtleSerializer};

use super::word::PREFIXES;

/// A written form of RDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    Turtle,
    Xml,
    JsonLd,
}

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub bytes: usize,
    pub triples: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 64 << 20, triples: 2_000_000 }
    }
}

/// Why a text is not read, and where it breaks off.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct Unreadable(pub Text);

impl Form {
    pub const ALL: [Form; 3] = [Form::Turtle, Form::Xml, Form::JsonLd];

    /// The ending of addresses.
    pub fn ending(self) -> &'static str {
        match self {
            Form::Turtle => "ttl",
            Form::Xml => "rdf",
            Form::JsonLd => "jsonld",
        }
    }

    pub fn of(ending: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|form| form.ending() == ending)
    }

    pub fn media(self) -> &'static str {
        match self {
            Form::Turtle => "text/turtle",
            Form::Xml => "application/rdf+xml",
            Form::JsonLd => "application/ld+json",
        }
    }

    /// The form that a reader prefers to HTML, by its `Accept`; `None` where HTML, or none of them, is wanted.
    pub fn accepted(accept: &str) -> Option<Form> {
        let mut best: Option<(f32, Option<Form>)> = None;
        for part in accept.split(',') {
            let mut words = part.split(';').map(str::trim);
            let media = words.next().unwrap_or_default().to_ascii_lowercase();
            let form = match media.as_str() {
                "text/html" | "application/xhtml+xml" | "text/*" | "*/*" => None,
                media => match Form::ALL.into_iter().find(|form| form.media() == media) {
                    Some(form) => Some(form),
                    None => continue,
                },
            };
            let weight = words.find_map(|word| word.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            let better = best.is_none_or(|(known, _)| weight > known);
            if better && weight > 0.0 {
                best = Some((weight, form));
            }
        }
        best.and_then(|(_, form)| form)
    }

    /// The form of a text, by what the server said of it, by the ending of its address, or by how it begins.
    pub fn guess(media: &str, address: &str, text: &[u8]) -> Form {
        let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let told = match media.as_str() {
            "text/turtle" | "application/x-turtle" | "text/n3" | "application/n-triples" => Some(Form::Turtle),
            "application/rdf+xml" => Some(Form::Xml),
            "application/ld+json" => Some(Form::JsonLd),
            _ => None,
        };
        let path = address.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let ending = path.rsplit('.').next().unwrap_or_default();
        let by_ending = match ending {
            "ttl" | "n3" | "nt" => Some(Form::Turtle),
            "rdf" | "xml" | "owl" => Some(Form::Xml),
            "jsonld" | "json" => Some(Form::JsonLd),
            _ => None,
        };
        let start = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).iter().copied().find(|byte| !byte.is_ascii_whitespace());
        told.or(by_ending).unwrap_or(match start {
            Some(b'{' | b'[') => Form::JsonLd,
            Some(b'<') if text.windows(8).take(4096).any(|part| part == b"<rdf:RDF") || text.starts_with(b"<?xml") => Form::Xml,
            _ => Form::Turtle,
        })
    }

    /// Reads a text; relative addresses in it are those of `base`.
    pub fn read(self, text: &[u8], base: &str, limits: Limits) -> Result<Graph, Unreadable> {
        if text.len() > limits.bytes {
            return Err(unreadable("文件过大", "the document is too large"));
        }
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        match self {
            Form::Turtle => {
                let parser = TurtleParser::new();
                let parser = parser.clone().with_base_iri(base).unwrap_or(parser);
                gather(parser.for_slice(text), limits)
            }
            Form::Xml => {
                sound_entities(text)?;
                let parser = RdfXmlParser::new();
                let parser = parser.clone().with_base_iri(base).unwrap_or(parser);
                gather(parser.for_slice(text), limits)
            }
            Form::JsonLd => {
                let parser = JsonLdParser::new();
                let parser = parser.clone().with_base_iri(base).unwrap_or(parser);
                // Named graphs hold metadata about a catalogue in some portals: their triples count like the others.
                gather(parser.for_slice(text).map(|quad| quad.map(Triple::from)), limits)
            }
        }
    }

    /// Writes triples, in their order.
    pub fn write(self, triples: &[Triple]) -> io::Result<Vec<u8>> {
        match self {
            Form::Turtle => {
                let mut to = TurtleSerializer::new();
                for (name, vocabulary) in PREFIXES {
                    to = to.with_prefix(name, vocabulary).map_err(io::Error::other)?;
                }
                let mut to = to.for_writer(Vec::new());
                triples.iter().try_for_each(|triple| to.serialize_triple(triple))?;
                Ok(in_order(to.finish()?))
            }
            Form::Xml => {
                let mut to = RdfXmlSerializer::new();
                for (name, vocabulary) in PREFIXES {
                    to = to.with_prefix(name, vocabulary).map_err(io::Error::other)?;
                }
                let mut to = to.for_writer(Vec::new());
                triples.iter().try_for_each(|triple| to.serialize_triple(triple))?;
                to.finish()
            }
            Form::JsonLd => {
                let mut to = JsonLdSerializer::new();
                for (name, vocabulary) in PREFIXES {
                    to = to.with_prefix(name, vocabulary).map_err(io::Error::other)?;
                }
                let mut to = to.for_writer(Vec::new());
                let quad = |triple: &'_ Triple| -> io::Result<()> {
                    to.serialize_quad(QuadRef::new(&triple.subject, &triple.predicate, &triple.object, GraphName::DefaultGraph.as_ref()))
                };
                triples.iter().try_for_each(quad)?;
                to.finish()
            }
        }
    }
}

/// The same text with its prefixes in order: two makings of one graph are the same bytes.
fn in_order(text: Vec<u8>) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = Vec::new();
    let mut rest = text.as_slice();
    while rest.starts_with(b"@prefix ") {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let (line, after) = rest.split_at(end + 1);
        lines.push(line);
        rest = after;
    }
    lines.sort_unstable();
    lines.push(rest);
    lines.concat()
}

fn gather<E: std::fmt::Display>(triples: impl Iterator<Item = Result<Triple, E>>, limits: Limits) -> Result<Graph, Unreadable> {
    let mut graph = Graph::new();
    for triple in triples {
        let triple = triple.map_err(|error| {
            let error: String = error.to_string().chars().take(300).collect();
            unreadable(&format!("不是有效的 RDF：{error}"), &format!("it is no valid RDF: {error}"))
        })?;
        graph.insert(&triple);
        if graph.len() > limits.triples {
            return Err(unreadable("三元组过多", "there are too many triples"));
        }
    }
    Ok(graph)
}

/// Entities of a document's own are for namespaces; ones that would swell the text are not read.
fn sound_entities(text: &[u8]) -> Result<(), Unreadable> {
    let find = |from: usize, what: &[u8]| text.get(from..)?.windows(what.len()).position(|part| part == what).map(|at| at + from);
    let Some(start) = find(0, b"<!ENTITY") else { return Ok(()) };
    let end = find(start, b"]").unwrap_or(text.len());
    let declared = text.get(start..end).unwrap_or_default();
    let uses = text.iter().filter(|byte| **byte == b'&').count();
    let swells = declared.contains(&b'&') || declared.len().saturating_mul(uses) > 64 << 20;
    if swells || declared.windows(6).any(|part| part == b"SYSTEM" || part == b"PUBLIC") {
        return Err(unreadable("文件中的实体定义不予展开", "the document's entities are not expanded"));
    }
    Ok(())
}

fn unreadable(zh: &str, en: &str) -> Unreadable {
    Unreadable(Text::new(zh, en))
}
