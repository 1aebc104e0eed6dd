//! What a store must hold after reading the simulated Motive; see [`crate::truth`].
//!
//! Lists of records are fields, because they are short; everything that happened is a method, which
//! works it out when it is called. It starts from what Motive shows (rows, pieces of duty, labels)
//! and converts with its own integers.

mod events;
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
use model::history::EngineState;
use model::hos::{HosDailyLog, HosLog};
use model::idle::IdleEvent;
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

use super::rows::{Row, rows};
use super::wire::{hundred_thousandths_of_h, milli_kph};
use super::{ids, is_forbidden};
use crate::faults::FaultPlan;
use crate::fleet::{Signal, World};
use crate::shown::Shown;
use crate::truth::arithmetic::rounded;
use crate::truth::{
    Scope, ServedStat, TrueLocation, TrueSeries, TrueStat, Truth, lowest_ranks, whole_utc_days,
};

pub(super) const PROVIDER: &str = "motive";

/// The truth at one instant. Records are in the order of the provider's list.
pub struct MotiveTruth {
    pub vehicles: Vec<Vehicle>,
    pub drivers: Vec<Driver>,
    pub groups: Vec<Group>,
    /// Gateways of vehicles and spare ones.
    pub devices: Vec<Device>,
    pub trailers: Vec<Trailer>,
    /// Drivers that have left the list, with when they did.
    pub departed_drivers: Vec<(DriverId, Timestamp)>,
    scope: Scope,
}

/// What answers for a stat type, best first: the name, and what of a row it is. `None`: whether the
/// engine runs.
fn signals_of(stat: StatType) -> &'static [(&'static str, Option<Signal>)] {
    match stat {
        StatType::EngineState => &[("type", None)],
        StatType::Odometer => &[
            ("odometer.true", Some(Signal::BusOdometerMetres)),
            ("odometer.virtual", Some(Signal::GpsOdometerMetres)),
        ],
        StatType::EngineRuntime => &[
            ("engine_hours.true", Some(Signal::BusEngineSeconds)),
            ("engine_hours.virtual", Some(Signal::EstimatedEngineSeconds)),
        ],
        StatType::FuelLevel => &[("fuel.primary", Some(Signal::FuelPercent))],
        StatType::TotalFuelConsumption => &[("fuel", Some(Signal::FuelUsedMillilitres))],
        StatType::BatteryVoltage => &[("battery_voltage", Some(Signal::BatteryMillivolts))],
        StatType::EngineOilPressure
        | StatType::EngineCoolantTemperature
        | StatType::EngineRpm
        | StatType::EngineOilPercentage
        | StatType::EngineOilTemperature
        | StatType::CoolantPercentage => &[],
    }
}

/// The common model's fixed point of what a row carries.
fn value(row: &Row, signal: Option<Signal>) -> Option<i64> {
    let Some(signal) = signal else {
        let runs = row.kind.engine()?;
        let state = if runs {
            EngineState::On
        } else {
            EngineState::Off
        };
        return Some(state as i64);
    };
    let value = row.value_in_history(signal)?;
    Some(match signal {
        Signal::FuelPercent => value * 100,
        Signal::BusEngineSeconds | Signal::EstimatedEngineSeconds => engine_ms(value),
        // Metres, millilitres and millivolts to hundredths.
        _ => rounded(value.into(), 10),
    })
}

/// The wire has hundred-thousandths of an hour, which are 36 ms each.
fn engine_ms(seconds: i64) -> i64 {
    hundred_thousandths_of_h(seconds) * 36
}

fn centi_kph(centi_mph: u32) -> i64 {
    rounded(milli_kph(centi_mph).into(), 10)
}

impl MotiveTruth {
    pub fn new(world: Arc<World>, faults: FaultPlan, ids: IdSpace, now: Timestamp) -> MotiveTruth {
        let name = |index| ids::vehicle(index).to_string();
        let scope = Scope::new(world, faults, ids, now, name);
        let is_hidden = |path| is_forbidden(&scope.faults, path);
        MotiveTruth {
            vehicles: records::unless(is_hidden("/v1/vehicles"), || records::vehicles(&scope)),
            drivers: records::unless(is_hidden("/v1/users"), || records::drivers(&scope)),
            groups: records::unless(is_hidden("/v1/groups"), || records::groups(&scope)),
            devices: records::unless(is_hidden("/v1/eld_devices"), || records::devices(&scope)),
            trailers: records::unless(is_hidden("/v1/assets"), || records::trailers(&scope)),
            departed_drivers: records::departed_drivers(&scope),
            scope,
        }
    }

    fn shown(&self) -> Shown<'_> {
        self.scope.shown()
    }

    fn is_hidden(&self, path: &str) -> bool {
        is_forbidden(&self.scope.faults, path)
    }

    fn vehicle_id(&self, index: usize) -> VehicleId {
        self.scope.ids.vehicle(&ids::vehicle(index).to_string())
    }

    fn driver_id(&self, index: usize) -> DriverId {
        self.scope.driver_id(index)
    }

    /// The part of history that was read, if the path may be read.
    fn span_of(&self, path: &str) -> Option<Window> {
        self.scope.span().filter(|_| !self.is_hidden(path))
    }

    /// By their time on the wire.
    fn rows(&self, vehicle: VehicleId, window: Window) -> Vec<Row> {
        let found = self.scope.place(vehicle).zip(self.scope.known(window));
        let Some((place, window)) = found else {
            return Vec::new();
        };
        let path = format!("/v3/vehicle_locations/{}", ids::vehicle(place));
        if self.is_hidden(&path) {
            return Vec::new();
        }
        let scope = &self.scope;
        rows(&scope.world, &scope.faults, place, window, scope.now)
    }

    /// Every signal of the type, by rank; points by time.
    pub fn stats(&self, vehicle: VehicleId, stat: StatType, window: Window) -> Vec<TrueSeries> {
        let rows = match signals_of(stat) {
            [] => return Vec::new(),
            _ => self.rows(vehicle, window),
        };
        let series = signals_of(stat).iter().zip(0..);
        series
            .map(|((name, signal), rank)| TrueSeries {
                series: SeriesKey::new(SeriesKind::Stat(stat), *name),
                rank,
                points: rows
                    .iter()
                    .filter_map(|row| {
                        Some(TrueStat {
                            time: row.located_at(),
                            value: value(row, *signal)?,
                        })
                    })
                    .collect(),
            })
            .filter(|series| !series.points.is_empty())
            .collect()
    }
}

impl Truth for MotiveTruth {
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
        MotiveTruth::trips(self)
    }

    fn safety_events(&self) -> Vec<SafetyEvent> {
        MotiveTruth::safety_events(self)
    }

    /// Rows of history say who drives; nothing says from when until when.
    fn assignments(&self) -> Vec<DriverAssignment> {
        Vec::new()
    }

    fn fault_code_events(&self) -> Vec<FaultCodeEvent> {
        MotiveTruth::fault_code_events(self)
    }

    fn hos_logs(&self) -> Vec<HosLog> {
        MotiveTruth::hos_logs(self)
    }

    fn hos_daily_logs(&self) -> Vec<HosDailyLog> {
        MotiveTruth::hos_daily_logs(self)
    }

    fn utilization(&self) -> Vec<VehicleUtilizationDay> {
        MotiveTruth::utilization(self)
    }

    fn ifta(&self) -> Vec<IftaVehicleMonth> {
        MotiveTruth::ifta(self)
    }

    fn idle_events(&self) -> Vec<IdleEvent> {
        MotiveTruth::idle_events(self)
    }

    fn locations(&self, vehicle: VehicleId, window: Window) -> Vec<TrueLocation> {
        let rows = self.rows(vehicle, window).into_iter();
        rows.map(|row| TrueLocation {
            time: row.located_at(),
            latitude_e7: row.position.latitude_e7,
            longitude_e7: row.position.longitude_e7,
            heading_centi: Some(row.bearing_centi),
            speed_centi_kph: row.speed_centi_mph.map(|speed| centi_kph(speed) as i32),
            address: row.address.map(|address| address.text()),
            driver: row.driver.map(|driver| self.driver_id(driver)),
        })
        .collect()
    }

    fn served_stats(&self, vehicle: VehicleId, stat: StatType, window: Window) -> Vec<ServedStat> {
        let series = self.stats(vehicle, stat, whole_utc_days(window));
        lowest_ranks(&series, window)
    }

    fn forbidden(&self) -> Option<&str> {
        self.scope.faults.forbid.as_deref()
    }

    /// Beside what every provider may leave over: changes of fault codes before reading began, of
    /// codes that were seen since.
    fn may_be_extra(
        &self,
        model: Model,
        began: Option<Timestamp>,
        ended: Option<Timestamp>,
    ) -> bool {
        let began_before = began.is_some_and(|at| at < self.scope.read_from);
        let reaches_in = ended.is_none_or(|at| at > self.scope.read_from);
        match model {
            Model::FaultCodeEvent => began_before,
            Model::IdleEvent => began_before && reaches_in,
            _ => self.scope.may_be_extra(model, began, ended),
        }
    }

    fn latest_vehicle_locations(&self) -> Vec<LatestVehicleLocation> {
        MotiveTruth::latest_vehicle_locations(self)
    }

    fn latest_trailer_locations(&self) -> Vec<LatestTrailerLocation> {
        MotiveTruth::latest_trailer_locations(self)
    }

    fn available_times(&self) -> Vec<HosAvailableTime> {
        MotiveTruth::available_times(self)
    }

    fn camera_media(&self, source_id: &str, started_at: Timestamp) -> Option<CameraMedia> {
        MotiveTruth::camera_media(self, source_id, started_at)
    }

    fn read_from(mut self: Box<Self>, from: Timestamp) -> Box<dyn Truth> {
        self.scope.read_from(from);
        self
    }
}
