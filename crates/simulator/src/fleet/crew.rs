//! Who drives which truck on which day.
//!
//! Trucks and active drivers are paired once. The trucks of a crew rest on the same two days of
//! seven, so drivers of one crew can change trucks among themselves and still get their rest: that
//! two days of it are enough is what makes every log lawful (see [`super::duty`]).

use model::time::DAY_MS;
use model::{Timestamp, Window};
use world::Rng;

use super::World;
use super::itinerary::Activity;
use super::plan::{DriverPlan, VehiclePlan};

/// Days in a row on which a truck works, of seven; a truck that nobody is paired with works fewer.
const WORKING_DAYS: i64 = 5;
const SPARE_WORKING_DAYS: i64 = 2;
const CREWS: usize = 7;

/// From so many active drivers on, one of them travels with another as a team.
const DRIVERS_FOR_A_TEAM: usize = 12;

/// A driver has a vehicle for a working day, from the first to the last turn of its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub driver: usize,
    pub vehicle: usize,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// Where a driver sits on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub vehicle: usize,
    pub is_at_the_wheel: bool,
    /// The other one in the cab.
    pub other: Option<usize>,
}

/// How a vehicle's days of work and rest alternate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rhythm {
    phase: i64,
    working_days: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Crews {
    seed: u64,
    /// By vehicle.
    drivers: Vec<Option<usize>>,
    /// By driver.
    vehicles: Vec<Option<usize>>,
    /// The vehicles of each crew that have a driver.
    crews: [Vec<usize>; CREWS],
    /// Who drives, and who comes along.
    team: Option<(usize, usize)>,
}

impl Rhythm {
    pub fn of(vehicle: usize) -> Rhythm {
        Rhythm {
            phase: (vehicle % CREWS) as i64 * 3,
            working_days: WORKING_DAYS,
        }
    }

    pub fn spare(self) -> Rhythm {
        Rhythm {
            working_days: SPARE_WORKING_DAYS,
            ..self
        }
    }

    pub fn is_working(self, day: i64) -> bool {
        (day + self.phase).rem_euclid(CREWS as i64) < self.working_days
    }
}

impl Crews {
    pub fn new(seed: u64, vehicles: &[VehiclePlan], drivers: &[DriverPlan]) -> Crews {
        let mut crews = Crews {
            seed,
            drivers: vehicles
                .iter()
                .map(|vehicle| vehicle.static_driver.filter(|_| vehicle.gateway.is_some()))
                .collect(),
            vehicles: vec![None; drivers.len()],
            crews: Default::default(),
            team: None,
        };
        let mut unpaired: Vec<usize> = drivers
            .iter()
            .filter(|driver| driver.is_active && !crews.drivers.contains(&Some(driver.index)))
            .map(|driver| driver.index)
            .collect();
        let active = drivers.iter().filter(|driver| driver.is_active).count();
        let second = unpaired
            .pop_if(|_| active >= DRIVERS_FOR_A_TEAM)
            .zip(unpaired.first().copied());
        let mut unpaired = unpaired.into_iter();
        for vehicle in vehicles.iter().filter(|vehicle| vehicle.gateway.is_some()) {
            let driver = crews.drivers[vehicle.index].or_else(|| unpaired.next());
            crews.drivers[vehicle.index] = driver;
            if let Some(driver) = driver {
                crews.vehicles[driver] = Some(vehicle.index);
                crews.crews[vehicle.index % CREWS].push(vehicle.index);
            }
        }
        crews.team = second
            .map(|(second, first)| (first, second))
            .filter(|(first, _)| crews.vehicles[*first].is_some());
        crews
    }

    /// Whether the vehicle has nobody while most others have.
    pub fn is_spare(&self, vehicle: &VehiclePlan, with_gateway: usize) -> bool {
        let paired = self.vehicles.iter().flatten().count();
        self.drivers[vehicle.index].is_none() && 2 * paired >= with_gateway
    }

    /// Who would drive the vehicle if it drove that day.
    pub fn driver_on(&self, vehicle: usize, day: i64) -> Option<usize> {
        self.drivers[vehicle]?;
        if self.nobody_signs_in(vehicle, day) {
            return None;
        }
        let own = self.neighbour(vehicle, day, false);
        self.drivers[own]
    }

    /// Whether the driver ever drives, or comes along.
    pub fn has_a_seat(&self, driver: usize) -> bool {
        self.vehicles[driver].is_some() || self.team.is_some_and(|(_, second)| second == driver)
    }

    /// Where the driver would sit if that vehicle drove that day.
    pub fn seat_on(&self, driver: usize, day: i64) -> Option<Seat> {
        let first = match self.team {
            Some((first, second)) if second == driver => first,
            _ => driver,
        };
        let vehicle = self.neighbour(self.vehicles[first]?, day, true);
        let other = self.team.and_then(|(first, second)| {
            (first == driver)
                .then_some(second)
                .or((second == driver).then_some(first))
        });
        (!self.nobody_signs_in(vehicle, day)).then_some(Seat {
            vehicle,
            is_at_the_wheel: first == driver,
            other,
        })
    }

    /// On some days each driver of a crew takes the next one's truck. With `next`: the truck that
    /// the driver paired with `vehicle` takes. Without: the one whose driver takes `vehicle`.
    fn neighbour(&self, vehicle: usize, day: i64, next: bool) -> usize {
        let crew = &self.crews[vehicle % CREWS];
        let changes = self.chance(0x6368_616e, vehicle % CREWS, day, 0.1);
        let place = crew.iter().position(|other| *other == vehicle);
        let (Some(place), true) = (place, changes) else {
            return vehicle;
        };
        let step = if next { 1 } else { crew.len() - 1 };
        crew[(place + step) % crew.len()]
    }

    fn nobody_signs_in(&self, vehicle: usize, day: i64) -> bool {
        self.chance(0x7369_676e, vehicle, day, 0.02)
    }

    fn chance(&self, purpose: u64, who: usize, day: i64, probability: f64) -> bool {
        Rng::new(self.seed)
            .fork(purpose)
            .fork(1 + who as u64)
            .fork(1 + day.cast_unsigned())
            .chance(probability)
    }
}

impl World {
    /// The assignments of a vehicle that overlap `window`, by time and whole (not cut to it). A
    /// vehicle without a gateway has none; some driving days have none, as when nobody signed in.
    pub fn assignments(&self, vehicle: usize, window: Window) -> Vec<Assignment> {
        self.days_of(window)
            .filter_map(|day| self.assignment_on(vehicle, day))
            .filter(|found| found.from < window.until && window.from < found.until)
            .collect()
    }

    /// Who has the vehicle at `time`.
    pub fn driver_at(&self, vehicle: usize, time: Timestamp) -> Option<usize> {
        let until = Timestamp::from_millis(time.millis().checked_add(1)?);
        let found = self.assignments(vehicle, Window::new(time, until)?);
        found.first().map(|assignment| assignment.driver)
    }

    /// A day's work begins and ends within it (in UTC), so a day has one assignment or none.
    fn assignment_on(&self, vehicle: usize, day: i64) -> Option<Assignment> {
        let driver = self.fleet.crews.driver_on(vehicle, day)?;
        let itinerary = self.itinerary(vehicle, day);
        let mut running = itinerary
            .segments
            .iter()
            .filter(|segment| !matches!(segment.activity, Activity::Off));
        let first = running.next()?;
        let last = running.next_back().unwrap_or(first);
        let at = |in_day_ms| Timestamp::from_millis(day * DAY_MS + in_day_ms);
        let held = self.within_history(Window::new(at(first.from_ms), at(last.until_ms))?)?;
        Some(Assignment {
            driver,
            vehicle,
            from: held.from,
            until: held.until,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::WorldConfig;
    use super::*;

    fn world(seed: u64) -> World {
        World::new(WorldConfig {
            seed,
            vehicles: WorldConfig::DEFAULT_VEHICLES,
            drivers: WorldConfig::DEFAULT_DRIVERS,
            begins_at: Timestamp::from_millis(1_749_969_600_000),
            ends_at: None,
        })
    }

    fn three_weeks() -> Window {
        let from = Timestamp::from_millis(1_749_969_600_000);
        Window::new(from, Timestamp::from_millis(from.millis() + 21 * DAY_MS)).unwrap()
    }

    #[test]
    fn a_driver_has_one_truck_a_day_and_it_is_usually_the_same() {
        let world = world(3);
        let mut of_drivers: BTreeMap<usize, Vec<Assignment>> = BTreeMap::new();
        for vehicle in 0..world.vehicles().len() {
            for assignment in world.assignments(vehicle, three_weeks()) {
                assert!(assignment.from < assignment.until);
                assert!(world.drivers()[assignment.driver].is_active);
                of_drivers
                    .entry(assignment.driver)
                    .or_default()
                    .push(assignment);
            }
        }
        assert!(of_drivers.len() >= 20, "{}", of_drivers.len());
        let (mut same, mut others) = (0, 0);
        for (driver, assignments) in &mut of_drivers {
            assignments.sort_by_key(|assignment| assignment.from);
            for pair in assignments.windows(2) {
                assert!(pair[0].until.utc_day() < pair[1].from.utc_day());
            }
            for assignment in assignments {
                let vehicle = world.drivers()[*driver].static_vehicle;
                match vehicle.filter(|vehicle| world.vehicles()[*vehicle].gateway.is_some()) {
                    Some(vehicle) if vehicle == assignment.vehicle => same += 1,
                    Some(_) => others += 1,
                    None => {}
                }
            }
        }
        assert!(same > 5 * others && others > 0, "{same} {others}");
    }

    #[test]
    fn few_drives_have_no_driver() {
        let world = world(4);
        let (mut with, mut without) = (0, 0);
        for vehicle in 0..world.vehicles().len() {
            for trip in world.trips(vehicle, three_weeks()) {
                let assigned = world.assignments(vehicle, three_weeks());
                let found = assigned
                    .iter()
                    .find(|found| found.from <= trip.from && trip.until <= found.until);
                assert_eq!(found.map(|found| found.driver), trip.driver);
                if trip.driver.is_some() {
                    with += 1;
                } else {
                    without += 1;
                }
            }
        }
        assert!(without > 0 && without * 10 < with, "{without} of {with}");
    }

    #[test]
    fn a_seat_is_taken_by_who_is_said_to_drive() {
        let fleet = world(5).fleet;
        let mut team_days = 0;
        for day in 20_000..20_060 {
            for driver in 0..fleet.drivers.len() {
                let Some(seat) = fleet.crews.seat_on(driver, day) else {
                    continue;
                };
                let wanted = if seat.is_at_the_wheel {
                    Some(driver)
                } else {
                    team_days += 1;
                    seat.other
                };
                assert_eq!(fleet.crews.driver_on(seat.vehicle, day), wanted);
            }
        }
        assert!(team_days > 0);
    }
}
