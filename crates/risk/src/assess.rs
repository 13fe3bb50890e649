//! The measure of a whole table, and whether it may be opened as it is.

use data::grade::InfoType;
use kernel::Text;
use serde::Serialize;

use crate::class::Classes;
use crate::diversity::{Closeness, Counted, Diversity};
use crate::ladder::Ladder;
use crate::lattice::Aim;
use crate::measure::{Anonymity, by, of_sizes};
use crate::proposal::Proposal;
use crate::role::{Part, Role, parts};
use crate::table::Table;
use crate::unique::Uniques;

/// What a table must keep to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Rows in every class.
    pub k: u32,
    /// Different values of each sensitive column in every class.
    pub l: u32,
    /// The farthest that a class may be from all rows; `None`: as far as it likes.
    pub t: Option<f64>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { k: 5, l: 2, t: None }
    }
}

/// How a table is looked at.
#[derive(Clone, Debug)]
pub struct Options {
    pub limits: Limits,
    /// Roles that a person has said, by column.
    pub roles: Vec<(usize, Role)>,
    /// Whether these are all: of the other columns only direct identifiers are looked for.
    pub closed: bool,
    /// Whether the table is about persons; told from its columns when absent.
    pub persons: Option<bool>,
    /// So many columns are combined in the search for what singles rows out.
    pub combined: usize,
    /// Rows that may be visited in that search, each as often as there are combinations.
    pub effort: u64,
    /// Rows of groups that are named.
    pub named: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { limits: Limits::default(), roles: Vec::new(), closed: false, persons: None, combined: 3, effort: 400_000_000, named: 20 }
    }
}

/// Why a table must not be opened as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A column that names persons.
    Direct { column: usize },
    /// Rows in classes that are too small.
    Small { rows: u64, k: u32 },
    /// Rows in classes whose members all have (nearly) the same.
    Alike { column: usize, rows: u64, l: u32 },
    /// A class that tells much more than the whole table does.
    Far { column: usize, t: f64 },
    /// The whole table has fewer rows than a class should have.
    Few { rows: u64 },
}

/// Rows that hide worst: the values of the quasi-identifiers they share.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    pub size: u32,
    /// The first row of it, from 0.
    pub row: u32,
    #[serde(skip)]
    pub values: Vec<Option<String>>,
}

/// A sensitive column, measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensitive {
    pub column: usize,
    pub diversity: Diversity,
    pub closeness: Closeness,
}

/// A table, measured.
#[derive(Clone, Debug, Serialize)]
pub struct Assessment {
    pub parts: Vec<Part>,
    pub limits: Limits,
    pub anonymity: Anonymity,
    pub sensitive: Vec<Sensitive>,
    pub uniques: Uniques,
    /// The smallest classes below k, the smallest first.
    pub worst: Vec<Group>,
    pub reasons: Vec<Reason>,
}

/// Measures a table. `infos` are the types of information of its columns, as [`crate::infos`] tells them.
pub fn assess(table: &Table, infos: &[Option<InfoType>], options: &Options) -> Assessment {
    let (parts, uniques) = parts(table, infos, options);
    let limits = options.limits;
    let quasi: Vec<usize> = of(&parts, Role::Quasi).collect();
    let classes = by(table, &quasi);
    let anonymity = of_sizes(&classes.sizes, limits.k);
    let measured = |column: usize| {
        let counted = Counted::of(&classes, table.columns.get(column)?);
        Some(Sensitive { column, diversity: counted.diversity(limits.l), closeness: counted.closeness() })
    };
    let sensitive: Vec<Sensitive> = of(&parts, Role::Sensitive).filter_map(measured).collect();
    let worst = worst(table, &quasi, &classes, limits.k, options.named);
    let mut found = Assessment { parts, limits, anonymity, sensitive, uniques, worst, reasons: Vec::new() };
    found.reasons = found.judge();
    found
}

fn of(parts: &[Part], role: Role) -> impl Iterator<Item = usize> {
    parts.iter().filter(move |part| part.role == role).map(|part| part.column)
}

fn worst(table: &Table, quasi: &[usize], classes: &Classes, k: u32, most: usize) -> Vec<Group> {
    let mut small: Vec<(u32, u32)> = classes.sizes.iter().copied().zip(classes.first.iter().copied()).filter(|(size, _)| *size < k).collect();
    small.sort_unstable();
    small.truncate(most);
    let value = |row: u32, at: usize| table.columns.get(at).and_then(|column| column.value(row as usize)).map(str::to_owned);
    small.into_iter().map(|(size, row)| Group { size, row, values: quasi.iter().map(|at| value(row, *at)).collect() }).collect()
}

impl Assessment {
    pub fn of(&self, role: Role) -> impl Iterator<Item = usize> {
        of(&self.parts, role)
    }

    /// Whether nothing speaks against opening it as it is.
    pub fn passes(&self) -> bool {
        self.reasons.is_empty()
    }

    fn judge(&self) -> Vec<Reason> {
        let limits = self.limits;
        let mut reasons: Vec<Reason> = self.of(Role::Direct).map(|column| Reason::Direct { column }).collect();
        let told = self.of(Role::Quasi).next().is_some() || !self.sensitive.is_empty();
        match self.anonymity.below {
            below if below > 0 && self.of(Role::Quasi).next().is_some() => reasons.push(Reason::Small { rows: below, k: self.anonymity.k }),
            below if below > 0 && told => reasons.push(Reason::Few { rows: self.anonymity.rows }),
            _ => {}
        }
        for one in &self.sensitive {
            let diversity = &one.diversity;
            if diversity.below > 0 {
                reasons.push(Reason::Alike { column: one.column, rows: diversity.below, l: diversity.distinct });
            }
            let t = one.closeness.ordered.unwrap_or(one.closeness.equal);
            if limits.t.is_some_and(|limit| t > limit) {
                reasons.push(Reason::Far { column: one.column, t });
            }
        }
        reasons
    }

    /// Rows in classes below k, at most so many.
    pub fn rows_below(&self, table: &Table, most: usize) -> Vec<u32> {
        let quasi: Vec<usize> = self.of(Role::Quasi).collect();
        let classes = by(table, &quasi);
        (0..table.rows()).filter(|row| classes.size_of(*row) < self.limits.k).map(|row| row as u32).take(most).collect()
    }

    /// The cheapest way to the limits, leaving out at most this share of rows. t is no aim of it: measure what it gives.
    pub fn propose(&self, table: &Table, left_out: f64) -> Option<Proposal> {
        let info = |column: usize| self.parts.get(column).and_then(|part| part.info);
        let ladders: Vec<Ladder> = self.of(Role::Quasi).filter_map(|column| Ladder::of(table, column, info(column))).collect();
        let aim = Aim { k: self.limits.k, l: self.limits.l, left_out, ..Aim::default() };
        Proposal::find(table, &self.parts, &ladders, &aim)
    }
}

impl Reason {
    pub fn text(&self, parts: &[Part], limits: Limits) -> Text {
        let name = |column: &usize| parts.get(*column).map_or("", |part| part.name.as_str());
        let Limits { k: least, l: different, t } = limits;
        match self {
            Reason::Direct { column } => {
                let name = name(column);
                Text::new(format!("`{name}` 直接指明个人：去掉或改为散列"), format!("`{name}` names persons: leave it out or hash it"))
            }
            Reason::Small { rows, k } => Text::new(
                format!("{rows} 行所在的组不足 {least} 行（最小 {k} 行）"),
                format!("{rows} rows are in groups of fewer than {least} (the smallest has {k})"),
            ),
            Reason::Alike { column, rows, l } => {
                let name = name(column);
                Text::new(
                    format!("{rows} 行所在的组里 `{name}` 不足 {different} 种值（最少 {l} 种）"),
                    format!("{rows} rows are in groups with fewer than {different} values of `{name}` (the fewest: {l})"),
                )
            }
            Reason::Far { column, t: far } => {
                let (name, t) = (name(column), t.unwrap_or(0.0));
                Text::new(
                    format!("有一组的 `{name}` 分布与全表相差 {far:.3}，超过 {t}"),
                    format!("the `{name}` of one group is {far:.3} from that of all rows, more than {t}"),
                )
            }
            Reason::Few { rows } => Text::new(format!("全表只有 {rows} 行，不足 {least} 行"), format!("the whole table has {rows} rows, fewer than {least}")),
        }
    }
}
