//! Rows of open data, asked for by parameters: of the newest version, or as they were in an earlier one.

use data::declare::OpenTo;
use kernel::{Moment, Text};
use serde_json::json;
use serving::{Condition, Delta, Question};
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use std::time::Duration;

use super::access::AccessTerms;
use super::caller::OpenCaller;
use super::declared;
use super::live::{Live, OpenColumn, Use};
use crate::{Answer, Desk, DeskError, asked, internal, invalid};

/// The longest that an answer may take to make.
const DEADLINE: Duration = Duration::from_secs(5);
const WORDS: [&str; 6] = ["limit", "offset", "order", "count", "fields", "version"];

/// Rows, and what is known of them.
#[derive(Clone, Debug)]
pub struct OpenRows {
    pub version: u64,
    pub updated: Moment,
    pub columns: Vec<OpenColumn>,
    pub rows: Vec<Vec<serving::Value>>,
    /// How many rows fulfil what was asked, whatever limit and offset say.
    pub total: u64,
    pub limit: u64,
    pub offset: u64,
}

impl OpenRows {
    /// The rows as the text of a JSON list of objects.
    pub fn json(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        serving::objects(&names, &self.rows)
    }
}

impl Desk {
    /// Everybody: rows of a dataset; of a restricted one, whoever may use it. Parameters are columns (`district=…`,
    /// `month.from=…`, `month.to=…`, `name.starts=…`), and `fields`, `order`, `limit`, `offset`, `version`.
    pub async fn open_rows(&self, caller: &OpenCaller, dataset: &str, parameters: &[(String, String)], now: Moment) -> Answer<OpenRows> {
        let Some(terms) = self.access_terms(dataset, now).await? else { return self.rows_for_everybody(dataset, parameters, now).await };
        self.rows_for_applicants(caller, dataset, &terms, parameters, now).await
    }

    async fn rows_for_everybody(&self, dataset: &str, parameters: &[(String, String)], now: Moment) -> Answer<OpenRows> {
        let live = self.for_everybody(dataset, now).await?;
        let by_name = asked::by_name(parameters)?;
        let live = match asked::number(&by_name, "version", u64::MAX)? {
            Some(number) if number != live.version.number => self.earlier(dataset, live, number).await?,
            _ => live,
        };
        let question = question(&live, &by_name, u64::from(self.city().info.open.rows))?;
        self.0.open.count(dataset, Use::Call);
        self.rows_of(dataset, live, question).await
    }

    /// Rows of restricted data: few enough of an answer and of a day, asked for by what the terms say, and told in the log before
    /// they are given.
    async fn rows_for_applicants(&self, caller: &OpenCaller, dataset: &str, terms: &AccessTerms, parameters: &[(String, String)], now: Moment) -> Answer<OpenRows> {
        let account = caller.account().ok_or_else(|| apply(dataset))?;
        let today = self.day(now).to_string();
        let access = self.store().access_granted(account, dataset, &today).await.map_err(internal)?.ok_or_else(|| apply(dataset))?;
        let live = self.live_one(dataset, now).await?;
        let by_name = asked::by_name(parameters)?;
        if by_name.contains_key("version") {
            return Err(invalid("受限开放的数据只能查询最新版本", "of restricted data, the newest version alone can be asked for"));
        }
        let named = |column: &String| by_name.keys().any(|name| name.split('.').next() == Some(column.as_str()));
        if !terms.ask_by.is_empty() && !terms.ask_by.iter().any(named) {
            let (zh, en) = (terms.ask_by.join("、"), terms.ask_by.join(", "));
            return Err(invalid(format!("请至少按其中一项查询：{zh}"), format!("ask by one of these at least: {en}")));
        }
        let question = question(&live, &by_name, u64::from(terms.rows))?;
        let rows = self.rows_of(dataset, live, question).await?;
        let mut canonical: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        canonical.sort();
        let hash = |text: &str| crate::account::hex(&Sha256::digest(text.as_bytes()));
        let count = rows.rows.len() as u64;
        let detail = json!({
            "dataset": dataset, "version": rows.version, "rows": count, "query": hash(&canonical.join("&")), "answer": hash(&rows.json()),
        });
        let store = self.store().logging(self.leaf(caller.actor(), "access.read", &crate::log::subject("access", &access.id), detail));
        if !store.add_access_read(&access.id, &today, count, u64::from(terms.rows_per_day)).await.map_err(internal)? {
            return Err(self.beyond_the_day(terms, now));
        }
        self.0.open.count(dataset, Use::Call);
        Ok(rows)
    }

    fn beyond_the_day(&self, terms: &AccessTerms, now: Moment) -> DeskError {
        let most = terms.rows_per_day;
        let seconds = u64::try_from(data::share::midnight(&self.city(), now).seconds_since(now)).unwrap_or(0).max(1);
        let text = Text::new(format!("今日可查询的行数已用完（每日 {most} 行），请明日再试，或缩小查询范围。"), format!("The day's {most} rows are used up: ask for fewer, or again tomorrow."));
        DeskError::TooMany { text, seconds }
    }

    async fn rows_of(&self, dataset: &str, live: Live, question: Question) -> Answer<OpenRows> {
        let file = self.versions_file(dataset, live.version.series)?.within(DEADLINE);
        let place = live.version.place;
        let (limit, offset) = (question.limit.unwrap_or(u64::MAX), question.offset);
        let columns = match question.columns.as_slice() {
            [] => live.columns.clone(),
            names => names.iter().filter_map(|name| live.columns.iter().find(|column| column.name == *name).cloned()).collect(),
        };
        let page = tokio::task::spawn_blocking(move || file.rows(Some(place), &question)).await.map_err(internal)?.map_err(asked::refusal)?;
        let total = page.total.unwrap_or(page.rows.len() as u64);
        Ok(OpenRows { version: live.version.number, updated: live.version.time, columns, rows: page.rows, total, limit, offset })
    }

    /// Everybody: what differs between two versions of the same columns, at most so many rows.
    pub async fn open_delta(&self, dataset: &str, from: u64, to: u64, most: usize, now: Moment) -> Answer<(Vec<OpenColumn>, Vec<Delta>, bool)> {
        let live = self.for_everybody(dataset, now).await?;
        let (from, to) = (self.earlier(dataset, live.clone(), from).await?, self.earlier(dataset, live, to).await?);
        if from.version.series != to.version.series {
            let text = Text::new("两个版本的列不同，不能逐行比较：请下载整个版本。", "The two versions have different columns and cannot be compared row by row: take the whole version.");
            return Err(DeskError::Invalid(text));
        }
        self.0.open.count(dataset, Use::Call);
        let file = self.versions_file(dataset, to.version.series)?.within(DEADLINE);
        let places = (from.version.place, to.version.place);
        let read = move || {
            let (mut found, mut more) = (Vec::new(), false);
            file.delta(places.0, places.1, &[], &mut |delta| {
                if found.len() == most {
                    more = true;
                    return ControlFlow::Break(());
                }
                found.push(delta);
                ControlFlow::Continue(())
            })?;
            Ok((found, more))
        };
        let (found, more) = tokio::task::spawn_blocking(read).await.map_err(internal)?.map_err(asked::refusal)?;
        Ok((to.columns, found, more))
    }

    /// A dataset that needs no application.
    pub(super) async fn for_everybody(&self, dataset: &str, now: Moment) -> Answer<Live> {
        let live = self.live_one(dataset, now).await?;
        let city = self.city();
        match declared(&city, dataset) {
            Some((_, opening)) if opening.to == OpenTo::Everybody => Ok(live),
            Some(_) => Err(apply(dataset)),
            None => Err(DeskError::NotFound),
        }
    }

    /// The same dataset in another version.
    pub(super) async fn earlier(&self, dataset: &str, live: Live, number: u64) -> Answer<Live> {
        if number == live.version.number {
            return Ok(live);
        }
        let version = self.store().open_version(dataset, number).await.map_err(internal)?;
        let version = version.ok_or_else(|| {
            let newest = live.version.number;
            invalid(format!("没有版本 {number}，最新为 {newest}"), format!("there is no version {number}; the newest is {newest}"))
        })?;
        let columns = serde_json::from_str(&version.columns).map_err(internal)?;
        Ok(Live { version, columns, ..live })
    }
}

/// What whoever may not read restricted data is told.
fn apply(dataset: &str) -> DeskError {
    DeskError::Forbidden(Text::new(
        format!("该数据集受限开放：请先在 /open/datasets/{dataset}/apply 申请，获准后用登记应用的密钥按行查询。"),
        format!("This dataset is restricted: apply for it at /open/datasets/{dataset}/apply, then ask for its rows with the key of a registered application."),
    ))
}

fn question(live: &Live, by_name: &asked::ByName<'_>, most: u64) -> Answer<Question> {
    let mut all = Vec::new();
    for (name, values) in by_name.iter().filter(|(name, _)| !WORDS.contains(name)) {
        let (column, way) = name.split_once('.').unwrap_or((name, ""));
        known(live, column)?;
        all.push(asked::condition(column, way, values)?);
    }
    let listed = |word: &str| {
        let words = by_name.get(word).into_iter().flatten().flat_map(|text| text.split(','));
        words.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let columns = listed("fields");
    columns.iter().try_for_each(|name| known(live, name))?;
    let mut order = Vec::new();
    for word in listed("order") {
        let (name, down) = word.strip_prefix('-').map_or((word.as_str(), false), |name| (name, true));
        known(live, name)?;
        order.push((name.to_owned(), down));
    }
    Ok(Question {
        columns,
        condition: (!all.is_empty()).then_some(Condition::All(all)),
        order,
        limit: Some(asked::number(by_name, "limit", most)?.unwrap_or(most.min(100))),
        offset: asked::number(by_name, "offset", asked::OFFSET_MAX)?.unwrap_or(0),
        count: true,
    })
}

/// Refuses the name of a column that is not there.
fn known(live: &Live, name: &str) -> Answer<()> {
    if live.columns.iter().any(|column| column.name == name) {
        return Ok(());
    }
    let Text { zh, en } = asked::meant(name, live.columns.iter().map(|column| column.name.as_str()).chain(WORDS));
    Err(invalid(format!("没有列 {name}{zh}"), format!("there is no column {name}{en}")))
}
