//! The truth about the present, which is asked for and not stored.

use model::history::EngineState;
use model::live::{FuelTanks, LatestTrailerLocation, LatestVehicleLocation};

use super::super::gauges::Gauge;
use super::super::present::whole_kmh;
use super::super::records::{TrailerForm, trailer_form, trailer_source_id};
use super::{GeotabTruth, PROVIDER};
use crate::fleet::VehiclePlan;
use crate::shown::equipment::ShownTrailer;
use crate::truth::arithmetic::{coordinates, decimal, thousandth};

impl GeotabTruth {
    /// Where every vehicle is that was ever heard of, in the order of the plan.
    pub(super) fn true_latest_vehicle_locations(&self) -> Vec<LatestVehicleLocation> {
        let plans = self.scope.world.vehicles().iter();
        plans.filter_map(|plan| self.latest(plan)).collect()
    }

    fn latest(&self, plan: &VehiclePlan) -> Option<LatestVehicleLocation> {
        let (database, now) = (self.database(), self.scope.now);
        database.vehicle_name(plan)?;
        let log = database.last_log(plan.index, now)?;
        let value = |gauge| {
            let last = database.last_status(plan.index, gauge, now)?;
            Some(last.value.number)
        };
        let driver = database
            .change_before(plan.index, now)
            .and_then(|change| change.driver);
        let metres = value(Gauge::Odometer).or_else(|| value(Gauge::RawOdometer));
        Some(LatestVehicleLocation {
            provider: PROVIDER.to_owned(),
            vehicle: self.vehicle_id(plan.index),
            driver: driver.map(|driver| self.driver_id(driver)),
            located_at: log.time,
            location: coordinates(log.position),
            address: None,
            heading: Some(database.bearing(plan.index, log.time) as f64),
            speed: Some(decimal(log.speed_kmh * 100)),
            odometer: metres.map(thousandth),
            fuel: value(Gauge::FuelLevel).map(|percent| FuelTanks {
                primary_percentage: percent as f64,
                secondary_percentage: None,
            }),
            engine_state: value(Gauge::Ignition).map(|ignition| match ignition {
                0 => EngineState::Off,
                _ if log.speed_kmh == 0 => EngineState::Idle,
                _ => EngineState::On,
            }),
            engine_runtime: value(Gauge::EngineHours).map(|seconds| seconds * 1_000),
        })
    }

    /// Where every listed trailer is that has a device of its own, or is known to hang on a vehicle
    /// that was heard of, in the order of the plan.
    pub(super) fn true_latest_trailer_locations(&self) -> Vec<LatestTrailerLocation> {
        let shown = self.scope.shown();
        let places = 0..self.scope.world.trailers().len();
        let trailers = places.filter_map(|index| shown.trailer(index));
        trailers
            .filter_map(|trailer| self.latest_of_trailer(&trailer))
            .collect()
    }

    fn latest_of_trailer(&self, trailer: &ShownTrailer<'_>) -> Option<LatestTrailerLocation> {
        let (database, now) = (self.database(), self.scope.now);
        let (index, form) = (trailer.plan.index, trailer_form(trailer));
        let located = |located_at, location, heading: i64, kmh: i64| LatestTrailerLocation {
            provider: PROVIDER.to_owned(),
            trailer: self.scope.ids.trailer(&trailer_source_id(trailer)),
            located_at,
            location,
            address: None,
            heading: Some(heading as f64),
            speed: Some(decimal(kmh * 100)),
        };
        let own = (form != TrailerForm::Entity)
            .then(|| self.scope.shown().trailer_fix(index, now))
            .flatten();
        if let Some(fix) = own {
            let heading = fix.heading_degrees.into();
            let kmh = whole_kmh(fix.speed_centi_kmh);
            return Some(located(fix.time, coordinates(fix.position), heading, kmh));
        }
        let vehicle = self.scope.world.coupled(index, now);
        let vehicle = vehicle.filter(|_| form != TrailerForm::Device)?;
        let log = database.last_log(vehicle, now)?;
        let heading = database.bearing(vehicle, log.time);
        Some(located(
            log.time,
            coordinates(log.position),
            heading,
            log.speed_kmh,
        ))
    }
}
