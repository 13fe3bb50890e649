//! How alike two texts are: Jaro-Winkler (Winkler 1990) and the optimal string alignment distance (Damerau 1964).
//! Both are symmetric here, and both look at no more than 64 characters, so that a set of positions is one machine word.

/// Characters looked at.
const MOST: usize = 64;

/// Jaro-Winkler similarity from 0 to 1; the common beginning counts up to four characters by a tenth each.
pub(crate) fn jaro_winkler(a: &[char], b: &[char]) -> f64 {
    // Greedy matching may depend on which text is walked; the order decides which, not the caller.
    let (a, b) = if (a.len(), a) <= (b.len(), b) { (a, b) } else { (b, a) };
    let (a, b) = (a.get(..MOST).unwrap_or(a), b.get(..MOST).unwrap_or(b));
    if a.is_empty() {
        return if b.is_empty() { 1.0 } else { 0.0 };
    }
    let window = (b.len() / 2).saturating_sub(1);
    let (mut taken, mut matched) = (0u64, 0u64);
    for (i, sign) in a.iter().enumerate() {
        let from = i.saturating_sub(window);
        let to = (i + window + 1).min(b.len());
        let hit = (from..to).find(|j| b[*j] == *sign && taken & (1 << j) == 0);
        if let Some(j) = hit {
            taken |= 1 << j;
            matched |= 1 << i;
        }
    }
    let count = matched.count_ones();
    if count == 0 {
        return 0.0;
    }
    let (mut left, mut right, mut moved) = (matched, taken, 0u32);
    while left != 0 {
        moved += u32::from(a[left.trailing_zeros() as usize] != b[right.trailing_zeros() as usize]);
        left &= left - 1;
        right &= right - 1;
    }
    let m = f64::from(count);
    let jaro = (m / a.len() as f64 + m / b.len() as f64 + (m - f64::from(moved / 2)) / m) / 3.0;
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count() as f64;
    jaro + prefix * 0.1 * (1.0 - jaro)
}

/// Insertions, deletions, substitutions and swaps of neighbours between two texts, or `None` beyond `most` (at most 3).
pub(crate) fn distance_within(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > most || b.len() > MOST {
        return None;
    }
    // What both begin and end with costs nothing.
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if a.is_empty() {
        return Some(b.len());
    }
    let far = (most + 1) as u8;
    let mut rows = [[far; MOST + 1]; 3];
    for (j, cell) in rows[0].iter_mut().enumerate().take(b.len() + 1) {
        *cell = (j as u8).min(far);
    }
    for i in 1..=a.len() {
        let (now, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[now][0] = (i as u8).min(far);
        let mut least = rows[now][0];
        for j in 1..=b.len() {
            let same = a[i - 1] == b[j - 1];
            let mut cell = (rows[last][j - 1] + u8::from(!same)).min(rows[last][j] + 1).min(rows[now][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cell = cell.min(rows[before][j - 2] + 1);
            }
            let cell = cell.min(far);
            rows[now][j] = cell;
            least = least.min(cell);
        }
        if least == far {
            return None;
        }
    }
    let found = usize::from(rows[a.len() % 3][b.len()]);
    (found <= most).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn published_values() {
        let close = |a: &str, b: &str, want: f64| assert!((jaro_winkler(&chars(a), &chars(b)) - want).abs() < 1e-3, "{a} {b}");
        close("martha", "marhta", 0.961);
        close("dwayne", "duane", 0.84);
        close("dixon", "dicksonx", 0.813);
        let within = |a: &str, b: &str| distance_within(&chars(a), &chars(b), 2);
        assert_eq!(within("19560409", "19650409"), Some(1));
        assert_eq!(within("4814", "4184"), Some(1));
        assert_eq!(within("smith", "smyth"), Some(1));
        assert_eq!(within("kitten", "sitting"), None);
        assert_eq!(within("", "ab"), Some(2));
        assert_eq!(within("abcd", "badc"), Some(2));
    }
}
