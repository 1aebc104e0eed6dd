//! How often credentials may be tried: guessing a password through us is no quicker than elsewhere.
//!
//! Counts are kept in memory and only here: a restart forgets them, and two processes count apart.
//! That loosens the limits a little and keeps every failed guess out of the database.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use model::{ApplicationId, Timestamp};

const TEN_MINUTES: Duration = Duration::from_secs(600);
const HOUR: Duration = Duration::from_secs(3_600);
/// More are forgotten, the longest quiet first.
const MOST_SUBJECTS: usize = 50_000;

/// Whose attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Visit(String),
    /// SHA-256 of a provider and the name of an account there.
    Account([u8; 32]),
    Address(IpAddr),
    Application(ApplicationId),
    /// Of wishes for providers.
    WishesOfVisit(String),
    WishesOfApplication(ApplicationId),
}

impl Subject {
    /// A network of IPv6 has more addresses than can be counted: its first 64 bits are whose.
    pub fn address(address: IpAddr) -> Subject {
        Subject::Address(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => {
                let network = v6.to_bits() & !u128::from(u64::MAX);
                v6.to_ipv4_mapped()
                    .map_or_else(|| IpAddr::V6(network.into()), IpAddr::V4)
            }
        })
    }

    /// So many within so long.
    fn limit(&self) -> (usize, Duration) {
        match self {
            Subject::Visit(_) => (5, TEN_MINUTES),
            Subject::Account(_) => (10, HOUR),
            Subject::Address(_) => (60, HOUR),
            Subject::Application(_) => (600, HOUR),
            Subject::WishesOfVisit(_) => (3, TEN_MINUTES),
            Subject::WishesOfApplication(_) => (100, HOUR),
        }
    }
}

#[derive(Debug, Default)]
pub struct Attempts(HashMap<Subject, VecDeque<Timestamp>>);

impl Attempts {
    /// Counts one for all of them, or for none and says how long until it would be.
    pub fn admit(&mut self, subjects: &[Subject], now: Timestamp) -> Result<(), Duration> {
        let wait = subjects
            .iter()
            .filter_map(|subject| self.wait(subject, now));
        if let Some(longest) = wait.max() {
            return Err(longest);
        }
        for subject in subjects {
            self.0.entry(subject.clone()).or_default().push_back(now);
        }
        if self.0.len() > MOST_SUBJECTS {
            self.forget(now);
        }
        Ok(())
    }

    /// Until one more is allowed; `None` for now.
    fn wait(&mut self, subject: &Subject, now: Timestamp) -> Option<Duration> {
        let (most, within) = subject.limit();
        let made = self.0.get_mut(subject)?;
        while made
            .front()
            .is_some_and(|first| now.since(*first) >= within)
        {
            made.pop_front();
        }
        let first = *made.front()?;
        (made.len() >= most).then(|| within.saturating_sub(now.since(first)))
    }

    fn forget(&mut self, now: Timestamp) {
        self.0.retain(|subject, made| {
            let (_, within) = subject.limit();
            made.back().is_some_and(|last| now.since(*last) < within)
        });
        if self.0.len() <= MOST_SUBJECTS {
            return;
        }
        let mut last: Vec<Timestamp> = self
            .0
            .values()
            .filter_map(|made| made.back().copied())
            .collect();
        last.sort_unstable();
        let middle = last[last.len() / 2];
        self.0
            .retain(|_, made| made.back().is_some_and(|last| *last > middle));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_visit_has_five_attempts_in_ten_minutes() {
        let mut attempts = Attempts::default();
        let visit = [Subject::Visit("one".to_owned())];
        for second in 0..5 {
            assert_eq!(attempts.admit(&visit, at(second)), Ok(()));
        }
        let wait = Duration::from_secs(590);
        assert_eq!(attempts.admit(&visit, at(10)), Err(wait));
        let other = [Subject::Visit("another".to_owned())];
        assert_eq!(attempts.admit(&other, at(10)), Ok(()));
        // The first one is ten minutes old, the second is not.
        assert_eq!(attempts.admit(&visit, at(600)), Ok(()));
        assert!(attempts.admit(&visit, at(600)).is_err());
    }

    #[test]
    fn a_refused_attempt_counts_for_nobody() {
        let mut attempts = Attempts::default();
        let visit = Subject::Visit("one".to_owned());
        let account = Subject::Account([1; 32]);
        for _ in 0..5 {
            assert_eq!(
                attempts.admit(&[visit.clone(), account.clone()], at(0)),
                Ok(())
            );
        }
        for _ in 0..20 {
            assert!(
                attempts
                    .admit(&[visit.clone(), account.clone()], at(1))
                    .is_err()
            );
        }
        for _ in 0..5 {
            assert_eq!(
                attempts.admit(std::slice::from_ref(&account), at(2)),
                Ok(())
            );
        }
        let wait = Duration::from_secs(3_598);
        assert_eq!(attempts.admit(&[account], at(2)), Err(wait));
    }

    #[test]
    fn neighbours_in_a_network_of_ipv6_are_one() {
        let subject = |text: &str| Subject::address(text.parse().expect("an address"));
        assert_eq!(subject("2001:db8::1"), subject("2001:db8::ffff:2"));
        assert_ne!(subject("2001:db8::1"), subject("2001:db8:0:1::1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut attempts = Attempts::default();
        for number in 0..=MOST_SUBJECTS {
            let visit = Subject::Visit(number.to_string());
            let second = i64::try_from(number / 200).expect("small");
            assert_eq!(attempts.admit(&[visit], at(second)), Ok(()));
        }
        assert!(attempts.0.len() <= MOST_SUBJECTS);
        assert!(
            attempts
                .0
                .contains_key(&Subject::Visit(MOST_SUBJECTS.to_string()))
        );
        assert!(!attempts.0.contains_key(&Subject::Visit("0".to_owned())));
    }
}
