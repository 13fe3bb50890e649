//! Planting what goes wrong in life: values that must be refused for a good reason, and the truth about them.

use data::declare::Kind;

use crate::catalogue::standards;
use crate::ids::citizen_check;
use crate::rng::Rng;
use crate::spec::{Column, Delivery, Table};

/// One planted defect, as it is written to `truth/defects.csv`.
#[derive(Clone, Debug)]
pub struct Defect {
    pub file: String,
    pub line: u64,
    /// The record's true key, since a database may be read in another order than it was written.
    pub key: String,
    pub item: &'static str,
    /// Stable word: `check_digit`, `name_homophone`…
    pub kind: &'static str,
    /// Whether a reader that follows the declarations refuses the row.
    pub refusable: bool,
    pub found: String,
    pub truth: String,
}

/// The columns of a table that a defect may be planted in, by kind.
#[derive(Debug)]
pub struct Targets(Vec<(usize, Kind)>);

impl Targets {
    pub fn of(table: &Table) -> Targets {
        let targets = table.columns.iter().enumerate().filter_map(|(position, column)| {
            let kind = standards::kind(column.standard);
            let kept = column.name == "updated_at" || Some(column.name) == table.cursor || column.source.starts_with("^.");
            // A column file keeps numbers as numbers: no word can stand among them.
            let typed = table.delivery == Delivery::Parquet && numeric(kind);
            (!kept && !typed && spoilable(column, kind)).then_some((position, kind))
        });
        Targets(targets.collect())
    }

    /// Where to plant, and what; `None` where the cell at hand gives nothing to spoil.
    pub fn spoil(&self, table: &Table, cell: impl Fn(usize) -> String, rng: &mut Rng) -> Option<(usize, &'static str, String)> {
        let count = self.0.len();
        let start = rng.below(count as u64) as usize;
        (0..count).find_map(|step| {
            let (position, kind) = *self.0.get((start + step) % count)?;
            let column = table.columns.get(position)?;
            let (word, found) = spoiled(column, kind, &cell(position), rng)?;
            Some((position, word, found))
        })
    }
}

/// Whether values of this kind are written as numbers where the form knows numbers.
pub fn numeric(kind: Kind) -> bool {
    kind.is_number()
}

fn spoilable(column: &Column, kind: Kind) -> bool {
    match kind {
        Kind::Text => column.required && column.standard != "serial_no",
        Kind::Geometry | Kind::Boolean => false,
        _ => true,
    }
}

fn spoiled(column: &Column, kind: Kind, value: &str, rng: &mut Rng) -> Option<(&'static str, String)> {
    let own = |word: &'static str, text: &str| Some((word, text.to_owned()));
    if value.is_empty() {
        return None;
    }
    match kind {
        Kind::CitizenId => citizen(value, rng),
        Kind::Uscc => {
            let last = value.chars().last()?;
            let wrong = if last == '7' { '3' } else { '7' };
            Some(("uscc_check", format!("{}{wrong}", value.get(..value.len() - 1)?)))
        }
        Kind::Code if column.standard == "district" => {
            // 江东区 was merged into 鄞州区 in 2016; the other code was never given.
            if rng.chance(0.7) { own("district_closed", "330204") } else { own("district_unknown", "330299") }
        }
        Kind::Code => own("code_unknown", "X9"),
        Kind::Date => own("date_impossible", rng.word(&["2026-02-30", "2025-13-05", "0000-00-00", "2026-06-31"])),
        Kind::Datetime => own("date_impossible", rng.word(&["2026-02-30 08:15:00", "2026-04-18 25:61:00", "0000-00-00 00:00:00"])),
        Kind::Integer | Kind::Number => own("not_a_number", rng.word(&["待核实", "详见附件", "约三百"])),
        Kind::Money => own("not_money", rng.word(&["待定", "见合同", "面议"])),
        Kind::Phone => own("phone_form", rng.word(&["00000", "12", "电话停机"])),
        Kind::Longitude | Kind::Latitude => own("degree_range", rng.word(&["1215432.1", "999.9"])),
        Kind::IndustryCode => own("industry_unknown", "ZZ99"),
        Kind::DivisionCode => own("division_form", "33O2"),
        Kind::Text if column.required => own("missing", ""),
        _ => None,
    }
}

fn citizen(value: &str, rng: &mut Rng) -> Option<(&'static str, String)> {
    let mut bytes = value.as_bytes().to_vec();
    if bytes.len() != 18 {
        return None;
    }
    match rng.below(4) {
        0 => {
            let check = bytes.get(17).copied()?;
            *bytes.get_mut(17)? = if check == b'5' { b'2' } else { b'5' };
            Some(("check_digit", String::from_utf8(bytes).ok()?))
        }
        1 => {
            // The first two neighbours that differ change places, as when typed in haste.
            let place = (6..16).find(|place| bytes.get(*place) != bytes.get(place + 1))?;
            bytes.swap(place, place + 1);
            Some(("digits_transposed", String::from_utf8(bytes).ok()?))
        }
        2 => Some(("truncated", value.get(..17)?.to_owned())),
        _ => {
            bytes.get_mut(10..14)?.copy_from_slice(b"0231");
            let check = citizen_check(bytes.get(..17)?);
            *bytes.get_mut(17)? = check;
            Some(("birth_impossible", String::from_utf8(bytes).ok()?))
        }
    }
}
