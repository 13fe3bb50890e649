//! The answer of `COPY … TO STDOUT (FORMAT csv, FORCE_QUOTE *)`: every value is quoted, NULL is nothing at all.

use crate::connect::database::append_text;
use crate::connect::gather::Gather;

/// Takes bytes as they come and gives records when they are whole.
#[derive(Default)]
pub struct CopyReader {
    buffer: Vec<u8>,
    /// Where the next record begins in the buffer.
    start: usize,
}

/// What one try for a record gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A record was gathered.
    Record,
    /// More bytes are needed.
    More,
    /// The bytes are not what the server promises.
    Broken,
}

/// Where a value lies in the buffer.
enum Place {
    Null { end: usize },
    Quoted { end: usize, doubled: bool },
}

impl CopyReader {
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes held that do not make a record yet.
    pub fn pending(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Gathers the next record, which must have `fields` values, without closing it; `cursor` is called with the
    /// value of that field.
    pub fn record(&mut self, gather: &mut Gather, fields: &[String], cursor: &mut dyn FnMut(usize, &str)) -> Step {
        let Some(end) = self.whole(fields.len()) else {
            return Step::More;
        };
        let mut at = self.start;
        for (field, name) in fields.iter().enumerate() {
            let Some(place) = self.value(at) else { return Step::Broken };
            at = match place {
                Place::Null { end } => {
                    gather.append(field, None);
                    end
                }
                Place::Quoted { end, doubled } => {
                    let quoted = self.buffer.get(at + 1..end - 1).unwrap_or_default();
                    append(gather, field, name, quoted, doubled, cursor);
                    end
                }
            };
            let mark = if field + 1 == fields.len() { b'\n' } else { b',' };
            if self.buffer.get(at) != Some(&mark) {
                return Step::Broken;
            }
            at += 1;
        }
        debug_assert_eq!(at, end);
        self.start = at;
        Step::Record
    }

    /// The end of the next record if all of it is in the buffer.
    fn whole(&self, fields: usize) -> Option<usize> {
        let mut at = self.start;
        for _ in 0..fields {
            at = match self.value(at)? {
                Place::Null { end } | Place::Quoted { end, .. } => end,
            };
            // The mark behind a value tells that the value itself is whole.
            self.buffer.get(at)?;
            at += 1;
        }
        Some(at)
    }

    fn value(&self, at: usize) -> Option<Place> {
        if *self.buffer.get(at)? != b'"' {
            return Some(Place::Null { end: at });
        }
        let mut doubled = false;
        let mut from = at + 1;
        loop {
            let quote = from + memchr::memchr(b'"', self.buffer.get(from..)?)?;
            if self.buffer.get(quote + 1) == Some(&b'"') {
                doubled = true;
                from = quote + 2;
            } else {
                return Some(Place::Quoted { end: quote + 1, doubled });
            }
        }
    }
}

fn append(
    gather: &mut Gather,
    field: usize,
    name: &str,
    quoted: &[u8],
    doubled: bool,
    cursor: &mut dyn FnMut(usize, &str),
) {
    match std::str::from_utf8(quoted) {
        Ok(text) if doubled => {
            let text = text.replace("\"\"", "\"");
            cursor(field, &text);
            gather.append(field, Some(&text));
        }
        Ok(text) => {
            cursor(field, text);
            gather.append(field, Some(text));
        }
        Err(_) => append_text(gather, field, name, quoted, "postgres.encoding"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_any_cut_of_the_stream() {
        let stream = "\"1\",,\"a\"\"b\"\n\"\",\"两\n行,\",\n".as_bytes();
        let fields: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        for size in 1..stream.len() {
            let mut reader = CopyReader::default();
            let mut gather = Gather::new(fields.clone().into());
            let mut rows = 0;
            for chunk in stream.chunks(size) {
                reader.push(chunk);
                while reader.record(&mut gather, &fields, &mut |_, _| ()) == Step::Record {
                    rows += 1;
                    gather.end_record(rows);
                }
            }
            let batch = gather.finish(&"t".into()).unwrap();
            let rows: Vec<Vec<Option<&str>>> = batch.columns.iter().map(|column| column.iter().collect()).collect();
            assert_eq!(rows, [[Some("1"), Some("")], [None, Some("两\n行,")], [Some("a\"b"), None]]);
            assert_eq!(reader.pending(), 0);
        }
    }

    #[test]
    fn what_the_server_never_sends_is_broken_not_guessed() {
        let fields = ["a".to_owned()];
        let mut reader = CopyReader::default();
        reader.push(b"1\n");
        assert_eq!(reader.record(&mut Gather::new(fields.to_vec().into()), &fields, &mut |_, _| ()), Step::Broken);
    }
}
