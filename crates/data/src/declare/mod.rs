//! The declarations a city folder holds, one struct for each kind of file. Every public field is a
//! key that may stand in the file; its doc comment is what an editor shows while typing.

mod board;
mod city;
mod code_list;
mod department;
mod resource;
mod standard;
mod system;

pub use board::{Board, Panel, PanelKind};
pub use city::CityInfo;
pub use code_list::{Code, CodeList};
pub use department::Department;
pub use resource::{
    Collection, Grade, Item, ItemClass, Mode, OnDuplicate, OpenType, ResourceClass, Resource, ShareType, UpdatePeriod,
};
pub use standard::{Kind, Standard};
pub use system::{Connector, Format, HttpAuth, Paging, System};

use crate::city::{City, SourceFile};
use crate::diagnostic::Diagnostic;

/// Reads all files of a city folder and reports every mistake at once.
pub fn read(_files: &[SourceFile]) -> (Option<City>, Vec<Diagnostic>) {
    (None, Vec::new())
}
