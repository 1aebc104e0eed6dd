//! Quotas that are used up, so that nobody asks in vain: of one process, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{ConnectionId, Timestamp};
use provider::Quota;

/// Longer than this nobody waits on the word of one answer.
const LONGEST: Duration = Duration::from_secs(15 * 60);

type Name = (ConnectionId, &'static str);

#[derive(Default)]
pub struct Quotas {
    filled_at: Mutex<HashMap<Name, Timestamp>>,
}

impl Quotas {
    /// How long this quota will stay used up; nothing where more may be asked.
    pub fn wait(&self, connection: ConnectionId, name: &'static str, now: Timestamp) -> Duration {
        let mut filled_at = self.lock();
        match filled_at.get(&(connection, name)) {
            Some(at) if *at > now => at.since(now),
            Some(_) => {
                filled_at.remove(&(connection, name));
                Duration::ZERO
            }
            None => Duration::ZERO,
        }
    }

    /// Takes to heart what an answer said.
    pub fn note(&self, connection: ConnectionId, name: &'static str, quota: Quota, now: Timestamp) {
        if quota.remaining == 0 {
            self.used_up(connection, name, quota.filled_at, now);
        }
    }

    /// That nothing may be asked before `until`.
    pub fn used_up(
        &self,
        connection: ConnectionId,
        name: &'static str,
        until: Timestamp,
        now: Timestamp,
    ) {
        let until = until.min(now.saturating_add(LONGEST));
        if until > now {
            let mut filled_at = self.lock();
            let known = filled_at.entry((connection, name)).or_insert(until);
            *known = until.max(*known);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Name, Timestamp>> {
        // A map of times is whole after any panic.
        self.filled_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_that_is_used_up_is_waited_for_and_no_other() {
        let quotas = Quotas::default();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let id = |n| ConnectionId(model::Ulid::from_bits(n));
        let left = |remaining, filled_at| Quota {
            remaining,
            filled_at,
        };
        quotas.note(id(1), "Get Trip", left(1, at(60)), at(0));
        assert_eq!(quotas.wait(id(1), "Get Trip", at(0)), Duration::ZERO);
        quotas.note(id(1), "Get Trip", left(0, at(60)), at(5));
        assert_eq!(
            quotas.wait(id(1), "Get Trip", at(10)),
            Duration::from_secs(50)
        );
        assert_eq!(quotas.wait(id(2), "Get Trip", at(10)), Duration::ZERO);
        assert_eq!(quotas.wait(id(1), "Get Device", at(10)), Duration::ZERO);
        assert_eq!(quotas.wait(id(1), "Get Trip", at(60)), Duration::ZERO);
        // A clock that is wrong by years holds nobody up for years.
        quotas.used_up(id(1), "Get Trip", at(1 << 40), at(61));
        assert_eq!(quotas.wait(id(1), "Get Trip", at(61)), LONGEST);
    }
}
