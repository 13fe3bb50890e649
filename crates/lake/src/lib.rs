//! Large tables and SQL over them: Delta for commits, plain Parquet scans for reads, DataFusion to query.
//! Heavy by nature, so only the binary depends on it; no type of its engines leaves this crate
//! except Arrow batches. It knows neither cities nor pages.
