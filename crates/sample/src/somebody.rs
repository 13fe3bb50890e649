//! Two whom the generated systems know, for showing what a citizen and a company are told.

use std::path::Path;

use data::declare::Kind;
use rusqlite::{Connection, OpenFlags};

use crate::error::SampleError;

/// Rows that are looked at for one without a planted defect.
const LOOKED_AT: usize = 200;

/// An invented citizen or company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    pub name: String,
    /// Citizen id number, or unified social credit code.
    pub number: String,
}

/// Somebody who is married, of what was generated into `out`.
pub fn citizen(out: &Path) -> Result<Option<Somebody>, SampleError> {
    first(&out.join("marriage/marriage.db"), "SELECT SFXM, SFSFZH FROM marriages WHERE DJLX = '结婚登记'", Kind::CitizenId)
}

/// A registered company of the same.
pub fn company(out: &Path) -> Result<Option<Somebody>, SampleError> {
    first(&out.join("business_register/business_register.db"), "SELECT QYMC, TYSHXYDM FROM companies", Kind::Uscc)
}

/// The first with a name and a number that follows its standard.
fn first(path: &Path, statement: &str, kind: Kind) -> Result<Option<Somebody>, SampleError> {
    let failed = SampleError::format::<rusqlite::Error>;
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed(path))?;
    let mut rows = connection.prepare(statement).map_err(failed(path))?;
    let found = rows.query_map([], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<String>>(1)?))).map_err(failed(path))?;
    for row in found.take(LOOKED_AT) {
        let (Some(name), Some(number)) = row.map_err(failed(path))? else { continue };
        let right = data::standard::canonical(kind, &number).is_ok_and(|canonical| canonical == number);
        if right && !name.trim().is_empty() && name.chars().all(char::is_alphanumeric) {
            return Ok(Some(Somebody { name, number }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_known_to_the_systems() {
        let folder = tempfile::tempdir().expect("folder");
        crate::generate(folder.path(), &crate::Options { scale: 0.004, seed: 3 }, &|_| {}).expect("made");
        let (one, other) = (citizen(folder.path()).expect("read").expect("somebody"), company(folder.path()).expect("read").expect("a company"));
        assert_eq!((one.number.len(), other.number.len()), (18, 18));
        assert!(other.number.starts_with('9') && !one.name.is_empty(), "{one:?} {other:?}");
    }
}
