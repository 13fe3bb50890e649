//! One resource's page: what it is, what shape its values have, how fresh it is, where it comes from.

use data::declare::{Grade, OpenType, Resource};
use kernel::{Moment, Text};
use serde_json::json;

use crate::port::TableName;
use crate::sight::Veil;
use crate::state;
use crate::view::{Account, Preview, Profile, QuarantineFilter, ResourceDetail, RunFilter};
use crate::{Answer, Desk, DeskError, internal};

const RUNS_SHOWN: u64 = 10;

impl Desk {
    /// A resource; values (preview, profile) only as far as the reader may see them.
    pub async fn resource(&self, who: Option<&Account>, id: &str, now: Moment) -> Answer<ResourceDetail> {
        let city = self.city();
        let resource = city.resources.get(id).ok_or(DeskError::NotFound)?;
        let system = city.systems.get(&resource.system).ok_or(DeskError::NotFound)?;
        let department = city.provider(resource).ok_or(DeskError::NotFound)?;
        let states = self.states().await?;
        let veil = self.veil(who, resource);
        let may = |act| who.is_some_and(|who| who.may_for(act, Some(&department.id)));
        let open = is_public(resource) || may("read.preview");
        let preview = if open { self.preview(id, &veil).await? } else { Preview::Closed };
        if let (Some(who), Preview::Rows { rows, .. }) = (who, &preview)
            && !is_public(resource)
        {
            self.log(who, "read.preview", &self.resource_object(id), json!({ "rows": rows.len() })).await?;
        }
        let filter = RunFilter { resource: Some(id.to_owned()), ..RunFilter::default() };
        let causes = QuarantineFilter { resource: Some(id.to_owned()), ..QuarantineFilter::default() };
        Ok(ResourceDetail {
            resource: resource.clone(),
            summary: state::summarise(&city, resource, states.get(id), now),
            department: department.clone(),
            system: self.summarise_system(&city, system, &states, now),
            profile: if open { self.profile(id).await?.map(|profile| veil.profile(profile)) } else { None },
            preview,
            service: self.service_view(&city, &resource.system, may("read.preview"), now),
            operations: crate::share::operations(&city, resource),
            seen: self.seen(who, &[TableName::standard(id)]),
            runs: self.runs(&filter, 1, RUNS_SHOWN).await?.entries,
            related: related(&city, resource),
            causes: if may("read.quarantine") { self.causes(who, &causes).await? } else { Vec::new() },
        })
    }

    async fn profile(&self, id: &str) -> Answer<Option<Profile>> {
        let json = self.store().profile(id).await.map_err(internal)?;
        Ok(json.and_then(|kept| serde_json::from_str(&kept.json).ok()))
    }

    async fn preview(&self, id: &str, veil: &Veil) -> Answer<Preview> {
        let json = self.store().preview(id).await.map_err(internal)?;
        let table: Option<(Vec<String>, Vec<Vec<Option<String>>>)> = json.and_then(|kept| serde_json::from_str(&kept.json).ok());
        Ok(table.map_or(Preview::Empty, |(columns, rows)| Preview::Rows { rows: veil.rows(&columns, rows), columns }))
    }
}

/// Values may be shown to anybody only when the resource is opened without conditions and nothing in it is above L1.
fn is_public(resource: &Resource) -> bool {
    let items_low = resource.items.iter().all(|item| item.grade.unwrap_or(resource.grade) == Grade::L1);
    resource.open == OpenType::Unconditional && resource.grade == Grade::L1 && items_low
}

/// Related resources by id or by code, as far as they exist.
fn related(city: &data::City, resource: &Resource) -> Vec<(String, Text)> {
    let find = |name: &String| city.resources.get(name).or_else(|| city.resources.values().find(|r| r.code == *name));
    resource.related.iter().filter_map(find).map(|r| (r.id.clone(), Text::new(&r.title, &r.title_en))).collect()
}
