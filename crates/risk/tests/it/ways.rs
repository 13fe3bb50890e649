//! The search for the cheapest way against trying all, and what applying it gives.

use std::collections::{BTreeMap, BTreeSet};

use data::mask::{Level, Mask};
use proptest::prelude::*;
use risk::{Aim, Ladder, Options, Part, Proposal, Role, Step, Table, anonymity, assess, diversity, parts, search};

use crate::{Dice, Row, table};

const NAMES: [&str; 4] = ["age", "place", "job", "ill"];

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let one = (18u32..60, 0usize..6, 0usize..3, 0usize..3, 0usize..20).prop_map(|(age, place, job, ill, gap)| {
        let places = ["330203", "330205", "330212", "331002", "331003", "320102"];
        let mut row: Row = vec![Some(age.to_string()), Some(places[place].to_owned()), Some(["cook", "smith", "clerk"][job].to_owned()), Some(ill.to_string())];
        if gap < 3 {
            row[gap] = None;
        }
        row
    });
    prop::collection::vec(one, 1..30)
}

fn ladders(held: &Table) -> Vec<Ladder> {
    let band = |width| Step::Mask(Mask::Band { width });
    let place = |level| Step::Mask(Mask::Place { level });
    vec![
        Ladder::with(held, 0, &[band(5.0), band(10.0), band(20.0)]).unwrap(),
        Ladder::with(held, 1, &[place(Level::City), place(Level::Province)]).unwrap(),
        Ladder::with(held, 2, &[Step::Prefix(1)]).unwrap(),
    ]
}

/// The loss of a combination, and rows left out, counted from the texts.
fn tried(rows: &[Row], ladders: &[Ladder], levels: &[usize], aim: &Aim) -> Option<f64> {
    let tell = |row: &Row| -> Vec<Option<String>> {
        (0..3).map(|at| ladders[at].rungs[levels[at]].step.apply(row[at].as_deref()).map(|told| told.into_owned())).collect()
    };
    let mut classes: BTreeMap<Vec<Option<String>>, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|row| classes.entry(tell(row)).or_default().push(row));
    let values = |at: usize| rows.iter().map(|row| row[at].clone()).collect::<BTreeSet<_>>();
    let (mut loss, mut left_out) = (0.0, 0);
    for (told, members) in &classes {
        let different: BTreeSet<_> = members.iter().map(|row| row[3].clone()).collect();
        if members.len() < aim.k as usize || different.len() < aim.l as usize {
            left_out += members.len();
            continue;
        }
        for at in 0..3 {
            let values = values(at);
            let step = ladders[at].rungs[levels[at]].step;
            let leaves = values.iter().filter(|value| step.apply(value.as_deref()).map(|told| told.into_owned()) == told[at]).count();
            if values.len() > 1 {
                loss += (leaves - 1) as f64 / (values.len() - 1) as f64 / 3.0 * members.len() as f64;
            }
        }
    }
    let fits = left_out < rows.len() && left_out as f64 <= aim.left_out * rows.len() as f64;
    fits.then_some((loss + left_out as f64) / rows.len() as f64)
}

fn told_parts(held: &Table) -> Vec<Part> {
    let roles = vec![(0, Role::Quasi), (1, Role::Quasi), (2, Role::Quasi), (3, Role::Sensitive)];
    parts(held, &[None; 4], &Options { roles, closed: true, ..Options::default() }).0
}

proptest! {
    #[test]
    fn nothing_cheaper_exists(rows in rows(), k in 1u32..6, l in 1u32..4, left_out in prop_oneof![Just(0.0), Just(0.1), Just(0.4)]) {
        let held = table(&NAMES, &rows);
        let ladders = ladders(&held);
        let aim = Aim { k, l, left_out, ..Aim::default() };
        let mut best: Option<f64> = None;
        for a in 0..ladders[0].rungs.len() {
            for b in 0..ladders[1].rungs.len() {
                for c in 0..ladders[2].rungs.len() {
                    let loss = tried(&rows, &ladders, &[a, b, c], &aim);
                    best = match (best, loss) { (Some(one), Some(other)) => Some(one.min(other)), (one, other) => one.or(other) };
                }
            }
        }
        let found = search(&held, &ladders, &[3], &aim);
        prop_assert_eq!(found.is_some(), best.is_some());
        if let (Some((levels, loss)), Some(best)) = (found, best) {
            prop_assert!((loss - best).abs() < 1e-9, "{loss} {best}");
            prop_assert!((tried(&rows, &ladders, &levels, &aim).unwrap() - loss).abs() < 1e-9);
        }
    }

    #[test]
    fn what_is_applied_keeps_to_the_limits(rows in rows(), k in 1u32..6, l in 1u32..4, left_out in prop_oneof![Just(0.0), Just(0.3)]) {
        let held = table(&NAMES, &rows);
        let aim = Aim { k, l, left_out, ..Aim::default() };
        let Some(proposal) = Proposal::find(&held, &told_parts(&held), &ladders(&held), &aim) else { return Ok(()) };
        let applied: Vec<Row> = rows.iter().filter_map(|row| {
            let row: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
            Some(proposal.apply(&row)?.into_iter().map(|value| value.map(|value| value.into_owned())).collect())
        }).collect();
        prop_assert_eq!(rows.len() - applied.len(), proposal.left_out as usize);
        let after = table(&NAMES, &applied);
        prop_assert!(anonymity(&after, &[0, 1, 2], k).k >= k);
        prop_assert!(diversity(&after, &[0, 1, 2], 3, l).distinct >= l);
        // Leaving rows out may only help those that stay: nobody's crowd shrinks below k.
        prop_assert!(applied.len() as f64 >= (1.0 - left_out) * rows.len() as f64 - 1e-9);
    }
}

#[test]
fn a_large_lattice_is_answered_within_its_effort() {
    let mut dice = Dice::new(7);
    let names: Vec<String> = (0..14).map(|at| format!("n{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows: Vec<Row> = (0..500).map(|_| (0..14).map(|_| Some((dice.below(9) * dice.below(9) * 11).to_string())).collect()).collect();
    let held = table(&names, &rows);
    let roles = (0..14).map(|at| (at, Role::Quasi)).collect();
    let found = assess(&held, &[None; 14], &Options { roles, ..Options::default() });
    assert!(!found.passes());
    let proposal = found.propose(&held, 0.05).expect("a way");
    assert!(!proposal.optimal, "ladders were thinned");
    let applied: Vec<Row> = rows.iter().filter_map(|row| {
        let row: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
        Some(proposal.apply(&row)?.into_iter().map(|value| value.map(|value| value.into_owned())).collect())
    }).collect();
    let all: Vec<usize> = (0..14).collect();
    assert!(anonymity(&table(&names, &applied), &all, 5).k >= 5);
}
