//! Filling one table: its rows in order, its defects, its duplicates and its corrections.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::calendar::{day_of, TODAY};
use crate::defects::{Defect, Targets};
use crate::error::SampleError;
use crate::rng::{hash, mix, Rng};
use crate::row::Row;
use crate::spec::{Delivery, Rows, Table, MONTH, YEAR};
use crate::write::{self, Cells, Damage, Database, Sink};
use crate::world::World;

/// Share of rows that a department sends twice, byte for byte.
const TWICE: f64 = 0.0015;
/// Share of rows of a ragged file that end too early, and of GBK rows with a byte out of place.
const SHORT: f64 = 0.0006;
const BYTE: f64 = 0.000_15;

/// What filling one table brought.
#[derive(Debug, Default)]
pub struct Filled {
    pub rows: u64,
    pub defects: Vec<Defect>,
}

/// One table on its way into its files.
pub struct Filler<'w> {
    world: &'w World,
    table: &'w Table,
    scale: f64,
    seed: u64,
    targets: Targets,
    cells: Cells,
    filled: Filled,
    truth: BufWriter<File>,
    truth_path: PathBuf,
    /// Rows of the second delivery, and whom they are about.
    later: Vec<(Cells, u64)>,
    /// Positions of the key's columns, and the key of the row at hand.
    key_columns: Vec<usize>,
    key: String,
    file: String,
    /// Line of the row written last.
    last: u64,
}

/// Number of rows at this scale where it is known beforehand.
pub fn planned(table: &Table, scale: f64) -> u64 {
    let at = |count: u64, least: u64| ((count as f64 * scale) as u64).max(least.min(count));
    match table.rows {
        Rows::Persons(share) => (400_000.0 * scale * share) as u64,
        Rows::Households(share) => (154_000.0 * scale * share) as u64,
        Rows::Companies(share) => (60_000.0 * scale * share) as u64,
        Rows::OfPersons(count) | Rows::OfCompanies(count) | Rows::Plain(count) => at(count, 40),
        Rows::AtMost(count) => at(count, 40).min(count),
        Rows::Fixed(count) => count,
        // A yearly or monthly table keeps its years; only the fine-grained ones shrink.
        Rows::Grid { things, steps, seconds } => things * if seconds >= MONTH { steps } else { at(steps, 6) },
    }
}

impl<'w> Filler<'w> {
    pub fn new(world: &'w World, table: &'w Table, scale: f64, out: &Path) -> Result<Filler<'w>, SampleError> {
        let truth_path = out.join("truth/identity").join(format!("{}.csv", table.id));
        if let Some(folder) = truth_path.parent() {
            std::fs::create_dir_all(folder).map_err(SampleError::file(folder))?;
        }
        let file = File::create(&truth_path).map_err(SampleError::file(&truth_path))?;
        let mut truth = BufWriter::with_capacity(1 << 16, file);
        truth.write_all(b"file,line,key,entity\n").map_err(SampleError::file(&truth_path))?;
        Ok(Filler {
            world,
            table,
            scale,
            seed: mix(world.seed, hash(table.id)),
            targets: Targets::of(table),
            cells: Cells::default(),
            filled: Filled::default(),
            truth,
            truth_path,
            later: Vec::new(),
            key_columns: (0..table.columns.len()).filter(|position| table.columns.get(*position).is_some_and(|column| column.key)).collect(),
            key: String::new(),
            file: String::new(),
            last: 0,
        })
    }

    /// Writes the table: into the system's database if there is one, else into files below `out`.
    pub fn fill(mut self, out: &Path, database: Option<&Database>) -> Result<Filled, SampleError> {
        let [first, second] = self.table.files();
        let folder = match self.table.delivery {
            Delivery::Api(_) => out.join("api").join(self.table.system),
            _ => out.join(self.table.system),
        };
        self.file = if database.is_some() { self.table.id.to_owned() } else { first.clone() };
        let mut sink = match database {
            Some(database) => database.table(self.table)?,
            None => write::open(self.table, &folder.join(&first))?,
        };
        self.all(sink.as_mut())?;
        sink.finish()?;
        self.note();
        if !second.is_empty() {
            let mut sink = write::open(self.table, &folder.join(&second))?;
            self.file = second;
            let later = std::mem::take(&mut self.later);
            for (cells, subject) in later {
                let line = sink.write(&cells, Damage::None)?;
                self.name_key(&cells);
                self.filled.rows += 1;
                self.identify(line, subject)?;
                self.last = line;
            }
            sink.finish()?;
            self.note();
        }
        self.truth.flush().map_err(SampleError::file(&self.truth_path))?;
        Ok(self.filled)
    }

    fn all(&mut self, sink: &mut dyn Sink) -> Result<(), SampleError> {
        let (persons, companies) = (self.world.persons.len() as u64, self.world.companies.len() as u64);
        let included = |seed: u64, number: u64, share: f64| Rng::new(mix(seed ^ 0x51CE, number)).chance(share);
        let count = planned(self.table, self.scale);
        let mut index = 0;
        let candidates = match self.table.rows {
            Rows::Persons(_) => persons,
            Rows::Households(_) => u64::from(self.world.households()),
            Rows::Companies(_) => companies,
            _ => count,
        };
        for number in 0..candidates {
            let mut row = Row::new(self.world, self.seed, index, self.table.dates, self.table.span);
            match self.table.rows {
                Rows::Persons(share) => {
                    row.person = self.world.persons.get(number as usize).filter(|person| {
                        included(self.seed, number, share) && self.table.only.is_none_or(|only| only(self.world, person))
                    });
                    if row.person.is_none() {
                        continue;
                    }
                }
                Rows::Households(share) if included(self.seed, number, share) => row.person = Some(self.world.head(number as u32)),
                Rows::Companies(share) if included(self.seed, number, share) => row.company = self.world.companies.get(number as usize),
                Rows::Households(_) | Rows::Companies(_) => continue,
                Rows::OfPersons(_) => row.person = self.someone(&row),
                Rows::OfCompanies(_) => row.company = self.world.companies.get(row.shared(0xC0).below(companies) as usize),
                Rows::Grid { things, seconds, .. } => self.place_in_grid(&mut row, count, things, seconds),
                Rows::Plain(_) | Rows::AtMost(_) | Rows::Fixed(_) => {}
            }
            self.order(&mut row, count);
            self.one(&mut row, sink)?;
            index += 1;
        }
        Ok(())
    }

    /// Any person whom the table may be about; after forty tries, whoever came last.
    fn someone(&self, row: &Row) -> Option<&'w crate::world::Person> {
        let mut chance = row.shared(0x9E);
        let mut person = None;
        for _ in 0..40 {
            person = self.world.persons.get(chance.below(self.world.persons.len() as u64) as usize);
            if person.is_some_and(|person| self.table.only.is_none_or(|only| only(self.world, person))) {
                break;
            }
        }
        person
    }

    fn place_in_grid(&self, row: &mut Row, count: u64, things: u64, seconds: u64) {
        let things = things.max(1);
        row.entity = row.index % things;
        row.place = match things {
            10 => row.entity as u8,
            _ => row.of_entity(0xD1).weighted(crate::places::districts().iter().map(|district| district.weight)) as u8,
        };
        let end = match seconds {
            YEAR => day_of(2025, 7, 1),
            MONTH => day_of(2026, 10, 15),
            _ => TODAY,
        };
        let back = (count / things).saturating_sub(row.index / things) * seconds;
        let moment = i64::from(end) * 86_400 - back as i64;
        row.day = moment.div_euclid(86_400) as i32;
        row.second = moment.rem_euclid(86_400) as u32;
    }

    /// District from the subject; and time in order where an API or a nested document needs order.
    fn order(&self, row: &mut Row, count: u64) {
        let count = count.max(1);
        if let Some(district) = row.person.map(|person| person.district).or(row.company.map(|company| company.district)) {
            row.place = district;
        }
        if let Delivery::Nested(_) = self.table.delivery {
            row.place = (row.index * 10 / count).min(9) as u8;
        }
        if let (Delivery::Api(_), Some(_)) = (self.table.delivery, self.table.cursor) {
            let back = (count - row.index.min(count)) * self.table.span.max(1) as u64 * 86_400 / count;
            let moment = i64::from(TODAY) * 86_400 - back as i64 - 1;
            (row.day, row.second) = (moment.div_euclid(86_400) as i32, moment.rem_euclid(86_400) as u32);
            row.ordered = true;
        }
    }

    /// Makes the cells of a row; `changed` is the column that a correction changes.
    fn cells(&mut self, row: &mut Row, changed: Option<usize>) -> Vec<(usize, &'static str, String)> {
        let mut variants = Vec::new();
        self.cells.clear();
        for (position, column) in self.table.columns.iter().enumerate() {
            let salt = position as u64 + if changed == Some(position) { 1_000 } else { 0 };
            row.rng = row.shared(0xCE11_0000 + salt);
            let gap = column.gaps > 0.0 && row.rng.chance(column.gaps);
            let (null, thousands) = (self.table.null, self.table.thousands);
            self.cells.push(|out| match gap {
                true if !null.is_empty() && row.rng.chance(0.6) => out.push_str(row.rng.word(null)),
                true => {}
                false => {
                    let start = out.len();
                    (column.make)(row, out);
                    if thousands && matches!(column.standard, "amount" | "count" | "quantity") {
                        separate(out, start);
                    }
                }
            });
            if let Some((kind, truth)) = row.variant.take() {
                variants.push((position, kind, truth));
            }
        }
        variants
    }

    fn one(&mut self, row: &mut Row, sink: &mut dyn Sink) -> Result<(), SampleError> {
        let variants = self.cells(row, None);
        let cells = std::mem::take(&mut self.cells);
        self.name_key(&cells);
        self.cells = cells;
        let mut chance = row.shared(0xDEF);
        let spoilt = match chance.chance(self.table.defects) {
            true => self.targets.spoil(self.table, |position| self.cells.get(position).to_owned(), &mut chance),
            false => None,
        };
        let damage = self.damage(&mut chance, spoilt.is_some());
        let line = match &spoilt {
            Some((position, _, found)) => sink.write(&self.cells.with(*position, found), damage)?,
            None => sink.write(&self.cells, damage)?,
        };
        let subject = match (row.person, row.company) {
            (Some(person), _) => u64::from(person.index) << 1,
            (None, Some(company)) => u64::from(company.index) << 1 | 1,
            (None, None) => u64::MAX,
        };
        self.filled.rows += 1;
        self.last = line;
        self.identify(line, subject)?;
        for (position, kind, truth) in variants {
            let found = self.cells.get(position).to_owned();
            self.defect(line, position, kind, false, found, truth);
        }
        if damage != Damage::None {
            let kind = if damage == Damage::Short { "row_short" } else { "byte_invalid" };
            self.whole(line, kind, true);
        }
        let wrong = spoilt.is_some();
        if let Some((position, kind, found)) = spoilt {
            let truth = self.cells.get(position).to_owned();
            self.defect(line, position, kind, true, found, truth);
        }
        if !wrong && damage == Damage::None && self.table.defects > 0.0 && chance.chance(TWICE) {
            let line = sink.write(&self.cells, Damage::None)?;
            self.filled.rows += 1;
            self.last = line;
            self.identify(line, subject)?;
            self.whole(line, "duplicate_exact", false);
        }
        self.correct(row, &mut chance, wrong, subject);
        Ok(())
    }

    fn damage(&self, chance: &mut Rng, wrong: bool) -> Damage {
        let Delivery::Csv { encoding, ragged, .. } = self.table.delivery else { return Damage::None };
        let gbk = matches!(encoding, crate::spec::Encoding::Gbk | crate::spec::Encoding::Gb18030);
        match () {
            () if wrong || self.table.defects == 0.0 => Damage::None,
            () if ragged && chance.chance(SHORT) => Damage::Short,
            () if gbk && chance.chance(BYTE) => Damage::Byte,
            () => Damage::None,
        }
    }

    /// A later delivery brings the row again: healed if it was wrong, else with one value changed.
    fn correct(&mut self, row: &mut Row, chance: &mut Rng, wrong: bool, subject: u64) {
        if self.table.corrections == 0.0 || !chance.chance(if wrong { 0.3 } else { self.table.corrections }) {
            return;
        }
        let open: Vec<usize> = (0..self.table.columns.len())
            .filter(|position| self.table.columns.get(*position).is_some_and(|column| !column.key && column.name != "updated_at"))
            .collect();
        let changed = if wrong || open.is_empty() { None } else { Some(*chance.pick(&open)) };
        row.later = 20 + chance.below(10) as i32;
        self.cells(row, changed);
        self.later.push((self.cells.clone(), subject));
    }

    /// The remark below the last row of a file is no record.
    fn note(&mut self) {
        if let Delivery::Csv { noted: true, .. } = self.table.delivery {
            self.key.clear();
            self.whole(self.last + 1, "note", true);
        }
    }

    /// The key of a row: its cells, with `|` between.
    fn name_key(&mut self, cells: &Cells) {
        self.key.clear();
        for position in &self.key_columns {
            if !self.key.is_empty() {
                self.key.push('|');
            }
            self.key.push_str(cells.get(*position));
        }
    }

    fn identify(&mut self, line: u64, subject: u64) -> Result<(), SampleError> {
        if subject == u64::MAX {
            return Ok(());
        }
        let kind = if subject & 1 == 0 { 'P' } else { 'C' };
        writeln!(self.truth, "{},{line},{},{kind}{:07}", self.file, self.key, subject >> 1).map_err(SampleError::file(&self.truth_path))
    }

    fn defect(&mut self, line: u64, position: usize, kind: &'static str, refusable: bool, found: String, truth: String) {
        let item = self.table.columns.get(position).map_or("", |column| column.name);
        self.filled.defects.push(Defect { file: self.file.clone(), line, key: self.key.clone(), item, kind, refusable, found, truth });
    }

    fn whole(&mut self, line: u64, kind: &'static str, refusable: bool) {
        let (key, found, truth) = (self.key.clone(), String::new(), String::new());
        self.filled.defects.push(Defect { file: self.file.clone(), line, key, item: "", kind, refusable, found, truth });
    }
}

/// `1234567.80` → `1,234,567.80`, in place from `start` on.
fn separate(out: &mut String, start: usize) {
    let number = out.split_off(start);
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(rest);
}

