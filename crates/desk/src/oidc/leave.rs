//! An application sends somebody here to log out (RP-initiated logout): whoever is logged in is asked, and then goes back where
//! the application has said before that it wants them.

use kernel::Moment;
use serde_json::Value;

use super::jose::{Jws, KeySet};
use super::{invalid, with};
use crate::{Answer, Desk, internal};

/// A logout that an application asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// What the application is called, where it says which it is.
    pub application: Option<String>,
    /// Where the person goes afterwards.
    pub back: Option<String>,
}

impl Desk {
    /// Reads what an application sent. An address that is not registered leads nowhere.
    pub async fn leaving(&self, sent: &[(String, String)], now: Moment) -> Answer<Leaving> {
        let one = |name: &str| sent.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str());
        let hinted = one("id_token_hint").map(|hint| self.hinted(hint, now)).transpose()?;
        let id = match (one("client_id"), &hinted) {
            (Some(id), Some(hinted)) if id != hinted => return Err(invalid("client_id 与 id_token_hint 不是同一个应用。", "client_id and id_token_hint are of two applications.")),
            (Some(id), _) => Some(id),
            (None, hinted) => hinted.as_deref(),
        };
        let client = match id {
            Some(id) => self.living_client(id).await?,
            None => None,
        };
        let Some(address) = one("post_logout_redirect_uri") else { return Ok(Leaving { application: client.map(|client| client.name), back: None }) };
        let known = client.filter(|client| client.logouts.iter().any(|known| known == address)).ok_or_else(|| {
            invalid("退出后的回跳地址没有登记过，没有转到那里。", "The address to return to after the logout is not one that is registered: you were not sent there.")
        })?;
        let back = one("state").map_or_else(|| address.to_owned(), |state| with(address, &[("state", state)]));
        Ok(Leaving { application: Some(known.name), back: Some(back) })
    }

    /// The application of an ID token of ours, however old.
    fn hinted(&self, token: &str, now: Moment) -> Answer<String> {
        let keys = serde_json::to_vec(&self.oidc_keys(now)?).map_err(internal)?;
        let jws = Jws::read(token).and_then(|jws| KeySet::read(&keys).unwrap_or_default().verify(&jws).map(|()| jws));
        let client = jws.ok().and_then(|jws| jws.payload.get("aud").and_then(Value::as_str).map(str::to_owned));
        client.ok_or_else(|| invalid("id_token_hint 不是本平台签发的。", "id_token_hint is no token of ours."))
    }
}
