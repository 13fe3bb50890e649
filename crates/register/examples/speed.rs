//! How long a register takes: the first records as a whole, then new ones one by one. `speed PEOPLE FOLDER`: two records
//! of each of so many made-up people; the third of them arrive singly.

use std::path::PathBuf;
use std::time::Instant;

use kernel::Moment;
use register::{Now, Record, Register};

const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂鹏飞玉萍红梅志建国华文辉晨曦宇轩浩然子涵雨欣怡梓睿思佳琪瑶";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let people: u64 = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_owned()));
    let path = folder.join("speed.register");
    std::fs::remove_file(&path).ok();
    let mut register = Register::open(&path, &spec()).expect("the folder can be written to");
    let mut minted = 0u64;
    let mut settle = |delta: register::Delta<'_>| {
        let mut mint = || {
            minted += 1;
            format!("{minted:012}")
        };
        delta.settle(false, &mut Now { moment: Moment(0), mint: &mut mint }).expect("settled")
    };
    let started = Instant::now();
    let mut delta = register.take().expect("taken");
    for who in 0..people {
        delta.put(&record(0, who)).expect("put");
        delta.put(&record(1, who)).expect("put");
    }
    eprintln!("put: {:.1} s", started.elapsed().as_secs_f64());
    let outcome = settle(delta);
    println!("{} records at once: {:.1} s, {} pairs compared, {} entities", people * 2, started.elapsed().as_secs_f64(), outcome.compared, outcome.created);
    let mut times = Vec::new();
    let mut joined = 0;
    for step in 0..200u64 {
        let who = step.wrapping_mul(0x9e37_79b9_7f4a_7c15) % people;
        let started = Instant::now();
        let mut delta = register.take().expect("taken");
        delta.put(&record(2, who)).expect("put");
        let outcome = settle(delta);
        times.push(started.elapsed().as_secs_f64() * 1e3);
        joined += u64::from(outcome.created == 0);
    }
    times.sort_by(f64::total_cmp);
    println!("one new record against them: median {:.2} ms, 99 of 100 within {:.2} ms, {joined} of 200 joined", times[100], times[197]);
    println!("file: {} MB", std::fs::metadata(&path).map_or(0, |file| file.len() >> 20));
}

fn mixed(who: u64, what: u64) -> u64 {
    let mut z = who.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn pick(from: &str, number: u64) -> char {
    let all: Vec<char> = from.chars().collect();
    all[(number % all.len() as u64) as usize]
}

/// What a source says of a person: the first knows the id, each other one has a third of them missing.
fn record(source: usize, who: u64) -> Record {
    let born = format!("{}-{:02}-{:02}", 1935 + mixed(who, 1) % 85, 1 + mixed(who, 2) % 12, 1 + mixed(who, 3) % 28);
    let body = format!("3302{:02}{}{:03}", mixed(who, 4) % 12, born.replace('-', ""), mixed(who, 5) % 1000);
    let id = format!("{body}{}", check(&body));
    let name: String = [pick(SURNAMES, mixed(who, 6) % 1600 / 40), pick(GIVEN, mixed(who, 7)), pick(GIVEN, mixed(who, 8))].iter().collect();
    let missing = source > 0 && mixed(who, 9 + source as u64) % 3 == 0;
    let phone = format!("1{:010}", mixed(who, 20) % 10_000_000_000);
    let address = format!("浙江省宁波市鄞州区{}{}路{}号{}室", pick(GIVEN, mixed(who, 21)), pick(GIVEN, mixed(who, 22)), mixed(who, 23) % 900 + 1, mixed(who, 24) % 1800 + 101);
    let values = vec![(!missing).then_some(id), Some(name), Some(born), Some(address), (mixed(who, 30 + source as u64) % 5 != 0).then_some(phone)];
    Record { source, key: who.to_string(), version: None, values }
}

fn check(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]
}

fn spec() -> data::declare::Register {
    let mut text = "title = \"人口\"\nsummary = \"人\"\ndepartment = \"d\"\n".to_owned();
    for (name, compare) in [("citizen_id", "checked_id"), ("person_name", "full_name"), ("birth_date", "date"), ("address", "address"), ("phone", "phone")] {
        text += &format!("[[field]]\nname = \"{name}\"\ntitle = \"{name}\"\ncompare = \"{compare}\"\n");
    }
    for source in ["a", "b", "c"] {
        text += &format!("[[source]]\nresource = \"{source}\"\n");
    }
    let mut spec: data::declare::Register = toml::from_str(&text).expect("a declaration");
    spec.id = "persons".to_owned();
    spec
}
