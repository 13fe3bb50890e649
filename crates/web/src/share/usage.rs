//! `/usage`: what grants were used for (使用情况), for whoever lends and whoever uses, and which reports are due.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::share::{Concern, Counts, GrantView, ReportDue, UsageFilter, UsageView};

use super::Fields;
use super::grant::{GrantPage, page as grant_page};
use crate::app::App;
use crate::chart;
use crate::csv;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;

pub(super) fn router() -> Router<App> {
    Router::new().route("/usage", get(show)).route("/usage.csv", get(download)).route("/grants/{id}/report", post(report))
}

fn filter(visit: &Visit) -> UsageFilter {
    let concern = match visit.parameter("concern") {
        "given" => Concern::Given,
        "taken" => Concern::Taken,
        _ => Concern::Both,
    };
    UsageFilter { concern, resource: visit.chosen("resource"), grant: visit.chosen("grant"), days: visit.parameter("days").parse().ok() }
}

#[derive(Template)]
#[template(path = "share/usage.html")]
pub(crate) struct UsagePage {
    pub f: Frame,
    pub d: UsageView,
    pub concern: Concern,
    pub days: i64,
    /// Grants of which a report is due.
    pub due: Vec<(GrantView, ReportDue)>,
}

impl UsagePage {
    /// (word, what it is called, chosen).
    fn concerns(&self) -> Vec<(&'static str, String, bool)> {
        let all = [(Concern::Both, "both"), (Concern::Given, "given"), (Concern::Taken, "taken")];
        all.into_iter().map(|(one, word)| (word, self.f.usage_side(one), one == self.concern)).collect()
    }

    fn spans(&self) -> Vec<(i64, String, bool)> {
        [7, 30, 90, 366].into_iter().map(|days| (days, self.f.t1("usage-days", &("n", u64::try_from(days).unwrap_or_default())), days == self.days)).collect()
    }

    fn file(&self, by: &str) -> String {
        let concern = self.concerns().into_iter().find(|one| one.2).map_or("both", |one| one.0);
        link::with("/usage.csv", &[("by", by), ("concern", concern), ("days", &self.days.to_string())])
    }

    /// Calls a day; the table of days stands below.
    fn chart(&self) -> Html {
        let points: Vec<(String, f64)> = self.d.days.iter().map(|(day, counts)| (self.f.day(day), counts.calls as f64)).collect();
        chart::line(&self.f, "usage", &self.f.t("usage-calls"), &self.f.t("usage-times"), &points)
    }

    /// Days on which anything happened, the newest first.
    fn used(&self) -> Vec<&(String, Counts)> {
        self.d.days.iter().rev().filter(|(_, counts)| *counts != Counts::default()).collect()
    }
}

impl Say {
    fn usage_side(&self, concern: Concern) -> String {
        match concern {
            Concern::Both => self.t("usage-both"),
            Concern::Given => self.t("usage-given"),
            Concern::Taken => self.t("usage-taken"),
        }
    }
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit).await)
}

async fn page(visit: &Visit) -> Answered<UsagePage> {
    let filter = filter(visit);
    let who = visit.staff()?;
    let d = visit.app.desk.usage(who, &filter, visit.now).await?;
    let due = visit.app.desk.reports_due(who, visit.now).await?;
    let f = visit.frame(Place::Share, |say| say.t("usage-title"));
    Ok(UsagePage { f, days: filter.days.unwrap_or(d.days.len() as i64), d, concern: filter.concern, due })
}

async fn download(State(_): State<App>, visit: Visit) -> Response {
    match view(&visit).await {
        Ok(view) => {
            let say = visit.say();
            let lines = if visit.parameter("by") == "grant" { grants(&say, &view) } else { days(&say, &view) };
            let lines: Vec<Result<String, std::io::Error>> = lines.into_iter().map(Ok).collect();
            csv::file("text/csv; charset=utf-8", "sanjiang-usage.csv", futures::stream::iter(lines))
        }
        Err(refusal) => visit.answer::<UsagePage>(Err(refusal)),
    }
}

async fn view(visit: &Visit) -> Answered<UsageView> {
    Ok(visit.app.desk.usage(visit.staff()?, &filter(visit), visit.now).await?)
}

fn numbers(counts: &Counts) -> [String; 4] {
    [counts.calls, counts.rows, counts.refused, counts.errors].map(|number| number.to_string())
}

fn heads(say: &Say) -> [String; 4] {
    [say.t("usage-calls"), say.t("usage-rows"), say.t("usage-refused"), say.t("usage-errors")]
}

fn days(say: &Say, view: &UsageView) -> Vec<String> {
    let head: Vec<String> = std::iter::once(say.t("chart-day")).chain(heads(say)).collect();
    let mut out = vec![csv::MARK.to_owned() + &csv::line(head.iter().map(String::as_str))];
    for (day, counts) in &view.days {
        let numbers = numbers(counts);
        out.push(csv::line(std::iter::once(day.as_str()).chain(numbers.iter().map(String::as_str))));
    }
    out
}

fn grants(say: &Say, view: &UsageView) -> Vec<String> {
    let first = [say.t("grant"), say.t("resource"), say.t("request-provider"), say.t("request-department"), say.t("lent-purpose")];
    let head: Vec<String> = first.into_iter().chain(heads(say)).collect();
    let mut out = vec![csv::MARK.to_owned() + &csv::line(head.iter().map(String::as_str))];
    for one in &view.grants {
        let (numbers, purpose) = (numbers(&one.counts), say.purpose(&one.purpose));
        let names = [one.grant.as_str(), say.text(&one.resource.title), say.text(&one.provider.title), say.text(&one.department.title), &purpose];
        out.push(csv::line(names.into_iter().chain(numbers.iter().map(String::as_str))));
    }
    out
}

async fn report(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    match reported(&visit, &id, &fields).await {
        Ok(()) => Redirect::to(&format!("{}#reports-title", link::grant(&id))).into_response(),
        Err(refusal) => {
            let again = |text| async { Ok(GrantPage { error: Some(text), ..grant_page(&visit, &id, fields).await? }) };
            visit.again(refusal, again).await
        }
    }
}

async fn reported(visit: &Visit, id: &str, fields: &Fields) -> Answered<()> {
    let who = visit.staff_form(fields.get("csrf"))?;
    visit.app.desk.report_use(who, id, fields.get("words"), visit.now).await?;
    Ok(())
}
