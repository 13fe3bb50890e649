//! The parameters of Fellegi and Sunter (1969) by expectation and maximisation (Winkler 1988): how often each level
//! is seen among matches (m) and among pairs of different things (u). u comes from pairs drawn at random; m from the
//! pairs of blocks, where a rule says nothing about the comparisons its keys are made from.

use crate::compare::{CROSSED, LEVELS_MOST, UNKNOWN, UNLIKE};
use crate::field::Field;
use crate::relation::{self, Has, Own};

/// Rounds of expectation and maximisation.
const ROUNDS: usize = 60;
/// Rounds end when no probability moves by more.
const SETTLED: f64 = 1e-5;
/// Matches that are imagined beforehand, shared over the levels as they usually are: few data move little.
const IMAGINED: f64 = 4.0;
/// Pairs that weigh as much as one that was decided weighs by itself: a few decisions move a little, hundreds much.
const BEFORE: f64 = 50.0;
/// Pairs of each rule that are imagined to be by chance.
const SHARED_OUT: f64 = 1.0;
/// A level that was never seen is taken to have been seen half a time.
const UNSEEN: f64 = 0.5;

/// Of agreements this share at least is by chance, as far as anybody knows: how many are of matches is not known better.
const UNSURE: f64 = 0.02;

/// Probabilities of the levels of one comparison.
pub(crate) type Levels = [f64; LEVELS_MOST];

/// What is learnt of the levels of each comparison.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pub m: Vec<Levels>,
    pub u: Vec<Levels>,
}

/// Patterns of one rule's pairs, and which comparisons its keys are made from.
pub(crate) struct Seen {
    /// In order: sums of floating numbers depend on it.
    pub patterns: Vec<(u64, u64)>,
    /// Those among them that no earlier rule brings.
    pub fresh: Vec<(u64, u64)>,
    /// The share of the rule's pairs that they are.
    pub share: f64,
    /// The comparisons its keys are made from.
    pub used: Vec<bool>,
    /// Those it says nothing of: what its keys are made from, and what that foretells.
    pub fixed: Vec<bool>,
    /// The share of matches, and of each relation, that the learning begins with.
    pub start: f64,
}

/// The level of a comparison in a pattern.
pub(crate) fn level_in(pattern: u64, place: usize) -> usize {
    (pattern >> (4 * place)) as usize & 15
}

/// All signs of the comparisons that a pattern knows something of.
pub(crate) fn known_in(pattern: u64) -> u64 {
    (0..16).map(|place| 15 << (4 * place)).filter(|signs| pattern & signs != u64::from(UNKNOWN)).sum()
}

/// How many of the pairs show each level of each comparison.
pub(crate) fn counts(patterns: &[(u64, u64)], width: usize) -> Vec<Levels> {
    let mut counts = vec![[0.0; LEVELS_MOST]; width];
    for (pattern, count) in patterns {
        for (place, levels) in counts.iter_mut().enumerate() {
            levels[level_in(*pattern, place)] += *count as f64;
        }
    }
    counts
}

/// u from the levels of pairs drawn at random, without the share of matches among them.
pub(crate) fn chance(field: &Field, random: &[Levels], matches: f64, m: Option<&[Levels]>) -> Vec<Levels> {
    let each = |place: usize, counts: &Levels| {
        let comparison = &field.comparisons[place];
        let exact = usize::from(comparison.method.exact());
        let mut u = [0.0; LEVELS_MOST];
        let known: f64 = counts.iter().skip(1).sum();
        for level in levels(field, place) {
            let from_matches = m.map_or(0.0, |m| known * matches * m[place][level]);
            u[level] = (counts[level] - from_matches).max(UNSEEN);
        }
        let total: f64 = u.iter().sum();
        u.iter_mut().for_each(|u| *u /= total);
        // How often two records have one form is known for certain, and needs no drawing.
        let agreed = same_form(&comparison.counts);
        let certain = (agreed - m.map_or(0.0, |m| matches * m[place][exact])).max(agreed * UNSURE);
        let least = UNSEEN / total;
        u[exact] = certain.max(least.min(u[exact]));
        u
    };
    random.iter().enumerate().map(|(place, counts)| each(place, counts)).collect()
}

/// The probability that two records with a value have the same one.
fn same_form(counts: &[u32]) -> f64 {
    let (mut all, mut same) = (0.0f64, 0.0f64);
    for count in counts.iter().skip(1).map(|count| f64::from(*count)) {
        all += count;
        same += count * (count - 1.0);
    }
    if all > 1.0 { same / (all * (all - 1.0)) } else { 0.0 }
}

/// The levels that a comparison can give, unknown left out.
pub(crate) fn levels(field: &Field, place: usize) -> impl DoubleEndedIterator<Item = usize> + use<> {
    let comparison = &field.comparisons[place];
    let crossed = (comparison.crossed.is_some() || comparison.former).then_some(usize::from(CROSSED));
    (usize::from(UNLIKE)..=usize::from(comparison.method.exact())).chain(crossed)
}

/// How levels are usually shared among matches: most agree, few are unlike, the rest lies between.
fn usual(field: &Field, place: usize) -> Levels {
    let comparison = &field.comparisons[place];
    let exact = usize::from(comparison.method.exact());
    let mut m = [0.0; LEVELS_MOST];
    for level in levels(field, place) {
        m[level] = match level {
            _ if level == exact => 0.8,
            _ if level == usize::from(UNLIKE) => 0.05,
            _ if level == usize::from(CROSSED) => 0.01,
            // The nearer to the highest, the oftener.
            _ => 0.15 * 2f64.powi(level as i32 - exact as i32),
        };
    }
    let total: f64 = m.iter().sum();
    m.iter_mut().for_each(|m| *m /= total);
    m
}

/// What was learnt of matches, and of each kind of relation.
pub(crate) struct Learnt {
    /// Levels of each comparison: of matches, then of each relation.
    pub classes: Vec<Vec<Levels>>,
    /// Of each comparison, how many matches it was learnt from.
    pub matches: Vec<f64>,
}

/// Learns from the patterns of all rules together how often matches, and pairs that are related, show each level: each
/// rule has its own share of both, all have one m.
pub(crate) fn learn(field: &Field, seen: &[&Seen], u: &[Levels], relations: &[Own]) -> Learnt {
    let width = field.width();
    let usual: Vec<Levels> = (0..width).map(|place| usual(field, place)).collect();
    let of_related = |place: usize, has: Has| match has {
        Has::Own => u[place],
        Has::Street => relation::neighbours(),
        Has::Shared => halfway(&usual[place], &u[place]),
    };
    let related = |own: &Own| -> Vec<Levels> { own.iter().enumerate().map(|(place, has)| of_related(place, *has)).collect() };
    let before: Vec<Vec<Levels>> = std::iter::once(usual.clone()).chain(relations.iter().map(related)).collect();
    let is_place = |place: usize| relations.iter().any(|own| own[place] == Has::Street);
    let is_free = |class: usize, place: usize| class == 0 || relations[class - 1][place] != Has::Own;
    let mut classes = before.clone();
    let begun = |rule: &Seen| std::iter::once(rule.start).chain(relations.iter().map(|own| if tells(rule, own) { rule.start } else { 0.0 })).collect();
    let mut shares: Vec<Vec<f64>> = seen.iter().map(|rule| begun(rule)).collect();
    let mut matches = vec![0.0; width];
    for _ in 0..ROUNDS {
        let ratios: Vec<Vec<Levels>> = classes.iter().map(|class| ratios(class, u)).collect();
        let mut sums: Vec<Vec<Levels>> = before.iter().map(|class| class.iter().map(|levels| levels.map(|m| m * IMAGINED)).collect()).collect();
        for (rule, shares) in seen.iter().zip(&mut shares) {
            expect(rule, &ratios, shares, &mut sums);
        }
        let mut moved = 0.0f64;
        for (class, sums) in sums.iter().enumerate() {
            for (place, sums) in sums.iter().enumerate().filter(|(place, _)| is_free(class, *place)) {
                let mut sums = *sums;
                if class == 0 && is_place(place) {
                    relation::keep_apart(&mut sums);
                }
                let total: f64 = sums.iter().sum();
                if class == 0 {
                    matches[place] = total - IMAGINED;
                }
                for level in levels(field, place) {
                    let now = sums[level] / total;
                    moved = moved.max((now - classes[class][place][level]).abs());
                    classes[class][place][level] = now;
                }
            }
        }
        if moved < SETTLED {
            break;
        }
    }
    // What no rule leaves free was never learnt, and says nothing beside what was; alone, it is as it usually is.
    let learnt = |place: usize| seen.iter().any(|rule| !rule.fixed[place]);
    for place in 0..width {
        if !learnt(place) && (0..width).any(learnt) {
            classes.iter_mut().for_each(|class| class[place] = u[place]);
        }
    }
    Learnt { classes, matches }
}

/// Whether a rule's pairs tell the related from matches: if what sets them apart is free, and known of some. Otherwise both
/// look alike, and which is which would be left to luck.
fn tells(rule: &Seen, own: &Own) -> bool {
    let free: Vec<usize> = (0..own.len()).filter(|place| own[*place] != Has::Shared && !rule.fixed[*place]).collect();
    let known = |pattern: u64| free.iter().any(|place| level_in(pattern, *place) != usize::from(UNKNOWN));
    let (mut all, mut told) = (0, 0);
    for (pattern, count) in &rule.patterns {
        all += count;
        told += if known(*pattern) { *count } else { 0 };
    }
    told * 10 > all
}

fn halfway(a: &Levels, b: &Levels) -> Levels {
    std::array::from_fn(|level| (a[level] + b[level]) / 2.0)
}

/// Adds pairs that people decided to what was learnt of levels, as if [`BEFORE`] pairs had been seen already.
pub(crate) fn teach(probabilities: &mut [Levels], patterns: &[u64]) {
    for (place, levels) in probabilities.iter_mut().enumerate() {
        let known: Vec<usize> = patterns.iter().map(|pattern| level_in(*pattern, place)).filter(|level| *level != usize::from(UNKNOWN)).collect();
        let all = BEFORE + known.len() as f64;
        levels.iter_mut().for_each(|share| *share *= BEFORE / all);
        known.iter().for_each(|level| levels[*level] += 1.0 / all);
    }
}

/// Adds what a rule's patterns are likely to be to the sums of each class, and sets the rule's share of each.
fn expect(rule: &Seen, ratios: &[Vec<Levels>], shares: &mut [f64], sums: &mut [Vec<Levels>]) {
    let by_chance = (1.0 - shares.iter().sum::<f64>()).ln();
    let priors: Vec<f64> = shares.iter().map(|share| share.ln() - by_chance).collect();
    let free: Vec<usize> = (0..rule.fixed.len()).filter(|place| !rule.fixed[*place]).collect();
    let (mut all, mut found, mut likely) = (0.0, vec![0.0; shares.len()], vec![0.0; shares.len()]);
    for (pattern, count) in rule.patterns.iter().copied() {
        for (likely, (prior, ratios)) in likely.iter_mut().zip(priors.iter().zip(ratios)) {
            let weight: f64 = free.iter().map(|place| ratios[*place][level_in(pattern, *place)]).sum();
            *likely = (prior + weight).min(500.0).exp();
        }
        let total = 1.0 + likely.iter().sum::<f64>();
        all += count as f64;
        for ((likely, found), sums) in likely.iter().zip(&mut found).zip(sums.iter_mut()) {
            let likely = count as f64 * likely / total;
            *found += likely;
            for place in free.iter().copied() {
                let level = level_in(pattern, place);
                if level != usize::from(UNKNOWN) {
                    sums[place][level] += likely;
                }
            }
        }
    }
    for (share, found) in shares.iter_mut().zip(found).filter(|(share, _)| **share > 0.0) {
        *share = ((found + 0.5) / (all + 1.0 + SHARED_OUT)).clamp(1e-9, 0.999);
    }
}

/// The natural logarithm of m by u for every level; nothing for what is unknown.
fn ratios(m: &[Levels], u: &[Levels]) -> Vec<Levels> {
    let ratio = |(m, u): (&f64, &f64)| if *m > 0.0 && *u > 0.0 { (m / u).ln() } else { 0.0 };
    m.iter().zip(u).map(|(m, u)| std::array::from_fn(|level| m.get(level).zip(u.get(level)).map_or(0.0, ratio))).collect()
}

/// Evidence of each level in bits. Levels that are steps keep their order, and agreement is never evidence against.
pub(crate) fn evidence(field: &Field, parameters: &Parameters) -> Vec<Levels> {
    let bits = ratios(&parameters.m, &parameters.u);
    let each = |(place, mut bits): (usize, Levels)| {
        bits.iter_mut().for_each(|bit| *bit /= std::f64::consts::LN_2);
        let method = field.comparisons[place].method;
        let exact = usize::from(method.exact());
        if method.is_ordered() {
            let weights = levels(field, place).filter(|level| *level <= exact).map(|level| parameters.m[place][level] + parameters.u[place][level]).collect::<Vec<_>>();
            climb(&mut bits[usize::from(UNLIKE)..=exact], &weights);
        }
        bits[exact] = bits[exact].max(0.0);
        // Agreement says most: levels that were hardly seen know no better.
        let highest = bits[exact];
        bits[usize::from(UNLIKE)..exact].iter_mut().for_each(|bits| *bits = bits.min(highest));
        bits[usize::from(UNKNOWN)] = 0.0;
        bits
    };
    bits.into_iter().enumerate().map(each).collect()
}

/// Makes a run of numbers climb by giving neighbours that fall their mean (pool adjacent violators, Ayer 1955).
fn climb(run: &mut [f64], weights: &[f64]) {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (value, weight) in run.iter().zip(weights) {
        pools.push((*value, *weight, 1));
        while let [.., (low, lw, ln), (high, hw, hn)] = pools.as_slice() {
            if low <= high {
                break;
            }
            let pooled = ((low * lw + high * hw) / (lw + hw), lw + hw, ln + hn);
            pools.truncate(pools.len() - 2);
            pools.push(pooled);
        }
    }
    let values = pools.iter().flat_map(|(value, _, count)| std::iter::repeat_n(*value, *count));
    run.iter_mut().zip(values).for_each(|(slot, value)| *slot = value);
}
