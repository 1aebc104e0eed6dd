//! The law, held against every driver's log.

use super::super::WorldConfig;
use super::*;

const BEGINS_AT: Timestamp = Timestamp::from_millis(1_749_969_600_000);
const DAYS: i64 = 21;

fn world(seed: u64) -> World {
    World::new(WorldConfig::days_before(BEGINS_AT, 0, seed))
}

fn after(ms: i64) -> Timestamp {
    Timestamp::from_millis(BEGINS_AT.millis() + ms)
}

fn all_days() -> Window {
    Window::new(BEGINS_AT, after(DAYS * DAY_MS)).unwrap()
}

fn active(world: &World) -> impl Iterator<Item = usize> {
    let drivers = world.drivers().iter().filter(|driver| driver.is_active);
    drivers.map(|driver| driver.index)
}

fn length_ms(span: &DutySpan) -> i64 {
    span.until.millis().saturating_sub(span.from.millis())
}

#[test]
fn spans_tile_the_time() {
    let world = world(41);
    for driver in active(&world) {
        let log = world.duty_log(driver, all_days());
        assert_eq!(log[0].from, BEGINS_AT);
        for pair in log.windows(2) {
            assert_eq!(pair[0].until, pair[1].from);
            assert!(pair[0].from < pair[0].until);
            assert_ne!(pair[0].status, pair[1].status);
        }
        assert!(log.last().unwrap().until >= all_days().until);
    }
    for driver in world.drivers().iter().filter(|driver| !driver.is_active) {
        assert_eq!(world.duty_log(driver.index, all_days()), []);
    }
}

#[test]
fn a_part_of_the_log_is_the_same_as_the_whole() {
    let world = world(42);
    for driver in active(&world) {
        let log = world.duty_log(driver, all_days());
        for hour in (0..DAYS * 24).step_by(7) {
            let window = Window::new(after(hour * HOUR_MS), after((hour + 5) * HOUR_MS)).unwrap();
            let wanted: Vec<DutySpan> = log
                .iter()
                .filter(|span| span.from < window.until && window.from < span.until)
                .copied()
                .collect();
            if window.until <= all_days().until {
                assert_eq!(world.duty_log(driver, window), wanted, "{driver} {window}");
            }
        }
    }
}

/// 11 hours of driving and 14 of duty after 10 of rest; 8 of driving after a break of 30 minutes.
fn check_shifts(log: &[DutySpan]) {
    let (mut rested_ms, mut break_ms) = (10 * HOUR_MS, HOUR_MS);
    let (mut driven_ms, mut driven_since_break_ms) = (0, 0);
    let mut came_on_duty = None;
    for span in log {
        let ms = length_ms(span);
        rested_ms = if span.status.is_rest() {
            rested_ms + ms
        } else {
            0
        };
        if rested_ms >= 10 * HOUR_MS {
            (driven_ms, came_on_duty) = (0, None);
        }
        if !span.status.is_rest() && came_on_duty.is_none() {
            came_on_duty = Some(span.from);
        }
        if span.status != DutyStatus::Driving {
            break_ms += ms;
            if break_ms >= 30 * MINUTE_MS {
                driven_since_break_ms = 0;
            }
            continue;
        }
        break_ms = 0;
        driven_ms += ms;
        driven_since_break_ms += ms;
        assert!(driven_ms <= 11 * HOUR_MS, "{span:?}");
        assert!(driven_since_break_ms <= 8 * HOUR_MS, "{span:?}");
        let since = came_on_duty.expect("driving is duty");
        let shift_ms = span.until.millis() - since.millis();
        assert!(shift_ms <= 14 * HOUR_MS, "{span:?}");
    }
}

/// Most of the time on duty in any `days` times 24 hours that end with a drive.
fn most_on_duty_ms(log: &[DutySpan], days: i64) -> i64 {
    let drives = log.iter().filter(|span| span.status == DutyStatus::Driving);
    drives
        .map(|drive| {
            let until = drive.until.millis();
            let from = until - days * DAY_MS;
            log.iter()
                .filter(|span| !span.status.is_rest())
                .map(|span| span.until.millis().min(until) - span.from.millis().max(from))
                .filter(|ms| *ms > 0)
                .sum()
        })
        .max()
        .unwrap_or(0)
}

#[test]
fn every_log_is_lawful() {
    let (mut driven_ms, mut longest_drive_ms) = (0, 0);
    for seed in 1..=6 {
        let world = world(seed);
        for driver in active(&world) {
            let log = world.duty_log(driver, all_days());
            check_shifts(&log);
            assert!(most_on_duty_ms(&log, 8) <= 70 * HOUR_MS, "{seed} {driver}");
            for day in 0..DAYS {
                let window = Window::new(after(day * DAY_MS), after((day + 1) * DAY_MS)).unwrap();
                let today: i64 = log
                    .iter()
                    .filter(|span| span.status == DutyStatus::Driving)
                    .filter_map(|span| Window::new(span.from, span.until)?.intersect(&window))
                    .map(|part| part.length_ms())
                    .sum();
                driven_ms += today;
                longest_drive_ms = longest_drive_ms.max(today);
            }
        }
    }
    assert!(driven_ms > 3_000 * HOUR_MS, "{driven_ms}");
    assert!(longest_drive_ms > 8 * HOUR_MS, "{longest_drive_ms}");
}

#[test]
fn a_driver_drives_exactly_while_the_truck_does() {
    let world = world(43);
    let (mut drives, mut short) = (0, 0);
    for driver in active(&world) {
        for span in world.duty_log(driver, all_days()) {
            let is_movement = matches!(
                span.status,
                DutyStatus::Driving | DutyStatus::YardMove | DutyStatus::PersonalConveyance
            );
            assert!(!is_movement || span.vehicle.is_some());
            let Some(vehicle) = span.vehicle else {
                continue;
            };
            let until = Timestamp::from_millis(span.until.millis() - 1);
            let used = world.utilization(vehicle, span.from, until);
            if span.status == DutyStatus::Driving {
                drives += 1;
                assert!(world.moment(vehicle, span.from).is_driving);
                assert!(world.moment(vehicle, until).is_driving);
                assert_eq!(used.idle_ms, 0);
                assert_eq!(world.driver_at(vehicle, span.from), Some(driver));
            } else if is_movement {
                short += 1;
                assert!(used.metres < 10_000, "{span:?}");
            } else if world.driver_at(vehicle, span.from) == Some(driver) {
                assert_eq!(used.metres, 0, "{span:?}");
            }
        }
    }
    assert!(drives > 500 && short > 50, "{drives} {short}");
}

#[test]
fn every_metre_with_a_driver_is_in_a_log() {
    let world = world(44);
    let window = all_days();
    for vehicle in 0..world.vehicles().len() {
        for trip in world.trips(vehicle, window) {
            let Some(driver) = trip.driver else { continue };
            let middle = (trip.from.millis() + trip.until.millis()) / 2;
            let at = Window::new(
                Timestamp::from_millis(middle),
                Timestamp::from_millis(middle + 1),
            );
            let log = world.duty_log(driver, at.unwrap());
            assert_eq!(log.len(), 1);
            assert_eq!(log[0].vehicle, Some(vehicle));
        }
    }
}

#[test]
fn a_team_shares_a_cab() {
    let world = world(45);
    let mut shared = 0;
    for driver in active(&world) {
        for span in world.duty_log(driver, all_days()) {
            let Some(other) = span.codriver else { continue };
            shared += 1;
            let middle = Window::new(span.from, Timestamp::from_millis(span.from.millis() + 1));
            let theirs = world.duty_log(other, middle.unwrap());
            let drives_both =
                theirs[0].status == DutyStatus::Driving && span.status == DutyStatus::Driving;
            assert!(!drives_both);
        }
    }
    assert!(shared > 20, "{shared}");
}

#[test]
fn a_world_that_ends_has_a_last_span() {
    let world = World::new(WorldConfig {
        ends_at: Some(after(3 * DAY_MS)),
        ..world(46).config().clone()
    });
    for driver in active(&world) {
        let log = world.duty_log(driver, all_days());
        let last = log.last().unwrap();
        assert!(
            last.status.is_rest() && last.until == Timestamp::MAX,
            "{last:?}"
        );
    }
}
