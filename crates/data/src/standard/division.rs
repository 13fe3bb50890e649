//! Division codes (GB/T 2260 to the county, then towns and villages): 2, 4, 6, 9 or 12 digits.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::tidy::{all_digits, narrow};
use crate::reference::division;

/// The code as found; the county, city or province in it exists or once existed.
pub(crate) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let code = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(narrow(text).into_owned()) };
    if !all_digits(&code) {
        return Err(form());
    }
    let known = match code.len() {
        2 => division(&format!("{code}0000")),
        4 => division(&format!("{code}00")),
        6 | 9 | 12 => code.get(..6).and_then(division),
        _ => return Err(form()),
    };
    match known {
        Some(_) => Ok(code),
        None => Err(Flaw::new(
            "unknown",
            "没有这个行政区划代码（GB/T 2260），请核对前六位",
            "there is no such division code (GB/T 2260); check the first six digits",
        )),
    }
}

fn form() -> Flaw {
    Flaw::new("form", "应为 2、4、6、9 或 12 位数字，如 330203", "expected 2, 4, 6, 9 or 12 digits such as 330203")
}
