//! One element in memory → JSON, so that records of XML and of JSON are told apart no further on. The text of an element
//! takes its name, its attributes stand beside it as `name.@attribute`; elements that repeat become arrays.

use super::super::limits;
use super::events::{Events, Part, Stop};
use super::outline::{Outline, Place, is_nil};

/// What an element holds.
pub(crate) struct Element {
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<(String, Place, Element)>,
    nil: bool,
}

/// An element and the first entity in it that nobody defines.
pub(crate) struct Taken {
    pub element: Element,
    pub unknown: Option<String>,
}

/// Reads the rest of the element whose tag has been opened.
pub(crate) fn take(events: &mut Events, outline: &Outline, place: Place, attributes: Vec<(String, String)>) -> Result<Taken, Stop> {
    let mut unknown = None;
    let mut open: Vec<(String, Place, Element)> = vec![(String::new(), place, Element::new(attributes))];
    let mut size = 0;
    loop {
        let part = events.next()?.ok_or_else(|| Stop::Broken("the end of an element".to_owned()))?;
        match part {
            Part::Start(name, attributes) => {
                size += name.len() + attributes.iter().map(|(k, v)| k.len() + v.len()).sum::<usize>() + 64;
                let above = open.last().and_then(|(_, place, _)| *place);
                let place = outline.inside(above, &name);
                open.push((name, place, Element::new(attributes)));
            }
            Part::End => {
                let Some((name, place, element)) = open.pop() else {
                    return Err(Stop::Broken("a start tag".to_owned()));
                };
                match open.last_mut() {
                    Some((.., parent)) => parent.children.push((name, place, element)),
                    None => return Ok(Taken { element, unknown }),
                }
            }
            Part::Text(text) => {
                size += text.len();
                if let Some((.., element)) = open.last_mut() {
                    element.text.push_str(&text);
                }
            }
            Part::Unknown(name) => {
                if let Some((.., element)) = open.last_mut() {
                    element.text.push_str(&format!("&{name};"));
                }
                unknown.get_or_insert(name);
            }
        }
        if size > limits::RECORD {
            return Err(Stop::TooLarge);
        }
    }
}

impl Element {
    fn new(mut attributes: Vec<(String, String)>) -> Element {
        let nil = attributes.iter().any(|(key, value)| is_nil(key) && matches!(value.as_str(), "true" | "1"));
        attributes.retain(|(key, _)| !is_nil(key));
        Element { attributes, text: String::new(), children: Vec::new(), nil }
    }

    /// The text, but not the blanks between children.
    fn own_text(&self) -> Option<&str> {
        if self.nil {
            return None;
        }
        let blank = self.text.trim().is_empty();
        let between = blank && (!self.children.is_empty() || !self.attributes.is_empty());
        (!between).then_some(self.text.as_str())
    }

    /// The element as a record of its own: an object, or a text when it is nothing else.
    pub fn record(&self, outline: &Outline, place: Place, out: &mut Vec<u8>) {
        if self.attributes.is_empty() && !outline.has_children(place) && self.children.is_empty() {
            text(self.own_text(), out);
            return;
        }
        let mut members = Members::new(out);
        self.members(outline, &mut members);
        if let Some(own) = self.own_text() {
            text(Some(own), members.member("#text"));
        }
        members.end();
    }

    /// The members of its object: attributes, then children in the order of their first coming.
    fn members(&self, outline: &Outline, members: &mut Members<'_>) {
        for (key, value) in &self.attributes {
            text(Some(value), members.member(&format!("@{key}")));
        }
        let mut done: Vec<&str> = Vec::new();
        for (name, at, child) in &self.children {
            if done.contains(&name.as_str()) {
                continue;
            }
            let same = || self.children.iter().filter(|(other, ..)| other == name);
            if outline.repeats(*at) || same().count() > 1 {
                done.push(name);
                let out = members.member(name);
                out.push(b'[');
                for (i, (_, at, one)) in same().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    one.record(outline, *at, out);
                }
                out.push(b']');
            } else if outline.has_children(*at) || !child.children.is_empty() {
                child.record(outline, *at, members.member(name));
            } else {
                child.leaf(name, members);
            }
        }
    }

    /// A value: its text under its name, its attributes beside it.
    fn leaf(&self, name: &str, members: &mut Members<'_>) {
        if self.nil || self.own_text().is_some() {
            text(self.own_text(), members.member(name));
        }
        for (key, value) in &self.attributes {
            text(Some(value), members.member(&format!("{name}.@{key}")));
        }
    }
}

/// An object being written.
struct Members<'o> {
    out: &'o mut Vec<u8>,
    begun: bool,
}

impl<'o> Members<'o> {
    fn new(out: &'o mut Vec<u8>) -> Members<'o> {
        out.push(b'{');
        Members { out, begun: false }
    }

    fn member(&mut self, key: &str) -> &mut Vec<u8> {
        if self.begun {
            self.out.push(b',');
        }
        self.begun = true;
        text(Some(key), self.out);
        self.out.push(b':');
        self.out
    }

    fn end(self) {
        self.out.push(b'}');
    }
}

fn text(value: Option<&str>, out: &mut Vec<u8>) {
    match value {
        // Writing a string to memory cannot fail.
        Some(value) => drop(serde_json::to_writer(&mut *out, value)),
        None => out.extend_from_slice(b"null"),
    }
}
