//! What a store must hold after reading the simulated Samsara, in the words of the common model.
//!
//! Everything here is computed from the plan and from the simulator's own arithmetic on integers,
//! never from an answer and never with the conversions that connectors use. What Samsara has no
//! member for is absent.
//!
//! Lists of records are fields, because they are short; everything that happened is a method, which
//! works it out when it is called. A store that began to read in the middle of history is told of
//! by [`Truth::read_from`]: what began earlier is then not expected, but some of it may be there,
//! see [`Truth::may_be_extra`].

mod events;
mod faultcodes;
mod hours;
mod live;
mod records;
mod reports;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use model::coordinates::Coordinates;
use model::device::Device;
use model::driver::Driver;
use model::group::Group;
use model::trailer::Trailer;
use model::vehicle::Vehicle;
use model::{
    DriverId, IdSpace, Model, Record, SeriesKey, SeriesKind, StatType, Timestamp, VehicleId, Window,
};

use crate::faults::{FaultPlan, RowFate, edited_fix, edited_value};
use crate::fleet::{Assignment, Fix, Position, Reading, Signal, World};
use crate::samsara::wire::signal_name;
use crate::shown::Shown;

const PROVIDER: &str = "samsara";

/// The truth at one instant. Records are in the order of the provider's list.
pub struct Truth {
    pub vehicles: Vec<Vehicle>,
    pub drivers: Vec<Driver>,
    pub groups: Vec<Group>,
    /// Gateways of the gateway list, then cameras of the vehicle list.
    pub devices: Vec<Device>,
    pub trailers: Vec<Trailer>,
    /// Drivers that have left the list, with when they did. Their hours and assignments go on in
    /// the truth: whether a store goes on to ask for them is its own decision.
    pub departed_drivers: Vec<(DriverId, Timestamp)>,
    world: Arc<World>,
    faults: FaultPlan,
    ids: IdSpace,
    now: Timestamp,
    read_from: Timestamp,
    places: HashMap<VehicleId, usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrueLocation {
    pub time: Timestamp,
    pub latitude_e7: i32,
    pub longitude_e7: i32,
    pub heading_centi: i32,
    pub speed_centi_kph: i32,
    pub address: Option<String>,
    /// Whose assignment covers the time.
    pub driver: Option<DriverId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrueStat {
    pub time: Timestamp,
    /// Fixed-point, read as [`StatType::member`] says.
    pub value: i64,
}

/// All points of one series of a vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrueSeries {
    pub series: SeriesKey,
    /// Among the series of one kind, the lowest with points on a UTC day answers for the day.
    pub rank: u8,
    pub points: Vec<TrueStat>,
}

/// A point with the signal that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServedStat {
    pub time: Timestamp,
    pub value: i64,
    pub signal: &'static str,
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

impl Truth {
    pub fn new(world: Arc<World>, faults: FaultPlan, ids: IdSpace, now: Timestamp) -> Truth {
        let places = world
            .vehicles()
            .iter()
            .map(|plan| (ids.vehicle(&plan.source_id), plan.index))
            .collect();
        Truth {
            vehicles: records::vehicles(&world, &faults, &ids, now),
            drivers: records::drivers(&world, &faults, &ids, now),
            groups: records::groups(&world, &ids),
            devices: records::devices(&world, &faults, &ids, now),
            trailers: records::trailers(&world, &faults, &ids, now),
            departed_drivers: records::departed_drivers(&world, &faults, &ids, now),
            read_from: world.config().begins_at,
            world,
            faults,
            ids,
            now,
            places,
        }
    }

    /// The truth of a store that read history from `from` on: earlier points are not expected, and
    /// do not decide which signal answers for a day. Days and months that `from` lies in are
    /// expected, and whole.
    pub fn read_from(mut self, from: Timestamp) -> Truth {
        self.read_from = self.read_from.max(from);
        self
    }

    /// The text of the request that is refused with 403, if one is: what only such requests give
    /// is not to be expected.
    pub fn forbidden(&self) -> Option<&str> {
        self.faults.forbid.as_deref()
    }

    /// Every vehicle of the fleet, also such as have left the list or never had history.
    pub fn vehicle_ids(&self) -> impl Iterator<Item = VehicleId> {
        let mut ids: Vec<(usize, VehicleId)> = self
            .places
            .iter()
            .map(|(id, place)| (*place, *id))
            .collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id)
    }

    /// Whether a store may hold a live record that the truth does not list: one that began before
    /// reading did, and is given beside what was asked for, or was once. These are
    ///
    /// - trips, duty statuses and assignments that began before and lasted beyond the beginning of
    ///   reading (as they were at some time: later changes of them are not followed),
    /// - safety events that happened before and were published or judged anew after it.
    pub fn may_be_extra<R: Record>(&self, record: &R) -> bool {
        let began_before = record.started_at().is_some_and(|at| at < self.read_from);
        let reaches_in = record.ended_at().is_none_or(|at| at > self.read_from);
        match R::MODEL {
            Model::Trip | Model::HosLog | Model::DriverAssignment => began_before && reaches_in,
            Model::SafetyEvent => began_before,
            _ => false,
        }
    }

    fn shown(&self) -> Shown<'_> {
        Shown {
            world: &self.world,
            faults: &self.faults,
            now: self.now,
        }
    }

    /// From the beginning of reading until now; `None`: nothing was read.
    fn span(&self) -> Option<Window> {
        self.known(Window {
            from: Timestamp::MIN,
            until: Timestamp::MAX,
        })
    }

    /// Assignments that a store knows which read what touches its span.
    fn known_assignments(&self, place: usize) -> Vec<Assignment> {
        self.span()
            .map_or_else(Vec::new, |span| self.shown().assignments(place, span))
    }

    /// Of assignments in order of their beginnings, the last that covers `time`.
    fn driver_at(&self, assignments: &[Assignment], time: Timestamp) -> Option<DriverId> {
        let covers = |found: &&Assignment| {
            let is_over = self.shown().is_over(found.until);
            found.from <= time && (!is_over || time < found.until)
        };
        let found = assignments.iter().rfind(covers)?;
        Some(self.driver_id(found.driver))
    }

    fn driver_id(&self, driver: usize) -> DriverId {
        self.ids.driver(&self.world.drivers()[driver].source_id)
    }

    fn vehicle_id(&self, vehicle: usize) -> VehicleId {
        self.ids.vehicle(&self.world.vehicles()[vehicle].source_id)
    }

    /// By time. Empty for a vehicle that is not of this fleet.
    pub fn locations(&self, vehicle: VehicleId, window: Window) -> Vec<TrueLocation> {
        let mut locations = Vec::new();
        if let (Some(place), Some(window)) = (self.places.get(&vehicle), self.known(window)) {
            let assignments = self.known_assignments(*place);
            self.world.fixes(*place, window, |fix| {
                let driver = self.driver_at(&assignments, fix.time);
                match self.fate(*place, Signal::Position, fix.time) {
                    RowFate::Hidden => {}
                    RowFate::AsProduced => locations.push(location(fix, driver)),
                    RowFate::Edited => locations.push(location(&edited_fix(fix), driver)),
                }
            });
        }
        locations
    }

    /// Every signal of the type that has points in the window, by rank; points by time.
    pub fn stats(&self, vehicle: VehicleId, stat: StatType, window: Window) -> Vec<TrueSeries> {
        let (Some(place), Some(window)) = (self.places.get(&vehicle), self.known(window)) else {
            return Vec::new();
        };
        signals_of(stat)
            .iter()
            .zip(0..)
            .map(|(signal, rank)| TrueSeries {
                series: SeriesKey::new(SeriesKind::Stat(stat), signal_name(*signal)),
                rank,
                points: self.points(*place, *signal, window),
            })
            .filter(|series| !series.points.is_empty())
            .collect()
    }

    /// What is served: on each UTC day the points of the lowest rank that has any that day (also
    /// outside the window).
    pub fn served_stats(
        &self,
        vehicle: VehicleId,
        stat: StatType,
        window: Window,
    ) -> Vec<ServedStat> {
        let whole_days = Window {
            from: window.from.start_of_utc_day(),
            until: window
                .until
                .start_of_utc_day()
                .saturating_add(Duration::from_secs(86_400)),
        };
        let mut days: BTreeMap<i64, (u8, Vec<ServedStat>)> = BTreeMap::new();
        for (signal, series) in signals_of(stat).iter().filter_map(|signal| {
            Some((*signal, self.series_of(vehicle, stat, *signal, whole_days)?))
        }) {
            for point in series.points {
                let day = days
                    .entry(point.time.utc_day())
                    .or_insert((series.rank, Vec::new()));
                if day.0 == series.rank {
                    day.1.push(ServedStat {
                        time: point.time,
                        value: point.value,
                        signal: signal_name(signal),
                    });
                }
            }
        }
        days.into_values()
            .flat_map(|(_, points)| points)
            .filter(|point| window.contains(point.time))
            .collect()
    }

    fn series_of(
        &self,
        vehicle: VehicleId,
        stat: StatType,
        signal: Signal,
        window: Window,
    ) -> Option<TrueSeries> {
        self.stats(vehicle, stat, window)
            .into_iter()
            .find(|series| series.series.signal == signal_name(signal))
    }

    fn known(&self, window: Window) -> Option<Window> {
        let after_now = self.now.saturating_add(Duration::from_millis(1));
        window.intersect(&Window::new(self.read_from, after_now)?)
    }

    fn fate(&self, place: usize, signal: Signal, time: Timestamp) -> RowFate {
        self.faults.row_fate(place, signal, time, self.now)
    }

    fn points(&self, place: usize, signal: Signal, window: Window) -> Vec<TrueStat> {
        let mut points = Vec::new();
        self.world.readings(place, signal, window, |reading| {
            let Reading { time, value } = *reading;
            let value = match self.fate(place, signal, time) {
                RowFate::Hidden => return,
                RowFate::AsProduced => value,
                RowFate::Edited => edited_value(signal, value),
            };
            points.push(TrueStat {
                time,
                value: fixed_point(signal, value),
            });
        });
        points
    }
}

/// `numerator / denominator` rounded half away from zero; the denominator is positive.
fn rounded(numerator: i128, denominator: i128) -> i64 {
    let half = denominator / 2 * numerator.signum();
    ((numerator + half) / denominator) as i64
}

/// A number of hundredths as it is served.
fn decimal(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// Kilometres of metres, or litres of millilitres, two decimals.
fn thousandth(number: i64) -> f64 {
    decimal(rounded(i128::from(number), 10))
}

/// 1.609344 km to the mile; both sides in hundredths.
fn centi_kph(centi_mph: i64) -> i64 {
    rounded(i128::from(centi_mph) * 1_609_344, 1_000_000)
}

fn coordinates(place: Position) -> Coordinates {
    Coordinates {
        longitude: f64::from(place.longitude_e7) / 1e7,
        latitude: f64::from(place.latitude_e7) / 1e7,
    }
}

fn location(fix: &Fix, driver: Option<DriverId>) -> TrueLocation {
    let speed_centi_kph = centi_kph(fix.speed_centi_mph.into());
    TrueLocation {
        time: fix.time,
        latitude_e7: fix.latitude_e7,
        longitude_e7: fix.longitude_e7,
        heading_centi: i32::from(fix.heading_degrees) * 100,
        speed_centi_kph: speed_centi_kph as i32,
        address: fix.address.map(|address| address.text()),
        driver,
    }
}

fn fixed_point(signal: Signal, value: i64) -> i64 {
    match signal {
        Signal::Position => 0,
        Signal::EngineState => value,
        Signal::FuelPercent | Signal::EngineRpm => value * 100,
        // Thousandths to hundredths: metres, millilitres, milli-degrees, millivolts.
        Signal::BusOdometerMetres
        | Signal::GpsOdometerMetres
        | Signal::FuelUsedMillilitres
        | Signal::CoolantMilliCelsius
        | Signal::BatteryMillivolts => rounded(i128::from(value), 10),
        Signal::BusEngineSeconds | Signal::EstimatedEngineSeconds => value * 1_000,
        // 0.1450377377 PSI to the kPa.
        Signal::OilPressureKpa => rounded(i128::from(value) * 1_450_377_377, 100_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_converted_as_the_units_say() {
        assert_eq!(fixed_point(Signal::OilPressureKpa, 100), 1_450);
        assert_eq!(fixed_point(Signal::CoolantMilliCelsius, -1_236), -124);
        assert_eq!(
            fixed_point(Signal::BusOdometerMetres, 14_010_293),
            1_401_029
        );
        assert_eq!(fixed_point(Signal::BusEngineSeconds, 7), 7_000);
    }
}
