//! Two files may call the same by other names: a column that only the left file has and one that only the right file has are
//! taken for one where they hold values of the same kind, and share some.

use std::collections::HashSet;

use crate::dates::day_of;
use crate::fold::{digits, fold};
use crate::kind::{Kind, kind_of};
use crate::table::{Column, Side};

/// Distinct values looked at of each column.
const LOOKED_AT: usize = 20_000;
/// The share of values that columns of one kind have in common; chance leads to less.
const SHARED: f64 = 0.02;
/// With fewer values, common ones say little: then nearly all must be.
const FEW: usize = 20;
const SHARED_OF_FEW: f64 = 0.8;

/// A column that only one side has.
struct Lone {
    at: usize,
    kind: Option<Kind>,
    forms: HashSet<String>,
}

/// Puts such columns together, under the name that the left file has for them.
pub(crate) fn align(columns: &mut Vec<Column>, sides: &[Side]) {
    let (left, right) = (lone(columns, sides, Side::Left), lone(columns, sides, Side::Right));
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (a, l) in left.iter().enumerate() {
        for (b, r) in right.iter().enumerate() {
            pairs.extend(likeness(l, r, &left, &right).map(|score| (score, a, b)));
        }
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut gone: Vec<usize> = Vec::new();
    let mut taken = HashSet::new();
    for (_, a, b) in pairs {
        let (l, r) = (left[a].at, right[b].at);
        if taken.contains(&l) || taken.contains(&r) {
            continue;
        }
        taken.extend([l, r]);
        let theirs = std::mem::replace(&mut columns[r], Column::none());
        merge(&mut columns[l], theirs);
        gone.push(r);
    }
    gone.sort_unstable_by(|a, b| b.cmp(a));
    gone.into_iter().for_each(|at| drop(columns.remove(at)));
}

fn lone(columns: &[Column], sides: &[Side], side: Side) -> Vec<Lone> {
    let only = |column: &Column| column.filled() > 0 && column.codes.iter().zip(sides).all(|(code, of)| *code == 0 || *of == side);
    let one = |(at, column): (usize, &Column)| {
        let kind = kind_of(column);
        let forms = column.values.iter().skip(1).take(LOOKED_AT).map(|value| form(kind, value)).collect();
        Lone { at, kind, forms }
    };
    columns.iter().enumerate().filter(|(_, column)| only(column)).map(one).collect()
}

/// A value as files of any make would agree on it.
fn form(kind: Option<Kind>, value: &str) -> String {
    match kind {
        Some(Kind::Date) => day_of(value).map_or_else(|| fold(value), |day| format!("{day:?}")),
        Some(Kind::Phone) => digits(value).chars().rev().take(8).collect(),
        _ => fold(value),
    }
}

/// How like two columns are; `None` where nothing says that they are the same.
fn likeness(l: &Lone, r: &Lone, left: &[Lone], right: &[Lone]) -> Option<f64> {
    let fewer = l.forms.len().min(r.forms.len()).max(1);
    let common = l.forms.intersection(&r.forms).count() as f64 / fewer as f64;
    let same_kind = l.kind.is_some() && l.kind == r.kind;
    let only = |all: &[Lone], kind: Option<Kind>| all.iter().filter(|other| other.kind == kind).count() == 1;
    let told = match (same_kind, fewer <= FEW) {
        (true, true) => common >= SHARED_OF_FEW,
        // One of its kind on both sides: other spelling may leave nothing in common.
        (true, false) => common >= SHARED || (only(left, l.kind) && only(right, r.kind)),
        (false, few) => common >= SHARED_OF_FEW && !few,
    };
    told.then_some(common + f64::from(u8::from(same_kind)))
}

fn merge(into: &mut Column, from: Column) {
    let codes = into.adopt(from);
    into.codes.iter_mut().zip(codes).filter(|(_, code)| *code != 0).for_each(|(slot, code)| *slot = code);
}
