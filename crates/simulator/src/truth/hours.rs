//! The truth about hours of service.

use jiff::civil;
use model::hos::{HosDailyLog, HosDistances, HosLog, HosRemark, HosStatus, HosStatusDurations};
use model::live::{AvailableTime, HosAvailableTime};
use model::zone::Date;

use super::{PROVIDER, Truth, coordinates, thousandth};
use crate::fleet::zone::local_date;
use crate::fleet::{DutySpan, DutyStatus};
use crate::samsara::RESTED_MS;
use crate::shown::duty::ShownDay;

pub(super) fn common_status(status: DutyStatus) -> HosStatus {
    match status {
        DutyStatus::OffDuty => HosStatus::OffDuty,
        DutyStatus::SleeperBed => HosStatus::SleeperBed,
        DutyStatus::Driving => HosStatus::Driving,
        DutyStatus::OnDuty => HosStatus::OnDuty,
        DutyStatus::YardMove => HosStatus::YardMove,
        DutyStatus::PersonalConveyance => HosStatus::PersonalConveyance,
    }
}

pub(super) fn common_date(date: civil::Date) -> Option<Date> {
    Date::parse(&date.to_string())
}

impl Truth {
    /// Duty statuses that began since reading did, by driver and time.
    pub fn hos_logs(&self) -> Vec<HosLog> {
        let Some(span) = self.span() else {
            return Vec::new();
        };
        let mut logs = Vec::new();
        for driver in 0..self.world.drivers().len() {
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
        let source_id = &self.world.drivers()[driver].source_id;
        let key = format!("{source_id}:{}:{}", span.from, status.name());
        // The first status was there before anybody could record it.
        let was_recorded = span.from != self.world.config().begins_at;
        HosLog {
            id: self.ids.hos_log(&key),
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

    /// Dates of the fleet's zone from the one on which reading begins until today. Drivers' days
    /// are asked for by these dates, wherever the drivers live.
    pub(super) fn dates(&self) -> Vec<civil::Date> {
        let zone = self.world.time_zone();
        let Some(span) = self.span() else {
            return Vec::new();
        };
        let mut dates = vec![local_date(&zone, span.from)];
        let today = local_date(&zone, self.now);
        while let Some(next) = dates.last().and_then(|date| date.tomorrow().ok())
            && next <= today
        {
            dates.push(next);
        }
        dates
    }

    /// Drivers' days so far, by driver and date.
    pub fn hos_daily_logs(&self) -> Vec<HosDailyLog> {
        let dates = self.dates();
        let mut logs = Vec::new();
        for driver in 0..self.world.drivers().len() {
            let days = dates
                .iter()
                .filter_map(|date| self.shown().daily_log(driver, *date));
            logs.extend(days.filter_map(|day| self.hos_daily_log(driver, &day)));
        }
        logs
    }

    fn hos_daily_log(&self, driver: usize, day: &ShownDay) -> Option<HosDailyLog> {
        let date = common_date(day.date)?;
        let source_id = &self.world.drivers()[driver].source_id;
        let key = format!("{source_id}:{date}");
        let of = |status| day.duration_ms(status);
        let personal_conveyance = of(DutyStatus::PersonalConveyance);
        Some(HosDailyLog {
            id: self.ids.hos_daily_log(&key),
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

    /// The hours that every listed driver has left, in the order of [`Truth::drivers`].
    pub fn available_times(&self) -> Vec<HosAvailableTime> {
        let mut times = Vec::new();
        for plan in self.world.drivers() {
            let driver = self.driver_id(plan.index);
            if !self.drivers.iter().any(|listed| listed.id == driver) {
                continue;
            }
            let clocks = self.world.clocks(plan.index, self.now);
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
