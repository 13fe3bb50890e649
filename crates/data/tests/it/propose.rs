//! The law of proposals: a column is a number or a date only when every value comes out of it as it went in.

use std::sync::LazyLock;

use data::declare::Item;
use data::standard::{Checker, Value, propose};
use proptest::prelude::*;

/// A decimal without what does not count: separators of thousands, zeros behind the last decimal, an exponent.
fn plain(text: &str) -> String {
    let text = text.trim().replace(',', "");
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let shift: i32 = exponent.parse().unwrap();
    let point = i32::try_from(whole.len()).unwrap() + shift;
    let all = format!("{whole}{fraction}");
    let (whole, fraction) = match point {
        point if point <= 0 => ("0".to_owned(), format!("{}{all}", "0".repeat(point.unsigned_abs() as usize))),
        point if point as usize >= all.len() => (format!("{all}{}", "0".repeat(point as usize - all.len())), String::new()),
        point => (all[..point as usize].to_owned(), all[point as usize..].to_owned()),
    };
    let fraction = fraction.trim_end_matches('0');
    let sign = if whole.bytes().chain(fraction.bytes()).all(|b| b == b'0') { "" } else { sign };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Texts as columns of ids, codes, amounts, telephones, days and versions have them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0u64..100_000).prop_map(|n| n.to_string()),
        2 => (0i64..1_000_000, 0usize..4).prop_map(|(n, places)| format!("{n}.{:0places$}", n % 10i64.pow(places as u32))),
        1 => "0[0-9]{1,6}",
        1 => "[0-9]{10,22}",
        1 => "\\+86[0-9]{11}|\\+[0-9]{1,3}",
        1 => "-?[0-9]{1,3}(,[0-9]{3}){1,3}(\\.[0-9]{1,2})?",
        1 => "-?[1-9](\\.[0-9]{1,17})?[eE][+-]?[0-9]{1,3}",
        1 => "-?0\\.[0-9]{1,18}",
        1 => "20[0-9]{2}-(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9])",
        1 => "[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{1,2}-[0-9]{1,2}",
        1 => "1[3-9][0-9]{9}|[0-9]{6}|0[0-9]{2,3}-[0-9]{7,8}",
        1 => "[０-９]{1,4}|Infinity|NaN|1_000|0x1F|１２|-0|-|∞",
    ]
}

static CITY: LazyLock<Option<data::City>> = LazyLock::new(|| data::City::read(&crate::cities::folder("good")).0);

fn checker(standard: &str) -> Checker {
    let item: Item = serde_json::from_value(serde_json::json!({ "name": "x", "title": "x", "standard": standard })).unwrap();
    let city = CITY.as_ref().expect("the good city reads");
    Checker::new(city, &item).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_is_guessed_away(values in prop::collection::vec(text(), 1..6), name in "数量|x|amount|日期|编号|电话") {
        let refs: Vec<&str> = values.iter().map(String::as_str).collect();
        let proposal = propose(&name, &refs);
        let check = checker(&proposal.standard);
        for text in refs.iter().filter(|text| !proposal.nulls.iter().any(|null| null == *text)) {
            let told = |value: &str| format!("{text} as {} became {value}", proposal.standard);
            match (proposal.standard.as_str(), check.check(text)) {
                ("integer", Ok(Value::Integer(n))) => prop_assert_eq!(plain(text), n.to_string(), "{}", told(&n.to_string())),
                ("number", Ok(Value::Number(n))) => prop_assert_eq!(plain(text), plain(&format!("{n}")), "{}", told(&n.to_string())),
                ("integer" | "number" | "date" | "datetime", other) => {
                    prop_assert!(matches!(other, Ok(value) if value != Value::Null), "{text} is refused as {}", proposal.standard);
                }
                _ => {}
            }
            if matches!(proposal.standard.as_str(), "integer" | "number") {
                let digits = text.trim_start_matches('-');
                let led = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
                prop_assert!(!led && !text.starts_with('+') && digits.bytes().filter(u8::is_ascii_digit).count() <= 20, "{text}");
            }
        }
    }
}

#[test]
fn codes_telephones_and_spellings_stay_text() {
    for (name, values) in [
        ("x", &["007", "12"][..]),
        ("x", &["+86", "12"]),
        ("x", &["1e5", "2"]),
        ("x", &["1E5"]),
        ("x", &["123456789012345"]),
        ("x", &["330203199001011234"]),
        ("x", &["13800000000"]),
        ("邮政编码", &["315000"]),
        ("联系电话号", &["87654321"]),
        ("x", &["3.1", "3.10"]),
        ("x", &["1-5", "6-10"]),
        ("x", &["0574"]),
    ] {
        assert_eq!(propose(name, values).standard, "text", "{name} {values:?}");
    }
}
