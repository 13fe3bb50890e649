//! Charts of a dataset as its page has them: titles in the reader's words, bars, lines and histograms, each with its table. What is
//! drawn for everybody is drawn once for each version and language.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use desk::open::{ChartPart, Choice, Drawn, Measured, OpenChart, OpenColumn, OpenMap, Step};

use crate::chart::{self, Bar, Districts};
use crate::html::Html;
use crate::open::map;
use crate::say::{Say, decimal};

/// Drawings that are kept, for a dataset and whether it is in Chinese; beyond, all are made anew.
const KEPT_MAX: usize = 200;

/// What is drawn of a dataset.
#[derive(Default)]
pub(crate) struct Drawing {
    pub charts: Vec<Chart>,
    pub map: Option<map::Drawn>,
}

/// What a drawing is made from: another version, or another reading of the city folder, is another one.
#[derive(Clone)]
pub(crate) struct Sources {
    pub drawn: Option<Arc<Drawn>>,
    pub placed: Option<Arc<OpenMap>>,
    pub districts: Arc<Districts>,
}

impl Sources {
    fn is(&self, other: &Sources) -> bool {
        let same = |left: &Option<Arc<Drawn>>, right: &Option<Arc<Drawn>>| matches!((left, right), (Some(left), Some(right)) if Arc::ptr_eq(left, right));
        let placed = match (&self.placed, &other.placed) {
            (Some(left), Some(right)) => Arc::ptr_eq(left, right),
            (left, right) => left.is_none() && right.is_none(),
        };
        same(&self.drawn, &other.drawn) && placed && Arc::ptr_eq(&self.districts, &other.districts)
    }
}

/// Drawings for everybody, of a version as a whole.
#[derive(Default)]
pub(crate) struct Drawings(Mutex<HashMap<(String, bool), (Sources, Arc<Drawing>)>>);

impl Drawings {
    /// The drawing of a dataset that was made from the same, or a new one.
    pub fn kept(&self, dataset: &str, chinese: bool, from: &Sources, make: impl FnOnce() -> Drawing) -> Arc<Drawing> {
        let key = (dataset.to_owned(), chinese);
        let all = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, drawing)) = all().get(&key).filter(|(known, _)| known.is(from)) {
            return drawing.clone();
        }
        let drawing = Arc::new(make());
        let mut all = all();
        if all.len() >= KEPT_MAX {
            all.clear();
        }
        all.insert(key, (from.clone(), drawing.clone()));
        drawing
    }
}

/// A chart under its title.
pub(crate) struct Chart {
    pub title: String,
    pub body: Html,
}

/// All charts of a dataset.
pub(crate) fn charts(say: &Say, drawn: &[OpenChart], columns: &[OpenColumn], districts: &Districts) -> Vec<Chart> {
    drawn.iter().enumerate().map(|(place, one)| chart(say, place, one, columns, districts)).collect()
}

fn title_of(say: &Say, columns: &[OpenColumn], name: &str) -> (String, String) {
    let column = columns.iter().find(|column| column.name == name);
    column.map_or_else(|| (name.to_owned(), String::new()), |column| (say.text(&column.title).to_owned(), column.unit.clone()))
}

fn chart(say: &Say, place: usize, one: &OpenChart, columns: &[OpenColumn], districts: &Districts) -> Chart {
    let id = format!("drawn-{place}");
    let measured = |of: &Measured| match of {
        Measured::Rows => (say.t("drawn-rows"), say.t("unit-rows-head")),
        Measured::Sum(name) => {
            let (title, unit) = title_of(say, columns, name);
            (say.t1("drawn-sum", &("what", title)), unit)
        }
        Measured::Mean(name) => {
            let (title, unit) = title_of(say, columns, name);
            (say.t1("drawn-mean", &("what", title)), unit)
        }
    };
    match &one.choice {
        Choice::Parts { by, of } => {
            let (what, unit) = measured(of);
            let by_title = title_of(say, columns, by).0;
            let title = say.t2("drawn-by", &("what", &what), &("by", &by_title));
            let mut bars: Vec<Bar> = one.parts.iter().map(|part| bar(say, part, districts)).collect();
            if let Some((groups, value)) = one.others {
                bars.push(Bar { label: say.t1("drawn-others", &("n", groups)), value: 0.0, shown: decimal(value), ..Bar::default() });
            }
            let head = if unit.is_empty() { say.t("chart-value") } else { unit };
            Chart { body: chart::bars(&title, [&by_title, &head], &bars), title }
        }
        Choice::Series { step, of, .. } => {
            let (what, unit) = measured(of);
            let title = say.t2("drawn-over", &("what", &what), &("step", step_word(say, *step)));
            let points: Vec<(String, f64)> = one.parts.iter().map(|part| (start(part, *step), part.value)).collect();
            Chart { body: chart::line(say, &id, &title, &unit, &points), title }
        }
        Choice::Bins { of, width, .. } => {
            let (what, unit) = title_of(say, columns, of);
            let title = say.t1("drawn-spread", &("what", &what));
            let bins: Vec<(String, u64)> = one.parts.iter().map(|part| (part.key.clone().unwrap_or_default(), part.value as u64)).collect();
            let unit = if unit.is_empty() { unit } else { format!(" {unit}") };
            let note = say.t2("drawn-width", &("n", decimal(*width)), &("unit", unit));
            let body = chart::histogram(say, &id, &title, &bins);
            Chart { body: Html(format!("{body}<p class=\"what\">{}</p>", crate::html::escape(&note))), title }
        }
    }
}

fn step_word(say: &Say, step: Step) -> String {
    match step {
        Step::Day => say.t("drawn-daily"),
        Step::Month => say.t("drawn-monthly"),
        Step::Year => say.t("drawn-yearly"),
    }
}

/// What a point of a line is called: `2026-01-31`, `2026-01`, `2026`.
fn start(part: &ChartPart, step: Step) -> String {
    let length = match step {
        Step::Day => 10,
        Step::Month => 7,
        Step::Year => 4,
    };
    part.key.as_deref().unwrap_or_default().chars().take(length).collect()
}

fn bar(say: &Say, part: &ChartPart, districts: &Districts) -> Bar {
    let district = part.key.as_deref().and_then(|key| districts.get(key));
    let label = match (&part.title, district, part.key.as_deref()) {
        (_, Some(district), _) => say.text(&district.name).to_owned(),
        (Some(title), ..) => say.text(title).to_owned(),
        (None, None, Some("true")) => say.t("yes"),
        (None, None, Some("false")) => say.t("no"),
        (None, None, Some(key)) => key.to_owned(),
        (None, None, None) => say.t("drawn-nothing"),
    };
    Bar { label, href: None, place: district.map(|district| district.place), value: part.value, shown: decimal(part.value) }
}
