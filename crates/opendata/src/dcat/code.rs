//! Codes of the Publications Office's lists, and what others write in their place.

/// Codes of languages: BCP 47, and the list's.
const LANGUAGES: [(&str, &str); 30] = [
    ("zh", "ZHO"),
    ("en", "ENG"),
    ("ja", "JPN"),
    ("ko", "KOR"),
    ("fr", "FRA"),
    ("de", "DEU"),
    ("es", "SPA"),
    ("ca", "CAT"),
    ("eu", "EUS"),
    ("gl", "GLG"),
    ("pt", "POR"),
    ("it", "ITA"),
    ("nl", "NLD"),
    ("sv", "SWE"),
    ("da", "DAN"),
    ("nb", "NOB"),
    ("no", "NOR"),
    ("fi", "FIN"),
    ("et", "EST"),
    ("lv", "LAV"),
    ("lt", "LIT"),
    ("pl", "POL"),
    ("cs", "CES"),
    ("sk", "SLK"),
    ("hu", "HUN"),
    ("ro", "RON"),
    ("bg", "BUL"),
    ("el", "ELL"),
    ("ru", "RUS"),
    ("ar", "ARA"),
];

/// Codes of the list of frequencies, and other words for the same.
pub const FREQUENCIES: [(&str, &[&str]); 16] = [
    ("CONT", &["CONTINUOUS", "UPDATE_CONT", "REALTIME", "R/PT1S"]),
    ("HOURLY", &["R/PT1H"]),
    ("DAILY", &["R/P1D"]),
    ("WEEKLY", &["R/P1W"]),
    ("BIWEEKLY", &["FORTNIGHTLY", "R/P2W"]),
    ("MONTHLY", &["R/P1M"]),
    ("BIMONTHLY", &["R/P2M"]),
    ("QUARTERLY", &["R/P3M"]),
    ("TRIENNIAL", &["R/P3Y"]),
    ("ANNUAL_2", &["SEMIANNUAL", "HALF-YEARLY", "BIANNUAL", "R/P6M", "R/P0.5Y"]),
    ("ANNUAL", &["ANNUALLY", "YEARLY", "R/P1Y"]),
    ("BIENNIAL", &["R/P2Y"]),
    ("IRREG", &["IRREGULAR"]),
    ("NEVER", &["NOTPLANNED"]),
    ("UNKNOWN", &[]),
    ("OTHER", &["ASNEEDED"]),
];

/// The list's code of a language.
pub fn language_code(tag: &str) -> Option<&'static str> {
    let main = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    LANGUAGES.iter().find(|(tag, _)| *tag == main).map(|(_, code)| *code)
}

/// The tag of a language, from a code, a tag, or a URI that ends with one.
pub(super) fn language(text: &str) -> Option<String> {
    let last = last(text);
    let known = LANGUAGES.iter().find(|(tag, code)| last.eq_ignore_ascii_case(code) || last.eq_ignore_ascii_case(tag));
    let tag = |text: &str| (2..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    known.map(|(tag, _)| (*tag).to_owned()).or_else(|| Some(last.to_owned()).filter(|last| tag(last)))
}

/// The list's code of a frequency, from whatever is written in its place.
pub fn frequency(text: &str) -> Option<&'static str> {
    let means = |text: &str| FREQUENCIES.iter().find(|(code, others)| text.eq_ignore_ascii_case(code) || others.iter().any(|other| text.eq_ignore_ascii_case(other)));
    means(text.trim()).or_else(|| means(last(text))).map(|(code, _)| *code)
}

/// Code in the list of file types, where it has one that is surely the same.
pub(crate) fn file_type(format: &str) -> Option<&'static str> {
    let name = format.split([' ', ';']).next().unwrap_or_default().to_ascii_uppercase();
    let known = [
        "CSV", "XLSX", "XLS", "JSON", "XML", "GEOJSON", "PDF", "HTML", "ZIP", "ODS", "TSV", "TXT", "RDF", "KML", "GML", "DOC", "DOCX", "PNG",
    ];
    let list = [("SHP", "SHP"), ("TURTLE", "RDF_TURTLE"), ("JSON-LD", "JSON_LD"), ("RDF/XML", "RDF_XML")];
    let same = known.into_iter().find(|known| *known == name);
    same.or_else(|| list.into_iter().find(|(said, _)| *said == name).map(|(_, code)| code))
}

/// The end of a URI, or the text itself.
pub(super) fn last(text: &str) -> &str {
    text.trim().trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or_default()
}
