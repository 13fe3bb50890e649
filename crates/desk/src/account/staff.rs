//! What the system officer and the security officer do with accounts: one makes them and sends links, the other gives rights.
//! Neither does anything to the own account.

use data::declare::Grade;
use kernel::{Moment, Text, id::uuid_v7};
use serde::Serialize;
use serde_json::json;
use store::{AccountRow, Invitation, NewAccount, Rights, StoreError};

use super::login::LOGIN;
use super::{Person, account_object, check_password, checked_display, checked_name, digest, grade, invalid};
use crate::authority::{Object, Role, Roles};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

const DAY: i64 = 24 * 3600 * 1_000_000;
/// How long a link works.
pub(super) const LINK: i64 = 3 * DAY;
/// The same on a first start, where it is shown again at the next.
const SETUP_LINK: i64 = DAY;
/// Who acts at a first start.
const SETUP: &str = "setup";
/// The roles without which nobody could be given any: the last who has one keeps it.
const KEPT: &[&str] = &["system", "security", "audit"];

/// One account, for those who see to accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountView {
    pub id: String,
    pub name: String,
    pub display: String,
    pub roles: Roles,
    pub department: Option<String>,
    pub department_title: Option<Text>,
    pub clearance: Option<Grade>,
    pub created: Moment,
    pub last_login: Option<Moment>,
    pub locked: Option<Moment>,
    /// Whether it has a second factor.
    pub second: bool,
    /// Whether its person has not yet chosen a password.
    pub invited: bool,
    /// Whom it stands for, where it is no member of staff's.
    pub person: Option<Person>,
}

/// A link that lets a person choose a password. It is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    pub account: String,
    pub token: String,
    pub expires: Moment,
}

/// Whom a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitee {
    /// An account that is there, by name.
    Account(String),
    /// A first account of this role, whose name is chosen with the password.
    Role(Role),
}

/// What an account is to be allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRights {
    pub roles: Vec<Role>,
    pub department: Option<String>,
    pub clearance: Option<Grade>,
}

impl Desk {
    /// Fresh links for those of the three officers that nobody is yet; older ones stop working.
    pub async fn officer_links(&self, now: Moment) -> Answer<Vec<(Role, String)>> {
        let mut links = Vec::new();
        for role in Role::OFFICERS {
            links.extend(self.role_link(role, now).await?.map(|token| (role, token)));
        }
        Ok(links)
    }

    /// A fresh link for a role that nobody has yet; `None` when somebody has.
    pub async fn role_link(&self, role: Role, now: Moment) -> Answer<Option<String>> {
        if self.store().holders(role.word()).await.map_err(internal)? > 0 {
            return Ok(None);
        }
        let token = self.token();
        let of = Invitation::Role(role.word().to_owned());
        self.store().invite(digest(&token).as_bytes(), of, Moment(now.0 + SETUP_LINK)).await.map_err(internal)?;
        Ok(Some(token))
    }

    /// Whether one of the three officers is still missing.
    pub async fn needs_officers(&self) -> Answer<bool> {
        for role in Role::OFFICERS {
            if self.store().holders(role.word()).await.map_err(internal)? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whom a link is for; `None` when it is wrong, used or expired.
    pub async fn invitee(&self, token: &str, now: Moment) -> Answer<Option<Invitee>> {
        Ok(match self.store().invitation(digest(token).as_bytes(), now).await.map_err(internal)? {
            None => None,
            Some(Invitation::Role(role)) => Role::parse(&role).map(Invitee::Role),
            Some(Invitation::Account(id)) => self.store().account(&id).await.map_err(internal)?.map(|row| Invitee::Account(row.name)),
        })
    }

    /// Uses up a link: makes the account of a role, or sets the password of one that is there. Answers a session token, unless
    /// the account has a second factor: then its person logs in with it.
    pub async fn use_link(&self, token: &str, name: &str, password: &str, agent: &str, now: Moment) -> Answer<Option<String>> {
        let hashed = digest(token);
        let row = match self.store().invitation(hashed.as_bytes(), now).await.map_err(internal)? {
            None => return Err(bad_link()),
            Some(Invitation::Role(role)) => {
                let name = checked_name(name)?;
                check_password(password, &name)?;
                let id = uuid_v7(now, self.chance());
                // The first steward's link is shown to whoever can read the files themselves.
                let clearance = (role == Role::Steward.word()).then(|| "L4".to_owned());
                let rights = Rights { roles: role.clone(), department: None, clearance };
                let account = NewAccount { id: id.clone(), name: name.clone(), display: name.clone(), password_hash: self.hash_password(password).await?, created: now, rights };
                let store = self.logging_as(SETUP, "account.create", &account_object(&id), json!({ "name": name, "roles": role }));
                if !store.use_role_invitation(hashed.as_bytes(), account, now).await.map_err(taken)? {
                    return Err(bad_link());
                }
                self.store().account(&id).await.map_err(internal)?
            }
            Some(Invitation::Account(id)) => {
                let row = self.store().account(&id).await.map_err(internal)?.ok_or_else(bad_link)?;
                check_password(password, &row.name)?;
                let hash = self.hash_password(password).await?;
                let store = self.logging_as(LOGIN, "account.use", &account_object(&id), json!(null));
                if !store.use_invitation(hashed.as_bytes(), hash, now).await.map_err(internal)? {
                    return Err(bad_link());
                }
                self.store().clear_failures(&row.name).await.map_err(internal)?;
                Some(row)
            }
        };
        match row {
            Some(row) if row.locked.is_none() && row.second_salt.is_none() => self.open_session(&row, false, agent, now).await.map(Some),
            _ => Ok(None),
        }
    }

    /// The three officers: all accounts of staff, by name.
    pub async fn accounts(&self, who: &Account) -> Answer<Vec<AccountView>> {
        self.may(who, "see.accounts", &Object::of("accounts")).await?;
        Ok(self.store().accounts().await.map_err(internal)?.into_iter().map(|row| self.view_account(row)).collect())
    }

    /// The three officers: one of them.
    pub async fn account(&self, who: &Account, id: &str) -> Answer<AccountView> {
        self.may(who, "see.accounts", &account_object(id)).await?;
        let row = self.store().account(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        Ok(self.view_account(row))
    }

    /// System officer: makes an account without any rights, and the link for its person.
    pub async fn create_account(&self, who: &Account, name: &str, display: &str, now: Moment) -> Answer<Invited> {
        self.create_account_of(who, name, display, "", now).await
    }

    /// The same for a person whom the city's identity provider knows by this name, unless it is empty.
    pub async fn create_account_of(&self, who: &Account, name: &str, display: &str, subject: &str, now: Moment) -> Answer<Invited> {
        let id = uuid_v7(now, self.chance());
        let object = account_object(&id);
        self.may(who, "account.create", &object).await?;
        let name = checked_name(name)?;
        let display = checked_display(display, &name)?;
        let (token, expires) = (self.token(), Moment(now.0 + LINK));
        let identity = match subject.trim() {
            "" => None,
            subject => Some(self.identity_of_new(&id, subject, now)?),
        };
        let mut detail = json!({ "name": name, "display": display });
        if let Some(identity) = &identity {
            detail["identity"] = json!({ "issuer": identity.issuer, "subject": identity.subject });
        }
        let store = self.logging(who, "account.create", &object, detail).await?;
        let account = NewAccount { id: id.clone(), name, display, created: now, ..NewAccount::default() };
        match identity {
            None => store.create_invited(account, digest(&token).as_bytes(), expires).await,
            Some(identity) => store.create_linked(account, identity, digest(&token).as_bytes(), expires).await,
        }
        .map_err(taken)?;
        Ok(Invited { account: id, token, expires })
    }

    /// System officer: another link, for a person who has lost the first or forgotten the password.
    pub async fn invite_again(&self, who: &Account, id: &str, now: Moment) -> Answer<Invited> {
        let object = account_object(id);
        self.other_account(who, "account.invite", &object, id).await?;
        let (token, expires) = (self.token(), Moment(now.0 + LINK));
        let store = self.logging(who, "account.invite", &object, json!(null)).await?;
        store.invite(digest(&token).as_bytes(), Invitation::Account(id.to_owned()), expires).await.map_err(internal)?;
        Ok(Invited { account: id.to_owned(), token, expires })
    }

    /// System officer: locks an account or unlocks it; its sessions end.
    pub async fn lock_account(&self, who: &Account, id: &str, locked: bool, now: Moment) -> Answer<()> {
        let (object, act) = (account_object(id), if locked { "account.lock" } else { "account.unlock" });
        let row = self.other_account(who, act, &object, id).await?;
        if row.locked.is_some() == locked {
            return Ok(());
        }
        let store = self.logging(who, act, &object, json!(null)).await?;
        if store.set_locked(id, locked.then_some(now), KEPT).await.map_err(internal)? { Ok(()) } else { Err(last_of_role()) }
    }

    /// Security officer: what an account may do and see. Its sessions end.
    pub async fn set_rights(&self, who: &Account, id: &str, rights: NewRights) -> Answer<()> {
        let object = account_object(id);
        let row = self.other_account(who, "account.rights", &object, id).await?;
        if row.person.is_some() {
            return Err(invalid("个人和企业账户没有角色；工作人员请另建账户。", "Accounts of citizens and companies have no roles: make another account for a member of staff."));
        }
        let rights = self.checked_rights(rights)?;
        let detail = json!({ "roles": rights.roles, "department": rights.department, "clearance": rights.clearance });
        let store = self.logging(who, "account.rights", &object, detail).await?;
        if store.set_rights(id, rights, KEPT).await.map_err(internal)? { Ok(()) } else { Err(last_of_role()) }
    }

    /// System and security officers: ends all sessions of an account.
    pub async fn end_sessions(&self, who: &Account, id: &str) -> Answer<()> {
        let object = account_object(id);
        self.other_account(who, "account.sessions", &object, id).await?;
        self.logging(who, "account.sessions", &object, json!(null)).await?.end_sessions_of(id, "").await.map_err(internal)
    }

    /// The command line: an account with a password and rights at once.
    pub async fn add_account(&self, who: &Account, name: &str, password: &str, rights: NewRights, now: Moment) -> Answer<()> {
        let id = uuid_v7(now, self.chance());
        self.may(who, "account.create", &account_object(&id)).await?;
        self.may(who, "account.rights", &account_object(&id)).await?;
        let name = checked_name(name)?;
        check_password(password, &name)?;
        let rights = self.checked_rights(rights)?;
        let hash = self.hash_password(password).await?;
        let detail = json!({ "name": name, "roles": rights.roles, "department": rights.department, "clearance": rights.clearance });
        let store = self.logging(who, "account.create", &account_object(&id), detail).await?;
        store.create_account(NewAccount { id, display: name.clone(), name, password_hash: hash, created: now, rights }).await.map_err(taken)
    }

    /// The id of an account, by name.
    pub async fn account_named(&self, name: &str) -> Answer<String> {
        let row = self.store().account_by_name(name).await.map_err(internal)?;
        row.map(|row| row.id).ok_or_else(|| DeskError::Invalid(Text::new(format!("没有账户 `{name}`"), format!("there is no account `{name}`"))))
    }

    /// The account that is acted on by who may, which is not the own one.
    pub(super) async fn other_account(&self, who: &Account, act: &str, object: &Object, id: &str) -> Answer<AccountRow> {
        self.may(who, act, object).await?;
        if who.id == id {
            let why = Text::new("不能对自己的账户这样做，请由另一位管理员办理。", "Not to your own account: another officer has to do it.");
            return Err(self.refuse(who, act, object, why).await);
        }
        self.store().account(id).await.map_err(internal)?.ok_or(DeskError::NotFound)
    }

    fn checked_rights(&self, rights: NewRights) -> Answer<Rights> {
        let city = self.city();
        let roles = Roles::of(&rights.roles).ok_or_else(|| invalid(
            "系统、安全、审计管理员互斥：一个账户只能是其中之一，且不能兼任其他角色。",
            "System, security and audit officer exclude each other: an account is one of them and nothing else.",
        ))?;
        let department = rights.department.filter(|id| !id.is_empty());
        if let Some(unknown) = department.as_deref().filter(|id| !city.departments.contains_key(*id)) {
            let near = kernel::nearest(unknown, city.departments.keys().map(String::as_str));
            let (zh, en) = near.map_or_else(Default::default, |near| (format!("；是否应为 `{near}`？"), format!("; did you mean `{near}`?")));
            return Err(DeskError::Invalid(Text::new(format!("没有部门 `{unknown}`{zh}"), format!("there is no department `{unknown}`{en}"))));
        }
        if roles.has(Role::Officer) && department.is_none() {
            return Err(invalid("部门专员须有所属部门。", "A department officer needs a department."));
        }
        if roles.is_officer_of_three() && (department.is_some() || rights.clearance.is_some()) {
            return Err(invalid("三员看不到业务数据，不设部门和级别。", "The three officers see no data: they have no department and no clearance."));
        }
        let clearance = rights.clearance.map(|grade| crate::catalog::word(&grade));
        Ok(Rights { roles: roles.words(), department, clearance })
    }

    pub(super) fn view_account(&self, row: AccountRow) -> AccountView {
        let city = self.city();
        let department = row.rights.department.as_deref().and_then(|id| city.departments.get(id));
        AccountView {
            roles: Roles::parse(&row.rights.roles),
            department_title: department.map(|found| Text::new(&found.title, &found.title_en)),
            department: row.rights.department,
            clearance: row.rights.clearance.as_deref().and_then(grade),
            id: row.id,
            name: row.name,
            display: row.display,
            created: row.created,
            last_login: row.last_login,
            locked: row.locked,
            second: row.second_salt.is_some(),
            invited: row.password_hash.is_empty(),
            person: row.person.map(Person::from),
        }
    }
}

pub(super) fn taken(error: StoreError) -> DeskError {
    match error {
        StoreError::Taken(_) => invalid("此用户名或身份编号已被使用。", "This name or identity is taken."),
        other => internal(other),
    }
}

fn bad_link() -> DeskError {
    invalid(
        "此链接无效、已用过或已过期。请向系统管理员索取新的链接；首次设置请在服务器上重新启动。",
        "This link is wrong, used or expired. Ask the system officer for a new one; for a first set-up restart the server.",
    )
}

fn last_of_role() -> DeskError {
    invalid("这是该角色最后一个可用的账户，请先授予另一人。", "It is the last account of this role that can be used: give the role to somebody else first.")
}
