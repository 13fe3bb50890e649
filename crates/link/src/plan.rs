//! The rules by which records are put into blocks, learnt from the records: a first look through the narrowest keys
//! finds pairs that are very likely the same; the rules are then chosen that bring most of them for a bounded number
//! of pairs.

use kernel::Text;
use xxhash_rust::xxh3::xxh3_64;

use crate::block::Rule;
use crate::field::Field;
use crate::key::{Key, Part};
use crate::em::Levels;
use crate::model::{Model, Options};
use crate::sample::Sample;
use crate::work::shared_out;

/// So few pairs that all are compared.
const ALL_PAIRS: f64 = 2e6;
/// Records by which rules are measured; of more, a sample.
const MEASURED: usize = 100_000;
/// Likely pairs by which rules are judged.
const LIKELY_MOST: usize = 30_000;
/// Rules of a plan.
const RULES_MOST: usize = 10;
/// What it is worth to bring a pair once more that one rule brings already: keys have slips.
const AGAIN: f32 = 0.15;
/// A rule that brings less of what is worth bringing is left out.
const LEAST_GAIN: f32 = 0.001;
/// No block may have more than this share of all pairs that are compared.
const BLOCK_SHARE: f64 = 0.005;

/// The rules, and how each did.
#[derive(Default)]
pub(crate) struct Plan {
    pub rules: Vec<Chosen>,
    /// Pairs that one block may have.
    pub most: u64,
}

pub(crate) struct Chosen {
    pub rule: Rule,
    /// Pairs expected from its blocks.
    pub pairs: f64,
    /// Share of the likely pairs that it brings.
    pub brings: f32,
}

struct Candidate {
    rule: Rule,
    pairs: f64,
    filled: f64,
    /// Keys whose blocks are too large.
    cut: Vec<u64>,
}

impl Plan {
    /// Learns the rules.
    pub fn learn(field: &Field, random: &[Levels], options: &Options) -> Plan {
        let budget = budget(field, options);
        let most = ((budget * BLOCK_SHARE) as u64).max(1000);
        if field.records.pairs() <= ALL_PAIRS {
            let all = Chosen { rule: Rule::default(), pairs: field.records.pairs(), brings: 1.0 };
            return Plan { rules: vec![all], most: u64::MAX };
        }
        let candidates = candidates(field, most, options.threads);
        let first = first_look(field, &candidates, budget, most);
        let model = Model::train(field, &first, random, options);
        let likely = model.likely_pairs(field, &first, LIKELY_MOST, options);
        let rules = choose(field, candidates, &likely, budget, options.threads);
        if rules.is_empty() { first } else { Plan { rules, most } }
    }

    /// Rules that were declared.
    pub fn declared(field: &Field, rules: Vec<Rule>, options: &Options) -> Plan {
        let most = ((budget(field, options) * BLOCK_SHARE) as u64).max(1_000_000);
        Plan { rules: rules.into_iter().map(|rule| Chosen { rule, pairs: 0.0, brings: 0.0 }).collect(), most }
    }

    /// A rule in words.
    pub fn say(field: &Field, rule: &Rule) -> Text {
        let said: Vec<Text> = rule.keys.iter().map(|key| key.say(field.name(key.comparison))).collect();
        if said.is_empty() {
            return Text::new("全部两两比对", "every pair is compared");
        }
        let join = |of: fn(&Text) -> &str, by: &str| said.iter().map(of).collect::<Vec<_>>().join(by);
        Text::new(join(|text| &text.zh, " + "), join(|text| &text.en, " + "))
    }
}

/// Pairs that may be compared: so many for each record, and never so few that a small table is cut.
fn budget(field: &Field, options: &Options) -> f64 {
    (field.records.len() as f64 * options.pairs_per_record).max(2.0 * ALL_PAIRS)
}

/// Single keys, and two keys of different columns together, with the pairs that each would bring.
fn candidates(field: &Field, most: u64, threads: usize) -> Vec<Candidate> {
    let mut keys = Vec::new();
    for (comparison, made) in field.comparisons.iter().enumerate() {
        keys.extend(Part::of(made.method).iter().map(|part| Key { comparison, part: *part }));
    }
    let mut together: Vec<Vec<Key>> = keys.iter().map(|key| vec![*key]).collect();
    // Together: of each column its narrowest key, and its widest, which survives most slips.
    let wide: Vec<Key> = (0..field.width())
        .flat_map(|at| {
            let parts = Part::of(field.comparisons[at].method);
            let last = parts.last().filter(|_| parts.len() > 1);
            parts.first().into_iter().chain(last).map(move |part| Key { comparison: at, part: *part })
        })
        .collect();
    for (at, first) in wide.iter().enumerate() {
        for second in wide.iter().skip(at + 1).filter(|second| second.comparison != first.comparison) {
            together.push(vec![*first, *second]);
        }
    }
    let step = field.records.len().div_ceil(MEASURED);
    // Records lie in an order that means nothing: every so-manieth of them is a fair sample.
    let sample = Sample::new(field, (0..field.records.len() as u32).step_by(step).collect(), &keys, threads);
    let mut candidates = shared_out(&together, threads, |keys| measured(&sample, step, most, keys));
    candidates.retain(|candidate| candidate.pairs >= 1.0);
    candidates
}

/// A rule as it does on a sample. Pairs grow by the square of the records.
fn measured(sample: &Sample, step: usize, most: u64, keys: &[Key]) -> Candidate {
    let rule = Rule { keys: keys.to_vec() };
    let scale = (step * step) as f64;
    let blocks = sample.blocks(&rule, ((most as f64 / scale) as u64).max(1));
    let cut = blocks.cut_records as f64 / sample.len().max(1) as f64;
    Candidate { pairs: blocks.pairs as f64 * scale, filled: (sample.filled(&rule) - cut).max(0.0), cut: blocks.cut, rule }
}

/// The narrowest rules of whole values: one column alone where it is narrow enough, two together where it is not.
/// No column is in more than two of them, so that each is looked at by rules that do not use it.
fn first_look(field: &Field, candidates: &[Candidate], budget: f64, most: u64) -> Plan {
    let whole = |candidate: &&Candidate| candidate.filled > 0.1 && candidate.rule.keys.iter().all(|key| key.part == Part::Whole);
    let mut order: Vec<&Candidate> = candidates.iter().filter(whole).collect();
    let width = |candidate: &Candidate| (candidate.rule.keys.len(), candidate.pairs / candidate.filled);
    order.sort_by(|a, b| width(a).0.cmp(&width(b).0).then(width(a).1.total_cmp(&width(b).1)).then_with(|| a.rule.cmp(&b.rule)));
    let mut used = vec![0usize; field.width()];
    let mut rules = Vec::new();
    let mut pairs = 0.0;
    for candidate in order {
        // A column carries no more than two of them: what is found must not hang on one value.
        let fresh = candidate.rule.keys.iter().all(|key| used[key.comparison] < 2);
        if !fresh || candidate.pairs > budget / 6.0 || pairs + candidate.pairs > budget / 2.0 {
            continue;
        }
        candidate.rule.keys.iter().for_each(|key| used[key.comparison] += 1);
        pairs += candidate.pairs;
        rules.push(Chosen { rule: candidate.rule.clone(), pairs: candidate.pairs, brings: 0.0 });
        if rules.len() == 6 {
            break;
        }
    }
    Plan { rules, most }
}

/// Greedy cover of the likely pairs: next comes the rule that brings most of what is still worth bringing for its pairs.
fn choose(field: &Field, candidates: Vec<Candidate>, likely: &[(u32, u32)], budget: f64, threads: usize) -> Vec<Chosen> {
    if likely.is_empty() {
        return Vec::new();
    }
    let affordable: Vec<Candidate> = candidates.into_iter().filter(|candidate| candidate.pairs <= budget * 0.5).collect();
    let mut records: Vec<u32> = likely.iter().flat_map(|(a, b)| [*a, *b]).collect();
    records.sort_unstable();
    records.dedup();
    let mut keys: Vec<Key> = affordable.iter().flat_map(|candidate| candidate.rule.keys.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    let sample = Sample::new(field, records, &keys, threads);
    let brings = shared_out(&affordable, threads, |candidate| brought(&sample, candidate, likely));
    let mut open: Vec<(Candidate, Vec<u32>)> = affordable.into_iter().zip(brings).collect();
    let mut worth = vec![1.0f32; likely.len()];
    let (mut rules, mut spent) = (Vec::new(), 0.0);
    while rules.len() < RULES_MOST {
        let value = |brought: &[u32]| brought.iter().map(|at| worth[*at as usize]).sum::<f32>() / likely.len() as f32;
        let rate = |candidate: &Candidate, brought: &[u32]| f64::from(value(brought)) / (candidate.pairs + budget * 0.02);
        let best = open
            .iter()
            .enumerate()
            .filter(|(_, (candidate, brought))| spent + candidate.pairs <= budget && value(brought) >= LEAST_GAIN)
            .max_by(|(_, a), (_, b)| rate(&a.0, &a.1).total_cmp(&rate(&b.0, &b.1)).then_with(|| b.0.rule.cmp(&a.0.rule)))
            .map(|(at, _)| at);
        let Some(at) = best else { break };
        let (candidate, brought) = open.swap_remove(at);
        open.retain(|(other, _)| !candidate.cut.is_empty() || !other.rule.is_within(&candidate.rule));
        spent += candidate.pairs;
        brought.iter().for_each(|at| worth[*at as usize] *= AGAIN);
        rules.push(Chosen { pairs: candidate.pairs, brings: brought.len() as f32 / likely.len() as f32, rule: candidate.rule });
    }
    rules
}

/// Which of the likely pairs a rule brings.
fn brought(sample: &Sample, Candidate { rule, cut, .. }: &Candidate, likely: &[(u32, u32)]) -> Vec<u32> {
    let keys = |record: u32, keys: &mut Vec<u64>| {
        keys.clear();
        if let Some(place) = sample.place(record) {
            sample.keys_at(rule, place, &mut |key| keys.push(key));
        }
        keys.retain(|key| cut.binary_search(key).is_err());
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let mut shared = |a: u32, b: u32| {
        keys(a, &mut first);
        keys(b, &mut second);
        first.iter().any(|key| second.contains(key))
    };
    likely.iter().enumerate().filter(|(_, (a, b))| shared(*a, *b)).map(|(at, _)| at as u32).collect()
}

/// A pair's place in a fair sample of pairs.
pub(crate) fn pair_hash(a: u32, b: u32) -> u64 {
    xxh3_64(&(u64::from(a) << 32 | u64::from(b)).to_le_bytes())
}
