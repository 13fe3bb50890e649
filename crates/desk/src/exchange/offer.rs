//! What a city offers a neighbour under their agreement, and what the neighbour offers us: asked now and then, and kept, so that
//! its pages stand while the link is cut.

use std::collections::BTreeSet;
use std::time::Duration;

use data::City;
use data::declare::{Grade, Neighbour, Resource, ShareType};
use data::share::{Channel, Purpose, Terms};
use futures::future::join_all;
use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::OFFER;
use super::line::{Response, problem};
use crate::authority::object;
use crate::share::{Caller, LentItem};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// Resources that are offered at most.
const RESOURCES_MAX: usize = 2_000;
/// How often what a neighbour offers is asked again by itself, and how soon after a failure, in seconds.
const EVERY: i64 = 600;
const AFTER_FAILURE: i64 = 30;
/// The longest that one call may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// What a node offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub title: Text,
    pub division: String,
    pub agreement: String,
    pub from: String,
    pub until: String,
    pub channels: BTreeSet<Channel>,
    pub purposes: BTreeSet<Purpose>,
    pub resources: Vec<OfferedResource>,
}

/// A resource that may be asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferedResource {
    pub id: String,
    pub title: Text,
    /// The department there that answers for it.
    pub provider: Text,
    pub share: ShareType,
    /// The declared conditions of sharing.
    pub condition: String,
    pub decide_days: u32,
    pub items: Vec<OfferedItem>,
    /// What a request may begin with.
    pub terms: Terms,
}

/// An item of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferedItem {
    pub name: String,
    pub title: Text,
    pub grade: Grade,
    /// What its mask leaves, in words.
    pub mask: Text,
}

impl OfferedResource {
    /// Its items under terms; with `all`, those that are not among them, too.
    pub(super) fn lent(&self, terms: &Terms, all: bool) -> Vec<LentItem> {
        let item = |item: &OfferedItem| {
            let under = terms.items.iter().find(|one| one.name == item.name);
            let key = terms.keys.contains(&item.name);
            (all || under.is_some() || key).then(|| LentItem {
                name: item.name.clone(),
                title: item.title.clone(),
                grade: item.grade,
                whole: under.map_or(item.grade <= Grade::L2, |one| one.whole),
                mask: item.mask.clone(),
                key,
            })
        };
        self.items.iter().filter_map(item).collect()
    }
}

impl Desk {
    /// A neighbour asks what it may ask for.
    pub async fn offer_to(&self, caller: &Caller, now: Moment) -> Answer<Offer> {
        let Caller::Node { id, .. } = caller else { return Err(DeskError::Forbidden(Text::new("只有协议节点可以查询。", "Only nodes of an agreement may ask."))) };
        let city = self.city();
        let node = city.nodes.get(id).ok_or(DeskError::NotFound)?;
        if !self.holds(node, now) {
            return Err(DeskError::Forbidden(Text::new("两市的协议现在无效。", "The agreement between the cities does not hold now.")));
        }
        let open = city.resources.values().filter(|one| node.offers(&city, one)).take(RESOURCES_MAX);
        Ok(Offer {
            title: Text::new(&city.info.title, &city.info.title_en),
            division: city.info.division.clone(),
            agreement: node.agreement.clone(),
            from: node.from.clone(),
            until: node.until.clone(),
            channels: node.channels.clone(),
            purposes: node.purposes.clone(),
            resources: open.map(|one| self.offered(&city, node, one, now)).collect(),
        })
    }

    fn offered(&self, city: &City, node: &Neighbour, resource: &Resource, now: Moment) -> OfferedResource {
        let proposed = Terms::proposed(city, resource, self.day(now));
        let first = |wanted: Channel| if node.channels.contains(&wanted) { Some(wanted) } else { node.channels.first().copied() };
        let terms = Terms {
            channels: first(Channel::Query).into_iter().collect(),
            purpose: node.purposes.first().copied().unwrap_or(proposed.purpose),
            until: proposed.until.clone().min(node.until.clone()),
            ..proposed
        };
        let item = |one: LentItem| OfferedItem { name: one.name, title: one.title, grade: one.grade, mask: one.mask };
        OfferedResource {
            id: resource.id.clone(),
            title: Text::new(&resource.title, &resource.title_en),
            provider: city.provider(resource).map(|one| Text::new(&one.title, &one.title_en)).unwrap_or_default(),
            share: resource.share,
            condition: resource.share_condition.clone(),
            decide_days: city.info.share.decide_days,
            items: self.lent_items(city, resource, &terms, true).into_iter().map(item).collect(),
            terms,
        }
    }

    /// Staff: calls a neighbour now, and has what waits for it sent at once.
    pub async fn call_neighbour(&self, who: &Account, id: &str, now: Moment) -> Answer<Result<Offer, Text>> {
        let city = self.city();
        let object = object(crate::log::NODE, id);
        self.may_at_all(who, "node.call", &object).await?;
        let node = city.nodes.get(id).ok_or(DeskError::NotFound)?;
        self.log(who, "node.call", &object, json!(null)).await?;
        self.store().hurry_envelopes(id, now).await.map_err(internal)?;
        self.ask_offer(node, now).await
    }

    /// Asks neighbours what they offer, where that is not known or was asked long ago.
    pub async fn refresh_offers(&self, now: Moment) -> Answer<()> {
        let (city, links) = (self.city(), self.store().node_links().await.map_err(internal)?);
        let stale = |node: &&Neighbour| {
            let link = links.iter().find(|link| link.node == node.id);
            let since = |at: Option<Moment>| at.map_or(i64::MAX, |at| now.seconds_since(at));
            link.is_none_or(|link| since(link.offered) >= EVERY && since(link.tried) >= AFTER_FAILURE)
        };
        let each = city.nodes.values().filter(|node| self.holds(node, now)).filter(stale).map(|node| self.ask_offer(node, now));
        join_all(each).await.into_iter().try_for_each(|one| one.map(drop))
    }

    /// `Err` with the reason where the neighbour could not be asked, or not be believed; both are kept for its page.
    async fn ask_offer(&self, node: &Neighbour, now: Moment) -> Answer<Result<Offer, Text>> {
        let heard = self.offer_of(node, now).await?;
        match &heard {
            Ok(offer) => self.keep_offer(&node.id, offer, now).await?,
            Err(why) => self.store().link_failed(&node.id, why, now).await.map_err(internal)?,
        }
        Ok(heard)
    }

    /// Keeps what a neighbour offers, as whoever asked it has verified.
    pub async fn keep_offer(&self, node: &str, offer: &Offer, now: Moment) -> Answer<()> {
        self.store().keep_offer(node, &serde_json::to_string(offer).map_err(internal)?, now).await.map_err(internal)
    }

    async fn offer_of(&self, node: &Neighbour, now: Moment) -> Answer<Result<Offer, Text>> {
        let (request, line) = (self.request_to(node, "GET", OFFER, None, self.now())?, self.line()?);
        let asked = ::collect::connect::Asked { method: request.method, url: request.url.clone(), headers: request.headers.clone(), body: None };
        let response = match tokio::time::timeout(DEADLINE, line.ask(&asked)).await {
            Ok(Ok(heard)) => Response::from(heard),
            Ok(Err(unheard)) => return Ok(Err(unheard.error.message)),
            Err(_) => return Ok(Err(Text::new("对方没有及时回应。", "The other node did not answer in time."))),
        };
        if response.status != 200 {
            return Ok(Err(match problem(&response) {
                DeskError::Invalid(text) | DeskError::Forbidden(text) | DeskError::Busy(text) | DeskError::Conflict(text) => text,
                other => Text::new(other.to_string(), other.to_string()),
            }));
        }
        if let Err(flaw) = self.believed(node, &request, &response, Sha256::digest(&response.body).into()) {
            return Ok(Err(self.disbelieve(node, OFFER, flaw, now).await?));
        }
        let offer = serde_json::from_slice(&response.body);
        Ok(offer.map_err(|_| Text::new("对方所提供的目录无法识别。", "What the other node offers is not in a form known here.")))
    }

    /// What a neighbour offered when it was last asked.
    pub(super) async fn offer_from(&self, node: &str) -> Answer<Option<Offer>> {
        let links = self.store().node_links().await.map_err(internal)?;
        let offer = links.into_iter().find(|link| link.node == node).and_then(|link| link.offer);
        Ok(offer.and_then(|offer| serde_json::from_str(&offer).ok()))
    }
}
