//! Telephone numbers: mobile, fixed with area code, 400/800, and service numbers such as 12345.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::number::scientific;
use super::tidy::{all_digits, is_masked, is_scientific, narrow};

/// The number in one form: `13800000000`, `0574-87654321`, `0574-87654321-803`, `4001234567`, `12345`.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    if is_mobile(text) || is_fixed(text) {
        return Ok(Cow::Borrowed(text));
    }
    let narrow = narrow(text);
    if is_scientific(&narrow) {
        return Err(scientific());
    }
    if is_masked(&narrow) || narrow.contains('*') {
        return Err(Flaw::new("masked", "号码被打了星号；请提供完整号码", "the number is masked; deliver it in full"));
    }
    let (main, extension) = extension(&narrow)?;
    let (national, foreign) = national(main)?;
    if let Some(number) = plain(&national, foreign, extension) {
        return Ok(if number == text { Cow::Borrowed(text) } else { Cow::Owned(number) });
    }
    Err(refuse(&narrow, &national))
}

fn is_mobile(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit))
}

/// `0574-87654321`: area code, dash, local number.
fn is_fixed(text: &str) -> bool {
    let parts = area_length(text).and_then(|length| text.split_at_checked(length));
    parts.is_some_and(|(area, rest)| all_digits(area) && rest.strip_prefix('-').is_some_and(is_local))
}

/// Seven or eight digits, the first from 2 to 9.
fn is_local(text: &str) -> bool {
    matches!(text.len(), 7 | 8) && all_digits(text) && !text.starts_with(['0', '1'])
}

/// Parts off an extension: `转803`, `ext 803`, `x803`, or a third group after area code and number.
fn extension(text: &str) -> Result<(&str, &str), Flaw> {
    let lower_marks = ["转", "分机", "ext.", "ext", "EXT", "x", "X", "#"];
    let (main, extension) = match lower_marks.iter().find_map(|mark| text.split_once(mark)) {
        Some((main, tail)) => (main.trim_end(), tail.trim_matches([' ', ':', '.', '-'])),
        None => match text.match_indices('-').collect::<Vec<_>>().as_slice() {
            [(_, _), (at, _)] if text.starts_with('0') => {
                (text.get(..*at).unwrap_or(text), text.get(at + 1..).unwrap_or("").trim())
            }
            _ => (text, ""),
        },
    };
    let fits = extension.len() <= 6 && extension.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok((main, extension)) } else { Err(form()) }
}

/// The digits without blanks, dashes, brackets and the country's code; and whether that code stood there.
fn national(text: &str) -> Result<(String, bool), Flaw> {
    let mut digits = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if at == 0 => digits.push(c),
            ' ' | '-' | '(' | ')' | '.' => {}
            '/' | ',' | ';' | '、' => return Err(several()),
            _ => return Err(form()),
        }
    }
    if let Some(rest) = digits.strip_prefix("+86").or_else(|| digits.strip_prefix("0086")) {
        return Ok((rest.to_owned(), true));
    }
    if digits.starts_with('+') || digits.starts_with("00") {
        return Err(Flaw::new(
            "foreign",
            "是境外号码；如需保存，请声明为文字",
            "is a number abroad; declare the item as text to keep it",
        ));
    }
    match digits.strip_prefix("86") {
        Some(rest) if is_mobile(rest) => Ok((rest.to_owned(), true)),
        _ => Ok((digits, false)),
    }
}

/// The one form of a number whose digits are right.
fn plain(digits: &str, after_country: bool, extension: &str) -> Option<String> {
    let with = |number: String| if extension.is_empty() { number } else { format!("{number}-{extension}") };
    if is_mobile(digits) {
        return extension.is_empty().then(|| digits.to_owned());
    }
    if let Some(rest) = digits.strip_prefix('0').filter(|rest| is_mobile(rest)) {
        return extension.is_empty().then(|| rest.to_owned());
    }
    if digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800")) {
        return Some(with(digits.to_owned()));
    }
    if is_service(digits) {
        return extension.is_empty().then(|| digits.to_owned());
    }
    let whole = if after_country && !digits.starts_with('0') { format!("0{digits}") } else { digits.to_owned() };
    let (area, local) = whole.split_at_checked(area_length(&whole)?)?;
    is_local(local).then(|| with(format!("{area}-{local}")))
}

/// 010 and 02x have three digits, 03xx to 09xx four.
fn area_length(digits: &str) -> Option<usize> {
    match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', b'0'..=b'9', ..] => Some(3),
        [b'0', b'3'..=b'9', b'0'..=b'9', ..] => Some(4),
        _ => None,
    }
}

/// 110, 12345, 95588, 962…: short numbers that are dialled as they are.
fn is_service(digits: &str) -> bool {
    match digits.len() {
        3 => digits.starts_with('1'),
        5 | 6 => digits.starts_with('1') || digits.starts_with("95") || digits.starts_with("96"),
        _ => false,
    }
}

fn refuse(text: &str, digits: &str) -> Flaw {
    let length = digits.len();
    if is_local(digits) {
        return Flaw::new(
            "no_area_code",
            "缺少区号，请写成 0574-87654321 的形式",
            "the area code is missing; write it like 0574-87654321",
        );
    }
    if length >= 18 || text.contains(['/', '、', ';', ',']) {
        return several();
    }
    if digits.starts_with('1') && (9..=13).contains(&length) {
        return Flaw::new(
            "length",
            format!("手机号码应为 11 位、以 13–19 开头，这里有 {length} 位"),
            format!("a mobile number has 11 digits and starts with 13 to 19; here are {length}"),
        );
    }
    form()
}

fn several() -> Flaw {
    Flaw::new(
        "several",
        "一格里有不止一个号码；请只留一个，或声明为文字",
        "more than one number in a cell; keep one, or declare the item as text",
    )
}

fn form() -> Flaw {
    Flaw::new(
        "form",
        "应为手机号、带区号的固定电话、400/800 号码或 12345 这样的短号",
        "expected a mobile number, a fixed one with area code, a 400/800 number, or a short one such as 12345",
    )
}
