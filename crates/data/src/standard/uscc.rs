//! Unified social credit codes (统一社会信用代码, GB 32100-2015): 18 places with two independent checks.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::number::scientific;
use super::tidy::{is_masked, is_scientific, narrow};

/// Digits and letters without I, O, S, V, Z; a place's value is its position here.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Registering authorities: staffing, foreign affairs … market supervision, the army, agriculture, others.
const AUTHORITIES: &[u8] = b"123456789ANY";
/// Powers of 3 modulo 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Of the organisation code inside (GB 11714).
const INNER: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// The code in 18 capital places.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    if text.len() == 18 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
        return verify(text).map(|()| Cow::Borrowed(text));
    }
    let code: String =
        narrow(text).chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
    verify(&code).map(|()| Cow::Owned(code))
}

pub(crate) fn verify(code: &str) -> Result<(), Flaw> {
    let length = if code.is_ascii() { code.len() } else { code.chars().count() };
    if length != 18 {
        return Err(wrong_length(code, length));
    }
    let bytes = code.as_bytes();
    if let Some(odd) = code.chars().find(|c| !u8::try_from(*c).is_ok_and(|byte| value(byte).is_some())) {
        return Err(Flaw::new(
            "character",
            format!("不能含有 `{odd}`；只用数字和大写字母，不用 I、O、S、V、Z（易与 1、0、5 等混淆）"),
            format!(
                "cannot contain `{odd}`: only digits and capitals without I, O, S, V, Z, which are taken for 1, 0, 5…"
            ),
        ));
    }
    if !bytes.first().is_some_and(|first| AUTHORITIES.contains(first)) {
        return Err(Flaw::new(
            "authority",
            "第 1 位不是登记管理部门代码（1–9、A、N、Y），请核对",
            "the first place is the code of no registering authority (1 to 9, A, N, Y); check it",
        ));
    }
    if !bytes.iter().skip(2).take(6).all(u8::is_ascii_digit) {
        return Err(Flaw::new(
            "division",
            "第 3 至 8 位应为数字（登记机关行政区划码）",
            "places 3 to 8 should be digits (the division of the registering office)",
        ));
    }
    if bytes.last().copied() != Some(check_place(bytes)) {
        return Err(Flaw::new(
            "check_digit",
            "校验码不对，有一位写错了；请对照证照核对",
            "the check digit does not fit: one of the places is wrong; compare with the licence",
        ));
    }
    let inner = bytes.get(8..17).unwrap_or_default();
    if inner.last().copied() != Some(inner_check_place(inner)) {
        return Err(Flaw::new(
            "inner_check_digit",
            "第 9 至 17 位（主体标识码）的校验码不对；请对照证照核对",
            "the check digit of places 9 to 17 (the organisation code) does not fit; compare with the licence",
        ));
    }
    Ok(())
}

/// A sign's position in the alphabet, reckoned and not looked for: every code asks for it 35 times.
fn value(byte: u8) -> Option<u32> {
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'H' => byte - b'A' + 10,
        b'J'..=b'N' => byte - b'J' + 18,
        b'P'..=b'R' => byte - b'P' + 23,
        b'T' | b'U' => byte - b'T' + 26,
        b'W'..=b'Y' => byte - b'W' + 28,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The eighteenth place for the seventeen before it.
pub(crate) fn check_place(code: &[u8]) -> u8 {
    let sum: u32 = code.iter().zip(WEIGHTS).map(|(byte, weight)| value(*byte).unwrap_or(0) * weight).sum();
    ALPHABET.get(((31 - sum % 31) % 31) as usize).copied().unwrap_or(b'?')
}

/// The ninth place of an organisation code for the eight before it.
pub(crate) fn inner_check_place(code: &[u8]) -> u8 {
    let value = |byte: &u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => u32::from(byte.wrapping_sub(b'0')),
    };
    let sum: u32 = code.iter().zip(INNER).map(|(byte, weight)| value(byte) * weight).sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        check => b'0' + check as u8,
    }
}

fn wrong_length(code: &str, length: usize) -> Flaw {
    if is_scientific(code) {
        return scientific();
    }
    if is_masked(code) {
        return Flaw::new(
            "masked",
            "代码被打了星号，无法核对；请提供完整代码",
            "the code is masked and cannot be checked; deliver it in full",
        );
    }
    if length == 15 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Flaw::new(
            "old_registration",
            "是 15 位的旧工商注册号；请换成 18 位统一社会信用代码",
            "is an old registration number of 15 digits; give the code of 18 places",
        );
    }
    Flaw::new("length", format!("应为 18 位，这里有 {length} 位"), format!("expected 18 places, here are {length}"))
}
