//! The rules by which records are put into blocks, learnt from the records: a first look through the narrowest keys
//! finds pairs that are very likely the same; the rules are then chosen that bring most of them for a bounded number
//! of pairs.

use kernel::Text;
use xxhash_rust::xxh3::xxh3_64;

use crate::block::Rule;
use crate::field::Field;
use crate::key::{Key, Part};
use crate::model::Options;
use crate::sample::Sample;
use crate::work::shared_out;

/// So few pairs that all are compared.
const ALL_PAIRS: f64 = 1e6;
/// Pairs that may be compared, however few the records are.
const BUDGET_LEAST: f64 = 4e6;
/// Records by which rules are measured; of more, a sample.
const MEASURED: usize = 100_000;
/// Likely pairs by which rules are judged.
pub(crate) const LIKELY_MOST: usize = 30_000;
/// Pairs for each record that has the value: a rule that brings more is not narrow.
const NARROW: f64 = 3.0;
/// Pairs that cheap rules may bring while the rules are chosen.
const WIDENED_MOST: f64 = 2e6;
/// Rules of a plan.
const RULES_MOST: usize = 10;
/// What it is worth to bring a pair once more that one rule brings already: keys have slips.
const AGAIN: f32 = 0.15;
/// A rule that brings less of what is worth bringing is left out.
const LEAST_GAIN: f32 = 0.0003;
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
    /// Keys that were once found in too many records to say anything, sorted.
    pub crowded: Vec<u64>,
}

impl Chosen {
    /// A rule of which nothing is known yet.
    pub fn new(rule: Rule) -> Chosen {
        Chosen { rule, pairs: 0.0, brings: 0.0, crowded: Vec::new() }
    }
}

/// A rule that may be chosen, as it does on a sample.
pub(crate) struct Candidate {
    rule: Rule,
    pairs: f64,
    filled: f64,
    /// Keys whose blocks are too large.
    cut: Vec<u64>,
}

impl Plan {
    /// The narrow rules from whose pairs the evidence is learnt. Wide ones bring many pairs that are related and not the
    /// same (branches of a firm, families), which the learning would take for a kind of match.
    pub fn narrow(field: &Field, candidates: &[Candidate], options: &Options) -> Plan {
        let most = block_most(field, options);
        let rules = first_look(candidates, field.width(), budget(field, options), field.records.len() as f64);
        if rules.is_empty() && field.records.pairs() <= ALL_PAIRS { Plan::of_all(field) } else { Plan { rules, most } }
    }

    /// The rules that bring most of the likely pairs, which `found` finds among the pairs of a plan. The narrow plan knows
    /// only pairs that share what its few rules ask for; so what it proposes is widened by cheap rules of every column,
    /// and the likely pairs among all of these decide.
    pub fn learn(field: &Field, mut candidates: Vec<Candidate>, narrow: &Plan, mut found: impl FnMut(&Plan) -> Vec<(u32, u32)>, options: &Options) -> Plan {
        if field.records.pairs() <= ALL_PAIRS {
            return Plan::of_all(field);
        }
        candidates.extend(measure(field, options, |rule| !rule.is_whole()));
        let (most, budget) = (block_most(field, options), budget(field, options));
        let first = choose(field, &candidates, &found(narrow), budget, options.threads);
        let wide = Plan { rules: widened(field, first, &candidates, budget), most };
        let rules = choose(field, &candidates, &found(&wide), budget, options.threads);
        Plan { rules, most }
    }

    fn of_all(field: &Field) -> Plan {
        Plan { rules: vec![Chosen { pairs: field.records.pairs(), brings: 1.0, ..Chosen::new(Rule::default()) }], most: u64::MAX }
    }

    /// Rules that were declared.
    pub fn declared(field: &Field, rules: Vec<Rule>, options: &Options) -> Plan {
        let most = block_most(field, options).max(1_000_000);
        Plan { rules: rules.into_iter().map(Chosen::new).collect(), most }
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
    (field.records.len() as f64 * options.pairs_per_record).max(BUDGET_LEAST)
}

fn block_most(field: &Field, options: &Options) -> u64 {
    ((budget(field, options) * BLOCK_SHARE) as u64).max(1000)
}

/// Rules of whole values, one or two together, with the pairs that each would bring: what a first look needs.
pub(crate) fn candidates(field: &Field, options: &Options) -> Vec<Candidate> {
    measure(field, options, |rule| rule.is_whole())
}

/// Single keys, and two keys of different columns together.
fn rules(field: &Field) -> Vec<Rule> {
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
    together.into_iter().map(|keys| Rule { keys }).collect()
}

/// Measures the rules that are wanted.
fn measure(field: &Field, options: &Options, wanted: impl Fn(&Rule) -> bool) -> Vec<Candidate> {
    let (most, threads) = (block_most(field, options), options.threads);
    let rules: Vec<Rule> = rules(field).into_iter().filter(wanted).collect();
    let step = field.records.len().div_ceil(MEASURED).max(1);
    // Records lie in an order that means nothing: every so-manieth of them is a fair sample.
    let sample = Sample::new(field, (0..field.records.len() as u32).step_by(step).collect(), &keys_of(&rules), threads);
    let mut candidates = shared_out(&rules, threads, |rule| measured(&sample, step, most, rule));
    candidates.retain(|candidate| candidate.pairs >= 1.0);
    candidates
}

/// The keys that rules are made of, each once.
fn keys_of<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Vec<Key> {
    let mut keys: Vec<Key> = rules.into_iter().flat_map(|rule| rule.keys.iter().copied()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A rule as it does on a sample. Pairs grow by the square of the records.
fn measured(sample: &Sample, step: usize, most: u64, rule: &Rule) -> Candidate {
    let scale = (step * step) as f64;
    let (blocks, filled) = sample.blocks(rule, ((most as f64 / scale) as u64).max(1));
    let filled = (filled as f64 - blocks.cut_records as f64).max(0.0) / sample.len().max(1) as f64;
    Candidate { pairs: blocks.pairs as f64 * scale, filled, cut: blocks.cut, rule: rule.clone() }
}

/// Narrow rules of whole values: one column alone where it is narrow enough, two together where too few are. No column
/// is in more than two of them, so that each is looked at by rules that do not use it.
fn first_look(candidates: &[Candidate], columns: usize, budget: f64, records: f64) -> Vec<Chosen> {
    let whole = |candidate: &&Candidate| candidate.filled > 0.1 && candidate.rule.is_whole();
    let width = |candidate: &Candidate| candidate.pairs / (candidate.filled * records);
    let mut order: Vec<&Candidate> = candidates.iter().filter(whole).collect();
    order.sort_by(|a, b| width(a).total_cmp(&width(b)).then_with(|| a.rule.cmp(&b.rule)));
    let mut used = vec![0usize; columns];
    let mut rules: Vec<Chosen> = Vec::new();
    let mut pairs = 0.0;
    for (keys, narrow) in [(1, NARROW), (2, NARROW), (1, f64::INFINITY), (2, f64::INFINITY)] {
        // Three are enough to see each column from elsewhere; of single narrow columns more are welcome.
        let enough = if keys == 1 && narrow == NARROW { 6 } else { 3 };
        for candidate in order.iter().filter(|candidate| candidate.rule.keys.len() == keys && width(candidate) <= narrow) {
            let fresh = candidate.rule.keys.iter().all(|key| used[key.comparison] < 2) && rules.iter().all(|rule| rule.rule != candidate.rule);
            if rules.len() >= enough || !fresh || pairs + candidate.pairs > budget / 2.0 {
                continue;
            }
            candidate.rule.keys.iter().for_each(|key| used[key.comparison] += 1);
            pairs += candidate.pairs;
            rules.push(Chosen { pairs: candidate.pairs, ..Chosen::new(candidate.rule.clone()) });
        }
    }
    rules
}

/// Greedy cover of the likely pairs: next comes the rule that brings most of what is still worth bringing for its pairs.
fn choose(field: &Field, candidates: &[Candidate], likely: &[(u32, u32)], budget: f64, threads: usize) -> Vec<Chosen> {
    if likely.is_empty() {
        return Vec::new();
    }
    let affordable: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.pairs <= budget * 0.5).collect();
    let mut records: Vec<u32> = likely.iter().flat_map(|(a, b)| [*a, *b]).collect();
    records.sort_unstable();
    records.dedup();
    let sample = Sample::new(field, records, &keys_of(affordable.iter().map(|candidate| &candidate.rule)), threads);
    let brings = shared_out(&affordable, threads, |candidate| brought(&sample, candidate, likely));
    let mut open: Vec<(&Candidate, Vec<u32>)> = affordable.into_iter().zip(brings).collect();
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
        rules.push(Chosen { pairs: candidate.pairs, brings: brought.len() as f32 / likely.len() as f32, ..Chosen::new(candidate.rule.clone()) });
    }
    rules
}

/// Rules, and besides them of every column its rules of one key, the cheapest first, as long as they are cheap.
fn widened(field: &Field, mut rules: Vec<Chosen>, candidates: &[Candidate], budget: f64) -> Vec<Chosen> {
    let each = (budget / 2.0).min(WIDENED_MOST) / field.width().max(1) as f64;
    for comparison in 0..field.width() {
        let mut single: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.rule.keys.len() == 1 && candidate.rule.uses(comparison)).collect();
        single.sort_by(|a, b| a.pairs.total_cmp(&b.pairs).then_with(|| a.rule.cmp(&b.rule)));
        let mut spent = 0.0;
        for candidate in single {
            spent += candidate.pairs;
            if spent <= each && rules.iter().all(|chosen| chosen.rule != candidate.rule) {
                rules.push(Chosen { pairs: candidate.pairs, ..Chosen::new(candidate.rule.clone()) });
            }
        }
    }
    rules
}

/// Which of the likely pairs a rule brings.
fn brought(sample: &Sample, Candidate { rule, cut, .. }: &Candidate, likely: &[(u32, u32)]) -> Vec<u32> {
    let under = sample.under(rule);
    let keys = |record: u32, keys: &mut Vec<u64>| {
        keys.clear();
        if let Some(place) = sample.place(record) {
            under.each(place, &mut |key| keys.push(key));
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
