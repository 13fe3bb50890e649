//! Mistakes that the engine finds in declarations, at their place in the file.

use data::{Diagnostic, Severity};
use kernel::Text;

use crate::view::SqlError;

/// Line and column from 1, and length, in characters.
pub(crate) type Span = (usize, usize, usize);

/// A file in which mistakes are found.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub path: &'a str,
    /// Its text, or the part that is meant with everything else blank.
    pub text: &'a str,
}

impl File<'_> {
    /// A mistake at the first place of a word.
    pub fn at_word(&self, word: &str, message: Text) -> Diagnostic {
        self.at(find(self.text, word).unwrap_or((1, 1, 0)), message, None)
    }

    pub fn at(&self, (line, column, length): Span, message: Text, suggestion: Option<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            file: self.path.to_owned(),
            line,
            column,
            excerpt: self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned(),
            length,
            message,
            help: None,
            suggestion,
        }
    }

    /// What the engine says, where it points to a place that stands in the file at this span.
    pub fn said(&self, span: Span, error: SqlError) -> Diagnostic {
        // The name that was meant stands in a line of its own.
        let cut = |text: &str, mark: &str| text.split_once(mark).map_or(text, |(before, _)| before).to_owned();
        let message = Text::new(cut(&error.message.zh, "；是否应为"), cut(&error.message.en, "; did you mean"));
        self.at(span, message, error.suggestion)
    }

    /// Line and column of a passage, where it stands in the file as it is.
    pub fn find_passage(&self, passage: &str) -> Option<(usize, usize)> {
        let before = self.text.get(..self.text.find(passage)?)?;
        let line = before.rsplit('\n').next().unwrap_or_default();
        Some((before.matches('\n').count() + 1, line.chars().count() + 1))
    }
}

/// The place that the engine tells; `None` where it tells none.
pub(crate) fn span_of(error: &SqlError) -> Option<Span> {
    let number = |value: u64| usize::try_from(value).unwrap_or(1);
    (error.line > 0).then(|| (number(error.line), number(error.column), number(error.length)))
}

/// The first place of a word that stands by itself.
fn find(text: &str, word: &str) -> Option<Span> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.lines().enumerate().find_map(|(number, line)| {
        let at = line.match_indices(word).map(|(at, _)| at).find(|at| {
            let before = line.get(..*at).and_then(|head| head.chars().next_back()).is_some_and(part);
            let after = line.get(at + word.len()..).and_then(|tail| tail.chars().next()).is_some_and(part);
            !before && !after
        })?;
        let column = line.get(..at).map_or(0, |head| head.chars().count()) + 1;
        Some((number + 1, column, word.chars().count()))
    })
}
