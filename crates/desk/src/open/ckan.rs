//! What clients of CKAN see and write: all datasets as packages, ours, others' and those that were registered through its API;
//! their organizations and groups. Ours come from declarations and are read-only there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Lang, Moment, Text, uuid_v7};
use opendata::ckan::{Wrong, checked_group, checked_package, group, organization, package, read_package, stamp};
use serde_json::{Map, Value, json};
use store::open::{CkanGroupRow, HarvestRow};

use super::portal::view;
use crate::authority::{Object, object};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// The catalogue that packages belong to which were registered here: no declaration can have such a name.
pub(super) const REGISTERED: &str = ":api";
/// Others' packages that are told of at most.
const PACKAGES_MAX: u32 = 50_000;

/// Packages as they were last made.
#[derive(Default)]
pub(crate) struct Packages {
    kept: Mutex<BTreeMap<(String, bool), (String, Arc<Vec<Value>>)>>,
}

/// Organizations (departments, publishers) or groups (themes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CkanKind {
    Organization,
    Group,
}

impl CkanKind {
    pub fn word(self) -> &'static str {
        match self {
            CkanKind::Organization => "organization",
            CkanKind::Group => "group",
        }
    }
}

/// Why something was not written.
#[derive(Debug)]
pub enum CkanRefusal {
    /// Errors by field.
    Wrong(Wrong),
    Desk(DeskError),
}

impl From<DeskError> for CkanRefusal {
    fn from(error: DeskError) -> CkanRefusal {
        CkanRefusal::Desk(error)
    }
}

impl Desk {
    /// Everybody: all packages, by name. `origin`: where the reader reached us.
    pub async fn ckan_packages(&self, origin: &str, lang: Lang, now: Moment) -> Answer<Arc<Vec<Value>>> {
        let (city, live) = (self.city(), self.live(now).await?);
        let files = self.made_files().await?;
        let stamp = format!("{} {:p}", self.stamp(&live, &files).await?, Arc::as_ptr(&city));
        let key = (origin.to_owned(), lang == Lang::Zh);
        let kept = || self.0.open.packages.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, packages)) = kept().get(&key).filter(|(known, _)| *known == stamp) {
            return Ok(packages.clone());
        }
        let site = super::rdf::site(&city, &live, origin);
        let mut packages = Vec::new();
        for (id, one) in live.iter().filter(|(id, one)| view(&city, id, one).is_some()) {
            packages.push(package(&self.record(&city, id, one, &files, &site).await?, &site.address, lang));
        }
        let mut taken: BTreeSet<String> = packages.iter().flat_map(called).collect();
        for row in self.store().all_records(PACKAGES_MAX).await.map_err(internal)? {
            let known = row.catalogue == REGISTERED || city.catalogs.contains_key(&row.catalogue);
            if let Some(mut one) = told(&row, &site.address, lang).filter(|_| known) {
                // Two catalogues may call two packages or files alike; ours are called so first, and nobody takes their place.
                renamed(&mut one, &row.id, &taken);
                taken.extend(called(&one));
                packages.push(one);
            }
        }
        packages.sort_by(|left, right| left["name"].as_str().cmp(&right["name"].as_str()));
        let packages = Arc::new(packages);
        let mut kept = kept();
        // Few addresses lead here; whoever invents others does not fill the memory.
        if kept.len() >= 8 {
            kept.clear();
        }
        kept.insert(key, (stamp, packages.clone()));
        Ok(packages)
    }

    /// Everybody: the open dataset whose rows a resource has: the dataset itself, or one of its files.
    pub async fn ckan_dataset(&self, resource: &str, now: Moment) -> Answer<String> {
        let live = self.live(now).await?;
        let file = |form: super::OpenForm| resource.strip_suffix(form.word())?.strip_suffix('.');
        let named = || super::OpenForm::ALL.into_iter().filter_map(file).chain([resource.strip_suffix(".api").unwrap_or(resource)]);
        named().find(|name| live.contains_key(*name)).map(str::to_owned).ok_or(DeskError::NotFound)
    }

    /// Everybody: organizations or groups, with how many packages each has.
    pub async fn ckan_groups(&self, kind: CkanKind, packages: &[Value], lang: Lang) -> Answer<Vec<Value>> {
        let mut found: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        let put = |found: &mut BTreeMap<String, Map<String, Value>>, one: Value| {
            if let (Some(name), Value::Object(of)) = (one.get("name").and_then(Value::as_str).map(str::to_owned), one) {
                found.entry(name).or_insert(of);
            }
        };
        let mut removed = BTreeSet::new();
        for row in self.store().ckan_groups().await.map_err(internal)?.into_iter().filter(|row| row.kind == kind.word()) {
            match row.body.is_empty() {
                true => drop(removed.insert(row.name)),
                false => put(&mut found, serde_json::from_str(&row.body).map_err(internal)?),
            }
        }
        if kind == CkanKind::Organization {
            for (id, department) in &self.city().departments {
                let pair = |zh: &String, en: &String| Text::new(zh, en).get(lang).to_owned();
                put(&mut found, organization(id, &pair(&department.title, &department.title_en), &department.summary, None));
            }
        } else {
            for theme in data::declare::Theme::ALL {
                put(&mut found, group(theme.word(), theme.title().get(lang), None));
            }
        }
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for package in packages {
            let own: Vec<&Value> = match kind {
                CkanKind::Organization => package.get("organization").into_iter().filter(|one| one.is_object()).collect(),
                CkanKind::Group => package.get("groups").and_then(Value::as_array).into_iter().flatten().collect(),
            };
            for one in own {
                let Some(name) = one.get("name").and_then(Value::as_str).filter(|name| !removed.contains(*name)) else { continue };
                *counts.entry(name.to_owned()).or_default() += 1;
                let title = one.get("title").or(one.get("display_name")).and_then(Value::as_str).unwrap_or(name);
                let made = if kind == CkanKind::Organization { organization(name, title, "", None) } else { group(name, title, None) };
                let mut whole = made.as_object().cloned().unwrap_or_default();
                whole.extend(one.as_object().cloned().unwrap_or_default());
                put(&mut found, Value::Object(whole));
            }
        }
        Ok(found
            .into_iter()
            .map(|(name, mut of)| {
                of.insert("package_count".to_owned(), json!(counts.get(&name).copied().unwrap_or(0)));
                Value::Object(of)
            })
            .collect())
    }

    /// Stewards: registers a package, or puts it in place of what it was (`known`, as it is told).
    pub async fn put_package(&self, who: &Account, body: &Map<String, Value>, known: Option<&Value>, packages: &[Value], now: Moment) -> Result<Map<String, Value>, CkanRefusal> {
        self.may_and_can_log(who, "record.put", &Object::of("records")).await?;
        let mut body = body.clone();
        // Who read it and writes it back changed sends its old time with it: harvesters would never see the change.
        if known.is_some_and(|known| body.get("metadata_modified") == known.get("metadata_modified") && Value::Object(body.clone()) != *known) {
            body.remove("metadata_modified");
        }
        let given = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty() && text.len() <= 100);
        let id = known.and_then(|one| one.get("id")?.as_str()).or_else(|| given("id")).map_or_else(|| uuid_v7(now, self.chance()), str::to_owned);
        let mut fresh = || uuid_v7(now, self.chance());
        let mut of = checked_package(&body, &id, &stamp(now), &mut fresh).map_err(CkanRefusal::Wrong)?;
        let name = of.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let another = |one: &&Value| one["id"].as_str() != Some(&id) && (one["name"].as_str() == Some(&name) || one["id"].as_str() == Some(&name));
        if packages.iter().any(|one| another(&one)) {
            return Err(wrong("name", "That URL is already in use."));
        }
        if known.is_none() && packages.iter().any(|one| one["id"].as_str() == Some(&id)) {
            return Err(wrong("id", "Dataset id already exists"));
        }
        let others: BTreeSet<String> = packages.iter().filter(|one| one["id"].as_str() != Some(&id)).flat_map(called).collect();
        if files(&Value::Object(of.clone())).any(|file| others.contains(&file)) {
            return Err(wrong("resources", "Resource id already exists"));
        }
        self.place_in_organization(&mut of, packages).await?;
        let original = serde_json::to_string(&of).map_err(internal)?;
        let (key, record) = read_package(&Value::Object(of.clone()), REGISTERED, "", "zh");
        let record = record.map_err(|why| wrong("__before", &why.en))?;
        let detail = json!({ "package": name, "new": known.is_none(), "resources": of.get("num_resources") });
        let row = HarvestRow {
            catalogue: REGISTERED.to_owned(),
            key,
            id: record.id.clone(),
            record: serde_json::to_string(&record).map_err(internal)?,
            dialect: "ckan".to_owned(),
            hash: crate::account::digest(&original),
            original,
            subject: String::new(),
            refused: None,
            first: now,
            changed: now,
            gone: None,
        };
        self.logging(who, "record.put", &object("record", &id), detail).await?.put_package(row).await.map_err(internal)?;
        Ok(of)
    }

    /// The organization's own words stand in the package, as CKAN tells them.
    async fn place_in_organization(&self, of: &mut Map<String, Value>, packages: &[Value]) -> Result<(), CkanRefusal> {
        let Some(owner) = of.get("owner_org").and_then(Value::as_str).filter(|owner| !owner.is_empty()).map(str::to_owned) else {
            of.insert("owner_org".to_owned(), Value::Null);
            of.entry("organization".to_owned()).or_insert(Value::Null);
            return Ok(());
        };
        let known = self.ckan_groups(CkanKind::Organization, packages, Lang::Zh).await?;
        let Some(found) = known.iter().find(|one| one["id"].as_str() == Some(&owner) || one["name"].as_str() == Some(&owner)) else {
            return Err(wrong("owner_org", "Organization does not exist"));
        };
        let fields = ["id", "name", "title", "type", "description", "image_url", "created", "is_organization", "approval_status", "state"];
        let own: Map<String, Value> = fields.into_iter().filter_map(|field| Some((field.to_owned(), found.get(field)?.clone()))).collect();
        of.insert("owner_org".to_owned(), own.get("id").cloned().unwrap_or_default());
        of.insert("organization".to_owned(), Value::Object(own));
        Ok(())
    }

    /// Stewards: removes a package that was registered here, for good.
    pub async fn drop_package(&self, who: &Account, package: &Value) -> Answer<()> {
        let id = package["id"].as_str().unwrap_or_default().to_owned();
        let store = self.logging(who, "record.drop", &object("record", &id), json!({ "package": package["name"] })).await?;
        match store.drop_package(REGISTERED.to_owned(), id).await.map_err(internal)? {
            true => Ok(()),
            false => Err(declared_elsewhere()),
        }
    }

    /// Refuses what was not registered through the API.
    pub async fn registered_package(&self, package: &Value) -> Answer<()> {
        let id = package["id"].as_str().unwrap_or_default();
        let known = self.store().harvest_known(REGISTERED).await.map_err(internal)?;
        if known.iter().any(|(key, ..)| key == id) { Ok(()) } else { Err(declared_elsewhere()) }
    }

    /// Stewards: registers an organization or a group, or puts it in place of what it was.
    pub async fn put_ckan_group(&self, who: &Account, kind: CkanKind, body: &Map<String, Value>, known: Option<&Value>, now: Moment) -> Result<Map<String, Value>, CkanRefusal> {
        let given = body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty() && id.len() <= 100);
        let id = known.and_then(|one| one.get("id")?.as_str()).or(given).map_or_else(|| uuid_v7(now, self.chance()), str::to_owned);
        let of = checked_group(body, &id, kind == CkanKind::Organization, &stamp(now)).map_err(CkanRefusal::Wrong)?;
        let name = of.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let rows = self.store().ckan_groups().await.map_err(internal)?;
        if rows.iter().any(|row| row.kind == kind.word() && row.id != id && row.name == name && !row.body.is_empty()) {
            return Err(wrong("name", "Group name already exists in database"));
        }
        if kind == CkanKind::Organization && self.city().departments.contains_key(&name) {
            return Err(declared_elsewhere().into());
        }
        let row = CkanGroupRow { kind: kind.word().to_owned(), id: id.clone(), name, body: serde_json::to_string(&of).map_err(internal)?, changed: now };
        let detail = json!({ "kind": kind.word(), "name": row.name });
        self.logging(who, "record.put", &object("record", &id), detail).await?.put_ckan_group(row).await.map_err(internal)?;
        Ok(of)
    }

    /// Stewards: removes an organization or a group.
    pub async fn drop_ckan_group(&self, who: &Account, kind: CkanKind, one: &Value) -> Answer<()> {
        let id = one["id"].as_str().unwrap_or_default().to_owned();
        let store = self.logging(who, "record.drop", &object("record", &id), json!({ "kind": kind.word(), "name": one["name"] })).await?;
        match store.drop_ckan_group(kind.word().to_owned(), id).await.map_err(internal)? {
            true => Ok(()),
            false => Err(declared_elsewhere()),
        }
    }
}

/// What a package and its files are found by.
fn called(package: &Value) -> impl Iterator<Item = String> {
    let own = ["id", "name"].into_iter().filter_map(|field| package.get(field)?.as_str());
    own.map(str::to_owned).chain(files(package)).collect::<Vec<_>>().into_iter()
}

fn files(package: &Value) -> impl Iterator<Item = String> {
    package.get("resources").and_then(Value::as_array).into_iter().flatten().filter_map(|one| one.get("id")?.as_str()).map(str::to_owned)
}

/// What another has already is called by our own name for the package.
fn renamed(package: &mut Value, id: &str, taken: &BTreeSet<String>) {
    let Some(of) = package.as_object_mut() else { return };
    for field in ["id", "name"] {
        if of.get(field).and_then(Value::as_str).is_none_or(|known| taken.contains(known)) {
            of.insert(field.to_owned(), json!(id));
        }
    }
    for (at, file) in of.get_mut("resources").and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        if file.get("id").and_then(Value::as_str).is_none_or(|known| taken.contains(known)) && let Some(of) = file.as_object_mut() {
            of.insert("id".to_owned(), json!(format!("{id}-{at}")));
        }
    }
}

/// Another's dataset as a package: its own words where it was one.
fn told(row: &HarvestRow, site: &str, lang: Lang) -> Option<Value> {
    if row.dialect == "ckan" {
        return serde_json::from_str(&row.original).ok().filter(Value::is_object);
    }
    Some(package(&serde_json::from_str(&row.record).ok()?, site, lang))
}

fn wrong(field: &str, why: &str) -> CkanRefusal {
    CkanRefusal::Wrong([(field.to_owned(), vec![why.to_owned()])].into())
}

fn declared_elsewhere() -> DeskError {
    DeskError::Forbidden(Text::new(
        "它来自城市的声明或其他目录，不能经此接口修改。",
        "It comes from the city's declarations or from another catalogue, and cannot be changed through this API.",
    ))
}
