//! The truth about hours of service.

use jiff::civil;
use model::hos::{HosDailyLog, HosDistances, HosLog, HosRemark, HosStatusDurations};
use model::live::{AvailableTime, HosAvailableTime};
use model::{Timestamp, Window};

use super::super::duty::{DutyDay, DutyEvent, events, wire_type};
use super::super::{hos, ids};
use super::{MotiveTruth, PROVIDER};
use crate::fleet::DutyStatus;
use crate::fleet::zone::local_date;
use crate::truth::arithmetic::{decimal, rounded};
use crate::truth::words::{common_date, common_status};

impl MotiveTruth {
    /// Duty statuses that began since reading did, by driver and time.
    pub fn hos_logs(&self) -> Vec<HosLog> {
        let Some(span) = self.span_of("/v1/logs") else {
            return Vec::new();
        };
        let mut logs = Vec::new();
        for driver in 0..self.scope.world.drivers().len() {
            for event in events(&self.shown(), driver, span) {
                if event.from >= span.from {
                    logs.extend(self.hos_log(driver, &event));
                }
            }
        }
        logs
    }

    /// Vehicle and co-drivers are those of the day on which the status began; of several vehicles
    /// it is not known which.
    fn hos_log(&self, driver: usize, event: &DutyEvent) -> Option<HosLog> {
        let zone = self.scope.world.driver_time_zone(driver);
        let day = DutyDay::of(&self.shown(), driver, local_date(&zone, event.from))?;
        let vehicle = match day.shown.vehicles.as_slice() {
            [only] => Some(self.vehicle_id(*only)),
            _ => None,
        };
        let beside = !hos::notes_on_events(driver);
        let remark = |notes: &str| HosRemark {
            source_id: beside.then(|| hos::remark(event.id).to_string()),
            submitted_at: beside.then_some(event.from),
            notes: notes.to_owned(),
        };
        let source_id = event.id.to_string();
        Some(HosLog {
            id: self.scope.ids.hos_log(&source_id),
            status: common_status(event.status),
            source_id,
            provider: PROVIDER.to_owned(),
            driver: self.driver_id(driver),
            vehicle,
            codrivers: day
                .codrivers
                .iter()
                .map(|one| self.driver_id(*one))
                .collect(),
            location: None,
            remarks: event.note.map(remark).into_iter().collect(),
            started_at: event.from,
            ended_at: event.until,
        })
    }

    /// Drivers' days so far, by driver and date.
    pub fn hos_daily_logs(&self) -> Vec<HosDailyLog> {
        if self.is_hidden("/v1/logs") {
            return Vec::new();
        }
        let dates = self.scope.dates();
        let mut logs = Vec::new();
        for driver in 0..self.scope.world.drivers().len() {
            let days = dates.iter().filter_map(|date| {
                let day = DutyDay::of(&self.shown(), driver, *date)?;
                self.hos_daily_log(driver, *date, &day)
            });
            logs.extend(days);
        }
        logs
    }

    fn hos_daily_log(
        &self,
        driver: usize,
        date: civil::Date,
        day: &DutyDay,
    ) -> Option<HosDailyLog> {
        let now = self.scope.now;
        let source_id = ids::day_log(driver, date).to_string();
        let of = |wire| Some(day.seconds_of(wire, now) * 1_000);
        Some(HosDailyLog {
            id: self.scope.ids.hos_daily_log(&source_id),
            source_id,
            provider: PROVIDER.to_owned(),
            driver: self.driver_id(driver),
            date: common_date(date)?,
            distances: Some(HosDistances {
                // Whole kilometres come over the wire.
                total: Some(decimal(rounded(day.metres().into(), 1_000) * 100)),
                driving: None,
                personal_conveyance: None,
                yard_move: None,
            }),
            status_durations: HosStatusDurations {
                on_duty: of("on_duty"),
                off_duty: of("off_duty"),
                driving: of("driving"),
                waiting: Some(0),
                sleeper_bed: of("sleeper"),
                personal_conveyance: Some(special_ms(day, DutyStatus::PersonalConveyance, now)),
                yard_move: Some(special_ms(day, DutyStatus::YardMove, now)),
            },
        })
    }

    /// The hours that every listed driver who keeps a log has left.
    pub fn available_times(&self) -> Vec<HosAvailableTime> {
        let whole_seconds = |ms: i64| Some(ms / 1_000 * 1_000);
        let drivers = self.scope.world.drivers().iter();
        drivers
            .filter(|plan| plan.is_active)
            .filter_map(|plan| {
                let driver = self.driver_id(plan.index);
                self.drivers.iter().find(|listed| listed.id == driver)?;
                let clocks = self.scope.world.clocks(plan.index, self.scope.now)?;
                Some(HosAvailableTime {
                    provider: PROVIDER.to_owned(),
                    driver,
                    // Nothing says what kind of it.
                    current_status: Some(common_status(plain(clocks.status))),
                    available_time: AvailableTime {
                        cycle: whole_seconds(clocks.cycle_ms),
                        shift: whole_seconds(clocks.shift_ms),
                        drive: whole_seconds(clocks.drive_ms),
                        until_break: whole_seconds(clocks.until_break_ms),
                    },
                })
            })
            .collect()
    }
}

/// The status that the wire has a word for.
fn plain(status: DutyStatus) -> DutyStatus {
    let same_word = |one: &DutyStatus| wire_type(*one) == wire_type(status);
    DutyStatus::ALL
        .into_iter()
        .find(same_word)
        .unwrap_or(status)
}

/// Milliseconds of a kind that no sum is made of: what is under way lasts until now.
fn special_ms(day: &DutyDay, status: DutyStatus, now: Timestamp) -> i64 {
    let pieces = day
        .pieces
        .iter()
        .filter(|piece| piece.event.status == status);
    let lasted = pieces.filter_map(|piece| Window::new(piece.from, piece.until.unwrap_or(now)));
    lasted.map(|window| window.length_ms()).sum()
}
