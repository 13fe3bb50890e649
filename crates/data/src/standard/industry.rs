//! Industry codes (GB/T 4754-2017): a section's letter, or two to four digits, perhaps with the letter before them.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::tidy::narrow;
use crate::reference::industry;

/// The letter of a section, or the digits without the letter.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    if industry(text).is_some() {
        return Ok(Cow::Borrowed(text));
    }
    let code = narrow(text).to_ascii_uppercase();
    if industry(&code).is_some() {
        return Ok(Cow::Owned(code));
    }
    let (section, digits) = match code.chars().next().filter(char::is_ascii_uppercase) {
        Some(letter) => (Some(letter), code.get(1..).unwrap_or("")),
        None => (None, code.as_str()),
    };
    if !(2..=4).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Flaw::new(
            "form",
            "应为门类字母或 2–4 位数字，如 C、25、2511、C2511",
            "expected a section's letter or two to four digits, such as C, 25, 2511, C2511",
        ));
    }
    match (industry(digits), section) {
        (Some(found), Some(letter)) if !found.section.starts_with(letter) => {
            let right = found.section;
            Err(Flaw::new(
                "section",
                format!("{digits} 属于门类 {right}，不是 {letter}"),
                format!("{digits} belongs to section {right}, not {letter}"),
            ))
        }
        (Some(_), _) => Ok(Cow::Owned(digits.to_owned())),
        (None, _) => Err(Flaw::new(
            "unknown",
            "国民经济行业分类（GB/T 4754-2017）中没有这个代码；可能用了旧版，或丢了前面的 0",
            "GB/T 4754-2017 has no such code; perhaps it is of an older edition, or a leading zero was lost",
        )),
    }
}
