//! What the demo has to show of open data: datasets that two members of staff have opened, and one that waits for approval.

use desk::Desk;
use desk::account::NewRights;
use desk::authority::{Role, Roles};
use desk::open::OpeningView;
use desk::view::Account;

use crate::show::refusal;

/// Who proposes and who approves: account and name.
const STAFF: [(&str, &str); 2] = [("kaifang", "郑放（数据局）"), ("shenhe", "沈禾（数据局）")];
/// The one that is left for whoever looks around to decide about.
const WAITS: &str = "building_sites";

/// Proposes what has rows by now, and approves what was measured.
pub async fn openings(desk: &Desk) -> anyhow::Result<()> {
    let [proposer, approver] = staff(desk).await?;
    let now = crate::wire::now();
    for OpeningView { dataset, proposal, .. } in desk.openings(&proposer).await.map_err(refusal)? {
        match proposal {
            None => {
                // Its table may have no rows yet.
                let _ = desk.propose_opening(&proposer, &dataset, "列入年度公共数据开放清单。", now).await;
            }
            Some(proposal) if proposal.state == data::open::OpeningState::Proposed && dataset != WAITS => {
                if proposal.gate.is_some_and(|gate| !gate.stops()) {
                    desk.decide_opening(&approver, &proposal.id, true, "同意开放。", now).await.map_err(refusal)?;
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The two accounts, which are made at the first time.
async fn staff(desk: &Desk) -> anyhow::Result<[Account; 2]> {
    let (operator, now) = (super::operator(), crate::wire::now());
    let known = desk.accounts(&operator).await.map_err(refusal)?;
    let mut found = Vec::new();
    for (name, display) in STAFF {
        let id = match known.iter().find(|account| account.name == name) {
            Some(account) => account.id.clone(),
            None => {
                let invited = desk.create_account(&operator, name, display, now).await.map_err(refusal)?;
                let rights = NewRights { roles: vec![Role::Steward], department: None, clearance: None };
                desk.set_rights(&operator, &invited.account, rights).await.map_err(refusal)?;
                invited.account
            }
        };
        found.push(Account { id, name: name.to_owned(), display: display.to_owned(), roles: Roles::only(Role::Steward), ..Account::default() });
    }
    found.try_into().map_err(|_| anyhow::anyhow!("two accounts"))
}
