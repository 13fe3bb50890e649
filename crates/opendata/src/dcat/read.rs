//! From the RDF of another's catalogue to records: whatever version of DCAT, and whatever it makes of it.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Moment, Text};
use oxrdf::{Graph, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef};
use sha2::{Digest, Sha256};

use super::code;
use super::date::moment;
use super::part::Part;
use super::slug::slug;
use super::word::{ADMS, DCAT, DCT, FOAF, HYDRA, OWL, RDF, RDFS, SCHEMA, SKOS, SPDX, VCARD, word};
use crate::record::{Concept, Contact, Distribution, Period, Publisher, Record, Rights};

/// Letters of a text, entries of a list, that are taken from others.
const TEXT_MAX: usize = 20_000;
const LIST_MAX: usize = 500;

/// A document read.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub found: Vec<Found>,
    /// Where the next page is.
    pub next: Option<String>,
}

/// A dataset that stands in a document.
#[derive(Clone, Debug)]
pub struct Found {
    /// What the catalogue calls it.
    pub key: String,
    /// What is understood of it, or why it is not taken.
    pub record: Result<Record, Text>,
    /// What is told of it, word for word.
    pub part: Option<Part>,
}

/// Reads the datasets of a graph. `catalogue` is the id under which we know the catalogue; `language` the one of texts that do not say.
pub fn read(graph: &Graph, catalogue: &str, language: &str) -> Catalogue {
    let kind = word(RDF, "type");
    let mut nodes: BTreeSet<String> = BTreeSet::new();
    let mut subjects: BTreeMap<String, NamedOrBlankNode> = BTreeMap::new();
    for node in graph.subjects_for_predicate_object(&kind, &word(DCAT, "Dataset")) {
        nodes.insert(node.to_string());
        subjects.insert(node.to_string(), node.into_owned());
    }
    // A catalogue may name datasets without saying what they are.
    for triple in graph.triples_for_predicate(&word(DCAT, "dataset")) {
        let node = match triple.object {
            TermRef::NamedNode(node) => NamedOrBlankNodeRef::from(node),
            TermRef::BlankNode(node) => NamedOrBlankNodeRef::from(node),
            TermRef::Literal(_) => continue,
        };
        if graph.triples_for_subject(node).next().is_some() && nodes.insert(node.to_string()) {
            subjects.insert(node.to_string(), node.into_owned());
        }
    }
    let reader = Reader { graph, language };
    Catalogue { found: subjects.into_values().map(|node| reader.found(&node, catalogue)).collect(), next: reader.next() }
}

struct Reader<'g> {
    graph: &'g Graph,
    language: &'g str,
}

impl Reader<'_> {
    fn found(&self, node: &NamedOrBlankNode, catalogue: &str) -> Found {
        let identifiers = self.all(node, DCT, "identifier");
        let named = match node {
            NamedOrBlankNode::NamedNode(node) => Some(node.as_str().to_owned()),
            NamedOrBlankNode::BlankNode(_) => identifiers.first().cloned(),
        };
        let label = |key: &str| Sha256::digest(key.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>();
        let part = Part::of(self.graph, node.as_ref(), &named.as_deref().map(label).unwrap_or_default());
        // A dataset without any name is known by all that is told of it.
        let (key, part) = match (named, part) {
            (Some(key), part) => (key, part),
            (None, Ok(part)) => {
                let print = label(&part.text());
                (format!("nameless:{print}"), Part::of(self.graph, node.as_ref(), &print))
            }
            (None, Err(why)) => ("nameless".to_owned(), Err(why)),
        };
        let key: String = key.chars().take(2_000).collect();
        match part {
            Err(why) => Found { key, record: Err(why), part: None },
            Ok(part) => Found { record: self.record(node, catalogue, &key, identifiers), key, part: Some(part) },
        }
    }

    fn record(&self, node: &NamedOrBlankNode, catalogue: &str, key: &str, identifiers: Vec<String>) -> Result<Record, Text> {
        let title = [(DCT, "title"), (RDFS, "label"), (SKOS, "prefLabel")].into_iter().map(|(of, name)| self.text(node, of, name));
        let title = title.into_iter().find(|title| *title != Text::default());
        let title = title.ok_or_else(|| Text::new("没有标题", "it has no title"))?;
        let id = slug(catalogue, key);
        let mut known: Vec<String> = Vec::new();
        for one in std::iter::once(key.to_owned()).chain(identifiers).chain(self.noted(node, ADMS, "identifier")) {
            if !known.contains(&one) && known.len() < LIST_MAX {
                known.push(one);
            }
        }
        let distributions = self.nodes(node, DCAT, "distribution");
        let rights = self.rights(node).or_else(|| distributions.iter().find_map(|one| self.rights(one)));
        let distributions = distributions.iter().enumerate().filter_map(|(n, one)| self.distribution(one, &format!("{id}.{}", n + 1))).collect();
        Ok(Record {
            identifiers: known,
            title,
            summary: self.text(node, DCT, "description"),
            publisher: self.publisher(node),
            contact: self.contact(node),
            themes: self.concepts(node, DCAT, "theme"),
            keywords: self.keywords(node),
            rights,
            languages: self.languages(node),
            issued: self.time(node, DCT, "issued"),
            modified: self.time(node, DCT, "modified"),
            frequency: self.all(node, DCT, "accrualPeriodicity").iter().find_map(|text| code::frequency(text)).map(str::to_owned),
            places: self.concepts(node, DCT, "spatial").into_iter().filter(|place| place.title != Text::default() || place.uri.is_some()).collect(),
            bounds: self.bounds(node),
            period: self.period(node),
            version: [(DCAT, "version"), (OWL, "versionInfo")].into_iter().find_map(|(of, name)| self.all(node, of, name).into_iter().next()),
            page: self.all(node, DCAT, "landingPage").into_iter().chain(self.all(node, FOAF, "homepage")).find(|page| is_web(page)),
            documentation: self.all(node, FOAF, "page").into_iter().filter(|page| is_web(page)).collect(),
            provenance: self.labelled(node, DCT, "provenance"),
            standards: self.concepts(node, DCT, "conformsTo"),
            distributions,
            id,
        })
    }

    /// Objects of a predicate, at most so many.
    fn objects(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Vec<Term> {
        let predicate = word(of, name);
        let mut found: Vec<Term> =
            self.graph.objects_for_subject_predicate(node, &predicate).take(LIST_MAX).map(TermRef::into_owned).collect();
        found.sort_by_cached_key(ToString::to_string);
        found
    }

    fn nodes(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Vec<NamedOrBlankNode> {
        self.objects(node, of, name).into_iter().filter_map(as_node).collect()
    }

    /// The objects as texts; nameless nodes by their value or label.
    fn all(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Vec<String> {
        let said = |term: Term| match term {
            Term::NamedNode(node) => Some(node.into_string()),
            Term::Literal(literal) => Some(short(literal.value())),
            Term::BlankNode(node) => {
                let node = NamedOrBlankNode::from(node);
                [(RDF, "value"), (RDFS, "label"), (SKOS, "prefLabel"), (DCT, "title")].into_iter().find_map(|(of, name)| self.literals(&node, of, name).into_iter().next()).map(|(_, value)| value)
            }
        };
        self.objects(node, of, name).into_iter().filter_map(said).filter(|text| !text.is_empty()).collect()
    }

    /// Literals with their languages.
    fn literals(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Vec<(String, String)> {
        let said = |term: Term| match term {
            Term::Literal(literal) => Some((literal.language().unwrap_or_default().to_ascii_lowercase(), short(literal.value()))),
            _ => None,
        };
        self.objects(node, of, name).into_iter().filter_map(said).filter(|(_, value)| !value.is_empty()).collect()
    }

    fn text(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Text {
        self.both(&self.literals(node, of, name))
    }

    /// Chinese and English where they are; otherwise the catalogue's language, a text without one, any.
    fn both(&self, said: &[(String, String)]) -> Text {
        let of = |language: &str| said.iter().find(|(tag, _)| tag.split('-').next() == Some(language)).map(|(_, value)| value.clone());
        let any = || of(self.language).or_else(|| of("")).or_else(|| said.first().map(|(_, value)| value.clone())).unwrap_or_default();
        match (of("zh"), of("en")) {
            (Some(zh), Some(en)) => Text { zh, en },
            (Some(zh), None) => Text { en: zh.clone(), zh },
            (None, Some(en)) if self.language == "en" || self.language.is_empty() => Text { zh: en.clone(), en },
            (None, Some(en)) => Text { zh: any(), en },
            (None, None) => Text { zh: any(), en: any() },
        }
    }

    fn keywords(&self, node: &NamedOrBlankNode) -> Vec<Text> {
        let mut words: Vec<Text> = Vec::new();
        for (_, word) in self.literals(node, DCAT, "keyword").into_iter().chain(self.literals(node, DCT, "subject")) {
            let word = Text::new(word.clone(), word);
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    fn publisher(&self, node: &NamedOrBlankNode) -> Publisher {
        let agents = [(DCT, "publisher"), (SCHEMA, "publisher"), (DCT, "creator")].into_iter();
        let mut told = agents.flat_map(|(of, name)| self.objects(node, of, name)).filter_map(|term| match term {
            Term::Literal(literal) => Some(Publisher { name: same(short(literal.value())), ..Publisher::default() }),
            term => {
                let uri = match &term {
                    Term::NamedNode(node) => Some(node.as_str().to_owned()),
                    _ => None,
                };
                let agent = as_node(term)?;
                let names = [(FOAF, "name"), (SCHEMA, "name"), (RDFS, "label"), (SKOS, "prefLabel"), (DCT, "title")];
                let name = names.into_iter().map(|(of, name)| self.text(&agent, of, name)).find(|name| *name != Text::default());
                let name = name.or_else(|| uri.as_deref().map(|uri| same(code::last(uri).to_owned())))?;
                let homepage = self.all(&agent, FOAF, "homepage").into_iter().find(|page| is_web(page));
                Some(Publisher { id: String::new(), name, homepage })
            }
        });
        told.next().unwrap_or_default()
    }

    fn contact(&self, node: &NamedOrBlankNode) -> Option<Contact> {
        let contacts = self.nodes(node, DCAT, "contactPoint").into_iter().chain(self.nodes(node, ADMS, "contactPoint"));
        let read = |node: NamedOrBlankNode| {
            let one = |names: [&str; 2]| names.into_iter().flat_map(|name| self.noted(&node, VCARD, name)).next();
            let contact = Contact {
                name: self.text(&node, VCARD, "fn"),
                email: one(["hasEmail", "email"]).map(|email| email.trim_start_matches("mailto:").to_owned()),
                telephone: one(["hasTelephone", "tel"]).map(|number| number.trim_start_matches("tel:").to_owned()),
                url: one(["hasURL", "url"]),
            };
            (contact != Contact::default()).then_some(contact)
        };
        contacts.filter_map(read).next()
    }

    /// Values that stand there or in a node between: `vcard:hasTelephone [ vcard:hasValue … ]`, `adms:identifier [ skos:notation … ]`.
    fn noted(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for term in self.objects(node, of, name) {
            let inner = as_node(term.clone()).map(|inner| {
                let inside = [(VCARD, "hasValue"), (VCARD, "value"), (SKOS, "notation"), (RDF, "value")];
                inside.into_iter().flat_map(|(of, name)| self.all(&inner, of, name)).collect::<Vec<_>>()
            });
            match (inner.filter(|inner| !inner.is_empty()), term) {
                (Some(inner), _) => found.extend(inner),
                (None, Term::NamedNode(node)) => found.push(node.into_string()),
                (None, Term::Literal(literal)) => found.push(short(literal.value())),
                (None, Term::BlankNode(_)) => {}
            }
        }
        found
    }

    fn concepts(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Vec<Concept> {
        let concept = |term: Term| match term {
            Term::Literal(literal) => Some(Concept { code: String::new(), title: same(short(literal.value())), uri: None }),
            Term::NamedNode(named) => {
                let title = self.label(&NamedOrBlankNode::from(named.clone()));
                let code = code::last(named.as_str()).to_owned();
                let title = if title == Text::default() { same(code.clone()) } else { title };
                Some(Concept { code, title, uri: Some(named.into_string()) })
            }
            Term::BlankNode(blank) => {
                let title = self.label(&NamedOrBlankNode::from(blank));
                (title != Text::default()).then(|| Concept { code: String::new(), title, uri: None })
            }
        };
        self.objects(node, of, name).into_iter().filter_map(concept).collect()
    }

    fn label(&self, node: &NamedOrBlankNode) -> Text {
        let names = [(SKOS, "prefLabel"), (RDFS, "label"), (DCT, "title"), (FOAF, "name"), (RDF, "value")];
        names.into_iter().map(|(of, name)| self.text(node, of, name)).find(|text| *text != Text::default()).unwrap_or_default()
    }

    /// A text, or the label of the node in its place.
    fn labelled(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Text {
        let own = self.text(node, of, name);
        if own != Text::default() {
            return own;
        }
        self.nodes(node, of, name).iter().map(|inner| self.label(inner)).find(|text| *text != Text::default()).unwrap_or_default()
    }

    fn rights(&self, node: &NamedOrBlankNode) -> Option<Rights> {
        let access = self.all(node, DCT, "accessRights");
        let restricted = access.iter().any(|text| ["RESTRICTED", "NON_PUBLIC", "CONFIDENTIAL"].iter().any(|word| code::last(text).eq_ignore_ascii_case(word)));
        let condition = self.labelled(node, DCT, "rights");
        let told = self.objects(node, DCT, "license").into_iter().next();
        let (id, title, url) = match told {
            Some(Term::NamedNode(named)) => {
                let url = named.as_str().to_owned();
                let known = data::open::LICENCES.iter().find(|known| {
                    let europe = !known.europe.is_empty() && url.ends_with(&format!("licence/{}", known.europe));
                    europe || bare(&url) == bare(known.url) || code::last(&url).eq_ignore_ascii_case(known.id)
                });
                let title = known.map_or_else(|| self.label(&NamedOrBlankNode::from(named)), data::open::Licence::title);
                let id = known.map_or_else(|| code::last(&url).to_owned(), |known| known.id.to_owned());
                (id, title, Some(url))
            }
            Some(Term::Literal(literal)) => {
                let text = short(literal.value());
                let url = is_web(&text).then(|| text.clone());
                (data::open::licence(&text).map_or_else(|| text.clone(), |known| known.id.to_owned()), same(text), url)
            }
            Some(Term::BlankNode(blank)) => {
                let title = self.label(&NamedOrBlankNode::from(blank));
                (title.get(kernel::Lang::En).to_owned(), title, None)
            }
            None if restricted || condition != Text::default() => (String::new(), Text::default(), None),
            None => return None,
        };
        Some(Rights { id, title, url, restricted, condition })
    }

    fn languages(&self, node: &NamedOrBlankNode) -> Vec<String> {
        let mut tags: Vec<String> = self.all(node, DCT, "language").iter().filter_map(|text| code::language(text)).collect();
        tags.sort();
        tags.dedup();
        tags
    }

    fn time(&self, node: &NamedOrBlankNode, of: &str, name: &str) -> Option<Moment> {
        self.all(node, of, name).iter().find_map(|text| moment(text))
    }

    fn period(&self, node: &NamedOrBlankNode) -> Option<Period> {
        let read = |node: NamedOrBlankNode| {
            let side = |names: [(&str, &str); 3], inner: &str| {
                let own = names.into_iter().find_map(|(of, name)| self.time(&node, of, name));
                // OWL-Time: hasBeginning [ inXSDDate … ].
                own.or_else(|| self.nodes(&node, TIME, inner).iter().find_map(|instant| ["inXSDDateTime", "inXSDDate", "inXSDgYear", "inXSDDateTimeStamp"].into_iter().find_map(|name| self.time(instant, TIME, name))))
            };
            let period = Period {
                start: side([(DCAT, "startDate"), (SCHEMA, "startDate"), (ADMS, "startDate")], "hasBeginning"),
                end: side([(DCAT, "endDate"), (SCHEMA, "endDate"), (ADMS, "endDate")], "hasEnd"),
            };
            (period != Period::default()).then_some(period)
        };
        self.nodes(node, DCT, "temporal").into_iter().find_map(read)
    }

    /// The box around what a geometry in WKT or GeoJSON spans.
    fn bounds(&self, node: &NamedOrBlankNode) -> Option<[f64; 4]> {
        let places = self.nodes(node, DCT, "spatial");
        let texts = places.iter().flat_map(|place| {
            let told = [(DCAT, "bbox"), (super::word::LOCN, "geometry"), (DCAT, "centroid")];
            told.into_iter().flat_map(|(of, name)| self.literals(place, of, name)).collect::<Vec<_>>()
        });
        texts.filter_map(|(_, text)| span(&text)).next()
    }

    fn distribution(&self, node: &NamedOrBlankNode, id: &str) -> Option<Distribution> {
        let download = self.all(node, DCAT, "downloadURL").into_iter().find(|url| is_web(url));
        let service = self.nodes(node, DCAT, "accessService").into_iter().next();
        let endpoint = |name: &str| service.as_ref().and_then(|service| self.all(service, DCAT, name).into_iter().find(|url| is_web(url)));
        let access = self.all(node, DCAT, "accessURL").into_iter().find(|url| is_web(url));
        let access = access.or_else(|| endpoint("endpointURL")).or_else(|| download.clone())?;
        let media = self.all(node, DCAT, "mediaType").into_iter().map(|media| media.rsplit("media-types/").next().unwrap_or_default().to_owned()).next();
        let format = self.all(node, DCT, "format").into_iter().map(|format| if is_web(&format) { code::last(&format).to_owned() } else { format }).next();
        let sums = self.nodes(node, SPDX, "checksum");
        let sha256 = sums.iter().filter(|sum| self.all(sum, SPDX, "algorithm").iter().any(|name| name.to_ascii_lowercase().contains("sha256")));
        let sha256 = sha256.flat_map(|sum| self.all(sum, SPDX, "checksumValue")).next();
        Some(Distribution {
            id: id.to_owned(),
            title: self.label(node),
            summary: self.text(node, DCT, "description"),
            format: format.or_else(|| media.clone()).unwrap_or_default(),
            media_type: media,
            access_url: access,
            download_url: download,
            bytes: self.all(node, DCAT, "byteSize").iter().find_map(|text| text.split('.').next()?.trim().parse().ok()),
            sha256,
            description_url: endpoint("endpointDescription"),
            issued: self.time(node, DCT, "issued"),
            modified: self.time(node, DCT, "modified"),
        })
    }

    /// Hydra's next page, in the words of today or in older ones.
    fn next(&self) -> Option<String> {
        ["next", "nextPage"].into_iter().find_map(|name| {
            let predicate = word(HYDRA, name);
            let object = self.graph.triples_for_predicate(&predicate).next()?.object.into_owned();
            match object {
                Term::NamedNode(node) => Some(node.into_string()),
                Term::Literal(literal) => Some(literal.value().to_owned()),
                Term::BlankNode(_) => None,
            }
        })
    }
}

const TIME: &str = "http://www.w3.org/2006/time#";

fn as_node(term: Term) -> Option<NamedOrBlankNode> {
    match term {
        Term::NamedNode(node) => Some(node.into()),
        Term::BlankNode(node) => Some(node.into()),
        Term::Literal(_) => None,
    }
}

fn same(text: String) -> Text {
    Text { en: text.clone(), zh: text }
}

fn short(text: &str) -> String {
    text.trim().chars().take(TEXT_MAX).collect()
}

fn is_web(text: &str) -> bool {
    let sound = text.starts_with("http://") || text.starts_with("https://") || text.starts_with("ftp://");
    sound && text.len() <= 4_000 && !text.chars().any(char::is_whitespace)
}

/// An address without what may differ and mean the same.
fn bare(url: &str) -> &str {
    url.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.").trim_end_matches('/')
}

/// West, south, east, north of all positions in a WKT or GeoJSON text.
fn span(text: &str) -> Option<[f64; 4]> {
    let text = text.find('>').filter(|_| text.starts_with('<')).and_then(|at| text.get(at + 1..)).unwrap_or(text);
    let numbers: Vec<f64> = match text.trim_start().starts_with('{') {
        true => {
            let json: serde_json::Value = serde_json::from_str(text).ok()?;
            let mut numbers = Vec::new();
            flat(json.get("coordinates")?, &mut numbers, 0);
            numbers
        }
        false => {
            let words = text.split(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.' | 'e' | 'E')));
            words.filter(|word| word.bytes().any(|byte| byte.is_ascii_digit())).filter_map(|word| word.parse().ok()).collect()
        }
    };
    let pairs: Vec<(f64, f64)> = numbers.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
    let inside = |(x, y): &(f64, f64)| (-180.0..=180.0).contains(x) && (-90.0..=90.0).contains(y);
    if pairs.is_empty() || !pairs.iter().all(inside) {
        return None;
    }
    let least = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    Some([least(|p| p.0), least(|p| p.1), most(|p| p.0), most(|p| p.1)])
}

fn flat(json: &serde_json::Value, into: &mut Vec<f64>, depth: usize) {
    match json {
        serde_json::Value::Array(list) if depth < 8 && into.len() < 100_000 => list.iter().for_each(|one| flat(one, into, depth + 1)),
        serde_json::Value::Number(number) => into.extend(number.as_f64()),
        _ => {}
    }
}
