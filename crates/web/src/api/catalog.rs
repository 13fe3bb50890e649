//! The catalogue: resources found by words and facets, and one resource with its items.

use axum::Json;
use axum::extract::Path;
use desk::view::{CatalogFilter, CatalogHit, CatalogView, Cause, FacetValue, Preview, Profile, ResourceDetail, ResourceSummary};
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::quarantine::QuarantineCause;
use super::read;
use super::run::Run;
use super::sql::Masked;
use super::shape::{Freshness, Grade, ItemClass, OpenType, Page, ResourceClass, Rows, ShareType, Time, UpdatePeriod, Words, words};
use crate::frame::Visit;

/// A catalogued dataset.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Resource {
    id: String,
    title: Words,
    summary: Words,
    /// Resource code (信息资源代码).
    code: String,
    department: String,
    department_title: Words,
    system: String,
    system_title: Words,
    class: ResourceClass,
    grade: Grade,
    share: ShareType,
    open: OpenType,
    period: UpdatePeriod,
    /// How many items (columns) it has.
    items: u64,
    rows: Rows,
    freshness: Freshness,
    last_collected: Option<Time>,
}

impl From<ResourceSummary> for Resource {
    fn from(view: ResourceSummary) -> Resource {
        Resource {
            id: view.id,
            title: view.title.into(),
            summary: view.summary.into(),
            code: view.code,
            department: view.department,
            department_title: view.department_title.into(),
            system: view.system,
            system_title: view.system_title.into(),
            class: view.class.into(),
            grade: view.grade.into(),
            share: view.share.into(),
            open: view.open.into(),
            period: view.period.into(),
            items: view.items,
            rows: view.rows.into(),
            freshness: view.freshness.into(),
            last_collected: view.last_collected.map(Time::from),
        }
    }
}

/// A resource that was found, with the items that were meant.
#[derive(Debug, Serialize, ToSchema)]
struct Hit {
    resource: Resource,
    items: Vec<Named>,
}

/// A name and what it is called.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Named {
    name: String,
    title: Words,
}

impl Named {
    pub(super) fn of(name: String, title: kernel::Text) -> Named {
        Named { name, title: title.into() }
    }
}

impl From<CatalogHit> for Hit {
    fn from(view: CatalogHit) -> Hit {
        let items = view.items.into_iter().map(|(name, title)| Named { name, title: title.into() }).collect();
        Hit { resource: view.resource.into(), items }
    }
}

/// A value that narrows the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Facet {
    value: String,
    /// How many would be left.
    count: u64,
    chosen: bool,
}

pub(super) fn facets(values: Vec<FacetValue>) -> Vec<Facet> {
    values.into_iter().map(|v| Facet { value: v.value, count: v.count, chosen: v.chosen }).collect()
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Catalog {
    hits: Page<Hit>,
    departments: Vec<Facet>,
    classes: Vec<Facet>,
    grades: Vec<Facet>,
    shares: Vec<Facet>,
    opens: Vec<Facet>,
    /// A better spelling, when nothing was found.
    suggestion: Option<String>,
    elapsed_us: u64,
}

impl From<CatalogView> for Catalog {
    fn from(view: CatalogView) -> Catalog {
        Catalog {
            hits: Page::of(view.hits),
            departments: facets(view.departments),
            classes: facets(view.classes),
            grades: facets(view.grades),
            shares: facets(view.shares),
            opens: facets(view.opens),
            suggestion: view.suggestion,
            elapsed_us: view.elapsed_us,
        }
    }
}

/// 检索信息资源 / Search the catalogue
///
/// 中文、拼音、首字母或英文；不填则列出全部。可重复的筛选项之间为“或”。 Chinese, pinyin, initials or English; empty lists all. A repeated filter means "or".
#[utoipa::path(get, path = "/api/v1/resources", tag = "catalog",
    params(
        ("q" = Option<String>, Query, description = "检索词 / words", max_length = 200, example = "空气质量"),
        ("department" = Option<Vec<String>>, Query, description = "部门编号 / id of a department", max_items = 50),
        ("class" = Option<Vec<ResourceClass>>, Query, description = "分类 / class", max_items = 50),
        ("grade" = Option<Vec<Grade>>, Query, description = "分级 / grade", max_items = 50),
        ("share" = Option<Vec<ShareType>>, Query, description = "共享类型 / share type", max_items = 50),
        ("open" = Option<Vec<OpenType>>, Query, description = "开放类型 / open type", max_items = 50),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Catalog), (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn resources(visit: Visit) -> Answered<Catalog> {
    let (filter, (page, size)) = filter(&visit).told(&visit)?;
    let found = visit.app.desk.catalog(&filter, page, size, visit.now).await.told(&visit)?;
    Ok(Json(found.into()))
}

fn filter(visit: &Visit) -> Result<(CatalogFilter, (u64, u64)), Problem> {
    let filter = CatalogFilter {
        query: read::text(visit, "q")?.unwrap_or_default(),
        department: visit.all("department").into_iter().take(50).map(str::to_owned).collect(),
        class: read::words(visit, "class")?,
        grade: read::words(visit, "grade")?,
        share: read::words(visit, "share")?,
        open: read::words(visit, "open")?,
    };
    Ok((filter, read::paging(visit)?))
}

/// One column of a resource (信息项).
#[derive(Debug, Serialize, ToSchema)]
struct Item {
    name: String,
    title: Words,
    summary: Words,
    /// Its standard (数据元): a declared one or a built-in kind.
    standard: String,
    class: ItemClass,
    grade: Grade,
    /// Whether it is part of the key.
    key: bool,
    unit: String,
    profile: Option<ItemProfile>,
}

/// Shape of an item's values; only where the reader may see values.
#[derive(Debug, Serialize, ToSchema)]
struct ItemProfile {
    nulls: u64,
    /// Approximate above 10,000.
    distinct: u64,
    minimum: Option<String>,
    maximum: Option<String>,
    mean: Option<f64>,
}

/// First rows, as far as the reader may see them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Sample {
    Rows { columns: Vec<String>, rows: Vec<Vec<Option<String>>> },
    /// Nothing collected yet.
    Empty,
    /// Only for staff.
    Closed,
}

impl From<Preview> for Sample {
    fn from(view: Preview) -> Sample {
        match view {
            Preview::Rows { columns, rows } => Sample::Rows { columns, rows },
            Preview::Empty => Sample::Empty,
            Preview::Closed => Sample::Closed,
        }
    }
}

/// A resource with its items, first rows, last runs and causes of refusals.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResourceWhole {
    resource: Resource,
    office: String,
    keywords: Vec<String>,
    share_condition: String,
    open_condition: String,
    issued: Option<String>,
    items: Vec<Item>,
    /// When the values were profiled.
    profiled: Option<Time>,
    preview: Sample,
    /// Columns that the reader sees masked.
    masked: Vec<Masked>,
    runs: Vec<Run>,
    related: Vec<Named>,
    causes: Vec<QuarantineCause>,
}

impl ResourceWhole {
    fn of(view: ResourceDetail) -> ResourceWhole {
        let declared = &view.resource;
        let items = declared.items.iter().map(|item| item_of(item, view.profile.as_ref(), declared.grade)).collect();
        ResourceWhole {
            office: declared.office.clone(),
            keywords: declared.keywords.clone(),
            share_condition: declared.share_condition.clone(),
            open_condition: declared.open_condition.clone(),
            issued: declared.issued.clone(),
            items,
            profiled: view.profile.as_ref().map(|profile| profile.as_of.into()),
            resource: view.summary.into(),
            preview: view.preview.into(),
            masked: view.seen.masked.into_iter().map(Masked::from).collect(),
            runs: view.runs.into_iter().map(Run::from).collect(),
            related: view.related.into_iter().map(|(name, title)| Named { name, title: title.into() }).collect(),
            causes: view.causes.into_iter().map(|cause: Cause| cause.into()).collect(),
        }
    }
}

/// `whole`: the grade of the resource, which is that of an item without its own.
fn item_of(item: &data::declare::Item, profile: Option<&Profile>, whole: data::declare::Grade) -> Item {
    let shape = profile.and_then(|profile| profile.columns.iter().find(|column| column.name == item.name));
    Item {
        name: item.name.clone(),
        title: words(&item.title, &item.title_en),
        summary: words(&item.summary, &item.summary_en),
        standard: item.standard.clone(),
        class: item.class.into(),
        grade: item.grade.unwrap_or(whole).into(),
        key: item.key,
        unit: item.unit.clone(),
        profile: shape.map(|column| ItemProfile {
            nulls: column.nulls,
            distinct: column.distinct,
            minimum: column.minimum.clone(),
            maximum: column.maximum.clone(),
            mean: column.mean,
        }),
    }
}

/// 一项信息资源 / One resource
///
/// 元数据、信息项、可见的样例与最近任务。 Metadata, items, what may be seen of its rows, and last runs.
#[utoipa::path(get, path = "/api/v1/resources/{id}", tag = "catalog",
    params(("id" = String, Path, description = "资源编号 / id of the resource", max_length = 200)),
    responses((status = 200, body = ResourceWhole), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn resource(Path(id): Path<String>, visit: Visit) -> Answered<ResourceWhole> {
    let found = visit.app.desk.resource(visit.account.as_ref(), &id, visit.now).await.told(&visit)?;
    Ok(Json(ResourceWhole::of(found)))
}
