//! What a citizen id says besides who it names: the day of birth (GB 11643). Where a record has the id and not the day, the
//! day is filled in, so that it can be compared with a record that has the day and not the id.

use crate::dates::day_of;
use crate::kind::{Kind, kind_of};
use crate::table::Records;

/// Records by which it is told whether a column of dates holds days of birth.
const LOOKED_AT: usize = 3_000;
/// So many must have both, and this share of them agree.
const BOTH_LEAST: usize = 20;
const AGREE_LEAST: f64 = 0.9;

/// The day of birth in a citizen id that passes its check digit, as `1949-12-31`.
pub fn birth_of(id: &str) -> Option<String> {
    Some(id.trim()).filter(|id| id.len() == 18).and_then(data::standard::birth_in_citizen_id)
}

impl Records {
    /// Fills in days of birth that citizen ids tell, in the column of dates that agrees with the ids of records that have both.
    pub fn complete(&mut self) {
        let of = |wanted: Kind| -> Vec<usize> { (0..self.columns.len()).filter(|at| kind_of(&self.columns[*at]) == Some(wanted)).collect() };
        let (ids, dates) = (of(Kind::CheckedId), of(Kind::Date));
        for id in ids {
            let births: Vec<Option<String>> = self.columns[id].values.iter().map(|value| birth_of(value)).collect();
            if let Some(date) = dates.iter().copied().find(|date| self.are_births(id, *date, &births)) {
                self.fill(id, date, &births);
            }
        }
    }

    fn are_births(&self, id: usize, date: usize, births: &[Option<String>]) -> bool {
        let (mut both, mut agree) = (0, 0);
        for (code, day) in self.columns[id].codes.iter().zip(&self.columns[date].codes).filter(|(_, day)| **day != 0).take(LOOKED_AT) {
            let Some(birth) = births.get(*code as usize).and_then(Option::as_deref) else { continue };
            both += 1;
            agree += usize::from(self.columns[date].values.get(*day as usize).is_some_and(|value| day_of(value) == day_of(birth)));
        }
        both >= BOTH_LEAST && agree as f64 >= both as f64 * AGREE_LEAST
    }

    fn fill(&mut self, id: usize, date: usize, births: &[Option<String>]) {
        let mut known: std::collections::HashMap<String, u32> =
            self.columns[date].values.iter().enumerate().map(|(code, value)| (value.to_string(), code as u32)).collect();
        for record in 0..self.ids.len() {
            let code = self.columns[id].codes[record];
            let column = &mut self.columns[date];
            let Some(birth) = births.get(code as usize).and_then(Option::as_ref).filter(|_| column.codes[record] == 0) else { continue };
            column.codes[record] = *known.entry(birth.clone()).or_insert_with(|| {
                column.values.push(birth.as_str().into());
                column.values.len() as u32 - 1
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn births() {
        assert_eq!(birth_of("11010519491231002X").as_deref(), Some("1949-12-31"));
        assert_eq!(birth_of("110105194912310021"), None, "the check digit is wrong");
        assert_eq!(birth_of("91350100M000100Y43"), None, "a company's code");
    }
}
