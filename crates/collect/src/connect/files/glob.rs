//! Patterns for file names: `*` is any text, `?` any one character; neither crosses a `/`.

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

#[cfg(test)]
mod tests {
    use super::matches;

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
}
