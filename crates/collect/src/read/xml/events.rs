//! The events of an XML stream that matter, within bounds.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::limits;

pub(crate) enum Part {
    /// A tag opens; its attributes without namespace declarations.
    Start(String, Vec<(String, String)>),
    End,
    Text(String),
    /// A reference to an entity that the document would have to define.
    Unknown(String),
}

#[derive(Debug)]
pub(crate) enum Stop {
    Io(io::Error),
    Broken(String),
    TooLarge,
    TooDeep,
    TooManyNames,
}

pub(crate) struct Events {
    reader: Reader<Bounded>,
    buffer: Vec<u8>,
    depth: usize,
    /// An empty tag has been opened and is still to be closed.
    closing: bool,
}

impl Events {
    pub fn new(source: Box<dyn Read + Send>) -> Events {
        let inner = BufReader::with_capacity(1 << 16, source);
        let mut reader = Reader::from_reader(Bounded { inner, left: 0, line: 1, recorded: None });
        reader.config_mut().allow_dangling_amp = true;
        Events { reader, buffer: Vec::new(), depth: 0, closing: false }
    }

    /// 1-based line of what comes next.
    pub fn line(&self) -> u64 {
        self.reader.get_ref().line
    }

    /// Starts keeping the text read, from the tag last given on.
    pub fn record(&mut self) {
        self.reader.get_mut().recorded = Some(self.buffer.clone());
    }

    /// The text since [`Events::record`].
    pub fn recorded(&mut self) -> Vec<u8> {
        self.reader.get_mut().recorded.take().unwrap_or_default()
    }

    /// The next part; `None` at the end of the document.
    pub fn next(&mut self) -> Result<Option<Part>, Stop> {
        if self.closing {
            self.closing = false;
            self.depth -= 1;
            return Ok(Some(Part::End));
        }
        loop {
            self.buffer.clear();
            self.reader.get_mut().left = limits::RECORD;
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => return Err(stop(error)),
            };
            let part = match event {
                Event::Start(tag) => {
                    self.depth += 1;
                    start(&tag)?
                }
                Event::Empty(tag) => {
                    self.depth += 1;
                    self.closing = true;
                    start(&tag)?
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Part::End
                }
                Event::Text(text) => Part::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Part::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(reference) => resolve(&reference)?,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
                Event::Eof if self.depth > 0 => return Err(Stop::Broken("the end of an element; the file is cut off".to_owned())),
                Event::Eof => return Ok(None),
            };
            return if self.depth > limits::XML_DEPTH { Err(Stop::TooDeep) } else { Ok(Some(part)) };
        }
    }
}

fn start(tag: &BytesStart<'_>) -> Result<Part, Stop> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|e| Stop::Broken(e.to_string()))?;
        let key = attribute.key.as_ref();
        if key == "xmlns" || key.starts_with("xmlns:") {
            continue;
        }
        if attributes.len() == limits::FIELDS {
            return Err(Stop::TooManyNames);
        }
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(stop)?;
        attributes.push((key.to_owned(), value.into_owned()));
    }
    Ok(Part::Start(tag.name().as_ref().to_owned(), attributes))
}

/// Characters by number and the five names that every XML has.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<Part, Stop> {
    if let Some(c) = reference.resolve_char_ref().map_err(stop)? {
        return Ok(Part::Text(c.to_string()));
    }
    let name = reference.xml10_content();
    Ok(match quick_xml::escape::resolve_xml_entity(&name) {
        Some(text) => Part::Text(text.to_owned()),
        None => Part::Unknown(name.into_owned()),
    })
}

fn stop(error: quick_xml::Error) -> Stop {
    match error {
        quick_xml::Error::Io(e) => match e.get_ref() {
            Some(inner) if inner.is::<TooLarge>() => Stop::TooLarge,
            _ => match e.get_ref().and_then(|inner| inner.downcast_ref::<crate::CollectError>()) {
                Some(own) => Stop::Io(io::Error::new(e.kind(), own.clone())),
                None => Stop::Io(io::Error::new(e.kind(), e.to_string())),
            },
        },
        other => Stop::Broken(other.to_string()),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("too large")]
struct TooLarge;

/// Gives one event at most so many bytes, so that an endless text is not gathered in memory.
struct Bounded {
    inner: BufReader<Box<dyn Read + Send>>,
    left: usize,
    line: u64,
    recorded: Option<Vec<u8>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let n = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..n), ready.get(..n)) {
            to.copy_from_slice(from);
        }
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Bounded {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(TooLarge));
        }
        let left = self.left;
        let ready = self.inner.fill_buf()?;
        Ok(ready.get(..ready.len().min(left)).unwrap_or_default())
    }

    fn consume(&mut self, n: usize) {
        let taken = self.inner.buffer().get(..n).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
        if let Some(recorded) = &mut self.recorded
            && recorded.len() <= limits::RECORD
        {
            recorded.extend_from_slice(taken);
        }
        self.left = self.left.saturating_sub(n);
        self.inner.consume(n);
    }
}
