//! Looking things up: totals, an entity with all that is known of it and from whom, pairs in doubt, conflicts, changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use kernel::Moment;
use link::Waterfall;
use rusqlite::{Connection, OptionalExtension, params};

use crate::decide::missing;
use crate::file::{KEPT, Kept, decisions, kept, note, put_note, records};
use crate::learn::{Gather, nothing_learnt, options};
use crate::values::believed;
use crate::{Identity, Register, RegisterError};

/// How long a search may take.
const SEARCH: Duration = Duration::from_secs(3);
/// Records searched before the clock is looked at.
const SEARCHED_AT_ONCE: i64 = 20_000;
/// Records of an entity that are shown.
const MEMBERS_MOST: usize = 500;

/// Pairs whose evidence is near the threshold and decides something: those of two entities, and those that alone hold one together.
const DOUBTFUL: &str = "FROM edge x JOIN record a ON a.number = x.a JOIN record b ON b.number = x.b JOIN entity e ON e.number = a.entity
    WHERE abs(x.bits) < 8.0 AND (a.entity <> b.entity OR e.records = 2)
    AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.undone = 0 AND d.a = min(a.identity, b.identity) AND d.b = max(a.identity, b.identity))";

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub records: u64,
    pub entities: u64,
    /// Entities with records of two or more.
    pub joined: u64,
    pub merged: u64,
    pub conflicts: u64,
    pub doubts: u64,
    /// The number of the newest change.
    pub changes: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityState {
    Live,
    Merged,
    /// None of its records is there any more.
    Ended,
}

/// A record of an entity.
#[derive(Clone, Debug)]
pub struct Member {
    pub identity: Identity,
    pub source: String,
    pub key: String,
    pub version: Option<String>,
    pub values: Vec<Option<String>>,
}

/// What is known of one field.
#[derive(Clone, Debug)]
pub struct Known {
    pub value: Option<String>,
    /// The record that is believed: place among the members.
    pub from: Option<usize>,
    /// Records that say something else.
    pub against: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Entity {
    pub id: String,
    pub state: EntityState,
    /// The entity it was merged into.
    pub into: Option<String>,
    pub since: Moment,
    pub changed: Moment,
    /// Records it has, of which the first are shown.
    pub records: u64,
    pub members: Vec<Member>,
    /// By field.
    pub known: Vec<Known>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Created,
    Merged,
    Split,
    Moved,
    Ended,
}

impl ChangeKind {
    pub const ALL: [ChangeKind; 5] = [ChangeKind::Created, ChangeKind::Merged, ChangeKind::Split, ChangeKind::Moved, ChangeKind::Ended];

    /// As it stands in the feed of changes.
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::Created => "created",
            ChangeKind::Merged => "merged",
            ChangeKind::Split => "split",
            ChangeKind::Moved => "moved",
            ChangeKind::Ended => "ended",
        }
    }
}

/// One change of entities. `created`: it began; `merged`: its records are the other's from now on; `split`: it was part of the
/// other; `moved`: it got these records from the other; `ended`: its last record is gone.
#[derive(Clone, Debug)]
pub struct Change {
    pub seq: i64,
    pub at: Moment,
    pub kind: ChangeKind,
    pub entity: String,
    pub other: Option<String>,
    /// (source, key)
    pub records: Vec<(String, String)>,
    /// `collect` or `decision`.
    pub cause: String,
}

/// A pair that the evidence leaves in doubt.
#[derive(Clone, Debug)]
pub struct Doubt {
    pub left: Member,
    pub right: Member,
    /// The entity of each.
    pub entities: [String; 2],
    /// Evidence in bits, the threshold taken off: above zero speaks for one entity.
    pub bits: f64,
}

/// A value that another source contradicts.
#[derive(Clone, Debug)]
pub struct Conflict {
    pub entity: String,
    pub field: String,
    /// (source, key, value) of the record that is not believed, and of the one that is.
    pub said: (String, String, Option<String>),
    pub believed: (String, String, Option<String>),
}

/// A row of the register's table.
#[derive(Clone, Debug)]
pub struct Row {
    pub entity: String,
    pub values: Vec<Option<String>>,
    pub records: u64,
    pub sources: Vec<String>,
    pub conflicts: u64,
}

impl Register {
    /// How many records there are.
    pub fn records(&self) -> Result<u64, RegisterError> {
        let mut statement = self.db.prepare_cached("SELECT coalesce(sum(records), 0) FROM entity WHERE state = 0")?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))?.max(0) as u64)
    }

    pub fn totals(&self) -> Result<Totals, RegisterError> {
        let count = |sql: &str| self.db.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0)).map(|count| count.max(0) as u64);
        Ok(Totals {
            records: self.records()?,
            entities: count("SELECT count(*) FROM entity WHERE state = 0")?,
            joined: count("SELECT count(*) FROM entity WHERE state = 0 AND records > 1")?,
            merged: count("SELECT count(*) FROM entity WHERE state = 1")?,
            conflicts: count("SELECT count(*) FROM conflict")?,
            doubts: self.doubt_count()?,
            changes: count("SELECT coalesce(max(seq), 0) FROM change")? as i64,
        })
    }

    /// How many pairs are in doubt.
    pub fn doubt_count(&self) -> Result<u64, RegisterError> {
        let count: i64 = self.db.prepare_cached(&format!("SELECT count(*) {DOUBTFUL}"))?.query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// An entity by its id, live or not.
    pub fn entity(&self, id: &str) -> Result<Option<Entity>, RegisterError> {
        let mut statement = self.db.prepare_cached("SELECT e.number, e.state, i.id, e.since, e.changed, e.records FROM entity e LEFT JOIN entity i ON i.number = e.into_entity WHERE e.id = ?1")?;
        let found = statement
            .query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get(2)?, Moment(row.get(3)?), Moment(row.get(4)?), row.get::<_, i64>(5)?)))
            .optional()?;
        let Some((number, state, into, since, changed, count)) = found else { return Ok(None) };
        let members = self.members(number)?;
        let mut against: BTreeSet<(String, i64)> = BTreeSet::new();
        let mut statement = self.db.prepare_cached("SELECT field, record FROM conflict WHERE entity = ?1")?;
        for row in statement.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))? {
            against.insert(row?);
        }
        let first = believed(&self.spec, &members);
        let known = |(at, field): (usize, &data::declare::RegisterField)| {
            let from = first.get(at).copied().flatten();
            let says_else = |member: &Kept| against.contains(&(field.name.clone(), member.number));
            Known {
                value: from.and_then(|from| members[from].values.get(at).cloned().flatten()),
                from,
                against: (0..members.len()).filter(|place| says_else(&members[*place])).collect(),
            }
        };
        let known = self.spec.fields.iter().enumerate().map(known).collect();
        let state = match state {
            0 => EntityState::Live,
            1 => EntityState::Merged,
            _ => EntityState::Ended,
        };
        Ok(Some(Entity { id: id.to_owned(), state, into, since, changed, records: count.max(0) as u64, members: members.into_iter().map(member).collect(), known }))
    }

    /// Ids of entities with this id, key, or, with `values`, a value that contains the text; and whether the search was cut short.
    pub fn find(&self, text: &str, values: bool, limit: usize) -> Result<(Vec<String>, bool), RegisterError> {
        let text = text.trim();
        const OF: &str = "SELECT e.id FROM record r JOIN entity e ON e.number = r.entity WHERE";
        let mut found = self.ids("SELECT id FROM entity WHERE id = ?1", params![text])?;
        for source in &self.spec.sources {
            found.extend(self.ids(&format!("{OF} r.source = ?1 AND r.key = ?2"), params![source.resource, text])?);
        }
        let until = Instant::now() + SEARCH;
        let last: i64 = self.db.query_row("SELECT coalesce(max(number), 0) FROM record", [], |row| row.get(0))?;
        // As a value stands in the kept text of JSON; what LIKE takes for a sign of its own is left out.
        let inner = serde_json::to_string(text)?.trim_matches('"').replace(['%', '_'], "");
        let mut from = 0;
        while values && text.chars().count() >= 2 && from <= last && found.len() < limit {
            if Instant::now() > until {
                return Ok((found, true));
            }
            let within = format!("{OF} r.number BETWEEN ?1 AND ?2 AND r.value LIKE ?3 LIMIT 200");
            found.extend(self.ids(&within, params![from, from + SEARCHED_AT_ONCE - 1, format!("%{inner}%")])?);
            from += SEARCHED_AT_ONCE;
        }
        let mut seen = BTreeSet::new();
        found.retain(|id| seen.insert(id.clone()));
        let cut = found.len() > limit;
        found.truncate(limit);
        Ok((found, cut))
    }

    fn ids(&self, sql: &str, wanted: impl rusqlite::Params) -> Result<Vec<String>, RegisterError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(wanted, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Some entities of several records, the newest changed first.
    pub fn recent(&self, limit: u32) -> Result<Vec<String>, RegisterError> {
        self.ids("SELECT id FROM entity WHERE state = 0 AND records > 1 ORDER BY number DESC LIMIT ?1", [limit])
    }

    /// Pairs in doubt that nobody has decided, the most doubtful first.
    pub fn doubts(&self, limit: u64, offset: u64) -> Result<Vec<Doubt>, RegisterError> {
        let sql = format!("SELECT x.a, x.b, x.bits {DOUBTFUL} ORDER BY abs(x.bits), x.a, x.b LIMIT ?1 OFFSET ?2");
        let mut statement = self.db.prepare_cached(&sql)?;
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let mut rows = statement.query([whole(limit), whole(offset)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (a, b): (i64, i64) = (row.get(0)?, row.get(1)?);
            let [left, right] = <[Kept; 2]>::try_from(records(&self.db, &[a, b])?).map_err(|_| missing())?.map(|kept| self.arranged(kept));
            let entities = [entity_id(&self.db, left.entity)?, entity_id(&self.db, right.entity)?];
            found.push(Doubt { entities, left: member(left), right: member(right), bits: row.get(2)? });
        }
        Ok(found)
    }

    /// Why two records are taken for one entity, or are not; and what was decided.
    pub fn explain(&self, a: &Identity, b: &Identity) -> Result<(Member, Member, Waterfall, Option<bool>), RegisterError> {
        let mut statement = self.db.prepare_cached(&format!("SELECT {KEPT} FROM record WHERE identity = ?1"))?;
        let mut find = |identity: &Identity| statement.query_row([identity], kept).optional()?.ok_or_else(missing);
        let (left, right) = (self.arranged(find(a)?), self.arranged(find(b)?));
        let learned = self.learned()?.ok_or_else(nothing_learnt)?;
        let ready = Gather::of(&self.spec, &[left.clone(), right.clone()])?;
        let linkage = ready.linkage(&learned, &options(&self.spec, 1), &HashMap::new());
        let (x, y) = ready.place(left.number).zip(ready.place(right.number)).ok_or_else(missing)?;
        let mut waterfall = linkage.explain(x, y);
        if x > y {
            // Evidence is told with the smaller place on the left.
            waterfall.evidence.iter_mut().for_each(|evidence| std::mem::swap(&mut evidence.left, &mut evidence.right));
        }
        let decided = decisions(&self.db)?.pairs.get(&(left.number.min(right.number), left.number.max(right.number))).copied();
        Ok((member(left), member(right), waterfall, decided))
    }

    /// Changes after a number, the oldest first: the feed.
    pub fn changes(&self, after: i64, limit: u32) -> Result<Vec<Change>, RegisterError> {
        let sql = "SELECT c.seq, c.at, c.kind, e.id, o.id, c.records, c.cause FROM change c JOIN entity e ON e.number = c.entity
                   LEFT JOIN entity o ON o.number = c.other WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2";
        self.changes_by(sql, after, None, limit)
    }

    /// The newest changes that concern an entity, newest first.
    pub fn history(&self, entity: &str, limit: u32) -> Result<Vec<Change>, RegisterError> {
        let sql = "SELECT c.seq, c.at, c.kind, e.id, o.id, c.records, c.cause FROM change c JOIN entity e ON e.number = c.entity
                   LEFT JOIN entity o ON o.number = c.other WHERE c.seq > ?1 AND (e.id = ?3 OR o.id = ?3) ORDER BY c.seq DESC LIMIT ?2";
        self.changes_by(sql, 0, Some(entity), limit)
    }

    /// The newest changes but beginnings, newest first.
    pub fn latest_changes(&self, limit: u32) -> Result<Vec<Change>, RegisterError> {
        let sql = "SELECT c.seq, c.at, c.kind, e.id, o.id, c.records, c.cause FROM change c JOIN entity e ON e.number = c.entity
                   LEFT JOIN entity o ON o.number = c.other WHERE c.seq > ?1 AND c.kind <> 'created' ORDER BY c.seq DESC LIMIT ?2";
        self.changes_by(sql, 0, None, limit)
    }

    fn changes_by(&self, sql: &str, after: i64, entity: Option<&str>, limit: u32) -> Result<Vec<Change>, RegisterError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = match entity {
            None => statement.query(params![after, limit])?,
            Some(entity) => statement.query(params![after, limit, entity])?,
        };
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (kind, records): (String, String) = (row.get(2)?, row.get(5)?);
            found.push(Change {
                seq: row.get(0)?,
                at: Moment(row.get(1)?),
                kind: ChangeKind::ALL.into_iter().find(|known| known.word() == kind).unwrap_or(ChangeKind::Moved),
                entity: row.get(3)?,
                other: row.get(4)?,
                records: serde_json::from_str(&records)?,
                cause: row.get(6)?,
            });
        }
        Ok(found)
    }

    /// How many values of each source and field others contradict: (source, field) → count.
    pub fn conflict_counts(&self) -> Result<BTreeMap<(String, String), u64>, RegisterError> {
        let mut statement = self.db.prepare_cached("SELECT r.source, c.field, count(*) FROM conflict c JOIN record r ON r.number = c.record GROUP BY 1, 2")?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)?.max(0) as u64)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Values of one source and field that are contradicted.
    pub fn conflicts(&self, source: &str, field: &str, limit: u32, offset: u32) -> Result<Vec<Conflict>, RegisterError> {
        let place = self.spec.fields.iter().position(|known| known.name == field).ok_or_else(missing)?;
        let mut statement = self.db.prepare_cached(
            "SELECT e.id, c.record, c.believed FROM conflict c JOIN record r ON r.number = c.record JOIN entity e ON e.number = c.entity
             WHERE r.source = ?1 AND c.field = ?2 ORDER BY c.entity, c.record LIMIT ?3 OFFSET ?4",
        )?;
        let mut rows = statement.query(params![source, field, limit, offset])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let both: Vec<Kept> = records(&self.db, &[row.get(1)?, row.get(2)?])?.into_iter().map(|kept| self.arranged(kept)).collect();
            if let [said, first] = both.as_slice() {
                let told = |record: &Kept| (record.source.clone(), record.key.clone(), record.values.get(place).cloned().flatten());
                found.push(Conflict { entity: row.get(0)?, field: field.to_owned(), said: told(said), believed: told(first) });
            }
        }
        Ok(found)
    }

    /// The number of the batch in which entities that changed are to be published, and how many they are.
    pub fn unpublished(&self) -> Result<(i64, u64), RegisterError> {
        let count: i64 = self.db.query_row("SELECT count(*) FROM dirty", [], |row| row.get(0))?;
        Ok((self.batch()?, count.max(0) as u64))
    }

    /// The rows to publish, all or those that changed; and ids of changed entities that are no more.
    pub fn rows(&self, all: bool, mut each: impl FnMut(Row) -> Result<(), RegisterError>) -> Result<Vec<String>, RegisterError> {
        let of = if all { "entity e" } else { "dirty d JOIN entity e ON e.number = d.entity" };
        let mut statement = self.db.prepare(&format!("SELECT e.number, e.id, e.state FROM {of} ORDER BY e.number"))?;
        let mut count = self.db.prepare_cached("SELECT count(*) FROM conflict WHERE entity = ?1")?;
        let mut entities = statement.query([])?;
        let mut gone = Vec::new();
        while let Some(entity) = entities.next()? {
            let (number, id): (i64, String) = (entity.get(0)?, entity.get(1)?);
            if entity.get::<_, i64>(2)? != 0 {
                gone.push(id);
                continue;
            }
            let members = self.members(number)?;
            let values = believed(&self.spec, &members).iter().enumerate().map(|(field, from)| members.get((*from)?)?.values.get(field).cloned().flatten()).collect();
            let mut sources: Vec<String> = members.iter().map(|member| member.source.clone()).collect();
            sources.sort_unstable();
            sources.dedup();
            let conflicts: i64 = count.query_row([number], |row| row.get(0))?;
            each(Row { entity: id, values, records: members.len() as u64, sources, conflicts: conflicts.max(0) as u64 })?;
        }
        Ok(gone)
    }

    /// The batch was committed: nothing is left to publish.
    pub fn published(&mut self, batch: i64) -> Result<(), RegisterError> {
        let tx = self.db.transaction()?;
        tx.execute("DELETE FROM dirty", [])?;
        put_note(&tx, "batch", (batch + 1).to_string().as_bytes())?;
        Ok(tx.commit()?)
    }

    fn batch(&self) -> Result<i64, RegisterError> {
        let text = note(&self.db, "batch")?;
        Ok(text.and_then(|text| String::from_utf8(text).ok()).and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    fn members(&self, entity: i64) -> Result<Vec<Kept>, RegisterError> {
        let mut statement = self.db.prepare_cached(&format!("SELECT {KEPT} FROM record WHERE entity = ?1 LIMIT ?2"))?;
        let rows = statement.query_map(params![entity, MEMBERS_MOST as i64], kept)?;
        let mut members = rows.map(|row| row.map(|kept| self.arranged(kept))).collect::<Result<Vec<_>, _>>()?;
        members.sort_by(|a, b| self.place(&a.source).cmp(&self.place(&b.source)).then_with(|| a.key.cmp(&b.key)));
        Ok(members)
    }

    fn place(&self, source: &str) -> usize {
        self.spec.sources.iter().position(|known| known.resource == source).unwrap_or(usize::MAX)
    }
}

fn member(kept: Kept) -> Member {
    Member { identity: kept.identity, source: kept.source, key: kept.key, version: kept.version, values: kept.values }
}

fn entity_id(db: &Connection, number: i64) -> Result<String, RegisterError> {
    Ok(db.prepare_cached("SELECT id FROM entity WHERE number = ?1")?.query_row([number], |row| row.get(0))?)
}
