//! Whole city folders: one that is right, one that is wrong in every way.

use std::path::Path;

use data::city::{City, SourceFile};

/// Reads a folder beside the tests, in the order of the paths.
pub fn folder(name: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cities").join(name);
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(SourceFile { path: name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

#[test]
fn a_good_city_is_read_without_a_word() {
    let (city, diagnostics) = City::read(&folder("good"));
    let shown: String = diagnostics.iter().map(|d| d.render(kernel::Lang::En)).collect();
    assert_eq!(shown, "");
    let city = city.unwrap();
    assert_eq!(city.resources.keys().collect::<Vec<_>>(), ["bus_station", "passenger_count"]);
    assert_eq!(city.code_lists["district"].codes[1].aliases, ["330283", "奉化市"]);
    assert!(city.districts.is_some());
    let station = &city.resources["bus_station"];
    assert_eq!(city.provider(station).unwrap().short, "交通局");
}

/// Every mistake of the broken city, as a terminal shows it. The golden file is the promise to stewards.
#[test]
fn a_broken_city_is_told_every_mistake_at_once() {
    let (city, diagnostics) = City::read(&folder("broken"));
    assert!(city.is_none());
    let shown = |lang| diagnostics.iter().map(|d| d.render(lang)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("broken_zh", shown(kernel::Lang::Zh));
    insta::assert_snapshot!("broken_en", shown(kernel::Lang::En));
}
