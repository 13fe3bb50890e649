//! The messages of an Arrow stream, each looked at before the decoder sees it: it would set aside as much memory as a
//! message claims to need.

use std::io::{self, Read};

/// Metadata of one message at most.
const METADATA_MAX: usize = 64 << 20;
/// Body of one message at most. Memory for it is set aside, not yet used.
const BODY_MAX: i64 = 1 << 30;
const CONTINUATION: [u8; 4] = [0xff; 4];

/// Passes a stream on whose messages are within the limits; an error where one is not.
pub(super) struct Framed<R> {
    inner: R,
    /// Length and metadata of the message that begins, to be passed on.
    head: Vec<u8>,
    passed: usize,
    /// Bytes of the body that are still to come.
    body: u64,
    ended: bool,
}

impl<R: Read> Framed<R> {
    pub fn new(inner: R) -> Framed<R> {
        Framed { inner, head: Vec::new(), passed: 0, body: 0, ended: false }
    }

    fn next_message(&mut self) -> io::Result<()> {
        self.head.clear();
        self.passed = 0;
        let mut mark = [0u8; 4];
        match self.inner.read_exact(&mut mark) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.ended = true;
                return Ok(());
            }
            done => done?,
        }
        self.head.extend_from_slice(&mark);
        // Streams older than Arrow 0.15 begin with the length at once.
        if mark == CONTINUATION {
            self.inner.read_exact(&mut mark)?;
            self.head.extend_from_slice(&mark);
        }
        let length = usize::try_from(i32::from_le_bytes(mark)).map_err(|_| refused())?;
        if length == 0 {
            self.ended = true;
            return Ok(());
        }
        if length > METADATA_MAX {
            return Err(refused());
        }
        let start = self.head.len();
        let read = (&mut self.inner).take(length as u64).read_to_end(&mut self.head)?;
        if read < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let message = arrow_ipc::root_as_message(self.head.get(start..).unwrap_or_default()).map_err(|_| refused())?;
        if !(0..=BODY_MAX).contains(&message.bodyLength()) {
            return Err(refused());
        }
        self.body = message.bodyLength().unsigned_abs();
        Ok(())
    }
}

impl<R: Read> Read for Framed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.passed >= self.head.len() && self.body == 0 && !self.ended {
            self.next_message()?;
        }
        if let Some(rest) = self.head.get(self.passed..).filter(|rest| !rest.is_empty()) {
            let n = rest.len().min(buffer.len());
            buffer.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.passed += n;
            return Ok(n);
        }
        let room = usize::try_from(self.body).unwrap_or(usize::MAX).min(buffer.len());
        let n = match buffer.get_mut(..room) {
            Some(part) => self.inner.read(part)?,
            None => 0,
        };
        self.body -= n as u64;
        Ok(n)
    }
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a message claims to be larger than any may be")
}
