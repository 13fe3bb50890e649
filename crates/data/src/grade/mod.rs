//! Classes and grades (分类分级): which of them a column should have, from its names and a sample of its values.
//!
//! Header and values are weighed as evidence for each type of information (log-odds); what is likely enough is a finding.
//! A proposal takes the highest class and grade of its findings, so that evidence only ever raises it: more values, another
//! name, another table never lower what was found. A steward decides.

mod header;
mod info;
mod names;
mod values;

use kernel::Text;

use crate::declare::{Grade, ItemClass};
pub use info::InfoType;

/// Log-odds of a type before anything is known of the column.
const BEFORE: f64 = -4.0;
/// The confidence from which on something is found.
pub const LIKELY: f64 = 0.8;
/// What a class and a grade are when nothing is found: not known to be harmless.
pub const UNKNOWN: (ItemClass, Grade) = (ItemClass::Business, Grade::L2);

/// A column to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Its name at the source or in the standard layer.
    pub name: &'a str,
    /// What people call it; may be empty.
    pub title: &'a str,
    /// Values as found.
    pub values: &'a [&'a str],
}

/// One type of information that a column likely holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub info: InfoType,
    pub class: ItemClass,
    pub grade: Grade,
    /// 0 to 1.
    pub confidence: f64,
    /// Different values that spoke for it.
    pub spoke: usize,
    /// Different values that were seen.
    pub seen: usize,
    pub why: Text,
}

/// What a column's class and grade should be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// What speaks for it, the highest grade first.
    pub findings: Vec<Finding>,
    /// Raised because of the other columns, and why.
    pub raised: Option<(ItemClass, Grade, Text)>,
}

impl Proposal {
    /// Whether anything was found. Otherwise class and grade are those of the unknown.
    pub fn is_known(&self) -> bool {
        !self.findings.is_empty() || self.raised.is_some()
    }

    pub fn class(&self) -> ItemClass {
        self.all().map(|(class, _)| class).max().unwrap_or(UNKNOWN.0)
    }

    pub fn grade(&self) -> Grade {
        self.all().map(|(_, grade)| grade).max().unwrap_or(UNKNOWN.1)
    }

    fn all(&self) -> impl Iterator<Item = (ItemClass, Grade)> {
        let found = self.findings.iter().map(|finding| (finding.class, finding.grade));
        found.chain(self.raised.iter().map(|(class, grade, _)| (*class, *grade)))
    }

    pub fn has(&self, info: InfoType) -> bool {
        self.findings.iter().any(|finding| finding.info == info)
    }

    /// The likeliest type of the highest grade: what a mask goes by. Whose id it is tells less of its form than that it is one.
    pub fn leading(&self) -> Option<InfoType> {
        let form = self.findings.iter().find(|finding| finding.info != InfoType::Minor);
        form.or(self.findings.first()).map(|finding| finding.info)
    }

    /// The confidence of what decides; 0 when nothing was found.
    pub fn confidence(&self) -> f64 {
        self.findings.first().map_or(0.0, |finding| finding.confidence)
    }

    /// Both together, as when a column was looked at twice: of each type the surer finding.
    #[must_use]
    pub fn join(mut self, other: Proposal) -> Proposal {
        for finding in other.findings {
            match self.findings.iter_mut().find(|mine| mine.info == finding.info) {
                Some(mine) if mine.confidence >= finding.confidence => {}
                Some(mine) => *mine = finding,
                None => self.findings.push(finding),
            }
        }
        self.raised = match (self.raised, other.raised) {
            (Some(mine), Some(theirs)) => {
                let (class, grade) = (mine.0.max(theirs.0), mine.1.max(theirs.1));
                Some((class, grade, if theirs.1 > mine.1 { theirs.2 } else { mine.2 }))
            }
            (mine, theirs) => mine.or(theirs),
        };
        sort(&mut self.findings);
        self
    }
}

/// Proposes class and grade of one column. `today` (days since 1970-01-01) tells children from others; without it nobody
/// is taken for a child.
pub fn detect(column: &Column<'_>, today: Option<i32>) -> Proposal {
    let named = header::read(column.name, column.title);
    let weight = |info: InfoType| named.iter().find(|(other, _)| *other == info).map_or(0.0, |(_, weight)| *weight);
    let born = weight(InfoType::BirthDate) > 4.0;
    let seen = values::look(column.values, today, born);
    let mut findings: Vec<Finding> = InfoType::ALL
        .into_iter()
        .filter_map(|info| {
            let score = seen
                .scores
                .iter()
                .find(|(other, _)| *other == info)
                .map(|(_, score)| *score)
                .unwrap_or_default();
            let told = if counts(info, &weight) { said(info, score.best) } else { 0.0 };
            let confidence = 1.0 / (1.0 + (-(BEFORE + weight(info) + told)).exp());
            (confidence >= LIKELY).then(|| {
                let why = why(info, weight(info) > 0.0, if told > 0.0 { score.spoke } else { 0 }, seen.different);
                let spoke = if told > 0.0 { score.spoke } else { 0 };
                Finding {
                    info,
                    class: info.class(),
                    grade: info.grade(),
                    confidence,
                    spoke,
                    seen: seen.different,
                    why,
                }
            })
        })
        .collect();
    sort(&mut findings);
    Proposal { findings, raised: None }
}

/// Whether values may speak for a type under this header. Names in a column of contacts are contacts, buildings in a
/// column of sites are sites.
fn counts(info: InfoType, weight: &impl Fn(InfoType) -> f64) -> bool {
    let sure = |other: InfoType| weight(other) > 6.0 && weight(info) < weight(other);
    match info {
        InfoType::PersonName => ![
            InfoType::ContactPerson,
            InfoType::Organisation,
            InfoType::Division,
            InfoType::Transport,
        ]
        .into_iter()
        .any(sure),
        InfoType::HomeAddress => ![
            InfoType::SiteAddress,
            InfoType::Organisation,
            InfoType::Division,
            InfoType::Transport,
        ]
        .into_iter()
        .any(sure),
        InfoType::Health | InfoType::Education | InfoType::Household => ![InfoType::Organisation, InfoType::Industry].into_iter().any(sure),
        _ => true,
    }
}

/// What the values' sum adds. Some texts look like a name or a home by chance: a few of them are no evidence yet.
fn said(info: InfoType, best: f64) -> f64 {
    match info {
        InfoType::PersonName | InfoType::Health => (best - 2.0).max(0.0),
        // A list of sites has a few in estates, one behind the other.
        InfoType::HomeAddress => (best - 6.0).max(0.0),
        _ => best,
    }
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        b.grade
            .cmp(&a.grade)
            .then(b.class.cmp(&a.class))
            .then(b.confidence.total_cmp(&a.confidence))
            .then(a.info.cmp(&b.info))
    });
}

/// What the findings rest on, in words.
fn why(info: InfoType, named: bool, spoke: usize, seen: usize) -> Text {
    let title = info.title();
    match (named, spoke) {
        (true, 0) => Text::new(format!("名称像是{}", title.zh), format!("the name says: {}", title.en)),
        (true, _) => Text::new(
            format!("名称像是{}，{seen} 个不同的值中有 {spoke} 个相符", title.zh),
            format!("the name says: {}; {spoke} of {seen} different values agree", title.en),
        ),
        (false, _) => Text::new(
            format!("{seen} 个不同的值中有 {spoke} 个像是{}", title.zh),
            format!("{spoke} of {seen} different values look like: {}", title.en),
        ),
    }
}

/// Proposes class and grade of all columns of a table. Beside a column that tells who a person is, the others are about
/// that person; beside what is most private, an id is as private. In a table of counts that names nobody, a column of
/// diseases is about nobody.
pub fn detect_table(columns: &[Column<'_>], today: Option<i32>) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = columns.iter().map(|column| detect(column, today)).collect();
    let identified = proposals
        .iter()
        .any(|proposal| proposal.findings.iter().any(|finding| finding.info.identifies_persons()));
    if !identified {
        if is_of_counts(columns, &proposals) {
            for proposal in &mut proposals {
                proposal.findings.retain(|finding| !finding.info.is_attribute());
            }
        }
        return proposals;
    }
    for proposal in &mut proposals {
        // How often somebody was in hospital is no statistic.
        proposal.findings.retain(|finding| finding.info != InfoType::Statistic);
    }
    let most = proposals
        .iter()
        .flat_map(|proposal| &proposal.findings)
        .filter(|finding| finding.class == ItemClass::Sensitive)
        .map(|finding| finding.grade)
        .max();
    for (proposal, column) in proposals.iter_mut().zip(columns) {
        proposal.raised = beside_a_person(proposal, column, most);
    }
    proposals
}

/// Words for persons in a header: a table that numbers them is about each of them, though it names nobody.
#[rustfmt::skip]
const PERSONS: [&str; 20] = [
    "患者", "病人", "病案", "住院号", "门诊号", "就诊", "学籍", "学生编号", "学号", "人员编号", "个人编号", "居民编号", "用户", "会员", "参保号",
    "patient", "person", "student", "member", "subject",
];

/// Whether a table holds counts, and numbers no persons.
fn is_of_counts(columns: &[Column<'_>], proposals: &[Proposal]) -> bool {
    let counts = proposals.iter().any(|proposal| proposal.has(InfoType::Statistic));
    let numbers_persons = |(column, proposal): (&Column<'_>, &Proposal)| {
        let header = format!("{} {}", column.name, column.title).to_lowercase();
        !proposal.has(InfoType::Statistic) && PERSONS.iter().any(|word| header.contains(word))
    };
    counts && !columns.iter().zip(proposals).any(numbers_persons)
}

/// What a column becomes in a table that tells who its rows are about; `most` is the highest grade of what is sensitive in it.
fn beside_a_person(proposal: &Proposal, column: &Column<'_>, most: Option<Grade>) -> Option<(ItemClass, Grade, Text)> {
    let most = most.unwrap_or(Grade::L2);
    if most > proposal.grade() && proposal.has(InfoType::CitizenId) {
        let why = Text::new("同一张表里有更敏感的信息项", "the table has items that are more sensitive");
        return Some((ItemClass::Sensitive, most, why));
    }
    let address = header::read(column.name, column.title)
        .iter()
        .any(|(info, weight)| *info == InfoType::HomeAddress && *weight > 1.0);
    if address && !proposal.is_known() {
        let why = Text::new("地址与姓名或证件号在同一张表里", "an address in one table with a name or an id");
        return Some((ItemClass::Personal, InfoType::HomeAddress.grade(), why));
    }
    // What describes somebody tells less than what identifies him: a grade less.
    let grade = if most == Grade::L4 { Grade::L3 } else { Grade::L2 };
    (!proposal.is_known()).then(|| {
        let why = Text::new("同一张表里有能识别个人的信息项", "the table has items that tell who a person is");
        (ItemClass::Personal, grade, why)
    })
}
