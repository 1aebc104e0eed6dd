//! Fault codes: what a vehicle's own computers complain about.
//!
//! A code is open for hours or days, a few from before history on and for ever. A vehicle is read
//! when its engine starts, every few hours while it runs, and when a code comes or goes meanwhile;
//! what happened with the engine off is seen at the next start.

use std::sync::Arc;

use model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use model::{Timestamp, Window};
use world::Rng;

use super::World;
use super::faulttable::{J1939_TROUBLES, OBD2_TROUBLES};
use super::itinerary::{Activity, Itinerary};
use super::signals::Signal;

const NEW_CODES_A_DAY: f64 = 0.16;
const LONGEST_OPEN_MS: i64 = 6 * DAY_MS;
/// How many days back a code may have come that is still open.
const LOOK_BACK_DAYS: i64 = 7;
/// A code is confirmed when it was seen for so long.
const CONFIRMED_AFTER_MS: i64 = 4 * HOUR_MS;
/// A confirmed code that concerns emissions becomes permanent.
const PERMANENT_AFTER_MS: i64 = 30 * HOUR_MS;

/// The network that codes are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultBus {
    /// Heavy trucks.
    J1939,
    /// Light trucks.
    Obd2,
}

/// Everything that the bus reported at one moment; both lists empty: no code was open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultReading {
    pub time: Timestamp,
    pub bus: FaultBus,
    pub j1939: Vec<J1939Fault>,
    pub obd2: Vec<Obd2Fault>,
    /// Whether the malfunction indicator lamp is lit.
    pub mil_is_on: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct J1939Fault {
    pub spn: u32,
    pub fmi: u8,
    pub source_address: u8,
    pub source_name: &'static str,
    pub spn_description: &'static str,
    pub fmi_description: &'static str,
    /// 1 to 126.
    pub occurrence_count: u8,
    pub mil_is_on: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obd2Fault {
    /// A letter and four digits.
    pub code: &'static str,
    pub description: &'static str,
    pub stage: Obd2Stage,
    pub mil_is_on: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obd2Stage {
    Pending,
    Confirmed,
    Permanent,
}

/// A code is open.
#[derive(Clone, Copy, Debug)]
struct Episode {
    /// A place in the table of the vehicle's bus.
    trouble: usize,
    from: Timestamp,
    until: Timestamp,
}

impl Episode {
    fn is_open(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.until
    }

    fn stage(&self, is_about_emissions: bool, time: Timestamp) -> Obd2Stage {
        let open_ms = time.millis() - self.from.millis();
        if open_ms < CONFIRMED_AFTER_MS {
            Obd2Stage::Pending
        } else if is_about_emissions && open_ms >= PERMANENT_AFTER_MS {
            Obd2Stage::Permanent
        } else {
            Obd2Stage::Confirmed
        }
    }

    fn j1939(&self, time: Timestamp) -> J1939Fault {
        let trouble = &J1939_TROUBLES[self.trouble];
        let open_ms = time.millis() - self.from.millis();
        J1939Fault {
            spn: trouble.spn,
            fmi: trouble.fmi,
            source_address: trouble.source_address,
            source_name: trouble.source_name,
            spn_description: trouble.spn_description,
            fmi_description: trouble.fmi_description,
            occurrence_count: (1 + open_ms / (9 * HOUR_MS)).clamp(1, 126) as u8,
            mil_is_on: trouble.lights_lamp && open_ms >= CONFIRMED_AFTER_MS,
        }
    }

    fn obd2(&self, time: Timestamp) -> Obd2Fault {
        let trouble = &OBD2_TROUBLES[self.trouble];
        let stage = self.stage(trouble.is_about_emissions, time);
        Obd2Fault {
            code: trouble.code,
            description: trouble.description,
            stage,
            mil_is_on: trouble.is_about_emissions && stage != Obd2Stage::Pending,
        }
    }
}

impl World {
    /// The bus that the vehicle reports codes from; `None`: it never reports any.
    pub fn fault_bus(&self, vehicle: usize) -> Option<FaultBus> {
        let plan = &self.vehicles()[vehicle];
        // The gateways that read the engine's computer are those that read its codes.
        if !plan.reports(Signal::EngineRpm) {
            return None;
        }
        let is_light = plan.model.as_deref() == Some("F-550") || vehicle % 7 == 4;
        Some(if is_light {
            FaultBus::Obd2
        } else {
            FaultBus::J1939
        })
    }

    /// The readings of a vehicle in `window`, by time.
    pub fn fault_readings(&self, vehicle: usize, window: Window) -> Vec<FaultReading> {
        let (Some(bus), Some(window)) = (self.fault_bus(vehicle), self.within_history(window))
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for day in self.days_of(window) {
            let readings = self.fault_readings_on(vehicle, day, bus);
            let readings = readings.iter().filter(|read| window.contains(read.time));
            found.extend(readings.cloned());
        }
        found
    }

    fn fault_readings_on(&self, vehicle: usize, day: i64, bus: FaultBus) -> Arc<Vec<FaultReading>> {
        self.faults.get(vehicle, day, || {
            let episodes = self.episodes_around(vehicle, day, bus);
            let itinerary = self.itinerary(vehicle, day);
            let mut rng = self.vehicles()[vehicle].chance(0x7265_6164, day);
            reading_times(&itinerary, day, &episodes, &mut rng)
                .into_iter()
                .map(|time| reading(time, bus, &episodes))
                .collect()
        })
    }

    /// All that may be open on that day, oldest first, no code twice at one time.
    fn episodes_around(&self, vehicle: usize, day: i64, bus: FaultBus) -> Vec<Episode> {
        let plan = &self.vehicles()[vehicle];
        let troubles = match bus {
            FaultBus::J1939 => J1939_TROUBLES.len(),
            FaultBus::Obd2 => OBD2_TROUBLES.len(),
        };
        let mut episodes: Vec<Episode> = Vec::new();
        let mut rng = plan.chance(0x6368_726f, 0);
        if rng.chance(0.35) {
            let since_ms = rng.between(-30.0, 2.0) * DAY_MS as f64;
            episodes.push(Episode {
                trouble: rng.below(troubles as u64) as usize,
                from: Timestamp::from_millis(self.config().begins_at.millis() + since_ms as i64),
                until: Timestamp::MAX,
            });
        }
        let mut drawn: Vec<(i64, Episode)> = Vec::new();
        for past in day - 2 * LOOK_BACK_DAYS..=day {
            let mut rng = plan.chance(0x636f_6465, past);
            if !rng.chance(NEW_CODES_A_DAY) {
                continue;
            }
            // Trucks work from 10 to 24 o'clock UTC.
            let in_day_ms = rng.between(10.0, 22.0) * HOUR_MS as f64;
            let from = Timestamp::from_millis(past * DAY_MS + in_day_ms as i64);
            let hours = 2.0 * (LONGEST_OPEN_MS as f64 / HOUR_MS as f64 / 2.0).powf(rng.unit());
            let episode = Episode {
                trouble: rng.below(troubles as u64) as usize,
                from,
                until: Timestamp::from_millis(from.millis() + (hours * HOUR_MS as f64) as i64),
            };
            drawn.push((past, episode));
        }
        // A code that was drawn in the days before may be open still and cannot come again. This
        // looks at what was drawn, open or not, so that it is the same whichever day asks.
        let is_new = |past: i64, episode: &Episode| {
            let before = drawn
                .iter()
                .filter(|(other, _)| (past - LOOK_BACK_DAYS..past).contains(other));
            let mut before = before.map(|(_, other)| other).chain(&episodes);
            before.all(|other| other.trouble != episode.trouble)
        };
        let new: Vec<Episode> = drawn
            .iter()
            .filter(|(past, episode)| *past >= day - LOOK_BACK_DAYS && is_new(*past, episode))
            .map(|(_, episode)| *episode)
            .collect();
        episodes.extend(new);
        episodes
    }
}

fn reading(time: Timestamp, bus: FaultBus, episodes: &[Episode]) -> FaultReading {
    let open = || episodes.iter().filter(|episode| episode.is_open(time));
    let mut reading = FaultReading {
        time,
        bus,
        j1939: Vec::new(),
        obd2: Vec::new(),
        mil_is_on: false,
    };
    match bus {
        FaultBus::J1939 => {
            reading.j1939 = open().map(|episode| episode.j1939(time)).collect();
            reading.mil_is_on = reading.j1939.iter().any(|fault| fault.mil_is_on);
        }
        FaultBus::Obd2 => {
            reading.obd2 = open().map(|episode| episode.obd2(time)).collect();
            reading.mil_is_on = reading.obd2.iter().any(|fault| fault.mil_is_on);
        }
    }
    reading
}

/// By time, each once, whole seconds.
fn reading_times(
    itinerary: &Itinerary,
    day: i64,
    episodes: &[Episode],
    rng: &mut Rng,
) -> Vec<Timestamp> {
    let at = |in_day_ms: i64| Timestamp::from_millis(day * DAY_MS + in_day_ms);
    let mut times = Vec::new();
    for run in engine_runs(itinerary) {
        let mut in_day_ms = run.0 + rng.between(20.0, 40.0) as i64 * SECOND_MS;
        while in_day_ms < run.1 {
            times.push(at(in_day_ms));
            in_day_ms += rng.between(110.0, 190.0) as i64 * MINUTE_MS;
        }
        let while_running = Window::new(at(run.0), at(run.1));
        for episode in episodes {
            let confirmed = episode.from.millis() + CONFIRMED_AFTER_MS;
            let turns = [
                episode.from,
                Timestamp::from_millis(confirmed).min(episode.until),
                episode.until,
            ];
            let seen = turns
                .into_iter()
                .filter(|time| while_running.is_some_and(|running| running.contains(*time)));
            times.extend(seen);
        }
    }
    for time in &mut times {
        // The next second: a reading must not be older than what it tells.
        *time = Timestamp::from_millis(time.millis() + SECOND_MS - 1).floor_to(SECOND_MS);
    }
    times.sort_unstable();
    times.dedup();
    times
}

/// From the engine's start to its stop, in milliseconds of the day.
fn engine_runs(itinerary: &Itinerary) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for segment in &itinerary.segments {
        if matches!(segment.activity, Activity::Off) {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.1 == segment.from_ms => last.1 = segment.until_ms,
            _ => runs.push((segment.from_ms, segment.until_ms)),
        }
    }
    runs
}

#[cfg(test)]
#[path = "faultcode_tests.rs"]
mod tests;
