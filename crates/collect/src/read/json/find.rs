//! Finds the records of a document that does not say where they are: one pass that keeps only counts.

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
                if objects > 0 && found.len() < 1000 {
                    found.push(Candidate { keys: keys.clone(), objects });
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
    Err(Stop::TooLarge)
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
