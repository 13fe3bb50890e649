//! What people do with a register: decide pairs in doubt, and take decisions, merges and splits back.

use kernel::Text;
use serde_json::json;
use register::{Now, Outcome, RegisterError};

use super::resolve::lock;
use super::view::identity;
use crate::authority::object;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, collect};

/// Longest reason, in characters.
const REASON_MAX: usize = 1_000;

/// What an act did.
#[derive(Clone, Copy, Debug)]
pub struct Acted {
    /// By which it is taken back.
    pub act: i64,
    pub outcome: Outcome,
}

impl Desk {
    /// Decides that two records are of one entity, or are not.
    pub async fn decide(&self, who: &Account, register: &str, left: &str, right: &str, same: bool, reason: &str) -> Answer<Acted> {
        self.may(who, "register.decide", &object("register", register)).await?;
        let (a, b, reason, account) = (identity(left)?, identity(right)?, words(reason)?, who.display.clone());
        let detail = json!({ "left": left, "right": right, "same": same, "reason": reason });
        self.log(who, "register.decide", &object("register", register), detail).await?;
        self.act(register, move |file, now| {
            let decided = file.decide(&a, &b, same, &account, &reason, now)?;
            Ok(Acted { act: decided.act, outcome: decided.outcome })
        })
        .await
    }

    /// Takes a decision back.
    pub async fn undo_decision(&self, who: &Account, register: &str, act: i64) -> Answer<Acted> {
        self.log(who, "register.undo", &object("register", register), json!({ "decision": act })).await?;
        self.act(register, move |file, now| Ok(Acted { act, outcome: file.undo_decision(act, now)? })).await
    }

    /// Takes a merge or a split back.
    pub async fn undo_change(&self, who: &Account, register: &str, seq: i64) -> Answer<Acted> {
        let account = who.display.clone();
        self.log(who, "register.undo", &object("register", register), json!({ "change": seq })).await?;
        self.act(register, move |file, now| {
            let decided = file.undo_change(seq, &account, now)?;
            Ok(Acted { act: decided.act, outcome: decided.outcome })
        })
        .await
    }

    async fn act(
        &self,
        id: &str,
        act: impl FnOnce(&mut register::Register, &mut Now<'_>) -> Result<Acted, RegisterError> + Send + 'static,
    ) -> Answer<Acted> {
        let register = self.declared_register(id)?;
        let _alone = collect::alone(&self.0.data_dir, &lock(id)).await?;
        // What was settled before is published first, so that a batch is always what it was when it was numbered.
        self.publish_register(&register).await?;
        let (desk, moment) = (self.clone(), self.now());
        let acted = self
            .ask_register(id, move |file| {
                let mut mint = || desk.new_entity_id();
                act(file, &mut Now { moment, mint: &mut mint })
            })
            .await?;
        self.publish_register(&register).await?;
        self.judge_conflicts(&register).await?;
        self.refresh_boards_soon(id);
        Ok(acted)
    }
}

fn words(reason: &str) -> Answer<String> {
    let reason = reason.trim();
    if reason.chars().count() > REASON_MAX {
        return Err(DeskError::Invalid(Text::new("理由不超过 1000 字。", "A reason has at most 1,000 characters.")));
    }
    Ok(reason.to_owned())
}
