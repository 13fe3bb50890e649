//! Where the rows of a dataset lie: all of them counted in cells, or one by one where they are few.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Moment, Text};
use opendata::map::View;
use opendata::ogc::Bounds;
use serving::{Expr, Function, Kind, Plan, ServingError, Value, Versions};

use super::declared;
use super::draw::waited;
use super::live::{Live, Making};
use crate::{Answer, Desk, DeskError, asked, internal};

/// The longest that a map may take to count.
const DEADLINE: Duration = Duration::from_secs(5);
/// The same for the map of all rows, which is made once.
const DEADLINE_WHOLE: Duration = Duration::from_secs(120);
/// So many rows are shown one by one.
const POINTS_MAX: u64 = 300;
/// More cells than a view has.
const CELLS_MAX: u64 = 4_000;
/// The longest name of a point.
const NAME_CHARS: usize = 60;

/// A map.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenMap {
    pub view: View,
    /// What is seen of all.
    pub whole: View,
    /// Rows that lie in the view, of so many that lie anywhere.
    pub rows: u64,
    pub placed: u64,
    /// Empty where rows are shown one by one.
    pub cells: Vec<Cell>,
    pub points: Vec<Point>,
}

/// A cell with rows: counted from the view's south-west corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub across: u32,
    pub up: u32,
    pub rows: u64,
}

/// One row where it lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub number: u64,
    /// Longitude, latitude.
    pub at: [f64; 2],
    pub name: String,
}

impl OpenMap {
    /// The box of a cell.
    pub fn bounds(&self, cell: &Cell) -> Bounds {
        let ([west, south, ..], [wide, high]) = (self.view.bounds, self.view.cell());
        let corner = |across: u32, up: u32| [west + wide * f64::from(across), south + high * f64::from(up)];
        let ([w, s], [e, n]) = (corner(cell.across, cell.up), corner(cell.across + 1, cell.up + 1));
        [w, s, e, n]
    }
}

impl Desk {
    /// Everybody: the map of a dataset whose rows have places, in this view or as a whole. `around` is where the city lies: rows that
    /// are elsewhere do not widen the map.
    pub async fn open_map(&self, dataset: &str, view: Option<Bounds>, around: Option<Bounds>, now: Moment) -> Answer<Option<Arc<OpenMap>>> {
        let live = self.for_everybody(dataset, now).await?;
        let Some(position) = self.open_position(dataset, &live) else { return Ok(None) };
        let Some(drawn) = self.open_drawn(dataset, now).await? else { return Ok(None) };
        let Some(bounds) = drawn.bounds else { return Ok(None) };
        let whole = View::roomy(around.and_then(|around| shared(bounds, around)).unwrap_or(bounds));
        let number = live.version.number;
        let versions = self.versions_file(dataset, live.version.series)?.within(if view.is_none() { DEADLINE_WHOLE } else { DEADLINE });
        if view.is_none() && !self.0.open.begin_map(dataset, number, whole) {
            return Ok(waited(|| self.0.open.map(dataset, number)).await);
        }
        let job = Job {
            versions,
            place: live.version.place,
            name: name_column(&live, &position),
            position,
            view: view.map_or(whole, View::of),
        };
        let map = move || {
            let (rows, cells, points) = job.map()?;
            Ok::<_, ServingError>(Arc::new(OpenMap { view: job.view, whole, rows, placed: drawn.placed, cells, points }))
        };
        if view.is_some() {
            return tokio::task::spawn_blocking(map).await.map_err(internal)?.map(Some).map_err(asked::refusal);
        }
        let (desk, named) = (self.clone(), dataset.to_owned());
        tokio::task::spawn_blocking(move || {
            let made = map().map_or_else(
                |error| {
                    tracing::warn!(dataset = named, %error, "the map of open data was not made");
                    Making::Failed
                },
                Making::Done,
            );
            desk.0.open.end_map(&named, number, made);
        });
        Ok(waited(|| self.0.open.map(dataset, number)).await)
    }

    /// The columns with longitude and latitude that a version has.
    pub(super) fn open_position(&self, dataset: &str, live: &Live) -> Option<[String; 2]> {
        let position = declared(&self.city(), dataset)?.1.position.clone()?;
        let there = |name: &String| live.columns.iter().any(|column| column.name == *name && matches!(column.kind, Kind::Number | Kind::Decimal { .. } | Kind::Integer));
        position.iter().all(there).then_some(position)
    }
}

/// Reads the box of an address.
pub(super) fn read_bounds(text: &str) -> Answer<Bounds> {
    opendata::ogc::bounds(text, opendata::ogc::Crs::Crs84).map_err(DeskError::Invalid)
}

impl OpenMap {
    /// The box that an address asks for. Errors: it is none.
    pub fn read(text: &str) -> Answer<Option<Bounds>> {
        if text.is_empty() {
            return Ok(None);
        }
        let bounds = read_bounds(text)?;
        match bounds[0] < bounds[2] && bounds[1] < bounds[3] {
            true => Ok(Some(bounds)),
            false => Err(DeskError::Invalid(Text::new("地图范围应为：西,南,东,北", "a map's box is west,south,east,north"))),
        }
    }
}

/// What two boxes share, if anything.
fn shared(one: Bounds, other: Bounds) -> Option<Bounds> {
    let both = [one[0].max(other[0]), one[1].max(other[1]), one[2].min(other[2]), one[3].min(other[3])];
    (both[0] <= both[2] && both[1] <= both[3]).then_some(both)
}

/// What a row is called on the map: its first text that is no code, else its first column.
fn name_column(live: &Live, position: &[String; 2]) -> String {
    let texts = || live.columns.iter().filter(|column| column.kind == Kind::Text && !position.contains(&column.name));
    let named = texts().find(|column| column.name.contains("name") || column.title.zh.contains("名称"));
    let column = named.or_else(|| texts().find(|column| !column.key)).or_else(|| texts().next());
    column.or_else(|| live.columns.first()).map(|column| column.name.clone()).unwrap_or_default()
}

struct Job {
    versions: Versions,
    place: u64,
    position: [String; 2],
    name: String,
    view: View,
}

impl Job {
    fn map(&self) -> Result<(u64, Vec<Cell>, Vec<Point>), ServingError> {
        let [west, south, east, north] = self.view.bounds;
        let [longitude, latitude] = &self.position;
        let filter = Expr::And(vec![
            Expr::column(longitude).between(Value::Number(west), Value::Number(east), false),
            Expr::column(latitude).between(Value::Number(south), Value::Number(north), false),
        ]);
        let points = Plan {
            select: vec![Expr::Number, Expr::column(longitude), Expr::column(latitude), Expr::column(&self.name)],
            filter: Some(filter.clone()),
            limit: POINTS_MAX,
            ..Plan::default()
        };
        let (told, rows) = self.versions.told_of(Some(self.place), &points)?;
        if rows <= POINTS_MAX {
            return Ok((rows, Vec::new(), told.rows.iter().filter_map(|row| point(row)).collect()));
        }
        let [wide, high] = self.view.cell();
        let cell = |name: &str, from: f64, size: f64| {
            let above = Expr::call(Function::Subtract, vec![Expr::column(name), Expr::number(from)]);
            Expr::call(Function::Truncate, vec![Expr::call(Function::Divide, vec![above, Expr::number(size)])])
        };
        let group = vec![cell(longitude, west, wide), cell(latitude, south, high)];
        let select = group.iter().cloned().chain([Expr::count()]).collect();
        let cells = Plan { select, filter: Some(filter), group, limit: CELLS_MAX, ..Plan::default() };
        let told = self.versions.told(Some(self.place), &cells)?;
        let whole = |value: &Value| match value {
            Value::Integer(number) => u32::try_from(*number).ok(),
            _ => None,
        };
        let cell = |row: &Vec<Value>| match row.as_slice() {
            [across, up, rows] => Some(Cell { across: whole(across)?, up: whole(up)?, rows: whole(rows)?.into() }),
            _ => None,
        };
        Ok((rows, told.rows.iter().filter_map(cell).collect(), Vec::new()))
    }
}

fn point(row: &[Value]) -> Option<Point> {
    let [Value::Integer(number), longitude, latitude, name] = row else { return None };
    let at = [longitude.text().parse().ok()?, latitude.text().parse().ok()?];
    Some(Point { number: number.unsigned_abs(), at, name: name.text().chars().take(NAME_CHARS).collect() })
}
