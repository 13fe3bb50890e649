//! What the rows and columns of a plan come from, node by node.

use datafusion::common::{DFSchema, JoinType, TableReference};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Aggregate, Distinct, Expr, Join, LogicalPlan, TableScan, Unnest, Values, Window};

use super::declassify::declassify;
use super::expression::{Scope, deciding, keys, trace};
use super::{Flow, How, Set, Source, Trace};
use crate::{Layer, TableName};

/// The flow of a plan; `around` is the query it stands in, if it is a subquery.
pub(super) fn relation(plan: &LogicalPlan, around: Option<&Scope<'_>>) -> Result<Flow> {
    match plan {
        LogicalPlan::TableScan(scan) => table(scan, around),
        LogicalPlan::EmptyRelation(empty) => Ok(blank(&empty.schema)),
        LogicalPlan::Values(values) => constants(values, around),
        LogicalPlan::SubqueryAlias(alias) => relation(&alias.input, around),
        LogicalPlan::Subquery(subquery) => relation(&subquery.subquery, around),
        LogicalPlan::Repartition(repartition) => relation(&repartition.input, around),
        LogicalPlan::Projection(projection) => {
            let input = relation(&projection.input, around)?;
            let columns = traces(&projection.expr, &Scope::over(projection.input.schema(), &input, around))?;
            Ok(Flow { columns, ..input })
        }
        LogicalPlan::Filter(filter) => {
            let mut flow = relation(&filter.input, around)?;
            let decided = deciding([&filter.predicate], &Scope::over(filter.input.schema(), &flow, around))?;
            flow.rows.extend(decided);
            declassify(filter, &mut flow);
            Ok(flow)
        }
        LogicalPlan::Sort(sort) => {
            let mut flow = relation(&sort.input, around)?;
            let decided = deciding(keys(&sort.expr), &Scope::over(sort.input.schema(), &flow, around))?;
            if sort.fetch.is_some() {
                flow.rows.extend(decided.iter().cloned());
            }
            flow.order.extend(decided);
            Ok(flow)
        }
        LogicalPlan::Limit(limit) => {
            let mut flow = relation(&limit.input, around)?;
            let counts = limit.skip.iter().chain(&limit.fetch).map(AsRef::as_ref);
            let decided = deciding(counts, &Scope::over(limit.input.schema(), &flow, around))?;
            flow.rows.extend(decided);
            flow.rows.extend(flow.order.iter().cloned());
            Ok(flow)
        }
        LogicalPlan::Join(joined) => join(joined, around),
        LogicalPlan::Aggregate(grouped) => aggregate(grouped, around),
        LogicalPlan::Window(windowed) => window(windowed, around),
        LogicalPlan::Union(union) => {
            let mut whole: Option<Flow> = None;
            for input in &union.inputs {
                let flow = relation(input, around)?;
                whole = Some(match whole {
                    None => flow,
                    Some(held) => beside(held, flow),
                });
            }
            Ok(whole.unwrap_or_default())
        }
        LogicalPlan::Distinct(distinct) => one_of_each(distinct, around),
        LogicalPlan::Unnest(unnested) => unnest(unnested, around),
        other => Err(DataFusionError::NotImplemented(format!("lineage of {}", other.display()))),
    }
}

fn traces<'e>(expressions: impl IntoIterator<Item = &'e Expr>, scope: &Scope<'_>) -> Result<Vec<Trace>> {
    expressions.into_iter().map(|expression| trace(expression, scope)).collect()
}

fn blank(schema: &DFSchema) -> Flow {
    Flow {
        columns: vec![Trace::default(); schema.fields().len()],
        ..Flow::default()
    }
}

fn table(scan: &TableScan, around: Option<&Scope<'_>>) -> Result<Flow> {
    let table = name(&scan.table_name)?;
    let column = |field: &std::sync::Arc<arrow_schema::Field>| {
        let source = Source {
            table: table.clone(),
            column: field.name().clone(),
        };
        Trace {
            value: [(source, How::Copied)].into(),
            ..Trace::default()
        }
    };
    let mut flow = Flow {
        columns: scan.projected_schema.fields().iter().map(column).collect(),
        ..Flow::default()
    };
    let decided = deciding(&scan.filters, &Scope::over(&scan.projected_schema, &flow, around))?;
    flow.rows.extend(decided);
    Ok(flow)
}

/// A bare name means the standard layer.
pub(super) fn name(table: &TableReference) -> Result<TableName> {
    let schema = table.schema().unwrap_or(Layer::Standard.word());
    let layer = Layer::ALL.into_iter().find(|layer| layer.word() == schema);
    let layer = layer.ok_or_else(|| DataFusionError::Plan(format!("table '{table}' not found")))?;
    Ok(TableName::new(layer, table.table()))
}

fn constants(values: &Values, around: Option<&Scope<'_>>) -> Result<Flow> {
    let mut flow = blank(&values.schema);
    let nothing = Flow::default();
    let empty = DFSchema::empty();
    let scope = Scope::over(&empty, &nothing, around);
    for row in &values.values {
        for (column, expression) in flow.columns.iter_mut().zip(row) {
            column.add(trace(expression, &scope)?);
        }
    }
    Ok(flow)
}

/// Two relations of the same shape, one behind the other.
fn beside(mut held: Flow, more: Flow) -> Flow {
    for (column, other) in held.columns.iter_mut().zip(more.columns) {
        column.add(other);
    }
    held.rows.extend(more.rows);
    held.order.extend(more.order);
    held
}

fn join(joined: &Join, around: Option<&Scope<'_>>) -> Result<Flow> {
    let left = relation(&joined.left, around)?;
    // The right side may refer to the left one (LATERAL).
    let right = relation(&joined.right, Some(&Scope::over(joined.left.schema(), &left, around)))?;
    let (of_left, of_right) = (
        Scope::over(joined.left.schema(), &left, around),
        Scope::over(joined.right.schema(), &right, around),
    );
    let mut decided = deciding(joined.on.iter().map(|(key, _)| key), &of_left)?;
    decided.extend(deciding(joined.on.iter().map(|(_, key)| key), &of_right)?);
    let both = Scope {
        inputs: vec![(joined.left.schema().as_ref(), &left), (joined.right.schema().as_ref(), &right)],
        around,
    };
    decided.extend(deciding(&joined.filter, &both)?);
    let mark = Trace {
        rows: decided.clone(),
        ..Trace::default()
    };
    let columns = match joined.join_type {
        JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => left.columns.into_iter().chain(right.columns).collect(),
        JoinType::LeftSemi | JoinType::LeftAnti => left.columns,
        JoinType::RightSemi | JoinType::RightAnti => right.columns,
        JoinType::LeftMark => left.columns.into_iter().chain([mark]).collect(),
        JoinType::RightMark => right.columns.into_iter().chain([mark]).collect(),
    };
    let rows = left.rows.into_iter().chain(right.rows).chain(decided).collect();
    Ok(Flow {
        columns,
        rows,
        order: left.order.into_iter().chain(right.order).collect(),
    })
}

fn aggregate(grouped: &Aggregate, around: Option<&Scope<'_>>) -> Result<Flow> {
    let input = relation(&grouped.input, around)?;
    let scope = Scope::over(grouped.input.schema(), &input, around);
    let sets = matches!(grouped.group_expr.as_slice(), [Expr::GroupingSet(_)]);
    let keys: Vec<&Expr> = match grouped.group_expr.as_slice() {
        [Expr::GroupingSet(set)] => set.distinct_expr(),
        plain => plain.iter().collect(),
    };
    let mut columns = traces(keys.iter().copied(), &scope)?;
    let decided = deciding(keys.iter().copied(), &scope)?;
    // Which of the sets a row belongs to stands in a column of its own.
    columns.extend(sets.then(Trace::default));
    let mut folded = traces(&grouped.aggr_expr, &scope)?;
    let mut rows = Set::new();
    if grouped.group_expr.is_empty() {
        // There is one row, whatever went into it; only the values depend on which rows that were.
        folded.iter_mut().for_each(|column| column.rows.extend(input.rows.iter().cloned()));
    } else {
        rows.extend(input.rows.iter().cloned());
        rows.extend(decided);
    }
    columns.extend(folded);
    Ok(Flow {
        columns,
        rows,
        order: input.order,
    })
}

fn window(windowed: &Window, around: Option<&Scope<'_>>) -> Result<Flow> {
    let input = relation(&windowed.input, around)?;
    let more = traces(&windowed.window_expr, &Scope::over(windowed.input.schema(), &input, around))?;
    let columns = input.columns.into_iter().chain(more).collect();
    Ok(Flow {
        columns,
        rows: input.rows,
        order: input.order,
    })
}

fn one_of_each(distinct: &Distinct, around: Option<&Scope<'_>>) -> Result<Flow> {
    match distinct {
        Distinct::All(input) => {
            let mut flow = relation(input, around)?;
            let all: Set = flow.columns.iter().cloned().flat_map(Trace::decides).collect();
            flow.rows.extend(all);
            Ok(flow)
        }
        Distinct::On(on) => {
            let input = relation(&on.input, around)?;
            let scope = Scope::over(on.input.schema(), &input, around);
            let columns = traces(&on.select_expr, &scope)?;
            let mut rows = deciding(&on.on_expr, &scope)?;
            rows.extend(deciding(keys(on.sort_expr.as_deref().unwrap_or_default()), &scope)?);
            rows.extend(input.rows.iter().chain(&input.order).cloned());
            Ok(Flow {
                columns,
                rows,
                order: input.order,
            })
        }
    }
}

fn unnest(unnested: &Unnest, around: Option<&Scope<'_>>) -> Result<Flow> {
    let input = relation(&unnested.input, around)?;
    let of = |index: &usize| input.columns.get(*index).cloned().unwrap_or_default();
    let columns = unnested.dependency_indices.iter().map(of).collect();
    // A list becomes as many rows as it has members.
    let lists: Set = unnested
        .list_type_columns
        .iter()
        .flat_map(|(index, _)| of(index).decides())
        .collect();
    Ok(Flow {
        columns,
        rows: input.rows.iter().cloned().chain(lists).collect(),
        order: input.order,
    })
}
