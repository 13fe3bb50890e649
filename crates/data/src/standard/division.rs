//! Division codes (GB/T 2260 to the county, then towns and villages): 2, 4, 6, 9 or 12 digits, in force or not.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::tidy::{all_digits, narrow};
use super::calendar;
use crate::reference::{self, Division};

/// The code as found; the county, city or province in it exists or once existed.
pub(crate) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let code = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(narrow(text).into_owned()) };
    if !all_digits(&code) || !matches!(code.len(), 2 | 4 | 6 | 9 | 12) {
        return Err(Flaw::new(
            "form",
            "应为 2、4、6、9 或 12 位数字，如 330203",
            "expected 2, 4, 6, 9 or 12 digits such as 330203",
        ));
    }
    if stays(&code).is_empty() {
        return Err(Flaw::new(
            "unknown",
            "没有这个行政区划代码（GB/T 2260），请核对前六位",
            "there is no such division code (GB/T 2260); check the first six digits",
        ));
    }
    Ok(code)
}

/// Whether a known code is in force today.
pub(super) fn in_force(code: &str) -> Result<(), Flaw> {
    match stays(code) {
        [.., last] if !last.in_force() => Err(abolished(last)),
        _ => Ok(()),
    }
}

/// Whether a known code was in force on a day (since 1970-01-01).
pub(super) fn in_force_on(code: &str, day: i32) -> Result<(), Flaw> {
    let date = calendar::show(day);
    let month = date.get(..7).unwrap_or("");
    let all = stays(code);
    if all.iter().any(|division| division.in_force_in(month)) {
        return Ok(());
    }
    match all.iter().rev().find(|division| !division.in_force() && division.until < month) {
        Some(last) => Err(abolished(last)),
        None => {
            let (name, since) = all.first().map_or(("", ""), |first| (first.name, first.since));
            Err(Flaw::new(
                "not_yet",
                format!("在 {date} 还没有这个代码：{name}自 {since} 起使用"),
                format!("the code did not exist on {date}: {name} has borne it since {since}"),
            ))
        }
    }
}

fn abolished(division: &Division) -> Flaw {
    let named = |found: &[&Division]| found.iter().map(|d| format!("{} {}", d.code, d.name)).collect::<Vec<_>>();
    let heirs = named(&division.heirs());
    let (name, until) = (division.name, division.until);
    let (zh, en) = match heirs.as_slice() {
        [] => ("；请查现行代码".to_owned(), "; look up the present code".to_owned()),
        heirs => (format!("；现为 {}", heirs.join("、")), format!("; it is now {}", heirs.join(" or "))),
    };
    Flaw::new(
        "abolished",
        format!("{name}的代码在 {until} 之后已撤销{zh}"),
        format!("the code of {name} was abolished after {until}{en}"),
    )
}

fn stays(code: &str) -> &'static [Division] {
    match code.len() {
        2 => reference::stays(&format!("{code}0000")),
        4 => reference::stays(&format!("{code}00")),
        _ => reference::stays(code.get(..6).unwrap_or("")),
    }
}
