//! What stands before every answer: rate limits, and the faults of requests.
//!
//! Each request draws its fault from the seed and its own number; one URL never fails more than
//! three times in a row, so a client that tries again gets through.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::Timestamp;

use super::answer::Refusal;
use super::paging;
use crate::faults::FaultPlan;
use crate::fleet::lock;

/// Requests a second of one token, over all endpoints.
const PER_TOKEN: f64 = 150.0;
const MOST_FAILURES_IN_A_ROW: u8 = 3;
/// Beyond this many, what was remembered of URLs and cursors is forgotten.
const MOST_REMEMBERED: usize = 100_000;
const FAULTY_SHARE: [(Fault, f64); 4] = [
    (Fault::Throttle, 0.03),
    (Fault::Error, 0.025),
    (Fault::Truncate, 0.025),
    (Fault::Slow, 0.03),
];
const EXPIRED_SHARE: f64 = 0.04;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Throttle,
    Error,
    Truncate,
    Slow,
}

/// How an answer that was not refused is to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Manner {
    pub delay: Duration,
    /// Share of the body after which the connection breaks.
    pub cut_at: Option<f64>,
}

#[derive(Debug, Default)]
pub struct Gate {
    requests: AtomicU64,
    buckets: Mutex<HashMap<String, Bucket>>,
    failures_in_a_row: Mutex<HashMap<u64, u8>>,
    expired_cursors: Mutex<HashSet<u64>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Timestamp,
}

/// Requests a second and organisation that an endpoint takes; `None`: only the token's limit holds.
fn endpoint_limit(path: &str) -> Option<f64> {
    Some(match path {
        "/fleet/vehicles"
        | "/fleet/reports/ifta/vehicle"
        | "/fleet/reports/vehicles/fuel-energy"
        | "/fleet/trailers/stats" => 25.0,
        "/assets/location-and-speed/stream" => 10.0,
        "/fleet/hos/logs"
        | "/fleet/hos/daily-logs"
        | "/fleet/hos/violations"
        | "/trips/stream"
        | "/safety-events"
        | "/safety-events/stream"
        | "/fleet/trailers"
        | "/gateways"
        | "/devices"
        | "/assets"
        | "/cameras/media"
        | "/fleet/driver-vehicle-assignments"
        | "/idling/events"
        | "/webhooks"
        | "/fleet/reports/drivers/fuel-energy" => 5.0,
        _ => return None,
    })
}

impl Gate {
    /// The number of a request, from 0.
    pub fn count(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    pub fn peek(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Token buckets on `now`: a second's worth may come at once.
    pub fn take(&self, token: &str, path: &str, now: Timestamp) -> Result<(), Refusal> {
        let mut buckets = lock(&self.buckets);
        take_one(&mut buckets, token.to_owned(), PER_TOKEN, now)?;
        match endpoint_limit(path) {
            Some(limit) => take_one(&mut buckets, path.to_owned(), limit, now),
            None => Ok(()),
        }
    }

    /// The fault of request `number`, if it has one.
    pub fn fault(&self, plan: &FaultPlan, number: u64, url: u64) -> Result<Manner, Refusal> {
        let mut rng = plan.chance(0x5245_5155, number);
        let roll = rng.unit();
        let mut below = 0.0;
        let fault = FAULTY_SHARE.into_iter().find_map(|(fault, share)| {
            below += share;
            (roll < below).then_some(fault)
        });
        let is_on = match fault {
            Some(Fault::Throttle) => plan.throttle,
            Some(Fault::Error) => plan.errors,
            Some(Fault::Truncate) => plan.truncate,
            Some(Fault::Slow) => plan.slow,
            None => false,
        };
        let fault = fault.filter(|_| is_on);
        if fault == Some(Fault::Slow) {
            let delay = super::SLOWEST.mul_f64(rng.between(0.1, 1.0));
            return Ok(Manner {
                delay,
                cut_at: None,
            });
        }
        if !self.may_fail(url, fault.is_some()) {
            return Ok(Manner::default());
        }
        match fault {
            Some(Fault::Throttle) => Err(Refusal::throttled(rng.between(0.05, 0.6))),
            Some(Fault::Error) => {
                let (status, text) = *rng.pick(&[
                    (500, "rpc error: code = Internal desc = internal error"),
                    (502, "Bad Gateway"),
                    (
                        503,
                        "upstream connect error or disconnect/reset before headers",
                    ),
                    (504, "upstream request timeout"),
                ]);
                Err(Refusal::of(status, text))
            }
            Some(Fault::Truncate) => Ok(Manner {
                cut_at: Some(rng.between(0.1, 0.95)),
                ..Manner::default()
            }),
            Some(Fault::Slow) | None => Ok(Manner::default()),
        }
    }

    /// Notes whether the URL fails now; `false` when it has failed too often in a row, or does not.
    fn may_fail(&self, url: u64, wants_to_fail: bool) -> bool {
        let mut failures = lock(&self.failures_in_a_row);
        if failures.len() > MOST_REMEMBERED {
            failures.clear();
        }
        let count = failures.get(&url).copied().unwrap_or(0);
        if wants_to_fail && count < MOST_FAILURES_IN_A_ROW {
            failures.insert(url, count + 1);
            return true;
        }
        failures.remove(&url);
        false
    }

    /// Refuses a share of the cursors, the one of each `place` once: who starts the walk again gets
    /// through.
    pub fn check_cursor(&self, plan: &FaultPlan, number: u64, place: u64) -> Result<(), Refusal> {
        if !plan.expire_cursor || !plan.chance(0x4355_5253, number).chance(EXPIRED_SHARE) {
            return Ok(());
        }
        let mut expired = lock(&self.expired_cursors);
        if expired.len() < MOST_REMEMBERED && expired.insert(place) {
            return Err(paging::expired());
        }
        Ok(())
    }
}

fn take_one(
    buckets: &mut HashMap<String, Bucket>,
    name: String,
    per_second: f64,
    now: Timestamp,
) -> Result<(), Refusal> {
    let bucket = buckets.entry(name).or_insert(Bucket {
        tokens: per_second,
        filled_at: now,
    });
    let passed_s = now.since(bucket.filled_at).as_secs_f64();
    bucket.tokens = (bucket.tokens + passed_s * per_second).min(per_second);
    bucket.filled_at = bucket.filled_at.max(now);
    if bucket.tokens < 1.0 {
        return Err(Refusal::throttled(
            (1.0 - bucket.tokens) / per_second + 1e-3,
        ));
    }
    bucket.tokens -= 1.0;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_takes_what_the_table_says() {
        let gate = Gate::default();
        let now = Timestamp::from_millis(1_750_000_000_000);
        for _ in 0..25 {
            gate.take("t", "/fleet/vehicles", now).unwrap();
        }
        let refusal = gate.take("t", "/fleet/vehicles", now).unwrap_err();
        let wait_s = refusal.retry_after_s.unwrap();
        assert!(wait_s > 0.0 && wait_s < 0.1, "{wait_s}");
        gate.take("t", "/tags", now).unwrap();
        let later = now.saturating_add(Duration::from_secs_f64(wait_s));
        gate.take("t", "/fleet/vehicles", later).unwrap();
    }

    #[test]
    fn about_a_tenth_fails_and_no_url_for_long() {
        let (gate, plan) = (Gate::default(), FaultPlan::all(5));
        let (mut failed, mut in_a_row) = (0, 0);
        for _ in 0..10_000 {
            let fault = gate.fault(&plan, gate.count(), 1);
            if !matches!(fault, Ok(Manner { cut_at: None, .. })) {
                failed += 1;
                in_a_row += 1;
                assert!(in_a_row <= 3);
            } else {
                in_a_row = 0;
            }
        }
        assert!((500..1_200).contains(&failed), "{failed}");
    }

    #[test]
    fn a_cursor_expires_once() {
        let (gate, plan) = (Gate::default(), FaultPlan::all(5));
        let refused = (0..1_000)
            .filter(|number| gate.check_cursor(&plan, *number, 42).is_err())
            .count();
        assert_eq!(refused, 1);
    }
}
