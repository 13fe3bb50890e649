//! `/registers/{id}`: how one register stands, what is known and from whom, what changed.

use askama::Template;
use desk::register::{ConflictCount, FieldView, RegisterDetail, RegisterState, Run, SourceView};

use super::changes::{Line, lines};
use super::{Figures, chance, state_badge, state_more};
use crate::frame::Frame;
use crate::html::Html;
use crate::link;

struct FieldRow {
    href: String,
    name: String,
    title: String,
    compare: String,
    order: String,
    grade: Html,
}

struct SourceRow {
    href: String,
    title: String,
    department: String,
}

struct ConflictRow {
    href: String,
    source: String,
    source_href: String,
    field: String,
    count: String,
    defects: String,
}

struct RunRow {
    started: Html,
    state: Html,
    trigger: String,
    /// Records changed and gone, pairs compared, entities created, merged, split and ended.
    figures: [String; 7],
    took: String,
    said: String,
}

#[derive(Template)]
#[template(path = "register/detail.html")]
pub(crate) struct RegisterPage {
    f: Frame,
    href: String,
    title: String,
    summary: String,
    department: String,
    state: Html,
    more: String,
    running: bool,
    failed: bool,
    started: bool,
    figures: Figures,
    threshold: String,
    last: Option<Html>,
    sources: Vec<SourceRow>,
    fields: Vec<FieldRow>,
    conflicts: Vec<ConflictRow>,
    changes: Vec<Line>,
    runs: Vec<RunRow>,
}

impl RegisterPage {
    pub(crate) fn new(f: Frame, d: RegisterDetail, title: &dyn Fn(&str) -> String, started: bool) -> RegisterPage {
        let (view, id) = (&d.view, d.view.id.as_str());
        RegisterPage {
            href: link::register(id),
            title: f.text(&view.title).to_owned(),
            summary: f.text(&view.summary).to_owned(),
            department: f.text(&view.department_title).to_owned(),
            state: state_badge(&f, &view.state),
            more: state_more(&f, &view.state, title),
            running: matches!(view.state, RegisterState::Running(_)),
            failed: matches!(view.state, RegisterState::Failed(_)),
            started,
            figures: Figures::new(&f, view),
            threshold: chance(d.threshold),
            last: view.last.as_ref().map(|run| f.when(run.ended)),
            sources: d.sources.iter().map(|source| source_row(&f, source)).collect(),
            fields: d.fields.iter().map(|field| field_row(&f, id, field)).collect(),
            conflicts: d.conflicts.iter().map(|count| conflict_row(&f, id, count)).collect(),
            changes: lines(&f, id, &d.changes, title),
            runs: d.runs.iter().map(|run| run_row(&f, run)).collect(),
            f,
        }
    }
}

fn source_row(f: &Frame, source: &SourceView) -> SourceRow {
    SourceRow { href: link::resource(&source.resource), title: f.text(&source.title).to_owned(), department: f.text(&source.department_title).to_owned() }
}

fn field_row(f: &Frame, register: &str, field: &FieldView) -> FieldRow {
    let order: Vec<&str> = field.order.iter().map(|title| f.text(title)).collect();
    FieldRow {
        href: link::lineage(&format!("master.{register}"), &field.name),
        name: field.name.clone(),
        title: f.text(&field.title).to_owned(),
        compare: field.compare.as_ref().map_or_else(|| f.t("register-not-compared"), |way| f.text(way).to_owned()),
        order: order.join(" › "),
        grade: f.grade_badge(field.grade),
    }
}

fn conflict_row(f: &Frame, register: &str, count: &ConflictCount) -> ConflictRow {
    ConflictRow {
        href: link::conflicts(register, &count.resource, &count.field),
        source: f.text(&count.resource_title).to_owned(),
        source_href: link::resource(&count.resource),
        field: f.text(&count.field_title).to_owned(),
        count: f.int(count.count),
        defects: link::with("/defects", &[("resource", &count.resource)]),
    }
}

fn run_row(f: &Frame, run: &Run) -> RunRow {
    let outcome = &run.outcome;
    let mut said: Vec<String> = run.error.iter().map(|error| f.text(error).to_owned()).collect();
    said.extend(outcome.learnt.then(|| f.t("register-run-learnt")));
    said.extend(outcome.whole.then(|| f.t("register-run-whole")));
    RunRow {
        started: f.when(run.started),
        state: if run.error.is_some() { f.badge("wrong", &f.t("run-failed")) } else { f.badge("good", &f.t("run-done")) },
        trigger: if run.trigger == "collection" { f.t("trigger-collection") } else { f.trigger(&run.trigger) },
        figures: [outcome.changed, outcome.removed, outcome.compared, outcome.created, outcome.merged, outcome.split, outcome.ended].map(|n| f.int(n)),
        took: f.span(run.ended.seconds_since(run.started).max(0) as u64),
        said: said.join(&f.t("comma")),
    }
}
