//! Sharing (共享): asking for another department's data, deciding about it, using what is granted, and who read about whom.

mod application;
mod ask;
mod challenge;
mod grant;
mod reads;
mod request;
mod usage;
mod using;

use std::collections::BTreeSet;

use axum::Router;
use data::share::{Channel, Purpose, RequestState};
use desk::share::{GrantState, RequestView};
use kernel::Text;
use serde::Deserialize;

use crate::app::App;
use crate::html::Html;
use crate::say::Say;

#[cfg(test)]
pub(crate) use application::{ApplicationsPage, Issued};
pub(crate) use ask::{AskPage, terms};
#[cfg(test)]
pub(crate) use challenge::ChallengesPage;
#[cfg(test)]
pub(crate) use grant::{GrantPage, GrantsPage};
#[cfg(test)]
pub(crate) use reads::ReadsPage;
#[cfg(test)]
pub(crate) use request::{RequestPage, RequestsPage};
pub(crate) use using::{Found, Rows, rows, verdict};
#[cfg(test)]
pub(crate) use using::Used;
#[cfg(test)]
pub(crate) use usage::UsagePage;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .merge(ask::router())
        .merge(request::router())
        .merge(grant::router())
        .merge(using::router())
        .merge(usage::router())
        .merge(application::router())
        .merge(reads::router())
        .merge(challenge::router())
}

/// The fields of a form whose names are not all known beforehand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of that name, without outer blanks; empty when absent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// The same, `None` when absent or empty.
    pub(crate) fn chosen(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// What stands behind the prefix, with its value: of `item:name` the `name`.
    pub(crate) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(field, value)| field.strip_prefix(prefix).map(|name| (name, value.trim())))
    }

    fn names(&self, prefix: &str) -> Vec<String> {
        self.under(prefix).map(|(name, _)| name.to_owned()).collect()
    }

    /// A whole number; `None` where nothing is written; 0, which is refused everywhere, where it is none.
    fn amount(&self, name: &str) -> Option<u64> {
        self.chosen(name).map(|text| text.parse().unwrap_or(0))
    }

    /// What is given a day.
    fn daily(&self) -> data::share::Daily {
        data::share::Daily { calls: self.amount("per_day"), rows: self.amount("rows_per_day") }
    }

    /// A whole number; 0, which is refused everywhere, where it is none.
    pub(crate) fn number(&self, name: &str) -> u32 {
        self.get(name).parse().unwrap_or(0)
    }
}

fn no_such_act() -> desk::DeskError {
    desk::DeskError::Invalid(Text::new("没有这样的操作。", "There is no such act."))
}

impl Say {
    pub(crate) fn request_badge(&self, request: &RequestView) -> Html {
        let class = match request.state {
            RequestState::Granted => "good",
            RequestState::Withdrawn => "none",
            RequestState::Refused | RequestState::Upheld => "calm",
            RequestState::Asked | RequestState::Disputed if request.late => "wrong",
            RequestState::Asked | RequestState::Disputed => "late",
        };
        self.badge(class, &self.request_word(&request.state))
    }

    pub(crate) fn request_word(&self, state: &RequestState) -> String {
        self.text(&state.title()).to_owned()
    }

    /// What was done.
    pub(crate) fn request_act(&self, act: &str) -> String {
        match act {
            "asked" => self.t("request-act-asked"),
            "granted" => self.t("request-act-granted"),
            "refused" => self.t("request-act-refused"),
            "disputed" => self.t("request-act-disputed"),
            "upheld" => self.t("request-act-upheld"),
            "withdrawn" => self.t("request-act-withdrawn"),
            other => other.to_owned(),
        }
    }

    pub(crate) fn grant_badge(&self, state: &GrantState) -> Html {
        let (class, word) = match state {
            GrantState::Active => ("good", self.t("grant-active")),
            GrantState::Ending => ("late", self.t("grant-ending")),
            GrantState::Expired => ("none", self.t("grant-expired")),
            GrantState::Withdrawn => ("wrong", self.t("grant-withdrawn")),
        };
        self.badge(class, &word)
    }

    /// Whether a service is asked.
    pub(crate) fn service_badge(&self, service: &desk::share::ServiceView) -> Html {
        use desk::share::ServiceState;
        let (class, word) = match service.state {
            ServiceState::Closed => ("good", self.t("service-closed")),
            ServiceState::Open => ("wrong", self.t("service-open")),
            ServiceState::HalfOpen => ("late", self.t("service-half-open")),
        };
        self.badge(class, &word)
    }

    pub(crate) fn purpose(&self, purpose: &Purpose) -> String {
        self.text(&purpose.title()).to_owned()
    }

    pub(crate) fn channel(&self, channel: &Channel) -> String {
        self.text(&channel.title()).to_owned()
    }

    /// By its word in records.
    pub(crate) fn channel_of(&self, word: &str) -> String {
        Channel::of(word).map_or_else(|| word.to_owned(), |channel| self.channel(&channel))
    }

    pub(crate) fn channels(&self, channels: &BTreeSet<Channel>) -> String {
        channels.iter().map(|channel| self.channel(channel)).collect::<Vec<_>>().join(&self.t("comma"))
    }

    /// How a channel gives rows, in a sentence.
    pub(crate) fn channel_is(&self, channel: &Channel) -> String {
        match channel {
            Channel::Query => self.t("channel-query-is"),
            Channel::Verify => self.t("channel-verify-is"),
            Channel::Batch => self.t("channel-batch-is"),
            Channel::Subscribe => self.t("channel-subscribe-is"),
        }
    }

    /// How many days are left until a day, or by how many it is over; nothing for what is no day.
    pub(crate) fn left(&self, day: &str) -> String {
        let Ok(due) = day.parse::<jiff::civil::Date>() else { return String::new() };
        let today = self.now.to_jiff().to_zoned(self.zone.clone()).date();
        let days = today.until(due).map_or(0, |span| span.get_days());
        match days {
            0 => self.t("due-today"),
            1.. => self.t1("due-left", &("n", u64::from(days.unsigned_abs()))),
            _ => self.t1("due-over", &("n", u64::from(days.unsigned_abs()))),
        }
    }
}
