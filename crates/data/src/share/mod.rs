//! Lending data between departments (共享): what a request asks for, what a grant allows, and which terms hold together. A
//! provider may give less than was asked, never more.

pub mod breaker;
mod field;
mod quota;
mod service;
mod terms;

use kernel::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use field::{Field, Step, records};
pub use quota::{Daily, Left, midnight};
pub use service::{Asked, Sent, asked, callable, pick};
pub use terms::{Lent, Terms, UNTIL_MAX};

/// How rows are used (共享方式).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 查询: rows by their keys and filters.
    Query,
    /// 核验: yes, no or unknown, never a value.
    Verify,
    /// 批量: a file of all rows, then of what has changed.
    Batch,
    /// 订阅: what has changed, posted to an address of the receiver's.
    Subscribe,
}

/// What data is used for (用途). A call names it, and another one than the grant's is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 政务服务
    Service,
    /// 监管执法
    Supervision,
    /// 应急处置
    Emergency,
    /// 辅助决策
    Decision,
    /// 统计分析
    Statistics,
    /// 案件调查: the only one whose readings may be told to whom they are about after a delay.
    Investigation,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// 待审核: the provider has to decide.
    Asked,
    /// 已授权
    Granted,
    /// 不予提供
    Refused,
    /// 争议处理中: who asked does not accept the refusal; the bureau has to settle it.
    Disputed,
    /// 维持不予提供: the bureau upheld the refusal.
    Upheld,
    /// 已撤回 by who asked.
    Withdrawn,
}

macro_rules! words {
    ($of:ident { $($one:ident $word:literal $zh:literal $en:literal),* $(,)? }) => {
        impl $of {
            pub const ALL: &[$of] = &[$($of::$one),*];

            /// The word in addresses and records.
            pub fn word(self) -> &'static str {
                match self { $($of::$one => $word),* }
            }

            pub fn of(word: &str) -> Option<$of> {
                $of::ALL.iter().copied().find(|one| one.word() == word)
            }

            pub fn title(self) -> Text {
                match self { $($of::$one => Text::new($zh, $en)),* }
            }
        }
    };
}

words!(Channel { Query "query" "查询" "Query", Verify "verify" "核验" "Verification", Batch "batch" "批量" "Batch", Subscribe "subscribe" "订阅" "Subscription" });
words!(Purpose {
    Service "service" "政务服务" "Public service",
    Supervision "supervision" "监管执法" "Supervision and enforcement",
    Emergency "emergency" "应急处置" "Emergency response",
    Decision "decision" "辅助决策" "Support of decisions",
    Statistics "statistics" "统计分析" "Statistics",
    Investigation "investigation" "案件调查" "Investigation",
});
words!(RequestState {
    Asked "asked" "待审核" "To be decided",
    Granted "granted" "已授权" "Granted",
    Refused "refused" "不予提供" "Refused",
    Disputed "disputed" "争议处理中" "Disputed",
    Upheld "upheld" "维持不予提供" "Refusal upheld",
    Withdrawn "withdrawn" "已撤回" "Withdrawn",
});

impl RequestState {
    /// Whether somebody has to act on it.
    pub fn waits(self) -> bool {
        matches!(self, RequestState::Asked | RequestState::Disputed)
    }
}
