//! The first pass over a document: which elements there are, which of them repeat, and what they hold.

use std::collections::HashMap;

use super::super::limits;
use super::events::{Events, Part, Stop};

/// One path of elements.
#[derive(Default)]
struct Node {
    name: String,
    parent: Option<usize>,
    children: HashMap<String, usize>,
    /// The children in the order of their first coming.
    order: Vec<usize>,
    count: u64,
    /// Some element above holds two or more.
    repeated: bool,
    attributes: bool,
    text: bool,
}

#[derive(Default)]
pub(crate) struct Outline {
    nodes: Vec<Node>,
}

/// Where the reading is: a node, or elements that the first pass has not seen.
pub(crate) type Place = Option<usize>;

impl Outline {
    pub fn read(events: &mut Events) -> Result<Outline, Stop> {
        let mut outline = Outline { nodes: vec![Node::default()] };
        // The open elements, and how often each child has come in each.
        let mut open: Vec<(usize, HashMap<usize, u64>)> = vec![(0, HashMap::new())];
        while let Some(part) = events.next()? {
            match part {
                Part::Start(name, attributes) => {
                    let Some((parent, seen)) = open.last_mut() else { break };
                    let node = outline.child(*parent, &name)?;
                    let times = seen.entry(node).or_insert(0);
                    *times += 1;
                    let again = *times > 1;
                    if let Some(node) = outline.nodes.get_mut(node) {
                        node.count += 1;
                        node.repeated |= again;
                        node.attributes |= attributes.iter().any(|(key, _)| !is_nil(key));
                    }
                    open.push((node, HashMap::new()));
                }
                Part::End => {
                    open.pop();
                }
                Part::Text(text) => {
                    if let Some(node) = open.last().and_then(|(node, _)| outline.nodes.get_mut(*node)) {
                        node.text |= !text.trim().is_empty();
                    }
                }
                Part::Unknown(_) => {}
            }
        }
        if outline.nodes.len() < 2 {
            return Err(Stop::Broken("an element".to_owned()));
        }
        Ok(outline)
    }

    fn child(&mut self, parent: usize, name: &str) -> Result<usize, Stop> {
        if let Some(known) = self.nodes.get(parent).and_then(|node| node.children.get(name)) {
            return Ok(*known);
        }
        let new = self.nodes.len();
        if new > limits::PATHS {
            return Err(Stop::TooManyNames);
        }
        self.nodes.push(Node { name: name.to_owned(), parent: Some(parent), ..Node::default() });
        if let Some(node) = self.nodes.get_mut(parent) {
            node.children.insert(name.to_owned(), new);
            node.order.push(new);
        }
        Ok(new)
    }

    /// The place above the root element.
    pub fn top(&self) -> Place {
        Some(0)
    }

    pub fn inside(&self, place: Place, name: &str) -> Place {
        self.nodes.get(place?)?.children.get(name).copied()
    }

    pub fn repeats(&self, place: Place) -> bool {
        self.at(place).is_some_and(|node| node.repeated)
    }

    /// Whether it anywhere holds elements.
    pub fn has_children(&self, place: Place) -> bool {
        self.at(place).is_some_and(|node| !node.order.is_empty())
    }

    fn at(&self, place: Place) -> Option<&Node> {
        self.nodes.get(place?)
    }

    fn has_parts(&self, node: &Node) -> bool {
        node.attributes || !node.order.is_empty()
    }

    /// The path of a node as `records` writes it: `[*]` behind elements that repeat.
    fn path(&self, node: usize) -> String {
        let mut names = Vec::new();
        let mut at = Some(node);
        while let Some(found) = at.and_then(|i| self.nodes.get(i)).filter(|n| n.parent.is_some()) {
            names.push(if found.repeated { format!("{}[*]", found.name) } else { found.name.clone() });
            at = found.parent;
        }
        names.reverse();
        let path = names.join(".");
        if path.ends_with("[*]") { path } else { format!("{path}[*]") }
    }

    fn is_nested(&self, node: &Node) -> bool {
        let mut at = node.parent;
        while let Some(above) = at.and_then(|i| self.nodes.get(i)) {
            if above.repeated {
                return true;
            }
            at = above.parent;
        }
        false
    }

    /// The records of a document that does not say which they are: the elements with parts that repeat most, none of them
    /// inside another such; `None` when the whole document is one record.
    pub fn main(&self) -> Option<String> {
        let repeated = self.nodes.iter().enumerate().filter(|(_, n)| n.repeated && self.has_parts(n) && !self.is_nested(n));
        let most = repeated.max_by_key(|(i, n)| (n.count, std::cmp::Reverse(*i)));
        most.map(|(i, _)| self.path(i))
    }

    /// Every element with parts that repeats, and those around them that have values of their own: path and count.
    pub fn tables(&self) -> Vec<(String, u64)> {
        let is_table = |node: &Node| {
            let child = |i: &usize| self.nodes.get(*i);
            let values = || node.attributes || node.order.iter().filter_map(child).any(|c| !c.repeated && c.order.is_empty());
            let around = || node.order.iter().any(|i| self.has_repeats(*i));
            self.has_parts(node) && (node.repeated || (values() && around()))
        };
        let mut all: Vec<(String, u64)> = Vec::new();
        for (i, node) in self.nodes.iter().enumerate().skip(1) {
            if is_table(node) {
                all.push((self.path(i), node.count));
            }
        }
        if all.is_empty() {
            all.extend(self.nodes.first().and_then(|top| top.order.first()).map(|root| (self.path(*root), 1)));
        }
        all
    }

    fn has_repeats(&self, node: usize) -> bool {
        let Some(node) = self.nodes.get(node) else { return false };
        (node.repeated && self.has_parts(node)) || node.order.iter().any(|i| self.has_repeats(*i))
    }
}

/// `xsi:nil` says that there is no value; it is none itself.
pub(crate) fn is_nil(attribute: &str) -> bool {
    attribute == "nil" || attribute.ends_with(":nil")
}
