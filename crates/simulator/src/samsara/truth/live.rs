//! The truth about the present, which is asked for and not stored.

use model::coordinates::FormattedAddress;
use model::history::EngineState;
use model::live::{
    CameraMedia, CameraMediaFile, FuelTanks, LatestTrailerLocation, LatestVehicleLocation,
};
use model::{Timestamp, Window};

use super::{PROVIDER, SamsaraTruth};
use crate::fleet::{Fix, Position, Signal, VehiclePlan};
use crate::samsara::equipment::whole_mph;
use crate::samsara::safety::{film_inputs, film_url};
use crate::shown::{after, instant};
use crate::truth::arithmetic::{centi_kph, coordinates, decimal, thousandth};

/// How far back Samsara's snapshot looks.
const SNAPSHOT_DAYS: i64 = 60;

impl SamsaraTruth {
    /// Where every vehicle is that was ever heard of, in the order of the plan. Its driver is the
    /// one that a store knows which has read until now: Samsara's own answer names none.
    pub(super) fn true_latest_vehicle_locations(&self) -> Vec<LatestVehicleLocation> {
        let plans = self.scope.world.vehicles().iter();
        plans.filter_map(|plan| self.latest(plan)).collect()
    }

    fn latest(&self, plan: &VehiclePlan) -> Option<LatestVehicleLocation> {
        let fix = self.last(|window| {
            let mut last: Option<Fix> = None;
            self.scope
                .fixes(plan.index, window, |fix| last = Some(*fix));
            last
        })?;
        let value = |signal| self.last_value(plan, signal);
        let metres = value(Signal::BusOdometerMetres).or_else(|| value(Signal::GpsOdometerMetres));
        Some(LatestVehicleLocation {
            provider: PROVIDER.to_owned(),
            vehicle: self.vehicle_id(plan.index),
            driver: self.driver_at(&self.scope.assignments(plan.index), fix.time),
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
            self.scope.readings(plan.index, signal, window, |reading| {
                last = Some(reading.value)
            });
            last
        })
    }

    /// Looks back day by day from now.
    fn last<T>(&self, find: impl Fn(Window) -> Option<T>) -> Option<T> {
        let mut until = after(self.scope.now, 1);
        for _ in 0..SNAPSHOT_DAYS {
            let from = after(until, -1).start_of_utc_day();
            let found = find(Window { from, until });
            if found.is_some() || from <= self.scope.world.config().begins_at {
                return found;
            }
            until = from;
        }
        None
    }

    /// Where every listed trailer with a gateway is, in the order of the plan.
    pub(super) fn true_latest_trailer_locations(&self) -> Vec<LatestTrailerLocation> {
        let shown = self.shown();
        let trailers = self.scope.world.trailers().iter();
        let located = trailers.filter_map(|plan| {
            let fix = shown.trailer_fix(plan.index, self.scope.now)?;
            // Whole miles an hour come over the wire.
            let centi_mph = whole_mph(fix.speed_centi_kmh) * 100;
            Some(LatestTrailerLocation {
                provider: PROVIDER.to_owned(),
                trailer: self.scope.ids.trailer(&plan.source_id),
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
    pub(super) fn true_camera_media(
        &self,
        source_id: &str,
        started_at: Timestamp,
    ) -> Option<CameraMedia> {
        let plans = self.scope.world.vehicles().iter();
        let mut events =
            plans.flat_map(|plan| self.shown().safety_events(plan.index, instant(started_at)));
        let shown = events.find(|shown| shown.event.id == source_id)?;
        let inputs = film_inputs(&self.scope.world.vehicles()[shown.event.vehicle], &shown);
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
