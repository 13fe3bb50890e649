//! Applications (应用系统): the programs of departments that read under grants, each known by a key that is shown once.

use kernel::{Moment, uuid_v7};
use serde::Serialize;
use serde_json::json;
use store::StoreError;
use store::share::ApplicationRow;

use super::{Named, department, invalid};
use crate::account::digest;
use crate::authority::{Object, object};
use crate::node::PublicKey;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// So that a key is known as one where it turns up.
const KEY_PREFIX: &str = "sjapp_";
const KEY_MAX: usize = 255;
const NAME_MAX: usize = 100;
/// The time of a key's last use is written at most this often (seconds).
const USED_EVERY: i64 = 60;

/// Who reads under a grant.
#[derive(Clone, Debug)]
pub enum Caller {
    Person(Account),
    Application { id: String, name: String, department: String },
    /// The node of another city; `department` is what it is called where departments are named.
    Node { id: String, department: String },
}

impl Caller {
    /// The department that it reads for.
    pub fn department(&self) -> Option<&str> {
        match self {
            Caller::Person(account) => account.department.as_deref(),
            Caller::Application { department, .. } | Caller::Node { department, .. } => Some(department),
        }
    }

    pub(crate) fn actor(&self) -> crate::log::Actor<'_> {
        match self {
            Caller::Person(account) => account.into(),
            Caller::Application { id, name, department } => crate::log::Actor::Application { id, name, department },
            Caller::Node { id, department } => crate::log::Actor::Node { id, department },
        }
    }
}

/// An application.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationView {
    pub id: String,
    pub department: Named,
    pub name: String,
    /// The key that it signs with; `None` where it sends a key of its own.
    pub signs: Option<PublicKey>,
    pub created: Moment,
    pub used: Option<Moment>,
    pub revoked: Option<Moment>,
}

impl Desk {
    /// A new application of a department. Answers its key, which nobody sees again: only its hash is kept.
    pub async fn add_application(&self, who: &Account, of: &str, name: &str, now: Moment) -> Answer<String> {
        let secret = format!("{KEY_PREFIX}{}", self.token());
        self.register_application(who, of, name, digest(&secret), None, now).await?;
        Ok(secret)
    }

    /// A new application that signs its requests: it is known by its public key, and nothing secret is kept here. Answers the
    /// `keyid` of its signatures.
    pub async fn add_signing_application(&self, who: &Account, of: &str, name: &str, jwk: &str, now: Moment) -> Answer<String> {
        self.may(who, "application.issue", &application_object("new", of)).await?;
        let key = PublicKey::read(jwk).map_err(DeskError::Invalid)?;
        if key == self.node_key() || self.city().nodes.values().any(|node| node.keys.iter().any(|one| one.x == key.x)) {
            return Err(invalid("这是节点的公钥，不能用于应用。", "This is the key of a node; an application takes its own."));
        }
        self.register_application(who, of, name, key.kid.clone(), Some(key.x), now).await?;
        Ok(key.kid)
    }

    async fn register_application(&self, who: &Account, of: &str, name: &str, digest: String, public_key: Option<String>, now: Moment) -> Answer<()> {
        let id = uuid_v7(now, self.chance());
        let object = application_object(&id, of);
        self.may(who, "application.issue", &object).await?;
        if !self.city().departments.contains_key(of) {
            return Err(invalid(format!("没有部门 {of}。"), format!("There is no department {of}.")));
        }
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX {
            return Err(invalid("请填写应用名称（不超过 100 字）。", "Give the application a name, of at most 100 characters."));
        }
        let signs = public_key.as_ref().map(|_| digest.clone());
        let row = ApplicationRow { id, department: of.to_owned(), name: name.to_owned(), digest, public_key, created: now, used: None, revoked: None };
        let store = self.logging(who, "application.issue", &object, json!({ "name": name, "department": of, "keyid": signs })).await?;
        store.add_application(row).await.map_err(|error| match error {
            StoreError::Taken(_) => invalid("这把公钥已经登记过，请换一把。", "This key is registered already, or was; take another."),
            other => internal(other),
        })
    }

    /// Officers: those of the own department; the system officer and stewards: all.
    pub async fn applications(&self, who: &Account) -> Answer<Vec<ApplicationView>> {
        let all = who.all_of("see.applications", "applications");
        self.may(who, "see.applications", &all).await?;
        let rows = self.store().applications(all.department.as_deref()).await.map_err(internal)?;
        let city = self.city();
        let view = |row: ApplicationRow| ApplicationView {
            department: department(&city, &row.department),
            id: row.id,
            name: row.name,
            signs: row.public_key.map(PublicKey::named),
            created: row.created,
            used: row.used,
            revoked: row.revoked,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// From now on its key opens nothing.
    pub async fn revoke_application(&self, who: &Account, id: &str, now: Moment) -> Answer<()> {
        self.may_at_all(who, "application.revoke", &object("application", id)).await?;
        let row = self.store().application(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let object = application_object(id, &row.department);
        let store = self.logging(who, "application.revoke", &object, json!({ "name": row.name })).await?;
        let done = store.revoke_application(id, now).await.map_err(internal)?;
        self.0.doors.forget();
        if done { Ok(()) } else { Err(invalid("这个应用的密钥已经吊销。", "The application's key is revoked already.")) }
    }

    /// Whose key this is; login required where it is nobody's.
    pub async fn caller(&self, key: &str, now: Moment) -> Answer<Caller> {
        if !key.starts_with(KEY_PREFIX) || key.len() > KEY_MAX {
            return Err(DeskError::LoginRequired);
        }
        let known = self.application_of(digest(key), now).await?.filter(|known| known.public_key.is_none()).ok_or(DeskError::LoginRequired)?;
        Ok(Caller::Application { id: known.id, name: known.name, department: known.department })
    }

    /// The living application whose key has this digest, or whose public key this thumbprint.
    pub(super) async fn application_of(&self, digest: String, now: Moment) -> Answer<Option<ApplicationRow>> {
        let known = match self.0.doors.application(&digest, now) {
            Some(known) => known,
            None => {
                let found = self.store().application_by_key(&digest).await.map_err(internal)?;
                let Some(found) = found else { return Ok(None) };
                self.0.doors.keep_application(digest, found.clone(), now);
                if found.used.is_none_or(|used| now.seconds_since(used) >= USED_EVERY) {
                    self.store().application_used(&found.id, now).await.map_err(internal)?;
                }
                found
            }
        };
        Ok(Some(known))
    }
}

fn application_object(id: &str, department: &str) -> Object {
    Object { department: Some(department.to_owned()), ..object("application", id) }
}
