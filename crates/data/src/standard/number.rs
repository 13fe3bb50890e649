//! Whole and measured numbers, with thousands separators and full-width digits.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::tidy::{is_scientific, narrow};

/// A whole number; `12.0` is one too.
pub(super) fn integer(text: &str) -> Result<i64, Flaw> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let plain = plain(text)?;
    let whole = match plain.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        Some((_, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
            return Err(Flaw::new("fraction", "应为整数，不能有小数", "expected a whole number, without a fraction"));
        }
        _ => &plain,
    };
    if is_scientific(whole) {
        return Err(scientific());
    }
    whole.parse().map_err(|error: std::num::ParseIntError| match error.kind() {
        std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => Flaw::new(
            "too_large",
            "整数太大，最多 18 位；如果是编号，请声明为文字",
            "the number is too large, at most 18 digits; if it is an id, declare it as text",
        ),
        _ => form(text),
    })
}

/// A measured number, in plain or scientific notation.
pub(super) fn number(text: &str) -> Result<f64, Flaw> {
    let plain = if is_plain(text) { Cow::Borrowed(text) } else { plain(text)? };
    if !is_plain(&plain) {
        return Err(form(text));
    }
    let number: f64 = plain.parse().map_err(|_| form(text))?;
    if !number.is_finite() {
        return Err(Flaw::new("too_large", "数值太大", "the number is too large"));
    }
    if plain.len() > 15 && loses_digits(&plain, number) {
        return Err(Flaw::new(
            "too_precise",
            "位数太多，按数值保存会丢失末尾几位；如果是编号，请声明为文字",
            "so many digits cannot be kept as a measured number; if it is an id, declare it as text",
        ));
    }
    Ok(number)
}

/// Only digits, signs, a point and an exponent: what the parser can take as it is.
fn is_plain(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    text.bytes().all(fits) && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A whole number that a float cannot hold exactly.
fn loses_digits(plain: &str, number: f64) -> bool {
    match plain.parse::<i128>() {
        Ok(exact) => number as i128 != exact,
        Err(_) => !plain.contains(['.', 'e', 'E']),
    }
}

/// ASCII digits, thousands separators removed after checking that they part groups of three.
pub(super) fn plain(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let narrow = narrow(text);
    if !narrow.contains(',') {
        return match explain(&narrow) {
            Some(flaw) => Err(flaw),
            None => Ok(narrow),
        };
    }
    let (whole, fraction) = narrow.split_once('.').unwrap_or((&narrow, ""));
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()) && digits(group));
    if !first || !groups.all(|group| group.len() == 3 && digits(group)) || fraction.contains(',') {
        return Err(Flaw::new(
            "separator",
            "逗号只能作千位分隔符（每三位一个）；小数点请用 `.`",
            "a comma may only separate groups of three digits; write the decimal point as `.`",
        ));
    }
    Ok(Cow::Owned(narrow.replace(',', "")))
}

/// The commoner reasons why a text is no number.
fn explain(text: &str) -> Option<Flaw> {
    if text.ends_with('%') || text.ends_with('‰') {
        return Some(Flaw::new(
            "percent",
            "带有百分号；请去掉百分号，并在单位中声明 `%`",
            "has a percent sign; remove it and declare `%` as the unit",
        ));
    }
    if text.starts_with(['<', '>', '≤', '≥']) {
        return Some(Flaw::new(
            "comparison",
            "带有大于号或小于号（如检出限）；请给出数值，或声明为文字",
            "has a comparison sign (such as a detection limit); give the value, or declare the item as text",
        ));
    }
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || matches!(c, '/' | '³' | '²' | '°' | '℃' | ' '));
    if number.len() < text.len() && !is_scientific(text) && number.ends_with(|c: char| c.is_ascii_digit()) {
        let unit = text.get(number.len()..).unwrap_or("").trim();
        return Some(Flaw::new(
            "unit",
            format!("数字后带有 `{unit}`；请只给数字，单位另行声明"),
            format!("has `{unit}` after the number; give the number alone and declare the unit"),
        ));
    }
    None
}

fn form(text: &str) -> Flaw {
    if text.chars().filter(|c| *c == '.').count() > 1 {
        return Flaw::new(
            "form",
            "应为数字，这里有不止一个小数点",
            "expected a number; this has more than one decimal point",
        );
    }
    Flaw::new("form", "应为数字，如 1234.5 或 1,234.5", "expected a number such as 1234.5 or 1,234.5")
}

pub(super) fn scientific() -> Flaw {
    Flaw::new(
        "scientific",
        "写成了科学计数法，末尾几位可能已经丢失；请把单元格设为文本后重新导出",
        "is in scientific notation, its last digits may be lost; set the cells to text and export again",
    )
}
