//! Restricted data (受限开放): anybody with an account applies for it and signs the agreement, its department decides within working
//! days, and either side ends it at once.

use data::City;
use data::declare::{OpenTo, Opening};
use data::open::{AccessState, GENERAL_AGREEMENT, VoiceAuthor};
use kernel::{Moment, Text, uuid_v7};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::open::{AccessDecided, AccessFilter, AccessRow, AccessUse};

use super::app::named;
use super::declared;
use super::voice::author;
use crate::account::hex;
use crate::authority::{Object, object};
use crate::runs::PAGE_MAX;
use crate::share::{Named, WORDS_MAX, department, due, said};
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal, invalid};

const SIGNER_MAX: usize = 60;
/// Days of use that are shown.
const DAYS: i64 = 30;
const DAY: i64 = 86_400_000_000;

/// An application for restricted data.
#[derive(Clone, Debug, Default)]
pub struct Applying {
    pub dataset: String,
    /// What it is wanted for.
    pub purpose: String,
    /// The name that the agreement is signed with; empty: not signed.
    pub signer: String,
    /// Whether the agreement was agreed to.
    pub agreed: bool,
}

/// What holds for restricted data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTerms {
    /// What whoever applies agrees to: the dataset's own condition, then the agreement.
    pub condition: Text,
    pub agreement: Text,
    /// Columns of which each question names one; empty: none need be named.
    pub ask_by: Vec<String>,
    /// Rows of one answer, and of a day, at most.
    pub rows: u32,
    pub rows_per_day: u32,
    /// Days that it is lent for.
    pub days: u32,
    /// Working days within which it is decided.
    pub within: u32,
}

impl AccessTerms {
    pub(super) fn of(city: &City, opening: &Opening) -> AccessTerms {
        let open = &city.info.open;
        let agreement = match open.agreement.trim().is_empty() {
            true => Text::new(GENERAL_AGREEMENT.0, GENERAL_AGREEMENT.1),
            false => Text::new(&open.agreement, &open.agreement_en),
        };
        AccessTerms {
            condition: Text::new(&opening.condition, &opening.condition_en),
            agreement,
            ask_by: opening.ask_by.clone(),
            rows: opening.rows.unwrap_or(open.restricted_rows),
            rows_per_day: opening.rows_per_day.unwrap_or(open.restricted_rows_per_day),
            days: opening.days.unwrap_or(open.restricted_days),
            within: open.restricted_within,
        }
    }

    /// All that is signed, as one text of each language.
    fn signed(&self) -> Text {
        let both = |condition: &str, agreement: &str| format!("{condition}\n{agreement}").trim().to_owned();
        Text::new(both(&self.condition.zh, &self.agreement.zh), both(&self.condition.en, &self.agreement.en))
    }
}

/// An application for restricted data, as a reader sees it.
#[derive(Clone, Debug, Serialize)]
pub struct AccessView {
    pub id: String,
    pub dataset: Named,
    pub department: Named,
    pub author: VoiceAuthor,
    pub purpose: String,
    pub signer: String,
    pub agreement: Text,
    pub state: AccessState,
    pub asked: Moment,
    /// The last day on which a decision is not late; empty once it is decided.
    pub due: String,
    pub late: bool,
    pub decided: Option<Moment>,
    /// What was said at the decision or at the end.
    pub words: Option<String>,
    /// The last day of use.
    pub until: Option<String>,
    pub ended: Option<Moment>,
    /// Whether it lets its owner read today.
    pub holds: bool,
    pub own: bool,
}

impl Desk {
    /// Everybody: what holds for a restricted dataset; `None` where it is for everybody.
    pub async fn access_terms(&self, dataset: &str, now: Moment) -> Answer<Option<AccessTerms>> {
        self.live_one(dataset, now).await?;
        let city = self.city();
        let (_, opening) = declared(&city, dataset).ok_or(DeskError::NotFound)?;
        Ok((opening.to == OpenTo::Applicants).then(|| AccessTerms::of(&city, opening)))
    }

    /// Anybody logged in: applies for restricted data, having signed the agreement. Answers the application's id.
    pub async fn apply_for_access(&self, who: &Account, applying: &Applying, now: Moment) -> Answer<String> {
        let terms = self.access_terms(&applying.dataset, now).await?;
        let terms = terms.ok_or_else(|| invalid("该数据集无条件开放，无需申请。", "This dataset is open to everybody: there is nothing to apply for."))?;
        let purpose = said_or(&applying.purpose, WORDS_MAX, ("请写明用途（不超过 1000 字）。", "Say what it is for, in at most 1,000 characters."))?;
        if !applying.agreed {
            return Err(invalid("请阅读并同意使用协议。", "Read the agreement and agree to it."));
        }
        let signer = said_or(&applying.signer, SIGNER_MAX, ("请签名：填写姓名或单位全称（不超过 60 字）。", "Sign it with your name or your organisation's, in at most 60 characters."))?;
        let city = self.city();
        let (model, _) = declared(&city, &applying.dataset).ok_or(DeskError::NotFound)?;
        let today = self.day(now);
        let agreement = terms.signed();
        let row = AccessRow {
            id: uuid_v7(now, self.chance()),
            dataset: applying.dataset.clone(),
            department: model.department.clone(),
            account: who.id.clone(),
            author: author(who).word().to_owned(),
            purpose: purpose.to_owned(),
            signer: signer.to_owned(),
            state: AccessState::Waiting.word().to_owned(),
            asked: now,
            due: due(&city, today, terms.within),
            agreement,
            decided: None,
            words: None,
            until: None,
            ended: None,
        };
        let hash = |text: &str| hex(&Sha256::digest(text.as_bytes()));
        // What was signed, and by which name, can be proven by the log.
        let detail = json!({ "dataset": row.dataset, "agreement": hash(&row.agreement.zh), "signer": hash(signer), "purpose": hash(purpose) });
        let id = row.id.clone();
        match self.logging(who, "access.apply", &object("access", &id), detail).await?.add_access(row, &today.to_string()).await.map_err(internal)? {
            true => Ok(id),
            false => Err(DeskError::Conflict(Text::new("您已经申请过该数据集，仍在审核或有效期内。", "You have applied for this dataset already: it waits for a decision, or may be used."))),
        }
    }

    /// Officer of the department, steward: grants it, for as long as the dataset's terms say; or says why not.
    pub async fn decide_access(&self, who: &Account, id: &str, grant: bool, words: &str, now: Moment) -> Answer<()> {
        let (row, object) = self.access_for(who, "access.decide", id).await?;
        let words = if grant && words.trim().is_empty() { None } else { Some(said(words)?.to_owned()) };
        let city = self.city();
        let (_, opening) = declared(&city, &row.dataset).ok_or_else(|| invalid("该数据集已不再声明为开放。", "The dataset is not declared as open any more."))?;
        let last = self.day(now).checked_add(jiff::Span::new().days(i64::from(AccessTerms::of(&city, opening).days))).map_err(internal)?;
        let until = grant.then(|| last.to_string());
        let state = if grant { AccessState::Granted } else { AccessState::Refused };
        let detail = json!({ "dataset": row.dataset, "state": state, "until": until, "words": words });
        let done = AccessDecided { id: id.to_owned(), state: state.word(), words, decider: who.id.clone(), time: now, until };
        match self.logging(who, "access.decide", &object, detail).await?.decide_access(done).await.map_err(internal)? {
            true => Ok(()),
            false => Err(DeskError::Conflict(Text::new("这项申请已经办结。", "This has been decided already."))),
        }
    }

    /// Officer of the department, steward: takes it back, with the reason; it holds for the very next question.
    pub async fn withdraw_access(&self, who: &Account, id: &str, words: &str, now: Moment) -> Answer<()> {
        let (row, object) = self.access_for(who, "access.withdraw", id).await?;
        let words = said(words)?.to_owned();
        let detail = json!({ "dataset": row.dataset, "words": words });
        let store = self.logging(who, "access.withdraw", &object, detail).await?;
        ended(store.end_access(id, Some(words), now).await.map_err(internal)?)
    }

    /// Who applied: gives it up.
    pub async fn leave_access(&self, who: &Account, id: &str, now: Moment) -> Answer<()> {
        let row = self.store().access(id).await.map_err(internal)?.filter(|row| row.account == who.id).ok_or(DeskError::NotFound)?;
        let store = self.logging(who, "access.leave", &object("access", id), json!({ "dataset": row.dataset })).await?;
        ended(store.end_access(id, None, now).await.map_err(internal)?)
    }

    /// Anybody logged in: their own applications.
    pub async fn own_accesses(&self, who: &Account, page: u64, size: u64, now: Moment) -> Answer<Page<AccessView>> {
        self.list_accesses(who, &AccessFilter { account: Some(who.id.clone()), ..AccessFilter::default() }, page, size, now).await
    }

    /// Stewards: all; officers: those for their department's data. What waits comes first.
    pub async fn accesses(&self, who: &Account, page: u64, size: u64, now: Moment) -> Answer<Page<AccessView>> {
        let all = who.all_of("see.accesses", "accesses");
        self.may(who, "see.accesses", &all).await?;
        self.list_accesses(who, &AccessFilter { department: all.department, ..AccessFilter::default() }, page, size, now).await
    }

    /// Who applied, and who decides: one, with its use by day.
    pub async fn one_access(&self, who: &Account, id: &str, now: Moment) -> Answer<(AccessView, Vec<AccessUse>)> {
        let row = self.store().access(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let decides = who.may_for("see.accesses", Some(&row.department));
        if row.account != who.id && !decides {
            return Err(DeskError::NotFound);
        }
        let since = self.day(Moment(now.0 - DAYS * DAY)).to_string();
        let used = self.store().access_use(id, &since).await.map_err(internal)?;
        Ok((view(&self.city(), row, &who.id, &self.day(now).to_string()), used))
    }

    /// What became of an account's newest application for a dataset.
    pub async fn access_to(&self, who: &Account, dataset: &str, now: Moment) -> Answer<Option<AccessView>> {
        let row = self.store().newest_access(&who.id, dataset).await.map_err(internal)?;
        Ok(row.map(|row| view(&self.city(), row, &who.id, &self.day(now).to_string())))
    }

    /// How many wait for this person's decision.
    pub async fn waiting_accesses(&self, who: &Account) -> Answer<u64> {
        if !who.may("access.decide") {
            return Ok(0);
        }
        let department = who.kept_to("access.decide").map(str::to_owned);
        let waiting = AccessFilter { state: Some(AccessState::Waiting.word().to_owned()), department, account: None };
        Ok(self.store().accesses(&waiting, 1, 1).await.map_err(internal)?.total)
    }

    async fn list_accesses(&self, who: &Account, filter: &AccessFilter, page: u64, size: u64, now: Moment) -> Answer<Page<AccessView>> {
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().accesses(filter, page, size).await.map_err(internal)?;
        let (city, today) = (self.city(), self.day(now).to_string());
        Ok(Page { entries: rows.entries.into_iter().map(|row| view(&city, row, &who.id, &today)).collect(), total: rows.total, page, size })
    }

    /// One that this person may do this to.
    async fn access_for(&self, who: &Account, act: &str, id: &str) -> Answer<(AccessRow, Object)> {
        self.may_at_all(who, act, &object("access", id)).await?;
        let row = self.store().access(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let object = Object { department: Some(row.department.clone()), ..object("access", id) };
        self.may(who, act, &object).await?;
        Ok((row, object))
    }
}

fn view(city: &City, row: AccessRow, reader: &str, today: &str) -> AccessView {
    let state = AccessState::parse(&row.state).unwrap_or(AccessState::Ended);
    let waits = state == AccessState::Waiting;
    AccessView {
        dataset: named(city, row.dataset),
        department: department(city, &row.department),
        author: VoiceAuthor::parse(&row.author),
        purpose: row.purpose,
        signer: row.signer,
        agreement: row.agreement,
        state,
        asked: row.asked,
        late: waits && row.due.as_str() < today,
        due: if waits { row.due } else { String::new() },
        decided: row.decided,
        words: row.words,
        holds: state == AccessState::Granted && row.until.as_deref().is_some_and(|until| until >= today),
        until: row.until,
        ended: row.ended,
        own: row.account == reader,
        id: row.id,
    }
}

fn said_or<'t>(words: &'t str, most: usize, (zh, en): (&str, &str)) -> Answer<&'t str> {
    let words = words.trim();
    if words.is_empty() || words.chars().count() > most { Err(invalid(zh, en)) } else { Ok(words) }
}

fn ended(done: bool) -> Answer<()> {
    if done { Ok(()) } else { Err(DeskError::Conflict(Text::new("这项申请已经退回或终止。", "It was refused or has ended already."))) }
}
