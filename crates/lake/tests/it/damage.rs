//! Damage drills: whatever happens to a file, the answer is an error that names it, or the right rows.

use std::path::{Path, PathBuf};

use lake::{Commit, Lake, LakeError};

use crate::support::*;

const ROWS: i64 = 60;

async fn small_table(root: &Path, checkpoint: bool) {
    let lake = Lake::open(root).await.unwrap();
    for seq in 1..=6 {
        land(&lake, (seq - 1) * 10..seq * 10, seq).await.unwrap();
        if checkpoint && seq == 3 {
            lake.checkpoint(&table()).await.unwrap();
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.path().is_dir() { copy(&file.path(), &target) } else { assert!(std::fs::copy(file.path(), target).is_ok()) }
    }
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() { files.extend(all_files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Sum of ids and count by two ways, or the error.
async fn answer(root: &Path) -> Result<(u64, Vec<i64>, i64), LakeError> {
    let lake = Lake::open(root).await?;
    let rows = lake.table(&table()).await?.map_or(0, |info| info.rows);
    let ids = ids(&lake).await?;
    let last = lake.last_commit(&table()).await?.map_or(0, |last| last.seq);
    Ok((rows, ids, last))
}

type Harm = (&'static str, fn(&Path));

const HARMS: [Harm; 5] = [
    ("zero length", |path| std::fs::write(path, b"").unwrap()),
    ("torn in half", |path| {
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    }),
    ("zeroed", |path| {
        let length = std::fs::metadata(path).unwrap().len() as usize;
        std::fs::write(path, vec![0; length]).unwrap();
    }),
    ("deleted", |path| std::fs::remove_file(path).unwrap()),
    ("last line lost", |path| {
        let bytes = std::fs::read(path).unwrap();
        let end = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').map_or(bytes.len() - 1, |at| at + 1);
        std::fs::write(path, &bytes[..end]).unwrap();
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_harm_to_a_file_is_read_as_fewer_rows() {
    for checkpoint in [false, true] {
        let root = tempfile::tempdir().unwrap();
        small_table(root.path(), checkpoint).await;
        let right = (ROWS as u64, (0..ROWS).collect::<Vec<_>>(), 6);
        assert_eq!(answer(root.path()).await.unwrap(), right);
        let (mut caught, mut harmless) = (0, 0);
        for file in all_files(&folder(root.path())) {
            for (harm, act) in HARMS {
                let hurt = tempfile::tempdir().unwrap();
                copy(root.path(), hurt.path());
                let target = hurt.path().join(file.strip_prefix(root.path()).unwrap());
                act(&target);
                match answer(hurt.path()).await {
                    Err(LakeError::Damaged { .. }) => caught += 1,
                    Err(other) => panic!("{harm} {}: not named as damage: {other}", file.display()),
                    Ok(found) => {
                        assert_eq!(found, right, "{harm} {}", file.display());
                        harmless += 1;
                    }
                }
            }
        }
        println!("checkpoint {checkpoint}: {caught} caught, {harmless} harmless");
        assert!(caught >= 55, "{caught} caught, {harmless} harmless");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_flipped_byte_changes_an_answer() {
    let root = tempfile::tempdir().unwrap();
    small_table(root.path(), true).await;
    let right = (ROWS as u64, (0..ROWS).collect::<Vec<_>>(), 6);
    let (mut caught, mut harmless) = (0, 0);
    for file in all_files(&folder(root.path())) {
        let bytes = std::fs::read(&file).unwrap();
        for at in (0..bytes.len()).step_by((bytes.len() / 7).max(1)) {
            let mut wrong = bytes.clone();
            wrong[at] ^= 1 << (at % 8);
            std::fs::write(&file, &wrong).unwrap();
            match answer(root.path()).await {
                Err(_) => caught += 1,
                Ok(found) => {
                    assert_eq!(found, right, "byte {at} of {}", file.display());
                    harmless += 1;
                }
            }
        }
        std::fs::write(&file, &bytes).unwrap();
    }
    println!("flips: {caught} caught, {harmless} harmless");
    assert!(caught > 80, "{caught} caught, {harmless} harmless");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_seen_while_the_lake_is_open() {
    let root = tempfile::tempdir().unwrap();
    small_table(root.path(), false).await;
    let lake = Lake::open(root.path()).await.unwrap();
    assert_eq!(ids(&lake).await.unwrap().len() as i64, ROWS);
    std::fs::write(entry(root.path(), 5), b"").unwrap();
    match lake.table(&table()).await {
        Err(LakeError::Damaged { file, .. }) => {
            assert!(file.ends_with("00000000000000000005.json"), "{file}")
        }
        other => panic!("{other:?}"),
    }
    assert!(land(&lake, [1], 7).await.is_err(), "a damaged table takes no more rows");
}

/// Six batches; the first row of each replaced by the next one; three files put together; a checkpoint in between.
async fn worn_table(root: &Path) -> Vec<i64> {
    let lake = Lake::open(root).await.unwrap();
    for seq in 1..=6 {
        let replaces = if seq == 1 { Vec::new() } else { vec![hash(seq * 10 - 10)] };
        let change = Commit { replaces, ..commit(seq) };
        lake.append(&table(), vec![rows(seq * 10..seq * 10 + 10, seq)], change).await.unwrap();
        match seq {
            3 => assert_eq!(lake.compact(&table(), compaction(1)).await.unwrap(), 3),
            4 => lake.checkpoint(&table()).await.unwrap(),
            _ => {}
        }
    }
    ids(&lake).await.unwrap()
}

/// Every kind of file, every kind of damage: named by verify, mended or set aside by repair, and the table works on.
#[tokio::test(flavor = "multi_thread")]
async fn verify_names_and_repair_mends_every_damage() {
    let root = tempfile::tempdir().unwrap();
    let right = worn_table(root.path()).await;
    let files = all_files(&folder(root.path()));
    let flipped: Harm = ("a bit flipped", |path| {
        let mut bytes = std::fs::read(path).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 4;
        std::fs::write(path, bytes).unwrap();
    });
    let (mut named, mut lost_rows) = (0, 0);
    for (at, file) in files.iter().enumerate() {
        let same_kind = files.iter().cycle().skip(at + 1).find(|other| other.extension() == file.extension()).unwrap();
        let within = |hurt: &Path, file: &Path| hurt.join(file.strip_prefix(root.path()).unwrap());
        for harm in HARMS.iter().chain([&flipped]).map(Some).chain([None]) {
            let hurt = tempfile::tempdir().unwrap();
            copy(root.path(), hurt.path());
            let target = within(hurt.path(), file);
            let what = match harm {
                Some((what, act)) => {
                    act(&target);
                    *what
                }
                None => {
                    let other = within(hurt.path(), same_kind);
                    let bytes = std::fs::read(&target).unwrap();
                    std::fs::copy(&other, &target).unwrap();
                    std::fs::write(&other, bytes).unwrap();
                    "swapped with another"
                }
            };
            let case = format!("{what}: {}", file.display());
            let changed = std::fs::read(&target).ok() != std::fs::read(file).ok();
            let lake = Lake::open(hurt.path()).await.unwrap();
            let verified = lake.verify(&table(), false).await.unwrap();
            // A hint that is gone or merely inexact misleads nobody; a manifest may lack its last line after a kill.
            let hint = file.ends_with("_last_checkpoint");
            let forgiven = hint || (file.ends_with("manifest.log") && what == "last line lost");
            if changed && !forgiven {
                assert!(verified.damages.iter().any(|damage| damage.file.ends_with(file.file_name().unwrap())), "{case}: {verified:?}");
                named += 1;
            }
            let repaired = lake.repair(&table()).await.unwrap();
            assert!(repaired.left.is_empty(), "{case}: {repaired:?}");
            let gone: u64 = repaired.lost.iter().map(|lost| lost.rows).sum();
            lost_rows += gone;
            let left = ids(&Lake::open(hurt.path()).await.unwrap()).await.unwrap();
            assert!(left.len() as u64 + gone == right.len() as u64 && left.iter().all(|id| right.contains(id)), "{case}");
            assert!(gone == 0 || file.extension().is_some_and(|kind| kind == "parquet"), "{case}: only a data file holds rows");
            assert!(lake.verify(&table(), true).await.unwrap().whole(), "{case}");
            land(&lake, [1000], 7).await.unwrap();
            assert_eq!(ids(&Lake::open(hurt.path()).await.unwrap()).await.unwrap().len(), left.len() + 1, "{case}");
        }
    }
    println!("{named} damages named in {} files, {lost_rows} rows told as lost", files.len());
    assert!(named > 100 && lost_rows > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_data_file_is_told_by_its_batches() {
    let root = tempfile::tempdir().unwrap();
    worn_table(root.path()).await;
    let lake = Lake::open(root.path()).await.unwrap();
    lake.compact(&table(), compaction(1)).await.unwrap();
    let newest = parquet_files(root.path()).into_iter().max_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap()).unwrap();
    std::fs::remove_file(&newest).unwrap();
    let verified = lake.verify(&table(), false).await.unwrap();
    let damage = &verified.damages[0];
    assert!(damage.loses_rows() && damage.means.zh == "批次 1–6 的 55 行不可读", "{damage:?}");
    let repaired = lake.repair(&table()).await.unwrap();
    assert_eq!((repaired.lost.len(), repaired.lost[0].rows, repaired.lost[0].batches.as_str()), (1, 55, "1–6"));
    assert_eq!(lake.last_commit(&table()).await.unwrap().unwrap().seq, 6, "numbers of batches go on from here");
    assert!(ids(&lake).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_set_aside_is_gone_from_the_lake_and_whole_in_its_new_place() {
    let root = tempfile::tempdir().unwrap();
    worn_table(root.path()).await;
    let lake = Lake::open(root.path()).await.unwrap();
    let files = all_files(&folder(root.path())).len();
    let place = lake.set_aside(&table()).await.unwrap();
    assert!(lake.table(&table()).await.unwrap().is_none() && !folder(root.path()).exists());
    assert_eq!(all_files(&place).len(), files);
    land(&lake, [1], 1).await.unwrap();
    assert_eq!(ids(&lake).await.unwrap(), [1]);
}
