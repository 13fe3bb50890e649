//! `sanjiang account add|set NAME`: staff accounts from the command line, and what they see of graded data.

use std::io::Read;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Where;

#[derive(Args)]
pub struct Account {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 新建账户；密码从标准输入读取 / Add an account; the password is read from standard input.
    Add {
        name: String,
        #[command(flatten)]
        sight: Sight,
    },
    /// 设定账户能看的数据：本部门的全部，其他部门的到某一级别；不写即取消 / Set what an account sees: all of its department's data, and of others' up to a grade; what is not given is taken back.
    Set {
        name: String,
        #[command(flatten)]
        sight: Sight,
    },
}

#[derive(Args)]
struct Sight {
    /// 所属部门，其数据显示原值 / The department whose data it sees unmasked.
    #[arg(long)]
    department: Option<String>,
    /// 其他部门数据显示原值的最高级别（L1 至 L4）；不写按 city.toml / The highest grade of other departments' data that it sees unmasked; by city.toml when absent.
    #[arg(long)]
    clearance: Option<String>,
}

impl Account {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, Default::default()).await?;
        let who = super::operator();
        let (name, sight) = match self.act {
            Act::Set { name, sight } => {
                let set = desk.set_sight(&who, &name, sight.department.as_deref(), sight.clearance.as_deref());
                set.await.map_err(crate::show::refusal)?;
                println!("已设定 {name} 可看的数据 / what {name} sees is set");
                return Ok(ExitCode::SUCCESS);
            }
            Act::Add { name, sight } => (name, sight),
        };
        let mut password = String::new();
        std::io::stdin().take(1024).read_to_string(&mut password)?;
        let password = password.trim_end_matches(['\r', '\n']);
        desk.add_account(&who, &name, password, crate::wire::now()).await.map_err(crate::show::refusal)?;
        if sight.department.is_some() || sight.clearance.is_some() {
            let set = desk.set_sight(&who, &name, sight.department.as_deref(), sight.clearance.as_deref());
            set.await.map_err(crate::show::refusal)?;
        }
        println!("已建立账户 {name} / account {name} made");
        Ok(ExitCode::SUCCESS)
    }
}
