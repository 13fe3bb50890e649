//! The law of lineage on random statements: one cell changes, and only columns that name it may change.
//!
//! `TAINT_CASES` and `TAINT_SEED` ask for more, or others; a failure prints the statement, the cell and the seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch};
use futures::{StreamExt, TryStreamExt};
use lake::{Commit, Lake, Layer, Limits, Lineage, Source, TableName, Tables, compile};

use super::declared;
use super::statement::{Dice, Writer};

const SCHEMA: &str = "t: id int, a int, b int, c int\nu: id int, d int, e int, f int";
const CHANGES: usize = 6;

type Cells = BTreeMap<&'static str, Vec<Vec<Option<i64>>>>;

fn cells(dice: &mut Dice) -> Cells {
    let mut table = |rows: usize| {
        let ids = (0..rows).map(|id| Some(id as i64)).collect();
        let mut column = || {
            (0..rows)
                .map(|_| (dice.below(7) > 0).then(|| dice.below(4) as i64))
                .collect::<Vec<_>>()
        };
        vec![ids, column(), column(), column()]
    };
    BTreeMap::from([("t", table(6)), ("u", table(5))])
}

async fn put(lake: &Lake, tables: &Tables, cells: &Cells, name: &str, seq: i64) {
    let table = TableName::new(Layer::Standard, name);
    let schema = tables[&table].clone();
    let columns = cells[name]
        .iter()
        .map(|column| Arc::new(Int64Array::from(column.clone())) as ArrayRef)
        .collect();
    let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
    let rows = futures::stream::iter([Ok(batch)]).boxed();
    lake.rewrite(&table, schema, rows, Commit { seq, ..Commit::default() })
        .await
        .unwrap();
}

/// The answer as rows of numbers, in any order; `None` when it fails while running.
async fn answer(lake: &Lake, sql: &str) -> Option<Vec<Vec<Option<i64>>>> {
    let batches: Vec<RecordBatch> = lake.query(sql, &Limits::default()).await.ok()?.batches.try_collect().await.ok()?;
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<ArrayRef> = batch
            .columns()
            .iter()
            .map(|column| arrow_cast::cast(column, &arrow_schema::DataType::Int64).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            rows.push(
                columns
                    .iter()
                    .map(|column| column.is_valid(row).then(|| column.as_primitive::<Int64Type>().value(row)))
                    .collect(),
            );
        }
    }
    Some(rows)
}

/// The rows as the columns show them that do not name the source, sorted.
fn untouched(rows: &[Vec<Option<i64>>], lineage: &Lineage, source: &Source) -> Vec<Vec<Option<i64>>> {
    let free: Vec<usize> = lineage
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !column.value.contains_key(source) && !column.rows.contains(source))
        .map(|(at, _)| at)
        .collect();
    let mut seen: Vec<Vec<Option<i64>>> = rows.iter().map(|row| free.iter().map(|at| row[*at]).collect()).collect();
    seen.sort();
    seen
}

fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_lineage_names_may_change() {
    let tables = declared(SCHEMA);
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    let (from, cases) = (asked("TAINT_SEED", 1), asked("TAINT_CASES", 80));
    let (mut seq, mut planned, mut tried, mut telling) = (0, 0, 0, 0);
    for seed in from..from + cases {
        let mut writer = Writer::new(seed);
        let depth = 1 + writer.dice.below(3);
        let sql = writer.relation(depth).sql;
        let Ok(compiled) = compile(&sql, &tables) else { continue };
        planned += 1;
        let mut dice = writer.dice;
        let held = cells(&mut dice);
        for name in ["t", "u"] {
            seq += 1;
            put(&lake, &tables, &held, name, seq).await;
        }
        let Some(before) = answer(&lake, &sql).await else { continue };
        for _ in 0..CHANGES {
            let name = *dice.one(&["t", "u"]);
            let table = TableName::new(Layer::Standard, name);
            let (column, mut changed) = (dice.below(4), held.clone());
            let row = dice.below(changed[name][column].len());
            let cell = &mut changed.get_mut(name).unwrap()[column][row];
            *cell = match *cell {
                Some(_) if dice.below(4) == 0 => None,
                Some(old) => Some((old + 1 + dice.below(3) as i64) % 9),
                None => Some(dice.below(4) as i64),
            };
            let source = Source {
                column: tables[&table].field(column).name().clone(),
                table,
            };
            if compiled.lineage.rows.contains(&source) {
                continue;
            }
            seq += 1;
            put(&lake, &tables, &changed, name, seq).await;
            if let Some(after) = answer(&lake, &sql).await {
                tried += 1;
                telling += usize::from(before.len() > 1);
                let (was, is) = (
                    untouched(&before, &compiled.lineage, &source),
                    untouched(&after, &compiled.lineage, &source),
                );
                assert_eq!(
                    was,
                    is,
                    "seed {seed}: {source} at row {row} changed more than its lineage says\n{sql}\n{}",
                    compiled.lineage.text()
                );
            }
            seq += 1;
            put(&lake, &tables, &held, name, seq).await;
        }
    }
    println!(
        "{planned} of {cases} statements planned, {tried} cells changed that lineage says are harmless to some column, {telling} where rows were to be seen"
    );
    assert!(
        planned as u64 * 10 >= cases * 7 && tried as u64 >= cases,
        "{planned} planned, {tried} tried"
    );
}
