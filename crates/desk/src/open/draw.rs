//! What is drawn of a dataset by itself: charts chosen by figures over all rows of a version, reckoned once and kept beside it.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use data::City;
use kernel::{Moment, Text};
use opendata::chart::{self, Choice, Facts, Measured, Nature, PARTS_MAX, Step};
use opendata::ogc::Bounds;
use serde::{Deserialize, Serialize};
use serving::{Aggregate, Expr, Function, Kind, Plan, ServingError, Value, Versions};

use super::declared;
use super::live::{Live, Making};
use crate::port::Source;
use crate::{Answer, Desk, asked, internal};

/// The longest that one question of a drawing may take, and how long a page waits for it all.
const DEADLINE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(2);
/// Points of a line, the newest, and columns of a histogram.
const POINTS_MAX: u64 = 400;
const BINS_MAX: u64 = 64;
/// Groups that are looked at before the smaller ones are told together.
const GROUPS_MAX: u64 = 200;
/// The form of the files; another one is reckoned anew.
const FORM: u32 = 1;

/// What is drawn of a version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    form: u32,
    /// Of what the charts were made, so that another declaration makes them anew.
    columns: Vec<String>,
    pub charts: Vec<OpenChart>,
    /// Where the rows lie, if they lie anywhere.
    pub bounds: Option<Bounds>,
    /// How many of them do.
    pub placed: u64,
}

/// A chart with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenChart {
    pub choice: Choice,
    pub parts: Vec<ChartPart>,
    /// What smaller parts come to together, and how many they are.
    pub others: Option<(u64, f64)>,
}

/// A bar, a point of a line, a column of a histogram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChartPart {
    /// The value of the column; `None` for rows that have none.
    pub key: Option<String>,
    /// What the reader calls it, where codes have titles.
    pub title: Option<Text>,
    pub value: f64,
}

impl Desk {
    /// Everybody: what is drawn of a dataset's newest version; `None` while it is being reckoned.
    pub async fn open_drawn(&self, dataset: &str, now: Moment) -> Answer<Option<Arc<Drawn>>> {
        let live = self.for_everybody(dataset, now).await?;
        self.draw(dataset, &live)?;
        Ok(waited(|| self.0.open.drawn(dataset, live.version.number)).await)
    }

    /// The same without waiting for it.
    pub(super) fn drawn_now(&self, dataset: &str, live: &Live) -> Answer<Option<Arc<Drawn>>> {
        self.draw(dataset, live)?;
        Ok(self.0.open.drawn(dataset, live.version.number).and_then(|drawn| drawn.done().cloned()))
    }

    /// Begins to draw a version that was published, without waiting for it.
    pub(super) fn draw_soon(&self, dataset: &str, now: Moment) {
        let (desk, dataset) = (self.clone(), dataset.to_owned());
        tokio::spawn(async move {
            if let Ok(live) = desk.for_everybody(&dataset, now).await
                && let Err(error) = desk.draw(&dataset, &live)
            {
                tracing::warn!(dataset, %error, "open data was not drawn");
            }
        });
    }

    fn draw(&self, dataset: &str, live: &Live) -> Answer<()> {
        let number = live.version.number;
        if self.0.open.drawn(dataset, number).is_some() {
            return Ok(());
        }
        let folder = self.0.data_dir.join("open").join("drawn");
        let city = self.city();
        let job = Job {
            versions: self.versions_file(dataset, live.version.series)?.within(DEADLINE),
            columns: live.columns.iter().map(|column| (column.name.clone(), column.kind, column.key)).collect(),
            position: declared(&city, dataset).and_then(|(_, opening)| opening.position.clone()),
            labels: live.columns.iter().map(|column| self.open_labels(&city, dataset, &column.name)).collect(),
            place: live.version.place,
            rows: live.version.rows,
            path: folder.join(format!("{dataset}.{number}.json")),
        };
        std::fs::create_dir_all(&folder).map_err(|error| internal(error.to_string()))?;
        if !self.0.open.begin_drawing(dataset, number) {
            return Ok(());
        }
        let (desk, dataset) = (self.clone(), dataset.to_owned());
        tokio::task::spawn_blocking(move || match job.kept().map_or_else(|| job.drawn(), Ok) {
            Ok(drawn) => {
                desk.0.open.end_drawing(&dataset, number, Making::Done(Arc::new(drawn)));
                sweep(&folder, &dataset, number);
            }
            Err(error) => {
                tracing::warn!(dataset, %error, "open data was not drawn");
                desk.0.open.end_drawing(&dataset, number, Making::Failed);
            }
        });
        Ok(())
    }

    /// What the codes of a column are called.
    pub(super) fn open_labels(&self, city: &City, dataset: &str, column: &str) -> std::collections::BTreeMap<String, Text> {
        let source = Source { table: super::gate::lake_table(dataset), column: column.to_owned() };
        crate::figure::labels(city, &self.compiled(), &source)
    }
}

/// What is being made, when it is done; `None` if that takes longer than a page can wait, or fails.
pub(super) async fn waited<T>(look: impl Fn() -> Option<Making<T>>) -> Option<Arc<T>> {
    let begun = tokio::time::Instant::now();
    loop {
        match look() {
            Some(Making::Done(made)) => return Some(made),
            Some(Making::Begun) if begun.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(20)).await,
            _ => return None,
        }
    }
}

/// Removes what was drawn of earlier versions.
fn sweep(folder: &Path, dataset: &str, number: u64) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name();
        let of = name.to_str().and_then(|name| name.strip_prefix(dataset)?.strip_prefix('.')?.strip_suffix(".json")?.parse::<u64>().ok());
        if of.is_some_and(|of| of < number) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A drawing to be made.
struct Job {
    versions: Versions,
    columns: Vec<(String, Kind, bool)>,
    position: Option<[String; 2]>,
    labels: Vec<std::collections::BTreeMap<String, Text>>,
    place: u64,
    rows: u64,
    path: PathBuf,
}

impl Job {
    /// What is kept in the file, if it is of these columns.
    fn kept(&self) -> Option<Drawn> {
        let drawn: Drawn = serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()?;
        (drawn.form == FORM && drawn.columns == self.names()).then_some(drawn)
    }

    fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, ..)| name.clone()).collect()
    }

    fn drawn(&self) -> Answer<Drawn> {
        let mut facts = Vec::new();
        for place in 0..self.columns.len() {
            facts.extend(self.facts(place).map_err(asked::refusal)?);
        }
        let choices = chart::choose(self.rows, &facts);
        let charts = choices.into_iter().map(|choice| self.chart(choice)).collect::<Result<Vec<_>, _>>().map_err(asked::refusal)?;
        let charts = charts.into_iter().filter(|chart| chart.parts.len() > 1).collect();
        let (bounds, placed) = self.bounds().map_err(asked::refusal)?;
        let drawn = Drawn { form: FORM, columns: self.names(), charts, bounds, placed };
        let half = self.path.with_extension("half");
        let text = serde_json::to_vec(&drawn).map_err(internal)?;
        std::fs::write(&half, text).and_then(|()| std::fs::rename(&half, &self.path)).map_err(|error| internal(error.to_string()))?;
        Ok(drawn)
    }

    fn ask(&self, plan: &Plan) -> Result<Vec<Vec<Value>>, ServingError> {
        Ok(self.versions.told(Some(self.place), plan)?.rows)
    }

    fn facts(&self, place: usize) -> Result<Option<Facts>, ServingError> {
        let Some((name, kind, key)) = self.columns.get(place) else { return Ok(None) };
        let of = |aggregate| Expr::aggregate(aggregate, Expr::column(name));
        let select = vec![of(Aggregate::Count), of(Aggregate::CountDistinct), of(Aggregate::Least), of(Aggregate::Greatest)];
        let rows = self.ask(&Plan { select, limit: 1, ..Plan::default() })?;
        let cell = |n: usize| rows.first().and_then(|row| row.get(n)).cloned().unwrap_or(Value::Null);
        let count = |n| figure(&cell(n)).map_or(0, |count| count as u64);
        let coded = self.labels.get(place).is_some_and(|labels| !labels.is_empty());
        let placed = self.position.as_ref().is_some_and(|position| position.contains(name));
        let range = [cell(2), cell(3)];
        let nature = if placed { Nature::Other } else if coded { Nature::Word } else { nature(*kind, &range) };
        let number = |value: &Value| if nature == Nature::Time { days(value) } else { figure(value) };
        let [least, greatest] = range.each_ref().map(number);
        Ok(Some(Facts { name: name.clone(), nature, key: *key, filled: count(0), distinct: count(1), least, greatest }))
    }

    fn chart(&self, choice: Choice) -> Result<OpenChart, ServingError> {
        let mut chart = match &choice {
            Choice::Parts { by, of } => self.parts(by, of)?,
            Choice::Series { by, step, of } => OpenChart { parts: self.series(by, *step, of)?, others: None, choice: choice.clone() },
            Choice::Bins { of, low, width } => OpenChart { parts: self.bins(of, *low, *width)?, others: None, choice: choice.clone() },
        };
        chart.choice = choice;
        Ok(chart)
    }

    fn parts(&self, by: &str, of: &Measured) -> Result<OpenChart, ServingError> {
        let plan = Plan {
            select: vec![Expr::column(by), measured(of)],
            group: vec![Expr::column(by)],
            order: vec![(measured(of), true), (Expr::column(by), false)],
            limit: GROUPS_MAX,
            ..Plan::default()
        };
        let labels = self.columns.iter().position(|(name, ..)| name == by).and_then(|place| self.labels.get(place));
        let part = |row: Vec<Value>| {
            let [key, value] = row.as_slice() else { return None };
            let key = (!key.is_null()).then(|| key.text());
            let title = key.as_ref().and_then(|key| labels?.get(key)).cloned();
            Some(ChartPart { title, key, value: figure(value)? })
        };
        let mut parts: Vec<ChartPart> = self.ask(&plan)?.into_iter().filter_map(part).collect();
        let rest = if parts.len() > PARTS_MAX + 1 { parts.split_off(PARTS_MAX) } else { Vec::new() };
        // Means of several groups have no sum.
        let others = (!rest.is_empty() && !matches!(of, Measured::Mean(_))).then(|| (rest.len() as u64, rest.iter().map(|part| part.value).sum()));
        Ok(OpenChart { choice: Choice::Parts { by: by.to_owned(), of: of.clone() }, parts, others })
    }

    fn series(&self, by: &str, step: Step, of: &Measured) -> Result<Vec<ChartPart>, ServingError> {
        let is_text = self.columns.iter().any(|(name, kind, _)| name == by && *kind == Kind::Text);
        let start = match step {
            _ if is_text => Expr::column(by),
            Step::Day => Expr::call(Function::StartOfDay, vec![Expr::column(by)]),
            Step::Month => Expr::call(Function::StartOfMonth, vec![Expr::column(by)]),
            Step::Year => Expr::call(Function::StartOfYear, vec![Expr::column(by)]),
        };
        let plan = Plan {
            select: vec![start.clone(), measured(of)],
            filter: Some(Expr::Not(Box::new(Expr::Null(Box::new(Expr::column(by)))))),
            group: vec![start.clone()],
            order: vec![(start, true)],
            limit: POINTS_MAX,
            ..Plan::default()
        };
        let part = |row: Vec<Value>| {
            let [key, value] = row.as_slice() else { return None };
            Some(ChartPart { key: Some(key.text().chars().take(10).collect()), title: None, value: figure(value)? })
        };
        let mut parts: Vec<ChartPart> = self.ask(&plan)?.into_iter().filter_map(part).collect();
        parts.reverse();
        Ok(parts)
    }

    fn bins(&self, of: &str, low: f64, width: f64) -> Result<Vec<ChartPart>, ServingError> {
        let above = Expr::call(Function::Subtract, vec![Expr::column(of), Expr::number(low)]);
        let bin = Expr::call(Function::Truncate, vec![Expr::call(Function::Divide, vec![above, Expr::number(width)])]);
        let plan = Plan {
            select: vec![bin.clone(), Expr::count()],
            filter: Some(Expr::Not(Box::new(Expr::Null(Box::new(Expr::column(of)))))),
            group: vec![bin.clone()],
            order: vec![(bin, false)],
            limit: BINS_MAX,
            ..Plan::default()
        };
        let counted: std::collections::BTreeMap<i64, f64> = self
            .ask(&plan)?
            .iter()
            .filter_map(|row| Some((figure(row.first()?)? as i64, figure(row.get(1)?)?)))
            .collect();
        let last = counted.keys().last().copied().unwrap_or(0).min(i64::from(chart::BINS) * 3);
        let part = |bin: i64| ChartPart {
            key: Some(round(low + width * bin as f64)),
            title: None,
            value: counted.get(&bin).copied().unwrap_or(0.0),
        };
        Ok((0..=last).map(part).collect())
    }

    fn bounds(&self) -> Result<(Option<Bounds>, u64), ServingError> {
        let Some([longitude, latitude]) = &self.position else { return Ok((None, 0)) };
        if ![longitude, latitude].iter().all(|name| self.columns.iter().any(|(known, ..)| known == *name)) {
            return Ok((None, 0));
        }
        let of = |aggregate, name: &str| Expr::aggregate(aggregate, Expr::column(name));
        let within = |name: &str, most: f64| Expr::column(name).between(Value::Number(-most), Value::Number(most), true);
        let plan = Plan {
            select: vec![
                of(Aggregate::Least, longitude),
                of(Aggregate::Least, latitude),
                of(Aggregate::Greatest, longitude),
                of(Aggregate::Greatest, latitude),
                Expr::count(),
            ],
            filter: Some(Expr::And(vec![within(longitude, 180.0), within(latitude, 90.0)])),
            limit: 1,
            ..Plan::default()
        };
        let rows = self.ask(&plan)?;
        let numbers: Option<Vec<f64>> = rows.first().and_then(|row| row.iter().map(figure).collect());
        Ok(match numbers.as_deref() {
            Some([west, south, east, north, placed]) => (Some([*west, *south, *east, *north]), *placed as u64),
            _ => (None, 0),
        })
    }
}

fn measured(of: &Measured) -> Expr {
    match of {
        Measured::Rows => Expr::count(),
        Measured::Sum(name) => Expr::aggregate(Aggregate::Sum, Expr::column(name)),
        Measured::Mean(name) => Expr::aggregate(Aggregate::Mean, Expr::column(name)),
    }
}

fn nature(kind: Kind, [least, greatest]: &[Value; 2]) -> Nature {
    let years = |value: &Value| figure(value).is_some_and(|year| (1900.0..=2100.0).contains(&year));
    match kind {
        // Months as people write them.
        Kind::Text if [least, greatest].iter().all(|value| is_month(&value.text())) => Nature::Time,
        Kind::Text | Kind::Boolean => Nature::Word,
        Kind::Integer if years(least) && years(greatest) => Nature::Word,
        Kind::Integer => Nature::Count,
        Kind::Number | Kind::Decimal { .. } => Nature::Measure,
        Kind::Date | Kind::Moment { .. } => Nature::Time,
        Kind::Hash => Nature::Other,
    }
}

fn is_month(text: &str) -> bool {
    text.len() == 7 && text.split_once('-').is_some_and(|(year, month)| [year, month].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())))
}

fn figure(value: &Value) -> Option<f64> {
    value.text().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Days since 1970.
fn days(value: &Value) -> Option<f64> {
    let text = value.text();
    let day = if is_month(&text) { format!("{text}-01") } else { text.chars().take(10).collect() };
    let day = jiff::civil::Date::from_str(&day).ok()?;
    Some(day.duration_since(jiff::civil::Date::constant(1970, 1, 1)).as_secs_f64() / 86_400.0)
}

/// Without the digits by which floats miss what is meant.
fn round(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
