//! `IS [NOT] DISTINCT FROM` binds tighter than AND and OR. The parser takes all that follows for its right side, so that
//! `a IS DISTINCT FROM b AND c` would ask whether `a` differs from `b AND c`: another answer, without a word, where all are
//! Booleans. What is in brackets stands in a node of its own, so the right tree can be told from the wrong one.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value, visit_expressions_mut};

/// Puts every expression of a statement right, the innermost first.
pub(crate) fn mend(statement: &mut Statement) {
    match statement {
        Statement::Statement(ast) => {
            let _ = visit_expressions_mut(ast.as_mut(), |expression| {
                turn(expression);
                ControlFlow::<()>::Continue(())
            });
        }
        Statement::Explain(explain) => mend(&mut explain.statement),
        _ => {}
    }
}

/// How tightly the operators bind that can stand too deep; `None` for all that bind tighter.
fn strength(expression: &Expr) -> Option<u8> {
    match expression {
        Expr::BinaryOp { op: BinaryOperator::Or, .. } => Some(0),
        Expr::BinaryOp { op: BinaryOperator::Xor, .. } => Some(1),
        Expr::BinaryOp { op: BinaryOperator::And, .. } => Some(2),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => Some(3),
        Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => Some(4),
        _ => None,
    }
}

/// The side that may have swallowed too much.
fn right(expression: &mut Expr) -> Option<&mut Box<Expr>> {
    match expression {
        Expr::BinaryOp { right, .. } | Expr::UnaryOp { expr: right, .. } => Some(right),
        Expr::IsDistinctFrom(_, right) | Expr::IsNotDistinctFrom(_, right) => Some(right),
        _ => None,
    }
}

/// `a · (b + c)` without brackets, where `+` binds less tightly, becomes `(a · b) + c`; and so on within `a · b`.
fn turn(expression: &mut Expr) {
    let Some(own) = strength(expression) else {
        return;
    };
    let Some(side) = right(expression) else {
        return;
    };
    if !matches!(side.as_ref(), Expr::BinaryOp { .. }) || strength(side).is_none_or(|weaker| weaker >= own) {
        return;
    }
    let mut outer = std::mem::replace(side.as_mut(), Expr::value(Value::Null));
    if let Expr::BinaryOp { left, .. } = &mut outer {
        std::mem::swap(side.as_mut(), left.as_mut());
        std::mem::swap(left.as_mut(), expression);
        turn(left);
    }
    *expression = outer;
}
