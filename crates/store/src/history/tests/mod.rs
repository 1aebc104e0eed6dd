//! History against a model of it that is too simple to be wrong.

mod codec;
mod commits;
pub(crate) mod conformance;
mod model_history;
mod sizes;

use model::history::LocationPoint;
use model::{Points, SeriesKey, SeriesKind, SeriesPoints, StatType, Timestamp, Ulid, VehicleId};
use model::{Values, Window};

use super::{PagePoints, ReadWindow};

pub(super) const SECOND: i64 = 1_000;
pub(super) const DAY: i64 = 86_400_000;
/// 2026-01-01T00:00:00Z.
pub(super) const START: i64 = 1_767_225_600_000;

/// A small generator of its own, so that every failure has a seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn vehicle(number: u128) -> VehicleId {
    VehicleId(Ulid::new(at(START), number))
}

pub(super) fn gps() -> SeriesKey {
    SeriesKey::new(SeriesKind::Location, "gps")
}

pub(super) fn stat(stat: StatType, signal: &'static str) -> SeriesKey {
    SeriesKey::new(SeriesKind::Stat(stat), signal)
}

/// The series of the tests with their ranks; two of them answer for one kind.
pub(super) fn all_series() -> [(SeriesKey, u8); 5] {
    [
        (gps(), 0),
        (stat(StatType::Odometer, "obd"), 0),
        (stat(StatType::Odometer, "gps"), 1),
        (stat(StatType::FuelLevel, "fuel"), 0),
        (stat(StatType::EngineState, "state"), 2),
    ]
}

/// One point whose value is told by one number: so models stay small.
pub(super) fn push(points: &mut Points, time: i64, source: Option<&str>, offset: u32, value: i64) {
    points.time.push(at(time));
    points.source_id.push(source);
    points.raw_offset.push(offset);
    match &mut points.values {
        Values::Stat(values) => values.push(value),
        Values::Location(columns) => columns.push(LocationPoint {
            latitude_e7: 373_000_000 + value as i32,
            longitude_e7: -1_219_000_000 - value as i32,
            heading_centi: (value % 3 != 0).then_some(value as i32 % 36_000),
            speed_centi_kph: (value % 5 != 0).then_some(value as i32 % 12_000),
            driver: (value % 2 == 0).then_some("drv_01GV4D0S4D949VD5RYY4FXYYWQ"),
            address: (value % 7 == 0).then_some("1 Main Street, Springfield"),
        }),
    }
}

/// The number that [`push`] was given, read back from a location's latitude.
pub(super) fn value_of_latitude(latitude_e7: i32) -> i64 {
    i64::from(latitude_e7) - 373_000_000
}

/// What one step of a sync read.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    pub(super) points: Vec<PagePoints>,
    pub(super) read: Vec<ReadWindow>,
}

/// How many points steps bring, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) vehicles: u64,
    /// Points of a series in a step, at most.
    pub(super) points: u64,
    /// Instants that a day has: few, so that keys meet again.
    pub(super) instants: u64,
    pub(super) days: u64,
}

/// A step with points that are new, known, changed, or known under another source id; pages may be
/// older than what is stored; windows may be read completely.
pub(super) fn random_step(chance: &mut Chance, size: Size, newest_page: &mut i64) -> Step {
    let mut step = Step::default();
    *newest_page += 1 + chance.below(3) as i64;
    for number in 0..size.vehicles {
        for (series, rank) in all_series() {
            if chance.one_in(2) {
                continue;
            }
            for _ in 0..=chance.below(2) {
                let page = match chance.one_in(4) {
                    true => (*newest_page - chance.below(20) as i64).max(1),
                    false => *newest_page,
                };
                let points = random_points(chance, size, &series);
                let vehicle = vehicle(u128::from(number));
                let points = SeriesPoints {
                    vehicle,
                    series: series.clone(),
                    rank,
                    points,
                };
                step.points.push(PagePoints { page, points });
            }
            if chance.one_in(3) {
                let from = START + chance.below(size.days * 24) as i64 * DAY / 24;
                let until = from + 1 + chance.below(DAY as u64) as i64;
                step.read.push(ReadWindow {
                    vehicle: vehicle(u128::from(number)),
                    series: vec![series.clone()],
                    window: Window::new(at(from), at(until)).expect("not empty"),
                    group: *newest_page * 100 + step.read.len() as i64,
                });
            }
        }
    }
    step
}

fn random_points(chance: &mut Chance, size: Size, series: &SeriesKey) -> Points {
    let mut points = Points::new(series.kind);
    let day = START + chance.below(size.days) as i64 * DAY;
    for _ in 0..chance.below(size.points + 1) {
        let time = day + chance.below(size.instants) as i64 * (DAY / size.instants as i64);
        let source = match chance.below(8) {
            0 => Some("a"),
            1 => Some(""),
            _ => None,
        };
        let offset = chance.below(100_000) as u32;
        push(&mut points, time, source, offset, chance.below(4) as i64);
    }
    points
}
