//! The text of an expression: read by the engine's own parser within bounds, with the place of each word.

use std::ops::Range;

use kernel::Moment;
use sqlparser::ast::{Expr, Spanned};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, Tokenizer};

use super::parse::Reader;
use super::tree::{Expression, Fault};
use super::write::Scene;

/// The longest expression, in bytes.
const LONGEST: usize = 4_000;
/// Most words and signs: chains of operators are as deep as they are long.
const WORDS: usize = 400;
const DEPTH: usize = 48;
/// The engine takes no statement with more levels of brackets than a few above this.
const BRACKETS: usize = 50;

impl Reader<'_> {
    pub(super) fn read(&self) -> Result<Expr, Fault> {
        let whole = 0..self.text.len();
        if self.text.trim().is_empty() {
            return Err(Fault::new(whole, "表达式是空的", "the expression is empty"));
        }
        if self.text.len() > LONGEST {
            return Err(Fault::new(
                whole,
                format!("表达式太长，最多 {LONGEST} 字节"),
                format!("the expression is too long; at most {LONGEST} bytes"),
            ));
        }
        let tokens = Tokenizer::new(&GenericDialect {}, self.text)
            .tokenize_with_location()
            .map_err(|error| {
                let at = self.offset(error.location);
                self.syntax(at..self.text.len(), &error.message)
            })?;
        let wide = tokens
            .iter()
            .find(|token| matches!(&token.token, Token::Char(c) if "，。；：（）“”‘’＝＞＜＋－＊／".contains(*c)));
        if let Some(token) = wide {
            let (span, sign) = (self.span(token.span), token.token.to_string());
            return Err(Fault::new(
                span,
                format!("`{sign}` 是全角符号，请改用半角"),
                format!("`{sign}` is a full-width sign, use the ASCII one"),
            ));
        }
        if tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count() > WORDS {
            return Err(Fault::new(
                whole,
                format!("表达式太复杂，最多 {WORDS} 个词"),
                format!("the expression is too complex; at most {WORDS} words"),
            ));
        }
        let dialect = GenericDialect {};
        let mut parser = Parser::new(&dialect).with_recursion_limit(DEPTH).with_tokens_with_locations(tokens);
        let tree = parser.parse_expr().map_err(|error| self.stumbled(&error))?;
        let next = parser.peek_token();
        if next.token != Token::EOF {
            let span = self.span(next.span);
            return Err(Fault::new(
                span,
                format!("表达式应在此结束，后面多了 {}", next.token),
                format!("the expression should end here; {} is too much", next.token),
            ));
        }
        Ok(tree)
    }

    /// The parser's own message: `Expected: an expression, found: EOF at Line: 1, Column: 9`.
    fn stumbled(&self, error: &ParserError) -> Fault {
        let message = match error {
            ParserError::RecursionLimitExceeded => return too_deep(self.text),
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => text,
        };
        let (body, place) = message.rsplit_once(" at Line: ").unwrap_or((message, ""));
        let (line, column) = place.split_once(", Column: ").unwrap_or(("0", "0"));
        let digits = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
        let at = match digits(line) {
            0 => self.text.len(),
            line => self.offset(Location {
                line,
                column: digits(column),
            }),
        };
        let word = self
            .text
            .get(at..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .map(char::len_utf8)
            .sum::<usize>();
        self.syntax(at..(at + word.max(1)).min(self.text.len()), body)
    }

    fn syntax(&self, span: Range<usize>, body: &str) -> Fault {
        match body.split_once("Expected: ").and_then(|(_, rest)| rest.split_once(", found: ")) {
            Some((_, "EOF")) => Fault::new(span, "表达式没有写完", "the expression ends early"),
            Some((wanted, found)) => Fault::new(
                span,
                format!("语法错误：此处不应是 {found}"),
                format!("syntax error: expected {wanted}, found {found}"),
            ),
            None if body.contains("Unterminated") => Fault::new(span, "引号没有配对", "a quotation mark is not closed"),
            None => Fault::new(span, format!("语法错误：{body}"), format!("syntax error: {body}")),
        }
    }

    pub(super) fn place(&self, tree: &Expr) -> Range<usize> {
        self.span(tree.span())
    }

    pub(super) fn span(&self, span: Span) -> Range<usize> {
        if span.start.line == 0 {
            return 0..self.text.len();
        }
        let start = self.offset(span.start);
        start..self.offset(span.end).max(start)
    }

    /// The byte at a line and column, both 1-based and the column in characters.
    fn offset(&self, location: Location) -> usize {
        let mut start = 0;
        for _ in 1..location.line {
            start += self.text.get(start..).and_then(|rest| rest.find('\n')).map_or(0, |at| at + 1);
        }
        let line = self.text.get(start..).unwrap_or_default();
        let before = usize::try_from(location.column.saturating_sub(1)).unwrap_or(usize::MAX);
        start + line.char_indices().nth(before).map_or(line.len(), |(at, _)| at)
    }
}

pub(super) fn too_deep(text: &str) -> Fault {
    Fault::new(0..text.len(), "表达式嵌套太深", "the expression is nested too deeply")
}

/// Whether the engine would refuse its SQL as nested too deeply.
pub(super) fn is_deep(expression: &Expression) -> bool {
    brackets(expression) > BRACKETS
}

/// Levels of brackets in its SQL.
fn brackets(expression: &Expression) -> usize {
    let scene = Scene {
        now: Moment(0),
        zone: String::new(),
    };
    let (mut depth, mut most) = (0_usize, 0);
    for c in expression.sql("r", &scene).chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}
