//! Percentages: `12.5%` and `12.5` are 12.5, `3‰` is 0.3. A share such as 0.125 is not known from a percentage.

use super::flaw::Flaw;
use super::number::number;
use super::tidy::narrow;

/// The number of percent.
pub(super) fn read(text: &str) -> Result<f64, Flaw> {
    let narrow = narrow(text);
    let (digits, scale) = match (narrow.strip_suffix('%'), narrow.strip_suffix('‰'), narrow.strip_prefix("百分之")) {
        (Some(digits), ..) => (digits, 1.0),
        (_, Some(digits), _) => (digits, 10.0),
        (.., Some(digits)) => (digits, 1.0),
        _ => (narrow.as_ref(), 1.0),
    };
    Ok(number(digits.trim_end())? / scale)
}
