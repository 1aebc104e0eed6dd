//! Trips, cut anew or corrected afterwards.

use model::time::MINUTE_MS;
use model::{Timestamp, Window};

use super::{Shown, clear_of_halves, overlaps};
use crate::faults::{EventKind, RowFault};
use crate::fleet::Trip;

/// Shorter trips are not cut in two.
const SHORTEST_TO_CUT_MS: i64 = 10 * MINUTE_MS;

/// A trip that has begun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownTrip {
    pub trip: Trip,
    /// Else nothing but its start is known.
    pub is_over: bool,
    pub created_at: Timestamp,
    /// Corrections of the distance alone do not move it.
    pub updated_at: Timestamp,
}

impl Shown<'_> {
    /// The trips of a vehicle that overlap the window, by time.
    pub fn trips(&self, vehicle: usize, window: Window) -> Vec<ShownTrip> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let trips = self.world.trips(vehicle, window);
        trips
            .into_iter()
            .filter(|trip| trip.from <= self.now)
            .flat_map(|trip| self.versions(trip))
            .flatten()
            .filter(|shown| overlaps(shown.trip.from, shown.trip.until, window))
            .map(|mut shown| {
                shown.trip.metres = clear_of_halves(shown.trip.metres);
                shown
            })
            .collect()
    }

    /// What is shown of one trip: it, nothing yet, or two halves.
    fn versions(&self, trip: Trip) -> [Option<ShownTrip>; 2] {
        let fault = self
            .faults
            .event_fault(EventKind::Trip, trip.vehicle, trip.from);
        let is_over = self.is_over(trip.until);
        let shown = |trip: Trip, created_at: Timestamp, updated_at: Timestamp| {
            Some(ShownTrip {
                trip,
                is_over,
                created_at,
                updated_at: if is_over {
                    updated_at.max(created_at)
                } else {
                    created_at
                },
            })
        };
        let whole = [shown(trip, trip.from, trip.until), None];
        match fault {
            RowFault::Late { at } if !self.is_over(at) => [None, None],
            RowFault::Late { at } => [shown(trip, at, trip.until), None],
            RowFault::Edited { at } if is_over && self.is_over(at) => {
                let halves = self
                    .faults
                    .event_coin(EventKind::Trip, trip.vehicle, trip.from)
                    .then(|| self.halves(&trip))
                    .flatten();
                match halves {
                    Some((first, second)) => {
                        let at = at.max(trip.until);
                        [shown(first, trip.from, at), shown(second, at, at)]
                    }
                    None => [shown(corrected(trip), trip.from, trip.until), None],
                }
            }
            // First cut in two, and joined later.
            RowFault::Withdrawn { at } if is_over => match self.halves(&trip) {
                Some((first, second)) if !self.is_over(at) => [
                    shown(first, trip.from, trip.until),
                    shown(second, trip.until, trip.until),
                ],
                Some(_) => [shown(trip, trip.from, at.max(trip.until)), None],
                None => whole,
            },
            _ => whole,
        }
    }

    fn halves(&self, trip: &Trip) -> Option<(Trip, Trip)> {
        let length_ms = trip.until.millis() - trip.from.millis();
        if length_ms < SHORTEST_TO_CUT_MS {
            return None;
        }
        let middle = Timestamp::from_millis(trip.from.millis() + length_ms / 2);
        let moment = self.world.moment(trip.vehicle, middle);
        let odometer_m = moment
            .odometer_m
            .clamp(trip.odometer_start_m, trip.odometer_end_m);
        let first = Trip {
            until: middle,
            end: moment.position,
            end_address: moment.position.address(),
            odometer_end_m: odometer_m,
            metres: odometer_m - trip.odometer_start_m,
            fuel_ml: trip.fuel_ml / 2,
            ..*trip
        };
        let second = Trip {
            from: middle,
            start: first.end,
            start_address: first.end_address,
            odometer_start_m: odometer_m,
            metres: trip.metres - first.metres,
            fuel_ml: trip.fuel_ml - first.fuel_ml,
            ..*trip
        };
        Some((first, second))
    }
}

/// A fiftieth farther; the odometers stay as they were read.
fn corrected(trip: Trip) -> Trip {
    Trip {
        metres: trip.metres + trip.metres / 50 + 7,
        ..trip
    }
}
