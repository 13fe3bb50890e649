//! What may lower a grade along lineage, and what is left of one behind it.

use kernel::Text;

use super::Mask;
use crate::declare::Grade;

/// The fewest rows of a group whose figures tell of nobody, where a city says nothing else.
pub const SMALLEST_GROUP: u64 = 5;
/// Beyond so many ways a value can go, nothing is lowered.
const WAYS_MAX: usize = 16;

/// What ran over a value on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum Declassifier {
    Mask(Mask),
    /// A figure over groups that have at least so many rows, because the statement itself keeps others out.
    Aggregate { function: String, least: u64 },
}

impl Declassifier {
    /// What is left of a grade, where groups below `smallest` count as single persons. A count tells no value; a sum or a
    /// mean can still be most of one person's.
    pub fn grade(&self, input: Grade, smallest: u64) -> Grade {
        match self {
            Declassifier::Mask(mask) => mask.grade(input),
            Declassifier::Aggregate { least, .. } if *least < smallest => input,
            Declassifier::Aggregate { function, .. } if function == "count" => Grade::L1,
            Declassifier::Aggregate { .. } => input.min(Grade::L2),
        }
    }

    /// As it stands in SQL: `mask_keep(6, 4, 8)`, `count ≥ 5`.
    pub fn word(&self) -> String {
        match self {
            Declassifier::Mask(mask) => format!("mask_{}", mask.spelled()),
            Declassifier::Aggregate { function, least } => format!("{function} ≥ {least}"),
        }
    }

    pub fn title(&self) -> Text {
        match self {
            Declassifier::Mask(mask) => mask.title(),
            Declassifier::Aggregate { least, .. } => {
                Text::new(format!("每组至少 {least} 行的统计"), format!("a figure over groups of at least {least} rows"))
            }
        }
    }
}

/// The ways a value went, each with the declassifiers on it, in order. Each way has one at least: a value that also goes
/// a plain way is not declassified.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declassified(Vec<Vec<Declassifier>>);

impl Declassified {
    pub fn by(declassifier: Declassifier) -> Declassified {
        Declassified(vec![vec![declassifier]])
    }

    /// What is left of a grade on the way that leaves most.
    pub fn grade(&self, input: Grade, smallest: u64) -> Grade {
        let left = |way: &Vec<Declassifier>| way.iter().fold(input, |grade, one| one.grade(grade, smallest));
        self.0.iter().map(left).max().unwrap_or(input)
    }

    /// Further, behind what is there.
    #[must_use]
    pub fn then(mut self, next: &Declassifier) -> Declassified {
        self.0.iter_mut().for_each(|way| way.push(next.clone()));
        self
    }

    /// Both; `None` when they are too many to tell.
    pub fn or(mut self, other: Declassified) -> Option<Declassified> {
        for way in other.0 {
            if !self.0.contains(&way) {
                self.0.push(way);
            }
        }
        (self.0.len() <= WAYS_MAX).then_some(self)
    }

    /// All that ran, each once, in order.
    pub fn all(&self) -> Vec<&Declassifier> {
        let mut found: Vec<&Declassifier> = Vec::new();
        for one in self.0.iter().flatten() {
            if !found.contains(&one) {
                found.push(one);
            }
        }
        found
    }

    /// As it stands in SQL, for golden files and the eye.
    pub fn text(&self) -> String {
        let ways = self.0.iter().map(|way| way.iter().map(Declassifier::word).collect::<Vec<_>>().join(" → "));
        ways.collect::<Vec<_>>().join(" / ")
    }
}
