//! Vehicle identification numbers (车辆识别代号, GB 16735): 17 places, the ninth of them a check.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::tidy::{capitals, check_digit_flaw};

const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
const CHECK: usize = 8;

/// Seventeen capital places.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let vin = capitals(text, &[' ', '-']);
    let length = vin.chars().count();
    if length != 17 {
        return Err(Flaw::new(
            "length",
            format!("应为 17 位，这里有 {length} 位"),
            format!("expected 17 places, here are {length}"),
        ));
    }
    if let Some(odd) = vin.chars().find(|c| value(*c).is_none()) {
        return Err(Flaw::new(
            "character",
            format!("不能含有 `{odd}`；只用数字和大写字母，不用 I、O、Q"),
            format!("cannot contain `{odd}`: only digits and capitals without I, O, Q"),
        ));
    }
    let sum: u32 = vin.chars().zip(WEIGHTS).map(|(c, weight)| value(c).unwrap_or(0) * weight).sum();
    let check = if sum % 11 == 10 { b'X' } else { b'0' + (sum % 11) as u8 };
    if vin.as_bytes().get(CHECK).copied() == Some(check) { Ok(vin) } else { Err(check_digit_flaw()) }
}

fn value(c: char) -> Option<u32> {
    let letter = |first: char, value: u32| Some(u32::from(c) - u32::from(first) + value);
    match c {
        '0'..='9' => c.to_digit(10),
        'A'..='H' => letter('A', 1),
        'J'..='N' => letter('J', 1),
        'P' => Some(7),
        'R' => Some(9),
        'S'..='Z' => letter('S', 2),
        _ => None,
    }
}
