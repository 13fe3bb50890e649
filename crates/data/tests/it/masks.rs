//! The laws of masks: nothing slips through, what is encrypted comes back, grades only fall by a mask.

use data::declare::{Grade, Kind, Shape};
use data::grade::InfoType;
use data::mask::{DateStep, Form, Level, Mask, MaskKeys, Masker, default_for};
use data::standard::Value;
use proptest::prelude::*;

fn keys(purpose: &str) -> MaskKeys {
    MaskKeys::derive(b"a secret of the tests, 32 bytes!", purpose).unwrap()
}

fn masker(mask: Mask) -> Masker {
    Masker::new(mask, Some(keys("test")), "Asia/Shanghai").unwrap()
}

/// What a mask leaves of a text; `null` for nothing.
fn told(mask: Mask, text: &str) -> String {
    match masker(mask).apply(&Value::Text(text.into())) {
        Value::Text(text) => text.into_owned(),
        Value::Number(number) => number.to_string(),
        _ => "null".into(),
    }
}

#[test]
fn masks_as_people_know_them() {
    let keep = |first, last, hidden| Mask::Keep { first, last, hidden };
    let place = |level| Mask::Place { level };
    for (mask, text, left) in [
        (keep(1, 0, 1), "张三", "张*"),
        (keep(1, 0, 1), "欧阳娜娜", "欧***"),
        (keep(1, 0, 1), "张", "*"),
        (keep(3, 4, 4), "13812345678", "138****5678"),
        (keep(6, 4, 8), "11010519491231002X", "110105********002X"),
        (keep(3, 4, 4), "57486", "5****"),
        (keep(3, 4, 4), "110", "***"),
        (keep(2, 2, 3), "浙B12345", "浙B***45"),
        (Mask::Email {}, "zhangsan@example.com", "z*******@example.com"),
        (Mask::Email {}, "ab@example.com", "**@example.com"),
        (Mask::Email {}, "no address", "***"),
        (Mask::Date { step: DateStep::Month }, "1985年3月14日", "1985-03"),
        (Mask::Date { step: DateStep::FiveYears }, "1989-12-31", "1985-1989"),
        (Mask::Date { step: DateStep::Year }, "十几年前", "***"),
        (place(Level::County), "330203010001", "330203"),
        (place(Level::Town), "330203010001", "330203010"),
        (place(Level::City), "330203", "330200"),
        (place(Level::Province), "33", "330000"),
        (
            place(Level::County),
            "浙江省宁波市海曙区望春街道春晓路12号3幢502室",
            "浙江省宁波市海曙区",
        ),
        (place(Level::Town), "宁波市海曙区望春街道春晓路12号3幢502室", "宁波市海曙区望春街道"),
        (place(Level::Town), "3幢502室", "***"),
        (Mask::Grid { km: 1 }, "121.554212,29.868312", "121.5598,29.8654"),
        (Mask::Grid { km: 1 }, "somewhere", "***"),
        (Mask::Band { width: 5000.0 }, "12000.50", "10000-15000"),
        (Mask::Hide {}, "任何内容", "null"),
        (Mask::Encrypt { form: Form::CitizenId }, "110105194912310021", "***"),
    ] {
        assert_eq!(told(mask, text), left, "{mask:?} {text}");
    }
    let band = |value| masker(Mask::Band { width: 0.5 }).apply(&value);
    assert_eq!(band(Value::Number(-0.2)), Value::Text("-0.5-0".into()));
    assert_eq!(band(Value::Money(149)), Value::Text("1-1.5".into()));
    assert_eq!(band(Value::Number(f64::NAN)), Value::Text("***".into()));
    assert_eq!(
        masker(Mask::Date { step: DateStep::Year }).apply(&Value::Date(5_551)),
        Value::Text("1985".into())
    );
    // Half past midnight in Ningbo is still yesterday in UTC.
    let midnight = Value::Datetime(1_767_198_600_000_000);
    assert_eq!(
        masker(Mask::Date { step: DateStep::Month }).apply(&midnight),
        Value::Text("2026-01".into())
    );
    assert_eq!(
        masker(Mask::Grid { km: 5 }).apply(&Value::Number(121.554_212)),
        Value::Number(121.5295)
    );
    assert_eq!(masker(Mask::Hash {}).apply(&Value::Null), Value::Null);
}

#[test]
fn hashes_are_equal_within_a_purpose_only() {
    let hash = |purpose, text: &'static str| {
        let masker = Masker::new(Mask::Hash {}, Some(keys(purpose)), "Asia/Shanghai").unwrap();
        masker.apply(&Value::Text(text.into()))
    };
    assert_eq!(hash("grant/1", "11010519491231002X"), hash("grant/1", "11010519491231002X"));
    assert_ne!(hash("grant/1", "11010519491231002X"), hash("grant/2", "11010519491231002X"));
    assert_ne!(hash("grant/1", "11010519491231002X"), hash("grant/1", "110105194912310021"));
    assert!(matches!(hash("grant/1", "x"), Value::Text(text) if text.len() == 32));
    assert!(MaskKeys::derive(b"too short", "x").is_none());
    assert!(Masker::new(Mask::Hash {}, None, "Asia/Shanghai").is_none());
    assert!(!format!("{:?}", keys("x")).contains(char::is_numeric));
}

/// A citizen id with its check digit.
fn citizen_id() -> impl Strategy<Value = String> {
    let place = prop::sample::select(vec!["330203", "330282", "110105", "440524", "510902"]);
    (place, 1900u32..2100, 1u32..13, 1u32..29, 0u32..1000).prop_map(|(place, year, month, day, order)| {
        let body = format!("{place}{year:04}{month:02}{day:02}{order:03}");
        let weights = [7u32, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body
            .bytes()
            .zip(weights)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
    })
}

/// A UnionPay number with the check digit of Luhn.
fn bank_card() -> impl Strategy<Value = String> {
    ("62[0-9]{13,16}").prop_map(|body| {
        let sum: u32 = body
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 })
            .map(|number| number / 10 + number % 10)
            .sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    })
}

fn values() -> impl Strategy<Value = (Form, String)> {
    prop_oneof![
        citizen_id().prop_map(|text| (Form::CitizenId, text)),
        bank_card().prop_map(|text| (Form::BankCard, text)),
        "1[3-9][0-9]{9}".prop_map(|text| (Form::Mobile, text)),
        "[A-Z甲乙]{0,3}[0-9]{6,20}(-[0-9]{1,30})?".prop_map(|text| (Form::Digits, text)),
        "[0-9A-Z]{4,30}(/[0-9A-Z]{1,9})?".prop_map(|text| (Form::Serial, text)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Encryption keeps length and alphabet, gives a value that the standard takes, and comes back under its key alone.
    /// Having an inverse, it never gives one cover to two values.
    #[test]
    fn encryption_keeps_the_form_and_comes_back((form, text) in values()) {
        let cover = form.encrypt(&keys("one"), &text).unwrap();
        let sort = |c: char| if c.is_ascii_digit() || c.is_ascii_uppercase() && form == Form::Serial { '9' } else { c };
        let end = if form == Form::CitizenId { 17 } else { text.len() };
        prop_assert_eq!(cover.chars().take(end).map(sort).collect::<String>(), text.chars().take(end).map(sort).collect::<String>());
        prop_assert_eq!(cover.len(), text.len());
        let kind = match form {
            Form::CitizenId => Some(Kind::CitizenId),
            Form::BankCard => Some(Kind::BankCard),
            Form::Mobile => Some(Kind::Phone),
            _ => None,
        };
        if let Some(kind) = kind {
            let checked = crate::standards::builtin(kind);
            prop_assert!(checked.check(&cover).is_ok(), "{}", cover);
        }
        prop_assert_eq!(form.decrypt(&keys("one"), &cover).unwrap(), text.clone());
        // The other way round it is a bijection too: every value is some value's cover.
        let back = form.decrypt(&keys("one"), &text).unwrap();
        prop_assert_eq!(form.encrypt(&keys("one"), &back).unwrap(), text.clone());
        if text.len() > 10 && form != Form::Digits && form != Form::Serial {
            prop_assert_ne!(form.encrypt(&keys("two"), &text).unwrap(), cover);
        }
    }

    /// Whatever comes in, a mask ends, and shows of a text no more than it says.
    #[test]
    fn nothing_slips_through(text in "\\PC{0,40}", first in 0u8..8, last in 0u8..8, hidden in 1u8..8) {
        let left = told(Mask::Keep { first, last, hidden }, &text);
        prop_assert_eq!(left.chars().count(), text.chars().count());
        let stars = left.chars().filter(|c| *c == '*').count();
        prop_assert!(stars >= usize::from(hidden).min(text.chars().count()));
        for form in [Form::Digits, Form::Serial, Form::CitizenId, Form::Mobile, Form::BankCard] {
            let cover = told(Mask::Encrypt { form }, &text);
            prop_assert!(cover == "***" || cover.chars().count() == text.chars().count());
        }
        for step in [DateStep::Month, DateStep::Year, DateStep::FiveYears] {
            let left = told(Mask::Date { step }, &text);
            prop_assert!(left == "***" || left.len() <= 9);
        }
        told(Mask::Place { level: Level::Town }, &text);
        told(Mask::Grid { km: 3 }, &text);
        told(Mask::Band { width: 10.0 }, &text);
    }
}

fn masks() -> Vec<Mask> {
    let mut all = vec![
        Mask::Hide {},
        Mask::Email {},
        Mask::Hash {},
        Mask::Band { width: 100.0 },
        Mask::Band { width: 0.0 },
    ];
    all.extend([(0, 0, 1), (1, 0, 1), (6, 4, 8), (17, 0, 1), (9, 9, 0)].map(|(first, last, hidden)| Mask::Keep { first, last, hidden }));
    all.extend([Form::Digits, Form::CitizenId].map(|form| Mask::Encrypt { form }));
    all.extend([DateStep::Month, DateStep::Year, DateStep::FiveYears].map(|step| Mask::Date { step }));
    all.extend([Level::Province, Level::City, Level::County, Level::Town].map(|level| Mask::Place { level }));
    all.extend([0, 1, 10].map(|km| Mask::Grid { km }));
    all
}

/// A mask never raises a grade, keeps the order of grades, and makes nothing L1 but by hiding it.
#[test]
fn grades_behind_masks() {
    for mask in masks() {
        for pair in Grade::ALL.windows(2) {
            assert!(mask.grade(pair[0]) <= mask.grade(pair[1]), "{mask:?}");
        }
        for grade in Grade::ALL {
            let after = mask.grade(grade);
            assert!(
                after <= grade && (after > Grade::L1 || grade == Grade::L1 || mask == Mask::Hide {}),
                "{mask:?} {grade:?}"
            );
            assert!(mask.is_declassifier() || after == grade, "{mask:?}");
        }
    }
    assert!(
        !Mask::Keep {
            first: 17,
            last: 0,
            hidden: 1
        }
        .is_declassifier()
    );
    assert!(
        Mask::Keep {
            first: 1,
            last: 0,
            hidden: 1
        }
        .is_declassifier()
    );
}

/// What is masked by default may be seen at a lower grade, and is a value of the column that the mask says.
#[test]
fn defaults_lower_what_they_mask() {
    for info in InfoType::ALL.into_iter().map(Some).chain([None]) {
        assert_eq!((default_for(info, Grade::L1), default_for(info, Grade::L2)), (None, None));
        for grade in [Grade::L3, Grade::L4] {
            let mask = default_for(info, grade).unwrap();
            assert!(mask.grade(grade) < grade, "{info:?} {mask:?}");
        }
    }
    for mask in masks() {
        for (value, shape) in [
            (Value::Text("11010519491231002X".into()), Shape::Text),
            (Value::Number(12.5), Shape::Number),
            (Value::Date(0), Shape::Date),
        ] {
            let left = masker(mask).apply(&value);
            let fits = match left {
                Value::Text(_) => mask.shape(shape) == Shape::Text,
                Value::Number(_) => mask.shape(shape) == Shape::Number,
                Value::Null => true,
                _ => false,
            };
            assert!(fits, "{mask:?} of {shape:?}: {left:?}");
        }
    }
}
