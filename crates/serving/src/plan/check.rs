//! Whether a plan makes sense as a whole: what is told of groups is what they are grouped by, or reckoned over their rows.

use super::{Expr, Plan};
use crate::ServingError;

pub(super) fn check(plan: &Plan) -> Result<(), ServingError> {
    let outside = plan.filter.iter().chain(&plan.group);
    if outside.into_iter().any(is_aggregate) {
        return Err(ServingError::Operand { of: "where, group", expected: "no aggregate" });
    }
    let told = || plan.select.iter().chain(&plan.having).chain(plan.order.iter().map(|(expr, _)| expr));
    let grouped = !plan.group.is_empty() || plan.having.is_some() || told().any(is_aggregate);
    if grouped {
        told().try_for_each(|expr| of_group(expr, &plan.group, false))?;
    }
    Ok(())
}

/// Whether one value is told of each group.
pub(super) fn is_grouped(plan: &Plan) -> bool {
    !plan.group.is_empty() || plan.select.iter().chain(&plan.having).chain(plan.order.iter().map(|(expr, _)| expr)).any(is_aggregate)
}

fn is_aggregate(expr: &Expr) -> bool {
    matches!(expr, Expr::Aggregate(..)) || parts(expr).into_iter().any(is_aggregate)
}

fn of_group(expr: &Expr, group: &[Expr], inside: bool) -> Result<(), ServingError> {
    if !inside && group.contains(expr) {
        return Ok(());
    }
    match expr {
        Expr::Aggregate(..) if inside => Err(ServingError::Operand { of: "aggregate", expected: "no other aggregate" }),
        Expr::Aggregate(_, of) => of.iter().try_for_each(|of| of_group(of, group, true)),
        Expr::Column(name) if !inside => Err(ServingError::Grouped(name.clone())),
        Expr::Number if !inside => Err(ServingError::Grouped(":id".to_owned())),
        _ => parts(expr).into_iter().try_for_each(|part| of_group(part, group, inside)),
    }
}

/// What an expression is made of.
pub(super) fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Column(_) | Expr::Number | Expr::Value(_) => Vec::new(),
        Expr::Aggregate(_, of) => of.iter().map(AsRef::as_ref).collect(),
        Expr::Call(_, parts) | Expr::And(parts) | Expr::Or(parts) => parts.iter().collect(),
        Expr::Compare(_, left, right) => vec![left, right],
        Expr::Not(of) | Expr::In(of, _) | Expr::Like(of, _) | Expr::Null(of) => vec![of],
    }
}
