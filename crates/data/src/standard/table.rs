//! Code tables of national standards that need no declaration: sex, ethnic groups, countries, currencies.
//! A value is the code, another form of it, or its name; the code is kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use kernel::nearest;

use super::flaw::Flaw;
use super::tidy::narrow;
use crate::reference::rows;

/// A table made ready to look values up in any of their forms.
pub(super) struct Table {
    title: (&'static str, &'static str),
    codes: HashMap<String, &'static str>,
}

pub(super) static SEX: LazyLock<Table> = LazyLock::new(|| {
    Table::new(("性别代码（GB/T 2261.1）", "sex (GB/T 2261.1)"), include_str!("../../reference/sexes.csv"))
});
pub(super) static ETHNIC: LazyLock<Table> = LazyLock::new(|| {
    let mut table =
        Table::new(("民族代码（GB/T 3304）", "ethnic groups (GB/T 3304)"), include_str!("../../reference/ethnic_groups.csv"));
    table.without(|name| name.strip_suffix('族').filter(|name| name.chars().count() > 0), true);
    table.without(|code| code.strip_prefix('0'), false);
    table
});
pub(super) static COUNTRY: LazyLock<Table> = LazyLock::new(|| {
    Table::new(
        ("国家和地区代码（GB/T 2659.1）", "countries and regions (GB/T 2659.1)"),
        include_str!("../../reference/countries.csv"),
    )
});
pub(super) static CURRENCY: LazyLock<Table> = LazyLock::new(|| {
    Table::new(("货币代码（ISO 4217）", "currencies (ISO 4217)"), include_str!("../../reference/currencies.csv"))
});

impl Table {
    fn new(title: (&'static str, &'static str), csv: &'static str) -> Table {
        let mut codes = HashMap::new();
        for [code, name, name_en, aliases] in rows(csv) {
            let forms = [code, name, name_en].into_iter().chain(aliases.split(';'));
            for form in forms.filter(|form| !form.is_empty()) {
                codes.entry(form.to_lowercase()).or_insert(code);
            }
        }
        Table { title, codes }
    }

    /// Adds shorter forms of the known ones: of all, or of the codes alone.
    fn without(&mut self, shorten: impl Fn(&str) -> Option<&str>, names: bool) {
        let shorter: Vec<(String, &'static str)> = self
            .codes
            .iter()
            .filter(|(form, code)| names || form.as_str() == **code)
            .filter_map(|(form, code)| Some((shorten(form)?.to_owned(), *code)))
            .collect();
        for (form, code) in shorter {
            self.codes.entry(form).or_insert(code);
        }
    }

    /// The code that a text stands for.
    pub fn read(&self, text: &str) -> Result<Cow<'static, str>, Flaw> {
        if let Some(code) = self.codes.get(&narrow(text).to_lowercase()) {
            return Ok(Cow::Borrowed(code));
        }
        let short = text.chars().count() <= 40;
        let near = if short { nearest(text, self.codes.keys().map(String::as_str)) } else { None };
        let (zh, en) = match near {
            Some(near) => (format!("；是不是“{near}”？"), format!("; perhaps “{near}”?")),
            None => ("，请核对".to_owned(), "; check it".to_owned()),
        };
        let (title_zh, title_en) = self.title;
        Err(Flaw::new(
            "unknown",
            format!("{title_zh}中没有这个代码或名称{zh}"),
            format!("{title_en} has no such code or name{en}"),
        ))
    }
}
