//! `/catalog/{id}/edit/{row}`: a row that has landed and fails a rule, field by field, for editing.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::edit::{EditForm, Edited, row_named};
use kernel::Text;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::link;
use crate::quarantine::repair::{Field, Fields, drawn, sent_values, still_wrong, value};

pub(super) async fn show(State(_): State<App>, visit: Visit, Path((id, row)): Path<(String, String)>) -> Response {
    let rule = visit.chosen("rule").unwrap_or_default();
    visit.answer(page(&visit, &id, &row, &rule, None).await)
}

async fn page(visit: &Visit, id: &str, row: &str, rule: &str, sent: Option<(&Fields, Text)>) -> Answered<EditPage> {
    let form = visit.app.desk.edit_form(visit.staff()?, id, row).await?;
    Ok(EditPage::new(visit.frame(Place::Quality, |say| say.t("edit-title")), form, rule, sent))
}

pub(super) async fn edit(State(_): State<App>, Path((id, row)): Path<(String, String)>, Sent(visit, fields): Sent<Fields>) -> Response {
    match try_edit(&visit, &id, &row, &fields).await {
        Ok(to) => visit.answer::<EditPage>(Err(Refusal::To(to))),
        Err(refusal) => visit.again(refusal, |text| page(&visit, &id, &row, value(&fields, "rule"), Some((&fields, text)))).await,
    }
}

/// Lands the row and answers where to go on; what is wrong comes back as the text of a refusal.
async fn try_edit(visit: &Visit, id: &str, row: &str, fields: &Fields) -> Answered<String> {
    let who = visit.staff_form(value(fields, "csrf"))?;
    let edited = vec![Edited { row: row_named(row)?, values: sent_values(fields) }];
    let done = visit.app.desk.edit(who, id, edited, value(fields, "reason"), "page").await?;
    if let Some((_, faults)) = done.wrong.first() {
        return Err(still_wrong(faults));
    }
    // Not current any more: somebody was quicker, and the list says how things are now.
    let correction = done.correction.unwrap_or_default();
    Ok(match value(fields, "rule") {
        "" if correction.is_empty() => link::quality_of(id),
        "" => link::correction(&correction),
        rule => link::with(&link::failing(id, rule), &[("edited", &done.landed.to_string()), ("correction", &correction)]),
    })
}

#[derive(Template)]
#[template(path = "quality/edit.html")]
pub(crate) struct EditPage {
    f: Frame,
    e: EditForm,
    title: String,
    /// The rule from whose rows it was opened; empty where from none.
    rule: String,
    fields: Vec<Field>,
    error: Option<String>,
    reason: String,
}

impl EditPage {
    pub(crate) fn new(f: Frame, e: EditForm, rule: &str, sent: Option<(&Fields, Text)>) -> EditPage {
        let values = sent.as_ref().map(|(fields, _)| *fields);
        let mut fields = drawn(&f, &e.fields, values);
        fields.iter_mut().for_each(|field| field.fixed = e.fixed.contains(&field.f.name));
        EditPage {
            fields,
            error: sent.as_ref().map(|(_, text)| f.text(text).to_owned()),
            reason: values.map(|fields| value(fields, "reason").to_owned()).unwrap_or_default(),
            title: f.pair(&e.resource.title, &e.resource.title_en).to_owned(),
            rule: rule.to_owned(),
            f,
            e,
        }
    }

    /// Where one came from.
    fn back(&self) -> String {
        match self.rule.as_str() {
            "" => link::quality_of(&self.e.resource.id),
            rule => link::failing(&self.e.resource.id, rule),
        }
    }
}
