//! Pairs in doubt, what people decide about them, and what sources of a register contradict.

use axum::Json;
use axum::extract::Path;
use desk::register as desk_register;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::read;
use super::register::{EntityRecord, RegisterConflictCount, RegisterOutcome};
use super::shape::{Page, Time, Whole, Words};
use crate::frame::Visit;
use crate::register::waterfall::whole;

/// A pair that the evidence leaves in doubt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PairInDoubt {
    left: EntityRecord,
    right: EntityRecord,
    /// They are of one entity for now.
    joined: bool,
    probability: f64,
}

/// Two records side by side, with the evidence.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplainedPair {
    left: EntityRecord,
    right: EntityRecord,
    /// Titles of the fields, in the order of `values`.
    fields: Vec<Words>,
    /// From here the evidence is added up, in bits.
    prior_bits: f64,
    /// What the sum must reach.
    threshold_bits: f64,
    evidence: Vec<PairEvidence>,
    probability: f64,
    /// What a person decided, if anybody did.
    decided: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PairEvidence {
    title: Words,
    left: Option<String>,
    right: Option<String>,
    level: Words,
    /// Above zero it speaks for one entity; at most 60.
    bits: f64,
    /// What the rarity of the value adds, within `bits`.
    frequency_bits: f64,
}

/// A decision about a pair.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Decide {
    /// `identity` of a record.
    #[schema(max_length = 32)]
    left: String,
    #[schema(max_length = 32)]
    right: String,
    same: bool,
    #[serde(default)]
    #[schema(max_length = 1000)]
    reason: String,
}

/// What an act did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionDone {
    /// By which it is taken back.
    act: i64,
    outcome: RegisterOutcome,
}

/// What somebody decided.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntityDecision {
    act: i64,
    time: Time,
    who: String,
    reason: String,
    same: bool,
    /// How many pairs it decides.
    pairs: u64,
    /// One of them.
    left: DecidedRecord,
    right: DecidedRecord,
    undone: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct DecidedRecord {
    source: String,
    key: String,
}

/// A value that another source contradicts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntityConflict {
    entity: String,
    key: String,
    value: String,
    believed_title: Words,
    believed_key: String,
    believed: String,
}

/// One page of contradicted values.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Conflicts {
    of: RegisterConflictCount,
    entries: Vec<EntityConflict>,
    #[schema(minimum = 1)]
    page: u64,
    #[schema(minimum = 1, maximum = 200)]
    size: u64,
}

impl From<desk_register::DoubtView> for PairInDoubt {
    fn from(doubt: desk_register::DoubtView) -> PairInDoubt {
        PairInDoubt { left: doubt.left.into(), right: doubt.right.into(), joined: doubt.joined, probability: doubt.probability }
    }
}

impl From<desk_register::PairView> for ExplainedPair {
    fn from(pair: desk_register::PairView) -> ExplainedPair {
        let evidence = |piece: desk_register::Evidence| PairEvidence {
            title: piece.title.into(),
            left: piece.left,
            right: piece.right,
            level: piece.level.into(),
            bits: whole(piece.bits),
            frequency_bits: whole(piece.frequency_bits),
        };
        ExplainedPair {
            left: pair.left.into(),
            right: pair.right.into(),
            fields: pair.fields.into_iter().map(Words::from).collect(),
            prior_bits: whole(pair.prior_bits),
            threshold_bits: whole(pair.threshold_bits),
            evidence: pair.evidence.into_iter().map(evidence).collect(),
            probability: pair.probability,
            decided: pair.decided,
        }
    }
}

impl From<desk_register::Decision> for EntityDecision {
    fn from(decision: desk_register::Decision) -> EntityDecision {
        let [left, right] = decision.example.map(|(source, key)| DecidedRecord { source, key });
        EntityDecision {
            act: decision.act,
            time: decision.at.into(),
            who: decision.account,
            reason: decision.reason,
            same: decision.same,
            pairs: decision.pairs,
            left,
            right,
            undone: decision.undone,
        }
    }
}

impl From<desk_register::Acted> for DecisionDone {
    fn from(acted: desk_register::Acted) -> DecisionDone {
        DecisionDone { act: acted.act, outcome: acted.outcome.into() }
    }
}

impl From<desk_register::ConflictView> for EntityConflict {
    fn from(conflict: desk_register::ConflictView) -> EntityConflict {
        EntityConflict {
            entity: conflict.entity,
            key: conflict.key,
            value: conflict.value,
            believed_title: conflict.believed_title.into(),
            believed_key: conflict.believed_key,
            believed: conflict.believed,
        }
    }
}

/// 待判定的记录对 / Pairs in doubt
///
/// 证据不足以断定、还没有人判定的，最难断定的在前。 Those that the evidence does not settle and nobody has, the most doubtful first.
#[utoipa::path(get, path = "/api/v1/registers/{id}/doubts", operation_id = "doubts", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200)),
    responses((status = 200, body = Page<PairInDoubt>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn doubts(visit: Visit, Path(id): Path<String>) -> Answered<Page<PairInDoubt>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.doubts(who, &id, page, size).await.told(&visit)?)))
}

/// 一对记录 / A pair
///
/// 两条记录并列，附逐项证据。 Two records side by side, with the evidence piece by piece.
#[utoipa::path(get, path = "/api/v1/registers/{id}/pair", operation_id = "pair", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("left" = String, Query, description = "记录的 identity / identity of a record", max_length = 200),
        ("right" = String, Query, description = "记录的 identity / identity of a record", max_length = 200)),
    responses((status = 200, body = ExplainedPair), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn pair(visit: Visit, Path(id): Path<String>) -> Answered<ExplainedPair> {
    let who = visit.staff().told(&visit)?;
    Ok(Json(visit.app.desk.pair(who, &id, visit.parameter("left"), visit.parameter("right")).await.told(&visit)?.into()))
}

/// 人工判定 / Decisions
///
/// 最新的在前。 The newest first.
#[utoipa::path(get, path = "/api/v1/registers/{id}/decisions", operation_id = "decisions", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200)),
    responses((status = 200, body = Whole<EntityDecision>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn decisions(visit: Visit, Path(id): Path<String>) -> Answered<Whole<EntityDecision>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    let found = visit.app.desk.decisions(who, &id, size as u32, offset(page, size)).await.told(&visit)?;
    Ok(Json(Whole { entries: found.into_iter().map(EntityDecision::from).collect() }))
}

fn offset(page: u64, size: u64) -> u32 {
    u32::try_from((page - 1) * size).unwrap_or(u32::MAX)
}

/// 判定一对记录 / Decide a pair
///
/// 立即生效，重于任何证据，可以撤销。 It takes effect at once, outweighs any evidence, and can be taken back.
#[utoipa::path(post, path = "/api/v1/registers/{id}/decisions", operation_id = "decide_pair", tag = "registers", security(("session" = [])), request_body = Decide,
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200)),
    responses((status = 200, body = DecisionDone),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn decide(Path(id): Path<String>, visit: Visit, body: Result<Body<Decide>, Problem>) -> Answered<DecisionDone> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(sent) = body.told(&visit)?;
    Ok(Json(visit.app.desk.decide(who, &id, &sent.left, &sent.right, sent.same, &sent.reason).await.told(&visit)?.into()))
}

/// 撤销判定 / Take a decision back
///
/// 重新以证据为准。 The evidence counts again.
#[utoipa::path(post, path = "/api/v1/registers/{id}/decisions/{act}/undo", operation_id = "undo_decision", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("act" = i64, Path, description = "判定编号 / number of the decision")),
    responses((status = 200, body = DecisionDone),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn undo_decision(Path((id, act)): Path<(String, String)>, visit: Visit) -> Answered<DecisionDone> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let act = number(&act).told(&visit)?;
    Ok(Json(visit.app.desk.undo_decision(who, &id, act).await.told(&visit)?.into()))
}

/// 撤销合并或拆分 / Take a merge or a split back
///
/// 撤销即一次人工判定，其编号在 act，同样可以撤销。 This is a decision itself, under the number in act, and can be taken back like any other.
#[utoipa::path(post, path = "/api/v1/registers/{id}/changes/{seq}/undo", operation_id = "undo_change", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("seq" = i64, Path, description = "变化编号 / number of the change")),
    responses((status = 200, body = DecisionDone),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn undo_change(Path((id, seq)): Path<(String, String)>, visit: Visit) -> Answered<DecisionDone> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let seq = number(&seq).told(&visit)?;
    Ok(Json(visit.app.desk.undo_change(who, &id, seq).await.told(&visit)?.into()))
}

fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// 冲突的值 / Contradicted values
///
/// 一个来源一个字段中未被采信的值。 The values of one field of one source that are not believed.
#[utoipa::path(get, path = "/api/v1/registers/{id}/conflicts", operation_id = "conflicts", tag = "registers", security(("session" = [])),
    params(("id" = String, Path, description = "基础库编号 / id of the register", max_length = 200),
        ("source" = String, Query, description = "来源资源 / the source", max_length = 200),
        ("field" = String, Query, description = "字段 / the field", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200)),
    responses((status = 200, body = Conflicts), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn conflicts(visit: Visit, Path(id): Path<String>) -> Answered<Conflicts> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    let (source, field) = (visit.parameter("source"), visit.parameter("field"));
    let (of, found) = visit.app.desk.conflicts(who, &id, source, field, size as u32, offset(page, size)).await.told(&visit)?;
    Ok(Json(Conflicts { of: of.into(), entries: found.into_iter().map(EntityConflict::from).collect(), page, size }))
}
