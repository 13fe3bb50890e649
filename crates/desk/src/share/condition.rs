//! The condition of a grant, from the language of rules into what a serving copy can ask of each row: comparisons of an item with a
//! value, lists, prefixes, and what puts them together. Whatever else rules can say is refused, with its reason.

use data::City;
use data::declare::Resource;
use data::rule::{Expression, Operator, Truth};
use data::share::Terms;
use kernel::Text;
use serving::{Condition, Value};

use crate::{Answer, DeskError};

/// The rows that terms allow; `None` where these are all.
pub(crate) fn of_terms(city: &City, resource: &Resource, terms: &Terms) -> Answer<Option<Condition>> {
    let expression = terms.expression(city, resource).map_err(DeskError::Invalid)?;
    expression.map(|expression| condition(&expression)).transpose()
}

fn condition(expression: &Expression) -> Answer<Condition> {
    match expression {
        Expression::Binary(left, Operator::And, right) => Ok(Condition::All(vec![condition(left)?, condition(right)?])),
        Expression::Binary(left, Operator::Or, right) => Ok(Condition::Any(vec![condition(left)?, condition(right)?])),
        Expression::Not(one) => Ok(not(condition(one)?)),
        Expression::Binary(left, operator, right) => compare(left, *operator, right),
        Expression::Between { value, low, high, negated } => {
            let (item, low, high) = (item(value)?, constant(low)?, constant(high)?);
            let both = vec![
                Condition::Compare(item.clone(), serving::Operator::GreaterEqual, low),
                Condition::Compare(item, serving::Operator::LessEqual, high),
            ];
            Ok(negate(Condition::All(both), *negated))
        }
        Expression::In { value, list, negated } => {
            let values = list.iter().map(constant).collect::<Answer<Vec<_>>>()?;
            Ok(negate(Condition::In(item(value)?, values), *negated))
        }
        Expression::Like { value, pattern, any_case: false, negated } => {
            Ok(Condition::Like { column: item(value)?, pattern: pattern.clone(), negated: *negated })
        }
        Expression::Is { value, what: Truth::Null, negated } => Ok(negate(Condition::Null(item(value)?), *negated)),
        Expression::Is { value, what, negated } => {
            let equal = Condition::Compare(item(value)?, serving::Operator::Equal, Value::Boolean(*what == Truth::True));
            // IS TRUE is never unknown: what has no value is not true.
            Ok(negate(Condition::All(vec![not(Condition::Null(item(value)?)), equal]), *negated))
        }
        Expression::Item(name) => Ok(Condition::Compare(name.clone(), serving::Operator::Equal, Value::Boolean(true))),
        Expression::Boolean(true) => Ok(Condition::True),
        Expression::Boolean(false) => Ok(Condition::False),
        _ => Err(beyond()),
    }
}

fn compare(left: &Expression, operator: Operator, right: &Expression) -> Answer<Condition> {
    use serving::Operator as To;
    let operator = match operator {
        Operator::Equal => To::Equal,
        Operator::Unequal => To::Unequal,
        Operator::Less => To::Less,
        Operator::LessEqual => To::LessEqual,
        Operator::Greater => To::Greater,
        Operator::GreaterEqual => To::GreaterEqual,
        _ => return Err(beyond()),
    };
    match (left, right) {
        (Expression::Item(name), _) => Ok(Condition::Compare(name.clone(), operator, constant(right)?)),
        (_, Expression::Item(name)) => {
            let turned = match operator {
                To::Less => To::Greater,
                To::LessEqual => To::GreaterEqual,
                To::Greater => To::Less,
                To::GreaterEqual => To::LessEqual,
                same => same,
            };
            Ok(Condition::Compare(name.clone(), turned, constant(left)?))
        }
        _ => Err(beyond()),
    }
}

fn item(expression: &Expression) -> Answer<String> {
    if let Expression::Item(name) = expression { Ok(name.clone()) } else { Err(beyond()) }
}

/// Numbers go as they were written: the copy reads them as its column asks.
fn constant(expression: &Expression) -> Answer<Value> {
    match expression {
        Expression::Text(text) | Expression::Number(text) | Expression::Date(text) | Expression::Datetime(text) => Ok(Value::Text(text.clone())),
        Expression::Minus(one) => match &**one {
            Expression::Number(text) => Ok(Value::Text(format!("-{text}"))),
            _ => Err(beyond()),
        },
        Expression::Boolean(value) => Ok(Value::Boolean(*value)),
        Expression::Null => Ok(Value::Null),
        _ => Err(beyond()),
    }
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

fn negate(condition: Condition, negated: bool) -> Condition {
    if negated { not(condition) } else { condition }
}

fn beyond() -> DeskError {
    DeskError::Invalid(Text::new(
        "行条件只能写信息项与值的比较、IN、BETWEEN、LIKE、IS NULL，以及 AND、OR、NOT；不能用函数和运算。",
        "A condition of rows compares items with values, by =, <, IN, BETWEEN, LIKE, IS NULL, put together by AND, OR, NOT; it has no functions and no arithmetic.",
    ))
}
