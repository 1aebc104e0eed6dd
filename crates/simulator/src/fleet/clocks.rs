//! Sums over a driver's log: a day of it, and the hours that are left.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use model::{Timestamp, Window};

use super::World;
use super::duty::{DutySpan, DutyStatus};
use super::zone::{local_date, local_day};

const CYCLE_MS: i64 = 70 * HOUR_MS;
const CYCLE_DAYS: i32 = 8;
const SHIFT_MS: i64 = 14 * HOUR_MS;
const DRIVE_MS: i64 = 11 * HOUR_MS;
const UNTIL_BREAK_MS: i64 = 8 * HOUR_MS;
/// Rest after which a shift begins anew, a stop that is a break, and rest that ends a cycle.
const SHIFT_REST_MS: i64 = 10 * HOUR_MS;
const BREAK_MS: i64 = 30 * MINUTE_MS;
const CYCLE_REST_MS: i64 = 34 * HOUR_MS;

/// A driver's log of one day in the driver's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailyLog {
    /// The whole day: 23, 24 or 25 hours.
    pub day: Window,
    durations_ms: [i64; DutyStatus::ALL.len()],
    pub driven_m: i64,
    pub yard_move_m: i64,
    pub personal_conveyance_m: i64,
    /// The vehicles of the day, each once, in the order of their use.
    pub vehicles: Vec<usize>,
}

/// What the law leaves a driver, milliseconds, never below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DutyClocks {
    pub status: DutyStatus,
    /// Since when.
    pub since: Timestamp,
    pub vehicle: Option<usize>,
    /// Of 70 hours on duty in 8 days.
    pub cycle_ms: i64,
    /// Of the 14 hours after coming on duty.
    pub shift_ms: i64,
    /// Of 11 hours of driving.
    pub drive_ms: i64,
    /// Of 8 hours of driving before a break of half an hour.
    pub until_break_ms: i64,
    /// What the cycle will have again tomorrow at midnight, if no more work is done today.
    pub cycle_tomorrow_ms: i64,
    /// When the present cycle began: the end of the last rest of 34 hours, or the start of the
    /// first of the 8 days.
    pub cycle_started_at: Timestamp,
}

impl DailyLog {
    pub fn duration_ms(&self, status: DutyStatus) -> i64 {
        self.durations_ms[status as usize]
    }
}

impl World {
    /// The log of `date` in the driver's zone as it stood at `now` (a later `now` than the day's
    /// end, such as [`Timestamp::MAX`], gives the whole day, whose durations sum exactly to its
    /// length). Time before history counts as off duty. `None` for a driver who is not active, for
    /// days that history does not touch, and for days after `now`.
    pub fn daily_log(&self, driver: usize, date: Date, now: Timestamp) -> Option<DailyLog> {
        if !self.drivers()[driver].is_active {
            return None;
        }
        let day = local_day(&self.driver_time_zone(driver), date)?;
        let known = Window::new(day.from, day.until.min(now))?;
        let in_history = self.within_history(known)?;
        let mut log = DailyLog {
            day,
            durations_ms: [0; DutyStatus::ALL.len()],
            driven_m: 0,
            yard_move_m: 0,
            personal_conveyance_m: 0,
            vehicles: Vec::new(),
        };
        let before_history_ms = in_history.from.millis() - known.from.millis();
        let after_history_ms = known.until.millis() - in_history.until.millis();
        log.durations_ms[DutyStatus::OffDuty as usize] += before_history_ms + after_history_ms;
        for span in self.duty_log(driver, in_history) {
            let part =
                Window::new(span.from, span.until).and_then(|span| span.intersect(&in_history));
            if let Some(part) = part {
                self.count(&mut log, &span, part);
            }
        }
        Some(log)
    }

    fn count(&self, log: &mut DailyLog, span: &DutySpan, part: Window) {
        log.durations_ms[span.status as usize] += part.length_ms();
        let Some(vehicle) = span.vehicle else {
            return;
        };
        if !log.vehicles.contains(&vehicle) {
            log.vehicles.push(vehicle);
        }
        let metres = || self.utilization(vehicle, part.from, part.until).metres;
        match span.status {
            DutyStatus::Driving => log.driven_m += metres(),
            DutyStatus::YardMove => log.yard_move_m += metres(),
            DutyStatus::PersonalConveyance => log.personal_conveyance_m += metres(),
            DutyStatus::OffDuty | DutyStatus::SleeperBed | DutyStatus::OnDuty => {}
        }
    }

    /// `None` for a driver who is not active, and outside history.
    pub fn clocks(&self, driver: usize, now: Timestamp) -> Option<DutyClocks> {
        let until = Timestamp::from_millis(now.millis().checked_add(1)?);
        self.within_history(Window::new(now, until)?)?;
        // A rest of 34 hours that touches the 8 days may have begun before them.
        let from = Timestamp::from_millis(now.millis() - 12 * DAY_MS);
        let log = self.duty_log(driver, Window::new(from, until)?);
        let present = *log.last()?;
        let zone = self.driver_time_zone(driver);
        let cycle_started_at = cycle_start(&log, first_day_of_cycle(&zone, now, 0)?, now);
        let of_tomorrow = cycle_start(&log, first_day_of_cycle(&zone, now, 1)?, now);
        let (driven_ms, shift_ms) = shift(&log, now);
        let left = |limit_ms: i64, used_ms: i64| (limit_ms - used_ms).max(0);
        Some(DutyClocks {
            status: present.status,
            since: present.from,
            vehicle: present.vehicle,
            cycle_ms: left(CYCLE_MS, on_duty_ms(&log, cycle_started_at, now)),
            shift_ms: left(SHIFT_MS, shift_ms),
            drive_ms: left(DRIVE_MS, driven_ms),
            until_break_ms: left(UNTIL_BREAK_MS, driven_since_break_ms(&log, now)),
            cycle_tomorrow_ms: left(CYCLE_MS, on_duty_ms(&log, of_tomorrow, now)),
            cycle_started_at,
        })
    }
}

/// The start of the first of the 8 days that end with today, or `later` days later.
fn first_day_of_cycle(zone: &TimeZone, now: Timestamp, later: i32) -> Option<Timestamp> {
    let back = jiff::Span::new().try_days(CYCLE_DAYS - 1 - later).ok()?;
    let first = local_date(zone, now).checked_sub(back).ok()?;
    Some(local_day(zone, first)?.from)
}

fn part_ms(span: &DutySpan, from: Timestamp, until: Timestamp) -> i64 {
    (span.until.min(until).millis() - span.from.max(from).millis()).max(0)
}

/// The end of the last rest that was long enough, or `earliest`.
fn cycle_start(log: &[DutySpan], earliest: Timestamp, now: Timestamp) -> Timestamp {
    let mut start = earliest;
    let mut rested_ms = 0;
    for span in log {
        if !span.status.is_rest() {
            rested_ms = 0;
            continue;
        }
        rested_ms += part_ms(span, Timestamp::MIN, now);
        if rested_ms >= CYCLE_REST_MS {
            start = start.max(span.until.min(now));
        }
    }
    start
}

fn on_duty_ms(log: &[DutySpan], from: Timestamp, now: Timestamp) -> i64 {
    log.iter()
        .filter(|span| !span.status.is_rest())
        .map(|span| part_ms(span, from, now))
        .sum()
}

/// Driving in the present shift, and time since it began.
fn shift(log: &[DutySpan], now: Timestamp) -> (i64, i64) {
    let (mut driven_ms, mut rested_ms, mut began) = (0, 0, None);
    for span in log {
        let ms = part_ms(span, Timestamp::MIN, now);
        if span.status.is_rest() {
            rested_ms += ms;
            if rested_ms >= SHIFT_REST_MS {
                (driven_ms, began) = (0, None);
            }
            continue;
        }
        rested_ms = 0;
        began = began.or(Some(span.from));
        if span.status == DutyStatus::Driving {
            driven_ms += ms;
        }
    }
    let shift_ms = began.map_or(0, |began: Timestamp| now.millis() - began.millis());
    (driven_ms, shift_ms)
}

fn driven_since_break_ms(log: &[DutySpan], now: Timestamp) -> i64 {
    let (mut driven_ms, mut break_ms) = (0, 0);
    for span in log {
        let ms = part_ms(span, Timestamp::MIN, now);
        if span.status == DutyStatus::Driving {
            driven_ms += ms;
            break_ms = 0;
        } else {
            break_ms += ms;
            if break_ms >= BREAK_MS {
                driven_ms = 0;
            }
        }
    }
    driven_ms
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::WorldConfig;
    use super::*;

    fn world(begins_at: &str) -> World {
        let begins_at = begins_at.parse().unwrap();
        World::new(WorldConfig::days_before(begins_at, 0, 51))
    }

    #[test]
    fn a_day_of_the_log_is_as_long_as_the_day() {
        let world = world("2026-03-06T17:20:00.000Z");
        let mut lengths = Vec::new();
        let (mut driven_m, mut personal_m) = (0, 0);
        for driver in world.drivers().iter().filter(|driver| driver.is_active) {
            for day in 6..=10 {
                let date = date(2026, 3, day);
                let log = world.daily_log(driver.index, date, Timestamp::MAX).unwrap();
                let sum: i64 = DutyStatus::ALL.iter().map(|s| log.duration_ms(*s)).sum();
                assert_eq!(sum, log.day.length_ms(), "{} {date}", driver.index);
                assert_eq!(log.duration_ms(DutyStatus::Driving) > 0, log.driven_m > 0);
                lengths.push(log.day.length_ms() / HOUR_MS);
                driven_m += log.driven_m;
                personal_m += log.personal_conveyance_m;
            }
            let before = world.daily_log(driver.index, date(2026, 3, 4), Timestamp::MAX);
            assert_eq!(before, None);
        }
        assert!(
            lengths.contains(&23) && lengths.contains(&24),
            "{lengths:?}"
        );
        assert!(driven_m > 5_000_000 && personal_m > 0);
    }

    #[test]
    fn a_day_under_way_goes_until_now() {
        let world = world("2026-03-06T17:20:00.000Z");
        let now: Timestamp = "2026-03-12T18:00:00.000Z".parse().unwrap();
        for driver in world.drivers().iter().filter(|driver| driver.is_active) {
            let log = world
                .daily_log(driver.index, date(2026, 3, 12), now)
                .unwrap();
            let sum: i64 = DutyStatus::ALL.iter().map(|s| log.duration_ms(*s)).sum();
            assert_eq!(sum, now.millis() - log.day.from.millis());
            assert_eq!(world.daily_log(driver.index, date(2026, 3, 13), now), None);
        }
    }

    #[test]
    fn clocks_run_down_with_the_work_and_start_anew_after_rest() {
        let world = world("2026-03-06T00:00:00.000Z");
        let begins_at = world.config().begins_at;
        let (mut lowest, mut full) = (i64::MAX, 0);
        for driver in world.drivers().iter().filter(|driver| driver.is_active) {
            let mut last: Option<DutyClocks> = None;
            for quarter in 0..12 * 96 {
                let now = Timestamp::from_millis(begins_at.millis() + quarter * 15 * MINUTE_MS);
                let clocks = world.clocks(driver.index, now).unwrap();
                assert!(clocks.since <= now);
                assert!((0..=CYCLE_MS).contains(&clocks.cycle_ms));
                assert!(clocks.cycle_tomorrow_ms >= clocks.cycle_ms);
                assert!((0..=SHIFT_MS).contains(&clocks.shift_ms));
                lowest = lowest.min(clocks.drive_ms);
                full += usize::from(clocks.drive_ms == DRIVE_MS && clocks.shift_ms == SHIFT_MS);
                let is_driving = clocks.status == DutyStatus::Driving;
                if let Some(last) = last.filter(|_| is_driving) {
                    assert!(clocks.drive_ms > 0 && clocks.shift_ms > 0 && clocks.cycle_ms > 0);
                    assert!(clocks.until_break_ms > 0);
                    assert!(clocks.drive_ms <= last.drive_ms);
                }
                last = Some(clocks);
            }
        }
        assert!(lowest < 4 * HOUR_MS, "{lowest}");
        assert!(full > 1_000, "{full}");
    }
}
