//! Openings put together: planted persons, composition, and trying all.

use std::collections::BTreeSet;

use risk::{Limits, Mosaic, Opening, Options, Role, assess};

use crate::{Dice, Row, row, table};

fn opening(name: &str, names: &[&str], rows: Vec<(u64, Row)>, quasi: &[usize], sensitive: &[usize]) -> Opening {
    let (entities, rows): (Vec<u64>, Vec<Row>) = rows.into_iter().unzip();
    Opening { name: name.to_owned(), table: table(names, &rows), entities, quasi: quasi.to_vec(), sensitive: sensitive.to_vec() }
}

/// Two openings about the same persons that share a receipt, which is no quasi-identifier: every district and age meet in
/// eight persons, but for one pair of them in which there is nobody, or a single planted person.
fn pair(dice: &mut Dice, planted: bool, shared_receipts: bool) -> (Vec<Opening>, Option<u64>) {
    let gap = (dice.below(5), dice.below(5));
    let (mut left, mut right, mut who, mut alone) = (Vec::new(), Vec::new(), 0u64, None);
    for district in 0..5 {
        for age in 0..5 {
            let size = match (district, age) == gap {
                true => usize::from(planted),
                false => 8,
            };
            for n in 0..size {
                who += 1;
                if (district, age) == gap {
                    alone = Some(who);
                }
                // Two persons of the same district and age may have one receipt.
                let receipt = if shared_receipts && size == 8 { format!("r{district}{age}{}", n / 2) } else { format!("r{district}{age}{n}") };
                left.push((who, row(&[&format!("33020{district}"), &receipt, "bus"])));
                right.push((who, row(&[&format!("{}0-{}9", age + 2, age + 2), &receipt, "0"])));
            }
        }
    }
    dice.shuffle(&mut left);
    dice.shuffle(&mut right);
    let left = opening("rides", &["district", "receipt", "kind"], left, &[0], &[]);
    let right = opening("cards", &["age", "receipt", "kind"], right, &[0], &[]);
    (vec![left, right], alone)
}

#[test]
fn who_can_be_named_by_two_openings_is_caught() {
    for seed in 0..100 {
        let mut dice = Dice::new(seed);
        let (openings, alone) = pair(&mut dice, true, seed % 2 == 0);
        for one in &openings {
            let roles = vec![(0, Role::Quasi)];
            let options = Options { roles, closed: true, limits: Limits { k: 5, l: 1, t: None }, ..Options::default() };
            assert_eq!(assess(&one.table, &[None; 3], &options).anonymity.below, 0, "each alone is safe");
        }
        let told = Mosaic::new(openings).measure(5, 1, u64::MAX, 50);
        assert_eq!(told.exposed.iter().map(|one| one.entity).collect::<Vec<_>>(), [alone.unwrap()], "seed {seed}");
        let one = &told.exposed[0];
        assert_eq!((one.k, told.k, told.below, told.below_alone), (1, 1, 1, 0));
        let by: Vec<(&str, Vec<&str>)> = one.by.iter().map(|(name, columns)| (name.as_str(), columns.iter().map(String::as_str).collect())).collect();
        assert_eq!(by, [("rides", vec!["district", "receipt"]), ("cards", vec!["age", "receipt"])]);

        let (openings, _) = pair(&mut dice, false, seed % 2 == 0);
        let told = Mosaic::new(openings).measure(5, 1, u64::MAX, 50);
        assert_eq!((told.exposed.len(), told.below, told.k), (0, 0, 8), "seed {seed}");
    }
}

#[test]
fn two_safe_releases_of_overlapping_people_tell_a_diagnosis() {
    let names = ["place", "diagnosis"];
    // In both, the person with id 1 stands among five with three diagnoses; only one of these is in both crowds.
    let ill = |first: [&str; 5]| first.iter().map(|ill| (*ill).to_owned()).collect::<Vec<_>>();
    let release = |place: &str, first: u64, ill: Vec<String>| -> Vec<(u64, Row)> {
        ill.into_iter().enumerate().map(|(n, ill)| (if n == 0 { 1 } else { first + n as u64 }, row(&[place, &ill]))).collect()
    };
    let one = opening("2025", &names, release("3302**", 100, ill(["cancer", "flu", "flu", "cold", "cold"])), &[0], &[1]);
    let other = opening("2026", &names, release("330203", 200, ill(["cancer", "burn", "burn", "gout", "gout"])), &[0], &[1]);
    let told = Mosaic::new(vec![other, one]).measure(2, 2, u64::MAX, 10);
    let exposed = told.exposed.iter().find(|one| one.entity == 1).expect("caught");
    assert_eq!((exposed.alone, exposed.k, exposed.l), (5, 1, 1));
    assert_eq!(told.joins.len(), 1);
}

#[test]
fn three_openings_agree_with_trying_all() {
    for seed in 0..60 {
        let mut dice = Dice::new(1000 + seed);
        let size = 12 + dice.below(20);
        // Each publishes a quasi-identifier of its own and two columns that others publish too; not everybody is in each.
        let people: Vec<[usize; 5]> = (0..size).map(|_| [dice.below(3), dice.below(3), dice.below(3), dice.below(4), dice.below(3)]).collect();
        let openings: Vec<Opening> = (0..3).map(|at| {
            let here = people.iter().enumerate().filter(|(who, _)| at == 0 || (who + at) % 4 > 0);
            let rows = here.map(|(who, one)| (who as u64, row(&[&one[at].to_string(), &one[3].to_string(), &one[4].to_string()])));
            opening(&format!("o{at}"), &[&format!("q{at}"), "x", "y"], rows.collect(), &[0], &[])
        }).collect();
        let held: Vec<Vec<(u64, Vec<usize>)>> = (0..3).map(|at| {
            let here = people.iter().enumerate().filter(|(who, _)| at == 0 || (who + at) % 4 > 0);
            here.map(|(who, one)| (who as u64, vec![one[at], one[3], one[4]])).collect()
        }).collect();
        let told = Mosaic::new(openings).measure(4, 1, u64::MAX, 1000);
        let mut right = BTreeSet::new();
        for who in 0..size as u64 {
            let crowd = |at: usize| -> Option<Vec<(u64, Vec<usize>)>> {
                let own = held[at].iter().find(|(other, _)| *other == who)?.1[0];
                Some(held[at].iter().filter(|(_, values)| values[0] == own).cloned().collect())
            };
            let mut crowds: Vec<Vec<(u64, Vec<usize>)>> = (0..3).filter_map(crowd).collect();
            let alone = crowds[0].len();
            loop {
                let before: usize = crowds.iter().map(Vec::len).sum();
                for a in 0..crowds.len() {
                    for b in 0..crowds.len() {
                        let said: BTreeSet<Vec<usize>> = crowds[b].iter().map(|(_, values)| values[1..].to_vec()).collect();
                        crowds[a].retain(|(_, values)| said.contains(&values[1..]));
                    }
                }
                if crowds.iter().map(Vec::len).sum::<usize>() == before {
                    break;
                }
            }
            let left = crowds.iter().map(Vec::len).min().unwrap();
            if left < 4 && alone >= 4 {
                right.insert((who, left as u32, alone as u32));
            }
        }
        let found: BTreeSet<(u64, u32, u32)> = told.exposed.iter().map(|one| (one.entity, one.k, one.alone)).collect();
        assert_eq!(found, right, "seed {seed}");
        assert!(told.exposed.iter().all(|one| !one.by.is_empty() && one.by.len() <= 3));
    }
}

#[test]
fn what_the_effort_does_not_reach_is_told() {
    let (openings, _) = pair(&mut Dice::new(5), true, false);
    let told = Mosaic::new(openings).measure(5, 1, 90, 10);
    assert!(told.left > 0 && told.looked + told.left == 193);
}
