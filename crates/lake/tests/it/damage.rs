//! Damage drills: whatever happens to a file, the answer is an error that names it, or the right rows.

use std::path::{Path, PathBuf};

use lake::{Lake, LakeError};

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
