//! How a city signs its log of acts, and who watches over it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[log]`: the tamper-evident log of acts (C2SP tlog-tiles) in `DATA/log`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// What the log is called in its checkpoints and keys, such as `city.example/log`; `sanjiang/<division>` when absent. It
    /// is written into the key at the first start and stays.
    pub origin: Option<String>,
    /// How checkpoints are signed; one signature of each kind.
    pub signatures: Vec<LogSignature>,
    /// How many days what an entry tells is kept, 183 at least; three years when absent. Then it goes from the log's files; its
    /// hash stays, so that receipts hold for ever.
    pub keep_days: u32,
    /// Who cosigns checkpoints, outside this machine: a log that was rewritten finds no witness.
    pub witness: Vec<LogWitness>,
}

/// A kind of signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogSignature {
    /// Ed25519 (RFC 8032), which every verifier of such logs knows.
    Ed25519,
    /// SM2 with SM3 (GB/T 32918, GB/T 32905).
    Sm2,
}

/// A witness (c2sp.org/tlog-witness).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogWitness {
    /// Address before `/add-checkpoint`. What lies inside the city's network must stand in `[network] allow`.
    pub url: String,
    /// Its verifier key, as it tells it: `name+hash+key`.
    pub key: String,
}

impl Default for Log {
    fn default() -> Log {
        Log { origin: None, signatures: vec![LogSignature::Ed25519], keep_days: Log::KEEP_DAYS, witness: Vec::new() }
    }
}

impl Log {
    /// Three years.
    const KEEP_DAYS: u32 = 1_096;
    /// Six months, which Chinese law asks for at least (Cybersecurity Law, article 23).
    pub const KEEP_DAYS_MIN: u32 = 183;

    /// What the log of a new node is called.
    pub fn origin(&self, division: &str) -> String {
        self.origin.clone().unwrap_or_else(|| format!("sanjiang/{division}"))
    }
}
