//! One item's standard, made ready to check millions of values.

use std::borrow::Cow;

use kernel::{Text, nearest};

use super::clock::Zone;
use super::code::Codes;
use super::coordinate::Crs;
use super::flaw::Flaw;
use super::limits::Limits;
use super::together::crs_of;
use super::{
    Fault, Value, bank_card, boolean, citizen_id, date, datetime, division, geometry, industry, money, network, number,
    organization, percentage, phone, plate, point, position, postal_code, publication, table, tidy, time_of_day, travel,
    uscc, vin,
};
use crate::city::City;
use crate::declare::{ClockDigits, Epoch, Item, Kind, Standard};

/// Checks the values of one item. Cheap to use, costly to make: make one an item, not one a row.
#[derive(Clone, Debug)]
pub struct Checker {
    item: String,
    kind: Kind,
    limits: Limits,
    codes: Option<Codes>,
    zone: Zone,
    epoch: Option<Epoch>,
    clock: Option<ClockDigits>,
    crs: Crs,
    /// Division codes must be in force today; otherwise the row's own date decides, or any time will do.
    today: bool,
}

/// The longest text shown of a refused value, in characters.
const SHOWN: usize = 200;

impl Checker {
    /// Resolves the item's standard: a declared one, or a built-in kind by its own name.
    /// The fault says which name or pattern does not hold.
    pub fn new(city: &City, item: &Item) -> Result<Checker, Fault> {
        let fault = |code: &str, found: &str, zh: String, en: String| Fault {
            code: code.to_owned(),
            item: item.name.clone(),
            found: found.to_owned(),
            message: Text::new(zh, en),
        };
        let declared = city.standards.get(&item.standard);
        let Some(kind) = declared.map(|standard| standard.kind).or_else(|| Kind::named(&item.standard)) else {
            let name = &item.standard;
            let (zh, en) = (format!("没有 `{name}` 这个数据元"), format!("there is no standard `{name}`"));
            return Err(fault("standard.unknown", name, zh, en));
        };
        let zone = Zone::named(&city.info.time_zone)
            .map_err(|flaw| fault("standard.time_zone", &city.info.time_zone, flaw.message.zh, flaw.message.en))?;
        let limits = match declared {
            Some(standard) => Limits::new(standard)
                .map_err(|flaw| fault("standard.limits", &standard.id, flaw.message.zh, flaw.message.en))?,
            None => Limits::default(),
        };
        let codes = Checker::codes(city, kind, declared).map_err(|name| {
            let known = nearest(&name, city.code_lists.keys().map(String::as_str)).unwrap_or("…");
            let zh = format!("没有代码集 `{name}`，是不是 `{known}`？");
            fault("standard.codes", &name, zh, format!("there is no code list `{name}`; perhaps `{known}`?"))
        })?;
        Ok(Checker {
            item: item.name.clone(),
            kind,
            limits,
            codes,
            zone,
            epoch: declared.and_then(|standard| standard.epoch),
            clock: declared.and_then(|standard| standard.clock),
            crs: declared.map_or(Crs::Wgs84, crs_of),
            today: item.as_of.is_none(),
        })
    }

    /// The code list of a standard of kind `code`; the missing list's name otherwise.
    fn codes(city: &City, kind: Kind, declared: Option<&Standard>) -> Result<Option<Codes>, String> {
        if kind != Kind::Code {
            return Ok(None);
        }
        let name = declared.and_then(|standard| standard.codes.clone()).unwrap_or_default();
        city.code_lists.get(&name).map(|list| Some(Codes::new(list))).ok_or(name)
    }

    /// What its values are at heart.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The value that a text as found stands for, or why it is none. Nothing but blanks is `Null`:
    /// whether a row may lack it, and which words mean "no value", its resource says.
    pub fn check<'a>(&self, text: &'a str) -> Result<Value<'a>, Fault> {
        let trimmed = tidy::trim(text);
        if trimmed.is_empty() {
            return Ok(Value::Null);
        }
        let value = self.read(trimmed).map_err(|flaw| self.fault(flaw, text))?;
        if self.limits.any() {
            self.limits.check(&value, &self.zone).map_err(|flaw| self.fault(flaw, text))?;
        }
        Ok(value)
    }

    fn read<'a>(&self, text: &'a str) -> Result<Value<'a>, Flaw> {
        match self.kind {
            Kind::Text => Ok(Value::Text(Cow::Borrowed(text))),
            Kind::Integer => number::integer(text).map(Value::Integer),
            Kind::Number => number::number(text).map(Value::Number),
            Kind::Money => money::fen(text).map(Value::Money),
            Kind::Boolean => boolean::read(text).map(Value::Boolean),
            Kind::Date => date::read(text, &self.zone).map(Value::Date),
            Kind::Datetime => datetime::read(text, &self.zone, self.epoch).map(Value::Datetime),
            Kind::CitizenId => {
                let id = citizen_id::read(text)?;
                self.limits.check_day(citizen_id::birth(&id))?;
                Ok(Value::Text(id))
            }
            Kind::Uscc => uscc::read(text).map(Value::Text),
            Kind::DivisionCode => {
                let code = division::read(text)?;
                if self.today {
                    division::in_force(&code)?;
                }
                Ok(Value::Text(code))
            }
            Kind::IndustryCode => industry::read(text).map(Value::Text),
            Kind::Phone => phone::read(text).map(Value::Text),
            Kind::Percentage => percentage::read(text).map(Value::Number),
            Kind::TimeOfDay => time_of_day::read(text, self.clock).map(Value::Text),
            Kind::ForeignerId => travel::foreigner(text).map(Value::Text),
            Kind::Passport => travel::passport(text).map(Value::Text),
            Kind::TravelPermit => travel::permit(text).map(Value::Text),
            Kind::OrganizationCode => organization::code(text).map(Value::Text),
            Kind::RegistrationNumber => organization::registration(text).map(Value::Text),
            Kind::BankCard => bank_card::read(text).map(Value::Text),
            Kind::PlateNumber => plate::read(text).map(Value::Text),
            Kind::Vin => vin::read(text).map(Value::Text),
            Kind::PostalCode => postal_code::read(text).map(Value::Text),
            Kind::SexCode => table::SEX.read(text).map(Value::Text),
            Kind::EthnicCode => table::ETHNIC.read(text).map(Value::Text),
            Kind::CountryCode => table::COUNTRY.read(text).map(Value::Text),
            Kind::CurrencyCode => table::CURRENCY.read(text).map(Value::Text),
            Kind::Email => network::email(text).map(Value::Text),
            Kind::Url => network::url(text).map(Value::Text),
            Kind::IpAddress => network::ip(text).map(Value::Text),
            Kind::MacAddress => network::mac(text).map(Value::Text),
            Kind::Isbn => publication::isbn(text).map(Value::Text),
            Kind::Issn => publication::issn(text).map(Value::Text),
            Kind::Position => point::read(text, self.crs).map(Value::Text),
            Kind::Longitude | Kind::Latitude if self.crs.is_projected() => position::metres(text).map(Value::Number),
            Kind::Longitude => position::longitude(text).map(Value::Number),
            Kind::Latitude => position::latitude(text).map(Value::Number),
            Kind::Code => match &self.codes {
                Some(codes) => codes.read(text).map(Value::Text),
                None => Err(Flaw::new("list", "没有声明代码集", "no code list is declared")),
            },
            Kind::Geometry => geometry::read(text, self.crs).map(Value::Text),
        }
    }

    fn fault(&self, flaw: Flaw, found: &str) -> Fault {
        Fault {
            code: format!("{}.{}", self.kind.name(), flaw.code),
            item: self.item.clone(),
            found: found.chars().take(SHOWN).collect(),
            message: flaw.message,
        }
    }
}
