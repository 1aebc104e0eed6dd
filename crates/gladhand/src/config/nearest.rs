//! The nearest of the names that exist, for a name that does not.

/// The candidate with the fewest edits, if those are few enough to be a slip of the hand.
pub fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (text.chars().count() / 3).clamp(1, 6);
    candidates
        .map(|candidate| (edits(text, candidate), candidate))
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, left_char) in left.chars().enumerate() {
        let mut diagonal = above[0];
        above[0] = row + 1;
        for (column, right_char) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(left_char != *right_char);
            diagonal = above[column + 1];
            above[column + 1] = replaced.min(above[column] + 1).min(diagonal + 1);
        }
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let keys = ["server.listen", "server.public_url", "sync.workers"];
        let find = |text: &str| nearest(text, keys.into_iter());
        assert_eq!(find("server.listn"), Some("server.listen"));
        assert_eq!(find("sync.worker"), Some("sync.workers"));
        assert_eq!(find("colour"), None);
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
