//! The truth about the present, which is asked for and not stored.

use model::Timestamp;
use model::coordinates::FormattedAddress;
use model::history::EngineState;
use model::live::{
    CameraMedia, CameraMediaFile, FuelTanks, LatestTrailerLocation, LatestVehicleLocation,
};

use super::super::locations::SNAPSHOT_DAYS;
use super::super::rows::last_row;
use super::super::{ids, safety};
use super::{MotiveTruth, PROVIDER, centi_kph, engine_ms};
use crate::fleet::{Signal, VehiclePlan};
use crate::shown::after;
use crate::truth::arithmetic::{coordinates, decimal, thousandth};

impl MotiveTruth {
    /// Where every listed vehicle is that was ever heard of, in the order of the plan.
    pub fn latest_vehicle_locations(&self) -> Vec<LatestVehicleLocation> {
        let plans = self.scope.world.vehicles().iter();
        plans.filter_map(|plan| self.latest(plan)).collect()
    }

    fn latest(&self, plan: &VehiclePlan) -> Option<LatestVehicleLocation> {
        let vehicle = self.vehicle_id(plan.index);
        self.vehicles.iter().find(|listed| listed.id == vehicle)?;
        let (world, now) = (&self.scope.world, self.scope.now);
        let row = last_row(world, &self.scope.faults, plan.index, now, SNAPSHOT_DAYS)?;
        let either = |first, second| row.value(first).or_else(|| row.value(second));
        let metres = either(Signal::BusOdometerMetres, Signal::GpsOdometerMetres);
        let seconds = either(Signal::BusEngineSeconds, Signal::EstimatedEngineSeconds);
        // Version 3 always says a speed.
        let speed = centi_kph(row.speed_centi_mph.unwrap_or(0));
        let runs = world.moment(plan.index, now).engine_runs;
        let driver = world.driver_at(plan.index, now);
        Some(LatestVehicleLocation {
            provider: PROVIDER.to_owned(),
            vehicle,
            driver: driver.map(|driver| self.driver_id(driver)),
            located_at: row.located_at(),
            location: coordinates(row.position),
            address: row.address.map(|address| FormattedAddress {
                formatted: address.text(),
            }),
            heading: Some(decimal(row.bearing_centi.into())),
            speed: Some(decimal(speed)),
            odometer: metres.map(thousandth),
            fuel: row.value(Signal::FuelPercent).map(|percent| FuelTanks {
                primary_percentage: percent as f64,
                secondary_percentage: None,
            }),
            engine_state: Some(match (runs, speed) {
                (false, _) => EngineState::Off,
                (true, 0) => EngineState::Idle,
                (true, _) => EngineState::On,
            }),
            engine_runtime: seconds.map(engine_ms),
        })
    }

    /// Where every listed trailer with a gateway is, in the order of the plan.
    pub fn latest_trailer_locations(&self) -> Vec<LatestTrailerLocation> {
        let shown = self.shown();
        let trailers = 0..self.scope.world.trailers().len();
        trailers
            .filter_map(|index| {
                let fix = shown.trailer_fix(index, self.scope.now)?;
                Some(LatestTrailerLocation {
                    provider: PROVIDER.to_owned(),
                    trailer: self.scope.ids.trailer(&ids::asset(index).to_string()),
                    located_at: fix.time.floor_to(model::time::SECOND_MS),
                    location: coordinates(fix.position),
                    address: Some(FormattedAddress {
                        formatted: fix.position.address().text(),
                    }),
                    heading: None,
                    speed: None,
                })
            })
            .collect()
    }

    /// The films of a safety event, by its source id and start. `None`: no such event is there.
    pub fn camera_media(&self, source_id: &str, started_at: Timestamp) -> Option<CameraMedia> {
        let second = model::Window {
            from: started_at,
            until: after(started_at, model::time::SECOND_MS),
        };
        let vehicles = 0..self.scope.world.vehicles().len();
        let mut events = vehicles.flat_map(|place| self.shown().safety_events(place, second));
        let shown = events.find(|shown| {
            let event = &shown.event;
            let id = ids::event(event.vehicle, event.from);
            safety::label(shown).is_some() && source_id == format!("performance-{id}")
        })?;
        let event = &shown.event;
        let id = ids::event(event.vehicle, event.from);
        let has_films = event.has_media && safety::is_transcoded(event);
        let film = |position: &str| CameraMediaFile {
            source_id: Some(ids::media(id).to_string()),
            video_url: safety::film_url(id, position),
        };
        let both = safety::films_driver(&self.scope.world.vehicles()[event.vehicle]);
        Some(CameraMedia {
            front_facing: has_films.then(|| film("front_facing")),
            rear_facing: (has_films && both).then(|| film("driver_facing")),
        })
    }
}
