//! Catalogues of others: what is understood of them, and that nothing of them is lost.

use std::collections::HashSet;

use opendata::dcat::{self, Entry, Form, Limits, Paging, Part};
use oxrdf::{Graph, NamedOrBlankNode, Term, Triple};

use crate::dcat::{canonical, owned, site};
use crate::shared;

/// Everything that leads on from a node, but for other datasets and catalogues; written without the code that it tests.
fn told(graph: &Graph, node: &NamedOrBlankNode) -> Vec<Triple> {
    let alone = ["Dataset", "Catalog", "CatalogRecord"].map(|name| Term::from(oxrdf::NamedNode::new_unchecked(format!("http://www.w3.org/ns/dcat#{name}"))));
    let kind = oxrdf::vocab::rdf::TYPE;
    let (mut out, mut seen, mut stack) = (Vec::new(), HashSet::new(), vec![node.clone()]);
    while let Some(node) = stack.pop() {
        if !seen.insert(node.clone()) {
            continue;
        }
        for triple in owned(graph).into_iter().filter(|triple| triple.subject == node) {
            let next: Option<NamedOrBlankNode> = match &triple.object {
                Term::NamedNode(node) => Some(node.clone().into()),
                Term::BlankNode(node) => Some(node.clone().into()),
                Term::Literal(_) => None,
            };
            let lists = |node: &NamedOrBlankNode| owned(graph).iter().any(|t| t.subject == *node && t.predicate == kind && alone.contains(&t.object));
            stack.extend(next.filter(|node| !lists(node)));
            out.push(triple);
        }
    }
    out
}

#[test]
fn every_dataset_lands_or_is_refused_and_is_given_on_as_it_came() {
    let Some(folder) = shared::catalogs() else { return };
    let (mut files, mut landed, mut refused) = (0, 0, Vec::new());
    let mut paths: Vec<_> = std::fs::read_dir(folder.join("ckanext-dcat/dcat")).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        let text = std::fs::read(&path).expect("file");
        let form = Form::guess("", &name, &text);
        let graph = match form.read(&text, "https://harvested.example/", Limits::default()) {
            Ok(graph) => graph,
            Err(why) => {
                refused.push(format!("{name}: {}", why.0.en));
                continue;
            }
        };
        files += 1;
        let catalogue = dcat::read(&graph, "peer", "en");
        assert!(!catalogue.found.is_empty(), "{name}: no dataset is found");
        let parts: Vec<Part> = catalogue.found.iter().filter_map(|found| found.part.clone()).collect();
        let entries: Vec<Entry> = parts.iter().map(|part| Entry::Foreign { subject: part.subject.clone(), triples: part.triples.clone() }).collect();
        let paging = Paging { page: 1, pages: 1, total: entries.len() as u64, size: 100 };
        let written = dcat::catalogue(&site(), &entries, paging);
        for form in Form::ALL {
            let read = form.read(&form.write(&written).expect("written"), "https://ours.example/", Limits::default()).expect("read");
            let again = dcat::read(&read, "peer", "en");
            assert_eq!(again.found.len(), catalogue.found.len(), "{name} {form:?}");
            for found in &catalogue.found {
                let same = again.found.iter().find(|other| other.key == found.key).unwrap_or_else(|| panic!("{name}: {} is lost", found.key));
                // Our catalogue may say more of nodes that both name, such as what a language is; never less.
                let (ours, came) = (same.part.as_ref().expect("part"), found.part.as_ref().expect("part"));
                let lost: Vec<&Triple> = came.triples.iter().filter(|triple| !ours.triples.contains(triple)).collect();
                assert!(lost.is_empty(), "{name} {form:?} {}: {lost:?}", found.key);
            }
        }
        for (found, entry) in catalogue.found.iter().zip(&entries) {
            for form in Form::ALL {
                let alone = form.write(&dcat::dataset(&site(), entry)).expect("written");
                let alone = form.read(&alone, "https://ours.example/", Limits::default()).expect("read");
                let came = canonical(found.part.as_ref().expect("part").triples.clone());
                assert!(canonical(owned(&alone)) == came, "{name} {form:?} {}: not as it came", found.key);
            }
        }
        for found in &catalogue.found {
            let part = found.part.as_ref().expect("part");
            // Which node of the source it was: the one of which the same is told.
            let ours = canonical(part.triples.clone());
            let kind = oxrdf::NamedNode::new_unchecked("http://www.w3.org/ns/dcat#Dataset");
            let sources = graph.subjects_for_predicate_object(oxrdf::vocab::rdf::TYPE, &kind).map(|node| node.into_owned());
            assert!(sources.into_iter().any(|node| canonical(told(&graph, &node)) == ours), "{name}: {} is not what came", found.key);
            assert_eq!(Part::read(&part.text(), &part.subject.to_string()).as_ref(), Some(part), "{name}: {}", found.key);
            match &found.record {
                Ok(record) => {
                    landed += 1;
                    assert!(!record.title.zh.is_empty() && record.id.starts_with("peer-"), "{name}: {record:?}");
                }
                Err(why) => refused.push(format!("{name}: {}: {}", found.key, why.en)),
            }
        }
    }
    println!("{files} files, {landed} datasets, refused: {refused:#?}");
    assert!(files >= 12 && landed >= 14, "{files} files, {landed} datasets");
}

#[test]
fn nameless_nodes_do_not_change_what_is_told() {
    let one = r#"@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
        [] a dcat:Dataset ; dct:title "Deux"@fr, "Two"@en ; dct:publisher [ a foaf:Agent ; foaf:name "A" ] ; dcat:distribution [ dcat:accessURL <http://a.example/1> ], [ dcat:accessURL <http://a.example/2> ] ."#;
    let other = r#"@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
        _:z dcat:accessURL <http://a.example/2> . _:q foaf:name "A" . _:y dcat:accessURL <http://a.example/1> . _:q a foaf:Agent .
        _:a dct:title "Two"@en . _:a dcat:distribution _:z, _:y ; dct:publisher _:q ; dct:title "Deux"@fr . _:a a dcat:Dataset ."#;
    let read = |text: &str| dcat::read(&Form::Turtle.read(text.as_bytes(), "http://x.example/", Limits::default()).expect("read"), "peer", "").found;
    let (one, other) = (read(one), read(other));
    assert_eq!(one[0].key, other[0].key);
    assert_eq!(one[0].part, other[0].part);
    let record = one[0].record.as_ref().expect("record");
    assert_eq!((record.title.en.as_str(), record.distributions.len(), record.publisher.name.zh.as_str()), ("Two", 2, "A"));
}

#[test]
fn what_is_no_catalogue_is_refused_with_a_reason() {
    let limits = Limits { bytes: 1 << 20, triples: 1_000 };
    let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">&b;</rdf:RDF>";
    for form in Form::ALL {
        for text in [&b"{]<"[..], b"<html><body>503</body></html>", bomb, &[0xff, 0xfe, 0, 1], b"[[[[[[[[[["] {
            assert!(form.read(text, "http://x.example/", limits).is_err(), "{form:?} {:?}", String::from_utf8_lossy(text));
        }
    }
    let many: String = (0..1_001).map(|n| format!("<http://a.example/{n}> <http://a.example/p> \"{n}\" .\n")).collect();
    assert!(Form::Turtle.read(many.as_bytes(), "http://x.example/", limits).is_err());
    assert!(Form::Turtle.read(&vec![b' '; (1 << 20) + 1], "http://x.example/", limits).is_err());
    // A dataset without a title is told of, with the reason.
    let text = b"<http://a.example/d> a <http://www.w3.org/ns/dcat#Dataset> .";
    let found = dcat::read(&Form::Turtle.read(text, "http://x.example/", limits).expect("read"), "peer", "").found;
    assert!(found[0].record.as_ref().is_err_and(|why| !why.zh.is_empty() && !why.en.is_empty()));
}
