//! A city folder of any content: files are parted by lines that begin with `=== ` and name them.

use data::City;
use data::city::SourceFile;

/// One input.
pub fn declarations(text: &str) {
    super::bounded(|| {
        let files: Vec<SourceFile> = text
            .split("=== ")
            .skip(1)
            .map(|part| {
                let (path, text) = part.split_once('\n').unwrap_or((part, ""));
                SourceFile { path: path.trim().to_owned(), text: text.to_owned() }
            })
            .collect();
        let (city, diagnostics) = City::read(&files);
        for diagnostic in &diagnostics {
            for lang in [kernel::Lang::Zh, kernel::Lang::En] {
                assert!(!diagnostic.render(lang).is_empty());
            }
        }
        // A resource is written as it was read.
        for resource in city.iter().flat_map(|city| city.resources.values()) {
            let _ = data::declare::write_resource(resource);
        }
    })
}
