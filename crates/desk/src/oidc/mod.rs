//! Logins between sites (OpenID Connect). As a client we let in whom the city's identity provider names, where an account is
//! linked with that name; as a provider we say to applications who somebody is. Rights come from neither: they are given here.

mod authorize;
mod claims;
mod client;
mod jose;
mod leave;
mod login;
mod provider;
mod seal;
mod signer;
mod token;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kernel::Text;

pub use authorize::{Asked, Authorized};
pub use client::{Agreement, ClientView, Issued, NewClient};
pub use leave::Leaving;
pub use login::{Arrived, Begun, Returned};
pub use signer::{PublicKeys, TOKEN_ALGORITHM};
pub use token::{Credentials, TokenRefused, Tokens};

use claims::Untrusted;

use crate::account::percent;
use crate::authority::{Object, object};
use crate::{Desk, DeskError, invalid};

/// Where this site is, for a server that knows it.
const ADDRESS: &str = "SANJIANG_ADDRESS";

/// What is known for a while and need not be kept.
#[derive(Default)]
pub(crate) struct Known {
    provider: provider::Cache,
    signer: signer::Cache,
}

impl Desk {
    /// Where browsers reach this site, without a path, which is also what we call ourselves to applications: by https, or on
    /// this machine. `None` where nobody has said it.
    pub fn address(&self) -> Option<String> {
        let said = self.0.sources.filled("serve", &format!("${{{ADDRESS}}}")).ok()?;
        data::oidc::origin(said.trim())
    }

    fn own_address(&self) -> Result<String, DeskError> {
        self.address().ok_or_else(|| {
            DeskError::Busy(Text::new(
                "本平台还不知道自己的对外地址：请用 --public-url https://… 启动服务。",
                "This site does not know its own address: start it with --public-url https://….",
            ))
        })
    }
}

fn client_object(id: &str) -> Object {
    object("client", id)
}

/// An address with more parameters.
fn with(address: &str, parameters: &[(&str, &str)]) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{}", form(parameters))
}

/// Fields as forms are sent.
fn form(fields: &[(&str, &str)]) -> String {
    let coded = fields.iter().map(|(name, value)| format!("{}={}", percent(name), percent(value)));
    coded.collect::<Vec<_>>().join("&")
}

/// The field `Authorization` of a client with a secret (RFC 6749, 2.3.1).
fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", percent(id), percent(secret))))
}
