//! Coming in and going out.

use kernel::{Moment, id::uuid_v7};
use serde_json::json;
use store::session::{NewSession, Visitor};
use store::AccountRow;

use super::{Person, TEXT_MAX, account_object, digest, grade, second};
use crate::authority::{self, Roles};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};
use kernel::Text;

const MINUTE: i64 = 60 * 1_000_000;
/// How long a session lasts without being used.
const IDLE: i64 = 12 * 60 * MINUTE;
/// The same for the three officers.
const OFFICER_IDLE: i64 = 15 * MINUTE;
const LOCK_WINDOW: i64 = 10 * MINUTE;
const FAILURES_MAX: u64 = 5;
/// Longest name of a browser that is kept.
const AGENT_MAX: usize = 200;
/// Who acts before it is known who that is.
pub(crate) const LOGIN: &str = "login";

/// What somebody enters to come in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Login<'a> {
    pub name: &'a str,
    pub password: &'a str,
    /// Six digits of the second factor; empty where the account has none.
    pub code: &'a str,
    /// The browser or program, as it calls itself.
    pub agent: &'a str,
}

impl Desk {
    /// A session token, or one and the same refusal for a wrong name, password and code.
    pub async fn login(&self, login: Login<'_>, now: Moment) -> Answer<String> {
        let name = login.name.trim();
        if [name, login.password, login.code].iter().any(|text| text.chars().count() > TEXT_MAX) {
            return Err(wrong());
        }
        self.check_attempts(name, now).await?;
        let row = self.store().account_by_name(name).await.map_err(internal)?;
        // A missing account costs as much time as a wrong password, so that names cannot be probed.
        let hash = row.as_ref().map_or_else(|| self.decoy_hash(), |row| row.password_hash.clone());
        let right = self.verify_password(login.password, hash).await?;
        let second = match &row {
            Some(row) if right && row.locked.is_none() => self.second_given(row, login.code, now).await?,
            _ => None,
        };
        match (row, second) {
            (Some(row), Some(second)) => {
                self.store().clear_failures(name).await.map_err(internal)?;
                self.open_session(&row, second, login.agent, now).await
            }
            (row, _) => {
                // Whoever types the password in the place of the name must not find it here.
                let whose = row.map_or_else(|| account_object("unknown"), |row| account_object(&row.id));
                self.logging_as(LOGIN, "session.refuse", &whose, json!(null)).record_failure(name, now).await.map_err(internal)?;
                Err(wrong())
            }
        }
    }

    /// Refuses a name under which too much was wrong just now.
    pub(crate) async fn check_attempts(&self, name: &str, now: Moment) -> Answer<()> {
        let since = Moment(now.0 - LOCK_WINDOW);
        if self.store().failures_since(name, since).await.map_err(internal)? >= FAILURES_MAX {
            return Err(DeskError::Busy(Text::new("连续输错次数过多，请十分钟后再试。", "Too many wrong attempts; try again in ten minutes.")));
        }
        Ok(())
    }

    /// Whether the second factor was given (false: the account has none); `None` when it is wrong.
    pub(crate) async fn second_given(&self, row: &AccountRow, code: &str, now: Moment) -> Answer<Option<bool>> {
        let Some(salt) = &row.second_salt else { return Ok(Some(false)) };
        let secret = second::secret(&self.0.secret, &row.id, salt);
        let Some(step) = second::step_of(&secret, code, now) else { return Ok(None) };
        Ok(self.store().use_second(&row.id, step).await.map_err(internal)?.then_some(true))
    }

    pub(super) async fn open_session(&self, row: &AccountRow, second: bool, agent: &str, now: Moment) -> Answer<String> {
        self.open_session_by(row, second, None, agent, now).await
    }

    /// A session of who has come by the city's identity provider, or by a password.
    pub(crate) async fn open_session_by(&self, row: &AccountRow, second: bool, issuer: Option<&str>, agent: &str, now: Moment) -> Answer<String> {
        let token = self.token();
        let officer = Roles::parse(&row.rights.roles).is_officer_of_three();
        let session = NewSession {
            id: uuid_v7(now, self.chance()),
            account: row.id.clone(),
            second,
            agent: agent.chars().filter(|c| !c.is_control()).take(AGENT_MAX).collect(),
            created: now,
            lifetime: if officer { OFFICER_IDLE } else { IDLE },
        };
        let detail = issuer.map_or_else(|| json!({ "second": second }), |issuer| json!({ "second": second, "by": issuer }));
        let store = self.logging_as(LOGIN, "session.begin", &account_object(&row.id), detail);
        store.create_session(digest(&token).as_bytes(), session).await.map_err(internal)?;
        Ok(token)
    }

    pub async fn logout(&self, token: &str) -> Answer<()> {
        let Some(account) = self.session(token, self.now()).await? else { return Ok(()) };
        let store = self.logging(&account, "session.end", &account_object(&account.id), json!(null)).await?;
        store.end_session(&account.session, &account.id).await.map_err(internal)?;
        Ok(())
    }

    /// Whose session it is, if it is alive. Each use pushes its end further out.
    pub async fn session(&self, token: &str, now: Moment) -> Answer<Option<Account>> {
        if token.len() > TEXT_MAX {
            return Ok(None);
        }
        Ok(self.store().session(digest(token).as_bytes(), now).await.map_err(internal)?.map(account))
    }
}

fn account(visitor: Visitor) -> Account {
    let row = visitor.account;
    let mut account = Account {
        id: row.id,
        name: row.name,
        display: row.display,
        roles: Roles::parse(&row.rights.roles),
        department: row.rights.department,
        clearance: row.rights.clearance.as_deref().and_then(grade),
        session: visitor.session,
        second: visitor.second,
        emergency: None,
        person: row.person.map(Person::from),
    };
    authority::in_emergency(&mut account, visitor.emergency);
    account
}

fn wrong() -> DeskError {
    super::invalid("用户名、密码或动态口令不对，请重新输入。", "Wrong name, password or code; please try again.")
}
