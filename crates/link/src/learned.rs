//! What was learnt, kept. With it any two records are weighed alike whatever other records there are, today and after
//! a million more: evidence of levels, of frequent values and of words, rules, and keys that are too crowded to be one.

use serde::{Deserialize, Serialize};

use crate::block::{Blocks, Rule};
use crate::field::Field;
use crate::kind::Kind;
use crate::model::Model;
use crate::plan::{Chosen, Plan};
use crate::relation::Relation;
use crate::tie::Tie;

/// Values and words kept for each comparison, the most frequent ones: the rest is taken to be rare.
const KEPT: usize = 50_000;

/// A trained model that stands by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learned {
    pub(crate) prior: f64,
    pub(crate) comparisons: Vec<LearnedComparison>,
    pub(crate) rules: Vec<LearnedRule>,
    /// What was learnt before relations were told from matches has none.
    #[serde(default)]
    pub(crate) relations: Vec<LearnedRelation>,
    /// For each comparison the one that foretells it, and how many bits.
    #[serde(default)]
    pub(crate) ties: Vec<Option<(usize, f64)>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LearnedRelation {
    pub odds: f64,
    /// Evidence in bits, by comparison and level.
    pub bits: Vec<Vec<f64>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LearnedComparison {
    pub column: String,
    pub kind: Kind,
    /// Evidence in bits, by level.
    pub bits: Vec<f64>,
    /// What the frequency of a value adds.
    pub frequency: Weights,
    pub words: Option<Weights>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LearnedRule {
    pub rule: Rule,
    /// Sorted.
    pub crowded: Vec<u64>,
}

/// Weights by hash, and the one of all that are not named.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Weights {
    /// Sorted by hash.
    named: Vec<(u64, f32)>,
    rest: f32,
}

impl Weights {
    /// Keeps the lightest ones: what many records have says least.
    pub fn new(all: impl Iterator<Item = (u64, f32)>, rest: f32) -> Weights {
        let mut named: Vec<(u64, f32)> = all.filter(|(_, weight)| *weight < rest).collect();
        named.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        named.truncate(KEPT);
        named.sort_unstable_by_key(|(hash, _)| *hash);
        Weights { named, rest }
    }

    pub fn of(&self, hash: u64) -> f32 {
        let at = self.named.binary_search_by_key(&hash, |(hash, _)| *hash);
        at.ok().and_then(|at| self.named.get(at)).map_or(self.rest, |(_, weight)| *weight)
    }

    pub fn rest(&self) -> f32 {
        self.rest
    }
}

impl Learned {
    pub(crate) fn new(field: &Field, plan: &Plan, model: &Model) -> Learned {
        let comparison = |place: usize| {
            let comparison = &field.comparisons[place];
            let frequency = &model.frequency[place];
            let rest = frequency.iter().skip(1).copied().fold(0.0, f32::max);
            LearnedComparison {
                column: field.name(place).to_owned(),
                kind: comparison.kind,
                bits: model.bits[place].to_vec(),
                frequency: Weights::new(comparison.hashes.iter().copied().zip(frequency.iter().copied()).skip(1), rest),
                words: comparison.weights(),
            }
        };
        let rule = |chosen: &Chosen| {
            let mut crowded = Blocks::new(field, &chosen.rule, plan.most).cut;
            crowded.extend(&chosen.crowded);
            crowded.sort_unstable();
            LearnedRule { rule: chosen.rule.clone(), crowded }
        };
        let relation = |relation: &Relation| LearnedRelation { odds: relation.odds, bits: relation.bits.iter().map(|bits| bits.to_vec()).collect() };
        Learned { prior: model.prior, comparisons: (0..field.width()).map(comparison).collect(), rules: plan.rules.iter().map(rule).collect(), relations: model.relations.iter().map(relation).collect(), ties: model.ties.iter().map(|tie| tie.map(|tie| (tie.to, tie.bits))).collect() }
    }

    /// Names of the columns it compares, with what they hold.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.comparisons.iter().map(|comparison| (comparison.column.as_str(), comparison.kind))
    }

    pub(crate) fn words(&self, place: usize) -> Option<&Weights> {
        self.comparisons.get(place)?.words.as_ref()
    }

    /// The rules, with nothing cut but what was crowded when they were learnt.
    pub(crate) fn plan(&self) -> Plan {
        let rules = self.rules.iter().map(|learned| Chosen { crowded: learned.crowded.clone(), ..Chosen::new(learned.rule.clone()) });
        Plan { rules: rules.collect(), most: u64::MAX }
    }

    /// The model for the values of other records.
    pub(crate) fn model(&self, field: &Field) -> Model {
        let frequency = |(comparison, learned): (&crate::compare::Comparison, &LearnedComparison)| {
            let forms = comparison.hashes.iter().skip(1).map(|hash| learned.frequency.of(*hash));
            std::iter::once(0.0).chain(forms).collect()
        };
        let mut bits = vec![[0.0; crate::compare::LEVELS_MOST]; field.width()];
        for (slots, learned) in bits.iter_mut().zip(&self.comparisons) {
            slots.iter_mut().zip(&learned.bits).for_each(|(slot, bits)| *slot = *bits);
        }
        let frequency = field.comparisons.iter().zip(&self.comparisons).map(frequency).collect();
        let relation = |learned: &LearnedRelation| {
            let mut bits = vec![[0.0; crate::compare::LEVELS_MOST]; field.width()];
            bits.iter_mut().flatten().zip(learned.bits.iter().flatten()).for_each(|(slot, bits)| *slot = *bits);
            Relation { odds: learned.odds, bits }
        };
        let tie = |place: usize| self.ties.get(place).copied().flatten().filter(|(to, _)| *to < field.width()).map(|(to, bits)| Tie { to, bits });
        Model { prior: self.prior, bits, frequency, ties: (0..field.width()).map(tie).collect(), relations: self.relations.iter().map(relation).collect() }
    }
}
