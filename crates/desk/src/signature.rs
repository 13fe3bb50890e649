//! HTTP message signatures (RFC 9421) of others, Ed25519: what a message says of its signature, the text that was signed, and
//! whether it is to be believed. Of structured fields (RFC 8941) it reads what the standard writes, and refuses the rest.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use kernel::{Moment, Text};
use tlog::Verifier;

use crate::node::content_digest;

/// Seconds that the clock of who signs may differ from ours, and that a signature holds at most.
pub const SKEW: i64 = 300;
/// What signatures of requests are made for: one made for another purpose is none here.
pub const TAG: &str = "sanjiang-request";
/// Longest fields that are read, most parts that are covered, and longest words of parameters.
const FIELD_MAX: usize = 4_096;
const PARTS_MAX: usize = 32;
const WORD_MAX: usize = 128;
/// Shortest nonce: shorter ones would come again by chance.
const NONCE_MIN: usize = 16;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Message {
    pub method: String,
    /// `https` or `http`.
    pub scheme: String,
    /// Host and port as the caller names them.
    pub authority: String,
    pub path: String,
    /// Behind the question mark, where there is one.
    pub query: Option<String>,
    /// By name in lower case; of repeated ones the values joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// SHA-256 of the body, and how long it is.
    pub digest: [u8; 32],
    pub length: usize,
}

/// Why a signature is not believed: a word for the log, and what the caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub word: &'static str,
    pub text: Text,
}

/// A part that a signature covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub name: String,
    /// Of the request, where an answer is signed.
    pub of_request: bool,
}

/// What a message says of its signature.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    pub parts: Vec<Part>,
    /// List and parameters as they were written.
    written: String,
    pub created: Option<i64>,
    pub expires: Option<i64>,
    pub nonce: Option<String>,
    pub keyid: Option<String>,
    alg: Option<String>,
    tag: Option<String>,
    signature: Vec<u8>,
}

pub(crate) fn flaw(word: &'static str, zh: &str, en: &str) -> Flaw {
    Flaw { word, text: Text::new(format!("签名未被接受：{zh}。"), format!("The signature is not accepted: {en}.")) }
}

fn unreadable() -> Flaw {
    flaw("form", "Signature-Input 或 Signature 的格式不对", "Signature-Input or Signature is not in the form of RFC 9421")
}

/// The Ed25519 key of these letters of base64url.
pub(crate) fn verifier(x: &str) -> Option<Verifier> {
    let bytes: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(x).ok()?.try_into().ok()?;
    Verifier::ed25519("key", &bytes).ok()
}

impl Stated {
    /// Reads the two fields; of several signatures the one with this tag, or without any where `tag` is `None`.
    pub fn read(input: &str, signature: &str, tag: Option<&str>) -> Result<Stated, Flaw> {
        if input.len() > FIELD_MAX || signature.len() > FIELD_MAX {
            return Err(unreadable());
        }
        let (mut inputs, mut signatures) = (Cursor(input), Cursor(signature));
        let mut found: Option<(String, Stated)> = None;
        for (label, stated) in inputs.members(Cursor::covered).ok_or_else(unreadable)? {
            if stated.tag.as_deref() == tag {
                if found.is_some() {
                    return Err(unreadable());
                }
                found = Some((label, stated));
            }
        }
        let (label, stated) = found.ok_or_else(|| flaw("tag", &format!("缺少 tag=\"{}\" 的签名", tag.unwrap_or_default()), &format!("there is none with tag=\"{}\"", tag.unwrap_or_default())))?;
        let bytes = signatures.members(Cursor::bytes).ok_or_else(unreadable)?;
        let signature = bytes.into_iter().find(|(name, _)| *name == label).ok_or_else(unreadable)?.1;
        Ok(Stated { signature, ..stated })
    }

    pub fn covers(&self, name: &str, of_request: bool) -> bool {
        self.parts.iter().any(|part| part.name == name && part.of_request == of_request)
    }

    /// Whether the key has signed the message whose parts have these values.
    pub(crate) fn holds(&self, key: &Verifier, value: impl Fn(&Part) -> Option<String>) -> Result<(), Flaw> {
        if self.alg.as_deref().is_some_and(|alg| alg != "ed25519") {
            return Err(flaw("alg", "算法应为 ed25519", "the algorithm is to be ed25519"));
        }
        let mut text = String::new();
        for part in &self.parts {
            let req = if part.of_request { ";req" } else { "" };
            let missing = || flaw("parts", &format!("没有 \"{}\"{req}", part.name), &format!("there is no \"{}\"{req}", part.name));
            let value = value(part).filter(|value| !value.contains('\n')).ok_or_else(missing)?;
            text.push_str(&format!("\"{}\"{req}: {value}\n", part.name));
        }
        text.push_str(&format!("\"@signature-params\": {}", self.written));
        key.verify(&text, &self.signature).map(drop).map_err(|_| flaw("signature", "签名与内容或公钥不符", "it does not fit the message and the key"))
    }

    /// Whether it was made now, and says all that is asked of a request.
    pub(crate) fn timely(&self, now: Moment) -> Result<(), Flaw> {
        let now = now.0 / 1_000_000;
        let Some(created) = self.created else { return Err(flaw("created", "缺少 created", "created is missing")) };
        if (now - created).abs() > SKEW {
            let (zh, en) = (format!("created 与本节点时钟相差超过 {SKEW} 秒（本节点为 {now}）"), format!("created is more than {SKEW} s from this node's clock, which is at {now}"));
            return Err(flaw("time", &zh, &en));
        }
        if self.expires.is_some_and(|expires| expires < now) {
            return Err(flaw("expired", "已过 expires", "expires is over"));
        }
        match self.nonce.as_ref().map(String::len) {
            Some(NONCE_MIN..) => Ok(()),
            _ => Err(flaw("nonce", &format!("nonce 缺失或少于 {NONCE_MIN} 个字符"), &format!("nonce is missing, or shorter than {NONCE_MIN} letters"))),
        }
    }

    /// From when on it would be too old anyway.
    pub(crate) fn over(&self) -> Moment {
        Moment(self.created.unwrap_or_default().saturating_add(SKEW + 1).saturating_mul(1_000_000))
    }
}

impl Message {
    /// What the two fields say, where they are there.
    pub(crate) fn stated(&self) -> Option<Result<Stated, Flaw>> {
        let (input, signature) = (self.headers.get("signature-input")?, self.headers.get("signature"));
        Some(signature.ok_or_else(unreadable).and_then(|signature| Stated::read(input, signature, Some(TAG))))
    }

    /// Whether what matters of the request is covered, and its body is the one that was signed.
    pub(crate) fn whole(&self, stated: &Stated) -> Result<(), Flaw> {
        let covers = |name: &str| stated.covers(name, false);
        // Where it goes is looked at by who knows what the signer is.
        let place = covers("@target-uri") || (covers("@path") && (self.query.is_none() || covers("@query"))) || covers("@request-target");
        if !covers("@method") || !place {
            return Err(flaw(
                "parts",
                "须覆盖 @method 和 @target-uri（或 @authority、@path，有参数时再加 @query）",
                "it is to cover @method and @target-uri (or @authority and @path, with @query where there is one)",
            ));
        }
        if self.length == 0 {
            return Ok(());
        }
        if !covers("content-digest") {
            return Err(flaw("parts", "有内容时须覆盖 content-digest", "it is to cover content-digest where there is a body"));
        }
        let stated = self.headers.get("content-digest").map(String::as_str).unwrap_or_default();
        let ours = content_digest(&self.digest);
        match stated.split(',').any(|one| one.trim() == ours) {
            true => Ok(()),
            false => Err(flaw("digest", "内容与 Content-Digest（sha-256）不符", "the body does not fit Content-Digest (sha-256)")),
        }
    }

    /// The value of a part, as the standard derives it.
    pub(crate) fn value(&self, part: &Part) -> Option<String> {
        if part.of_request {
            return None;
        }
        let query = self.query.as_deref().map(|query| format!("?{query}"));
        Some(match part.name.as_str() {
            "@method" => self.method.clone(),
            "@scheme" => self.scheme.clone(),
            "@authority" => self.authority.to_ascii_lowercase(),
            "@path" => self.path.clone(),
            "@query" => query.unwrap_or_else(|| "?".to_owned()),
            "@request-target" => format!("{}{}", self.path, query.unwrap_or_default()),
            "@target-uri" => format!("{}://{}{}{}", self.scheme, self.authority.to_ascii_lowercase(), self.path, query.unwrap_or_default()),
            name if name.starts_with('@') => return None,
            name => self.headers.get(name)?.trim().to_owned(),
        })
    }
}

/// A structured field, as far as it is not read yet.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn eat(&mut self, letter: char) -> Option<()> {
        self.0 = self.0.strip_prefix(letter)?;
        Some(())
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    /// Letters up to the first that does not fit; at least one.
    fn word(&mut self, fits: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.0.find(|letter| !fits(letter)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end).filter(|(word, _)| !word.is_empty() && word.len() <= FIELD_MAX)?;
        self.0 = rest;
        Some(word)
    }

    fn key(&mut self) -> Option<&'a str> {
        self.word(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '_' | '-' | '.' | '*'))
    }

    /// Members of a dictionary, each once.
    fn members<T>(&mut self, value: impl Fn(&mut Cursor<'a>) -> Option<T>) -> Option<Vec<(String, T)>> {
        let (mut members, mut seen) = (Vec::new(), BTreeSet::new());
        loop {
            self.blanks();
            let label = self.key()?;
            self.eat('=')?;
            if !seen.insert(label) {
                return None;
            }
            members.push((label.to_owned(), value(self)?));
            self.blanks();
            if self.0.is_empty() {
                return Some(members);
            }
            self.eat(',')?;
        }
    }

    /// A text in quotes, without the few letters that would have to be escaped.
    fn quoted(&mut self) -> Option<&'a str> {
        self.eat('"')?;
        let (text, rest) = self.0.split_once('"')?;
        self.0 = rest;
        text.chars().all(|letter| (' '..='~').contains(&letter) && letter != '\\').then_some(text)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        self.eat(':')?;
        let (text, rest) = self.0.split_once(':')?;
        self.0 = rest;
        BASE64_STANDARD.decode(text).ok()
    }

    /// The list of parts with its parameters.
    fn covered(&mut self) -> Option<Stated> {
        let begin = self.0;
        let mut stated = Stated::default();
        self.eat('(')?;
        loop {
            self.blanks();
            if self.eat(')').is_some() {
                break;
            }
            let name = self.quoted()?.to_owned();
            let of_request = self.0.starts_with(";req");
            if of_request {
                self.0 = self.0.strip_prefix(";req")?;
            }
            let part = Part { name, of_request };
            // What ends a part is a blank or the list's end: any other parameter is not known here.
            if !self.0.starts_with([' ', ')']) || stated.parts.contains(&part) || stated.parts.len() >= PARTS_MAX {
                return None;
            }
            stated.parts.push(part);
        }
        let mut seen = BTreeSet::new();
        while self.eat(';').is_some() {
            let name = self.key()?;
            self.eat('=')?;
            if !seen.insert(name) {
                return None;
            }
            self.parameter(name, &mut stated)?;
        }
        stated.written = begin.strip_suffix(self.0)?.to_owned();
        Some(stated)
    }

    fn parameter(&mut self, name: &str, stated: &mut Stated) -> Option<()> {
        if matches!(name, "created" | "expires") {
            let number = self.word(|letter| letter.is_ascii_digit()).filter(|digits| digits.len() <= 15)?.parse().ok()?;
            *(if name == "created" { &mut stated.created } else { &mut stated.expires }) = Some(number);
            return Some(());
        }
        let text = self.quoted().filter(|text| text.len() <= WORD_MAX)?.to_owned();
        match name {
            "nonce" => stated.nonce = Some(text),
            "keyid" => stated.keyid = Some(text),
            "alg" => stated.alg = Some(text),
            "tag" => stated.tag = Some(text),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUT: &str = r#"other=("@method");created=1, sig=("@method" "@path" "content-digest" "signature";req);created=1700000000;keyid="k";nonce="0123456789abcdef";tag="sanjiang-request""#;

    #[test]
    fn fields_are_read_as_the_standard_writes_them_and_nothing_else_is() {
        let stated = Stated::read(INPUT, "other=:AA==:, sig=:AQI=:", Some(TAG)).expect("read");
        assert_eq!((stated.created, stated.keyid.as_deref(), stated.signature.as_slice()), (Some(1_700_000_000), Some("k"), [1, 2].as_slice()));
        assert!(stated.covers("signature", true) && !stated.covers("signature", false));
        assert!(stated.written.starts_with("(\"@method\" ") && stated.written.ends_with(";tag=\"sanjiang-request\""));
        let twice = format!("{INPUT}, third=(\"@method\");tag=\"sanjiang-request\"");
        let wrong = [
            "", "sig", "sig=", "sig=(\"@method\"", "sig=(\"@method\" \"@method\");tag=\"sanjiang-request\"", "sig=(\"a\";sf);tag=\"sanjiang-request\"",
            "sig=();created=-1;tag=\"sanjiang-request\"", "sig=();created=1;created=2;tag=\"sanjiang-request\"", "sig=();odd=\"x\";tag=\"sanjiang-request\"",
            "sig=(\"@method\")", "sig=();nonce=\"a\\\"b\";tag=\"sanjiang-request\"", &twice,
        ];
        for input in wrong {
            assert!(Stated::read(input, "sig=:AQI=:", Some(TAG)).is_err(), "{input}");
        }
        for signature in ["", "sig=AQI=", "sig=:A:", "other=:AQI=:", "sig=:AQI=:, sig=:AQI=:"] {
            assert!(Stated::read(INPUT, signature, Some(TAG)).is_err(), "{signature}");
        }
    }
}
