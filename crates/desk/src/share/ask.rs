//! Asking for data: what a request begins with, and what becomes of it at once.

use data::City;
use data::declare::{Resource, ShareType};
use data::rule::clock;
use data::share::{RequestState, Terms};
use jiff::civil::Date;
use kernel::{Moment, Text, uuid_v7};
use serde_json::json;
use store::share::{GrantRow, RequestActRow, RequestRow, Settled};

use super::{GrantView, LentItem, Named, department, end_of_day, invalid, request_object, resource, said};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Asking {
    pub resource: String,
    pub terms: Terms,
    /// What for, and on which legal ground.
    pub reason: String,
    /// The grant that it is to renew.
    pub renews: Option<String>,
}

/// What a request begins with.
#[derive(Clone, Debug)]
pub struct Draft {
    pub resource: Named,
    pub provider: Named,
    pub share: ShareType,
    /// The declared conditions of sharing.
    pub condition: String,
    pub terms: Terms,
    pub reason: String,
    /// The grants that the terms were taken from, and what the department has of it already.
    pub similar: Vec<GrantView>,
    pub items: Vec<LentItem>,
    pub decide_days: u32,
    /// Days by which telling persons may be put off at most.
    pub longest_delay: u32,
}

impl Desk {
    /// Officers: what a request for a resource begins with: the terms of the grant to renew, of the own department's last one,
    /// of another's, else those that the declaration proposes.
    pub async fn draft_request(&self, who: &Account, id: &str, renews: Option<&str>, now: Moment) -> Answer<Draft> {
        let own = own_department(who)?;
        self.may(who, "request.ask", &request_object("new", own)).await?;
        let city = self.city();
        let wanted = city.resources.get(id).ok_or(DeskError::NotFound)?;
        let provider = lends(&city, wanted, own)?;
        let grants = self.store().grants(None, Some(id), now, 1, 100).await.map_err(internal)?.entries;
        let today = self.day(now);
        let proposed = Terms::proposed(&city, wanted, today);
        let model = renews.and_then(|id| grants.iter().find(|grant| grant.id == id && grant.department == own));
        let model = model.or_else(|| grants.iter().find(|grant| grant.department == own)).or_else(|| grants.first());
        let before = match model {
            Some(grant) => self.store().request(&grant.request).await.map_err(internal)?,
            None => None,
        };
        // Reasons are another department's own words; terms are not.
        let reason = before.filter(|before| before.department == own).map(|before| before.reason).unwrap_or_default();
        let terms = match model {
            Some(grant) => Terms { until: proposed.until.clone(), ..super::terms(&grant.terms)? },
            None => proposed,
        };
        // That persons are told later is asked for anew, with its own ground; only a renewal goes on with it.
        let terms = if renews.is_some() { terms } else { Terms { told_after: 0, told_ground: String::new(), ..terms } };
        // What is no longer declared is left out.
        let known = |name: &String| wanted.items.iter().any(|item| item.name == *name);
        let terms = Terms { items: terms.items.into_iter().filter(|item| known(&item.name)).collect(), keys: terms.keys.into_iter().filter(known).collect(), ..terms };
        let similar = grants.into_iter().filter(|grant| grant.department == own).map(|grant| self.view_grant(&city, grant, now)).collect::<Answer<_>>()?;
        Ok(Draft {
            resource: resource(&city, id),
            provider: department(&city, provider),
            share: wanted.share,
            condition: wanted.share_condition.clone(),
            items: self.lent_items(&city, wanted, &terms, true),
            terms,
            reason,
            similar,
            decide_days: city.info.share.decide_days,
            longest_delay: city.info.share.longest_delay,
        })
    }

    /// Officers: asks for data in the name of the own department. Answers the request's id; what is shared unconditionally is
    /// granted at once.
    pub async fn ask(&self, who: &Account, asking: Asking, now: Moment) -> Answer<String> {
        let own = own_department(who)?;
        let id = uuid_v7(now, self.chance());
        let object = request_object(&id, own);
        self.may(who, "request.ask", &object).await?;
        let city = self.city();
        let wanted = city.resources.get(&asking.resource).ok_or(DeskError::NotFound)?;
        let provider = lends(&city, wanted, own)?;
        let reason = said(&asking.reason)?;
        let today = self.day(now);
        let terms = asking.terms.clone().settled(&city, wanted, today).map_err(DeskError::Invalid)?;
        super::condition::of_terms(&city, wanted, &terms)?;
        self.refuse_twice(own, &asking, &terms).await?;
        let kept = serde_json::to_string(&terms).map_err(internal)?;
        let request = RequestRow {
            id: id.clone(),
            resource: asking.resource.clone(),
            provider: provider.to_owned(),
            department: own.to_owned(),
            account: who.id.clone(),
            terms: kept.clone(),
            reason: reason.to_owned(),
            state: RequestState::Asked.word().to_owned(),
            due: due(&city, today, city.info.share.decide_days),
            asked: now,
            renews: asking.renews.clone(),
            lent: None,
        };
        let told = |act: &str, who: &str, words: &str| RequestActRow { act: act.to_owned(), who: who.to_owned(), words: words.to_owned(), time: now };
        let at_once = terms.at_once(wanted).then(|| Settled {
            request: id.clone(),
            from: RequestState::Asked.word(),
            to: RequestState::Granted.word(),
            due: String::new(),
            told: told("granted", "", ""),
            grant: Some(self.new_grant(&city, &request, kept, &terms, now)),
        });
        let granted = at_once.is_some();
        let detail = json!({ "resource": asking.resource, "terms": terms, "reason": reason, "renews": asking.renews, "granted": granted });
        let store = self.logging(who, "request.ask", &object, detail).await?;
        store.add_request(request, told("asked", &who.display, reason), at_once).await.map_err(internal)?;
        if granted {
            self.prepare_copy(&asking.resource);
        }
        Ok(id)
    }

    pub(crate) fn new_grant(&self, city: &City, request: &RequestRow, terms: String, settled: &Terms, now: Moment) -> GrantRow {
        GrantRow {
            id: uuid_v7(now, self.chance()),
            request: request.id.clone(),
            resource: request.resource.clone(),
            provider: request.provider.clone(),
            department: request.department.clone(),
            terms,
            since: now,
            until: end_of_day(city, &settled.until),
            ended: None,
            ended_by: None,
            ended_why: None,
        }
    }

    /// A request that waits already, or a grant that holds, for the same: asking again gives work and no data.
    async fn refuse_twice(&self, own: &str, asking: &Asking, terms: &Terms) -> Answer<()> {
        for standing in self.store().standing_requests(own, &asking.resource).await.map_err(internal)? {
            if super::terms(&standing.terms)?.same_use(terms) {
                return Err(DeskError::Conflict(Text::new(
                    format!("贵部门对同样内容的申请正在审核中（{}）。", standing.id),
                    format!("Your department has asked for the same already, and it is being decided ({}).", standing.id),
                )));
            }
        }
        let now = self.now();
        let grants = self.store().grants(Some(own), Some(&asking.resource), now, 1, 100).await.map_err(internal)?.entries;
        for grant in grants.into_iter().filter(|grant| grant.department == own && grant.ended.is_none() && grant.until >= now) {
            let renewed = asking.renews.as_deref() == Some(grant.id.as_str());
            if !renewed && super::terms(&grant.terms)?.same_use(terms) {
                return Err(DeskError::Conflict(Text::new(
                    format!("贵部门已有同样内容的授权（{}）；如将到期，请在该授权上续期。", grant.id),
                    format!("Your department has a grant for the same ({}); renew that one if it is to end.", grant.id),
                )));
            }
        }
        Ok(())
    }
}

/// The last day of a period in working days, counted from a day.
pub(crate) fn due(city: &City, from: Date, days: u32) -> String {
    clock::due(&city.calendar(), from, days).to_string()
}

/// The department that somebody asks and reads for.
pub(crate) fn own_department(who: &Account) -> Answer<&str> {
    who.department.as_deref().ok_or_else(|| DeskError::Forbidden(Text::new("您的账户还没有所属部门，请联系安全管理员。", "Your account has no department yet; ask the security officer.")))
}

/// The department that lends a resource, where it may be asked for.
fn lends<'c>(city: &'c City, wanted: &Resource, own: &str) -> Answer<&'c str> {
    let provider = city.provider(wanted).map(|one| one.id.as_str()).ok_or(DeskError::NotFound)?;
    if provider == own {
        return Err(invalid("这是本部门的资源，无需申请。", "This is your own department's resource; there is no need to ask."));
    }
    if wanted.share == ShareType::None {
        let ground = &wanted.share_condition;
        return Err(DeskError::Forbidden(Text::new(format!("该资源不予共享。依据：{ground}"), format!("This resource is not shared. Legal ground: {ground}"))));
    }
    Ok(provider)
}
