//! The one HTTP client that all API systems share.

use std::time::Duration;

use reqwest::redirect::Policy;

use crate::CollectError;

const REDIRECTS_MAX: usize = 3;

/// A client that follows few redirects and only on the same host, so that no address is reached that nobody declared.
pub fn client() -> Result<reqwest::Client, CollectError> {
    let policy = Policy::custom(|attempt| {
        let first = attempt.previous().first().map(|url| (url.host_str().map(str::to_owned), url.port_or_known_default()));
        let same = first == Some((attempt.url().host_str().map(str::to_owned), attempt.url().port_or_known_default()));
        match same && attempt.previous().len() <= REDIRECTS_MAX {
            true => attempt.follow(),
            false => attempt.stop(),
        }
    });
    let built = reqwest::Client::builder()
        .redirect(policy)
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(30))
        .user_agent(concat!("sanjiang/", env!("CARGO_PKG_VERSION")))
        .build();
    built.map_err(|e| CollectError::new("http.client", "http", format!("无法建立 HTTP 客户端：{e}"), format!("No HTTP client: {e}")))
}
