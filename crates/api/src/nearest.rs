//! The nearest of several names: what a mistyped parameter was probably meant to be.

/// Insertions, deletions and replacements of bytes that turn one name into the other, letter case
/// aside.
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(!a.eq_ignore_ascii_case(b));
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// A client may send a name of any length; beyond this it resembles none of ours.
const LONGEST_COMPARED: usize = 64;

/// The name that takes the fewest changes; the first of equals. `None` without names.
pub(crate) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let end = name.floor_char_boundary(LONGEST_COMPARED);
    names
        .into_iter()
        .min_by_key(|candidate| distance(&name[..end], candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["cursor", "limit", "modifiedAfter", "modifiedBefore", "raw"];
        let check = |typed: &str, meant: &str| assert_eq!(nearest(typed, names), Some(meant));
        check("Limit", "limit");
        check("modified_after", "modifiedAfter");
        check("modifiedbefore", "modifiedBefore");
        check("curser", "cursor");
        assert!(nearest(&"é".repeat(10_000), names).is_some());
        assert_eq!(nearest("limit", []), None);
        assert_eq!(distance("", "raw"), 3);
    }
}
