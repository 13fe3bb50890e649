//! Shapes that several answers share: texts in two languages, times, rows by layer, pages of a list, declared words.

use data::declare;
use desk::view;
use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text in Chinese and English; where there is no English, the Chinese stands in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Words {
    pub zh: String,
    pub en: String,
}

impl From<Text> for Words {
    fn from(text: Text) -> Words {
        let en = if text.en.is_empty() { text.zh.clone() } else { text.en };
        Words { zh: text.zh, en }
    }
}

/// Two declared texts as one.
pub(super) fn words(zh: &str, en: &str) -> Words {
    Text::new(zh, en).into()
}

/// A moment as RFC 3339 in UTC.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
pub(crate) struct Time(String);

impl From<Moment> for Time {
    fn from(moment: Moment) -> Time {
        Time(moment.rfc3339())
    }
}

/// Rows by layer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct Rows {
    /// Every record kept as found.
    raw: u64,
    /// Current, typed rows.
    standard: u64,
    /// Refused and not yet repaired.
    quarantined: u64,
}

impl From<view::Rows> for Rows {
    fn from(rows: view::Rows) -> Rows {
        Rows { raw: rows.raw, standard: rows.standard, quarantined: rows.quarantined }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    entries: Vec<T>,
    /// Of the whole list.
    total: u64,
    #[schema(minimum = 1)]
    page: u64,
    #[schema(minimum = 1, maximum = 200)]
    size: u64,
}

impl<T> Page<T> {
    pub(super) fn of<V: Into<T>>(page: view::Page<V>) -> Page<T> {
        Page { entries: page.entries.into_iter().map(Into::into).collect(), total: page.total, page: page.page, size: page.size }
    }
}

/// A list that is always whole.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Whole<T> {
    pub entries: Vec<T>,
}

/// Mirrors a declared list of words, so that the description tells them all.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident of $from:path { $($word:ident),+ } $(as $case:tt)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        $(#[serde(rename_all = $case)])?
        pub(crate) enum $name { $($word),+ }

        impl From<$from> for $name {
            fn from(value: $from) -> $name {
                type From = $from;
                match value { $(From::$word => $name::$word),+ }
            }
        }

        impl From<$name> for $from {
            fn from(value: $name) -> $from {
                type Into = $from;
                match value { $($name::$word => Into::$word),+ }
            }
        }
    };
}

pub(super) use mirror;

mirror!(
    /// How a resource stands against its declared update period.
    Freshness of view::Freshness { Never, Fresh, Stale, Failed } as "snake_case"
);
mirror!(
    /// How a run ended, or that it has not. `partial`: done, with rows in quarantine. `held`: waits for an officer's decision.
    /// `interrupted`: goes on with the next run.
    RunState of view::RunState { Running, Done, Partial, Failed, Held, Interrupted } as "snake_case"
);
mirror!(
    /// 信息资源分类：基础、主题、部门。
    ResourceClass of declare::ResourceClass { Base, Topic, Department } as "snake_case"
);
mirror!(
    /// 共享类型：无条件、有条件、不予共享。
    ShareType of declare::ShareType { Unconditional, Conditional, None } as "snake_case"
);
mirror!(
    /// 开放类型：无条件、有条件、不予开放。
    OpenType of declare::OpenType { Unconditional, Conditional, None } as "snake_case"
);
mirror!(
    /// 数据分级：L1 不敏感至 L4 敏感（DB33/T 2351-2021）。
    Grade of declare::Grade { L1, L2, L3, L4 }
);
mirror!(
    /// 数据分类：公共、业务、个人、敏感个人。
    ItemClass of declare::ItemClass { Public, Business, Personal, Sensitive } as "snake_case"
);
mirror!(
    /// 更新周期。
    UpdatePeriod of declare::UpdatePeriod { Continuous, Daily, Weekly, Monthly, Quarterly, HalfYearly, Yearly, Irregular } as "snake_case"
);
mirror!(
    /// How a panel is drawn.
    PanelKind of declare::PanelKind { Figure, Bar, Line, Map, Table } as "snake_case"
);
