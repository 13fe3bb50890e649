//! Harvesting: another portal's catalogue is fetched by the rules that connectors fetch by, read, and kept word for word. What is
//! the same as before is left alone; what is not there any more is marked gone, if the whole catalogue was read.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ::collect::connect::{Asked, Line};
use data::declare::{Catalogue, CatalogueKind};
use data::schedule::Timetable;
use kernel::{Moment, Text};
use opendata::Record;
use opendata::dcat::{self, Form, Limits};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::open::{HarvestRow, HarvestRunRow};

use crate::authority::Object;
use crate::due::{self, History};
use crate::log::Actor;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// Packages of one answer.
const ROWS: u64 = 100;
/// Answers of one harvest at most.
const PAGES_MAX: usize = 10_000;
/// The longest that a harvest may take.
const DEADLINE: Duration = Duration::from_secs(3_600);
/// Longest description that is kept.
const ORIGINAL_MAX: usize = 4 << 20;

/// A dataset as it was found.
struct Found {
    key: String,
    record: Result<Record, Text>,
    original: String,
    subject: String,
}

impl Desk {
    /// Staff: harvests a catalogue now, and waits until it is done.
    pub async fn harvest(&self, who: &Account, id: &str) -> Answer<()> {
        let object = self.catalogue_object(id)?;
        self.may_and_can_log(who, "harvest.run", &object).await?;
        self.harvest_as(Actor::Person(who), &who.display, id, &object).await
    }

    /// Refuses who may not harvest a catalogue.
    pub async fn may_harvest(&self, who: &Account, id: &str) -> Answer<()> {
        self.may_and_can_log(who, "harvest.run", &self.catalogue_object(id)?).await
    }

    /// Harvests what is due.
    pub async fn harvest_due(&self, now: Moment) -> Answer<()> {
        let city = self.city();
        for (id, catalogue) in &city.catalogs {
            let last = self.store().harvest_runs(id, 1).await.map_err(internal)?.into_iter().next();
            let failed = last.as_ref().is_some_and(|run| run.failed.is_some());
            let history = History {
                last_success: last.as_ref().filter(|_| !failed).map(|run| run.ended),
                last_started: last.as_ref().map(|run| run.began),
                failed,
                ..History::default()
            };
            if !due::is_due(&Timetable::of_catalogue(&city, catalogue), catalogue.period, history, now) {
                continue;
            }
            let object = self.catalogue_object(id)?;
            if let Err(error) = self.harvest_as(Actor::Program("schedule"), "schedule", id, &object).await {
                tracing::warn!(catalogue = id, %error, "a catalogue was not harvested");
            }
        }
        Ok(())
    }

    pub(super) fn catalogue_object(&self, id: &str) -> Answer<Object> {
        let city = self.city();
        let catalogue = city.catalogs.get(id).ok_or(DeskError::NotFound)?;
        Ok(Object { subject: crate::log::subject("catalogue", id), department: Some(catalogue.department.clone()) })
    }

    /// Fetches, compares, and writes all of it down with its leaf at once. A harvest that fails is written down, too.
    async fn harvest_as(&self, actor: Actor<'_>, name: &str, id: &str, object: &Object) -> Answer<()> {
        let city = self.city();
        let catalogue = city.catalogs.get(id).ok_or(DeskError::NotFound)?;
        let _alone = crate::collect::at_once(&self.0.data_dir, &format!("harvest.{id}"))?;
        let began = self.now();
        let found = match tokio::time::timeout(DEADLINE, self.gather(catalogue)).await {
            Ok(found) => found,
            Err(_) => Err(Text::new("一小时内没有完成", "it was not done within an hour")),
        };
        let mut run = HarvestRunRow {
            catalogue: id.to_owned(),
            began,
            ended: self.now(),
            actor: name.to_owned(),
            found: 0,
            added: 0,
            changed: 0,
            gone: 0,
            refused: 0,
            failed: None,
        };
        let (put, gone) = match found {
            Ok(found) => self.compare(&mut run, found).await?,
            Err(why) => {
                run.failed = Some(why);
                (Vec::new(), Vec::new())
            }
        };
        let detail = json!({
            "kind": catalogue.kind.word(), "found": run.found, "added": run.added, "changed": run.changed, "gone": run.gone,
            "refused": run.refused, "failed": run.failed,
        });
        let failed = run.failed.clone();
        self.logging_as(actor, "harvest.run", object, detail).harvested(run, put, gone).await.map_err(internal)?;
        failed.map_or(Ok(()), |why| Err(DeskError::Invalid(why)))
    }

    /// What is new or has changed, and what is gone.
    async fn compare(&self, run: &mut HarvestRunRow, found: Vec<Found>) -> Answer<(Vec<HarvestRow>, Vec<String>)> {
        let known = self.store().harvest_known(&run.catalogue).await.map_err(internal)?;
        let known: HashMap<String, (String, bool)> = known.into_iter().map(|(key, hash, gone)| (key, (hash, gone))).collect();
        let (mut seen, mut put) = (HashSet::new(), Vec::new());
        for found in found {
            if !seen.insert(found.key.clone()) {
                continue;
            }
            let row = kept(run, found);
            run.found += 1;
            run.refused += u64::from(row.refused.is_some());
            match known.get(&row.key) {
                Some((hash, false)) if *hash == row.hash => continue,
                Some(_) => run.changed += 1,
                None => run.added += 1,
            }
            put.push(row);
        }
        let gone: Vec<String> = known.into_iter().filter(|(key, (_, gone))| !gone && !seen.contains(key)).map(|(key, _)| key).collect();
        run.gone = gone.len() as u64;
        Ok((put, gone))
    }

    /// All datasets of a catalogue; an error where it cannot be read to its end.
    async fn gather(&self, catalogue: &Catalogue) -> Result<Vec<Found>, Text> {
        match (&catalogue.file, &catalogue.url) {
            (Some(file), _) => {
                let path = self.city_dir().join(file);
                let most = u64::from(catalogue.largest_mib) << 20;
                let size = tokio::fs::metadata(&path).await.map_err(|_| no_file(file))?.len();
                if size > most {
                    return Err(Text::new(format!("`{file}` 过大"), format!("`{file}` is too large")));
                }
                let text = tokio::fs::read(&path).await.map_err(|_| no_file(file))?;
                match catalogue.kind {
                    CatalogueKind::Ckan => Ok(packages(catalogue, &text, "")?.0),
                    CatalogueKind::Dcat => Ok(document(catalogue, text, String::new(), format!("file:///{file}")).await?.0),
                }
            }
            (None, Some(url)) => match catalogue.kind {
                CatalogueKind::Ckan => self.search(catalogue, url).await,
                CatalogueKind::Dcat => self.documents(catalogue, url).await,
            },
            (None, None) => Err(Text::new("没有声明 url 或 file", "neither url nor file is declared")),
        }
    }

    /// `package_search`, page after page, in an order that does not change.
    async fn search(&self, catalogue: &Catalogue, site: &str) -> Result<Vec<Found>, Text> {
        let site = site.trim_end_matches('/');
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let url = format!("{site}/api/3/action/package_search?rows={ROWS}&start={}&sort=id+asc", all.len());
            let (text, _) = self.get(catalogue, &url, "application/json").await?;
            let (page, total) = packages(catalogue, &text, site)?;
            let (none, total) = (page.is_empty(), total.unwrap_or(0));
            all.extend(page);
            within(catalogue, all.len().max(usize::try_from(total).unwrap_or(usize::MAX)))?;
            if none || all.len() as u64 >= total {
                if (all.len() as u64) < total {
                    return Err(Text::new(format!("声称有 {total} 个数据集，只给出 {} 个", all.len()), format!("{total} datasets are said to be there, {} were given", all.len())));
                }
                return Ok(all);
            }
        }
        Err(endless())
    }

    /// A document of RDF and those that follow it.
    async fn documents(&self, catalogue: &Catalogue, url: &str) -> Result<Vec<Found>, Text> {
        let (mut all, mut seen, mut next) = (Vec::new(), HashSet::new(), Some(url.to_owned()));
        let accept = "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.8";
        for _ in 0..PAGES_MAX {
            let Some(at) = next.take() else { return Ok(all) };
            if !seen.insert(at.clone()) {
                return Err(Text::new("分页循环：下一页已读过", "its pages go in a circle: the next one was read before"));
            }
            let (text, media) = self.get(catalogue, &at, accept).await?;
            let (page, following) = document(catalogue, text, media, at).await?;
            all.extend(page);
            within(catalogue, all.len())?;
            // What we are led to is read only where the city said that the catalogue is: it could lead into the city's own network.
            next = following.map(|next| beside(url, &next)).transpose()?;
        }
        Err(endless())
    }

    /// One answer, whole, and what its server says that it is.
    async fn get(&self, catalogue: &Catalogue, url: &str, accept: &str) -> Result<(Vec<u8>, String), Text> {
        let line = self.0.sources.within(&self.city().info).and_then(|ctx| Line::new(&ctx)).map_err(|error| error.message)?;
        let folder = self.0.data_dir.join("harvest");
        tokio::fs::create_dir_all(&folder).await.map_err(|error| unkept(&error))?;
        let into = folder.join(format!("{}.part", catalogue.id));
        let asked = Asked { method: "GET", url: url.to_owned(), headers: vec![("accept".to_owned(), accept.to_owned())], body: None };
        let mut heard = Err(Text::default());
        for pause in [0, 2, 10] {
            tokio::time::sleep(Duration::from_secs(pause)).await;
            heard = line.fetch(&asked, &into, u64::from(catalogue.largest_mib) << 20).await.map_err(|unheard| unheard.error.message);
            let again = heard.as_ref().is_ok_and(|heard| heard.status == 429 || heard.status >= 500);
            if !again {
                break;
            }
        }
        let heard = heard?;
        if heard.status != 200 {
            let to = heard.headers.get("location").map(|to| format!(" → {to}")).unwrap_or_default();
            return Err(Text::new(format!("对方答以 HTTP {}{to}", heard.status), format!("it answered with HTTP {}{to}", heard.status)));
        }
        let text = tokio::fs::read(&into).await.map_err(|error| unkept(&error))?;
        drop(tokio::fs::remove_file(&into).await);
        Ok((text, heard.headers.get("content-type").cloned().unwrap_or_default()))
    }
}

fn kept(run: &HarvestRunRow, found: Found) -> HarvestRow {
    let found = match found.original.len() > ORIGINAL_MAX {
        true => Found { record: Err(Text::new("说明过长", "the description is too long")), original: String::new(), ..found },
        false => found,
    };
    let (id, record, refused) = match found.record {
        Ok(record) => (record.id.clone(), serde_json::to_string(&record).unwrap_or_default(), None),
        Err(why) => (dcat::slug(&run.catalogue, &found.key), String::new(), Some(why)),
    };
    // What we understand counts, too: a newer program may understand more of the same description.
    let mut hash = Sha256::new();
    for part in [&found.original, &found.subject, &record] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    HarvestRow {
        catalogue: run.catalogue.clone(),
        key: found.key,
        id,
        record,
        dialect: if found.subject.is_empty() { "ckan" } else { "dcat" }.to_owned(),
        original: found.original,
        subject: found.subject,
        hash: crate::account::hex(&hash.finalize()),
        refused,
        first: run.ended,
        changed: run.ended,
        gone: None,
    }
}

fn packages(catalogue: &Catalogue, text: &[u8], site: &str) -> Result<(Vec<Found>, Option<u64>), Text> {
    let read = opendata::ckan::read_packages(text)?;
    let one = |json: &serde_json::Value| {
        let (key, record) = opendata::ckan::read_package(json, &catalogue.id, site, &catalogue.language);
        Found { key, record, original: json.to_string(), subject: String::new() }
    };
    Ok((read.packages.iter().map(one).collect(), read.total))
}

/// Reads a document away from the threads that answer people.
async fn document(catalogue: &Catalogue, text: Vec<u8>, media: String, url: String) -> Result<(Vec<Found>, Option<String>), Text> {
    let (id, language) = (catalogue.id.clone(), catalogue.language.clone());
    let limits = Limits { bytes: (catalogue.largest_mib as usize) << 20, ..Limits::default() };
    let read = move || {
        let form = Form::guess(&media, &url, &text);
        let graph = form.read(&text, &url, limits).map_err(|why| why.0)?;
        let read = dcat::read(&graph, &id, &language);
        if read.found.is_empty() && read.next.is_none() {
            return Err(Text::new("文件中没有数据集（dcat:Dataset）", "there is no dataset (dcat:Dataset) in the document"));
        }
        let one = |found: dcat::Found| {
            let (original, subject) = found.part.map(|part| (part.text(), part.subject.to_string())).unwrap_or_default();
            let subject = if subject.is_empty() { found.key.clone() } else { subject };
            Found { key: found.key, record: found.record, original, subject }
        };
        Ok((read.found.into_iter().map(one).collect(), read.next))
    };
    tokio::task::spawn_blocking(read).await.map_err(|_| Text::new("读取中断", "the reading broke off"))?
}

/// The address of a following page, on the server of the first one and by its scheme.
fn beside(first: &str, next: &str) -> Result<String, Text> {
    let parts = |url: &str| url.split_once("://").map(|(scheme, rest)| (scheme.to_owned(), rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase(), rest.to_owned()));
    match (parts(first), parts(next)) {
        (Some((scheme, here, _)), Some((_, there, rest))) if here == there => Ok(format!("{scheme}://{rest}")),
        _ => {
            let next: String = next.chars().take(200).collect();
            Err(Text::new(format!("下一页在另一台服务器上：{next}"), format!("the next page is on another server: {next}")))
        }
    }
}

fn within(catalogue: &Catalogue, datasets: usize) -> Result<(), Text> {
    let most = catalogue.datasets;
    match datasets > most as usize {
        true => Err(Text::new(format!("超过 {most} 个数据集：请调整 `datasets`"), format!("there are more than {most} datasets: change `datasets`"))),
        false => Ok(()),
    }
}

fn endless() -> Text {
    Text::new("分页没有尽头", "its pages have no end")
}

fn no_file(file: &str) -> Text {
    Text::new(format!("没有文件 `{file}`"), format!("there is no file `{file}`"))
}

fn unkept(error: &std::io::Error) -> Text {
    Text::new(format!("无法暂存：{error}"), format!("it cannot be kept: {error}"))
}
