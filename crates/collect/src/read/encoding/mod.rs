//! Which encoding text is in, and turning it into UTF-8 as it streams.

mod twice;

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Decoder, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use kernel::Text;

use super::input::Input;
use super::limits;
use crate::CollectError;

/// An encoding and why it was taken.
#[derive(Clone)]
pub(crate) struct Chosen {
    pub encoding: &'static Encoding,
    /// Text that was UTF-8, read in this encoding, and written again: undone on reading, as declared.
    pub via: Option<&'static Encoding>,
    /// Bytes of the byte order mark at the start.
    pub bom: usize,
    pub why: Text,
}

/// The declared encoding, else the one told from the first bytes.
pub(crate) fn choose(declared: Option<&str>, sample: &[u8], name: &str) -> Result<Chosen, CollectError> {
    let marked = Encoding::for_bom(sample);
    let Some(label) = declared else {
        return Ok(detect(sample));
    };
    if let Some(via) = twice::declared(label) {
        let why = Text::new("按声明还原经两次编码的文字", "text that was encoded twice is restored, as declared");
        return Ok(Chosen { via: Some(via), why, ..detect(sample) });
    }
    let Some(encoding) = Encoding::for_label(label.trim().as_bytes()) else {
        return Err(CollectError::new(
            "text.encoding_unknown",
            name,
            format!("不认识声明的编码“{label}”；可用 utf-8、gb18030、big5、utf-16le、windows-1252、“utf-8 via gb18030” 等"),
            format!("the declared encoding `{label}` is unknown; use utf-8, gb18030, big5, utf-16le, windows-1252, `utf-8 via gb18030`…"),
        ));
    };
    let encoding = if encoding == GBK { GB18030 } else { encoding };
    let bom = marked.filter(|(found, _)| *found == encoding).map_or(0, |(_, length)| length);
    Ok(Chosen { encoding, via: None, bom, why: Text::new("按声明", "as declared") })
}

fn detect(sample: &[u8]) -> Chosen {
    let chosen = |encoding, bom, zh: &str, en: &str| Chosen { encoding, via: None, bom, why: Text::new(zh, en) };
    if let Some((encoding, length)) = Encoding::for_bom(sample) {
        return chosen(encoding, length, "文件开头有字节序标记（BOM）", "the file begins with a byte order mark");
    }
    if let Some(encoding) = utf16_without_mark(sample) {
        return chosen(encoding, 0, "每隔一个字节为零，是没有标记的 UTF-16", "every other byte is zero: UTF-16 without a mark");
    }
    let (sequences, broken) = utf8_count(sample);
    if sequences == 0 && broken == 0 {
        return chosen(UTF_8, 0, "开头部分只有 ASCII 字符", "only ASCII in the first part");
    }
    if broken == 0 {
        return chosen(UTF_8, 0, "所有字节都符合 UTF-8", "every byte is valid UTF-8");
    }
    if sequences > broken * 20 {
        return chosen(UTF_8, 0, "绝大多数符合 UTF-8，个别字节已损坏", "nearly all is UTF-8; a few bytes are damaged");
    }
    detect_legacy(sample)
}

/// Among the encodings that have no mark: the strict ones are tried, the detector decides between those that fit.
fn detect_legacy(sample: &[u8]) -> Chosen {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let chinese = gb_share(sample) >= 0.5 && fits(GB18030, sample);
    let encoding = match guess {
        _ if guess == BIG5 && fits(BIG5, sample) => BIG5,
        _ if chinese => GB18030,
        _ if guess == GBK && fits(GB18030, sample) => GB18030,
        _ if guess != GBK && guess != BIG5 && guess != UTF_8 && fits(guess, sample) => guess,
        _ => WINDOWS_1252,
    };
    Chosen {
        encoding,
        via: None,
        bom: 0,
        why: Text::new(
            format!("不是 UTF-8；按字节规律判断为 {}", encoding.name()),
            format!("not UTF-8; by the pattern of its bytes it is {}", encoding.name()),
        ),
    }
}

/// Valid multi-byte sequences and broken ones; an incomplete one at the very end counts as neither.
fn utf8_count(sample: &[u8]) -> (usize, usize) {
    let (mut sequences, mut broken) = (0, 0);
    for chunk in sample.utf8_chunks() {
        sequences += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    let cut = sample.utf8_chunks().last().is_some_and(|c| {
        let tail = c.invalid();
        !tail.is_empty() && std::str::from_utf8(tail).is_err_and(|e| e.error_len().is_none())
    });
    (sequences, broken - usize::from(cut && sample.len() >= limits::SAMPLE))
}

/// Decodes with hardly any error: at most one in fifty non-ASCII characters.
fn fits(encoding: &'static Encoding, sample: &[u8]) -> bool {
    let text = encoding.decode_without_bom_handling(sample).0;
    let (mut wide, mut wrong) = (0usize, 0usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        wide += 1;
        wrong += usize::from(c == '\u{fffd}');
    }
    wrong * 50 <= wide
}

/// Among the double bytes, the share in the plane of GB 2312, where nearly all Chinese text is.
/// Accented Latin letters followed by ASCII also pair up, but outside it.
fn gb_share(sample: &[u8]) -> f64 {
    let (mut pairs, mut inside) = (0usize, 0usize);
    let mut bytes = sample.iter();
    while let Some(&lead) = bytes.next() {
        if lead >= 0x80 {
            pairs += 1;
            inside += usize::from((0xA1..=0xF7).contains(&lead) && bytes.next().is_some_and(|b| *b >= 0xA1));
        }
    }
    if pairs == 0 { 0.0 } else { inside as f64 / pairs as f64 }
}

fn utf16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let head = sample.get(..sample.len().min(8192) & !1)?;
    let (mut even, mut odd) = (0usize, 0usize);
    for pair in head.chunks_exact(2) {
        even += usize::from(pair.first() == Some(&0));
        odd += usize::from(pair.last() == Some(&0));
    }
    let units = head.len() / 2;
    // No other text has zero bytes; a few may be damage.
    match () {
        _ if odd >= 4 && odd * 50 > units && even * 20 < odd => Some(UTF_16LE),
        _ if even >= 4 && even * 50 > units && odd * 20 < even => Some(UTF_16BE),
        _ => None,
    }
}

pub(crate) use twice::{Restored, suspected};

/// For a text that begins with ASCII only: a stretch around the first byte that is not, within [`limits::ASCII`].
pub(crate) fn beyond_ascii(input: &Input) -> Result<Option<Vec<u8>>, CollectError> {
    let mut stream = input.open()?.take(limits::ASCII);
    loop {
        let chunk = sample(&mut stream, limits::CHUNK).map_err(|e| input.failure(&e))?;
        if chunk.is_empty() {
            return Ok(None);
        }
        if !chunk.is_ascii() {
            let at = chunk.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
            let mut found = chunk.get(at..).unwrap_or_default().to_vec();
            found.extend(sample(&mut stream, limits::CHUNK).map_err(|e| input.failure(&e))?);
            return Ok(Some(found));
        }
    }
}

/// Fills as much of the first [`limits::SAMPLE`] bytes as the stream has.
pub(crate) fn sample(stream: &mut dyn Read, size: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    stream.take(size as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// A stream in any encoding as UTF-8. What cannot be decoded becomes U+FFFD.
pub(crate) struct Utf8Stream {
    source: Box<dyn Read + Send>,
    decoder: Option<Decoder>,
    packed: Vec<u8>,
    ready: String,
    given: usize,
    ended: bool,
}

impl Utf8Stream {
    /// `head`: bytes already taken from the stream, without the byte order mark.
    pub fn new(encoding: &'static Encoding, head: Vec<u8>, source: Box<dyn Read + Send>) -> Utf8Stream {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        let source: Box<dyn Read + Send> = Box::new(io::Cursor::new(head).chain(source));
        Utf8Stream { source, decoder, packed: vec![0; 1 << 16], ready: String::new(), given: 0, ended: false }
    }
}

impl Read for Utf8Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else {
            return self.source.read(buffer);
        };
        while self.given == self.ready.len() && !self.ended {
            let n = self.source.read(&mut self.packed)?;
            self.ended = n == 0;
            self.ready.clear();
            self.given = 0;
            let new = self.packed.get(..n).unwrap_or_default();
            self.ready.reserve(decoder.max_utf8_buffer_length(n).unwrap_or(n * 3 + 16));
            let _ = decoder.decode_to_string(new, &mut self.ready, self.ended);
        }
        let rest = self.ready.as_bytes().get(self.given..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.given += n;
        Ok(n)
    }
}
