//! What the demo has to show of citizens and companies: one of each, whom the sample systems know, and who were read about.

use std::collections::BTreeMap;
use std::time::Duration;

use desk::account::{NewPerson, PersonKind};
use desk::share::{Call, Caller};
use desk::view::Account;
use desk::Desk;
use sample::somebody::{self, Somebody};

use crate::show::refusal;

/// How often and how long the first readings wait for the tables to be collected.
const PAUSE: Duration = Duration::from_secs(2);
const TRIES: u32 = 1_800;
const COMPANY: &str = "company";
const CITIZEN: &str = "citizen";

/// Their links, for as long as they have not been used: name, account, token. The accounts are made at the first start.
pub async fn links(desk: &Desk) -> anyhow::Result<Vec<(String, &'static str, String)>> {
    let (operator, now) = (super::operator(), crate::wire::now());
    let mut links = Vec::new();
    for (kind, name) in [(PersonKind::Citizen, CITIZEN), (PersonKind::Company, COMPANY)] {
        let Some(Somebody { name: display, number }) = whom(desk, kind)? else { continue };
        let shown = format!("{display}（{}）", kind.title().zh);
        if let Some(account) = desk.account_bound_to(kind, &number).await.map_err(refusal)? {
            if account.invited {
                links.push((shown, name, desk.invite_again(&operator, &account.id, now).await.map_err(refusal)?.token));
            }
            continue;
        }
        let invited = desk.create_person(&operator, NewPerson { name, display: &display, kind, number: &number }, now).await.map_err(refusal)?;
        desk.confirm_person(&operator, &invited.account, &number, now).await.map_err(refusal)?;
        links.push((shown, name, invited.token));
    }
    Ok(links)
}

fn whom(desk: &Desk, kind: PersonKind) -> anyhow::Result<Option<Somebody>> {
    let sources = desk.city_dir().join("sources");
    let found = match kind {
        PersonKind::Citizen => somebody::citizen(&sources),
        PersonKind::Company => somebody::company(&sources),
    };
    found.map_err(|error| anyhow::anyhow!("{0} / {1}", error.text().zh, error.text().en))
}

/// Reads about both once the tables are there, in the names of the two officers and an application; once.
pub async fn readings(desk: Desk) {
    if let Err(error) = read(&desk).await {
        tracing::warn!(%error, "the demo's readings were not made");
    }
}

async fn read(desk: &Desk) -> anyhow::Result<()> {
    let (Some(civil), Some(housing)) = (super::demo_share::officer(desk, 0).await?, super::demo_share::officer(desk, 1).await?) else { return Ok(()) };
    let (citizen, company) = (whom(desk, PersonKind::Citizen)?, whom(desk, PersonKind::Company)?);
    if let (Some(citizen), Some(grant)) = (citizen, unused(desk, &housing, "marriages").await?) {
        let key = desk.add_application(&housing, "housing", "公租房资格审核", crate::wire::now()).await.map_err(refusal)?;
        let program = desk.caller(&key, crate::wire::now()).await.map_err(refusal)?;
        if !there(desk, &housing, &grant).await? {
            return Ok(());
        }
        by_key(desk, &program, &grant, "公租房-2026-0117", ("first_citizen_id", &citizen.number)).await?;
        let said = BTreeMap::from([("first_citizen_id".to_owned(), citizen.number), ("kind".to_owned(), "结婚登记".to_owned())]);
        let call = Call { purpose: "service".to_owned(), case: Some("公租房-2026-0117".to_owned()) };
        desk.verify_lent(&Caller::Person(housing), &grant, &call, &said, crate::wire::now()).await.map_err(refusal)?;
    }
    if let (Some(company), Some(grant)) = (company, unused(desk, &civil, "companies").await?) {
        if there(desk, &civil, &grant).await? {
            by_key(desk, &Caller::Person(civil), &grant, "慈善-2026-0032", ("uscc", &company.number)).await?;
        }
    }
    Ok(())
}

/// The grant of a resource to an officer's department that nobody has read under yet.
async fn unused(desk: &Desk, who: &Account, resource: &str) -> anyhow::Result<Option<String>> {
    let now = crate::wire::now();
    for grant in desk.grants(who, Some(resource), 1, 10, now).await.map_err(refusal)?.entries {
        let fresh = Some(grant.department.id.as_str()) == who.department.as_deref();
        if fresh && desk.grant(who, &grant.id, now).await.map_err(refusal)?.reads.is_empty() {
            return Ok(Some(grant.id));
        }
    }
    Ok(None)
}

/// Waits until the rows of a grant are there and grow no more.
async fn there(desk: &Desk, who: &Account, grant: &str) -> anyhow::Result<bool> {
    let mut last = 0;
    for _ in 0..TRIES {
        let held = desk.grant(who, grant, crate::wire::now()).await.map_err(refusal)?.copy.map_or(0, |(rows, _)| rows);
        if held > 0 && held == last {
            return Ok(true);
        }
        last = held;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(false)
}

/// A query by a key.
async fn by_key(desk: &Desk, caller: &Caller, grant: &str, case: &str, (key, number): (&str, &str)) -> anyhow::Result<()> {
    let call = Call { purpose: "service".to_owned(), case: Some(case.to_owned()) };
    desk.lent_rows(caller, grant, &call, &[(key.to_owned(), number.to_owned())], crate::wire::now()).await.map(drop).map_err(refusal)
}
