//! `/me/reads.csv` and `.json`: the readings about oneself as a file to be kept.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::share::AboutView;
use desk::view::Form;

use super::MePage;
use crate::api::Reading;
use crate::app::App;
use crate::csv;
use crate::frame::{Answered, Visit};

pub(super) fn router() -> Router<App> {
    Router::new().route("/me/reads.csv", get(as_csv)).route("/me/reads.json", get(as_json))
}

async fn taken(visit: &Visit) -> Answered<Vec<AboutView>> {
    Ok(visit.app.desk.my_list(visit.staff()?, &super::filter(visit).0, visit.now).await?)
}

async fn as_csv(State(_): State<App>, visit: Visit) -> Response {
    match taken(&visit).await {
        Ok(list) => {
            let say = visit.say();
            let heads = [
                say.t("log-time"), say.t("department"), say.t("grant-caller"), say.t("lent-purpose"), say.t("me-case"), say.t("me-provider"), say.t("resource"), say.t("items"),
                say.t("lent-channels"), say.t("reads-own"), say.t("log-number"), say.t("challenge"), say.t("challenge-answer"),
            ];
            let line = |read: AboutView| {
                let items = read.items.iter().map(|item| say.text(item)).collect::<Vec<_>>().join(&say.t("comma"));
                let said = |part: fn(&desk::share::Said) -> Option<String>| read.challenge.as_ref().and_then(part).unwrap_or_default();
                let cells = [
                    say.cell(&read.time.rfc3339()),
                    say.text(&read.department.title).to_owned(),
                    say.text(&read.caller).to_owned(),
                    say.purpose(&read.purpose),
                    read.case.clone().unwrap_or_default(),
                    say.text(&read.provider.title).to_owned(),
                    say.text(&read.resource.title).to_owned(),
                    items,
                    say.channel_of(&read.channel),
                    read.rows.map(|own| own.to_string()).unwrap_or_default(),
                    read.leaf.to_string(),
                    said(|said| Some(said.words.clone())),
                    said(|said| said.answer.clone()),
                ];
                csv::line(cells.iter().map(String::as_str))
            };
            let head = format!("{}{}", csv::MARK, csv::line(heads.iter().map(String::as_str)));
            let lines: Vec<Result<String, std::io::Error>> = std::iter::once(head).chain(list.into_iter().map(line)).map(Ok).collect();
            csv::file(csv::media(Form::Csv), "reads.csv", futures::stream::iter(lines))
        }
        Err(refusal) => visit.answer::<MePage>(Err(refusal)),
    }
}

async fn as_json(State(_): State<App>, visit: Visit) -> Response {
    match taken(&visit).await {
        Ok(list) => {
            let headers = [
                (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"reads.json\"")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            let reads: Vec<Reading> = list.into_iter().map(Reading::from).collect();
            (headers, axum::Json(reads)).into_response()
        }
        Err(refusal) => visit.answer::<MePage>(Err(refusal)),
    }
}
