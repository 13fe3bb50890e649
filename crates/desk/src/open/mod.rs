//! Data that is opened to the public (开放): what is proposed, what the gate finds, what another person decides, the versions
//! that are published, and what everybody may read of them.

mod access;
mod app;
mod ask;
mod caller;
mod check;
mod ckan;
mod draw;
mod feature;
mod feed;
mod file;
mod gate;
mod harvest;
mod live;
mod others;
mod map;
mod portal;
mod proposal;
mod publish;
mod rdf;
mod risk;
mod score;
mod soda;
mod statistics;
mod voice;

use data::City;
use data::declare::{Model, ModelLayer, Opening};
use kernel::Text;
use sha2::{Digest, Sha256};

pub use access::{AccessTerms, AccessView, Applying};
pub use app::{AppDetail, AppView, Telling};
pub use ask::OpenRows;
pub use caller::OpenCaller;
pub use draw::{ChartPart, Drawn, OpenChart};
pub use feature::{Collection, Feature, FeatureQuestion, Features};
pub use feed::{Changes, Since};
pub use file::{OpenFile, OpenForm};
pub use gate::{Finding, Gate, Weight};
pub(crate) use live::Open;
pub use live::OpenColumn;
pub use others::{CatalogueView, OtherView};
pub(crate) use ckan::Packages;
pub use ckan::{CkanKind, CkanRefusal};
pub use rdf::OpenDocument;
pub use map::{Cell, OpenMap, Point};
pub use opendata::chart::{Choice, Measured, Step};
pub use opendata::map::View;
pub use opendata::ogc::{self, Bounds, Crs};
pub use opendata::soda::{Query as SodaQuery, SodaError};
pub use portal::{DatasetDetail, DatasetFilter, DatasetView, OpenTotals, Portal, VersionView};
pub use proposal::{OpeningDetail, OpeningView, ProposalView};
pub use serving::{Delta, Kind, Op, Value};
pub use soda::{SodaColumn, SodaRefusal, SodaRows};
pub use opendata::score::{Dimension, Measured as MeasuredPoints, Rating};
pub use score::{Indicator, SelfScore};
pub use statistics::{OpenGroup, OpenStatistics, VoiceTotal};
pub use voice::{Saying, VoiceFilter, VoiceView};
pub use store::open::{AccessUse, HarvestCount, HarvestRunRow, HeldRow, Used};

/// A dataset as it is declared: its model and how that is opened. Datasets are called by the model's name without its layer.
fn declared<'c>(city: &'c City, dataset: &str) -> Option<(&'c Model, &'c Opening)> {
    let model = city.models.get(&table(dataset))?;
    Some((model, model.open.as_ref()?))
}

/// All datasets that are declared, with their names.
fn datasets(city: &City) -> impl Iterator<Item = (&str, &Model, &Opening)> {
    let open = city.models.values().filter(|model| model.layer == ModelLayer::Open);
    open.filter_map(|model| Some((model.id.split_once('.')?.1, model, model.open.as_ref()?)))
}

/// The table of a dataset: `open.bus_stops`.
fn table(dataset: &str) -> String {
    format!("{}.{dataset}", ModelLayer::Open.word())
}

/// What tells one proposal's content from another's: whatever is changed in it has to be approved anew.
fn print(model: &Model, opening: &Opening) -> String {
    let mut hash = Sha256::new();
    let opening = serde_json::to_string(opening).unwrap_or_default();
    for part in [model.sql.trim(), &model.key.join(","), &opening] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    crate::account::hex(&hash.finalize())
}

/// Columns that are compared by and not published.
fn is_published(column: &str) -> bool {
    !column.starts_with('_')
}

fn model_title(model: &Model) -> Text {
    Text::new(&model.title, &model.title_en)
}
