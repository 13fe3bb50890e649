//! Registered applications of open data (开放数据应用): whoever has an account registers what they have built, and calls with its
//! key from then on; a steward lets it into the showcase.

use data::City;
use data::open::{AppState, VoiceAuthor};
use kernel::{Moment, Text, uuid_v7};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::open::{AppFilter, AppRow, AppTold, NewApp};
use url::Url;

use super::caller::KEY_PREFIX;
use super::voice::author;
use super::{declared, model_title};
use crate::account::{digest, hex};
use crate::authority::object;
use crate::runs::PAGE_MAX;
use crate::share::Named;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal, invalid};

/// Living applications of one account.
const APPS_MAX: u64 = 10;
const NAME_MAX: usize = 60;
const SUMMARY_MAX: usize = 1_000;
const ADDRESS_MAX: usize = 500;
/// Datasets that one application says it uses, and columns of each.
const USES_MAX: usize = 50;
const COLUMNS_MAX: usize = 200;
/// Days of use that are shown.
const DAYS: i64 = 30;

/// What is said of an application.
#[derive(Clone, Debug, Default)]
pub struct Telling {
    pub name: String,
    pub summary: String,
    /// Its home page, `https://…`.
    pub address: String,
    /// What is called every night besides; may be empty.
    pub probe: String,
    /// Datasets that it uses: `bus_stops`, or with the columns that it needs: `bus_stops: stop_name, longitude`.
    pub uses: Vec<String>,
}

/// An application as a reader sees it.
#[derive(Clone, Debug, Serialize)]
pub struct AppView {
    pub id: String,
    pub name: String,
    pub summary: String,
    pub address: String,
    pub author: VoiceAuthor,
    pub state: AppState,
    pub registered: Moment,
    /// Why it is not shown; for its owner and stewards.
    pub reason: Option<String>,
    /// When it was last looked at; never as yet when `None`.
    pub checked: Option<Moment>,
    /// Since when it is as it was found.
    pub since: Option<Moment>,
    /// What is wrong with it; nothing while it works.
    pub fault: Option<Text>,
    /// Whether the reader registered it.
    pub own: bool,
}

/// One application's page.
#[derive(Clone, Debug)]
pub struct AppDetail {
    pub view: AppView,
    /// The datasets that it uses, with the columns that it names of each.
    pub uses: Vec<(Named, String)>,
    /// For its owner and stewards.
    pub probe: Option<String>,
    /// Calls by day, the last thirty days: for its owner and stewards.
    pub calls: Vec<(String, u64)>,
    /// Calls a day that it may make.
    pub per_day: u64,
}

impl Desk {
    /// Anybody logged in: registers an application. Answers its id and its key, which nobody sees again: only its hash is kept.
    pub async fn register_app(&self, who: &Account, telling: &Telling, now: Moment) -> Answer<(String, String)> {
        let told = self.app_told(telling, now).await?;
        let (id, key) = (uuid_v7(now, self.chance()), format!("{KEY_PREFIX}{}", self.token()));
        let store = self.logging(who, "app.register", &object("app", &id), detail(&told)).await?;
        let new = NewApp { id: id.clone(), account: who.id.clone(), author: author(who).word(), told, digest: digest(&key), registered: now, most: APPS_MAX };
        match store.add_app(new).await.map_err(internal)? {
            true => Ok((id, key)),
            false => Err(invalid(format!("每个账户最多登记 {APPS_MAX} 个应用，请先注销不用的。"), format!("An account has {APPS_MAX} applications at most: give up one that is not used."))),
        }
    }

    /// Who registered it: says something else of it. A steward looks at it again; its key stays.
    pub async fn change_app(&self, who: &Account, id: &str, telling: &Telling, now: Moment) -> Answer<()> {
        self.own_app(who, id).await?;
        let told = self.app_told(telling, now).await?;
        let store = self.logging(who, "app.change", &object("app", id), detail(&told)).await?;
        let done = store.change_app(id, told).await.map_err(internal)?;
        self.0.open.callers().forget();
        if done { Ok(()) } else { Err(gone()) }
    }

    /// Who registered it: takes a new key; the former is good no longer.
    pub async fn renew_app(&self, who: &Account, id: &str) -> Answer<String> {
        self.own_app(who, id).await?;
        let key = format!("{KEY_PREFIX}{}", self.token());
        let store = self.logging(who, "app.renew", &object("app", id), json!({})).await?;
        let done = store.renew_app(id, digest(&key)).await.map_err(internal)?;
        self.0.open.callers().forget();
        if done { Ok(key) } else { Err(gone()) }
    }

    /// Who registered it: gives it up; its key opens nothing any more.
    pub async fn end_app(&self, who: &Account, id: &str) -> Answer<()> {
        self.own_app(who, id).await?;
        let done = self.logging(who, "app.end", &object("app", id), json!({})).await?.end_app(id).await.map_err(internal)?;
        self.0.open.callers().forget();
        if done { Ok(()) } else { Err(gone()) }
    }

    /// Steward: lets it into the showcase, or takes it out with a reason.
    pub async fn moderate_app(&self, who: &Account, id: &str, show: bool, words: &str, now: Moment) -> Answer<()> {
        let object = object("app", id);
        self.may(who, "app.moderate", &object).await?;
        self.store().app(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let state = if show { AppState::Shown } else { AppState::Refused };
        let reason = if show { None } else { Some(crate::share::said(words)?.to_owned()) };
        let store = self.logging(who, "app.moderate", &object, json!({ "state": state, "reason": reason })).await?;
        match store.moderate_app(id, state.word(), reason, &who.id, now).await.map_err(internal)? {
            true => Ok(()),
            false => Err(DeskError::Conflict(Text::new("这个应用已经这样审核过，或已注销。", "This was decided so already, or the application was given up."))),
        }
    }

    /// Everybody: the showcase; of one dataset where one is named.
    pub async fn open_apps(&self, reader: Option<&Account>, dataset: Option<&str>, page: u64, size: u64) -> Answer<Page<AppView>> {
        let filter = AppFilter { state: Some(AppState::Shown.word().to_owned()), dataset: dataset.map(str::to_owned), account: None };
        self.list_apps(reader, &filter, page, size).await
    }

    /// Anybody logged in: their own.
    pub async fn own_apps(&self, who: &Account, page: u64, size: u64) -> Answer<Page<AppView>> {
        self.list_apps(Some(who), &AppFilter { account: Some(who.id.clone()), ..AppFilter::default() }, page, size).await
    }

    /// Stewards: those that wait to be shown.
    pub async fn apps_to_moderate(&self, who: &Account, page: u64, size: u64) -> Answer<Page<AppView>> {
        self.may(who, "app.moderate", &object("app", "all")).await?;
        self.list_apps(Some(who), &waiting(), page, size).await
    }

    /// How many wait for this person.
    pub async fn waiting_apps(&self, who: &Account) -> Answer<u64> {
        match who.may("app.moderate") {
            true => Ok(self.store().apps(&waiting(), 1, 1).await.map_err(internal)?.total),
            false => Ok(0),
        }
    }

    /// Everybody: one that is shown; who registered it and stewards: whichever.
    pub async fn open_app(&self, reader: Option<&Account>, id: &str, now: Moment) -> Answer<AppDetail> {
        let row = self.store().app(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let inside = reader.is_some_and(|who| who.id == row.account || who.may("app.moderate"));
        if row.state != AppState::Shown.word() && !inside {
            return Err(DeskError::NotFound);
        }
        let city = self.city();
        let uses = self.store().app_uses(id).await.map_err(internal)?;
        let uses = uses.into_iter().map(|(dataset, columns)| (named(&city, dataset), columns)).collect();
        let calls = match inside {
            true => self.store().app_calls(id, &self.day(Moment(now.0 - DAYS * 86_400_000_000)).to_string()).await.map_err(internal)?,
            false => Vec::new(),
        };
        let per_day = u64::from(city.info.open.application_per_day);
        Ok(AppDetail { probe: inside.then(|| row.probe.clone()), uses, calls, per_day, view: view(row, reader) })
    }

    async fn list_apps(&self, reader: Option<&Account>, filter: &AppFilter, page: u64, size: u64) -> Answer<Page<AppView>> {
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().apps(filter, page, size).await.map_err(internal)?;
        Ok(Page { entries: rows.entries.into_iter().map(|row| view(row, reader)).collect(), total: rows.total, page, size })
    }

    /// Refuses whose it is not: to them it is not there.
    async fn own_app(&self, who: &Account, id: &str) -> Answer<AppRow> {
        self.store().app(id).await.map_err(internal)?.filter(|row| row.account == who.id).ok_or(DeskError::NotFound)
    }

    /// What is said, checked: names that can be shown, addresses that can be called, datasets and columns that are open.
    async fn app_told(&self, telling: &Telling, now: Moment) -> Answer<AppTold> {
        let name = words(&telling.name, NAME_MAX, ("请填写应用名称（不超过 60 字）。", "Give the application a name, of at most 60 characters."))?;
        let summary = words(&telling.summary, SUMMARY_MAX, ("请写明应用做什么（不超过 1000 字）。", "Say what it does, in at most 1,000 characters."))?;
        let address = address(&telling.address)?;
        let probe = if telling.probe.trim().is_empty() { String::new() } else { self::address(&telling.probe)? };
        if telling.uses.is_empty() || telling.uses.len() > USES_MAX {
            return Err(invalid(format!("请选择使用的数据集（1 到 {USES_MAX} 个）。"), format!("Name the datasets that it uses, from 1 to {USES_MAX}.")));
        }
        let mut uses = Vec::with_capacity(telling.uses.len());
        for told in &telling.uses {
            uses.push(self.use_of(told, now).await?);
        }
        Ok(AppTold { name, summary, address, probe, uses })
    }

    /// `bus_stops: stop_name, longitude` as a dataset and its columns.
    async fn use_of(&self, told: &str, now: Moment) -> Answer<(String, String)> {
        let (dataset, columns) = told.split_once(':').unwrap_or((told, ""));
        let dataset = dataset.trim();
        let live = self.live_one(dataset, now).await.map_err(|_| invalid(format!("没有开放数据集 {dataset}。"), format!("There is no open dataset {dataset}.")))?;
        let columns: Vec<&str> = columns.split([',', '，']).map(str::trim).filter(|name| !name.is_empty()).take(COLUMNS_MAX).collect();
        for name in &columns {
            if !live.columns.iter().any(|column| column.name == *name) {
                let Text { zh, en } = crate::asked::meant(name, live.columns.iter().map(|column| column.name.as_str()));
                return Err(invalid(format!("{dataset} 没有列 {name}{zh}"), format!("{dataset} has no column {name}{en}")));
            }
        }
        Ok((dataset.to_owned(), columns.join(",")))
    }
}

fn view(row: AppRow, reader: Option<&Account>) -> AppView {
    let own = reader.is_some_and(|who| who.id == row.account);
    let inside = own || reader.is_some_and(|who| who.may("app.moderate"));
    AppView {
        id: row.id,
        name: row.name,
        summary: row.summary,
        address: row.address,
        author: VoiceAuthor::parse(&row.author),
        state: AppState::parse(&row.state).unwrap_or(AppState::Ended),
        registered: row.registered,
        reason: row.reason.filter(|_| inside),
        checked: row.checked,
        since: row.since,
        fault: row.fault,
        own,
    }
}

pub(super) fn named(city: &City, dataset: String) -> Named {
    Named { title: declared(city, &dataset).map_or_else(|| Text::new(&dataset, &dataset), |(model, _)| model_title(model)), id: dataset }
}

fn waiting() -> AppFilter {
    AppFilter { state: Some(AppState::Waiting.word().to_owned()), ..AppFilter::default() }
}

/// What the log tells of it: their own words can be proven by it, and need not stand in it for years.
fn detail(told: &AppTold) -> serde_json::Value {
    let datasets: Vec<&str> = told.uses.iter().map(|(dataset, _)| dataset.as_str()).collect();
    json!({ "datasets": datasets, "words": hex(&Sha256::digest([&told.name, &told.summary, &told.address, &told.probe].map(String::as_str).join("\n"))) })
}

fn words(text: &str, most: usize, (zh, en): (&str, &str)) -> Answer<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most { Err(invalid(zh, en)) } else { Ok(text.to_owned()) }
}

/// A web address that a program can call and a page can link to.
fn address(text: &str) -> Answer<String> {
    let text = text.trim();
    let url = Url::parse(text).ok().filter(|url| ["https", "http"].contains(&url.scheme()) && url.host_str().is_some() && url.username().is_empty() && url.password().is_none());
    match url {
        Some(url) if url.as_str().len() <= ADDRESS_MAX => Ok(url.into()),
        _ => Err(invalid(format!("“{}”不是可以访问的网址，应形如 https://…", brief(text)), format!("“{}” is no web address: write it as https://…", brief(text)))),
    }
}

fn brief(text: &str) -> String {
    text.chars().take(80).collect()
}

fn gone() -> DeskError {
    DeskError::Conflict(Text::new("这个应用已经注销。", "The application was given up already."))
}
