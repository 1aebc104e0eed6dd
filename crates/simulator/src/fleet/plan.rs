//! Who belongs to the fleet: vehicles, drivers and groups, drawn once from the seed.
//!
//! The awkward is here on purpose: names in several scripts, empty strings where a value is
//! missing, telephone numbers as people type them, vehicles without a device, two vehicles with one
//! VIN because a device was moved.

use model::Timestamp;
use model::time::{DAY_MS, SECOND_MS};
use world::Rng;

use super::cities::{CITIES, region_of};
use super::crew::{Crews, Rhythm};
use super::itinerary::Counters;
use super::names;
use super::signals::Signal;
use super::trailers::{self, TrailerPlan};
use super::zone;

/// How often receivers fix their position while moving.
const FIX_EVERY_MS: [i64; 8] = [
    6_000, 10_000, 15_000, 20_000, 30_000, 30_000, 45_000, 55_000,
];

/// A text that the provider may leave out, or give as an empty string.
pub type Text = Option<String>;

#[derive(Clone, Debug)]
pub struct VehiclePlan {
    pub index: usize,
    /// The provider's id: 15 digits.
    pub source_id: String,
    pub name: String,
    pub vin: Text,
    pub make: Text,
    pub model: Text,
    /// Digits.
    pub year: Text,
    pub plate: Text,
    pub notes: String,
    pub serial: Text,
    pub gateway: Option<Gateway>,
    pub camera_serial: Option<String>,
    pub groups: Vec<usize>,
    pub static_driver: Option<usize>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Whether speeds come from the engine's computer.
    pub has_ecu_speed: bool,
    pub shows_external_ids: bool,
    pub(crate) rhythm: Rhythm,
    pub(crate) region: Vec<usize>,
    pub(crate) fuel_ml_per_m: f64,
    pub(crate) tank_ml: f64,
    pub(crate) at_start: Counters,
    /// What the gateway's own odometer had counted when history began.
    pub(crate) gps_odometer_offset_m: f64,
    pub(crate) fix_every_ms: i64,
    signals: Vec<Signal>,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    pub serial: String,
    pub model: &'static str,
}

#[derive(Clone, Debug)]
pub struct DriverPlan {
    pub index: usize,
    pub source_id: String,
    pub name: String,
    pub username: Text,
    pub email: Text,
    pub phone: Text,
    pub licence_number: Text,
    pub licence_state: Text,
    pub notes: Text,
    pub is_active: bool,
    pub groups: Vec<usize>,
    pub peer_group: Option<usize>,
    pub static_vehicle: Option<usize>,
    pub home_terminal: &'static str,
    /// The IANA name of the zone that the driver's days are counted in.
    pub zone: &'static str,
    /// The local hour at which a day of the driver's log begins.
    pub eld_day_start_hour: u8,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct GroupPlan {
    pub index: usize,
    pub source_id: String,
    pub name: String,
    pub parent: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct FleetPlan {
    pub vehicles: Vec<VehiclePlan>,
    pub drivers: Vec<DriverPlan>,
    pub trailers: Vec<TrailerPlan>,
    pub groups: Vec<GroupPlan>,
    pub(crate) crews: Crews,
}

impl VehiclePlan {
    /// The state on the plate: some have none, and some an empty text.
    pub fn plate_state(&self) -> Option<&'static str> {
        let has_plate = self.plate.as_deref().is_some_and(|text| !text.is_empty());
        match self.index % 4 {
            0 if has_plate => Some("TN"),
            1 => Some(""),
            2 if has_plate => Some("ON"),
            _ => None,
        }
    }

    /// Draws that belong to this vehicle, a purpose and a number (a UTC day), and to nothing else.
    pub(crate) fn chance(&self, purpose: u64, number: i64) -> Rng {
        Rng::new(self.seed)
            .fork(1 + self.index as u64)
            .fork(purpose)
            .fork(1 + number.cast_unsigned())
    }

    /// Whether the vehicle ever reports the signal. One without a gateway reports nothing.
    pub fn reports(&self, signal: Signal) -> bool {
        self.signals.contains(&signal)
    }
}

impl FleetPlan {
    /// `begins_at`: records were made in the years before it.
    pub fn new(seed: u64, vehicles: usize, drivers: usize, begins_at: Timestamp) -> FleetPlan {
        let rng = Rng::new(seed);
        let groups = groups();
        let mut vehicles: Vec<VehiclePlan> = (0..vehicles)
            .map(|index| vehicle(&rng, seed, index, &groups, begins_at))
            .collect();
        let mut drivers: Vec<DriverPlan> = (0..drivers)
            .map(|index| driver(&rng, index, &groups, begins_at))
            .collect();
        move_a_gateway(&mut vehicles);
        assign_drivers(&mut vehicles, &mut drivers);
        let crews = Crews::new(seed, &vehicles, &drivers);
        let with_gateway = vehicles.iter().filter(|v| v.gateway.is_some()).count();
        for vehicle in &mut vehicles {
            if vehicle.gateway.is_some() && crews.is_spare(vehicle, with_gateway) {
                vehicle.rhythm = vehicle.rhythm.spare();
            }
        }
        FleetPlan {
            trailers: trailers::plans(&rng, &vehicles, &groups, begins_at),
            vehicles,
            drivers,
            groups,
            crews,
        }
    }
}

/// A gateway that was moved from one truck record to another: both carry the VIN.
fn move_a_gateway(vehicles: &mut [VehiclePlan]) {
    let without = vehicles.iter().position(|v| v.gateway.is_none());
    let with = vehicles.iter().position(|v| v.gateway.is_some());
    if let (Some(old), Some(new)) = (without, with) {
        vehicles[old].vin = vehicles[new].vin.clone();
    }
}

fn assign_drivers(vehicles: &mut [VehiclePlan], drivers: &mut [DriverPlan]) {
    for driver in drivers.iter_mut().filter(|driver| driver.is_active) {
        let vehicle = driver.index;
        if vehicle.is_multiple_of(3) && vehicle < vehicles.len() {
            driver.static_vehicle = Some(vehicle);
            vehicles[vehicle].static_driver = Some(driver.index);
        }
    }
}

fn groups() -> Vec<GroupPlan> {
    names::GROUPS
        .iter()
        .enumerate()
        .map(|(index, (name, parent))| GroupPlan {
            index,
            source_id: (3_000_001 + 37 * index as u64).to_string(),
            name: (*name).to_owned(),
            parent: *parent,
        })
        .collect()
}

/// Some groups that are nobody's parent: members belong to leaves.
pub(super) fn memberships(rng: &mut Rng, groups: &[GroupPlan]) -> Vec<usize> {
    let leaves: Vec<usize> = (0..groups.len())
        .filter(|index| groups.iter().all(|group| group.parent != Some(*index)))
        .collect();
    let mut chosen: Vec<usize> = (0..rng.below(3)).map(|_| *rng.pick(&leaves)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

pub(super) fn absent_empty_or(rng: &mut Rng, absent: f64, empty: f64, text: String) -> Text {
    let roll = rng.unit();
    if roll < absent {
        None
    } else if roll < absent + empty {
        Some(String::new())
    } else {
        Some(text)
    }
}

pub(super) fn some_time_before(rng: &mut Rng, begins_at: Timestamp, most_days: f64) -> Timestamp {
    let back_ms = (rng.between(10.0, most_days) * DAY_MS as f64) as i64;
    Timestamp::from_millis(begins_at.millis() - back_ms)
}

fn vehicle(
    rng: &Rng,
    seed: u64,
    index: usize,
    groups: &[GroupPlan],
    begins_at: Timestamp,
) -> VehiclePlan {
    let mut rng = rng.fork(0x5645_4849).fork(1 + index as u64);
    let has_gateway = index % 8 != 5;
    let (make, model) = *rng.pick(&names::TRUCKS);
    let serial = vin_letters(&mut rng, 10);
    let vin = vin_letters(&mut rng, 17);
    let year = (2012 + rng.below(15)).to_string();
    let plate = format!("{}-{}", &serial[..3], 100 + index);
    let created_at = some_time_before(&mut rng, begins_at, 2_000.0).floor_to(SECOND_MS);
    let since_ms = (begins_at.millis() - created_at.millis()) as f64 * rng.unit();
    let tank_ml = rng.between(700_000.0, 1_100_000.0).round();
    let home = rng.below(CITIES.len() as u64) as usize;
    VehiclePlan {
        index,
        source_id: (281_474_970_000_001 + 7_919 * index as u64).to_string(),
        name: vehicle_name(&mut rng, index, has_gateway, &serial),
        vin: absent_empty_or(&mut rng, 0.04, 0.04, vin).filter(|_| has_gateway),
        make: absent_empty_or(&mut rng, 0.08, 0.04, make.to_owned()),
        model: absent_empty_or(&mut rng, 0.08, 0.04, model.to_owned()),
        year: absent_empty_or(&mut rng, 0.1, 0.04, year),
        plate: absent_empty_or(&mut rng, 0.2, 0.15, plate),
        notes: (*rng.pick(&["", "", "", "Révisé en atelier"])).to_owned(),
        gateway: has_gateway.then(|| gateway(&mut rng, &serial)),
        camera_serial: ((has_gateway && rng.chance(0.5)) || index % 16 == 13)
            .then(|| format!("C{}-{index:05}", &serial[..4])),
        serial: has_gateway.then_some(serial),
        groups: memberships(&mut rng, groups),
        static_driver: None,
        created_at,
        updated_at: Timestamp::from_millis(created_at.millis() + since_ms as i64)
            .floor_to(SECOND_MS),
        has_ecu_speed: rng.chance(0.4),
        shows_external_ids: has_gateway,
        rhythm: Rhythm::of(index),
        region: region_of(home),
        fuel_ml_per_m: rng.between(0.27, 0.42),
        tank_ml,
        at_start: counters_after_years(&mut rng, tank_ml),
        gps_odometer_offset_m: rng.between(1_000.0, 90_000.0).round(),
        fix_every_ms: *rng.pick(&FIX_EVERY_MS),
        signals: if has_gateway {
            signals(&mut rng, index)
        } else {
            Vec::new()
        },
        seed,
    }
}

pub(super) fn gateway(rng: &mut Rng, serial: &str) -> Gateway {
    Gateway {
        serial: format!("{}-{}-{}", &serial[..4], &serial[4..7], &serial[7..]),
        model: if rng.chance(0.5) { "VG34" } else { "VG55NA" },
    }
}

fn counters_after_years(rng: &mut Rng, tank_ml: f64) -> Counters {
    let driven_m = rng.between(40e6, 900e6).round();
    Counters {
        driven_m,
        fuel_used_ml: (driven_m * 0.36).round(),
        fuel_left_ml: tank_ml * rng.between(0.5, 0.95),
        engine_ms: (driven_m / 18.0 * 1_000.0) as i64,
        idle_ms: 0,
    }
}

fn vehicle_name(rng: &mut Rng, index: usize, has_gateway: bool, serial: &str) -> String {
    if !has_gateway {
        return serial.to_owned();
    }
    match rng.below(12) {
        0 => format!("Camión {} \"El Niño\"", 100 + index),
        1 => format!("Unité {} – Montréal", 100 + index),
        2 => format!("🚚 {}", 100 + index),
        _ => format!(
            "U-{} ({})",
            100 + index,
            rng.pick(&["Tractor", "Day Cab", "Sleeper"])
        ),
    }
}

pub(super) fn vin_letters(rng: &mut Rng, count: usize) -> String {
    (0..count).map(|_| *rng.pick(names::VIN_LETTERS)).collect()
}

/// What a vehicle with a gateway reports: odometer and engine hours come from the bus, from
/// estimates, or from both; the cheapest plan has no diagnostics at all.
fn signals(rng: &mut Rng, index: usize) -> Vec<Signal> {
    let mut signals = vec![Signal::Position, Signal::EngineState];
    signals.extend_from_slice(match index % 4 {
        0 => &[Signal::BusOdometerMetres, Signal::GpsOdometerMetres],
        1 => &[Signal::GpsOdometerMetres],
        _ => &[Signal::BusOdometerMetres],
    });
    signals.extend_from_slice(match index % 5 {
        0 => &[Signal::BusEngineSeconds, Signal::EstimatedEngineSeconds],
        1 => &[Signal::EstimatedEngineSeconds],
        _ => &[Signal::BusEngineSeconds],
    });
    if rng.chance(0.9) {
        signals.extend_from_slice(&[
            Signal::FuelPercent,
            Signal::FuelUsedMillilitres,
            Signal::OilPressureKpa,
            Signal::CoolantMilliCelsius,
            Signal::EngineRpm,
            Signal::BatteryMillivolts,
        ]);
    }
    signals
}

fn driver(rng: &Rng, index: usize, groups: &[GroupPlan], begins_at: Timestamp) -> DriverPlan {
    let mut rng = rng.fork(0x4452_4956).fork(1 + index as u64);
    let name = names::driver_name(&mut rng);
    let username = format!("driver.{}", 1_000 + index);
    let number = format!("D{:07}", rng.below(10_000_000));
    let licence_number = absent_empty_or(&mut rng, 0.25, 0.1, number);
    let state = (*rng.pick(&["TX", "TN", "ON", "QC", "CA", "OH", "ZZ"])).to_owned();
    let created_at = some_time_before(&mut rng, begins_at, 1_800.0);
    let mut of_zone = rng.fork(0x7a6f_6e65);
    // Most of any few drivers live where the fleet does, so that nobody takes it for elsewhere.
    let zone = match index % 4 {
        3 => *of_zone.pick(&zone::ZONES),
        _ => zone::FLEET_ZONE,
    };
    DriverPlan {
        index,
        source_id: (7_100_001 + 13 * index as u64).to_string(),
        name,
        email: absent_empty_or(&mut rng, 0.5, 0.1, format!("{username}@fleet.example")),
        username: absent_empty_or(&mut rng, 0.1, 0.0, username),
        phone: names::phone(&mut rng, index),
        licence_state: absent_empty_or(&mut rng, 0.25, 0.1, state),
        licence_number,
        notes: absent_empty_or(&mut rng, 0.6, 0.3, "Prefers nights".to_owned()),
        is_active: index % 10 != 3 && index % 10 != 6 && index % 10 != 8,
        groups: memberships(&mut rng, groups),
        peer_group: rng
            .chance(0.3)
            .then(|| rng.below(groups.len() as u64) as usize),
        static_vehicle: None,
        home_terminal: if rng.chance(0.4) {
            ""
        } else {
            "Terminal North"
        },
        zone,
        eld_day_start_hour: 0,
        created_at,
        updated_at: Timestamp::from_millis(
            created_at.millis() + rng.below(9 * DAY_MS as u64) as i64,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_awkward_cases_are_in_a_fleet_of_default_size() {
        let fleet = FleetPlan::new(1, 25, 30, Timestamp::from_millis(1_750_000_000_000));
        let none: Vec<_> = fleet
            .vehicles
            .iter()
            .filter(|v| v.gateway.is_none())
            .collect();
        assert_eq!(none.len(), 3);
        assert!(
            none.iter()
                .all(|v| Signal::ALL.iter().all(|s| !v.reports(*s)))
        );
        let vins: Vec<_> = fleet
            .vehicles
            .iter()
            .filter_map(|v| v.vin.as_ref())
            .collect();
        assert!(
            vins.iter()
                .any(|vin| vins.iter().filter(|v| v == &vin).count() == 2)
        );
        let deactivated = fleet.drivers.iter().filter(|d| !d.is_active).count();
        assert_eq!(deactivated, 9);
        let nested = |g: &GroupPlan| g.parent.is_some_and(|p| fleet.groups[p].parent.is_some());
        assert!(fleet.groups.iter().any(nested));
        for (gps, bus) in [(true, true), (true, false), (false, true)] {
            assert!(fleet.vehicles.iter().any(|v| {
                v.reports(Signal::GpsOdometerMetres) == gps
                    && v.reports(Signal::BusOdometerMetres) == bus
            }));
        }
    }
}
