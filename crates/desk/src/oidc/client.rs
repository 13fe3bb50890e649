//! Applications that log people in with us: the system officer registers them with the exact addresses that may be returned to.
//! One that can keep a secret is given one, which is shown once; the others prove each login by PKCE alone, as all do besides.

use data::oidc::{ADDRESSES_MAX, Scope, returning, scopes, words};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::json;
use store::oidc::ClientRow;

use super::{client_object, invalid};
use crate::account::{account_object, digest};
use crate::authority::Object;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

const NAME_MAX: usize = 100;
/// So that a secret is known as one where it turns up.
const SECRET_PREFIX: &str = "sjoidc_";
/// Characters of the random part of an id.
const ID_LENGTH: usize = 24;

/// An application to be registered.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    pub name: String,
    /// Where a browser may be sent back to after a login, and after a logout.
    pub redirects: Vec<String>,
    pub logouts: Vec<String>,
    /// What it may ask besides who somebody is.
    pub scopes: Vec<Scope>,
    /// It can keep no secret: it runs on a telephone, or in a browser.
    pub public: bool,
}

/// An application, for those who see to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientView {
    pub id: String,
    pub name: String,
    pub redirects: Vec<String>,
    pub logouts: Vec<String>,
    pub scopes: Vec<Scope>,
    pub public: bool,
    pub created: Moment,
    pub revoked: Option<Moment>,
}

/// What an application is known by. The secret is shown once; there is none where it can keep none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub id: String,
    pub secret: Option<String>,
}

/// What somebody agreed to tell an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agreement {
    pub client: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub given: Moment,
}

impl Desk {
    /// System officer: registers an application.
    pub async fn register_client(&self, who: &Account, new: NewClient, now: Moment) -> Answer<Issued> {
        let mut id = self.token();
        id.truncate(ID_LENGTH);
        let object = client_object(&id);
        self.may(who, "client.register", &object).await?;
        let new = checked(new)?;
        let secret = (!new.public).then(|| format!("{SECRET_PREFIX}{}", self.token()));
        let detail = json!({ "name": new.name, "redirects": new.redirects, "logouts": new.logouts, "scopes": words(&new.scopes), "public": new.public });
        let row = ClientRow {
            id: id.clone(),
            name: new.name,
            secret: secret.as_deref().map(digest),
            redirects: list(&new.redirects)?,
            logouts: list(&new.logouts)?,
            scopes: words(&new.scopes),
            created: now,
            revoked: None,
        };
        self.logging(who, "client.register", &object, detail).await?.add_client(row).await.map_err(internal)?;
        Ok(Issued { id, secret })
    }

    /// System officer: all of them, the living first.
    pub async fn clients(&self, who: &Account) -> Answer<Vec<ClientView>> {
        self.may(who, "see.clients", &Object::of("clients")).await?;
        self.store().clients().await.map_err(internal)?.into_iter().map(view).collect()
    }

    /// System officer: nobody logs in to it any more, and what it was given ends.
    pub async fn revoke_client(&self, who: &Account, id: &str, now: Moment) -> Answer<()> {
        let row = self.changeable(who, "client.revoke", id).await?;
        let store = self.logging(who, "client.revoke", &client_object(id), json!({ "name": row.name })).await?;
        if store.revoke_client(id, now).await.map_err(internal)? { Ok(()) } else { Err(gone()) }
    }

    /// System officer: another secret, for one that was lost or told. The old one is good no more.
    pub async fn renew_client(&self, who: &Account, id: &str) -> Answer<Issued> {
        let row = self.changeable(who, "client.secret", id).await?;
        if row.secret.is_none() {
            return Err(invalid("公开客户端没有密钥。", "A public application has no secret."));
        }
        let secret = format!("{SECRET_PREFIX}{}", self.token());
        let store = self.logging(who, "client.secret", &client_object(id), json!({ "name": row.name })).await?;
        let done = store.renew_client(id, digest(&secret)).await.map_err(internal)?;
        if done { Ok(Issued { id: id.to_owned(), secret: Some(secret) }) } else { Err(gone()) }
    }

    async fn changeable(&self, who: &Account, act: &str, id: &str) -> Answer<ClientRow> {
        self.may(who, act, &client_object(id)).await?;
        let row = self.store().client(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        if row.revoked.is_some() { Err(gone()) } else { Ok(row) }
    }

    /// An application that people can log in to.
    pub(super) async fn living_client(&self, id: &str) -> Answer<Option<ClientView>> {
        let row = self.store().client(id).await.map_err(internal)?;
        row.filter(|row| row.revoked.is_none()).map(view).transpose()
    }

    /// Whom the reader agreed to tell what.
    pub async fn agreements(&self, who: &Account) -> Answer<Vec<Agreement>> {
        let rows = self.store().agreements(&who.id).await.map_err(internal)?;
        Ok(rows.into_iter().map(|row| Agreement { client: row.client, name: row.name, scopes: scopes(&row.scopes), given: row.given }).collect())
    }

    /// Takes back what was agreed to; what the application was given ends.
    pub async fn withdraw_agreement(&self, who: &Account, client: &str) -> Answer<()> {
        let store = self.logging(who, "consent.withdraw", &account_object(&who.id), json!({ "client": client })).await?;
        if store.take_back(&who.id, client).await.map_err(internal)? { Ok(()) } else { Err(DeskError::NotFound) }
    }
}

fn checked(mut new: NewClient) -> Answer<NewClient> {
    new.name = new.name.trim().to_owned();
    if new.name.is_empty() || new.name.chars().count() > NAME_MAX || new.name.chars().any(char::is_control) {
        return Err(invalid("请填写应用名称（不超过 100 字）。", "Give the application a name, of at most 100 characters."));
    }
    for list in [&mut new.redirects, &mut new.logouts] {
        list.retain(|address| !address.trim().is_empty());
        list.iter_mut().for_each(|address| *address = address.trim().to_owned());
        if list.len() > ADDRESSES_MAX {
            return Err(invalid(format!("地址最多 {ADDRESSES_MAX} 个。"), format!("At most {ADDRESSES_MAX} addresses.")));
        }
        for address in list {
            returning(address, new.public).map_err(DeskError::Invalid)?;
        }
    }
    if new.redirects.is_empty() {
        return Err(invalid("至少填写一个登录回跳地址。", "Give one address at least that is returned to after a login."));
    }
    new.scopes.push(Scope::Openid);
    new.scopes.sort_unstable();
    new.scopes.dedup();
    Ok(new)
}

fn list(addresses: &[String]) -> Answer<String> {
    serde_json::to_string(addresses).map_err(internal)
}

fn view(row: ClientRow) -> Answer<ClientView> {
    let list = |text: &str| serde_json::from_str(text).map_err(internal);
    Ok(ClientView {
        redirects: list(&row.redirects)?,
        logouts: list(&row.logouts)?,
        scopes: scopes(&row.scopes),
        public: row.secret.is_none(),
        id: row.id,
        name: row.name,
        created: row.created,
        revoked: row.revoked,
    })
}

fn gone() -> DeskError {
    DeskError::Conflict(Text::new("这个应用已经停用。", "The application is revoked already."))
}
