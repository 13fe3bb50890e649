//! Entries found by a hash: the newest in memory, up to a bound; the rest in sorted files.
//!
//! Who asks about a batch first has its entries fetched into memory ([`Store::recall`]), so that deciding about a row
//! never waits for the disk. Files are written once: an entry that changes is written anew, and the newer file counts.
//! Eight files of one size are merged into one of the next, so an entry is written again but a few times.

use std::io;
use std::path::{Path, PathBuf};

use hashbrown::HashTable;

use super::chunks::Chunks;
use super::shelf::{Entries, Entry, Shelf, Writer, leading};
use crate::check::Hash;

/// Entries in memory before they go to disk: about 120 MB of the larger kind. With four million a run held more than a
/// gigabyte at times.
pub const IN_MEMORY: usize = 2 << 20;
/// Files of one size before they become one.
const FAN: usize = 8;

/// A growing set of entries. Costs about ten bytes an entry beside the entry itself in memory, and 1.4 on disk.
pub struct Store<E> {
    rows: Chunks<E>,
    places: HashTable<u32>,
    limit: usize,
    folder: Option<PathBuf>,
    /// Oldest first; sizes fall.
    shelves: Vec<(u8, Shelf<E>)>,
    /// Number of the next file.
    next: u64,
}

impl<E: Entry> Store<E> {
    pub fn new() -> Store<E> {
        Store { rows: Chunks::new(), places: HashTable::new(), limit: usize::MAX, folder: None, shelves: Vec::new(), next: 0 }
    }

    /// Beyond `limit` entries the store goes on in files in this folder.
    pub fn spill(&mut self, folder: &Path, limit: usize) {
        self.folder = Some(folder.to_owned());
        self.limit = limit.max(1);
    }

    pub fn place(&self, id: &Hash) -> Option<u32> {
        let is_wanted = |place: &u32| self.rows.get(*place as usize).is_some_and(|row| row.id() == id);
        self.places.find(leading(id), is_wanted).copied()
    }

    pub fn get(&self, place: u32) -> Option<&E> {
        self.rows.get(place as usize)
    }

    pub fn get_mut(&mut self, place: u32) -> Option<&mut E> {
        self.rows.get_mut(place as usize)
    }

    /// Adds an entry that is not there yet and gives its place, which holds until the next [`Store::recall`].
    pub fn insert(&mut self, row: E) -> u32 {
        let Ok(place) = u32::try_from(self.rows.len()) else {
            return u32::MAX;
        };
        let id = leading(row.id());
        self.rows.push(row);
        let rows = &self.rows;
        self.places.insert_unique(id, place, |place| rows.get(*place as usize).map_or(0, |row| leading(row.id())));
        place
    }

    /// Makes room, then fetches what is known of these ids into memory. What is not there afterwards is not known.
    pub fn recall<'a>(&mut self, ids: impl Iterator<Item = &'a Hash>) -> io::Result<()> {
        if self.rows.len() >= self.limit {
            self.to_disk()?;
        }
        if self.shelves.is_empty() {
            return Ok(());
        }
        let mut wanted: Vec<&Hash> = ids.filter(|id| self.place(id).is_none()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let shelves = std::mem::take(&mut self.shelves);
        let mut recalled = Ok(());
        for (_, shelf) in shelves.iter().rev() {
            let likely = wanted.iter().copied().filter(|id| shelf.may_hold(id));
            let before = self.rows.len();
            recalled = shelf.find(likely, |entry| {
                self.insert(entry);
            });
            if recalled.is_err() {
                break;
            }
            if self.rows.len() > before {
                wanted.retain(|id| self.place(id).is_none());
            }
        }
        self.shelves = shelves;
        recalled
    }

    /// Writes what is in memory to a file of its own.
    fn to_disk(&mut self) -> io::Result<()> {
        let Some(path) = self.fresh().filter(|_| self.rows.len() > 0) else {
            return Ok(());
        };
        self.places.clear();
        let rows = &self.rows;
        let id = |place: u32| rows.get(place as usize).map(Entry::id);
        let mut order: Vec<(u64, u32)> = rows.iter().zip(0..).map(|(row, place)| (leading(row.id()), place)).collect();
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(&id(b.1))));
        let mut writer = Writer::create(&path, rows.len() as u64)?;
        order.iter().filter_map(|(_, place)| rows.get(*place as usize)).try_for_each(|row| writer.push(row))?;
        self.shelves.push((0, writer.finish()?));
        self.rows.clear();
        self.merge()
    }

    fn fresh(&mut self) -> Option<PathBuf> {
        let path = self.folder.as_ref().map(|folder| folder.join(format!("{}.shelf", self.next)));
        self.next += 1;
        path
    }

    /// Puts the newest files together while there are too many of their size.
    fn merge(&mut self) -> io::Result<()> {
        while let Some(level) = self.shelves.last().map(|(level, _)| *level) {
            let first = self.shelves.iter().position(|(other, _)| *other <= level).unwrap_or(0);
            if self.shelves.len() - first < FAN {
                return Ok(());
            }
            let Some(path) = self.fresh() else { return Ok(()) };
            // What is put together is only walked through: the filter of the whole takes the place of theirs.
            self.shelves.iter_mut().skip(first).for_each(|(_, shelf)| shelf.forget());
            let old = self.shelves.get(first..).unwrap_or_default();
            let mut writer = Writer::create(&path, old.iter().map(|(_, shelf)| shelf.len()).sum())?;
            Merged::new(old.iter().map(|(_, shelf)| shelf.entries()))?.try_for_each(|entry| writer.push(&entry?))?;
            let merged = writer.finish()?;
            for (_, shelf) in self.shelves.drain(first..) {
                std::fs::remove_file(shelf.path())?;
            }
            self.shelves.push((level + 1, merged));
        }
        Ok(())
    }

    /// Every entry once, in its newest form.
    pub fn each(&mut self, mut visit: impl FnMut(&E)) -> io::Result<()> {
        if self.shelves.is_empty() {
            self.rows.iter().for_each(visit);
            return Ok(());
        }
        self.to_disk()?;
        Merged::new(self.shelves.iter().map(|(_, shelf)| shelf.entries()))?.try_for_each(|entry| {
            visit(&entry?);
            Ok(())
        })
    }

    /// Whether there is more than fits in memory.
    pub fn spilled(&self) -> bool {
        !self.shelves.is_empty()
    }

    /// Brings everything to disk, durable, and names the files with their levels, oldest first.
    pub fn close(&mut self) -> io::Result<Vec<(u8, String)>> {
        self.to_disk()?;
        self.shelves.iter().try_for_each(|(_, shelf)| shelf.sync())?;
        let name = |shelf: &Shelf<E>| shelf.path().file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(self.shelves.iter().filter_map(|(level, shelf)| Some((*level, name(shelf)?))).collect())
    }

    /// Takes up files that [`Store::close`] named, in the folder given to [`Store::spill`].
    pub fn reopen(&mut self, files: &[(u8, String)]) -> io::Result<()> {
        let folder = self.folder.clone().unwrap_or_default();
        for (level, name) in files {
            let number = name.strip_suffix(".shelf").and_then(|number| number.parse::<u64>().ok());
            self.next = self.next.max(number.ok_or(io::ErrorKind::InvalidData)? + 1);
            self.shelves.push((*level, Shelf::open(&folder.join(name))?));
        }
        Ok(())
    }
}

/// Several shelves as one; of entries with one id that of the last shelf counts.
struct Merged<'s, E> {
    heads: Vec<(E, Entries<'s, E>)>,
}

impl<'s, E: Entry> Merged<'s, E> {
    fn new(shelves: impl Iterator<Item = Entries<'s, E>>) -> io::Result<Merged<'s, E>> {
        let mut heads = Vec::new();
        for mut entries in shelves {
            if let Some(first) = entries.next() {
                heads.push((first?, entries));
            }
        }
        Ok(Merged { heads })
    }

    fn pull(&mut self) -> io::Result<Option<E>> {
        let Some(least) = self.heads.iter().map(|(head, _)| head.id()).min().copied() else {
            return Ok(None);
        };
        let mut newest = None;
        let mut at = 0;
        while let Some((head, entries)) = self.heads.get_mut(at) {
            if *head.id() != least {
                at += 1;
                continue;
            }
            match entries.next().transpose()? {
                Some(next) => {
                    newest = Some(std::mem::replace(head, next));
                    at += 1;
                }
                None => newest = Some(self.heads.remove(at).0),
            }
        }
        Ok(newest)
    }
}

impl<E: Entry> Iterator for Merged<'_, E> {
    type Item = io::Result<E>;

    fn next(&mut self) -> Option<io::Result<E>> {
        self.pull().transpose()
    }
}
