//! The commands, a file each.

mod account;
mod check;
mod client;
mod collect;
mod connect;
mod defect;
mod demo;
mod demo_open;
mod demo_people;
mod demo_share;
mod drift;
mod figure;
mod grade;
mod history;
mod replay;
mod key;
mod quality;
mod quarantine;
mod read;
mod lake;
mod message;
mod model;
mod node;
mod register;
mod resolve;
mod risk;
mod risk_told;
mod model_worker;
mod link;
mod log;
mod log_witness;
mod sample;
mod schedule;
mod schema;
mod serve;
mod service;
mod sql;
mod sql_worker;
mod standard;

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
    /// 试连一个系统，看前几行，不写入 / Try a system's connector and show its first rows; nothing lands.
    Connect(connect::Connect),
    /// 列出一个文件会入库的每一个值，不入库 / Print what would land of a file, value by value.
    Read(read::Read),
    /// 找出同一实体的记录：一个文件内，或两个文件间 / Find records of one entity in one file, or between two.
    Link(link::Link),
    /// 公开前测量重新识别的风险，并建议如何泛化 / Measure how far a table tells who its rows are about; propose how to make it coarser.
    Risk(risk::Risk),
    /// 交付变化：查看、接受、退回 / Deliveries that differ: look, accept, refuse.
    Drift(drift::Drift),
    /// 分级建议：列出，写入声明 / Proposed classes and grades: list them, write them into declarations.
    Grade(grade::Grade),
    /// 按质量规则测量并评分 / Measure the quality rules of resources, now.
    Quality(quality::Quality),
    /// 质量问题：查看、答复、异议 / Defects: look, answer, object.
    Defect(defect::Defect),
    /// 消息：向外告知质量问题，直到对方接收 / Messages that tell others of defects, sent until they are acknowledged.
    Message(message::Message),
    /// 问题数据：查看、导出、更正、撤销 / Refused rows: look, export, mend, undo.
    Quarantine(quarantine::Quarantine),
    /// 变化历史、一行的历史、某时的数据 / What changed, one row through time, a table as of a moment.
    History(history::History),
    /// 由贴源层重新得出标准层 / Make the standard layer again from raw, or compare the two.
    Replay(replay::Replay),
    /// 用 SQL 查询 / Ask the lake with SQL.
    Sql(sql::Sql),
    /// 模型：由 SQL 得出的基础库与专题库 / Models: tables made from SELECTs.
    Model(model::Model),
    /// 指标：当前值、口径与依据 / Figures: their values, definitions and grounds.
    Figure(figure::Figure),
    /// 归并：把各来源的记录归到实体 / Resolve registers: records of one person or company become one entity.
    Resolve(resolve::Resolve),
    /// 基础库：实体、待判定、变更、判定 / Registers: entities, pairs in doubt, changes, decisions.
    Register(register::Register),
    /// 生成示例城市的系统数据 / Make what the sample city's systems hold.
    Sample(sample::Sample),
    /// 由 OpenAPI 文档拟定实时服务的声明 / Propose how a service is declared, from its OpenAPI document.
    Service(service::Service),
    /// 写出声明文件的 JSON Schema / Write the JSON Schema of each kind of declaration, for editors.
    Schema(schema::Schema),
    /// 按数据元逐行检查标准输入 / Check lines of standard input against a standard, or take addresses apart.
    #[command(subcommand)]
    Standard(standard::Standard),
    /// 归集计划：每项资源下一次何时归集 / When each resource is collected next, and why then.
    Schedule(schedule::Schedule),
    /// 推送密钥：让系统自行发送数据 / Keys with which systems push their rows.
    Key(key::Key),
    /// 登录应用：用本平台账户登录的其他应用 / Applications that people log in to with their accounts here.
    Client(client::Client),
    /// 城市间节点：本节点公钥、邻居、联络 / Nodes: our own key, those of other cities, calling them.
    Node(node::Node),
    /// 操作日志：查看、核验、回执、见证 / The log of acts: look, verify, receipts, witness.
    Log(log::Log),
    /// 管理工作人员账户 / Accounts of staff.
    Account(account::Account),
    /// 数据湖维护：合并、清理、核对、修复 / The lake under care: compact, vacuum, verify, repair.
    Lake(lake::LakeCommand),
    #[command(hide = true)]
    SqlWorker(sql_worker::SqlWorker),
    #[command(hide = true)]
    ModelWorker(model_worker::ModelWorker),
}

/// Which city and which data directory.
#[derive(Args, Clone)]
pub struct Where {
    /// 城市目录（默认 DATA/city） / City folder (default DATA/city).
    #[arg(long, env = "SANJIANG_CITY", global = true)]
    city: Option<PathBuf>,
    /// 数据目录 / Data directory.
    #[arg(long, env = "SANJIANG_DATA", default_value = "data", global = true)]
    data: PathBuf,
}

impl Where {
    pub fn data(&self) -> &std::path::Path {
        &self.data
    }

    pub fn city(&self) -> PathBuf {
        self.city.clone().unwrap_or_else(|| self.data.join("city"))
    }
}

/// The language in which a command answers.
#[derive(Args)]
pub struct Speak {
    /// 语言 zh 或 en / Language, zh or en.
    #[arg(long, default_value = "zh", global = true)]
    lang: String,
}

impl Speak {
    pub fn lang(&self) -> kernel::Lang {
        kernel::Lang::parse(&self.lang).unwrap_or_default()
    }
}

/// Who acts on the command line: whoever may open the data directory.
pub fn operator() -> desk::view::Account {
    let name = std::env::var("USER").unwrap_or_else(|_| "-".to_owned());
    desk::view::Account { display: format!("{name}（命令行 / command line）"), name, clearance: Some(data::declare::Grade::L4), ..desk::view::Account::default() }
}

impl Command {
    pub fn run(self) -> ExitCode {
        crate::show::end_with_the_reader();
        let quiet = matches!(self.act, Act::SqlWorker(_) | Act::ModelWorker(_));
        if !quiet {
            crate::show::start_log();
        }
        let done = match self.act {
            Act::Demo(command) => block_on(command.run()),
            Act::Serve(command) => block_on(command.run()),
            Act::Check(command) => command.run(),
            Act::Collect(command) => block_on(command.run()),
            Act::Connect(command) => block_on(command.run()),
            Act::Read(command) => command.run(),
            Act::Link(command) => command.run(),
            Act::Risk(command) => command.run(),
            Act::Resolve(command) => block_on(command.run()),
            Act::Register(command) => block_on(command.run()),
            Act::Drift(command) => block_on(command.run()),
            Act::Grade(command) => block_on(command.run()),
            Act::Quality(command) => block_on(command.run()),
            Act::Defect(command) => block_on(command.run()),
            Act::Message(command) => block_on(command.run()),
            Act::Quarantine(command) => block_on(command.run()),
            Act::History(command) => block_on(command.run()),
            Act::Replay(command) => block_on(command.run()),
            Act::Sql(command) => block_on(command.run()),
            Act::Model(command) => block_on(command.run()),
            Act::Figure(command) => block_on(command.run()),
            Act::Sample(command) => block_on(command.run()),
            Act::Service(command) => command.run(),
            Act::Schema(command) => command.run(),
            Act::Standard(command) => command.run(),
            Act::Schedule(command) => block_on(command.run()),
            Act::Key(command) => block_on(command.run()),
            Act::Client(command) => block_on(command.run()),
            Act::Node(command) => block_on(command.run()),
            Act::Log(command) => block_on(command.run()),
            Act::Account(command) => block_on(command.run()),
            Act::Lake(command) => block_on(command.run()),
            Act::SqlWorker(command) => command.run(),
            Act::ModelWorker(command) => command.run(),
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
