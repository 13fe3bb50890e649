//! Who has signed a request (RFC 9421): an application of a department by its registered key, or the node of another city by the
//! key that its agreement pins. A signature is believed once, in its few minutes; what is not believed is told in the log.

use kernel::{Moment, Text};
use serde_json::json;

use super::Caller;
use crate::log::Actor;
use crate::node::PublicKey;
use crate::signature::{Flaw, Message, Stated, flaw, verifier};
use crate::{Answer, Desk, DeskError, internal};

/// The header by which a node says whom it means, by division code.
pub const TO: &str = "sanjiang-to";

impl Desk {
    /// Who has signed the request: `None` where nobody has. Forbidden, with the reason, where the signature is not believed.
    pub async fn signed_by(&self, message: &Message, now: Moment) -> Answer<Option<Caller>> {
        let Some(stated) = message.stated() else { return Ok(None) };
        let keyid = stated.as_ref().ok().and_then(|stated| stated.keyid.clone()).unwrap_or_default();
        let caller = self.signer(&keyid, now).await?;
        let believed = match (stated, &caller) {
            (Err(flaw), _) => Err(flaw),
            (Ok(_), None) => Err(flaw("keyid", "keyid 不是已登记的公钥", "keyid is no registered key")),
            (Ok(stated), Some((caller, key))) => self.believe(message, &stated, caller, key, now).await?,
        };
        match (believed, caller) {
            (Ok(()), Some((caller, _))) => Ok(Some(caller)),
            (Err(flaw), caller) => Err(self.unbelieved(message, &keyid, caller.map(|(caller, _)| caller), flaw, now).await),
            (Ok(()), None) => Err(DeskError::LoginRequired),
        }
    }

    /// Whose key it is.
    async fn signer(&self, keyid: &str, now: Moment) -> Answer<Option<(Caller, String)>> {
        let city = self.city();
        for node in city.nodes.values() {
            if let Some(key) = node.keys.iter().find(|key| PublicKey::named(key.x.clone()).kid == keyid) {
                return Ok(Some((Caller::Node { id: node.id.clone(), department: node.department() }, key.x.clone())));
            }
        }
        let known = self.application_of(keyid.to_owned(), now).await?;
        Ok(known.and_then(|one| Some((Caller::Application { id: one.id, name: one.name, department: one.department }, one.public_key?))))
    }

    async fn believe(&self, message: &Message, stated: &Stated, caller: &Caller, key: &str, now: Moment) -> Answer<Result<(), Flaw>> {
        let key = verifier(key).ok_or_else(|| internal("a registered key is no key".to_owned()))?;
        let sound = stated
            .timely(now)
            .and_then(|()| message.whole(stated))
            .and_then(|()| self.meant(message, stated, caller))
            .and_then(|()| stated.holds(&key, |part| message.value(part)));
        if let Err(flaw) = sound {
            return Ok(Err(flaw));
        }
        // Last, so that only who has the key fills the memory; durable, so that no other process believes it again.
        let (signer, nonce) = (caller.actor().id(), stated.nonce.clone().unwrap_or_default());
        let first = self.store().note_nonce(&signer, &nonce, stated.over(), now).await.map_err(internal)?;
        let again = || flaw("replay", "同一请求已经收到过（nonce 重复），每次调用须重新签名", "the request has come before (its nonce has); sign each call anew");
        Ok(if first { Ok(()) } else { Err(again()) })
    }

    /// Whether it is for this node: an application names our address; a node names our city, since proxies may change addresses.
    fn meant(&self, message: &Message, stated: &Stated, caller: &Caller) -> Result<(), Flaw> {
        if !matches!(caller, Caller::Node { .. }) {
            let named = stated.covers("@authority", false) || stated.covers("@target-uri", false);
            return if named { Ok(()) } else { Err(flaw("parts", "须覆盖 @authority 或 @target-uri", "it is to cover @authority or @target-uri")) };
        }
        let ours = &self.city().info.division;
        match stated.covers(TO, false) && message.headers.get(TO) == Some(ours) {
            true => Ok(()),
            false => Err(flaw("misdirected", "请求不是发给本节点的", "it is not meant for this node")),
        }
    }

    async fn unbelieved(&self, message: &Message, keyid: &str, caller: Option<Caller>, flaw: Flaw, now: Moment) -> DeskError {
        let actor = caller.as_ref().map_or(Actor::Program("stranger"), Caller::actor);
        let refused = DeskError::Forbidden(flaw.text);
        if !self.tells_refusal(&actor.id(), now) {
            return refused;
        }
        let (act, subject) = match &caller {
            Some(Caller::Node { id, .. }) => ("node.refuse", crate::log::subject(crate::log::NODE, id)),
            Some(Caller::Application { id, .. }) => ("act.refuse", crate::log::subject("application", id)),
            _ => ("act.refuse", "signature".to_owned()),
        };
        let detail = json!({ "act": "signature", "why": flaw.word, "keyid": keyid, "method": message.method, "path": message.path });
        self.store().log(self.leaf(actor, act, &subject, detail)).await.map_or_else(internal, |()| refused)
    }
}

/// The text of a problem that another node answers with.
pub(crate) fn said_there(text: &Text) -> Text {
    Text::new(format!("对方答复：{}", text.zh), format!("The other node says: {}", if text.en.is_empty() { &text.zh } else { &text.en }))
}
