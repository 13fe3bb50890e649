//! The second factor: codes of six digits that change every thirty seconds (TOTP, RFC 6238, with HMAC-SHA-1 as every
//! authenticator knows it). The secret is derived from the key of the data directory, so that a stolen database has none.

use hmac::{Hmac, KeyInit, Mac};
use kernel::Moment;
use serde_json::json;
use sha1::Sha1;
use sha2::Sha256;

use super::{account_object, invalid, unhex};
use crate::view::Account;
use crate::{Answer, Desk, internal};

/// Bytes of a secret: as many as HMAC-SHA-1 gives, as RFC 4226 recommends.
const SECRET: usize = 20;
const STEP: i64 = 30;
/// How many steps a telephone's clock may be off.
const SKEW: i64 = 1;
const SALT: usize = 16;

/// What an authenticator is given to make codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// In hex; comes back with the first code.
    pub salt: String,
    /// The secret in base32, for typing.
    pub secret: String,
    /// `otpauth://totp/…`, for scanning.
    pub address: String,
}

impl Desk {
    /// A secret for an authenticator; it counts once a code of it was entered.
    pub fn new_binding(&self, who: &Account) -> Binding {
        let mut salt = [0; SALT];
        self.fill(&mut salt);
        self.binding(who, &salt)
    }

    /// The same secret again, for the page that says that the code was wrong.
    pub fn same_binding(&self, who: &Account, salt: &str) -> Option<Binding> {
        unhex(salt).map(|salt| self.binding(who, &salt))
    }

    fn binding(&self, who: &Account, salt: &[u8]) -> Binding {
        let secret = base32(&secret(&self.0.secret, &who.id, salt));
        let issuer = percent(&format!("三江 {}", self.city().info.title));
        let address = format!("otpauth://totp/{issuer}:{}?secret={secret}&issuer={issuer}", percent(&who.name));
        Binding { salt: super::hex(salt), secret, address }
    }

    /// Binds the second factor whose first code this is; whoever has one needs a code of that, too. Other sessions end.
    pub async fn bind_second(&self, who: &Account, salt: &str, code: &str, old: &str, now: Moment) -> Answer<()> {
        let row = self.store().account(&who.id).await.map_err(internal)?.ok_or(crate::DeskError::NotFound)?;
        if let Some(bound) = &row.second_salt {
            let held = secret(&self.0.secret, &who.id, bound);
            let Some(step) = step_of(&held, old, now) else {
                return Err(invalid("现用的动态口令不对。", "The code of the present second factor is wrong."));
            };
            if !self.store().use_second(&who.id, step).await.map_err(internal)? {
                return Err(invalid("这个动态口令已经用过，请等下一个。", "This code was used already; wait for the next."));
            }
        }
        let salt = unhex(salt).ok_or_else(|| invalid("请重新打开本页。", "Open this page again."))?;
        let Some(step) = step_of(&secret(&self.0.secret, &who.id, &salt), code, now) else {
            return Err(invalid("动态口令不对：请核对手机时间，再输入新的一个。", "The code is wrong: check the telephone's clock and enter a new one."));
        };
        let store = self.logging(who, "second.bind", &account_object(&who.id), json!(null)).await?;
        store.bind_second(&who.id, &who.session, salt.to_vec(), step).await.map_err(internal)
    }

    /// Security officer: takes a lost second factor away; its person binds another after the next login.
    pub async fn reset_second(&self, who: &Account, id: &str) -> Answer<()> {
        let object = account_object(id);
        self.other_account(who, "second.reset", &object, id).await?;
        self.logging(who, "second.reset", &object, json!(null)).await?.reset_second(id).await.map_err(internal)
    }
}

/// The secret of an account's second factor.
pub(super) fn secret(key: &[u8], account: &str, salt: &[u8]) -> [u8; SECRET] {
    let mut mac = keyed::<Hmac<Sha256>>(key);
    mac.update(b"sanjiang second factor\0");
    mac.update(account.as_bytes());
    mac.update(b"\0");
    mac.update(salt);
    let digest = mac.finalize().into_bytes();
    std::array::from_fn(|at| digest[at])
}

/// The step whose code this is, near now. All steps are compared, so that time tells nothing.
pub(super) fn step_of(secret: &[u8], code: &str, now: Moment) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = now.0.div_euclid(1_000_000).div_euclid(STEP);
    (step - SKEW..=step + SKEW).filter(|step| same(&code_of(secret, *step), &code)).max()
}

/// The code of a secret (base32) at a moment, as an authenticator shows it.
pub fn code_at(secret: &str, now: Moment) -> Option<String> {
    Some(code_of(&unbase32(secret)?, now.0.div_euclid(1_000_000).div_euclid(STEP)))
}

/// RFC 4226, section 5.3.
fn code_of(secret: &[u8], step: i64) -> String {
    let mut mac = keyed::<Hmac<Sha1>>(secret);
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// HMAC takes keys of any length.
fn keyed<M: Mac + KeyInit>(key: &[u8]) -> M {
    <M as KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}

fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// RFC 4648, without padding.
fn base32(bytes: &[u8]) -> String {
    let bit = |n: usize| bytes.get(n / 8).map_or(0, |byte| byte >> (7 - n % 8) & 1);
    (0..(bytes.len() * 8).div_ceil(5)).map(|at| ALPHABET[(0..5).fold(0, |value, n| value << 1 | usize::from(bit(at * 5 + n)))] as char).collect()
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        (held, bits) = (held << 5 | value as u32, bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

/// RFC 3986: everything but letters, digits and `-_.~`.
pub(crate) fn percent(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test values of RFC 6238, appendix B, of which an authenticator shows the last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037"), (20_000_000_000, "353130")] {
            let secret = base32(b"12345678901234567890");
            assert_eq!(code_at(&secret, Moment(seconds * 1_000_000)).as_deref(), Some(code));
        }
    }

    #[test]
    fn a_code_is_good_near_its_time_only() {
        let secret = secret(b"key", "a", b"salt");
        let at = |seconds: i64| Moment(seconds * 1_000_000);
        let code = code_of(&secret, 1000);
        assert_eq!(step_of(&secret, &format!("{} {}", &code[..3], &code[3..]), at(30_000)), Some(1000));
        assert_eq!(step_of(&secret, &code, at(29_970)), Some(1000));
        assert_eq!(step_of(&secret, &code, at(30_059)), Some(1000));
        assert_eq!((step_of(&secret, &code, at(29_969)), step_of(&secret, &code, at(30_060)), step_of(&secret, "", at(30_000))), (None, None, None));
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(plain.as_bytes()), coded);
            assert_eq!(unbase32(coded).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(unbase32("0"), None);
    }
}
