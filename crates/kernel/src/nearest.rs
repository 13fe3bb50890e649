//! "Did you mean …?": the nearest right name to a wrong one.

/// The candidate most like `name`, if any is like enough to be worth suggesting
/// (at most a third of its letters differ, or one starts with the other).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let longest = wanted.chars().count().max(lower.chars().count());
            let prefix = wanted.chars().count() >= 3 && (lower.starts_with(&wanted) || wanted.starts_with(&lower));
            // The distance takes a hundred times as long as its lower bound, and most candidates are far.
            if !prefix && at_least(&wanted, &lower) * 3 > longest {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&wanted, &lower);
            (distance * 3 <= longest || prefix).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A lower bound of the distance: letters of one that the other lacks must each be changed.
fn at_least(one: &str, other: &str) -> usize {
    let lacks = |a: &str, b: &str| a.chars().filter(|c| !b.contains(*c)).count();
    lacks(one, other).max(lacks(other, one)).max(one.chars().count().abs_diff(other.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_the_closest_and_stays_silent_when_nothing_is_close() {
        let names = ["citizen_id", "uscc", "phone"];
        assert_eq!(nearest("citzen_id", names), Some("citizen_id"));
        assert_eq!(nearest("usc", names), Some("uscc"));
        assert_eq!(nearest("temperature", names), None);
    }
}
