//! The messages of PostgreSQL's `pgoutput` plugin, protocol version 1, one at a time.

/// A position in the server's write-ahead log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lsn(pub u64);

impl Lsn {
    /// From the server's own form, `16/B374D848`.
    pub fn parse(text: &str) -> Option<Lsn> {
        let (high, low) = text.split_once('/')?;
        let half = |text: &str| u64::from_str_radix(text, 16).ok().filter(|half| *half <= u64::from(u32::MAX));
        Some(Lsn((half(high)? << 32) | half(low)?))
    }
}

impl std::fmt::Display for Lsn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

/// What one message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// `commit`: where the record of the commit begins.
    Begin { commit: Lsn, xid: u32 },
    Commit { end: Lsn },
    Relation { id: u32, schema: String, name: String, columns: Vec<Column> },
    Insert { relation: u32, new: Vec<Cell> },
    /// `old` is there when the identity changed, or with the `whole` old row if the table is set so.
    Update { relation: u32, old: Option<Vec<Cell>>, whole: bool, new: Vec<Cell> },
    Delete { relation: u32, old: Vec<Cell> },
    Truncate { relations: Vec<u32> },
    /// Something that tells nothing of rows: an origin, a type, a message of a program.
    Other,
}

/// A column as the stream describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Part of the replica identity, so that it tells which row was changed.
    pub identity: bool,
    pub type_id: u32,
}

/// A value in a row of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Null,
    /// Large, stored apart, and not changed: the stream does not repeat it.
    Unchanged,
    Text(Vec<u8>),
}

/// Decodes a message; `None` when it is not one of the protocol.
pub fn decode(bytes: &[u8]) -> Option<Message> {
    let mut rest = Bytes(bytes);
    let message = match rest.byte()? {
        b'B' => {
            let commit = Lsn(rest.u64()?);
            rest.skip(8)?;
            Message::Begin { commit, xid: rest.u32()? }
        }
        b'C' => {
            rest.skip(9)?;
            let end = Lsn(rest.u64()?);
            rest.skip(8)?;
            Message::Commit { end }
        }
        b'R' => relation(&mut rest)?,
        b'I' => {
            let relation = rest.u32()?;
            let (b'N', new) = (rest.byte()?, rest.row()?) else { return None };
            Message::Insert { relation, new }
        }
        b'U' => update(&mut rest)?,
        b'D' => {
            let relation = rest.u32()?;
            let (b'K' | b'O', old) = (rest.byte()?, rest.row()?) else { return None };
            Message::Delete { relation, old }
        }
        b'T' => {
            let count = rest.u32()?;
            rest.skip(1)?;
            Message::Truncate { relations: (0..count).map(|_| rest.u32()).collect::<Option<_>>()? }
        }
        b'O' | b'Y' | b'M' => return Some(Message::Other),
        _ => return None,
    };
    rest.0.is_empty().then_some(message)
}

fn relation(rest: &mut Bytes<'_>) -> Option<Message> {
    let id = rest.u32()?;
    let (schema, name) = (rest.text()?, rest.text()?);
    rest.skip(1)?;
    let count = rest.u16()?;
    let mut column = || {
        let identity = rest.byte()? & 1 == 1;
        let (name, type_id) = (rest.text()?, rest.u32()?);
        rest.skip(4)?;
        Some(Column { name, identity, type_id })
    };
    let columns = (0..count).map(|_| column()).collect::<Option<_>>()?;
    // The server leaves the schema out for its own catalogue.
    let schema = if schema.is_empty() { "pg_catalog".to_owned() } else { schema };
    Some(Message::Relation { id, schema, name, columns })
}

fn update(rest: &mut Bytes<'_>) -> Option<Message> {
    let relation = rest.u32()?;
    let mut mark = rest.byte()?;
    let whole = mark == b'O';
    let mut old = None;
    if matches!(mark, b'K' | b'O') {
        old = Some(rest.row()?);
        mark = rest.byte()?;
    }
    if mark != b'N' {
        return None;
    }
    Some(Message::Update { relation, old, whole, new: rest.row()? })
}

/// What is left of a message.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.take(length).map(|_| ())
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    /// A text that ends with a zero byte.
    fn text(&mut self) -> Option<String> {
        let end = memchr::memchr(0, self.0)?;
        let text = String::from_utf8(self.take(end)?.to_vec()).ok()?;
        self.skip(1)?;
        Some(text)
    }

    fn row(&mut self) -> Option<Vec<Cell>> {
        let count = self.u16()?;
        (0..count).map(|_| self.cell()).collect()
    }

    fn cell(&mut self) -> Option<Cell> {
        match self.byte()? {
            b'n' => Some(Cell::Null),
            b'u' => Some(Cell::Unchanged),
            b't' => {
                let length = usize::try_from(self.u32()?).ok()?;
                Some(Cell::Text(self.take(length)?.to_vec()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_log_position_is_written_as_the_server_writes_it() {
        assert_eq!(Lsn::parse("16/B374D848"), Some(Lsn(0x16_B374_D848)));
        assert_eq!(Lsn(0x16_0000_D848).to_string(), "16/D848");
        assert!(["", "1", "1/", "/1", "1/100000000", "x/1"].iter().all(|text| Lsn::parse(text).is_none()));
    }

    #[test]
    fn an_update_of_a_key_tells_the_old_one() {
        let bytes = b"U\0\0\0\x07K\0\x02t\0\0\0\x011nN\0\x02t\0\0\0\x012u";
        let text = |text: &str| Cell::Text(text.into());
        let old = Some(vec![text("1"), Cell::Null]);
        assert_eq!(decode(bytes), Some(Message::Update { relation: 7, old, whole: false, new: vec![text("2"), Cell::Unchanged] }));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64), kind in "[BCRIUDTOYM]") {
            let _ = decode(&[kind.as_bytes(), &bytes].concat());
        }
    }
}
