//! Where records are in a JSON document: `data.rows[*]`, `[*].items[*].sub_items[*]`.

use std::borrow::Cow;
use std::sync::Arc;

use super::value::{Broken, Walk};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Each,
}

/// Reads a path; `None` when it is none. A path that does not end in `[*]` is taken to mean it.
pub(crate) fn parse(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let path = path.trim();
    let path = path.strip_prefix("$.").or_else(|| path.strip_prefix('$')).unwrap_or(path);
    for part in path.split('.').filter(|p| !p.is_empty()) {
        let stars = part.matches("[*]").count();
        let key = part.trim_end_matches("[*]");
        if key.contains(['[', ']']) {
            return None;
        }
        if !key.is_empty() {
            steps.push(Step::Key(key.to_owned()));
        }
        steps.extend(std::iter::repeat_n(Step::Each, stars));
    }
    if steps.last() != Some(&Step::Each) {
        steps.push(Step::Each);
    }
    Some(steps)
}

/// The records around a record, the nearest first.
pub(crate) type Above = Vec<Arc<Level>>;

/// A record that holds the records being read.
pub(crate) struct Level {
    /// Its number in its own table, from 1: the link from child to parent.
    pub number: u64,
    pub fields: Vec<(String, Option<String>)>,
}

/// Calls back with every record that `steps` lead to inside one element, and with the levels above it. `counts` keeps,
/// from element to element, how many records of each level there have been.
pub(crate) fn expand(
    element: &[u8],
    steps: &[Step],
    counts: &mut Vec<u64>,
    give: &mut dyn FnMut(&[u8], &Above),
) -> Result<(), Broken> {
    record(element, steps, &Above::new(), counts, give)
}

fn record(
    element: &[u8],
    steps: &[Step],
    above: &Above,
    counts: &mut Vec<u64>,
    give: &mut dyn FnMut(&[u8], &Above),
) -> Result<(), Broken> {
    if steps.is_empty() {
        give(element, above);
        return Ok(());
    }
    let depth = above.len();
    counts.resize(counts.len().max(depth + 1), 0);
    let number = counts.get_mut(depth).map_or(0, |count| {
        *count += 1;
        *count
    });
    let mut fields = Vec::new();
    let mut walk = Walk::new(element);
    if walk.peek() == Some(b'{') {
        walk.flatten("", 0, false, &mut |key, value| fields.push((key.into_owned(), value.map(Cow::into_owned))))?;
    }
    let mut around: Above = vec![Arc::new(Level { number, fields })];
    around.extend(above.iter().cloned());
    descend(element, steps, &around, counts, give)
}

fn descend(
    value: &[u8],
    steps: &[Step],
    above: &Above,
    counts: &mut Vec<u64>,
    give: &mut dyn FnMut(&[u8], &Above),
) -> Result<(), Broken> {
    let mut walk = Walk::new(value);
    match steps.split_first() {
        Some((Step::Key(key), rest)) => match walk.peek() {
            Some(b'{') => match walk.member(key)? {
                Some(inner) => descend(inner, rest, above, counts, give),
                None => Ok(()),
            },
            _ => Ok(()),
        },
        Some((Step::Each, rest)) => match walk.peek() {
            Some(b'[') => walk.elements(|walk| record(walk.value()?, rest, above, counts, give)),
            // Where there is one only, some programs leave the array out.
            Some(b'{') => record(value, rest, above, counts, give),
            _ => Ok(()),
        },
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_written() {
        let key = |k: &str| Step::Key(k.to_owned());
        assert_eq!(parse("data.rows[*]"), Some(vec![key("data"), key("rows"), Step::Each]));
        assert_eq!(parse("[*].items[*]"), Some(vec![Step::Each, key("items"), Step::Each]));
        assert_eq!(parse("$.data"), Some(vec![key("data"), Step::Each]));
        assert_eq!(parse("a[0].b"), None);
    }
}
