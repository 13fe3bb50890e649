//! The declarations: what is committed is what the code says, and a reader accepts it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use data::city::SourceFile;
use data::{City, Severity};

use crate::root;

/// The folders that hold nothing but declarations.
const KINDS: [&str; 10] = ["boards", "codes", "departments", "figures", "geo", "models", "registers", "resources", "standards", "systems"];

#[test]
fn the_committed_city_is_the_one_that_the_code_declares() {
    let folder = root().join("cities/sample");
    if std::env::var_os("SANJIANG_WRITE_SAMPLE").is_some() {
        for kind in KINDS {
            let _ = fs::remove_dir_all(folder.join(kind));
        }
        for (path, text) in sample::declarations() {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(path, text).expect("written");
        }
    }
    // What is committed and no longer declared would live on unseen.
    let declared: BTreeMap<String, String> = sample::declarations().into_iter().collect();
    let committed = KINDS.iter().flat_map(|kind| crate::generated::files(&folder.join(kind)).into_keys().map(move |path| Path::new(kind).join(path)));
    for path in committed {
        let path = path.to_string_lossy().replace('\\', "/");
        assert!(declared.contains_key(&path), "{path} is committed but not declared");
    }
    for (path, text) in declared {
        let committed = fs::read_to_string(folder.join(&path)).unwrap_or_default();
        assert!(committed == text, "{path} differs: run the test with SANJIANG_WRITE_SAMPLE=1 and commit");
    }
}

#[test]
fn a_reader_accepts_the_city_and_finds_it_whole() {
    let files: Vec<SourceFile> = sample::declarations().into_iter().map(|(path, text)| SourceFile { path, text }).collect();
    let (city, diagnostics) = City::read(&files);
    for diagnostic in diagnostics.iter().take(20) {
        println!("{} {}:{} {}", diagnostic.excerpt, diagnostic.file, diagnostic.line, diagnostic.message.en);
    }
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error));
    let city = city.expect("a city");
    assert_eq!((city.departments.len(), city.systems.len()), (27, 56));
    assert_eq!((city.models.len(), city.figures.len(), city.registers.len()), (15, 12, 2));
    let items: usize = city.resources.values().map(|resource| resource.items.len()).sum();
    assert!(diagnostics.is_empty(), "warnings are mistakes too, in a model city");
    println!("{} resources, {items} items", city.resources.len());
    assert!((110..=140).contains(&city.resources.len()) && (1_100..=1_300).contains(&items), "{items}");
    let codes: BTreeMap<&str, &str> = city.resources.values().map(|resource| (resource.code.as_str(), resource.id.as_str())).collect();
    assert_eq!(codes.len(), city.resources.len());
    assert!(city.systems.keys().all(|system| city.resources.values().any(|resource| resource.system == *system)));
    assert!(city.departments.keys().all(|department| city.systems.values().any(|system| system.department == *department)));
}
