//! `IN` and `EXISTS` as early as they can be asked: a semi or anti join over an inner join that looks at one side only goes down to
//! that side, so that what it drops is never joined. The engine leaves it where the text has it, above all joins.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, JoinType, Result};
use datafusion::logical_expr::{Expr, Join, LogicalPlan, Projection};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

#[derive(Debug, Default)]
pub(crate) struct PushDownSemiJoin;

impl OptimizerRule for PushDownSemiJoin {
    fn name(&self) -> &str {
        "push_down_semi_join"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Join(semi) = &plan else { return Ok(Transformed::no(plan)) };
        // NOT IN of something that may be null asks all rows, not one by one.
        if !matches!(semi.join_type, JoinType::LeftSemi | JoinType::LeftAnti) || semi.null_aware {
            return Ok(Transformed::no(plan));
        }
        match pushed(semi)? {
            Some(pushed) => Ok(Transformed::yes(pushed)),
            None => Ok(Transformed::no(plan)),
        }
    }
}

/// The same, one join further down; `None` where it is as far down as it goes.
fn pushed(semi: &Join) -> Result<Option<LogicalPlan>> {
    let asked = asked_of_left(semi);
    match semi.left.as_ref() {
        LogicalPlan::Join(inner) => under_join(semi, inner, &asked),
        LogicalPlan::Projection(projection) => match projection.input.as_ref() {
            LogicalPlan::Join(inner) if passes(projection, &asked) => {
                let Some(below) = under_join(semi, inner, &asked)? else { return Ok(None) };
                Ok(Some(LogicalPlan::Projection(Projection::try_new(projection.expr.clone(), Arc::new(below))?)))
            }
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn under_join(semi: &Join, inner: &Join, asked: &HashSet<Column>) -> Result<Option<LogicalPlan>> {
    if inner.join_type != JoinType::Inner || asked.is_empty() {
        return Ok(None);
    }
    let tells = |side: &LogicalPlan| asked.iter().all(|column| side.schema().has_column(column));
    let over = |side: &Arc<LogicalPlan>| -> Result<Arc<LogicalPlan>> {
        let (on, filter) = (semi.on.clone(), semi.filter.clone());
        let join = Join::try_new(side.clone(), semi.right.clone(), on, filter, semi.join_type, semi.join_constraint, semi.null_equality, false)?;
        Ok(Arc::new(LogicalPlan::Join(join)))
    };
    let (left, right) = match (tells(&inner.left), tells(&inner.right)) {
        (true, _) => (over(&inner.left)?, inner.right.clone()),
        (false, true) => (inner.left.clone(), over(&inner.right)?),
        (false, false) => return Ok(None),
    };
    let (on, filter) = (inner.on.clone(), inner.filter.clone());
    let join = Join::try_new(left, right, on, filter, JoinType::Inner, inner.join_constraint, inner.null_equality, false)?;
    Ok(Some(LogicalPlan::Join(join)))
}

/// The columns of the left side that decide.
fn asked_of_left(semi: &Join) -> HashSet<Column> {
    let keys = semi.on.iter().flat_map(|(left, _)| left.column_refs());
    let filter = semi.filter.iter().flat_map(Expr::column_refs).filter(|column| semi.left.schema().has_column(column));
    keys.chain(filter).cloned().collect()
}

/// Whether the columns come through a projection as they are.
fn passes(projection: &Projection, columns: &HashSet<Column>) -> bool {
    columns.iter().all(|column| projection.expr.iter().any(|expr| matches!(expr, Expr::Column(same) if same == column)))
}
