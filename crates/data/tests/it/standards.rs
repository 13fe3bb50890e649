//! Values as they arrive, and what the standards make of them.

use data::City;
use data::city::SourceFile;
use data::declare::{Item, Kind};
use data::standard::coordinate::Crs;
use data::standard::{Checker, Value};
use proptest::prelude::*;

/// A city of one declared standard, and an item that follows it (or a built-in kind, `@` and its `as_of`).
fn checker(declared: &str, standard: &str) -> Checker {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
    let mut files = vec![
        file("city.toml", "title = '明州市'\ntitle_en = 'Mingzhou'\ndivision = '330200'"),
        file(
            "codes/sex.csv",
            "# 性别\nvalue,title,title_en,parent,aliases\n1,男,Male,,M|男性\n2,女,Female,,F|女性\n9,女,,,\n",
        ),
    ];
    if !declared.is_empty() {
        files.push(file("standards/own.toml", &format!("title = '本地'\ntitle_en = 'Own'\n{declared}")));
    }
    let (city, diagnostics) = City::read(&files);
    let shown: String = diagnostics.iter().map(|d| d.render(kernel::Lang::En)).collect();
    let (standard, as_of) = standard.split_once('@').map_or((standard, None), |(standard, day)| (standard, Some(day)));
    let item = serde_json::json!({ "name": "x", "title": "X", "standard": standard, "as_of": as_of });
    let item: Item = serde_json::from_value(item).unwrap();
    Checker::new(&city.expect(&shown), &item).unwrap()
}

pub fn builtin(kind: Kind) -> Checker {
    checker("", kind.name())
}

/// The value as text, or the fault's code.
fn told(checker: &Checker, text: &str) -> String {
    match checker.check(text) {
        Ok(Value::Null) => "null".into(),
        Ok(Value::Text(text)) => text.into_owned(),
        Ok(Value::Integer(number)) => number.to_string(),
        Ok(Value::Number(number)) => number.to_string(),
        Ok(Value::Money(fen)) => format!("{fen} fen"),
        Ok(Value::Boolean(flag)) => flag.to_string(),
        Ok(Value::Date(day)) => day.to_string(),
        Ok(Value::Datetime(micros)) => jiff::Timestamp::from_microsecond(micros).unwrap().to_string(),
        Err(fault) => {
            assert!(!fault.message.zh.is_empty() && !fault.message.en.is_empty() && fault.item == "x");
            fault.code
        }
    }
}

/// Every form that the standards take or refuse, one line each: kind, text, outcome.
#[test]
fn values_as_they_arrive() {
    let cases = include_str!("values.txt");
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut made: std::collections::HashMap<&str, Checker> = std::collections::HashMap::new();
    for line in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut parts = line.split(" | ");
        let (kind, text, expected) =
            (parts.next().unwrap().trim(), parts.next().unwrap(), parts.next().unwrap().trim());
        let checker = made.entry(kind).or_insert_with(|| match kind {
            "sex" => checker("kind = 'code'\ncodes = 'sex'", "own"),
            "seconds" => checker("kind = 'datetime'\nepoch = 'seconds'", "own"),
            "millis" => checker("kind = 'datetime'\nepoch = 'milliseconds'", "own"),
            "plate" => checker("kind = 'text'\npattern = '浙B[A-Z0-9]{5}'\nmax_length = 7", "own"),
            "age" => checker("kind = 'integer'\nminimum = 0\nmaximum = 150", "own"),
            "born" => checker("kind = 'date'\nearliest = '1900-01-01'\nlatest = '2026-12-31'", "own"),
            "hhmm" | "hhmmss" => checker(&format!("kind = 'time_of_day'\nclock = '{kind}'"), "own"),
            "baidu" => checker("kind = 'position'\ncrs = 'bd09'", "own"),
            "amap" => checker("kind = 'position'\ncrs = 'gcj02'", "own"),
            "zone" => checker("kind = 'position'\ncrs = 'EPSG:4549'", "own"),
            "code_of_old" => checker("", "division_code@*"),
            "adult" => checker("kind = 'citizen_id'\nlatest = '1988-01-01'", "own"),
            _ => builtin(Kind::named(kind).unwrap_or_else(|| panic!("no kind {kind}"))),
        });
        if text.starts_with("1988") && jiff::tz::TimeZone::get("Asia/Shanghai").is_err() {
            println!("SKIP: summer time of 1988 needs the zone files of tzdata");
            continue;
        }
        let text = text.trim_matches('"').replace("\\u3000", "\u{3000}");
        let found = told(checker, &text);
        count += 1;
        if found != expected {
            wrong.push(format!("{kind} | {text} | {found}   (expected {expected})"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 180, "only {count} cases were read");
}

#[test]
fn a_standard_that_is_not_there_is_a_fault() {
    let (city, _) = City::read(&crate::cities::folder("good"));
    let city = city.unwrap();
    let mut item = city.resources["bus_station"].items[1].clone();
    item.standard = "telephon".into();
    assert_eq!(Checker::new(&city, &item).unwrap_err().code, "standard.unknown");
}

/// The documentation names every kind with its titles and its norm.
#[test]
fn every_kind_is_documented() {
    let page = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/standards.md")).unwrap();
    for kind in Kind::ALL {
        let (title, norm) = (kind.title(), kind.norm());
        let row = format!("| `{}` | {} | {} | {norm} |", kind.name(), title.zh, title.en);
        assert!(page.contains(&row), "docs/standards.md lacks {row}");
        assert!(regex::Regex::new(kind.form()).is_ok());
    }
}

/// A shared checker serves many threads.
#[test]
fn checkers_can_be_shared() {
    fn shared<T: Send + Sync>(_: T) {}
    shared(builtin(Kind::Money));
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// An id by the letter of GB 11643, written again here so that the checks are not judged by themselves.
fn citizen(year: u32, month: u32, day: u32, order: u32) -> String {
    let body = format!("330203{year:04}{month:02}{day:02}{order:03}");
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
}

fn uscc(subject: [usize; 8]) -> String {
    let mut code = String::from("91330203");
    code.extend(subject.iter().map(|at| char::from(LETTERS[*at])));
    let value = |byte: u8| if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte - b'A') + 10 };
    let sum: u32 = code.bytes().skip(8).zip([3, 7, 9, 10, 5, 8, 4, 2]).map(|(byte, weight)| value(byte) * weight).sum();
    code.push_str(match 11 - sum % 11 {
        10 => "X",
        11 => "0",
        n => ["", "1", "2", "3", "4", "5", "6", "7", "8", "9"][n as usize],
    });
    let place = |byte: u8| LETTERS.iter().position(|known| *known == byte).unwrap() as u32;
    let sum: u32 = code.bytes().enumerate().map(|(n, byte)| place(byte) * (3u32.pow(n as u32) % 31)).sum();
    code.push(char::from(LETTERS[((31 - sum % 31) % 31) as usize]));
    code
}

proptest! {
    #[test]
    fn citizen_ids_pass_and_no_single_change_goes_unseen(
        year in 1900u32..2030, month in 1u32..=12, day in 1u32..=28, order in 0u32..1000, at in 0usize..18, digit in 0u8..10,
    ) {
        let checker = builtin(Kind::CitizenId);
        let id = citizen(year, month, day, order);
        prop_assert_eq!(told(&checker, &id), id.clone());
        let full_width: String = id.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
        prop_assert_eq!(told(&checker, &full_width), id.clone());
        prop_assert_eq!(told(&checker, &id.to_lowercase()), id.clone());
        let mut changed = id.clone().into_bytes();
        changed[at] = b'0' + digit;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(changed == id || checker.check(&changed).is_err(), "{changed} passed");
        if (1900..2000).contains(&year) && order < 996 {
            let old = format!("{}{}", &id[..6], &id[8..17]);
            prop_assert_eq!(told(&checker, &old), id);
        }
    }

    #[test]
    fn credit_codes_pass_and_no_single_change_goes_unseen(
        subject in prop::array::uniform8(0usize..31), at in 0usize..18, other in 0usize..31,
    ) {
        let checker = builtin(Kind::Uscc);
        let code = uscc(subject);
        prop_assert_eq!(told(&checker, &code), code.clone());
        let mut changed = code.clone().into_bytes();
        changed[at] = LETTERS[other];
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(changed == code || checker.check(&changed).is_err(), "{changed} passed");
    }

    #[test]
    fn money_is_exact_in_every_form(fen in -99_999_999_999_999_999i64..=99_999_999_999_999_999) {
        let checker = builtin(Kind::Money);
        let (minus, whole, cents) = (if fen < 0 { "-" } else { "" }, fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
        let digits = whole.to_string();
        let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
        let grouped = groups.join(",");
        let full: String = digits.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
        let ten_thousand = format!("{minus}{}.{:04}{cents:02}万元", whole / 10_000, whole % 10_000);
        let forms = [
            format!("{minus}{whole}.{cents:02}"), format!("{minus}¥{grouped}.{cents:02}"), format!("￥{minus}{whole}.{cents:02}元"),
            format!("{minus}{full}．{cents:02}"), format!("{minus}{whole}.{cents:02}00"), ten_thousand,
        ];
        for form in forms {
            prop_assert_eq!(checker.check(&form), Ok(Value::Money(i128::from(fen))), "{}", form);
        }
    }

    #[test]
    fn dates_are_the_same_day_in_every_form(number in -354_000i32..2_932_000) {
        let day = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(number)).unwrap();
        let (y, m, d) = (day.year(), day.month(), day.day());
        prop_assume!((1000..=9999).contains(&y));
        let checker = builtin(Kind::Date);
        let numeral = |n: i8| ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"][n as usize];
        let counted = |n: i8| match (n / 10, n % 10) {
            (0, ones) => numeral(ones).to_owned(),
            (tens, ones) => format!("{}十{}", if tens == 1 { "" } else { numeral(tens) }, if ones == 0 { "" } else { numeral(ones) }),
        };
        let year: String = y.to_string().bytes().map(|digit| numeral((digit - b'0') as i8)).collect();
        let mut forms = vec![
            format!("{y}-{m:02}-{d:02}"), format!("{y}/{m}/{d}"), format!("{y}{m:02}{d:02}"), format!("{y}.{m}.{d}"),
            format!("{y}年{m}月{d}日"), format!("{year}年{}月{}日", counted(m), counted(d)), format!("{y}-{m:02}-{d:02} 00:00:00"),
        ];
        if d > 12 {
            forms.push(format!("{d}/{m}/{y}"));
        }
        for form in forms {
            prop_assert_eq!(checker.check(&form), Ok(Value::Date(number)), "{}", form);
        }
    }

    /// Every kind but text and its like: what was accepted once is accepted again, unchanged, and has the kind's form.
    #[test]
    fn canonical_values_stay(line in prop::sample::select(include_str!("values.txt").lines().collect::<Vec<_>>())) {
        let parts: Vec<&str> = line.split(" | ").collect();
        if let Some(kind) = parts.first().and_then(|name| Kind::named(name)).filter(|kind| *kind != Kind::Code) {
            let checker = builtin(kind);
            if let Ok(Value::Text(once)) = checker.check(parts[1].trim_matches('"')) {
                prop_assert_eq!(told(&checker, &once), once.clone().into_owned());
                prop_assert!(regex::Regex::new(kind.form()).unwrap().is_match(&once), "{} has not the form of {}", once, kind.name());
            }
        }
    }

    /// There and back again: less than a millionth of a degree is lost, in every system.
    #[test]
    fn coordinates_survive_the_round_trip(lon in 73.5f64..135.0, lat in 4.0f64..53.5, zone in 0u32..64) {
        for name in ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:3857", &format!("EPSG:{}", 4491 + zone)] {
            let crs = Crs::named(name).unwrap();
            let Some(there) = crs.from_wgs84((lon, lat)) else { continue };
            let back = crs.to_wgs84(there).unwrap();
            prop_assert!((back.0 - lon).abs() < 1e-8 && (back.1 - lat).abs() < 1e-8, "{}: {:?}, {:?}", name, (lon, lat), back);
        }
    }

    /// What lies on the very edge of a zone finds its way back.
    #[test]
    fn the_edge_of_a_zone_is_in_it(zone in 0u32..64, side in prop::bool::ANY, lat in 4.0f64..53.5) {
        let crs = Crs::named(&format!("EPSG:{}", 4491 + zone)).unwrap();
        let width = if zone < 22 { 6 } else { 3 };
        let meridian = 75 + width * (if zone < 22 { zone % 11 } else { (zone - 22) % 21 });
        let lon = f64::from(meridian) + if side { 6.0 } else { -6.0 };
        let there = crs.from_wgs84((lon, lat)).unwrap();
        prop_assert!(crs.to_wgs84(there).is_some(), "{zone}: {lon},{lat}");
    }

    /// Whatever arrives, the answer is a value or a fault, never a crash.
    #[test]
    fn no_text_breaks_a_check(text in "\\PC{0,40}", digits in "[0-9０-９,.年月日:\\-+ 元万°′T/eE]{0,30}") {
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Code) {
            let checker = CHECKERS.with(|all| all[kind as usize].clone());
            let _ = (checker.check(&text), checker.check(&digits));
        }
    }
}

thread_local! {
    static CHECKERS: Vec<Checker> = Kind::ALL.into_iter().map(|kind| builtin(if kind == Kind::Code { Kind::Text } else { kind })).collect();
}

/// How quick the checks are: `cargo test --workspace -- --ignored --nocapture speed`.
#[test]
#[ignore = "a measurement, not a test"]
fn speed_of_the_checks() {
    let values = [
        (Kind::Text, "海曙区解放南路"),
        (Kind::Integer, "123456"),
        (Kind::Number, "29.868312"),
        (Kind::Money, "1234.50"),
        (Kind::Boolean, "是"),
        (Kind::Date, "2026-11-23"),
        (Kind::Date, "2026/1/6"),
        (Kind::Date, "2026年1月6日"),
        (Kind::Datetime, "2020-01-06 12:09:38"),
        (Kind::CitizenId, "11010519491231002X"),
        (Kind::Uscc, "113302000000001072"),
        (Kind::DivisionCode, "330203"),
        (Kind::IndustryCode, "2511"),
        (Kind::Phone, "13800000000"),
        (Kind::Phone, "0574-87654321"),
        (Kind::Longitude, "121.554212"),
    ];
    let rounds = 300_000u32;
    let time = |name: &str, checker: &Checker, text: &str| {
        let start = std::time::Instant::now();
        for _ in 0..rounds {
            assert!(std::hint::black_box(checker.check(std::hint::black_box(text))).is_ok());
        }
        println!("{name:14} {text:24} {:>6} ns", start.elapsed().as_nanos() / u128::from(rounds));
    };
    for (kind, text) in values {
        time(kind.name(), &builtin(kind), text);
    }
    let sex = checker("kind = 'code'\ncodes = 'sex'", "own");
    time("code", &sex, "1");
    time("code", &sex, "男");
}
