//! How the engine is set: one runtime for the process, a session for each statement within its own limits.

use std::path::Path;
use std::sync::Arc;

use datafusion::catalog::CatalogProvider;
use datafusion::common::config::Dialect;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use kernel::Moment;

use crate::allowed;
use crate::key;
use crate::mask::{self, Secret};
use crate::provider::LakeCatalog;
use crate::semi::PushDownSemiJoin;
use crate::{Lake, LakeError};

pub(crate) const CATALOG: &str = "lake";
const METADATA_CACHE: usize = 256 << 20;
/// Up to so many, a hash table is built by one of them.
const FEW_CORES: usize = 4;
/// What statements of this process may spill to disk at once, unless told otherwise.
pub(crate) const SPILL: u64 = 32 << 30;

/// Functions with which a short text asks for unbounded memory: whoever calls one is told so.
pub(crate) const REFUSED_FUNCTIONS: [&str; 9] =
    ["repeat", "lpad", "rpad", "generate_series", "range", "array_repeat", "list_repeat", "array_resize", "list_resize"];

/// Caches and the spill folder, shared by all statements.
pub(crate) fn runtime(spill: &Path, most: u64) -> Result<Arc<RuntimeEnv>, LakeError> {
    std::fs::create_dir_all(spill).map_err(|error| LakeError::io(spill, &error))?;
    sweep(spill);
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![spill.to_owned()])).with_max_temp_directory_size(most);
    Ok(RuntimeEnvBuilder::new().with_disk_manager_builder(disk).with_metadata_cache_limit(METADATA_CACHE).build_arc()?)
}

/// Removes what statements of a killed process spilled; another process may be using the rest.
fn sweep(spill: &Path) {
    let day = std::time::Duration::from_secs(86_400);
    let old = |path: &Path| {
        std::fs::metadata(path).and_then(|found| found.modified()).is_ok_and(|time| time.elapsed().is_ok_and(|age| age > day))
    };
    for entry in std::fs::read_dir(spill).into_iter().flatten().filter_map(Result::ok) {
        if old(&entry.path()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn config() -> SessionConfig {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut config = SessionConfig::new()
        .with_target_partitions(cores)
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, "standard");
    let options = config.options_mut();
    options.sql_parser.collect_spans = true;
    options.sql_parser.dialect = Dialect::Generic;
    options.execution.enable_recursive_ctes = false;
    options.explain.logical_plan_only = false;
    // Dealing both sides of a join out to the cores costs processor time that few cores do not win back: there, one hash
    // table is built and all look into it.
    let (bytes, rows) = if cores <= FEW_CORES { (1 << 30, 20_000_000) } else { (64 << 20, 2_000_000) };
    options.optimizer.hash_join_single_partition_threshold = bytes;
    options.optimizer.hash_join_single_partition_threshold_rows = rows;
    // The list of join keys handed to the scan can panic in this version.
    options.optimizer.hash_join_inlist_pushdown_max_size = 0;
    config
}

/// A session over the lake for one statement, with at most so much memory.
pub(crate) fn session(lake: &Lake, memory: u64, as_of: Option<Moment>) -> Result<SessionState, LakeError> {
    let pool = Arc::new(FairSpillPool::new(usize::try_from(memory).unwrap_or(usize::MAX)));
    let runtime = RuntimeEnvBuilder::from_runtime_env(lake.runtime()).with_memory_pool(pool).build_arc()?;
    // Whoever sees masks has no keys: with them, guesses could be masked alike and compared with what the masks left.
    let keys = lake.secret().filter(|_| lake.masks().is_none());
    Ok(planner(runtime, Arc::new(LakeCatalog { lake: lake.clone(), as_of }), keys))
}

/// A session over any catalogue: the same functions, the same reading of a text.
pub(crate) fn planner(runtime: Arc<RuntimeEnv>, catalog: Arc<dyn CatalogProvider>, secret: Option<&Secret>) -> SessionState {
    let mut state = SessionStateBuilder::new().with_config(config()).with_runtime_env(runtime).with_default_features().build();
    if let Err(error) = allowed::only(&mut state) {
        // The plan is searched too, so nothing strange is called.
        tracing::error!(%error, "a function of the engine could not be taken away");
    }
    let context = SessionContext::new_with_state(state);
    context.add_optimizer_rule(Arc::new(PushDownSemiJoin));
    for function in mask::functions(secret) {
        context.register_udf(function);
    }
    for function in key::functions() {
        context.register_udf(function);
    }
    for function in key::aggregates() {
        context.register_udaf(function);
    }
    context.register_catalog(CATALOG, catalog);
    context.state()
}

/// Whether a function is one of our own.
pub(crate) fn is_ours(name: &str) -> bool {
    name.starts_with("mask_") || key::functions().iter().any(|function| function.name() == name)
}

/// Late materialisation pays when few rows of many columns are wanted, and costs when everything is summed.
pub(crate) fn tune(mut state: SessionState, plan: &LogicalPlan) -> SessionState {
    let mut filters = false;
    let mut heavy = false;
    let _ = datafusion::common::tree_node::TreeNode::apply(plan, |node| {
        match node {
            LogicalPlan::Filter(_) => filters = true,
            LogicalPlan::Aggregate(_) | LogicalPlan::Window(_) | LogicalPlan::Join(_) | LogicalPlan::Distinct(_) => heavy = true,
            _ => {}
        }
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    });
    if filters && !heavy {
        state.config_mut().options_mut().execution.parquet.pushdown_filters = true;
    }
    state
}
