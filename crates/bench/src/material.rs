//! Points to fill stores with: days that simulated trucks really drove, moved to other days.
//!
//! A store of ten million points needs a fleet's year; made afresh by the simulator and read back
//! from JSON that would take longer than everything that is measured.

use model::history::LocationPoint;
use model::time::DAY_MS;
use model::units::KM_PER_MILE;
use model::{
    IdSpace, LocationColumns, Points, SeriesKey, SeriesKind, SeriesPoints, Timestamp, Values,
    VehicleId, Window,
};
use simulator::{World, WorldConfig};

use crate::deployment::NOW;

/// Bytes of a row in a Samsara page: how far apart raw offsets lie.
const ROW_BYTES: u32 = 150;
/// Days on which a truck hardly moved would make all figures look better.
const LEAST_POINTS: usize = 500;
const TRUCKS: usize = 8;
const DAYS: i64 = 6;

pub fn locations() -> SeriesKey {
    SeriesKey::new(SeriesKind::Location, "gps")
}

/// The first day that points are moved to.
pub fn first_day() -> i64 {
    NOW.utc_day()
}

pub fn vehicle(ids: &IdSpace, vehicle: usize) -> VehicleId {
    ids.vehicle(&format!("28147498{vehicle:07}"))
}

pub struct Material {
    days: Vec<Points>,
}

impl Material {
    pub fn new(with_addresses: bool) -> Material {
        let world = World::new(WorldConfig {
            seed: 11,
            vehicles: TRUCKS,
            drivers: TRUCKS,
            begins_at: day_start(first_day() - DAYS),
            ends_at: None,
        });
        let days = (0..TRUCKS)
            .flat_map(|truck| (1..DAYS).map(move |day| (truck, first_day() - day)))
            .map(|(truck, day)| day_of(&world, truck, day, with_addresses))
            .filter(|points| points.len() >= LEAST_POINTS)
            .collect();
        Material { days }
    }

    /// Some truck's day as this vehicle's day, `day` days after the first.
    pub fn day(&self, ids: &IdSpace, vehicle_number: usize, day: i64) -> SeriesPoints {
        let chosen = (vehicle_number * 7 + day as usize) % self.days.len();
        let mut points = self.days[chosen].clone();
        let start_ms = day_start(first_day() + day).millis();
        for time in &mut points.time {
            *time = Timestamp::from_millis(start_ms + time.millis());
        }
        SeriesPoints {
            vehicle: vehicle(ids, vehicle_number),
            series: locations(),
            rank: 0,
            points,
        }
    }
}

fn day_start(day: i64) -> Timestamp {
    Timestamp::from_millis(day * DAY_MS)
}

/// Times are milliseconds since the day's start.
fn day_of(world: &World, truck: usize, day: i64, with_addresses: bool) -> Points {
    let mut points = Points::new(SeriesKind::Location);
    let mut columns = LocationColumns::default();
    let start = day_start(day);
    let window = Window {
        from: start,
        until: day_start(day + 1),
    };
    world.fixes(truck, window, |fix| {
        let address = fix
            .address
            .filter(|_| with_addresses)
            .map(|address| address.text());
        let in_day_ms = fix.time.millis() - start.millis();
        points.raw_offset.push(points.time.len() as u32 * ROW_BYTES);
        points.time.push(Timestamp::from_millis(in_day_ms));
        points.source_id.push(None);
        columns.push(LocationPoint {
            latitude_e7: fix.latitude_e7,
            longitude_e7: fix.longitude_e7,
            heading_centi: Some(i32::from(fix.heading_degrees) * 100),
            speed_centi_kph: Some((f64::from(fix.speed_centi_mph) * KM_PER_MILE).round() as i32),
            driver: None,
            address: address.as_deref(),
        });
    });
    points.values = Values::Location(columns);
    points
}
