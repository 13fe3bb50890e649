//! Reading and binding cells in our own words: moments, counts and texts.

use kernel::{Moment, Text};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{QueryBuilder, Row};

use crate::StoreError;

/// Typed access to the cells of one row, by column name.
pub(crate) trait Cells {
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn text_maybe(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn count(&self, column: &str) -> Result<u64, StoreError>;
    fn count_maybe(&self, column: &str) -> Result<Option<u64>, StoreError>;
    fn moment(&self, column: &str) -> Result<Moment, StoreError>;
    fn moment_maybe(&self, column: &str) -> Result<Option<Moment>, StoreError>;
    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError>;
    fn bytes_maybe(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// A text in two columns; `None` when both are null.
    fn both(&self, zh: &str, en: &str) -> Result<Option<Text>, StoreError>;
}

impl Cells for SqliteRow {
    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn text_maybe(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn count(&self, column: &str) -> Result<u64, StoreError> {
        Ok(unsigned(self.try_get(column)?))
    }

    fn count_maybe(&self, column: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.try_get::<Option<i64>, _>(column)?.map(unsigned))
    }

    fn moment(&self, column: &str) -> Result<Moment, StoreError> {
        Ok(Moment(self.try_get(column)?))
    }

    fn moment_maybe(&self, column: &str) -> Result<Option<Moment>, StoreError> {
        Ok(self.try_get::<Option<i64>, _>(column)?.map(Moment))
    }

    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn bytes_maybe(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn both(&self, zh: &str, en: &str) -> Result<Option<Text>, StoreError> {
        let (zh, en) = (self.text_maybe(zh)?, self.text_maybe(en)?);
        Ok((zh.is_some() || en.is_some()).then(|| Text { zh: zh.unwrap_or_default(), en: en.unwrap_or_default() }))
    }
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A count as the store keeps it; what does not fit is the largest that does.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn micros(moment: Option<Moment>) -> Option<i64> {
    moment.map(|moment| moment.0)
}

/// LIMIT and OFFSET of a 1-based page of at most 1,000 entries.
pub(crate) fn window(page: u64, size: u64) -> (i64, i64) {
    let size = size.clamp(1, 1_000);
    (signed(size), signed(page.max(1).saturating_sub(1).saturating_mul(size)))
}

/// Leaves only rows whose column is one of these values; all when there are none to choose among (`None`).
pub(crate) fn push_among(query: &mut QueryBuilder<Sqlite>, column: &str, among: Option<&[String]>) {
    let Some(among) = among else { return };
    query.push(" AND ").push(column).push(" IN (");
    let mut values = query.separated(", ");
    for value in among {
        values.push_bind(value.clone());
    }
    query.push(")");
}
