//! Entities of a register: looking for them, and all that is known of one, record by record.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::DeskError;
use desk::register::{EntityState, EntityView, FieldValue};

use super::changes::{Line, lines};
use super::{Head, Notice, source_title};
use crate::app::App;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use kernel::Text;

/// Longest text that is looked for, in characters.
const TEXT_MAX: usize = 200;

pub(super) async fn search(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(found(&visit, &id).await)
}

async fn found(visit: &Visit, id: &str) -> Answered<EntitiesPage> {
    let head = Head::of(visit, id)?;
    let text = visit.parameter("q");
    if text.chars().count() > TEXT_MAX {
        let said = Text::new("查找内容最多 200 字。", "What is looked for has at most 200 characters.");
        return Err(Refusal::Desk(DeskError::Invalid(said)));
    }
    let (entities, cut) = visit.app.desk.find_entities(visit.staff()?, id, text).await?;
    let mut f = visit.frame(Place::Registers, |say| say.t("entities-title"));
    // The box at the top looks through the catalog; this one has its own.
    f.query = String::new();
    Ok(EntitiesPage::new(f, head, text, &entities, cut))
}

pub(super) async fn show(State(_): State<App>, visit: Visit, Path((id, entity)): Path<(String, String)>) -> Response {
    visit.answer(one(&visit, &id, &entity).await)
}

async fn one(visit: &Visit, id: &str, entity: &str) -> Answered<EntityPage> {
    let head = Head::of(visit, id)?;
    let entity = visit.app.desk.entity(visit.staff()?, id, entity).await?;
    let f = visit.frame(Place::Registers, |say| say.t("entity"));
    let notice = Notice::asked(visit, &f, id).await?;
    Ok(EntityPage::new(f, head, entity, &|resource| source_title(visit, resource), notice))
}

fn entity_badge(f: &Frame, state: EntityState) -> Html {
    match state {
        EntityState::Live => f.badge("good", &f.t("entity-live")),
        EntityState::Merged => f.badge("late", &f.t("entity-merged")),
        EntityState::Ended => f.badge("none", &f.t("entity-ended")),
    }
}

/// One entity as a card.
struct Card {
    href: String,
    id: String,
    state: Html,
    /// (title, value)
    values: Vec<(String, String)>,
    records: String,
}

#[derive(Template)]
#[template(path = "register/entities.html")]
pub(crate) struct EntitiesPage {
    f: Frame,
    head: Head,
    text: String,
    cards: Vec<Card>,
    cut: bool,
}

impl EntitiesPage {
    pub(crate) fn new(f: Frame, head: Head, text: &str, entities: &[EntityView], cut: bool) -> EntitiesPage {
        let known = |(at, field): (usize, &FieldValue)| Some((f.text(&field.title).to_owned(), head.said(&f, at, field.value.as_deref())?));
        let card = |entity: &EntityView| Card {
            href: link::entity(&head.id, &entity.id),
            id: entity.id.clone(),
            state: entity_badge(&f, entity.state),
            values: entity.fields.iter().enumerate().filter_map(known).collect(),
            records: f.t1("entity-records", &("n", entity.records)),
        };
        EntitiesPage { cards: entities.iter().map(card).collect(), text: text.to_owned(), cut, head, f }
    }
}

/// One field: what is believed, from whom, and who says otherwise.
struct FieldRow {
    title: String,
    lineage: String,
    value: Option<String>,
    from: String,
    /// (source, key, value)
    against: Vec<(String, String, String)>,
}

/// One cell of the records side by side.
struct Cell {
    value: Option<String>,
    /// It is not what is believed.
    differs: bool,
}

#[derive(Template)]
#[template(path = "register/entity.html")]
pub(crate) struct EntityPage {
    f: Frame,
    head: Head,
    id: String,
    state: Html,
    into: Option<String>,
    ended: bool,
    since: Html,
    changed: Html,
    records: u64,
    shown: u64,
    fields: Vec<FieldRow>,
    /// (source, address, key)
    members: Vec<(String, String, String)>,
    rows: Vec<(String, Vec<Cell>)>,
    changes: Vec<Line>,
    notice: Option<Notice>,
}

impl EntityPage {
    pub(crate) fn new(f: Frame, head: Head, e: EntityView, title: &dyn Fn(&str) -> String, notice: Option<Notice>) -> EntityPage {
        let said = |at: usize, value: Option<&str>| head.said(&f, at, value);
        let field = |(at, field): (usize, &FieldValue)| FieldRow {
            title: f.text(&field.title).to_owned(),
            lineage: link::lineage(&format!("master.{}", head.id), &field.name),
            value: said(at, field.value.as_deref()),
            from: field.from.as_ref().map(|from| f.text(from).to_owned()).unwrap_or_default(),
            against: field.against.iter().map(|(source, key, value)| (f.text(source).to_owned(), key.clone(), said(at, Some(value)).unwrap_or_default())).collect(),
        };
        let row = |(at, field): (usize, &FieldValue)| {
            let cell = |member: &desk::register::MemberView| {
                let value = member.values.get(at).cloned().flatten();
                Cell { differs: value.is_some() && value != field.value, value: said(at, value.as_deref()) }
            };
            (f.text(&field.title).to_owned(), e.members.iter().map(cell).collect())
        };
        EntityPage {
            id: e.id.clone(),
            state: entity_badge(&f, e.state),
            into: e.into.clone(),
            ended: e.state == EntityState::Ended,
            since: f.when(e.since),
            changed: f.when(e.changed),
            records: e.records,
            shown: e.members.len() as u64,
            fields: e.fields.iter().enumerate().map(field).collect(),
            members: e.members.iter().map(|member| (f.text(&member.resource_title).to_owned(), link::resource(&member.resource), member.key.clone())).collect(),
            rows: e.fields.iter().enumerate().map(row).collect(),
            changes: lines(&f, &head.id, &e.changes, title),
            notice,
            head,
            f,
        }
    }
}
