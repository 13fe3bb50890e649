//! What pages, the API and commands show of registers.

use std::collections::BTreeMap;

use data::City;
use data::declare::{Grade, Register, RegisterField, RegisterSource};
use kernel::{Moment, Text};
use serde_json::json;
use register::{Change, Entity, EntityState, Identity, RegisterError, Run, Totals};
use serde::Serialize;

use super::reader::Reader;
use crate::authority::{Object, object};
use crate::quality::row_hash;
use super::{column_title, table};
use crate::model::grade_of_column;
use crate::port::{Source, TableName};
use crate::runs::PAGE_MAX;
use crate::sight::Seen;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// Entities that a search shows.
const FOUND_MOST: usize = 50;
/// Changes and runs that a register's page shows.
const NEWEST: u32 = 30;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterState {
    /// Sources without rows yet.
    Waiting(Vec<String>),
    Never,
    Running(Text),
    Failed(Text),
    Changed,
    Fresh,
}

#[derive(Clone, Debug)]
pub struct FieldView {
    pub name: String,
    pub title: Text,
    /// How it is compared; `None`: it is no evidence.
    pub compare: Option<Text>,
    /// Sources in the order in which they are believed: titles.
    pub order: Vec<Text>,
    pub grade: Grade,
}

#[derive(Clone, Debug)]
pub struct SourceView {
    pub resource: String,
    pub title: Text,
    pub department_title: Text,
}

#[derive(Clone, Debug)]
pub struct RegisterView {
    pub id: String,
    pub title: Text,
    pub summary: Text,
    pub department: String,
    pub department_title: Text,
    pub state: RegisterState,
    pub totals: Totals,
    pub last: Option<Run>,
}

/// Contradicted values of one field of one source.
#[derive(Clone, Debug)]
pub struct ConflictCount {
    pub resource: String,
    pub resource_title: Text,
    pub field: String,
    pub field_title: Text,
    pub count: u64,
}

#[derive(Clone, Debug)]
pub struct ConflictView {
    pub entity: String,
    /// Key and value of the record that is not believed.
    pub key: String,
    pub value: String,
    /// Source, key and value of the one that is.
    pub believed_title: Text,
    pub believed_key: String,
    pub believed: String,
}

#[derive(Clone, Debug)]
pub struct RegisterDetail {
    pub view: RegisterView,
    pub threshold: f64,
    pub fields: Vec<FieldView>,
    pub sources: Vec<SourceView>,
    pub conflicts: Vec<ConflictCount>,
    pub changes: Vec<Change>,
    pub runs: Vec<Run>,
}

/// A record of an entity; values by field of the register.
#[derive(Clone, Debug, Serialize)]
pub struct MemberView {
    /// Names the record, in hexadecimal.
    pub identity: String,
    pub resource: String,
    pub resource_title: Text,
    pub key: String,
    pub values: Vec<Option<String>>,
}

/// What is known of one field of an entity, and from whom.
#[derive(Clone, Debug)]
pub struct FieldValue {
    pub name: String,
    pub title: Text,
    pub value: Option<String>,
    /// Title of the source that is believed.
    pub from: Option<Text>,
    /// What others say instead: title of the source, key, value.
    pub against: Vec<(Text, String, String)>,
}

#[derive(Clone, Debug)]
pub struct EntityView {
    pub id: String,
    pub state: EntityState,
    pub into: Option<String>,
    pub since: Moment,
    pub changed: Moment,
    pub records: u64,
    pub fields: Vec<FieldValue>,
    pub members: Vec<MemberView>,
    pub changes: Vec<Change>,
}

/// A pair that the evidence leaves in doubt.
#[derive(Clone, Debug)]
pub struct DoubtView {
    pub left: MemberView,
    pub right: MemberView,
    pub joined: bool,
    /// From 0 to 1.
    pub probability: f64,
}

/// One step of the waterfall.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Name of the field.
    pub field: String,
    pub title: Text,
    pub left: Option<String>,
    pub right: Option<String>,
    pub level: Text,
    /// Above zero it speaks for one entity.
    pub bits: f64,
    /// What the rarity of the value adds, within `bits`.
    pub frequency_bits: f64,
}

/// Two records side by side, with the evidence from the prior to the probability.
#[derive(Clone, Debug)]
pub struct PairView {
    pub left: MemberView,
    pub right: MemberView,
    pub fields: Vec<Text>,
    pub prior_bits: f64,
    /// What the threshold asks for.
    pub threshold_bits: f64,
    pub evidence: Vec<Evidence>,
    pub probability: f64,
    pub decided: Option<bool>,
}

impl Desk {
    /// All registers of the city.
    pub async fn registers(&self, who: &Account) -> Answer<Vec<RegisterView>> {
        self.may(who, "see.registers", &Object::of("registers")).await?;
        let city = self.city();
        let mut views = Vec::new();
        for register in city.registers.values() {
            views.push(self.view_register(&city, register).await?);
        }
        Ok(views)
    }

    pub async fn register(&self, who: &Account, id: &str) -> Answer<RegisterDetail> {
        self.may(who, "see.registers", &object("register", id)).await?;
        let (city, register) = (self.city(), self.declared_register(id)?);
        let view = self.view_register(&city, &register).await?;
        let (counts, changes, runs) =
            self.ask_register(id, |file| Ok((file.conflict_counts()?, file.latest_changes(NEWEST)?, file.runs(NEWEST)?))).await?;
        let compiled = self.compiled();
        let field = |field: &data::declare::RegisterField| {
            let mut order: Vec<&String> = field.order.iter().collect();
            order.extend(register.sources.iter().map(|source| &source.resource).filter(|source| !field.order.contains(source)));
            let has = |source: &&&String| {
                let declared = register.sources.iter().find(|known| known.resource == ***source);
                declared.is_some_and(|declared| city.resources.get(&declared.resource).is_some_and(|r| r.items.iter().any(|i| i.name == declared.item_of(&field.name))))
            };
            FieldView {
                name: field.name.clone(),
                title: Text::new(&field.title, &field.title_en),
                compare: field.compare.map(data::declare::Evidence::title).or_else(|| former_of(&register, field)),
                order: order.iter().filter(has).map(|source| resource_title(&city, source)).collect(),
                grade: grade_of_column(&city, &compiled, &Source { table: table(&register.id), column: field.name.clone() }),
            }
        };
        let source = |source: &data::declare::RegisterSource| SourceView {
            resource: source.resource.clone(),
            title: resource_title(&city, &source.resource),
            department_title: city
                .resources
                .get(&source.resource)
                .and_then(|resource| city.provider(resource))
                .map_or_else(Text::default, |department| Text::new(&department.title, &department.title_en)),
        };
        let conflict = |((resource, field), count): ((String, String), u64)| ConflictCount {
            resource_title: resource_title(&city, &resource),
            field_title: column_title(&register, &field).unwrap_or_default(),
            resource,
            field,
            count,
        };
        let reader = self.reader(&city, &register, None);
        Ok(RegisterDetail {
            view,
            threshold: register.threshold,
            fields: register.fields.iter().map(field).collect(),
            sources: register.sources.iter().map(source).collect(),
            conflicts: counts.into_iter().map(conflict).collect(),
            // Keys of records may tell who somebody is: they are shown to readers of whom it is known what they may see.
            changes: changes.into_iter().map(|change| reader.change(change)).collect(),
            runs: runs,
        })
    }

    /// An entity with all that is known of it. Merged ones are there too, and say into which.
    pub async fn entity(&self, who: &Account, register: &str, id: &str) -> Answer<EntityView> {
        self.may(who, "read.entity", &object("register", register)).await?;
        let (city, declared, wanted) = (self.city(), self.declared_register(register)?, id.to_owned());
        let (entity, changes) = self.ask_register(register, move |file| Ok((file.entity(&wanted)?, file.history(&wanted, NEWEST)?))).await?;
        let entity = entity.ok_or(DeskError::NotFound)?;
        self.log(who, "read.entity", &object("register", register), json!({ "entity": id })).await?;
        Ok(view_entity(&self.reader(&city, &declared, Some(who)), &declared, entity, changes))
    }

    /// Entities with this id, key or value; without a text those of several records that were made last. And whether there may be more.
    pub async fn find_entities(&self, who: &Account, register: &str, text: &str) -> Answer<(Vec<EntityView>, bool)> {
        self.may(who, "read.entity", &object("register", register)).await?;
        let (city, declared, text) = (self.city(), self.declared_register(register)?, text.trim().to_owned());
        let (reader, asked) = (self.reader(&city, &declared, Some(who)), text.clone());
        // Whoever sees values masked must not find out by searching what they are.
        let values = reader.sees_all();
        let find = move |file: &mut register::Register| {
            let (ids, cut) = if text.is_empty() { (file.recent(FOUND_MOST as u32)?, false) } else { file.find(&text, values, FOUND_MOST)? };
            let found = ids.iter().filter_map(|id| file.entity(id).transpose()).collect::<Result<Vec<_>, RegisterError>>()?;
            Ok((found, cut))
        };
        let (found, cut) = self.ask_register(register, find).await?;
        let ids: Vec<&str> = found.iter().map(|entity| entity.id.as_str()).collect();
        self.log(who, "read.entity", &object("register", register), json!({ "asked": asked, "entities": ids })).await?;
        Ok((found.into_iter().map(|entity| view_entity(&reader, &declared, entity, Vec::new())).collect(), cut))
    }

    /// Pairs in doubt that nobody has decided, the most doubtful first.
    pub async fn doubts(&self, who: &Account, register: &str, page: u64, size: u64) -> Answer<Page<DoubtView>> {
        self.may(who, "read.doubts", &object("register", register)).await?;
        let (city, declared) = (self.city(), self.declared_register(register)?);
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let ask = move |file: &mut register::Register| Ok((file.doubt_count()?, file.doubts(size, (page - 1).saturating_mul(size))?));
        let (total, doubts) = self.ask_register(register, ask).await?;
        self.log(who, "read.doubts", &object("register", register), json!({ "page": page, "rows": doubts.len() })).await?;
        let (cut, reader) = (threshold_bits(&declared), self.reader(&city, &declared, Some(who)));
        let view = |doubt: register::Doubt| DoubtView {
            joined: doubt.entities[0] == doubt.entities[1],
            left: reader.member(doubt.left),
            right: reader.member(doubt.right),
            probability: 1.0 / (1.0 + (-(doubt.bits + cut)).exp2()),
        };
        Ok(Page { entries: doubts.into_iter().map(view).collect(), total, page, size })
    }

    /// Which fields of a register the reader sees masked.
    pub fn seen_in_register(&self, who: &Account, register: &str) -> Seen {
        self.seen(Some(who), &[table(register)])
    }

    /// For each field of a register what its codes mean, by the code list of the first source that has one.
    pub fn field_codes(&self, register: &str) -> Vec<BTreeMap<String, Text>> {
        let city = self.city();
        let codes = |field: &RegisterField, source: &RegisterSource| {
            let resource = city.resources.get(&source.resource)?;
            let item = resource.items.iter().find(|item| item.name == source.item_of(&field.name))?;
            Some(city.codes_of(item)?.titles())
        };
        let declared = city.registers.get(register);
        let of = |register: &Register, field: &RegisterField| register.sources.iter().find_map(|source| codes(field, source)).unwrap_or_default();
        declared.iter().flat_map(|register| register.fields.iter().map(|field| of(register, field))).collect()
    }

    /// Two records side by side.
    pub async fn pair(&self, who: &Account, register: &str, left: &str, right: &str) -> Answer<PairView> {
        self.may(who, "read.pair", &object("register", register)).await?;
        let (city, declared) = (self.city(), self.declared_register(register)?);
        let (a, b) = (identity(left)?, identity(right)?);
        self.log(who, "read.pair", &object("register", register), json!({ "left": left, "right": right })).await?;
        let (left, right, waterfall, decided) = self.ask_register(register, move |file| file.explain(&a, &b)).await?;
        let reader = self.reader(&city, &declared, Some(who));
        let evidence = |evidence: link::Waterfall| {
            evidence.evidence.into_iter().map(|piece| Evidence {
                title: column_title(&declared, &piece.column).unwrap_or_default(),
                field: piece.column.clone(),
                left: reader.value(&piece.column, piece.left),
                right: reader.value(&piece.column, piece.right),
                level: piece.level,
                bits: piece.bits,
                frequency_bits: piece.frequency_bits,
            })
        };
        Ok(PairView {
            left: reader.member(left),
            right: reader.member(right),
            fields: declared.fields.iter().map(|field| Text::new(&field.title, &field.title_en)).collect(),
            prior_bits: waterfall.prior_bits,
            threshold_bits: threshold_bits(&declared),
            probability: waterfall.probability,
            evidence: evidence(waterfall).collect(),
            decided,
        })
    }

    /// The feed of changes: those after a number, the oldest first.
    pub async fn register_changes(&self, who: &Account, register: &str, after: i64, limit: u32) -> Answer<Vec<Change>> {
        self.may(who, "read.changes", &object("register", register)).await?;
        let (city, declared) = (self.city(), self.declared_register(register)?);
        let changes = self.ask_register(register, move |file| file.changes(after, limit)).await?;
        self.log(who, "read.changes", &object("register", register), json!({ "after": after, "rows": changes.len() })).await?;
        let reader = self.reader(&city, &declared, Some(who));
        Ok(changes.into_iter().map(|change| reader.change(change)).collect())
    }

    /// Contradicted values of one field of one source.
    pub async fn conflicts(&self, who: &Account, register: &str, resource: &str, field: &str, limit: u32, offset: u32) -> Answer<(ConflictCount, Vec<ConflictView>)> {
        self.may(who, "read.conflicts", &object("register", register)).await?;
        let (city, declared) = (self.city(), self.declared_register(register)?);
        let named = declared.fields.iter().any(|known| known.name == field) && declared.sources.iter().any(|known| known.resource == resource);
        if !named {
            return Err(DeskError::NotFound);
        }
        let (source, name) = (resource.to_owned(), field.to_owned());
        let ask = move |file: &mut register::Register| {
            let count = file.conflict_counts()?.get(&(source.clone(), name.clone())).copied().unwrap_or(0);
            Ok((count, file.conflicts(&source, &name, limit, offset)?))
        };
        let (count, found) = self.ask_register(register, ask).await?;
        self.log(who, "read.conflicts", &object("register", register), json!({ "resource": resource, "field": field, "rows": found.len() })).await?;
        let head = ConflictCount {
            resource: resource.to_owned(),
            resource_title: resource_title(&city, resource),
            field: field.to_owned(),
            field_title: column_title(&declared, field).ok_or(DeskError::NotFound)?,
            count,
        };
        let reader = self.reader(&city, &declared, Some(who));
        let view = |conflict: register::Conflict| ConflictView {
            entity: conflict.entity,
            key: reader.key(&conflict.said.0, conflict.said.1),
            value: reader.value(field, conflict.said.2).unwrap_or_default(),
            believed_title: resource_title(&city, &conflict.believed.0),
            believed_key: reader.key(&conflict.believed.0, conflict.believed.1),
            believed: reader.value(field, conflict.believed.2).unwrap_or_default(),
        };
        Ok((head, found.into_iter().map(view).collect()))
    }

    /// What people decided, the newest first.
    pub async fn decisions(&self, who: &Account, register: &str, limit: u32, offset: u32) -> Answer<Vec<register::Decision>> {
        self.may(who, "see.registers", &object("register", register)).await?;
        let (city, declared) = (self.city(), self.declared_register(register)?);
        let decisions = self.ask_register(register, move |file| file.decisions(limit, offset)).await?;
        let reader = self.reader(&city, &declared, Some(who));
        let seen = |mut decision: register::Decision| {
            decision.example = decision.example.map(|(source, key)| (source.clone(), reader.key(&source, key)));
            decision
        };
        Ok(decisions.into_iter().map(seen).collect())
    }

    async fn view_register(&self, city: &City, register: &Register) -> Answer<RegisterView> {
        let newest = self.newest_of(register).await?;
        let waiting: Vec<String> = newest.iter().filter(|(_, mark)| mark.is_none()).map(|(resource, _)| resource.clone()).collect();
        let (totals, last, changed) = self
            .ask_register(&register.id, move |file| {
                let mut changed = file.is_outdated()?;
                for (resource, mark) in &newest {
                    changed |= file.marked(resource)? != *mark;
                }
                Ok((file.totals()?, file.runs(1)?.pop(), changed))
            })
            .await?;
        let state = match (self.stage(&register.id), &last) {
            (Some(stage), _) => RegisterState::Running(stage),
            (None, Some(Run { error: Some(error), .. })) => RegisterState::Failed(error.clone()),
            (None, _) if !waiting.is_empty() => RegisterState::Waiting(waiting),
            (None, None) => RegisterState::Never,
            (None, Some(_)) if changed => RegisterState::Changed,
            (None, Some(_)) => RegisterState::Fresh,
        };
        let department = city.departments.get(&register.department);
        Ok(RegisterView {
            id: register.id.clone(),
            title: Text::new(&register.title, &register.title_en),
            summary: Text::new(&register.summary, &register.summary_en),
            department: register.department.clone(),
            department_title: department.map_or_else(Text::default, |d| Text::new(&d.title, &d.title_en)),
            state,
            totals,
            last,
        })
    }

    /// Each source with the mark of its newest commit.
    async fn newest_of(&self, register: &Register) -> Answer<Vec<(String, Option<String>)>> {
        let mut newest = Vec::new();
        for source in &register.sources {
            let last = self.0.ports.lake.last_commit(&TableName::standard(&source.resource)).await.map_err(internal)?;
            newest.push((source.resource.clone(), last.as_ref().map(super::resolve::mark)));
        }
        Ok(newest)
    }
}

fn view_entity(reader: &Reader<'_>, register: &Register, entity: Entity, changes: Vec<Change>) -> EntityView {
    let members: Vec<MemberView> = entity.members.into_iter().map(|member| reader.member(member)).collect();
    let field = |(at, (field, known)): (usize, (&data::declare::RegisterField, &register::Known))| {
        let said = |place: &usize| {
            let member = members.get(*place)?;
            Some((member.resource_title.clone(), member.key.clone(), member.values.get(at).cloned().flatten()?))
        };
        FieldValue {
            name: field.name.clone(),
            title: Text::new(&field.title, &field.title_en),
            value: reader.value(&field.name, known.value.clone()),
            from: known.from.and_then(|from| members.get(from)).map(|member| member.resource_title.clone()),
            against: known.against.iter().filter_map(said).collect(),
        }
    };
    EntityView {
        fields: register.fields.iter().zip(&entity.known).enumerate().map(field).collect(),
        id: entity.id,
        state: entity.state,
        into: entity.into,
        since: entity.since,
        changed: entity.changed,
        records: entity.records,
        members,
        changes: changes.into_iter().map(|change| reader.change(change)).collect(),
    }
}

pub(super) fn identity(text: &str) -> Answer<Identity> {
    row_hash(text).ok_or(DeskError::NotFound)
}

pub(super) fn resource_title(city: &City, id: &str) -> Text {
    city.resources.get(id).map_or_else(|| Text::new(id, id), |resource| Text::new(&resource.title, &resource.title_en))
}

/// How former values are compared: with the field that they are of.
fn former_of(register: &Register, field: &RegisterField) -> Option<Text> {
    let of = column_title(register, field.former_of.as_ref()?)?;
    Some(Text::new(format!("作“{}”曾用的值比对", of.zh), format!("as former values of “{}”", if of.en.is_empty() { &of.zh } else { &of.en })))
}

fn threshold_bits(register: &Register) -> f64 {
    (register.threshold / (1.0 - register.threshold)).log2()
}
