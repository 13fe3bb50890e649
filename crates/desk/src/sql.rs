//! SELECTs over the lake by staff: in a process of their own, within limits, with errors that point at the word.

use std::collections::BTreeMap;
use std::time::Duration;

use data::declare::{Item, Shape};
use data::standard::Checker;
use kernel::Text;
use serde_json::json;

use crate::authority::Object;
use crate::model::{column_title, table_title};
use crate::port::{PlannedColumn, Source, TableName};
use crate::view::{Account, SqlAnswer, SqlTable, SqlTableColumn};
use crate::{Answer, Desk, DeskError, internal};

const ROWS_MAX: u64 = 10_000;
/// No statement runs longer, whatever its reader would wait.
const DEADLINE: Duration = Duration::from_secs(30);

impl Desk {
    /// Staff: one SELECT. At most `max_rows` rows (and never more than 10,000) come back.
    pub async fn sql(&self, who: &Account, text: &str, max_rows: u64) -> Answer<SqlAnswer> {
        self.sql_within(who, text, max_rows, DEADLINE).await
    }

    /// The same for a reader who does not want to wait so long.
    pub async fn sql_within(&self, who: &Account, text: &str, max_rows: u64, patience: Duration) -> Answer<SqlAnswer> {
        self.may(who, "read.sql", &Object::of("sql")).await?;
        let max_rows = max_rows.clamp(1, ROWS_MAX);
        let answer = self.0.ports.sql.run(text, max_rows, patience.min(DEADLINE), self.masks(who, text)).await.map_err(DeskError::Sql)?;
        self.log(who, "read.sql", &Object::of("sql"), json!({ "statement": text, "rows": answer.rows.len() })).await?;
        Ok(answer)
    }

    /// Staff: how the engine would run it for this reader, as indented text: (logical plan, physical plan). A plan can hold values, such as
    /// the smallest of a column, so it is made over the same masks.
    pub async fn sql_plan(&self, who: &Account, text: &str) -> Answer<(String, String)> {
        self.may(who, "read.sql", &Object::of("sql")).await?;
        self.0.ports.sql.plan(text, self.masks(who, text)).await.map_err(DeskError::Sql)
    }

    /// What a column of a table is called; the table as `layer.name`.
    pub fn column_title(&self, table: &str, column: &str) -> Text {
        let name = || Text::new(column, column);
        TableName::read(table).map_or_else(name, |table| column_title(&self.city(), &self.compiled(), &Source { table, column: column.to_owned() }))
    }

    /// Staff: tables and columns for completion: those that hold rows, by name.
    pub async fn sql_tables(&self, who: &Account) -> Answer<Vec<SqlTable>> {
        self.may(who, "read.sql", &Object::of("sql")).await?;
        let city = self.city();
        let states = self.states().await?;
        let mut tables = BTreeMap::new();
        for resource in city.resources.values() {
            let Some(state) = states.get(&resource.id) else { continue };
            let title = Text::new(&resource.title, &resource.title_en);
            if state.standard_rows > 0 {
                let name = format!("standard.{}", resource.id);
                let columns = resource.items.iter().map(|item| column(item, kind_word(&city, item))).chain(provenance()).collect();
                tables.insert(name.clone(), SqlTable { name, title: title.clone(), columns });
            }
            if state.raw_rows > 0 {
                let name = format!("raw.{}", resource.id);
                let columns = resource.items.iter().map(|item| column(item, "Utf8")).chain(provenance()).collect();
                tables.insert(name.clone(), SqlTable { name, title, columns });
            }
        }
        let models = self.compiled();
        for (id, planned) in &models.planned {
            let Some(title) = table_title(&city, &planned.table) else { continue };
            if self.0.ports.lake.size(&planned.table).await.map_err(internal)?.rows == 0 {
                continue;
            }
            let column = |column: &PlannedColumn| {
                let source = Source { table: planned.table.clone(), column: column.name.clone() };
                SqlTableColumn { name: column.name.clone(), title: column_title(&city, &models, &source), kind: column.kind.clone() }
            };
            let columns = planned.columns.iter().map(column).collect();
            tables.insert(id.clone(), SqlTable { name: id.clone(), title, columns });
        }
        Ok(tables.into_values().collect())
    }
}

fn column(item: &Item, kind: &str) -> SqlTableColumn {
    SqlTableColumn { name: item.name.clone(), title: Text::new(&item.title, &item.title_en), kind: kind.to_owned() }
}

/// The columns every table has, which tell where a row came from.
fn provenance() -> impl Iterator<Item = SqlTableColumn> {
    let column = |name: &str, zh: &str, en: &str, kind: &str| SqlTableColumn {
        name: name.to_owned(),
        title: Text::new(zh, en),
        kind: kind.to_owned(),
    };
    [
        column("_system", "来源系统", "source system", "Utf8"),
        column("_run", "归集任务", "run", "Utf8"),
        column("_batch", "批次", "batch", "Int64"),
        column("_file", "来源文件", "source file", "Utf8"),
        column("_line", "来源行号", "source line", "Int64"),
    ]
    .into_iter()
}

fn kind_word(city: &data::City, item: &Item) -> &'static str {
    match Checker::new(city, item).ok().map(|checker| checker.kind().shape()) {
        Some(Shape::Integer) => "Int64",
        Some(Shape::Number) => "Float64",
        Some(Shape::Money) => "Decimal(18,2)",
        Some(Shape::Boolean) => "Boolean",
        Some(Shape::Date) => "Date",
        Some(Shape::Datetime) => "Timestamp",
        _ => "Utf8",
    }
}
