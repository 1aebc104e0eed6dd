//! Calls of a minute: counted by method and entity from the first call of the minute on.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use model::Timestamp;

use super::rpc::Refusal;
use crate::fleet::lock;

const MINUTE: Duration = Duration::from_secs(60);

/// What is left of a quota after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub remaining: u32,
    pub resets_at: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct Quotas(Mutex<HashMap<String, (Timestamp, u32)>>);

impl Quotas {
    /// Takes one of `most` calls a minute.
    pub fn take(&self, name: &str, most: u32, now: Timestamp) -> Result<Left, Refusal> {
        let mut minutes = lock(&self.0);
        let (began_at, used) = minutes.entry(name.to_owned()).or_insert((now, 0));
        if *began_at + MINUTE <= now {
            (*began_at, *used) = (now, 0);
        }
        let resets_at = *began_at + MINUTE;
        if *used >= most {
            let left_ms = resets_at.since(now).as_millis() as u64;
            return Err(Refusal::over_limit(most, left_ms.div_ceil(1_000).max(1)));
        }
        *used += 1;
        Ok(Left {
            remaining: most - *used,
            resets_at,
        })
    }
}

impl Left {
    /// Of a multicall the quota that is nearest to its end is told.
    pub fn tighter(self, other: Left) -> Left {
        if other.remaining < self.remaining {
            other
        } else {
            self
        }
    }

    pub fn headers(self) -> [(String, String); 3] {
        let resets_at = self.resets_at.to_string();
        // Seven digits of a second, as .NET counts.
        let resets_at = format!("{}0000Z", resets_at.trim_end_matches('Z'));
        [
            ("x-rate-limit-limit".to_owned(), "1m".to_owned()),
            (
                "x-rate-limit-remaining".to_owned(),
                self.remaining.to_string(),
            ),
            ("x-rate-limit-reset".to_owned(), resets_at),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_its_calls_and_the_next_has_them_again() {
        let quotas = Quotas::default();
        let now = Timestamp::from_millis(1_760_000_000_000);
        for left in (0..10).rev() {
            assert_eq!(
                quotas.take("Authenticate", 10, now).unwrap().remaining,
                left
            );
        }
        let later = now + Duration::from_millis(3_500);
        let refusal = quotas.take("Authenticate", 10, later).unwrap_err();
        assert_eq!(refusal.retry_after_s, Some(57));
        quotas.take("Get Device", 10, later).unwrap();
        let next = quotas.take("Authenticate", 10, now + MINUTE).unwrap();
        assert_eq!(next.remaining, 9);
        assert_eq!(next.headers()[2].1, "2025-10-09T08:55:20.0000000Z");
    }
}
