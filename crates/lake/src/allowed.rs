//! The functions that a statement may call. What is not on the list is not there: a newer engine brings functions that nobody
//! here has looked at, and they stay out until somebody has.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// By their first names; their other names come with them. Not here are those with which a short text asks for unbounded memory
/// (`repeat`, `lpad`, `range` …), those that tell of the engine or its files (`version`, `input_file_name`, `arrow_metadata` …), and
/// those that take a function (`array_transform` …).
const ALLOWED: &[&str] = &[
    // texts
    "ascii", "bit_length", "btrim", "character_length", "chr", "concat", "concat_ws", "contains", "ends_with", "find_in_set", "initcap",
    "instr", "left", "levenshtein", "lower", "ltrim", "octet_length", "overlay", "regexp_count", "regexp_instr", "regexp_like",
    "regexp_match", "regexp_replace", "replace", "reverse", "right", "rtrim", "split_part", "starts_with", "strpos", "substr",
    "substr_index", "substrindex", "to_hex", "translate", "trim", "upper", "uuid", "position", "char_length", "length",
    // numbers
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos", "cosh", "cot", "degrees", "exp",
    "factorial", "floor", "gcd", "isnan", "iszero", "lcm", "ln", "log", "log10", "log2", "nanvl", "pi", "power", "radians", "random",
    "round", "signum", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
    // whichever has a value
    "coalesce", "greatest", "least", "nullif", "nvl", "nvl2",
    // time
    "current_date", "current_time", "date_bin", "date_part", "date_trunc", "from_unixtime", "make_date", "make_time", "now", "to_char",
    "to_date", "to_local_time", "to_time", "to_timestamp", "to_timestamp_micros", "to_timestamp_millis", "to_timestamp_nanos",
    "to_timestamp_seconds", "to_unixtime",
    // lists and records
    "array_any_value", "array_append", "array_compact", "array_concat", "array_dims", "array_distance", "array_distinct", "array_element",
    "array_except", "array_has", "array_has_all", "array_has_any", "array_intersect", "array_length", "array_max", "array_min",
    "array_ndims", "array_pop_back", "array_pop_front", "array_position", "array_positions", "array_prepend", "array_remove",
    "array_remove_all", "array_remove_n", "array_replace", "array_replace_all", "array_replace_n", "array_reverse", "array_slice",
    "array_sort", "array_sum", "array_to_string", "array_union", "cardinality", "empty", "flatten", "get_field", "make_array", "map",
    "map_entries", "map_extract", "map_keys", "map_values", "named_struct", "row", "string_to_array", "struct",
    // forms and digests
    "arrow_cast", "arrow_typeof", "decode", "digest", "encode", "md5", "sha224", "sha256", "sha384", "sha512",
    // of many rows
    "approx_distinct", "approx_median", "approx_percentile_cont", "approx_percentile_cont_with_weight", "array_agg", "avg", "bit_and",
    "bit_or", "bit_xor", "bool_and", "bool_or", "corr", "count", "covar", "covar_pop", "covar_samp", "first_value", "grouping",
    "last_value", "max", "median", "min", "nth_value", "percentile_cont", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept",
    "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "stddev", "stddev_pop", "string_agg", "sum", "var", "var_pop",
    "var_samp",
    // by a row's place
    "cume_dist", "dense_rank", "lag", "lead", "ntile", "percent_rank", "rank", "row_number",
];

fn is_allowed(name: &str) -> bool {
    ALLOWED.contains(&name)
}

/// Takes every other function away, and all functions that make tables.
pub(crate) fn only(state: &mut SessionState) -> Result<()> {
    let strange = |known: Vec<(&String, &str)>| -> Vec<String> {
        known.into_iter().filter(|(_, first)| !is_allowed(first)).map(|(name, _)| name.clone()).collect()
    };
    let scalars = strange(state.scalar_functions().iter().map(|(name, function)| (name, function.name())).collect());
    let aggregates = strange(state.aggregate_functions().iter().map(|(name, function)| (name, function.name())).collect());
    let windows = strange(state.window_functions().iter().map(|(name, function)| (name, function.name())).collect());
    let takers: Vec<String> = state.higher_order_functions().keys().cloned().collect();
    let tables: Vec<String> = state.table_functions().keys().cloned().collect();
    for name in scalars {
        state.deregister_udf(&name)?;
    }
    for name in aggregates {
        state.deregister_udaf(&name)?;
    }
    for name in windows {
        state.deregister_udwf(&name)?;
    }
    for name in takers {
        state.deregister_higher_order_function(&name)?;
    }
    for name in tables {
        state.deregister_udtf(&name)?;
    }
    Ok(())
}

/// The planner can make some calls without looking their name up, so the plan is searched as well; `ours` are our own functions.
pub(crate) fn check(plan: &LogicalPlan, ours: &dyn Fn(&str) -> bool) -> Result<()> {
    let look = |part: &Expr| match part {
        Expr::ScalarFunction(call) if !is_allowed(call.name()) && !ours(call.name()) => Err(unknown(call.name())),
        Expr::HigherOrderFunction(_) => Err(unknown("lambda")),
        _ => Ok(TreeNodeRecursion::Continue),
    };
    plan.apply_with_subqueries(|node| node.apply_expressions(|expression| expression.apply(look))).map(|_| ())
}

fn unknown(name: &str) -> DataFusionError {
    DataFusionError::Plan(format!("Invalid function '{name}'"))
}
