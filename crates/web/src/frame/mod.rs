//! What every page stands in: who reads, in which language and mode, where they are, and the page around the content.

mod answer;
mod icon;
mod session;
mod visit;

use std::ops::Deref;

use desk::view::Account;
use kernel::{Lang, Moment};

pub use answer::{Answered, Refusal};
pub(crate) use icon::icon;
pub(crate) use session::{clear_cookie, session_cookie};
pub use visit::{Visit, remember};

use crate::html::Html;
use crate::link;
use crate::say::Say;

/// How the page is shown; chosen by the reader and remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Standard,
    /// 长辈版: larger type, wider targets, 7:1 contrast.
    Elder,
    /// 高对比度: black on white, strong lines.
    Contrast,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Standard, Mode::Elder, Mode::Contrast];

    pub fn word(self) -> &'static str {
        match self {
            Mode::Standard => "standard",
            Mode::Elder => "elder",
            Mode::Contrast => "contrast",
        }
    }

    pub fn parse(word: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.word() == word)
    }
}

/// The entry of the navigation under which a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Home,
    /// What is known of the reader: 谁看过我.
    Me,
    /// The own account.
    Own,
    Catalog,
    Open,
    Systems,
    Runs,
    Models,
    Figures,
    Registers,
    Quarantine,
    Quality,
    Drift,
    Defects,
    Share,
    Accounts,
    Log,
    Sql,
    Api,
    Help,
    /// Login, errors: under no entry.
    Elsewhere,
}

/// One entry of the navigation.
pub struct Entry {
    pub href: &'static str,
    pub word: String,
    pub icon: Html,
    pub current: bool,
    /// How many things wait there; shown when there are any.
    pub waiting: u64,
    /// Shown in the bottom bar of a phone; the others stand under 更多.
    pub first: bool,
}

/// A choice of language or mode: a link to the same page.
pub struct Choice {
    pub href: String,
    pub word: String,
    pub lang: &'static str,
    pub chosen: bool,
}

/// What waits for the reader; 0 for those who may not decide about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waiting {
    /// Deliveries that wait for a decision, for staff.
    pub held: u64,
    /// Defects that wait for their department, for staff.
    pub defects: u64,
    /// Requests for rights of an emergency that wait for the reader.
    pub emergencies: u64,
    /// Requests for data that wait for the reader's decision.
    pub requests: u64,
    /// Proposals to open data, and words of the public, that wait for the reader.
    pub openings: u64,
    /// Accounts of citizens and companies that wait for the reader to confirm them.
    pub people: u64,
    /// Challenges to readings that wait for the reader's answer.
    pub challenges: u64,
}

/// The page around the content. Templates reach the words through it: `f.t("…")`.
#[derive(Clone, Debug)]
pub struct Frame {
    pub say: Say,
    pub mode: Mode,
    pub account: Option<Account>,
    pub waiting: Waiting,
    /// Goes into every form that changes something; empty when nobody is logged in.
    pub csrf: String,
    /// The city's name.
    pub city: String,
    /// Shown on every page while the city declares it.
    pub notice: String,
    pub place: Place,
    /// Name of the page, for the window and the history.
    pub title: String,
    /// Path and query of this page, without `lang` and `mode`.
    pub address: String,
    /// What stands in the search box.
    pub query: String,
    /// Where the site is reached, for what search engines are told: `https://data.example.gov.cn`.
    pub site: String,
}

/// The search box of the header.
pub struct Search {
    pub action: &'static str,
    pub label: String,
    pub hint: String,
}

impl Deref for Frame {
    type Target = Say;

    fn deref(&self) -> &Say {
        &self.say
    }
}

impl Frame {
    pub fn staff(&self) -> bool {
        self.account.is_some()
    }

    /// Whether the reader is a citizen or a company.
    pub fn person(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.person.is_some())
    }

    /// Where the reader begins.
    pub fn home(&self) -> &'static str {
        if self.person() { "/me" } else { "/" }
    }

    /// The header's search box: over open data on its pages, else over the catalogue; none where the page has its own.
    pub fn search(&self) -> Option<Search> {
        let path = self.address.split('?').next().unwrap_or_default();
        match self.place {
            _ if self.person() || ["/open", "/open/others", "/open/guide"].contains(&path) => None,
            Place::Open => Some(Search { action: "/open", label: self.t("open-find"), hint: self.t("open-find-hint") }),
            _ => Some(Search { action: "/catalog", label: self.t("search-label"), hint: self.t("search-hint") }),
        }
    }

    /// For search engines: the one address of this page, and that of each language. Only open data is for them.
    pub fn alike(&self) -> Vec<(&'static str, &'static str, String)> {
        if self.place != Place::Open || self.staff() {
            return Vec::new();
        }
        // A map drawn nearer is the same page.
        let address = if self.address.starts_with("/open/datasets/") { self.address.split('?').next().unwrap_or_default() } else { &self.address };
        let (zh, en) = (format!("{}{address}", self.site), format!("{}{}", self.site, link::with(address, &[("lang", "en")])));
        let own = if self.lang == Lang::Zh { zh.clone() } else { en.clone() };
        vec![("canonical", "", own), ("alternate", Lang::Zh.tag(), zh.clone()), ("alternate", Lang::En.tag(), en), ("alternate", "x-default", zh)]
    }

    /// Until when the reader has the rights of an emergency.
    pub fn emergency(&self) -> Option<Moment> {
        self.account.as_ref().and_then(|account| account.emergency)
    }

    /// Whether the reader may do this to anything at all.
    pub fn may(&self, act: &str) -> bool {
        self.account.as_ref().is_some_and(|account| account.may(act))
    }

    /// Whether the reader may do this to what belongs to a department.
    pub fn may_for(&self, act: &str, department: &str) -> bool {
        self.account.as_ref().is_some_and(|account| account.may_for(act, Some(department)))
    }

    /// Whether the reader may do this to the whole city's.
    pub fn may_all(&self, act: &str) -> bool {
        self.account.as_ref().is_some_and(|account| account.may_for(act, None))
    }

    /// The first of the pages on sharing that the reader may see.
    fn share(&self) -> Option<&'static str> {
        let pages = [("see.requests", "/requests"), ("see.grants", "/grants"), ("see.applications", "/applications")];
        pages.into_iter().find(|(act, _)| self.may(act)).map(|(_, page)| page)
    }

    pub fn entries(&self) -> Vec<Entry> {
        let entry = |place, href, word: String, strokes, first| Entry { href, word, icon: icon(strokes), current: self.place == place, waiting: 0, first };
        if self.person() {
            return vec![
                entry(Place::Me, "/me", self.t("nav-me"), "me", true),
                entry(Place::Open, "/open", self.t("nav-open"), "open", true),
                entry(Place::Own, "/account", self.t("account-own"), "accounts", true),
                entry(Place::Help, "/help", self.t("nav-help"), "help", true),
            ];
        }
        let mut entries = vec![
            entry(Place::Home, "/", self.t("nav-home"), "home", true),
            entry(Place::Catalog, "/catalog", self.t("nav-catalog"), "catalog", true),
            // A stranger comes for open data, staff for what runs.
            Entry { waiting: self.waiting.openings, ..entry(Place::Open, "/open", self.t("nav-open"), "open", !self.staff()) },
            entry(Place::Systems, "/systems", self.t("nav-systems"), "systems", true),
            entry(Place::Runs, "/runs", self.t("nav-runs"), "runs", self.staff()),
            entry(Place::Figures, "/figures", self.t("nav-figures"), "figures", false),
            entry(Place::Models, "/models", self.t("nav-models"), "models", false),
        ];
        if self.may("see.registers") {
            entries.push(entry(Place::Registers, "/registers", self.t("nav-registers"), "registers", false));
        }
        entries.push(entry(Place::Quality, "/quality", self.t("nav-quality"), "quality", false));
        if self.may("read.quarantine") {
            entries.push(entry(Place::Quarantine, "/quarantine", self.t("nav-quarantine"), "quarantine", false));
        }
        if self.may("see.drift") {
            entries.push(Entry { waiting: self.waiting.held, ..entry(Place::Drift, "/drift", self.t("nav-drift"), "drift", false) });
        }
        if self.may("see.defects") {
            entries.push(Entry { waiting: self.waiting.defects, ..entry(Place::Defects, "/defects", self.t("nav-defects"), "defects", false) });
        }
        if let Some(first) = self.share() {
            entries.push(Entry { waiting: self.waiting.requests, ..entry(Place::Share, first, self.t("nav-share"), "share", false) });
        }
        if self.may("see.accounts") {
            let waiting = self.waiting.people + if self.may("emergency.decide") { self.waiting.emergencies } else { 0 };
            entries.push(Entry { waiting, ..entry(Place::Accounts, "/accounts", self.t("nav-accounts"), "accounts", false) });
        }
        if self.may("see.log") {
            entries.push(Entry { waiting: self.waiting.challenges, ..entry(Place::Log, "/log", self.t("nav-log"), "log", false) });
        }
        if self.may("read.sql") {
            entries.push(entry(Place::Sql, "/sql", self.t("nav-sql"), "sql", false));
        }
        entries.push(entry(Place::Api, "/api", self.t("nav-api"), "api", false));
        entries.push(entry(Place::Help, "/help", self.t("nav-help"), "help", false));
        entries
    }

    /// Whether the current page stands under 更多 on a phone.
    pub fn current_is_more(&self) -> bool {
        self.entries().iter().any(|entry| entry.current && !entry.first)
    }

    pub fn languages(&self) -> Vec<Choice> {
        [(Lang::Zh, "中文", "zh"), (Lang::En, "English", "en")]
            .into_iter()
            .map(|(lang, word, tag)| Choice {
                href: link::with(&self.address, &[("lang", tag)]),
                word: word.to_owned(),
                lang: lang.tag(),
                chosen: lang == self.lang,
            })
            .collect()
    }

    pub fn modes(&self) -> Vec<Choice> {
        let word = |mode| match mode {
            Mode::Standard => self.t("mode-standard"),
            Mode::Elder => self.t("mode-elder"),
            Mode::Contrast => self.t("mode-contrast"),
        };
        Mode::ALL
            .into_iter()
            .map(|mode| Choice {
                href: link::with(&self.address, &[("mode", mode.word())]),
                word: word(mode),
                lang: self.lang.tag(),
                chosen: mode == self.mode,
            })
            .collect()
    }

    pub fn login_link(&self) -> String {
        link::with("/login", &[("next", &self.address)])
    }

    pub fn more_icon(&self) -> Html {
        icon("more")
    }

    pub fn style(&self) -> &'static str {
        &crate::fixed::STYLE.href
    }

    pub fn script(&self) -> &'static str {
        &crate::fixed::ISLANDS.href
    }
}
