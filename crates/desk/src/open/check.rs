//! Every night: does what registered applications declare still work? Their pages are called, from the open internet's side only,
//! and the datasets and columns that they use are looked for.

use std::time::Duration;

use ::collect::connect::{Asked, Line};
use data::network::AllowList;
use kernel::{Moment, Text};
use store::open::AppRow;

use crate::{Answer, Desk, internal};

/// How long an application is left alone.
const EVERY: i64 = 20 * 3_600 * 1_000_000;
/// Others are looked at in these hours, when nobody is kept waiting by it; a new one at once.
const HOURS: std::ops::Range<i8> = 1..5;
/// Calls that lead elsewhere, one after the other.
const STEPS: usize = 5;
const DEADLINE: Duration = Duration::from_secs(30);

impl Desk {
    /// Looks at the applications that nobody has looked at for a day: new ones at once, others at night.
    pub async fn check_apps(&self, now: Moment) -> Answer<()> {
        let zone = jiff::tz::TimeZone::get(&self.city().info.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let night = HOURS.contains(&now.to_jiff().to_zoned(zone).hour());
        for app in self.store().apps_to_check(Moment(now.0 - EVERY)).await.map_err(internal)? {
            if app.checked.is_none() || night {
                let fault = self.check_app(&app, now).await?;
                self.store().app_checked(&app.id, fault, now).await.map_err(internal)?;
            }
        }
        Ok(())
    }

    /// What is wrong with an application; nothing where all that it declares is there.
    async fn check_app(&self, app: &AppRow, now: Moment) -> Answer<Option<Text>> {
        let live = self.live(now).await?;
        for (dataset, columns) in self.store().app_uses(&app.id).await.map_err(internal)? {
            let Some(found) = live.get(&dataset) else {
                return Ok(Some(Text::new(format!("数据集 {dataset} 已不再开放"), format!("dataset {dataset} is not open any more"))));
            };
            let missing = columns.split(',').filter(|name| !name.is_empty()).find(|name| !found.columns.iter().any(|column| column.name == *name));
            if let Some(name) = missing {
                return Ok(Some(Text::new(format!("数据集 {dataset} 已没有列 {name}"), format!("dataset {dataset} has no column {name} any more"))));
            }
        }
        for address in [&app.address, &app.probe].into_iter().filter(|address| !address.is_empty()) {
            let answered = tokio::time::timeout(DEADLINE, self.answers(address)).await;
            let wrong = answered.unwrap_or_else(|_| Err(Text::new("30 秒内没有应答", "no answer within 30 seconds")));
            if let Err(Text { zh, en }) = wrong {
                return Ok(Some(Text::new(format!("{address}：{zh}"), format!("{address}: {en}"))));
            }
        }
        Ok(None)
    }

    /// Whether something answers there as it does while all is well. What somebody else names must not lead into the city's own
    /// network: only what `[open] allow` lists is reached besides the open internet, wherever the answer leads.
    async fn answers(&self, address: &str) -> Result<(), Text> {
        let allow = AllowList::read(&self.city().info.open.allow)?;
        let mut ctx = self.0.sources.clone();
        ctx.network = ctx.network.allowing(allow);
        let line = Line::new(&ctx).map_err(|error| error.message)?;
        let mut at = address.to_owned();
        for _ in 0..STEPS {
            let asked = Asked { method: "GET", url: at.clone(), headers: vec![("accept".to_owned(), "text/html, */*;q=0.8".to_owned())], body: None };
            let heard = line.begin(&asked).await.map_err(|unheard| unheard.error.message)?;
            match (heard.status, heard.headers.get("location")) {
                (200..=299, _) => return Ok(()),
                (301 | 302 | 303 | 307 | 308, Some(to)) => at = led(&at, to).ok_or_else(|| Text::new("转向了无效的网址", "it leads to what is no address"))?,
                (status, _) => return Err(Text::new(format!("应答为 HTTP {status}"), format!("it answers with HTTP {status}"))),
            }
        }
        Err(Text::new("转向次数过多", "it leads on and on"))
    }
}

/// Where a redirect leads: from there on by http as before.
fn led(from: &str, to: &str) -> Option<String> {
    let url = url::Url::parse(from).ok()?.join(to).ok()?;
    ["https", "http"].contains(&url.scheme()).then(|| url.into())
}
