//! What is wrong in a declaration, where, what was expected, and the nearest right name.

use kernel::Text;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// One mistake in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Path inside the city folder, with `/`.
    pub file: String,
    /// 1-based; 0 when the mistake is the absence of the file.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// The line itself, for pointing at the word.
    pub excerpt: String,
    /// How many characters of the excerpt, from `column` on, are meant.
    pub length: usize,
    /// What is wrong.
    pub message: Text,
    /// What was expected, or what to do.
    pub help: Option<Text>,
    /// The nearest right name, where there is one.
    pub suggestion: Option<String>,
}
