//! The commands, a file each.

mod account;
mod check;
mod collect;
mod demo;
mod key;
mod sample;
mod schedule;
mod schema;
mod serve;
mod sql;
mod sql_worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// 三江：一座城市就是一个声明目录。 / Sanjiang: a city is a folder of declarations.
#[derive(Parser)]
#[command(name = "sanjiang", version, about, arg_required_else_help = true)]
pub struct Command {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// 生成示例城市、归集并展示 / Make the sample city, collect it, serve it.
    Demo(demo::Demo),
    /// 启动服务 / Serve a city.
    Serve(serve::Serve),
    /// 检查城市目录 / Check a city folder; exit code 1 if it has mistakes.
    Check(check::Check),
    /// 归集到期的、指定的，或一个新文件 / Collect what is due, a system, or a file never seen before.
    Collect(collect::Collect),
    /// 用 SQL 查询 / Ask the lake with SQL.
    Sql(sql::Sql),
    /// 生成示例城市的系统数据 / Make what the sample city's systems hold.
    Sample(sample::Sample),
    /// 写出声明文件的 JSON Schema / Write the JSON Schema of each kind of declaration, for editors.
    Schema(schema::Schema),
    /// 归集计划：每项资源下一次何时归集 / When each resource is collected next, and why then.
    Schedule(schedule::Schedule),
    /// 推送密钥：让系统自行发送数据 / Keys with which systems push their rows.
    Key(key::Key),
    /// 管理工作人员账户 / Accounts of staff.
    Account(account::Account),
    #[command(hide = true)]
    SqlWorker(sql_worker::SqlWorker),
}

/// Which city and which data directory.
#[derive(Args, Clone)]
pub struct Where {
    /// 城市目录（默认 DATA/city） / City folder (default DATA/city).
    #[arg(long, env = "SANJIANG_CITY")]
    city: Option<PathBuf>,
    /// 数据目录 / Data directory.
    #[arg(long, env = "SANJIANG_DATA", default_value = "data")]
    data: PathBuf,
}

impl Where {
    fn city(&self) -> PathBuf {
        self.city.clone().unwrap_or_else(|| self.data.join("city"))
    }
}

impl Command {
    pub fn run(self) -> ExitCode {
        let quiet = matches!(self.act, Act::SqlWorker(_));
        if !quiet {
            crate::show::start_log();
        }
        let done = match self.act {
            Act::Demo(command) => block_on(command.run()),
            Act::Serve(command) => block_on(command.run()),
            Act::Check(command) => command.run(),
            Act::Collect(command) => block_on(command.run()),
            Act::Sql(command) => block_on(command.run()),
            Act::Sample(command) => block_on(command.run()),
            Act::Schema(command) => command.run(),
            Act::Schedule(command) => block_on(command.run()),
            Act::Key(command) => block_on(command.run()),
            Act::Account(command) => block_on(command.run()),
            Act::SqlWorker(command) => command.run(),
        };
        done.unwrap_or_else(|error| {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        })
    }
}

/// A runtime whose threads have stacks deep enough for the engine's planner.
fn block_on<F: Future<Output = anyhow::Result<ExitCode>>>(future: F) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(8 << 20).build()?;
    let done = runtime.block_on(future);
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}
