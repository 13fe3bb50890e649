//! Papers of travel and stay: passports, permits between the mainland and Hong Kong, Macau or Taiwan,
//! and the permanent residence card of foreigners.

use std::borrow::Cow;

use super::calendar::Day;
use super::citizen_id;
use super::flaw::Flaw;
use super::tidy::{all_digits, capitals, check_digit_flaw, is_masked};

/// Five to nine capitals and digits (ICAO Doc 9303), at least four of them digits.
pub(super) fn passport(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let number = capitals(text, &[' ', '-']);
    masked(&number)?;
    let count = number.bytes().filter(u8::is_ascii_digit).count();
    let fits = (5..=9).contains(&number.len()) && count >= 4 && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits {
        return Ok(number);
    }
    Err(Flaw::new(
        "form",
        "应为 5–9 位数字和大写字母，如 E12345678",
        "expected five to nine digits and capitals, such as E12345678",
    ))
}

/// `C`/`W` to Hong Kong and Macau, `L`/`T` to Taiwan, `H`/`M` from Hong Kong and Macau, digits only from Taiwan.
pub(super) fn permit(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let number = capitals(text, &[' ', '-', '(', ')']);
    masked(&number)?;
    let (letter, rest) = match number.split_at_checked(1) {
        Some((letter @ ("C" | "W" | "L" | "T" | "H" | "M"), rest)) => (letter, rest),
        _ => ("", number.as_ref()),
    };
    let fits = match letter {
        // Since the eight digits ran out, a letter stands in the first place.
        "C" | "L" | "W" | "T" => {
            rest.len() == 8 && rest.get(1..).is_some_and(all_digits) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        // The last two of ten count how often the permit was renewed.
        _ => matches!(rest.len(), 8 | 10) && all_digits(rest),
    };
    if fits {
        return Ok(number);
    }
    Err(Flaw::new(
        "form",
        "应为往来港澳（C、W）、往来台湾（L、T）通行证，来往内地通行证（H、M）或台胞证的号码，如 C12345678、H1234567801、12345678",
        "expected a permit to Hong Kong and Macau (C, W), to Taiwan (L, T), to the mainland (H, M), or eight digits from Taiwan",
    ))
}

/// 18 places that begin with 9 (since 2023), or three letters and twelve digits.
pub(super) fn foreigner(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let id = capitals(text, &[' ', '-']);
    masked(&id)?;
    let bytes = id.as_bytes();
    let number = |range: std::ops::Range<usize>| id.get(range).and_then(|digits| digits.parse::<u32>().ok());
    match bytes.split_last() {
        Some((check, body)) if bytes.len() == 18 && bytes.starts_with(b"9") && body.iter().all(u8::is_ascii_digit) => {
            let year = number(6..10).unwrap_or(0) as i32;
            Day::new(year, number(10..12).unwrap_or(0), number(12..14).unwrap_or(0)).ok_or_else(birthday)?;
            if citizen_id::check_digit(body) == *check { Ok(id) } else { Err(check_digit_flaw()) }
        }
        Some((check, body)) if old_form(bytes) => {
            let (month, day) = (number(9..11).unwrap_or(0), number(11..13).unwrap_or(0));
            // The century is not written: a leap year is looked for in either.
            let year = number(7..9).unwrap_or(0) as i32;
            Day::new(1900 + year, month, day).or_else(|| Day::new(2000 + year, month, day)).ok_or_else(birthday)?;
            if weighted_731(body) == *check { Ok(id) } else { Err(check_digit_flaw()) }
        }
        _ => Err(Flaw::new(
            "form",
            "应为以 9 开头的 18 位号码，或 3 个大写字母加 12 位数字的旧号码",
            "expected 18 places that begin with 9, or three capitals and twelve digits",
        )),
    }
}

fn old_form(id: &[u8]) -> bool {
    let (letters, digits) = id.split_at_checked(3).unwrap_or_default();
    id.len() == 15 && letters.iter().all(u8::is_ascii_uppercase) && digits.iter().all(u8::is_ascii_digit)
}

/// Weights 7, 3, 1 in turn, letters from 10, the sum modulo 10 (ICAO Doc 9303).
fn weighted_731(body: &[u8]) -> u8 {
    let value = |byte: &u8| if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A').wrapping_add(10) };
    let sum: u32 = body.iter().zip([7, 3, 1].iter().cycle()).map(|(byte, weight)| u32::from(value(byte)) * weight).sum();
    b'0' + (sum % 10) as u8
}

fn masked(text: &str) -> Result<(), Flaw> {
    if !is_masked(text) && !text.contains('*') {
        return Ok(());
    }
    Err(Flaw::new(
        "masked",
        "号码被打了星号，无法核对；请提供完整号码",
        "the number is masked and cannot be checked; deliver it in full",
    ))
}

fn birthday() -> Flaw {
    Flaw::new("birthday", "其中的出生日期不存在，请核对", "the day of birth in it does not exist; check it")
}
