//! Quality: the rules of a resource measured after each change, what they found, scores over time, rows that fail.

mod measure;
mod rows;
mod subject;
mod suggest;

use std::collections::BTreeMap;

use data::City;
use data::declare::{Dimension, Resource, Rule, RuleSeverity};
use data::rule::{Scene, measure as sql, score};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::json;
use store::quality::{QualityDay, QualityResult, QualityRun};

use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

pub(crate) use crate::account::unhex as row_hash;
pub(crate) use subject::{Subject, columns};
pub use rows::{FailingRow, FailingRows};
pub use suggest::Suggestion;

/// Days of which the trend is drawn.
const TREND_DAYS: i64 = 60;

/// What a rule found when it was last measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    Passed,
    /// More rows fail than may.
    Failed,
    /// Not measured yet, or changed since, or a table it needs is not there.
    Unmeasured,
}

/// One rule with what it found.
#[derive(Clone, Debug, Serialize)]
pub struct RuleView {
    pub name: String,
    pub title: Text,
    pub dimension: Dimension,
    pub severity: RuleSeverity,
    /// Share of the rows (0 to 1) that may fail.
    pub allowed: f64,
    /// What it asks, as SQL or in the signs of its short form.
    pub asks: String,
    pub state: RuleState,
    pub checked: u64,
    pub failed: u64,
    /// The largest date found, of a rule on freshness.
    pub newest: Option<Moment>,
    /// Whether its failing rows can be listed.
    pub listed: bool,
    /// A model's run whose rows fail it is not published.
    pub holds: bool,
    /// Its defect that is not closed.
    pub defect: Option<String>,
}

/// The quality of one resource.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceQuality {
    pub resource: String,
    pub title: Text,
    pub department: String,
    pub department_title: Text,
    /// When it was last measured.
    pub measured: Option<Moment>,
    pub rows: u64,
    /// 0 to 100; `None` before the first measurement.
    pub score: Option<f64>,
    /// Why the last measurement failed.
    pub error: Option<Text>,
    pub rules: Vec<RuleView>,
    /// (day, score), oldest first.
    pub trend: Vec<(String, f64)>,
}

/// A resource or a department with its score.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    pub id: String,
    pub title: Text,
    /// The department that answers for it.
    pub department: String,
    pub score: f64,
    pub rows: u64,
    pub rules: u64,
    /// Rules that more rows fail than may.
    pub failing: u64,
    pub measured: Option<Moment>,
}

/// The quality of the whole city.
#[derive(Clone, Debug, Serialize)]
pub struct CityQuality {
    /// `None` before anything was measured.
    pub score: Option<f64>,
    /// The worst first.
    pub departments: Vec<Score>,
    /// The worst first.
    pub resources: Vec<Score>,
    pub trend: Vec<(String, f64)>,
    /// Resources that declare no rule.
    pub without: u64,
}

impl Desk {
    /// Scores of departments and resources; of one department when it is given.
    pub async fn city_quality(&self, department: Option<&str>, now: Moment) -> Answer<CityQuality> {
        let (city, models) = (self.city(), self.compiled());
        let latest = self.store().latest_quality().await.map_err(internal)?;
        let counts = self.store().latest_quality_counts().await.map_err(internal)?;
        let mut resources = Vec::new();
        for run in &latest {
            let Some(subject) = Subject::find(&city, &models, &run.resource) else {
                continue;
            };
            if department.is_some_and(|wanted| subject.department.is_none_or(|owner| owner.id != wanted)) {
                continue;
            }
            let counted = counts.get(&run.id).copied().unwrap_or_default();
            resources.extend(table_score(subject, run, counted));
        }
        resources.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.id.cmp(&b.id)));
        let days = self.store().quality_days(None, &self.trend_start(now)).await.map_err(internal)?;
        let of_department = |day: &QualityDay| department.is_none_or(|wanted| day.department == wanted);
        let declared =
            |resource: &&Resource| department.is_none_or(|wanted| city.provider(resource).is_some_and(|found| found.id == wanted));
        Ok(CityQuality {
            score: score::of_several(resources.iter().map(|one| (one.score, one.rows))),
            departments: departments(&city, &resources),
            resources,
            trend: trend(days.into_iter().filter(of_department)),
            without: city
                .resources
                .values()
                .filter(declared)
                .filter(|resource| resource.rules.is_empty())
                .count() as u64,
        })
    }

    /// Each rule of a resource, or of a model by `layer.name`, with what it found.
    pub async fn resource_quality(&self, id: &str, now: Moment) -> Answer<ResourceQuality> {
        let (city, models) = (self.city(), self.compiled());
        let subject = Subject::find(&city, &models, id).ok_or(DeskError::NotFound)?;
        let runs = self.store().quality_runs(id, 20).await.map_err(internal)?;
        let good = runs.iter().find(|run| run.error.is_none());
        let results = match good {
            Some(run) => self.store().quality_results(&run.id).await.map_err(internal)?,
            None => Vec::new(),
        };
        let filter = store::defect::DefectFilter {
            resource: Some(id.to_owned()),
            standing: true,
            ..Default::default()
        };
        let standing = self.store().defects(&filter, 1, 1_000).await.map_err(internal)?.entries;
        let defect = |rule: &Rule| {
            standing
                .iter()
                .find(|row| row.rule.as_deref() == Some(&rule.name))
                .map(|row| row.id.clone())
        };
        let days = self
            .store()
            .quality_days(Some(id), &self.trend_start(now))
            .await
            .map_err(internal)?;
        let named_rows = subject.named_rows;
        Ok(ResourceQuality {
            resource: id.to_owned(),
            title: subject.title,
            department: subject.department.map(|found| found.id.clone()).unwrap_or_default(),
            department_title: subject.department.map(|found| Text::new(&found.title, &found.title_en)).unwrap_or_default(),
            measured: good.map(|run| run.ended),
            rows: good.map_or(0, |run| run.rows),
            score: good.and_then(|run| run.score),
            error: runs.first().and_then(|run| run.error.clone()),
            rules: subject.rules.iter().map(|rule| view(rule, &results, defect(rule), named_rows)).collect(),
            trend: days.into_iter().map(|day| (day.day, day.score)).collect(),
        })
    }

    /// The moment and the zone in which rules are asked.
    pub(crate) fn scene(&self, city: &City, now: Moment) -> Scene {
        Scene {
            now,
            zone: city.info.time_zone.clone(),
        }
    }

    /// The day in the city.
    pub(crate) fn day(&self, now: Moment) -> jiff::civil::Date {
        self.scene(&self.city(), now).today()
    }

    fn trend_start(&self, now: Moment) -> String {
        self.day(Moment(now.0 - TREND_DAYS * 86_400_000_000)).to_string()
    }
}

/// A rule as it is declared now; what was measured of another rule of the same name says nothing of it.
fn view(rule: &Rule, results: &[QualityResult], defect: Option<String>, named_rows: bool) -> RuleView {
    let same = |result: &&QualityResult| result.rule == rule.name && result.declared == declared(rule);
    let found = results.iter().find(same);
    RuleView {
        name: rule.name.clone(),
        title: Text::new(&rule.title, &rule.title_en),
        dimension: rule.dimension,
        severity: rule.severity,
        allowed: rule.allowed,
        asks: sql::shown(rule),
        state: found.map_or(RuleState::Unmeasured, |result| state_of(&result.state)),
        checked: found.map_or(0, |result| result.checked),
        failed: found.map_or(0, |result| result.failed),
        newest: found.and_then(|result| result.newest),
        listed: rule.fresh.is_none() && named_rows,
        holds: rule.holds,
        defect,
    }
}

/// What a rule asks, in one text by which a change of it is seen.
fn declared(rule: &Rule) -> String {
    let asked = (&rule.expression, rule.when_null, &rule.unique, &rule.references, &rule.fresh);
    serde_json::to_string(&asked).unwrap_or_default()
}

fn state_of(word: &str) -> RuleState {
    match word {
        "passed" => RuleState::Passed,
        "failed" => RuleState::Failed,
        _ => RuleState::Unmeasured,
    }
}

fn table_score(subject: Subject<'_>, run: &QualityRun, (rules, failing): (u64, u64)) -> Option<Score> {
    Some(Score {
        id: subject.id,
        title: subject.title,
        department: subject.department.map(|found| found.id.clone()).unwrap_or_default(),
        score: run.score?,
        rows: run.rows,
        rules,
        failing,
        measured: Some(run.ended),
    })
}

/// The mean of their resources by rows, the worst first.
fn departments(city: &City, resources: &[Score]) -> Vec<Score> {
    let mut by_department: BTreeMap<&str, Vec<&Score>> = BTreeMap::new();
    for one in resources {
        by_department.entry(&one.department).or_default().push(one);
    }
    let each = by_department.into_iter().filter_map(|(id, all)| {
        Some(Score {
            id: id.to_owned(),
            title: city.departments.get(id).map(|found| Text::new(&found.title, &found.title_en))?,
            department: id.to_owned(),
            score: score::of_several(all.iter().map(|one| (one.score, one.rows)))?,
            rows: all.iter().map(|one| one.rows).sum(),
            rules: all.iter().map(|one| one.rules).sum(),
            failing: all.iter().map(|one| one.failing).sum(),
            measured: all.iter().filter_map(|one| one.measured).max(),
        })
    });
    let mut all: Vec<Score> = each.collect();
    all.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.id.cmp(&b.id)));
    all
}

/// The score of several resources day by day. A resource that was not measured on a day stands as it stood before.
fn trend(days: impl Iterator<Item = QualityDay>) -> Vec<(String, f64)> {
    let mut standing: BTreeMap<String, (f64, u64)> = BTreeMap::new();
    let mut drawn: Vec<(String, f64)> = Vec::new();
    for day in days {
        standing.insert(day.resource, (day.score, day.rows));
        let Some(score) = score::of_several(standing.values().copied()) else {
            continue;
        };
        match drawn.last_mut().filter(|(last, _)| *last == day.day) {
            Some((_, value)) => *value = score,
            None => drawn.push((day.day, score)),
        }
    }
    drawn
}

impl Desk {
    /// Staff: measures the rules of a resource now, and answers what they found.
    pub async fn measure_now(&self, who: &Account, resource: &str, started_by: &'static str) -> Answer<ResourceQuality> {
        self.may(who, "quality.measure", &self.resource_object(resource)).await?;
        Subject::find(&self.city(), &self.compiled(), resource).ok_or(DeskError::NotFound)?;
        self.log(who, "quality.measure", &self.resource_object(resource), json!(null)).await?;
        self.measure_quality(resource, started_by).await?;
        self.resource_quality(resource, self.now()).await
    }
}
