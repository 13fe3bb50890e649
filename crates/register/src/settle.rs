//! What follows from records that came, changed or went: pairs, components, groups, and which entity each group is.
//! A few are settled where they are; many are linked anew as a whole. Both give the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use link::{LEAST_BITS, Learned, Linkage};
use rusqlite::{Connection, OptionalExtension, params};

use crate::assign::{Group, assign};
use crate::file::{Decisions, KEPT, Kept, Memory, kept, records};
use crate::learn::{Gather, Ready, options};
use crate::values;
use crate::{Now, Outcome, RegisterError};

/// Changed records from which linking the whole anew is cheaper: so many, and this share of all.
const MANY: u64 = 3_000;
const MANY_SHARE: u64 = 10;
/// Records put beside those they may be linked with at a time.
const AT_ONCE: usize = 200;
/// Identities told of a change; an entity of more records is hardly one.
const TOLD_MOST: usize = 1_000;

pub(crate) struct Settle<'t> {
    pub db: &'t Connection,
    pub spec: &'t data::declare::Register,
    pub memory: &'t Memory,
    pub decided: Decisions,
    pub changed: BTreeSet<i64>,
    pub seeds: BTreeSet<i64>,
    pub bereft: BTreeSet<i64>,
    /// Why: `collect`, or what people did.
    pub cause: &'t str,
    pub outcome: Outcome,
}

impl Settle<'_> {
    pub fn run(&mut self, relearn: bool, now: &mut Now<'_>) -> Result<(), RegisterError> {
        // Numbers are given one after the other: the greatest is about how many there are, and costs nothing to ask for.
        let all: i64 = self.db.query_row("SELECT coalesce(max(number), 0) FROM record", [], |row| row.get(0))?;
        let known = if relearn { None } else { self.memory.learned(self.db)? };
        match known {
            Some(known) if self.outcome.changed < MANY.max(all.max(0) as u64 / MANY_SHARE) => self.few(&known, now),
            known => self.whole(known, now),
        }
    }

    /// Links everything anew, by what was learnt or by what is learnt now.
    fn whole(&mut self, known: Option<Arc<Learned>>, now: &mut Now<'_>) -> Result<(), RegisterError> {
        self.outcome.whole = true;
        let mut gather = Gather::new(self.spec)?;
        let mut statement = self.db.prepare(&format!("SELECT {KEPT} FROM record"))?;
        for record in statement.query_map([], kept)? {
            gather.put(&record?)?;
        }
        drop(statement);
        let ready = gather.ready();
        let learned = match known {
            Some(known) => known,
            None => {
                let learned = ready.learn(self.spec, &self.decided.pairs)?;
                self.outcome.learnt = true;
                self.memory.learn(self.db, learned)?
            }
        };
        let linkage = ready.linkage(&learned, &options(self.spec, 0), &self.decided.pairs);
        let (edges, compared) = linkage.edges();
        self.outcome.compared = compared;
        let mut groups = linkage.entities(&edges);
        self.keep_pairs(&ready, &linkage, &edges)?;
        drop(edges);
        let mut alone = vec![true; ready.records.len()];
        groups.iter().flatten().for_each(|place| alone[*place as usize] = false);
        groups.extend((0..ready.records.len() as u32).filter(|place| alone[*place as usize]).map(|place| vec![place]));
        let groups = groups.into_iter().map(|group| group.into_iter().map(|place| ready.number(place)).collect()).collect();
        self.apply(groups, &ready, &linkage, now)
    }

    /// Writes keys and pairs of all records, in the place of what was there.
    fn keep_pairs(&self, ready: &Ready, linkage: &Linkage<'_>, edges: &[link::Edge]) -> Result<(), RegisterError> {
        // An index over all of them is made faster than it is kept.
        self.db.execute_batch("DELETE FROM block; DELETE FROM edge; DROP INDEX IF EXISTS block_record; DROP INDEX IF EXISTS edge_b;")?;
        let mut keys: Vec<(i64, i64)> = linkage.keys().into_iter().map(|(key, place)| (key as i64, ready.number(place))).collect();
        keys.sort_unstable();
        let mut statement = self.db.prepare_cached("INSERT INTO block VALUES (?1, ?2)")?;
        for (key, number) in keys {
            statement.execute([key, number])?;
        }
        let mut weigher = linkage.weigher();
        let mut pairs: Vec<(i64, i64, f32)> = edges
            .iter()
            .map(|(a, b, bits)| {
                let (x, y) = (ready.number(*a), ready.number(*b));
                // What people decided is kept elsewhere: here stands the evidence.
                let decided = self.decided.pairs.contains_key(&(x.min(y), x.max(y)));
                (x.min(y), x.max(y), if decided { weigher.evidence(*a, *b) } else { *bits })
            })
            .filter(|(_, _, bits)| f64::from(*bits) >= LEAST_BITS)
            .collect();
        pairs.sort_unstable_by_key(|pair| (pair.0, pair.1));
        let mut statement = self.db.prepare_cached("INSERT INTO edge VALUES (?1, ?2, ?3)")?;
        for (a, b, bits) in pairs {
            statement.execute(params![a, b, bits])?;
        }
        Ok(self.db.execute_batch(crate::file::INDEXES)?)
    }

    /// Settles what the changed records touch.
    fn few(&mut self, learned: &Learned, now: &mut Now<'_>) -> Result<(), RegisterError> {
        let changed: Vec<i64> = self.changed.iter().copied().collect();
        for chunk in changed.chunks(AT_ONCE) {
            self.key(learned, chunk)?;
        }
        for chunk in changed.chunks(AT_ONCE) {
            self.pair(learned, chunk)?;
        }
        let mut seen = BTreeSet::new();
        let mut members = Vec::new();
        for seed in self.seeds.iter().chain(&self.changed) {
            members.extend(self.component(*seed, &mut seen)?);
        }
        let ready = Gather::of(self.spec, &records(self.db, &members)?)?;
        let linkage = ready.linkage(learned, &options(self.spec, 1), &self.decided.pairs);
        let edges = self.edges_among(&ready)?;
        let mut groups = linkage.entities(&edges);
        let joined: BTreeSet<u32> = groups.iter().flatten().copied().collect();
        groups.extend((0..ready.records.len() as u32).filter(|place| !joined.contains(place)).map(|place| vec![place]));
        let groups = groups.into_iter().map(|group| group.into_iter().map(|place| ready.number(place)).collect()).collect();
        self.apply(groups, &ready, &linkage, now)
    }

    /// Writes down by which keys these records are found.
    fn key(&self, learned: &Learned, numbers: &[i64]) -> Result<(), RegisterError> {
        let ready = Gather::of(self.spec, &records(self.db, numbers)?)?;
        let linkage = ready.linkage(learned, &options(self.spec, 1), &HashMap::new());
        let mut statement = self.db.prepare_cached("INSERT OR IGNORE INTO block VALUES (?1, ?2)")?;
        for (key, place) in linkage.keys() {
            statement.execute([key as i64, ready.number(place)])?;
        }
        Ok(())
    }

    /// Compares these records with all that share a key with them.
    fn pair(&mut self, learned: &Learned, numbers: &[i64]) -> Result<(), RegisterError> {
        let mut statement = self.db.prepare_cached("SELECT DISTINCT y.record FROM block x JOIN block y ON y.key = x.key WHERE x.record = ?1 AND y.record <> ?1")?;
        let mut pairs = BTreeSet::new();
        for number in numbers {
            for other in statement.query_map([number], |row| row.get::<_, i64>(0))? {
                let other = other?;
                pairs.insert((other.min(*number), other.max(*number)));
            }
        }
        let mut concerned: Vec<i64> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        concerned.sort_unstable();
        concerned.dedup();
        let ready = Gather::of(self.spec, &records(self.db, &concerned)?)?;
        let linkage = ready.linkage(learned, &options(self.spec, 1), &HashMap::new());
        let mut weigher = linkage.weigher();
        let mut statement = self.db.prepare_cached("INSERT OR REPLACE INTO edge VALUES (?1, ?2, ?3)")?;
        self.outcome.compared += pairs.len() as u64;
        for (a, b) in pairs {
            let (Some(x), Some(y)) = (ready.place(a), ready.place(b)) else { continue };
            let bits = weigher.bits(x, y);
            if f64::from(bits) >= LEAST_BITS {
                statement.execute(params![a, b, bits])?;
            }
        }
        Ok(())
    }

    /// All records that hang together with one, itself among them, as far as they were not seen before.
    fn component(&self, seed: i64, seen: &mut BTreeSet<i64>) -> Result<Vec<i64>, RegisterError> {
        let mut there = self.db.prepare_cached("SELECT 1 FROM record WHERE number = ?1")?;
        let mut edges = self.db.prepare_cached("SELECT a, b FROM edge WHERE (a = ?1 OR b = ?1) AND bits >= 0")?;
        let (mut found, mut open) = (Vec::new(), vec![seed]);
        while let Some(number) = open.pop() {
            if !seen.insert(number) || !there.exists([number])? {
                continue;
            }
            found.push(number);
            for pair in edges.query_map([number], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))? {
                let (a, b) = pair?;
                if self.decided.pairs.get(&(a, b)) != Some(&false) {
                    open.push(a + b - number);
                }
            }
            open.extend(self.decided.same(number));
        }
        Ok(found)
    }

    /// The pairs among these records, by places, with what people decided.
    fn edges_among(&self, ready: &Ready) -> Result<Vec<link::Edge>, RegisterError> {
        let mut statement = self.db.prepare_cached("SELECT b, bits FROM edge WHERE a = ?1")?;
        let mut edges: BTreeMap<(u32, u32), f32> = BTreeMap::new();
        for place in 0..ready.records.len() as u32 {
            for pair in statement.query_map([ready.number(place)], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?)))? {
                let (other, bits) = pair?;
                if let Some(other) = ready.place(other) {
                    edges.insert((place.min(other), place.max(other)), bits as f32);
                }
            }
        }
        for ((a, b), same) in &self.decided.pairs {
            if let (Some(a), Some(b)) = (ready.place(*a), ready.place(*b)) {
                edges.insert((a.min(b), a.max(b)), if *same { link::SAME } else { link::DIFFERENT });
            }
        }
        Ok(edges.into_iter().map(|((a, b), bits)| (a, b, bits)).collect())
    }

    /// Finds out which entity each group is, and writes down what changed.
    fn apply(&mut self, groups: Vec<Vec<i64>>, ready: &Ready, linkage: &Linkage<'_>, now: &mut Now<'_>) -> Result<(), RegisterError> {
        let mut entity_of = self.db.prepare_cached("SELECT entity FROM record WHERE number = ?1")?;
        let mut former_of = self.db.prepare_cached("SELECT f.entity FROM former f JOIN entity e ON e.number = f.entity AND e.state = 1 WHERE f.record = ?1")?;
        let any_former = self.db.prepare_cached("SELECT 1 FROM former LIMIT 1")?.exists([])?;
        let mut before = self.bereft.clone();
        let mut told = Vec::with_capacity(groups.len());
        for records in groups {
            let mut group = Group { records, ..Group::default() };
            for number in &group.records {
                let entity: i64 = entity_of.query_row([number], |row| row.get(0))?;
                group.from.push(entity);
                if entity != 0 {
                    *group.held.entry(entity).or_default() += 1;
                    before.insert(entity);
                }
                if !any_former {
                    continue;
                }
                if let Some(former) = former_of.query_row([number], |row| row.get::<_, i64>(0)).optional()? {
                    *group.former.entry(former).or_default() += 1;
                }
            }
            told.push(group);
        }
        drop((entity_of, former_of));
        let assigned = assign(&told, &before);
        let mut entities = Vec::with_capacity(told.len());
        let (splits, revived): (HashMap<usize, i64>, HashSet<i64>) = (assigned.split.iter().copied().collect(), assigned.revived.iter().map(|(entity, _)| *entity).collect());
        for (at, (group, entity)) in told.iter().zip(&assigned.groups).enumerate() {
            let is_new = entity.is_none_or(|entity| revived.contains(&entity));
            let entity = match entity {
                Some(entity) => *entity,
                None => self.create(now)?,
            };
            entities.push(entity);
            if is_new {
                let (kind, other) = splits.get(&at).map_or(("created", None), |from| ("split", Some(*from)));
                let count = if kind == "split" { &mut self.outcome.split } else { &mut self.outcome.created };
                *count += 1;
                self.change(kind, entity, other, &group.records, now)?;
            }
            // Those that came from an entity that goes on elsewhere: it lost them.
            let told_of = |from: &i64| *from == entity || splits.get(&at) == Some(from) || assigned.merged.contains(&(*from, at));
            for from in group.held.keys().filter(|from| !told_of(from)) {
                let moved: Vec<i64> = group.records.iter().zip(&group.from).filter(|(_, of)| *of == from).map(|(number, _)| *number).collect();
                self.change("moved", entity, Some(*from), &moved, now)?;
            }
            self.hold(entity, group, is_new, now)?;
        }
        for (entity, at) in &assigned.merged {
            self.outcome.merged += 1;
            self.retire(*entity, 1, entities.get(*at).copied(), now)?;
        }
        for entity in &assigned.ended {
            self.outcome.ended += 1;
            self.retire(*entity, 2, None, now)?;
        }
        self.settle_values(&told, &entities, ready, linkage)
    }

    fn create(&self, now: &mut Now<'_>) -> Result<i64, RegisterError> {
        let moment = now.moment.0;
        self.db
            .prepare_cached("INSERT INTO entity (id, state, records, since, changed) VALUES (?1, 0, 0, ?2, ?2)")?
            .execute(params![(now.mint)(), moment])?;
        Ok(self.db.last_insert_rowid())
    }

    /// The entity has the records of the group from now on; those that were another's leave it as a former one.
    fn hold(&self, entity: i64, group: &Group, is_new: bool, now: &Now<'_>) -> Result<(), RegisterError> {
        let count = group.records.len() as i64;
        let same = !is_new && group.held.len() == 1 && group.held.get(&entity) == Some(&group.records.len());
        let was: i64 = self.db.prepare_cached("SELECT records FROM entity WHERE number = ?1")?.query_row([entity], |row| row.get(0))?;
        if !same {
            let mut former = self.db.prepare_cached("INSERT OR REPLACE INTO former SELECT number, entity FROM record WHERE number = ?1 AND entity NOT IN (0, ?2)")?;
            let mut moved = self.db.prepare_cached("UPDATE record SET entity = ?2 WHERE number = ?1 AND entity <> ?2")?;
            for number in &group.records {
                if !group.held.is_empty() {
                    former.execute([*number, entity])?;
                }
                moved.execute([*number, entity])?;
            }
        }
        if !same || was != count {
            self.db
                .prepare_cached("UPDATE entity SET state = 0, into_entity = NULL, records = ?2, changed = ?3 WHERE number = ?1")?
                .execute([entity, count, now.moment.0])?;
            self.mark(entity)?;
        }
        Ok(())
    }

    fn retire(&self, entity: i64, state: i64, into: Option<i64>, now: &Now<'_>) -> Result<(), RegisterError> {
        self.db
            .prepare_cached("UPDATE entity SET state = ?2, into_entity = ?3, records = 0, changed = ?4 WHERE number = ?1")?
            .execute(params![entity, state, into, now.moment.0])?;
        self.db.prepare_cached("DELETE FROM conflict WHERE entity = ?1")?.execute([entity])?;
        let mut statement = self.db.prepare_cached("SELECT record FROM former WHERE entity = ?1 ORDER BY record")?;
        let records = statement.query_map([entity], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        self.change(if state == 1 { "merged" } else { "ended" }, entity, into, &records, now)?;
        self.mark(entity)
    }

    /// Writes down a change, with the records that make it, by source and key.
    fn change(&self, kind: &str, entity: i64, other: Option<i64>, records: &[i64], now: &Now<'_>) -> Result<(), RegisterError> {
        let mut statement = self.db.prepare_cached("SELECT source, key FROM record WHERE number = ?1")?;
        let mut named: Vec<(String, String)> = Vec::new();
        // A beginning is told by the entity's own page; of the others it matters which records they are about.
        if kind != "created" {
            for number in records.iter().take(TOLD_MOST) {
                named.extend(statement.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?);
            }
        }
        self.db
            .prepare_cached("INSERT INTO change (at, kind, entity, other, records, cause) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![now.moment.0, kind, entity, other, serde_json::to_string(&named)?, self.cause])?;
        Ok(())
    }

    /// Conflicts of every entity whose records are others or say something else; such entities are to be published.
    fn settle_values(&self, groups: &[Group], entities: &[i64], ready: &Ready, linkage: &Linkage<'_>) -> Result<(), RegisterError> {
        let mut is_dirty = self.db.prepare_cached("SELECT 1 FROM dirty WHERE entity = ?1")?;
        let mut clear = self.db.prepare_cached("DELETE FROM conflict WHERE entity = ?1")?;
        let mut insert = self.db.prepare_cached("INSERT OR REPLACE INTO conflict VALUES (?1, ?2, ?3, ?4)")?;
        let compared: Vec<Option<usize>> = {
            let mut place = 0;
            self.spec.fields.iter().map(|field| field.compare.map(|_| { place += 1; place - 1 })).collect()
        };
        let mut differs = |field: usize, a: &Kept, b: &Kept| match compared.get(field).copied().flatten().zip(ready.place(a.number).zip(ready.place(b.number))) {
            Some((place, (x, y))) => linkage.differs(place, x, y),
            None => a.values.get(field).and_then(|value| value.as_deref().map(str::trim)) != b.values.get(field).and_then(|value| value.as_deref().map(str::trim)),
        };
        for (group, entity) in groups.iter().zip(entities) {
            if group.records.iter().any(|number| self.changed.contains(number)) {
                self.mark(*entity)?;
            } else if !is_dirty.exists([entity])? {
                continue;
            }
            clear.execute([entity])?;
            if group.records.len() < 2 {
                continue;
            }
            let kept = records(self.db, &group.records)?;
            for (field, other, first) in values::conflicts(self.spec, &kept, &mut differs) {
                insert.execute(params![entity, self.spec.fields[field].name, kept[other].number, kept[first].number])?;
            }
        }
        Ok(())
    }

    /// The entity's row is to be published anew.
    fn mark(&self, entity: i64) -> Result<(), RegisterError> {
        self.db.prepare_cached("INSERT OR IGNORE INTO dirty VALUES (?1)")?.execute([entity])?;
        Ok(())
    }
}
