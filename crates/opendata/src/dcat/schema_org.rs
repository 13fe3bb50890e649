//! What search engines read in a page: schema.org's words, as JSON-LD.

use kernel::{Lang, Text};
use serde_json::{Map, Value, json};

use super::site::Site;
use crate::record::Record;

/// Files of one dataset that are told.
const FILES_MAX: usize = 100;

/// The text of a script element: no `<` ends it early.
pub fn script(json: &Value) -> String {
    json.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// A dataset, told in one language.
pub fn dataset(site: &Site, record: &Record, lang: Lang) -> Value {
    let page = record.page.clone().unwrap_or_else(|| site.dataset(&record.id));
    let said = |text: &Text| text.get(lang).to_owned();
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        let empty = value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            out.insert(name.to_owned(), value);
        }
    };
    put("@context", json!("https://schema.org/"));
    put("@type", json!("Dataset"));
    put("@id", json!(site.dataset(&record.id)));
    put("name", json!(said(&record.title)));
    let summary = if record.summary == Text::default() { &record.title } else { &record.summary };
    put("description", json!(said(summary)));
    put("url", json!(page));
    put("identifier", json!(record.identifiers));
    put("keywords", json!(record.keywords.iter().map(said).collect::<Vec<_>>()));
    put("license", json!(record.rights.as_ref().and_then(|rights| rights.url.clone())));
    put("isAccessibleForFree", json!(true));
    put("inLanguage", json!(record.languages));
    put("version", json!(record.version));
    put("datePublished", json!(record.issued.map(|moment| moment.rfc3339())));
    put("dateModified", json!(record.modified.map(|moment| moment.rfc3339())));
    put("creator", organisation(&said(&record.publisher.name), record.publisher.homepage.as_deref()));
    put("publisher", organisation(&said(&record.publisher.name), record.publisher.homepage.as_deref()));
    put("includedInDataCatalog", json!({ "@type": "DataCatalog", "@id": site.uri(), "name": said(&site.title), "url": format!("{}/open", site.address) }));
    put("spatialCoverage", places(record, lang));
    let period = record.period.as_ref().map(|period| {
        let side = |moment: Option<kernel::Moment>| moment.map_or_else(|| "..".to_owned(), |moment| moment.rfc3339());
        format!("{}/{}", side(period.start), side(period.end))
    });
    put("temporalCoverage", json!(period));
    let files = record.distributions.iter().take(FILES_MAX).map(|one| {
        let mut file = json!({ "@type": "DataDownload", "name": said(&one.title), "encodingFormat": one.media_type.clone().unwrap_or_else(|| one.format.clone()), "contentUrl": one.download_url.clone().unwrap_or_else(|| one.access_url.clone()) });
        if let (Some(bytes), Some(file)) = (one.bytes, file.as_object_mut()) {
            file.insert("contentSize".to_owned(), json!(format!("{bytes} B")));
        }
        file
    });
    put("distribution", Value::Array(files.collect()));
    Value::Object(out)
}

fn organisation(name: &str, url: Option<&str>) -> Value {
    match (name, url) {
        ("", _) => Value::Null,
        (name, None) => json!({ "@type": "Organization", "name": name }),
        (name, Some(url)) => json!({ "@type": "Organization", "name": name, "url": url }),
    }
}

fn places(record: &Record, lang: Lang) -> Value {
    let mut places: Vec<Value> =
        record.places.iter().map(|place| json!({ "@type": "Place", "name": place.title.get(lang), "sameAs": place.uri })).collect();
    if let Some([west, south, east, north]) = record.bounds {
        places.push(json!({ "@type": "Place", "geo": { "@type": "GeoShape", "box": format!("{south} {west} {north} {east}") } }));
    }
    Value::Array(places)
}

/// The portal itself.
pub fn data_catalog(site: &Site, lang: Lang) -> Value {
    json!({
        "@context": "https://schema.org/", "@type": "DataCatalog", "@id": site.uri(),
        "name": site.title.get(lang), "description": site.summary.get(lang), "url": format!("{}/open", site.address),
        "inLanguage": ["zh-CN", "en"], "publisher": organisation(site.publisher.name.get(lang), site.publisher.homepage.as_deref()),
        "dateModified": site.modified.map(|moment| moment.rfc3339()),
    })
}
