//! The truth about hours of service.

use model::hos::{HosDailyLog, HosDistances, HosLog, HosRemark, HosStatusDurations};
use model::live::{AvailableTime, HosAvailableTime};

use super::{PROVIDER, SamsaraTruth};
use crate::fleet::{DutySpan, DutyStatus};
use crate::samsara::RESTED_MS;
use crate::shown::duty::ShownDay;
use crate::truth::arithmetic::{coordinates, thousandth};
use crate::truth::words::{common_date, common_status};

impl SamsaraTruth {
    /// Duty statuses that began since reading did, by driver and time.
    pub(super) fn true_hos_logs(&self) -> Vec<HosLog> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let mut logs = Vec::new();
        for driver in 0..self.scope.world.drivers().len() {
            for found in self.shown().duty_log(driver, span) {
                if found.from >= span.from {
                    logs.push(self.hos_log(driver, &found));
                }
            }
        }
        logs
    }

    fn hos_log(&self, driver: usize, span: &DutySpan) -> HosLog {
        let status = common_status(span.status);
        let source_id = &self.scope.world.drivers()[driver].source_id;
        let key = format!("{source_id}:{}:{}", span.from, status.name());
        // The first status was there before anybody could record it.
        let was_recorded = span.from != self.scope.world.config().begins_at;
        HosLog {
            id: self.scope.ids.hos_log(&key),
            status,
            source_id: key,
            provider: PROVIDER.to_owned(),
            driver: self.driver_id(driver),
            vehicle: span.vehicle.map(|vehicle| self.vehicle_id(vehicle)),
            codrivers: span
                .codriver
                .map(|driver| self.driver_id(driver))
                .into_iter()
                .collect(),
            location: was_recorded.then(|| coordinates(span.position)),
            remarks: span
                .remark
                .filter(|remark| !remark.is_empty())
                .map(|notes| HosRemark {
                    source_id: None,
                    submitted_at: None,
                    notes: notes.to_owned(),
                })
                .into_iter()
                .collect(),
            started_at: span.from,
            ended_at: self.shown().is_over(span.until).then_some(span.until),
        }
    }

    /// Drivers' days so far, by driver and date.
    pub(super) fn true_hos_daily_logs(&self) -> Vec<HosDailyLog> {
        let dates = self.scope.dates();
        let mut logs = Vec::new();
        for driver in 0..self.scope.world.drivers().len() {
            let days = dates
                .iter()
                .filter_map(|date| self.shown().daily_log(driver, *date));
            logs.extend(days.filter_map(|day| self.hos_daily_log(driver, &day)));
        }
        logs
    }

    fn hos_daily_log(&self, driver: usize, day: &ShownDay) -> Option<HosDailyLog> {
        let date = common_date(day.date)?;
        let source_id = &self.scope.world.drivers()[driver].source_id;
        let key = format!("{source_id}:{date}");
        let of = |status| day.duration_ms(status);
        let personal_conveyance = of(DutyStatus::PersonalConveyance);
        Some(HosDailyLog {
            id: self.scope.ids.hos_daily_log(&key),
            source_id: key,
            provider: PROVIDER.to_owned(),
            driver: self.driver_id(driver),
            date,
            distances: Some(HosDistances {
                total: None,
                driving: Some(thousandth(day.driven_m)),
                personal_conveyance: Some(thousandth(day.personal_conveyance_m)),
                yard_move: Some(thousandth(day.yard_move_m)),
            }),
            status_durations: HosStatusDurations {
                on_duty: Some(of(DutyStatus::OnDuty)),
                // Samsara counts personal conveyance as time off duty, too.
                off_duty: Some(of(DutyStatus::OffDuty) + personal_conveyance),
                driving: Some(of(DutyStatus::Driving)),
                waiting: Some(0),
                sleeper_bed: Some(of(DutyStatus::SleeperBed)),
                personal_conveyance: Some(personal_conveyance),
                yard_move: Some(of(DutyStatus::YardMove)),
            },
        })
    }

    /// The hours that every listed driver has left, in the order of [`SamsaraTruth::drivers`].
    pub(super) fn true_available_times(&self) -> Vec<HosAvailableTime> {
        let mut times = Vec::new();
        for plan in self.scope.world.drivers() {
            let driver = self.driver_id(plan.index);
            if !self.drivers.iter().any(|listed| listed.id == driver) {
                continue;
            }
            let clocks = self.scope.world.clocks(plan.index, self.scope.now);
            let (until_break, cycle, drive, shift) = clocks.as_ref().map_or(RESTED_MS, |clocks| {
                (
                    clocks.until_break_ms,
                    clocks.cycle_ms,
                    clocks.drive_ms,
                    clocks.shift_ms,
                )
            });
            times.push(HosAvailableTime {
                provider: PROVIDER.to_owned(),
                driver,
                current_status: clocks.map(|clocks| common_status(clocks.status)),
                available_time: AvailableTime {
                    cycle: Some(cycle),
                    shift: Some(shift),
                    drive: Some(drive),
                    until_break: Some(until_break),
                },
            });
        }
        times
    }
}
