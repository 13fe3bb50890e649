//! Accounts of the invented city, for drawing their pages in tests and previews.

use data::declare::Grade;
use desk::account::{AccountView, Binding, EmergencyState, EmergencyView, OwnAccount, SessionView};
use desk::authority::{Role, Roles};
use desk::view::Account;
use kernel::Text;

use crate::account::{AccountPage, AccountsPage, EmergencyPage, OwnPage, RolesPage};
use crate::frame::Frame;
use crate::sample::ago;

/// The reader, as one of the roles.
pub(crate) fn reader(role: Role) -> Account {
    Account { id: "a1".into(), name: "chen".into(), display: "陈静".into(), roles: Roles::only(role), session: "s1".into(), second: true, ..Account::default() }
}

fn view(id: &str, role: Option<Role>) -> AccountView {
    AccountView {
        id: id.into(),
        name: format!("li.{id}"),
        display: "李<明>".into(),
        roles: role.map(Roles::only).unwrap_or_default(),
        department: Some("ecology".into()),
        department_title: Some(Text::new("市生态环境局", "Ecology bureau")),
        clearance: Some(Grade::L3),
        created: ago(9000),
        last_login: role.map(|_| ago(30)),
        locked: (role == Some(Role::Analyst)).then(|| ago(10)),
        second: role == Some(Role::System),
        invited: role.is_none(),
        person: None,
    }
}

pub(crate) fn own(f: Frame, role: Role, bound: bool) -> OwnPage {
    let session = |id: &str, current| SessionView { id: id.into(), agent: "Mozilla/5.0 <b>".into(), created: ago(90), used: ago(1), second: bound, current };
    OwnPage {
        f,
        own: OwnAccount {
            account: Account { second: bound, emergency: (role == Role::Analyst).then(|| ago(-60)), ..reader(role) },
            department_title: None,
            second: bound,
            sessions: vec![session("s1", true), session("s2", false)],
        },
        binding: Binding { salt: "00".into(), secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(), address: "otpauth://totp/x:chen?secret=GEZDGNBV&issuer=x".into() },
        done: if bound { "second".into() } else { String::new() },
        error: (!bound).then(|| Text::new("动态口令不对。", "The code is wrong.")),
        identity_title: Some(Text::new("市统一<身份>认证", "City identity")),
        identity: bound.then(|| ("chen<jing>".into(), ago(300))),
        agreements: bound.then(crate::sample_oidc::agreement).into_iter().collect(),
    }
}

pub(crate) fn list(mut f: Frame, role: Role, wrong: bool) -> AccountsPage {
    f.account = f.account.map(|_| reader(role));
    f.waiting.emergencies = 1;
    AccountsPage {
        accounts: vec![view("1", Some(Role::System)), view("2", Some(Role::Analyst)), view("3", None)],
        link: (!wrong).then(crate::account::sample_link),
        entered: wrong.then(|| ("<x>".into(), "李".into(), Text::new("此用户名已被使用。", "This name is taken."))),
        identity: wrong.then(|| Text::new("市统一身份认证", "City identity")),
        f,
    }
}

pub(crate) fn one(mut f: Frame, role: Role, own: bool) -> AccountPage {
    f.account = f.account.map(|_| reader(role));
    AccountPage {
        account: view("1", Some(Role::System)),
        own,
        departments: vec![("ecology".into(), "市生态环境局".into())],
        link: None,
        done: "rights".into(),
        error: own.then(|| Text::new("不能这样做。", "Not so.")),
        f,
    }
}

pub(crate) fn roles(f: Frame) -> RolesPage {
    RolesPage { f }
}

pub(crate) fn emergency(mut f: Frame, role: Role, any: bool) -> EmergencyPage {
    f.account = f.account.map(|_| Account { emergency: any.then(|| ago(-60)), ..reader(role) });
    let states = [EmergencyState::Asked, EmergencyState::Refused, EmergencyState::Active, EmergencyState::Over, EmergencyState::Lapsed];
    let request = |state| EmergencyView {
        id: "e1".into(),
        account: "a1".into(),
        display: "陈静".into(),
        reason: "平台故障<b>".into(),
        hours: 2,
        asked: ago(30),
        state,
        decider: Some("王".into()),
        decided: Some(ago(20)),
        until: (state == EmergencyState::Active).then(|| ago(-60)),
    };
    EmergencyPage {
        requests: if any { states.into_iter().map(request).collect() } else { Vec::new() },
        done: if any { "ask".into() } else { String::new() },
        entered: (!any).then(|| ("<x>".into(), Text::new("请写明理由。", "Say why."))),
        f,
    }
}
