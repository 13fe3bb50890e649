//! `/grants`: what may be read under which terms, how it is used, and its end.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::share::{Channel, Terms};
use desk::DeskError;
use desk::share::{GrantDetail, GrantState, GrantView, LentItem, OperationView, ParameterView};
use desk::view::Page;
use kernel::Text;

use super::Fields;
use super::request::resource_title;
use super::using::{FILTERS, Found, Used, ways};
use crate::app::App;
use crate::chart;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::paging::Paging;

/// Grants on one page.
const SIZE: u64 = 50;

pub(super) fn router() -> Router<App> {
    Router::new().route("/grants", get(list)).route("/grants/{id}", get(show)).route("/grants/{id}/end", post(end))
}

#[derive(Template)]
#[template(path = "share/grants.html")]
pub(crate) struct GrantsPage {
    f: Frame,
    grants: Vec<GrantView>,
    total: u64,
    /// The resource that alone is shown: id and title.
    resource: Option<(String, String)>,
    paging: Paging,
}

impl GrantsPage {
    pub(crate) fn new(f: Frame, resource: Option<(String, String)>, page: Page<GrantView>) -> GrantsPage {
        GrantsPage { paging: Paging::new(&f, page.page, page.size, page.total), total: page.total, grants: page.entries, resource, f }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(grants(&visit).await)
}

async fn grants(visit: &Visit) -> Answered<GrantsPage> {
    let resource = visit.chosen("resource");
    let page = visit.app.desk.grants(visit.staff()?, resource.as_deref(), visit.page(), SIZE, visit.now).await?;
    let f = visit.frame(Place::Share, |say| say.t("grants-title"));
    let resource = resource.map(|id| (id.clone(), resource_title(visit, &id)));
    Ok(GrantsPage::new(f, resource, page))
}

#[derive(Template)]
#[template(path = "share/grant.html")]
pub(crate) struct GrantPage {
    pub f: Frame,
    pub d: GrantDetail,
    /// Where the site is for programs.
    pub origin: String,
    /// What was entered in whichever form was sent.
    pub fields: Fields,
    /// What an answer under it was.
    pub used: Option<Used>,
    /// What was wrong with a question; what else was wrong.
    pub refused: Option<Text>,
    pub error: Option<Text>,
}

impl GrantPage {
    fn terms(&self) -> &Terms {
        &self.d.grant.terms
    }

    fn lent(&self, item: &LentItem) -> bool {
        self.terms().items.iter().any(|one| one.name == item.name)
    }

    fn holds(&self) -> bool {
        matches!(self.d.grant.state, GrantState::Active | GrantState::Ending)
    }

    fn has(&self, channel: Channel) -> bool {
        self.terms().channels.contains(&channel)
    }

    fn queries(&self) -> bool {
        self.has(Channel::Query) && self.d.service.is_none()
    }

    /// What the service can be asked, where there is one.
    fn operations(&self) -> Vec<&OperationView> {
        let all = self.d.service.iter().flat_map(|(_, operations)| operations);
        all.filter(|_| self.has(Channel::Query)).collect()
    }

    /// What was entered for a parameter, where this operation was asked.
    fn entered(&self, operation: &OperationView, parameter: &ParameterView) -> &str {
        let this = self.fields.get("operation") == operation.id;
        if this { self.fields.get(&format!("param:{}", parameter.name)) } else { "" }
    }

    fn report_words(&self) -> &str {
        self.fields.get("words")
    }

    fn verifies(&self) -> bool {
        self.has(Channel::Verify)
    }

    fn batches(&self) -> bool {
        self.has(Channel::Batch)
    }

    fn subscribes(&self) -> bool {
        self.has(Channel::Subscribe)
    }

    fn path(&self, act: &str) -> String {
        format!("{}/{act}", link::grant(&self.d.grant.id))
    }

    fn title(&self, name: &str) -> String {
        let item = self.d.items.iter().find(|item| item.name == name);
        item.map_or_else(|| name.to_owned(), |item| self.f.text(&item.title).to_owned())
    }

    /// What queries must name: name, title, what was entered.
    fn keys(&self) -> Vec<(&str, String, &str)> {
        self.terms().keys.iter().map(|name| (name.as_str(), self.title(name), self.fields.get(&format!("key:{name}")))).collect()
    }

    /// What may be said of a row for verification: name, title, what was entered.
    fn claims(&self) -> Vec<(&str, String, &str)> {
        let items = self.terms().items.iter().map(|item| &item.name).filter(|name| !self.terms().keys.contains(name));
        items.map(|name| (name.as_str(), self.title(name), self.fields.get(&format!("claim:{name}")))).collect()
    }

    /// What else rows may be asked by: only what is given as it stands.
    fn askable(&self) -> Vec<(&str, String)> {
        let open = self.terms().items.iter().filter(|item| item.whole && !self.terms().keys.contains(&item.name));
        open.map(|item| (item.name.as_str(), self.title(&item.name))).collect()
    }

    /// Further conditions: (number, item, way, value), as they were entered.
    fn filters(&self) -> Vec<(usize, &str, &str, &str)> {
        let one = |n: usize| (n, self.fields.get(&format!("of{n}")), self.fields.get(&format!("way{n}")), self.fields.get(&format!("value{n}")));
        (1..=FILTERS).map(one).collect()
    }

    fn ways(&self) -> Vec<(&'static str, String)> {
        ways(&self.f)
    }

    fn limits(&self) -> [&'static str; 2] {
        ["20", "100"]
    }

    fn limited(&self, limit: &str) -> bool {
        self.fields.get("limit") == limit
    }

    fn case(&self) -> &str {
        self.fields.get("case")
    }

    fn words(&self) -> &str {
        self.fields.get("why")
    }

    /// What the form of the next page repeats.
    fn repeated(&self) -> Vec<(&str, &str)> {
        let kept = |name: &str| name != "csrf" && name != "offset";
        self.fields.0.iter().filter(|(name, value)| kept(name) && !value.is_empty()).map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn api(&self, what: &str) -> String {
        format!("/api/v1{}/{what}", link::grant(&self.d.grant.id))
    }

    fn file(&self, form: &str) -> String {
        link::with(&self.api("batch"), &[("purpose", self.terms().purpose.word()), ("form", form)])
    }

    /// Ready lines for programs: what it is called, and the line.
    fn lines(&self) -> Vec<(String, String)> {
        let head = format!("-H 'Authorization: Bearer <{}>'", self.f.t("application-key"));
        let address = |what: &str, more: &str| format!("'{}{}?purpose={}{more}'", self.origin, self.api(what), self.terms().purpose.word());
        let keys: String = self.keys().iter().map(|(name, title, _)| format!("&{name}=<{title}>")).collect();
        let sent = |all: Vec<(&str, String, &str)>| {
            let pairs: Vec<String> = all.iter().map(|(name, title, _)| format!("\"{name}\": \"<{title}>\"")).collect();
            format!("-H 'Content-Type: application/json' -d '{{{}}}'", pairs.join(", "))
        };
        let said = self.keys().into_iter().chain(self.claims().into_iter().take(1)).collect();
        let mut lines = Vec::new();
        if self.queries() {
            lines.push((self.f.channel(&Channel::Query), format!("curl {head} {}", address("rows", &keys))));
        }
        if self.queries() && !keys.is_empty() {
            lines.push((self.f.t("grant-query-post"), format!("curl {head} {} {}", sent(self.keys()), address("rows", ""))));
        }
        for operation in self.operations().into_iter().filter(|operation| operation.refused.is_none()) {
            let given: String = operation.parameters.iter().filter(|one| one.required).map(|one| format!("&{}=<{}>", one.name, self.f.text(&one.title))).collect();
            lines.push((self.f.text(&operation.title).to_owned(), format!("curl {head} {}", address(&format!("call/{}", link::encode(&operation.id)), &given))));
        }
        if self.verifies() {
            lines.push((self.f.channel(&Channel::Verify), format!("curl {head} {} {}", sent(said), address("verify", ""))));
        }
        if self.batches() {
            lines.push((self.f.channel(&Channel::Batch), format!("curl {head} -o rows.csv {}", address("batch", "&form=csv"))));
        }
        if self.subscribes() {
            let body = "-X PUT -H 'Content-Type: application/json' -d '{\"url\": \"https://…\"}'";
            lines.push((self.f.channel(&Channel::Subscribe), format!("curl {head} {body} {}", address("subscription", ""))));
        }
        lines
    }

    /// Calls a day, with the table behind them.
    fn usage(&self) -> Html {
        let title = self.f.t("grant-usage");
        let values: Vec<u64> = self.d.usage.iter().map(|one| one.calls).collect();
        let description = self.f.t2("grant-usage-desc", &("calls", self.d.calls), &("rows", self.d.rows));
        let rows: Vec<(String, String)> =
            self.d.usage.iter().rev().map(|one| (self.f.day(&one.day), self.f.t2("grant-usage-day", &("calls", one.calls), &("rows", one.rows)))).collect();
        let drawn = chart::sparkline("usage", &title, &description, &values);
        Html(format!("{drawn}{}", chart::twin(&self.f, &title, [&self.f.t("chart-day"), &self.f.t("grant-usage-head")], &rows)))
    }

    fn renewal(&self) -> String {
        link::renewal(&self.d.grant.resource.id, &self.d.grant.id)
    }

    /// Which rows an answer had, where it had rows.
    fn rows(&self) -> Option<&super::using::Rows> {
        match &self.used.as_ref()?.found {
            Found::Rows(rows) => Some(rows),
            Found::Verdict(_) => None,
        }
    }

    /// How a verification came out: its word, what it is called, what it means.
    fn verdict(&self) -> Option<(&'static str, String, String)> {
        match &self.used.as_ref()?.found {
            Found::Verdict(verdict) => Some(self.f.verdict(*verdict)),
            Found::Rows(_) => None,
        }
    }
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(page(&visit, &id, Fields::default()).await)
}

pub(super) async fn page(visit: &Visit, id: &str, fields: Fields) -> Answered<GrantPage> {
    let d = visit.app.desk.grant(visit.staff()?, id, visit.now).await?;
    let f = visit.frame(Place::Share, |say| format!("{} · {}", say.t("grant"), say.text(&d.grant.resource.title)));
    Ok(GrantPage { f, d, origin: visit.origin(), fields, used: None, refused: None, error: None })
}

async fn end(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    match ended(&visit, &id, &fields).await {
        Ok(()) => Redirect::to(&link::grant(&id)).into_response(),
        Err(refusal) => {
            let again = |text| async { Ok(GrantPage { error: Some(text), ..page(&visit, &id, fields).await? }) };
            visit.again(refusal, again).await
        }
    }
}

async fn ended(visit: &Visit, id: &str, fields: &Fields) -> Answered<()> {
    let who = visit.staff_form(fields.get("csrf"))?;
    if !fields.has("sure") {
        return Err(DeskError::Invalid(Text::new("收回后立即失效，请先勾选确认。", "It takes effect at once: tick that you are sure.")).into());
    }
    Ok(visit.app.desk.end_grant(who, id, fields.get("why"), visit.now).await?)
}
