//! 订阅: what changes under a grant is posted to an address of the receiver's as CloudEvents, signed by this node, until it is taken:
//! at least once, with ids that stay, in the order of the feed. Each delivery is told in the log before it is sent.

use std::collections::BTreeMap;
use std::time::Instant;

use ::collect::connect::Poster;
use data::share::Channel;
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use serving::{Change, ServingError};
use sha2::{Digest, Sha256};
use store::share::SubscriptionRow;

use super::door::{Call, Pass};
use super::batch::{mark, number};
use super::query::{Subjects, answered, lent_values, note_row, refusal, row_key};
use super::{Caller, invalid};
use crate::node::content_digest;
use crate::posting::{self, host, later};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// Changes of one delivery.
const CHANGES: u64 = 200;
/// What a delivery is sent as.
const KIND: &str = "application/cloudevents-batch+json; charset=utf-8";
/// How often a feed is looked at, in seconds.
const LOOK: i64 = 5;
/// The first pause after a failure, in seconds; each further one is twice as long, to an hour.
const PAUSE: i64 = 10;
const PAUSE_MAX: i64 = 3_600;
/// A round begins no further delivery after so long, in seconds.
const ROUND: u64 = 60;
const URL_MAX: usize = 1_000;
/// Who posts.
const ACTOR: &str = "subscription";

/// Where a subscription stands.
#[derive(Clone, Debug, Serialize)]
pub struct SubscriptionView {
    pub url: String,
    pub created: Moment,
    /// Up to where the receiver has taken the feed.
    pub since: String,
    /// Whether something is on its way that was not taken yet.
    pub waiting: bool,
    pub tries: u64,
    pub next: Moment,
    pub taken: Option<Moment>,
    pub error: Option<Text>,
}

impl SubscriptionView {
    /// Others than the department that reads see the host alone: more of the address may be secret.
    pub(super) fn shown_to(mut self, who: &Account, department: &str) -> SubscriptionView {
        if who.department.as_deref() != Some(department) {
            self.url = host(&self.url).to_owned();
        }
        self
    }
}

impl From<SubscriptionRow> for SubscriptionView {
    fn from(row: SubscriptionRow) -> SubscriptionView {
        SubscriptionView {
            waiting: row.body.is_some(),
            url: row.url,
            created: row.created,
            since: row.since,
            tries: row.tries,
            next: row.next,
            taken: row.taken,
            error: row.error,
        }
    }
}

impl Desk {
    /// An application or an officer: has changes under a grant posted to an address, from `since` (of a file) or from now on. One
    /// for each grant; another address takes its place.
    pub async fn subscribe(&self, caller: &Caller, grant: &str, call: &Call, url: &str, since: Option<&str>, now: Moment) -> Answer<SubscriptionView> {
        let pass = self.pass(caller, grant, Channel::Subscribe, call, now).await?;
        let url = url.trim();
        if url.len() > URL_MAX || url.contains("${") {
            return Err(invalid("地址过长或含有变量。", "The address is too long, or has variables."));
        }
        self.poster(&pass, url, BTreeMap::new())?;
        let copy = self.copy_for_answer(&pass.resource.id)?;
        let since = match since {
            Some(since) => number(&copy, since).map(|number| mark(&copy, number))?,
            None => mark(&copy, copy.last().map_err(refusal)?),
        };
        let detail = json!({ "act": "subscribe", "host": host(url), "since": since });
        let store = self.store().logging(self.leaf(caller.actor(), "grant.subscribe", &crate::log::subject("grant", grant), detail));
        store.put_subscription(grant, url, &since, now).await.map_err(internal)?;
        self.subscription_of(grant).await?.ok_or(DeskError::NotFound)
    }

    /// An application or an officer: ends it.
    pub async fn unsubscribe(&self, caller: &Caller, grant: &str, call: &Call, now: Moment) -> Answer<()> {
        self.pass(caller, grant, Channel::Subscribe, call, now).await?;
        let store = self.store().logging(self.leaf(caller.actor(), "grant.subscribe", &crate::log::subject("grant", grant), json!({ "act": "end" })));
        if store.drop_subscription(grant).await.map_err(internal)? { Ok(()) } else { Err(DeskError::NotFound) }
    }

    /// Whom the grant concerns: where its subscription stands.
    pub async fn subscription(&self, caller: &Caller, grant: &str) -> Answer<Option<SubscriptionView>> {
        let found = self.subscription_of(grant).await?;
        match caller {
            Caller::Person(who) => {
                let row = self.grant_for(who, grant).await?;
                Ok(found.map(|subscription| subscription.shown_to(who, &row.department)))
            }
            Caller::Application { department, .. } | Caller::Node { department, .. } => {
                let row = self.store().grant(grant).await.map_err(internal)?;
                row.filter(|row| row.department == *department).map(|_| found).ok_or(DeskError::NotFound)
            }
        }
    }

    pub(super) async fn subscription_of(&self, grant: &str) -> Answer<Option<SubscriptionView>> {
        Ok(self.store().subscription(grant).await.map_err(internal)?.map(SubscriptionView::from))
    }

    /// Posts what has changed under the grants that are subscribed; answers how many deliveries were taken.
    pub async fn deliver_subscriptions(&self, now: Moment) -> Answer<u64> {
        let (began, mut taken) = (Instant::now(), 0);
        for row in self.store().due_subscriptions(now).await.map_err(internal)? {
            if began.elapsed().as_secs() > ROUND {
                break;
            }
            let lent = row.lent.clone();
            match self.deliver(row, now).await {
                Ok(true) => taken += 1,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(grant = lent, %error, "changes under a grant could not be posted");
                    let why = Text::new("数据暂不可用", "the data is not available now");
                    self.store().delivery_failed(&lent, why, later(now, PAUSE)).await.map_err(internal)?;
                }
            }
        }
        Ok(taken)
    }

    /// One delivery: what is on its way, else what has changed since. Answers whether something was taken.
    async fn deliver(&self, row: SubscriptionRow, now: Moment) -> Answer<bool> {
        let Some(pass) = self.subscribed(&row.lent, now).await? else {
            // What was on its way when the grant ended does not go out any more.
            self.store().drop_subscription(&row.lent).await.map_err(internal)?;
            return Ok(false);
        };
        let (body, upto) = match (row.body, row.upto) {
            (Some(body), Some(upto)) => (body, upto),
            _ => match self.prepare(&pass, &row.since).await? {
                Some(prepared) => prepared,
                None => {
                    self.store().rest_subscription(&row.lent, later(now, LOOK)).await.map_err(internal)?;
                    return Ok(false);
                }
            },
        };
        let posted = match self.signed_headers(&row.url, &body, now).and_then(|headers| self.poster(&pass, &row.url, headers)) {
            Ok(poster) => poster.post(KIND, body).await.map_err(|unposted| (unposted.error.message, unposted.pause)),
            Err(DeskError::Invalid(text)) => Err((text, None)),
            Err(other) => return Err(other),
        };
        match posted {
            Ok(()) => {
                self.store().delivery_taken(&row.lent, &upto, now).await.map_err(internal)?;
                Ok(true)
            }
            Err((error, asked)) => {
                let seconds = posting::pause(row.tries, PAUSE, PAUSE_MAX).max(posting::asked(asked, PAUSE_MAX));
                self.store().delivery_failed(&row.lent, error, later(now, seconds)).await.map_err(internal)?;
                Ok(false)
            }
        }
    }

    /// The grant, as long as it holds for this channel.
    async fn subscribed(&self, lent: &str, now: Moment) -> Answer<Option<Pass>> {
        let pass = self.open_pass(lent).await?;
        Ok(pass.filter(|pass| {
            let call = Call { purpose: pass.terms.purpose.word().to_owned(), case: None };
            super::door::holds(pass, Channel::Subscribe, &call, now).is_ok()
        }))
    }

    /// What has changed since, as it will be sent however often; `None` where nothing has.
    async fn prepare(&self, pass: &Pass, since: &str) -> Answer<Option<(String, String)>> {
        let copy = self.copy_for_answer(&pass.resource.id)?;
        let city = self.city();
        let source = format!("/sanjiang/{}/grants/{}", city.info.division, pass.grant.id);
        let time = self.now().rfc3339();
        let event = |id: &str, kind: &str, subject: Option<&Json>, data: Json| {
            json!({ "specversion": "1.0", "id": id, "source": source, "type": format!("sanjiang.row.{kind}"), "subject": subject,
                "time": time, "datacontenttype": "application/json", "data": data })
        };
        let columns: Vec<String> = pass.terms.items.iter().map(|item| item.name.clone()).collect();
        let asked: Vec<String> = columns.iter().cloned().chain(pass.about()).collect();
        let found = match number(&copy, since) {
            Err(_) => Err(ServingError::Gone { since: 0, oldest: 0, last: 0 }),
            Ok(number) => {
                let (copy, condition) = (copy.clone(), pass.condition.clone());
                let read = move || copy.within(super::query::DEADLINE).changes(number, CHANGES, &asked, condition.as_ref());
                tokio::task::spawn_blocking(read).await.map_err(internal)?
            }
        };
        let (events, upto, subjects) = match found {
            Ok(found) if found.changes.is_empty() => return Ok(None),
            Ok(found) => {
                let mut subjects = Subjects::new();
                let mut events = Vec::with_capacity(found.changes.len());
                for Change { seq, op, key, row } in &found.changes {
                    let named = row_key(&self.0.secret, pass, key);
                    let data = row.as_ref().map_or(Json::Null, |row| {
                        let (lent, ids) = row.split_at(columns.len().min(row.len()));
                        note_row(&self.0.secret, pass, ids, |digest| *subjects.entry(digest).or_default() += 1);
                        let cells: Map<String, Json> = columns.iter().cloned().zip(lent_values(pass, lent)).collect();
                        Json::Object(cells)
                    });
                    events.push(event(&mark(&copy, *seq), op.word(), Some(&named), data));
                }
                (events, mark(&copy, found.next), subjects)
            }
            // The feed does not reach back so far: the receiver has to take all rows again.
            Err(ServingError::Gone { .. }) => {
                let now = mark(&copy, copy.last().map_err(refusal)?);
                (vec![event(&now, "reset", None, json!({ "take": format!("/api/v1/grants/{}/batch", pass.grant.id), "since": now }))], now, Default::default())
            }
            Err(other) => return Err(refusal(other)),
        };
        let rows = u64::try_from(events.len()).unwrap_or(u64::MAX);
        let body = Json::Array(events).to_string();
        let digest = Sha256::digest(body.as_bytes()).into();
        let mut detail = answered(pass, Channel::Subscribe, Some(copy.mark().map_err(refusal)?.batch), rows, &digest);
        detail.insert("since".to_owned(), Json::from(since));
        let actor = crate::log::Actor::from(ACTOR);
        let read = self.new_read(pass, Channel::Subscribe, actor, rows, subjects);
        let leaf = self.leaf(actor, "read.grant", &crate::log::subject("grant", &pass.grant.id), Json::Object(detail));
        self.store().prepare_delivery(leaf, read, body.clone(), upto.clone()).await.map_err(internal)?;
        Ok(Some((body, upto)))
    }

    /// Digest and signature of a delivery (RFC 9530, RFC 9421).
    fn signed_headers(&self, url: &str, body: &str, now: Moment) -> Answer<BTreeMap<String, String>> {
        let digest = content_digest(&Sha256::digest(body.as_bytes()));
        let parts = [("\"@method\"", "POST"), ("\"@target-uri\"", url), ("\"content-digest\"", &digest), ("\"content-type\"", KIND)];
        let signed = self.sign_message(&parts, now)?;
        Ok(BTreeMap::from([
            ("Content-Digest".to_owned(), digest),
            ("Signature-Input".to_owned(), signed.input),
            ("Signature".to_owned(), signed.signature),
        ]))
    }

    fn poster(&self, pass: &Pass, url: &str, headers: BTreeMap<String, String>) -> Answer<Poster> {
        let poster = self.0.sources.within(&pass.city.info).and_then(|ctx| Poster::new(&ctx, "subscription", url, &headers));
        poster.map_err(|error| DeskError::Invalid(error.message))
    }
}
