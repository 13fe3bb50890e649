//! `/quality`: how good the data are, by department and resource; and, for staff, the rows that fail a rule.

pub(crate) mod edit;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::declare::{Dimension, RuleSeverity};
use desk::DeskError;
use desk::view::Seen;
use desk::quality::{CityQuality, FailingRows, ResourceQuality, RuleState, RuleView, Score, Suggestion};
use futures::StreamExt;
use serde::Deserialize;

use crate::app::App;
use crate::chart;
use crate::csv;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;

/// Failing rows on one page.
const SIZE: u64 = 50;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/quality", get(city))
        .route("/catalog/{id}/quality", post(measure))
        .route("/catalog/{id}/quality/{rule}", get(rows))
        .route("/models/{id}/quality", post(measure))
        .route("/models/{id}/quality/{rule}", get(rows))
        .route("/catalog/{id}/rules", post(adopt))
        .route("/catalog/{id}/edit/{row}", get(edit::show).post(edit::edit))
}

async fn city(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(overview(&visit).await)
}

async fn overview(visit: &Visit) -> Answered<QualityPage> {
    let department = visit.chosen("department");
    let quality = visit.app.desk.city_quality(department.as_deref(), visit.now).await?;
    let city = visit.app.desk.city();
    let chosen = department.as_ref().and_then(|id| city.departments.get(id));
    let chosen = chosen.map(|found| visit.say().pair(&found.title, &found.title_en).to_owned());
    Ok(QualityPage::new(
        visit.frame(Place::Quality, |say| say.t("quality-title")),
        quality,
        chosen,
    ))
}

/// A form with nothing but the session's token.
#[derive(Deserialize)]
struct Bare {
    csrf: String,
}

async fn measure(State(_): State<App>, Path(id): Path<String>, Sent(visit, form): Sent<Bare>) -> Response {
    match measured(&visit, &id, &form.csrf).await {
        Ok(()) => Redirect::to(&link::quality_of(&id)).into_response(),
        Err(refusal) => visit.answer::<QualityPage>(Err(refusal)),
    }
}

async fn measured(visit: &Visit, id: &str, csrf: &str) -> Answered<()> {
    visit.app.desk.measure_now(visit.staff_form(csrf)?, id, "person").await?;
    Ok(())
}

/// The form that takes a suggested rule over.
#[derive(Deserialize)]
struct Adopted {
    csrf: String,
    rule: String,
    base: String,
}

async fn adopt(State(_): State<App>, Path(id): Path<String>, Sent(visit, form): Sent<Adopted>) -> Response {
    match adopted(&visit, &id, &form).await {
        Ok(()) => Redirect::to(&link::quality_of(&id)).into_response(),
        Err(refusal) => visit.answer::<QualityPage>(Err(refusal)),
    }
}

async fn adopted(visit: &Visit, id: &str, form: &Adopted) -> Answered<()> {
    let account = visit.staff_form(&form.csrf)?;
    visit.app.desk.adopt_rule(account, id, &form.rule, &form.base, visit.now).await?;
    Ok(())
}

async fn rows(State(_): State<App>, visit: Visit, Path((id, rule)): Path<(String, String)>) -> Response {
    if visit.parameter("format") == "csv" {
        return match file(&visit, &id, &rule).await {
            Ok(response) => response,
            Err(error) => visit.answer::<FailingPage>(Err(error.into())),
        };
    }
    visit.answer(failing(&visit, &id, &rule).await)
}

async fn failing(visit: &Visit, id: &str, rule: &str) -> Answered<FailingPage> {
    let after = visit.chosen("after");
    let account = visit.staff()?;
    let quality = visit.app.desk.resource_quality(id, visit.now).await?;
    let found = quality
        .rules
        .iter()
        .find(|one| one.name == rule)
        .cloned()
        .ok_or(DeskError::NotFound)?;
    let rows = visit.app.desk.failing_rows(account, id, rule, after.as_deref(), SIZE).await?;
    let heads = heads(visit, id, &rows.columns);
    let f = visit.frame(Place::Quality, |say| say.text(&found.title).to_owned());
    Ok(FailingPage {
        address: link::failing(id, rule),
        editable: visit.app.desk.may_edit(account, id),
        edited: visit.parameter("edited").parse().ok().map(|n| (n, visit.parameter("correction").to_owned())),
        first: after.is_none(),
        seen: visit.app.desk.seen(Some(account), &desk::port::TableName::read(id).into_iter().collect::<Vec<_>>()),
        quality,
        rule: found,
        heads,
        rows,
        f,
    })
}

/// What the columns of failing rows are called.
pub(crate) fn heads(visit: &Visit, resource: &str, columns: &[String]) -> Vec<String> {
    let say = visit.say();
    let head = |name: &String| match name.starts_with('_') {
        true => say.provenance(name),
        false => say.text(&visit.app.desk.column_title(resource, name)).to_owned(),
    };
    columns.iter().map(head).collect()
}

/// All failing rows, read step by step while they are sent.
async fn file(visit: &Visit, id: &str, rule: &str) -> Result<Response, DeskError> {
    let account = visit.account.clone().ok_or(DeskError::LoginRequired)?;
    let desk = visit.app.desk.clone();
    let first = desk.failing_rows_step(&account, id, rule, None).await?;
    let head = csv::MARK.to_owned() + &csv::line(std::iter::once("_hash").chain(first.columns.iter().map(String::as_str)));
    let name = format!("{id}-{rule}.csv");
    let start = (Some(first), desk, account, id.to_owned(), rule.to_owned());
    let steps = futures::stream::try_unfold(start, |(step, desk, account, id, rule)| async move {
        let Some(step) = step else { return Ok::<_, DeskError>(None) };
        let text: String = step
            .rows
            .iter()
            .map(|row| {
                csv::line(std::iter::once(row.hash.as_str()).chain(row.cells.iter().map(|cell| cell.as_deref().unwrap_or_default())))
            })
            .collect();
        let next = match &step.next {
            Some(after) => Some(desk.failing_rows_step(&account, &id, &rule, Some(after)).await?),
            None => None,
        };
        Ok(Some((text, (next, desk, account, id, rule))))
    });
    Ok(csv::file(
        "text/csv; charset=utf-8",
        &name,
        futures::stream::once(async move { Ok(head) }).chain(steps),
    ))
}

impl Say {
    /// A score with the mark of its range.
    pub(crate) fn score(&self, score: &f64) -> Html {
        let class = match *score {
            high if high >= 99.0 => "good",
            middle if middle >= 90.0 => "late",
            _ => "wrong",
        };
        self.badge(class, &format!("{:.1}", tenths(*score)))
    }

    pub(crate) fn dimension(&self, dimension: &Dimension) -> String {
        match dimension {
            Dimension::Completeness => self.t("dimension-completeness"),
            Dimension::Validity => self.t("dimension-validity"),
            Dimension::Uniqueness => self.t("dimension-uniqueness"),
            Dimension::Consistency => self.t("dimension-consistency"),
            Dimension::Timeliness => self.t("dimension-timeliness"),
            Dimension::Referential => self.t("dimension-referential"),
        }
    }

    pub(crate) fn severity(&self, severity: &RuleSeverity) -> String {
        self.severity_of(severity.word())
    }

    pub(crate) fn severity_of(&self, word: &str) -> String {
        match word {
            "error" => self.t("severity-error"),
            "warning" => self.t("severity-warning"),
            _ => self.t("severity-info"),
        }
    }

    /// The share that may fail, as people write it.
    pub(crate) fn allowed(&self, share: &f64) -> String {
        format!("{}%", crate::say::decimal(share * 100.0))
    }

    pub(crate) fn rule_badge(&self, rule: &RuleView) -> Html {
        match (rule.state, rule.severity) {
            (RuleState::Passed, _) => self.badge("good", &self.t("rule-passed")),
            (RuleState::Unmeasured, _) => self.badge("none", &self.t("rule-unmeasured")),
            (RuleState::Failed, RuleSeverity::Error) => self.badge("wrong", &self.t("rule-failed")),
            (RuleState::Failed, _) => self.badge("late", &self.t("rule-failed")),
        }
    }

    /// What the columns are called that tell where a row came from.
    pub(crate) fn provenance(&self, name: &str) -> String {
        match name {
            "_file" => self.t("failing-file"),
            "_line" => self.t("failing-line"),
            "_batch" => self.t("failing-batch"),
            other => other.to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "quality/city.html")]
pub(crate) struct QualityPage {
    f: Frame,
    q: CityQuality,
    trend: Html,
    /// The department that is looked at alone.
    department: Option<String>,
}

impl QualityPage {
    pub(crate) fn new(f: Frame, q: CityQuality, department: Option<String>) -> QualityPage {
        QualityPage {
            trend: trend(&f, "quality-trend", &q.trend),
            f,
            q,
            department,
        }
    }

    fn of(&self, score: &Score) -> String {
        link::with("/quality", &[("department", &score.id)])
    }
}

/// Rounded down, so that only what is without a fault has a hundred.
fn tenths(score: f64) -> f64 {
    (score * 10.0).floor() / 10.0
}

/// Scores day by day; nothing to draw with fewer than two.
pub(crate) fn trend(f: &Frame, id: &str, days: &[(String, f64)]) -> Html {
    if days.len() < 2 {
        return Html::default();
    }
    let points: Vec<(String, f64)> = days.iter().map(|(day, score)| (f.day(day), tenths(*score))).collect();
    chart::line(f, id, &f.t("quality-trend"), &f.t("quality-of-hundred"), &points)
}

#[derive(Template)]
#[template(path = "quality/failing.html")]
pub(crate) struct FailingPage {
    pub f: Frame,
    pub quality: ResourceQuality,
    pub rule: RuleView,
    pub heads: Vec<String>,
    pub rows: FailingRows,
    /// The page without its parameters.
    pub address: String,
    pub first: bool,
    /// Whether the reader may edit its rows.
    pub editable: bool,
    /// How many rows were just edited, and by which correction.
    pub edited: Option<(u64, String)>,
    /// Which columns the reader sees masked.
    pub seen: Seen,
}

/// The section of a resource's page.
pub(crate) struct Section {
    pub quality: ResourceQuality,
    pub suggestions: Vec<Suggestion>,
    pub trend: Html,
}

impl Section {
    pub(crate) fn new(f: &Frame, quality: ResourceQuality, suggestions: Vec<Suggestion>) -> Section {
        Section {
            trend: trend(f, "resource-quality", &quality.trend),
            quality,
            suggestions,
        }
    }
}
