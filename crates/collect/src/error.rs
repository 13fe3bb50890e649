//! Why a source could not be read at all. Single bad records are not errors: they are faults in a batch.

use kernel::Text;

/// Says which source, where in it, what was expected, and what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {source_name}: {}", message.en)]
pub struct CollectError {
    /// Stable word, e.g. `file.missing`, `http.status`, `excel.too_large`.
    pub code: &'static str,
    /// File, table or address.
    pub source_name: String,
    pub message: Text,
    /// Whether trying again later may help (network, lock) or not (the file is broken).
    pub transient: bool,
}

impl CollectError {
    pub fn new(code: &'static str, source_name: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        CollectError { code, source_name: source_name.into(), message: Text::new(zh, en), transient: false }
    }

    pub fn transient(mut self) -> Self {
        self.transient = true;
        self
    }
}
