//! Registers: who and what there is in the city, each once, put together from the records of many sources.

use std::collections::BTreeMap;

use kernel::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `registers/<id>.toml`: a register (基础库) of persons, legal entities, places or licences. Records of its sources that
/// are of one entity are found by linkage; each entity has a permanent id, and one row in the table `master.<id>`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// From the file name.
    #[serde(skip)]
    pub id: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// What one entity is, and which records make it.
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
    /// Id of the department that answers for it and decides pairs in doubt.
    pub department: String,
    /// The probability from which two records are taken for one entity, above 0.5 and below 1.
    #[serde(default = "nine_in_ten")]
    pub threshold: f64,
    /// Blocking rules, such as `person_name+birth_date`: only records that agree in one of them are compared. Absent: they are learnt from the records.
    #[serde(default)]
    pub blocks: Vec<String>,
    /// What is known of an entity.
    #[serde(rename = "field")]
    pub fields: Vec<RegisterField>,
    /// Where records come from; earlier ones are believed first, unless a field says otherwise.
    #[serde(rename = "source")]
    pub sources: Vec<RegisterSource>,
}

fn nine_in_ten() -> f64 {
    0.9
}

/// `[[field]]`: one thing known of each entity, and one column of the register's table.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterField {
    /// Name of the column, unique in the register.
    pub name: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// How it is compared. Absent: it is no evidence, only kept.
    #[serde(default)]
    pub compare: Option<Evidence>,
    /// The field whose former values these are (曾用名): no evidence of its own, but what one record had before may be what
    /// another one has now.
    #[serde(default)]
    pub former_of: Option<String>,
    /// Sources in the order in which they are believed for this field (一数一源). Absent: the order of the sources.
    #[serde(default)]
    pub order: Vec<String>,
    /// Whether values of other sources that differ from the one believed are a conflict, told to their departments.
    #[serde(default = "yes")]
    pub conflicts: bool,
}

fn yes() -> bool {
    true
}

/// `[[source]]`: a resource whose rows are records of the register.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterSource {
    /// Id of the resource; it must have a key.
    pub resource: String,
    /// Field of the register = item of the resource. Fields that are not named take the item of the same name, if there is one.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

impl RegisterField {
    /// Whether sources that differ are in conflict. Each may know other former values.
    pub fn may_conflict(&self) -> bool {
        self.conflicts && self.former_of.is_none()
    }
}

impl RegisterSource {
    /// The item that a field is read from.
    pub fn item_of<'s>(&'s self, field: &'s str) -> &'s str {
        self.fields.get(field).map_or(field, String::as_str)
    }
}

/// What values are, as far as comparing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    GivenName,
    Surname,
    FullName,
    /// Name of an organisation.
    Company,
    Address,
    HouseNumber,
    Postcode,
    Date,
    Phone,
    /// A number with a check digit: citizen id, unified social credit code.
    CheckedId,
    /// A number or code that many values share only by chance: insurance number, e-mail address, plate.
    Identifier,
    /// One of few values: sex, state, status.
    Category,
    Number,
    /// A name of one or two words: town, suburb, brand.
    Name,
    /// Running text: titles, remarks.
    Words,
}

impl Evidence {
    /// What people call it.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Evidence::GivenName => ("名", "given name"),
            Evidence::Surname => ("姓", "surname"),
            Evidence::FullName => ("姓名", "full name"),
            Evidence::Company => ("单位名称", "name of an organisation"),
            Evidence::Address => ("地址", "address"),
            Evidence::HouseNumber => ("门牌号", "house number"),
            Evidence::Postcode => ("邮政编码", "postcode"),
            Evidence::Date => ("日期", "date"),
            Evidence::Phone => ("电话号码", "telephone number"),
            Evidence::CheckedId => ("有校验码的证件号码", "id with a check digit"),
            Evidence::Identifier => ("号码", "identifying number or code"),
            Evidence::Category => ("类别", "one of few values"),
            Evidence::Number => ("数值", "number"),
            Evidence::Name => ("名称", "name"),
            Evidence::Words => ("文字", "running text"),
        };
        Text::new(zh, en)
    }
}
