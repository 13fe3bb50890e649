//! Risk of being recognised: how far a table would tell who its rows are about, alone and together with what is already
//! open, and the cheapest way of making it coarser until it does not.
//! Pure: it knows no file, no SQL, no page and no clock; it is fed with texts.

mod assess;
mod cells;
mod class;
mod diversity;
mod flow;
mod ladder;
mod lattice;
mod measure;
mod mosaic;
mod narrow;
mod proposal;
mod role;
mod step;
mod table;
mod unique;

pub use assess::{Assessment, Group, Limits, Options, Reason, Sensitive, assess};
pub use cells::{Cell, CellRules, Cells, Protected, Shown};
pub use diversity::{Closeness, Diversity, closeness, diversity};
pub use ladder::{Ladder, Rung};
pub use lattice::{Aim, search};
pub use measure::{Anonymity, Bucket, anonymity};
pub use mosaic::{Exposed, Joint, Mosaic, Opening};
pub use proposal::{Change, Proposal};
pub use role::{Part, Role, infos, parts};
pub use step::Step;
pub use table::{Builder, COLUMNS_MOST, Column, KEPT_MOST, RiskError, Table};
pub use unique::{Minimal, Uniques, uniques};
