//! One source for each field (一数一源): of the records of an entity, which one is believed, and who says otherwise.

use crate::file::Kept;

/// The places of an entity's records in the order in which they are believed for a field.
fn order(spec: &data::declare::Register, field: usize, records: &[Kept]) -> Vec<usize> {
    let Some(declared) = spec.fields.get(field) else { return Vec::new() };
    let rank = |record: &Kept| {
        let named = declared.order.iter().position(|source| *source == record.source);
        let listed = spec.sources.iter().position(|source| source.resource == record.source).unwrap_or(usize::MAX);
        (named.unwrap_or(usize::MAX), listed)
    };
    let said = |at: &usize| records.get(*at).and_then(|record| record.values.get(field)).is_some_and(Option::is_some);
    let mut order: Vec<usize> = (0..records.len()).filter(said).collect();
    // Of one source the newest, then the one that comes first by its identity: never the one that happened to arrive.
    order.sort_by(|a, b| {
        let (x, y) = (&records[*a], &records[*b]);
        rank(x).cmp(&rank(y)).then_with(|| y.version.cmp(&x.version)).then_with(|| x.identity.cmp(&y.identity))
    });
    order
}

/// For each field the place of the record that is believed.
pub(crate) fn believed(spec: &data::declare::Register, records: &[Kept]) -> Vec<Option<usize>> {
    (0..spec.fields.len()).map(|field| order(spec, field, records).first().copied()).collect()
}

/// Records that say something else than the one believed: (field, record, believed), as places.
pub(crate) fn conflicts(spec: &data::declare::Register, records: &[Kept], differs: &mut dyn FnMut(usize, &Kept, &Kept) -> bool) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    for field in (0..spec.fields.len()).filter(|field| spec.fields[*field].may_conflict()) {
        let order = order(spec, field, records);
        let Some((first, others)) = order.split_first() else { continue };
        found.extend(others.iter().filter(|other| differs(field, &records[*first], &records[**other])).map(|other| (field, *other, *first)));
    }
    found
}
