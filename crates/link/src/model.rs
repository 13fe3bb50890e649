//! A trained model: the prior, the evidence of each level in bits, and what the frequency of a value adds. It scores
//! pairs and tells why.

use kernel::Text;

use crate::block::{Blocks, Brought, Rule};
use crate::em::{self, Levels, Parameters, Seen, level_in};
use crate::field::{Field, Patterns};
use crate::plan::{Chosen, Plan, pair_hash};
use crate::relation::{self, Own, Relation};
use crate::tie::{self, Ties};

/// Pairs drawn at random for u.
const DRAWN: u64 = 1_000_000;
/// Of so many records fewer are drawn: they lie far apart in memory, and agreement itself is counted and not drawn.
const LARGE: usize = 200_000;
const DRAWN_OF_LARGE: u64 = 256_000;
/// So few pairs that all are looked at instead.
const DRAWN_ALL: f64 = 1_500_000.0;
/// Pairs of one rule from which m is learnt.
const TRAINED_ON: f64 = 300_000.0;
/// Pairs of one rule by which it is told how many match.
const TOLD_BY: f64 = 50_000.0;
/// Evidence in bits from which a pair is likely to be of one entity. No more: rules that are chosen by sure pairs alone
/// never bring those that miss a column, of which no pair can be sure.
const LIKELY_LEAST: f64 = 0.0;
/// Matches among the pairs drawn at random that weigh as much as what rules say of their number.
const BELIEVED: f64 = 10.0;
/// Matches from which a comparison must be learnt.
const TAUGHT_LEAST: f64 = 20.0;
/// The share of matches among a rule's pairs that the learning begins with.
const SHARE_OF_RULE: f64 = 0.1;
/// Rules that are thought to bring less are not believed: what they say of all matches is too uncertain.
const RECALL_LEAST: f64 = 0.1;

/// How to link.
#[derive(Clone, Debug)]
pub struct Options {
    /// Pairs with less are left out of what is given back.
    pub threshold: f64,
    /// Workers.
    pub threads: usize,
    /// How many pairs may be compared for each record.
    pub pairs_per_record: f64,
    /// Pairs that people decided, the same or not: they teach what agreements are worth.
    pub decided: Vec<(u32, u32, bool)>,
}

impl Default for Options {
    fn default() -> Options {
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
        Options { threshold: 0.5, threads, pairs_per_record: 20.0, decided: Vec::new() }
    }
}

/// A pair of records and the probability that they are of one entity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub a: u32,
    pub b: u32,
    pub probability: f64,
}

/// One piece of evidence about a pair.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub column: String,
    pub left: Option<String>,
    pub right: Option<String>,
    pub level: Text,
    /// Evidence in bits, above zero for a match; that of the value's frequency included.
    pub bits: f64,
    /// The part of it that comes from how rare or common the value is.
    pub frequency_bits: f64,
}

/// Why a pair has its probability: from the prior, evidence by evidence.
#[derive(Clone, Debug)]
pub struct Waterfall {
    pub prior_bits: f64,
    pub evidence: Vec<Evidence>,
    pub probability: f64,
}

pub(crate) struct Model {
    /// Probability that two records drawn at random are of one entity.
    pub prior: f64,
    /// Evidence in bits.
    pub bits: Vec<Levels>,
    /// For each comparison and form, what its frequency adds when both records have it.
    pub frequency: Vec<Vec<f32>>,
    pub relations: Vec<Relation>,
    pub ties: Ties,
}

impl Model {
    /// Learns what each level is worth from the pairs that narrow rules bring.
    pub fn train(field: &Field, narrow: &Plan, drawn: &[(u64, u64)], options: &Options) -> Model {
        let random = &em::counts(drawn, field.width());
        let mut seen = seen(field, narrow, options, Wanted::Levels);
        let all_drawn = of_drawn(field, drawn);
        let all = field.records.pairs().max(1.0);
        let owns = relation::relations(field);
        let mut u = em::chance(field, random, 0.0, None);
        let mut prior = 1.0 / field.records.len().max(2) as f64;
        let mut parameters = Parameters { m: u.clone(), u: u.clone() };
        let mut relations = Vec::new();
        let mut ties: Ties = vec![None; field.width()];
        // The rules bring only some of the matches; the random pairs hold their share of all.
        let mut among_all = prior;
        // The second time u is without the matches that the first time found among the random pairs.
        for _ in 0..3 {
            let classes = learn(field, &seen, &all_drawn, &u, &owns);
            parameters = Parameters { m: classes[0].clone(), u };
            let bits = em::evidence(field, &parameters);
            relations = owns.iter().zip(&classes[1..]).map(|(own, levels)| Relation::new(own, levels, &parameters.u, &bits)).collect();
            prior = share(&seen, &bits, &ties, &mut relations, all, prior);
            let akin: Vec<(&[Levels], f64)> = classes[1..].iter().map(Vec::as_slice).zip(relations.iter().map(|relation| relation.odds)).collect();
            ties = tie::ties(field, &parameters.m, &parameters.u, prior, &akin);
            seen.iter_mut().for_each(|rule| tie::fix(&mut rule.fixed, &rule.used, &ties));
            among_all = (prior / recall(field, &seen, &parameters.m)).min(0.5);
            among_all = matches_among(drawn, &bits, &ties, &relations, prior, among_all);
            u = em::chance(field, random, among_all, Some(&parameters.m));
        }
        parameters.u = u;
        let patterns = |same: bool| {
            let mut memory = field.memory();
            let decided = options.decided.iter().filter(move |decided| decided.2 == same);
            decided.map(move |(a, b, _)| field.pattern(&mut memory, *a.min(b), *a.max(b))).collect::<Vec<u64>>()
        };
        let mut others = parameters.u.clone();
        em::teach(&mut parameters.m, &patterns(true));
        em::teach(&mut others, &patterns(false));
        let bits = em::evidence(field, &Parameters { m: parameters.m.clone(), u: others });
        let frequency = frequencies(field, &parameters, &bits, among_all);
        let prior = share(&seen, &bits, &ties, &mut relations, all, prior);
        Model { prior, bits, frequency, relations, ties }
    }

    /// Makes it the model for the pairs that a plan brings: what is told anew is how many of them match.
    pub fn among(&mut self, field: &Field, plan: &Plan, options: &Options) {
        let seen = seen(field, plan, options, Wanted::Share);
        self.prior = share(&seen, &self.bits, &self.ties, &mut self.relations, field.records.pairs().max(1.0), self.prior);
    }

    fn prior_bits(&self) -> f64 {
        (self.prior / (1.0 - self.prior)).log2()
    }

    /// The weight of a pattern in bits, without frequencies.
    pub fn weight(&self, pattern: u64) -> f64 {
        tie::weigh(&self.bits, &self.ties, pattern)
    }

    /// What the frequency of the values adds, where both records have the same and a comparison is one of those `wanted`.
    fn frequency_bits(&self, field: &Field, pattern: u64, a: u32, b: u32, wanted: impl Fn(usize) -> bool) -> f64 {
        let rows = field.row(a).iter().zip(field.row(b)).zip(&self.frequency).enumerate();
        let same = rows.filter(|(place, ((x, y), _))| x == y && **x != 0 && wanted(*place));
        same.map(|(place, ((x, _), bits))| self.rarity(pattern, place, bits, *x)).sum()
    }

    /// What the frequency of a value adds to a comparison, as far as no other comparison foretells it.
    fn rarity(&self, pattern: u64, place: usize, bits: &[f32], form: u32) -> f64 {
        let bits = f64::from(bits.get(form as usize).copied().unwrap_or(0.0));
        if self.ties[place].is_none() { bits } else { bits * tie::left_over(&self.bits, &self.ties, pattern, place) }
    }

    /// The evidence about a pair in bits, prior included.
    pub fn total_bits(&self, field: &Field, pattern: u64, a: u32, b: u32) -> f64 {
        self.prior_bits() + self.weight(pattern) + self.frequency_bits(field, pattern, a, b, |_| true) + self.related_bits(field, pattern, a, b)
    }

    /// What is taken off because pairs that are related and not the same would look like this too.
    fn related_bits(&self, field: &Field, pattern: u64, a: u32, b: u32) -> f64 {
        if self.relations.is_empty() {
            return 0.0;
        }
        let rare = |relation: &Relation| self.frequency_bits(field, pattern, a, b, |place| relation.shares(place, level_in(pattern, place)));
        relation::discount(self.relations.iter().map(|relation| (relation.odds, relation.weight(&self.ties, pattern) + rare(relation))))
    }

    /// All pairs of the plan with at least so many bits, in order.
    pub fn score(&self, field: &Field, plan: &Plan, least: f64, options: &Options) -> Scored {
        let mut brought = Brought::new();
        let (mut pairs, mut compared) = (Vec::new(), 0);
        for (number, chosen) in plan.rules.iter().enumerate() {
            let blocks = Blocks::new(field, &chosen.rule, plan.most).without(&chosen.crowded);
            brought.add(field, &chosen.rule, &blocks);
            let found = blocks.each(
                field.is_two(),
                options.threads,
                1.0,
                || (field.memory(), Vec::new(), 0u64),
                |(memory, found, compared), key, a, b| {
                    if brought.is_new(number, key, a, b) {
                        *compared += 1;
                        let pattern = field.pattern(memory, a, b);
                        let bits = self.total_bits(field, pattern, a, b);
                        if bits >= least {
                            found.push((a, b, bits as f32));
                        }
                    }
                },
            );
            for (_, found, count) in found {
                pairs.extend(found);
                compared += count;
            }
        }
        pairs.sort_unstable_by_key(|pair| (pair.0, pair.1));
        Scored { pairs, compared }
    }

    /// Pairs that are rather of one entity than not, a fair sample of at most so many.
    pub fn likely_pairs(&self, field: &Field, plan: &Plan, most: usize, options: &Options) -> Vec<(u32, u32)> {
        let mut pairs: Vec<(u32, u32)> = self.score(field, plan, LIKELY_LEAST, options).pairs.into_iter().map(|(a, b, _)| (a, b)).collect();
        if pairs.len() > most {
            pairs.sort_by_cached_key(|(a, b)| pair_hash(*a, *b));
            pairs.truncate(most);
        }
        pairs
    }

    /// Why a pair has its probability.
    pub fn explain(&self, field: &Field, a: u32, b: u32) -> Waterfall {
        let pattern = field.pattern(&mut field.memory(), a, b);
        let each = |place: usize| {
            let comparison = &field.comparisons[place];
            let level = level_in(pattern, place);
            let (x, y) = (field.row(a)[place], field.row(b)[place]);
            let frequency_bits = if x == y && x != 0 { self.rarity(pattern, place, &self.frequency[place], x) } else { 0.0 };
            let said = |record: u32| field.records.value(record, comparison.column).map(str::to_owned);
            Evidence {
                column: field.name(place).to_owned(),
                left: said(a),
                right: said(b),
                level: comparison.say(level as u8),
                bits: self.bits[place][level] - tie::foretold(&self.bits, &self.ties, pattern, place) + frequency_bits,
                frequency_bits,
            }
        };
        let mut evidence: Vec<Evidence> = (0..field.width()).map(each).collect();
        let related = self.related_bits(field, pattern, a, b);
        if related != 0.0 {
            let level = Text::new("亲属、分支或同址者也会如此", "relatives, branches or neighbours would look like this too");
            evidence.push(Evidence { column: String::new(), left: None, right: None, level, bits: related, frequency_bits: 0.0 });
        }
        Waterfall { prior_bits: self.prior_bits(), evidence, probability: probability(self.total_bits(field, pattern, a, b)) }
    }
}

/// Pairs with their evidence in bits, and how many were compared to find them.
pub(crate) struct Scored {
    pub pairs: Vec<(u32, u32, f32)>,
    pub compared: u64,
}

/// The probability that so many bits of evidence stand for.
pub(crate) fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

/// Patterns of pairs drawn at random, or of all where they are few.
pub(crate) fn drawn(field: &Field, options: &Options) -> Vec<(u64, u64)> {
    let all = field.records.len() as u64;
    if field.records.pairs() <= DRAWN_ALL {
        let all = Chosen::new(Rule::default());
        return seen(field, &Plan { rules: vec![all], most: u64::MAX }, options, Wanted::Levels).pop().map(|seen| seen.patterns).unwrap_or_default();
    }
    // Always so many shares of the work, whoever does them: the same pairs are drawn on any machine.
    const SHARES: u64 = 16;
    let each = if field.records.len() < LARGE { DRAWN } else { DRAWN_OF_LARGE } / SHARES;
    let next = std::sync::atomic::AtomicU64::new(0);
    let work = || {
        let (mut patterns, mut memory) = (Patterns::default(), field.memory());
        loop {
            let share = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if share >= SHARES {
                return patterns;
            }
            let mut random = Random(share << 48);
            let (mut taken, mut tried) = (0, 0);
            while taken < each && tried < each * 4 {
                let (a, b) = (random.below(all), random.below(all));
                tried += 1;
                if field.records.may_pair(a, b) {
                    *patterns.entry(field.pattern(&mut memory, a.min(b), a.max(b))).or_default() += 1;
                    taken += 1;
                }
            }
        }
    };
    let parts: Vec<Patterns> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    in_order(parts)
}

/// Numbers that look drawn by chance and are the same each time (SplitMix, Steele and others 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * u128::from(most)) >> 64) as u32
    }
}

/// What pairs are looked at for.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    /// How often levels are seen: whole blocks, and pairs that an earlier rule brings too.
    Levels,
    /// How many pairs match: any of them, each once.
    Share,
}

/// Patterns of the pairs of each rule: of all, or of a share of them.
fn seen(field: &Field, plan: &Plan, options: &Options, wanted: Wanted) -> Vec<Seen> {
    let mut brought = Brought::new();
    let mut each = |(number, chosen): (usize, &Chosen)| {
        let rule = &chosen.rule;
        let blocks = Blocks::new(field, rule, plan.most);
        brought.add(field, rule, &blocks);
        let most = if wanted == Wanted::Levels { TRAINED_ON } else { TOLD_BY };
        let share = if rule.keys.is_empty() { 1.0 } else { (most / blocks.pairs.max(1) as f64).min(1.0) };
        let (of_blocks, of_pairs) = if wanted == Wanted::Levels { (share, u64::MAX) } else { (1.0, (share * u64::MAX as f64) as u64) };
        let parts = blocks.each(
            field.is_two(),
            options.threads,
            of_blocks,
            || (field.memory(), Patterns::default(), Patterns::default()),
            |(memory, patterns, fresh), key, a, b| {
                if of_pairs < u64::MAX && pair_hash(a, b) > of_pairs {
                    return;
                }
                let is_new = brought.is_new(number, key, a, b);
                if !is_new && wanted == Wanted::Share {
                    return;
                }
                let pattern = field.pattern(memory, a, b);
                *patterns.entry(pattern).or_default() += 1;
                if is_new {
                    *fresh.entry(pattern).or_default() += 1;
                }
            },
        );
        let (patterns, fresh): (Vec<Patterns>, Vec<Patterns>) = parts.into_iter().map(|(_, patterns, fresh)| (patterns, fresh)).unzip();
        let used: Vec<bool> = (0..field.width()).map(|place| rule.uses(place)).collect();
        Seen { patterns: in_order(patterns), fresh: in_order(fresh), share, fixed: used.clone(), used, start: SHARE_OF_RULE }
    };
    plan.rules.iter().enumerate().map(&mut each).collect()
}

/// Patterns of all parts, in an order of their own: sums of floating numbers depend on it.
fn in_order(parts: Vec<Patterns>) -> Vec<(u64, u64)> {
    let mut all = Patterns::default();
    for part in parts {
        part.into_iter().for_each(|(pattern, count)| *all.entry(pattern).or_default() += count);
    }
    let mut ordered: Vec<(u64, u64)> = all.into_iter().collect();
    ordered.sort_unstable();
    ordered
}

/// Patterns of all rules' pairs, each pair once, and how many pairs show them.
fn fresh(seen: &[Seen]) -> impl Iterator<Item = (u64, f64)> {
    seen.iter().flat_map(|rule| rule.fresh.iter().map(|(pattern, count)| (*pattern, *count as f64 / rule.share)))
}

/// The probability that two records match, such that it is the share of matches that it leads to; and likewise how many are related.
fn share(seen: &[Seen], bits: &[Levels], ties: &Ties, relations: &mut [Relation], all: f64, start: f64) -> f64 {
    let weights: Vec<(f64, Vec<f64>, f64)> =
        fresh(seen).map(|(pattern, count)| (tie::weigh(bits, ties, pattern), relations.iter().map(|relation| relation.weight(ties, pattern)).collect(), count)).collect();
    relations.iter_mut().for_each(|relation| relation.odds = start);
    let mut prior = start;
    for _ in 0..200 {
        let odds = (prior / (1.0 - prior)).log2();
        let (mut matches, mut related) = (0.0, vec![0.0; relations.len()]);
        for (weight, others, count) in &weights {
            let likely: Vec<f64> = others.iter().zip(&*relations).map(|(bits, relation)| relation.odds * bits.exp2()).collect();
            let others = 1.0 + likely.iter().sum::<f64>();
            let is_match = probability(odds + weight - others.log2());
            matches += count * is_match;
            related.iter_mut().zip(likely).for_each(|(sum, likely)| *sum += count * (1.0 - is_match) * likely / others);
        }
        let next = ((matches + 0.5) / (all + 1.0)).clamp(1e-15, 0.5);
        let mut settled = (next / prior - 1.0).abs() < 1e-4;
        prior = next;
        for (relation, related) in relations.iter_mut().zip(related) {
            let next = ((related + 0.01) / (all + 1.0)).clamp(1e-15, 0.5);
            settled &= (next / relation.odds - 1.0).abs() < 1e-2;
            relation.odds = next;
        }
        if settled {
            break;
        }
    }
    prior
}

/// How often matches, and pairs of each relation, show each level. Where the rules show hardly any matches of most
/// comparisons (nothing is written alike twice), those are looked for among the pairs drawn at random too.
fn learn(field: &Field, seen: &[Seen], drawn: &Seen, u: &[Levels], owns: &[Own]) -> Vec<Vec<Levels>> {
    let mut rules: Vec<&Seen> = seen.iter().collect();
    let em::Learnt { mut classes, matches } = em::learn(field, &rules, u, owns);
    let poor: Vec<usize> = (0..field.width()).filter(|place| matches[*place] < TAUGHT_LEAST).collect();
    if poor.len() * 2 > field.width() {
        rules.push(drawn);
        let widely = em::learn(field, &rules, u, owns).classes;
        for (class, widely) in classes.iter_mut().zip(widely) {
            poor.iter().for_each(|place| class[*place] = widely[*place]);
        }
    }
    classes
}

/// Pairs drawn at random as if a rule without keys brought them.
fn of_drawn(field: &Field, drawn: &[(u64, u64)]) -> Seen {
    let none = vec![false; field.width()];
    let start = 1.0 / field.records.len().max(2) as f64;
    Seen { patterns: drawn.to_vec(), fresh: Vec::new(), share: 1.0, used: none.clone(), fixed: none, start }
}

/// The share of matches among pairs drawn at random, as the evidence tells it: no rule has chosen them, so those that
/// no rule brings are among them too. Where they hold few, what the rules say (`by_rules`) is believed rather.
fn matches_among(drawn: &[(u64, u64)], bits: &[Levels], ties: &Ties, relations: &[Relation], start: f64, by_rules: f64) -> f64 {
    let total: f64 = drawn.iter().map(|(_, count)| *count as f64).sum();
    let all = [Seen { patterns: Vec::new(), fresh: drawn.to_vec(), share: 1.0, used: Vec::new(), fixed: Vec::new(), start }];
    let told = share(&all, bits, ties, &mut relations.to_vec(), total, start);
    let seen = told * total;
    (seen * told + BELIEVED * by_rules) / (seen + BELIEVED)
}

/// The share of all matches that rules of whole values bring: each brings those of which both records have its values,
/// and the same. At most, as some are brought by several: so matches are rather thought too few than too many, and chance
/// is left what is its own.
fn recall(field: &Field, seen: &[Seen], m: &[Levels]) -> f64 {
    let records = field.records.len().max(1) as f64;
    let agrees = |place: usize| {
        let comparison = &field.comparisons[place];
        let filled = comparison.counts.iter().skip(1).map(|count| f64::from(*count)).sum::<f64>() / records;
        filled * filled * m[place][usize::from(comparison.method.exact())]
    };
    let brings = |rule: &Seen| rule.used.iter().enumerate().filter(|(_, used)| **used).map(|(place, _)| agrees(place)).product::<f64>();
    seen.iter().map(brings).sum::<f64>().clamp(RECALL_LEAST, 1.0)
}

/// A rare value says more than a common one (Winkler 2000): how many others have it, set beside how many have one
/// value on average. Where records of one entity make a value frequent, and not chance, that says nothing.
fn frequencies(field: &Field, parameters: &Parameters, bits: &[Levels], prior: f64) -> Vec<Vec<f32>> {
    let each = |(place, comparison): (usize, &crate::compare::Comparison)| {
        let exact = usize::from(comparison.method.exact());
        let (m, u) = (parameters.m[place][exact], parameters.u[place][exact]);
        let by_chance = u / (u + prior * m);
        let all = comparison.counts.iter().skip(1).map(|count| f64::from(*count)).sum::<f64>().max(2.0);
        let family = prior * m * (all - 1.0);
        // An agreement never says less than nothing.
        let floor = -bits[place][exact].max(0.0);
        let adjusted = |count: &u32| {
            let others = (f64::from(*count) - 1.0 - family).max(0.0);
            let share = if others < 0.5 { u.min(0.5 / all) } else { others / (all - 1.0) };
            (by_chance * (u / share).log2()).max(floor) as f32
        };
        // Nothing on both sides is no agreement.
        std::iter::once(0.0).chain(comparison.counts.iter().skip(1).map(adjusted)).collect()
    };
    field.comparisons.iter().enumerate().map(each).collect()
}
