//! Tables as a reader may see them: a view in the table's place, in which columns beyond the reader's clearance are masked.
//! Whatever a statement does with such a column, a filter or a join, it does with what the mask left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use data::mask::Mask;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, TableReference};
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};

use super::{Secret, masked};
use crate::TableName;

/// What a reader sees of the tables. Of a table that is not named here everything is hidden.
#[derive(Clone, Debug, Default)]
pub struct Masks(pub BTreeMap<TableName, Shown>);

/// What a reader sees of one table; columns in neither set are hidden unless it says otherwise.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub plain: BTreeSet<String>,
    pub masked: BTreeMap<String, Mask>,
    /// Whether columns that stand in neither are seen.
    pub rest: bool,
}

impl Masks {
    /// The table with its masks before it; as it is when all of it may be seen.
    pub(crate) fn over(&self, name: &TableName, table: Arc<dyn TableProvider>, secret: Option<&Secret>) -> Result<Arc<dyn TableProvider>> {
        let nothing = Shown::default();
        let shown = self.0.get(name).unwrap_or(&nothing);
        let schema = table.schema();
        let plain = |name: &String| shown.plain.contains(name) || shown.rest && !shown.masked.contains_key(name);
        if schema.fields().iter().all(|field| plain(field.name())) {
            return Ok(table);
        }
        let column = |name: &String| {
            let whole = Expr::Column(Column::from_name(name));
            if plain(name) {
                return whole;
            }
            let mask = shown.masked.get(name).copied().unwrap_or(Mask::Hide {});
            masked(mask, whole, secret).alias(name)
        };
        let columns: Vec<Expr> = schema.fields().iter().map(|field| column(field.name())).collect();
        let plan = LogicalPlanBuilder::scan(TableReference::bare(name.name.as_str()), provider_as_source(table), None)?.project(columns)?.build()?;
        Ok(Arc::new(ViewTable::new(plan, None)))
    }
}
