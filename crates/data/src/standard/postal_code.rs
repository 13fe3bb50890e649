//! Postal codes (邮政编码): six digits, the first two of a region.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::tidy::{all_digits, narrow};

/// Six digits.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let code = narrow(text);
    if !all_digits(&code) || code.len() != 6 {
        let lost = code.len() == 5 && all_digits(&code);
        return Err(if lost {
            Flaw::new(
                "leading_zero",
                format!("只有 5 位，前面的 0 可能丢了；是不是“0{code}”？"),
                format!("has five digits, a leading zero may be lost; perhaps “0{code}”?"),
            )
        } else {
            Flaw::new("form", "应为 6 位数字，如 315000", "expected six digits such as 315000")
        });
    }
    let region: u8 = code.get(..2).and_then(|region| region.parse().ok()).unwrap_or(0);
    match region {
        1..=7 | 10..=16 | 20..=27 | 30..=36 | 40..=47 | 51..=58 | 61..=69 | 71..=75 | 81..=86 | 99 => Ok(code),
        _ => Err(Flaw::new("region", "前两位不是任何邮区，请核对", "the first two digits are those of no region; check them")),
    }
}
