//! A register through the eyes of one reader: what is masked is masked here, whichever page or answer asks.

use std::collections::BTreeMap;

use data::City;
use data::declare::Register;
use data::mask::HIDDEN;
use register::{Change, Member};

use super::view::{MemberView, resource_title};
use crate::Desk;
use crate::account::hex;
use crate::sight::Veil;
use crate::view::Account;

/// What one reader sees of a register: values by field, and keys of records by the items that they are made of.
pub(super) struct Reader<'c> {
    city: &'c City,
    fields: Vec<&'c str>,
    veil: Veil,
    /// For each source the name of its only key item, if it has one, and the veil before its rows.
    keys: BTreeMap<&'c str, (Vec<&'c str>, Veil)>,
}

impl Reader<'_> {
    /// Whether nothing is masked.
    pub fn sees_all(&self) -> bool {
        self.veil.is_clear()
    }

    pub fn value(&self, field: &str, value: Option<String>) -> Option<String> {
        self.veil.cell(field, value)
    }

    pub fn key(&self, resource: &str, key: String) -> String {
        match self.keys.get(resource) {
            Some((items, veil)) => match items.as_slice() {
                [only] => veil.cell(only, Some(key)).unwrap_or_default(),
                items if items.iter().any(|item| veil.covers(item)) => HIDDEN.to_owned(),
                _ => key,
            },
            None => HIDDEN.to_owned(),
        }
    }

    pub fn member(&self, member: Member) -> MemberView {
        MemberView {
            identity: hex(&member.identity),
            resource_title: resource_title(self.city, &member.source),
            key: self.key(&member.source, member.key),
            resource: member.source,
            values: self.fields.iter().zip(member.values).map(|(field, value)| self.value(field, value)).collect(),
        }
    }

    pub fn change(&self, mut change: Change) -> Change {
        change.records = change.records.into_iter().map(|(source, key)| (source.clone(), self.key(&source, key))).collect();
        change
    }
}

impl Desk {
    pub(super) fn reader<'c>(&self, city: &'c City, register: &'c Register, who: Option<&Account>) -> Reader<'c> {
        let key = |source: &'c data::declare::RegisterSource| {
            let resource = city.resources.get(&source.resource)?;
            let items = resource.items.iter().filter(|item| item.key).map(|item| item.name.as_str()).collect();
            Some((source.resource.as_str(), (items, self.veil(who, resource))))
        };
        Reader {
            city,
            fields: register.fields.iter().map(|field| field.name.as_str()).collect(),
            veil: self.table_veil(who, &super::table(&register.id)),
            keys: register.sources.iter().filter_map(key).collect(),
        }
    }
}
