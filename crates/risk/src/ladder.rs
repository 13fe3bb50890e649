//! The ladder of a column: from each value as it is up to nothing told. Every rung puts together what the rung below
//! kept apart, and never the other way round: rungs that would not are left out.

use std::collections::HashMap;

use data::grade::InfoType;
use data::mask::{DateStep, Level, Mask};

use crate::step::Step;
use crate::table::{Column, Table};

/// Rungs of a ladder.
const RUNGS_MOST: usize = 7;
/// Values that tell the form of a column.
const LOOKED_MOST: usize = 5000;
/// The share of values that must have a form.
const MOSTLY: f64 = 0.95;

/// One step up: what it does to the column's values.
#[derive(Clone, Debug)]
pub struct Rung {
    pub step: Step,
    /// For each number of a value the number of what is told of it.
    pub(crate) told: Vec<u32>,
    pub(crate) count: u32,
    /// For each number of what is told: the share of the column's other values that it leaves possible, 0 to 1.
    pub(crate) penalty: Vec<f64>,
    /// The penalty averaged over all rows.
    pub loss: f64,
}

#[derive(Clone, Debug)]
pub struct Ladder {
    pub column: usize,
    pub rungs: Vec<Rung>,
}

impl Ladder {
    /// The ladder that fits what a column holds.
    pub fn of(table: &Table, column: usize, info: Option<InfoType>) -> Option<Ladder> {
        Ladder::with(table, column, &steps(table.columns.get(column)?, info))
    }

    /// A ladder of these steps between whole and hidden.
    pub fn with(table: &Table, column: usize, steps: &[Step]) -> Option<Ladder> {
        let held = table.columns.get(column)?;
        let mut rungs = vec![whole(held)];
        for step in steps.iter().take(RUNGS_MOST - 2).filter(|_| held.is_read()) {
            let rung = rung(held, *step);
            let below = rungs.last()?;
            if rung.count < below.count && rung.count > 1 && is_above(&rung, below) {
                rungs.push(rung);
            }
        }
        if rungs.last()?.count > 1 {
            rungs.push(hidden(held));
        }
        Some(Ladder { column, rungs })
    }
}

/// The steps for a column, the finest first.
fn steps(column: &Column, info: Option<InfoType>) -> Vec<Step> {
    use InfoType::*;
    let place = |levels: &[Level]| levels.iter().map(|level| Step::Mask(Mask::Place { level: *level })).collect();
    let bands = |widths: &[f64]| widths.iter().map(|width| Step::Mask(Mask::Band { width: *width })).collect();
    match info {
        Some(HomeAddress | SiteAddress) => return place(&[Level::Town, Level::County, Level::City, Level::Province]),
        Some(Division | Household) if !mostly(column, is_date) => return place(&[Level::Town, Level::County, Level::City, Level::Province]),
        Some(PersonName | ContactPerson) => return vec![Step::Prefix(1)],
        Some(Age) => return bands(&[5.0, 10.0, 20.0, 40.0]),
        Some(HomePosition | Position | Whereabouts) if !mostly(column, is_date) => return grids(),
        _ => {}
    }
    if mostly(column, is_date) {
        let masked = |step| Step::Mask(Mask::Date { step });
        return vec![masked(DateStep::Month), Step::Quarter, masked(DateStep::Year), masked(DateStep::FiveYears)];
    }
    if mostly(column, is_pair) {
        return grids();
    }
    if let Some(length) = code_length(column) {
        return [length * 2 / 3, length / 3].into_iter().filter(|kept| *kept > 0).map(|kept| Step::Prefix(kept as u8)).collect();
    }
    if mostly(column, |text| number(text).is_some()) {
        return bands(&widths(column));
    }
    Vec::new()
}

fn grids() -> Vec<Step> {
    [1, 5, 10, 50].into_iter().map(|km| Step::Mask(Mask::Grid { km })).collect()
}

fn mostly(column: &Column, is: impl Fn(&str) -> bool) -> bool {
    let (mut seen, mut right) = (0, 0);
    for text in column.texts().take(LOOKED_MOST) {
        seen += 1;
        right += usize::from(is(text.trim()));
    }
    seen > 0 && right as f64 >= MOSTLY * seen as f64
}

fn is_date(text: &str) -> bool {
    let ready = Step::Quarter.ready();
    let plain_number = text.len() != 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    !plain_number && ready.apply(Some(text)).is_some_and(|told| told.contains("-Q"))
}

fn is_pair(text: &str) -> bool {
    text.split_once(',').is_some_and(|(a, b)| number(a).is_some_and(|a| a.abs() <= 180.0) && number(b).is_some_and(|b| b.abs() <= 90.0))
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The length of codes: letters and digits, all as long, not numbers that only happen to be.
fn code_length(column: &Column) -> Option<usize> {
    let first = column.texts().next()?.len();
    let same = column.texts().take(LOOKED_MOST).all(|text| text.len() == first && text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let letters = || column.texts().take(LOOKED_MOST).any(|text| text.bytes().any(|byte| byte.is_ascii_alphabetic()) || text.starts_with('0'));
    (same && (3..=32).contains(&first) && (first >= 5 || letters())).then_some(first)
}

/// Widths of bands, each a multiple of the one before: from a thirtieth of the middle nine tenths up to all of it.
fn widths(column: &Column) -> Vec<f64> {
    let mut sorted: Vec<f64> = column.texts().filter_map(number).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get((share * (sorted.len().saturating_sub(1)) as f64) as usize).copied().unwrap_or(0.0);
    let spread = at(0.95) - at(0.05);
    if !(spread > 0.0 && spread < 1e12) {
        return Vec::new();
    }
    let mut power = (spread / 30.0).log10().floor() as i32;
    let mut five = 5.0 * 10f64.powi(power) < spread / 30.0;
    power += i32::from(five);
    five = !five;
    let mut widths = Vec::new();
    // 5, 10, 50, 100: what is told falls into what is told of it next.
    while widths.len() < RUNGS_MOST {
        let width = if five { 5.0 } else { 1.0 } * 10f64.powi(power);
        if width >= spread * 2.0 {
            break;
        }
        widths.push(width);
        power += i32::from(five);
        five = !five;
    }
    widths
}

fn whole(column: &Column) -> Rung {
    let told: Vec<u32> = (0..column.count).collect();
    let count = column.count;
    measured(column, Step::Whole, told, count)
}

fn hidden(column: &Column) -> Rung {
    measured(column, Step::Hide, vec![0; column.count as usize], 1)
}

fn rung(column: &Column, step: Step) -> Rung {
    let ready = step.ready();
    // What is missing stays missing, and is another thing than what is hidden.
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut told = vec![0u32];
    let mut count = 1;
    for code in 1..column.count {
        let text = ready.apply(column.text(code)).unwrap_or_default().into_owned();
        told.push(*numbers.entry(text).or_insert_with(|| {
            count += 1;
            count - 1
        }));
    }
    measured(column, step, told, count)
}

fn measured(column: &Column, step: Step, told: Vec<u32>, count: u32) -> Rung {
    let mut leaves = vec![0u32; count as usize];
    for (code, rows) in told.iter().zip(&column.rows) {
        leaves[*code as usize] += u32::from(*rows > 0);
    }
    let others = f64::from(leaves.iter().sum::<u32>().saturating_sub(1));
    let one = |leaves: &u32| if others > 0.0 { f64::from(leaves.saturating_sub(1)) / others } else { 0.0 };
    let penalty: Vec<f64> = leaves.iter().map(one).collect();
    let sum: f64 = told.iter().zip(&column.rows).map(|(code, rows)| penalty[*code as usize] * f64::from(*rows)).sum();
    Rung { step, told, count, penalty, loss: sum / (column.codes.len().max(1) as f64) }
}

/// Whether what a rung keeps together stays together on the rung above.
fn is_above(above: &Rung, below: &Rung) -> bool {
    let mut up = vec![u32::MAX; below.count as usize];
    below.told.iter().zip(&above.told).all(|(from, to)| {
        let known = &mut up[*from as usize];
        let fits = *known == u32::MAX || *known == *to;
        *known = *to;
        fits
    })
}
