//! Lineage: what the questions of TPC-H and TPC-DS are made of, and the law that nothing else may change.

mod statement;
mod taint;
mod tpcds;
mod tpch;

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use lake::{Layer, TableName, Tables};

/// Tables of the standard layer from lines `name: column type, column type`; a column without a type is a text.
fn declared(text: &str) -> Tables {
    let table = |line: &str| {
        let (name, columns) = line.split_once(':')?;
        let field = |column: &str| {
            let (name, kind) = column.trim().split_once(' ').unwrap_or((column.trim(), "text"));
            let kind = match kind {
                "int" => DataType::Int64,
                "date" => DataType::Date32,
                "money" => DataType::Decimal128(15, 2),
                _ => DataType::Utf8,
            };
            Field::new(name, kind, true)
        };
        let schema = Schema::new(columns.split(',').map(field).collect::<Vec<_>>());
        Some((TableName::new(Layer::Standard, name.trim()), Arc::new(schema)))
    };
    text.lines().filter_map(table).collect()
}

/// `standard.orders.o_orderdate` by its column alone: the names of these benchmarks are unique.
fn bare(text: &str) -> BTreeSet<String> {
    let word = |word: &str| {
        let (mark, rest) = match word.strip_prefix(['~', 'Σ']) {
            Some(rest) => (&word[..word.len() - rest.len()], rest),
            None => ("", word),
        };
        format!("{mark}{}", rest.rsplit('.').next().unwrap_or(rest))
    };
    text.split([',', ' ']).filter(|part| !part.is_empty()).map(word).collect()
}
