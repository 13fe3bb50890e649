//! The answer of `COPY … TO STDOUT`: a line for each record, values apart by tabs, what would disturb that escaped.

use std::borrow::Cow;

use crate::connect::database::append_text;
use crate::connect::gather::Gather;

/// Takes bytes as they come and gives records when they are whole.
#[derive(Default)]
pub struct CopyReader {
    buffer: Vec<u8>,
    /// Where the next record begins in the buffer.
    start: usize,
    /// Up to where no end of a record was found.
    looked: usize,
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

impl CopyReader {
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.looked = self.looked.saturating_sub(self.start);
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
        let from = self.looked.max(self.start);
        let Some(length) = self.buffer.get(from..).and_then(|rest| memchr::memchr(b'\n', rest)) else {
            self.looked = self.buffer.len();
            return Step::More;
        };
        let line = self.buffer.get(self.start..from + length).unwrap_or_default();
        let mut rest = line;
        for (field, name) in fields.iter().enumerate() {
            let is_last = field + 1 == fields.len();
            let value = match memchr::memchr(b'\t', rest) {
                Some(_) if is_last => return Step::Broken,
                None if !is_last => return Step::Broken,
                Some(end) => {
                    let (value, behind) = rest.split_at(end);
                    rest = behind.get(1..).unwrap_or_default();
                    value
                }
                None => rest,
            };
            append(gather, field, name, value, cursor);
        }
        self.start = from + length + 1;
        self.looked = self.start;
        Step::Record
    }
}

fn append(gather: &mut Gather, field: usize, name: &str, value: &[u8], cursor: &mut dyn FnMut(usize, &str)) {
    if value == b"\\N" {
        return gather.append(field, None);
    }
    let value = plain(value);
    match std::str::from_utf8(&value) {
        Ok(text) => {
            cursor(field, text);
            gather.append(field, Some(text));
        }
        Err(_) => append_text(gather, field, name, &value, "postgres.encoding"),
    }
}

/// A value without its escapes.
fn plain(value: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'\\', value) else { return Cow::Borrowed(value) };
    let (before, mut rest) = value.split_at(first);
    let mut plain = before.to_vec();
    while let Some((sign, behind)) = rest.split_first() {
        rest = behind;
        if *sign != b'\\' {
            plain.push(*sign);
            continue;
        }
        let Some((escaped, behind)) = rest.split_first() else { break };
        rest = behind;
        plain.push(match escaped {
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            other => *other,
        });
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_any_cut_of_the_stream() {
        let stream = "1\t\\N\ta\\\\b\\t\n\t两\\n行,\"\\\\N\t\\N\n".as_bytes();
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
            assert_eq!(rows, [[Some("1"), Some("")], [None, Some("两\n行,\"\\N")], [Some("a\\b\t"), None]]);
            assert_eq!(reader.pending(), 0);
        }
    }

    #[test]
    fn what_the_server_never_sends_is_broken_not_guessed() {
        let fields = ["a".to_owned()];
        let mut reader = CopyReader::default();
        reader.push(b"1\t2\n");
        assert_eq!(reader.record(&mut Gather::new(fields.to_vec().into()), &fields, &mut |_, _| ()), Step::Broken);
    }
}
