//! The words of the vocabularies that DCAT-AP is written in.

use oxrdf::NamedNode;

pub(super) const DCAT: &str = "http://www.w3.org/ns/dcat#";
pub(super) const DCT: &str = "http://purl.org/dc/terms/";
pub(super) const FOAF: &str = "http://xmlns.com/foaf/0.1/";
pub(super) const VCARD: &str = "http://www.w3.org/2006/vcard/ns#";
pub(super) const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
pub(super) const SPDX: &str = "http://spdx.org/rdf/terms#";
pub(super) const ADMS: &str = "http://www.w3.org/ns/adms#";
pub(super) const OWL: &str = "http://www.w3.org/2002/07/owl#";
pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
pub(super) const GEO: &str = "http://www.opengis.net/ont/geosparql#";
pub(super) const LOCN: &str = "http://www.w3.org/ns/locn#";
pub(super) const SCHEMA: &str = "http://schema.org/";
pub(super) const HYDRA: &str = "http://www.w3.org/ns/hydra/core#";
pub(super) const DCATAP: &str = "http://data.europa.eu/r5r/";
/// The lists of the Publications Office of the European Union.
pub(super) const EUROPE: &str = "http://publications.europa.eu/resource/authority/";
pub(super) const IANA: &str = "http://www.iana.org/assignments/media-types/";
pub(super) const SPDX_LICENCES: &str = "https://spdx.org/licenses/";

/// What the written forms abbreviate.
pub(super) const PREFIXES: [(&str, &str); 13] = [
    ("dcat", DCAT),
    ("dct", DCT),
    ("foaf", FOAF),
    ("vcard", VCARD),
    ("skos", SKOS),
    ("spdx", SPDX),
    ("adms", ADMS),
    ("rdfs", RDFS),
    ("xsd", XSD),
    ("geo", GEO),
    ("locn", LOCN),
    ("hydra", HYDRA),
    ("dcatap", DCATAP),
];

/// A word of a vocabulary; both are written out in this program.
pub(super) fn word(vocabulary: &str, name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{vocabulary}{name}"))
}
