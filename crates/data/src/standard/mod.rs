//! Standards at work: from text as found to a typed value, or the reason why not.

mod bank_card;
mod boolean;
mod calendar;
mod checker;
mod citizen_id;
pub(crate) mod clock;
mod code;
mod column_name;
pub mod coordinate;
pub(crate) mod date;
mod datetime;
pub(crate) mod division;
pub(crate) mod flaw;
pub(crate) mod geometry;
mod industry;
pub(crate) mod limits;
mod money;
mod network;
mod number;
mod organization;
mod percentage;
mod phone;
mod plate;
mod point;
mod position;
mod postal_code;
mod propose;
mod publication;
mod table;
mod tidy;
mod time_of_day;
mod together;
mod travel;
pub(crate) mod uscc;
mod vin;

use std::borrow::Cow;

use kernel::Text;
use serde::{Deserialize, Serialize};

pub(crate) use calendar::Day;
pub(crate) use column_name::snake;
pub(crate) use tidy::trim as tidy_trim;
pub use checker::Checker;
pub use column_name::propose_name;
pub use propose::{Proposal, Titles, fits, propose, propose_titles};
pub use together::{OnDay, Place, Together};

use crate::declare::Kind;

pub(crate) use bank_card::check_digit as bank_check_digit;
pub(crate) use citizen_id::check_digit as citizen_check_digit;

/// Whether a text is a value of a kind whose form says enough, without a city's declarations.
pub(crate) fn valid(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::CitizenId => citizen_id::read(text).is_ok(),
        Kind::ForeignerId => travel::foreigner(text).is_ok(),
        Kind::Passport => travel::passport(text).is_ok(),
        Kind::TravelPermit => travel::permit(text).is_ok(),
        Kind::Uscc => uscc::read(text).is_ok(),
        Kind::OrganizationCode => organization::code(text).is_ok(),
        Kind::RegistrationNumber => organization::registration(text).is_ok(),
        Kind::BankCard => bank_card::read(text).is_ok(),
        Kind::PlateNumber => plate::read(text).is_ok(),
        Kind::Vin => vin::read(text).is_ok(),
        Kind::DivisionCode => division::read(text).is_ok(),
        Kind::IndustryCode => industry::read(text).is_ok(),
        Kind::Phone => phone::read(text).is_ok(),
        Kind::Email => network::email(text).is_ok(),
        Kind::IpAddress => network::ip(text).is_ok(),
        Kind::MacAddress => network::mac(text).is_ok(),
        Kind::SexCode => table::SEX.read(text).is_ok(),
        Kind::EthnicCode => table::ETHNIC.read(text).is_ok(),
        Kind::Longitude => position::longitude(text).is_ok(),
        Kind::Latitude => position::latitude(text).is_ok(),
        _ => false,
    }
}

/// The day that a text names, since 1970-01-01.
pub(crate) fn read_day(text: &str, zone: &clock::Zone) -> Option<i32> {
    date::read(tidy::trim(text), zone).ok()
}

/// Whether the text is a citizen id number (GB 11643) or a unified social credit code (GB 32100) whose check digit fits.
/// One place written wrongly makes it unfit, so two that fit and differ are two people or two bodies.
pub fn check_digit_fits(text: &str) -> bool {
    let text = tidy::trim(text);
    matches!(text.len(), 15 | 18) && (citizen_id::read(text).is_ok() || uscc::read(text).is_ok())
}

/// A citizen id number or a unified social credit code in its one form, or what is wrong with it.
pub fn canonical(kind: Kind, text: &str) -> Result<String, Text> {
    let text = tidy::trim(text);
    let read = match kind {
        Kind::CitizenId => citizen_id::read(text),
        Kind::Uscc => uscc::read(text),
        _ => return Ok(text.to_owned()),
    };
    read.map(Cow::into_owned).map_err(|flaw| flaw.message)
}

/// The day of birth in a citizen id number that is right, as `1949-12-31`.
pub fn birth_in_citizen_id(text: &str) -> Option<String> {
    let id = citizen_id::read(tidy::trim(text)).ok()?;
    let calendar::Day { year, month, day } = calendar::Day::from_number(citizen_id::birth(&id)?);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// A value that follows its standard.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    /// Fen.
    Money(i128),
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Datetime(i64),
}

/// Why a value or a row was refused. `code` is stable and groups causes; `message` is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Stable word, e.g. `citizen_id.check_digit`.
    pub code: String,
    /// Item name, or empty when the row as a whole is at fault.
    pub item: String,
    /// The value as found, shortened to 200 characters.
    pub found: String,
    /// What was expected and what to do.
    pub message: Text,
}
