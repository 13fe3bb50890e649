//! Decisions in words: what was told from the content, and why.

use data::declare::Format;
use kernel::Text;

use crate::source::Decision;

pub(crate) fn decision(what: &str, about: &str, chosen: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Decision {
    Decision { what: what.to_owned(), about: about.to_owned(), chosen: chosen.into(), why: Text::new(zh, en) }
}

/// The word of a format as it stands in declarations.
pub(crate) fn format_word(format: Format) -> &'static str {
    match format {
        Format::Delimited => "delimited",
        Format::Excel => "excel",
        Format::Json => "json",
        Format::Ndjson => "ndjson",
        Format::Geojson => "geojson",
        Format::Parquet => "parquet",
        Format::Arrow => "arrow",
        Format::SqlDump => "sql_dump",
        Format::Sqlite => "sqlite",
    }
}

pub(crate) fn format(about: &str, format: Format, why: Text) -> Decision {
    Decision { what: "format".to_owned(), about: about.to_owned(), chosen: format_word(format).to_owned(), why }
}
