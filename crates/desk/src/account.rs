//! Accounts of staff: set-up by a one-time link, login with a password (argon2id), sessions that can be ended.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::password_hash::phc::PasswordHash;
use argon2::Argon2;
use data::declare::Grade;
use kernel::{Moment, Text, id::uuid_v7};
use sha2::{Digest, Sha256};
use serde_json::json;
use store::account::NewAccount;

use crate::log::subject;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

const SESSION_MICROS: i64 = 12 * 3600 * 1_000_000;
const SETUP_MICROS: i64 = 24 * 3600 * 1_000_000;
const LOCK_WINDOW_MICROS: i64 = 10 * 60 * 1_000_000;
const FAILURES_MAX: u64 = 5;
const PASSWORD_MIN: usize = 10;
const TEXT_MAX: usize = 200;
/// Who acts before it is known who that is.
const LOGIN: &str = "login";
const SETUP: &str = "setup";

impl Desk {
    /// Whether no account exists yet, so that the set-up link is the only way in.
    pub async fn needs_setup(&self) -> Answer<bool> {
        Ok(self.store().count_accounts().await.map_err(internal)? == 0)
    }

    /// A fresh one-time token (valid a day) while no account exists; older ones stop working.
    pub async fn setup_token(&self, now: Moment) -> Answer<Option<String>> {
        if !self.needs_setup().await? {
            return Ok(None);
        }
        let token = self.secret();
        self.store().put_setup_token(digest(&token).as_bytes(), Moment(now.0 + SETUP_MICROS)).await.map_err(internal)?;
        Ok(Some(token))
    }

    /// Makes the first account from the one-time link; answers a session token.
    pub async fn setup(&self, token: &str, name: &str, password: &str, now: Moment) -> Answer<String> {
        let name = checked_name(name)?;
        check_password(password, &name)?;
        let hash = self.hash_password(password).await?;
        let account = uuid_v7(now, self.chance());
        let made = self
            .logging(SETUP, "account.create", &subject("account", &account), json!({ "name": name, "clearance": "L4" }))
            .use_setup_token(digest(token).as_bytes(), new_account(&account, &name, hash, now), now)
            .await
            .map_err(internal)?;
        if !made {
            return Err(DeskError::Invalid(Text::new(
                "此链接无效、已用过或已过期。请在服务器上重新启动以获得新的链接。",
                "This link is wrong, used or expired. Restart the server to get a new one.",
            )));
        }
        self.open_session(&account, now).await
    }

    /// Adds a member of staff, from the command line.
    pub async fn add_account(&self, who: &Account, name: &str, password: &str, now: Moment) -> Answer<()> {
        let name = checked_name(name)?;
        check_password(password, &name)?;
        let hash = self.hash_password(password).await?;
        let id = uuid_v7(now, self.chance());
        let store = self.logging(who, "account.create", &subject("account", &id), json!({ "name": name }));
        store.create_account(new_account(&id, &name, hash, now)).await.map_err(|error| {
            tracing::warn!(%error, "account not made");
            DeskError::Invalid(Text::new("此用户名已被使用。", "This name is taken."))
        })
    }

    /// Says what an account sees of graded data: all of a department's, and of others' up to a grade.
    pub async fn set_sight(&self, who: &Account, name: &str, department: Option<&str>, clearance: Option<&str>) -> Answer<()> {
        let city = self.city();
        if let Some(unknown) = department.filter(|id| !city.departments.contains_key(*id)) {
            let near = kernel::nearest(unknown, city.departments.keys().map(String::as_str));
            let (zh, en) = near.map_or_else(Default::default, |near| (format!("；是否应为 `{near}`？"), format!("; did you mean `{near}`?")));
            return Err(DeskError::Invalid(Text::new(format!("没有部门 `{unknown}`{zh}"), format!("there is no department `{unknown}`{en}"))));
        }
        if let Some(wrong) = clearance.filter(|word| grade(word).is_none()) {
            return Err(DeskError::Invalid(Text::new(format!("`{wrong}` 不是级别，应为 L1 至 L4"), format!("`{wrong}` is no grade: L1 to L4"))));
        }
        let detail = json!({ "department": department, "clearance": clearance });
        let set = self.logging(who, "account.sight", &subject("account", name), detail).set_sight(name, department.map(str::to_owned), clearance.map(str::to_owned)).await.map_err(internal)?;
        if set { Ok(()) } else { Err(DeskError::Invalid(Text::new(format!("没有账户 `{name}`"), format!("there is no account `{name}`")))) }
    }

    /// A session token, or one and the same refusal for a wrong name and a wrong password.
    pub async fn login(&self, name: &str, password: &str, now: Moment) -> Answer<String> {
        let name = name.trim();
        if name.chars().count() > TEXT_MAX || password.chars().count() > TEXT_MAX {
            return Err(wrong_login());
        }
        let since = Moment(now.0 - LOCK_WINDOW_MICROS);
        if self.store().failures_since(name, since).await.map_err(internal)? >= FAILURES_MAX {
            return Err(DeskError::Busy(Text::new(
                "连续输错次数过多，请十分钟后再试。",
                "Too many wrong attempts; try again in ten minutes.",
            )));
        }
        let row = self.store().account_by_name(name).await.map_err(internal)?;
        // A missing account costs as much time as a wrong password, so that names cannot be probed.
        let hash = row.as_ref().map_or_else(|| self.decoy_hash(), |row| row.password_hash.clone());
        let right = self.verify_password(password, hash).await?;
        match row {
            Some(row) if right => {
                self.store().clear_failures(name).await.map_err(internal)?;
                self.open_session(&row.id, now).await
            }
            row => {
                // Whoever types the password in the place of the name must not find it here.
                let whose = row.map_or_else(|| subject("account", "unknown"), |row| subject("account", &row.id));
                self.logging(LOGIN, "session.refuse", &whose, json!(null)).record_failure(name, now).await.map_err(internal)?;
                Err(wrong_login())
            }
        }
    }

    pub async fn logout(&self, token: &str) -> Answer<()> {
        let Some(account) = self.session(token, self.now()).await? else { return Ok(()) };
        let store = self.logging(&account, "session.end", &subject("account", &account.id), json!(null));
        store.end_session(digest(token).as_bytes()).await.map_err(internal)
    }

    /// Whose session it is, if it is alive. Each use pushes its end further out.
    pub async fn session(&self, token: &str, now: Moment) -> Answer<Option<Account>> {
        if token.len() > TEXT_MAX {
            return Ok(None);
        }
        let row = self.store().session(digest(token).as_bytes(), now).await.map_err(internal)?;
        Ok(row.map(|row| Account {
            id: row.id,
            name: row.name,
            display: row.display,
            department: row.department,
            clearance: row.clearance.as_deref().and_then(grade),
        }))
    }

    async fn open_session(&self, account: &str, now: Moment) -> Answer<String> {
        let token = self.secret();
        let expires = Moment(now.0 + SESSION_MICROS);
        let store = self.logging(LOGIN, "session.begin", &subject("account", account), json!(null));
        store.create_session(digest(&token).as_bytes(), account, now, expires).await.map_err(internal)?;
        Ok(token)
    }

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
    fn secret(&self) -> String {
        let mut bytes = [0u8; 32];
        self.fill(&mut bytes);
        hex(&bytes)
    }
}

fn grade(word: &str) -> Option<Grade> {
    Grade::ALL.into_iter().find(|grade| crate::catalog::word(grade) == word)
}

fn new_account(id: &str, name: &str, password_hash: String, created: Moment) -> NewAccount {
    NewAccount { id: id.to_owned(), name: name.to_owned(), display: name.to_owned(), password_hash, created }
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

fn checked_name(name: &str) -> Answer<String> {
    let name = name.trim();
    let fits = (2..=40).contains(&name.chars().count()) && name.chars().all(|c| c.is_alphanumeric() || "-_.@".contains(c));
    if fits {
        return Ok(name.to_owned());
    }
    Err(DeskError::Invalid(Text::new(
        "用户名须为 2 至 40 个字母、汉字、数字或 - _ . @。",
        "A name has 2 to 40 letters, digits or - _ . @.",
    )))
}

fn check_password(password: &str, name: &str) -> Answer<()> {
    let length = password.chars().count();
    if length < PASSWORD_MIN || length > TEXT_MAX || password.eq_ignore_ascii_case(name) {
        return Err(DeskError::Invalid(Text::new(
            "密码至少 10 个字符，最多 200 个，且不能与用户名相同。",
            "A password has 10 to 200 characters and is not the name.",
        )));
    }
    Ok(())
}

fn wrong_login() -> DeskError {
    DeskError::Invalid(Text::new("用户名或密码不对，请重新输入。", "Wrong name or password; please try again."))
}
