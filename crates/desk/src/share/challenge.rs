//! 质疑: whoever was read about does not accept a reading and says why; the audit officer answers. The provider's officers see what
//! is said of what their department lent.

use kernel::{Moment, Text, uuid_v7};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::share::{AboutRow, ChallengeFilter, ChallengeRow};

use super::about::{Reader, Said};
use super::{AboutView, said};
use crate::account::{Person, hex};
use crate::authority::{Object, object};
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// A challenge, as staff see it.
#[derive(Clone, Debug, Serialize)]
pub struct ChallengeView {
    pub id: String,
    pub read: AboutView,
    /// Who does not accept it: the name for who has to answer, for others the masked number alone.
    pub by: Option<String>,
    pub masked: String,
    pub said: Said,
    /// Who answered.
    pub answerer: Option<Text>,
}

impl Desk {
    /// A citizen or a company: does not accept a reading about them, and says why. Once for each.
    pub async fn challenge(&self, who: &Account, leaf: u64, words: &str, now: Moment) -> Answer<()> {
        let row = self.my_read(who, "challenge.raise", leaf, now).await?;
        let words = said(words)?.to_owned();
        let object = object("reading", &leaf.to_string());
        // Their own words can be proven by the log, and need not stand in it for years.
        let detail = json!({ "grant": row.read.lent, "words": hashed(&words) });
        let store = self.logging(who, "challenge.raise", &object, detail).await?;
        let new = ChallengeRow { id: uuid_v7(now, self.chance()), leaf, account: who.id.clone(), words, asked: now, answer: None, answered: None, answerer: None };
        match store.raise_challenge(new).await.map_err(internal)? {
            true => Ok(()),
            false => Err(DeskError::Conflict(Text::new("您已经对这次查询提出过质疑。", "You have challenged this reading already."))),
        }
    }

    /// Audit officer: answers a challenge, once.
    pub async fn answer_challenge(&self, who: &Account, id: &str, words: &str, now: Moment) -> Answer<()> {
        let act = "challenge.answer";
        self.may(who, act, &object("challenge", id)).await?;
        let row = self.store().challenge(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let words = said(words)?;
        let detail = json!({ "challenge": id, "words": hashed(words) });
        let store = self.logging(who, act, &object("reading", &row.leaf.to_string()), detail).await?;
        match store.answer_challenge(id, words, &who.id, now).await.map_err(internal)? {
            true => Ok(()),
            false => Err(DeskError::Conflict(Text::new("这条质疑已经答复。", "The challenge is answered already."))),
        }
    }

    /// Audit officer: all challenges; officers: those about what the own department lent. Those that wait first.
    pub async fn challenges(&self, who: &Account, open: bool, page: u64, size: u64) -> Answer<Page<ChallengeView>> {
        let object: Object = who.all_of("see.challenges", "challenges");
        self.may(who, "see.challenges", &object).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().challenges(&ChallengeFilter { provider: object.department, open }, page, size).await.map_err(internal)?;
        let answers = who.may("challenge.answer");
        let (names, now) = (self.names().await?, self.now());
        let mut entries = Vec::with_capacity(rows.entries.len());
        for row in rows.entries {
            let read = self.store().read_of(row.leaf).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
            let mut views = self.view_reads(vec![AboutRow { read, own: None }], &Reader::Staff, now).await?;
            let account = self.store().account(&row.account).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
            entries.push(ChallengeView {
                id: row.id.clone(),
                read: views.pop().ok_or(DeskError::NotFound)?,
                by: answers.then_some(account.display),
                masked: account.person.map(Person::from).map(|person| person.masked).unwrap_or_default(),
                answerer: row.answerer.as_deref().map(|id| names.actor(id)),
                said: row.into(),
            });
        }
        Ok(Page { entries, total: rows.total, page, size })
    }

    /// How many challenges wait for this person's answer.
    pub async fn waiting_challenges(&self, who: &Account) -> Answer<u64> {
        if who.may("challenge.answer") { self.store().open_challenges().await.map_err(internal) } else { Ok(0) }
    }
}

fn hashed(words: &str) -> String {
    hex(&Sha256::digest(words.as_bytes()))
}
