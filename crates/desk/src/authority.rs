//! Who may do what: deny by default, by role, department and second factor. Rights over columns and their grades are in
//! [`crate::sight`]. The three officers (三员) of GB/T 22239 are exclusive: nobody is two of them, nor one of them and anything
//! else, so that nobody gives rights to themselves, uses them, and clears the traces.

use data::City;
use kernel::{Moment, Text};
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::act::{self, Act};
use crate::view::Account;
use crate::{Answer, Desk, DeskError};

/// What a member of staff is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Makes and locks accounts, keeps the machine running.
    System,
    /// Gives rights, and approves those of an emergency.
    Security,
    /// Reads the log of acts.
    Audit,
    /// The bureau's steward: collects and governs the data of all departments.
    Steward,
    /// Asks questions of the data of all departments.
    Analyst,
    /// Sees to the data of the own department.
    Officer,
}

impl Role {
    /// In the order of the table of authority.
    pub const ALL: [Role; 6] = [Role::System, Role::Security, Role::Audit, Role::Steward, Role::Analyst, Role::Officer];
    /// The three officers, each exclusive of all else.
    pub const OFFICERS: [Role; 3] = [Role::System, Role::Security, Role::Audit];

    pub fn word(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::Security => "security",
            Role::Audit => "audit",
            Role::Steward => "steward",
            Role::Analyst => "analyst",
            Role::Officer => "officer",
        }
    }

    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    pub fn title(self) -> Text {
        match self {
            Role::System => Text::new("系统管理员", "System officer"),
            Role::Security => Text::new("安全管理员", "Security officer"),
            Role::Audit => Text::new("审计管理员", "Audit officer"),
            Role::Steward => Text::new("数据管理员", "Data steward"),
            Role::Analyst => Text::new("分析人员", "Analyst"),
            Role::Officer => Text::new("部门专员", "Department officer"),
        }
    }

    /// What it is for, in a sentence.
    pub fn about(self) -> Text {
        match self {
            Role::System => Text::new("新建和停用账户，管理密钥与运行；不授予权限，看不到业务数据。", "Makes and locks accounts, keeps keys and the machine; gives no rights and sees no data."),
            Role::Security => Text::new("授予和收回权限，审批应急授权；不能新建账户，看不到业务数据。", "Gives and takes rights, approves those of an emergency; makes no accounts and sees no data."),
            Role::Audit => Text::new("查看和核验操作日志，答复个人和企业的质疑；不能改变其他任何东西。", "Reads and verifies the log of acts, and answers who challenges a reading; changes nothing else."),
            Role::Steward => Text::new("归集和治理各部门的数据。", "Collects and governs the data of all departments."),
            Role::Analyst => Text::new("查询各部门的数据，按级别脱敏。", "Asks questions of the data of all departments, masked by grade."),
            Role::Officer => Text::new("办理本部门数据的归集、更正和质量问题。", "Sees to collecting, correcting and the quality of the own department's data."),
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    fn is_officer_of_three(self) -> bool {
        Role::OFFICERS.contains(&self)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// The roles of one account. Those that exclude each other cannot be put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// `None` when they exclude each other.
    pub fn of(roles: &[Role]) -> Option<Roles> {
        let set = Roles(roles.iter().fold(0, |bits, role| bits | role.bit()));
        let exclusive = set.iter().any(Role::is_officer_of_three) && set.iter().count() > 1;
        (!exclusive).then_some(set)
    }

    pub fn only(role: Role) -> Roles {
        Roles(role.bit())
    }

    /// As the store keeps them; what it does not know gives no rights.
    pub fn parse(words: &str) -> Roles {
        let known: Option<Vec<Role>> = words.split_whitespace().map(Role::parse).collect();
        known.and_then(|known| Roles::of(&known)).unwrap_or_default()
    }

    /// `steward analyst`.
    pub fn words(self) -> String {
        self.iter().map(Role::word).collect::<Vec<_>>().join(" ")
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }

    pub fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it is one of the three officers, who must have a second factor.
    pub fn is_officer_of_three(self) -> bool {
        self.iter().any(Role::is_officer_of_three)
    }
}

impl Serialize for Roles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// How far a role reaches in an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    Nothing,
    /// What belongs to the own department.
    Own,
    All,
}

/// Who may do an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Nobody: the program does it by itself.
    Program,
    /// Anybody logged in, to what is the own.
    Anyone,
    /// The person whom an account stands for, once that is confirmed: about the own records.
    Person,
    /// By role, in the order of [`Role::ALL`].
    Roles([Reach; 6]),
}

impl May {
    pub fn reach(self, role: Role) -> Reach {
        match self {
            May::Program | May::Person => Reach::Nothing,
            May::Anyone => Reach::All,
            May::Roles(reaches) => reaches[role as usize],
        }
    }

    /// The furthest that any of the roles reaches.
    pub fn furthest(self, roles: Roles) -> Reach {
        match self {
            May::Anyone => Reach::All,
            _ => roles.iter().map(|role| self.reach(role)).max().unwrap_or(Reach::Nothing),
        }
    }
}

/// What is acted on, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// As the log names it: `resource/bus_stops`.
    pub subject: String,
    /// The department that it belongs to; the whole city's when `None`.
    pub department: Option<String>,
}

/// What belongs to the whole city, by its kind and id.
pub(crate) fn object(kind: &str, id: &str) -> Object {
    Object::of(crate::log::subject(kind, id))
}

impl Object {
    pub fn of(subject: impl Into<String>) -> Object {
        Object { subject: subject.into(), department: None }
    }
}

/// Why an act is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The role does not reach so far.
    Role,
    /// It belongs to another department.
    Department,
    /// The second factor is missing.
    Second,
    /// Nobody has confirmed yet whom the account stands for.
    Unconfirmed,
}

/// Decides about an act, of something that belongs to `department` (the whole city when `None`).
pub fn decide(who: &Account, act: &Act, department: Option<&str>) -> Result<(), Refused> {
    if act.may == May::Anyone {
        return Ok(());
    }
    if act.may == May::Person {
        let person = who.person.as_ref().ok_or(Refused::Role)?;
        return if person.confirmed.is_some() { Ok(()) } else { Err(Refused::Unconfirmed) };
    }
    match act.may.furthest(who.roles) {
        Reach::Nothing => return Err(Refused::Role),
        Reach::Own if department.is_none() || who.department.as_deref() != department => return Err(Refused::Department),
        _ => {}
    }
    if who.roles.is_officer_of_three() && !who.second { Err(Refused::Second) } else { Ok(()) }
}

impl Account {
    /// Whether the roles reach the act at all, for pages to show what leads there.
    pub fn may(&self, act: &str) -> bool {
        self.may_for(act, self.department.as_deref())
    }

    /// Whether it may do this to what belongs to a department.
    pub fn may_for(&self, act: &str, department: Option<&str>) -> bool {
        self.is_command() || act::find(act).is_some_and(|act| decide(self, act, department).is_ok())
    }

    /// Whether any of the roles has to do with data.
    pub(crate) fn reads_data(&self) -> bool {
        self.is_command() || !(self.roles.is_empty() || self.roles.is_officer_of_three())
    }

    /// Whoever works on the server itself has no account there: the data directory is theirs, whatever is written here.
    pub(crate) fn is_command(&self) -> bool {
        self.id.is_empty()
    }

    /// The department whose rows alone it may do this to; `None` where it reaches all.
    pub(crate) fn kept_to(&self, act: &str) -> Option<&str> {
        let all = self.is_command() || act::find(act).is_some_and(|act| act.may.furthest(self.roles) == Reach::All);
        if all { None } else { Some(self.department.as_deref().unwrap_or_default()) }
    }

    /// All of a kind, as far as it reaches.
    pub(crate) fn all_of(&self, act: &str, kind: &str) -> Object {
        Object { department: self.kept_to(act).map(str::to_owned), ..Object::of(kind) }
    }
}

impl Desk {
    /// Refuses who may not do this, and tells the log that it was tried.
    pub(crate) async fn may(&self, who: &Account, word: &str, object: &Object) -> Answer<()> {
        if who.is_command() {
            return Ok(());
        }
        let Some(act) = act::find(word) else { return Err(DeskError::Internal(format!("{word} is no act"))) };
        match decide(who, act, object.department.as_deref()) {
            Ok(()) => Ok(()),
            Err(refused) => Err(self.refuse(who, word, object, why_refused(who, act, refused)).await),
        }
    }

    /// Tells the log that an act was tried, and answers its refusal.
    pub(crate) async fn refuse(&self, who: &Account, word: &str, object: &Object, why: Text) -> DeskError {
        let leaf = self.leaf(who.into(), "act.refuse", &object.subject, json!({ "act": word }));
        self.store().log(leaf).await.map_or_else(crate::internal, |_| DeskError::Forbidden(why))
    }

    /// Refuses whom no role brings near an act, before anything is looked up: who may not do it learns not what there is.
    pub(crate) async fn may_at_all(&self, who: &Account, word: &str, object: &Object) -> Answer<()> {
        let reached = who.is_command() || act::find(word).is_some_and(|act| act.may.furthest(who.roles) > Reach::Nothing);
        if reached { Ok(()) } else { self.may(who, word, object).await }
    }

    /// Refuses who may not do this, and what could not be told: for an act that is told of at its end.
    pub(crate) async fn may_and_can_log(&self, who: &Account, word: &str, object: &Object) -> Answer<()> {
        self.may(who, word, object).await?;
        self.can_log()
    }

    pub(crate) fn resource_object(&self, id: &str) -> Object {
        Object { subject: crate::log::subject("resource", id), department: department_of(&self.city(), id) }
    }

    /// Ids of the resources that a person may do this to; `None` where that is all of them.
    pub(crate) fn among(&self, who: &Account, act: &str) -> Option<Vec<String>> {
        let (city, own) = (self.city(), who.kept_to(act)?);
        Some(city.resources.keys().filter(|id| department_of(&city, id).as_deref() == Some(own)).cloned().collect())
    }

    pub(crate) fn system_object(&self, id: &str) -> Object {
        let department = self.city().systems.get(id).map(|system| system.department.clone());
        Object { subject: crate::log::subject("system", id), department }
    }
}

fn why_refused(who: &Account, act: &Act, refused: Refused) -> Text {
    let title = act.title();
    match refused {
        Refused::Second => Text::new(
            "三员须绑定动态口令，并用它登录后才能办理。请打开“我的账户”绑定。",
            "The three officers need a second factor, and have to log in with it. Bind one under “My account”.",
        ),
        Refused::Unconfirmed => Text::new(
            "您的身份还没有核实。请带上开户时的证件，到窗口请安全管理员核实。",
            "Your identity is not confirmed yet: bring the document that the account was made with to the counter, for the security officer.",
        ),
        Refused::Role if act.may == May::Person => Text::new("这里只供个人和企业账户查看与本人有关的记录。", "This is for the accounts of citizens and companies, about their own records."),
        Refused::Role if who.person.is_some() => {
            Text::new(format!("个人和企业账户不能办理“{}”。", title.zh), format!("“{}” is not for the accounts of citizens and companies.", title.en))
        }
        Refused::Department => match &who.department {
            None => Text::new("您的账户还没有所属部门，请联系安全管理员。", "Your account has no department yet; ask the security officer."),
            Some(_) => Text::new(
                format!("“{}”只限本部门的数据；这里属于其他部门。", title.zh),
                format!("“{}”: you may do this for your own department only; this belongs to another.", title.en),
            ),
        },
        Refused::Role => {
            let needed: Vec<Text> = Role::ALL.into_iter().filter(|role| act.may.reach(*role) > Reach::Nothing).map(Role::title).collect();
            let of = |part: fn(&Text) -> &str, by: &str| needed.iter().map(part).collect::<Vec<_>>().join(by);
            Text::new(
                format!("您的角色不能办理“{}”，须由{}办理。", title.zh, of(|text| &text.zh, "、")),
                format!("Your roles do not allow “{}”; it takes: {}.", title.en, of(|text| &text.en, ", ")),
            )
        }
    }
}

/// The department that a resource belongs to.
pub(crate) fn department_of(city: &City, resource: &str) -> Option<String> {
    city.provider(city.resources.get(resource)?).map(|department| department.id.clone())
}

/// Until when an account has the rights of an emergency, in place of its own.
pub(crate) fn in_emergency(account: &mut Account, until: Option<Moment>) {
    if until.is_some() {
        account.emergency = until;
        account.roles = Roles::only(Role::Steward);
        account.clearance = Some(data::declare::Grade::L4);
    }
}
