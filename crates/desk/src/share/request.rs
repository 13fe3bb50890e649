//! Requests as people see them.

use data::City;
use data::declare::{Grade, Resource};
use data::share::{RequestState, Terms};
use kernel::{Moment, Text};
use serde::Serialize;
use store::share::{RequestFilter as Query, RequestRow};

use super::{LentItem, Named, department, item_title, request_object, resource, state};
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, internal};

/// A request.
#[derive(Clone, Debug, Serialize)]
pub struct RequestView {
    pub id: String,
    pub resource: Named,
    /// The department that answers for the resource.
    pub provider: Named,
    /// The department that asks.
    pub department: Named,
    pub terms: Terms,
    pub reason: String,
    pub state: RequestState,
    pub asked: Moment,
    /// The last day on which whoever has to act is not late; empty when nobody has to.
    pub due: String,
    pub late: bool,
    /// The grant that it asks to renew, and the one that it led to.
    pub renews: Option<String>,
    pub grant: Option<String>,
}

/// One thing done about a request.
#[derive(Clone, Debug, Serialize)]
pub struct RequestAct {
    /// `asked`, `granted`, `refused`, `disputed`, `upheld`, `withdrawn`.
    pub act: String,
    /// Empty where it was granted at once.
    pub who: String,
    pub words: String,
    pub time: Moment,
}

/// One request, with what was done about it and what the reader may do.
#[derive(Clone, Debug)]
pub struct RequestDetail {
    pub request: RequestView,
    pub acts: Vec<RequestAct>,
    pub items: Vec<LentItem>,
    pub may_decide: bool,
    pub may_withdraw: bool,
    pub may_dispute: bool,
}

#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    pub resource: Option<String>,
    pub state: Option<RequestState>,
}

impl Desk {
    /// Officers: requests of the own department and to it; stewards: all. Those that somebody has to act on first. `page` is 1-based.
    pub async fn requests(&self, who: &Account, filter: &RequestFilter, page: u64, size: u64, now: Moment) -> Answer<Page<RequestView>> {
        let object = who.all_of("see.requests", "requests");
        self.may(who, "see.requests", &object).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let query = Query { concerns: object.department, resource: filter.resource.clone(), state: filter.state.map(|state| state.word().to_owned()) };
        let rows = self.store().requests(&query, page, size).await.map_err(internal)?;
        let (city, today) = (self.city(), self.day(now).to_string());
        let entries = rows.entries.into_iter().map(|row| view(&city, row, &today)).collect::<Answer<_>>()?;
        Ok(Page { entries, total: rows.total, page, size })
    }

    /// Officers and stewards: one request.
    pub async fn request(&self, who: &Account, id: &str, now: Moment) -> Answer<RequestDetail> {
        let row = self.request_for(who, id).await?;
        let city = self.city();
        let acts = self.store().request_acts(id).await.map_err(internal)?;
        let (provider, own) = (request_object(id, &row.provider), request_object(id, &row.department));
        let request = view(&city, row, &self.day(now).to_string())?;
        let may = |act: &str, object: &crate::authority::Object| who.may_for(act, object.department.as_deref());
        let decide = match request.state {
            RequestState::Asked => may("request.decide", &provider),
            RequestState::Disputed => may("request.settle", &provider),
            _ => false,
        };
        let items = city.resources.get(&request.resource.id).map(|found| self.lent_items(&city, found, &request.terms, false)).unwrap_or_default();
        Ok(RequestDetail {
            may_decide: decide,
            may_withdraw: request.state.waits() && may("request.withdraw", &own),
            may_dispute: request.state == RequestState::Refused && may("request.dispute", &own),
            items,
            acts: acts.into_iter().map(|act| RequestAct { act: act.act, who: act.who, words: act.words, time: act.time }).collect(),
            request,
        })
    }

    /// How many requests wait for this person.
    pub async fn waiting_requests(&self, who: &Account) -> Answer<u64> {
        let provider = who.department.as_deref().filter(|own| who.may_for("request.decide", Some(own)));
        let disputes = who.may_for("request.settle", None);
        if provider.is_none() && !disputes {
            return Ok(0);
        }
        self.store().waiting_requests(provider, disputes).await.map_err(internal)
    }

    /// The items of a resource under terms; with `all`, those that are not lent, too (as if masked).
    pub(crate) fn lent_items(&self, city: &City, lent: &Resource, terms: &Terms, all: bool) -> Vec<LentItem> {
        let item = |item: &data::declare::Item| {
            let under = terms.items.iter().find(|one| one.name == item.name);
            let grade = item.grade.unwrap_or(lent.grade);
            let key = terms.keys.contains(&item.name);
            (all || under.is_some() || key).then(|| LentItem {
                title: item_title(lent, &item.name),
                grade,
                whole: under.map_or(grade <= Grade::L2, |one| one.whole),
                mask: self.mask_title(city, lent, item),
                name: item.name.clone(),
                key,
            })
        };
        lent.items.iter().filter_map(item).collect()
    }

    fn mask_title(&self, city: &City, lent: &Resource, item: &data::declare::Item) -> Text {
        crate::sight::mask_of(city, lent, item).title()
    }
}

pub(crate) fn view(city: &City, row: RequestRow, today: &str) -> Answer<RequestView> {
    let state = state(&row.state);
    Ok(RequestView {
        resource: resource(city, &row.resource),
        provider: department(city, &row.provider),
        department: department(city, &row.department),
        terms: super::terms(&row.terms)?,
        late: state.waits() && row.due.as_str() < today,
        due: if state.waits() { row.due } else { String::new() },
        state,
        id: row.id,
        reason: row.reason,
        asked: row.asked,
        renews: row.renews,
        grant: row.lent,
    })
}
