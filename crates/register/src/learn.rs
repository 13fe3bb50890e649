//! Records of the file as linkage wants them, and learning from them.

use std::collections::HashMap;

use kernel::Text;
use link::{birth_of, Kind, Learned, Linkage, Options, Records, Side};

use crate::file::Kept;
use crate::{Identity, RegisterError};

/// Records made ready, and which number each place has. Places follow identities and contents, never the order of arrival.
pub(crate) struct Ready {
    pub records: Records,
    numbers: Vec<i64>,
    places: HashMap<i64, u32>,
}

pub(crate) struct Gather {
    builder: link::Builder,
    columns: Vec<Option<usize>>,
    /// The fields of the id and of the only date, where one may tell the other.
    birth: Option<(usize, usize)>,
    known: HashMap<Identity, i64>,
}

impl Gather {
    pub fn new(spec: &data::declare::Register) -> Result<Gather, RegisterError> {
        let mut builder = Records::builder();
        let column = |field: &data::declare::RegisterField| field.compare.map(|_| builder.column(&field.name)).transpose();
        let columns = spec.fields.iter().map(column).collect::<Result<Vec<_>, _>>();
        let mut columns = columns.map_err(|error| RegisterError::Refused(error.text().clone()))?;
        for (at, field) in spec.fields.iter().enumerate() {
            let of = field.former_of.as_ref().and_then(|of| spec.fields.iter().position(|known| known.name == *of));
            if let Some(now) = of.and_then(|of| columns[of]) {
                columns[at] = Some(builder.former(now, &field.name));
            }
        }
        let only = |kind: Kind| {
            let mut of = (0..spec.fields.len()).filter(|at| spec.fields[*at].compare == Some(kind));
            of.next().filter(|_| of.next().is_none())
        };
        let birth = only(Kind::CheckedId).zip(only(Kind::Date));
        Ok(Gather { builder, columns, birth, known: HashMap::new() })
    }

    pub fn put(&mut self, record: &Kept) -> Result<(), RegisterError> {
        let said = |field: usize| record.values.get(field).and_then(Option::as_deref);
        let told = self.birth.filter(|(_, date)| said(*date).is_none()).and_then(|(id, date)| Some((self.columns[date]?, birth_of(said(id)?)?)));
        let values = self.columns.iter().enumerate().filter_map(|(field, column)| Some(((*column)?, said(field)?)));
        let values = values.chain(told.as_ref().map(|(column, birth)| (*column, birth.as_str())));
        self.builder.push(Side::Left, &name(&record.identity), values).map_err(|error| RegisterError::Refused(error.text().clone()))?;
        self.known.insert(record.identity, record.number);
        Ok(())
    }

    pub fn ready(self) -> Ready {
        let Gather { builder, known, .. } = self;
        let records = builder.build();
        let numbers: Vec<i64> = (0..records.len() as u32).map(|at| identity(records.id(at)).and_then(|identity| known.get(&identity)).copied().unwrap_or(0)).collect();
        let places = numbers.iter().enumerate().map(|(at, number)| (*number, at as u32)).collect();
        Ready { records, numbers, places }
    }

    pub fn of(spec: &data::declare::Register, records: &[Kept]) -> Result<Ready, RegisterError> {
        let mut gather = Gather::new(spec)?;
        records.iter().try_for_each(|record| gather.put(record))?;
        Ok(gather.ready())
    }
}

impl Ready {
    pub fn number(&self, place: u32) -> i64 {
        self.numbers.get(place as usize).copied().unwrap_or(0)
    }

    pub fn place(&self, number: i64) -> Option<u32> {
        self.places.get(&number).copied()
    }

    /// Weighs these records by what was learnt, and by what people decided.
    pub fn linkage(&self, learned: &Learned, options: &Options, decided: &HashMap<(i64, i64), bool>) -> Linkage<'_> {
        let mut linkage = Linkage::with(&self.records, learned, options);
        let pairs = decided.iter().filter_map(|((a, b), same)| Some((self.place(*a)?, self.place(*b)?, *same)));
        pairs.for_each(|(a, b, same)| linkage.decide(a, b, same));
        linkage
    }

    /// Learns what to compare and what it is worth.
    pub fn learn(&self, spec: &data::declare::Register, decided: &HashMap<(i64, i64), bool>) -> Result<Learned, RegisterError> {
        let kinds: Vec<(String, Kind)> = spec.fields.iter().filter_map(|field| Some((field.name.clone(), field.compare?))).collect();
        let mut options = options(spec, 0);
        options.decided = decided.iter().filter_map(|((a, b), same)| Some((self.place(*a)?, self.place(*b)?, *same))).collect();
        options.decided.sort_unstable();
        let linkage = Linkage::learn(&self.records, &kinds, &spec.blocks, &options).map_err(RegisterError::Refused)?;
        Ok(linkage.learned())
    }
}

/// How a register links; no threads of its own for a handful of records.
pub(crate) fn options(spec: &data::declare::Register, threads: usize) -> Options {
    let usual = Options::default();
    Options { threshold: spec.threshold, threads: if threads == 0 { usual.threads } else { threads }, ..usual }
}

fn name(identity: &Identity) -> String {
    identity.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn identity(name: &str) -> Option<Identity> {
    Some(u128::from_str_radix(name, 16).ok()?.to_be_bytes())
}

/// What is told when a register has nothing to learn from.
pub(crate) fn nothing_learnt() -> RegisterError {
    RegisterError::Refused(Text::new("基础库还没有记录，先归集数据并归并", "the register has no records yet: collect, then resolve"))
}
