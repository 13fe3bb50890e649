//! `sanjiang serve`: pages, API, and collection of what is due.

use std::collections::HashMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use desk::authority::Role;
use desk::model::ModelScope;
use desk::{CollectScope, Desk};
use tokio::net::TcpListener;

use super::Where;

/// How often it is looked whether a catalogue is to be harvested.
const HARVEST: Duration = Duration::from_secs(20);
/// How often due resources and changed declarations are looked for.
const TICK: Duration = Duration::from_secs(5);
/// How often it is looked whether something is to be sent to other cities.
const EXCHANGE: Duration = Duration::from_secs(1);
/// For so long acts are gathered before they are published.
const GATHER: Duration = Duration::from_millis(250);
/// How often the log is looked at for acts of other processes.
const LOOK: Duration = Duration::from_secs(1);
/// How often checkpoints are sent to witnesses.
const COSIGN: Duration = Duration::from_secs(10);

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    listen: Listen,
    /// 不自动归集 / Do not collect by itself.
    #[arg(long)]
    no_collect: bool,
}

/// Where to listen.
#[derive(Args, Clone)]
pub struct Listen {
    /// 监听地址，可给多个，支持 IPv6，如 [::]:8080 / Address to listen on; may be repeated.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: Vec<String>,
    /// 对外的 https 地址，用于链接与安全 cookie / Public https address, for links and secure cookies.
    #[arg(long)]
    public_url: Option<String>,
    /// 前面有自己的反向代理：采信它的 X-Forwarded-Proto 和 X-Forwarded-For 的最后一项 / A proxy of yours stands in front: its
    /// X-Forwarded-Proto and the last of X-Forwarded-For are believed.
    #[arg(long)]
    behind_proxy: bool,
}

impl Serve {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let listeners = self.listen.bind().await?;
        let (desk, lake) = crate::wire::open(&self.place.city(), &self.place.data, self.listen.variables(&listeners)).await?;
        let trigger = (!self.no_collect).then_some("schedule");
        tokio::spawn(crate::upkeep::run(lake, self.place.city()));
        serve(desk, listeners, &self.listen, trigger).await
    }
}

impl Listen {
    pub async fn bind(&self) -> anyhow::Result<Vec<TcpListener>> {
        let mut listeners = Vec::new();
        for address in &self.listen {
            let listener = TcpListener::bind(address)
                .await
                .with_context(|| format!("无法监听 {address}：地址有误或已被占用 / cannot listen on {address}"))?;
            listeners.push(listener);
        }
        Ok(listeners)
    }

    /// What declarations and logins between sites need to know of where we are.
    pub fn variables(&self, listeners: &[TcpListener]) -> HashMap<String, String> {
        HashMap::from([("SANJIANG_ADDRESS".to_owned(), self.address(listeners))])
    }

    /// The address people open.
    fn address(&self, listeners: &[TcpListener]) -> String {
        let local = || listeners.first().and_then(|l| l.local_addr().ok()).map(|a| format!("http://{a}"));
        self.public_url.clone().or_else(local).unwrap_or_default()
    }
}

/// Serves until asked to stop. With a trigger, collects what is due, at once and from then on.
pub async fn serve(desk: Desk, listeners: Vec<TcpListener>, listen: &Listen, trigger: Option<&'static str>) -> anyhow::Result<ExitCode> {
    let address = listen.address(&listeners);
    let links = desk.officer_links(crate::wire::now()).await.map_err(crate::show::refusal)?;
    if !links.is_empty() {
        println!("首次使用，请三位管理员在一天内各打开自己的链接设置账户 / First start: the three officers make their accounts here within a day");
    }
    for (role, token) in links {
        print_link(role, &address, &token);
    }
    if trigger == Some("demo") {
        let links = super::demo_share::officer_links(&desk).await?;
        if !links.is_empty() {
            println!("两个部门的专员，互相申请数据 / Officers of two departments, who lend each other data");
        }
        for (display, name, token) in links {
            println!("  {display} / {name}  {address}/setup?token={token}");
        }
        super::demo_share::requests(&desk).await?;
        let links = super::demo_people::links(&desk).await?;
        if !links.is_empty() {
            println!("一位市民和一家企业，看谁看过自己 / A citizen and a company, who see who read about them");
        }
        for (display, name, token) in links {
            println!("  {display} / {name}  {address}/setup?token={token}");
        }
        tokio::spawn(super::demo_people::readings(desk.clone()));
    }
    if trigger == Some("demo")
        && let Some(token) = desk.role_link(Role::Steward, crate::wire::now()).await.map_err(crate::show::refusal)?
    {
        println!("演示请用数据管理员 / To look around, be the data steward");
        print_link(Role::Steward, &address, &token);
    }
    println!("三江已启动，请打开 / Sanjiang is at  {address}");
    let secure = address.starts_with("https://");
    let options = web::Options { secure, behind_proxy: listen.behind_proxy, ..web::Options::default() };
    let router = web::router(desk.clone(), options);
    let ticking = tokio::spawn(tick(desk.clone(), trigger));
    let making = tokio::spawn(make(desk.clone(), trigger.is_some()));
    let resolving = tokio::spawn(resolve(desk.clone(), trigger.is_some()));
    let telling = tokio::spawn(tell(desk.clone()));
    let publishing = tokio::spawn(publish(desk.clone()));
    let serving = tokio::spawn(keep_copies(desk.clone()));
    let delivering = tokio::spawn(deliver(desk.clone()));
    let opening = tokio::spawn(open(desk.clone(), trigger == Some("demo")));
    let exchanging = tokio::spawn(exchange(desk.clone()));
    let harvesting = tokio::spawn(harvest(desk.clone()));
    let checking = tokio::spawn(check_apps(desk.clone()));
    web::server::serve(listeners, router, Box::pin(stop_asked())).await?;
    ticking.abort();
    making.abort();
    resolving.abort();
    telling.abort();
    publishing.abort();
    serving.abort();
    delivering.abort();
    opening.abort();
    exchanging.abort();
    harvesting.abort();
    checking.abort();
    // What was done last stands in the log's files too.
    super::log::publish(&desk).await;
    Ok(ExitCode::SUCCESS)
}

fn print_link(role: Role, address: &str, token: &str) {
    let title = role.title();
    println!("  {} / {}  {address}/setup?token={token}", title.zh, title.en);
}

/// Looks again and again for changed declarations and due resources.
async fn tick(desk: Desk, trigger: Option<&'static str>) {
    let mut trigger = trigger;
    loop {
        if let Err(mistakes) = desk.reload_city() {
            tracing::warn!(mistakes = mistakes.len(), "the city folder has mistakes; the last good city stays in use (see sanjiang check)");
        }
        if let Err(error) = desk.log_configuration().await {
            tracing::error!(%error, "the declarations were not told to the log");
        }
        if let Err(error) = desk.escalate_defects(crate::wire::now()).await {
            tracing::error!(%error, "late defects not escalated");
        }
        if let Some(word) = trigger {
            match desk.collect_now(CollectScope::Due, word, crate::wire::now()).await {
                // The demo's first collection is its own; what comes after is the schedule's.
                Ok(outcome) if !outcome.runs.is_empty() => {
                    crate::show::log_outcome(&outcome);
                    trigger = Some("schedule");
                }
                // A full disk is told by every page that would write; here it is only waited for.
                Ok(_) | Err(desk::DeskError::Busy(_) | desk::DeskError::Full(_)) => {}
                Err(error) => tracing::error!(%error, "collection did not start"),
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Makes the models whose time has come, beside collection, for as long as the server runs.
async fn make(desk: Desk, wanted: bool) {
    while wanted {
        tokio::time::sleep(TICK).await;
        match desk.run_models(ModelScope::Due, false, "schedule").await {
            Ok(outcome) => outcome.runs.iter().for_each(|run| tracing::info!(model = run.model, state = run.state, rows = run.rows, "model made")),
            Err(desk::DeskError::Busy(_)) => {}
            Err(error) => tracing::error!(%error, "models were not made"),
        }
        // What was declared since; what changed was worked out with its table.
        if let Err(error) = desk.figures_due().await {
            tracing::error!(%error, "figures were not worked out");
        }
    }
}

/// Resolves the registers whose sources have changed, beside everything else, for as long as the server runs.
async fn resolve(desk: Desk, wanted: bool) {
    while wanted {
        tokio::time::sleep(TICK).await;
        match desk.resolve_due("schedule").await {
            Ok(done) => done.iter().for_each(|resolved| tracing::info!("{}", super::resolve::told(resolved, kernel::Lang::Zh))),
            Err(desk::DeskError::Busy(_) | desk::DeskError::Full(_)) => {}
            Err(error) => tracing::error!(%error, "registers were not resolved"),
        }
    }
}

/// Keeps the copies that lent rows are read from up to date, beside everything else, for as long as the server runs.
async fn keep_copies(desk: Desk) {
    loop {
        if let Err(error) = desk.refresh_copies().await {
            tracing::error!(%error, "serving copies were not brought up to date");
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Measures what is proposed to be opened and publishes what was approved, beside everything else.
async fn open(desk: Desk, demo: bool) {
    loop {
        let now = crate::wire::now();
        if demo && let Err(error) = super::demo_open::openings(&desk).await {
            tracing::warn!(%error, "the demo's datasets were not opened");
        }
        let done = async {
            desk.measure_openings(now).await?;
            desk.publish_openings().await?;
            desk.keep_open_usage(now).await
        };
        match done.await {
            Ok(()) | Err(desk::DeskError::Full(_)) => {}
            Err(error) => tracing::error!(%error, "open data was not published"),
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Harvests other portals' catalogues when they are due, beside everything else: they may be slow.
async fn harvest(desk: Desk) {
    loop {
        if let Err(error) = desk.harvest_due(crate::wire::now()).await {
            tracing::error!(%error, "catalogues were not harvested");
        }
        tokio::time::sleep(HARVEST).await;
    }
}

/// Looks at registered applications when nobody has for a day, beside everything else: they may be slow.
async fn check_apps(desk: Desk) {
    loop {
        if let Err(error) = desk.check_apps(crate::wire::now()).await {
            tracing::error!(%error, "applications of open data were not looked at");
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Posts what changes under grants to those who have subscribed, beside everything else: whoever is told may be slow.
async fn deliver(desk: Desk) {
    loop {
        match desk.deliver_subscriptions(crate::wire::now()).await {
            // More may wait where something was taken.
            Ok(taken) if taken > 0 => continue,
            Ok(_) | Err(desk::DeskError::Full(_)) => {}
            Err(error) => tracing::error!(%error, "changes under grants were not posted"),
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Sends envelopes to other cities and asks what they offer, beside everything else: whoever is called may be away.
async fn exchange(desk: Desk) {
    loop {
        let now = crate::wire::now();
        let offered = desk.refresh_offers(now).await;
        match desk.send_envelopes(now).await {
            Ok(sent) if sent.taken > 0 => tracing::info!(taken = sent.taken, failed = sent.failed, "envelopes sent"),
            Ok(_) | Err(desk::DeskError::Full(_)) => {}
            Err(error) => tracing::error!(%error, "envelopes were not sent"),
        }
        if let Err(error) = offered {
            tracing::error!(%error, "other cities were not asked what they offer");
        }
        tokio::time::sleep(EXCHANGE).await;
    }
}

/// Tells others of defects, beside everything else: whoever is told may be slow.
async fn tell(desk: Desk) {
    let mut tidied = None;
    loop {
        match desk.send_messages(crate::wire::now()).await {
            Ok(sent) if sent.acknowledged > 0 => tracing::info!(acknowledged = sent.acknowledged, waiting = sent.waiting, "messages sent"),
            Ok(_) | Err(desk::DeskError::Full(_)) => {}
            Err(error) => tracing::error!(%error, "messages were not sent"),
        }
        let today = crate::wire::now().0 / 86_400_000_000;
        if tidied != Some(today) {
            tidied = Some(today);
            if let Err(error) = desk.forget_messages(crate::wire::now()).await {
                tracing::error!(%error, "old messages were not forgotten");
            }
            if let Err(error) = desk.forget_log(crate::wire::now()).await {
                tracing::error!(%error, "old entries of the log were not let go");
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Puts acts into the log's files as they happen, and has checkpoints cosigned, for as long as the server runs.
async fn publish(desk: Desk) {
    let mut cosigning = Instant::now();
    loop {
        match desk.publish_log().await {
            Ok(_) | Err(desk::DeskError::Busy(_)) => {}
            Err(error) => tracing::error!(%error, "the log was not published; acts are refused if this lasts a minute"),
        }
        if cosigning.elapsed() >= COSIGN {
            cosigning = Instant::now();
            if let Err(error) = desk.cosign_log().await {
                tracing::error!(%error, "the log was not cosigned");
            }
        }
        // Other processes' acts are looked for; one's own are told of. What happens close together shares a checkpoint.
        let _ = tokio::time::timeout(LOOK, desk.act_logged()).await;
        tokio::time::sleep(GATHER).await;
    }
}

pub async fn stop_asked() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} },
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}
