//! `sanjiang account add NAME`: staff accounts from the command line.

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
    Add { name: String },
}

impl Account {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, Default::default()).await?;
        let Act::Add { name } = self.act;
        let mut password = String::new();
        std::io::stdin().take(1024).read_to_string(&mut password)?;
        let password = password.trim_end_matches(['\r', '\n']);
        desk.add_account(&name, password, crate::wire::now()).await.map_err(crate::show::refusal)?;
        println!("已建立账户 {name} / account {name} made");
        Ok(ExitCode::SUCCESS)
    }
}
