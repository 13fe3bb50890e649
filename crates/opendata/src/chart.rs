//! Which charts tell something of a dataset, chosen by what its columns are and by figures over all of its rows.

use serde::{Deserialize, Serialize};

/// Charts of one dataset.
pub const CHARTS_MAX: usize = 4;
/// Bars of one chart; what comes after is told together.
pub const PARTS_MAX: usize = 12;
/// A column of more different values is no set of categories.
const CATEGORIES: u64 = 60;
/// Fewer rows have no spread to speak of.
const SPREAD_MIN: u64 = 20;
/// Columns of a histogram.
pub const BINS: u32 = 16;

/// What a column's values are, for a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nature {
    /// A word or a code.
    Word,
    /// Counted: sums mean something.
    Count,
    /// Measured: means mean something.
    Measure,
    /// A day or a moment.
    Time,
    /// Nothing that is drawn: places, hashes.
    Other,
}

/// What is known of a column over all rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub name: String,
    pub nature: Nature,
    /// Part of what names a row.
    pub key: bool,
    pub filled: u64,
    pub distinct: u64,
    /// Of numbers themselves, of times days since 1970.
    pub least: Option<f64>,
    pub greatest: Option<f64>,
}

/// What is shown of each part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measured {
    Rows,
    Sum(String),
    Mean(String),
}

/// How long the steps of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    Day,
    Month,
    Year,
}

/// A chart that is worth drawing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Choice {
    /// Bars by category.
    Parts { by: String, of: Measured },
    /// A line over time.
    Series { by: String, step: Step, of: Measured },
    /// How often a number is how great: from `low`, in steps of `width`.
    Bins { of: String, low: f64, width: f64 },
}

/// At most [`CHARTS_MAX`], the most telling first.
pub fn choose(rows: u64, columns: &[Facts]) -> Vec<Choice> {
    if rows < 2 {
        return Vec::new();
    }
    let measure = |facts: &&Facts| matches!(facts.nature, Nature::Count | Nature::Measure) && !facts.key && facts.distinct > 1 && facts.filled * 2 >= rows;
    let measures: Vec<&Facts> = columns.iter().filter(measure).collect();
    let time = columns.iter().filter(|facts| facts.nature == Nature::Time && facts.distinct >= 3).max_by_key(|facts| (facts.key, facts.filled));
    let mut parts: Vec<&Facts> = columns.iter().filter(|facts| is_category(facts, rows)).collect();
    // Few, well filled categories read best.
    parts.sort_by_key(|facts| (facts.distinct > PARTS_MAX as u64, rows - facts.filled.min(rows)));
    // Where rows are known by a place and a time there is one of each: how many there are tells nothing.
    let panel = |facts: &Facts| facts.key;
    let mut chosen = Vec::new();
    if let Some(time) = time {
        let of = if panel(time) { measures.first().map_or(Measured::Rows, |facts| measured(facts)) } else { Measured::Rows };
        chosen.push(Choice::Series { by: time.name.clone(), step: step(time), of });
        if let Some(second) = measures.get(1).filter(|_| panel(time)) {
            chosen.push(Choice::Series { by: time.name.clone(), step: step(time), of: measured(second) });
        }
    }
    for facts in parts.iter().take(2) {
        match (panel(facts), measures.first()) {
            (false, _) => chosen.push(Choice::Parts { by: facts.name.clone(), of: Measured::Rows }),
            (true, Some(first)) => chosen.push(Choice::Parts { by: facts.name.clone(), of: measured(first) }),
            (true, None) => {}
        }
    }
    if let Some((first, sum)) = parts.first().filter(|facts| !panel(facts)).zip(measures.first()).filter(|_| time.is_none()) {
        chosen.push(Choice::Parts { by: first.name.clone(), of: measured(sum) });
    }
    chosen.extend(measures.iter().filter(|facts| facts.distinct > 6 && rows >= SPREAD_MIN).filter_map(|facts| bins(facts)));
    chosen.truncate(CHARTS_MAX);
    chosen
}

fn is_category(facts: &Facts, rows: u64) -> bool {
    // A name that nearly every row has for itself tells nothing.
    // Unless it is what rows are known by, as in a table of districts.
    let repeats = facts.distinct * 2 <= rows || (facts.key && facts.distinct == rows);
    facts.nature == Nature::Word && (2..=CATEGORIES).contains(&facts.distinct) && repeats && facts.filled * 2 >= rows
}

fn measured(facts: &Facts) -> Measured {
    match facts.nature {
        Nature::Count => Measured::Sum(facts.name.clone()),
        _ => Measured::Mean(facts.name.clone()),
    }
}

/// Steps so that a line has enough points and not too many.
fn step(facts: &Facts) -> Step {
    let days = facts.least.zip(facts.greatest).map_or(0.0, |(least, greatest)| greatest - least);
    match days {
        days if days <= 120.0 => Step::Day,
        days if days <= 3_700.0 => Step::Month,
        _ => Step::Year,
    }
}

/// Columns of a round width that hold all values.
fn bins(facts: &Facts) -> Option<Choice> {
    let (least, greatest) = facts.least.zip(facts.greatest)?;
    let raw = (greatest - least) / f64::from(BINS);
    if !raw.is_finite() || raw <= 0.0 {
        return None;
    }
    let power = 10_f64.powf(raw.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|width| *width >= raw * 0.999)?;
    let width = if facts.nature == Nature::Count { round.max(1.0) } else { round };
    let low = (least / width).floor() * width;
    low.is_finite().then(|| Choice::Bins { of: facts.name.clone(), low, width })
}
