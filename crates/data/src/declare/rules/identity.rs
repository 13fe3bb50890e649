//! Rules on `[identity]` of city.toml.

use super::super::Identity;
use super::super::document::{Document, Note};
use super::super::read::Draft;
use super::{connector, titles};
use crate::oidc;

/// Scopes asked for at most.
const SCOPES_MAX: usize = 20;

pub(super) fn check(draft: &Draft<'_>, document: &Document<'_>, identity: &Identity) {
    titles(document, "identity", &identity.title, &identity.title_en);
    connector::written_to(draft, document, "identity", "issuer", &identity.issuer);
    if !identity.issuer.contains("${")
        && let Err(text) = oidc::issuer(&identity.issuer)
    {
        document.put("identity.issuer", Note::error(text.zh, text.en));
    }
    if identity.client_id.trim().is_empty() {
        document.put("identity.client_id", Note::error("`client_id` 是空的", "`client_id` is empty"));
    }
    if let Some(secret) = &identity.client_secret {
        connector::kept_secret(draft, document, "identity", "client_secret", secret);
    }
    let word = |scope: &String| !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    if identity.scopes.len() > SCOPES_MAX || !identity.scopes.iter().all(word) {
        let note = Note::error("`scopes` 应是至多 20 个词", "`scopes` is a list of at most 20 words");
        document.put("identity.scopes", note.help("例如 `[\"openid\", \"profile\"]`", "for instance `[\"openid\", \"profile\"]`"));
    }
}
