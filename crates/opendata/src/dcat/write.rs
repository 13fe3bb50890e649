//! From records to a DCAT-AP 3 graph.

use data::declare::Theme;
use data::open::{LICENCES, licence};
use oxrdf::{Literal, NamedNode, Triple};

use super::code::{file_type, language_code};
use super::draft::Draft;
use super::site::{Entry, Paging, Site, path};
use super::word::{DCAT, DCATAP, DCT, EUROPE, FOAF, GEO, HYDRA, IANA, OWL, RDFS, SKOS, SPDX, SPDX_LICENCES, VCARD, word};
use crate::record::{Concept, Contact, Distribution, Publisher, Record, Rights};

const PROFILE: &str = "http://data.europa.eu/r5r/";

/// A page of the catalogue with its datasets.
pub fn catalogue(site: &Site, entries: &[Entry], paging: Paging) -> Vec<Triple> {
    let mut draft = Draft::default();
    let Ok(catalogue) = NamedNode::new(site.uri()) else { return Vec::new() };
    of_itself(&mut draft, site, &catalogue);
    if paging.pages > 1 {
        pages(&mut draft, site, &catalogue, paging);
    }
    for entry in entries {
        match entry {
            Entry::Record(record) => {
                if let Some(uri) = one(&mut draft, site, record) {
                    draft.put(catalogue.clone(), word(DCAT, "dataset"), uri);
                }
                for service in record.distributions.iter().filter_map(|one| service_uri(site, record, one)) {
                    draft.put(catalogue.clone(), word(DCAT, "service"), service);
                }
            }
            Entry::Foreign { subject, triples } => {
                draft.put(catalogue.clone(), word(DCAT, "dataset"), subject.clone());
                draft.add(triples);
            }
        }
    }
    draft.into_triples()
}

/// One dataset alone.
pub fn dataset(site: &Site, entry: &Entry) -> Vec<Triple> {
    let mut draft = Draft::default();
    match entry {
        Entry::Record(record) => drop(one(&mut draft, site, record)),
        Entry::Foreign { triples, .. } => draft.add(triples),
    }
    draft.into_triples()
}

fn of_itself(draft: &mut Draft, site: &Site, catalogue: &NamedNode) {
    draft.class(catalogue, DCAT, "Catalog");
    draft.text(catalogue, word(DCT, "title"), &site.title, None);
    draft.text(catalogue, word(DCT, "description"), &site.summary, None);
    draft.time(catalogue, "issued", site.issued);
    draft.time(catalogue, "modified", site.modified);
    draft.node(catalogue, word(FOAF, "homepage"), &format!("{}/open", site.address), Some((FOAF, "Document")));
    draft.node(catalogue, word(DCT, "conformsTo"), PROFILE, Some((DCT, "Standard")));
    for tag in ["zh", "en"] {
        language(draft, catalogue, tag);
    }
    if let Some(usual) = LICENCES.first() {
        licensed(draft, catalogue, usual.id, usual.url);
    }
    for (scheme, zh, en) in [(format!("{EUROPE}data-theme"), "数据主题", "Data themes"), (themes(site), "主题", "Themes")] {
        if let Some(scheme) = draft.node(catalogue, word(DCAT, "themeTaxonomy"), &scheme, Some((SKOS, "ConceptScheme"))) {
            draft.text(&scheme, word(DCT, "title"), &kernel::Text::new(zh, en), None);
        }
    }
    publisher(draft, catalogue, site, &site.publisher);
    if let Some(contact) = &site.contact {
        contact_of(draft, catalogue, contact);
    }
}

/// Pages as Hydra tells them, in its words of today and in those that older harvesters follow.
fn pages(draft: &mut Draft, site: &Site, catalogue: &NamedNode, paging: Paging) {
    let address = |page: u64| format!("{}?page={page}", site.uri());
    let Some(view) = draft.node(catalogue, word(HYDRA, "view"), &address(paging.page), Some((HYDRA, "PartialCollectionView"))) else { return };
    draft.class(&view, HYDRA, "PagedCollection");
    let mut to = |words: [&str; 2], page: Option<u64>| {
        if let Some(page) = page.filter(|page| (1..=paging.pages).contains(page)) {
            draft.node(&view, word(HYDRA, words[0]), &address(page), None);
            draft.put(view.clone(), word(HYDRA, words[1]), Literal::new_simple_literal(address(page)));
        }
    };
    to(["first", "firstPage"], Some(1));
    to(["previous", "previousPage"], paging.page.checked_sub(1));
    to(["next", "nextPage"], paging.page.checked_add(1));
    to(["last", "lastPage"], Some(paging.pages));
    for subject in [catalogue, &view] {
        draft.typed(subject, word(HYDRA, "totalItems"), paging.total.to_string(), "integer");
    }
    draft.typed(&view, word(HYDRA, "itemsPerPage"), paging.size.to_string(), "integer");
}

/// Where one of our concepts is told.
fn themes(site: &Site) -> String {
    format!("{}/open/themes", site.address)
}

fn one(draft: &mut Draft, site: &Site, record: &Record) -> Option<NamedNode> {
    let uri = NamedNode::new(site.dataset(&record.id)).ok()?;
    let only = only(record);
    draft.class(&uri, DCAT, "Dataset");
    draft.plain(&uri, word(DCT, "identifier"), &record.id);
    for other in record.identifiers.iter().filter(|other| **other != record.id && **other != uri.as_str()) {
        draft.plain(&uri, word(DCT, "identifier"), other);
    }
    draft.text(&uri, word(DCT, "title"), &record.title, only);
    let told = if record.summary == kernel::Text::default() { &record.title } else { &record.summary };
    draft.text(&uri, word(DCT, "description"), told, only);
    publisher(draft, &uri, site, &record.publisher);
    if let Some(contact) = &record.contact {
        contact_of(draft, &uri, contact);
    }
    for keyword in &record.keywords {
        draft.text(&uri, word(DCAT, "keyword"), keyword, only);
    }
    record.themes.iter().for_each(|theme| themed(draft, &uri, site, theme));
    if let Some(rights) = &record.rights {
        access(draft, &uri, rights);
    }
    when_and_where(draft, &uri, record);
    record.languages.iter().for_each(|tag| language(draft, &uri, tag));
    if let Some(version) = &record.version {
        draft.plain(&uri, word(DCAT, "version"), version);
    }
    if let Some(page) = &record.page {
        draft.node(&uri, word(DCAT, "landingPage"), page, Some((FOAF, "Document")));
    }
    for page in &record.documentation {
        draft.node(&uri, word(FOAF, "page"), page, Some((FOAF, "Document")));
    }
    if record.provenance != kernel::Text::default()
        && let Some(statement) = draft.node(&uri, word(DCT, "provenance"), &format!("{}#provenance", uri.as_str()), Some((DCT, "ProvenanceStatement")))
    {
        draft.text(&statement, word(RDFS, "label"), &record.provenance, only);
    }
    for (n, standard) in record.standards.iter().enumerate() {
        let address = standard.uri.clone().unwrap_or_else(|| format!("{}#standard-{}", uri.as_str(), n + 1));
        if let Some(node) = draft.node(&uri, word(DCT, "conformsTo"), &address, Some((DCT, "Standard"))) {
            draft.text(&node, word(DCT, "title"), &standard.title, None);
        }
    }
    for distribution in &record.distributions {
        given(draft, &uri, site, record, distribution);
    }
    Some(uri)
}

/// The one language of a record whose texts are in one.
fn only(record: &Record) -> Option<&str> {
    match record.languages.as_slice() {
        [one] => Some(one.as_str()),
        _ => None,
    }
}

fn when_and_where(draft: &mut Draft, uri: &NamedNode, record: &Record) {
    draft.time(uri, "issued", record.issued);
    draft.time(uri, "modified", record.modified);
    if let Some(code) = &record.frequency {
        draft.node(uri, word(DCT, "accrualPeriodicity"), &format!("{EUROPE}frequency/{}", path(code)), Some((DCT, "Frequency")));
    }
    for (n, place) in record.places.iter().enumerate() {
        let address = place.uri.clone().unwrap_or_else(|| format!("{}#place-{}", uri.as_str(), n + 1));
        if let Some(node) = draft.node(uri, word(DCT, "spatial"), &address, Some((DCT, "Location"))) {
            draft.text(&node, word(SKOS, "prefLabel"), &place.title, None);
        }
    }
    if let Some([west, south, east, north]) = record.bounds
        && let Some(node) = draft.node(uri, word(DCT, "spatial"), &format!("{}#bounds", uri.as_str()), Some((DCT, "Location")))
    {
        let wkt = format!("POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))");
        draft.put(node, word(DCAT, "bbox"), Literal::new_typed_literal(wkt, word(GEO, "wktLiteral")));
    }
    if let Some(period) = record.period.as_ref().filter(|period| period.start.is_some() || period.end.is_some())
        && let Some(node) = draft.node(uri, word(DCT, "temporal"), &format!("{}#period", uri.as_str()), Some((DCT, "PeriodOfTime")))
    {
        for (name, moment) in [("startDate", period.start), ("endDate", period.end)] {
            if let Some(moment) = moment {
                draft.typed(&node, word(DCAT, name), moment.rfc3339(), "dateTime");
            }
        }
    }
}

/// What a part of a node is called, whether or not the node is itself a part of a page.
fn below(of: &NamedNode, name: &str) -> String {
    let mark = if of.as_str().contains('#') { '-' } else { '#' };
    format!("{}{mark}{name}", of.as_str())
}

fn publisher(draft: &mut Draft, of: &NamedNode, site: &Site, publisher: &Publisher) {
    if publisher.name == kernel::Text::default() {
        return;
    }
    let address = match publisher.id.as_str() {
        "" => below(of, "publisher"),
        id => format!("{}/open?department={}#publisher", site.address, path(id)),
    };
    if let Some(agent) = draft.node(of, word(DCT, "publisher"), &address, Some((FOAF, "Agent"))) {
        draft.text(&agent, word(FOAF, "name"), &publisher.name, None);
        draft.plain(&agent, word(DCT, "identifier"), &publisher.id);
        if let Some(page) = &publisher.homepage {
            draft.node(&agent, word(FOAF, "homepage"), page, Some((FOAF, "Document")));
        }
    }
}

fn contact_of(draft: &mut Draft, of: &NamedNode, contact: &Contact) {
    let address = below(of, "contact");
    let Some(node) = draft.node(of, word(DCAT, "contactPoint"), &address, Some((VCARD, "Kind"))) else { return };
    draft.class(&node, VCARD, "Organization");
    draft.text(&node, word(VCARD, "fn"), &contact.name, None);
    if let Some(email) = &contact.email {
        draft.node(&node, word(VCARD, "hasEmail"), &format!("mailto:{}", email.trim_start_matches("mailto:")), None);
    }
    if let Some(number) = &contact.telephone {
        draft.plain(&node, word(VCARD, "tel"), number);
    }
    if let Some(url) = &contact.url {
        draft.node(&node, word(VCARD, "hasURL"), url, None);
    }
}

/// A theme of our own and its twin in the European list; of another's list as it is told.
fn themed(draft: &mut Draft, of: &NamedNode, site: &Site, theme: &Concept) {
    let ours = Theme::parse(&theme.code);
    let europe = ours.map(|theme| format!("{EUROPE}data-theme/{}", theme.europe()));
    let own = theme.uri.clone().filter(|uri| Some(uri) != europe.as_ref());
    let own = own.or_else(|| ours.map(|_| format!("{}#{}", themes(site), path(&theme.code))));
    for (address, scheme, title) in [(europe.clone(), Some(format!("{EUROPE}data-theme")), None), (own, ours.map(|_| themes(site)), Some(&theme.title))] {
        let Some(node) = address.and_then(|address| draft.node(of, word(DCAT, "theme"), &address, Some((SKOS, "Concept")))) else { continue };
        match title {
            Some(title) => draft.text(&node, word(SKOS, "prefLabel"), title, None),
            None => draft.plain(&node, word(SKOS, "prefLabel"), node.as_str().rsplit('/').next().unwrap_or_default()),
        }
        if let Some(scheme) = scheme {
            draft.node(&node, word(SKOS, "inScheme"), &scheme, Some((SKOS, "ConceptScheme")));
        }
    }
}

fn access(draft: &mut Draft, of: &NamedNode, rights: &Rights) {
    let code = if rights.restricted { "RESTRICTED" } else { "PUBLIC" };
    draft.node(of, word(DCT, "accessRights"), &format!("{EUROPE}access-right/{code}"), Some((DCT, "RightsStatement")));
    if rights.condition != kernel::Text::default()
        && let Some(node) = draft.node(of, word(DCT, "rights"), &below(of, "condition"), Some((DCT, "RightsStatement")))
    {
        draft.text(&node, word(RDFS, "label"), &rights.condition, None);
    }
}

fn language(draft: &mut Draft, of: &NamedNode, tag: &str) {
    if let Some(code) = language_code(tag) {
        draft.node(of, word(DCT, "language"), &format!("{EUROPE}language/{code}"), Some((DCT, "LinguisticSystem")));
    }
}

/// The licence by the European list where that has it, otherwise by its own address.
fn licensed(draft: &mut Draft, of: &NamedNode, id: &str, url: &str) {
    let known = licence(id);
    let europe = known.filter(|known| !known.europe.is_empty()).map(|known| format!("{EUROPE}licence/{}", known.europe));
    let address = europe.unwrap_or_else(|| url.to_owned());
    if let Some(node) = draft.node(of, word(DCT, "license"), &address, Some((DCT, "LicenseDocument"))) {
        draft.plain(&node, word(DCT, "identifier"), id);
        if let Some(known) = known {
            draft.text(&node, word(DCT, "title"), &known.title(), None);
            for same in [known.url.to_owned(), format!("{SPDX_LICENCES}{}", known.id)] {
                draft.node(&node, word(OWL, "sameAs"), &same, None);
            }
        }
    }
}

fn given(draft: &mut Draft, dataset: &NamedNode, site: &Site, record: &Record, one: &Distribution) {
    let Ok(node) = NamedNode::new(format!("{}#file-{}", dataset.as_str(), path(&one.id))) else { return };
    draft.put(dataset.clone(), word(DCAT, "distribution"), node.clone());
    draft.class(&node, DCAT, "Distribution");
    draft.plain(&node, word(DCT, "identifier"), &one.id);
    draft.text(&node, word(DCT, "title"), &one.title, only(record));
    draft.text(&node, word(DCT, "description"), &one.summary, only(record));
    draft.node(&node, word(DCAT, "accessURL"), &one.access_url, None);
    if let Some(url) = &one.download_url {
        draft.node(&node, word(DCAT, "downloadURL"), url, None);
    }
    format(draft, &node, one);
    if let Some(rights) = &record.rights {
        let url = rights.url.clone().unwrap_or_default();
        licensed(draft, &node, &rights.id, &url);
        access(draft, &node, &Rights { condition: kernel::Text::default(), ..rights.clone() });
    }
    if let Some(bytes) = one.bytes {
        draft.typed(&node, word(DCAT, "byteSize"), bytes.to_string(), "nonNegativeInteger");
    }
    if let Some(sha256) = &one.sha256
        && let Some(sum) = draft.node(&node, word(SPDX, "checksum"), &format!("{}-checksum", node.as_str()), Some((SPDX, "Checksum")))
    {
        draft.node(&sum, word(SPDX, "algorithm"), &format!("{SPDX}checksumAlgorithm_sha256"), Some((SPDX, "ChecksumAlgorithm")));
        draft.typed(&sum, word(SPDX, "checksumValue"), sha256.to_lowercase(), "hexBinary");
    }
    draft.time(&node, "issued", one.issued);
    draft.time(&node, "modified", one.modified);
    if one.access_url.starts_with(&site.address)
        && let Some(stable) = draft.node(&node, word(DCATAP, "availability"), &format!("{EUROPE}planned-availability/STABLE"), Some((SKOS, "Concept")))
    {
        draft.plain(&stable, word(SKOS, "prefLabel"), "stable");
    }
    if let Some(service) = service_uri(site, record, one) {
        draft.put(node, word(DCAT, "accessService"), service.clone());
        served(draft, dataset, site, record, one, &service);
    }
}

fn format(draft: &mut Draft, node: &NamedNode, one: &Distribution) {
    match file_type(&one.format) {
        Some(code) => drop(draft.node(node, word(DCT, "format"), &format!("{EUROPE}file-type/{code}"), Some((DCT, "MediaTypeOrExtent")))),
        None if !one.format.is_empty() => {
            let own = draft.node(node, word(DCT, "format"), &format!("{}-format", node.as_str()), Some((DCT, "MediaTypeOrExtent")));
            if let Some(own) = own {
                draft.plain(&own, word(RDFS, "label"), &one.format);
            }
        }
        None => {}
    }
    let media = one.media_type.as_deref().and_then(|media| media.split(';').next()).map(str::trim);
    let sound = |media: &&str| media.split('/').count() == 2 && media.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.+-_".contains(&byte));
    if let Some(media) = media.filter(sound) {
        draft.node(node, word(DCAT, "mediaType"), &format!("{IANA}{media}"), Some((DCT, "MediaType")));
    }
}

/// A service describes itself somewhere, which a file does not.
fn service_uri(site: &Site, record: &Record, one: &Distribution) -> Option<NamedNode> {
    one.description_url.as_ref()?;
    NamedNode::new(format!("{}#service-{}", site.dataset(&record.id), path(&one.id))).ok()
}

fn served(draft: &mut Draft, dataset: &NamedNode, site: &Site, record: &Record, one: &Distribution, service: &NamedNode) {
    draft.class(service, DCAT, "DataService");
    draft.text(service, word(DCT, "title"), &one.title, only(record));
    draft.text(service, word(DCT, "description"), &one.summary, only(record));
    draft.node(service, word(DCAT, "endpointURL"), &one.access_url, None);
    if let Some(told) = &one.description_url {
        draft.node(service, word(DCAT, "endpointDescription"), told, None);
    }
    draft.put(service.clone(), word(DCAT, "servesDataset"), dataset.clone());
    publisher(draft, service, site, &record.publisher);
    if let Some(contact) = &record.contact {
        contact_of(draft, service, contact);
    }
    record.themes.iter().for_each(|theme| themed(draft, service, site, theme));
    if let Some(rights) = &record.rights {
        licensed(draft, service, &rights.id, rights.url.as_deref().unwrap_or_default());
        access(draft, service, rights);
    }
}
