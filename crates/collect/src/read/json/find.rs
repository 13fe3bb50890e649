//! Finds the records of a document that does not say where they are: one pass that keeps only counts.

use std::collections::HashMap;

use super::super::limits;
use super::scan::{Scan, Stop};

/// An array of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Keys from the top.
    pub keys: Vec<String>,
    pub objects: u64,
}

impl Candidate {
    pub fn path(&self) -> String {
        format!("{}[*]", self.keys.join("."))
    }
}

const KEYS: usize = 3;
const MEMBERS: usize = 100_000;

/// Arrays of objects under at most three keys, the biggest first.
pub(crate) fn find(scan: &mut Scan) -> Result<Vec<Candidate>, Stop> {
    let mut found = Vec::new();
    object(scan, &mut Vec::new(), &mut found)?;
    while scan.another()? {
        object(scan, &mut Vec::new(), &mut found)?;
    }
    found.sort_by_key(|c| std::cmp::Reverse(c.objects));
    Ok(found)
}

fn object(scan: &mut Scan, keys: &mut Vec<String>, found: &mut Vec<Candidate>) -> Result<(), Stop> {
    scan.expect(b'{', "{")?;
    if scan.eat(b'}')? {
        return Ok(());
    }
    for _ in 0..MEMBERS {
        keys.push(scan.key()?);
        match scan.peek()? {
            Some(b'[') => {
                let objects = count(scan)?;
                let room = found.len() < 1000;
                match found.iter_mut().find(|candidate| candidate.keys == *keys) {
                    Some(candidate) => candidate.objects += objects,
                    None if objects > 0 && room => found.push(Candidate { keys: keys.clone(), objects }),
                    None => {}
                }
            }
            Some(b'{') if keys.len() < KEYS => object(scan, keys, found)?,
            _ => scan.value(None, limits::ELEMENT)?,
        }
        keys.pop();
        if scan.eat(b'}')? {
            return Ok(());
        }
        scan.expect(b',', ", or }")?;
    }
    Err(Stop::TooManyNames)
}

/// The objects of an array; none when it also holds something else.
fn count(scan: &mut Scan) -> Result<u64, Stop> {
    scan.expect(b'[', "[")?;
    if scan.eat(b']')? {
        return Ok(0);
    }
    let (mut objects, mut others) = (0, 0);
    loop {
        match scan.peek()? {
            Some(b'{') => objects += 1,
            _ => others += 1,
        }
        scan.value(None, limits::ELEMENT)?;
        if scan.eat(b']')? {
            return Ok(if others == 0 { objects } else { 0 });
        }
        scan.expect(b',', ", or ]")?;
    }
}

/// Everything in a document, or in several one behind the other, that could be a table.
#[derive(Default)]
pub(crate) struct Survey {
    /// Paths of arrays that hold objects only, and how many, in the order of the document.
    pub arrays: Vec<(String, u64)>,
    /// How many documents are objects with values of their own.
    pub whole: u64,
}

/// Objects deeper than this are not looked into.
const LEVELS: usize = 24;

/// What one array holds.
#[derive(Default)]
struct Counts {
    objects: u64,
    others: u64,
}

/// One pass through the whole file that keeps only counts.
pub(crate) fn survey(scan: &mut Scan) -> Result<Survey, Stop> {
    let mut surveyor = Surveyor::default();
    let mut whole = 0;
    while scan.another()? {
        let (object, values) = (scan.peek()? == Some(b'{'), surveyor.values);
        surveyor.value(scan, 0)?;
        whole += u64::from(object && surveyor.values > values);
    }
    let arrays = surveyor.order.iter().filter_map(|path| {
        let counts = surveyor.arrays.get(path)?;
        (counts.objects > 0 && counts.others == 0).then(|| (path.clone(), counts.objects))
    });
    Ok(Survey { whole, arrays: arrays.collect() })
}

#[derive(Default)]
struct Surveyor {
    path: String,
    arrays: HashMap<String, Counts>,
    order: Vec<String>,
    /// Values that stand in no array.
    values: u64,
}

impl Surveyor {
    fn value(&mut self, scan: &mut Scan, depth: usize) -> Result<(), Stop> {
        match scan.peek()? {
            Some(b'{') if depth < LEVELS => self.object(scan, depth),
            Some(b'[') if depth < LEVELS => self.array(scan, depth),
            _ => {
                self.values += u64::from(!self.path.contains("[*]"));
                scan.value(None, limits::ELEMENT)
            }
        }
    }

    fn object(&mut self, scan: &mut Scan, depth: usize) -> Result<(), Stop> {
        scan.expect(b'{', "{")?;
        if scan.eat(b'}')? {
            return Ok(());
        }
        loop {
            let key = scan.key()?;
            let length = self.path.len();
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(&key);
            self.value(scan, depth + 1)?;
            self.path.truncate(length);
            if scan.eat(b'}')? {
                return Ok(());
            }
            scan.expect(b',', ", or }")?;
        }
    }

    fn array(&mut self, scan: &mut Scan, depth: usize) -> Result<(), Stop> {
        scan.expect(b'[', "[")?;
        let length = self.path.len();
        self.path.push_str("[*]");
        if !self.arrays.contains_key(&self.path) && self.order.len() < limits::PATHS {
            self.order.push(self.path.clone());
            self.arrays.insert(self.path.clone(), Counts::default());
        }
        let mut ended = scan.eat(b']')?;
        while !ended {
            let object = scan.peek()? == Some(b'{');
            if let Some(counts) = self.arrays.get_mut(&self.path) {
                *(if object { &mut counts.objects } else { &mut counts.others }) += 1;
            }
            self.value(scan, depth + 1)?;
            ended = scan.eat(b']')?;
            if !ended {
                scan.expect(b',', ", or ]")?;
            }
        }
        self.path.truncate(length);
        Ok(())
    }
}
