//! Pairs that are related and not the same: a family shares surname, address and telephone, the branches of a firm its
//! name, the firms in a house their address. Against pairs drawn at random they look like matches. So each kind of
//! relation is a class of its own beside matches and chance: what tells its members apart agrees by chance alone, how
//! often they share the rest is learnt. What speaks for a relation is taken off the evidence for a match.

use crate::compare::{Comparison, LEVELS_MOST, UNLIKE};
use crate::em::Levels;
use crate::field::Field;
use crate::kind::{Kind, is_called_name, names_representative};
use crate::tie::{self, Ties};

/// Evidence of a relation below which it is not worth telling, in bits.
const TOLD_LEAST: f64 = 0.05;

/// What the related have of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Has {
    /// Often the same; how often is learnt.
    Shared,
    /// Each its own: it agrees by chance alone.
    Own,
    /// The same street and another number.
    Street,
}

/// What the related have of each comparison.
pub(crate) type Own = Vec<Has>;

/// How neighbours are imagined to show the levels of an address: the same words and other numbers, or one number of two.
const NEIGHBOURS: [(usize, f64); 4] = [(1, 0.05), (2, 0.15), (3, 0.55), (6, 0.25)];

/// The share of matches at most that show what neighbours do.
const OTHER_MOST: f64 = 0.1;

/// The levels that neighbours show of an address, as far as they are known beforehand.
pub(crate) fn neighbours() -> Levels {
    let mut levels = [0.0; LEVELS_MOST];
    NEIGHBOURS.iter().for_each(|(level, share)| levels[*level] = *share);
    levels
}

/// What speaks for one relation.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    /// Pairs so related by pairs of nothing in common.
    pub odds: f64,
    /// Evidence in bits for it against chance, by comparison and level.
    pub bits: Vec<Levels>,
}

/// Keeps what matches show of an address from becoming what neighbours show: what is at one place has its address. Other
/// houses of the street or town, of which there are many more, would be taken for the matches.
pub(crate) fn keep_apart(levels: &mut Levels) {
    let other: f64 = NEIGHBOURS.iter().map(|(level, _)| levels[*level]).sum();
    let all: f64 = levels.iter().sum();
    if other > all * OTHER_MOST {
        let scale = OTHER_MOST / (1.0 - OTHER_MOST) * (all - other) / other;
        NEIGHBOURS.iter().for_each(|(level, _)| levels[*level] *= scale);
    }
}

/// The relations worth telling from matches, by what the records are about.
pub(crate) fn relations(field: &Field) -> Vec<Own> {
    let has = |is_own: bool| if is_own { Has::Own } else { Has::Shared };
    let own = |kinds: &[Kind]| -> Own { field.comparisons.iter().map(|comparison| has(kinds.contains(&comparison.kind))).collect() };
    let relations = match subject(field) {
        // A family.
        Subject::People => vec![own(&[Kind::GivenName, Kind::FullName, Kind::Date, Kind::CheckedId, Kind::Identifier])],
        // Branches of one firm, and firms of one house.
        Subject::Bodies => {
            let named = |place: usize| names_body(field, place) || matches!(field.comparisons[place].kind, Kind::CheckedId | Kind::Identifier);
            vec![own(&[Kind::Address, Kind::HouseNumber]), (0..field.width()).map(|place| has(named(place))).collect()]
        }
        // Houses of one street, flats of one house.
        Subject::Places => {
            let beside = |comparison: &Comparison| match comparison.kind {
                Kind::Address => Has::Street,
                kind => has(kind == Kind::HouseNumber),
            };
            vec![field.comparisons.iter().map(beside).collect()]
        }
        Subject::Unknown => Vec::new(),
    };
    // What has nothing to share is no relation.
    relations.into_iter().filter(|own| own.contains(&Has::Shared) && own.iter().any(|has| *has != Has::Shared)).collect()
}

/// What the records are about.
enum Subject {
    People,
    Bodies,
    Places,
    Unknown,
}

fn subject(field: &Field) -> Subject {
    let has = |kind: Kind| field.comparisons.iter().any(|comparison| comparison.kind == kind);
    // A firm's record may name its representative: then the name is not whom it is about.
    let speaks_for = (0..field.width()).any(|place| field.comparisons[place].kind == Kind::FullName && names_representative(field.name(place)));
    match () {
        _ if has(Kind::GivenName) => Subject::People,
        _ if has(Kind::FullName) && !speaks_for && (!has(Kind::Company) || has(Kind::Date)) => Subject::People,
        _ if (0..field.width()).any(|place| names_body(field, place)) && has(Kind::Address) && (speaks_for || !has(Kind::FullName)) => Subject::Bodies,
        _ if has(Kind::Address) && !has(Kind::FullName) && !has(Kind::Company) && !has(Kind::Surname) => Subject::Places,
        _ => Subject::Unknown,
    }
}

/// Whether a column holds the names of firms, sites, shops.
fn names_body(field: &Field, place: usize) -> bool {
    match field.comparisons[place].kind {
        Kind::Company => true,
        Kind::Words | Kind::Name => is_called_name(field.name(place)),
        _ => false,
    }
}

impl Relation {
    /// Evidence for a relation from how often its members (`levels`), matches (`bits` of evidence) and others (u) show a level.
    pub fn new(own: &Own, levels: &[Levels], u: &[Levels], bits: &[Levels]) -> Relation {
        let each = |place: usize, level: usize| {
            let (n, u, bits) = (levels[place][level], u[place][level], bits[place][level]);
            if own[place] == Has::Own || level < usize::from(UNLIKE) || n <= 0.0 || u <= 0.0 {
                return 0.0;
            }
            if own[place] == Has::Street {
                return (n / u).log2();
            }
            // Never more than for a match: so agreement is never evidence against one.
            (n / u).log2().clamp(bits.min(0.0), bits.max(0.0))
        };
        let bits = (0..levels.len()).map(|place| std::array::from_fn::<f64, LEVELS_MOST, _>(|level| each(place, level))).collect();
        Relation { odds: 0.0, bits }
    }

    /// The evidence for it in a pattern, in bits.
    pub fn weight(&self, ties: &Ties, pattern: u64) -> f64 {
        tie::weigh(&self.bits, ties, pattern)
    }

    /// Whether sharing a value in a comparison is what the related do: then a rare value speaks for it too.
    pub fn shares(&self, place: usize, level: usize) -> bool {
        self.bits[place][level] > 0.5
    }
}

/// What is taken off the evidence for a match: how much likelier the pair is by chance or related than by chance alone.
pub(crate) fn discount(weights: impl Iterator<Item = (f64, f64)>) -> f64 {
    let others: f64 = weights.map(|(odds, bits)| odds * bits.min(200.0).exp2()).sum();
    let bits = -(1.0 + others).log2();
    if bits > -TOLD_LEAST { 0.0 } else { bits }
}
