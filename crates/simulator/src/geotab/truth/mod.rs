//! What a store must hold after reading the simulated MyGeotab; see [`crate::truth`].
//!
//! Rows are those of the database at the truth's instant ([`super::database`]); what is made of
//! them is worked out here on integers. Where the platform has no entity (days of vehicles and
//! drivers, places of events), the truth is what its rows allow to say.

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

use super::changes::ChangeRow;
use super::database::{Database, Remembered};
use super::gauges::{Gauge, Value};
use super::{forbidden, ids};
use crate::faults::FaultPlan;
use crate::fleet::World;
use crate::truth::arithmetic::rounded;
use crate::truth::{
    Scope, ServedStat, TrueLocation, TrueSeries, TrueStat, Truth, lowest_ranks, whole_utc_days,
};

const PROVIDER: &str = "geotab";

/// The truth at one instant. Records are in the order of the plan.
pub struct GeotabTruth {
    pub vehicles: Vec<Vehicle>,
    pub drivers: Vec<Driver>,
    pub groups: Vec<Group>,
    pub devices: Vec<Device>,
    pub trailers: Vec<Trailer>,
    scope: Scope,
    remembered: Arc<Remembered>,
}

/// The diagnostics that answer for a stat type, best first.
fn gauges_of(stat: StatType) -> &'static [Gauge] {
    match stat {
        StatType::EngineState => &[Gauge::Ignition],
        StatType::Odometer => &[Gauge::Odometer, Gauge::RawOdometer],
        StatType::TotalFuelConsumption => &[Gauge::TotalFuelUsed, Gauge::DeviceTotalFuel],
        StatType::FuelLevel => &[Gauge::FuelLevel],
        StatType::EngineRuntime => &[Gauge::EngineHours],
        StatType::EngineOilPressure => &[Gauge::OilPressure],
        StatType::EngineCoolantTemperature => &[Gauge::CoolantTemperature],
        StatType::EngineRpm => &[Gauge::EngineSpeed],
        StatType::BatteryVoltage => &[Gauge::DeviceVoltage],
        StatType::EngineOilPercentage => &[Gauge::OilLevel],
        StatType::EngineOilTemperature => &[Gauge::OilTemperature],
        StatType::CoolantPercentage => &[Gauge::CoolantLevel],
    }
}

impl GeotabTruth {
    pub(super) fn new(
        world: Arc<World>,
        faults: FaultPlan,
        ids: IdSpace,
        now: Timestamp,
        remembered: Arc<Remembered>,
    ) -> GeotabTruth {
        let scope = Scope::new(world, faults, ids, now, ids::device_id);
        let mut truth = GeotabTruth {
            vehicles: Vec::new(),
            drivers: Vec::new(),
            groups: Vec::new(),
            devices: Vec::new(),
            trailers: Vec::new(),
            scope,
            remembered,
        };
        truth.vehicles = truth.true_vehicles();
        truth.drivers = truth.true_drivers();
        truth.groups = truth.true_groups();
        truth.devices = truth.true_devices();
        truth.trailers = truth.true_trailers();
        truth
    }

    fn database(&self) -> Database<'_> {
        Database {
            world: &self.scope.world,
            faults: &self.scope.faults,
            remembered: &self.remembered,
            now: self.scope.now,
        }
    }

    fn vehicle_id(&self, vehicle: usize) -> VehicleId {
        self.scope.ids.vehicle(&ids::device_id(vehicle))
    }

    fn driver_id(&self, driver: usize) -> DriverId {
        self.scope.ids.driver(&ids::user_id(driver))
    }

    /// The changes of driver that a store knows: those of the span that it read, and the last one
    /// before.
    fn known_changes(&self, vehicle: usize) -> Vec<ChangeRow> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let before = crate::shown::after(span.from, -1);
        let mut changes: Vec<ChangeRow> = self
            .database()
            .change_before(vehicle, before)
            .into_iter()
            .collect();
        changes.extend(self.database().changes(vehicle, span));
        changes
    }

    fn driver_at(&self, changes: &[ChangeRow], time: Timestamp) -> Option<DriverId> {
        let last = changes.iter().rfind(|change| change.time <= time)?;
        last.driver.map(|driver| self.driver_id(driver))
    }

    /// What a refusal hides: the entity or, of status data, the diagnostic that it names. All
    /// diagnostics of a window are asked for at once.
    fn is_refused(&self, entity: &str) -> bool {
        let refused = forbidden(&self.scope.faults);
        refused == Some(entity)
            || (entity == "StatusData" && refused.and_then(Gauge::from_id).is_some())
    }

    fn unless_refused<T>(&self, entities: &[&str], list: fn(&GeotabTruth) -> Vec<T>) -> Vec<T> {
        if entities.iter().any(|entity| self.is_refused(entity)) {
            return Vec::new();
        }
        list(self)
    }

    /// Every diagnostic of the type that has points in the window, by rank; points by time.
    pub fn stats(&self, vehicle: VehicleId, stat: StatType, window: Window) -> Vec<TrueSeries> {
        let found = self.scope.place(vehicle).zip(self.scope.known(window));
        let Some((place, window)) = found.filter(|_| !self.is_refused("StatusData")) else {
            return Vec::new();
        };
        let series = gauges_of(stat).iter().zip(0..);
        series
            .map(|(gauge, rank)| {
                let mut points = Vec::new();
                self.database().statuses(place, *gauge, window, |status| {
                    points.push(TrueStat {
                        time: status.time,
                        value: fixed_point(*gauge, status.value),
                    });
                });
                TrueSeries {
                    series: SeriesKey::new(SeriesKind::Stat(stat), gauge.id()),
                    rank,
                    points,
                }
            })
            .filter(|series| !series.points.is_empty())
            .collect()
    }
}

/// A value in the fixed point of the stat type that its diagnostic is for.
fn fixed_point(gauge: Gauge, value: Value) -> i64 {
    let number = i128::from(value.number);
    match gauge {
        // Metres to hundredths of a kilometre.
        Gauge::Odometer | Gauge::RawOdometer => rounded(number, 10),
        // Seconds to milliseconds.
        Gauge::EngineHours => value.number * 1_000,
        // 0.1450377377 PSI to the kPa.
        Gauge::OilPressure => rounded(number * 1_450_377_377, 100_000_000_000),
        Gauge::Ignition => value.number,
        _ => rounded(number * 100, 10_i128.pow(value.decimals)),
    }
}

impl Truth for GeotabTruth {
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

    /// Who leaves stays in the list, as inactive.
    fn departed_drivers(&self) -> &[(DriverId, Timestamp)] {
        &[]
    }

    fn vehicle_ids(&self) -> Vec<VehicleId> {
        self.scope.vehicle_ids()
    }

    fn trips(&self) -> Vec<Trip> {
        self.unless_refused(&["Trip"], Self::true_trips)
    }

    fn safety_events(&self) -> Vec<SafetyEvent> {
        self.unless_refused(
            &["ExceptionEvent", "Rule", "LogRecord", "StatusData"],
            Self::true_safety_events,
        )
    }

    fn assignments(&self) -> Vec<DriverAssignment> {
        self.unless_refused(&["DriverChange"], Self::true_assignments)
    }

    fn fault_code_events(&self) -> Vec<FaultCodeEvent> {
        self.unless_refused(
            &["FaultData", "Diagnostic", "FailureMode"],
            Self::true_fault_code_events,
        )
    }

    fn hos_logs(&self) -> Vec<HosLog> {
        self.unless_refused(&["DutyStatusLog", "AnnotationLog"], Self::true_hos_logs)
    }

    fn hos_daily_logs(&self) -> Vec<HosDailyLog> {
        self.unless_refused(&["DutyStatusLog", "User"], Self::true_hos_daily_logs)
    }

    fn utilization(&self) -> Vec<VehicleUtilizationDay> {
        self.unless_refused(&["Trip", "FuelAndEnergyUsed"], Self::true_utilization)
    }

    fn ifta(&self) -> Vec<IftaVehicleMonth> {
        self.unless_refused(&["FuelTaxDetail"], Self::true_ifta)
    }

    fn locations(&self, vehicle: VehicleId, window: Window) -> Vec<TrueLocation> {
        let mut locations = Vec::new();
        let found = self.scope.place(vehicle).zip(self.scope.known(window));
        if let Some((place, window)) = found.filter(|_| !self.is_refused("LogRecord")) {
            let changes = self.known_changes(place);
            self.database().logs(place, window, |log| {
                locations.push(TrueLocation {
                    time: log.time,
                    latitude_e7: log.position.latitude_e7,
                    longitude_e7: log.position.longitude_e7,
                    heading_centi: None,
                    speed_centi_kph: Some(log.speed_kmh as i32 * 100),
                    address: None,
                    driver: self.driver_at(&changes, log.time),
                });
            });
        }
        locations
    }

    fn served_stats(&self, vehicle: VehicleId, stat: StatType, window: Window) -> Vec<ServedStat> {
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
        let began_before = began.is_some_and(|at| at < self.scope.read_from);
        // Feeds tell of whole hours and days, which may begin before reading did.
        let is_told = matches!(
            model,
            Model::Trip | Model::HosLog | Model::FaultCodeEvent | Model::DriverAssignment
        );
        (is_told && began_before) || self.scope.may_be_extra(model, began, ended)
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

    /// Films are behind credentials: there are none.
    fn camera_media(&self, _source_id: &str, _started_at: Timestamp) -> Option<CameraMedia> {
        None
    }

    fn read_from(mut self: Box<Self>, from: Timestamp) -> Box<dyn Truth> {
        self.scope.read_from(from);
        self
    }
}
