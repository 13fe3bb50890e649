//! S3-compatible buckets: keys are listed, objects that changed are fetched to a file and read as any delivery is.

mod list;
mod sign;

use std::time::Duration;

use data::declare::{Connector, Resource, System};
use data::network::AllowList;
use kernel::Text;
use md5::{Digest, Md5};
use reqwest::header::HeaderMap;
use url::Url;

use super::files::place::{Fetched, Found, Local, Place};
use super::files::{Pattern, deliveries};
use super::http::address;
use super::http::ask::Ask;
use super::http::login::Login;
use super::http::page::Page;
use super::http::request::{Answer, Caller};
use super::{Context, hex, hint, http, wait};
use crate::position::FileMark;
use crate::read::Fingerprint;
use crate::source::Decision;
use crate::{CollectError, Position, Source};

pub(super) use sign::Signer;
use sign::encoded;

/// Opens the objects that a resource names, after what was read before.
pub fn open(
    ctx: &Context,
    system: &System,
    resource: &Resource,
    position: &Position,
) -> Result<Box<dyn Source>, CollectError> {
    let bucket = Bucket::new(ctx, system)?;
    let from = resource.collect.from.trim_start_matches("./").to_owned();
    let pattern = Pattern::new(&from);
    let found = bucket.find(&pattern)?;
    if found.is_empty() {
        return Err(bucket.nothing(&from));
    }
    Ok(deliveries(Box::new(bucket), found, resource, position))
}

/// A bucket, seen from its prefix on.
struct Bucket {
    runtime: tokio::runtime::Handle,
    caller: Caller,
    /// Address of the bucket, without a `/` at its end.
    base: String,
    prefix: String,
    minutes: u32,
}

impl Bucket {
    fn new(ctx: &Context, system: &System) -> Result<Bucket, CollectError> {
        let Connector::S3 {
            endpoint,
            bucket,
            prefix,
            region,
            path_style,
            access_key,
            secret_key,
            session_token,
            retries,
            timeout_seconds,
            deadline_minutes,
            largest_mib,
        } = &system.connector
        else {
            let (zh, en) = ("这个系统不是存储桶。", "This system is not a bucket.");
            return Err(CollectError::new("connect.kind", &system.id, zh, en));
        };
        let mut secrets = Vec::new();
        let mut fill = |text: &str| ctx.filled_noting(&system.id, text, &mut secrets);
        let endpoint = address::first(system, &fill(endpoint)?, "")?;
        let base = base(system, &endpoint, &fill(bucket)?, *path_style)?;
        let prefix = fill(prefix)?;
        let region = fill(region)?;
        let token = session_token.as_deref().map(&mut fill).transpose()?;
        let login = match (access_key, secret_key) {
            (Some(access), Some(secret)) => Login::Signed(Signer::new(&fill(access)?, fill(secret)?, token, &region)),
            _ => Login::None,
        };
        let caller = Caller {
            client: ctx.network.client()?,
            network: ctx.network.clone(),
            headers: HeaderMap::new(),
            login,
            attempts: (*retries).clamp(1, 10),
            timeout: Duration::from_secs(u64::from((*timeout_seconds).clamp(1, 600))),
            deadline: http::deadline(*deadline_minutes),
            minutes: *deadline_minutes,
            per_second: None,
            largest: u64::from((*largest_mib).clamp(1, 1 << 20)) << 20,
            redirects: AllowList::default(),
            contact: ctx.contacts.of(&system.id),
            secrets,
        };
        Ok(Bucket { runtime: ctx.runtime.clone(), caller, base, prefix, minutes: *deadline_minutes })
    }

    fn get(&self, url: Url) -> Result<Answer, CollectError> {
        wait(&self.runtime, self.caller.fetch(&Ask { url, body: None }, None))
    }

    fn object(&self, name: &str) -> Result<Url, CollectError> {
        let key = format!("{}{name}", self.prefix);
        let url = Url::parse(&format!("{}/{}", self.base, encoded(&key, true))).ok();
        // A step up in the key would be taken out of the address, and another object be asked for.
        url.filter(|_| !key.split('/').any(|step| matches!(step, "." | ".."))).ok_or_else(|| {
            CollectError::new(
                "s3.key",
                name,
                "对象的键里有「.」或「..」，无法用地址表示，请改名。",
                "The object's key has a step “.” or “..”, which an address cannot hold: rename it.",
            )
        })
    }

    fn nothing(&self, from: &str) -> CollectError {
        let near = self.find(&Pattern::new("**/*")).unwrap_or_default();
        let present: Vec<String> = near.into_iter().take(10_000).map(|found| found.name).collect();
        let (zh, en) = hint(from, &present);
        CollectError::new(
            "s3.missing",
            format!("{}/{}", self.base, self.prefix),
            format!("存储桶中没有「{from}」。{zh}"),
            format!("The bucket has no “{from}”. {en}"),
        )
    }

    fn take(&self, found: &Found, page: Page) -> Result<Local, CollectError> {
        let name = &found.name;
        let tag = page.version().etag;
        let bare = |tag: &Option<String>| tag.as_deref().map(|tag| tag.trim_matches('"').to_owned());
        if tag.is_some() && bare(&tag) != bare(&found.etag) {
            return Err(changed(name));
        }
        let unreadable = |error| crate::read::failure(name, &error);
        if let Some(expected) = plain_md5(&page, found.etag.as_deref()) {
            let mut digest = Md5::new();
            let mut reader = page.reader().map_err(unreadable)?;
            std::io::copy(&mut reader, &mut Hashing(&mut digest)).map_err(unreadable)?;
            let computed = hex(&digest.finalize());
            if computed != expected {
                return Err(damaged(name));
            }
        }
        if page.length != found.length {
            return Err(damaged(name));
        }
        let print = Fingerprint { hash: page.hash, length: page.length };
        let path = page.spool.path().to_owned();
        let stamp = path.metadata().ok().and_then(|metadata| Some((metadata.len(), metadata.modified().ok()?)));
        Ok(Local { path, print, stamp, _spool: Some(page.spool) })
    }
}

impl Place for Bucket {
    fn is_same(&self, found: &Found, mark: &FileMark) -> bool {
        found.etag.is_some() && found.etag == mark.etag && found.length == mark.length
    }

    fn fetch(&mut self, found: &Found) -> Result<Fetched, CollectError> {
        self.caller.deadline = http::deadline(self.minutes);
        match self.get(self.object(&found.name)?)? {
            Answer::Page(page) => Ok(Fetched::Ready(self.take(found, page)?)),
            Answer::Missing | Answer::Unchanged => Ok(Fetched::Held(Decision {
                what: "held".to_owned(),
                about: found.name.clone(),
                chosen: String::new(),
                why: Text::new("列出之后、读取之前被删除", "it was removed after it was listed and before it was read"),
            })),
        }
    }

    /// A bucket shows an object only when it is whole.
    fn settled(&mut self, _: &Found, _: &Local) -> Result<Option<Decision>, CollectError> {
        Ok(None)
    }
}

struct Hashing<'h>(&'h mut Md5);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The MD5 that a tag is, unless the object was uploaded in parts, or encrypted in a way that hides it.
fn plain_md5(page: &Page, etag: Option<&str>) -> Option<String> {
    let by_key =
        page.headers.get("x-amz-server-side-encryption").is_some_and(|way| way.as_bytes().starts_with(b"aws:kms"));
    if by_key || page.headers.contains_key("x-amz-server-side-encryption-customer-algorithm") {
        return None;
    }
    let tag = etag?.trim_matches('"').to_ascii_lowercase();
    (tag.len() == 32 && tag.bytes().all(|b| b.is_ascii_hexdigit())).then_some(tag)
}

fn base(system: &System, endpoint: &Url, bucket: &str, path_style: bool) -> Result<String, CollectError> {
    let endpoint = endpoint.as_str().trim_end_matches('/');
    let base = match path_style {
        true => format!("{endpoint}/{}", encoded(bucket, false)),
        false => endpoint.replacen("://", &format!("://{bucket}."), 1),
    };
    address::first(system, &base, "").map(|url| url.as_str().trim_end_matches('/').to_owned())
}

fn changed(name: &str) -> CollectError {
    CollectError::new(
        "files.changed",
        name,
        "列出之后对象被改写，请稍后再试。",
        "The object was changed after it was listed: try again later.",
    )
    .transient()
}

fn damaged(name: &str) -> CollectError {
    CollectError::new(
        "s3.damaged",
        name,
        "收到的内容与存储桶所列的长度或校验值不符，请稍后再试。",
        "What was received does not match the length or checksum that the bucket lists: try again later.",
    )
    .transient()
}
