//! Which mask an item gets where nobody declared one.

use super::{DateStep, Form, Level, Mask};
use crate::declare::Grade;
use crate::grade::InfoType;

/// The mask for what an item tells at its grade; `None` where it may be seen as it is. L3 stays recognisable to those who
/// know the person, L4 only countable. What is not known is hidden from L3 on.
pub fn default_for(info: Option<InfoType>, grade: Grade) -> Option<Mask> {
    match grade {
        Grade::L1 | Grade::L2 => None,
        Grade::L3 => Some(info.map_or(Mask::Hide {}, recognisable)),
        Grade::L4 => Some(info.map_or(Mask::Hide {}, countable)),
    }
}

fn recognisable(info: InfoType) -> Mask {
    use InfoType::*;
    match info {
        CitizenId => Mask::Keep {
            first: 6,
            last: 4,
            hidden: 8,
        },
        TravelDocument | Vehicle | Property | Account | Device => Mask::Keep {
            first: 2,
            last: 2,
            hidden: 3,
        },
        BankAccount => Mask::Keep {
            first: 4,
            last: 4,
            hidden: 8,
        },
        PersonName | ContactPerson => Mask::Keep {
            first: 1,
            last: 0,
            hidden: 1,
        },
        Mobile | Landline => Mask::Keep {
            first: 3,
            last: 4,
            hidden: 4,
        },
        Email => Mask::Email {},
        HomeAddress | SiteAddress => Mask::Place { level: Level::Town },
        HomePosition | Position => Mask::Grid { km: 2 },
        BirthDate | Minor => Mask::Date { step: DateStep::Year },
        Income | BusinessSecret => Mask::Band { width: 5000.0 },
        Age => Mask::Band { width: 10.0 },
        Division => Mask::Place { level: Level::County },
        CompanyId => Mask::Encrypt { form: Form::Serial },
        _ => Mask::Hide {},
    }
}

fn countable(info: InfoType) -> Mask {
    use InfoType::*;
    match info {
        CitizenId | TravelDocument | BankAccount | Mobile | Email | Vehicle | Account | Device | CompanyId => Mask::Hash {},
        HomeAddress | SiteAddress | Division => Mask::Place { level: Level::City },
        HomePosition | Position => Mask::Grid { km: 10 },
        BirthDate => Mask::Date { step: DateStep::FiveYears },
        _ => Mask::Hide {},
    }
}
