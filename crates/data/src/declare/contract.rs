//! `[contract]` of a resource: what a delivery may look like, and which differences wait for the steward.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is done about each kind of difference between a delivery and what is declared or came before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// A column that no item names has appeared.
    #[serde(default = "accept")]
    pub added: OnDrift,
    /// The column of an item is gone.
    #[serde(default = "hold")]
    pub gone: OnDrift,
    /// The column of an item is gone and another one looks like it.
    #[serde(default = "hold")]
    pub renamed: OnDrift,
    /// The values of an item's column are of another form than before: text where numbers were, leading zeros lost.
    #[serde(default = "hold")]
    pub retyped: OnDrift,
    /// Values outside the declared code list.
    #[serde(default = "hold")]
    pub codes: OnDrift,
    /// The key no longer names one row.
    #[serde(default = "hold")]
    pub duplicates: OnDrift,
    /// Encoding, delimiter or header line differ from those of the delivery before.
    #[serde(default = "accept")]
    pub form: OnDrift,
    /// The number of rows is out of band.
    #[serde(default = "hold")]
    pub volume: OnDrift,
    /// Share of the rows (0 to 1) up to which retyped values, unknown codes and doubled keys are told but hold nothing.
    #[serde(default = "max_share")]
    pub max_share: f64,
    /// How far the number of rows may lie from the median of recent deliveries: with 0.5 from half to double (mode `full`).
    #[serde(default = "max_change")]
    pub max_change: f64,
    /// Fewest rows of a full delivery. Takes the place of the lower bound that recent deliveries give.
    #[serde(default)]
    pub min_rows: Option<u64>,
    /// Most rows of a full delivery. Takes the place of the upper bound that recent deliveries give.
    #[serde(default)]
    pub max_rows: Option<u64>,
    /// Largest share of the rows (0 to 1) that one delivery may remove (`on_missing = "remove"`).
    #[serde(default = "max_removed")]
    pub max_removed: f64,
}

impl Default for Contract {
    fn default() -> Contract {
        Contract {
            added: OnDrift::Accept,
            gone: OnDrift::Hold,
            renamed: OnDrift::Hold,
            retyped: OnDrift::Hold,
            codes: OnDrift::Hold,
            duplicates: OnDrift::Hold,
            form: OnDrift::Accept,
            volume: OnDrift::Hold,
            max_share: max_share(),
            max_change: max_change(),
            min_rows: None,
            max_rows: None,
            max_removed: max_removed(),
        }
    }
}

/// What is done about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    /// 接收并提示: the delivery lands, the difference is told.
    Accept,
    /// 待确认: nothing of the delivery lands until an officer has decided.
    Hold,
}

/// What becomes of a row whose key a complete delivery no longer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnMissing {
    /// 保留: it stays in the standard layer.
    #[default]
    Keep,
    /// 移除: it leaves the standard layer; the raw layer keeps it and notes the removal.
    Remove,
}

fn accept() -> OnDrift {
    OnDrift::Accept
}

fn hold() -> OnDrift {
    OnDrift::Hold
}

fn max_share() -> f64 {
    0.05
}

fn max_change() -> f64 {
    0.5
}

fn max_removed() -> f64 {
    0.2
}
