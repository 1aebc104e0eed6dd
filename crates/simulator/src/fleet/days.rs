//! What was worked out for a day of somebody, kept for the next who asks.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use super::lock;

/// Of each kind of thing so many days are kept: a fleet of 25 for most of a year.
const MOST_DAYS: usize = 8_192;

/// By who (a place in the plan) and UTC day.
type Key = (usize, i64);

pub(crate) struct Days<T>(Mutex<Kept<T>>);

struct Kept<T> {
    made: HashMap<Key, Arc<T>>,
    oldest_first: VecDeque<Key>,
}

impl<T> Default for Days<T> {
    fn default() -> Days<T> {
        Days(Mutex::new(Kept {
            made: HashMap::new(),
            oldest_first: VecDeque::new(),
        }))
    }
}

impl<T> Days<T> {
    /// The lock is not held while `make` works, because what it makes may need other days of the
    /// same kind. Two who ask at once may both make a day; it comes out the same.
    pub fn get(&self, who: usize, day: i64, make: impl FnOnce() -> T) -> Arc<T> {
        let key = (who, day);
        if let Some(made) = lock(&self.0).made.get(&key) {
            return Arc::clone(made);
        }
        let made = Arc::new(make());
        let mut kept = lock(&self.0);
        if kept.made.insert(key, Arc::clone(&made)).is_none() {
            kept.oldest_first.push_back(key);
        }
        while kept.oldest_first.len() > MOST_DAYS {
            if let Some(oldest) = kept.oldest_first.pop_front() {
                kept.made.remove(&oldest);
            }
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_made_once_while_it_is_kept() {
        let days = Days::default();
        assert_eq!(*days.get(1, 5, || 7), 7);
        assert_eq!(*days.get(1, 5, || 8), 7);
        assert_eq!(*days.get(2, 5, || 9), 9);
        for day in 0..MOST_DAYS as i64 {
            days.get(3, day, || 0);
        }
        assert_eq!(*days.get(1, 5, || 8), 8);
    }
}
