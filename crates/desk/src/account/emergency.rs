//! Rights for an emergency (break-glass): one person asks and says why, another approves; for some hours, in place of the own
//! rights, the first has a steward's with all grades, and everything done with them is marked so in the log.

use kernel::{Moment, Text, id::uuid_v7};
use serde::Serialize;
use serde_json::json;
use store::EmergencyRow;

use super::invalid;
use crate::authority::{Object, object};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

const HOUR: i64 = 3600 * 1_000_000;
const HOURS_MAX: u64 = 4;
/// What nobody decides about in this time is no emergency.
const WAITS: i64 = 24 * HOUR;
const REASON_MAX: usize = 500;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyState {
    /// It waits for a decision.
    Asked,
    Refused,
    /// It holds now.
    Active,
    /// Its time is over, or it was ended.
    Over,
    /// Nobody decided within a day.
    Lapsed,
}

/// One request, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EmergencyView {
    pub id: String,
    /// Id of the account that asked.
    pub account: String,
    pub display: String,
    pub reason: String,
    pub hours: u64,
    pub asked: Moment,
    pub state: EmergencyState,
    /// Who decided, and when.
    pub decider: Option<String>,
    pub decided: Option<Moment>,
    pub until: Option<Moment>,
}

impl Desk {
    /// Staff: asks for the rights of an emergency for some hours (1 to 4).
    pub async fn ask_emergency(&self, who: &Account, reason: &str, hours: u64, now: Moment) -> Answer<()> {
        let id = uuid_v7(now, self.chance());
        let object = emergency_object(&id);
        self.may(who, "emergency.ask", &object).await?;
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(invalid("请写明理由（不超过 500 字）。", "Say why, in at most 500 characters."));
        }
        if !(1..=HOURS_MAX).contains(&hours) {
            return Err(invalid("时长为 1 至 4 小时。", "For 1 to 4 hours."));
        }
        let store = self.logging(who, "emergency.ask", &object, json!({ "reason": reason, "hours": hours })).await?;
        let asked = store.ask_emergency(&id, &who.id, reason, hours, now, Moment(now.0 - WAITS)).await.map_err(internal)?;
        if asked { Ok(()) } else { Err(DeskError::Conflict(Text::new("您已有一份应急授权，或有一份待批。", "You have such rights already, or have asked for them."))) }
    }

    /// Security officer: approves or refuses what somebody else asked for.
    pub async fn decide_emergency(&self, who: &Account, id: &str, approved: bool, now: Moment) -> Answer<()> {
        let object = emergency_object(id);
        self.may(who, "emergency.decide", &object).await?;
        let row = self.store().emergency(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        if row.asked.0 <= now.0 - WAITS {
            return Err(invalid("申请已超过一天，请重新申请。", "It was asked for more than a day ago: ask again."));
        }
        let until = approved.then(|| Moment(now.0 + HOUR * i64::try_from(row.hours.min(HOURS_MAX)).unwrap_or(1)));
        let detail = json!({ "account": row.account, "approved": approved, "hours": row.hours });
        let store = self.logging(who, "emergency.decide", &object, detail).await?;
        if store.decide_emergency(id, &who.id, until, now).await.map_err(internal)? { Ok(()) } else { Err(invalid("这份申请已经处理。", "It is decided already.")) }
    }

    /// The three officers, and whoever has them: ends such rights before their time.
    pub async fn end_emergency(&self, who: &Account, id: &str, now: Moment) -> Answer<()> {
        let object = emergency_object(id);
        let row = self.store().emergency(id).await.map_err(internal)?.filter(|row| row.account == who.id || who.may("see.accounts")).ok_or(DeskError::NotFound)?;
        self.may(who, "emergency.end", &object).await?;
        let store = self.logging(who, "emergency.end", &object, json!({ "account": row.account })).await?;
        if store.end_emergency(id, now).await.map_err(internal)? { Ok(()) } else { Err(invalid("这份授权已经结束。", "They are over already.")) }
    }

    /// Staff: the own requests; the three officers: everybody's. The newest first.
    pub async fn emergencies(&self, who: &Account, now: Moment) -> Answer<Vec<EmergencyView>> {
        self.may(who, "see.emergencies", &Object::of("emergencies")).await?;
        let all = who.may("see.accounts");
        let rows = self.store().emergencies().await.map_err(internal)?;
        Ok(rows.into_iter().filter(|row| all || row.account == who.id).map(|row| view(row, now)).collect())
    }

    /// How many wait for this person's decision.
    pub async fn waiting_emergencies(&self, who: &Account, now: Moment) -> Answer<u64> {
        if !who.may("emergency.decide") {
            return Ok(0);
        }
        self.store().waiting_emergencies(Moment(now.0 - WAITS)).await.map_err(internal)
    }
}

fn emergency_object(id: &str) -> Object {
    object("emergency", id)
}

fn view(row: EmergencyRow, now: Moment) -> EmergencyView {
    let state = match (row.decided, row.until) {
        (None, _) if row.asked.0 <= now.0 - WAITS => EmergencyState::Lapsed,
        (None, _) => EmergencyState::Asked,
        (Some(_), None) => EmergencyState::Refused,
        (Some(_), Some(until)) if until.0 > now.0 => EmergencyState::Active,
        _ => EmergencyState::Over,
    };
    EmergencyView {
        id: row.id,
        account: row.account,
        display: row.display,
        reason: row.reason,
        hours: row.hours,
        asked: row.asked,
        state,
        decider: row.decider,
        decided: row.decided,
        until: row.until,
    }
}
