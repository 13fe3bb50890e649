//! Agreements with other cities: what `check` says of one that does not hold together.

use data::City;
use data::city::SourceFile;
use data::diagnostic::Severity;

const GOOD: &str = "title = \"台州市\"\ntitle_en = \"Taizhou\"\ndivision = \"331000\"\nurl = \"https://brain.example.gov.cn\"\nagreement = \"协议\"\n\
    from = \"2026-01-01\"\nuntil = \"2027-12-31\"\ndepartments = [\"office\"]\nchannels = [\"query\"]\npurposes = [\"service\"]\n\
    [[key]]\nkty = \"OKP\"\ncrv = \"Ed25519\"\nx = \"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"\n";

/// The lines of mistakes of a city with these nodes.
fn mistakes(nodes: &[(&str, &str)]) -> Vec<(String, usize, String)> {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let mut files = vec![
        file("city.toml", "title = \"宁波\"\ntitle_en = \"Ningbo\"\ndivision = \"330200\"\n"),
        file("departments/office.toml", "title = \"局\"\ntitle_en = \"Office\"\nuscc = \"113302000029290324\"\n"),
    ];
    files.extend(nodes.iter().map(|(id, text)| file(&format!("nodes/{id}.toml"), text)));
    let (city, diagnostics) = City::read(&files);
    let wrong: Vec<_> = diagnostics.into_iter().filter(|one| one.severity == Severity::Error).map(|one| (one.file, one.line, one.message.en)).collect();
    assert_eq!(city.is_some(), wrong.is_empty(), "{wrong:?}");
    wrong
}

#[test]
fn an_agreement_is_read_and_its_mistakes_are_pointed_at() {
    assert_eq!(mistakes(&[("taizhou", GOOD)]), []);
    let wrong = [
        ("331000", "999999", 3),
        ("331000", "330200", 3),
        ("https://brain.example.gov.cn", "brain.example.gov.cn", 4),
        ("https://brain.example.gov.cn", "https://brain.example.gov.cn/?a=b", 4),
        ("agreement = \"协议\"", "agreement = \" \"", 5),
        ("2026-01-01", "2026-1-1", 6),
        ("2027-12-31", "2025-12-31", 7),
        ("\"office\"", "\"offce\"", 8),
        ("[\"query\"]", "[\"query\", \"subscribe\"]", 9),
        ("[\"query\"]", "[\"queries\"]", 9),
        ("[\"service\"]", "[\"fun\"]", 10),
        ("Ed25519", "X25519", 11),
        ("HURo", "HUR", 11),
        ("HURo", "HURp", 11),
    ];
    for (from, to, line) in wrong {
        let found = mistakes(&[("taizhou", &GOOD.replace(from, to))]);
        assert!(found.len() == 1 && found[0].1.abs_diff(line) <= 3, "{to}: {found:?}");
    }
    // One city, one node; one key, one node.
    let found = mistakes(&[("taizhou", GOOD), ("wenzhou", GOOD)]);
    assert_eq!(found.len(), 2, "{found:?}");
}
