//! What is open as records, ours and others', and the catalogue that machines read: made once for each state, then given as it lies.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use data::City;
use data::declare::{OpenTo, UpdatePeriod};
use kernel::{Lang, Moment, Text};
use opendata::dcat::{self, Entry, Form, Paging, Part, Site};
use opendata::{Concept, Contact, Distribution, Publisher, Record, Rights};
use sha2::{Digest, Sha256};
use store::open::HarvestRow;

use super::file::OpenForm;
use super::live::Live;
use super::portal::{DatasetView, view};
use super::declared;
use crate::{Answer, Desk, DeskError, internal};

/// Datasets on one page of the catalogue.
const SIZE: u64 = 100;
/// Pages that lie ready.
const KEPT_MAX: usize = 64;
/// A larger file's checksum is not told.
const SUMMED_MAX: u64 = 64 << 20;

/// A document for machines.
#[derive(Clone, Debug)]
pub struct OpenDocument {
    pub body: Arc<Vec<u8>>,
    pub media: &'static str,
    /// Another one for each other content.
    pub tag: String,
}

/// Documents that lie ready, and the checksums of files that never change.
#[derive(Default)]
pub(crate) struct Documents {
    kept: Mutex<Kept>,
    sums: Mutex<HashMap<String, String>>,
}

#[derive(Default)]
struct Kept {
    city: Weak<City>,
    stamp: String,
    pages: HashMap<(String, Form, u64), OpenDocument>,
}

impl Documents {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// What the portal tells of itself. `origin`: where the reader reached us, if the city does not say where that is.
    pub async fn open_site(&self, origin: &str, now: Moment) -> Answer<Site> {
        let (city, live) = (self.city(), self.live(now).await?);
        Ok(site(&city, &live, origin))
    }

    /// Everybody: a page of the catalogue, from 1.
    pub async fn open_catalogue(&self, form: Form, page: u64, origin: &str, now: Moment) -> Answer<OpenDocument> {
        let (city, live) = (self.city(), self.live(now).await?);
        let files = self.made_files().await?;
        let others = self.store().harvest_records("", "", 1, 1).await.map_err(internal)?.total;
        let total = live.len() as u64 + others;
        let pages = total.div_ceil(SIZE).max(1);
        if page == 0 || page > pages {
            return Err(DeskError::NotFound);
        }
        let site = site(&city, &live, origin);
        let stamp = self.stamp(&live, &files).await?;
        let key = (site.address.clone(), form, page);
        {
            let mut kept = self.0.open.documents.kept();
            let same = kept.stamp == stamp && kept.city.upgrade().is_some_and(|of| Arc::ptr_eq(&of, &city));
            match same {
                true => {
                    if let Some(known) = kept.pages.get(&key) {
                        return Ok(known.clone());
                    }
                }
                false => *kept = Kept { city: Arc::downgrade(&city), stamp: stamp.clone(), pages: HashMap::new() },
            }
        }
        let entries = self.entries(&city, &live, &files, &site, page).await?;
        let paging = Paging { page, pages, total, size: SIZE };
        let document = written(form, move || dcat::catalogue(&site, &entries, paging)).await?;
        let mut kept = self.0.open.documents.kept();
        if kept.stamp == stamp && kept.pages.len() < KEPT_MAX {
            kept.pages.insert(key, document.clone());
        }
        Ok(document)
    }

    /// Everybody: one dataset, ours or another portal's.
    pub async fn open_described(&self, id: &str, form: Form, origin: &str, now: Moment) -> Answer<OpenDocument> {
        let (city, live) = (self.city(), self.live(now).await?);
        let site = site(&city, &live, origin);
        let entry = match live.get(id) {
            Some(one) => Entry::Record(Box::new(self.record(&city, id, one, &self.made_files().await?, &site).await?)),
            None => {
                let row = self.store().harvest_record(id).await.map_err(internal)?.filter(|row| row.gone.is_none() && is_shown(&city, &row.catalogue)).ok_or(DeskError::NotFound)?;
                entry(&row).ok_or(DeskError::NotFound)?
            }
        };
        written(form, move || dcat::dataset(&site, &entry)).await
    }

    /// Everybody: one of our datasets, as a record.
    pub async fn open_record(&self, id: &str, origin: &str, now: Moment) -> Answer<(Site, Record)> {
        let (city, live) = (self.city(), self.live(now).await?);
        let one = live.get(id).ok_or(DeskError::NotFound)?;
        let site = site(&city, &live, origin);
        let record = self.record(&city, id, one, &self.made_files().await?, &site).await?;
        Ok((site, record))
    }

    /// All of our datasets, as records.
    pub(super) async fn open_records(&self, origin: &str, now: Moment) -> Answer<(Site, Vec<Record>)> {
        let (city, live) = (self.city(), self.live(now).await?);
        let (site, files) = (site(&city, &live, origin), self.made_files().await?);
        let mut records = Vec::with_capacity(live.len());
        for (id, one) in live.iter() {
            records.push(self.record(&city, id, one, &files, &site).await?);
        }
        Ok((site, records))
    }

    /// Everybody: addresses of all pages of the portal with their last change, so many from there.
    pub async fn open_pages(&self, origin: &str, from: usize, most: usize, now: Moment) -> Answer<(usize, Vec<(String, Option<Moment>)>)> {
        let (city, live) = (self.city(), self.live(now).await?);
        let site = site(&city, &live, origin);
        let others = usize::try_from(self.store().harvest_records("", "", 1, 1).await.map_err(internal)?.total).unwrap_or(usize::MAX);
        let mut pages = vec![(format!("{}/open", site.address), site.modified)];
        pages.extend(live.iter().map(|(id, one)| (site.dataset(id), Some(one.version.time))));
        let (ours, mut pages) = (pages.len(), pages.into_iter().skip(from).take(most).collect::<Vec<_>>());
        // Others' pages are read a thousand at a time, as far as there is room.
        let mut offset = from.saturating_sub(ours);
        while pages.len() < most && offset < others {
            let page = offset as u64 / 1_000 + 1;
            let rows = self.store().harvest_records("", "", page, 1_000).await.map_err(internal)?.entries;
            if rows.is_empty() {
                break;
            }
            let skip = offset % 1_000;
            offset += rows.len().saturating_sub(skip).max(1);
            let room = most - pages.len();
            pages.extend(rows.iter().skip(skip).take(room).map(|row| (site.dataset(&row.id), Some(row.changed))));
        }
        Ok((ours.saturating_add(others), pages))
    }

    /// The datasets of a page: ours first, then the others'.
    async fn entries(&self, city: &City, live: &BTreeMap<String, Live>, files: &Files, site: &Site, page: u64) -> Answer<Vec<Entry>> {
        let from = usize::try_from((page - 1) * SIZE).unwrap_or(usize::MAX);
        let size = usize::try_from(SIZE).unwrap_or(usize::MAX);
        let mut entries = Vec::new();
        for (id, one) in live.iter().skip(from).take(size) {
            entries.push(Entry::Record(Box::new(self.record(city, id, one, files, site).await?)));
        }
        let mut offset = from.saturating_sub(live.len()) as u64;
        while entries.len() < size {
            let rows = self.store().harvest_records("", "", offset / SIZE + 1, SIZE).await.map_err(internal)?.entries;
            let skip = usize::try_from(offset % SIZE).unwrap_or(0);
            if rows.len() <= skip {
                break;
            }
            let room = size - entries.len();
            let taken: Vec<&HarvestRow> = rows.iter().skip(skip).take(room).collect();
            offset += taken.len() as u64;
            entries.extend(taken.into_iter().filter(|row| is_shown(city, &row.catalogue)).filter_map(entry));
        }
        Ok(entries)
    }

    /// Tells one state of all that is open from another.
    pub(super) async fn stamp(&self, live: &BTreeMap<String, Live>, files: &Files) -> Answer<String> {
        let mut hash = Sha256::new();
        for (id, one) in live {
            hash.update(format!("{id} {} {}\n", one.version.number, one.version.time.0));
        }
        for count in self.store().harvest_counts().await.map_err(internal)? {
            hash.update(format!("{count:?}\n"));
        }
        for (name, bytes) in files {
            hash.update(format!("{name} {bytes}\n"));
        }
        Ok(crate::account::hex(&hash.finalize()))
    }

    /// Files of versions that lie ready, with their lengths.
    pub(super) async fn made_files(&self) -> Answer<Files> {
        let folder = self.0.data_dir.join("open").join("files");
        let read = move || -> Files {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.metadata().ok()?.len()))).collect()
        };
        tokio::task::spawn_blocking(read).await.map_err(internal)
    }

    /// One of our datasets, as others' catalogues would describe it.
    pub(super) async fn record(&self, city: &City, id: &str, live: &Live, files: &Files, site: &Site) -> Answer<Record> {
        let view = view(city, id, live).ok_or(DeskError::NotFound)?;
        let (_, opening) = declared(city, id).ok_or(DeskError::NotFound)?;
        let page = site.dataset(id);
        let contact = city.departments.get(&view.department.id).map(|department| department.contact.clone()).unwrap_or_default();
        let info = &city.info;
        let mut record = Record {
            id: id.to_owned(),
            identifiers: vec![id.to_owned()],
            publisher: Publisher { id: view.department.id.clone(), name: view.department.title.clone(), homepage: None },
            contact: Some(Contact {
                name: view.department.title.clone(),
                email: Some(info.open.contact.clone()).filter(|email| !email.is_empty()),
                telephone: Some(contact).filter(|contact| !contact.is_empty()),
                url: Some(format!("{}/open", site.address)),
            }),
            themes: vec![Concept { code: view.theme.word().to_owned(), title: view.theme.title(), uri: None }],
            rights: Some(Rights {
                id: view.licence.id.to_owned(),
                title: view.licence.title(),
                url: Some(view.licence.url.to_owned()),
                restricted: view.to == OpenTo::Applicants,
                condition: Text::new(&opening.condition, &opening.condition_en),
            }),
            languages: vec!["zh".to_owned()],
            issued: Some(view.published),
            modified: Some(view.updated),
            frequency: Some(frequency(view.period).to_owned()),
            places: vec![Concept { code: info.division.clone(), title: Text::new(&info.title, &info.title_en), uri: None }],
            version: Some(view.version.to_string()),
            page: Some(page.clone()),
            documentation: vec![format!("{}/api", site.address)],
            provenance: provenance(&self.open_sources(city, id, &live.columns)),
            ..Record::default()
        };
        record.distributions = match view.to {
            OpenTo::Everybody => self.distributions(&view, &page, files, site).await?,
            OpenTo::Applicants => vec![applied_for(&view, &page)],
        };
        Ok(Record { title: view.title, summary: view.summary, keywords: view.keywords, ..record })
    }

    async fn distributions(&self, view: &DatasetView, page: &str, files: &Files, site: &Site) -> Answer<Vec<Distribution>> {
        let mut all = Vec::new();
        for form in OpenForm::for_dataset(view.position.is_some()) {
            let name = format!("{}.{}.{}", view.id, view.version, form.word());
            let bytes = files.get(&name).copied();
            let sha256 = match bytes {
                Some(bytes) if bytes <= SUMMED_MAX => self.sum(&name).await?,
                _ => None,
            };
            all.push(Distribution {
                id: format!("{}.{}", view.id, form.word()),
                title: Text::new(format!("{}（{}）", view.title.get(Lang::Zh), form.title()), format!("{} ({})", view.title.get(Lang::En), form.title())),
                summary: Text::new(format!("最新版本的全部行，{} 格式", form.title()), format!("All rows of the newest version as {}", form.title())),
                format: form.title().to_owned(),
                media_type: Some(form.media().to_owned()),
                access_url: page.to_owned(),
                download_url: Some(format!("{page}/files/{}.{}", view.id, form.word())),
                bytes,
                sha256,
                description_url: None,
                issued: Some(view.published),
                modified: Some(view.updated),
            });
        }
        all.push(Distribution {
            id: format!("{}.api", view.id),
            title: Text::new(format!("{}（接口）", view.title.get(Lang::Zh)), format!("{} (API)", view.title.get(Lang::En))),
            summary: Text::new("按条件查询行，也可查询以前的版本", "Rows by parameters, also as they were in earlier versions"),
            format: "JSON".to_owned(),
            media_type: Some("application/json".to_owned()),
            access_url: format!("{}/api/v1/open/datasets/{}/rows", site.address, view.id),
            description_url: Some(format!("{}/api/v1/openapi.json", site.address)),
            issued: Some(view.published),
            modified: Some(view.updated),
            ..Distribution::default()
        });
        Ok(all)
    }

    /// The checksum of a version's file, which never changes.
    async fn sum(&self, name: &str) -> Answer<Option<String>> {
        let sums = || self.0.open.documents.sums.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sum) = sums().get(name) {
            return Ok(Some(sum.clone()));
        }
        let path = self.0.data_dir.join("open").join("files").join(name);
        let sum = tokio::task::spawn_blocking(move || hashed(&path)).await.map_err(internal)?;
        if let Some(sum) = &sum {
            sums().insert(name.to_owned(), sum.clone());
        }
        Ok(sum)
    }
}

/// Names of files, with their lengths.
pub(super) type Files = BTreeMap<String, u64>;

fn hashed(path: &Path) -> Option<String> {
    let mut hash = Sha256::new();
    let mut file = std::fs::File::open(path).ok()?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece).ok()? {
            0 => break,
            read => hash.update(piece.get(..read)?),
        }
    }
    Some(crate::account::hex(&hash.finalize()))
}

/// Whether datasets of a catalogue are shown: it is declared, or they were registered here.
pub(super) fn is_shown(city: &City, catalogue: &str) -> bool {
    catalogue == super::ckan::REGISTERED || city.catalogs.contains_key(catalogue)
}

/// Another's dataset: RDF goes on word for word; a package is told in our words.
fn entry(row: &HarvestRow) -> Option<Entry> {
    if row.dialect == "dcat" {
        let part = Part::read(&row.original, &row.subject)?;
        return Some(Entry::Foreign { subject: part.subject, triples: part.triples });
    }
    Some(Entry::Record(Box::new(serde_json::from_str(&row.record).ok()?)))
}

async fn written(form: Form, triples: impl FnOnce() -> Vec<oxrdf::Triple> + Send + 'static) -> Answer<OpenDocument> {
    let body = tokio::task::spawn_blocking(move || form.write(&triples())).await.map_err(internal)?.map_err(internal)?;
    let tag = crate::account::hex(&Sha256::digest(&body)).chars().take(32).collect();
    Ok(OpenDocument { body: Arc::new(body), media: form.media(), tag })
}

pub(super) fn site(city: &City, live: &BTreeMap<String, Live>, origin: &str) -> Site {
    let info = &city.info;
    let address = if info.open.address.is_empty() { origin } else { &info.open.address };
    let name = match info.open.publisher.as_str() {
        "" => Text::new(&info.title, &info.title_en),
        name => Text::new(name, &info.open.publisher_en),
    };
    let title = Text::new(format!("{}开放数据", info.title), format!("{} open data", if info.title_en.is_empty() { &info.title } else { &info.title_en }));
    let told = Text::new(&info.summary, &info.summary_en);
    Site {
        address: address.trim_end_matches('/').to_owned(),
        summary: if told == Text::default() { title.clone() } else { told },
        title,
        contact: Some(Contact {
            name: name.clone(),
            email: Some(info.open.contact.clone()).filter(|email| !email.is_empty()),
            telephone: None,
            url: Some(format!("{}/open", address.trim_end_matches('/'))),
        }),
        publisher: Publisher { id: String::new(), name, homepage: None },
        issued: live.values().map(|one| one.first).min(),
        modified: live.values().map(|one| one.version.time).max(),
    }
}

fn provenance(sources: &[crate::share::Named]) -> Text {
    if sources.is_empty() {
        return Text::default();
    }
    let list = |lang: Lang, comma: &str| sources.iter().map(|one| one.title.get(lang)).collect::<Vec<_>>().join(comma);
    Text::new(format!("由信息资源汇成：{}", list(Lang::Zh, "、")), format!("Made from: {}", list(Lang::En, ", ")))
}

/// Restricted data can be had, too: its page says how.
fn applied_for(view: &DatasetView, page: &str) -> Distribution {
    Distribution {
        id: format!("{}.application", view.id),
        title: Text::new(format!("{}（申请）", view.title.get(Lang::Zh)), format!("{} (on application)", view.title.get(Lang::En))),
        summary: Text::new("受限开放：申请后可用", "Restricted: can be had on application"),
        format: "HTML".to_owned(),
        access_url: page.to_owned(),
        issued: Some(view.published),
        modified: Some(view.updated),
        ..Distribution::default()
    }
}

fn frequency(period: UpdatePeriod) -> &'static str {
    match period {
        UpdatePeriod::Continuous => "CONT",
        UpdatePeriod::Daily => "DAILY",
        UpdatePeriod::Weekly => "WEEKLY",
        UpdatePeriod::Monthly => "MONTHLY",
        UpdatePeriod::Quarterly => "QUARTERLY",
        UpdatePeriod::HalfYearly => "ANNUAL_2",
        UpdatePeriod::Yearly => "ANNUAL",
        UpdatePeriod::Irregular => "IRREG",
    }
}
