//! Former names: a column that says what records had in another one before (曾用名, a maiden name) is no evidence of its own.
//! Its values are put beside those of the other column, so that what one record has now is found in what another had.

use crate::fold::fold;
use crate::kind::{Kind, kind_of};
use crate::table::{Column, Former, Records};

/// What makes a column's name that of former values.
const MARKS: [&str; 14] =
    ["曾用", "曾经", "原先的", "变更前", "更名前", "former", "previous", "earlier", "maiden", "birth name", "old", "原", "旧", "前"];

impl Records {
    /// Puts former values beside the column that has what is so now; each column takes those of one other.
    pub fn gather_former(&mut self) {
        let kinds: Vec<Option<Kind>> = self.columns.iter().map(kind_of).collect();
        let mut gone = Vec::new();
        for former in 0..self.columns.len() {
            let is_free = |now: &usize| *now != former && self.columns[*now].former.is_none() && unmarked(&self.columns[*now].name).is_none();
            let Some(rest) = unmarked(&self.columns[former].name) else { continue };
            let alike = |now: &usize| is_named_alike(&rest, &fold(&self.columns[*now].name)) && is_kin(kinds[former], kinds[*now]);
            let nearest = |now: &usize| (kinds[*now] != kinds[former], self.columns[*now].name.chars().count(), *now);
            let Some(now) = (0..self.columns.len()).filter(is_free).filter(alike).min_by_key(nearest) else { continue };
            let mut before = std::mem::replace(&mut self.columns[former], Column::none());
            let name = std::mem::take(&mut before.name);
            let codes = self.columns[now].adopt(before);
            self.columns[now].former = Some(Former { name, codes });
            gone.push(former);
        }
        gone.into_iter().rev().for_each(|at| drop(self.columns.remove(at)));
    }
}

/// What is left of a name without the mark; `None` where it has none.
fn unmarked(name: &str) -> Option<String> {
    let name: String = fold(name).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let spaced = format!(" {} ", name.split_whitespace().collect::<Vec<_>>().join(" "));
    let found = MARKS.iter().find_map(|mark| match mark.is_ascii() {
        true => spaced.contains(&format!(" {mark} ")).then(|| spaced.replacen(&format!(" {mark} "), " ", 1)),
        // One character alone marks what follows it.
        false if mark.chars().count() == 1 => spaced.trim().strip_prefix(mark).map(str::to_owned),
        false => spaced.contains(mark).then(|| spaced.replacen(mark, "", 1)),
    });
    found.map(|rest| rest.trim().to_owned())
}

/// Whether a column is called what is left of the former one's name: `名` of `姓名`, `name` of `full_name`.
fn is_named_alike(rest: &str, name: &str) -> bool {
    !rest.is_empty() && (name.contains(rest) || rest.contains(name))
}

/// Former values are few, so their kind is not always told from them.
fn is_kin(former: Option<Kind>, now: Option<Kind>) -> bool {
    let names = |kind: Option<Kind>| matches!(kind, Some(Kind::GivenName | Kind::Surname | Kind::FullName | Kind::Name | Kind::Company | Kind::Words));
    now.is_some() && (former.is_none() || former == now || (names(former) && names(now)))
}
