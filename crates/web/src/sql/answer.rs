//! What came of a statement, as the page shows it: rows, a plan, or what is wrong and where.

use askama::Template;
use desk::view::{Seen, SqlAnswer, SqlError};
use kernel::{Lang, Text};

use super::table::Table;
use crate::frame::Frame;
use crate::html::{Html, escape};

pub(crate) enum Answer {
    Rows { statement: String, table: Table, seen: Seen },
    Plan(Plan),
    Wrong(Wrong),
    Refused(Text),
}

/// How the engine would run a statement, as indented text.
pub(crate) struct Plan {
    pub logical: String,
    pub physical: String,
}

/// A statement that could not be run, with the word at fault.
pub(crate) struct Wrong {
    pub message: String,
    pub line: u64,
    pub column: u64,
    pub length: u64,
    /// The line with the word marked and carets beneath; empty when the place is unknown.
    pub excerpt: Html,
    suggestion: Option<Suggestion>,
}

impl Wrong {
    pub fn suggested(&self) -> Option<&Suggestion> {
        self.suggestion.as_ref()
    }

    pub fn pointed(&self) -> bool {
        !self.excerpt.0.is_empty()
    }
}

/// The statement as it might have been meant.
pub(crate) struct Suggestion {
    pub word: String,
    pub sql: String,
}

/// The answer alone, for the script that puts it in its place.
#[derive(Template)]
#[template(source = "{% if let Some(answer) = answer %}{% include \"sql/answer.html\" %}{% endif %}", ext = "html")]
pub(crate) struct AnswerPart {
    pub f: Frame,
    pub answer: Option<Answer>,
}

impl Answer {
    pub(crate) fn table(&self) -> Option<&Table> {
        if let Answer::Rows { table, .. } = self { Some(table) } else { None }
    }

    /// The statement that gave the rows.
    pub(crate) fn statement(&self) -> &str {
        if let Answer::Rows { statement, .. } = self { statement } else { "" }
    }

    /// Which columns the reader sees masked.
    pub(crate) fn seen(&self) -> Option<&Seen> {
        if let Answer::Rows { seen, .. } = self { Some(seen) } else { None }
    }

    pub(crate) fn planned(&self) -> Option<&Plan> {
        if let Answer::Plan(plan) = self { Some(plan) } else { None }
    }

    pub(crate) fn fault(&self) -> Option<&Wrong> {
        if let Answer::Wrong(wrong) = self { Some(wrong) } else { None }
    }

    pub(crate) fn refusal(&self) -> Option<&Text> {
        if let Answer::Refused(text) = self { Some(text) } else { None }
    }

    pub(crate) fn rows(statement: &str, found: SqlAnswer, seen: Seen) -> Answer {
        Answer::Rows { statement: statement.to_owned(), table: Table::new(found), seen }
    }

    pub(crate) fn plan(logical: String, physical: String) -> Answer {
        Answer::Plan(Plan { logical, physical })
    }

    pub(crate) fn refused(text: Text) -> Answer {
        Answer::Refused(text)
    }

    pub(crate) fn wrong(statement: &str, error: SqlError, lang: Lang) -> Answer {
        let place = Place::of(statement, &error);
        let corrected = |word: String| place.as_ref().map(|place| Suggestion { sql: place.replaced(statement, &word), word });
        Answer::Wrong(Wrong {
            message: error.message.get(lang).to_owned(),
            excerpt: place.as_ref().map(Place::excerpt).unwrap_or_default(),
            line: error.line,
            column: error.column,
            length: error.length,
            suggestion: error.suggestion.and_then(corrected),
        })
    }
}

/// A word in a line of the statement.
struct Place<'a> {
    number: usize,
    before: &'a str,
    word: &'a str,
    after: &'a str,
    /// Where the word begins in the whole statement, in bytes.
    from: usize,
}

impl<'a> Place<'a> {
    /// `None` when the error names no place, or one outside the statement.
    fn of(statement: &'a str, error: &SqlError) -> Option<Place<'a>> {
        let number = usize::try_from(error.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(error.column).ok()?.checked_sub(1)?;
        let length = usize::try_from(error.length).ok()?.max(1);
        let begin: usize = statement.split_inclusive('\n').take(number).map(str::len).sum();
        let line = statement.split_inclusive('\n').nth(number)?.trim_end_matches(['\n', '\r']);
        let byte = |chars: usize| line.char_indices().nth(chars).map_or(line.len(), |(at, _)| at);
        let (from, to) = (byte(column), byte(column.saturating_add(length)));
        Some(Place { number: number + 1, before: line.get(..from)?, word: line.get(from..to)?, after: line.get(to..)?, from: begin + from })
    }

    /// The statement with another word in this place.
    fn replaced(&self, statement: &str, word: &str) -> String {
        let (before, after) = statement.split_at(self.from.min(statement.len()));
        format!("{before}{word}{}", after.get(self.word.len()..).unwrap_or_default())
    }

    fn excerpt(&self) -> Html {
        let number = self.number.to_string();
        let beneath = blank(&format!("{number} │ {}", self.before), ' ', '\u{3000}');
        let carets = blank(if self.word.is_empty() { " " } else { self.word }, '^', '＾');
        let (before, word, after) = (escape(self.before), escape(self.word), escape(self.after));
        Html(format!("<span class=\"quiet\">{number} │ </span>{before}<mark>{word}</mark>{after}\n{beneath}<span class=\"carets\">{carets}</span>"))
    }
}

/// As wide as `text` in a fixed-width font, where Chinese characters are two columns wide.
fn blank(text: &str, narrow: char, wide: char) -> String {
    let width = |c: char| match c {
        '\t' => '\t',
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => wide,
        _ => narrow,
    };
    text.chars().map(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: u64, column: u64, length: u64, suggestion: Option<&str>) -> SqlError {
        SqlError { message: Text::new("没有这一列", "no such column"), line, column, length, suggestion: suggestion.map(str::to_owned) }
    }

    #[test]
    fn points_at_the_word_and_mends_it() {
        let statement = "SELECT *\nFROM person\nWHERE \"姓名\" = '陈' AND agge > 3";
        let Answer::Wrong(wrong) = Answer::wrong(statement, error(3, 22, 4, Some("age")), Lang::Zh) else { panic!("not wrong") };
        assert!(wrong.excerpt.0.contains("AND <mark>agge</mark> &gt; 3"), "{}", wrong.excerpt);
        assert!(wrong.excerpt.0.ends_with("<span class=\"carets\">^^^^</span>"));
        assert_eq!(wrong.suggestion.unwrap().sql, statement.replace("agge", "age"));
    }

    #[test]
    fn places_outside_the_statement_are_no_places() {
        for (line, column, length) in [(0, 0, 0), (9, 1, 1), (1, 0, 3), (u64::MAX, u64::MAX, u64::MAX)] {
            let Answer::Wrong(wrong) = Answer::wrong("SELECT 1", error(line, column, length, Some("x")), Lang::En) else { panic!("not wrong") };
            assert!(wrong.excerpt.0.is_empty() && wrong.suggestion.is_none());
        }
        let Answer::Wrong(end) = Answer::wrong("SELECT", error(1, 900, 5, None), Lang::En) else { panic!("not wrong") };
        assert!(end.excerpt.0.contains('^'));
    }
}
