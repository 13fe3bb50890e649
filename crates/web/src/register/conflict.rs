//! Values of one source and field that another source contradicts.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::register::{ConflictCount, ConflictView};

use super::Head;
use crate::app::App;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::link;
use crate::paging::Paging;

/// Conflicts on one page.
const SIZE: u32 = 50;

pub(super) async fn list(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(conflicts(&visit, &id).await)
}

async fn conflicts(visit: &Visit, id: &str) -> Answered<ConflictsPage> {
    let head = Head::of(visit, id)?;
    let page = visit.page();
    let offset = u32::try_from((page - 1) * u64::from(SIZE)).unwrap_or(u32::MAX);
    let (source, field) = (visit.parameter("source"), visit.parameter("field"));
    let (count, found) = visit.app.desk.conflicts(visit.staff()?, id, source, field, SIZE, offset).await?;
    let f = visit.frame(Place::Registers, |say| say.t("register-conflicts"));
    Ok(ConflictsPage::new(f, head, &count, &found, page))
}

/// One conflict as a row.
struct Row {
    href: String,
    c: ConflictView,
    believed_title: String,
}

#[derive(Template)]
#[template(path = "register/conflicts.html")]
pub(crate) struct ConflictsPage {
    f: Frame,
    head: Head,
    source: String,
    source_href: String,
    field: String,
    total: String,
    defects: String,
    rows: Vec<Row>,
    paging: Paging,
}

impl ConflictsPage {
    pub(crate) fn new(f: Frame, head: Head, count: &ConflictCount, found: &[ConflictView], page: u64) -> ConflictsPage {
        let place = head.place(&count.field);
        let said = |value: &str| head.said(&f, place, Some(value)).unwrap_or_default();
        let row = |conflict: &ConflictView| Row {
            href: link::entity(&head.id, &conflict.entity),
            believed_title: f.text(&conflict.believed_title).to_owned(),
            c: ConflictView { value: said(&conflict.value), believed: said(&conflict.believed), ..conflict.clone() },
        };
        ConflictsPage {
            source: f.text(&count.resource_title).to_owned(),
            source_href: link::resource(&count.resource),
            field: f.text(&count.field_title).to_owned(),
            total: f.int(count.count),
            defects: link::with("/defects", &[("resource", &count.resource)]),
            rows: found.iter().map(row).collect(),
            paging: Paging::new(&f, page, u64::from(SIZE), count.count),
            head,
            f,
        }
    }
}
