//! Money in yuan, exact to fen; never through a floating-point number.

use super::flaw::Flaw;
use super::number::{plain, scientific};
use super::tidy::{is_scientific, narrow};

/// Decimal128(18, 2) holds sixteen digits before the point.
const LARGEST: i128 = 999_999_999_999_999_999;

/// The amount in fen: `¥1,234.50`, `1234.5元`, `12.3万元`, `(500.00)` for minus 500.
pub(super) fn fen(text: &str) -> Result<i128, Flaw> {
    if let Some(fen) = quick(text) {
        return Ok(fen);
    }
    let narrow = narrow(text);
    let (rest, minus) = sign(&narrow);
    let (number, power) = unit(rest);
    let number = plain(number)?;
    if is_scientific(&number) {
        return Err(scientific());
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(form());
    }
    let exact = fraction.trim_end_matches('0');
    let places = power + 2;
    if exact.len() > places {
        return Err(Flaw::new(
            "fraction",
            "金额只能精确到分，小数位太多",
            "money is exact to fen; this has too many decimals",
        ));
    }
    let too_large = || Flaw::new("too_large", "金额太大，请核对单位", "the amount is too large; check its unit");
    let mut amount: i128 = 0;
    let zeros = std::iter::repeat_n(b'0', places - exact.len());
    for digit in whole.bytes().chain(exact.bytes()).chain(zeros) {
        amount = amount * 10 + i128::from(digit - b'0');
        if amount > LARGEST {
            return Err(too_large());
        }
    }
    Ok(if minus { -amount } else { amount })
}

/// Plain digits with at most two decimals: most of what arrives.
fn quick(text: &str) -> Option<i128> {
    if text.len() > 17 {
        return None;
    }
    let bytes = text.as_bytes();
    let (minus, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    let mut amount: i64 = 0;
    let mut places = None;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                amount = amount * 10 + i64::from(byte - b'0');
                places = places.map(|n| n + 1);
            }
            b'.' if places.is_none() => places = Some(0),
            _ => return None,
        }
    }
    let scale = match places {
        None if !digits.is_empty() => 100,
        Some(1) if digits.len() > 2 => 10,
        Some(2) if digits.len() > 3 => 1,
        _ => return None,
    };
    let fen = i128::from(amount) * scale;
    (fen <= LARGEST).then_some(if minus { -fen } else { fen })
}

/// Takes off currency signs, a sign, and the brackets that bookkeepers put around a negative amount.
fn sign(text: &str) -> (&str, bool) {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (after_currency(inner), true);
    }
    let rest = after_currency(text);
    match rest.strip_prefix('-') {
        Some(rest) => (after_currency(rest), true),
        None => (after_currency(rest.strip_prefix('+').unwrap_or(rest)), false),
    }
}

/// What follows `¥`, `RMB`, `人民币` and the like.
fn after_currency(text: &str) -> &str {
    let rest = text.trim_start();
    let words = ["人民币", "RMB", "CNY", "rmb", "cny"];
    let rest = words.iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    rest.trim_start_matches(['¥', '￥', ':', ' '])
}

/// Takes off the unit; answers with the power of ten it stands for.
fn unit(text: &str) -> (&str, usize) {
    let text = text.trim_end();
    let text = text.strip_suffix("人民币").unwrap_or(text);
    let text = text.strip_suffix(['元', '圆']).unwrap_or(text).trim_end();
    for (word, power) in [("万亿", 12), ("亿", 8), ("千万", 7), ("百万", 6), ("万", 4), ("千", 3)] {
        if let Some(number) = text.strip_suffix(word) {
            return (number.trim_end(), power);
        }
    }
    (text, 0)
}

fn form() -> Flaw {
    Flaw::new(
        "form",
        "应为金额，如 1234.50、¥1,234.50 或 12.3万元",
        "expected an amount such as 1234.50, ¥1,234.50 or 12.3万元",
    )
}
