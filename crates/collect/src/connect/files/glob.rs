//! Patterns for file names: `*` is any text, `?` any one character; neither crosses a `/`. A segment `**` is any number
//! of folders.

/// Whether a pattern has anything to match in it.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether one name (no `/` in it) matches one pattern.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // Where the last star stands, and how much of the name it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || name.get(n) == Some(c) => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern.get(p..).is_none_or(|rest| rest.iter().all(|c| *c == '*'))
}

/// Hidden files, lock files of office programs, and files still being transferred, unless the pattern asks for them.
pub fn passed_over(pattern: &str, name: &str) -> bool {
    let hidden = [".", "~$"].iter().any(|start| name.starts_with(start) && !pattern.starts_with(start));
    let partial =
        [".part", ".tmp", ".filepart", ".crdownload"].iter().any(|end| name.ends_with(end) && !pattern.ends_with(end));
    hidden || partial
}

/// A pattern over whole keys, for places that have no folders.
pub struct Pattern {
    segments: Vec<String>,
}

impl Pattern {
    pub fn new(pattern: &str) -> Pattern {
        Pattern { segments: pattern.split('/').map(str::to_owned).collect() }
    }

    /// What all names that match begin with.
    pub fn fixed_start(&self) -> String {
        let fixed: Vec<&str> =
            self.segments.iter().map(String::as_str).take_while(|segment| !is_pattern(segment)).collect();
        let next = self.segments.get(fixed.len());
        let partial = next.and_then(|segment| segment.split(['*', '?']).next()).unwrap_or_default();
        let mut start = fixed.join("/");
        if !start.is_empty() && next.is_some() {
            start.push('/');
        }
        start + partial
    }

    /// Whether a name with `/` in it matches, and is not one that is passed over.
    pub fn takes(&self, name: &str) -> bool {
        let names: Vec<&str> = name.split('/').collect();
        takes(&self.segments, &names)
    }
}

fn takes(segments: &[String], names: &[&str]) -> bool {
    match (segments.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((segment, rest)), _) if segment == "**" => {
            takes(rest, names)
                || names.split_first().is_some_and(|(name, behind)| !passed_over("*", name) && takes(segments, behind))
        }
        (Some((segment, rest)), Some((name, behind))) => {
            let exact = !is_pattern(segment) && segment == name;
            (exact || is_pattern(segment) && matches(segment, name) && !passed_over(segment, name))
                && takes(rest, behind)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, matches};

    #[test]
    fn stars_take_any_text_and_question_marks_one_character() {
        for (pattern, name, expected) in [
            ("people-*.csv", "people-2026.csv", true),
            ("people-*.csv", "people-.csv", true),
            ("people-*.csv", "people.csv", false),
            ("*a*b", "xaxaxb", true),
            ("*a*b", "xaxaxbc", false),
            ("人口?.csv", "人口甲.csv", true),
            ("人口?.csv", "人口.csv", false),
            ("*", "", true),
            ("a.b", "axb", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_is_quick() {
        assert!(!matches(&"*a".repeat(50), &"a".repeat(49)));
        assert!(!matches(&format!("{}b", "*a".repeat(30)), &"a".repeat(5000)));
    }

    #[test]
    fn keys_are_matched_segment_by_segment() {
        for (pattern, start, name, expected) in [
            ("in/*.csv", "in/", "in/a.csv", true),
            ("in/*.csv", "in/", "in/b/a.csv", false),
            ("in/**/*.csv", "in/", "in/a.csv", true),
            ("in/**/*.csv", "in/", "in/b/c/a.csv", true),
            ("in/**/*.csv", "in/", "in/.b/a.csv", false),
            ("in/p-??.csv", "in/p-", "in/p-01.csv", true),
            ("in/p.csv", "in/p.csv", "in/p.csv", true),
            ("in/p.csv", "in/p.csv", "in/p.csv.part", false),
            ("*", "", "a.part", false),
        ] {
            let read = Pattern::new(pattern);
            assert_eq!((read.fixed_start().as_str(), read.takes(name)), (start, expected), "{pattern} {name}");
        }
    }
}
