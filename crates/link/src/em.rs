//! The parameters of Fellegi and Sunter (1969) by expectation and maximisation (Winkler 1988): how often each level
//! is seen among matches (m) and among pairs of different things (u). u comes from pairs drawn at random; m from the
//! pairs of blocks, where a rule says nothing about the comparisons its keys are made from.

use crate::compare::{CROSSED, LEVELS_MOST, UNKNOWN, UNLIKE};
use crate::field::Field;

/// Rounds of expectation and maximisation.
const ROUNDS: usize = 60;
/// Rounds for near misses: more would take matches that are not exact for near misses, as nothing but m holds them.
const NEAR_ROUNDS: usize = 2;
/// Rounds end when no probability moves by more.
const SETTLED: f64 = 1e-5;
/// Matches that are imagined beforehand, shared over the levels as they usually are: few data move little.
const IMAGINED: f64 = 4.0;
/// Pairs that weigh as much as one that was decided weighs by itself: a few decisions move a little, hundreds much.
const BEFORE: f64 = 50.0;
/// A level that was never seen is taken to have been seen half a time.
const UNSEEN: f64 = 0.5;

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
    pub fixed: Vec<bool>,
}

/// The level of a comparison in a pattern.
pub(crate) fn level_in(pattern: u64, place: usize) -> usize {
    (pattern >> (4 * place)) as usize & 15
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
        let certain = (same_form(&comparison.counts) - m.map_or(0.0, |m| matches * m[place][exact])).max(0.0);
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
    let crossed = comparison.crossed.is_some().then_some(usize::from(CROSSED));
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

/// Learns m from the patterns of all rules together: each has its own share of matches, all have one m.
pub(crate) fn matches(field: &Field, seen: &[Seen], u: &[Levels], start: f64) -> Vec<Levels> {
    let width = field.width();
    let usual: Vec<Levels> = (0..width).map(|place| usual(field, place)).collect();
    let mut m = usual.clone();
    let mut shares: Vec<f64> = vec![start; seen.len()];
    for _ in 0..ROUNDS {
        let ratios = ratios(&m, u);
        let mut sums: Vec<Levels> = usual.iter().map(|levels| levels.map(|m| m * IMAGINED)).collect();
        for (rule, share) in seen.iter().zip(&mut shares) {
            *share = expect(rule, &ratios, *share, &mut sums);
        }
        let mut moved = 0.0f64;
        for (place, sums) in sums.iter().enumerate() {
            let total: f64 = sums.iter().sum();
            for level in levels(field, place) {
                let now = sums[level] / total;
                moved = moved.max((now - m[place][level]).abs());
                m[place][level] = now;
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
            m[place] = u[place];
        }
    }
    m
}

/// u of near misses, m as it is: of pairs that share a narrow key and are not the same. They are more alike than pairs
/// drawn at random: branches of one firm share name and telephone number, a family surname and address. What they
/// share says less about being one. Again a rule says nothing of the comparisons its keys are made from.
pub(crate) fn near_misses(field: &Field, seen: &[Seen], Parameters { m, u }: &Parameters, prior: f64) -> Vec<Levels> {
    let mut near = u.clone();
    let odds = (prior / (1.0 - prior)).ln();
    for _ in 0..NEAR_ROUNDS {
        let ratios = ratios(m, &near);
        let mut sums: Vec<Levels> = u.iter().map(|levels| levels.map(|u| u * IMAGINED)).collect();
        for rule in seen {
            for (pattern, count) in &rule.patterns {
                let weight: f64 = (0..ratios.len()).map(|place| ratios[place][level_in(*pattern, place)]).sum();
                let unlikely = *count as f64 / (1.0 + (odds + weight).exp());
                for place in (0..ratios.len()).filter(|place| !rule.fixed[*place]) {
                    let level = level_in(*pattern, place);
                    if level != usize::from(UNKNOWN) {
                        sums[place][level] += unlikely;
                    }
                }
            }
        }
        for (place, sums) in sums.iter().enumerate() {
            let total: f64 = sums.iter().sum();
            for level in levels(field, place) {
                let speaks_for = m[place][level] > u[place][level];
                let now = sums[level] / total;
                // No less alike than pairs drawn at random: what only matches show must not become impossible without.
                near[place][level] = if speaks_for { now.max(u[place][level]) } else { now };
            }
        }
    }
    near
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

/// Adds the matches that a rule's patterns are likely to be to the sums, and gives the share of matches among them.
fn expect(rule: &Seen, ratios: &[Levels], share: f64, sums: &mut [Levels]) -> f64 {
    let prior = (share / (1.0 - share)).ln();
    let (mut all, mut matched) = (0.0, 0.0);
    for (pattern, count) in rule.patterns.iter().copied() {
        let free = (0..ratios.len()).filter(|place| !rule.fixed[*place]);
        let weight: f64 = free.clone().map(|place| ratios[place][level_in(pattern, place)]).sum();
        let likely = count as f64 / (1.0 + (-prior - weight).exp());
        all += count as f64;
        matched += likely;
        for place in free {
            let level = level_in(pattern, place);
            if level != usize::from(UNKNOWN) {
                sums[place][level] += likely;
            }
        }
    }
    ((matched + 0.5) / (all + 1.0)).clamp(1e-9, 0.999)
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
        let highest = bits[usize::from(UNLIKE)..=exact].iter().copied().fold(0.0, f64::max);
        bits[exact] = bits[exact].max(highest);
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
