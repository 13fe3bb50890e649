//! `/open/score`: how well what is open is described, and what to do about it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use desk::open::{Dimension, Indicator, MeasuredPoints, Rating, SelfScore};

use crate::app::App;
use crate::chart::{self, Bar};
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;

/// Datasets that are named below a measure.
const NAMED: usize = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/open/score", get(show))
}

#[derive(Template)]
#[template(path = "open/score.html")]
pub(crate) struct ScorePage {
    pub f: Frame,
    pub s: SelfScore,
    /// Points by dimension.
    pub bars: Html,
}

impl ScorePage {
    pub(crate) fn new(f: Frame, s: SelfScore) -> ScorePage {
        let bar = |dimension: Dimension| {
            let (tenths, most) = s.score.of(dimension);
            Bar { label: f.text(&dimension.title()).to_owned(), value: share(tenths, most), shown: format!("{} / {most}", points(tenths)), ..Bar::default() }
        };
        let bars: Vec<Bar> = Dimension::ALL.into_iter().map(bar).collect();
        ScorePage { bars: chart::bars(&f.t("score-title"), [&f.t("score-dimension"), &f.t("score-points")], &bars), s, f }
    }

    fn total(&self) -> String {
        let (tenths, most) = self.s.score.total();
        format!("{} / {most}", points(tenths))
    }

    fn rating(&self) -> Html {
        let rating = self.s.score.rating();
        let class = match rating {
            Rating::Excellent | Rating::Good => "good",
            Rating::Sufficient => "late",
            Rating::Bad => "wrong",
        };
        self.f.badge(class, self.f.text(&rating.title()))
    }

    fn dimension(&self, one: &MeasuredPoints) -> String {
        self.f.text(&one.dimension.title()).to_owned()
    }

    fn won(&self, one: &MeasuredPoints) -> String {
        format!("{} / {}", points(one.tenths()), one.most)
    }

    /// Those of the measures that lose points.
    fn losing(&self) -> Vec<&MeasuredPoints> {
        self.s.score.measured.iter().filter(|one| !one.losing.is_empty()).collect()
    }

    /// Datasets that lose points by a measure: their ids, with where they are.
    fn named(&self, one: &MeasuredPoints) -> Vec<(String, String)> {
        one.losing.iter().take(NAMED).map(|id| (id.clone(), link::dataset(id))).collect()
    }

    fn more(&self, one: &MeasuredPoints) -> u64 {
        one.losing.len().saturating_sub(NAMED) as u64
    }

    fn value(&self, one: &Indicator) -> Option<String> {
        one.value.as_ref().map(|value| self.f.text(value).to_owned())
    }
}

/// Points of tenths of them: `40.5`.
fn points(tenths: u64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

fn share(tenths: u64, most: u32) -> f64 {
    if most == 0 { 0.0 } else { tenths as f64 / f64::from(most) }
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit).await)
}

async fn page(visit: &Visit) -> Answered<ScorePage> {
    let told = visit.app.desk.open_score(&visit.origin(), visit.now).await?;
    Ok(ScorePage::new(visit.frame(Place::Open, |say| say.t("score-title")), told))
}
