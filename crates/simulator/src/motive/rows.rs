//! Rows of location history: a place, and what the gateway counted last.
//!
//! There is a row for each fix of the world, and one for each start and stop of the engine. The
//! wire has whole seconds, and a second has one row: a change of the engine before a fix, else what
//! came first. A row carries, of each signal, the last reading at or before it, of that UTC day or
//! of the day before; percentages of tanks and the battery's voltage only where they were read
//! since the row before (see [`Row::is_fresh`]). Who drives is said by the row.
//!
//! A row comes late, changes and vanishes as one: a fix's row with the fate of the fix, an engine's
//! row with the fate of the reading. What changes of a row is where it was, how fast, and every
//! number that it carries.

use model::time::{DAY_MS, SECOND_MS};
use model::{Timestamp, Window};

use super::ids;
use crate::faults::{FaultPlan, RowFate, edited_value};
use crate::fleet::{Address, Assignment, Fix, Position, Reading, Signal, World};

/// What a row carries beside the place.
pub(crate) const CARRIED: [Signal; 7] = [
    Signal::BusOdometerMetres,
    Signal::GpsOdometerMetres,
    Signal::BusEngineSeconds,
    Signal::EstimatedEngineSeconds,
    Signal::FuelUsedMillilitres,
    Signal::FuelPercent,
    Signal::BatteryMillivolts,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    Breadcrumb,
    Moving,
    Stopped,
    EngineStart,
    EngineStop,
    IgnitionOn,
    IgnitionOff,
}

impl RowKind {
    pub fn name(self) -> &'static str {
        match self {
            RowKind::Breadcrumb => "breadcrumb",
            RowKind::Moving => "vehicle_moving",
            RowKind::Stopped => "vehicle_stopped",
            RowKind::EngineStart => "engine_start",
            RowKind::EngineStop => "engine_stop",
            RowKind::IgnitionOn => "ignition_on",
            RowKind::IgnitionOff => "ignition_off",
        }
    }

    /// Whether the engine runs from then on; `None`: the row does not say.
    pub fn engine(self) -> Option<bool> {
        match self {
            RowKind::EngineStart | RowKind::IgnitionOn => Some(true),
            RowKind::EngineStop | RowKind::IgnitionOff => Some(false),
            RowKind::Breadcrumb | RowKind::Moving | RowKind::Stopped => None,
        }
    }

    fn signal(self) -> Signal {
        match self.engine() {
            Some(_) => Signal::EngineState,
            None => Signal::Position,
        }
    }
}

/// A row as it was made, or as it stands after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub vehicle: usize,
    pub kind: RowKind,
    /// As the world has it, with milliseconds.
    pub time: Timestamp,
    pub position: Position,
    /// Hundredths of a degree.
    pub bearing_centi: i32,
    /// `None`: the gateway did not say.
    pub speed_centi_mph: Option<u32>,
    pub address: Option<Address>,
    pub driver: Option<usize>,
    /// By place in [`CARRIED`].
    values: [Option<i64>; CARRIED.len()],
    fresh: [bool; CARRIED.len()],
}

impl Row {
    pub fn id(&self) -> String {
        ids::row(
            self.vehicle,
            self.time,
            u64::from(self.kind.engine().is_some()),
        )
    }

    /// As the wire says it.
    pub fn located_at(&self) -> Timestamp {
        self.time.floor_to(SECOND_MS)
    }

    /// The last reading of one of [`CARRIED`].
    pub fn value(&self, signal: Signal) -> Option<i64> {
        self.values[place(signal)?]
    }

    /// Whether the reading came after the row before, of that day.
    pub fn is_fresh(&self, signal: Signal) -> bool {
        place(signal).is_some_and(|place| self.fresh[place])
    }

    /// As [`Row::value`], where history gives it.
    pub fn value_in_history(&self, signal: Signal) -> Option<i64> {
        let is_always_said = !matches!(signal, Signal::FuelPercent | Signal::BatteryMillivolts);
        self.value(signal)
            .filter(|_| is_always_said || self.is_fresh(signal))
    }

    fn edited(mut self) -> Row {
        self.position.latitude_e7 += 1_234;
        self.speed_centi_mph = self.speed_centi_mph.map(|speed| speed + 17);
        for (value, signal) in self.values.iter_mut().zip(CARRIED) {
            *value = value.map(|value| edited_value(signal, value));
        }
        self
    }

    /// How the row stands at `now`; `None`: it is not there.
    fn at(self, faults: &FaultPlan, now: Timestamp) -> Option<Row> {
        match faults.row_fate(self.vehicle, self.kind.signal(), self.time, now) {
            RowFate::Hidden => None,
            RowFate::AsProduced => Some(self),
            RowFate::Edited => Some(self.edited()),
        }
    }
}

fn place(signal: Signal) -> Option<usize> {
    CARRIED.iter().position(|carried| *carried == signal)
}

/// The rows of a vehicle whose time on the wire lies in `window`, by time, as they stand at `now`.
pub(crate) fn rows(
    world: &World,
    faults: &FaultPlan,
    vehicle: usize,
    window: Window,
    now: Timestamp,
) -> Vec<Row> {
    let known = Window::new(window.from, window.until.min(crate::shown::after(now, 1)));
    let Some(known) = known.and_then(|known| world.within_history(widened(known))) else {
        return Vec::new();
    };
    let last = Timestamp::from_millis(known.until.millis() - 1);
    (known.from.utc_day()..=last.utc_day())
        .flat_map(|day| rows_on_day(world, vehicle, day))
        .filter(|row| window.contains(row.located_at()))
        .filter_map(|row| row.at(faults, now))
        .collect()
}

/// A row may be some milliseconds later than the wire says.
fn widened(window: Window) -> Window {
    Window {
        from: window.from,
        until: window
            .until
            .saturating_add(std::time::Duration::from_secs(1)),
    }
}

/// The last row at or before `now`, of the last `days`.
pub(crate) fn last_row(
    world: &World,
    faults: &FaultPlan,
    vehicle: usize,
    now: Timestamp,
    days: i64,
) -> Option<Row> {
    let today = now.utc_day();
    let first = world.config().begins_at.utc_day().max(today - days);
    (first..=today).rev().find_map(|day| {
        let rows = rows_on_day(world, vehicle, day).into_iter().rev();
        rows.filter(|row| row.time <= now)
            .find_map(|row| row.at(faults, now))
    })
}

fn rows_on_day(world: &World, vehicle: usize, day: i64) -> Vec<Row> {
    let at = |day: i64| Timestamp::from_millis(day * DAY_MS);
    let today = Window {
        from: at(day),
        until: at(day + 1),
    };
    let mut rows = places(world, vehicle, today);
    let readings = |signal| {
        let mut found = Vec::new();
        let since_yesterday = Window {
            from: at(day - 1),
            until: today.until,
        };
        world.readings(vehicle, signal, since_yesterday, |reading| {
            found.push(*reading);
        });
        found
    };
    for (place, signal) in CARRIED.into_iter().enumerate() {
        carry(&mut rows, place, &readings(signal), today.from);
    }
    rows
}

/// Puts into each row the last reading at or before it.
fn carry(rows: &mut [Row], place: usize, readings: &[Reading], day_begins: Timestamp) {
    let mut readings = readings.iter().peekable();
    let mut last: Option<&Reading> = None;
    let mut row_before = Timestamp::from_millis(day_begins.millis() - 1);
    for row in rows {
        while let Some(next) = readings.next_if(|reading| reading.time <= row.time) {
            last = Some(next);
        }
        row.values[place] = last.map(|reading| reading.value);
        row.fresh[place] = last.is_some_and(|reading| reading.time > row_before);
        row_before = row.time;
    }
}

/// The rows of a day without what they carry, no two in one second.
fn places(world: &World, vehicle: usize, day: Window) -> Vec<Row> {
    let assignments = world.assignments(vehicle, day);
    let mut rows = Vec::new();
    world.fixes(vehicle, day, |fix| {
        rows.push(fix_row(vehicle, fix, &assignments));
    });
    let mut runs = false;
    world.readings(vehicle, Signal::EngineState, day, |reading| {
        // The world tells driving from idling, Motive's rows only on from off.
        let runs_now = reading.value != 0;
        if runs_now != runs {
            runs = runs_now;
            rows.push(engine_row(world, vehicle, reading.time, runs, &assignments));
        }
    });
    rows.sort_by_key(|row| (row.located_at(), row.kind.engine().is_none(), row.time));
    rows.dedup_by_key(|row| row.located_at());
    rows
}

fn fix_row(vehicle: usize, fix: &Fix, assignments: &[Assignment]) -> Row {
    let is_moving = fix.speed_centi_mph > 0;
    let second = fix.time.millis() / SECOND_MS;
    Row {
        vehicle,
        kind: match (second % 3, is_moving) {
            (0, true) => RowKind::Moving,
            (0, false) => RowKind::Stopped,
            _ => RowKind::Breadcrumb,
        },
        time: fix.time,
        position: Position {
            latitude_e7: fix.latitude_e7,
            longitude_e7: fix.longitude_e7,
        },
        bearing_centi: i32::from(fix.heading_degrees) * 100 + (second % 100) as i32,
        speed_centi_mph: (is_moving || second % 2 == 0).then_some(fix.speed_centi_mph),
        address: fix.address,
        driver: driver(assignments, fix.time),
        values: [None; CARRIED.len()],
        fresh: [false; CARRIED.len()],
    }
}

fn engine_row(
    world: &World,
    vehicle: usize,
    time: Timestamp,
    runs: bool,
    assignments: &[Assignment],
) -> Row {
    let moment = world.moment(vehicle, time);
    Row {
        vehicle,
        // Some gateways are wired to the ignition, and see that.
        kind: match (vehicle % 3 == 1, runs) {
            (false, true) => RowKind::EngineStart,
            (false, false) => RowKind::EngineStop,
            (true, true) => RowKind::IgnitionOn,
            (true, false) => RowKind::IgnitionOff,
        },
        time,
        position: moment.position,
        bearing_centi: i32::from(moment.heading_degrees) * 100,
        speed_centi_mph: Some(0),
        address: Some(moment.position.address()),
        driver: driver(assignments, time),
        values: [None; CARRIED.len()],
        fresh: [false; CARRIED.len()],
    }
}

fn driver(assignments: &[Assignment], time: Timestamp) -> Option<usize> {
    let covers = |found: &&Assignment| found.from <= time && time < found.until;
    assignments.iter().find(covers).map(|found| found.driver)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::fleet::WorldConfig;

    #[test]
    fn a_second_has_one_row_and_engines_alternate() {
        let begins_at = Timestamp::from_millis(1_749_969_600_000);
        let world = World::new(WorldConfig::days_before(begins_at, 0, 21));
        let now = Timestamp::from_millis(begins_at.millis() + 4 * DAY_MS);
        let window = Window::new(begins_at, now).unwrap();
        let (mut starts, mut fresh, mut driven) = (0, 0, 0);
        for vehicle in 0..world.vehicles().len() {
            let rows = rows(&world, &FaultPlan::none(), vehicle, window, now);
            let ids: HashSet<String> = rows.iter().map(Row::id).collect();
            assert_eq!(ids.len(), rows.len());
            assert!(rows.is_sorted_by(|a, b| a.located_at() < b.located_at()));
            let mut runs = false;
            for row in &rows {
                assert!(row.located_at() <= row.time);
                if let Some(now_runs) = row.kind.engine() {
                    assert_ne!(runs, now_runs);
                    runs = now_runs;
                    starts += usize::from(runs);
                }
                fresh += usize::from(row.value_in_history(Signal::FuelPercent).is_some());
                driven += usize::from(row.driver.is_some());
            }
            let last = last_row(&world, &FaultPlan::none(), vehicle, now, 60);
            assert_eq!(last.as_ref(), rows.last());
        }
        assert!(
            starts > 50 && fresh > 1_000 && driven > 5_000,
            "{starts} {fresh} {driven}"
        );
    }
}
