//! Reads the input as a file of one form, the way a run does, to its end.

use std::cell::RefCell;
use std::io::{Seek, SeekFrom, Write};

use collect::read::{ReadOptions, open};
use collect::{CollectError, RawBatch};
use data::declare::Format;
use tempfile::NamedTempFile;

thread_local! {
    static FILE: RefCell<NamedTempFile> = RefCell::new(NamedTempFile::new().expect("a temporary file"));
}

/// Reads all of it twice; both times must give the same rows, or the same refusal.
pub fn read(data: &[u8], format: Option<Format>) {
    super::bounded(|| {
        let options = ReadOptions { format, ..ReadOptions::default() };
        let first = all(data, &options, 7);
        let again = all(data, &options, 1000);
        match (first, again) {
            (Ok(first), Ok(again)) => assert_eq!(first, again, "rows depend on the size of batches"),
            (Err(first), Err(again)) => {
                assert_eq!(first.code, again.code);
                assert!(!first.message.zh.is_empty() && !first.message.en.is_empty());
            }
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => panic!("once read, once refused: {error:?}"),
        }
    });
}

fn all(data: &[u8], options: &ReadOptions, max_rows: usize) -> Result<(usize, usize), CollectError> {
    FILE.with_borrow_mut(|file| {
        file.as_file_mut().set_len(0).expect("truncate");
        file.seek(SeekFrom::Start(0)).expect("seek");
        file.write_all(data).expect("write");
        let mut source = open(file.path(), "input", options)?;
        let (mut rows, mut faults) = (0, 0);
        while let Some(batch) = source.next(max_rows)? {
            well_formed(&batch);
            rows += batch.rows();
            faults += batch.faults.len();
        }
        assert!(source.next(max_rows)?.is_none(), "nothing comes after the end");
        Ok((rows, faults))
    })
}

fn well_formed(batch: &RawBatch) {
    use arrow_array::Array;
    assert_eq!(batch.columns.len(), batch.fields.len());
    assert!(batch.columns.iter().all(|column| column.len() == batch.rows()), "columns of one length");
    assert!(batch.faults.iter().all(|(row, _)| *row < batch.rows()), "faults are of rows that are there");
}
