//! `/quarantine/{resource}/{place}`: one refused row, field by field, for mending; `/quarantine/replace`: one value for
//! all rows of a cause, tried before it is done.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use data::standard::Fault;
use desk::DeskError;
use desk::correct::{Corrected, Mended, Repair, RepairField, Replacement, RowPlace};
use kernel::Text;

use super::correction::CorrectionPage;
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;

/// Reasons told of a trial.
const TOLD: usize = 5;

pub(crate) type Fields = Vec<(String, String)>;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/quarantine/replace", get(show_replace).post(replace))
        .route("/quarantine/{resource}/{place}", get(show).post(mend))
}

pub(super) fn place_of(text: &str) -> Result<RowPlace, Refusal> {
    text.parse().map_err(|()| Refusal::Desk(DeskError::NotFound))
}

pub(crate) fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

async fn show(State(_): State<App>, visit: Visit, Path((resource, place)): Path<(String, String)>) -> Response {
    match page(&visit, &resource, &place, None).await {
        // Not open any more: perhaps corrected.
        Err(Refusal::Desk(DeskError::NotFound)) => visit.answer(corrected(&visit, &resource, &place).await),
        page => visit.answer(page),
    }
}

async fn corrected(visit: &Visit, resource: &str, place: &str) -> Answered<CorrectionPage> {
    let detail = visit.app.desk.correction_of(visit.staff()?, resource, place_of(place)?).await?;
    Ok(CorrectionPage::new(visit.frame(Place::Quarantine, |say| say.t("correction-title")), detail, true))
}

async fn page(visit: &Visit, resource: &str, place: &str, sent: Option<(&Fields, Text)>) -> Answered<RepairPage> {
    let who = visit.staff()?;
    let repair = visit.app.desk.repair(who, resource, place_of(place)?).await?;
    let f = visit.frame(Place::Quarantine, |say| say.t("repair-title"));
    Ok(RepairPage::new(f, repair, sent))
}

async fn mend(State(_): State<App>, Path((resource, place)): Path<(String, String)>, Sent(visit, fields): Sent<Fields>) -> Response {
    match try_mend(&visit, &resource, &place, &fields).await {
        Ok(to) => visit.answer::<RepairPage>(Err(Refusal::To(to))),
        Err(refusal) => visit.again(refusal, |text| page(&visit, &resource, &place, Some((&fields, text)))).await,
    }
}

/// Lands the row and answers where to go on; what is still wrong comes back as the text of a refusal.
async fn try_mend(visit: &Visit, resource: &str, place: &str, fields: &Fields) -> Answered<String> {
    let who = visit.staff_form(value(fields, "csrf"))?;
    let at = place_of(place)?;
    let mended = vec![Mended { place: at, values: sent_values(fields) }];
    let done = visit.app.desk.correct(who, resource, mended, value(fields, "reason"), "page").await?;
    match done.wrong.first() {
        None => Ok(mended_link(resource, &done)),
        Some(wrong) => Err(still_wrong(&wrong.faults)),
    }
}

/// A row that was sent and is still wrong, as a refusal that says in what.
pub(crate) fn still_wrong(faults: &[Fault]) -> Refusal {
    let say = |lang: fn(&Text) -> &str| faults.iter().map(|fault| lang(&fault.message)).collect::<Vec<_>>().join(" ");
    DeskError::Invalid(Text::new(say(|text| &text.zh), say(|text| &text.en))).into()
}

/// The values of a form by the columns of the raw table; an empty box makes a field empty.
pub(crate) fn sent_values(fields: &Fields) -> Vec<(String, Option<String>)> {
    let values = fields.iter().filter_map(|(key, text)| {
        let name = key.strip_prefix("value:")?;
        Some((name.to_owned(), Some(text.clone()).filter(|text| !text.is_empty())))
    });
    values.collect()
}

/// The list that follows, saying what was done.
pub(super) fn mended_link(resource: &str, done: &Corrected) -> String {
    let id = done.correction.clone().unwrap_or_default();
    link::with(&link::quarantine(&[("resource", resource)]), &[("mended", &(done.landed + done.unchanged).to_string()), ("correction", &id)])
}

/// A field of the form.
pub(crate) struct Field {
    pub f: RepairField,
    pub title: String,
    /// What stands in the box: what was found, or what was sent last.
    pub value: String,
    /// What was found there, where that differs or was nothing.
    pub found: Option<String>,
    pub faults: Vec<String>,
    pub long: bool,
    /// It is shown and cannot be changed.
    pub fixed: bool,
}

/// The fields of a record as a form shows them, with what was sent last.
pub(crate) fn drawn(f: &Frame, fields: &[RepairField], sent: Option<&Fields>) -> Vec<Field> {
    let field = |field: &RepairField| {
        let sent = sent.and_then(|fields| fields.iter().find(|(key, _)| key.strip_prefix("value:") == Some(&field.name)));
        let found = field.value.clone().unwrap_or_default();
        let value = sent.map_or_else(|| found.clone(), |(_, text)| text.clone());
        Field {
            title: f.text(&field.title).to_owned(),
            long: value.len() > 60 || value.contains('\n'),
            found: (value != found).then_some(found),
            value,
            faults: field.faults.iter().map(|fault| f.text(&fault.message).to_owned()).collect(),
            fixed: false,
            f: field.clone(),
        }
    };
    fields.iter().map(field).collect()
}

#[derive(Template)]
#[template(path = "quarantine/repair.html")]
pub(crate) struct RepairPage {
    f: Frame,
    r: Repair,
    title: String,
    fields: Vec<Field>,
    faults: Vec<String>,
    error: Option<String>,
    reason: String,
    place: String,
}

impl RepairPage {
    pub(crate) fn new(f: Frame, r: Repair, sent: Option<(&Fields, Text)>) -> RepairPage {
        RepairPage {
            fields: drawn(&f, &r.fields, sent.as_ref().map(|(fields, _)| *fields)),
            faults: r.faults.iter().map(|fault| f.text(&fault.message).to_owned()).collect(),
            error: sent.as_ref().map(|(_, text)| f.text(text).to_owned()),
            reason: sent.as_ref().map(|(fields, _)| value(fields, "reason").to_owned()).unwrap_or_default(),
            title: f.pair(&r.resource.title, &r.resource.title_en).to_owned(),
            place: format!("{}-{}", r.place.batch, r.place.row),
            f,
            r,
        }
    }
}

async fn show_replace(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(replace_page(&visit).await)
}

fn replacement(read: impl Fn(&str) -> String) -> Replacement {
    Replacement {
        resource: read("resource"),
        code: read("code"),
        item: read("item"),
        found: Some(read("found")).filter(|text| !text.is_empty()),
        value: Some(read("value")).filter(|text| !text.is_empty()),
    }
}

/// The form; with a value in it, a trial has been made.
async fn replace_page(visit: &Visit) -> Answered<ReplacePage> {
    let who = visit.staff()?;
    let change = replacement(|name| visit.parameter(name).to_owned());
    let city = visit.app.desk.city();
    let resource = city.resources.get(&change.resource).ok_or(Refusal::Desk(DeskError::NotFound))?;
    let item = resource.items.iter().find(|item| item.name == change.item).ok_or(Refusal::Desk(DeskError::NotFound))?;
    let tried = match visit.parameter("try") {
        "1" => Some(visit.app.desk.replace_value(who, &change, None).await?),
        _ => None,
    };
    let f = visit.frame(Place::Quarantine, |say| say.t("replace-title"));
    Ok(ReplacePage {
        title: f.pair(&resource.title, &resource.title_en).to_owned(),
        item: f.pair(&item.title, &item.title_en).to_owned(),
        told: tried.as_ref().map(|tried| told(&f, tried)).unwrap_or_default(),
        tried,
        change,
        f,
    })
}

/// The first few reasons why rows would stay where they are.
fn told(f: &Frame, tried: &Corrected) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for fault in tried.wrong.iter().flat_map(|wrong| &wrong.faults) {
        let text = f.text(&fault.message).to_owned();
        if reasons.len() < TOLD && !reasons.contains(&text) {
            reasons.push(text);
        }
    }
    reasons
}

async fn replace(State(_): State<App>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(value(&fields, "csrf"))?;
        let change = replacement(|name| value(&fields, name).to_owned());
        let done = visit.app.desk.replace_value(who, &change, Some(value(&fields, "reason"))).await?;
        Err(Refusal::To(mended_link(&change.resource, &done)))
    };
    visit.answer::<ReplacePage>(done.await)
}

#[derive(Template)]
#[template(path = "quarantine/replace.html")]
pub(crate) struct ReplacePage {
    f: Frame,
    title: String,
    item: String,
    change: Replacement,
    tried: Option<Corrected>,
    told: Vec<String>,
}

impl ReplacePage {
    fn found(&self) -> &str {
        self.change.found.as_deref().unwrap_or_default()
    }

    fn value(&self) -> &str {
        self.change.value.as_deref().unwrap_or_default()
    }

    /// The fields that say which rows are meant, for both forms.
    fn hidden(&self) -> Html {
        let field = |(name, value): (&str, &str)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", crate::html::escape(value));
        let all = [("resource", self.change.resource.as_str()), ("code", &self.change.code), ("item", &self.change.item)];
        Html(all.into_iter().map(field).collect())
    }
}
