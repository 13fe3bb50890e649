//! The systems that data comes from, and how each stands.

use std::time::Duration;

use data::City;
use data::declare::{Connector, System};
use kernel::{Moment, Text};

use crate::state::{self, States};
use crate::view::{ContactView, ResourceSummary, Rows, RunFilter, SystemDetail, SystemSummary};
use crate::{Answer, Desk, DeskError};

/// How many of a system's runs its page shows.
const RUNS_SHOWN: u64 = 20;

impl Desk {
    pub async fn systems(&self, now: Moment) -> Answer<Vec<SystemSummary>> {
        let city = self.city();
        let states = self.states().await?;
        Ok(city.systems.values().map(|system| self.summarise_system(&city, system, &states, now)).collect())
    }

    pub async fn system(&self, id: &str, now: Moment) -> Answer<SystemDetail> {
        let city = self.city();
        let system = city.systems.get(id).ok_or(DeskError::NotFound)?;
        let department = city.departments.get(&system.department).ok_or(DeskError::NotFound)?;
        let states = self.states().await?;
        let filter = RunFilter { system: Some(id.to_owned()), ..RunFilter::default() };
        Ok(SystemDetail {
            system: system.clone(),
            department: department.clone(),
            summary: self.summarise_system(&city, system, &states, now),
            resources: resources_of(&city, id, &states, now),
            runs: self.runs(&filter, 1, RUNS_SHOWN).await?.entries,
            contact: self.contact(id, now),
        })
    }

    fn contact(&self, id: &str, now: Moment) -> Option<ContactView> {
        let status = self.0.sources.contacts.status(id)?;
        let micros = |wait: Duration| i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
        Some(ContactView {
            requests: status.requests,
            last_answer: status.last_answer.map(Moment),
            latency_ms: status.latency.map(|latency| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)),
            last_error: status.last_error,
            held_until: status.held_for.map(|wait| Moment(now.0.saturating_add(micros(wait)))),
        })
    }

    pub(crate) fn summarise_system(&self, city: &City, system: &System, states: &States, now: Moment) -> SystemSummary {
        let resources = resources_of(city, &system.id, states, now);
        let (connector, address) = address(&system.connector);
        SystemSummary {
            id: system.id.clone(),
            title: Text::new(&system.title, &system.title_en),
            department: system.department.clone(),
            department_title: city.departments.get(&system.department).map_or_else(Text::default, |d| Text::new(&d.title, &d.title_en)),
            connector,
            address,
            resources: resources.len() as u64,
            rows: resources.iter().map(|r| r.rows).fold(Rows::default(), state::add),
            worst: state::worst(resources.iter().map(|r| r.freshness)),
            last_collected: resources.iter().filter_map(|r| r.last_collected).max(),
            running: self.live_runs().iter().any(|run| run.system == system.id),
        }
    }
}

fn resources_of(city: &City, system: &str, states: &States, now: Moment) -> Vec<ResourceSummary> {
    let of_system = city.resources.values().filter(|r| r.system == system);
    of_system.map(|r| state::summarise(city, r, states.get(&r.id), now)).collect()
}

/// Kind and place of a connector. Whatever stands between `//` and `@` in an address is a secret.
fn address(connector: &Connector) -> (&'static str, String) {
    match connector {
        Connector::Files { path, .. } => ("files", path.clone()),
        Connector::Sqlite { path } => ("sqlite", path.clone()),
        Connector::Postgres { url } => ("postgres", without_login(url)),
        Connector::Mysql { url } => ("mysql", without_login(url)),
        Connector::Http { url, .. } => ("http", without_login(url)),
        Connector::S3 { endpoint, bucket, prefix, .. } => {
            ("s3", format!("{}/{bucket}/{prefix}", without_login(endpoint).trim_end_matches('/')))
        }
        Connector::Push {} => ("push", String::new()),
        Connector::Service { url, .. } => ("service", without_login(url)),
    }
}

fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_shows_no_secret() {
        assert_eq!(super::without_login("postgres://u:p@h:5432/d"), "postgres://h:5432/d");
        assert_eq!(super::without_login("http://h/a?mail=x@y"), "http://h/a?mail=x@y");
    }
}
