//! Who keeps which id when records are grouped anew. Each entity goes on in the group that has most of its records, so
//! that an id never leaves what it stood for; what is left over is a merge, a split, an end or a beginning.

use std::collections::{BTreeMap, BTreeSet};

/// A group of records, and what they were before.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Numbers of records, in the order of their identities.
    pub records: Vec<i64>,
    /// The entity each belonged to; 0: none.
    pub from: Vec<i64>,
    /// Entities they belonged to, with how many of them.
    pub held: BTreeMap<i64, usize>,
    /// Merged entities they belonged to once, with how many of them.
    pub former: BTreeMap<i64, usize>,
}

/// What becomes of each group and of each entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// For each group the entity that it is; `None`: a new one.
    pub groups: Vec<Option<i64>>,
    /// Entities that come back: (entity, group).
    pub revived: Vec<(i64, usize)>,
    /// Entities whose records went over to others: (entity, group that has most of them).
    pub merged: Vec<(i64, usize)>,
    /// Entities without records.
    pub ended: Vec<i64>,
    /// Groups that were part of another entity: (group, entity).
    pub split: Vec<(usize, i64)>,
}

/// `before`: every entity concerned, with how many records it had.
pub fn assign(groups: &[Group], before: &BTreeSet<i64>) -> Assigned {
    let mut assigned = Assigned { groups: vec![None; groups.len()], ..Assigned::default() };
    // The largest share first; of equal ones the older entity, then the group that was named first.
    let mut claims: Vec<(usize, i64, usize)> =
        groups.iter().enumerate().flat_map(|(at, group)| group.held.iter().map(move |(entity, count)| (*count, *entity, at))).collect();
    claims.sort_unstable_by_key(|(count, entity, at)| (std::cmp::Reverse(*count), *entity, *at));
    let mut placed = BTreeSet::new();
    for (_, entity, at) in &claims {
        if assigned.groups[*at].is_none() && placed.insert(*entity) {
            assigned.groups[*at] = Some(*entity);
        }
    }
    for entity in before.iter().filter(|entity| !placed.contains(entity)) {
        match claims.iter().find(|(_, claimed, _)| claimed == entity) {
            Some((_, _, at)) => assigned.merged.push((*entity, *at)),
            None => assigned.ended.push(*entity),
        }
    }
    let mut back = BTreeSet::new();
    for (at, group) in groups.iter().enumerate().filter(|(at, _)| assigned.groups[*at].is_none()).collect::<Vec<_>>() {
        let most = |held: &BTreeMap<i64, usize>, free: &dyn Fn(&i64) -> bool| {
            held.iter().filter(|(entity, _)| free(entity)).max_by_key(|(entity, count)| (**count, std::cmp::Reverse(**entity))).map(|(entity, _)| *entity)
        };
        if let Some(from) = most(&group.held, &|_| true) {
            assigned.split.push((at, from));
        }
        if let Some(entity) = most(&group.former, &|entity| !back.contains(entity)) {
            back.insert(entity);
            assigned.groups[at] = Some(entity);
            assigned.revived.push((entity, at));
        }
    }
    assigned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(records: &[i64], held: &[(i64, usize)]) -> Group {
        Group { records: records.to_vec(), held: held.iter().copied().collect(), ..Group::default() }
    }

    #[test]
    fn an_id_stays_with_most_of_its_records() {
        let groups = [group(&[1, 2, 3], &[(7, 2), (8, 1)]), group(&[4], &[(7, 1)]), group(&[5], &[])];
        let assigned = assign(&groups, &[7, 8, 9].into());
        assert_eq!(assigned.groups, [Some(7), None, None]);
        assert_eq!((assigned.merged, assigned.ended, assigned.split), (vec![(8, 0)], vec![9], vec![(1, 7)]));
    }

    #[test]
    fn a_merged_entity_comes_back_with_its_records() {
        let mut parted = group(&[4, 5], &[(7, 2)]);
        parted.former = [(8, 2)].into();
        let assigned = assign(&[group(&[1, 2, 3], &[(7, 3)]), parted], &[7].into());
        assert_eq!((assigned.groups, assigned.revived, assigned.split), (vec![Some(7), Some(8)], vec![(8, 1)], vec![(1, 7)]));
    }
}
