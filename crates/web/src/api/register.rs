//! Registers: how they stand, their entities, the feed of changes, and resolving.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::register::{self as desk_register, EntityState, RegisterState, RegisterView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Grade, Time, Whole, Words};
use crate::frame::Visit;

/// A register of persons, legal entities, places or licences.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Register {
    id: String,
    title: Words,
    summary: Words,
    department: String,
    department_title: Words,
    /// `waiting` (for rows of sources), `never`, `running`, `failed`, `changed`, `fresh`.
    state: &'static str,
    /// The sources waited for.
    waiting_for: Vec<String>,
    /// The stage of the work, or why it failed.
    state_says: Option<Words>,
    records: u64,
    entities: u64,
    /// Entities of two records or more.
    joined: u64,
    merged: u64,
    conflicts: u64,
    /// Pairs in doubt.
    doubts: u64,
    /// The number of the newest change.
    changes: i64,
    last: Option<RegisterRun>,
}

/// One resolving.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegisterRun {
    started: Time,
    ended: Time,
    /// `collection`, `schedule`, `command`, `person`.
    trigger: String,
    outcome: RegisterOutcome,
    error: Option<Words>,
}

/// What resolving or deciding did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegisterOutcome {
    /// Records that are new or changed.
    changed: u64,
    removed: u64,
    unchanged: u64,
    /// Pairs compared.
    compared: u64,
    created: u64,
    merged: u64,
    split: u64,
    ended: u64,
    /// Everything was linked anew.
    whole: bool,
    /// What agreements are worth was learnt.
    learnt: bool,
}

/// A register with its fields, sources and runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegisterDetail {
    register: Register,
    /// From this probability two records are put together.
    threshold: f64,
    fields: Vec<RegisterField>,
    sources: Vec<RegisterSource>,
    conflicts: Vec<RegisterConflictCount>,
    runs: Vec<RegisterRun>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegisterField {
    name: String,
    title: Words,
    /// How it is compared; `null`: it is no evidence.
    compare: Option<Words>,
    /// Titles of the sources in the order in which they are believed.
    order: Vec<Words>,
    grade: Grade,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegisterSource {
    resource: String,
    title: Words,
    department_title: Words,
}

/// Contradicted values of one field of one source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegisterConflictCount {
    source: String,
    source_title: Words,
    field: String,
    field_title: Words,
    count: u64,
}

/// An entity with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entity {
    id: String,
    /// `live`, `merged`, `ended`.
    state: &'static str,
    /// The entity it was merged into.
    into: Option<String>,
    since: Time,
    changed: Time,
    /// Records it has; the first 500 are told.
    records: u64,
    fields: Vec<EntityField>,
    members: Vec<EntityRecord>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntityField {
    name: String,
    title: Words,
    /// What is believed.
    value: Option<String>,
    /// The source it is believed from.
    from: Option<Words>,
    /// What others say instead.
    against: Vec<EntityAgainst>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntityAgainst {
    source_title: Words,
    key: String,
    value: String,
}

/// A record of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntityRecord {
    /// Names the record for ever: 32 hexadecimal digits.
    identity: String,
    source: String,
    source_title: Words,
    key: String,
    /// By field of the register, in its order.
    values: Vec<Option<String>>,
}

/// Entities that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entities {
    entries: Vec<Entity>,
    /// The search was cut short: there may be more.
    cut: bool,
}

/// One change of entities.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntityChange {
    seq: i64,
    time: Time,
    /// `created`: it began; `merged`: its records are the other's from now on; `split`: it was part of the other;
    /// `moved`: it got these records from the other; `ended`: its last record is gone.
    kind: &'static str,
    entity: String,
    other: Option<String>,
    records: Vec<ChangedRecord>,
    /// `collect` or `decision`.
    cause: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedRecord {
    source: String,
    key: String,
}

/// A part of the feed, the oldest change first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntityChanges {
    entries: Vec<EntityChange>,
    /// Ask on with `after` = this.
    next: i64,
}

impl From<desk_register::Outcome> for RegisterOutcome {
    fn from(outcome: desk_register::Outcome) -> RegisterOutcome {
        RegisterOutcome {
            changed: outcome.changed,
            removed: outcome.removed,
            unchanged: outcome.unchanged,
            compared: outcome.compared,
            created: outcome.created,
            merged: outcome.merged,
            split: outcome.split,
            ended: outcome.ended,
            whole: outcome.whole,
            learnt: outcome.learnt,
        }
    }
}

impl From<desk_register::Run> for RegisterRun {
    fn from(run: desk_register::Run) -> RegisterRun {
        RegisterRun {
            started: run.started.into(),
            ended: run.ended.into(),
            trigger: run.trigger,
            outcome: run.outcome.into(),
            error: run.error.map(Words::from),
        }
    }
}

impl From<RegisterView> for Register {
    fn from(view: RegisterView) -> Register {
        let (state, waiting_for, says) = match view.state {
            RegisterState::Waiting(sources) => ("waiting", sources, None),
            RegisterState::Never => ("never", Vec::new(), None),
            RegisterState::Running(stage) => ("running", Vec::new(), Some(stage)),
            RegisterState::Failed(reason) => ("failed", Vec::new(), Some(reason)),
            RegisterState::Changed => ("changed", Vec::new(), None),
            RegisterState::Fresh => ("fresh", Vec::new(), None),
        };
        let totals = view.totals;
        Register {
            id: view.id,
            title: view.title.into(),
            summary: view.summary.into(),
            department: view.department,
            department_title: view.department_title.into(),
            state,
            waiting_for,
            state_says: says.map(Words::from),
            records: totals.records,
            entities: totals.entities,
            joined: totals.joined,
            merged: totals.merged,
            conflicts: totals.conflicts,
            doubts: totals.doubts,
            changes: totals.changes,
            last: view.last.map(RegisterRun::from),
        }
    }
}

impl From<desk_register::RegisterDetail> for RegisterDetail {
    fn from(detail: desk_register::RegisterDetail) -> RegisterDetail {
        let field = |field: desk_register::FieldView| RegisterField {
            name: field.name,
            title: field.title.into(),
            compare: field.compare.map(Words::from),
            order: field.order.into_iter().map(Words::from).collect(),
            grade: field.grade.into(),
        };
        let source = |source: desk_register::SourceView| RegisterSource {
            resource: source.resource,
            title: source.title.into(),
            department_title: source.department_title.into(),
        };
        RegisterDetail {
            register: detail.view.into(),
            threshold: detail.threshold,
            fields: detail.fields.into_iter().map(field).collect(),
            sources: detail.sources.into_iter().map(source).collect(),
            conflicts: detail.conflicts.into_iter().map(RegisterConflictCount::from).collect(),
            runs: detail.runs.into_iter().map(RegisterRun::from).collect(),
        }
    }
}

impl From<desk_register::ConflictCount> for RegisterConflictCount {
    fn from(count: desk_register::ConflictCount) -> RegisterConflictCount {
        RegisterConflictCount {
            source: count.resource,
            source_title: count.resource_title.into(),
            field: count.field,
            field_title: count.field_title.into(),
            count: count.count,
        }
    }
}

impl From<desk_register::MemberView> for EntityRecord {
    fn from(member: desk_register::MemberView) -> EntityRecord {
        EntityRecord {
            identity: member.identity,
            source: member.resource,
            source_title: member.resource_title.into(),
            key: member.key,
            values: member.values,
        }
    }
}

impl From<desk_register::FieldValue> for EntityField {
    fn from(field: desk_register::FieldValue) -> EntityField {
        let against = |(title, key, value): (kernel::Text, String, String)| EntityAgainst { source_title: title.into(), key, value };
        EntityField {
            name: field.name,
            title: field.title.into(),
            value: field.value,
            from: field.from.map(Words::from),
            against: field.against.into_iter().map(against).collect(),
        }
    }
}

impl From<desk_register::EntityView> for Entity {
    fn from(entity: desk_register::EntityView) -> Entity {
        Entity {
            id: entity.id,
            state: match entity.state {
                EntityState::Live => "live",
                EntityState::Merged => "merged",
                EntityState::Ended => "ended",
            },
            into: entity.into,
            since: entity.since.into(),
            changed: entity.changed.into(),
            records: entity.records,
            fields: entity.fields.into_iter().map(EntityField::from).collect(),
            members: entity.members.into_iter().map(EntityRecord::from).collect(),
        }
    }
}

impl From<desk_register::Change> for EntityChange {
    fn from(change: desk_register::Change) -> EntityChange {
        EntityChange {
            seq: change.seq,
            time: change.at.into(),
            kind: change.kind.word(),
            entity: change.entity,
            other: change.other,
            records: change.records.into_iter().map(|(source, key)| ChangedRecord { source, key }).collect(),
            cause: change.cause,
        }
    }
}

/// 基础库 / Registers
///
/// 各基础库的状态与数量。 How each register stands, and how much there is.
#[utoipa::path(get, path = "/api/v1/registers", tag = "registers", security(("session" = [])),
    responses((status = 200, body = Whole<Register>), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn registers(visit: Visit) -> Answered<Whole<Register>> {
    let who = visit.staff().told(&visit)?;
    let found = visit.app.desk.registers(who).await.told(&visit)?;
    Ok(Json(Whole { entries: found.into_iter().map(Register::from).collect() }))
}

/// 一个基础库 / One register
///
/// 字段、来源、采信顺序、冲突与归并记录。 Its fields, sources, order of belief, conflicts and runs.
#[utoipa::path(get, path = "/api/v1/registers/{id}", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200)),
    responses((status = 200, body = RegisterDetail), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn register(visit: Visit, Path(id): Path<String>) -> Answered<RegisterDetail> {
    let who = visit.staff().told(&visit)?;
    Ok(Json(visit.app.desk.register(who, &id).await.told(&visit)?.into()))
}

/// 查找实体 / Find entities
///
/// 按实体编号、记录编号或内容查找；不写 q，列出新近归并的。 By id, key of a record or value; without q, those put together last.
#[utoipa::path(get, path = "/api/v1/registers/{id}/entities", operation_id = "find_entities", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("q" = Option<String>, Query, description = "编号或内容 / id, key or value", max_length = 200)),
    responses((status = 200, body = Entities), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn entities(visit: Visit, Path(id): Path<String>) -> Answered<Entities> {
    let who = visit.staff().told(&visit)?;
    let text = read::text(&visit, "q").told(&visit)?.unwrap_or_default();
    let (found, cut) = visit.app.desk.find_entities(who, &id, &text).await.told(&visit)?;
    Ok(Json(Entities { entries: found.into_iter().map(Entity::from).collect(), cut }))
}

/// 一个实体 / One entity
///
/// 编号终身有效：已并入其他实体的，into 是并入的实体。 An id answers for ever: of a merged one, into tells the entity it is part of.
#[utoipa::path(get, path = "/api/v1/registers/{id}/entities/{entity}", operation_id = "entity", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("entity" = String, Path, description = "实体编号 / id of the entity", max_length = 200)),
    responses((status = 200, body = Entity), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn entity(visit: Visit, Path((id, entity)): Path<(String, String)>) -> Answered<Entity> {
    let who = visit.staff().told(&visit)?;
    Ok(Json(visit.app.desk.entity(who, &id, &entity).await.told(&visit)?.into()))
}

/// 变化订阅 / The feed of changes
///
/// 建立、合并、拆分、移动与终止，按编号从旧到新；下次以 next 作 after 接着取。
/// Beginnings, merges, splits, moves and ends by number, the oldest first; ask on with next as after.
#[utoipa::path(get, path = "/api/v1/registers/{id}/changes", operation_id = "entity_changes", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("after" = Option<u64>, Query, description = "只要此编号之后的 / those after this number", minimum = 0, maximum = 9007199254740991u64),
        ("limit" = Option<u64>, Query, description = "至多几条，默认 100 / at most so many, 100 by default", minimum = 1, maximum = 1000)),
    responses((status = 200, body = EntityChanges), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn changes(visit: Visit, Path(id): Path<String>) -> Answered<EntityChanges> {
    let who = visit.staff().told(&visit)?;
    let after = read::number(&visit, "after", 0, 0..=9_007_199_254_740_991).told(&visit)? as i64;
    let limit = read::number(&visit, "limit", 100, 1..=1000).told(&visit)? as u32;
    let found = visit.app.desk.register_changes(who, &id, after, limit).await.told(&visit)?;
    let next = found.last().map_or(after, |last| last.seq);
    Ok(Json(EntityChanges { entries: found.into_iter().map(EntityChange::from).collect(), next }))
}

/// How to resolve.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Resolve {
    /// What agreements are worth is learnt anew.
    #[serde(default)]
    relearn: bool,
}

/// 立即归并 / Resolve now
///
/// 在后台进行，进展见基础库的状态。 It goes on in the background; the state of the register tells how far it is.
#[utoipa::path(post, path = "/api/v1/registers/{id}/resolve", operation_id = "resolve", tag = "registers", security(("session" = [])), request_body = Resolve,
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200)),
    responses((status = 202), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn resolve(Path(id): Path<String>, visit: Visit, body: Result<Body<Resolve>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(sent) = body.told(&visit)?;
    visit.app.desk.start_resolve(who, &id, sent.relearn).await.told(&visit)?;
    Ok(StatusCode::ACCEPTED)
}
