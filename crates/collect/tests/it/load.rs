//! Reads a whole source into plain vectors, checking what every batch promises.

use std::path::Path;

use arrow_array::Array;
use collect::read::{ReadOptions, open};
use collect::source::Decision;
use collect::{CollectError, Position, Source};

#[derive(Debug, Default)]
pub struct Loaded {
    pub fields: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
    pub lines: Vec<u64>,
    pub bytes: Vec<Vec<u8>>,
    /// (index of the record, code).
    pub faults: Vec<(usize, String)>,
    pub decisions: Vec<Decision>,
    pub position: Position,
    pub file: String,
}

impl Loaded {
    /// Records that could be read as such.
    pub fn good(&self) -> usize {
        self.rows.len() - self.faults.len()
    }

    pub fn count(&self, code: &str) -> usize {
        self.faults.iter().filter(|(_, c)| c == code).count()
    }

    pub fn column(&self, field: &str) -> usize {
        self.fields.iter().position(|f| f == field).unwrap_or_else(|| panic!("no field {field} in {:?}", self.fields))
    }

    pub fn cell(&self, row: usize, field: &str) -> Option<&str> {
        self.rows[row].get(self.column(field)).and_then(|c| c.as_deref())
    }

    /// The first record whose field has this value.
    pub fn find(&self, field: &str, value: &str) -> usize {
        let column = self.column(field);
        let found = self.rows.iter().position(|r| r.get(column).and_then(|c| c.as_deref()) == Some(value));
        found.unwrap_or_else(|| panic!("no {field} = {value}"))
    }

    pub fn decided(&self, what: &str) -> &str {
        self.decisions.iter().find(|d| d.what == what).map_or("", |d| &d.chosen)
    }
}

pub fn load(path: &Path, options: &ReadOptions) -> Result<Loaded, CollectError> {
    let name = path.file_name().unwrap().to_string_lossy();
    let mut source = open(path, &name, options)?;
    drain(&mut *source, 1000)
}

pub fn drain(source: &mut dyn Source, max_rows: usize) -> Result<Loaded, CollectError> {
    let mut all = Loaded::default();
    while let Some(batch) = source.next(max_rows)? {
        let n = batch.rows();
        assert!(n > 0 && n <= max_rows, "a batch of {n} rows");
        assert_eq!(batch.columns.len(), batch.fields.len());
        assert!(batch.columns.iter().all(|c| c.len() == n));
        assert!(batch.bytes.as_ref().is_none_or(|b| b.len() == n));
        assert!(batch.faults.is_sorted_by_key(|f| f.0));
        assert!(batch.faults.iter().all(|f| f.0 < n && batch.columns.iter().all(|c| c.is_null(f.0))));
        assert!(batch.fields.starts_with(&all.fields), "fields only ever grow: {:?}", batch.fields);
        all.fields = batch.fields.to_vec();
        all.file = batch.file.to_string();
        all.faults.extend(batch.faults.iter().map(|(row, f)| (all.rows.len() + row, f.code.clone())));
        for row in 0..n {
            let cell = |c: &arrow_array::StringArray| (!c.is_null(row)).then(|| c.value(row).to_owned());
            all.rows.push(batch.columns.iter().map(cell).collect());
            all.bytes.push(batch.bytes.as_ref().map_or(Vec::new(), |b| b.value(row).to_vec()));
        }
        all.lines.extend(batch.lines);
    }
    all.decisions = source.decisions();
    all.position = source.position();
    let mark = all.position.files.values().next().expect("one mark");
    assert_eq!(mark.rows, all.rows.len() as u64);
    assert!(mark.complete && mark.hash.len() == 32);
    Ok(all)
}
