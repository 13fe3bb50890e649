//! The 99 queries of TPC-DS through lineage. Their texts are not ours to pass on: the test reads them from the folder
//! named by `SANJIANG_TPCDS` (`q1.sql` to `q99.sql`, as `scripts/tpcds-texts` fetches them).

use std::collections::BTreeSet;

use lake::compile;

use super::declared;

#[test]
fn ninety_nine_queries() {
    let Ok(folder) = std::env::var("SANJIANG_TPCDS") else {
        println!("SKIP: SANJIANG_TPCDS names no folder with the texts of TPC-DS");
        return;
    };
    let tables = declared(include_str!("tpcds.txt"));
    assert_eq!(tables.len(), 24);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .collect();
    files.sort();
    let (mut told, mut wrong, mut numbers) = (0, Vec::new(), BTreeSet::new());
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(number) = name.strip_prefix('q').and_then(|rest| rest.strip_suffix(".sql")) else {
            continue;
        };
        let sql = std::fs::read_to_string(path).expect("text").replace('`', "\"");
        match compile(&sql, &tables) {
            Ok(compiled) => {
                let sourced = compiled
                    .lineage
                    .columns
                    .iter()
                    .any(|column| !column.value.is_empty() || !column.rows.is_empty());
                assert!(sourced, "{name} comes from nowhere");
                told += compiled.lineage.columns.len();
                numbers.extend(number.trim_end_matches(char::is_alphabetic).parse::<u32>().ok());
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    println!(
        "{told} columns told; {} of the 99 queries; {} texts failed",
        numbers.len(),
        wrong.len()
    );
    assert!(wrong.is_empty() && numbers.len() == 99, "{}", wrong.join("\n"));
}
