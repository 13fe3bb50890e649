//! What an expression is computed from, and what decides over the rows that went into it.

use data::mask::{Declassifier, Mask};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::{AggregateFunction, Sort, WindowFunction};
use datafusion::logical_expr::{Expr, Subquery, WindowFunctionDefinition};

use super::relation::relation;
use super::{Flow, How, Set, Trace};
use crate::mask;

/// Where the columns of an expression are looked up: the inputs at hand, then the queries around.
pub(super) struct Scope<'a> {
    pub inputs: Vec<(&'a DFSchema, &'a Flow)>,
    pub around: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    pub fn over(schema: &'a DFSchema, flow: &'a Flow, around: Option<&'a Scope<'a>>) -> Scope<'a> {
        Scope {
            inputs: vec![(schema, flow)],
            around,
        }
    }

    fn column(&self, column: &Column) -> Option<Trace> {
        let found = |(schema, flow): &(&DFSchema, &Flow)| flow.columns.get(schema.maybe_index_of_column(column)?).cloned();
        let trace = self.inputs.iter().find_map(found)?;
        // Whatever takes a figure up is not the aggregate itself any more.
        Some(Trace { figure: None, ..trace })
    }

    /// In the nearest query around that has it.
    fn outer(&self, column: &Column) -> Option<Trace> {
        let around = self.around?;
        around.column(column).or_else(|| around.outer(column))
    }

    /// What the rows of the inputs are sorted by.
    fn order(&self) -> impl Iterator<Item = super::Source> {
        self.inputs.iter().flat_map(|(_, flow)| flow.order.iter().cloned())
    }
}

/// The trace of an expression over a scope.
pub(super) fn trace(expression: &Expr, scope: &Scope<'_>) -> Result<Trace> {
    match expression {
        Expr::Column(column) => scope.column(column).ok_or_else(|| unknown(column)),
        Expr::OuterReferenceColumn(_, column) => scope.outer(column).ok_or_else(|| unknown(column)),
        Expr::Alias(alias) => trace(&alias.expr, scope),
        Expr::Cast(cast) => trace(&cast.expr, scope),
        Expr::TryCast(cast) => trace(&cast.expr, scope),
        Expr::ScalarSubquery(subquery) => first_column(subquery, scope),
        Expr::InSubquery(found) => among(&found.expr, &found.subquery, scope),
        Expr::SetComparison(compared) => among(&compared.expr, &compared.subquery, scope),
        Expr::Exists(exists) => Ok(Trace {
            rows: relation(&exists.subquery.subquery, Some(scope))?.rows,
            ..Trace::default()
        }),
        Expr::AggregateFunction(call) => aggregate(call, scope),
        Expr::WindowFunction(call) => window(call, scope),
        Expr::ScalarFunction(call) => match mask::told(call.func.name(), &call.args) {
            Some((mask, value)) => masked(mask, value, scope),
            None => all_parts(expression, scope),
        },
        other => all_parts(other, scope),
    }
}

/// Everything that any of the expressions depends on, as something that decides over rows.
pub(super) fn deciding<'e>(expressions: impl IntoIterator<Item = &'e Expr>, scope: &Scope<'_>) -> Result<Set> {
    let mut all = Set::new();
    for expression in expressions {
        all.extend(trace(expression, scope)?.decides());
    }
    Ok(all)
}

pub(super) fn keys(sorts: &[Sort]) -> impl Iterator<Item = &Expr> {
    sorts.iter().map(|sort| &sort.expr)
}

fn all_parts(expression: &Expr, scope: &Scope<'_>) -> Result<Trace> {
    let mut whole = Trace::default();
    expression.apply_children(|part| {
        whole.add(trace(part, scope)?);
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(whole.at_least(How::Computed))
}

/// A mask lowers what it takes as it stands: parts of a value, each masked, could be put together again.
fn masked(mask: Mask, value: &Expr, scope: &Scope<'_>) -> Result<Trace> {
    let whole = trace(value, scope)?;
    let lowers = mask == Mask::Hide {} || (mask.is_declassifier() && whole.value.values().all(|how| *how == How::Copied));
    let left = if lowers { whole.through(&Declassifier::Mask(mask)) } else { whole };
    Ok(left.at_least(How::Computed))
}

fn first_column(subquery: &Subquery, scope: &Scope<'_>) -> Result<Trace> {
    let flow = relation(&subquery.subquery, Some(scope))?;
    let mut found = flow.columns.into_iter().next().unwrap_or_default();
    found.rows.extend(flow.rows);
    Ok(found)
}

fn among(expression: &Expr, subquery: &Subquery, scope: &Scope<'_>) -> Result<Trace> {
    let mut found = trace(expression, scope)?;
    found.add(first_column(subquery, scope)?);
    Ok(found.at_least(How::Computed))
}

fn aggregate(call: &AggregateFunction, scope: &Scope<'_>) -> Result<Trace> {
    let params = &call.params;
    let mut folded = Trace::default();
    // Which set a row belongs to is a property of the statement, not of any value.
    if call.func.name() == "grouping" {
        return Ok(folded);
    }
    for argument in &params.args {
        folded.add(trace(argument, scope)?);
    }
    // One that picks its rows, by FILTER or CASE, may pick a single one.
    let whole = params.filter.is_none() && folded.value.values().all(|how| *how == How::Copied);
    folded.figure = whole.then(|| call.func.name().to_owned());
    folded.rows.extend(deciding(params.filter.as_deref(), scope)?);
    folded.rows.extend(deciding(keys(&params.order_by), scope)?);
    if params.order_by.is_empty() && in_order(call.func.name()) {
        folded.rows.extend(scope.order());
    }
    Ok(folded.at_least(How::Folded))
}

/// Aggregates that depend on the order in which rows come.
fn in_order(name: &str) -> bool {
    matches!(name, "array_agg" | "string_agg" | "first_value" | "last_value" | "nth_value")
}

fn window(call: &WindowFunction, scope: &Scope<'_>) -> Result<Trace> {
    let params = &call.params;
    let mut found = Trace::default();
    for argument in &params.args {
        found.add(trace(argument, scope)?);
    }
    // What a rank is computed from is the order itself.
    if found.value.is_empty() {
        for key in keys(&params.order_by) {
            found.add(trace(key, scope)?);
        }
    }
    found.rows.extend(deciding(&params.partition_by, scope)?);
    found.rows.extend(deciding(keys(&params.order_by), scope)?);
    found.rows.extend(deciding(params.filter.as_deref(), scope)?);
    if params.order_by.is_empty() {
        found.rows.extend(scope.order());
    }
    let sums = matches!(call.fun, WindowFunctionDefinition::AggregateUDF(_));
    Ok(found.at_least(if sums { How::Folded } else { How::Computed }))
}

fn unknown(column: &Column) -> DataFusionError {
    DataFusionError::Internal(format!("no lineage of column {column}"))
}
