//! What a store must hold after reading the simulated Samsara; see [`crate::truth`].
//!
//! Lists of records are fields, because they are short; everything that happened is a method, which
//! works it out when it is called.

mod events;
mod faultcodes;
mod hours;
mod live;
mod records;
mod reports;

use std::sync::Arc;

use model::assignment::DriverAssignment;
use model::device::Device;
use model::driver::Driver;
use model::fault::FaultCodeEvent;
use model::group::Group;
use model::hos::{HosDailyLog, HosLog};
use model::ifta::IftaVehicleMonth;
use model::live::{CameraMedia, HosAvailableTime, LatestTrailerLocation, LatestVehicleLocation};
use model::safety::SafetyEvent;
use model::trailer::Trailer;
use model::trip::Trip;
use model::utilization::VehicleUtilizationDay;
use model::vehicle::Vehicle;
use model::{
    DriverId, IdSpace, Model, SeriesKey, SeriesKind, StatType, Timestamp, VehicleId, Window,
};

use super::wire::signal_name;
use crate::faults::FaultPlan;
use crate::fleet::{Assignment, Fix, Signal, World};
use crate::shown::Shown;
use crate::truth::arithmetic::{centi_kph, fixed_point};
use crate::truth::{
    Scope, ServedStat, TrueLocation, TrueSeries, TrueStat, Truth, lowest_ranks, whole_utc_days,
};

pub(super) const PROVIDER: &str = "samsara";

/// The truth at one instant. Records are in the order of the provider's list.
pub struct SamsaraTruth {
    pub vehicles: Vec<Vehicle>,
    pub drivers: Vec<Driver>,
    pub groups: Vec<Group>,
    /// Gateways of the gateway list, then cameras of the vehicle list.
    pub devices: Vec<Device>,
    pub trailers: Vec<Trailer>,
    /// Drivers that have left the list, with when they did.
    pub departed_drivers: Vec<(DriverId, Timestamp)>,
    scope: Scope,
}

/// The signals that answer for a stat type, best first.
pub fn signals_of(stat: StatType) -> &'static [Signal] {
    match stat {
        StatType::EngineState => &[Signal::EngineState],
        StatType::Odometer => &[Signal::BusOdometerMetres, Signal::GpsOdometerMetres],
        StatType::TotalFuelConsumption => &[Signal::FuelUsedMillilitres],
        StatType::FuelLevel => &[Signal::FuelPercent],
        StatType::EngineRuntime => &[Signal::BusEngineSeconds, Signal::EstimatedEngineSeconds],
        StatType::EngineOilPressure => &[Signal::OilPressureKpa],
        StatType::EngineCoolantTemperature => &[Signal::CoolantMilliCelsius],
        StatType::EngineRpm => &[Signal::EngineRpm],
        StatType::BatteryVoltage => &[Signal::BatteryMillivolts],
        StatType::EngineOilPercentage
        | StatType::EngineOilTemperature
        | StatType::CoolantPercentage => &[],
    }
}

impl SamsaraTruth {
    pub fn new(world: Arc<World>, faults: FaultPlan, ids: IdSpace, now: Timestamp) -> SamsaraTruth {
        let named = Arc::clone(&world);
        let source_id = |vehicle: usize| named.vehicles()[vehicle].source_id.clone();
        SamsaraTruth {
            vehicles: records::vehicles(&world, &faults, &ids, now),
            drivers: records::drivers(&world, &faults, &ids, now),
            groups: records::groups(&world, &ids),
            devices: records::devices(&world, &faults, &ids, now),
            trailers: records::trailers(&world, &faults, &ids, now),
            departed_drivers: records::departed_drivers(&world, &faults, &ids, now),
            scope: Scope::new(world, faults, ids, now, source_id),
        }
    }

    /// Every signal of the type that has points in the window, by rank; points by time.
    pub fn stats(&self, vehicle: VehicleId, stat: StatType, window: Window) -> Vec<TrueSeries> {
        let found = self.scope.place(vehicle).zip(self.scope.known(window));
        let Some((place, window)) = found else {
            return Vec::new();
        };
        signals_of(stat)
            .iter()
            .zip(0..)
            .map(|(signal, rank)| TrueSeries {
                series: SeriesKey::new(SeriesKind::Stat(stat), signal_name(*signal)),
                rank,
                points: self.points(place, *signal, window),
            })
            .filter(|series| !series.points.is_empty())
            .collect()
    }

    fn points(&self, place: usize, signal: Signal, window: Window) -> Vec<TrueStat> {
        let mut points = Vec::new();
        self.scope.readings(place, signal, window, |reading| {
            points.push(TrueStat {
                time: reading.time,
                value: fixed_point(signal, reading.value),
            });
        });
        points
    }

    /// Three types are asked for in one request, so a refusal of one hides all.
    fn is_refused(&self, stat: StatType) -> bool {
        self.forbidden() == Some("batteryMilliVolts")
            && matches!(
                stat,
                StatType::BatteryVoltage
                    | StatType::EngineOilPressure
                    | StatType::EngineCoolantTemperature
            )
    }

    fn shown(&self) -> Shown<'_> {
        self.scope.shown()
    }

    fn driver_at(&self, assignments: &[Assignment], time: Timestamp) -> Option<DriverId> {
        let driver = self.scope.driver_at(assignments, time)?;
        Some(self.driver_id(driver))
    }

    fn driver_id(&self, driver: usize) -> DriverId {
        self.scope.driver_id(driver)
    }

    fn vehicle_id(&self, vehicle: usize) -> VehicleId {
        self.scope.vehicle_id(vehicle)
    }
}

impl Truth for SamsaraTruth {
    fn vehicles(&self) -> &[Vehicle] {
        &self.vehicles
    }

    fn drivers(&self) -> &[Driver] {
        &self.drivers
    }

    fn groups(&self) -> &[Group] {
        &self.groups
    }

    fn devices(&self) -> &[Device] {
        &self.devices
    }

    fn trailers(&self) -> &[Trailer] {
        &self.trailers
    }

    fn departed_drivers(&self) -> &[(DriverId, Timestamp)] {
        &self.departed_drivers
    }

    fn vehicle_ids(&self) -> Vec<VehicleId> {
        self.scope.vehicle_ids()
    }

    fn trips(&self) -> Vec<Trip> {
        self.true_trips()
    }

    fn safety_events(&self) -> Vec<SafetyEvent> {
        self.true_safety_events()
    }

    fn assignments(&self) -> Vec<DriverAssignment> {
        self.true_assignments()
    }

    fn fault_code_events(&self) -> Vec<FaultCodeEvent> {
        self.true_fault_code_events()
    }

    fn hos_logs(&self) -> Vec<HosLog> {
        self.true_hos_logs()
    }

    fn hos_daily_logs(&self) -> Vec<HosDailyLog> {
        self.true_hos_daily_logs()
    }

    fn utilization(&self) -> Vec<VehicleUtilizationDay> {
        self.true_utilization()
    }

    fn ifta(&self) -> Vec<IftaVehicleMonth> {
        self.true_ifta()
    }

    fn locations(&self, vehicle: VehicleId, window: Window) -> Vec<TrueLocation> {
        let mut locations = Vec::new();
        let found = self.scope.place(vehicle).zip(self.scope.known(window));
        if let Some((place, window)) = found {
            let assignments = self.scope.assignments(place);
            self.scope.fixes(place, window, |fix| {
                locations.push(location(fix, self.driver_at(&assignments, fix.time)));
            });
        }
        locations
    }

    fn served_stats(&self, vehicle: VehicleId, stat: StatType, window: Window) -> Vec<ServedStat> {
        if self.is_refused(stat) {
            return Vec::new();
        }
        lowest_ranks(&self.stats(vehicle, stat, whole_utc_days(window)), window)
    }

    fn forbidden(&self) -> Option<&str> {
        self.scope.faults.forbid.as_deref()
    }

    fn may_be_extra(
        &self,
        model: Model,
        began: Option<Timestamp>,
        ended: Option<Timestamp>,
    ) -> bool {
        self.scope.may_be_extra(model, began, ended)
    }

    fn latest_vehicle_locations(&self) -> Vec<LatestVehicleLocation> {
        self.true_latest_vehicle_locations()
    }

    fn latest_trailer_locations(&self) -> Vec<LatestTrailerLocation> {
        self.true_latest_trailer_locations()
    }

    fn available_times(&self) -> Vec<HosAvailableTime> {
        self.true_available_times()
    }

    fn camera_media(&self, source_id: &str, started_at: Timestamp) -> Option<CameraMedia> {
        self.true_camera_media(source_id, started_at)
    }

    fn read_from(mut self: Box<Self>, from: Timestamp) -> Box<dyn Truth> {
        self.scope.read_from(from);
        self
    }
}

fn location(fix: &Fix, driver: Option<DriverId>) -> TrueLocation {
    let speed_centi_kph = centi_kph(fix.speed_centi_mph.into());
    TrueLocation {
        time: fix.time,
        latitude_e7: fix.latitude_e7,
        longitude_e7: fix.longitude_e7,
        heading_centi: Some(i32::from(fix.heading_degrees) * 100),
        speed_centi_kph: Some(speed_centi_kph as i32),
        address: fix.address.map(|address| address.text()),
        driver,
    }
}
