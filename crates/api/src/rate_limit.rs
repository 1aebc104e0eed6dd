//! How often an application and each of its connections may ask: token buckets.
//!
//! The extractors ask [`RateLimits`] once they know who calls, so nobody spends a budget that is
//! not theirs, and a request that is refused spends nothing. A bucket holds the requests of one
//! second, which may come all at once, and fills again evenly. Buckets that are full again are
//! dropped: what is remembered are the callers of the last two seconds.
//!
//! Absent here: the clock (every call is given the time), and limits of strangers, who have neither
//! key nor token to count by. Buckets are this process's own; two servers over one database each
//! grant the whole rate.

use std::collections::HashMap;
use std::hash::Hash;

use model::time::SECOND_MS;
use model::{ApplicationId, ConnectionId, Timestamp};

use crate::config::ApiConfig;

/// A token is one request; levels are counted in thousandths, so that a rate per second is a rate
/// of thousandths per millisecond and nothing is ever rounded.
const TOKEN_MILLI: u64 = 1_000;

/// Whose budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    Connection,
    Application,
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Budget::Connection => "connection",
            Budget::Application => "application",
        })
    }
}

/// A request that comes too soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSoon {
    pub budget: Budget,
    /// After so many whole seconds there is room for another; at least 1.
    pub retry_after_s: u64,
}

/// The budgets of all callers.
#[derive(Debug)]
pub(crate) struct RateLimits {
    connections: Buckets<ConnectionId>,
    applications: Buckets<ApplicationId>,
}

impl RateLimits {
    pub(crate) fn new(config: &ApiConfig) -> RateLimits {
        RateLimits {
            connections: Buckets::new(config.requests_per_second_per_connection),
            applications: Buckets::new(config.requests_per_second_per_application),
        }
    }

    /// Counts a request of the application, and of the connection where it is about one. Both must
    /// have room, else neither is charged: a connection that asks in vain costs its neighbours
    /// nothing.
    pub(crate) fn admit(
        &mut self,
        application: ApplicationId,
        connection: Option<ConnectionId>,
        now: Timestamp,
    ) -> Result<(), TooSoon> {
        let too_soon = |budget, wait_ms: u64| TooSoon {
            budget,
            retry_after_s: wait_ms.div_ceil(SECOND_MS as u64).max(1),
        };
        if let Some(connection) = connection
            && let Some(wait_ms) = self.connections.wait_ms(connection, now)
        {
            return Err(too_soon(Budget::Connection, wait_ms));
        }
        if let Some(wait_ms) = self.applications.wait_ms(application, now) {
            return Err(too_soon(Budget::Application, wait_ms));
        }
        if let Some(connection) = connection {
            self.connections.spend(connection, now);
        }
        self.applications.spend(application, now);
        Ok(())
    }
}

/// The buckets of one kind of caller. A caller without one has a full one.
#[derive(Debug)]
struct Buckets<K> {
    /// Requests per second, and as many at once; 0 is no limit.
    rate: u64,
    by_caller: HashMap<K, Bucket>,
    dropped_at: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    level_milli: u64,
    filled_at: Timestamp,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn new(requests_per_second: u32) -> Buckets<K> {
        Buckets {
            rate: u64::from(requests_per_second),
            by_caller: HashMap::new(),
            dropped_at: Timestamp::MIN,
        }
    }

    fn full_milli(&self) -> u64 {
        self.rate * TOKEN_MILLI
    }

    /// Milliseconds until a request has room; `None` when it has.
    fn wait_ms(&mut self, caller: K, now: Timestamp) -> Option<u64> {
        if self.rate == 0 {
            return None;
        }
        let bucket = self.by_caller.get_mut(&caller)?;
        bucket.fill(self.rate, now);
        let missing = TOKEN_MILLI.saturating_sub(bucket.level_milli);
        (missing > 0).then(|| missing.div_ceil(self.rate))
    }

    /// Takes a token, which [`Self::wait_ms`] has found at this very time.
    fn spend(&mut self, caller: K, now: Timestamp) {
        if self.rate == 0 {
            return;
        }
        self.drop_full(now);
        let full = Bucket {
            level_milli: self.full_milli(),
            filled_at: now,
        };
        let bucket = self.by_caller.entry(caller).or_insert(full);
        bucket.level_milli = bucket.level_milli.saturating_sub(TOKEN_MILLI);
    }

    /// Once a second, because that is how long an empty bucket takes to fill.
    fn drop_full(&mut self, now: Timestamp) {
        if now.millis().abs_diff(self.dropped_at.millis()) < SECOND_MS.unsigned_abs() {
            return;
        }
        self.dropped_at = now;
        let (rate, full_milli) = (self.rate, self.full_milli());
        self.by_caller.retain(|_, bucket| {
            bucket.fill(rate, now);
            bucket.level_milli < full_milli
        });
        self.by_caller.shrink_to(2 * self.by_caller.len());
    }
}

impl Bucket {
    /// A clock that was set back fills nothing; from its new time on the bucket fills as ever.
    fn fill(&mut self, rate: u64, now: Timestamp) {
        let elapsed_ms = now.since(self.filled_at).as_millis();
        let filled_milli = u64::try_from(elapsed_ms)
            .unwrap_or(u64::MAX)
            .saturating_mul(rate);
        let full_milli = rate * TOKEN_MILLI;
        self.level_milli = self
            .level_milli
            .saturating_add(filled_milli)
            .min(full_milli);
        self.filled_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn application(number: u128) -> ApplicationId {
        ApplicationId::new(START, number)
    }

    fn connection(number: u128) -> ConnectionId {
        ConnectionId::new(START, number)
    }

    fn after_ms(ms: i64) -> Timestamp {
        Timestamp::from_millis(START.millis() + ms)
    }

    fn limits(per_connection: u32, per_application: u32) -> RateLimits {
        RateLimits::new(&ApiConfig {
            requests_per_second_per_connection: per_connection,
            requests_per_second_per_application: per_application,
            ..ApiConfig::new("http://gladhand.test")
        })
    }

    /// How many of so many requests at one moment are granted.
    fn granted(limits: &mut RateLimits, which: u128, asked: u32, now: Timestamp) -> u32 {
        let admit = |_: &u32| {
            let admitted = limits.admit(application(1), Some(connection(which)), now);
            admitted.is_ok()
        };
        (0..asked).filter(admit).count() as u32
    }

    #[test]
    fn a_second_of_requests_may_come_at_once_and_then_they_come_evenly() {
        let mut limits = limits(100, 0);
        assert_eq!(granted(&mut limits, 1, 150, START), 100);
        for (ms, want) in [(9, 0), (10, 1), (10, 0), (35, 2), (40, 1), (540, 50)] {
            assert_eq!(granted(&mut limits, 1, 60, after_ms(ms)), want, "{ms}");
        }
        assert_eq!(granted(&mut limits, 1, 150, after_ms(60_000)), 100);
    }

    #[test]
    fn nothing_is_lost_to_rounding() {
        let mut limits = limits(3, 0);
        assert_eq!(granted(&mut limits, 1, 9, START), 3);
        let ten_seconds = (1..=10_000).map(|ms| granted(&mut limits, 1, 9, after_ms(ms)));
        assert_eq!(ten_seconds.sum::<u32>(), 30);
    }

    #[test]
    fn a_connection_that_asks_in_vain_costs_its_neighbours_nothing() {
        let mut limits = limits(100, 150);
        assert_eq!(granted(&mut limits, 1, 5_000, START), 100);
        let refused = limits.admit(application(1), Some(connection(1)), START);
        assert_eq!(
            refused.map_err(|too_soon| too_soon.budget),
            Err(Budget::Connection)
        );
        assert_eq!(granted(&mut limits, 2, 100, START), 50);
        let refused = limits.admit(application(1), Some(connection(2)), START);
        assert_eq!(
            refused.map_err(|too_soon| too_soon.budget),
            Err(Budget::Application)
        );
        let other = limits.admit(application(2), Some(connection(3)), START);
        assert_eq!(other, Ok(()));
    }

    #[test]
    fn what_the_application_refuses_is_not_charged_to_the_connection() {
        let mut limits = limits(2, 1);
        assert_eq!(granted(&mut limits, 1, 5, START), 1);
        let connection = Some(connection(1));
        // The connection's second token is still there, once the application has room.
        assert_eq!(limits.admit(application(2), connection, START), Ok(()));
    }

    #[test]
    fn requests_without_a_connection_are_the_applications() {
        let mut limits = limits(1, 2);
        let mut ask = || limits.admit(application(1), None, START).is_ok();
        assert_eq!([ask(), ask(), ask()], [true, true, false]);
    }

    #[test]
    fn zero_is_no_limit_and_remembers_nobody() {
        let mut limits = limits(0, 0);
        assert_eq!(granted(&mut limits, 1, 10_000, START), 10_000);
        assert!(limits.connections.by_caller.is_empty());
        assert!(limits.applications.by_caller.is_empty());
    }

    #[test]
    fn a_refusal_says_when_to_come_again_in_whole_seconds() {
        let check = |rate: u32, now_ms: i64| {
            let mut limits = limits(rate, 0);
            granted(&mut limits, 1, rate, START);
            let asked = limits.admit(application(1), Some(connection(1)), after_ms(now_ms));
            asked.map_err(|too_soon| too_soon.retry_after_s)
        };
        assert_eq!(check(100, 0), Err(1));
        assert_eq!(check(1, 0), Err(1));
        assert_eq!(check(1, 999), Err(1));
        assert_eq!(check(1, 1_000), Ok(()));
    }

    #[test]
    fn full_buckets_are_dropped() {
        let mut limits = limits(10, 0);
        for second in 0..50 {
            let now = after_ms(second * 1_000);
            for which in 0..100 {
                let which = connection(u128::from(second.unsigned_abs()) * 100 + which);
                assert_eq!(limits.admit(application(1), Some(which), now), Ok(()));
            }
            assert!(limits.connections.by_caller.len() <= 200, "{second}");
        }
        assert_eq!(granted(&mut limits, 1, 1, after_ms(120_000)), 1);
        assert_eq!(limits.connections.by_caller.len(), 1);
        assert!(limits.connections.by_caller.capacity() < 100);
    }

    #[test]
    fn a_clock_that_is_set_back_gives_nothing_and_keeps_nobody_out() {
        let mut limits = limits(10, 0);
        assert_eq!(granted(&mut limits, 1, 20, START), 10);
        assert_eq!(granted(&mut limits, 1, 20, after_ms(-3_600_000)), 0);
        assert_eq!(granted(&mut limits, 1, 20, after_ms(-3_599_500)), 5);
    }
}
