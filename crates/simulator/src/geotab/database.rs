//! The world as one MyGeotab database has it: which rows there are, since when, and what became of
//! them. The wire writes this down and the truth states it in the common model, each in its own
//! words.
//!
//! Faults become what MyGeotab does with such things: late rows come into the feeds when they
//! arrive; trips are calculated anew under another id; exceptions are dismissed, invalidated or
//! reprocessed; duty logs keep their id and get a higher version. Positions and status data are
//! never changed once they are there.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use model::time::{DAY_MS, MINUTE_MS};
use model::{Timestamp, Window};

use super::catalogue;
use super::faultdata::{Code, codes};
use super::gauges::{Gauge, Value};
use crate::faults::{FaultPlan, LONGEST_DELAY, RowFault};
use crate::fleet::{Position, Signal, World, lock};
use crate::shown::{Shown, after};
use crate::truth::arithmetic::{centi_kph, rounded};

/// Around an exception the device sends its positions at once, so that what a client makes of them
/// does not change afterwards.
const AROUND_EXCEPTION_MS: i64 = 2 * MINUTE_MS;
/// The longest that an exception lasts.
const LONGEST_EXCEPTION_MS: i64 = 15 * MINUTE_MS;
/// Beyond so many remembered days they are forgotten.
const MOST_LATE_DAYS: usize = 20_000;
/// How far back a device's last reading is looked for.
const LOOK_BACK_DAYS: i64 = 60;

/// What a row is in the eyes of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Live,
    /// Taken back: a trip that was calculated anew, a reprocessed exception.
    Deleted,
    Dismissed,
    Invalid,
    /// A duty log that an edit has replaced.
    Inactive,
}

/// A row as it was for some time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Revision<T> {
    pub at: Timestamp,
    /// When the next revision of the same id took its place.
    pub until: Option<Timestamp>,
    pub standing: Standing,
    pub row: T,
}

impl<T> Revision<T> {
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.at <= now && self.until.is_none_or(|until| now < until)
    }

    pub fn is_live(&self, now: Timestamp) -> bool {
        self.standing == Standing::Live && self.is_current(now)
    }
}

/// The revisions of one id from its beginnings, in order.
pub(crate) fn revisions<T>(history: Vec<(Timestamp, Standing, T)>) -> Vec<Revision<T>> {
    let ends: Vec<Timestamp> = history.iter().skip(1).map(|(at, ..)| *at).collect();
    let mut ends = ends.into_iter();
    history
        .into_iter()
        .map(|(at, standing, row)| Revision {
            at,
            until: ends.next(),
            standing,
            row,
        })
        .collect()
}

/// A position record. MyGeotab gives whole kilometres an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    pub time: Timestamp,
    /// When it arrived.
    pub at: Timestamp,
    pub position: Position,
    pub speed_kmh: i64,
}

/// A row of status data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub time: Timestamp,
    pub at: Timestamp,
    pub gauge: Gauge,
    pub value: Value,
}

/// Rows of days, by whose they are.
type Days<K, T> = HashMap<K, Arc<Vec<T>>>;

/// What is asked for again and again: rows that arrived late, by vehicle and UTC day, for which
/// feeds look far back; and the codes that any vehicle has reported.
#[derive(Default)]
pub(crate) struct Remembered {
    logs: Mutex<Days<(usize, i64), Log>>,
    statuses: Mutex<Days<(usize, Gauge, i64), Status>>,
    codes: Mutex<KnownCodes>,
}

#[derive(Default)]
struct KnownCodes {
    /// Readings earlier than this are in.
    until: Option<Timestamp>,
    by_diagnostic: BTreeMap<String, Code>,
    by_failure_mode: BTreeMap<String, Code>,
}

/// What there is at `now`.
#[derive(Clone, Copy)]
pub(crate) struct Database<'a> {
    pub world: &'a World,
    pub faults: &'a FaultPlan,
    pub remembered: &'a Remembered,
    pub now: Timestamp,
}

impl<'a> Database<'a> {
    pub fn shown(&self, now: Timestamp) -> Shown<'a> {
        Shown {
            world: self.world,
            faults: self.faults,
            now,
        }
    }

    /// The part of a window that is not later than now: what lies ahead is not even made.
    pub fn until_now(&self, window: Window) -> Option<Window> {
        Window::new(window.from, window.until.min(after(self.now, 1)))
    }

    /// Everything whose own time may be that of a row that came or changed after `since`.
    pub fn may_have_changed(&self, since: Timestamp) -> Window {
        Window {
            from: since.saturating_sub(LONGEST_DELAY),
            until: after(self.now, 1),
        }
    }

    /// When the reading arrives.
    fn arrival(&self, vehicle: usize, signal: Signal, time: Timestamp) -> Timestamp {
        if !self.faults.late {
            return time;
        }
        match self.faults.row_fault(vehicle, signal, time) {
            RowFault::Late { at }
                if signal != Signal::Position || !self.is_near_exception(vehicle, time) =>
            {
                at
            }
            _ => time,
        }
    }

    fn is_near_exception(&self, vehicle: usize, time: Timestamp) -> bool {
        let began = Window {
            from: after(time, -LONGEST_EXCEPTION_MS),
            until: after(time, AROUND_EXCEPTION_MS),
        };
        let events = self.world.safety_events(vehicle, began);
        events.iter().any(|event| {
            let until = event.until.unwrap_or(event.from);
            time <= after(until, AROUND_EXCEPTION_MS)
        })
    }

    /// Positions of the window, whenever they arrived, by time.
    fn produced_logs(&self, vehicle: usize, window: Window, mut each: impl FnMut(Log)) {
        self.world.fixes(vehicle, window, |fix| {
            each(Log {
                time: fix.time,
                at: self.arrival(vehicle, Signal::Position, fix.time),
                position: Position {
                    latitude_e7: fix.latitude_e7,
                    longitude_e7: fix.longitude_e7,
                },
                speed_kmh: rounded(centi_kph(fix.speed_centi_mph.into()).into(), 100),
            });
        });
    }

    fn produced_statuses(
        &self,
        vehicle: usize,
        gauge: Gauge,
        window: Window,
        mut each: impl FnMut(Status),
    ) {
        match gauge.signal(&self.world.vehicles()[vehicle]) {
            Some(signal) => self.world.readings(vehicle, signal, window, |reading| {
                each(Status {
                    time: reading.time,
                    at: self.arrival(vehicle, signal, reading.time),
                    gauge,
                    value: gauge.value(reading.value),
                });
            }),
            None => {
                for event in self.world.safety_events(vehicle, window) {
                    if let Some(value) = gauge.of_event(&event) {
                        each(Status {
                            time: event.from,
                            at: event.from,
                            gauge,
                            value,
                        });
                    }
                }
            }
        }
    }

    /// Positions of the window that have arrived, by time.
    pub fn logs(&self, vehicle: usize, window: Window, mut each: impl FnMut(Log)) {
        let Some(window) = self.until_now(window) else {
            return;
        };
        self.produced_logs(vehicle, window, |log| {
            if log.at <= self.now {
                each(log);
            }
        });
    }

    /// Status data of the window that have arrived, by time.
    pub fn statuses(
        &self,
        vehicle: usize,
        gauge: Gauge,
        window: Window,
        mut each: impl FnMut(Status),
    ) {
        let Some(window) = self.until_now(window) else {
            return;
        };
        self.produced_statuses(vehicle, gauge, window, |status| {
            if status.at <= self.now {
                each(status);
            }
        });
    }

    /// Positions that arrived in the window.
    pub fn logs_arrived(&self, vehicle: usize, arrived: Window, mut each: impl FnMut(Log)) {
        self.produced_logs(vehicle, arrived, |log| {
            if log.at == log.time {
                each(log);
            }
        });
        for day in self.late_days(arrived) {
            let known = lock(&self.remembered.logs).get(&(vehicle, day)).cloned();
            let late = known.unwrap_or_else(|| {
                let mut late = Vec::new();
                self.produced_logs(vehicle, utc_day(day), |log| {
                    if log.at != log.time {
                        late.push(log);
                    }
                });
                let late = Arc::new(late);
                let mut all = lock(&self.remembered.logs);
                if all.len() >= MOST_LATE_DAYS {
                    all.clear();
                }
                all.insert((vehicle, day), Arc::clone(&late));
                late
            });
            let arrived = late.iter().filter(|log| arrived.contains(log.at));
            arrived.for_each(|log| each(*log));
        }
    }

    /// Status data that arrived in the window.
    pub fn statuses_arrived(
        &self,
        vehicle: usize,
        gauge: Gauge,
        arrived: Window,
        mut each: impl FnMut(Status),
    ) {
        self.produced_statuses(vehicle, gauge, arrived, |status| {
            if status.at == status.time {
                each(status);
            }
        });
        for day in self.late_days(arrived) {
            let key = (vehicle, gauge, day);
            let known = lock(&self.remembered.statuses).get(&key).cloned();
            let late = known.unwrap_or_else(|| {
                let mut late = Vec::new();
                self.produced_statuses(vehicle, gauge, utc_day(day), |status| {
                    if status.at != status.time {
                        late.push(status);
                    }
                });
                let late = Arc::new(late);
                let mut all = lock(&self.remembered.statuses);
                if all.len() >= MOST_LATE_DAYS {
                    all.clear();
                }
                all.insert(key, Arc::clone(&late));
                late
            });
            let arrived = late.iter().filter(|status| arrived.contains(status.at));
            arrived.for_each(|status| each(*status));
        }
    }

    /// The UTC days whose rows may arrive late within the window.
    fn late_days(&self, arrived: Window) -> std::ops::Range<i64> {
        if !self.faults.late {
            return 0..0;
        }
        let first = arrived.from.saturating_sub(LONGEST_DELAY);
        first.utc_day()..after(arrived.until, -1).utc_day() + 1
    }

    /// One code of each diagnostic that was ever reported, by the diagnostic's id, and one of each
    /// failure mode, by its own: a database lists those that it has met.
    pub fn known_codes(&self) -> (BTreeMap<String, Code>, BTreeMap<String, Code>) {
        let mut known = lock(&self.remembered.codes);
        let from = known.until.unwrap_or(self.world.config().begins_at);
        let until = after(self.now, 1);
        if let Some(window) = Window::new(from, until) {
            for vehicle in 0..self.world.vehicles().len() {
                for reading in self.world.fault_readings(vehicle, window) {
                    for code in codes(&reading).into_values() {
                        let id = catalogue::diagnostic_id(&code);
                        known.by_diagnostic.entry(id).or_insert(code);
                        if let Some(id) = catalogue::failure_mode_id(&code) {
                            known.by_failure_mode.entry(id).or_insert(code);
                        }
                    }
                }
            }
            known.until = Some(until);
        }
        (known.by_diagnostic.clone(), known.by_failure_mode.clone())
    }

    /// The last position that has arrived of those not later than `time`.
    pub fn last_log(&self, vehicle: usize, time: Timestamp) -> Option<Log> {
        self.looking_back(time, |window| {
            let mut last = None;
            self.logs(vehicle, window, |log| last = Some(log));
            last
        })
    }

    pub fn last_status(&self, vehicle: usize, gauge: Gauge, time: Timestamp) -> Option<Status> {
        self.looking_back(time, |window| {
            let mut last = None;
            self.statuses(vehicle, gauge, window, |status| last = Some(status));
            last
        })
    }

    /// Looks day by day, from `time` on backwards.
    pub fn looking_back<T>(
        &self,
        time: Timestamp,
        find: impl Fn(Window) -> Option<T>,
    ) -> Option<T> {
        let mut until = after(time.min(self.now), 1);
        for _ in 0..LOOK_BACK_DAYS {
            let from = after(until, -1).start_of_utc_day();
            let found = find(Window { from, until });
            if found.is_some() || from <= self.world.config().begins_at {
                return found;
            }
            until = from;
        }
        None
    }
}

pub(crate) fn utc_day(day: i64) -> Window {
    Window {
        from: Timestamp::from_millis(day * DAY_MS),
        until: Timestamp::from_millis((day + 1) * DAY_MS),
    }
}
