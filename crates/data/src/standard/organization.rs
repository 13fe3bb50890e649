//! Codes of organisations older than the unified one: organisation codes (组织机构代码, GB 11714) and
//! registration numbers of enterprises (工商注册号, 15 digits).

use std::borrow::Cow;

use super::flaw::Flaw;
use super::number::scientific;
use super::tidy::{all_digits, capitals, check_digit_flaw, is_scientific};
use super::uscc::inner_check_place;

/// Nine places; the dash before the last one is dropped.
pub(super) fn code(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let code = capitals(text, &[' ', '-']);
    let bytes = code.as_bytes();
    let fits = bytes.len() == 9
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(|last| last.is_ascii_digit() || *last == b'X');
    if !fits {
        return Err(match bytes.len() {
            18 => Flaw::new(
                "uscc",
                "是 18 位统一社会信用代码；请用数据元 `uscc`",
                "is a unified social credit code of 18 places; use the standard `uscc`",
            ),
            _ => Flaw::new(
                "form",
                "应为 8 位数字或大写字母加一位校验码，如 12345678-8",
                "expected eight digits or capitals and a check digit, such as 12345678-8",
            ),
        });
    }
    if bytes.last().copied() == Some(inner_check_place(bytes)) { Ok(code) } else { Err(check_digit_flaw()) }
}

/// Fifteen digits: six of the registering office, eight in order, one of check (ISO 7064, MOD 11,10).
pub(super) fn registration(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let number = capitals(text, &[' ', '-']);
    if is_scientific(&number) {
        return Err(scientific());
    }
    if number.len() != 15 || !all_digits(&number) {
        return Err(Flaw::new(
            "form",
            "应为 15 位数字；13 位的更旧注册号没有校验码，请声明为文字",
            "expected 15 digits; older numbers of 13 digits have no check digit, declare the item as text",
        ));
    }
    match number.as_bytes().split_last() {
        Some((check, body)) if mod_11_10(body) == *check => Ok(number),
        _ => Err(check_digit_flaw()),
    }
}

fn mod_11_10(body: &[u8]) -> u8 {
    let product = body.iter().fold(10, |product, digit| {
        let sum = (product + u32::from(digit.wrapping_sub(b'0'))) % 10;
        let rest = if sum == 0 { 10 } else { sum };
        rest * 2 % 11
    });
    b'0' + ((11 - product) % 10) as u8
}
