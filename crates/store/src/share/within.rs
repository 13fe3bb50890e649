//! Whom files of all rows were about. It is noted before the file's reading is, in small acts, so that no answer waits for a file
//! of millions: what a file that came to nothing has left here holds for no file, and the next one of that number sets it right.

use std::collections::HashMap;

use sqlx::QueryBuilder;
use sqlx::sqlite::Sqlite;

use crate::cells::{Cells, signed};
use crate::{Store, StoreError};

/// Entries of one act.
const SOME: usize = 2_000;
/// Entries that are read at once.
const READ: u64 = 20_000;
const NEXT: &str = "SELECT COALESCE(MAX(file), 0) + 1 AS next FROM share_read WHERE lent = $1 AND file IS NOT NULL";
const OPEN: &str = "SELECT digest, own FROM share_within WHERE lent = $1 AND to_file IS NULL AND digest > $2 ORDER BY digest LIMIT $3";

impl Store {
    /// The number that the next file of all rows under a grant has.
    pub async fn next_file(&self, lent: &str) -> Result<u64, StoreError> {
        sqlx::query(NEXT).bind(lent).fetch_one(&self.readers).await?.count("next")
    }

    /// Notes whom the file of this number is about, and in how many rows each; the caller makes sure that one file of a grant is
    /// noted after the other.
    pub async fn note_within(&self, lent: &str, file: u64, mut members: HashMap<[u8; 16], u64>) -> Result<(), StoreError> {
        let (mut gone, mut last) = (Vec::new(), Vec::new());
        loop {
            let rows = sqlx::query(OPEN).bind(lent).bind(&last).bind(signed(READ)).fetch_all(&self.readers).await?;
            for row in &rows {
                last = row.bytes("digest")?;
                let digest: [u8; 16] = last.as_slice().try_into().map_err(|_| StoreError::Unreadable("digest".to_owned()))?;
                match members.get(&digest) {
                    Some(own) if *own == row.count("own")? => drop(members.remove(&digest)),
                    _ => gone.push(digest),
                }
            }
            if (rows.len() as u64) < READ {
                break;
            }
        }
        for some in gone.chunks(SOME) {
            self.end_within(lent, file, some.to_vec()).await?;
        }
        let came: Vec<([u8; 16], u64)> = members.into_iter().collect();
        for some in came.chunks(SOME) {
            self.begin_within(lent, file, some.to_vec()).await?;
        }
        Ok(())
    }

    async fn end_within(&self, lent: &str, file: u64, digests: Vec<[u8; 16]>) -> Result<(), StoreError> {
        let lent = lent.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let mut end: QueryBuilder<Sqlite> = QueryBuilder::new("UPDATE share_within SET to_file = ");
                end.push_bind(signed(file)).push(" WHERE lent = ").push_bind(lent).push(" AND to_file IS NULL AND digest IN (");
                let mut values = end.separated(", ");
                for digest in digests {
                    values.push_bind(digest.to_vec());
                }
                end.push(")");
                end.build().execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    async fn begin_within(&self, lent: &str, file: u64, members: Vec<([u8; 16], u64)>) -> Result<(), StoreError> {
        let lent = lent.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let mut begin: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO share_within (digest, lent, from_file, own) ");
                begin.push_values(members, |mut row, (digest, own)| {
                    row.push_bind(digest.to_vec()).push_bind(lent.clone()).push_bind(signed(file)).push_bind(signed(own));
                });
                begin.push(" ON CONFLICT (digest, lent, from_file) DO UPDATE SET to_file = NULL, own = excluded.own");
                begin.build().execute(connection).await?;
                Ok(())
            })
        })
        .await
    }
}
