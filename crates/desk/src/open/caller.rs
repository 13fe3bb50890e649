//! Who calls for open data: anybody, by their network address; a registered application, by its key; an account, on the portal's
//! own pages. Each may call so often; an application so many times a day.

use std::collections::HashMap;

use data::share::midnight;
use kernel::{Moment, Text};
use store::open::AppRow;

use crate::account::digest;
use crate::log::Actor;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// So that a key is known as one where it turns up.
pub(super) const KEY_PREFIX: &str = "sjopen_";
const KEY_MAX: usize = 255;
/// How long another process's change may go unnoticed, in microseconds.
const KNOWN_FOR: i64 = 1_000_000;
/// Keys that are kept at most; beyond, all are asked for again.
const KNOWN_MAX: usize = 10_000;

/// Who calls.
#[derive(Clone, Debug, Default)]
pub enum OpenCaller {
    #[default]
    Anybody,
    App {
        id: String,
        name: String,
        /// Id of the account that registered it.
        account: String,
    },
    Person(Account),
}

impl OpenCaller {
    /// Id of the account that answers for it.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            OpenCaller::Anybody => None,
            OpenCaller::App { account, .. } => Some(account),
            OpenCaller::Person(account) => Some(&account.id),
        }
    }

    pub(super) fn actor(&self) -> Actor<'_> {
        match self {
            OpenCaller::Anybody => Actor::Program("anybody"),
            OpenCaller::App { id, name, .. } => Actor::App { id, name },
            OpenCaller::Person(account) => account.into(),
        }
    }
}

/// Keys that were seen, and calls that are counted and not yet written down.
#[derive(Default)]
pub(super) struct Callers {
    apps: HashMap<String, (Moment, AppRow)>,
    days: HashMap<String, Day>,
}

/// Calls of an application on a day.
struct Day {
    day: String,
    /// Written down, as far as is known.
    written: u64,
    /// Counted since.
    counted: u64,
}

impl Callers {
    pub fn forget(&mut self) {
        self.apps.clear();
    }

    fn app(&self, digest: &str, now: Moment) -> Option<AppRow> {
        self.apps.get(digest).filter(|(at, _)| (0..KNOWN_FOR).contains(&(now.0 - at.0))).map(|(_, row)| row.clone())
    }

    fn keep(&mut self, digest: String, row: AppRow, now: Moment) {
        if self.apps.len() >= KNOWN_MAX {
            self.apps.clear();
        }
        self.apps.insert(digest, (now, row));
    }

    fn knows(&self, app: &str, day: &str) -> bool {
        self.days.get(app).is_some_and(|known| known.day == day)
    }

    /// Counts one call, unless the day has had as many as it may; `written` is what was known where the day is new here.
    fn count(&mut self, app: &str, day: &str, written: u64, most: u64) -> bool {
        let fresh = || Day { day: day.to_owned(), written, counted: 0 };
        let known = self.days.entry(app.to_owned()).or_insert_with(fresh);
        if known.day != day {
            *known = fresh();
        }
        let room = known.written.saturating_add(known.counted) < most;
        known.counted += u64::from(room);
        room
    }

    /// What was counted since the last time, by day.
    pub fn drain(&mut self) -> HashMap<String, Vec<(String, u64)>> {
        let mut by_day: HashMap<String, Vec<(String, u64)>> = HashMap::new();
        for (app, day) in self.days.iter_mut().filter(|(_, day)| day.counted > 0) {
            by_day.entry(day.day.clone()).or_default().push((app.clone(), day.counted));
            day.written += day.counted;
            day.counted = 0;
        }
        by_day
    }
}

impl Desk {
    /// Whose key this is, and that it may call once more.
    ///
    /// Errors: [`DeskError::LoginRequired`] where it is nobody's, [`DeskError::TooMany`] where it has called enough.
    pub async fn open_app_calls(&self, key: &str, now: Moment) -> Answer<OpenCaller> {
        if !key.starts_with(KEY_PREFIX) || key.len() > KEY_MAX {
            return Err(DeskError::LoginRequired);
        }
        let digest = digest(key);
        let known = self.0.open.callers().app(&digest, now);
        let app = match known {
            Some(app) => app,
            None => {
                let app = self.store().app_by_key(&digest).await.map_err(internal)?.ok_or(DeskError::LoginRequired)?;
                self.0.open.callers().keep(digest, app.clone(), now);
                app
            }
        };
        let city = self.city();
        let (per_minute, per_day) = (city.info.open.application_per_minute, u64::from(city.info.open.application_per_day));
        self.0.doors.take(&format!("app/{}", app.id), per_minute, now).map_err(|seconds| too_often(per_minute, seconds))?;
        let day = self.day(now).to_string();
        let known = self.0.open.callers().knows(&app.id, &day);
        let written = if known { 0 } else { self.store().app_called(&app.id, &day).await.map_err(internal)? };
        if !self.0.open.callers().count(&app.id, &day, written, per_day) {
            let seconds = u64::try_from(midnight(&city, now).seconds_since(now)).unwrap_or(0).max(1);
            let text = Text::new(
                format!("今日调用次数已达上限（每日 {per_day} 次），请明日再试。"),
                format!("The day's {per_day} calls are used up. Try again tomorrow."),
            );
            return Err(DeskError::TooMany { text, seconds });
        }
        Ok(OpenCaller::App { id: app.id, name: app.name, account: app.account })
    }

    /// That somebody without a key may call once more, from this network address.
    pub fn open_address_calls(&self, address: &str, now: Moment) -> Answer<()> {
        let per_minute = self.city().info.open.per_minute;
        self.0.doors.take(&format!("address/{address}"), per_minute, now).map_err(|seconds| too_often(per_minute, seconds))
    }
}

fn too_often(per_minute: u32, seconds: u64) -> DeskError {
    let text = Text::new(
        format!("调用过于频繁：每分钟 {per_minute} 次，请 {seconds} 秒后再试。登记应用可获得更高的额度。"),
        format!("Too many calls: {per_minute} a minute. Try again in {seconds} s. Registered applications may call more."),
    );
    DeskError::TooMany { text, seconds }
}
