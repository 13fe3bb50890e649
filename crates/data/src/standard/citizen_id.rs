//! Citizen id numbers (公民身份号码, GB 11643-1999): 18 places with a check digit; the old 15 places are upgraded.

use std::borrow::Cow;

use super::calendar::Day;
use super::flaw::Flaw;
use super::number::scientific;
use super::tidy::{is_masked, is_scientific, narrow};
use crate::reference;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [u8; 11] = *b"10X98765432";

/// The id in 18 places, the last one a digit or `X`.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    if text.len() == 18 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'X') {
        verify(text.as_bytes())?;
        return Ok(Cow::Borrowed(text));
    }
    let id: String = narrow(text).chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    match id.len() {
        18 if digits == 18 || (digits == 17 && id.ends_with('X')) => verify(id.as_bytes()).map(|()| Cow::Owned(id)),
        15 if digits == 15 => upgrade(&id).map(Cow::Owned),
        _ => Err(form(&id)),
    }
}

/// The day of birth in a valid id, since 1970-01-01.
pub(super) fn birth(id: &str) -> Option<i32> {
    birthday(id.as_bytes()).map(Day::number)
}

fn verify(id: &[u8]) -> Result<(), Flaw> {
    let Some((check, body)) = id.split_last() else { return Err(form("")) };
    if !body.iter().all(u8::is_ascii_digit) {
        return Err(form(""));
    }
    division(id)?;
    birthday(id).ok_or_else(no_such_birthday)?;
    if check_digit(body) != *check {
        return Err(Flaw::new(
            "check_digit",
            "校验码不对，有一位写错了；请对照证件核对",
            "the check digit does not fit: one of the places is wrong; compare with the card",
        ));
    }
    Ok(())
}

/// The eighteenth place for seventeen digits.
pub(crate) fn check_digit(body: &[u8]) -> u8 {
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    CHECKS.get((sum % 11) as usize).copied().unwrap_or(b'?')
}

/// The first six digits are a division's that ever was. Residents of Hong Kong, Macau and Taiwan have one for each.
fn division(id: &[u8]) -> Result<(), Flaw> {
    let code = id.get(..6).and_then(|code| std::str::from_utf8(code).ok()).unwrap_or("");
    let known = |code: &str| !reference::stays(code).is_empty() || code == "830000";
    if known(code) {
        return Ok(());
    }
    let province = code.get(..2).is_some_and(|province| known(&format!("{province}0000")));
    Err(if province {
        Flaw::new(
            "division",
            "前六位从来不是行政区划代码（GB/T 2260），请核对",
            "the first six digits have never been a division's (GB/T 2260); check them",
        )
    } else {
        Flaw::new("province", "前两位不是省份代码，请核对", "the first two digits are no province's; check them")
    })
}

fn birthday(id: &[u8]) -> Option<Day> {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        Some(id.get(range)?.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0'))))
    };
    let year = number(6..10)?;
    Day::new(year as i32, number(10..12)?, number(12..14)?).filter(|_| (1800..=2199).contains(&year))
}

/// Fifteen places lack the century and the check digit. Orders 996 to 999 were kept for people born before 1900.
fn upgrade(id: &str) -> Result<String, Flaw> {
    let (area, rest) = id.split_at_checked(6).ok_or_else(|| form(id))?;
    let century = if matches!(id.get(12..15), Some("996" | "997" | "998" | "999")) { "18" } else { "19" };
    let mut whole = format!("{area}{century}{rest}");
    whole.push(char::from(check_digit(whole.as_bytes())));
    verify(whole.as_bytes())?;
    Ok(whole)
}

fn no_such_birthday() -> Flaw {
    Flaw::new(
        "birthday",
        "第 7 至 14 位不是一个存在的出生日期，请核对",
        "places 7 to 14 are no day of birth that exists; check them",
    )
}

fn form(id: &str) -> Flaw {
    if is_scientific(id) {
        return scientific();
    }
    if is_masked(id) {
        return Flaw::new(
            "masked",
            "号码被打了星号，无法核对；请提供完整号码",
            "the number is masked and cannot be checked; deliver it in full",
        );
    }
    let length = id.chars().count();
    if length != 18 && length != 15 && length > 0 {
        return Flaw::new(
            "length",
            format!("应为 18 位（旧号 15 位），这里有 {length} 位"),
            format!("expected 18 places (or the old 15), here are {length}"),
        );
    }
    Flaw::new("form", "应为 17 位数字加一位数字或 X", "expected 17 digits and then a digit or X")
}
