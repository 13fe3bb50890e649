//! Requests to other nodes, signed, and whether their answers are to be believed: signed by a key that the agreement pins, for this
//! very request, over the bytes that came.

use ::collect::connect::{Heard, Line};
use data::declare::Neighbour;
use kernel::{Moment, Text};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::node::{PublicKey, content_digest};
use crate::share::said_there;
use crate::share::TO;
use crate::signature::{Flaw, Stated, flaw, verifier};
use crate::{Answer, Desk, DeskError};

const JSON: &str = "application/json";

/// A signed request to another node, ready to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: &'static str,
    /// As the other node sees it, without what a proxy in front of it takes away.
    pub path: String,
    /// The whole address.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// The signature, which the answer has to name.
    signature: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    /// By name in lower case.
    pub headers: std::collections::BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl From<Heard> for Response {
    fn from(heard: Heard) -> Response {
        Response { status: heard.status, headers: heard.headers, body: heard.body }
    }
}

/// An answer that is believed.
pub(super) struct Believed {
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// Its leaf in the other node's log, where it has one.
    pub leaf: Option<u64>,
    /// What was signed, and the signature: as evidence.
    pub evidence: Value,
}

impl Desk {
    /// Signs a request to a neighbour. `path` has its query.
    pub(super) fn request_to(&self, node: &Neighbour, method: &'static str, path: &str, body: Option<Vec<u8>>, now: Moment) -> Answer<Request> {
        let (bare, query) = path.split_once('?').map_or((path, None), |(bare, query)| (bare, Some(format!("?{query}"))));
        let digest = body.as_ref().map(|body| content_digest(&Sha256::digest(body)));
        let mut parts = vec![("\"@method\"", method), ("\"@path\"", bare)];
        parts.extend(query.as_deref().map(|query| ("\"@query\"", query)));
        parts.push(("\"sanjiang-to\"", node.division.as_str()));
        parts.extend(digest.as_deref().map(|digest| ("\"content-digest\"", digest)));
        let signed = self.sign_request(&parts, now)?;
        let mut headers = vec![(TO.to_owned(), node.division.clone()), ("accept".to_owned(), JSON.to_owned())];
        if let Some(digest) = digest {
            headers.extend([("content-type".to_owned(), JSON.to_owned()), ("content-digest".to_owned(), digest)]);
        }
        headers.extend([("signature-input".to_owned(), signed.input), ("signature".to_owned(), signed.signature.clone())]);
        let url = format!("{}{path}", node.url.trim_end_matches('/'));
        Ok(Request { method, path: path.to_owned(), url, headers, body, signature: signed.signature })
    }

    pub(super) fn line(&self) -> Answer<Line> {
        let line = self.0.sources.within(&self.city().info).and_then(|ctx| Line::new(&ctx));
        line.map_err(|error| DeskError::Invalid(error.message))
    }

    /// Whether an answer of 200 is the neighbour's own, to this request. `digest` is of the bytes that came.
    pub(super) fn believed(&self, node: &Neighbour, request: &Request, response: &Response, digest: [u8; 32]) -> Result<Believed, Flaw> {
        let header = |name: &str| response.headers.get(name).map(String::as_str).unwrap_or_default();
        let stated = Stated::read(header("signature-input"), header("signature"), None)?;
        let keyid = stated.keyid.as_deref().unwrap_or_default();
        let key = node.keys.iter().find(|key| PublicKey::named(key.x.clone()).kid == keyid).and_then(|key| verifier(&key.x));
        let key = key.ok_or_else(|| flaw("keyid", "应答不是用协议约定的密钥签名的", "the answer is not signed with a key that the agreement pins"))?;
        let all = [("@status", false), ("content-digest", false), ("signature", true)];
        if let Some((name, _)) = all.into_iter().find(|(name, of_request)| !stated.covers(name, *of_request)) {
            return Err(flaw("parts", &format!("应答的签名没有覆盖 {name}"), &format!("the answer's signature does not cover {name}")));
        }
        if header("content-digest") != content_digest(&digest) {
            return Err(flaw("digest", "应答的内容与其摘要不符", "the answer does not fit its digest"));
        }
        stated.holds(&key, |part| match (part.name.as_str(), part.of_request) {
            ("@status", false) => Some(response.status.to_string()),
            ("@method", true) => Some(request.method.to_owned()),
            ("@path", true) => Some(request.path.split('?').next().unwrap_or_default().to_owned()),
            ("@query", true) => Some(format!("?{}", request.path.split_once('?').map_or("", |(_, query)| query))),
            ("signature", true) => Some(request.signature.clone()),
            (name, false) if !name.starts_with('@') => response.headers.get(name).cloned(),
            _ => None,
        })?;
        let leaf = response.headers.get("sanjiang-receipt").and_then(|receipt| receipt.strip_prefix("leaf=")?.parse().ok());
        let leaf = leaf.filter(|_| stated.covers("sanjiang-receipt", false));
        let evidence = serde_json::json!({
            "request": { "method": request.method, "path": request.path, "signature": request.signature },
            "status": response.status, "content-type": header("content-type"), "content-digest": header("content-digest"),
            "sanjiang-receipt": header("sanjiang-receipt"), "signature-input": header("signature-input"), "signature": header("signature"),
        });
        Ok(Believed { digest, leaf, evidence })
    }

    /// Tells the log that something of a neighbour's was not believed, and answers why.
    pub(super) async fn disbelieve(&self, node: &Neighbour, path: &str, flaw: Flaw, now: Moment) -> Answer<Text> {
        let subject = crate::log::subject(crate::log::NODE, &node.id);
        if self.tells_refusal(&subject, now) {
            let detail = serde_json::json!({ "act": "answer", "why": flaw.word, "path": path });
            self.store().log(self.leaf("neighbour".into(), "node.refuse", &subject, detail)).await.map_err(crate::internal)?;
        }
        Ok(flaw.text)
    }
}

/// A problem that another node answers with, as who asked is told.
pub(super) fn problem(response: &Response) -> DeskError {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let short = |text: &Value| text.as_str().map(|text| text.chars().take(1_000).collect::<String>());
    let word = |name: &str| body.pointer(&format!("/details/{name}")).and_then(short);
    let plain = || (format!("HTTP {}", response.status), format!("HTTP {}", response.status));
    let (zh, en) = word("zh").zip(word("en")).unwrap_or_else(plain);
    let text = said_there(&Text::new(zh, en));
    match response.status {
        400 | 413 | 415 => DeskError::Invalid(text),
        401 | 403 | 404 => DeskError::Forbidden(text),
        422 => DeskError::Conflict(text),
        429 => DeskError::TooMany { text, seconds: response.headers.get("retry-after").and_then(|after| after.parse().ok()).unwrap_or(10) },
        _ => DeskError::Busy(text),
    }
}
