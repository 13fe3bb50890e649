//! Columns that say the same over again: a name in one piece beside its parts, a town beside its postcode. Counted one
//! by one, such agreements would say more than they know. Each column is tied to the one that foretells it best, and
//! where both agree, what was foretold is taken off.

use hashbrown::HashMap;

use crate::em::{Levels, level_in};
use crate::field::{Field, Mixed};
use crate::fold::{letters, words};
use crate::kind::Kind;
use crate::table::Side;

/// Records by which ties are told; of more, a sample.
const LOOKED_AT: usize = 50_000;
/// A tie of fewer bits is none.
const BITS_LEAST: f64 = 1.0;
/// A tie of columns that hold each other: all of it.
const BITS_MOST: f64 = 100.0;
/// Common values must be so many times as many as matches and relatives make: how many these are is not well known yet.
const AKIN_MOST: f64 = 5.0;
/// And stand out by so many deviations.
const DEVIATIONS: f64 = 3.0;
/// Records whose texts are looked at, and how few are not enough.
const TEXTS: usize = 1_000;
const TEXTS_LEAST: usize = 20;

/// The comparison that foretells another, and how many bits of the other's evidence it foretells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tie {
    pub to: usize,
    pub bits: f64,
}

/// Of each comparison, what it is tied to.
pub(crate) type Ties = Vec<Option<Tie>>;

/// Finds ties: a column whose text holds the other's, and columns whose values stand together far oftener than chance,
/// matches and relatives can make of it.
pub(crate) fn ties(field: &Field, m: &[Levels], u: &[Levels], prior: f64, relations: &[(&[Levels], f64)]) -> Ties {
    let width = field.width();
    let exact = |place: usize| usize::from(field.comparisons[place].method.exact());
    let tells = |place: usize| (m[place][exact(place)] / u[place][exact(place)]).log2();
    let mut found: Vec<(f64, usize, usize)> = Vec::new();
    for a in 0..width {
        for b in (a + 1..width).filter(|b| tells(a) >= BITS_LEAST && tells(*b) >= BITS_LEAST) {
            if holds(field, a, b) || holds(field, b, a) {
                found.push((BITS_MOST, a, b));
                continue;
            }
            if !is_of_place(field, a) || !is_of_place(field, b) {
                continue;
            }
            let (same, of) = agreements(field, a, b);
            let both = |levels: &[Levels]| levels[a][exact(a)].min(levels[b][exact(b)]);
            let akin = prior * both(m) + relations.iter().map(|(levels, odds)| odds * both(levels)).sum::<f64>();
            let by_others = same - AKIN_MOST * akin * of - DEVIATIONS * (same + 1.0).sqrt();
            let bits = (same / (u[a][exact(a)] * u[b][exact(b)] * of).max(f64::MIN_POSITIVE)).log2();
            if by_others > 0.0 && bits >= BITS_LEAST {
                found.push((bits, a, b));
            }
        }
    }
    // The strongest first, each column hung under one that tells more: a forest.
    found.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut ties: Ties = vec![None; width];
    for (bits, a, b) in found {
        let (to, from) = if tells(a) >= tells(b) { (a, b) } else { (b, a) };
        if ties[from].is_none() && !leads_to(&ties, to, from) {
            ties[from] = Some(Tie { to, bits });
        }
    }
    ties
}

/// Whether a column may say where something is: places lie within each other, and what else hangs together is not told
/// from what matches share as long as nobody knows how many match.
fn is_of_place(field: &Field, place: usize) -> bool {
    matches!(field.comparisons[place].kind, Kind::Address | Kind::HouseNumber | Kind::Postcode | Kind::Name | Kind::Category)
}

/// Whether the text of one column mostly holds that of another.
fn holds(field: &Field, whole: usize, part: usize) -> bool {
    let column = |place: usize| field.records.columns.get(field.comparisons[place].column);
    let (Some(whole), Some(part)) = (column(whole), column(part)) else { return false };
    let both = whole.codes.iter().zip(&part.codes).filter(|(x, y)| **x != 0 && **y != 0).take(TEXTS);
    let (mut all, mut held) = (0, 0);
    for (x, y) in both {
        let (x, y) = (&whole.values[*x as usize], &part.values[*y as usize]);
        let (whole, part) = (letters(x), letters(y));
        all += 1;
        let in_one = part.chars().nth(1).is_some() && whole.len() >= part.len() && whole.contains(&part);
        held += usize::from(in_one || has_words(x, y));
    }
    all >= TEXTS_LEAST && held * 10 >= all * 7
}

/// Whether a text has all words of another, two at least, with others between them or not.
fn has_words(whole: &str, part: &str) -> bool {
    let (whole, part) = (words(whole), words(part));
    part.len() > 1 && part.iter().all(|word| whole.contains(word))
}

fn leads_to(ties: &Ties, from: usize, to: usize) -> bool {
    std::iter::successors(Some(from), |at| ties[*at].map(|tie| tie.to)).take(ties.len() + 1).any(|at| at == to)
}

/// How many pairs of records have the same values in both comparisons, of how many that have both.
fn agreements(field: &Field, a: usize, b: usize) -> (f64, f64) {
    let records = field.records.len();
    let step = records.div_ceil(LOOKED_AT).max(1);
    let mut counts: HashMap<u64, (u32, u32), std::hash::BuildHasherDefault<Mixed>> = HashMap::default();
    let mut all = (0, 0);
    let count = |of: &mut (u32, u32), side: Side| if side == Side::Left { of.0 += 1 } else { of.1 += 1 };
    for record in (0..records as u32).step_by(step) {
        let row = field.row(record);
        if row[a] != 0 && row[b] != 0 {
            count(counts.entry(u64::from(row[a]) << 32 | u64::from(row[b])).or_default(), field.side(record));
            count(&mut all, field.side(record));
        }
    }
    let pairs = |(left, right): (u32, u32)| {
        let (left, right) = (f64::from(left), f64::from(right));
        if field.is_two() { left * right } else { left * (left - 1.0) / 2.0 }
    };
    (counts.values().map(|of| pairs(*of)).sum(), pairs(all))
}

/// The bits of a pattern's levels added up, what is foretold left out.
pub(crate) fn weigh(bits: &[Levels], ties: &Ties, pattern: u64) -> f64 {
    bits.iter().enumerate().map(|(place, levels)| levels[level_in(pattern, place)] - foretold(bits, ties, pattern, place)).sum()
}

/// What of a comparison's evidence is foretold by the one it is tied to: never more than either says.
pub(crate) fn foretold(bits: &[Levels], ties: &Ties, pattern: u64, place: usize) -> f64 {
    let Some(tie) = ties[place] else { return 0.0 };
    let said = |place: usize| bits[place][level_in(pattern, place)];
    tie.bits.min(said(place)).min(said(tie.to)).max(0.0)
}

/// The share of a comparison's evidence that its tie leaves to it, where both agree.
pub(crate) fn left_over(bits: &[Levels], ties: &Ties, pattern: u64, place: usize) -> f64 {
    let said = bits[place][level_in(pattern, place)];
    if said <= 0.0 { 1.0 } else { 1.0 - foretold(bits, ties, pattern, place) / said }
}

/// What a rule says nothing of: what its keys are made from, and what holds that or is held by it.
pub(crate) fn fix(fixed: &mut [bool], used: &[bool], ties: &Ties) {
    fixed.copy_from_slice(used);
    // As many rounds as a chain of ties may be long.
    for _ in 0..ties.len() {
        for (from, tie) in ties.iter().enumerate() {
            let Some(tie) = tie.filter(|tie| tie.bits >= BITS_MOST) else { continue };
            let either = fixed[from] || fixed[tie.to];
            (fixed[from], fixed[tie.to]) = (either, either);
        }
    }
}
