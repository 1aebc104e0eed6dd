//! What stands before every answer: rate limits, and the faults of requests in Samsara's words.

use std::time::Duration;

use model::Timestamp;

use super::answer::Refusal;
use super::paging;
use crate::faults::FaultPlan;
use crate::manner::{Manner, Mishap, RateLimits, RequestFaults};

/// Requests a second of one token, over all endpoints.
const PER_TOKEN: f64 = 150.0;

#[derive(Debug, Default)]
pub struct Gate {
    faults: RequestFaults,
    limits: RateLimits,
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
        self.faults.count()
    }

    pub fn peek(&self) -> u64 {
        self.faults.peek()
    }

    /// A second's worth may come at once.
    pub fn take(&self, token: &str, path: &str, now: Timestamp) -> Result<(), Refusal> {
        self.take_one(token, PER_TOKEN, now)?;
        match endpoint_limit(path) {
            Some(limit) => self.take_one(path, limit, now),
            None => Ok(()),
        }
    }

    fn take_one(&self, name: &str, per_second: f64, now: Timestamp) -> Result<(), Refusal> {
        match self
            .limits
            .take(name, per_second, Duration::from_secs(1), now)
        {
            Ok(_) => Ok(()),
            Err(wait_s) => Err(Refusal::throttled(wait_s + 1e-3)),
        }
    }

    /// The fault of request `number`, if it has one.
    pub fn fault(&self, plan: &FaultPlan, number: u64, url: u64) -> Result<Manner, Refusal> {
        self.faults
            .draw(plan, number, url, |mishap, rng| match mishap {
                Mishap::Throttle => Refusal::throttled(rng.between(0.05, 0.6)),
                Mishap::Error => {
                    let (status, text) = *rng.pick(&[
                        (500, "rpc error: code = Internal desc = internal error"),
                        (502, "Bad Gateway"),
                        (
                            503,
                            "upstream connect error or disconnect/reset before headers",
                        ),
                        (504, "upstream request timeout"),
                    ]);
                    Refusal::of(status, text)
                }
            })
    }

    /// Refuses a share of the cursors, the one of each `place` once: who starts the walk again gets
    /// through.
    pub fn check_cursor(&self, plan: &FaultPlan, number: u64, place: u64) -> Result<(), Refusal> {
        match self.faults.expires(plan, number, place) {
            true => Err(paging::expired()),
            false => Ok(()),
        }
    }
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
}
