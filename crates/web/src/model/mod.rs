//! `/models`, `/models/{id}`: the tables made from SELECTs: how they hang together, how each stands, what it is made of.

mod graph;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use desk::model::{ModelColumnView, ModelDetail, ModelRunView, ModelState, ModelView, WHOLE};
use desk::port::Source;
use desk::quality::ResourceQuality;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::{Html, escape};
use crate::link;
use crate::paging::Paging;
use crate::quality::Section;

/// Runs on one page.
const SIZE: u64 = 20;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/models", get(list))
        .route("/models/run", post(run))
        .route("/models/{id}", get(show))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(models(&visit).await)
}

async fn models(visit: &Visit) -> Answered<ModelsPage> {
    let models = visit.app.desk.models().await?;
    let title = |table: &str| table_title(visit, table);
    Ok(ModelsPage::new(
        visit.frame(Place::Models, |say| say.t("models-title")),
        models,
        &title,
        !visit.parameter("started").is_empty(),
    ))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(detail(&visit, &id).await)
}

async fn detail(visit: &Visit, id: &str) -> Answered<ModelPage> {
    let city = visit.app.desk.city();
    // Lineage names tables; that of a register has a page of its own.
    if let Some(register) = id.strip_prefix("master.").filter(|register| city.registers.contains_key(*register)) {
        return Err(Refusal::To(link::register(register)));
    }
    let model = visit.app.desk.model(id, visit.page()).await?;
    let f = visit.frame(Place::Models, |say| say.text(&model.view.title).to_owned());
    let title = |table: &str| table_title(visit, table);
    let quality = visit.app.desk.resource_quality(&model.view.id, visit.now).await?;
    Ok(ModelPage::new(
        f,
        model,
        quality,
        visit.page(),
        &title,
        !visit.parameter("started").is_empty(),
    ))
}

/// What the buttons send.
#[derive(Deserialize)]
struct Run {
    #[serde(default)]
    csrf: String,
    /// Empty: all that changed.
    #[serde(default)]
    model: String,
    /// Present: an incremental model is made anew as a whole.
    #[serde(default)]
    backfill: String,
}

async fn run(Sent(visit, form): Sent<Run>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        let name = Some(form.model.as_str()).filter(|name| !name.is_empty());
        visit.app.desk.start_models(who, name, !form.backfill.is_empty()).await?;
        let back = name.map_or_else(|| "/models".to_owned(), link::model);
        Err(Refusal::To(link::with(&back, &[("started", "1")])))
    };
    visit.answer::<ModelsPage>(done.await)
}

/// What a table is called, by `layer.name`.
fn table_title(visit: &Visit, table: &str) -> String {
    let (city, say) = (visit.app.desk.city(), visit.say());
    let of = |zh: &str, en: &str| -> String { say.pair(zh, en).to_owned() };
    let bare = table.split_once('.').map_or(table, |(_, name)| name);
    let model = city.models.get(table).map(|model| of(&model.title, &model.title_en));
    model
        .or_else(|| city.resources.get(bare).map(|resource| of(&resource.title, &resource.title_en)))
        .unwrap_or_else(|| table.to_owned())
}

/// Where the page of a table is.
pub(crate) fn table_link(table: &str) -> String {
    match table.split_once('.') {
        Some(("raw" | "standard", name)) => link::resource(name),
        _ => link::model(table),
    }
}

/// A column's lineage as a link, named by table and column.
pub(crate) fn source_link(source: &Source) -> Html {
    let (table, name) = (source.table.to_string(), source.to_string());
    if source.column == WHOLE {
        return Html(format!(
            "<a href=\"{}\"><code>{}</code></a>",
            escape(&table_link(&table)),
            escape(&table)
        ));
    }
    let shown = name.strip_prefix("standard.").unwrap_or(&name);
    Html(format!(
        "<a href=\"{}\"><code>{}</code></a>",
        escape(&link::lineage(&table, &source.column)),
        escape(shown)
    ))
}

/// How a model stands, as a badge.
pub(crate) fn state_badge(f: &Frame, state: &ModelState) -> Html {
    match state {
        ModelState::Broken => f.badge("wrong", &f.t("model-broken")),
        ModelState::Waiting(_) => f.badge("none", &f.t("model-waiting")),
        ModelState::Blocked(_) => f.badge("late", &f.t("model-blocked")),
        ModelState::Running => f.badge("calm", &f.t("run-running")),
        ModelState::Failed => f.badge("wrong", &f.t("run-failed")),
        ModelState::Never => f.badge("none", &f.t("model-never")),
        ModelState::Changed => f.badge("late", &f.t("model-changed")),
        ModelState::Fresh => f.badge("good", &f.t("model-fresh")),
    }
}

/// The same in a sentence, where there is more to say.
fn state_more(f: &Frame, state: &ModelState, title: &dyn Fn(&str) -> String) -> String {
    match state {
        ModelState::Blocked(by) => f.t1("model-blocked-by", &("model", title(by))),
        ModelState::Waiting(tables) => {
            let names: Vec<String> = tables.iter().map(|table| title(table)).collect();
            f.t1("model-waiting-for", &("tables", names.join(&f.t("comma"))))
        }
        _ => String::new(),
    }
}

/// One model as a row.
struct Row {
    m: ModelView,
    state: Html,
    more: String,
    rows: String,
    /// Tables it reads: address and title.
    reads: Vec<(String, String)>,
    took: String,
}

#[derive(Template)]
#[template(path = "model/list.html")]
pub(crate) struct ModelsPage {
    f: Frame,
    rows: Vec<Row>,
    graph: Html,
    fresh: u64,
    wrong: u64,
    started: bool,
}

impl ModelsPage {
    pub(crate) fn new(f: Frame, models: Vec<ModelView>, title: &dyn Fn(&str) -> String, started: bool) -> ModelsPage {
        let count = |wanted: fn(&ModelState) -> bool| models.iter().filter(|model| wanted(&model.state)).count() as u64;
        ModelsPage {
            fresh: count(|state| *state == ModelState::Fresh),
            wrong: count(|state| matches!(state, ModelState::Failed | ModelState::Broken | ModelState::Blocked(_))),
            graph: graph::draw(&f, &models, title),
            rows: models.into_iter().map(|model| row(&f, model, title)).collect(),
            started,
            f,
        }
    }
}

fn row(f: &Frame, m: ModelView, title: &dyn Fn(&str) -> String) -> Row {
    Row {
        state: state_badge(f, &m.state),
        more: state_more(f, &m.state, title),
        rows: m.last_good.as_ref().map(|run| f.int(run.rows)).unwrap_or_else(|| "—".to_owned()),
        reads: m.reads.iter().map(|table| (table_link(table), title(table))).collect(),
        took: m.newest.as_ref().map(|run| took(f, run)).unwrap_or_default(),
        m,
    }
}

fn took(f: &Frame, run: &ModelRunView) -> String {
    run.ended
        .map(|ended| f.span(ended.seconds_since(run.started).max(0) as u64))
        .unwrap_or_default()
}

/// One column as a row.
struct Column {
    c: ModelColumnView,
    title: String,
    href: String,
    /// (mark of the way in words, link to the source).
    value: Vec<(String, Html)>,
    rows: Vec<Html>,
}

/// One run as a row.
struct RunRow {
    run: ModelRunView,
    state: Html,
    took: String,
    trigger: String,
}

#[derive(Template)]
#[template(path = "model/detail.html")]
pub(crate) struct ModelPage {
    f: Frame,
    d: ModelDetail,
    state: Html,
    more: String,
    mode: String,
    rows: Html,
    columns: Vec<Column>,
    deciding: Vec<Html>,
    reads: Vec<(String, String)>,
    feeds: Vec<(String, String)>,
    mistakes: Vec<String>,
    runs: Vec<RunRow>,
    paging: Paging,
    console: String,
    started: bool,
    q: Section,
}

impl ModelPage {
    pub(crate) fn new(f: Frame, d: ModelDetail, quality: ResourceQuality, page: u64, title: &dyn Fn(&str) -> String, started: bool) -> ModelPage {
        let links = |tables: &[String]| -> Vec<(String, String)> { tables.iter().map(|table| (table_link(table), title(table))).collect() };
        let run = |run: &ModelRunView| RunRow {
            state: run_badge(&f, run),
            took: took(&f, run),
            trigger: trigger(&f, run),
            run: run.clone(),
        };
        ModelPage {
            state: state_badge(&f, &d.view.state),
            more: state_more(&f, &d.view.state, title),
            mode: f.mode_word(match d.view.mode {
                data::declare::ModelMode::Full => data::declare::Mode::Full,
                data::declare::ModelMode::Incremental => data::declare::Mode::Incremental,
            }),
            rows: d
                .view
                .last_good
                .as_ref()
                .map(|run| f.big(run.rows))
                .unwrap_or_else(|| Html("—".to_owned())),
            columns: d.columns.iter().map(|c| column(&f, &d.view.id, c)).collect(),
            deciding: d.rows.iter().map(source_link).collect(),
            reads: links(&d.view.reads),
            feeds: links(&d.feeds),
            mistakes: d.mistakes.iter().map(|mistake| mistake.render(f.lang)).collect(),
            runs: d.runs.iter().map(run).collect(),
            paging: Paging::new(&f, page, SIZE, d.runs_total),
            q: Section::new(&f, quality, Vec::new()),
            console: link::sql(&format!("SELECT * FROM {} LIMIT 100", d.view.id)),
            started,
            f,
            d,
        }
    }

    fn incremental(&self) -> bool {
        self.d.view.mode == data::declare::ModelMode::Incremental
    }
}

fn column(f: &Frame, model: &str, c: &ModelColumnView) -> Column {
    Column {
        title: f.text(&c.title).to_owned(),
        href: link::lineage(model, &c.name),
        value: c
            .value
            .iter()
            .map(|(source, how)| (crate::lineage::way(f, *how), source_link(source)))
            .collect(),
        rows: c.rows.iter().map(source_link).collect(),
        c: c.clone(),
    }
}

fn run_badge(f: &Frame, run: &ModelRunView) -> Html {
    match run.state.as_str() {
        "done" => f.badge("good", &f.t("run-done")),
        "failed" => f.badge("wrong", &f.t("run-failed")),
        "running" => f.badge("calm", &f.t("run-running")),
        _ => f.badge("none", &f.t("run-interrupted")),
    }
}

fn trigger(f: &Frame, run: &ModelRunView) -> String {
    match run.trigger.as_str() {
        "collection" => f.t("trigger-collection"),
        other => f.trigger(other),
    }
}
