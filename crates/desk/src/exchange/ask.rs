//! Asking another city for data, in the name of the own department: by the same form and terms as at home. The request is durable
//! with its envelope; what becomes of it is the other city's to say.

use data::share::{RequestState, Terms};
use kernel::{Moment, Text, uuid_v7};
use serde_json::json;
use store::StoreError;
use store::node::NodeRequestRow;

use super::envelope::{ActBody, moment};
use super::offer::{Offer, OfferedResource};
use super::view::NodeRequestState;
use crate::authority::{Object, object};
use crate::share::{Draft, Named, invalid, own_department, said};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// What somebody asks of a neighbour.
#[derive(Clone, Debug)]
pub struct NodeAsking {
    pub node: String,
    pub resource: String,
    pub terms: Terms,
    /// What for, and on which legal ground.
    pub reason: String,
}

/// What who asked does about it.
#[derive(Clone, Debug)]
pub enum NodeAct {
    Withdraw,
    /// A refusal is not accepted, and why.
    Dispute(String),
}

impl Desk {
    /// Officers: what a request to a neighbour begins with: what it proposes.
    pub async fn draft_for_neighbour(&self, who: &Account, node: &str, resource: &str) -> Answer<Draft> {
        let own = own_department(who)?;
        self.may(who, "node.ask", &asked_object("new", own)).await?;
        let (offer, wanted) = self.offered_there(node, resource).await?;
        let before = self.store().node_requests(Some(node), Some(own), 1, 20).await.map_err(internal)?.entries;
        let last = before.into_iter().find(|row| row.resource == resource);
        let terms = match &last {
            Some(row) => Terms { until: wanted.terms.until.clone(), ..crate::share::terms(&row.terms)? },
            None => wanted.terms.clone(),
        };
        Ok(Draft {
            resource: Named { id: wanted.id.clone(), title: wanted.title.clone() },
            provider: Named { id: node.to_owned(), title: Text::new(format!("{} · {}", offer.title.zh, wanted.provider.zh), format!("{} · {}", english(&offer.title), english(&wanted.provider))) },
            share: wanted.share,
            condition: wanted.condition.clone(),
            items: wanted.lent(&terms, true),
            terms,
            reason: last.map(|row| row.reason).unwrap_or_default(),
            similar: Vec::new(),
            decide_days: wanted.decide_days,
            // What the neighbour allows is its own city's to say.
            longest_delay: 0,
        })
    }

    /// Officers: asks a neighbour for data in the name of the own department. Answers the request's id; it is on its way then.
    pub async fn ask_neighbour(&self, who: &Account, asking: NodeAsking, now: Moment) -> Answer<String> {
        let own = own_department(who)?;
        let id = uuid_v7(now, self.chance());
        let object = asked_object(&id, own);
        self.may(who, "node.ask", &object).await?;
        let (offer, wanted) = self.offered_there(&asking.node, &asking.resource).await?;
        let reason = said(&asking.reason)?;
        let terms = in_order(&offer, &wanted, asking.terms)?;
        self.refuse_asking_twice(own, &asking.node, &asking.resource, &terms, now).await?;
        let detail = json!({ "node": asking.node, "resource": asking.resource, "terms": terms, "reason": reason });
        let row = NodeRequestRow {
            id: id.clone(),
            node: asking.node,
            resource: asking.resource,
            title: wanted.title,
            department: own.to_owned(),
            account: who.id.clone(),
            who: who.display.clone(),
            terms: serde_json::to_string(&terms).map_err(internal)?,
            reason: reason.to_owned(),
            asked: now,
            state: String::new(),
            number: 0,
            word: None,
        };
        self.logging(who, "node.ask", &object, detail).await?.ask_neighbour(row).await.map_err(internal)?;
        Ok(id)
    }

    /// Officers: takes a request back, or disputes its refusal. The neighbour says what comes of it.
    pub async fn act_on_node_request(&self, who: &Account, id: &str, act: NodeAct, now: Moment) -> Answer<()> {
        let row = self.node_request_for(who, id).await?;
        let (word, kind) = match &act {
            NodeAct::Withdraw => ("node.withdraw", "request.withdraw"),
            NodeAct::Dispute(_) => ("node.dispute", "request.dispute"),
        };
        let object = asked_object(id, &row.department);
        self.may(who, word, &object).await?;
        let state = NodeRequestState::of(&row.state);
        let (words, fits) = match act {
            NodeAct::Withdraw => (String::new(), state.waits()),
            NodeAct::Dispute(words) => (said(&words)?.to_owned(), state == NodeRequestState::There(RequestState::Refused)),
        };
        if !fits {
            return Err(DeskError::Conflict(Text::new("这份申请已处于其他状态。", "The request stands elsewhere by now.")));
        }
        let city = self.city();
        let node = city.nodes.get(&row.node).ok_or_else(|| invalid("该节点已不再声明。", "The node is no longer declared."))?;
        let envelope = format!("{id}.{}", kind.trim_start_matches("request."));
        let body = serde_json::to_value(ActBody { who: who.display.clone(), words: words.clone() }).map_err(internal)?;
        let written = serde_json::to_string(&self.envelope(&city, node, &envelope, kind, id, now, body)).map_err(internal)?;
        let store = self.logging(who, word, &object, json!({ "node": row.node, "resource": row.resource, "words": words })).await?;
        store.tell_neighbour(&row, &envelope, kind, &written, now).await.map_err(|error| match error {
            StoreError::Taken(_) => DeskError::Conflict(Text::new("已经告知对方，请等候答复。", "The other city is told already; its answer is on its way.")),
            other => internal(other),
        })
    }

    /// What a neighbour offers, and the resource that is wanted of it.
    async fn offered_there(&self, node: &str, resource: &str) -> Answer<(Offer, OfferedResource)> {
        if !self.city().nodes.contains_key(node) {
            return Err(DeskError::NotFound);
        }
        let offer = self.offer_from(node).await?.ok_or(DeskError::NotFound)?;
        let wanted = offer.resources.iter().find(|one| one.id == resource).cloned().ok_or(DeskError::NotFound)?;
        Ok((offer, wanted))
    }

    async fn refuse_asking_twice(&self, own: &str, node: &str, resource: &str, terms: &Terms, now: Moment) -> Answer<()> {
        for row in self.store().standing_node_requests(node, resource, own).await.map_err(internal)? {
            let word = super::view::word(&row);
            let over = word.and_then(|word| word.grant).is_some_and(|grant| grant.ended.is_some() || moment(&grant.until) < now);
            if !over && crate::share::terms(&row.terms)?.same_use(terms) {
                return Err(DeskError::Conflict(Text::new(
                    format!("贵部门已向该市申请过同样的内容（{}）。", row.id),
                    format!("Your department has asked that city for the same already ({}).", row.id),
                )));
            }
        }
        Ok(())
    }

    /// A request that concerns somebody: other departments' are not there.
    pub(super) async fn node_request_for(&self, who: &Account, id: &str) -> Answer<NodeRequestRow> {
        let object = Object { department: who.department.clone(), ..object("node_request", id) };
        self.may(who, "see.nodes", &object).await?;
        let row = self.store().node_request(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        match who.kept_to("see.nodes") {
            Some(own) if own != row.department => Err(DeskError::NotFound),
            _ => Ok(row),
        }
    }
}

pub(super) fn asked_object(id: &str, department: &str) -> Object {
    Object { department: Some(department.to_owned()), ..object("node_request", id) }
}

/// What can be told here of terms: the other city settles them by its own rules.
fn in_order(offer: &Offer, wanted: &OfferedResource, terms: Terms) -> Answer<Terms> {
    let known = |name: &String| wanted.items.iter().any(|item| item.name == *name);
    if let Some(odd) = terms.items.iter().map(|item| &item.name).chain(&terms.keys).find(|name| !known(name)) {
        return Err(invalid(format!("没有信息项 {odd}。"), format!("There is no item {odd}.")));
    }
    if terms.items.is_empty() {
        return Err(invalid("请至少选择一个信息项。", "Choose one item at least."));
    }
    if terms.channels.is_empty() || terms.channels.iter().any(|channel| !offer.channels.contains(channel)) {
        return Err(invalid("请在协议所列的方式中选择。", "Choose among the channels that the agreement lists."));
    }
    if !offer.purposes.contains(&terms.purpose) {
        return Err(invalid("协议不含这种用途。", "The agreement does not include this purpose."));
    }
    if terms.until.parse::<jiff::civil::Date>().is_err() || terms.until > offer.until {
        return Err(invalid(format!("期限应为日期，不晚于 {}。", offer.until), format!("The period ends on a day, {} at the latest.", offer.until)));
    }
    Ok(terms)
}

fn english(text: &Text) -> &str {
    text.get(kernel::Lang::En)
}
