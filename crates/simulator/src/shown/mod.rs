//! What there is to be shown at an instant: the world after the faults of rows and records.
//!
//! The server writes this in a wire format and the truth states it in the common model, each in
//! its own arithmetic. What lies in the future is not here, and what is under way has no end yet:
//! an end later than now is known to the world and to nobody else.

pub mod duty;
pub mod equipment;
pub mod reports;
pub mod safety;
pub mod trips;

use std::time::Duration;

use model::{Timestamp, Window};

use crate::faults::{EventKind, FaultPlan, RowFault};
use crate::fleet::{Assignment, FaultReading, World};

/// By how much an assignment ends later in its longer version.
const ASSIGNMENT_EDIT: Duration = Duration::from_secs(7 * 60);

/// The world as the provider's customers can see it at `now`.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub world: &'a World,
    pub faults: &'a FaultPlan,
    pub now: Timestamp,
}

/// The number, or its neighbour where it lies halfway between two hundredths of a kilometre or
/// litre: to which side such a one is rounded is decided by binary fractions, and not tested here.
pub fn clear_of_halves(number: i64) -> i64 {
    number + i64::from(number % 10 == 5)
}

/// Whether a span has an instant in the window.
pub fn overlaps(from: Timestamp, until: Timestamp, window: Window) -> bool {
    from < window.until && until > window.from
}

/// The window of one millisecond that begins at `time`.
pub fn instant(time: Timestamp) -> Window {
    Window {
        from: time,
        until: after(time, 1),
    }
}

pub fn after(time: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(time.millis().saturating_add(millis))
}

impl Shown<'_> {
    /// The part of `window` that is not later than now.
    pub fn until_now(&self, window: Window) -> Option<Window> {
        Window::new(window.from, window.until.min(after(self.now, 1)))
    }

    pub fn is_over(&self, until: Timestamp) -> bool {
        until <= self.now
    }

    /// Assignments that overlap the window, by time.
    pub fn assignments(&self, vehicle: usize, window: Window) -> Vec<Assignment> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let wider = Window {
            from: window.from.saturating_sub(ASSIGNMENT_EDIT),
            until: window.until,
        };
        let mut assignments = self.world.assignments(vehicle, wider);
        for assignment in &mut assignments {
            let fault = self
                .faults
                .event_fault(EventKind::Assignment, vehicle, assignment.from);
            // Corrected afterwards, or corrected and then put right again.
            let ends_later = match fault {
                RowFault::Edited { at } => self.is_over(at.max(assignment.until)),
                RowFault::Withdrawn { at } => {
                    self.is_over(assignment.until) && !self.is_over(at.max(assignment.until))
                }
                _ => false,
            };
            if ends_later {
                assignment.until = assignment.until.saturating_add(ASSIGNMENT_EDIT);
            }
        }
        assignments.retain(|assignment| overlaps(assignment.from, assignment.until, window));
        assignments
    }

    /// Who comes along and does not drive.
    pub fn passenger(&self, assignment: &Assignment) -> Option<usize> {
        let window = Window::new(assignment.from, assignment.until)?;
        let log = self.world.duty_log(assignment.driver, window);
        log.iter().find_map(|span| span.codriver)
    }

    /// Readings of fault codes in the window, by time.
    pub fn fault_readings(&self, vehicle: usize, window: Window) -> Vec<FaultReading> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let mut readings = self.world.fault_readings(vehicle, window);
        readings.retain(|reading| self.is_over(self.fault_reading_at(vehicle, reading.time)));
        readings
    }

    /// When the reading of `time` arrived: most at once.
    pub fn fault_reading_at(&self, vehicle: usize, time: Timestamp) -> Timestamp {
        match self
            .faults
            .event_fault(EventKind::FaultReading, vehicle, time)
        {
            RowFault::Late { at } => at,
            _ => time,
        }
    }
}
