//! A table is held against a plain list of rows through any order of batches, replays, replacements and upkeep.

use std::collections::BTreeSet;

use lake::{Appended, Commit, Lake};
use proptest::prelude::*;

use crate::support::*;

#[derive(Clone, Debug)]
enum Step {
    Append(u8),
    /// Takes away each n-th row there is, and adds some.
    Replace(u8, u8),
    Replay,
    Compact,
    Checkpoint,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..20).prop_map(Step::Append),
        3 => (1_u8..6, 0_u8..5).prop_map(|(nth, more)| Step::Replace(nth, more)),
        1 => Just(Step::Replay),
        1 => Just(Step::Compact),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
    ]
}

async fn follow(steps: Vec<Step>) {
    let root = tempfile::tempdir().unwrap();
    let mut lake = Lake::open(root.path()).await.unwrap();
    let (mut model, mut seq, mut next) = (BTreeSet::new(), 0_i64, 0_i64);
    for step in steps {
        let (more, replaces): (u8, Vec<i64>) = match &step {
            Step::Append(more) => (*more, Vec::new()),
            Step::Replace(nth, more) => (*more, model.iter().copied().step_by(usize::from(*nth)).collect()),
            Step::Replay => {
                let expected = if seq == 0 {
                    continue;
                } else {
                    Appended::AlreadyThere
                };
                assert_eq!(land(&lake, [1_000_000], seq).await.unwrap(), expected);
                continue;
            }
            Step::Compact => {
                lake.compact(&table(), compaction(1)).await.unwrap();
                continue;
            }
            Step::Checkpoint => {
                lake.checkpoint(&table()).await.unwrap();
                continue;
            }
            Step::Reopen => {
                lake = Lake::open(root.path()).await.unwrap();
                continue;
            }
        };
        if seq == 0 && !replaces.is_empty() {
            continue;
        }
        seq += 1;
        let new = next..next + i64::from(more);
        next = new.end;
        let change = Commit { replaces: replaces.iter().map(|id| hash(*id)).collect(), ..commit(seq) };
        lake.append(&table(), vec![rows(new.clone(), seq)], change).await.unwrap();
        replaces.iter().for_each(|id| assert!(model.remove(id)));
        model.extend(new);
        assert_eq!(lake.table(&table()).await.unwrap().unwrap().rows, model.len() as u64);
    }
    for lake in [lake, Lake::open(root.path()).await.unwrap()] {
        assert_eq!(ids(&lake).await.unwrap(), model.iter().copied().collect::<Vec<_>>());
        assert_eq!(lake.last_commit(&table()).await.unwrap().map_or(0, |last| last.seq), seq);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_is_the_sum_of_its_batches(steps in proptest::collection::vec(step(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(follow(steps));
    }
}
