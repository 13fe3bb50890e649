//! Postal addresses taken apart, and measured on labelled ones of other people's making.

use std::collections::HashMap;
use std::path::PathBuf;

use data::address::{Address, parse};
use proptest::prelude::*;

/// The folder of files of other people's making, beside the repository or where SANJIANG_SHARED says.
fn shared(path: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("SANJIANG_SHARED").map_or_else(beside, PathBuf::from).join("data").join(path);
    if !folder.exists() {
        println!("SKIP: {} is not there; set SANJIANG_SHARED", folder.display());
        return None;
    }
    Some(folder)
}

#[test]
fn addresses_are_taken_apart_and_placed() {
    let address = parse("浙江省宁波市江东区百丈街道彩虹北路４８弄１２号３０２室", None);
    assert_eq!((address.province.as_str(), address.city.as_str(), address.district.as_str()), ("浙江省", "宁波市", "江东区"));
    assert_eq!((address.town.as_str(), address.road.as_str(), address.number.as_str()), ("百丈街道", "彩虹北路", "48弄"));
    assert_eq!((address.building.as_str(), address.room.as_str()), ("12号", "302室"));
    assert_eq!(address.division.get(..6), Some("330212"), "江东区 is now in 鄞州区");
    assert!(address.confidence > 0.9);
    let homely = parse("鄞县潘火街道", Some("330200"));
    assert_eq!(homely.division.get(..6), Some("330212"));
    assert_eq!(parse("", None), Address::default());
    let stacked = parse("明珠小区3-2-5-501", None);
    assert_eq!((stacked.building.as_str(), stacked.unit.as_str(), stacked.floor.as_str(), stacked.room.as_str()), ("3", "2", "5", "501"));
    assert_eq!(parse("a-7-7a-7-71", None).remark, "a-7-7a-7-71", "more parts than there are names for stay together");
}

#[test]
fn a_code_of_any_length_is_no_division_and_no_panic() {
    for code in ["", "3", "33020", "3302000", "33020a"].map(str::to_owned).into_iter().chain(["9".repeat(40)]) {
        assert!(data::reference::division(&code).is_none(), "{code}");
    }
}

/// (name, level of the labels, least F1).
const FLOORS: [(&str, f64); 12] = [
    ("prov", 0.98),
    ("city", 0.96),
    ("district", 0.95),
    ("devzone", 0.5),
    ("town", 0.9),
    ("community", 0.74),
    ("road", 0.87),
    ("roadno", 0.88),
    ("houseno", 0.83),
    ("cellno", 0.82),
    ("floorno", 0.95),
    ("roomno", 0.84),
];

fn parts(address: &Address) -> [&str; 12] {
    [
        &address.province, &address.city, &address.district, &address.zone, &address.town, &address.village, &address.road,
        &address.number, &address.building, &address.unit, &address.floor, &address.room,
    ]
}

#[test]
fn shared_labelled_addresses_are_taken_apart_as_people_did() {
    let Some(file) = shared("city/address/dev.txt") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let show = std::env::var("SHOW_ADDRESSES").unwrap_or_default();
    let mut counts: HashMap<&str, (usize, usize, usize)> = HashMap::new();
    let mut number = 0;
    for lines in text.split("\n\n").filter(|lines| !lines.trim().is_empty()) {
        let (whole, labelled) = labels(lines);
        let found = parse(&whole, Some("330200"));
        number += 1;
        for ((label, _), part) in FLOORS.iter().zip(parts(&found)) {
            let wanted: Vec<&str> = labelled.iter().filter(|(name, _)| name == label).map(|(_, text)| text.as_str()).collect();
            let told: Vec<&str> = part.split(' ').filter(|part| !part.is_empty()).collect();
            let right = told.iter().filter(|text| wanted.contains(text)).count();
            let count = counts.entry(label).or_default();
            *count = (count.0 + right, count.1 + told.len(), count.2 + wanted.len());
            if *label == show && (right < told.len() || right < wanted.len()) {
                println!("{whole}\n   wanted {wanted:?} told {told:?}");
            }
        }
    }
    assert!(number > 2900, "{number}");
    let mut low = Vec::new();
    for (label, floor) in FLOORS {
        let (right, told, wanted) = counts[label];
        let (precision, recall) = (right as f64 / told as f64, right as f64 / wanted as f64);
        let f1 = 2.0 * precision * recall / (precision + recall);
        println!("{label:10} precision {precision:.3} recall {recall:.3} F1 {f1:.3}   ({wanted} labelled)");
        if f1 < floor {
            low.push(format!("{label}: {f1:.3} is below {floor}"));
        }
    }
    assert!(low.is_empty(), "{}", low.join("\n"));
}

/// The whole text and its labelled parts, in small letters, full-width signs narrowed.
fn labels(lines: &str) -> (String, Vec<(String, String)>) {
    let (mut whole, mut parts) = (String::new(), Vec::<(String, String)>::new());
    for line in lines.lines() {
        let Some((signs, label)) = line.rsplit_once(' ') else { continue };
        whole.push_str(signs);
        let (place, name) = label.split_once('-').unwrap_or(("B", label));
        let name = name.to_lowercase();
        match parts.last_mut() {
            Some((last, text)) if place == "I" && *last == name => text.push_str(signs),
            _ => parts.push((name, signs.to_owned())),
        }
    }
    let whole = whole.replace('_', " ");
    // The four cities under the centre are labelled as cities only.
    for (name, text) in &mut parts {
        if name == "city" && ["北京市", "上海市", "天津市", "重庆市", "北京", "上海", "天津", "重庆"].contains(&text.as_str()) {
            *name = "prov".to_owned();
        }
    }
    (whole, parts)
}

proptest! {
    /// Whatever arrives is taken apart, and no sign but separators is lost.
    #[test]
    fn every_sign_stays_in_some_part(text in "[浙江省宁波市海曙区南门街道解放路村12号弄栋A一二楼室 ,a-c-]{0,60}") {
        let address = parse(&text, None);
        let kept = [
            &address.province, &address.city, &address.district, &address.zone, &address.town, &address.village, &address.road,
            &address.number, &address.place, &address.building, &address.unit, &address.floor, &address.room, &address.remark,
        ];
        let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let total: usize = kept.iter().map(|part| count(part)).sum();
        prop_assert_eq!(total, count(&text), "{:?}", address);
        prop_assert!(matches!(address.division.len(), 0 | 2 | 4 | 6 | 9));
        prop_assert!((0.0..=1.0).contains(&address.confidence));
    }
}

/// How quick it is: `cargo test --workspace -- --ignored --nocapture speed`.
#[test]
#[ignore = "a measurement, not a test"]
fn speed_of_addresses() {
    let texts = ["浙江省宁波市江东区百丈街道彩虹北路48弄12号302室", "宁波江北区庄桥街道葛家村委会旁", "鄞州区首南西路68号十二层1201"];
    parse(texts[0], None);
    let start = std::time::Instant::now();
    let rounds = 30_000;
    for _ in 0..rounds {
        for text in texts {
            std::hint::black_box(parse(std::hint::black_box(text), Some("330200")));
        }
    }
    println!("{:.0} addresses a second", f64::from(rounds * 3) / start.elapsed().as_secs_f64());
}
