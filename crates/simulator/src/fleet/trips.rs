//! Trips: what a provider calls the driving between two stops.
//!
//! A trip ends after five minutes' standstill or at the border of a state, so that the distance by
//! state is a sum over trips. Hours and minutes below five miles an hour at either end are not cut
//! off: the ramps of a run are too short to matter.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::time::{DAY_MS, MINUTE_MS};
use model::{Timestamp, Window};

use super::borders::jurisdiction;
use super::itinerary::{Activity, Itinerary};
use super::moment::Position;
use super::path::Place;
use super::zone::local_month;
use super::{Address, World};

/// Standing for so long ends a trip.
const STOP_MS: i64 = 5 * MINUTE_MS;

/// How often a drive is looked at for a border: a corner of a state crossed between two looks, of
/// less than a kilometre, is not noticed.
const LOOK_EVERY_MS: i64 = MINUTE_MS / 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    pub vehicle: usize,
    pub from: Timestamp,
    /// Later than now: the trip is under way, and only its start is known.
    pub until: Timestamp,
    pub start: Position,
    pub end: Position,
    pub start_address: Address,
    pub end_address: Address,
    /// `odometer_end_m - odometer_start_m`.
    pub metres: i64,
    pub odometer_start_m: i64,
    pub odometer_end_m: i64,
    pub fuel_ml: i64,
    pub driver: Option<usize>,
    /// Where it was driven, see [`super::borders::jurisdiction`].
    pub jurisdiction: Option<&'static str>,
}

/// Metres by jurisdiction (see [`super::borders::jurisdiction`]); under `None` those driven where
/// none of them is.
pub type MetresByJurisdiction = BTreeMap<Option<&'static str>, i64>;

/// From and until in milliseconds of the day, and where.
type Leg = (i64, i64, Option<&'static str>);

impl World {
    /// The trips of a vehicle that overlap `window`, by time and whole (not cut to it). A vehicle
    /// without a gateway has none.
    pub fn trips(&self, vehicle: usize, window: Window) -> Vec<Trip> {
        if self.vehicles()[vehicle].gateway.is_none() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for day in self.days_of(window) {
            let trips = self.trips_on(vehicle, day);
            let trips = trips.iter();
            found.extend(trips.filter(|trip| trip.from < window.until && window.from < trip.until));
        }
        found
    }

    /// What was driven in `month` (1 to 12) of the fleet's zone until `now`. The metres add up to
    /// what [`World::utilization`] says of the same span.
    pub fn ifta_month(
        &self,
        vehicle: usize,
        year: i16,
        month: i8,
        now: Timestamp,
    ) -> MetresByJurisdiction {
        let mut metres = MetresByJurisdiction::new();
        let until_now = Window::new(Timestamp::MIN, now);
        let window = local_month(&self.time_zone(), year, month)
            .zip(until_now)
            .and_then(|(month, until_now)| month.intersect(&until_now));
        let Some(window) = window else {
            return metres;
        };
        for trip in self.trips(vehicle, window) {
            let (from, until) = (trip.from.max(window.from), trip.until.min(window.until));
            let driven = self.utilization(vehicle, from, until).metres;
            *metres.entry(trip.jurisdiction).or_default() += driven;
        }
        metres
    }

    /// No trip goes past midnight in UTC, because no drive does.
    fn trips_on(&self, vehicle: usize, day: i64) -> Arc<Vec<Trip>> {
        self.trips.get(vehicle, day, || {
            let itinerary = self.itinerary(vehicle, day);
            legs(&itinerary)
                .into_iter()
                .filter_map(|leg| self.trip(vehicle, day, leg))
                .collect()
        })
    }

    /// `None` for one that was over when history began.
    fn trip(&self, vehicle: usize, day: i64, (from_ms, until_ms, state): Leg) -> Option<Trip> {
        let at = |in_day_ms| Timestamp::from_millis(day * DAY_MS + in_day_ms);
        let whole = Window::new(at(from_ms), at(until_ms))?;
        let Window { from, until } = self.within_history(whole)?;
        let (start, end) = (self.moment(vehicle, from), self.moment(vehicle, until));
        Some(Trip {
            vehicle,
            from,
            until,
            start: start.position,
            end: end.position,
            start_address: start.position.address(),
            end_address: end.position.address(),
            metres: end.odometer_m - start.odometer_m,
            odometer_start_m: start.odometer_m,
            odometer_end_m: end.odometer_m,
            fuel_ml: end.fuel_used_ml - start.fuel_used_ml,
            driver: self.fleet.crews.driver_on(vehicle, day),
            jurisdiction: state,
        })
    }
}

fn legs(itinerary: &Itinerary) -> Vec<Leg> {
    let mut legs = Vec::new();
    for (from_ms, until_ms) in drives(itinerary) {
        let place = |in_day_ms| itinerary.at(in_day_ms).1.place;
        let (mut start_ms, mut state) = (from_ms, jurisdiction(place(from_ms)));
        let mut looked_ms = from_ms;
        while looked_ms < until_ms {
            let next_ms = (looked_ms + LOOK_EVERY_MS).min(until_ms);
            let next_state = jurisdiction(place(next_ms));
            if next_state != state {
                let crossed_ms = crossing(looked_ms, next_ms, state, place);
                legs.push((start_ms, crossed_ms, state));
                (start_ms, state) = (crossed_ms, next_state);
            }
            looked_ms = next_ms;
        }
        if start_ms < until_ms {
            legs.push((start_ms, until_ms, state));
        }
    }
    legs
}

/// Between stops that are long enough, in milliseconds of the day.
fn drives(itinerary: &Itinerary) -> Vec<(i64, i64)> {
    let mut drives: Vec<(i64, i64)> = Vec::new();
    for segment in &itinerary.segments {
        if !matches!(segment.activity, Activity::Drive { .. }) {
            continue;
        }
        match drives.last_mut() {
            Some(last) if segment.from_ms - last.1 < STOP_MS => last.1 = segment.until_ms,
            _ => drives.push((segment.from_ms, segment.until_ms)),
        }
    }
    drives
}

/// The first millisecond at which the vehicle, in `state` at `inside_ms`, has left it.
fn crossing(
    mut inside_ms: i64,
    mut outside_ms: i64,
    state: Option<&'static str>,
    place: impl Fn(i64) -> Place,
) -> i64 {
    while outside_ms - inside_ms > 1 {
        let middle_ms = inside_ms + (outside_ms - inside_ms) / 2;
        if jurisdiction(place(middle_ms)) == state {
            inside_ms = middle_ms;
        } else {
            outside_ms = middle_ms;
        }
    }
    outside_ms
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::WorldConfig;
    use super::*;

    const BEGINS_AT: Timestamp = Timestamp::from_millis(1_749_969_600_000);

    fn world(seed: u64) -> World {
        World::new(WorldConfig::days_before(BEGINS_AT, 0, seed))
    }

    fn days(from: i64, until: i64) -> Window {
        let after = |days: i64| Timestamp::from_millis(BEGINS_AT.millis() + days * DAY_MS);
        Window::new(after(from), after(until)).unwrap()
    }

    #[test]
    fn trips_hold_all_of_the_driving() {
        let world = world(31);
        let (mut trips, mut at_borders) = (0, 0);
        for vehicle in 0..world.vehicles().len() {
            let mut last: Option<Trip> = None;
            let mut metres = 0;
            for trip in world.trips(vehicle, days(0, 6)) {
                assert!(trip.from < trip.until);
                assert_eq!(trip.metres, trip.odometer_end_m - trip.odometer_start_m);
                assert!(trip.fuel_ml >= 0);
                if let Some(last) = last {
                    let stood_ms = trip.from.millis() - last.until.millis();
                    if stood_ms == 0 {
                        assert_ne!(last.jurisdiction, trip.jurisdiction);
                        assert_eq!(last.end, trip.start);
                        at_borders += 1;
                    } else {
                        assert!(stood_ms >= STOP_MS, "{stood_ms}");
                    }
                    assert_eq!(last.odometer_end_m, trip.odometer_start_m);
                }
                metres += trip.metres;
                trips += 1;
                last = Some(trip);
            }
            let Window { from, until } = days(0, 6);
            assert_eq!(metres, world.utilization(vehicle, from, until).metres);
        }
        assert!(trips > 300 && at_borders > 50, "{trips} {at_borders}");
    }

    #[test]
    fn a_trip_is_found_in_every_window_that_it_touches() {
        let world = world(32);
        for vehicle in 0..world.vehicles().len() {
            for trip in world.trips(vehicle, days(1, 3)) {
                let middle = trip.from.millis() + (trip.until.millis() - trip.from.millis()) / 2;
                let moment = Window::new(
                    Timestamp::from_millis(middle),
                    Timestamp::from_millis(middle + 1),
                );
                assert_eq!(world.trips(vehicle, moment.unwrap()), [trip]);
            }
        }
    }

    #[test]
    fn a_month_by_states_adds_up_to_the_month() {
        // History begins on 15 June and July begins within it.
        let world = world(33);
        let zone = world.time_zone();
        let now = days(0, 40).until;
        let mut states = BTreeSet::new();
        for vehicle in 0..world.vehicles().len() {
            for (year, month) in [(2025, 5), (2025, 6), (2025, 7), (2025, 8)] {
                let window = local_month(&zone, year, month).unwrap();
                let metres = world.ifta_month(vehicle, year, month, now);
                let driven = world
                    .utilization(vehicle, window.from, window.until.min(now))
                    .metres;
                assert_eq!(metres.values().sum::<i64>(), driven, "{vehicle} {month}");
                states.extend(metres.into_keys());
            }
        }
        assert!(states.len() > 10, "{states:?}");
        assert!(!states.contains(&None));
    }
}
