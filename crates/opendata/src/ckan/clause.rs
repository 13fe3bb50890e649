//! Words of a query: brackets, operators, fields, terms, phrases, ranges.

use super::query::Syntax;

/// Longest query, in characters.
const CHARS_MAX: usize = 10_000;
/// Most words of one.
const TOKENS_MAX: usize = 2_000;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    And,
    Or,
    /// `+`
    Must,
    /// `-`, `!`, `NOT`
    Not,
    /// `name:`
    Field(String),
    /// With `*` and `?` as they stand.
    Term(String),
    Phrase(String),
    /// From, to, and whether each end belongs to it; `*` is no end.
    Range { from: String, to: String, closed: [bool; 2] },
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Syntax> {
    let chars: Vec<char> = text.chars().take(CHARS_MAX + 1).collect();
    if chars.len() > CHARS_MAX {
        return Err(Syntax::new("the query is too long"));
    }
    let (mut at, mut found) = (0, Vec::new());
    while let Some(&c) = chars.get(at) {
        if found.len() >= TOKENS_MAX {
            return Err(Syntax::new("the query has too many words"));
        }
        at += 1;
        match c {
            _ if c.is_whitespace() => {}
            '(' => found.push(Token::Open),
            ')' => {
                found.push(Token::Close);
                at = boost(&chars, at);
            }
            '+' => found.push(Token::Must),
            '-' | '!' => found.push(Token::Not),
            '&' if chars.get(at) == Some(&'&') => {
                at += 1;
                found.push(Token::And);
            }
            '|' if chars.get(at) == Some(&'|') => {
                at += 1;
                found.push(Token::Or);
            }
            '"' => {
                let (phrase, next) = phrase(&chars, at)?;
                found.push(Token::Phrase(phrase));
                at = boost(&chars, next);
            }
            '[' | '{' => {
                let (range, next) = range(&chars, at, c == '[')?;
                found.push(range);
                at = boost(&chars, next);
            }
            ']' | '}' | ':' | '^' | '~' => return Err(Syntax::new(format!("`{c}` stands where no such sign may"))),
            _ => {
                let (token, next) = word(&chars, at - 1);
                found.push(token);
                at = next;
            }
        }
    }
    Ok(found)
}

/// What follows a clause and only weighs it: `^2`, `~1`.
fn boost(chars: &[char], mut at: usize) -> usize {
    while matches!(chars.get(at), Some('^' | '~')) {
        at += 1;
        while chars.get(at).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
            at += 1;
        }
    }
    at
}

fn phrase(chars: &[char], mut at: usize) -> Result<(String, usize), Syntax> {
    let mut text = String::new();
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '"' => return Ok((text, at)),
            '\\' => {
                text.extend(chars.get(at));
                at += 1;
            }
            c => text.push(c),
        }
    }
    Err(Syntax::new("a quotation mark is not closed"))
}

/// `[a TO b]`, `{a TO b}`, and mixed.
fn range(chars: &[char], mut at: usize, closed: bool) -> Result<(Token, usize), Syntax> {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            ']' | '}' => {
                parts.extend(Some(part).filter(|part| !part.is_empty()));
                return match <[String; 3]>::try_from(parts) {
                    Ok([from, to, end]) if to == "TO" => Ok((Token::Range { from, to: end, closed: [closed, c == ']'] }, at)),
                    _ => Err(Syntax::new("a range is `[from TO to]`")),
                };
            }
            '"' => {
                let (text, next) = phrase(chars, at)?;
                parts.push(text);
                at = next;
            }
            c if c.is_whitespace() => parts.extend(Some(std::mem::take(&mut part)).filter(|part| !part.is_empty())),
            '\\' => {
                part.extend(chars.get(at));
                at += 1;
            }
            c => part.push(c),
        }
        if parts.len() > 3 {
            break;
        }
    }
    Err(Syntax::new("a range is not closed"))
}

/// A word, an operator, or the name of a field, which a colon ends.
fn word(chars: &[char], from: usize) -> (Token, usize) {
    let (mut at, mut text, mut escaped) = (from, String::new(), false);
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => {
                text.extend(chars.get(at + 1));
                escaped = true;
                at += 2;
                continue;
            }
            ':' => return (Token::Field(text), at + 1),
            c if c.is_whitespace() || matches!(c, '(' | ')' | '"' | '[' | ']' | '{' | '}') => break,
            '^' | '~' => {
                let next = boost(chars, at);
                return (Token::Term(text), next);
            }
            c => text.push(c),
        }
        at += 1;
    }
    let token = match text.as_str() {
        "AND" if !escaped => Token::And,
        "OR" if !escaped => Token::Or,
        "NOT" if !escaped => Token::Not,
        _ => Token::Term(text),
    };
    (token, at)
}
