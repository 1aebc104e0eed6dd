//! The synthetic fleet: everything that ever happened in it follows from a seed.
//!
//! A vehicle's UTC day is a pure function of the seed, the vehicle and the day, made when somebody
//! asks for it and kept in a bounded cache, so a world has any number of vehicles and no last day.
//! What a provider would show of it is not known here: wire formats, faults and the common model
//! lie outside.

pub mod borders;
pub mod cities;
pub mod clocks;
pub mod crew;
mod days;
pub mod duty;
pub mod faultcodes;
mod faulttable;
mod itinerary;
pub mod moment;
mod names;
pub mod path;
pub mod plan;
pub mod safety;
pub mod signals;
pub mod trailers;
pub mod trips;
pub mod zone;

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use model::{Timestamp, Window};

pub use clocks::{DailyLog, DutyClocks};
pub use crew::Assignment;
pub use duty::{DutySpan, DutyStatus};
pub use faultcodes::{FaultBus, FaultReading, J1939Fault, Obd2Fault, Obd2Stage};
pub use moment::{DeviceHealth, Position, Utilization, VehicleMoment};
pub use plan::{DriverPlan, FleetPlan, Gateway, GroupPlan, VehiclePlan};
pub use safety::{SafetyEvent, SafetyKind};
pub use signals::{Address, Fix, Reading, Rows, Signal};
pub use trailers::{TrailerFix, TrailerPlan};
pub use trips::{MetresByJurisdiction, Trip};

use days::Days;
use itinerary::{Counters, Itinerary};

/// Rows kept made: about 100 MB at most.
const MOST_CACHED_ROWS: usize = 3_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldConfig {
    pub seed: u64,
    pub vehicles: usize,
    pub drivers: usize,
    /// The instant at which history begins: no row is earlier.
    pub begins_at: Timestamp,
    /// From this instant on every truck stands and nothing is produced.
    pub ends_at: Option<Timestamp>,
}

impl WorldConfig {
    pub const DEFAULT_VEHICLES: usize = 25;
    pub const DEFAULT_DRIVERS: usize = 30;
    pub const DEFAULT_DAYS: u32 = 3;

    /// The default fleet whose history began `days` before `now` and goes on.
    pub fn days_before(now: Timestamp, days: u32, seed: u64) -> WorldConfig {
        WorldConfig {
            seed,
            vehicles: WorldConfig::DEFAULT_VEHICLES,
            drivers: WorldConfig::DEFAULT_DRIVERS,
            begins_at: now.saturating_sub(Duration::from_secs(u64::from(days) * 86_400)),
            ends_at: None,
        }
    }
}

/// The fleet and all of its history.
pub struct World {
    config: WorldConfig,
    fleet: FleetPlan,
    /// A vehicle's counters at the start of each day since the first, as far as asked for.
    day_starts: Vec<Mutex<Vec<Counters>>>,
    made: Mutex<MadeRows>,
    itineraries: Days<Itinerary>,
    trips: Days<Vec<Trip>>,
    duty: Days<Vec<duty::Change>>,
    safety: Days<Vec<SafetyEvent>>,
    faults: Days<Vec<FaultReading>>,
    trailers: Vec<Mutex<Vec<trailers::Whereabouts>>>,
}

type DaySignal = (u32, i64, Signal);

#[derive(Default)]
struct MadeRows {
    rows: HashMap<DaySignal, Arc<Rows>>,
    oldest_first: VecDeque<DaySignal>,
    total: usize,
}

impl World {
    pub fn new(config: WorldConfig) -> World {
        let fleet = FleetPlan::new(
            config.seed,
            config.vehicles,
            config.drivers,
            config.begins_at,
        );
        World {
            day_starts: fleet
                .vehicles
                .iter()
                .map(|plan| Mutex::new(vec![plan.at_start]))
                .collect(),
            trailers: fleet.trailers.iter().map(|_| Mutex::default()).collect(),
            config,
            fleet,
            made: Mutex::default(),
            itineraries: Days::default(),
            trips: Days::default(),
            duty: Days::default(),
            safety: Days::default(),
            faults: Days::default(),
        }
    }

    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    pub fn vehicles(&self) -> &[VehiclePlan] {
        &self.fleet.vehicles
    }

    pub fn drivers(&self) -> &[DriverPlan] {
        &self.fleet.drivers
    }

    pub fn groups(&self) -> &[GroupPlan] {
        &self.fleet.groups
    }

    /// The part of `window` in which this world has history.
    pub fn within_history(&self, window: Window) -> Option<Window> {
        let until = self.config.ends_at.unwrap_or(Timestamp::MAX);
        window.intersect(&Window::new(self.config.begins_at, until)?)
    }

    /// Visits the fixes of a vehicle (by its place in [`World::vehicles`]) in `window`, by time.
    /// A world without an end has fixes in any future: bound the window.
    pub fn fixes(&self, vehicle: usize, window: Window, mut visit: impl FnMut(&Fix)) {
        self.days(vehicle, Signal::Position, window, |rows, window| {
            if let Rows::Fixes(fixes) = rows {
                let from = fixes.partition_point(|fix| fix.time < window.from);
                let until = fixes.partition_point(|fix| fix.time < window.until);
                fixes[from..until].iter().for_each(&mut visit);
            }
        });
    }

    /// Visits the readings of any signal but [`Signal::Position`] in `window`, by time.
    pub fn readings(
        &self,
        vehicle: usize,
        signal: Signal,
        window: Window,
        mut visit: impl FnMut(&Reading),
    ) {
        self.days(vehicle, signal, window, |rows, window| {
            if let Rows::Readings(readings) = rows {
                let from = readings.partition_point(|reading| reading.time < window.from);
                let until = readings.partition_point(|reading| reading.time < window.until);
                readings[from..until].iter().for_each(&mut visit);
            }
        });
    }

    fn days(
        &self,
        vehicle: usize,
        signal: Signal,
        window: Window,
        mut visit: impl FnMut(&Rows, Window),
    ) {
        let days = self.days_of(window);
        let Some(window) = self.within_history(window) else {
            return;
        };
        if !self.fleet.vehicles[vehicle].reports(signal) {
            return;
        }
        for day in days {
            visit(&self.rows(vehicle, day, signal), window);
        }
    }

    fn rows(&self, vehicle: usize, day: i64, signal: Signal) -> Arc<Rows> {
        let key = (vehicle as u32, day, signal);
        if let Some(rows) = lock(&self.made).rows.get(&key) {
            return Arc::clone(rows);
        }
        let plan = &self.fleet.vehicles[vehicle];
        let itinerary = self.itinerary(vehicle, day);
        let rows = Arc::new(signals::rows_of_day(plan, day, &itinerary, signal));
        lock(&self.made).keep(key, &rows);
        rows
    }

    fn itinerary(&self, vehicle: usize, day: i64) -> Arc<Itinerary> {
        self.itineraries.get(vehicle, day, || {
            let start = self.counters_at_start(vehicle, day);
            let plan = &self.fleet.vehicles[vehicle];
            Itinerary::new(plan, day, start, self.config.ends_at)
        })
    }

    /// The UTC days that the part of `window` within history touches.
    fn days_of(&self, window: Window) -> Range<i64> {
        self.within_history(window).map_or(0..0, |window| {
            let last = Timestamp::from_millis(window.until.millis() - 1);
            window.from.utc_day()..last.utc_day() + 1
        })
    }

    fn counters_at_start(&self, vehicle: usize, day: i64) -> Counters {
        let plan = &self.fleet.vehicles[vehicle];
        let first_day = self.config.begins_at.utc_day();
        let wanted = usize::try_from(day - first_day).unwrap_or(0);
        let mut starts = lock(&self.day_starts[vehicle]);
        while starts.len() <= wanted {
            let known = starts.len() - 1;
            let day = first_day + known as i64;
            let itinerary = Itinerary::new(plan, day, starts[known], self.config.ends_at);
            starts.push(itinerary.at_end);
        }
        starts[wanted]
    }
}

impl MadeRows {
    fn keep(&mut self, key: DaySignal, rows: &Arc<Rows>) {
        if self.rows.insert(key, Arc::clone(rows)).is_some() {
            return;
        }
        self.oldest_first.push_back(key);
        // An empty day costs its key.
        self.total += rows.len() + 1;
        while self.total > MOST_CACHED_ROWS {
            let Some(oldest) = self.oldest_first.pop_front() else {
                return;
            };
            if let Some(gone) = self.rows.remove(&oldest) {
                self.total -= gone.len() + 1;
            }
        }
    }
}

impl Address {
    pub fn street(&self) -> &'static str {
        names::STREETS[usize::from(self.street)]
    }

    pub fn city(&self) -> &'static cities::City {
        &cities::CITIES[usize::from(self.city)]
    }

    /// `12 Main St, Nashville, TN`.
    pub fn text(&self) -> String {
        let city = self.city();
        format!(
            "{} {}, {}, {}",
            self.number,
            self.street(),
            city.name,
            city.state
        )
    }
}

/// A poisoned lock guards data that was whole before the panic: every write here is one insertion.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
