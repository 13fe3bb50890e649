//! Original bytes for human eyes.

use encoding_rs::{Encoding, GB18030};

/// The text of a record: UTF-8 if it is, else the declared encoding, else GB18030, in which departments' files
/// that are not UTF-8 nearly always are. Bytes that fit none show as the replacement character.
pub fn readable(bytes: &[u8], declared: Option<&str>) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let encoding = declared.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(GB18030);
    encoding.decode(bytes).0.into_owned()
}

/// Text in an encoding by its label, with the mark that makes spreadsheet programs read UTF-8 as UTF-8.
pub fn encoded(text: &str, label: &str) -> Vec<u8> {
    match encoding_rs::Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding != encoding_rs::UTF_8 => encoding.encode(text).0.into_owned(),
        _ => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
    }
}
