//! What must hold of an ID token before anything in it is believed (OpenID Connect Core, 3.1.3.7).

use kernel::{Moment, Text};
use serde_json::Value;

/// Seconds that another's clock may be off.
const SKEW: i64 = 120;
/// Seconds that a token may have been on its way: it is fetched the moment it is made.
const AGE_MAX: i64 = 600;
/// Longest name of a person at the provider, in characters (OpenID Connect Core, 2).
const SUBJECT_MAX: usize = 255;
/// Longest name shown, in characters.
const LABEL_MAX: usize = 100;

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untrusted {
    Form,
    Algorithm,
    Key,
    Signature,
    Issuer,
    Audience,
    Expired,
    Early,
    Nonce,
    Subject,
}

impl Untrusted {
    /// For the log.
    pub fn word(self) -> &'static str {
        match self {
            Untrusted::Form => "form",
            Untrusted::Algorithm => "algorithm",
            Untrusted::Key => "key",
            Untrusted::Signature => "signature",
            Untrusted::Issuer => "issuer",
            Untrusted::Audience => "audience",
            Untrusted::Expired => "expired",
            Untrusted::Early => "early",
            Untrusted::Nonce => "nonce",
            Untrusted::Subject => "subject",
        }
    }

    /// For whoever has to see to it.
    pub fn text(self) -> Text {
        match self {
            Untrusted::Form => Text::new("登录凭证的格式不对或过长", "the ID token is malformed or too long"),
            Untrusted::Algorithm => Text::new("签名算法不被接受，须为 RS256、ES256 或 EdDSA", "its signature algorithm is not accepted; it has to be RS256, ES256 or EdDSA"),
            Untrusted::Key => Text::new("其公钥中没有这一把", "it is signed with a key that the provider does not publish"),
            Untrusted::Signature => Text::new("签名不符", "its signature does not hold"),
            Untrusted::Issuer => Text::new("签发者与声明的不同", "it was issued by another provider than the declared one"),
            Untrusted::Audience => Text::new("不是发给本平台的", "it was made for somebody else"),
            Untrusted::Expired => Text::new("已过期，或两边的时钟相差太多", "it has expired, or the clocks differ too much"),
            Untrusted::Early => Text::new("尚未生效，或两边的时钟相差太多", "it is not valid yet, or the clocks differ too much"),
            Untrusted::Nonce => Text::new("不是为这次登录签发的", "it was not made for this login"),
            Untrusted::Subject => Text::new("没有写明是谁", "it does not say who it is"),
        }
    }
}

/// What a token has to say.
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    pub nonce: &'a str,
    pub name_claim: &'a str,
}

/// Who it is, by the word of the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub subject: String,
    pub label: String,
}

/// The person of a token whose signature holds.
pub(super) fn person(claims: &Value, expected: &Expected<'_>, now: Moment) -> Result<Person, Untrusted> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Untrusted::Issuer);
    }
    audience(claims, expected.client)?;
    times(claims, now.0.div_euclid(1_000_000))?;
    if text("nonce") != Some(expected.nonce) {
        return Err(Untrusted::Nonce);
    }
    let fits = |subject: &&str| !subject.is_empty() && subject.chars().count() <= SUBJECT_MAX && !subject.chars().any(char::is_control);
    let subject = text("sub").filter(fits).ok_or(Untrusted::Subject)?.to_owned();
    let label = text(expected.name_claim).map_or_else(|| subject.clone(), |name| name.chars().filter(|c| !c.is_control()).take(LABEL_MAX).collect());
    Ok(Person { subject, label })
}

/// Made for us; where others are named too, we are the one it was made for.
fn audience(claims: &Value, client: &str) -> Result<(), Untrusted> {
    let (ours, several) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client, false),
        Some(Value::Array(all)) => (all.iter().any(|one| one == client), all.len() > 1),
        _ => (false, false),
    };
    let party = claims.get("azp");
    let for_us = party.map_or(!several, |party| party == client);
    if ours && for_us { Ok(()) } else { Err(Untrusted::Audience) }
}

/// Good now, and made just now, but for what clocks may differ. Times are in seconds and may be fractions.
fn times(claims: &Value, now: i64) -> Result<(), Untrusted> {
    let time = |name: &str| claims.get(name).and_then(|time| time.as_i64().or_else(|| time.as_f64().filter(|time| time.is_finite()).map(|time| time as i64)));
    let (expires, issued) = (time("exp").ok_or(Untrusted::Expired)?, time("iat").ok_or(Untrusted::Early)?);
    if expires <= now.saturating_sub(SKEW) || issued < now.saturating_sub(AGE_MAX + SKEW) {
        return Err(Untrusted::Expired);
    }
    let from = claims.get("nbf").map_or(Some(issued), |_| time("nbf")).ok_or(Untrusted::Early)?;
    if issued.max(from) > now.saturating_add(SKEW) { Err(Untrusted::Early) } else { Ok(()) }
}
