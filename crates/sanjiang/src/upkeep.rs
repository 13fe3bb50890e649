//! The lake is kept in order while nobody needs it: small files are put together, old ones deleted, bytes proven.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use kernel::Moment;
use lake::{Compaction, Lake, LakeError, Layer, TableName};

/// How far back tables can be read as they were; also how long a reader of another make may take.
pub const HISTORY_HOURS: u64 = 24 * 7;
/// How often tables are looked at.
const ROUND: Duration = Duration::from_secs(600);
/// A table nobody has written for so long is quiet.
const QUIET_MICROS: i64 = 120_000_000;
/// So many small files are worth the work.
const MANY: usize = 8;
/// Old files are deleted, and every byte is proven again, after so long.
const PROVE_MICROS: i64 = 24 * 3_600_000_000;

/// The items that name a row, by resource.
pub type Keys = BTreeMap<String, Vec<String>>;

/// As the city declares them now; none when its folder cannot be read.
pub fn keys(city: &Path) -> Keys {
    let city = desk::folder::read(city).ok().and_then(|files| data::City::read(&files).0);
    let key = |resource: &data::declare::Resource| resource.items.iter().filter(|item| item.key).map(|item| item.name.clone()).collect();
    city.map(|city| city.resources.values().map(|resource| (resource.id.clone(), key(resource))).collect()).unwrap_or_default()
}

/// Standard tables are looked into by key; raw ones stay as they arrived.
pub fn order(table: &TableName, keys: &Keys) -> Vec<String> {
    if table.layer == Layer::Raw { Vec::new() } else { keys.get(&table.name).cloned().unwrap_or_default() }
}

/// Round after round, for as long as the server runs.
pub async fn run(lake: Lake, city: std::path::PathBuf) {
    let mut proven: HashMap<TableName, Moment> = HashMap::new();
    loop {
        tokio::time::sleep(ROUND).await;
        let keys = keys(&city);
        let tables = match lake.table_names() {
            Ok(tables) => tables,
            Err(error) => {
                tracing::error!(%error, "the lake cannot be listed");
                continue;
            }
        };
        for table in tables {
            if let Err(error) = keep(&lake, &table, &keys, &mut proven).await {
                tracing::error!(%table, %error, "upkeep of a table failed");
            }
        }
    }
}

async fn keep(lake: &Lake, table: &TableName, keys: &Keys, proven: &mut HashMap<TableName, Moment>) -> Result<(), LakeError> {
    let now = crate::wire::now();
    let Some(info) = lake.table(table).await? else { return Ok(()) };
    if now.0 - info.modified.0 < QUIET_MICROS {
        return Ok(());
    }
    lake.compact(table, Compaction { many: MANY, order: order(table, keys), whole: false }).await?;
    if proven.get(table).is_none_or(|last| now.0 - last.0 >= PROVE_MICROS) {
        lake.vacuum(table, Duration::from_secs(HISTORY_HOURS * 3600)).await?;
        let verified = lake.verify(table, false).await?;
        for damage in &verified.damages {
            tracing::error!(%table, file = %damage.file.display(), what = damage.what.en, means = damage.means.en, "a file is damaged: run sanjiang lake repair");
        }
        proven.insert(table.clone(), now);
    }
    Ok(())
}
