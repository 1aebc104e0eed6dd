//! Who drove: driver assignments, joined with positions when they are read.
//!
//! Assignments overlap where providers correct themselves. Of several that cover a moment, the one
//! that was assigned last answers, then the one that began last.

use model::assignment::DriverAssignment;
use model::{DriverId, Timestamp};

/// The driver at one moment.
pub(crate) fn driver_at(assignments: &[DriverAssignment], time: Timestamp) -> Option<DriverId> {
    Rota::new(assignments.to_vec()).driver_at(time)
}

/// The assignments of a vehicle, asked for moments in their order.
pub(crate) struct Rota {
    /// By their start.
    assignments: Vec<DriverAssignment>,
    /// How many have begun.
    begun: usize,
    /// Places of those that have begun and, when last looked, had not ended.
    open: Vec<usize>,
    driver: Option<DriverId>,
    /// The answer holds until this moment.
    good_until: Timestamp,
}

impl Rota {
    pub(crate) fn new(mut assignments: Vec<DriverAssignment>) -> Rota {
        assignments.sort_by_key(|assignment| assignment.started_at);
        Rota {
            assignments,
            begun: 0,
            open: Vec::new(),
            driver: None,
            good_until: Timestamp::MIN,
        }
    }

    /// `time` must not be before the one asked for last.
    pub(crate) fn driver_at(&mut self, time: Timestamp) -> Option<DriverId> {
        if time >= self.good_until {
            self.advance(time);
        }
        self.driver
    }

    fn advance(&mut self, time: Timestamp) {
        let all = &self.assignments;
        while all
            .get(self.begun)
            .is_some_and(|assignment| assignment.started_at <= time)
        {
            self.open.push(self.begun);
            self.begun += 1;
        }
        self.open.retain(|place| all[*place].covers(time));
        let answering = self.open.iter().map(|place| &all[*place]).max_by_key(|it| {
            // The driver only makes the choice between equals the same every time.
            (it.assigned_at, it.started_at, it.driver)
        });
        self.driver = answering.and_then(|assignment| assignment.driver);
        let ends = self.open.iter().filter_map(|place| all[*place].ended_at);
        let next = all.get(self.begun).map(|assignment| assignment.started_at);
        self.good_until = ends.chain(next).min().unwrap_or(Timestamp::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Ulid, VehicleId};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    fn driver(number: u128) -> DriverId {
        DriverId(Ulid::from_bits(number))
    }

    fn assignment(
        number: u128,
        from: i64,
        until: Option<i64>,
        assigned: Option<i64>,
    ) -> DriverAssignment {
        DriverAssignment {
            vehicle: VehicleId(Ulid::from_bits(7)),
            driver: Some(driver(number)),
            started_at: at(from),
            ended_at: until.map(at),
            assigned_at: assigned.map(at),
        }
    }

    #[test]
    fn the_one_assigned_last_answers_and_its_end_is_outside() {
        let assignments = [
            assignment(1, 10, Some(20), None),
            assignment(2, 15, None, None),
            assignment(3, 12, Some(14), Some(50)),
            assignment(4, 13, Some(30), Some(40)),
        ];
        let wanted = |time: i64| match time {
            ..10 => None,
            10..12 => Some(driver(1)),
            12..14 => Some(driver(3)),
            14..30 => Some(driver(4)),
            _ => Some(driver(2)),
        };
        let mut rota = Rota::new(assignments.to_vec());
        for time in 0..40 {
            assert_eq!(rota.driver_at(at(time)), wanted(time), "{time}");
            assert_eq!(driver_at(&assignments, at(time)), wanted(time), "{time}");
        }
        assert_eq!(driver_at(&[], at(1)), None);
    }

    /// Asked in leaps or step by step, it says what a look at every assignment says.
    #[test]
    fn it_agrees_with_the_definition() {
        let mut state = 5_u64;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ((state >> 33) % below) as i64
        };
        for _ in 0..200 {
            let assignments: Vec<_> = (0..draw(8))
                .map(|number| {
                    let from = draw(60);
                    let until = (draw(4) > 0).then(|| from + 1 + draw(20));
                    let assigned = (draw(2) > 0).then(|| draw(5));
                    assignment(number as u128, from, until, assigned)
                })
                .collect();
            let mut rota = Rota::new(assignments.clone());
            let mut time = 0;
            while time < 90 {
                let covering = assignments.iter().filter(|it| it.covers(at(time)));
                let wanted = covering.max_by_key(|it| (it.assigned_at, it.started_at, it.driver));
                assert_eq!(rota.driver_at(at(time)), wanted.and_then(|it| it.driver));
                time += 1 + draw(9);
            }
        }
    }
}
