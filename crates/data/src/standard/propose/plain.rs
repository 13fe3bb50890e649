//! Texts that come out of a number as they went in.

use std::collections::{BTreeSet, HashMap};

use super::super::number;
use super::super::tidy::all_digits;

/// A whole number that comes out as it went in: no plus sign, no leading zero, fewer than twelve digits.
/// Eleven digits that begin like a mobile number are one.
pub(super) fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = all_digits(digits) && (digits == "0" || !digits.starts_with('0')) && text != "-0";
    let mobile = digits.len() == 11 && digits.starts_with('1');
    let grouped = || text.contains(',') && number::plain(text).is_ok_and(|plain| is_whole(&plain));
    (plain && digits.len() < 12 && !mobile) || grouped()
}

/// A decimal number of at most fifteen digits, without plus sign or leading zeros; small ones may have an exponent.
pub(super) fn is_decimal(text: &str) -> bool {
    if is_whole(text) {
        return true;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "-0"));
    let Some((whole, fraction)) = mantissa.split_once('.').or(Some((mantissa, "0")).filter(|_| mantissa != text))
    else {
        return text.contains(',') && number::plain(text).is_ok_and(|plain| !plain.contains(',') && is_decimal(&plain));
    };
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let right = all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'));
    let small = exponent.strip_prefix('-').is_some_and(|digits| all_digits(digits) && digits.len() <= 2);
    if text.contains(',') {
        return number::plain(text).is_ok_and(|plain| !plain.contains(',') && is_decimal(&plain));
    }
    // A float keeps any fifteen digits.
    let digits = whole.trim_start_matches('0').len() + match whole {
        "0" => fraction.trim_start_matches('0').trim_end_matches('0').len(),
        _ => fraction.trim_end_matches('0').len(),
    };
    right && small && digits <= 15
}

/// Two spellings of one number (3.1 and 3.10), as versions and section numbers have them. `12` beside `12.0` is harmless.
pub(super) fn same_number_twice<'v>(distinct: &BTreeSet<&'v str>) -> Option<(&'v str, &'v str)> {
    let mut seen: HashMap<u64, &'v str> = HashMap::new();
    for text in distinct {
        let plain = text.strip_suffix(".0").unwrap_or(text);
        let number: f64 = plain.parse().unwrap_or(0.0);
        let other = *seen.entry(number.to_bits()).or_insert(plain);
        let places = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        if other != plain && places(other) > 0 && places(plain) > 0 && places(other) != places(plain) {
            return Some((other, plain));
        }
    }
    None
}
