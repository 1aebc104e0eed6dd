//! Medians: one odd run must not decide.

/// Each measurement is made this often.
pub const ROUNDS: usize = 3;

/// The middle one; zero of none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_one_counts() {
        assert_eq!(median([3.0, 100.0, 1.0]), 3.0);
        assert_eq!(median([]), 0.0);
    }
}
