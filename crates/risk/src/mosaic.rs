//! The mosaic: who can be recognised when a table is put together with what is already open, other tables or earlier
//! versions of the same.
//!
//! The attacker knows what the quasi-identifiers say of a person, finds in each opening the rows that fit, and strikes out
//! those that have nobody in the other openings who says the same in the columns that both publish. Whose row is whose, the
//! attacker does not know; the caller does, and so the measure counts the persons who remain.
//!
//! Memory: about forty bytes a row for each opening, and eight a row of either for each pair of openings.

use hashbrown::HashMap;
use serde::Serialize;

use crate::class::{Plain, scatter};
use crate::narrow::{Crowd, Link, hashes, narrow};
use crate::table::Table;

/// The share of persons in both openings of whom a column must say the same for an attacker to join by it.
const AGREEING: f64 = 0.9;
/// Persons by whom that is told.
const ASKED_MOST: usize = 20_000;

/// A table that is open, or about to be.
pub struct Opening {
    pub name: String,
    pub table: Table,
    /// Who each row is about, in numbers of the caller's.
    pub entities: Vec<u64>,
    pub quasi: Vec<usize>,
    pub sensitive: Vec<usize>,
}

/// A person who does not hide well enough when openings are put together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exposed {
    #[serde(skip)]
    pub entity: u64,
    /// The row in the first opening.
    pub row: u32,
    /// Persons among whom the row hides in the first opening alone.
    pub alone: u32,
    /// Persons who remain, in the opening where fewest do.
    pub k: u32,
    /// Values of a sensitive column that remain, where fewest do; 0: none is sensitive.
    pub l: u32,
    /// The least that does it: openings with their columns. Columns of the same name are those by which they are joined.
    pub by: Vec<(String, Vec<String>)>,
}

/// All openings together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Joint {
    /// Rows of the first opening that were looked at.
    pub looked: u64,
    /// Rows that were not, because the effort was spent. The smallest crowds are looked at first.
    pub left: u64,
    /// Persons in the smallest crowd of the first opening alone, and of all together.
    pub k_alone: u32,
    pub k: u32,
    /// Rows below k or l, in the first opening alone and together.
    pub below_alone: u64,
    pub below: u64,
    /// Pairs of openings with the columns by which they can be joined.
    pub joins: Vec<(String, String, Vec<String>)>,
    /// Persons who hide well enough in the first opening and not in all together, the most exposed first.
    pub exposed: Vec<Exposed>,
}

/// The first opening is the new one.
pub struct Mosaic {
    openings: Vec<Opening>,
    crowds: Vec<Crowd>,
    links: Vec<Link>,
    /// For each opening its rows in the order of their entities.
    order: Vec<Vec<u32>>,
}

/// The classes in which a person stands, and by which links.
type Standing = (Vec<Option<u32>>, u64);

impl Mosaic {
    /// Of more than eleven openings (fifty-five pairs) only the first eleven are put together.
    pub fn new(mut openings: Vec<Opening>) -> Mosaic {
        openings.truncate(11);
        let crowds = openings.iter().map(|opening| Crowd::of(&opening.table, &opening.quasi)).collect();
        let ordered = |opening: &Opening| {
            let mut rows: Vec<u32> = (0..opening.entities.len().min(opening.table.rows()) as u32).collect();
            rows.sort_by_key(|row| opening.entities[*row as usize]);
            rows
        };
        let order = openings.iter().map(ordered).collect();
        let mut mosaic = Mosaic { openings, crowds, links: Vec::new(), order };
        for a in 0..mosaic.openings.len() {
            for b in a + 1..mosaic.openings.len() {
                let columns = mosaic.shared(a, b);
                if !columns.is_empty() {
                    mosaic.links.push(Link::new(&mosaic.openings, a, b, columns));
                }
            }
        }
        mosaic
    }

    fn rows_of(&self, opening: usize, entity: u64) -> &[u32] {
        let (Some(order), Some(held)) = (self.order.get(opening), self.openings.get(opening)) else { return &[] };
        let of = |row: &u32| held.entities[*row as usize];
        let from = order.partition_point(|row| of(row) < entity);
        let count = order[from..].partition_point(|row| of(row) == entity);
        &order[from..from + count]
    }

    /// Columns of the same name that say the same of the persons who are in both.
    fn shared(&self, a: usize, b: usize) -> Vec<(usize, usize)> {
        let (left, right) = (&self.openings[a], &self.openings[b]);
        let step = (self.order[a].len() / ASKED_MOST).max(1);
        let asked = self.order[a].iter().step_by(step).filter_map(|row| {
            let entity = left.entities[*row as usize];
            Some((*row as usize, *self.rows_of(b, entity).first()? as usize))
        });
        let pairs: Vec<(usize, usize)> = asked.collect();
        let agree = |one: usize, other: usize| {
            let (one, other) = (&left.table.columns[one], &right.table.columns[other]);
            if pairs.is_empty() || !one.is_read() || !other.is_read() {
                return false;
            }
            let (of_one, of_other) = (hashes(one), hashes(other));
            let same = pairs.iter().filter(|(a, b)| of_one[one.codes[*a] as usize] == of_other[other.codes[*b] as usize]).count();
            same as f64 >= AGREEING * pairs.len() as f64
        };
        let named = left.table.columns.iter().enumerate().filter_map(|(at, column)| Some((at, right.table.place(&column.name)?)));
        named.filter(|(one, other)| agree(*one, *other)).collect()
    }

    /// Where a row's person stands: in each opening the row that agrees with this one, else the person's first.
    fn standing(&self, row: u32) -> (Vec<Option<u32>>, Standing) {
        let entity = self.openings[0].entities[row as usize];
        let mut rows: Vec<Option<u32>> = vec![Some(row)];
        for other in 1..self.openings.len() {
            let own = self.rows_of(other, entity);
            let link = self.links.iter().find(|link| link.a == 0 && link.b == other);
            let agreeing = link.and_then(|link| own.iter().find(|candidate| link.agrees(row, **candidate)));
            rows.push(agreeing.or(own.first()).copied());
        }
        let classes = rows.iter().zip(&self.crowds).map(|(row, crowd)| row.and_then(|row| crowd.classes.of.get(row as usize).copied())).collect();
        let mut by = 0;
        for (at, link) in self.links.iter().enumerate() {
            if let (Some(a), Some(b)) = (rows[link.a], rows[link.b]) {
                by |= u64::from(link.agrees(a, b)) << at;
            }
        }
        (rows, (classes, by))
    }

    /// Measures every row of the first opening. `effort` bounds the candidates that are looked at, `named` how many
    /// persons are told.
    pub fn measure(&self, k: u32, l: u32, effort: u64, named: usize) -> Joint {
        let mut told = Joint { k: u32::MAX, k_alone: u32::MAX, ..Joint::default() };
        let Some(first) = self.openings.first() else { return Joint::default() };
        told.joins = self.links.iter().map(|link| self.join(link)).collect();
        let rows = first.entities.len().min(first.table.rows());
        if rows == 0 {
            return Joint { joins: told.joins, ..Joint::default() };
        }
        // Rows that stand alike have the same left of them.
        let mut places: Vec<(u64, u32)> = (0..rows as u32).map(|row| (key(&self.standing(row).1), row)).collect();
        places.sort_unstable();
        let mut groups: Vec<(usize, &[(u64, u32)])> = places.chunk_by(|a, b| a.0 == b.0).map(|rows| (self.size(rows[0].1), rows)).collect();
        groups.sort_by_key(|(size, rows)| (*size, rows[0].1));
        let (mut effort, mut exposed) = (effort, Vec::new());
        let mut alone: HashMap<u32, (u32, u32), Plain> = HashMap::with_hasher(Plain);
        for (size, rows) in groups {
            let Some(left) = effort.checked_sub(size as u64) else {
                told.left += rows.len() as u64;
                continue;
            };
            effort = left;
            let (_, standing) = self.standing(rows[0].1);
            let class = standing.0[0].unwrap_or(0);
            let own = *alone.entry(class).or_insert_with(|| self.left(&[Some(self.crowds[0].rows(class).to_vec())]));
            let together = self.remaining(&standing);
            told.looked += rows.len() as u64;
            told.k_alone = told.k_alone.min(own.0);
            told.k = told.k.min(together.0);
            let bad = |(persons, values): (u32, u32)| persons < k || (values > 0 && values < l);
            told.below_alone += if bad(own) { rows.len() as u64 } else { 0 };
            told.below += if bad(together) { rows.len() as u64 } else { 0 };
            if bad(together) && !bad(own) {
                exposed.extend(rows.iter().map(|(_, row)| (together.0, together.1, *row, own.0)));
            }
        }
        exposed.sort_unstable();
        told.exposed = exposed.into_iter().take(named).map(|(persons, values, row, alone)| {
            let by = self.least(row, k, l);
            Exposed { entity: first.entities[row as usize], row, alone, k: persons, l: values, by }
        }).collect();
        told
    }

    fn join(&self, link: &Link) -> (String, String, Vec<String>) {
        let (a, b) = (&self.openings[link.a], &self.openings[link.b]);
        (a.name.clone(), b.name.clone(), link.columns.iter().map(|(at, _)| a.table.columns[*at].name.clone()).collect())
    }

    /// How many candidates a row's person has in all openings.
    fn size(&self, row: u32) -> usize {
        let (_, (classes, _)) = self.standing(row);
        classes.iter().zip(&self.crowds).filter_map(|(class, crowd)| class.map(|class| crowd.rows(class).len())).sum()
    }

    fn remaining(&self, standing: &Standing) -> (u32, u32) {
        let candidates = standing.0.iter().zip(&self.crowds).map(|(class, crowd)| class.map(|class| crowd.rows(class).to_vec())).collect();
        let links: Vec<&Link> = self.links.iter().enumerate().filter(|(at, _)| standing.1 >> at & 1 == 1).map(|(_, link)| link).collect();
        self.left(&narrow(candidates, &links))
    }

    /// Persons, and values of a sensitive column, where fewest are left.
    fn left(&self, candidates: &[Option<Vec<u32>>]) -> (u32, u32) {
        let (mut persons, mut values) = (u32::MAX, u32::MAX);
        for (opening, rows) in self.openings.iter().zip(candidates).filter_map(|(opening, rows)| Some((opening, rows.as_ref()?))) {
            persons = persons.min(different(rows.iter().filter_map(|row| opening.entities.get(*row as usize).copied())));
            for column in opening.sensitive.iter().filter_map(|at| opening.table.columns.get(*at)) {
                values = values.min(different(rows.iter().filter_map(|row| column.codes.get(*row as usize).map(|code| u64::from(*code)))));
            }
        }
        (persons, if values == u32::MAX { 0 } else { values })
    }

    /// The least that leaves too few of a row's person: openings and columns are left away as long as it still does.
    fn least(&self, row: u32, k: u32, l: u32) -> Vec<(String, Vec<String>)> {
        let (rows, (_, by)) = self.standing(row);
        let mut quasi: Vec<Option<Vec<usize>>> = rows.iter().zip(&self.openings).map(|(row, opening)| row.map(|_| opening.quasi.clone())).collect();
        let mut joined: Vec<Vec<(usize, usize)>> =
            self.links.iter().enumerate().map(|(at, link)| if by >> at & 1 == 1 { link.columns.clone() } else { Vec::new() }).collect();
        let enough = |quasi: &[Option<Vec<usize>>], joined: &[Vec<(usize, usize)>]| {
            let (persons, values) = self.with(&rows, quasi, joined);
            persons < k || (values > 0 && values < l)
        };
        for other in (1..quasi.len()).rev() {
            let without: Vec<_> = quasi.iter().enumerate().map(|(at, columns)| if at == other { None } else { columns.clone() }).collect();
            if enough(&without, &joined) {
                quasi = without;
            }
        }
        for at in 0..quasi.len() {
            for column in quasi[at].clone().unwrap_or_default() {
                let mut without = quasi.clone();
                without[at].iter_mut().for_each(|columns| columns.retain(|other| *other != column));
                if enough(&without, &joined) {
                    quasi = without;
                }
            }
        }
        for at in 0..joined.len() {
            for pair in joined[at].clone() {
                let mut without = joined.clone();
                without[at].retain(|other| *other != pair);
                if enough(&quasi, &without) {
                    joined = without;
                }
            }
        }
        self.named(&quasi, &joined)
    }

    fn named(&self, quasi: &[Option<Vec<usize>>], joined: &[Vec<(usize, usize)>]) -> Vec<(String, Vec<String>)> {
        let mut told = Vec::new();
        for (at, (opening, columns)) in self.openings.iter().zip(quasi).enumerate() {
            let Some(columns) = columns else { continue };
            let mut used = columns.clone();
            for (link, pairs) in self.links.iter().zip(joined).filter(|(link, _)| quasi[link.a].is_some() && quasi[link.b].is_some()) {
                used.extend(pairs.iter().filter(|_| link.a == at).map(|(a, _)| *a));
                used.extend(pairs.iter().filter(|_| link.b == at).map(|(_, b)| *b));
            }
            used.sort_unstable();
            used.dedup();
            let names = used.iter().filter_map(|at| opening.table.columns.get(*at)).map(|column| column.name.clone());
            told.push((opening.name.clone(), names.collect()));
        }
        told
    }

    /// What is left of one person by some columns only.
    fn with(&self, rows: &[Option<u32>], quasi: &[Option<Vec<usize>>], joined: &[Vec<(usize, usize)>]) -> (u32, u32) {
        let candidates = rows.iter().zip(quasi).zip(&self.openings).map(|((row, quasi), opening)| {
            let (row, quasi) = (row.as_ref()?, quasi.as_ref()?);
            let like = |other: &u32| quasi.iter().all(|at| {
                let codes = &opening.table.columns[*at].codes;
                codes[*other as usize] == codes[*row as usize]
            });
            Some((0..opening.table.rows() as u32).filter(like).collect())
        });
        let used = || self.links.iter().zip(joined).filter(|(_, columns)| !columns.is_empty());
        let fewer = used().filter(|(link, columns)| link.columns != **columns);
        let fewer: Vec<Link> = fewer.map(|(link, columns)| Link::new(&self.openings, link.a, link.b, columns.clone())).collect();
        let whole = used().filter(|(link, columns)| link.columns == **columns).map(|(link, _)| link);
        self.left(&narrow(candidates.collect(), &whole.chain(&fewer).collect::<Vec<_>>()))
    }
}

fn key(standing: &Standing) -> u64 {
    let classes = standing.0.iter().map(|class| class.map_or(0, |class| u64::from(class) + 1));
    classes.fold(scatter(standing.1), |key, class| scatter(key.rotate_left(13) ^ class))
}

fn different(values: impl Iterator<Item = u64>) -> u32 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.dedup();
    values.len() as u32
}
