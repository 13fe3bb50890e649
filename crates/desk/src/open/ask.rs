//! Rows of open data, asked for by parameters: of the newest version, or as they were in an earlier one.

use data::declare::OpenTo;
use kernel::{Moment, Text};
use serving::{Condition, Delta, Question};
use std::ops::ControlFlow;
use std::time::Duration;

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
    /// Everybody: rows of a dataset. Parameters are columns (`district=…`, `month.from=…`, `month.to=…`, `name.starts=…`), and
    /// `fields`, `order`, `limit`, `offset`, `version`.
    pub async fn open_rows(&self, dataset: &str, parameters: &[(String, String)], now: Moment) -> Answer<OpenRows> {
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
            Some(_) => Err(DeskError::Forbidden(Text::new("该数据集受限开放，请先申请。", "This dataset is restricted: apply for it first."))),
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
