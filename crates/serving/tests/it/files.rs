//! Builds that do not end, files that are not ours, readers meanwhile, and reads that take too long.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use serving::{Builder, Condition, Copy, Mark, Operator, Question, Removal, ServingError, Shape, Value, apply};

fn batch(numbers: std::ops::Range<i64>, word: &str) -> RecordBatch {
    let words: ArrayRef = Arc::new(StringArray::from_iter_values(numbers.clone().map(|number| format!("{word}{number}"))));
    RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from_iter_values(numbers)) as ArrayRef), ("word", words)]).unwrap()
}

fn begin(path: &Path) -> Result<Builder, ServingError> {
    Builder::begin(path, Shape::of(&batch(0..0, "").schema(), &["id"], &[&["word"]]).unwrap())
}

fn build(path: &Path, numbers: std::ops::Range<i64>, word: &str) {
    let mut builder = begin(path).unwrap();
    builder.add(&batch(numbers, word)).unwrap();
    builder.finish(&Mark::default()).unwrap();
}

fn first(copy: &Copy) -> Result<String, ServingError> {
    let question = Question { columns: vec!["word".to_owned()], order: vec![("id".to_owned(), false)], limit: Some(1), ..Question::default() };
    Ok(copy.rows(&question)?.rows.first().map(|row| row[0].text()).unwrap_or_default())
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_build_that_does_not_end_leaves_the_old_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standard.words.sqlite");
    assert!(matches!(Copy::open(&path), Err(ServingError::Missing(_))));
    assert!(matches!(apply(&path, &[], &[], &Mark::default()), Err(ServingError::Missing(_))));
    build(&path, 0..10, "old");
    let there = files(folder.path());
    let mut builder = begin(&path).unwrap();
    builder.add(&batch(0..1000, "new")).unwrap();
    // Nobody else writes meanwhile, and all may read.
    assert!(matches!(begin(&path), Err(ServingError::Busy(_))));
    assert!(matches!(apply(&path, &[], &[], &Mark::default()), Err(ServingError::Busy(_))));
    assert_eq!(first(&Copy::open(&path).unwrap()).unwrap(), "old0");
    drop(builder);
    let copy = Copy::open(&path).unwrap();
    assert_eq!((first(&copy).unwrap().as_str(), copy.held().unwrap()), ("old0", 10));
    drop(copy);
    // A process that is killed leaves its half file; the next build takes it away.
    fs::write(folder.path().join("standard.words.sqlite.0123456789ab"), "half").unwrap();
    fs::write(folder.path().join("standard.words.sqlite.0123456789ab-wal"), "half").unwrap();
    build(&path, 0..10, "new");
    assert_eq!(first(&Copy::open(&path).unwrap()).unwrap(), "new0");
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("0123456789ab")), "{there}: {names:?}");
    // Rows with the same key, or with none, end a build.
    let mut builder = begin(&path).unwrap();
    builder.add(&batch(0..2, "a")).unwrap();
    builder.add(&batch(1..2, "b")).unwrap();
    assert!(matches!(builder.finish(&Mark::default()), Err(ServingError::Twice(key)) if key == "id"));
    let none: ArrayRef = Arc::new(Int64Array::from(vec![None]));
    let batch = RecordBatch::try_from_iter_with_nullable([("id", none, true), ("word", Arc::new(StringArray::from(vec!["x"])) as ArrayRef, true)]).unwrap();
    assert!(matches!(begin(&path).unwrap().add(&batch), Err(ServingError::NoKey(column)) if column == "id"));
    assert!(matches!(apply(&path, &[], &[batch], &Mark::default()), Err(ServingError::NoKey(_))));
    assert_eq!(Copy::open(&path).unwrap().held().unwrap(), 10);
    serving::remove(&path).unwrap();
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn who_reads_a_copy_that_is_replaced_reads_it_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standard.words.sqlite");
    build(&path, 0..5000, "old");
    let copy = Copy::open(&path).unwrap();
    let mut seen = 0;
    copy.each(&Question { order: vec![("id".to_owned(), false)], ..Question::default() }, &mut |row| {
        if seen == 1 {
            // While this goes on the copy is written to, and then replaced.
            let removed: Vec<_> = (0..5000).map(|id| Removal::Key(vec![Value::Integer(id)])).collect();
            let applied = apply(&path, &removed, &[batch(0..1, "applied")], &Mark::default()).unwrap();
            assert_eq!((applied.changed, applied.removed), (1, 4999));
            assert_eq!(first(&copy).unwrap(), "applied0");
            build(&path, 0..10, "new");
        }
        assert_eq!(row[1].text(), format!("old{seen}"));
        seen += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, 5000);
    assert!(copy.is_stale());
    assert_eq!(first(&copy).unwrap(), "applied0");
    let newer = Copy::open(&path).unwrap();
    assert!(!newer.is_stale());
    assert_eq!(first(&newer).unwrap(), "new0");
    // The new one shares nothing with the log of the old one.
    apply(&path, &[], &[batch(0..1, "newer")], &Mark::default()).unwrap();
    assert_eq!((first(&newer).unwrap().as_str(), first(&copy).unwrap().as_str()), ("newer0", "applied0"));
}

#[test]
fn what_was_applied_is_there_after_a_crash() {
    let (folder, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("standard.words.sqlite");
    build(&path, 0..10, "old");
    let copy = Copy::open(&path).unwrap();
    apply(&path, &[], &[batch(0..1, "applied")], &Mark::default()).unwrap();
    assert_eq!(first(&copy).unwrap(), "applied0");
    // As a process that is killed leaves it: the log is not in the file, and its index, which is memory, is lost.
    let mut logs = 0;
    for entry in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        logs += usize::from(name.ends_with("-wal") && entry.metadata().unwrap().len() > 0);
        match fs::read_link(entry.path()) {
            Ok(target) => std::os::unix::fs::symlink(target, after.path().join(name)).unwrap(),
            Err(_) if name.ends_with("-shm") => (),
            Err(_) => fs::copy(entry.path(), after.path().join(name)).map(drop).unwrap(),
        }
    }
    assert_eq!(logs, 1);
    let path = after.path().join("standard.words.sqlite");
    let found = Copy::open(&path).unwrap();
    assert_eq!((first(&found).unwrap().as_str(), found.last().unwrap()), ("applied0", 1));
    apply(&path, &[], &[batch(0..1, "again")], &Mark::default()).unwrap();
    assert_eq!((first(&found).unwrap().as_str(), found.last().unwrap()), ("again0", 2));
}

#[test]
fn a_damaged_file_is_told_and_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standard.words.sqlite");
    build(&path, 0..20_000, "old");
    let epoch = Copy::open(&path).unwrap().epoch();
    let whole = fs::read(&path).unwrap();
    let all = |path: &Path| Copy::open(path)?.each(&Question::default(), &mut |_| ControlFlow::Continue(()));
    let mut worst = Vec::new();
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("text", b"not a database, but long enough to be one, were it one".repeat(1000)),
        ("half", whole[..whole.len() / 2].to_vec()),
        ("holed", [&whole[..20_000], &[0x55; 200_000], &whole[220_000..]].concat()),
    ] {
        fs::write(&path, bytes).unwrap();
        match all(&path) {
            Err(ServingError::Damaged(..)) => (),
            other => worst.push(format!("{what}: {other:?}")),
        }
        // It is no obstacle to the next, whose readers must start again.
        build(&path, 0..20_000, "new");
        let copy = Copy::open(&path).unwrap();
        assert_eq!(first(&copy).unwrap(), "new0", "{what}");
        assert_ne!(copy.epoch(), epoch, "{what}");
    }
    assert!(worst.is_empty(), "{}", worst.join("\n"));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "no link").unwrap();
    assert!(matches!(Copy::open(&path), Err(ServingError::Damaged(..))));
    build(&path, 0..1, "new");
    assert_eq!(first(&Copy::open(&path).unwrap()).unwrap(), "new0");
}

#[test]
fn a_read_that_takes_too_long_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standard.words.sqlite");
    build(&path, 0..300_000, "a-rather-long-word-");
    let copy = Copy::open(&path).unwrap();
    // Patterns that nothing fulfils, and no index helps with.
    let pattern = |n: usize| Condition::Like { column: "word".to_owned(), pattern: format!("%a%r%l%w%{n}x"), negated: false };
    let long = Condition::Any((0..300).map(pattern).collect());
    let begun = Instant::now();
    assert!(matches!(copy.within(Duration::from_millis(50)).count(&long), Err(ServingError::TooLong)));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    // The connection is as good as before, and a read in time is not stopped.
    let one = Condition::Compare("id".to_owned(), Operator::Equal, Value::Integer(7));
    assert_eq!(copy.within(Duration::from_secs(60)).count(&one).unwrap(), 1);
    assert_eq!(copy.count(&one).unwrap(), 1);
}

#[test]
fn pages_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standard.words.sqlite");
    build(&path, 0..100, "w");
    let copy = Copy::open(&path).unwrap();
    let page = |offset| copy.rows(&Question { order: vec![("word".to_owned(), true)], limit: Some(30), offset, count: true, ..Question::default() }).unwrap();
    let pages: Vec<_> = (0..5).map(|number| page(number * 30)).collect();
    assert_eq!(pages.iter().map(|page| page.rows.len()).collect::<Vec<_>>(), [30, 30, 30, 10, 0]);
    assert!(pages.iter().all(|page| page.total == Some(100)));
    let words: Vec<String> = pages.iter().flat_map(|page| &page.rows).map(|row| row[1].text()).collect();
    assert!(words.windows(2).all(|pair| pair[0] > pair[1]));
    assert_eq!(page(u64::MAX).rows.len(), 0);
    // A clone in another thread reads the same file.
    let other = copy.clone();
    assert_eq!(std::thread::spawn(move || first(&other).unwrap()).join().unwrap(), "w0");
}
