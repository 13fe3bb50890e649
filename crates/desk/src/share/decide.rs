//! What becomes of a request: the provider decides, who asked may dispute a refusal, the bureau settles that.

use data::share::{Daily, Lent, RequestState, Terms};
use kernel::{Moment, Text};
use serde_json::json;
use store::share::{RequestActRow, RequestRow, Settled};

use super::ask::due;
use super::{concerns, invalid, request_object, said, state};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// What whoever decides says.
#[derive(Clone, Debug)]
pub enum Decision {
    /// As asked, or less: items left out or masked, more keys, a further condition, a shorter period, fewer calls, persons told sooner.
    Grant { items: Vec<Lent>, keys: Vec<String>, condition: String, until: String, per_minute: u32, daily: Daily, told_after: u32, words: String },
    /// With the legal ground.
    Refuse { words: String },
}

impl Decision {
    /// Everything that was asked for.
    pub fn as_asked(asked: &Terms, words: &str) -> Decision {
        Decision::Grant {
            items: asked.items.clone(),
            keys: asked.keys.clone(),
            condition: String::new(),
            until: asked.until.clone(),
            per_minute: asked.per_minute,
            told_after: asked.told_after,
            daily: asked.daily,
            words: words.to_owned(),
        }
    }
}

impl Desk {
    /// The provider's officer: grants what was asked for or less, or refuses it with its ground. The bureau: settles a dispute
    /// in the same way.
    pub async fn decide_request(&self, who: &Account, id: &str, decision: Decision, now: Moment) -> Answer<()> {
        let row = self.request_for(who, id).await?;
        let from = state(&row.state);
        let act = if from == RequestState::Disputed { "request.settle" } else { "request.decide" };
        let object = request_object(id, &row.provider);
        self.may(who, act, &object).await?;
        if !from.waits() {
            return Err(decided());
        }
        let asked = super::terms(&row.terms)?;
        let (to, words, terms) = match decision {
            Decision::Refuse { words } => {
                let to = if from == RequestState::Disputed { RequestState::Upheld } else { RequestState::Refused };
                (to, said(&words)?.to_owned(), None)
            }
            Decision::Grant { items, keys, condition, until, per_minute, daily, told_after, words } => {
                // Without a delay there is no ground for one.
                let told_ground = if told_after > 0 { asked.told_ground.clone() } else { String::new() };
                let given = Terms { items, keys, until, per_minute, daily, told_after, told_ground, ..asked.clone() }.narrowed(&condition);
                (RequestState::Granted, words.trim().chars().take(super::WORDS_MAX).collect(), Some(self.granted(&row, &asked, given, now)?))
            }
        };
        let city = self.city();
        let grant = match &terms {
            Some(terms) => Some(self.new_grant(&city, &row, serde_json::to_string(terms).map_err(internal)?, terms, now)),
            None => None,
        };
        let detail = json!({ "resource": row.resource, "department": row.department, "state": to, "words": words, "terms": terms,
            "grant": grant.as_ref().map(|grant| &grant.id) });
        let told = told(to.word(), who, &words, now);
        let settled = Settled { request: id.to_owned(), from: from.word(), to: to.word(), due: String::new(), told, grant };
        if !self.logging(who, act, &object, detail).await?.settle_request(settled).await.map_err(internal)? {
            return Err(decided());
        }
        if to == RequestState::Granted {
            self.prepare_copy(&row.resource);
        }
        Ok(())
    }

    /// Who asked: takes the request back.
    pub async fn withdraw_request(&self, who: &Account, id: &str, now: Moment) -> Answer<()> {
        let row = self.request_for(who, id).await?;
        let from = state(&row.state);
        let object = request_object(id, &row.department);
        self.may(who, "request.withdraw", &object).await?;
        if !from.waits() {
            return Err(decided());
        }
        let settled = Settled {
            request: id.to_owned(),
            from: from.word(),
            to: RequestState::Withdrawn.word(),
            due: String::new(),
            told: told("withdrawn", who, "", now),
            grant: None,
        };
        let done = self.logging(who, "request.withdraw", &object, json!({ "resource": row.resource })).await?.settle_request(settled).await;
        if done.map_err(internal)? { Ok(()) } else { Err(decided()) }
    }

    /// Who asked: does not accept a refusal, and says why. The bureau settles it.
    pub async fn dispute_request(&self, who: &Account, id: &str, words: &str, now: Moment) -> Answer<()> {
        let row = self.request_for(who, id).await?;
        let object = request_object(id, &row.department);
        self.may(who, "request.dispute", &object).await?;
        let words = said(words)?;
        let city = self.city();
        let settled = Settled {
            request: id.to_owned(),
            from: RequestState::Refused.word(),
            to: RequestState::Disputed.word(),
            due: due(&city, self.day(now), city.info.share.objection_days),
            told: told("disputed", who, words, now),
            grant: None,
        };
        let done = self.logging(who, "request.dispute", &object, json!({ "resource": row.resource, "words": words })).await?.settle_request(settled).await;
        if done.map_err(internal)? { Ok(()) } else { Err(invalid("只有不予提供的申请可以提出争议。", "Only a request that was refused can be disputed.")) }
    }

    /// A request that concerns somebody: other departments' are not there.
    pub(super) async fn request_for(&self, who: &Account, id: &str) -> Answer<RequestRow> {
        let object = crate::authority::Object { department: who.department.clone(), ..crate::authority::object("request", id) };
        self.may(who, "see.requests", &object).await?;
        let row = self.store().request(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        concerns(who, "see.requests", &row.department, &row.provider).map(|()| row)
    }

    fn granted(&self, row: &RequestRow, asked: &Terms, given: Terms, now: Moment) -> Answer<Terms> {
        let city = self.city();
        let lent = city.resources.get(&row.resource).ok_or_else(|| invalid("该资源已不再声明。", "The resource is no longer declared."))?;
        let given = given.settled(&city, lent, self.day(now)).map_err(DeskError::Invalid)?;
        given.within(asked).map_err(DeskError::Invalid)?;
        super::condition::of_terms(&city, lent, &given)?;
        Ok(given)
    }
}

fn told(act: &str, who: &Account, words: &str, now: Moment) -> RequestActRow {
    RequestActRow { act: act.to_owned(), who: who.display.clone(), words: words.to_owned(), time: now }
}

fn decided() -> DeskError {
    DeskError::Conflict(Text::new("这份申请已经处理。", "The request has been decided already."))
}
