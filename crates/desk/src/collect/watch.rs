//! Watched folders: a file that is new, changed or gone makes its resource due at once. Only names, lengths and times
//! are looked at; whether there is news in a file, the run tells.

use ::collect::connect::files::{Arrival, look};
use data::City;
use data::declare::{Connector, Resource};

use crate::Desk;
use crate::state::States;

fn look_key(resource: &str) -> String {
    format!("look/{resource}")
}

impl Desk {
    /// Resources in watched folders whose files are not as they were when their last run began.
    pub(super) async fn moved<'c>(&self, city: &'c City, due: &[&'c Resource], states: &States) -> Vec<&'c Resource> {
        let mut moved = Vec::new();
        for resource in city.resources.values().filter(|resource| !due.iter().any(|due| due.id == resource.id)) {
            if !states.contains_key(&resource.id) || !watched(city, resource) {
                continue;
            }
            let Some(seen) = self.look(city, resource).await else { continue };
            match self.store().setting(&look_key(&resource.id)).await {
                Ok(last) if last.as_deref() != Some(seen.as_str()) => moved.push(resource),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, resource = resource.id, "the last look at a folder cannot be read"),
            }
        }
        moved
    }

    /// Remembers how a watched folder looked when a run began.
    pub(super) async fn note_look(&self, resource: &Resource) {
        let city = self.city();
        if !watched(&city, resource) {
            return;
        }
        let Some(seen) = self.look(&city, resource).await else { return };
        if let Err(error) = self.store().put_setting(&look_key(&resource.id), &seen).await {
            tracing::warn!(%error, resource = resource.id, "the look at a folder cannot be kept");
        }
    }

    async fn look(&self, city: &City, resource: &Resource) -> Option<String> {
        let Connector::Files { path, settle_seconds, complete, .. } = &city.systems.get(&resource.system)?.connector else { return None };
        let folder = self.0.sources.path(&resource.system, path).ok()?;
        let (arrival, resource) = (Arrival::new(*settle_seconds, complete.clone()), resource.clone());
        let seen = tokio::task::spawn_blocking(move || look(&folder, &arrival, &resource)).await.ok()??;
        Some(format!("{seen:016x}"))
    }
}

fn watched(city: &City, resource: &Resource) -> bool {
    matches!(city.systems.get(&resource.system).map(|system| &system.connector), Some(Connector::Files { watch: true, .. }))
}
