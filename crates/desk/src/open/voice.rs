//! 互动: anybody with an account asks about a dataset, says what is wrong with it, or wishes for data that is not open. A steward
//! releases it to everybody, the department answers by a day. Nobody is shown by name.

use data::City;
use data::open::{VoiceAuthor, VoiceKind, VoiceState, WishOutcome};
use kernel::{Moment, Text, uuid_v7};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::open::{Flood, Moderated, VoiceAnswered, VoiceFilter as Query, VoiceRow};

use super::{declared, model_title};
use crate::account::{PersonKind, hex};
use crate::authority::{Object, object};
use crate::runs::PAGE_MAX;
use crate::share::{Named, WORDS_MAX, department, due};
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal, invalid};

/// What one account may say within a day, and support.
const RAISED_MAX: u64 = 10;
const SUPPORTED_MAX: u64 = 50;
const DAY: i64 = 86_400_000_000;
/// Longest title of a wish, in characters.
const TITLE_MAX: usize = 60;

/// Something to be said.
#[derive(Clone, Debug, Default)]
pub struct Saying {
    /// A word of [`VoiceKind`].
    pub kind: String,
    /// Which dataset it is about; empty for a wish.
    pub dataset: String,
    /// Whom a wish is put to; empty: whoever it concerns.
    pub department: String,
    /// 1 to 5, of a dataset.
    pub stars: Option<u64>,
    /// What is wished for.
    pub title: String,
    pub words: String,
    /// What the wished for data would be used for.
    pub purpose: String,
}

/// What was said, as a reader sees it.
#[derive(Clone, Debug, Serialize)]
pub struct VoiceView {
    pub id: String,
    pub kind: VoiceKind,
    pub dataset: Option<Named>,
    /// Who answers; the stewards where there is none.
    pub department: Option<Named>,
    pub author: VoiceAuthor,
    pub stars: Option<u64>,
    pub title: String,
    pub words: String,
    pub purpose: String,
    pub state: VoiceState,
    pub asked: Moment,
    /// The last day on which an answer is not late; empty where none is owed any more.
    pub due: String,
    pub late: bool,
    /// Why it was not released.
    pub reason: Option<String>,
    pub answer: Option<String>,
    pub outcome: Option<WishOutcome>,
    pub answered: Option<Moment>,
    /// How many want the same, besides who said it.
    pub supports: u64,
    pub supported: bool,
    /// Whether the reader said it.
    pub own: bool,
}

/// Which are looked for among those that everybody may read.
#[derive(Clone, Debug, Default)]
pub struct VoiceFilter {
    pub dataset: Option<String>,
    /// Wishes alone, or all others.
    pub wishes: Option<bool>,
}

impl Desk {
    /// Anybody logged in: says something. Answers its id; nobody else reads it before a steward has released it.
    pub async fn raise_voice(&self, who: &Account, saying: &Saying, now: Moment) -> Answer<String> {
        let kind = VoiceKind::parse(&saying.kind).ok_or_else(|| invalid("请选择类别。", "Choose what kind of words they are."))?;
        let city = self.city();
        let (dataset, to) = match kind {
            VoiceKind::Wish => (None, addressed(&city, &saying.department)?),
            _ => {
                self.live_one(&saying.dataset, now).await?;
                let (model, _) = declared(&city, &saying.dataset).ok_or(DeskError::NotFound)?;
                (Some(saying.dataset.clone()), Some(model.department.clone()))
            }
        };
        let wish = kind == VoiceKind::Wish;
        let title = if wish { text(&saying.title, TITLE_MAX, ("请写明需要什么数据（不超过 60 字）。", "Say which data you need, in at most 60 characters."))? } else { "" };
        let words = text(&saying.words, WORDS_MAX, ("请写明内容（不超过 1000 字）。", "Say it, in at most 1,000 characters."))?;
        let purpose = if wish { text(&saying.purpose, WORDS_MAX, ("请写明用途（不超过 1000 字）。", "Say what you would use it for, in at most 1,000 characters."))? } else { "" };
        let stars = saying.stars.filter(|_| !wish);
        if stars.is_some_and(|stars| !(1..=5).contains(&stars)) {
            return Err(invalid("评分为 1 到 5 星。", "Stars are 1 to 5."));
        }
        let row = VoiceRow {
            id: uuid_v7(now, self.chance()),
            kind: kind.word().to_owned(),
            dataset,
            department: to,
            account: who.id.clone(),
            author: author(who).word().to_owned(),
            stars,
            title: title.to_owned(),
            words: words.to_owned(),
            purpose: purpose.to_owned(),
            state: VoiceState::Waiting.word().to_owned(),
            asked: now,
            due: kind.days().map(|days| due(&city, self.day(now), days)).unwrap_or_default(),
            moderated: None,
            reason: None,
            answer: None,
            outcome: None,
            answered: None,
            supports: 0,
            supported: false,
        };
        let (id, flood) = (row.id.clone(), Flood { since: Moment(now.0 - DAY), most: RAISED_MAX });
        // Their own words can be proven by the log, and need not stand in it for years.
        let detail = json!({ "kind": row.kind, "dataset": row.dataset, "department": row.department, "words": hashed(&[title, words, purpose]) });
        match self.logging(who, "voice.raise", &object("voice", &id), detail).await?.raise_voice(row, flood).await.map_err(internal)? {
            true => Ok(id),
            false => Err(DeskError::TooMany { text: Text::new("每个账户每天最多提交 10 条，请明天再来。", "An account may say ten things a day: come again tomorrow."), seconds: 3_600 }),
        }
    }

    /// Anybody logged in: wants the same (我也要). Once.
    pub async fn support_voice(&self, who: &Account, id: &str, now: Moment) -> Answer<()> {
        let row = self.released(id, who).await?;
        if row.kind != VoiceKind::Wish.word() {
            return Err(invalid("只有数据需求可以支持。", "Only requests for data can be supported."));
        }
        if row.account == who.id || row.supported {
            return Err(DeskError::Conflict(Text::new("您已经提出或支持过这项需求。", "You have asked for this, or supported it, already.")));
        }
        let flood = Flood { since: Moment(now.0 - DAY), most: SUPPORTED_MAX };
        let store = self.logging(who, "voice.support", &object("voice", id), json!({})).await?;
        match store.support_voice(id, &who.id, now, flood).await.map_err(internal)? {
            true => Ok(()),
            false => Err(DeskError::TooMany { text: Text::new("今天支持的需求已达上限，请明天再来。", "You have supported as many requests as one may a day."), seconds: 3_600 }),
        }
    }

    /// Steward: lets everybody read it, and sends a wish to the department that it concerns; or says why not.
    pub async fn moderate_voice(&self, who: &Account, id: &str, release: bool, to: &str, words: &str, now: Moment) -> Answer<()> {
        self.may(who, "voice.moderate", &object("voice", id)).await?;
        let row = self.store().voice(id, &who.id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let department = match row.kind == VoiceKind::Wish.word() && !to.is_empty() {
            true => addressed(&self.city(), to)?,
            false => row.department,
        };
        let state = if release { VoiceState::Released } else { VoiceState::Refused };
        let reason = if release { None } else { Some(crate::share::said(words)?.to_owned()) };
        let detail = json!({ "state": state, "department": department, "reason": reason });
        let done = Moderated { id: id.to_owned(), state: state.word(), department, reason, moderator: who.id.clone(), time: now };
        match self.logging(who, "voice.moderate", &object("voice", id), detail).await?.moderate_voice(done).await.map_err(internal)? {
            true => Ok(()),
            false => Err(DeskError::Conflict(Text::new("这条意见已经审核。", "This has been decided about already."))),
        }
    }

    /// Officer of the department, steward: answers what was released, once; a wish with what becomes of it.
    pub async fn answer_voice(&self, who: &Account, id: &str, outcome: &str, words: &str, now: Moment) -> Answer<()> {
        let act = "voice.answer";
        self.may_at_all(who, act, &object("voice", id)).await?;
        let row = self.store().voice(id, &who.id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let object = Object { department: row.department.clone(), ..object("voice", id) };
        self.may(who, act, &object).await?;
        if row.state != VoiceState::Released.word() {
            return Err(DeskError::Conflict(Text::new("须先审核公开，再答复。", "It has to be released before it is answered.")));
        }
        let outcome = match row.kind == VoiceKind::Wish.word() {
            true => Some(WishOutcome::parse(outcome).ok_or_else(|| invalid("请选择办理结果。", "Choose what becomes of the request."))?),
            false => None,
        };
        let words = text(words, WORDS_MAX, ("请写明答复（不超过 1000 字）。", "Write the answer, in at most 1,000 characters."))?;
        let detail = json!({ "outcome": outcome, "words": words });
        let outcome = outcome.map(|outcome| outcome.word().to_owned());
        let done = VoiceAnswered { id: id.to_owned(), answer: words.to_owned(), outcome, answerer: who.id.clone(), time: now };
        match self.logging(who, act, &object, detail).await?.answer_voice(done).await.map_err(internal)? {
            true => Ok(()),
            false => Err(DeskError::Conflict(Text::new("这条意见已经答复。", "This has been answered already."))),
        }
    }

    /// Everybody: what was released, the newest first.
    pub async fn open_voices(&self, reader: Option<&Account>, filter: &VoiceFilter, page: u64, size: u64, now: Moment) -> Answer<Page<VoiceView>> {
        let state = Some(VoiceState::Released.word().to_owned());
        let query = Query { dataset: filter.dataset.clone(), wishes: filter.wishes, state, ..Query::default() };
        self.list_voices(reader, &query, page, size, now).await
    }

    /// Anybody logged in: what they said themselves, and what became of it.
    pub async fn own_voices(&self, who: &Account, page: u64, size: u64, now: Moment) -> Answer<Page<VoiceView>> {
        self.list_voices(Some(who), &Query { account: Some(who.id.clone()), ..Query::default() }, page, size, now).await
    }

    /// Stewards: all; officers: what their department has to answer. `open`: what waits alone, the oldest first.
    pub async fn voices(&self, who: &Account, open: bool, page: u64, size: u64, now: Moment) -> Answer<Page<VoiceView>> {
        let object = who.all_of("see.voices", "voices");
        self.may(who, "see.voices", &object).await?;
        self.list_voices(Some(who), &to_see(who, object.department, open), page, size, now).await
    }

    /// How much waits for this person: to be released, or to be answered.
    pub async fn waiting_voices(&self, who: &Account) -> Answer<u64> {
        if !who.may("see.voices") {
            return Ok(0);
        }
        let mut query = to_see(who, who.kept_to("see.voices").map(str::to_owned), true);
        if who.may("voice.moderate") {
            query.state = Some(VoiceState::Waiting.word().to_owned());
        }
        self.store().waiting_voices(&query).await.map_err(internal)
    }

    /// Everybody: how many gave a dataset stars, and how many they gave together.
    pub async fn open_stars(&self, dataset: &str) -> Answer<(u64, u64)> {
        self.store().voice_stars(dataset).await.map_err(internal)
    }

    async fn released(&self, id: &str, reader: &Account) -> Answer<VoiceRow> {
        let row = self.store().voice(id, &reader.id).await.map_err(internal)?;
        row.filter(|row| row.state == VoiceState::Released.word()).ok_or(DeskError::NotFound)
    }

    async fn list_voices(&self, reader: Option<&Account>, query: &Query, page: u64, size: u64, now: Moment) -> Answer<Page<VoiceView>> {
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let id = reader.map_or("", |who| who.id.as_str());
        let rows = self.store().voices(query, id, page, size).await.map_err(internal)?;
        let (city, today) = (self.city(), self.day(now).to_string());
        let staff = reader.is_some_and(|who| who.may("see.voices"));
        Ok(Page { entries: rows.entries.into_iter().map(|row| view(&city, row, id, staff, &today)).collect(), total: rows.total, page, size })
    }
}

/// What somebody who sees to it looks through. What is not released is the stewards' alone.
fn to_see(who: &Account, department: Option<String>, open: bool) -> Query {
    let state = (!who.may("voice.moderate")).then(|| VoiceState::Released.word().to_owned());
    Query { department, state, open, ..Query::default() }
}

fn view(city: &City, row: VoiceRow, reader: &str, staff: bool, today: &str) -> VoiceView {
    let own = !reader.is_empty() && row.account == reader;
    let state = VoiceState::parse(&row.state).unwrap_or(VoiceState::Refused);
    let owed = row.answered.is_none() && state != VoiceState::Refused && !row.due.is_empty();
    let dataset = row.dataset.map(|id| Named { title: declared(city, &id).map_or_else(|| Text::new(&id, &id), |(model, _)| model_title(model)), id });
    VoiceView {
        id: row.id,
        kind: VoiceKind::parse(&row.kind).unwrap_or(VoiceKind::Question),
        dataset,
        department: row.department.as_deref().map(|id| department(city, id)),
        author: VoiceAuthor::parse(&row.author),
        stars: row.stars,
        title: row.title,
        words: row.words,
        purpose: row.purpose,
        state,
        asked: row.asked,
        late: owed && row.due.as_str() < today,
        due: if owed { row.due } else { String::new() },
        reason: row.reason.filter(|_| own || staff),
        answer: row.answer,
        outcome: row.outcome.as_deref().and_then(WishOutcome::parse),
        answered: row.answered,
        supports: row.supports,
        supported: row.supported,
        own,
    }
}

pub(super) fn author(who: &Account) -> VoiceAuthor {
    match who.person.as_ref().map(|person| person.kind) {
        Some(PersonKind::Citizen) => VoiceAuthor::Citizen,
        Some(PersonKind::Company) => VoiceAuthor::Company,
        None => VoiceAuthor::Staff,
    }
}

/// The department that a wish is put to; nobody in particular where none is named.
fn addressed(city: &City, id: &str) -> Answer<Option<String>> {
    if id.is_empty() {
        return Ok(None);
    }
    let known = city.departments.contains_key(id);
    if known { Ok(Some(id.to_owned())) } else { Err(invalid("没有这个部门。", "There is no such department.")) }
}

fn text<'t>(words: &'t str, most: usize, (zh, en): (&str, &str)) -> Answer<&'t str> {
    let words = words.trim();
    if words.is_empty() || words.chars().count() > most { Err(invalid(zh, en)) } else { Ok(words) }
}

fn hashed(parts: &[&str]) -> String {
    hex(&Sha256::digest(parts.join("\n").as_bytes()))
}
