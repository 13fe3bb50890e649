//! The keys of a bucket below a prefix, page by page.

use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use super::{Bucket, encoded};
use crate::CollectError;
use crate::connect::files::Pattern;
use crate::connect::files::place::Found;
use crate::connect::http::page::Page;
use crate::connect::http::request::Answer;

/// More objects than this are not taken for one resource.
const OBJECT_LIMIT: usize = 100_000;
/// Pages of a listing hold a thousand keys; more of them are taken for endless.
const PAGE_LIMIT: usize = 10_000;

/// One page of a listing.
#[derive(Default)]
struct Listing {
    objects: Vec<Object>,
    next: Option<String>,
}

#[derive(Default)]
struct Object {
    key: String,
    length: u64,
    etag: Option<String>,
    modified: Option<String>,
}

impl Bucket {
    /// The objects whose keys, from the prefix on, the pattern takes; sorted by name.
    pub(super) fn find(&self, pattern: &Pattern) -> Result<Vec<Found>, CollectError> {
        let prefix = format!("{}{}", self.prefix, pattern.fixed_start());
        let mut found = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..PAGE_LIMIT {
            let url = self.page_address(&prefix, next.as_deref())?;
            let page = match self.get(url.clone())? {
                Answer::Page(page) => page,
                Answer::Missing | Answer::Unchanged => return Err(self.no_bucket(&url)),
            };
            let listing = self.read(&url, &page)?;
            for object in listing.objects {
                // A key that ends with `/` stands for a folder.
                let Some(name) = object.key.strip_prefix(&self.prefix).filter(|name| !name.ends_with('/')) else {
                    continue;
                };
                if pattern.takes(name) {
                    let Object { length, etag, modified, .. } = object;
                    found.push(Found { name: name.to_owned(), path: Default::default(), length, etag, modified });
                }
            }
            if found.len() > OBJECT_LIMIT {
                let (zh, en) =
                    (format!("匹配的对象超过 {OBJECT_LIMIT} 个"), format!("more than {OBJECT_LIMIT} objects match"));
                return Err(self.caller.error("files.too_many", &url, &zh, &en));
            }
            match listing.next {
                Some(token) if next.as_ref() != Some(&token) => next = Some(token),
                Some(_) => break,
                None => {
                    found.sort();
                    return Ok(found);
                }
            }
        }
        let url = self.page_address(&prefix, None)?;
        Err(self.caller.error(
            "s3.endless",
            &url,
            "列出存储桶没有尽头，已停止",
            "the listing of the bucket does not end: stopped",
        ))
    }

    fn page_address(&self, prefix: &str, next: Option<&str>) -> Result<Url, CollectError> {
        let mut text = format!("{}/?encoding-type=url&list-type=2&prefix={}", self.base, encoded(prefix, false));
        if let Some(next) = next {
            text = format!("{text}&continuation-token={}", encoded(next, false));
        }
        Url::parse(&text).map_err(|error| {
            CollectError::new(
                "http.url",
                &self.base,
                format!("地址无效：{error}"),
                format!("The address is not valid: {error}"),
            )
        })
    }

    fn no_bucket(&self, url: &Url) -> CollectError {
        self.caller.error(
            "s3.bucket",
            url,
            "没有这个存储桶，请核对 bucket、endpoint 和 path_style",
            "there is no such bucket: check bucket, endpoint and path_style",
        )
    }

    fn read(&self, url: &Url, page: &Page) -> Result<Listing, CollectError> {
        let reader = page.reader().map_err(|error| crate::read::failure(&self.base, &error))?;
        listing(Reader::from_reader(reader)).ok_or_else(|| {
            self.caller.error(
                "s3.listing",
                url,
                "回答不是存储桶的对象列表，请核对 endpoint",
                "the answer is not the listing of a bucket: check endpoint",
            )
        })
    }
}

/// Reads a listing; `None` when it is not one.
fn listing(mut reader: Reader<impl std::io::BufRead>) -> Option<Listing> {
    let mut listing = Listing::default();
    let mut path: Vec<String> = Vec::new();
    let mut buffer = Vec::new();
    let (mut text, mut truncated, mut seen, mut url_encoded) = (String::new(), false, false, false);
    let mut object = Object::default();
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(start) => {
                path.push(AsRef::<str>::as_ref(&start.local_name()).to_owned());
                text.clear();
                seen |= path.len() == 1 && path.first().is_some_and(|name| name == "ListBucketResult");
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(entity) => text.push_str(&resolved(&entity)?),
            Event::End(_) => {
                match path.iter().skip(1).map(String::as_str).collect::<Vec<_>>().as_slice() {
                    ["Contents", "Key"] => object.key = std::mem::take(&mut text),
                    ["Contents", "Size"] => object.length = text.trim().parse().ok()?,
                    ["Contents", "ETag"] => object.etag = Some(std::mem::take(&mut text)),
                    ["Contents", "LastModified"] => object.modified = Some(std::mem::take(&mut text)),
                    ["Contents"] => listing.objects.push(std::mem::take(&mut object)),
                    ["IsTruncated"] => truncated = text.trim() == "true",
                    ["NextContinuationToken"] => listing.next = Some(std::mem::take(&mut text)),
                    ["EncodingType"] => url_encoded = text.trim() == "url",
                    _ => {}
                }
                path.pop();
            }
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    if !truncated {
        listing.next = None;
    }
    if url_encoded {
        listing.objects.iter_mut().for_each(|object| object.key = decoded(&object.key));
    }
    (seen && path.is_empty()).then_some(listing)
}

/// What an entity stands for.
fn resolved(entity: &str) -> Option<String> {
    Some(match entity {
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "amp" => "&".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        code => {
            let code = code.strip_prefix('#')?;
            let number =
                code.strip_prefix('x').map_or_else(|| code.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
            char::from_u32(number)?.to_string()
        }
    })
}

/// Keys in listings are encoded as forms are.
fn decoded(key: &str) -> String {
    let pair = format!("k={key}");
    url::form_urlencoded::parse(pair.replace('&', "%26").as_bytes())
        .next()
        .map_or_else(|| key.to_owned(), |(_, key)| key.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_with_its_odd_keys() {
        let xml = r#"<?xml version="1.0"?><ListBucketResult xmlns="x"><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
            <Contents><Key>a+b%2Bc%26d.csv</Key><Size>7</Size><ETag>&quot;e1&#34;</ETag></Contents>
            <Contents><Key>%E4%BA%BA.csv</Key><Size>0</Size></Contents>
            <NextContinuationToken>t&amp;1</NextContinuationToken></ListBucketResult>"#;
        let read = listing(Reader::from_reader(xml.as_bytes())).unwrap();
        let keys: Vec<_> = read.objects.iter().map(|o| (o.key.as_str(), o.length, o.etag.as_deref())).collect();
        assert_eq!(keys, [("a b+c&d.csv", 7, Some("\"e1\"")), ("人.csv", 0, None)]);
        assert_eq!(read.next.as_deref(), Some("t&1"));
        for no_listing in ["", "<html>", "<html></html>", "<ListBucketResult><Contents>"] {
            assert!(listing(Reader::from_reader(no_listing.as_bytes())).is_none(), "{no_listing}");
        }
    }
}
