//! Services that are lent in real time (实时服务): what is remembered of each, how it does, and the one way in which it is asked.

mod call;
mod filter;
mod line;
mod tell;

use data::City;
use data::declare::{Connector, Resource};
use data::openapi::Described;
use data::share::breaker::State;
use data::share::{Terms, callable};
use kernel::{Moment, Text};
use serde::Serialize;

use super::{Named, item_title};
use crate::Desk;

pub(crate) use line::Lines;

/// How a service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// It is asked.
    Closed,
    /// It has failed again and again, and is left alone.
    Open,
    /// One call tries whether it answers again.
    HalfOpen,
}

/// A service as people see it.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceView {
    pub system: Named,
    pub state: ServiceState,
    /// Until when it is left alone.
    pub until: Option<Moment>,
    /// Failures that count now, and how many it takes to leave it alone.
    pub failures: u64,
    pub failures_most: u64,
    /// Calls under way, and how many it bears.
    pub under_way: u64,
    pub at_once: u64,
    /// Why the last call failed, for whom the service belongs to.
    pub error: Option<Text>,
}

/// A parameter of an operation, as a form asks for it.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterView {
    /// Under what callers give it.
    pub name: String,
    pub title: Text,
    pub required: bool,
    /// The values that it takes, where they are listed.
    pub choices: Vec<String>,
}

/// An operation under terms.
#[derive(Clone, Debug, Serialize)]
pub struct OperationView {
    pub id: String,
    pub title: Text,
    pub parameters: Vec<ParameterView>,
    /// Why it cannot be asked under these terms.
    pub refused: Option<Text>,
}

impl Desk {
    /// How the service of a system does; `None` where it is none.
    pub(crate) fn service_view(&self, city: &City, system: &str, with_error: bool, now: Moment) -> Option<ServiceView> {
        let declared = city.systems.get(system)?;
        let Connector::Service { at_once, failures, .. } = declared.connector else { return None };
        let line = self.0.lines.known(system);
        let state = line.as_ref().map_or(State::Closed, |line| line.state(now));
        Some(ServiceView {
            system: Named { id: system.to_owned(), title: Text::new(&declared.title, &declared.title_en) },
            state: match state {
                State::Closed => ServiceState::Closed,
                State::Open { .. } => ServiceState::Open,
                State::HalfOpen => ServiceState::HalfOpen,
            },
            until: if let State::Open { until } = state { Some(until) } else { None },
            failures: line.as_ref().map_or(0, |line| line.failures(now)),
            failures_most: u64::from(failures),
            under_way: line.as_ref().map_or(0, |line| line.under_way()),
            at_once: u64::from(at_once),
            error: line.filter(|_| with_error).and_then(|line| line.error()),
        })
    }
}

/// The operations of a resource that is asked at each call, as terms have them; all of them where there are none.
pub(super) fn operations(city: &City, resource: &Resource, terms: Option<&Terms>) -> Vec<OperationView> {
    let api = city.apis.get(&resource.system);
    let each = resource.operations.iter().map(|operation| {
        let described = api.and_then(|api| api.operations.get(&operation.id));
        let parameters = operation.parameters.iter().filter_map(|one| {
            let name = one.given()?;
            let given = described.and_then(|described| described.parameter(&one.name));
            let key = one.item.as_ref().is_some_and(|item| terms.is_some_and(|terms| terms.keys.contains(item)));
            let said = given.map(|given| given.summary.clone()).filter(|summary| !summary.is_empty()).unwrap_or_else(|| name.to_owned());
            let title = one.item.as_ref().map_or_else(|| Text::new(&said, &said), |item| item_title(resource, item));
            let choices = given.map(|given| given.choices()).unwrap_or_default();
            let open = terms.is_none_or(|terms| one.item.as_ref().is_none_or(|item| key || terms.items.iter().any(|lent| lent.whole && lent.name == *item)));
            open.then(|| ParameterView { name: name.to_owned(), title, required: one.required || key, choices })
        });
        OperationView {
            id: operation.id.clone(),
            title: titled(&operation.title, &operation.title_en, described, &operation.id),
            parameters: parameters.collect(),
            refused: terms.and_then(|terms| callable(operation, terms).err()),
        }
    });
    each.collect()
}

fn titled(zh: &str, en: &str, described: Option<&Described>, id: &str) -> Text {
    let said = described.map(|described| described.summary.as_str()).filter(|summary| !summary.is_empty()).unwrap_or(id);
    let or = |text: &str| if text.is_empty() { said.to_owned() } else { text.to_owned() };
    Text::new(or(zh), or(if en.is_empty() { zh } else { en }))
}
