//! Arrow IPC: stream and file give the same text; what is cut or lies is refused, never a panic.

use std::sync::Arc;

use arrow_array::{Array, BooleanArray, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use collect::read::{ReadOptions, open};
use data::declare::Format;

fn batch() -> RecordBatch {
    let amount = Decimal128Array::from(vec![Some(1250), None]).with_precision_and_scale(10, 2).expect("decimal");
    RecordBatch::try_from_iter([
        ("编号", Arc::new(StringArray::from(vec!["007", "0012"])) as Arc<dyn Array>),
        ("n", Arc::new(Int64Array::from(vec![Some(9_007_199_254_740_993), None]))),
        ("金额", Arc::new(amount)),
        ("开", Arc::new(BooleanArray::from(vec![true, false]))),
        ("t", Arc::new(TimestampMicrosecondArray::from(vec![0, 1_000_001]))),
    ])
    .expect("batch")
}

fn texts(bytes: &[u8], format: Option<Format>) -> Result<Vec<Vec<Option<String>>>, collect::CollectError> {
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().join("x");
    std::fs::write(&path, bytes).expect("file");
    let mut source = open(&path, "x", &ReadOptions { format, ..ReadOptions::default() })?;
    let mut rows = Vec::new();
    while let Some(batch) = source.next(1)? {
        rows.push(batch.columns.iter().map(|c| c.is_valid(0).then(|| c.value(0).to_owned())).collect());
    }
    Ok(rows)
}

fn stream() -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = StreamWriter::try_new(&mut out, &batch().schema()).expect("writer");
    writer.write(&batch()).expect("batch");
    writer.finish().expect("end");
    drop(writer);
    out
}

#[test]
fn streams_and_files_are_read_without_loss() {
    let mut file = Vec::new();
    let mut writer = FileWriter::try_new(&mut file, &batch().schema()).expect("writer");
    writer.write(&batch()).expect("batch");
    writer.finish().expect("end");
    drop(writer);
    let some = |text: &str| Some(text.to_owned());
    let expected = vec![
        vec![some("007"), some("9007199254740993"), some("12.50"), some("true"), some("1970-01-01T00:00:00")],
        vec![some("0012"), None, None, some("false"), some("1970-01-01T00:00:01.000001")],
    ];
    for bytes in [stream(), file] {
        assert_eq!(texts(&bytes, None).expect("told from its first bytes"), expected);
        assert_eq!(texts(&bytes, Some(Format::Arrow)).expect("declared"), expected);
    }
}

#[test]
fn a_stream_that_is_cut_or_lies_is_an_error() {
    let whole = stream();
    for cut in (1..whole.len() - 8).step_by(13) {
        let short = whole.get(..cut).expect("shorter");
        // A cut between two messages cannot be told from an end; everything else is refused.
        if let Ok(rows) = texts(short, Some(Format::Arrow)) {
            assert!(rows.is_empty(), "cut at {cut}: {rows:?}");
        }
    }
    for at in (0..whole.len()).step_by(3) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x5a;
        let _ = texts(&flipped, Some(Format::Arrow));
    }
}
