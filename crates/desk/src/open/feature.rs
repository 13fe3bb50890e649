//! Open data as features: rows with a place, found by box, time and columns.

use std::time::Duration;

use kernel::{Moment, Text};
use opendata::ogc::Bounds;
use serving::{Expr, Kind, Operator, Plan, Value};

use super::live::{Live, OpenColumn, Use};
use super::portal::{DatasetView, view};
use crate::{Answer, Desk, DeskError, asked, internal, invalid};

/// The longest that an answer may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// A dataset whose rows have places.
#[derive(Clone, Debug)]
pub struct Collection {
    pub view: DatasetView,
    pub columns: Vec<OpenColumn>,
    pub bounds: Option<Bounds>,
    /// The column by which rows are found in time.
    pub time: Option<String>,
    /// Longitude and latitude.
    pub position: [String; 2],
}

/// What is asked of a collection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureQuestion {
    pub bounds: Option<Bounds>,
    /// From and to, as days or moments.
    pub interval: Option<(Option<String>, Option<String>)>,
    /// Columns that have a value.
    pub equals: Vec<(String, String)>,
    pub limit: u64,
    pub offset: u64,
}

/// Features that were found.
#[derive(Clone, Debug)]
pub struct Features {
    pub collection: Collection,
    pub features: Vec<Feature>,
    /// How many fulfil what was asked.
    pub matched: u64,
}

/// A row with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// The row's number, which stays its own over versions.
    pub number: u64,
    pub at: Option<[f64; 2]>,
    /// In the order of the collection's columns.
    pub values: Vec<Value>,
}

impl Desk {
    /// Everybody: the collections of features that are open to everybody.
    pub async fn open_collections(&self, now: Moment) -> Answer<Vec<Collection>> {
        let ids: Vec<String> = self.live(now).await?.keys().cloned().collect();
        let mut collections = Vec::new();
        for id in ids {
            match self.open_collection(&id, now).await {
                Ok(collection) => collections.push(collection),
                Err(DeskError::NotFound | DeskError::Forbidden(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(collections)
    }

    /// Everybody: one collection. Not found where the dataset's rows have no places.
    pub async fn open_collection(&self, dataset: &str, now: Moment) -> Answer<Collection> {
        let live = self.for_everybody(dataset, now).await?;
        let position = self.open_position(dataset, &live).ok_or(DeskError::NotFound)?;
        let bounds = self.drawn_now(dataset, &live)?.and_then(|drawn| drawn.bounds);
        let time = live.columns.iter().find(|column| matches!(column.kind, Kind::Date | Kind::Moment { .. })).map(|column| column.name.clone());
        let view = view(&self.city(), dataset, &live).ok_or(DeskError::NotFound)?;
        Ok(Collection { view, columns: live.columns, bounds, time, position })
    }

    /// Everybody: features of a collection, with the exact number of those that fit.
    pub async fn open_features(&self, dataset: &str, question: &FeatureQuestion, now: Moment) -> Answer<Features> {
        let live = self.for_everybody(dataset, now).await?;
        let collection = self.open_collection(dataset, now).await?;
        let filter = filter(&collection, question)?;
        self.0.open.count(dataset, Use::Call);
        let (features, matched) = self.features(dataset, &live, &collection, filter, question.limit, question.offset).await?;
        Ok(Features { collection, features, matched })
    }

    /// Everybody: one feature by its number.
    pub async fn open_feature(&self, dataset: &str, number: u64, now: Moment) -> Answer<(Collection, Feature)> {
        let live = self.for_everybody(dataset, now).await?;
        let collection = self.open_collection(dataset, now).await?;
        self.0.open.count(dataset, Use::Call);
        let number = Value::Integer(i64::try_from(number).map_err(|_| DeskError::NotFound)?);
        let filter = Expr::Compare(Operator::Equal, Box::new(Expr::Number), Box::new(Expr::Value(number)));
        let (mut found, _) = self.features(dataset, &live, &collection, Some(filter), 1, 0).await?;
        Ok((collection, found.pop().ok_or(DeskError::NotFound)?))
    }

    async fn features(&self, dataset: &str, live: &Live, collection: &Collection, filter: Option<Expr>, limit: u64, offset: u64) -> Answer<(Vec<Feature>, u64)> {
        let select = [Expr::Number].into_iter().chain(live.columns.iter().map(|column| Expr::column(&column.name))).collect();
        let plan = Plan { select, filter, limit, offset: offset.min(asked::OFFSET_MAX), ..Plan::default() };
        let file = self.versions_file(dataset, live.version.series)?.within(DEADLINE);
        let place = live.version.place;
        let told = tokio::task::spawn_blocking(move || file.told_of(Some(place), &plan)).await.map_err(internal)?.map_err(asked::refusal)?;
        let places = collection.position.each_ref().map(|name| live.columns.iter().position(|column| column.name == *name));
        let feature = |mut row: Vec<Value>| {
            let Some(Value::Integer(number)) = row.first().cloned() else { return None };
            row.remove(0);
            let [longitude, latitude] = places.map(|place| place.and_then(|place| row.get(place)).and_then(|value| value.text().parse::<f64>().ok()));
            Some(Feature { number: number.unsigned_abs(), at: longitude.zip(latitude).map(|(x, y)| [x, y]), values: row })
        };
        Ok((told.0.rows.into_iter().filter_map(feature).collect(), told.1))
    }
}

/// What is asked, as a condition on rows.
fn filter(collection: &Collection, question: &FeatureQuestion) -> Answer<Option<Expr>> {
    let mut all = Vec::new();
    if let Some([west, south, east, north]) = question.bounds {
        let [longitude, latitude] = &collection.position;
        let between = |name: &str, low: f64, high: f64| Expr::column(name).between(Value::Number(low), Value::Number(high), true);
        all.push(between(latitude, south, north));
        all.push(match west <= east {
            true => between(longitude, west, east),
            // Over the 180th meridian.
            false => Expr::Or(vec![between(longitude, west, 180.0), between(longitude, -180.0, east)]),
        });
    }
    if let Some(((from, to), column)) = question.interval.as_ref().zip(collection.time.as_ref()) {
        let is_day = collection.columns.iter().any(|known| known.name == *column && known.kind == Kind::Date);
        let compare = |operator, text: String| Expr::Compare(operator, Box::new(Expr::column(column)), Box::new(Expr::Value(Value::Text(text))));
        all.extend(from.as_ref().map(|from| compare(Operator::GreaterEqual, time(from, is_day, "T00:00:00Z"))));
        all.extend(to.as_ref().map(|to| compare(Operator::LessEqual, time(to, is_day, "T23:59:59.999999Z"))));
    }
    for (name, value) in &question.equals {
        if !collection.columns.iter().any(|column| column.name == *name) {
            return Err(unknown(collection, name));
        }
        let value = Expr::Value(Value::Text(value.clone()));
        all.push(Expr::Compare(Operator::Equal, Box::new(Expr::column(name)), Box::new(value)));
    }
    Ok((!all.is_empty()).then_some(Expr::And(all)))
}

/// A day where days are compared, a moment where moments are.
fn time(text: &str, is_day: bool, rest: &str) -> String {
    match (is_day, text.len() > 10) {
        (true, _) => text.chars().take(10).collect(),
        (false, true) => text.to_owned(),
        (false, false) => format!("{text}{rest}"),
    }
}

fn unknown(collection: &Collection, name: &str) -> DeskError {
    let words = ["bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "f"];
    let Text { zh, en } = asked::meant(name, collection.columns.iter().map(|column| column.name.as_str()).chain(words));
    invalid(format!("没有参数或属性 {name}{zh}"), format!("there is no parameter or property {name}{en}"))
}
