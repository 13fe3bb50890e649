//! Accounts of staff, citizens and companies: who they are, how they come in, what they may. People choose their own passwords (argon2id) by links that
//! work once; rights are given by somebody else than makes the account.

mod emergency;
mod login;
mod own;
mod person;
mod second;
mod staff;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use data::declare::Grade;
use sha2::{Digest, Sha256};

use crate::authority::{Object, object};
use crate::{Answer, Desk, internal, invalid};

pub use emergency::{EmergencyState, EmergencyView};
pub(crate) use login::LOGIN;
pub use login::Login;
pub use own::{OwnAccount, SessionView};
pub use person::{NewPerson, Person, PersonKind};
pub(crate) use second::percent;
pub use second::{Binding, code_at};
pub use staff::{AccountView, Invited, Invitee, NewRights};

/// Longest text that anybody enters at a login, in characters.
const TEXT_MAX: usize = 200;
const PASSWORD_MIN: usize = 10;

impl Desk {
    async fn hash_password(&self, password: &str) -> Answer<String> {
        let password = password.to_owned();
        let _permit = self.hashing().acquire().await.map_err(internal)?;
        tokio::task::spawn_blocking(move || hash(&password)).await.map_err(internal)?
    }

    async fn verify_password(&self, password: &str, stored: String) -> Answer<bool> {
        let password = password.to_owned();
        let _permit = self.hashing().acquire().await.map_err(internal)?;
        tokio::task::spawn_blocking(move || {
            let Ok(parsed) = PasswordHash::new(&stored) else { return false };
            Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
        })
        .await
        .map_err(internal)
    }

    /// 256 random bits, in hex.
    pub(crate) fn token(&self) -> String {
        let mut bytes = [0u8; 32];
        self.fill(&mut bytes);
        hex(&bytes)
    }
}

pub(crate) fn account_object(id: &str) -> Object {
    object("account", id)
}

/// `L3`.
pub fn grade(word: &str) -> Option<Grade> {
    Grade::ALL.into_iter().find(|grade| crate::catalog::word(grade) == word)
}

/// argon2id with the library's defaults (19 MiB, two passes: OWASP's first recommendation).
pub(crate) fn hash(password: &str) -> Answer<String> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(internal)
}

/// Tokens are kept only as their SHA-256, so that a stolen database opens no session.
pub(crate) fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Sixteen bytes in hexadecimal.
pub(crate) fn unhex(text: &str) -> Option<[u8; 16]> {
    (text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .then(|| u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes))
        .flatten()
}

fn checked_name(name: &str) -> Answer<String> {
    let name = name.trim();
    let fits = (2..=40).contains(&name.chars().count()) && name.chars().all(|c| c.is_alphanumeric() || "-_.@".contains(c));
    if fits {
        return Ok(name.to_owned());
    }
    Err(invalid("用户名须为 2 至 40 个字母、汉字、数字或 - _ . @。", "A name has 2 to 40 letters, digits or - _ . @."))
}

/// What a person is called; the name of the account where nothing is said.
fn checked_display(display: &str, name: &str) -> Answer<String> {
    match display.trim() {
        "" => Ok(name.to_owned()),
        display if display.chars().count() <= 40 => Ok(display.to_owned()),
        _ => Err(invalid("姓名最多 40 个字符。", "A person's name has at most 40 characters.")),
    }
}

fn check_password(password: &str, name: &str) -> Answer<()> {
    let length = password.chars().count();
    if length < PASSWORD_MIN || length > TEXT_MAX || password.eq_ignore_ascii_case(name) {
        return Err(invalid(
            "密码至少 10 个字符，最多 200 个，且不能与用户名相同。",
            "A password has 10 to 200 characters and is not the name.",
        ));
    }
    Ok(())
}
