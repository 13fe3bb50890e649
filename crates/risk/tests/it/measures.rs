//! Measures against plain counting, and their laws.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use risk::{Diversity, Ladder, anonymity, closeness, diversity, uniques};

use crate::{Dice, Row, table};

const NAMES: [&str; 4] = ["a", "b", "c", "s"];

/// Small values, so that rows meet; some are missing.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let cell = prop_oneof![1 => Just(None), 6 => (0u8..4).prop_map(|number| Some(number.to_string()))];
    prop::collection::vec(prop::collection::vec(cell, 4), 1..40)
}

/// Rows by what they say in the columns.
fn grouped<'r>(rows: &'r [Row], columns: &[usize]) -> BTreeMap<Vec<&'r Option<String>>, Vec<&'r Row>> {
    let mut groups: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(columns.iter().map(|at| &row[*at]).collect()).or_default().push(row);
    }
    groups
}

fn counts(rows: &[&Row]) -> BTreeMap<Option<String>, usize> {
    let mut counts = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row[3].clone()).or_default() += 1);
    counts
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

proptest! {
    #[test]
    fn measures_are_what_counting_says(rows in rows(), k in 1u32..6, l in 1u32..4) {
        let quasi = [0, 1, 2];
        let held = table(&NAMES, &rows);
        let groups = grouped(&rows, &quasi);
        let sizes: Vec<usize> = groups.values().map(Vec::len).collect();
        let told = anonymity(&held, &quasi, k);
        prop_assert_eq!(told.k as usize, *sizes.iter().min().unwrap());
        prop_assert_eq!(told.unique as usize, sizes.iter().filter(|size| **size == 1).count());
        prop_assert_eq!(told.below as usize, sizes.iter().filter(|size| **size < k as usize).sum::<usize>());
        prop_assert_eq!(told.histogram.iter().map(|bucket| bucket.rows).sum::<u64>() as usize, rows.len());

        let all: Vec<&Row> = rows.iter().collect();
        let overall = counts(&all);
        let share = |counts: &BTreeMap<Option<String>, usize>, value: &Option<String>, of: usize| counts.get(value).copied().unwrap_or(0) as f64 / of as f64;
        let (mut distinct, mut entropy, mut equal, mut ordered, mut below) = (usize::MAX, f64::MAX, 0f64, 0f64, 0);
        for group in groups.values() {
            let inside = counts(group);
            distinct = distinct.min(inside.len());
            below += if inside.len() < l as usize { group.len() } else { 0 };
            entropy = entropy.min(-inside.values().map(|count| *count as f64 / group.len() as f64).map(|p| p * p.ln()).sum::<f64>());
            let apart: Vec<f64> = overall.keys().map(|value| share(&inside, value, group.len()) - share(&overall, value, rows.len())).collect();
            equal = equal.max(apart.iter().map(|part| part.abs()).sum::<f64>() / 2.0);
            let mut carried = 0.0;
            let work: f64 = apart.iter().map(|part| { carried += part; f64::abs(carried) }).sum();
            ordered = ordered.max(if apart.len() > 1 { work / (apart.len() - 1) as f64 } else { 0.0 });
        }
        let told = diversity(&held, &quasi, 3, l);
        prop_assert_eq!(told.distinct as usize, distinct);
        prop_assert!(near(told.entropy, entropy.exp()));
        prop_assert_eq!(told.below as usize, below);
        for rank in 1..=distinct {
            let ratio = groups.values().map(|group| {
                let mut ranked: Vec<usize> = counts(group).into_values().collect();
                ranked.sort_unstable_by(|a, b| b.cmp(a));
                ranked[0] as f64 / ranked[rank - 1..].iter().sum::<usize>() as f64
            }).fold(0.0, f64::max);
            prop_assert!(near(Diversity::recursive_for(&held, &quasi, 3, rank as u32).unwrap(), ratio));
        }
        prop_assert_eq!(Diversity::recursive_for(&held, &quasi, 3, distinct as u32 + 1), None);
        let told = closeness(&held, &quasi, 3);
        prop_assert!(near(told.equal, equal), "{} {}", told.equal, equal);
        if let Some(told) = told.ordered {
            prop_assert!(near(told, ordered), "{} {}", told, ordered);
        }
    }

    #[test]
    fn the_order_of_rows_and_columns_says_nothing(rows in rows(), seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let mut shuffled = rows.clone();
        dice.shuffle(&mut shuffled);
        let (one, other) = (table(&NAMES, &rows), table(&NAMES, &shuffled));
        prop_assert_eq!(anonymity(&one, &[0, 1, 2], 3), anonymity(&other, &[2, 0, 1], 3));
        let (one_told, other_told) = (diversity(&one, &[0, 1], 3, 2), diversity(&other, &[1, 0], 3, 2));
        prop_assert!(near(one_told.entropy, other_told.entropy));
        prop_assert_eq!(one_told.recursive, other_told.recursive);
        let all = |held| uniques(held, &[0, 1, 2, 3], 3, u64::MAX).found.into_iter().map(|one| (one.columns, one.unique, one.minimal)).collect::<BTreeSet<_>>();
        prop_assert_eq!(all(&one), all(&other));
    }

    #[test]
    fn minimal_uniques_are_what_trying_all_finds(rows in rows()) {
        let held = table(&NAMES, &rows);
        let told: BTreeMap<Vec<usize>, (u64, u64)> = uniques(&held, &[0, 1, 2, 3], 3, u64::MAX).found.into_iter().map(|one| (one.columns, (one.unique, one.minimal))).collect();
        let alone = |columns: &[usize], row: &Row| rows.iter().filter(|other| columns.iter().all(|at| other[*at] == row[*at])).count() == 1;
        let mut right = BTreeMap::new();
        for mask in 1usize..16 {
            let columns: Vec<usize> = (0..4).filter(|at| mask >> at & 1 == 1).collect();
            if columns.len() > 3 {
                continue;
            }
            let parts: Vec<Vec<usize>> = columns.iter().map(|left| columns.iter().copied().filter(|at| at != left).collect()).collect();
            let unique: Vec<&Row> = rows.iter().filter(|row| alone(&columns, row)).collect();
            let minimal = unique.iter().filter(|row| rows.len() == 1 || !parts.iter().any(|part| !part.is_empty() && alone(part, row))).count();
            let constant = columns.iter().any(|at| rows.iter().all(|row| row[*at] == rows[0][*at]));
            if minimal > 0 && !constant {
                right.insert(columns, (unique.len() as u64, minimal as u64));
            }
        }
        prop_assert_eq!(told, right);
    }

    #[test]
    fn a_higher_rung_never_lowers_k_nor_the_loss(ages in prop::collection::vec((0u32..90, 0u32..30), 2..60)) {
        let rows: Vec<Row> = ages.iter().map(|(age, day)| vec![Some(age.to_string()), Some(format!("19{:02}-{:02}-{:02}", 40 + age / 2, day % 12 + 1, day + 1).replace("-30", "-28"))]).collect();
        let held = table(&["age", "born"], &rows);
        let ladders: Vec<Ladder> = (0..2).map(|at| Ladder::of(&held, at, None).unwrap()).collect();
        let told = |levels: [usize; 2]| {
            let rows: Vec<Row> = rows.iter().map(|row| {
                row.iter().zip(&ladders).zip(levels).map(|((value, ladder), level)| ladder.rungs[level].step.apply(value.as_deref()).map(|told| told.into_owned())).collect()
            }).collect();
            anonymity(&table(&["age", "born"], &rows), &[0, 1], 2).k
        };
        for a in 0..ladders[0].rungs.len() {
            for b in 0..ladders[1].rungs.len() {
                if a > 0 {
                    prop_assert!(told([a, b]) >= told([a - 1, b]));
                    prop_assert!(ladders[0].rungs[a].loss >= ladders[0].rungs[a - 1].loss);
                }
                if b > 0 {
                    prop_assert!(told([a, b]) >= told([a, b - 1]));
                }
            }
        }
    }
}

#[test]
fn a_ladder_fits_what_a_column_holds() {
    let days: Vec<Row> = (0..400).map(|n| vec![Some(format!("{}-{:02}-{:02}", 1950 + n % 20, n / 20 % 12 + 1, n % 28 + 1)), Some(format!("3302{:02}", n % 13)), Some((n * 37 % 5000).to_string()), Some(format!("121.{:04},29.{:04}", n * 97 % 9999, n * 61 % 9999))]).collect();
    let held = table(&["出生日期", "区划代码", "金额", "坐标"], &days);
    let found = risk::infos(&held, None);
    let spelled = |at: usize| Ladder::of(&held, at, found[at]).unwrap().rungs.iter().map(|rung| rung.step.spelled()).collect::<Vec<_>>().join(" ");
    assert_eq!(spelled(0), "whole date(month) date(quarter) date(year) date(five_years) hide");
    assert!(spelled(1).starts_with("whole") && spelled(1).ends_with("hide"), "{}", spelled(1));
    assert!(spelled(2).contains("band(500) band(1000)"), "{}", spelled(2));
    assert!(spelled(3).contains("grid(10)"), "{}", spelled(3));
}
