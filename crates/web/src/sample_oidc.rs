//! Logins between sites in the invented city, for drawing their pages in tests and previews.

use askama::Template;
use data::oidc::Scope;
use desk::authority::Role;
use desk::oidc::{Agreement, ClientView, Issued};
use kernel::Text;

use crate::account::{ClientsPage, Register};
use crate::frame::{Frame, Place};
use crate::login::CodePage;
use crate::oidc::{AgreePage, LeavePage, OnwardPage};
use crate::sample::ago;
use crate::sample_account::reader;

pub(crate) fn agreement() -> Agreement {
    Agreement { client: "c1".into(), name: "城管<巡查>".into(), scopes: vec![Scope::Openid, Scope::Sanjiang], given: ago(60) }
}

fn client(public: bool, revoked: bool) -> ClientView {
    ClientView {
        id: "c1<\"".into(),
        name: "城管<巡查>".into(),
        redirects: vec!["https://app.example.gov.cn/back?<x>".into()],
        logouts: Vec::new(),
        scopes: vec![Scope::Openid, Scope::Profile],
        public,
        created: ago(900),
        revoked: revoked.then(|| ago(10)),
    }
}

fn clients(mut f: Frame, any: bool) -> ClientsPage {
    f.account = f.account.map(|_| reader(Role::System));
    ClientsPage {
        clients: if any { vec![client(false, false), client(true, false), client(false, true)] } else { Vec::new() },
        issuer: any.then(|| "https://brain.example.gov.cn".into()),
        issued: any.then(|| Issued { id: "c1".into(), secret: Some("sjoidc_00".into()) }),
        done: if any { String::new() } else { "1".into() },
        sent: (!any).then(|| (Register { name: "<x>".into(), ..Register::default() }, Text::new("不能作回跳地址。", "Cannot be returned to."))),
        f,
    }
}

pub(crate) fn pages(f: &dyn Fn(Place, &str) -> Frame, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    let address = "/oidc/authorize?client_id=c1&state=%3Cx%3E";
    let told = vec![Scope::Openid.title(), Scope::OfflineAccess.title()];
    add("agree", AgreePage { f: f(Place::Elsewhere, address), application: "城管<巡查>".into(), told, address: address.into(), back: "/oidc/authorize?error=1".into() }.render());
    for (name, application) in [("leave", Some("城管<巡查>".to_owned())), ("leave-any", None)] {
        add(name, LeavePage { f: f(Place::Elsewhere, "/oidc/logout"), application, address: "/oidc/logout?state=%3Cx%3E".into() }.render());
    }
    add("onward", OnwardPage { f: f(Place::Elsewhere, "/login"), to: address.into() }.render());
    for (name, error) in [("code", None), ("code-wrong", Some(Text::new("动态口令不对。", "The code is wrong.")))] {
        add(name, CodePage { f: f(Place::Elsewhere, "/login/identity/code"), error }.render());
    }
    for (name, any) in [("clients", true), ("clients-none", false)] {
        add(name, clients(f(Place::Accounts, "/clients"), any).render());
    }
}
