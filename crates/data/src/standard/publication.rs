//! Numbers of publications: ISBN (GB/T 5795) and ISSN (GB/T 9999).

use std::borrow::Cow;

use super::flaw::Flaw;
use super::number::scientific;
use super::tidy::{all_digits, capitals, check_digit_flaw, is_scientific};

/// Thirteen digits; ten places of before 2007 get 978 before them and a new check digit.
pub(super) fn isbn(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let number = capitals(text, &[' ', '-']);
    if is_scientific(&number) {
        return Err(scientific());
    }
    let number = match number.strip_prefix("ISBN") {
        Some(rest) => Cow::Owned(rest.trim_start_matches(':').to_owned()),
        None => number,
    };
    match (number.len(), number.as_bytes().split_last()) {
        (13, Some((check, body))) if all_digits(&number) => {
            if !number.starts_with("978") && !number.starts_with("979") {
                return Err(Flaw::new("prefix", "13 位书号以 978 或 979 开头", "an ISBN of 13 digits begins with 978 or 979"));
            }
            if check_13(body) == *check { Ok(number) } else { Err(check_digit_flaw()) }
        }
        (10, Some((check, body))) if body.iter().all(u8::is_ascii_digit) => {
            if check_descending(body, 10) != *check {
                return Err(check_digit_flaw());
            }
            let mut whole = format!("978{}", number.get(..9).unwrap_or(""));
            whole.push(char::from(check_13(whole.as_bytes())));
            Ok(Cow::Owned(whole))
        }
        _ => Err(Flaw::new(
            "form",
            "应为 13 位（旧 10 位）书号，如 978-7-111-12345-8",
            "expected an ISBN of 13 digits (or the old 10 places)",
        )),
    }
}

/// `1234-567X`.
pub(super) fn issn(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let number = capitals(text, &[' ', '-']);
    let number = number.strip_prefix("ISSN").unwrap_or(&number).trim_start_matches(':');
    match number.as_bytes().split_last() {
        Some((check, body)) if number.len() == 8 && body.iter().all(u8::is_ascii_digit) => {
            if check_descending(body, 8) != *check {
                return Err(check_digit_flaw());
            }
            Ok(Cow::Owned(format!("{}-{}", number.get(..4).unwrap_or(""), number.get(4..).unwrap_or(""))))
        }
        _ => Err(Flaw::new("form", "应为 8 位，如 1234-5679", "expected eight places such as 1234-5679")),
    }
}

/// Weights 1 and 3 in turn, modulo 10.
fn check_13(body: &[u8]) -> u8 {
    let weights = [1, 3].iter().cycle();
    let sum: u32 = body.iter().zip(weights).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    b'0' + ((10 - sum % 10) % 10) as u8
}

/// Weights falling from `first`, modulo 11, X for 10.
fn check_descending(body: &[u8], first: u32) -> u8 {
    let sum: u32 =
        body.iter().zip((0..=first).rev()).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    match (11 - sum % 11) % 11 {
        10 => b'X',
        check => b'0' + check as u8,
    }
}
