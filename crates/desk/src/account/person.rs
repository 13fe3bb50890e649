//! Accounts of citizens and companies: made by one officer for whoever brings a document to the counter, confirmed by another who
//! reads the number from it once more. The number itself is not kept.

use data::declare::Kind;
use data::grade::InfoType;
use kernel::{Moment, Text, id::uuid_v7};
use serde::{Serialize, Serializer};
use serde_json::json;
use store::{NewAccount, PersonRow};

use super::staff::{LINK, taken};
use super::{AccountView, Invited, account_object, check_password, checked_display, checked_name, digest, invalid};
use crate::authority::object;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// Characters of a number that are shown at its beginning and end.
const SHOWN: (usize, usize) = (3, 2);
/// Longest number that is looked at, in bytes.
const NUMBER_MAX: usize = 100;

/// Whom an account may stand for besides a member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonKind {
    /// Bound to a citizen id number (公民身份号码).
    Citizen,
    /// Bound to a unified social credit code (统一社会信用代码).
    Company,
}

impl PersonKind {
    pub const ALL: [PersonKind; 2] = [PersonKind::Citizen, PersonKind::Company];

    pub fn word(self) -> &'static str {
        match self {
            PersonKind::Citizen => "citizen",
            PersonKind::Company => "company",
        }
    }

    pub fn parse(word: &str) -> Option<PersonKind> {
        PersonKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    pub fn title(self) -> Text {
        match self {
            PersonKind::Citizen => Text::new("个人", "Citizen"),
            PersonKind::Company => Text::new("企业", "Company"),
        }
    }

    fn info(self) -> InfoType {
        match self {
            PersonKind::Citizen => InfoType::CitizenId,
            PersonKind::Company => InfoType::CompanyId,
        }
    }

    fn standard(self) -> Kind {
        match self {
            PersonKind::Citizen => Kind::CitizenId,
            PersonKind::Company => Kind::Uscc,
        }
    }
}

impl Serialize for PersonKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Whom an account stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    pub kind: PersonKind,
    /// The number as it may be shown: `330*************42`.
    pub masked: String,
    /// When the second officer confirmed the identity.
    pub confirmed: Option<Moment>,
    /// The keyed hash by which readings are noted.
    #[serde(skip)]
    pub digest: [u8; 16],
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Person {
        let kind = PersonKind::parse(&row.kind).unwrap_or(PersonKind::Citizen);
        Person { kind, masked: row.masked, confirmed: row.confirmed, digest: row.digest }
    }
}

/// An account for a citizen or a company.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// By which its person logs in.
    pub name: &'a str,
    /// What the person or company is called.
    pub display: &'a str,
    pub kind: PersonKind,
    /// As it stands in the document.
    pub number: &'a str,
}

impl Desk {
    /// System officer: makes an account for whoever brings the document, and the link for them. It sees nothing before a second
    /// officer has confirmed the identity.
    pub async fn create_person(&self, who: &Account, new: NewPerson<'_>, now: Moment) -> Answer<Invited> {
        let id = uuid_v7(now, self.chance());
        self.may(who, "account.create", &account_object(&id)).await?;
        let (token, expires) = (self.token(), Moment(now.0 + LINK));
        let link = Some((digest(&token).into_bytes(), expires));
        self.bind_new(who, &id, new, String::new(), None, link, now).await?;
        Ok(Invited { account: id, token, expires })
    }

    /// The command line: an account with a password, whose identity is confirmed.
    pub async fn add_person(&self, who: &Account, new: NewPerson<'_>, password: &str, now: Moment) -> Answer<()> {
        let id = uuid_v7(now, self.chance());
        for act in ["account.create", "account.confirm"] {
            self.may(who, act, &account_object(&id)).await?;
        }
        check_password(password, new.name)?;
        let hash = self.hash_password(password).await?;
        self.bind_new(who, &id, new, hash, Some(now), None, now).await
    }

    #[expect(clippy::too_many_arguments, reason = "what the two ways of making an account differ in")]
    async fn bind_new(&self, who: &Account, id: &str, new: NewPerson<'_>, password_hash: String, confirmed: Option<Moment>, link: Option<(Vec<u8>, Moment)>, now: Moment) -> Answer<()> {
        let name = checked_name(new.name)?;
        let display = checked_display(new.display, &name)?;
        let number = canonical(new.kind, new.number)?;
        let person = PersonRow { kind: new.kind.word().to_owned(), digest: self.person_digest(new.kind, &number)?, masked: masked(&number), confirmed };
        // Neither name nor number: the log is kept for years, and the account can be found by its id.
        let detail = json!({ "person": new.kind, "confirmed": confirmed.is_some() });
        let store = self.logging(who, "account.create", &account_object(id), detail).await?;
        let account = NewAccount { id: id.to_owned(), name, display, password_hash, created: now, ..NewAccount::default() };
        if store.create_person(account, person, link).await.map_err(taken)? { Ok(()) } else { Err(bound_already(new.kind)) }
    }

    /// Security officer: confirms whom an account stands for, by the number of the document that its person shows. Only when it
    /// is the one that the first officer entered.
    pub async fn confirm_person(&self, who: &Account, id: &str, number: &str, now: Moment) -> Answer<()> {
        let object = account_object(id);
        let row = self.other_account(who, "account.confirm", &object, id).await?;
        let Some(person) = row.person.map(Person::from) else {
            return Err(invalid("这是工作人员的账户，无须核实身份。", "This is an account of staff: there is no identity to confirm."));
        };
        let number = canonical(person.kind, number)?;
        if self.person_digest(person.kind, &number)? != person.digest {
            let why = Text::new("与开户时登记的号码不一致，请核对证件；确有错误的，请停用此账户，重新开户。", "This is not the number that the account was made with. Check the document; if that was wrong, lock this account and make another.");
            self.refuse(who, "account.confirm", &object, why.clone()).await;
            return Err(DeskError::Invalid(why));
        }
        let store = self.logging(who, "account.confirm", &object, json!(null)).await?;
        if store.confirm_person(id, now).await.map_err(internal)? { Ok(()) } else { Err(invalid("身份已经核实过。", "The identity is confirmed already.")) }
    }

    /// The three officers: accounts of citizens and companies, those that wait to be confirmed first. `page` is 1-based.
    pub async fn people(&self, who: &Account, page: u64, size: u64) -> Answer<Page<AccountView>> {
        self.may(who, "see.accounts", &object("accounts", "people")).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().people(page, size).await.map_err(internal)?;
        Ok(Page { entries: rows.entries.into_iter().map(|row| self.view_account(row)).collect(), total: rows.total, page, size })
    }

    /// How many accounts wait for this person to confirm them.
    pub async fn waiting_people(&self, who: &Account) -> Answer<u64> {
        if who.may("account.confirm") { self.store().waiting_people().await.map_err(internal) } else { Ok(0) }
    }

    /// The account that stands for whom a number names, for a login that vouches for the number; nothing is told of it here.
    pub async fn account_bound_to(&self, kind: PersonKind, number: &str) -> Answer<Option<AccountView>> {
        let digest = self.person_digest(kind, &canonical(kind, number)?)?;
        Ok(self.store().account_bound_to(digest).await.map_err(internal)?.map(|row| self.view_account(row)))
    }

    fn person_digest(&self, kind: PersonKind, number: &str) -> Answer<[u8; 16]> {
        self.subject_digest(kind.info(), number).ok_or_else(|| internal("the key of masks is too short".to_owned()))
    }
}

/// A number in its one form.
fn canonical(kind: PersonKind, number: &str) -> Answer<String> {
    if number.len() > NUMBER_MAX {
        return Err(invalid("号码过长。", "The number is too long."));
    }
    data::standard::canonical(kind.standard(), number).map_err(|why| {
        let title = kind.standard().title();
        DeskError::Invalid(Text::new(format!("{}：{}。", title.zh, why.zh), format!("{}: {}.", title.en, why.en)))
    })
}

/// A number as it may be shown.
fn masked(number: &str) -> String {
    let length = number.chars().count();
    let shown = |at: usize| at < SHOWN.0 || at + SHOWN.1 >= length;
    number.chars().enumerate().map(|(at, letter)| if shown(at) { letter } else { '*' }).collect()
}

fn bound_already(kind: PersonKind) -> DeskError {
    let (zh, en) = match kind {
        PersonKind::Citizen => ("这个身份证号已有账户，一人一户。忘记密码的，请在原账户上重新发放链接。", "There is an account for this citizen id number already: one each. For a forgotten password issue a new link on that account."),
        PersonKind::Company => ("这个统一社会信用代码已有账户，一企一户。忘记密码的，请在原账户上重新发放链接。", "There is an account for this social credit code already: one each. For a forgotten password issue a new link on that account."),
    };
    DeskError::Conflict(Text::new(zh, en))
}
