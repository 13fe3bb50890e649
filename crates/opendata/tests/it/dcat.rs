//! Our own catalogue as RDF: the same in three forms, and read back as it was meant.

use kernel::{Moment, Text};
use opendata::dcat::{self, Entry, Form, Limits, Paging, Site};
use opendata::{Concept, Contact, Distribution, Period, Publisher, Record, Rights};
use oxrdf::graph::CanonicalizationAlgorithm;
use oxrdf::{Graph, Triple};

pub fn site() -> Site {
    Site {
        address: "https://data.example.gov.cn".into(),
        title: Text::new("三江开放数据", "Sanjiang open data"),
        summary: Text::new("一座城市开放的数据。", "What a city has opened."),
        publisher: Publisher { id: "data".into(), name: Text::new("数据局", "Data Bureau"), homepage: None },
        contact: Some(Contact { name: Text::new("数据局", "Data Bureau"), email: Some("open@example.gov.cn".into()), ..Contact::default() }),
        issued: dcat::moment("2026-01-01"),
        modified: dcat::moment("2026-02-01T08:00:00+08:00"),
    }
}

pub fn record() -> Record {
    let page = "https://data.example.gov.cn/open/datasets/car_parks";
    let file = |id: &str, format: &str, media: &str, ending: &str| Distribution {
        id: id.into(),
        title: Text::new(format, format),
        format: format.into(),
        media_type: Some(media.into()),
        access_url: page.into(),
        download_url: Some(format!("{page}/files/car_parks.{ending}")),
        bytes: Some(12_345),
        sha256: Some("ab".repeat(32)),
        ..Distribution::default()
    };
    Record {
        id: "car_parks".into(),
        identifiers: vec!["car_parks".into()],
        title: Text::new("公共停车场", "Car parks"),
        summary: Text::new("每行是一个 <停车场> & “泊位”。", "A row is a <car park> & \"its spaces\"."),
        publisher: Publisher { id: "transport".into(), name: Text::new("交通局", "Transport Bureau"), homepage: None },
        contact: Some(Contact { name: Text::new("交通局", "Transport Bureau"), email: Some("a@example.gov.cn".into()), telephone: Some("0574-1".into()), url: None }),
        themes: vec![Concept { code: "transport".into(), title: Text::new("交通运输", "Transport"), uri: None }],
        keywords: vec![Text::new("停车", "parking"), Text::new("泊位", "spaces")],
        rights: Some(Rights { id: "CC-BY-4.0".into(), title: Text::new("署名", "Attribution"), url: Some("https://creativecommons.org/licenses/by/4.0/".into()), ..Rights::default() }),
        languages: vec!["zh".into()],
        issued: dcat::moment("2026-01-02"),
        modified: dcat::moment("2026-02-01"),
        frequency: Some("MONTHLY".into()),
        places: vec![Concept { code: "330200".into(), title: Text::new("三江市", "Sanjiang"), uri: None }],
        bounds: Some([121.25, 29.5, 122.0, 30.125]),
        period: Some(Period { start: dcat::moment("2025-01-01"), end: dcat::moment("2025-12-31") }),
        version: Some("3".into()),
        page: Some(page.into()),
        provenance: Text::new("由停车场登记汇总", "Made from the register of car parks"),
        distributions: vec![
            file("car_parks.csv", "CSV", "text/csv; charset=utf-8", "csv"),
            file("car_parks.parquet", "Parquet", "application/vnd.apache.parquet", "parquet"),
            Distribution {
                id: "car_parks.api".into(),
                title: Text::new("接口", "API"),
                format: "JSON".into(),
                access_url: "https://data.example.gov.cn/api/v1/open/datasets/car_parks/rows".into(),
                description_url: Some("https://data.example.gov.cn/api/v1/openapi.json".into()),
                ..Distribution::default()
            },
        ],
        ..Record::default()
    }
}

pub fn canonical(triples: impl IntoIterator<Item = Triple>) -> Graph {
    let mut graph: Graph = triples.into_iter().collect();
    graph.canonicalize(CanonicalizationAlgorithm::Unstable);
    graph
}

pub fn owned(graph: &Graph) -> Vec<Triple> {
    graph.iter().map(|triple| triple.into_owned()).collect()
}

fn one_page() -> Paging {
    Paging { page: 1, pages: 1, total: 1, size: 100 }
}

#[test]
fn three_forms_tell_the_same() {
    let triples = dcat::catalogue(&site(), &[Entry::Record(Box::new(record()))], one_page());
    assert!(triples.len() > 100, "{}", triples.len());
    let contacts = triples.iter().filter(|triple| triple.predicate.as_str().ends_with("#contactPoint")).count();
    assert_eq!(contacts, 3, "the catalogue, the dataset and its service each say whom to ask");
    let meant = canonical(triples.clone());
    for form in Form::ALL {
        let text = form.write(&triples).expect("written");
        let read = form.read(&text, "https://elsewhere.example/", Limits::default()).expect("read");
        assert_eq!(canonical(owned(&read)), meant, "{form:?}");
        assert_eq!(Form::guess("", "", &text), form);
        assert_eq!(form.write(&triples).expect("written"), text, "the same bytes each time");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let triples = dcat::catalogue(&site(), &[Entry::Record(Box::new(record()))], one_page());
    let read = dcat::read(&triples.into_iter().collect(), "sanjiang", "zh");
    let [found] = read.found.as_slice() else { panic!("{read:?}") };
    let (found, meant) = (found.record.clone().expect("record"), record());
    assert_eq!(found.title, meant.title);
    assert_eq!(found.summary, meant.summary);
    assert_eq!(found.publisher.name, meant.publisher.name);
    assert_eq!(found.contact, meant.contact);
    assert_eq!((found.issued, found.modified, found.period), (meant.issued, meant.modified, meant.period));
    assert_eq!((found.bounds, found.frequency, found.version), (meant.bounds, meant.frequency, meant.version));
    assert_eq!(found.rights.map(|rights| (rights.id, rights.restricted)), Some(("CC-BY-4.0".into(), false)));
    assert!(found.themes.iter().any(|theme| theme.uri.as_deref() == Some("http://publications.europa.eu/resource/authority/data-theme/TRAN")));
    assert_eq!(found.provenance, meant.provenance);
    let csv = found.distributions.iter().find(|one| one.format == "CSV").expect("CSV");
    assert_eq!((csv.bytes, csv.sha256.clone(), csv.media_type.as_deref()), (Some(12_345), Some("ab".repeat(32)), Some("text/csv")));
    assert!(found.distributions.iter().any(|one| one.description_url.as_deref() == Some("https://data.example.gov.cn/api/v1/openapi.json")));
}

#[test]
fn pages_lead_to_each_other() {
    let paging = Paging { page: 2, pages: 3, total: 250, size: 100 };
    let graph: Graph = dcat::catalogue(&site(), &[Entry::Record(Box::new(record()))], paging).into_iter().collect();
    assert_eq!(dcat::read(&graph, "sanjiang", "zh").next.as_deref(), Some("https://data.example.gov.cn/open/catalog?page=3"));
}

#[test]
fn dates_are_read_however_written() {
    let same = ["2019-04-01", "2019/4/1", "2019年4月1日", "20190401", "2019-04-01T00:00:00Z", "2019-04-01T00:00:00", "2019-04-01T08:00:00+08:00", "2019-04", "2019-04-01Z", "Mon, 1 Apr 2019 00:00:00 GMT"];
    for text in same {
        assert_eq!(dcat::moment(text), Some(Moment(1_554_076_800_000_000)), "{text}");
    }
    for text in ["06/05/2009", "soon", "", "2019-13-01", "99999999999-01-01", "年月日", "+08:00", "é+09:00"] {
        assert_eq!(dcat::moment(text), None, "{text}");
    }
}

#[test]
fn a_script_is_not_ended_by_what_it_says() {
    let mut record = record();
    record.title = Text::new("</script><script>alert(1)</script>", "");
    let text = dcat::script(&dcat::schema_dataset(&site(), &record, kernel::Lang::Zh));
    assert!(!text.contains('<'), "{text}");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["name"], "</script><script>alert(1)</script>");
    assert_eq!(json["distribution"].as_array().map(Vec::len), Some(3));
}

#[test]
fn readers_choose_their_form() {
    assert_eq!(Form::accepted("text/turtle"), Some(Form::Turtle));
    assert_eq!(Form::accepted("application/rdf+xml;q=0.5, application/ld+json"), Some(Form::JsonLd));
    assert_eq!(Form::accepted("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), None);
    assert_eq!(Form::accepted("*/*"), None);
}
