//! The process in which one table is made from a SELECT: limited, killable, without network or environment.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use kernel::Text;
use lake::{Limits, Recipe, Unmade};

use crate::model_ports::{Done, Order};
use crate::confine::{Kept, confine};
use crate::worker;

/// Address space beside what the engine's operators may hold, of which the pool counts about a quarter.
const ADDRESS_SPACE: u64 = 2 << 30;

#[derive(Args)]
pub struct ModelWorker {
    #[arg(long)]
    data: std::path::PathBuf,
}

impl ModelWorker {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let order: Order = worker::question()?;
        worker::limit(ADDRESS_SPACE + order.memory_bytes.saturating_mul(4), order.deadline_ms.div_ceil(1000) * 2 + 60);
        let secret = crate::wire::mask_secret(&self.data);
        let lake = self.data.join("lake");
        confine(&Kept { reads: &[], writes: &[&lake] });
        let runtime = worker::runtime()?;
        let done = runtime.block_on(make(&lake, secret, order));
        worker::answer(&done)?;
        // What the engine still has on its hands after a deadline, spilling to disk, is of no use to anybody.
        runtime.shutdown_timeout(Duration::from_secs(1));
        Ok(ExitCode::SUCCESS)
    }
}

async fn make(folder: &std::path::Path, secret: Result<lake::Secret, Text>, order: Order) -> Done {
    let Some(table) = desk::port::TableName::read(&order.table) else {
        return Done::Refused(Text::new("表名不合规", "not a table name"));
    };
    let secret = match secret {
        Ok(secret) => secret,
        Err(text) => return Done::Refused(text),
    };
    let lake = match lake::Lake::open(folder).await {
        Ok(lake) => lake.keyed(secret),
        Err(error) => return Done::Refused(error.text()),
    };
    let limits = Limits {
        max_rows: Some(order.rows),
        deadline: Duration::from_millis(order.deadline_ms),
        memory_bytes: order.memory_bytes,
        ..Limits::default()
    };
    let recipe = Recipe {
        table: crate::ports::name(&table),
        sql: order.sql,
        limits,
        note: order.note,
        key: order.key,
        cursor: order.cursor,
    };
    match lake.make(&recipe).await {
        Ok(made) => Done::Made {
            given: made.given,
            rows: made.rows,
            version: made.version,
            added: made.added,
        },
        Err(Unmade::Statement(error)) => Done::Refused(error.message),
        Err(Unmade::Lake(error)) => Done::Refused(error.text()),
    }
}
