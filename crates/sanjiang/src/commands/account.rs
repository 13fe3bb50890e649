//! `sanjiang account`: accounts from the command line, for whoever works on the server itself.

use std::io::Read;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use data::declare::Grade;
use desk::account::{NewPerson, NewRights, PersonKind};
use desk::authority::Role;
use kernel::Lang;

use super::{Speak, Where};

/// Accounts that are asked for at once.
const PEOPLE: u64 = 200;

#[derive(Args)]
pub struct Account {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    speak: Speak,
}

#[derive(Subcommand)]
enum Act {
    /// 列出工作人员账户 / List the accounts of staff.
    List,
    /// 列出个人和企业账户 / List the accounts of citizens and companies.
    People,
    /// 新建账户；密码从标准输入读取 / Add an account; the password is read from standard input.
    Add {
        name: String,
        #[command(flatten)]
        rights: Rights,
        /// 个人账户，绑定公民身份号码；身份即为已核实 / A citizen's account, bound to this number; the identity counts as confirmed.
        #[arg(long, conflicts_with_all = ["company", "role", "department", "clearance"])]
        citizen: Option<String>,
        /// 企业账户，绑定统一社会信用代码 / A company's account, bound to this code.
        #[arg(long, conflicts_with_all = ["role", "department", "clearance"])]
        company: Option<String>,
        /// 姓名或企业名称 / What the person or company is called.
        #[arg(long, default_value = "")]
        display: String,
    },
    /// 设定账户的角色、部门和可见级别；不写即取消 / Set what an account may do and see; what is not given is taken back.
    Set {
        name: String,
        #[command(flatten)]
        rights: Rights,
    },
    /// 重置动态口令 / Take a lost second factor away.
    ResetSecond { name: String },
}

#[derive(Args)]
struct Rights {
    /// 角色，可写多次：system、security、audit、steward、analyst、officer / Role; may be given more than once.
    #[arg(long, value_parser = role)]
    role: Vec<Role>,
    /// 所属部门，其数据显示原值 / The department whose data it sees unmasked.
    #[arg(long)]
    department: Option<String>,
    /// 其他部门数据显示原值的最高级别（L1 至 L4）；不写按 city.toml / The highest grade of other departments' data that it sees unmasked; by city.toml when absent.
    #[arg(long, value_parser = grade)]
    clearance: Option<Grade>,
}

fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| format!("应为 / one of: {}", Role::ALL.map(Role::word).join(", ")))
}

fn grade(word: &str) -> Result<Grade, String> {
    desk::account::grade(word).ok_or_else(|| "应为 L1 至 L4 / L1 to L4".to_owned())
}

impl Rights {
    fn new(self) -> NewRights {
        NewRights { roles: self.role, department: self.department, clearance: self.clearance }
    }
}

impl Account {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, Default::default()).await?;
        let who = super::operator();
        match self.act {
            Act::People => {
                for page in 1.. {
                    let found = desk.people(&who, page, PEOPLE).await.map_err(crate::show::refusal)?;
                    for account in &found.entries {
                        let Some(person) = &account.person else { continue };
                        let confirmed = if person.confirmed.is_some() { "已核实 / confirmed" } else { "待核实 / unconfirmed" };
                        println!("{}\t{}\t{}\t{confirmed}", account.name, person.kind.word(), person.masked);
                    }
                    if page * PEOPLE >= found.total {
                        break;
                    }
                }
            }
            Act::List => {
                for account in desk.accounts(&who).await.map_err(crate::show::refusal)? {
                    let title = |text: kernel::Text| if self.speak.lang() == Lang::En { text.en } else { text.zh };
                    let roles: Vec<String> = account.roles.iter().map(|role| title(role.title())).collect();
                    let locked = if account.locked.is_some() { "\t停用 / locked" } else { "" };
                    println!("{}\t{}\t{}{locked}", account.name, roles.join(","), account.department.as_deref().unwrap_or("-"));
                }
            }
            Act::Add { name, rights, citizen, company, display } => {
                let mut password = String::new();
                std::io::stdin().take(1024).read_to_string(&mut password)?;
                let password = password.trim_end_matches(['\r', '\n']);
                let bound = citizen.map(|number| (PersonKind::Citizen, number)).or(company.map(|number| (PersonKind::Company, number)));
                let added = match &bound {
                    Some((kind, number)) => desk.add_person(&who, NewPerson { name: &name, display: &display, kind: *kind, number }, password, crate::wire::now()).await,
                    None => desk.add_account(&who, &name, password, rights.new(), crate::wire::now()).await,
                };
                added.map_err(crate::show::refusal)?;
                println!("已建立账户 {name} / account {name} made");
            }
            Act::Set { name, rights } => {
                let id = desk.account_named(&name).await.map_err(crate::show::refusal)?;
                desk.set_rights(&who, &id, rights.new()).await.map_err(crate::show::refusal)?;
                println!("已设定 {name} 的权限 / the rights of {name} are set");
            }
            Act::ResetSecond { name } => {
                let id = desk.account_named(&name).await.map_err(crate::show::refusal)?;
                desk.reset_second(&who, &id).await.map_err(crate::show::refusal)?;
                println!("已重置 {name} 的动态口令 / the second factor of {name} is taken away");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
