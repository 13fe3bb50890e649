//! Planted persons are caught, and sets without any pass: a hundred of each.

use risk::{Assessment, Limits, Options, Role, Table, assess, infos};

use crate::{Dice, Row, row, table};

const TRIALS: u64 = 100;
const ILL: [&str; 5] = ["高血压", "糖尿病", "胃炎", "肺炎", "哮喘"];

/// Rows of a register of patients in which everybody stands in a crowd of at least five with two diagnoses or more; some
/// combinations are nobody's. With them the combinations that are left free.
fn crowd(dice: &mut Dice, named: bool) -> (Vec<&'static str>, Vec<Row>, Vec<Vec<String>>) {
    let names = if named { vec!["性别", "年龄", "区划代码", "诊断"] } else { vec!["k1", "k2", "k3", "诊断"] };
    let values: [Vec<String>; 3] = if named {
        [vec!["男".into(), "女".into()], (0..6).map(|n| (20 + n * 9).to_string()).collect(), (0..4).map(|n| format!("33020{n}")).collect()]
    } else {
        [vec!["p".into(), "q".into()], (0..6).map(|n| format!("u{n}")).collect(), (0..4).map(|n| format!("w{n}")).collect()]
    };
    let (mut rows, mut free) = (Vec::new(), Vec::new());
    for a in 0..2 {
        for b in 0..6 {
            for c in 0..4 {
                let who = vec![values[0][a].clone(), values[1][b].clone(), values[2][c].clone()];
                // Not next to each other, so that every value, and every two, are common.
                if (a + b + c) % 4 == 3 && dice.below(3) > 0 {
                    free.push(who);
                    continue;
                }
                let size = 5 + dice.below(6);
                let first = dice.below(5);
                for n in 0..size {
                    rows.push(row(&[&who[0], &who[1], &who[2], ILL[(first + n % 3) % 5]]));
                }
            }
        }
    }
    dice.shuffle(&mut rows);
    (names, rows, free)
}

fn measured(held: &Table) -> Assessment {
    assess(held, &infos(held, None), &Options { limits: Limits { k: 5, l: 2, t: None }, ..Options::default() })
}

#[test]
fn planted_persons_are_caught_and_safe_sets_pass() {
    let (mut caught, mut passed) = (0, 0);
    for seed in 0..TRIALS {
        let mut dice = Dice::new(seed);
        let (names, mut rows, free) = crowd(&mut dice, seed % 2 == 0);
        let held = table(&names, &rows);
        let safe = measured(&held);
        passed += u32::from(safe.passes());
        assert!(safe.passes(), "seed {seed}: {:?} {:?}", safe.reasons, safe.parts);

        // One to three persons whom nobody is like, though each of their values is common.
        let mut planted = Vec::new();
        for who in free.iter().take(1 + dice.below(3)) {
            let at = dice.below(rows.len());
            planted.iter_mut().filter(|other| **other >= at).for_each(|other| *other += 1);
            rows.insert(at, row(&[&who[0], &who[1], &who[2], ILL[dice.below(5)]]));
            planted.push(at);
        }
        assert!(!planted.is_empty(), "seed {seed}");
        planted.sort_unstable();
        let held = table(&names, &rows);
        let found = measured(&held);
        let below: Vec<usize> = found.rows_below(&held, 100).into_iter().map(|row| row as usize).collect();
        caught += u32::from(!found.passes() && below == planted);
        assert_eq!(below, planted, "seed {seed}");
        assert_eq!(found.of(Role::Sensitive).collect::<Vec<_>>(), [3]);

        let proposal = found.propose(&held, 0.02).unwrap_or_else(|| panic!("seed {seed}: no way"));
        let applied: Vec<Row> = rows.iter().filter_map(|row| {
            let row: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
            Some(proposal.apply(&row)?.into_iter().map(|value| value.map(|value| value.into_owned())).collect())
        }).collect();
        let roles = found.parts.iter().map(|part| (part.column, part.role)).collect();
        let after = table(&names, &applied);
        assert!(assess(&after, &infos(&after, None), &Options { roles, ..Options::default() }).passes(), "seed {seed}");
    }
    assert_eq!((caught, passed), (100, 100));
}

#[test]
fn a_column_of_names_is_no_quasi_identifier_but_names_persons() {
    let rows: Vec<Row> = (0..40).map(|n| row(&[&format!("{:018}", 330_203_000_000_000_000u64 + n), ["男", "女"][n as usize % 2]])).collect();
    let held = table(&["no", "性别"], &rows);
    let found = measured(&held);
    assert_eq!(found.of(Role::Direct).collect::<Vec<_>>(), [0]);
    assert!(!found.passes());
    let proposal = found.propose(&held, 0.0).expect("a way");
    assert_eq!(proposal.apply(&[Some("330203000000000001"), Some("男")]).unwrap(), [Some("***".into()), Some("男".into())]);
}

#[test]
fn a_list_of_companies_is_about_no_person() {
    let rows: Vec<Row> = (0..40).map(|n| row(&[&format!("宁波市第{n}贸易有限公司"), &format!("宁波市海曙区中山西路{n}号"), &(n * 31).to_string()])).collect();
    let held = table(&["企业名称", "注册地址", "注册资本"], &rows);
    let found = measured(&held);
    assert!(found.passes(), "{:?}", found.parts);
}
