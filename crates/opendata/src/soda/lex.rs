//! Words, texts, numbers and signs of a clause.

use super::SodaError;

/// A part of a clause.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or a word of the language; whether it stood in backticks, and so is a name for sure.
    Word(String, bool),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Longer ones first, so that `<=` is not `<` and `=`.
const SIGNS: [&str; 17] = ["<=", ">=", "<>", "!=", "==", "||", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")", ","];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SodaError> {
    let mut rest = text.trim_start();
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '\'' => quoted(rest, '\'').map(|(text, after)| (Token::Text(text), after)).ok_or_else(|| open("'"))?,
            '"' => quoted(rest, '"').map(|(text, after)| (Token::Text(text), after)).ok_or_else(|| open("\""))?,
            '`' => quoted(rest, '`').map(|(text, after)| (Token::Word(text, true), after)).ok_or_else(|| open("`"))?,
            '0'..='9' | '.' => number(rest)?,
            letter if is_letter(letter) || matches!(letter, ':' | '@') => {
                let end = rest.char_indices().skip(1).find(|(_, letter)| !is_letter(*letter) && !letter.is_ascii_digit()).map_or(rest.len(), |(at, _)| at);
                let (word, after) = rest.split_at(end);
                (Token::Word(word.to_owned(), false), after)
            }
            other => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let sign = sign.ok_or_else(|| SodaError::compile(format!("不认识的符号 {other}"), format!("{other} means nothing here")))?;
                (Token::Sign(sign), rest.strip_prefix(sign).unwrap_or_default())
            }
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn is_letter(letter: char) -> bool {
    letter == '_' || letter.is_alphabetic()
}

fn open(sign: &str) -> SodaError {
    SodaError::compile(format!("{sign} 没有成对"), format!("{sign} is not closed"))
}

/// What stands between two marks, of which two together are one in the text; and the rest.
fn quoted(text: &str, mark: char) -> Option<(String, &str)> {
    let mut inner = String::new();
    let mut rest = text.strip_prefix(mark)?;
    loop {
        let (before, after) = rest.split_once(mark)?;
        inner.push_str(before);
        match after.strip_prefix(mark) {
            Some(further) => {
                inner.push(mark);
                rest = further;
            }
            None => return Some((inner, after)),
        }
    }
}

fn number(text: &str) -> Result<(Token, &str), SodaError> {
    let digits = |text: &str| text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let mut end = digits(text);
    let tail = |at: usize| text.get(at..).unwrap_or_default();
    if tail(end).starts_with('.') {
        end += 1 + digits(tail(end + 1));
    }
    if let Some(exponent) = tail(end).strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        let places = digits(exponent.get(sign..).unwrap_or_default());
        if places > 0 {
            end += 1 + sign + places;
        }
    }
    let (number, after) = text.split_at(end);
    match number.len() <= 40 && number.parse::<f64>().is_ok_and(f64::is_finite) {
        true => Ok((Token::Number(number.to_owned()), after)),
        false => Err(SodaError::compile(format!("{number} 不是数"), format!("{number} is no number"))),
    }
}
