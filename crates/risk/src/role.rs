//! What each column is to somebody who looks for a person: told by the type of information and by measuring.

use std::collections::BTreeMap;

use data::grade::{Column as Looked, InfoType, detect_table};
use kernel::Text;
use serde::Serialize;

use crate::assess::Options;
use crate::table::{Column, Table};
use crate::unique::{Uniques, uniques};

/// Values that are looked at to tell a column's type.
const LOOKED_MOST: usize = 2000;
/// The share of distinct values from which on a column names its rows.
const NAMING: f64 = 0.95;
/// Fewer rows tell nothing of how distinct a column is.
const NAMING_ROWS: u64 = 20;

/// What a column is to an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 直接标识: names the person.
    Direct,
    /// 准标识: known of a person from elsewhere, and naming together with others.
    Quasi,
    /// 敏感: what nobody should learn of a person.
    Sensitive,
    /// 其他
    Other,
}

impl Role {
    pub fn title(self) -> Text {
        match self {
            Role::Direct => Text::new("直接标识", "direct identifier"),
            Role::Quasi => Text::new("准标识", "quasi-identifier"),
            Role::Sensitive => Text::new("敏感", "sensitive"),
            Role::Other => Text::new("其他", "other"),
        }
    }
}

/// A column's part in the table.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    pub column: usize,
    pub name: String,
    pub role: Role,
    pub why: Text,
    pub info: Option<InfoType>,
    pub distinct: u32,
    pub filled: u64,
}

/// The likeliest type of information of each column. `today` is in days since 1970-01-01.
pub fn infos(table: &Table, today: Option<i32>) -> Vec<Option<InfoType>> {
    let texts: Vec<Vec<&str>> = table.columns.iter().map(|column| column.texts().take(LOOKED_MOST).collect()).collect();
    let looked: Vec<Looked<'_>> =
        table.columns.iter().zip(&texts).map(|(column, values)| Looked { name: &column.name, title: "", values }).collect();
    detect_table(&looked, today).iter().map(|proposal| proposal.leading()).collect()
}

/// The parts of all columns, and the combinations that were found while looking for them. What was declared stands; what
/// was not is proposed. A table about no persons has neither quasi-identifiers nor sensitive columns.
pub fn parts(table: &Table, infos: &[Option<InfoType>], options: &Options) -> (Vec<Part>, Uniques) {
    let persons = options.persons.unwrap_or_else(|| about_persons(infos));
    let declared: BTreeMap<usize, Role> = options.roles.iter().map(|(column, role)| (*column, *role)).collect();
    let mut told: Vec<Part> = table.columns.iter().enumerate().map(|(at, column)| {
        let info = infos.get(at).copied().flatten();
        let (role, why) = match declared.get(&at) {
            Some(role) => (*role, Text::new("由人指定", "said by a person")),
            None if !persons => (Role::Other, Text::new("这张表不是关于个人的", "the table is not about persons")),
            None => match of_info(column, info).unwrap_or_else(|| of_values(column)) {
                (role, _) if options.closed && role != Role::Direct => (Role::Other, Text::new("没有指定", "not said")),
                proposed => proposed,
            },
        };
        Part { column: at, name: column.name.clone(), role, why, info, distinct: column.distinct(), filled: column.filled() }
    }).collect();
    if !persons || options.closed {
        return (told, Uniques::default());
    }
    let searched: Vec<usize> = told.iter().filter(|part| matches!(part.role, Role::Quasi | Role::Other)).map(|part| part.column).collect();
    let found = uniques(table, &searched, options.combined, options.effort);
    for part in told.iter_mut().filter(|part| part.role == Role::Other && !declared.contains_key(&part.column)) {
        let singled: u64 = found.found.iter().filter(|one| one.columns.contains(&part.column)).map(|one| one.minimal).sum();
        if singled > 0 {
            part.role = Role::Quasi;
            part.why = Text::new(
                format!("与至多两列合起来，{singled} 次使一行成为唯一"),
                format!("with up to two others it singles rows out, {singled} times"),
            );
        }
    }
    (told, found)
}

/// Whether a table is about persons. Where nothing tells, it may be.
fn about_persons(infos: &[Option<InfoType>]) -> bool {
    use InfoType::*;
    let of_things = |info: InfoType| {
        matches!(info, CompanyId | Organisation | SiteAddress | Position | Landline | Industry | Statistic | Measurement | Transport | BusinessSecret)
    };
    let known = || infos.iter().flatten().copied();
    known().any(InfoType::is_of_persons) || !known().any(of_things)
}

fn of_info(column: &Column, info: Option<InfoType>) -> Option<(Role, Text)> {
    use InfoType::*;
    let info = info?;
    let role = match info {
        CitizenId | TravelDocument | BankAccount | Biometric | Credential | PersonName | Mobile | Email | Vehicle | Property | Account | Device
        | ContactPerson | Landline | CompanyId => Role::Direct,
        Health | Religion | Offence | Hardship | Whereabouts | Income | BusinessSecret => Role::Sensitive,
        Minor | HomeAddress | HomePosition | BirthDate | MaritalStatus | Sex | Age | Ethnicity | Education | Household | Employment | Organisation
        | Division | SiteAddress | Position | Industry => Role::Quasi,
        // A date of something, a figure: whether it singles somebody out shows when it is measured.
        Measurement | Statistic | Calendar | Transport => return None,
    };
    // A name on many rows is still a name; a company's number in a table of employees is where they work.
    let role = if info == CompanyId && !names_rows(column) { Role::Quasi } else { role };
    let title = info.title();
    Some((role, Text::new(format!("像是{}", title.zh), format!("looks like {}", title.en))))
}

fn names_rows(column: &Column) -> bool {
    let filled = column.filled();
    filled >= NAMING_ROWS && f64::from(column.distinct()) >= NAMING * filled as f64
}

/// The role of a column whose type nothing tells.
fn of_values(column: &Column) -> (Role, Text) {
    if !names_rows(column) {
        return (Role::Other, Text::new("没有看出与个人相关", "nothing speaks for more"));
    }
    let share = f64::from(column.distinct()) / column.filled() as f64 * 100.0;
    let why = Text::new(format!("{share:.0}% 的值各不相同"), format!("{share:.0}% of its values differ"));
    let number = column.texts().take(LOOKED_MOST).all(|text| text.trim().parse::<f64>().is_ok());
    let mut lengths = column.texts().take(LOOKED_MOST).map(|text| text.chars().count());
    let first = lengths.next().unwrap_or(0);
    let serial = first >= 6 && lengths.all(|length| length == first) && !column.texts().take(LOOKED_MOST).any(|text| text.contains(['.', '-']));
    // A serial number is as long as all others; an amount is not.
    (if number && !serial { Role::Quasi } else { Role::Direct }, why)
}
