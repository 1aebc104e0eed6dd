//! Logs of duty status, edited by drivers and back offices, and the days that are summed from them.

use jiff::civil::Date;
use model::Window;

use super::{Shown, clear_of_halves, instant, overlaps};
use crate::faults::{EventKind, RowFault};
use crate::fleet::{DutySpan, DutyStatus};

/// What an annotated log says.
const ANNOTATION: &str = "Corrected by the back office";

/// A driver's day so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownDay {
    pub date: Date,
    /// All of it, in the driver's zone.
    pub day: Window,
    durations_ms: [i64; 6],
    pub driven_m: i64,
    pub yard_move_m: i64,
    pub personal_conveyance_m: i64,
    pub vehicles: Vec<usize>,
}

impl ShownDay {
    pub fn duration_ms(&self, status: DutyStatus) -> i64 {
        self.durations_ms[status as usize]
    }
}

impl Shown<'_> {
    /// The spans that overlap the window, by time. They tile the time; one that ends later than
    /// now is under way.
    pub fn duty_log(&self, driver: usize, window: Window) -> Vec<DutySpan> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let mut spans = self.world.duty_log(driver, window);
        // Whether a span was struck out depends on the one before it, whose end that moves.
        for _ in 0..2 {
            let Some(before) = spans.first().and_then(|span| self.before(driver, span)) else {
                break;
            };
            spans.insert(0, before);
        }
        if let Some(last) = spans.last() {
            let next = self.world.duty_log(driver, instant(last.until));
            spans.extend(next);
        }
        let mut shown: Vec<DutySpan> = Vec::with_capacity(spans.len());
        for (place, span) in spans.iter().enumerate() {
            if span.from > self.now {
                break;
            }
            let before = place.checked_sub(1).map(|place| &spans[place]);
            match shown.last_mut() {
                Some(last) if self.is_struck_out(driver, span, before) => last.until = span.until,
                _ => shown.push(self.edited(driver, *span)),
            }
        }
        shown.retain(|span| overlaps(span.from, span.until, window));
        shown
    }

    fn before(&self, driver: usize, span: &DutySpan) -> Option<DutySpan> {
        let just_before = Window {
            from: super::after(span.from, -1),
            until: span.from,
        };
        self.world.duty_log(driver, just_before).pop()
    }

    /// Work that came after rest is made rest. Driving is recorded by the device: no edit takes any
    /// away.
    fn is_struck_out(&self, driver: usize, span: &DutySpan, before: Option<&DutySpan>) -> bool {
        let is_rest = |status| matches!(status, DutyStatus::OffDuty | DutyStatus::SleeperBed);
        let can_be = span.status == DutyStatus::OnDuty
            && before.is_some_and(|before| is_rest(before.status));
        can_be
            && matches!(
                self.faults.event_fault(EventKind::DutyChange, driver, span.from),
                RowFault::Withdrawn { at } if self.is_over(at)
            )
    }

    fn edited(&self, driver: usize, span: DutySpan) -> DutySpan {
        let fault = self
            .faults
            .event_fault(EventKind::DutyChange, driver, span.from);
        match (fault, span.status) {
            (RowFault::Edited { at }, _) if !self.is_over(at) => span,
            (RowFault::Edited { .. }, DutyStatus::OffDuty) => DutySpan {
                status: DutyStatus::SleeperBed,
                ..span
            },
            (RowFault::Edited { .. }, DutyStatus::SleeperBed) => DutySpan {
                status: DutyStatus::OffDuty,
                ..span
            },
            (RowFault::Edited { .. }, _) => DutySpan {
                remark: Some(ANNOTATION),
                ..span
            },
            _ => span,
        }
    }

    /// `None` for who keeps no log, and for days that history does not touch or that are to come.
    pub fn daily_log(&self, driver: usize, date: Date) -> Option<ShownDay> {
        let plain = self.world.daily_log(driver, date, self.now)?;
        let mut shown = ShownDay {
            date,
            day: plain.day,
            durations_ms: [0; 6],
            driven_m: clear_of_halves(plain.driven_m),
            yard_move_m: clear_of_halves(plain.yard_move_m),
            personal_conveyance_m: clear_of_halves(plain.personal_conveyance_m),
            vehicles: plain.vehicles,
        };
        let so_far = Window::new(plain.day.from, plain.day.until.min(self.now));
        if let Some(so_far) = so_far {
            // Before history everybody rests.
            let begins_at = self.world.config().begins_at;
            let before_ms = begins_at.min(so_far.until).millis() - so_far.from.millis();
            shown.durations_ms[DutyStatus::OffDuty as usize] += before_ms.max(0);
            for span in self.duty_log(driver, so_far) {
                let from = span.from.max(so_far.from);
                let until = span.until.min(so_far.until);
                shown.durations_ms[span.status as usize] += until.millis() - from.millis();
            }
        }
        Some(shown)
    }
}
