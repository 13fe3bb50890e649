//! Hostile bytes in every run of the tests: seeds of the fuzz targets, changed at random, through the same acts, for some
//! seconds (`FUZZ_SECONDS`, three; `FUZZ_SEED` has a run again). `make fuzz` searches by coverage, and longer.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use data::declare::Format;

#[allow(unexpected_cfgs, dead_code)]
#[path = "../../../../fuzz/src/lib.rs"]
mod targets;

/// Longest input, in bytes.
const LONGEST: usize = 4_096;
/// Put in between other bytes: what readers look for.
const TOKENS: [&[u8]; 24] = [
    b"\"", b"\"\"", b",", b"\t", b"\r\n", b"\n", b";", b"|", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xa1\xa1", b"\x81\x30\x81\x30", b"{", b"}",
    b"[", b"]", b"\\u0000", b"1e308", b"-0", b"PK\x03\x04", b"<a>", "\u{3000}".as_bytes(), "市".as_bytes(),
];

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 10] = [
    ("standards", |bytes| text(bytes, targets::standards::standards)),
    ("address", |bytes| text(bytes, targets::address::address)),
    ("declarations", |bytes| text(bytes, targets::declarations::declarations)),
    ("geometry", point),
    ("text", |bytes| targets::file::read(bytes, Some(Format::Delimited))),
    ("workbook", |bytes| targets::file::read(bytes, Some(Format::Excel))),
    ("json", |bytes| targets::file::read(bytes, Some(Format::Json))),
    ("geojson", |bytes| targets::file::read(bytes, Some(Format::Geojson))),
    ("sql_dump", |bytes| targets::file::read(bytes, Some(Format::SqlDump))),
    ("any_file", |bytes| targets::file::read(bytes, None)),
];

fn text(bytes: &[u8], act: fn(&str)) {
    act(&String::from_utf8_lossy(bytes));
}

fn point(bytes: &[u8]) {
    let number = |at: usize| f64::from_le_bytes(std::array::from_fn(|n| bytes.get(at + n).copied().unwrap_or(0)));
    targets::geometry::geometry((bytes.first().copied().unwrap_or(0), number(1), number(9)));
}

/// xorshift64*: the same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

/// One of the seeds, changed in a few places.
fn changed(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let (at, end) = (dice.below(bytes.len() + 1), dice.below(bytes.len() + 1));
        let range = at.min(end)..at.max(end).min(at.min(end) + 64);
        match dice.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => bytes[at] = dice.next() as u8,
            2 => drop(bytes.splice(at..at, TOKENS[dice.below(TOKENS.len())].iter().copied())),
            3 => drop(bytes.drain(range)),
            4 => {
                let again = bytes[range].to_vec();
                bytes.splice(at..at, again);
            }
            5 => {
                let other = &seeds[dice.below(seeds.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[dice.below(other.len() + 1)..]);
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).expect("seeds").map(|entry| entry.expect("entry").path()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read(path).expect("seed")).collect()
}

fn setting(name: &str, default: impl FnOnce() -> u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or_else(default)
}

#[test]
fn hostile_bytes_break_nothing() {
    let seconds = setting("FUZZ_SECONDS", || 3);
    let seed = setting("FUZZ_SEED", || SystemTime::UNIX_EPOCH.elapsed().map_or(1, |since| since.subsec_nanos().into()));
    for (n, (name, act)) in TARGETS.iter().enumerate() {
        let seeds = seeds(name);
        let mut dice = Dice(seed.wrapping_add(n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let (end, mut runs) = (Instant::now() + Duration::from_secs(seconds), 0);
        while Instant::now() < end {
            let bytes = changed(&seeds, &mut dice);
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| act(&bytes))) {
                let kept = std::env::temp_dir().join(format!("sanjiang-fuzz-{name}"));
                std::fs::write(&kept, &bytes).expect("kept");
                eprintln!("{name}: FUZZ_SEED={seed}, run {runs}: the input is in {}", kept.display());
                resume_unwind(panic);
            }
            runs += 1;
        }
        println!("{name:14} {runs:10} executions, no failure");
    }
}
