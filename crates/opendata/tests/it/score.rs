//! The self-score: 405 points, each lost by whoever lacks what it asks, and only by them.

use kernel::{Moment, Text};
use opendata::score::{Dimension, Rating, Score, score};
use opendata::{Concept, Contact, Distribution, Period, Publisher, Record, Rights};

fn file(id: &str, format: &str) -> Distribution {
    Distribution {
        id: format!("{id}.{format}"),
        format: format.to_owned(),
        media_type: Some("text/csv".to_owned()),
        access_url: format!("https://data.example/open/datasets/{id}"),
        download_url: Some(format!("https://data.example/open/datasets/{id}/files/{id}.csv")),
        bytes: Some(7),
        ..Distribution::default()
    }
}

/// A record that lacks nothing.
fn whole(id: &str) -> Record {
    Record {
        id: id.to_owned(),
        title: Text::new("停车场", "Car parks"),
        summary: Text::new("每行一个", "One a row"),
        publisher: Publisher { name: Text::new("交通局", "Transport"), ..Publisher::default() },
        contact: Some(Contact { telephone: Some("0574".to_owned()), ..Contact::default() }),
        themes: vec![Concept { code: "transport".to_owned(), ..Concept::default() }],
        keywords: vec![Text::new("停车", "parking")],
        rights: Some(Rights { id: "CC-BY-4.0".to_owned(), url: Some("https://creativecommons.org/licenses/by/4.0/".to_owned()), ..Rights::default() }),
        places: vec![Concept { code: "330200".to_owned(), ..Concept::default() }],
        period: Some(Period { start: Some(Moment(1)), end: None }),
        issued: Some(Moment(1)),
        modified: Some(Moment(2)),
        distributions: vec![file(id, "CSV")],
        ..Record::default()
    }
}

fn ours(records: &[Record]) -> Score {
    score(records, |url| url.starts_with("https://data.example/"))
}

#[test]
fn there_are_405_points_and_a_whole_record_wins_them_all() {
    let told = ours(&[whole("a"), whole("b")]);
    assert_eq!(told.total(), (4_050, 405));
    let most: Vec<u32> = Dimension::ALL.into_iter().map(|dimension| told.of(dimension).1).collect();
    assert_eq!(most, [100, 100, 110, 75, 20]);
    assert_eq!(told.rating(), Rating::Excellent);
    assert!(told.measured.iter().all(|one| one.losing.is_empty()));
}

#[test]
fn who_lacks_something_loses_its_points_and_is_named() {
    let poor = Record { keywords: Vec::new(), period: None, ..whole("poor") };
    let told = ours(&[whole("rich"), poor]);
    assert_eq!(told.of(Dimension::Findability), (1_000 - 150 - 100, 100), "half of 30 and half of 20");
    let losing: Vec<&str> = told.measured.iter().filter(|one| one.losing == ["poor"]).map(|one| one.title.zh.as_str()).collect();
    assert_eq!(losing, ["关键词", "时间范围"]);

    // Distributions are counted one by one: of two, one is a format that somebody owns.
    let mixed = Record { distributions: vec![file("m", "CSV"), file("m", "XLSX")], ..whole("m") };
    assert_eq!(ours(&[mixed]).of(Dimension::Interoperability), (1_100 - 100, 110));

    // An address elsewhere is not known to answer; an interface has no file.
    let away = Record { distributions: vec![Distribution { download_url: None, access_url: "https://other.example/".to_owned(), ..file("x", "JSON") }], ..whole("x") };
    assert_eq!(ours(&[away]).of(Dimension::Accessibility).0, 0);
}

#[test]
fn nothing_scores_nothing_and_limits_are_as_published() {
    assert_eq!(ours(&[]).total(), (0, 405));
    assert_eq!(ours(&[Record::default()]).total().0, 0, "a record of nothing");
    for (points, rating) in [(351, Rating::Excellent), (350, Rating::Good), (221, Rating::Good), (220, Rating::Sufficient), (121, Rating::Sufficient), (120, Rating::Bad)] {
        assert_eq!(Rating::of(points * 10), rating, "{points}");
    }
}
