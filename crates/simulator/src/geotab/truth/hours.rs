//! The truth about hours of service.

use std::collections::BTreeMap;

use jiff::civil;
use model::hos::{HosDailyLog, HosDistances, HosLog, HosRemark, HosStatus, HosStatusDurations};
use model::live::{AvailableTime, HosAvailableTime};
use model::{Timestamp, Window};

use super::super::duty::{DutyRow, NoteRow};
use super::super::ids;
use super::{GeotabTruth, PROVIDER};
use crate::fleet::zone::local_day;
use crate::fleet::{DutyStatus, Signal};
use crate::shown::{after, instant};
use crate::truth::arithmetic::{coordinates, decimal, rounded};
use crate::truth::words::{common_date, common_status};

/// What a day holds of one status.
#[derive(Default)]
struct Held {
    ms: i64,
    /// In thousandths: a status that lasts over midnight gives each day its part by time.
    millimetres: i128,
    is_measured: bool,
    is_unknown: bool,
}

impl GeotabTruth {
    /// Statuses from the last that began before the window on, with the end of each.
    fn spans(&self, driver: usize, window: Window) -> Vec<(DutyRow, Option<Timestamp>)> {
        let database = self.database();
        let before = database.duty_before(driver, after(window.from, -1));
        let mut rows: Vec<DutyRow> = before.into_iter().collect();
        rows.extend(database.duty_logs(driver, window));
        // What ends the last of them may lie behind the window.
        let next = rows.last().and_then(|last| {
            let last_at = last.span.from;
            let shown = self.scope.shown().duty_log(driver, instant(last_at));
            let until = shown.first().map(|span| span.until)?;
            (until <= self.scope.now).then_some(until)
        });
        let begins = rows.iter().skip(1).map(|row| Some(row.span.from));
        let ends: Vec<Option<Timestamp>> = begins.chain([next]).collect();
        rows.into_iter().zip(ends).collect()
    }

    /// Duty statuses that began since reading did, by driver and time.
    pub(super) fn true_hos_logs(&self) -> Vec<HosLog> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let mut logs = Vec::new();
        for driver in 0..self.scope.world.drivers().len() {
            let notes = self.database().notes(driver, span);
            for (row, ended_at) in self.spans(driver, span) {
                if row.span.from >= span.from {
                    logs.push(self.hos_log(&row, ended_at, &notes));
                }
            }
        }
        logs
    }

    fn hos_log(&self, row: &DutyRow, ended_at: Option<Timestamp>, notes: &[NoteRow]) -> HosLog {
        let span = &row.span;
        let source_id = ids::id(row.number);
        // The first status was there before anybody could record it.
        let was_recorded = span.from != self.scope.world.config().begins_at;
        let noted = notes.iter().filter(|note| Some(note.number) == row.note);
        HosLog {
            id: self.scope.ids.hos_log(&source_id),
            status: common_status(span.status),
            source_id,
            provider: PROVIDER.to_owned(),
            driver: self.driver_id(row.driver),
            vehicle: span.vehicle.map(|vehicle| self.vehicle_id(vehicle)),
            codrivers: span
                .codriver
                .map(|driver| self.driver_id(driver))
                .into_iter()
                .collect(),
            location: was_recorded.then(|| coordinates(span.position)),
            remarks: noted
                .map(|note| HosRemark {
                    source_id: Some(ids::id(note.number)),
                    submitted_at: Some(note.at),
                    notes: note.comment.to_owned(),
                })
                .collect(),
            started_at: span.from,
            ended_at,
        }
    }

    /// Drivers' days so far, each in the driver's zone, by driver and date.
    pub(super) fn true_hos_daily_logs(&self) -> Vec<HosDailyLog> {
        let dates = self.scope.dates();
        let mut logs = Vec::new();
        for driver in 0..self.scope.world.drivers().len() {
            let zone = self.scope.world.driver_time_zone(driver);
            for date in &dates {
                let day = local_day(&zone, *date);
                logs.extend(day.and_then(|day| self.hos_daily_log(driver, *date, day)));
            }
        }
        logs
    }

    fn hos_daily_log(&self, driver: usize, date: civil::Date, day: Window) -> Option<HosDailyLog> {
        let so_far = Window::new(day.from, day.until.min(self.scope.now))?;
        let mut held: BTreeMap<&'static str, Held> = BTreeMap::new();
        for (row, ended_at) in self.spans(driver, so_far) {
            let lasted = Window::new(row.span.from, ended_at.unwrap_or(self.scope.now));
            let part = lasted.and_then(|lasted| Some((lasted, lasted.intersect(&so_far)?)));
            let Some((lasted, part)) = part else {
                continue;
            };
            let held = held
                .entry(common_status(row.span.status).name())
                .or_default();
            held.ms += part.length_ms();
            match self.metres(&row, ended_at) {
                Some(metres) => {
                    let share = i128::from(part.length_ms());
                    held.millimetres +=
                        i128::from(metres) * 1_000 * share / i128::from(lasted.length_ms());
                    held.is_measured = true;
                }
                None => held.is_unknown = true,
            }
        }
        if held.is_empty() {
            return None;
        }
        let date = common_date(date)?;
        let source_id = format!("{}-{date}", ids::user_id(driver));
        let ms = |status: HosStatus| Some(held.get(status.name()).map_or(0, |held| held.ms));
        let distances = distances(&held);
        Some(HosDailyLog {
            id: self.scope.ids.hos_daily_log(&source_id),
            source_id,
            provider: PROVIDER.to_owned(),
            driver: self.driver_id(driver),
            date,
            distances: (distances != HosDistances::default()).then_some(distances),
            status_durations: HosStatusDurations {
                on_duty: ms(HosStatus::OnDuty),
                off_duty: ms(HosStatus::OffDuty),
                driving: ms(HosStatus::Driving),
                waiting: ms(HosStatus::WaitingTime),
                sleeper_bed: ms(HosStatus::SleeperBed),
                personal_conveyance: ms(HosStatus::PersonalConveyance),
                yard_move: ms(HosStatus::YardMove),
            },
        })
    }

    /// What the odometer moved from a status to the next, where both were in one vehicle.
    fn metres(&self, row: &DutyRow, ended_at: Option<Timestamp>) -> Option<i64> {
        let (world, ended_at) = (&self.scope.world, ended_at?);
        let vehicle = row.span.vehicle?;
        let next = self.database().duty_logs(row.driver, instant(ended_at));
        let is_same = next.first()?.span.vehicle == Some(vehicle);
        let is_read = world.vehicles()[vehicle].reports(Signal::BusOdometerMetres);
        let odometer = |time| world.moment(vehicle, time).odometer_m;
        (is_same && is_read).then(|| odometer(ended_at) - odometer(row.span.from))
    }

    /// The hours left of who keeps a log, in the order of the plan.
    pub(super) fn true_available_times(&self) -> Vec<HosAvailableTime> {
        let now = self.scope.now;
        let drivers = 0..self.scope.world.drivers().len();
        drivers
            .filter_map(|driver| {
                let clocks = self.scope.world.clocks(driver, now)?;
                let current = self.database().duty_before(driver, now);
                Some(HosAvailableTime {
                    provider: PROVIDER.to_owned(),
                    driver: self.driver_id(driver),
                    current_status: current.map(|row| common_status(row.span.status)),
                    available_time: AvailableTime {
                        cycle: Some(clocks.cycle_ms),
                        shift: Some(clocks.shift_ms),
                        drive: Some(clocks.drive_ms),
                        until_break: Some(clocks.until_break_ms),
                    },
                })
            })
            .collect()
    }
}

/// A status that the day has nothing of moved nobody, if odometers are known at all.
fn distances(held: &BTreeMap<&'static str, Held>) -> HosDistances {
    let is_measured = held.values().any(|held| held.is_measured);
    let dam = |status: DutyStatus| match held.get(common_status(status).name()) {
        Some(held) if held.is_unknown => None,
        Some(held) => Some(rounded(held.millimetres, 10_000)),
        None => is_measured.then_some(0),
    };
    let driving = dam(DutyStatus::Driving);
    let personal = dam(DutyStatus::PersonalConveyance);
    let yard = dam(DutyStatus::YardMove);
    let total = driving
        .zip(personal)
        .zip(yard)
        .map(|((driving, personal), yard)| driving + personal + yard);
    HosDistances {
        total: total.map(decimal),
        driving: driving.map(decimal),
        personal_conveyance: personal.map(decimal),
        yard_move: yard.map(decimal),
    }
}
