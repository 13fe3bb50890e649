//! What is wrong in a declaration, where, what was expected, and the nearest right name.

use std::fmt::Write;

use kernel::{Lang, Text};
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Severity::Error, Lang::Zh) => "错误",
            (Severity::Error, Lang::En) => "error",
            (Severity::Warning, Lang::Zh) => "警告",
            (Severity::Warning, Lang::En) => "warning",
        }
    }
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

impl Diagnostic {
    /// The mistake as a terminal shows it: message, place, the line with the word underlined, help.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = format!("{}: {}\n", self.severity.word(lang), self.message.get(lang));
        if self.line == 0 {
            put(&mut out, format_args!("  --> {}\n", self.file));
        } else {
            self.render_line(&mut out);
        }
        let gutter = " ".repeat(self.gutter());
        if let Some(help) = &self.help {
            let word = if lang == Lang::Zh { "提示" } else { "help" };
            let mut lines = help.get(lang).lines();
            put(&mut out, format_args!("{gutter} = {word}: {}\n", lines.next().unwrap_or_default()));
            for line in lines {
                put(&mut out, format_args!("{gutter}   {line}\n"));
            }
        }
        if let Some(name) = &self.suggestion {
            let ask = match lang {
                Lang::Zh => format!("你是不是想写 `{name}`？"),
                Lang::En => format!("did you mean `{name}`?"),
            };
            put(&mut out, format_args!("{gutter} = {ask}\n"));
        }
        out
    }

    fn render_line(&self, out: &mut String) {
        let gutter = " ".repeat(self.gutter());
        let (shown, before, marked) = self.window();
        put(out, format_args!("{gutter}--> {}:{}:{}\n{gutter} |\n", self.file, self.line, self.column));
        put(out, format_args!("{} | {shown}\n", self.line));
        put(out, format_args!("{gutter} | {}{}\n", " ".repeat(before), "^".repeat(marked.max(1))));
    }

    /// Width of the line number's column.
    fn gutter(&self) -> usize {
        self.line.max(1).to_string().len()
    }

    /// The part of the line worth showing, and where in it (in terminal columns) the word stands.
    fn window(&self) -> (String, usize, usize) {
        const WIDEST: usize = 160;
        let start = self.column.saturating_sub(1);
        let skip = if start > WIDEST / 2 { start - WIDEST / 4 } else { 0 };
        let tidy = |c: char| if c.is_control() { ' ' } else { c };
        let mut shown: String = if skip > 0 { "…".to_owned() } else { String::new() };
        shown.extend(self.excerpt.chars().skip(skip).take(WIDEST).map(tidy));
        let lead = usize::from(skip > 0);
        let before = shown.chars().take(lead + start - skip).map(width).sum();
        let marked = shown.chars().skip(lead + start - skip).take(self.length).map(width).sum();
        if self.excerpt.chars().count() > skip + WIDEST {
            shown.push('…');
        }
        (shown, before, marked)
    }
}

/// Writing into a `String` cannot fail.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// Columns a character takes in a terminal: 2 for wide East Asian ones, 0 for combining marks, else 1.
pub fn width(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F | 0xFEFF => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0x33FF
        | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xA000..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F900..=0x1F9FF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_the_word_after_wide_characters() {
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            file: "city.toml".into(),
            line: 12,
            column: 7,
            excerpt: "标题 = \"宁波\"".into(),
            length: 2,
            message: Text::new("写错了", "wrong"),
            help: Some(Text::new("改", "change it")),
            suggestion: Some("明州".into()),
        };
        let shown = diagnostic.render(Lang::Zh);
        let expected = "错误: 写错了\n  --> city.toml:12:7\n   |\n12 | 标题 = \"宁波\"\n   |         ^^^^\n   = 提示: 改\n   = 你是不是想写 `明州`？\n";
        assert_eq!(shown, expected);
        assert!(diagnostic.render(Lang::En).contains("did you mean `明州`?"));
    }
}
