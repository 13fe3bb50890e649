//! Laws of linkage, through the public door.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use link::{Linkage, Options, Records, Side};
use proptest::prelude::*;

mod figures;
mod people;
mod places;

type Row = (String, Vec<Option<String>>);

fn records(names: &[&str], rows: &[Row]) -> Records {
    let mut builder = Records::builder();
    let places: Vec<usize> = names.iter().map(|name| builder.column(name).expect("column")).collect();
    for (id, values) in rows {
        let cells = values.iter().zip(&places).filter_map(|(value, place)| value.as_deref().map(|value| (*place, value)));
        builder.push(Side::Left, id, cells).expect("push");
    }
    builder.build()
}

fn options(threads: usize) -> Options {
    Options { threads, ..Options::default() }
}

const PERSON: [&str; 5] = ["given_name", "surname", "dob", "postcode", "phone"];

/// A register of people in which every third is there twice, the second time with a slip.
fn people() -> Vec<Row> {
    let given = ["anna", "bruno", "carla", "dmitri", "elena", "farid", "greta", "hassan", "irina", "jonas", "katya"];
    let surname = ["abbott", "bianchi", "castro", "dubois", "eriksen", "fischer", "garcia", "hoffmann", "ivanov", "jensen", "kowalski", "lindgren", "moreau"];
    let mut rows = Vec::new();
    for who in 0..400usize {
        let text = |text: &str| Some(text.to_owned());
        let row = vec![
            text(given[who * 7 % given.len()]),
            text(surname[who * 5 % surname.len()]),
            Some(format!("19{:02}-{:02}-{:02}", who * 13 % 80 + 10, who % 12 + 1, who * 11 % 28 + 1)),
            Some(format!("{:04}", 2000 + who * 37 % 300)),
            Some(format!("04{:08}", who * 7_654_321 % 100_000_000)),
        ];
        if who % 3 == 0 {
            let mut copy = row.clone();
            match who % 4 {
                0 => copy.swap(0, 1),
                1 => copy[4] = None,
                2 => copy[1] = copy[1].as_ref().map(|name| name.replacen('e', "a", 1)),
                _ => copy[3] = Some("2999".to_owned()),
            }
            rows.push((format!("{who}-b"), copy));
        }
        rows.push((format!("{who}-a"), row));
    }
    rows
}

type Found = (BTreeMap<(String, String), u64>, BTreeSet<BTreeSet<String>>);

/// Pairs with the bits of their probabilities, and entities, by ids.
fn found(records: &Records, threads: usize) -> Found {
    let linked = Linkage::learn(records, &[], &[], &options(threads)).expect("learnt").link();
    let id = |record: u32| records.id(record).to_owned();
    let pairs = linked.pairs.iter().map(|pair| {
        let (a, b) = (id(pair.a), id(pair.b));
        ((a.clone().min(b.clone()), a.max(b)), pair.probability.to_bits())
    });
    (pairs.collect(), linked.entities.iter().map(|entity| entity.iter().map(|record| id(*record)).collect()).collect())
}

#[test]
fn people_who_are_there_twice_are_found() {
    let (pairs, entities) = found(&records(&PERSON, &people()), 2);
    let right = pairs.keys().filter(|(a, b)| a.trim_end_matches("-a") == b.trim_end_matches("-b")).count();
    assert!(right >= 132 && pairs.len() <= right + 1, "{right} of 134 right, {} found", pairs.len());
    assert_eq!(entities.len(), pairs.len());
}

#[test]
fn chinese_evidence() {
    let names = ["姓名", "证件号码", "单位名称", "住址"];
    let people = ["张伟", "王芳", "李娜", "刘洋", "陈静", "杨帆", "赵磊", "黄丽", "周杰", "吴敏"];
    let marks = ["甬江", "月湖", "东钱", "三江", "灵桥", "天一", "镇海", "象山", "北仑", "慈城"];
    let mut rows = Vec::new();
    for who in 0..200usize {
        let body = format!("3302{:02}19{:02}{:02}{:02}{:03}", who % 6 + 3, who % 60 + 20, who % 12 + 1, who % 28 + 1, who * 7 % 1000);
        let name = format!("{}{}", people[who % 10], ["", "明", "华", "强", "梅", "平", "兰"][who % 7]);
        let company = format!("宁波{}{}贸易有限公司", marks[who % 10], ["新", "大", "永", "金", "华"][who / 10 % 5]);
        let address = format!("宁波市鄞州区中山路{}号{}室", who * 3 + 1, who % 30 + 101);
        let row = vec![Some(name.clone()), Some(body), Some(company.clone()), Some(address.clone())];
        rows.push((format!("{who}-a"), row.clone()));
        if who % 2 == 0 {
            let mut copy = row;
            copy[0] = Some(name.replace('张', "章").replace('伟', "偉"));
            copy[2] = Some(company.replace("宁波", "").replace("贸易有限公司", "有限公司"));
            copy[3] = Some(address.replace("宁波市", "浙江省宁波市"));
            rows.push((format!("{who}-b"), copy));
        }
    }
    let records = records(&names, &rows);
    let linkage = Linkage::learn(&records, &[], &[], &options(1)).expect("learnt");
    let said: Vec<String> = linkage.choices().iter().map(|choice| format!("{} {}", choice.about, choice.chosen.zh)).collect();
    for wanted in ["姓名 姓名", "单位名称 单位名称", "住址 地址"] {
        assert!(said.iter().any(|said| said == wanted), "{wanted}: {said:?}");
    }
    let (a, b) = (records.find(Side::Left, "0-a").expect("a"), records.find(Side::Left, "0-b").expect("b"));
    let waterfall = linkage.explain(a, b);
    let level = |column: &str| waterfall.evidence.iter().find(|piece| piece.column == column).map(|piece| piece.level.en.clone());
    assert_eq!(level("姓名").as_deref(), Some("very alike (JW ≥ 0.92; or the same sound)"));
    assert_eq!(level("单位名称").as_deref(), Some("the same mark and trade"));
    assert_eq!(level("住址").as_deref(), Some("the same numbers and words"));
    assert!(waterfall.probability > 0.99, "{}", waterfall.probability);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn any_order_gives_the_same(rows in Just(people()).prop_shuffle(), threads in 1usize..4) {
        prop_assert_eq!(found(&records(&PERSON, &rows), threads), found(&records(&PERSON, &people()), 1));
    }

    #[test]
    fn a_pair_is_the_same_from_either_side(a in 0u32..500, b in 0u32..500) {
        let records = records(&PERSON, &people());
        let linkage = Linkage::learn(&records, &[], &[], &options(1)).expect("learnt");
        prop_assume!(a != b);
        prop_assert_eq!(linkage.explain(a, b).probability.to_bits(), linkage.explain(b, a).probability.to_bits());
    }

    #[test]
    fn agreement_is_never_evidence_against(a in 0u32..500, b in 0u32..500) {
        let records = records(&PERSON, &people());
        let linkage = Linkage::learn(&records, &[], &[], &options(1)).expect("learnt");
        prop_assume!(a != b);
        // What agrees could also be missing: then it would add nothing.
        for piece in linkage.explain(a, b).evidence {
            if piece.left.is_some() && piece.left == piece.right {
                prop_assert!(piece.bits >= -1e-4, "{:?}", piece);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_taken(
        names in proptest::collection::vec("\\PC{0,12}|地址|姓名|单位|dob|phone|zip|street|id|email", 1..6),
        rows in proptest::collection::vec(proptest::collection::vec(proptest::option::of("\\PC{0,24}|[0-9]{1,18}|[\\u{4e00}-\\u{9fff}]{1,12}|宁波市[一-龥]{2}有限公司|.*"), 1..6), 0..40),
        twice in any::<bool>(),
    ) {
        let mut builder = Records::builder();
        let places: Vec<usize> = names.iter().map(|name| builder.column(name).expect("column")).collect();
        for (at, row) in rows.iter().enumerate() {
            let cells = || row.iter().zip(&places).filter_map(|(value, place)| value.as_deref().map(|value| (*place, value)));
            builder.push(Side::Left, &at.to_string(), cells()).expect("push");
            if twice {
                builder.push(Side::Right, &at.to_string(), cells()).expect("push");
            }
        }
        let records = builder.build();
        let linked = Linkage::learn(&records, &[], &[], &options(2)).expect("learnt").link();
        for pair in &linked.pairs {
            prop_assert!((0.0..=1.0).contains(&pair.probability));
            prop_assert!(!twice || records.side(pair.a) != records.side(pair.b));
        }
    }
}

/// Where other people's real data lies, if it is there.
fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SANJIANG_SHARED").map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let path = root.join(path);
    if !path.exists() {
        println!("SKIP: {} is not there; SANJIANG_SHARED names the folder", path.display());
        return None;
    }
    Some(path)
}
