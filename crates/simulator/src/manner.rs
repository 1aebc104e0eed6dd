//! What stands before an answer, whatever the provider: the faults of requests and rate limits;
//! and how an answer is sent.
//!
//! Each request draws its fault from the seed and its own number; one question never fails more
//! than three times in a row, so a client that tries again gets through. How a refusal looks is
//! each server's own.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::Timestamp;
use world::{Encoding, Rng};

use crate::exchange::{SimAnswer, SimRequest};
use crate::faults::FaultPlan;
use crate::fleet::lock;

/// The longest that a slow answer takes.
const SLOWEST: Duration = Duration::from_millis(190);

const MOST_FAILURES_IN_A_ROW: u8 = 3;
/// Beyond this many, what was remembered of questions and positions is forgotten.
const MOST_REMEMBERED: usize = 100_000;
const FAULTY_SHARE: [(Fault, f64); 4] = [
    (Fault::Refused(Mishap::Throttle), 0.03),
    (Fault::Refused(Mishap::Error), 0.025),
    (Fault::Truncate, 0.025),
    (Fault::Slow, 0.03),
];
const EXPIRED_SHARE: f64 = 0.04;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Refused(Mishap),
    Truncate,
    Slow,
}

/// Why a request gets something else than its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// As if rate limits were exceeded.
    Throttle,
    /// The server, or something before it, failed.
    Error,
}

/// How an answer that was not refused is to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Manner {
    pub delay: Duration,
    /// Share of the body after which the connection breaks.
    pub cut_at: Option<f64>,
}

impl Manner {
    /// The body, compressed where `may_zip` and the request asks for it, as it is to be sent.
    /// `headers`: lower-case names.
    pub fn send(
        self,
        request: &SimRequest,
        status: u16,
        mut headers: Vec<(String, String)>,
        body: Vec<u8>,
        may_zip: bool,
    ) -> SimAnswer {
        let wants_gzip = request
            .header("accept-encoding")
            .is_some_and(|value| value.contains("gzip"));
        let zipped = (may_zip && wants_gzip).then(|| gzip(&body)).flatten();
        let (encoding, body) = match zipped {
            Some(zipped) => {
                headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
                (Encoding::Gzip, Bytes::from(zipped))
            }
            None => (Encoding::Identity, Bytes::from(body)),
        };
        SimAnswer {
            status,
            headers,
            delay: self.delay,
            cut_after_bytes: self
                .cut_at
                .map(|share| (body.len() as f64 * share) as usize)
                .filter(|bytes| *bytes < body.len()),
            body,
            encoding,
        }
    }
}

/// `None` when the encoder fails, which writing to memory does not: the answer then goes plain.
fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let room = Vec::with_capacity(body.len() / 5 + 64);
    let mut encoder = GzEncoder::new(room, Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

/// The requests of one server so far, and what has gone wrong with them.
#[derive(Debug, Default)]
pub(crate) struct RequestFaults {
    requests: AtomicU64,
    failures_in_a_row: Mutex<HashMap<u64, u8>>,
    expired_positions: Mutex<HashSet<u64>>,
}

impl RequestFaults {
    /// The number of a request, from 0.
    pub fn count(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// How many were counted.
    pub fn peek(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The fault of request `number`, if it has one. `question`: a hash of what is asked, the same
    /// when it is asked again. `refuse` makes a refusal, drawing its details.
    pub fn draw<R>(
        &self,
        plan: &FaultPlan,
        number: u64,
        question: u64,
        refuse: impl FnOnce(Mishap, &mut Rng) -> R,
    ) -> Result<Manner, R> {
        let mut rng = plan.chance(0x5245_5155, number);
        let roll = rng.unit();
        let mut below = 0.0;
        let fault = FAULTY_SHARE.into_iter().find_map(|(fault, share)| {
            below += share;
            (roll < below).then_some(fault)
        });
        let is_on = |fault: &Fault| match fault {
            Fault::Refused(Mishap::Throttle) => plan.throttle,
            Fault::Refused(Mishap::Error) => plan.errors,
            Fault::Truncate => plan.truncate,
            Fault::Slow => plan.slow,
        };
        let fault = fault.filter(is_on);
        if fault == Some(Fault::Slow) {
            return Ok(Manner {
                delay: SLOWEST.mul_f64(rng.between(0.1, 1.0)),
                cut_at: None,
            });
        }
        if !self.may_fail(question, fault.is_some()) {
            return Ok(Manner::default());
        }
        match fault {
            Some(Fault::Refused(mishap)) => Err(refuse(mishap, &mut rng)),
            Some(Fault::Truncate) => Ok(Manner {
                cut_at: Some(rng.between(0.1, 0.95)),
                ..Manner::default()
            }),
            Some(Fault::Slow) | None => Ok(Manner::default()),
        }
    }

    /// Notes whether the question fails now; `false` when it has failed too often in a row, or does
    /// not.
    fn may_fail(&self, question: u64, wants_to_fail: bool) -> bool {
        let mut failures = lock(&self.failures_in_a_row);
        if failures.len() > MOST_REMEMBERED {
            failures.clear();
        }
        let count = failures.get(&question).copied().unwrap_or(0);
        if wants_to_fail && count < MOST_FAILURES_IN_A_ROW {
            failures.insert(question, count + 1);
            return true;
        }
        failures.remove(&question);
        false
    }

    /// Whether a position (a cursor, a session) that request `number` names is refused: a share of
    /// them is, the one of each `place` once, so who begins anew gets through.
    pub fn expires(&self, plan: &FaultPlan, number: u64, place: u64) -> bool {
        if !plan.expire_cursor || !plan.chance(0x4355_5253, number).chance(EXPIRED_SHARE) {
            return false;
        }
        let mut expired = lock(&self.expired_positions);
        expired.len() < MOST_REMEMBERED && expired.insert(place)
    }
}

/// Token buckets by name, filled by the server's time.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Timestamp,
}

/// What a bucket has after a request took from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    /// Whole requests that may come at once.
    pub remaining: u64,
    /// Until one more is there; zero while some remain.
    pub wait_s: f64,
}

impl RateLimits {
    /// Takes one of `most` requests that may come in `period`, all at once if they like.
    ///
    /// # Errors
    /// The seconds until there is one again.
    pub fn take(
        &self,
        name: &str,
        most: f64,
        period: Duration,
        now: Timestamp,
    ) -> Result<Level, f64> {
        let per_second = most / period.as_secs_f64();
        let mut buckets = lock(&self.buckets);
        let bucket = buckets.entry(name.to_owned()).or_insert(Bucket {
            tokens: most,
            filled_at: now,
        });
        let passed_s = now.since(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed_s * per_second).min(most);
        bucket.filled_at = bucket.filled_at.max(now);
        let wait_s = |tokens: f64| (1.0 - tokens) / per_second;
        if bucket.tokens < 1.0 {
            return Err(wait_s(bucket.tokens));
        }
        bucket.tokens -= 1.0;
        Ok(Level {
            remaining: bucket.tokens as u64,
            wait_s: wait_s(bucket.tokens).max(0.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_a_tenth_fails_and_no_question_for_long() {
        let (faults, plan) = (RequestFaults::default(), FaultPlan::all(5));
        let (mut failed, mut in_a_row) = (0, 0);
        for _ in 0..10_000 {
            let fault = faults.draw(&plan, faults.count(), 1, |mishap, _| mishap);
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
    fn a_position_expires_once() {
        let (faults, plan) = (RequestFaults::default(), FaultPlan::all(5));
        let refused = (0..1_000).filter(|number| faults.expires(&plan, *number, 42));
        assert_eq!(refused.count(), 1);
    }

    #[test]
    fn a_bucket_fills_up_again() {
        let limits = RateLimits::default();
        let (now, minute) = (
            Timestamp::from_millis(1_750_000_000_000),
            Duration::from_secs(60),
        );
        for left in (0..10).rev() {
            let level = limits.take("a", 10.0, minute, now).unwrap();
            assert_eq!(level.remaining, left);
        }
        let wait_s = limits.take("a", 10.0, minute, now).unwrap_err();
        assert!((wait_s - 6.0).abs() < 1e-9, "{wait_s}");
        limits.take("b", 10.0, minute, now).unwrap();
        let later = now.saturating_add(Duration::from_secs(7));
        limits.take("a", 10.0, minute, later).unwrap();
    }
}
