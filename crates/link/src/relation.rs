//! Pairs that are related and not the same: a family shares surname, address and telephone, the branches of a firm its
//! name, the firms in a house their address. Against pairs drawn at random they look like matches. So each kind of
//! relation is a class of its own beside matches and chance: what tells its members apart agrees by chance alone, how
//! often they share the rest is learnt. What speaks for a relation is taken off the evidence for a match.

use crate::compare::{LEVELS_MOST, UNLIKE};
use crate::em::Levels;
use crate::field::Field;
use crate::kind::{Kind, is_called_name, names_representative};
use crate::tie::{self, Ties};

/// Evidence of a relation below which it is not worth telling, in bits.
const TOLD_LEAST: f64 = 0.05;

/// Which comparisons tell the members of a relation apart.
pub(crate) type Own = Vec<bool>;

/// What speaks for one relation.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    /// Pairs so related by pairs of nothing in common.
    pub odds: f64,
    /// Evidence in bits for it against chance, by comparison and level.
    pub bits: Vec<Levels>,
}

/// The relations worth telling from matches, by what the records are about.
pub(crate) fn relations(field: &Field) -> Vec<Own> {
    let own = |kinds: &[Kind]| -> Own { field.comparisons.iter().map(|comparison| kinds.contains(&comparison.kind)).collect() };
    let relations = match subject(field) {
        // A family.
        Subject::People => vec![own(&[Kind::GivenName, Kind::FullName, Kind::Date, Kind::CheckedId, Kind::Identifier])],
        // Branches of one firm, and firms of one house.
        Subject::Bodies => {
            let named = |place: usize| names_body(field, place) || matches!(field.comparisons[place].kind, Kind::CheckedId | Kind::Identifier);
            vec![own(&[Kind::Address, Kind::HouseNumber]), (0..field.width()).map(named).collect()]
        }
        Subject::Unknown => Vec::new(),
    };
    // What has nothing to share is no relation.
    relations.into_iter().filter(|own| own.contains(&true) && own.contains(&false)).collect()
}

/// What the records are about.
enum Subject {
    People,
    Bodies,
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
            if own[place] || level < usize::from(UNLIKE) || n <= 0.0 || u <= 0.0 {
                return 0.0;
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
