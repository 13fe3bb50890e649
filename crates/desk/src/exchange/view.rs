//! Neighbours as people see them: the agreement, the link, what is offered, what was asked, and what is on its way.

use data::City;
use data::declare::Neighbour;
use data::share::{RequestState, Terms};
use kernel::{Moment, Text};
use serde::Serialize;
use store::node::{InboxRow, LinkRow, NodeRequestRow, OutboxRow};

use super::envelope::{RequestWord, moment};
use super::offer::{Offer, OfferedResource};
use crate::node::PublicKey;
use crate::posting::host;
use crate::runs::PAGE_MAX;
use crate::share::{LentItem, Named, RequestView, department};
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// Entries of each list on a neighbour's page.
const SHOWN: u64 = 50;

/// How the link to a neighbour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It answered when it was last called.
    Up,
    /// It did not, or what it said was not believed.
    Down,
    /// It has not been called yet.
    Unknown,
    /// The agreement does not hold today.
    Closed,
}

/// A neighbour.
#[derive(Clone, Debug, Serialize)]
pub struct NodeView {
    pub id: String,
    pub title: Text,
    pub division: String,
    /// Of its address, what is no secret.
    pub host: String,
    pub agreement: String,
    pub contact: String,
    pub from: String,
    pub until: String,
    pub state: LinkState,
    pub answered: Option<Moment>,
    pub called: Option<Moment>,
    pub tried: Option<Moment>,
    pub error: Option<Text>,
    /// Envelopes that it has not taken yet.
    pub waiting: u64,
    /// Thumbprints of its keys.
    pub keys: Vec<String>,
}

/// An envelope.
#[derive(Clone, Debug, Serialize)]
pub struct EnvelopeView {
    pub id: String,
    pub kind: String,
    pub subject: String,
    pub time: Moment,
    /// When it was taken; `None` while it waits.
    pub taken: Option<Moment>,
    pub tries: u64,
    pub next: Option<Moment>,
    pub error: Option<Text>,
}

/// A neighbour with everything that there is between us.
#[derive(Clone, Debug)]
pub struct NodeDetail {
    pub node: NodeView,
    /// What it may ask of us.
    pub departments: Vec<Named>,
    pub resources: Vec<Named>,
    pub terms: Neighbour,
    /// What it offers, and when it said so.
    pub offer: Option<Offer>,
    pub offered: Option<Moment>,
    pub ours: Page<NodeRequestView>,
    /// What it has asked of us.
    pub theirs: Page<RequestView>,
    pub out: Page<EnvelopeView>,
    pub inward: Page<EnvelopeView>,
    pub may_ask: bool,
    pub may_call: bool,
}

/// Where a request to a neighbour stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRequestState {
    /// On its way.
    Queued,
    /// The other node has not taken it, for good.
    Rejected,
    /// As that city says.
    There(RequestState),
    /// The grant was withdrawn, or is over.
    Ended,
}

impl NodeRequestState {
    pub fn of(word: &str) -> NodeRequestState {
        match word {
            "queued" => NodeRequestState::Queued,
            "rejected" => NodeRequestState::Rejected,
            word => RequestState::of(word).map_or(NodeRequestState::Rejected, NodeRequestState::There),
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            NodeRequestState::Queued => "queued",
            NodeRequestState::Rejected => "rejected",
            NodeRequestState::There(state) => state.word(),
            NodeRequestState::Ended => "ended",
        }
    }

    pub fn title(self) -> Text {
        match self {
            NodeRequestState::Queued => Text::new("正在送达", "On its way"),
            NodeRequestState::Rejected => Text::new("对方未受理", "Not taken"),
            NodeRequestState::There(state) => state.title(),
            NodeRequestState::Ended => Text::new("授权已结束", "Grant over"),
        }
    }

    /// Whether it can still be taken back.
    pub fn waits(self) -> bool {
        match self {
            NodeRequestState::Queued => true,
            NodeRequestState::There(state) => state.waits(),
            _ => false,
        }
    }
}

/// A request to a neighbour.
#[derive(Clone, Debug)]
pub struct NodeRequestView {
    pub id: String,
    pub node: Named,
    pub resource: Named,
    pub department: Named,
    pub who: String,
    pub terms: Terms,
    pub reason: String,
    pub asked: Moment,
    pub state: NodeRequestState,
    pub word: Option<RequestWord>,
}

/// A reading from a neighbour.
#[derive(Clone, Debug, Serialize)]
pub struct NodeReadView {
    pub leaf: u64,
    pub theirs: u64,
    pub channel: String,
    pub caller: Text,
    pub time: Moment,
    pub digest: String,
    /// Of a file.
    pub bytes: Option<u64>,
    pub next: Option<String>,
}

/// One request to a neighbour, with its use and what the reader may do.
#[derive(Clone, Debug)]
pub struct NodeRequestDetail {
    pub request: NodeRequestView,
    /// Under the terms that hold: those of the grant, else those asked for.
    pub items: Vec<LentItem>,
    pub reads: Vec<NodeReadView>,
    pub may_withdraw: bool,
    pub may_dispute: bool,
    pub may_read: bool,
}

/// The neighbour's last word on a request.
pub(super) fn word(row: &NodeRequestRow) -> Option<RequestWord> {
    serde_json::from_str(row.word.as_deref()?).ok()
}

impl Desk {
    /// Staff: all neighbours.
    pub async fn neighbours(&self, who: &Account, now: Moment) -> Answer<Vec<NodeView>> {
        self.may(who, "see.nodes", &who.all_of("see.nodes", "nodes")).await?;
        let (city, links) = (self.city(), self.store().node_links().await.map_err(internal)?);
        let mut all = Vec::with_capacity(city.nodes.len());
        for node in city.nodes.values() {
            all.push(self.view_node(node, links.iter().find(|link| link.node == node.id), now).await?);
        }
        Ok(all)
    }

    /// Staff: one neighbour. Officers see of requests those of their own department.
    pub async fn neighbour(&self, who: &Account, id: &str, now: Moment) -> Answer<NodeDetail> {
        let all = who.all_of("see.nodes", "nodes");
        self.may(who, "see.nodes", &all).await?;
        let (city, links) = (self.city(), self.store().node_links().await.map_err(internal)?);
        let node = city.nodes.get(id).ok_or(DeskError::NotFound)?;
        let link = links.iter().find(|link| link.node == id);
        let own = all.department.as_deref();
        let ours = self.store().node_requests(Some(id), own, 1, SHOWN).await.map_err(internal)?;
        let theirs = store::share::RequestFilter { concerns: Some(node.department()), ..Default::default() };
        let theirs = self.store().requests(&theirs, 1, SHOWN).await.map_err(internal)?;
        let (out, inward) = (self.store().envelopes(id, 1, SHOWN).await.map_err(internal)?, self.store().taken_envelopes(id, 1, SHOWN).await.map_err(internal)?);
        let today = self.day(now).to_string();
        let mine = |row: &store::share::RequestRow| own.is_none_or(|own| row.provider == own);
        let theirs_total = theirs.total;
        let theirs = theirs.entries.into_iter().filter(mine).map(|row| crate::share::view_request(&city, row, &today)).collect::<Answer<Vec<_>>>()?;
        let named = |id: &String| city.resources.get(id).map(|one| Named { id: id.clone(), title: Text::new(&one.title, &one.title_en) });
        let page = |entries, total| Page { entries, total, page: 1, size: SHOWN };
        Ok(NodeDetail {
            departments: node.departments.iter().map(|id| department(&city, id)).collect(),
            resources: node.resources.iter().filter_map(named).collect(),
            terms: node.clone(),
            offer: link.and_then(|link| serde_json::from_str(link.offer.as_deref()?).ok()),
            offered: link.and_then(|link| link.offered),
            ours: page(ours.entries.into_iter().map(|row| view_request(&city, row, now)).collect::<Answer<Vec<_>>>()?, ours.total),
            theirs: Page { total: if own.is_some() { theirs.len() as u64 } else { theirs_total }, entries: theirs, page: 1, size: SHOWN },
            out: Page { total: out.total, entries: out.entries.into_iter().map(outward).collect(), page: 1, size: SHOWN },
            inward: Page { total: inward.total, entries: inward.entries.into_iter().map(inward_view).collect(), page: 1, size: SHOWN },
            may_ask: who.may_for("node.ask", who.department.as_deref()) && !who.is_command(),
            may_call: who.may_for("node.call", None),
            node: self.view_node(node, link, now).await?,
        })
    }

    /// Staff: requests to neighbours, of the own department or of all. `page` is 1-based.
    pub async fn node_requests(&self, who: &Account, page: u64, size: u64, now: Moment) -> Answer<Page<NodeRequestView>> {
        let all = who.all_of("see.nodes", "nodes");
        self.may(who, "see.nodes", &all).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().node_requests(None, all.department.as_deref(), page, size).await.map_err(internal)?;
        let city = self.city();
        let entries = rows.entries.into_iter().map(|row| view_request(&city, row, now)).collect::<Answer<_>>()?;
        Ok(Page { entries, total: rows.total, page, size })
    }

    /// Staff: one request to a neighbour.
    pub async fn node_request(&self, who: &Account, id: &str, now: Moment) -> Answer<NodeRequestDetail> {
        let row = self.node_request_for(who, id).await?;
        let (city, names) = (self.city(), self.names().await?);
        let reads = self.store().node_reads(id, SHOWN).await.map_err(internal)?;
        let offer = self.offer_from(&row.node).await?;
        let own = Some(row.department.clone());
        let request = view_request(&city, row, now)?;
        let terms = request.word.as_ref().and_then(|word| word.grant.as_ref()).map_or(&request.terms, |grant| &grant.terms);
        let wanted: Option<&OfferedResource> = offer.as_ref().and_then(|offer| offer.resources.iter().find(|one| one.id == request.resource.id));
        let granted = request.state == NodeRequestState::There(RequestState::Granted);
        Ok(NodeRequestDetail {
            items: wanted.map(|wanted| wanted.lent(terms, false)).unwrap_or_default(),
            reads: reads
                .into_iter()
                .map(|read| NodeReadView { leaf: read.leaf, theirs: read.theirs, channel: read.channel, caller: names.actor(&read.caller), time: read.time, digest: read.digest, bytes: read.bytes, next: read.next })
                .collect(),
            may_withdraw: request.state.waits() && who.may_for("node.withdraw", own.as_deref()),
            may_dispute: request.state == NodeRequestState::There(RequestState::Refused) && who.may_for("node.dispute", own.as_deref()),
            may_read: granted && who.may_for("node.read", own.as_deref()) && !who.is_command(),
            request,
        })
    }

    async fn view_node(&self, node: &Neighbour, link: Option<&LinkRow>, now: Moment) -> Answer<NodeView> {
        let none = LinkRow::default();
        let link = link.unwrap_or(&none);
        let state = match link {
            _ if !self.holds(node, now) => LinkState::Closed,
            link if link.error.is_some() => LinkState::Down,
            link if link.answered.is_some() => LinkState::Up,
            _ => LinkState::Unknown,
        };
        Ok(NodeView {
            id: node.id.clone(),
            title: Text::new(&node.title, &node.title_en),
            division: node.division.clone(),
            host: host(&node.url).to_owned(),
            agreement: node.agreement.clone(),
            contact: node.contact.clone(),
            from: node.from.clone(),
            until: node.until.clone(),
            state,
            answered: link.answered,
            called: link.called,
            tried: link.tried,
            error: link.error.clone(),
            waiting: self.store().waiting_envelopes(&node.id).await.map_err(internal)?,
            keys: node.keys.iter().map(|key| PublicKey::named(key.x.clone()).kid).collect(),
        })
    }
}

fn view_request(city: &City, row: NodeRequestRow, now: Moment) -> Answer<NodeRequestView> {
    let word = word(&row);
    let over = word.as_ref().and_then(|word| word.grant.as_ref()).is_some_and(|grant| grant.ended.is_some() || moment(&grant.until) < now);
    let title = city.nodes.get(&row.node).map_or_else(|| Text::new(&row.node, &row.node), |node| Text::new(&node.title, &node.title_en));
    Ok(NodeRequestView {
        node: Named { id: row.node, title },
        department: department(city, &row.department),
        resource: Named { id: row.resource, title: row.title },
        terms: crate::share::terms(&row.terms)?,
        state: if over { NodeRequestState::Ended } else { NodeRequestState::of(&row.state) },
        id: row.id,
        who: row.who,
        reason: row.reason,
        asked: row.asked,
        word,
    })
}

fn outward(row: OutboxRow) -> EnvelopeView {
    EnvelopeView { next: row.taken.is_none().then_some(row.next), id: row.id, kind: row.kind, subject: row.subject, time: row.time, taken: row.taken, tries: row.tries, error: row.error }
}

fn inward_view(row: InboxRow) -> EnvelopeView {
    EnvelopeView { id: row.id, kind: row.kind, subject: row.subject, time: row.time, taken: Some(row.time), tries: 1, next: None, error: None }
}
