//! What the demo has to show of sharing: officers of two departments, and what these have asked of each other.

use std::collections::BTreeSet;

use data::share::{Channel, Lent, Purpose, Terms};
use desk::Desk;
use desk::account::{AccountView, NewRights};
use desk::authority::{Role, Roles};
use desk::share::{Asking, Decision, RequestFilter};
use desk::view::Account;

use crate::show::refusal;

/// Account, name and department.
const OFFICERS: [(&str, &str, &str); 2] = [("minzheng", "陈敏（民政局）", "civil_affairs"), ("zhujian", "周健（住建局）", "housing")];

/// The officers' links, for as long as they have not been used: name, account, token. The accounts are made at the first start.
pub async fn officer_links(desk: &Desk) -> anyhow::Result<Vec<(&'static str, &'static str, String)>> {
    let (operator, now) = (super::operator(), crate::wire::now());
    let mut links = Vec::new();
    for (name, display, department) in OFFICERS {
        if let Some(account) = account(desk, name).await? {
            if account.invited {
                links.push((display, name, desk.invite_again(&operator, &account.id, now).await.map_err(refusal)?.token));
            }
            continue;
        }
        let invited = desk.create_account(&operator, name, display, now).await.map_err(refusal)?;
        let rights = NewRights { roles: vec![Role::Officer], department: Some(department.to_owned()), clearance: None };
        desk.set_rights(&operator, &invited.account, rights).await.map_err(refusal)?;
        links.push((display, name, invited.token));
    }
    Ok(links)
}

/// Asks, decides and waits, in the names of the two officers, once.
pub async fn requests(desk: &Desk) -> anyhow::Result<()> {
    let now = crate::wire::now();
    if desk.requests(&super::operator(), &RequestFilter::default(), 1, 1, now).await.map_err(refusal)?.total > 0 {
        return Ok(());
    }
    let (Some(civil), Some(housing)) = (officer(desk, 0).await?, officer(desk, 1).await?) else { return Ok(()) };
    let (civil, housing) = (&civil, &housing);
    let until = (now.to_jiff() + jiff::SignedDuration::from_hours(24 * 300)).to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let terms = |items: &[(&str, bool)], keys: &[&str], channels: &[Channel]| Terms {
        items: items.iter().map(|(name, whole)| Lent { name: (*name).to_owned(), whole: *whole }).collect(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        condition: String::new(),
        channels: channels.iter().copied().collect::<BTreeSet<_>>(),
        purpose: Purpose::Service,
        until: until.clone(),
        per_minute: 600,
        told_after: 0,
        told_ground: String::new(),
        daily: Default::default(),
    };
    let ask = async |who: &Account, resource: &str, terms: Terms, reason: &str| {
        let asking = Asking { resource: resource.to_owned(), terms, reason: reason.to_owned(), renews: None };
        desk.ask(who, asking, now).await.map_err(refusal)
    };
    let marriages = terms(
        &[("kind", true), ("first_name", false), ("first_citizen_id", true), ("registered_on", true), ("district", true)],
        &["first_citizen_id"],
        &[Channel::Query, Channel::Verify],
    );
    let id = ask(housing, "marriages", marriages.clone(), "审核公租房申请家庭的婚姻状况。依据：《公共租赁住房管理办法》第八条。").await?;
    desk.decide_request(civil, &id, Decision::as_asked(&marriages, "限公租房资格审核使用。"), now).await.map_err(refusal)?;
    let leases = terms(
        &[("lease_no", true), ("tenant", false), ("tenant_citizen_id", true), ("monthly_rent", true), ("until_day", true)],
        &["tenant_citizen_id"],
        &[Channel::Query],
    );
    ask(civil, "rental_contracts", leases, "核对低保家庭的居住支出。依据：《社会救助暂行办法》第五十八条。").await?;
    let companies = terms(&[("uscc", true), ("company_name", true), ("status", true), ("founded_on", true)], &["uscc"], &[Channel::Query, Channel::Verify]);
    ask(civil, "companies", companies, "核对捐赠企业的登记状态。依据：《慈善法》第三十八条。").await?;
    let city = desk.city();
    if let Some(declared) = city.resources.get("building_sites") {
        let all: Vec<(&str, bool)> = declared.items.iter().map(|item| (item.name.as_str(), true)).collect();
        ask(civil, "building_sites", terms(&all, &[], &[Channel::Query, Channel::Batch]), "安排工地周边居民的走访。").await?;
    }
    Ok(())
}

/// One of the two officers, who acts: 0 lends marriages, 1 reads them.
pub async fn officer(desk: &Desk, which: usize) -> anyhow::Result<Option<Account>> {
    let Some((name, _, department)) = OFFICERS.get(which) else { return Ok(None) };
    let Some(found) = account(desk, name).await? else { return Ok(None) };
    let (id, name, display) = (found.id, found.name, found.display);
    Ok(Some(Account { id, name, display, roles: Roles::only(Role::Officer), department: Some((*department).to_owned()), ..Account::default() }))
}

async fn account(desk: &Desk, name: &str) -> anyhow::Result<Option<AccountView>> {
    Ok(desk.accounts(&super::operator()).await.map_err(refusal)?.into_iter().find(|account| account.name == name))
}
