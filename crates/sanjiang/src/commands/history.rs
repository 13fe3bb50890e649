//! `sanjiang history`: what changed between two points, one row through time, a table as of a moment. One JSON object a line.

use std::collections::HashMap;
use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use desk::history::CHANGES_MAX;
use futures::StreamExt;

use super::Where;
use crate::show::refusal;

#[derive(Args)]
pub struct History {
    /// 信息资源 / The resource.
    resource: String,
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 两个时间点之间增加、移除、更正的行 / Rows added, removed, corrected. A point is a day, a moment, a run, or a batch number.
    Changes {
        #[arg(long, default_value = "0")]
        from: String,
        #[arg(long)]
        to: String,
    },
    /// 一行的每个版本 / Every version of one row, by the values of its key.
    Row { key: Vec<String> },
    /// 某个时间点的数据 / The table as of a point.
    AsOf { at: String },
}

impl History {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let who = super::operator();
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        match self.act {
            Act::Changes { from, to } => {
                let (from, to) = (desk.point(&from).map_err(refusal)?, desk.point(&to).map_err(refusal)?);
                let mut after: Option<String> = None;
                loop {
                    let page = desk.changes(&who, &self.resource, &from, &to, after.as_deref(), CHANGES_MAX).await.map_err(refusal)?;
                    for entry in &page.entries {
                        writeln!(out, "{}", serde_json::to_string(entry)?)?;
                    }
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
            Act::Row { key } => {
                for version in desk.row_history(&who, &self.resource, &key).await.map_err(refusal)? {
                    writeln!(out, "{}", serde_json::to_string(&version)?)?;
                }
            }
            Act::AsOf { at } => {
                let mut table = desk.as_of(&who, &self.resource, &desk.point(&at).map_err(refusal)?).await.map_err(refusal)?;
                let columns: Vec<String> = table.schema.fields().iter().map(|field| field.name().clone()).collect();
                let columns: Vec<String> = columns.into_iter().filter(|name| !name.starts_with('_')).collect();
                while let Some(batch) = table.rows.next().await {
                    for row in desk::history::texts(&batch.map_err(refusal)?, &columns).map_err(refusal)? {
                        let cells: serde_json::Map<String, serde_json::Value> = columns.iter().cloned().zip(row.into_iter().map(Into::into)).collect();
                        writeln!(out, "{}", serde_json::Value::Object(cells))?;
                    }
                }
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
