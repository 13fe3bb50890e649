//! One request as pages see it: who asks, how they like to read, and the desk that answers.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use desk::open::OpenCaller;
use desk::signature::Message;
use desk::view::Account;
use kernel::{Lang, Moment};

use super::session::{COOKIE, choice_cookie, cookie, csrf_token, same_origin};
use super::{Frame, Mode, Place, Refusal, Waiting};
use crate::api::Measured;
use crate::app::App;
use crate::link;
use crate::say::{Say, zone};

const LANG_COOKIE: &str = "sanjiang_lang";
const MODE_COOKIE: &str = "sanjiang_mode";

/// One request.
pub struct Visit {
    pub app: App,
    pub lang: Lang,
    pub mode: Mode,
    pub account: Option<Account>,
    /// Who calls for open data.
    pub caller: OpenCaller,
    waiting: Waiting,
    /// The session's token, while it is alive.
    pub token: Option<String>,
    pub now: Moment,
    /// Query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// Path and query without `lang` and `mode`.
    pub address: String,
    /// The request as it was signed, where the API measured its body for that.
    pub proof: Option<Message>,
    method: Method,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visit, Infallible> {
        let now = app.now();
        let (lang, mode) = choices(&parts.uri, &parts.headers);
        let token = cookie(&parts.headers, COOKIE).filter(|t| !t.is_empty() && t.len() <= 200).map(str::to_owned);
        let account = match &token {
            None => None,
            // A session that cannot be looked up is no session; the reader sees the public page.
            Some(token) => app.desk.session(token, now).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "session lookup failed");
                None
            }),
        };
        let caller = match (parts.extensions.get::<OpenCaller>(), &account) {
            (Some(app @ OpenCaller::App { .. }), _) => app.clone(),
            (_, Some(who)) => OpenCaller::Person(who.clone()),
            _ => OpenCaller::Anybody,
        };
        let waiting = match &account {
            // Programs are shown no page around their answer.
            Some(who) if !parts.uri.path().starts_with("/api/") => waiting(app, who, now).await,
            _ => Waiting::default(),
        };
        let query = link::pairs(parts.uri.query().unwrap_or_default());
        let kept: Vec<(&str, &str)> =
            query.iter().filter(|(k, _)| k != "lang" && k != "mode").map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let address = link::with(parts.uri.path(), &kept);
        Ok(Visit {
            app: app.clone(),
            lang,
            mode,
            token: token.filter(|_| account.is_some()),
            account,
            caller,
            waiting,
            now,
            query,
            address,
            proof: parts.extensions.get::<Measured>().map(|measured| measured.message(parts, app.secure(&parts.headers))),
            method: parts.method.clone(),
            headers: parts.headers.clone(),
        })
    }
}

/// What waits for somebody. What cannot be counted is not shown: the page itself is of more use than its numbers.
async fn waiting(app: &App, who: &Account, now: Moment) -> Waiting {
    let desk = &app.desk;
    Waiting {
        held: desk.held_deliveries(who).await.unwrap_or_default(),
        defects: desk.waiting_defects(who).await.unwrap_or_default(),
        emergencies: desk.waiting_emergencies(who, now).await.unwrap_or_default(),
        requests: desk.waiting_requests(who).await.unwrap_or_default(),
        openings: desk.waiting_openings(who).await.unwrap_or_default() + desk.waiting_voices(who).await.unwrap_or_default()
            + desk.waiting_apps(who).await.unwrap_or_default()
            + desk.waiting_accesses(who).await.unwrap_or_default(),
        people: desk.waiting_people(who).await.unwrap_or_default(),
        challenges: desk.waiting_challenges(who).await.unwrap_or_default(),
    }
}

impl Visit {
    /// The first value of a query parameter, without outer blanks; empty when absent.
    pub fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(k, _)| k == name).map(|(_, v)| v.trim()).unwrap_or_default()
    }

    /// The same, `None` when absent or empty.
    pub fn chosen(&self, name: &str) -> Option<String> {
        Some(self.parameter(name)).filter(|v| !v.is_empty()).map(str::to_owned)
    }

    /// All values of a query parameter that is repeated.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.as_str()).collect()
    }

    /// The page of a list that is asked for, from 1.
    pub fn page(&self) -> u64 {
        self.parameter("page").parse().unwrap_or(1).clamp(1, 1_000_000)
    }

    pub fn say(&self) -> Say {
        Say { lang: self.lang, zone: zone(&self.app.desk.city().info.time_zone), now: self.now }
    }

    /// The page around the content.
    pub fn frame(&self, place: Place, title: impl FnOnce(&Say) -> String) -> Frame {
        let say = self.say();
        let city = self.app.desk.city();
        let info = &city.info;
        Frame {
            mode: self.mode,
            account: self.account.clone(),
            waiting: self.waiting,
            csrf: self.token.as_deref().map(csrf_token).unwrap_or_default(),
            city: say.pair(&info.title, &info.title_en).to_owned(),
            notice: say.pair(&info.notice, &info.notice_en).to_owned(),
            place,
            title: title(&say),
            address: self.address.clone(),
            query: self.parameter("q").to_owned(),
            site: self.site(),
            say,
        }
    }

    /// The member of staff who asks, or the way to the login.
    pub fn staff(&self) -> Result<&Account, Refusal> {
        self.account.as_ref().ok_or(Refusal::Desk(desk::DeskError::LoginRequired))
    }

    /// Refuses a form that was not sent from a page of ours.
    pub fn from_our_page(&self) -> Result<(), Refusal> {
        if same_origin(&self.headers) { Ok(()) } else { Err(Refusal::Forged) }
    }

    /// The member of staff whose form this is: logged in, sent from our page, with the session's token.
    pub fn staff_form(&self, csrf: &str) -> Result<&Account, Refusal> {
        let account = self.staff()?;
        self.from_our_page()?;
        let expected = self.token.as_deref().map(csrf_token).unwrap_or_default();
        if !expected.is_empty() && csrf == expected { Ok(account) } else { Err(Refusal::Forged) }
    }

    /// Whether cookies may be marked `Secure`.
    pub fn secure(&self) -> bool {
        self.app.secure(&self.headers)
    }

    /// Where the site is for who asks: `https://brain.example.gov.cn`.
    pub fn origin(&self) -> String {
        let host = self.header(header::HOST).unwrap_or("127.0.0.1:8080");
        format!("{}://{host}", if self.secure() { "https" } else { "http" })
    }

    /// Where the site is reached: as the city says, or as the reader came.
    pub fn site(&self) -> String {
        let city = self.app.desk.city();
        let address = if city.info.open.address.is_empty() { self.origin() } else { city.info.open.address.clone() };
        address.trim_end_matches('/').to_owned()
    }

    /// The browser or program that asks, as it calls itself.
    pub fn agent(&self) -> &str {
        self.header(header::USER_AGENT).unwrap_or_default()
    }

    /// The value of a cookie; empty where there is none.
    pub fn cookie(&self, name: &str) -> &str {
        cookie(&self.headers, name).unwrap_or_default()
    }

    /// A header of the request, if it is there and plain text.
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(super) fn is_get(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }
}

/// Language and mode: what the address asks for, else what was chosen before, else Chinese and standard.
fn choices(uri: &Uri, headers: &HeaderMap) -> (Lang, Mode) {
    let asked = asked(uri);
    let lang = asked.0.or_else(|| cookie(headers, LANG_COOKIE).and_then(Lang::parse)).unwrap_or_default();
    let mode = asked.1.or_else(|| cookie(headers, MODE_COOKIE).and_then(Mode::parse)).unwrap_or_default();
    (lang, mode)
}

fn asked(uri: &Uri) -> (Option<Lang>, Option<Mode>) {
    let pairs = link::pairs(uri.query().unwrap_or_default());
    let find = |name: &str| pairs.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
    (find("lang").and_then(Lang::parse), find("mode").and_then(Mode::parse))
}

/// Remembers a choice of language or mode that stood in the address.
pub async fn remember(State(app): State<App>, request: Request, next: Next) -> Response {
    let (lang, mode) = asked(request.uri());
    let secure = app.secure(request.headers());
    let mut response = next.run(request).await;
    let lang = lang.and_then(|lang| choice_cookie(LANG_COOKIE, if lang == Lang::En { "en" } else { "zh" }, secure));
    let mode = mode.and_then(|mode| choice_cookie(MODE_COOKIE, mode.word(), secure));
    for value in lang.into_iter().chain(mode) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
