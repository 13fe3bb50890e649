//! The part of another's graph that describes one dataset: kept word for word, so that it can be given on as it came.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use kernel::Text;
use oxrdf::{BlankNode, Graph, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef, Triple};
use oxttl::{NTriplesParser, NTriplesSerializer};

use super::word::{DCAT, RDF, word};

/// Triples of one dataset at most.
pub const PART_MAX: usize = 20_000;
/// Rounds in which nameless nodes are told apart by their neighbours.
const ROUNDS: usize = 8;

/// What is told of one dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub subject: NamedOrBlankNode,
    /// Sorted, nameless nodes named after what is told of them: the same description gives the same triples.
    pub triples: Vec<Triple>,
}

impl Part {
    /// Everything told of a node, of the nameless nodes that it names, and of the other nodes that it names and the graph
    /// describes, but for other datasets and catalogues. `label` tells nameless nodes of different datasets apart.
    pub fn of(graph: &Graph, subject: NamedOrBlankNodeRef<'_>, label: &str) -> Result<Part, Text> {
        let mut triples = Vec::new();
        let mut seen: HashSet<NamedOrBlankNode> = HashSet::from([subject.into_owned()]);
        let mut next = VecDeque::from([subject.into_owned()]);
        while let Some(node) = next.pop_front() {
            for triple in graph.triples_for_subject(&node) {
                triples.push(triple.into_owned());
                if triples.len() > PART_MAX {
                    return Err(Text::new("说明过长", "the description is too long"));
                }
                let named = match triple.object {
                    TermRef::BlankNode(node) => NamedOrBlankNodeRef::from(node),
                    TermRef::NamedNode(node) => NamedOrBlankNodeRef::from(node),
                    TermRef::Literal(_) => continue,
                };
                if !stands_alone(graph, named) && seen.insert(named.into_owned()) {
                    next.push_back(named.into_owned());
                }
            }
        }
        Ok(Part { subject: subject.into_owned(), triples }.named(label))
    }

    /// As N-Triples (RDF 1.1), a line each.
    pub fn text(&self) -> String {
        let mut to = NTriplesSerializer::new().for_writer(Vec::new());
        for triple in &self.triples {
            // Writing into memory does not fail.
            drop(to.serialize_triple(triple));
        }
        String::from_utf8(to.finish()).unwrap_or_default()
    }

    /// Reads what [`Part::text`] wrote; `subject` is the dataset's node as [`Part::subject`] is printed.
    pub fn read(text: &str, subject: &str) -> Option<Part> {
        let triples = NTriplesParser::new().for_slice(text).collect::<Result<Vec<Triple>, _>>().ok()?;
        let subject = triples.iter().find(|triple| triple.subject.to_string() == subject)?.subject.clone();
        Some(Part { subject, triples })
    }

    fn named(self, label: &str) -> Part {
        let names = names(&self.triples, label);
        let node = |node: NamedOrBlankNode| match &node {
            NamedOrBlankNode::BlankNode(blank) => names.get(blank).cloned().map_or(node, NamedOrBlankNode::BlankNode),
            NamedOrBlankNode::NamedNode(_) => node,
        };
        let mut triples: Vec<Triple> = self
            .triples
            .into_iter()
            .map(|triple| {
                let object = match triple.object {
                    Term::BlankNode(blank) => Term::BlankNode(names.get(&blank).cloned().unwrap_or(blank)),
                    other => other,
                };
                Triple { subject: node(triple.subject), predicate: triple.predicate, object }
            })
            .collect();
        let subject = node(self.subject);
        triples.sort_by_cached_key(|triple| (triple.subject != subject, triple.to_string()));
        triples.dedup();
        Part { subject, triples }
    }
}

/// Whether a node is something that a catalogue lists by itself.
fn stands_alone(graph: &Graph, node: NamedOrBlankNodeRef<'_>) -> bool {
    let kind = word(RDF, "type");
    ["Dataset", "Catalog", "CatalogRecord"].into_iter().any(|name| {
        let class = word(DCAT, name);
        graph.contains(oxrdf::TripleRef::new(node, &kind, &class))
    })
}

/// Names for nameless nodes, in an order that depends only on what is told of them.
fn names(triples: &[Triple], label: &str) -> HashMap<BlankNode, BlankNode> {
    let mut colours: BTreeMap<String, u64> = BTreeMap::new();
    for triple in triples {
        if let NamedOrBlankNode::BlankNode(node) = &triple.subject {
            colours.insert(node.as_str().to_owned(), 0);
        }
        if let Term::BlankNode(node) = &triple.object {
            colours.insert(node.as_str().to_owned(), 0);
        }
    }
    for _ in 0..ROUNDS.min(colours.len()) {
        let mut told: HashMap<&str, BTreeSet<u64>> = HashMap::new();
        for triple in triples {
            let from = match &triple.subject {
                NamedOrBlankNode::BlankNode(node) => Some(node.as_str()),
                NamedOrBlankNode::NamedNode(_) => None,
            };
            let to = match &triple.object {
                Term::BlankNode(node) => Some(node.as_str()),
                _ => None,
            };
            let colour = |node: Option<&str>| node.and_then(|node| colours.get(node)).copied();
            if let Some(node) = from {
                let object = to.map_or_else(|| triple.object.to_string(), |_| String::new());
                told.entry(node).or_default().insert(hash(&(0, triple.predicate.as_str(), object, colour(to))));
            }
            if let Some(node) = to {
                let subject = from.map_or_else(|| triple.subject.to_string(), |_| String::new());
                told.entry(node).or_default().insert(hash(&(1, triple.predicate.as_str(), subject, colour(from))));
            }
        }
        let next = colours.iter().map(|(node, colour)| (node.clone(), hash(&(colour, told.get(node.as_str()))))).collect();
        colours = next;
    }
    let mut order: Vec<(u64, String)> = colours.into_iter().map(|(node, colour)| (colour, node)).collect();
    order.sort();
    let name = |(n, (_, node)): (usize, (u64, String))| (BlankNode::new_unchecked(node), BlankNode::new_unchecked(format!("b{label}n{n}")));
    order.into_iter().enumerate().map(name).collect()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
