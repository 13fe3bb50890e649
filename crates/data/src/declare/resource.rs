//! `resources/<system>/<id>.toml`: a catalogued dataset. Its metadata are the core elements of the
//! national catalogue (政务信息资源目录编制指南, 发改高技术〔2017〕1272号) and Zhejiang's L1–L4 grades.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contract::{Contract, OnMissing};
use super::http::{Paging, Post};
use super::rule::Rule;
use super::schedule::Schedule;
use super::service::Operation;
use super::system::Format;

/// A catalogued dataset (信息资源).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// From the file name; also the table name in SQL (`standard.<id>`, `raw.<id>`).
    #[serde(skip)]
    pub id: String,
    /// Name in Chinese (信息资源名称).
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// Resource code (信息资源代码): class path, `/`, sequence, e.g. `3300200001/000012`.
    pub code: String,
    /// What it holds, what one row is, for whom it is good (信息资源摘要).
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
    /// Id of the system it comes from; its department is the provider (提供方).
    pub system: String,
    /// Office inside the department that answers for it.
    #[serde(default)]
    pub office: String,
    /// Class of the resource (信息资源分类): base, topic or department.
    pub class: ResourceClass,
    /// Subject words for search and facets, e.g. `公共服务`.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Share type (共享类型).
    pub share: ShareType,
    /// Conditions when conditional, legal ground when none (共享条件 / 不予共享依据).
    #[serde(default)]
    pub share_condition: String,
    /// Items that queries under a grant must name (必填查询项), where the decision says nothing else. Absent: the key, where an
    /// item is of L3 or above.
    #[serde(default)]
    pub share_keys: Vec<String>,
    /// Open type (开放类型).
    pub open: OpenType,
    /// Conditions when conditional (开放条件).
    #[serde(default)]
    pub open_condition: String,
    /// Grade (分级) of the whole; never below that of any item.
    pub grade: Grade,
    /// How often it is updated (更新周期). Drives when it is due and when it is stale.
    pub period: UpdatePeriod,
    /// Date of publication in the catalogue, `2026-01-31`.
    #[serde(default)]
    pub issued: Option<String>,
    /// Codes or ids of related resources.
    #[serde(default)]
    pub related: Vec<String>,
    /// Where and how its rows are read. Absent only where nothing is collected: its system is a service.
    #[serde(default)]
    pub collect: Collection,
    /// What deliveries may look like, and which differences wait for the steward.
    #[serde(default)]
    pub contract: Contract,
    /// When it is collected, where that differs from its system.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// Its columns (信息项), in order.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
    /// What its rows must satisfy (质量规则).
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// How it is asked in real time (服务接口), where its system is a service. Nothing of it is kept here.
    #[serde(default, rename = "operation")]
    pub operations: Vec<Operation>,
}

/// Where a resource's rows are read and how deliveries follow each other.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// File name or glob (`people-*.csv`), table name, or path of the API, within the system.
    pub from: String,
    /// Whether each delivery is the whole table or only what is new.
    #[serde(default)]
    pub mode: Mode,
    /// Item whose growing value marks how far collection has come (mode `incremental`).
    #[serde(default)]
    pub cursor: Option<String>,
    /// Query parameter in which an API takes the last cursor value (mode `incremental`). Absent: all is read each
    /// time, and what is here already counts as unchanged.
    #[serde(default)]
    pub cursor_parameter: Option<String>,
    /// Item that tells which of two rows with one key is newer, e.g. `updated_at`.
    #[serde(default)]
    pub version: Option<String>,
    /// What to do with a second, different row of one key in one delivery when no `version` decides.
    #[serde(default)]
    pub on_duplicate: OnDuplicate,
    /// What to do with a row whose key a complete delivery no longer has (mode `full`). Such a source is read whole each time.
    #[serde(default)]
    pub on_missing: OnMissing,
    /// Form of the file or answer. Absent: told from its name and first bytes.
    #[serde(default)]
    pub format: Option<Format>,
    /// `utf-8`, `gb18030`, `utf-16le`… Absent: detected.
    #[serde(default)]
    pub encoding: Option<String>,
    /// Delimiter of delimited text. Absent: detected.
    #[serde(default)]
    pub delimiter: Option<String>,
    /// Line (or sheet row) of the header, 1-based; 0 when there is none and items are taken by position. Absent: detected.
    #[serde(default)]
    pub header: Option<u32>,
    /// Sheet of a workbook, table of a database file or dump, member of a zip. Absent: the only or first one.
    #[serde(default)]
    pub table: Option<String>,
    /// Where the records are in JSON: a path such as `data.rows[*]` or `[*].items[*].sub_items[*]`;
    /// fields of the levels above are reached as `^.name`, `^.^.name`.
    #[serde(default)]
    pub records: Option<String>,
    /// An API that is asked by POST with a JSON body.
    #[serde(default)]
    pub post: Option<Post>,
    /// How pages of an API follow each other.
    #[serde(default)]
    pub paging: Option<Paging>,
    /// Texts that mean "no value", besides the empty one, e.g. `["NaN", "—", "-"]`.
    #[serde(default)]
    pub null: Vec<String>,
}

/// How deliveries follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 全量: each delivery is the whole table; rows already here are counted as unchanged.
    #[default]
    Full,
    /// 增量: only rows beyond the cursor are read.
    Incremental,
    /// 变更流: first the whole table, then every change of it as it was made, removals included (PostgreSQL logical
    /// replication). The database must be set to `wal_level = logical`.
    Replication,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnDuplicate {
    /// The second row goes to quarantine.
    #[default]
    Quarantine,
    /// The later row in the delivery replaces the earlier one.
    Latest,
}

/// A column of a resource (信息项).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Column name in the standard layer: lower-case letters, digits, `_`.
    pub name: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// Field name at the source, when it differs from `name`.
    #[serde(default)]
    pub source: Option<String>,
    /// Other names under which the field arrives.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The standard that its values follow: a declared one or a built-in kind.
    pub standard: String,
    /// For division codes: the item (a date) on whose day the code must have been in force; `*` for any day. Absent:
    /// it must be in force today.
    #[serde(default)]
    pub as_of: Option<String>,
    /// Part of the key: together these items name one row.
    #[serde(default)]
    pub key: bool,
    /// A row without it is refused.
    #[serde(default)]
    pub required: bool,
    /// Class (数据分类).
    #[serde(default)]
    pub class: ItemClass,
    /// Grade (数据分级); absent: that of the resource.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// Mask (脱敏) for those who may not see it whole: `keep(6, 4, 8)`, `date(year)`, `hide`. Absent: by grade and what it
    /// tells.
    #[serde(default)]
    pub mask: Option<String>,
    /// Unit of measurement, shown in headers, e.g. `μg/m³`.
    #[serde(default)]
    pub unit: String,
    /// What it is and is not, in a sentence or two.
    #[serde(default)]
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
}

/// 信息资源分类: 基础 / 主题 / 部门.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResourceClass {
    /// 基础信息资源
    Base,
    /// 主题信息资源
    Topic,
    /// 部门信息资源
    Department,
}

/// 共享类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShareType {
    /// 无条件共享
    Unconditional,
    /// 有条件共享
    Conditional,
    /// 不予共享
    None,
}

/// 开放类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenType {
    /// 无条件开放
    Unconditional,
    /// 有条件开放
    Conditional,
    /// 不予开放
    None,
}

/// 数据分级 (DB33/T 2351-2021): L1 不敏感 … L4 敏感.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Grade {
    L1,
    L2,
    L3,
    L4,
}

impl Grade {
    /// From the least sensitive to the most.
    pub const ALL: [Grade; 4] = [Grade::L1, Grade::L2, Grade::L3, Grade::L4];
}

/// 数据分类 of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemClass {
    /// 公共
    #[default]
    Public,
    /// 业务
    Business,
    /// 个人
    Personal,
    /// 敏感个人
    Sensitive,
}

/// 更新周期.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpdatePeriod {
    /// 实时
    Continuous,
    /// 每日
    Daily,
    /// 每周
    Weekly,
    /// 每月
    Monthly,
    /// 每季度
    Quarterly,
    /// 每半年
    HalfYearly,
    /// 每年
    Yearly,
    /// 不定期
    Irregular,
}

impl Resource {
    /// Whether items are declared that together name a row.
    pub fn is_keyed(&self) -> bool {
        self.items.iter().any(|item| item.key)
    }

    /// The item that tells the newer of two rows of a key: the declared version, else a growing cursor, which tells it as
    /// well. In a stream of changes it is their order that tells.
    pub fn version_item(&self) -> Option<&String> {
        let collect = &self.collect;
        match collect.mode {
            Mode::Full => collect.version.as_ref(),
            Mode::Incremental => collect.version.as_ref().or(collect.cursor.as_ref()),
            Mode::Replication => None,
        }
    }
}
