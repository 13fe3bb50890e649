//! The licences under which data may be opened, by their names in the SPDX list.

use kernel::Text;

/// A licence.
#[derive(Debug)]
pub struct Licence {
    /// Its name in the SPDX list: `CC-BY-4.0`.
    pub id: &'static str,
    zh: &'static str,
    en: &'static str,
    /// Its text.
    pub url: &'static str,
    /// The European table of licences names it so; empty where it does not.
    pub europe: &'static str,
    /// Whether whoever uses the data has to name where it is from.
    pub attribution: bool,
}

impl Licence {
    pub fn title(&self) -> Text {
        Text::new(self.zh, self.en)
    }
}

const fn of(id: &'static str, zh: &'static str, en: &'static str, url: &'static str, europe: &'static str, attribution: bool) -> Licence {
    Licence { id, zh, en, url, europe, attribution }
}

/// All of them, the usual one first. Each is one of the Open Definition.
pub const LICENCES: [Licence; 5] = [
    of("CC-BY-4.0", "知识共享 署名 4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/", "CC_BY_4_0", true),
    of("CC0-1.0", "知识共享 放弃权利 1.0", "Creative Commons Zero 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "CC0", false),
    of("ODC-By-1.0", "开放数据共用 署名 1.0", "Open Data Commons Attribution 1.0", "https://opendatacommons.org/licenses/by/1-0/", "ODC_BY", true),
    of("ODbL-1.0", "开放数据共用 开放数据库 1.0", "Open Data Commons Open Database 1.0", "https://opendatacommons.org/licenses/odbl/1-0/", "ODC_BL", true),
    of("PDDL-1.0", "开放数据共用 公共领域 1.0", "Open Data Commons Public Domain 1.0", "https://opendatacommons.org/licenses/pddl/1-0/", "ODC_PDDL", false),
];

/// A licence by its name, in whatever case.
pub fn licence(id: &str) -> Option<&'static Licence> {
    LICENCES.iter().find(|licence| licence.id.eq_ignore_ascii_case(id))
}
