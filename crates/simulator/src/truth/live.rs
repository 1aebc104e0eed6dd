//! The truth about the present, which is asked for and not stored.

use model::coordinates::FormattedAddress;
use model::history::EngineState;
use model::live::{
    CameraMedia, CameraMediaFile, FuelTanks, LatestTrailerLocation, LatestVehicleLocation,
};
use model::{Timestamp, Window};

use super::{PROVIDER, Truth, centi_kph, coordinates, decimal, thousandth};
use crate::faults::{RowFate, edited_fix, edited_value};
use crate::fleet::{Fix, Position, Signal, VehiclePlan};
use crate::samsara::equipment::whole_mph;
use crate::samsara::safety::{film_inputs, film_url};
use crate::shown::{after, instant};

/// How far back Samsara's snapshot looks.
const SNAPSHOT_DAYS: i64 = 60;

impl Truth {
    /// Where every vehicle is that was ever heard of, in the order of the plan. Its driver is the
    /// one that a store knows which has read until now: Samsara's own answer names none.
    pub fn latest_vehicle_locations(&self) -> Vec<LatestVehicleLocation> {
        let plans = self.world.vehicles().iter();
        plans.filter_map(|plan| self.latest(plan)).collect()
    }

    fn latest(&self, plan: &VehiclePlan) -> Option<LatestVehicleLocation> {
        let fix = self.last(|window| {
            let mut last: Option<Fix> = None;
            self.world.fixes(plan.index, window, |fix| {
                match self.fate(plan.index, Signal::Position, fix.time) {
                    RowFate::Hidden => {}
                    RowFate::AsProduced => last = Some(*fix),
                    RowFate::Edited => last = Some(edited_fix(fix)),
                }
            });
            last
        })?;
        let value = |signal| self.last_value(plan, signal);
        let metres = value(Signal::BusOdometerMetres).or_else(|| value(Signal::GpsOdometerMetres));
        Some(LatestVehicleLocation {
            provider: PROVIDER.to_owned(),
            vehicle: self.vehicle_id(plan.index),
            driver: self.driver_at(&self.known_assignments(plan.index), fix.time),
            located_at: fix.time,
            location: coordinates(Position {
                latitude_e7: fix.latitude_e7,
                longitude_e7: fix.longitude_e7,
            }),
            address: fix.address.map(|address| FormattedAddress {
                formatted: address.text(),
            }),
            heading: Some(f64::from(fix.heading_degrees)),
            speed: Some(decimal(centi_kph(fix.speed_centi_mph.into()))),
            odometer: metres.map(thousandth),
            fuel: value(Signal::FuelPercent).map(|percent| FuelTanks {
                primary_percentage: percent as f64,
                secondary_percentage: None,
            }),
            engine_state: value(Signal::EngineState).map(|state| match state {
                0 => EngineState::Off,
                1 => EngineState::On,
                _ => EngineState::Idle,
            }),
            // Two questions of three types each leave no room for estimates.
            engine_runtime: value(Signal::BusEngineSeconds).map(|seconds| seconds * 1_000),
        })
    }

    fn last_value(&self, plan: &VehiclePlan, signal: Signal) -> Option<i64> {
        self.last(|window| {
            let mut last = None;
            self.world.readings(plan.index, signal, window, |reading| {
                match self.fate(plan.index, signal, reading.time) {
                    RowFate::Hidden => {}
                    RowFate::AsProduced => last = Some(reading.value),
                    RowFate::Edited => last = Some(edited_value(signal, reading.value)),
                }
            });
            last
        })
    }

    /// Looks back day by day from now.
    fn last<T>(&self, find: impl Fn(Window) -> Option<T>) -> Option<T> {
        let mut until = after(self.now, 1);
        for _ in 0..SNAPSHOT_DAYS {
            let from = after(until, -1).start_of_utc_day();
            let found = find(Window { from, until });
            if found.is_some() || from <= self.world.config().begins_at {
                return found;
            }
            until = from;
        }
        None
    }

    /// Where every listed trailer with a gateway is, in the order of the plan.
    pub fn latest_trailer_locations(&self) -> Vec<LatestTrailerLocation> {
        let shown = self.shown();
        let trailers = self.world.trailers().iter();
        let located = trailers.filter_map(|plan| {
            let fix = shown.trailer_fix(plan.index, self.now)?;
            // Whole miles an hour come over the wire.
            let centi_mph = whole_mph(fix.speed_centi_kmh) * 100;
            Some(LatestTrailerLocation {
                provider: PROVIDER.to_owned(),
                trailer: self.ids.trailer(&plan.source_id),
                located_at: fix.time,
                location: coordinates(fix.position),
                address: Some(FormattedAddress {
                    formatted: fix.position.address().text(),
                }),
                heading: Some(f64::from(fix.heading_degrees)),
                speed: Some(decimal(centi_kph(centi_mph))),
            })
        });
        located.collect()
    }

    /// The films of a safety event, by its source id and start. `None`: no such event is published.
    pub fn camera_media(&self, source_id: &str, started_at: Timestamp) -> Option<CameraMedia> {
        let plans = self.world.vehicles().iter();
        let mut events =
            plans.flat_map(|plan| self.shown().safety_events(plan.index, instant(started_at)));
        let shown = events.find(|shown| shown.event.id == source_id)?;
        let inputs = film_inputs(&self.world.vehicles()[shown.event.vehicle], &shown);
        let film = |input| {
            inputs.contains(&input).then(|| CameraMediaFile {
                source_id: None,
                video_url: film_url(source_id, input),
            })
        };
        Some(CameraMedia {
            front_facing: film("dashcamRoadFacing"),
            rear_facing: film("dashcamDriverFacing"),
        })
    }
}
