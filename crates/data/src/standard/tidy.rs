//! Outer blanks off, full-width signs narrowed: what every kind does before it looks closer.

use std::borrow::Cow;

use super::flaw::Flaw;

/// The text without outer blanks, full-width ones (U+3000), byte order marks and zero-width spaces included.
pub(crate) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let plain = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_graphic());
    if plain(bytes.first()) && plain(bytes.last()) {
        return text;
    }
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}'))
}

/// The text with full-width letters, digits and signs made ASCII, and all kinds of dashes made `-`.
pub(super) fn narrow(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(narrow_char).collect()) }
}

fn narrow_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ => c,
    }
}

/// Whether Excel or a program turned a long number into `3.30203E+17`.
pub(super) fn is_scientific(text: &str) -> bool {
    let Some((head, tail)) = text.split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(tail.trim_start_matches(['+', '-'])) && digits(&head.replacen('.', "", 1)) && head.len() > 1
}

/// All bytes are ASCII digits, and there is at least one.
pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether part of the value was masked, as in `138****1234`.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains("**") || text.contains("××") || text.contains("＊＊") || text.to_ascii_lowercase().contains("xxx")
}

/// Narrow capitals without the signs that only part groups.
pub(super) fn capitals<'t>(text: &'t str, drop: &[char]) -> Cow<'t, str> {
    let plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(narrow(text).chars().filter(|c| !drop.contains(c)).map(|c| c.to_ascii_uppercase()).collect())
}

/// The flaw of a number whose check digit does not fit.
pub(super) fn check_digit_flaw() -> Flaw {
    Flaw::new(
        "check_digit",
        "校验码不对，有一位写错了；请对照原件核对",
        "the check digit does not fit: one of the places is wrong; compare with the original",
    )
}
