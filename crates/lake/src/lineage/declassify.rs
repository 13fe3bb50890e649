//! Figures over groups that a statement itself keeps large: `GROUP BY … HAVING count(*) >= 5`.

use data::mask::Declassifier;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Aggregate, BinaryExpr, Expr, Filter, LogicalPlan, Operator};

use super::{Flow, Trace};

/// Figures that tell of a group and of none of its rows: the smallest and the largest value are somebody's.
const FIGURES: [&str; 3] = ["count", "sum", "avg"];

/// Where the filter lets only groups of a least size pass, their figures come through that declassifier.
pub(super) fn declassify(filter: &Filter, flow: &mut Flow) {
    let LogicalPlan::Aggregate(grouped) = filter.input.as_ref() else { return };
    if matches!(grouped.group_expr.as_slice(), [Expr::GroupingSet(_)]) {
        return;
    }
    let Some(least) = split_conjunction(&filter.predicate).into_iter().filter_map(|part| least(part, grouped)).max() else {
        return;
    };
    for column in &mut flow.columns {
        if let Some(function) = column.figure.take().filter(|name| FIGURES.contains(&name.as_str())) {
            *column = std::mem::take::<Trace>(column).through(&Declassifier::Aggregate { function, least });
        }
    }
}

/// How many rows a group has at least where this holds: `count(*) >= 5`, `count(*) > 4`, `5 <= count(*)`.
fn least(condition: &Expr, grouped: &Aggregate) -> Option<u64> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = condition else { return None };
    let (counted, op, number) = match (number(left), number(right)) {
        (None, Some(number)) => (left, *op, number),
        (Some(number), None) => (right, op.swap()?, number),
        _ => return None,
    };
    let least = match op {
        Operator::GtEq | Operator::Eq => number,
        Operator::Gt => number.checked_add(1)?,
        _ => return None,
    };
    let Expr::Column(column) = plain(counted) else { return None };
    let place = grouped.schema.maybe_index_of_column(column)?.checked_sub(grouped.group_expr.len())?;
    sizes(call(grouped.aggr_expr.get(place)?)?, grouped).then_some(least)
}

/// Whether the call counts the rows of the groups: `count(*)` of one table, whose rows no join has multiplied, or
/// different values of a column anywhere.
fn sizes(call: &AggregateFunction, grouped: &Aggregate) -> bool {
    let params = &call.params;
    if call.func.name() != "count" || params.filter.is_some() {
        return false;
    }
    let every = params.args.iter().all(|argument| matches!(plain(argument), Expr::Literal(value, _) if !value.is_null()));
    params.distinct || (every && of_one_table(&grouped.input))
}

fn of_one_table(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::TableScan(_) => true,
        LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) | LogicalPlan::Sort(_) => {
            plan.inputs().into_iter().all(of_one_table)
        }
        _ => false,
    }
}

fn call(expression: &Expr) -> Option<&AggregateFunction> {
    match plain(expression) {
        Expr::AggregateFunction(call) => Some(call),
        _ => None,
    }
}

fn plain(expression: &Expr) -> &Expr {
    match expression {
        Expr::Alias(alias) => plain(&alias.expr),
        Expr::Cast(cast) => plain(&cast.expr),
        other => other,
    }
}

fn number(expression: &Expr) -> Option<u64> {
    let Expr::Literal(value, _) = plain(expression) else { return None };
    match value {
        ScalarValue::Int64(Some(number)) => u64::try_from(*number).ok(),
        ScalarValue::UInt64(Some(number)) => Some(*number),
        ScalarValue::Int32(Some(number)) => u64::try_from(*number).ok(),
        _ => None,
    }
}
