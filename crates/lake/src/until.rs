//! Ends a running plan from inside. A join of everything with everything can go on for hours between two
//! points where a task may be cancelled, so the deadline is also looked at wherever rows are made.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

/// When a statement must be over: at its deadline, or as soon as nobody waits for its rows.
#[derive(Debug)]
pub(crate) struct Until {
    end: Instant,
    left: AtomicBool,
}

impl Until {
    pub fn new(end: Instant) -> Arc<Until> {
        Arc::new(Until { end, left: AtomicBool::new(false) })
    }

    pub fn end(&self) -> Instant {
        self.end
    }

    /// Nobody waits any more.
    pub fn leave(&self) {
        self.left.store(true, Ordering::Relaxed);
    }

    fn over(&self) -> bool {
        self.left.load(Ordering::Relaxed) || Instant::now() >= self.end
    }
}

/// Watches the leaves of the plan and every operator that can multiply rows.
pub(crate) fn watch(plan: Arc<dyn ExecutionPlan>, until: &Arc<Until>) -> Result<Arc<dyn ExecutionPlan>> {
    let watched = plan.transform_up(|node| {
        let makes_rows = node.children().len() != 1 || node.name() == "UnnestExec";
        Ok(if makes_rows {
            Transformed::yes(Arc::new(Watched { input: node, until: until.clone() }) as Arc<dyn ExecutionPlan>)
        } else {
            Transformed::no(node)
        })
    });
    watched.map(|done| done.data)
}

#[derive(Debug)]
struct Watched {
    input: Arc<dyn ExecutionPlan>,
    until: Arc<Until>,
}

impl DisplayAs for Watched {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Until")
    }
}

impl ExecutionPlan for Watched {
    fn name(&self) -> &str {
        "Until"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn apply_expressions(&self, _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[Arc<dyn ExecutionPlan>; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Watched { input, until: self.until.clone() })),
            Err(_) => Err(DataFusionError::Internal("Until has one input".to_owned())),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let until = self.until.clone();
        let rows = self.input.execute(partition, context)?;
        let schema = rows.schema();
        let rows = rows.map(move |batch| if until.over() { Err(DataFusionError::Execution(OVER.to_owned())) } else { batch });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}

/// How the engine is told; the reader hears it from the deadline itself.
const OVER: &str = "the statement's time is over";
