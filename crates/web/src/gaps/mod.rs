//! `/gaps`: 有目录无数据. What is catalogued without data, or without fresh data, by the department that owes it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use desk::gaps::{Gap, GapFilter, GapsView, Lack};

use crate::app::App;
use crate::csv;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/gaps", get(show)).route("/gaps.csv", get(download))
}

fn filter(visit: &Visit) -> GapFilter {
    GapFilter { department: visit.chosen("department"), lack: Lack::of(visit.parameter("lack")) }
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit).await)
}

async fn page(visit: &Visit) -> Answered<GapsPage> {
    let filter = filter(visit);
    let view = visit.app.desk.gaps(&filter, visit.now).await?;
    Ok(GapsPage::new(visit.frame(Place::Catalog, |say| say.t("gaps-title")), filter, view))
}

async fn download(State(_): State<App>, visit: Visit) -> Response {
    let say = visit.say();
    match visit.app.desk.gaps(&filter(&visit), visit.now).await {
        Ok(view) => {
            let lines: Vec<Result<String, std::io::Error>> = lines(&say, &view).into_iter().map(Ok).collect();
            csv::file("text/csv; charset=utf-8", "sanjiang-gaps.csv", futures::stream::iter(lines))
        }
        Err(error) => visit.answer::<GapsPage>(Err(error.into())),
    }
}

fn lines(say: &Say, view: &GapsView) -> Vec<String> {
    let head = [say.t("department"), say.t("system"), say.t("resource"), say.t("meta-code"), say.t("gaps-lack"), say.t("gaps-since"), say.t("last-collected"), say.t("period"), say.t("run-why")];
    let mut out = vec![csv::MARK.to_owned() + &csv::line(head.iter().map(String::as_str))];
    for gap in &view.gaps {
        let moment = |moment: Option<kernel::Moment>| moment.map(kernel::Moment::rfc3339).unwrap_or_default();
        let error = gap.error.as_ref().map(|error| say.text(error)).unwrap_or_default();
        let (lack, since, last, period) = (say.lack(gap.lack), moment(gap.since), moment(gap.resource.last_collected), say.period(gap.resource.period));
        let r = &gap.resource;
        out.push(csv::line([say.text(&r.department_title), say.text(&r.system_title), say.text(&r.title), &r.code, &lack, &since, &last, &period, error]));
    }
    out
}

impl Say {
    pub(crate) fn lack(&self, lack: Lack) -> String {
        match lack {
            Lack::Failing => self.t("lack-failing"),
            Lack::Never => self.t("lack-never"),
            Lack::Empty => self.t("lack-empty"),
            Lack::Stale => self.t("lack-stale"),
        }
    }
}

/// The gaps of one department.
struct Group {
    id: String,
    title: String,
    count: u64,
    gaps: Vec<Row>,
}

struct Row {
    gap: Gap,
    badge: Html,
    since: String,
}

#[derive(Template)]
#[template(path = "gaps/gaps.html")]
pub(crate) struct GapsPage {
    f: Frame,
    groups: Vec<Group>,
    /// (word, count, address, chosen).
    kinds: Vec<(String, u64, String, bool)>,
    narrowed: bool,
    resources: u64,
    total: u64,
    csv: String,
}

impl GapsPage {
    pub(crate) fn new(f: Frame, filter: GapFilter, view: GapsView) -> GapsPage {
        let department = filter.department.clone().unwrap_or_default();
        let word = filter.lack.map(Lack::word).unwrap_or_default();
        let kinds = view.counts.iter().map(|(lack, count)| {
            let chosen = filter.lack == Some(*lack);
            let to = if chosen { "" } else { lack.word() };
            (f.lack(*lack), *count, link::with("/gaps", &[("department", &department), ("lack", to)]), chosen)
        });
        let kinds = kinds.collect();
        let mut groups: Vec<Group> = Vec::new();
        for gap in view.gaps {
            let id = gap.resource.department.clone();
            if groups.last().is_none_or(|group| group.id != id) {
                groups.push(Group { title: f.text(&gap.resource.department_title).to_owned(), id, count: 0, gaps: Vec::new() });
            }
            let row = row(&f, gap);
            if let Some(group) = groups.last_mut() {
                group.count += 1;
                group.gaps.push(row);
            }
        }
        GapsPage {
            kinds,
            narrowed: filter.department.is_some() || filter.lack.is_some(),
            resources: view.resources,
            total: view.counts.iter().map(|(_, count)| count).sum(),
            csv: link::with("/gaps.csv", &[("department", &department), ("lack", word)]),
            groups,
            f,
        }
    }
}

fn row(f: &Frame, gap: Gap) -> Row {
    let class = match gap.lack {
        Lack::Failing => "wrong",
        Lack::Never | Lack::Empty => "none",
        Lack::Stale => "late",
    };
    let span = gap.since.map(|since| f.now.seconds_since(since).max(0) as u64);
    let days = |seconds: u64| if seconds >= 172_800 { f.t1("gaps-days", &("n", seconds / 86_400)) } else { f.span(seconds) };
    Row { badge: f.badge(class, &f.lack(gap.lack)), since: span.map(days).unwrap_or_default(), gap }
}
