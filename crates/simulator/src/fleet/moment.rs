//! What a vehicle is like at one instant, and how much it did between two.
//!
//! Everything is read off the day's itinerary, so an instant in the middle of a drive is exact and
//! sums over neighbouring spans never lose or double a metre.

use model::time::DAY_MS;
use model::{Timestamp, Window};

use super::cities::{CITIES, City};
use super::itinerary::{Activity, Counters};
use super::path::{Place, metres_between};
use super::{Address, World, names};

/// A place on the ground in 1e-7 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    pub latitude_e7: i32,
    pub longitude_e7: i32,
}

/// A vehicle at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VehicleMoment {
    pub position: Position,
    /// Whole degrees, 0 to 359.
    pub heading_degrees: u16,
    /// Hundredths of a kilometre an hour.
    pub speed_centi_kmh: u32,
    pub engine_runs: bool,
    pub is_driving: bool,
    /// The engine computer's odometer.
    pub odometer_m: i64,
    /// Litres burnt since the vehicle was built, in millilitres.
    pub fuel_used_ml: i64,
    pub engine_run_ms: i64,
}

/// What a vehicle did in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Utilization {
    pub metres: i64,
    pub fuel_ml: i64,
    /// Idling included.
    pub engine_run_ms: i64,
    pub idle_ms: i64,
}

/// What is known of a gateway at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceHealth {
    /// When it last reported anything.
    pub last_connected_at: Timestamp,
    pub position: Position,
}

impl World {
    /// The vehicle at `time`, which is held within history.
    pub fn moment(&self, vehicle: usize, time: Timestamp) -> VehicleMoment {
        let time = self.held(time);
        let itinerary = self.itinerary(vehicle, time.utc_day());
        let (segment, moment) = itinerary.at(time.millis().rem_euclid(DAY_MS));
        VehicleMoment {
            position: Position::of(moment.place),
            heading_degrees: (moment.heading_degrees as u16).min(359),
            speed_centi_kmh: (moment.metres_per_s * 360.0).round() as u32,
            engine_runs: !matches!(segment.activity, Activity::Off),
            is_driving: matches!(segment.activity, Activity::Drive { .. }),
            odometer_m: moment.counters.driven_m.floor() as i64,
            fuel_used_ml: moment.counters.fuel_used_ml.floor() as i64,
            engine_run_ms: moment.counters.engine_ms,
        }
    }

    /// What the vehicle did from `from` until `until`; nothing before history begins. Sums over
    /// neighbouring spans equal the whole, to the metre, millilitre and millisecond. A vehicle
    /// without a gateway is not seen to do anything.
    pub fn utilization(&self, vehicle: usize, from: Timestamp, until: Timestamp) -> Utilization {
        if from >= until || self.vehicles()[vehicle].gateway.is_none() {
            return Utilization::default();
        }
        let (start, end) = (self.counters(vehicle, from), self.counters(vehicle, until));
        let grown = |start: f64, end: f64| end.floor() as i64 - start.floor() as i64;
        Utilization {
            metres: grown(start.driven_m, end.driven_m),
            fuel_ml: grown(start.fuel_used_ml, end.fuel_used_ml),
            engine_run_ms: end.engine_ms - start.engine_ms,
            idle_ms: end.idle_ms - start.idle_ms,
        }
    }

    /// `None` for a vehicle without a gateway, and before the gateway's first report.
    pub fn device_health(&self, vehicle: usize, now: Timestamp) -> Option<DeviceHealth> {
        // A parked gateway reports every quarter of an hour.
        let since = Timestamp::from_millis(now.millis() - DAY_MS);
        let until = Timestamp::from_millis(now.millis().checked_add(1)?);
        let mut last = None;
        self.fixes(vehicle, Window::new(since, until)?, |fix| {
            last = Some(DeviceHealth {
                last_connected_at: fix.time,
                position: Position {
                    latitude_e7: fix.latitude_e7,
                    longitude_e7: fix.longitude_e7,
                },
            });
        });
        last
    }

    fn counters(&self, vehicle: usize, time: Timestamp) -> Counters {
        let time = self.held(time);
        let itinerary = self.itinerary(vehicle, time.utc_day());
        itinerary.at(time.millis().rem_euclid(DAY_MS)).1.counters
    }

    /// Within history.
    pub(super) fn held(&self, time: Timestamp) -> Timestamp {
        let last = self.config().ends_at.unwrap_or(Timestamp::MAX);
        time.min(last).max(self.config().begins_at)
    }
}

impl Position {
    pub fn of(place: Place) -> Position {
        Position {
            latitude_e7: (place.latitude * 1e7).round() as i32,
            longitude_e7: (place.longitude * 1e7).round() as i32,
        }
    }

    pub fn place(self) -> Place {
        Place {
            latitude: f64::from(self.latitude_e7) / 1e7,
            longitude: f64::from(self.longitude_e7) / 1e7,
        }
    }

    /// The city of the fleet's map that is nearest.
    pub fn nearest_city(self) -> &'static City {
        &CITIES[self.nearest_city_index()]
    }

    fn nearest_city_index(self) -> usize {
        let here = self.place();
        let mut nearest = (f64::INFINITY, 0);
        for (index, city) in CITIES.iter().enumerate() {
            let metres = metres_between(here, city.place());
            if metres < nearest.0 {
                nearest = (metres, index);
            }
        }
        nearest.1
    }

    /// The street address there: the same place always has the same one.
    pub fn address(self) -> Address {
        let mixed = (i64::from(self.latitude_e7) * 1_000_003 + i64::from(self.longitude_e7))
            .cast_unsigned()
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            >> 20;
        Address {
            number: 1 + (mixed % 9_999) as u16,
            street: ((mixed >> 16) % names::STREETS.len() as u64) as u8,
            city: self.nearest_city_index() as u8,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::time::HOUR_MS;

    use super::super::WorldConfig;
    use super::*;

    #[test]
    fn parts_of_a_day_add_up_to_the_day() {
        let begins_at = Timestamp::from_millis(1_749_969_600_000);
        let world = World::new(WorldConfig::days_before(begins_at, 0, 8));
        let after = |ms: i64| Timestamp::from_millis(begins_at.millis() + ms);
        let mut driven_m = 0;
        for vehicle in 0..world.vehicles().len() {
            let mut sum = Utilization::default();
            for hour in 0..5 * 24 {
                let (from, until) = (after(hour * HOUR_MS), after((hour + 1) * HOUR_MS));
                let part = world.utilization(vehicle, from, until);
                assert!(part.idle_ms <= part.engine_run_ms && part.engine_run_ms <= HOUR_MS);
                assert!(part.metres >= 0 && part.fuel_ml >= 0);
                sum.metres += part.metres;
                sum.fuel_ml += part.fuel_ml;
                sum.engine_run_ms += part.engine_run_ms;
                sum.idle_ms += part.idle_ms;
            }
            let whole = world.utilization(vehicle, begins_at, after(5 * DAY_MS));
            assert_eq!(sum, whole);
            let has_gateway = world.vehicles()[vehicle].gateway.is_some();
            assert!(has_gateway || whole == Utilization::default());
            driven_m += whole.metres;
        }
        assert!(driven_m > 5_000_000, "{driven_m}");
    }

    #[test]
    fn a_gateway_was_heard_of_within_the_hour() {
        let begins_at = Timestamp::from_millis(1_749_969_600_000);
        let world = World::new(WorldConfig::days_before(begins_at, 0, 8));
        let now = Timestamp::from_millis(begins_at.millis() + 3 * DAY_MS);
        for vehicle in world.vehicles() {
            let health = world.device_health(vehicle.index, now);
            assert_eq!(health.is_some(), vehicle.gateway.is_some());
            if let Some(health) = health {
                let silent_ms = now.millis() - health.last_connected_at.millis();
                assert!((0..HOUR_MS).contains(&silent_ms));
            }
        }
    }

    #[test]
    fn a_place_has_one_address_in_the_nearest_city() {
        for city in &CITIES {
            let position = Position::of(city.place());
            assert_eq!(position.address(), position.address());
            assert_eq!(position.address().city().name, city.name);
            assert!((1..=9_999).contains(&position.address().number));
        }
    }
}
