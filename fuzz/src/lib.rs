//! What fuzz targets do with an input, and what they share: the bound on processor time, and a city and checkers to ask.
//! The tests of `collect` run the same acts on changed seeds, so that every run of the tests fuzzes for some seconds.

use data::City;
use data::city::SourceFile;
use data::declare::{Item, Kind};
use data::standard::Checker;

pub mod address;
pub mod declarations;
#[cfg(any(feature = "readers", test))]
pub mod file;
pub mod geometry;
pub mod standards;

/// The processor time that one input may take, in milliseconds. A busy machine does not count against it.
const LONGEST: i64 = 1000;

/// Runs an act and panics if it took too long.
pub fn bounded<T>(act: impl FnOnce() -> T) -> T {
    let start = clock();
    let done = act();
    let took = clock() - start;
    assert!(took < LONGEST, "took {took} ms");
    done
}

/// Milliseconds of processor that were used so far.
#[cfg(not(test))]
fn clock() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// Beside other tests only what this thread uses is the input's.
#[cfg(test)]
fn clock() -> i64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanos| nanos.parse::<i64>().ok()).unwrap_or(0) / 1_000_000
}

/// A checker of every kind but `code`, and of every coordinate system.
pub fn checkers() -> Vec<(Kind, Checker)> {
    let file = |path: &str, text: String| SourceFile { path: path.into(), text };
    let mut files = vec![file("city.toml", "title = '城'\ntitle_en = 'City'\ndivision = '330200'".into())];
    let systems = ["gcj02", "bd09", "EPSG:3857", "EPSG:4549", "EPSG:4528"];
    for (n, crs) in systems.iter().enumerate() {
        for kind in ["position", "geometry", "longitude"] {
            let text = format!("title = '本地'\ntitle_en = 'Own'\nkind = '{kind}'\ncrs = '{crs}'");
            files.push(file(&format!("standards/own_{kind}_{n}.toml"), text));
        }
    }
    let own = "title = '本地'\ntitle_en = 'Own'\n";
    files.push(file("standards/own_clock.toml", format!("{own}kind = 'time_of_day'\nclock = 'hhmm'")));
    files.push(file("standards/own_epoch.toml", format!("{own}kind = 'datetime'\nepoch = 'milliseconds'")));
    files.push(file("standards/own_limits.toml", format!("{own}kind = 'text'\npattern = '[a-z]+(一|二)*'\nmin_length = 2\nmax_length = 9")));
    let (city, diagnostics) = City::read(&files);
    let city = city.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let own = city.standards.keys().cloned();
    let names = Kind::ALL.iter().filter(|kind| **kind != Kind::Code).map(|kind| kind.name().to_owned()).chain(own);
    names
        .map(|name| {
            let item = serde_json::json!({ "name": "x", "title": "X", "standard": name });
            let item: Item = serde_json::from_value(item).expect("an item");
            let checker = Checker::new(&city, &item).expect("a checker");
            (checker.kind(), checker)
        })
        .collect()
}
