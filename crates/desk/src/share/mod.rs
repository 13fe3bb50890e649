//! Lending data between departments (共享): requests, decisions, grants, and every reading under a grant, each told in the log
//! before its answer is given.

mod about;
mod application;
mod ask;
mod batch;
mod challenge;
mod condition;
mod copy;
mod decide;
mod door;
mod grant;
mod me;
mod query;
mod question;
mod receipt;
mod report;
mod request;
mod signer;
mod service;
mod subscribe;
mod usage;
mod verify;

use data::City;
use data::declare::{Grade, Resource};
use data::share::{RequestState, Terms};
use kernel::{Moment, Text};
use serde::Serialize;

pub(crate) use crate::invalid;
use crate::authority::{Object, object};
use crate::view::Account;

pub use about::{AboutView, Said};
pub use application::{ApplicationView, Caller};
pub use ask::{Asking, Draft};
pub use batch::Batch;
pub use challenge::ChallengeView;
pub use decide::Decision;
pub(crate) use copy::{Copies, feed};
pub(crate) use ask::{due, own_department};
pub(crate) use condition::of_terms;
pub(crate) use door::Doors;
pub use door::Call;
pub use grant::{GrantDetail, GrantState, GrantView, ReadView, Usage};
pub use me::{Me, MyFilter, MyReads};
pub use query::Lending;
pub use signer::TO;
pub(crate) use request::view as view_request;
pub(crate) use signer::said_there;
pub use report::{ReportDue, ReportView};
pub use request::{RequestAct, RequestDetail, RequestFilter, RequestView};
pub(crate) use service::Lines;
pub use service::{OperationView, ParameterView, ServiceState, ServiceView};
pub use subscribe::SubscriptionView;
pub use usage::{Concern, Counts, GrantUsage, UsageFilter, UsageView};
pub use verify::Verdict;

/// Longest reason or words of a decision, in characters.
pub(crate) const WORDS_MAX: usize = 1_000;

/// Something with an id and what it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    pub id: String,
    pub title: Text,
}

/// An item under terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LentItem {
    pub name: String,
    pub title: Text,
    pub grade: Grade,
    /// As it stands; else behind its mask.
    pub whole: bool,
    /// What the mask leaves, in words.
    pub mask: Text,
    /// Each query must name it.
    pub key: bool,
}

/// The operations of a resource that is asked at each call; none of others.
pub(crate) fn operations(city: &City, resource: &Resource) -> Vec<OperationView> {
    service::operations(city, resource, None)
}

pub(crate) fn department(city: &City, id: &str) -> Named {
    Named { id: id.to_owned(), title: crate::message::department_title(city, id) }
}

fn resource(city: &City, id: &str) -> Named {
    let title = city.resources.get(id).map_or_else(|| Text::new(id, id), |one| Text::new(&one.title, &one.title_en));
    Named { id: id.to_owned(), title }
}

/// Refuses who may not see what two departments have between them: to others it is not there.
fn concerns(who: &Account, act: &str, department: &str, provider: &str) -> crate::Answer<()> {
    match who.kept_to(act) {
        Some(own) if own != department && own != provider => Err(crate::DeskError::NotFound),
        _ => Ok(()),
    }
}

/// What a department asks with: its requests belong to it.
fn request_object(id: &str, department: &str) -> Object {
    Object { department: Some(department.to_owned()), ..object("request", id) }
}

/// A grant, seen from one of the two departments that it concerns.
fn grant_object(id: &str, department: &str) -> Object {
    Object { department: Some(department.to_owned()), ..object("grant", id) }
}

fn item_title(resource: &Resource, name: &str) -> Text {
    resource.items.iter().find(|item| item.name == name).map_or_else(|| Text::new(name, name), |item| Text::new(&item.title, &item.title_en))
}

/// The terms as they are kept. What cannot be read is from another version.
pub(crate) fn terms(json: &str) -> crate::Answer<Terms> {
    serde_json::from_str(json).map_err(crate::internal)
}

pub(crate) fn said(words: &str) -> crate::Answer<&str> {
    let words = words.trim();
    if words.is_empty() || words.chars().count() > WORDS_MAX {
        return Err(invalid("请写明理由（不超过 1000 字）。", "Say why, in at most 1,000 characters."));
    }
    Ok(words)
}

/// The state that a row is in; what is not known waits for nobody.
pub(crate) fn state(word: &str) -> RequestState {
    RequestState::of(word).unwrap_or(RequestState::Withdrawn)
}

/// The last moment of a day in the city.
pub(crate) fn end_of_day(city: &City, day: &str) -> Moment {
    let zone = jiff::tz::TimeZone::get(&city.info.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let next = day.parse::<jiff::civil::Date>().ok().and_then(|day| day.tomorrow().ok()).and_then(|day| day.to_zoned(zone).ok());
    next.map_or(Moment(0), |next| Moment(next.timestamp().as_microsecond() - 1))
}
