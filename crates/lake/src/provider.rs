//! The one way from our tables to the engine: the active files of a table, as a plain Parquet scan
//! with the statistics the log keeps.

use std::fmt;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use kernel::Moment;

use crate::state::State;
use crate::table::Table;
use crate::{AsOf, Lake, Layer, TableName};

/// A table at one version, as the engine sees it.
pub(crate) struct Rows {
    table: Arc<Table>,
    state: Arc<State>,
}

impl Rows {
    pub fn new(table: Arc<Table>, state: Arc<State>) -> Rows {
        Rows { table, state }
    }

    fn files(&self) -> Result<Vec<PartitionedFile>> {
        let file = |file: &crate::state::Active| {
            let path = object_store::path::Path::from_absolute_path(self.state.folder.join(&file.part.name));
            let path = path.map_err(|error| DataFusionError::External(Box::new(error)))?;
            let mut found = PartitionedFile::new(path.to_string(), file.part.bytes);
            // Otherwise names with signs beyond ASCII would be encoded twice.
            found.object_meta.location = path;
            Ok(found.with_statistics(file.statistics.clone()))
        };
        self.state.files.iter().map(file).collect()
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at version {}", self.table.name, self.state.log.version)
    }
}

#[async_trait]
impl TableProvider for Rows {
    fn schema(&self) -> SchemaRef {
        self.state.viewed.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.schema();
        if self.state.files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(datafusion::physical_plan::project_schema(&schema, projection)?)));
        }
        self.table.prove(&self.state).await?;
        let groups = FileGroup::new(self.files()?).split_files(session.config().target_partitions().max(1));
        let all = self.state.files.iter().map(|file| file.statistics.as_ref());
        let statistics = Statistics::try_merge_iter(all, &schema)?;
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(ParquetSource::new(schema)))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(if filters.is_empty() { limit } else { None })
            .build();
        let mut options = session.table_options().parquet.clone();
        options.global = session.config_options().execution.parquet.clone();
        ParquetFormat::new().with_options(options).create_physical_plan(session, config).await
    }
}

/// The lake as a catalogue with a schema for each layer.
#[derive(Clone)]
pub(crate) struct LakeCatalog {
    pub lake: Lake,
    /// Tables as they were then.
    pub as_of: Option<Moment>,
}

impl fmt::Debug for LakeCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lake")
    }
}

impl CatalogProvider for LakeCatalog {
    fn schema_names(&self) -> Vec<String> {
        Layer::ALL.iter().map(|layer| layer.word().to_owned()).collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let layer = Layer::ALL.into_iter().find(|layer| layer.word() == name)?;
        Some(Arc::new(LakeSchema { lake: self.lake.clone(), layer, as_of: self.as_of }))
    }
}

struct LakeSchema {
    lake: Lake,
    layer: Layer,
    as_of: Option<Moment>,
}

impl fmt::Debug for LakeSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.layer.word())
    }
}

#[async_trait]
impl SchemaProvider for LakeSchema {
    fn table_names(&self) -> Vec<String> {
        self.lake.names(self.layer).unwrap_or_default()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let name = TableName::new(self.layer, name);
        if name.check().is_err() {
            return Ok(None);
        }
        let table = self.lake.handle(&name).map_err(DataFusionError::from)?;
        let state = match self.as_of {
            None => table.current().await,
            Some(moment) => table.at(AsOf::Moment(moment)).await,
        };
        let state = state.map_err(DataFusionError::from)?;
        let Some(state) = state else { return Ok(None) };
        let rows: Arc<dyn TableProvider> = Arc::new(Rows::new(table, state));
        Ok(Some(match self.lake.masks() {
            None => rows,
            Some(masks) => masks.over(&name, rows, self.lake.secret())?,
        }))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.table_names().iter().any(|known| known == name)
    }
}
