//! What everybody does with the own account.

use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::json;

use super::{account_object, check_password, invalid};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// The own account, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnAccount {
    pub account: Account,
    pub department_title: Option<Text>,
    /// Whether it has a second factor.
    pub second: bool,
    pub sessions: Vec<SessionView>,
}

/// One session of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionView {
    pub id: String,
    /// The browser or program, as it calls itself.
    pub agent: String,
    pub created: Moment,
    /// When it was used last, to the minute.
    pub used: Moment,
    /// Whether the second factor was given.
    pub second: bool,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Desk {
    pub async fn own_account(&self, who: &Account, now: Moment) -> Answer<OwnAccount> {
        let row = self.store().account(&who.id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let sessions = self.store().sessions_of(&who.id, now).await.map_err(internal)?;
        let city = self.city();
        let department = who.department.as_deref().and_then(|id| city.departments.get(id));
        Ok(OwnAccount {
            department_title: department.map(|found| Text::new(&found.title, &found.title_en)),
            account: who.clone(),
            second: row.second_salt.is_some(),
            sessions: sessions
                .into_iter()
                .map(|row| SessionView { current: row.id == who.session, id: row.id, agent: row.agent, created: row.created, used: row.used, second: row.second })
                .collect(),
        })
    }

    /// A new password in place of the old; every session ends, this one too.
    pub async fn change_password(&self, who: &Account, old: &str, new: &str) -> Answer<()> {
        let row = self.store().account(&who.id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        if old.chars().count() > super::TEXT_MAX || !self.verify_password(old, row.password_hash).await? {
            return Err(invalid("现在的密码不对。", "The present password is wrong."));
        }
        check_password(new, &row.name)?;
        let hash = self.hash_password(new).await?;
        let store = self.logging(who, "account.password", &account_object(&who.id), json!(null)).await?;
        store.set_password(&who.id, hash).await.map_err(internal)
    }

    /// Ends one of the own sessions.
    pub async fn end_own_session(&self, who: &Account, id: &str) -> Answer<()> {
        let store = self.logging(who, "session.end", &account_object(&who.id), json!({ "session": id })).await?;
        if store.end_session(id, &who.id).await.map_err(internal)? { Ok(()) } else { Err(DeskError::NotFound) }
    }
}
