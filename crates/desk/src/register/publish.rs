//! A register's table in the lake: a row for each entity, changed ones replaced. The number of the batch comes from the
//! register's own file, so that a batch is committed once whatever dies in between.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use data::declare::Register;
use futures::StreamExt;
use register::{RegisterError, Row};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::{schema, table};
use crate::port::{Commit, LakeFailure};
use crate::{Answer, Desk, DeskError, internal};

/// Rows of one part of the table.
const AT_ONCE: usize = 8192;
/// Changed entities beyond which the whole table is written anew.
const REPLACED_MOST: u64 = 50_000;

impl Desk {
    /// Publishes what changed; answers how many entities. Done twice it is done once.
    pub(super) async fn publish_register(&self, register: &Register) -> Answer<u64> {
        let (batch, waiting) = self.ask_register(&register.id, |file| file.unpublished()).await?;
        let (name, lake) = (table(&register.id), &self.0.ports.lake);
        let schema = schema(&self.city(), register).ok_or(DeskError::NotFound)?;
        let shape = shape(&schema);
        let last = lake.last_commit(&name).await.map_err(internal)?;
        let fits = last.as_ref().is_some_and(|last| last.note == shape);
        if last.as_ref().is_some_and(|last| last.seq == batch) && fits {
            // It was committed, and the process died before it could say so.
            self.ask_register(&register.id, move |file| file.published(batch)).await?;
            return Ok(0);
        }
        let follows = fits && last.as_ref().is_some_and(|last| last.seq == batch - 1);
        // Nothing is new, or nothing ever was. A table that was there and is lost is made again.
        if waiting == 0 && (follows || (last.is_none() && batch == 0)) {
            return Ok(0);
        }
        // After a loss of the table its number may be ahead of or behind the file's: then it is the file that tells.
        let seq = batch.max(last.as_ref().map_or(0, |last| last.seq + 1));
        if follows && waiting <= REPLACED_MOST {
            let (rows, replaces) = self.changed_rows(register, schema).await?;
            lake.append(&name, rows, Commit { seq, note: shape, replaces }).await.map_err(internal)?;
        } else {
            let (rows, writing) = self.all_rows(register, schema.clone());
            let commit = Commit { seq, note: shape, replaces: Vec::new() };
            let written = lake.rewrite(&name, schema, rows, commit).await;
            writing.await.map_err(internal)??;
            written.map_err(internal)?;
        }
        self.ask_register(&register.id, move |file| file.published(seq)).await?;
        Ok(waiting)
    }

    /// The rows of changed entities, and the names of the rows that they replace.
    async fn changed_rows(&self, register: &Register, schema: SchemaRef) -> Answer<(Vec<RecordBatch>, Vec<[u8; 16]>)> {
        self.ask_register(&register.id, move |file| {
            let (mut rows, mut batches, mut replaces) = (Vec::new(), Vec::new(), Vec::new());
            let gone = file.rows(false, |row| {
                replaces.push(row_hash(&row.entity));
                rows.push(row);
                if rows.len() >= AT_ONCE {
                    batches.push(batch_of(&schema, &std::mem::take(&mut rows))?);
                }
                Ok(())
            })?;
            batches.push(batch_of(&schema, &rows)?);
            replaces.extend(gone.iter().map(|entity| row_hash(entity)));
            Ok((batches, replaces))
        })
        .await
    }

    /// The rows of all entities, as they are read.
    #[expect(clippy::type_complexity, reason = "a stream and the task that feeds it")]
    fn all_rows(&self, register: &Register, schema: SchemaRef) -> (crate::port::Batches, tokio::task::JoinHandle<Answer<()>>) {
        let (sender, receiver) = mpsc::channel::<Result<RecordBatch, LakeFailure>>(2);
        let (desk, id) = (self.clone(), register.id.clone());
        let writing = tokio::spawn(async move {
            let sent = desk
                .ask_register(&id, {
                    let sender = sender.clone();
                    move |file| {
                        let mut rows = Vec::new();
                        let send = |rows: &[Row]| sender.blocking_send(Ok(batch_of(&schema, rows)?)).map_err(|_| stopped());
                        file.rows(true, |row| {
                            rows.push(row);
                            if rows.len() >= AT_ONCE { send(&std::mem::take(&mut rows)) } else { Ok(()) }
                        })?;
                        send(&rows)
                    }
                })
                .await;
            if let Err(error) = &sent {
                let message = kernel::Text::new(format!("基础库读取中断：{error}"), format!("reading the register stopped: {error}"));
                let _ = sender.send(Err(LakeFailure { message, full: false })).await;
            }
            sent
        });
        let stream = futures::stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|item| (item, receiver)) });
        (stream.boxed(), writing)
    }
}

fn stopped() -> RegisterError {
    RegisterError::Refused(kernel::Text::new("写入已停止", "writing stopped"))
}

/// Names a row of the table: an entity has one, whatever it says.
fn row_hash(entity: &str) -> [u8; 16] {
    let digest = Sha256::digest(entity.as_bytes());
    let mut hash = [0; 16];
    hash.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    hash
}

/// Changes when the columns do; then the table is written anew.
fn shape(schema: &SchemaRef) -> String {
    let columns: Vec<String> = schema.fields().iter().map(|field| format!("{}:{}", field.name(), field.data_type())).collect();
    serde_json::json!({ "columns": columns }).to_string()
}

fn batch_of(schema: &SchemaRef, rows: &[Row]) -> Result<RecordBatch, RegisterError> {
    let wrong = |error: arrow_schema::ArrowError| RegisterError::Refused(kernel::Text::new(error.to_string(), error.to_string()));
    let text = |of: &dyn Fn(&Row) -> Option<String>| {
        let mut column = StringBuilder::new();
        rows.iter().for_each(|row| column.append_option(of(row)));
        Arc::new(column.finish()) as ArrayRef
    };
    let number = |of: &dyn Fn(&Row) -> u64| {
        let mut column = Int64Builder::with_capacity(rows.len());
        rows.iter().for_each(|row| column.append_value(i64::try_from(of(row)).unwrap_or(i64::MAX)));
        Arc::new(column.finish()) as ArrayRef
    };
    let fields = schema.fields().len() - 5;
    let mut columns = vec![text(&|row| Some(row.entity.clone()))];
    for at in 0..fields {
        let column = text(&|row| row.values.get(at).cloned().flatten());
        let kind = schema.field(at + 1).data_type();
        // Values came from columns of this type: what a text says, it can say again.
        columns.push(if *kind == DataType::Utf8 { column } else { arrow_cast::cast(&column, kind).map_err(wrong)? });
    }
    columns.push(number(&|row| row.records));
    columns.push(text(&|row| Some(row.sources.join(","))));
    columns.push(number(&|row| row.conflicts));
    let mut hashes = BinaryBuilder::new();
    rows.iter().for_each(|row| hashes.append_value(row_hash(&row.entity)));
    columns.push(Arc::new(hashes.finish()));
    RecordBatch::try_new(schema.clone(), columns).map_err(wrong)
}
