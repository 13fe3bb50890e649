//! The declarations a city folder holds, one struct for each kind of file. Every public field is a
//! key that may stand in the file; its doc comment is what an editor shows while typing.

mod board;
mod catalogue;
mod city;
mod code_csv;
mod code_list;
mod contract;
mod department;
mod document;
mod figure;
mod glossary;
mod http;
mod identity;
mod kind;
mod model;
mod log;
mod node;
mod notify;
mod open;
mod read;
mod register;
mod resource;
mod rule;
pub(crate) mod rules;
mod schedule;
mod schema;
mod service;
mod shape;
mod share;
mod standard;
mod system;
mod words;
mod write;

pub use board::{Board, Panel, PanelKind};
pub use catalogue::{Catalogue, CatalogueKind};
pub use city::{CityInfo, Grading, Network, OwnCalendar};
pub use code_list::{Code, CodeList};
pub use contract::{Contract, OnDrift, OnMissing};
pub use department::Department;
pub use figure::{Better, Figure, Period};
pub use kind::{Kind, Shape};
pub use model::{Model, ModelColumn, ModelLayer, ModelLimits, ModelMode};
pub use identity::Identity;
pub use log::{Log, LogSignature, LogWitness};
pub use node::{AGREED, Jwk, Neighbour};
pub use notify::{Notify, Told};
pub use open::{OpenData, OpenTo, Opening, Theme};
pub use register::{Evidence, Register, RegisterField, RegisterSource};
pub use resource::{
    Collection, Grade, Item, ItemClass, Mode, OnDuplicate, OpenType, Resource, ResourceClass, ShareType, UpdatePeriod,
};
pub use rule::{Dimension, Fresh, Reference, Rule, RuleSeverity, WhenNull};
pub use schedule::{RunDays, Schedule};
pub use service::{Operation, Parameter};
pub use share::Sharing;
pub use standard::{ClockDigits, Epoch, Standard};
pub use http::{CredentialsPlace, HttpAuth, KeyPlace, Paging, Post};
pub use system::{Checksum, Complete, Connector, Format, System};

pub use read::{FOLDERS, SERVICES, read};
pub use schema::schemas;
pub use write::{write_resource, write_rule};
