//! Bank card numbers: the check digit of Luhn, and lengths that belong to the issuers' first digits.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::number::scientific;
use super::tidy::{all_digits, capitals, check_digit_flaw, is_masked, is_scientific};

/// The digits without blanks and dashes.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let number = capitals(text, &[' ', '-']);
    if is_scientific(&number) {
        return Err(scientific());
    }
    if is_masked(&number) || number.contains('*') {
        return Err(Flaw::new("masked", "卡号被打了星号；请提供完整卡号", "the number is masked; deliver it in full"));
    }
    if !all_digits(&number) || !(13..=19).contains(&number.len()) {
        return Err(Flaw::new("form", "应为 13–19 位数字", "expected 13 to 19 digits"));
    }
    let lengths = lengths(&number).ok_or_else(|| {
        Flaw::new(
            "issuer",
            "开头几位不是银行卡的发卡行标识；请核对",
            "the first digits are those of no card issuer; check them",
        )
    })?;
    if !lengths.contains(&number.len()) {
        let (found, least, most) = (number.len(), lengths.start(), lengths.end());
        return Err(Flaw::new(
            "length",
            format!("这类卡号有 {least}–{most} 位，这里有 {found} 位"),
            format!("numbers of this issuer have {least} to {most} digits, here are {found}"),
        ));
    }
    if luhn(number.as_bytes()) { Ok(number) } else { Err(check_digit_flaw()) }
}

/// How long the numbers of the issuer are that the first digits name (ISO/IEC 7812; 9 is left to each country).
fn lengths(number: &str) -> Option<std::ops::RangeInclusive<usize>> {
    let head = |digits: usize| number.get(..digits).and_then(|head| head.parse::<u32>().ok()).unwrap_or(0);
    let lengths = match (head(1), head(2), head(4)) {
        (4, _, _) => 13..=19,
        (_, 51..=55, _) | (_, _, 2221..=2720) => 16..=16,
        (_, 34 | 37, _) => 15..=15,
        (_, _, 3528..=3589) => 16..=19,
        (_, 36 | 38 | 39, _) | (_, _, 3000..=3059) => 14..=19,
        (_, 62 | 81, _) => 16..=19,
        (_, 60 | 64 | 65, _) => 16..=19,
        (_, 50 | 56..=58 | 61 | 63 | 66..=69, _) => 13..=19,
        (9, _, _) | (_, _, 1030..=1039) => 16..=19,
        _ => return None,
    };
    Some(lengths)
}

/// From the right, every second digit is doubled and its digits are added; the sum ends in 0.
fn luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    sum % 10 == 0
}

/// The check digit that ends a number which begins so.
pub(crate) fn check_digit(body: &[u8]) -> u8 {
    let fits = |digit: &u8| luhn(&[body, &[*digit]].concat());
    (b'0'..=b'9').find(fits).unwrap_or(b'0')
}
