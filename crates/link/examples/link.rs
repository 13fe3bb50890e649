//! Links one CSV file, or two, without the rest of the product: for measuring. The command `sanjiang link` reads any file.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::time::Instant;

use kernel::Lang;
use link::{Linkage, Options, Records, Side};

fn main() {
    let mut files = Vec::new();
    let (mut id, mut out, mut rules, mut ignored) = (String::new(), String::new(), Vec::new(), Vec::new());
    let (mut options, mut explained) = (Options::default(), Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().unwrap_or_default();
        match arg.as_str() {
            "--id" => id = value(),
            "--out" => out = value(),
            "--block" => rules.push(value()),
            "--ignore" => ignored.push(value()),
            "--threshold" => options.threshold = value().parse().expect("threshold"),
            "--threads" => options.threads = value().parse().expect("threads"),
            "--explain" => explained.push((value(), value())),
            _ => files.push(arg),
        }
    }
    let begun = Instant::now();
    let records = read(&files, &id, &ignored);
    eprintln!("{} records read in {:.2?}", records.len(), begun.elapsed());
    let begun = Instant::now();
    let linkage = Linkage::learn(&records, &[], &rules, &options).unwrap_or_else(|text| panic!("{}", text.en));
    eprintln!("learnt in {:.2?}", begun.elapsed());
    for choice in linkage.choices() {
        eprintln!("{:<10} {:<20} {:<30} {}", choice.what.get(Lang::En), choice.about, choice.chosen.get(Lang::En), choice.why.get(Lang::En));
    }
    let begun = Instant::now();
    let linked = linkage.link();
    eprintln!("{} pairs compared, {} found, {} entities in {:.2?}", linked.compared, linked.pairs.len(), linked.entities.len(), begun.elapsed());
    for (a, b) in explained {
        let (Some(a), Some(b)) = (records.find(Side::Left, &a), records.find(Side::Left, &b)) else { continue };
        let waterfall = linkage.explain(a, b);
        eprintln!("prior {:+.1}", waterfall.prior_bits);
        for piece in waterfall.evidence {
            eprintln!("{:+6.1} ({:+.1}) {:<16} {:<40} {:?} {:?}", piece.bits, piece.frequency_bits, piece.column, piece.level.en, piece.left, piece.right);
        }
        eprintln!("= {:.5}", waterfall.probability);
    }
    let mut file = BufWriter::new(File::create(&out).expect("out"));
    writeln!(file, "left_id,right_id,probability").expect("write");
    for pair in &linked.pairs {
        writeln!(file, "{},{},{}", records.id(pair.a), records.id(pair.b), pair.probability).expect("write");
    }
}

fn read(files: &[String], id: &str, ignored: &[String]) -> Records {
    let mut builder = Records::builder();
    for (file, side) in files.iter().zip([Side::Left, Side::Right]) {
        let mut text = String::new();
        File::open(file).expect("file").read_to_string(&mut text).expect("UTF-8");
        let mut rows = parse(&text);
        let header: Vec<String> = rows.next().expect("header").iter().map(|name| name.trim().to_owned()).collect();
        let at = header.iter().position(|name| name == id).expect("id column");
        let mut column = |name: &String| (name != id && !ignored.contains(name)).then(|| builder.column(name).expect("column"));
        let places: Vec<Option<usize>> = header.iter().map(&mut column).collect();
        for row in rows {
            let values = row.iter().zip(&places).filter_map(|(value, place)| place.map(|place| (place, value.as_str())));
            builder.push(side, row.get(at).map_or("", |id| id.trim()), values).expect("push");
        }
    }
    builder.build()
}

fn parse(text: &str) -> impl Iterator<Item = Vec<String>> {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        chars.peek()?;
        let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\r' if !quoted => {}
                '\n' if !quoted => break,
                c => cell.push(c),
            }
        }
        row.push(cell);
        Some(row)
    })
}
