//! What a truth is about: a world, its faults, and from when until when it was read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil;
use model::{DriverId, IdSpace, Model, Timestamp, VehicleId, Window};

use crate::faults::{FaultPlan, RowFate, edited_fix, edited_value};
use crate::fleet::zone::local_date;
use crate::fleet::{Assignment, Fix, Reading, Signal, World};
use crate::shown::Shown;

/// The part of a world that a store has read, seen at one instant.
pub(crate) struct Scope {
    pub world: Arc<World>,
    pub faults: FaultPlan,
    pub ids: IdSpace,
    pub now: Timestamp,
    /// When reading of history began.
    pub read_from: Timestamp,
    places: HashMap<VehicleId, usize>,
}

impl Scope {
    /// `source_id`: how the provider names the vehicle of an index.
    pub fn new(
        world: Arc<World>,
        faults: FaultPlan,
        ids: IdSpace,
        now: Timestamp,
        source_id: impl Fn(usize) -> String,
    ) -> Scope {
        let places = (0..world.vehicles().len())
            .map(|index| (ids.vehicle(&source_id(index)), index))
            .collect();
        Scope {
            read_from: world.config().begins_at,
            world,
            faults,
            ids,
            now,
            places,
        }
    }

    /// Later of what was and `from`.
    pub fn read_from(&mut self, from: Timestamp) {
        self.read_from = self.read_from.max(from);
    }

    pub fn shown(&self) -> Shown<'_> {
        Shown {
            world: &self.world,
            faults: &self.faults,
            now: self.now,
        }
    }

    /// The part of `window` that was read; now is in it.
    pub fn known(&self, window: Window) -> Option<Window> {
        let after_now = self.now.saturating_add(Duration::from_millis(1));
        window.intersect(&Window::new(self.read_from, after_now)?)
    }

    /// From the beginning of reading until now; `None`: nothing was read.
    pub fn span(&self) -> Option<Window> {
        self.known(Window {
            from: Timestamp::MIN,
            until: Timestamp::MAX,
        })
    }

    /// The index of a vehicle; `None`: it is not of this fleet.
    pub fn place(&self, vehicle: VehicleId) -> Option<usize> {
        self.places.get(&vehicle).copied()
    }

    /// Every vehicle of the fleet, in the order of the plan.
    pub fn vehicle_ids(&self) -> Vec<VehicleId> {
        let mut ids: Vec<(usize, VehicleId)> = self
            .places
            .iter()
            .map(|(id, place)| (*place, *id))
            .collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// Dates of the fleet's zone from the one on which reading begins until today.
    pub fn dates(&self) -> Vec<civil::Date> {
        let zone = self.world.time_zone();
        let Some(span) = self.span() else {
            return Vec::new();
        };
        let mut dates = vec![local_date(&zone, span.from)];
        let today = local_date(&zone, self.now);
        while let Some(next) = dates.last().and_then(|date| date.tomorrow().ok())
            && next <= today
        {
            dates.push(next);
        }
        dates
    }

    /// Assignments that a store knows which read what touches its span.
    pub fn assignments(&self, place: usize) -> Vec<Assignment> {
        self.span()
            .map_or_else(Vec::new, |span| self.shown().assignments(place, span))
    }

    /// Of assignments in order of their beginnings, the driver of the last that covers `time`.
    pub fn driver_at(&self, assignments: &[Assignment], time: Timestamp) -> Option<usize> {
        let covers = |found: &&Assignment| {
            let is_over = self.shown().is_over(found.until);
            found.from <= time && (!is_over || time < found.until)
        };
        assignments.iter().rfind(covers).map(|found| found.driver)
    }

    pub fn fate(&self, place: usize, signal: Signal, time: Timestamp) -> RowFate {
        self.faults.row_fate(place, signal, time, self.now)
    }

    /// The fixes of a window as they stand now, by time.
    pub fn fixes(&self, place: usize, window: Window, mut each: impl FnMut(&Fix)) {
        self.world.fixes(place, window, |fix| {
            match self.fate(place, Signal::Position, fix.time) {
                RowFate::Hidden => {}
                RowFate::AsProduced => each(fix),
                RowFate::Edited => each(&edited_fix(fix)),
            }
        });
    }

    /// The readings of a window as they stand now, by time, in the world's own units.
    pub fn readings(
        &self,
        place: usize,
        signal: Signal,
        window: Window,
        mut each: impl FnMut(Reading),
    ) {
        self.world.readings(place, signal, window, |reading| {
            let value = match self.fate(place, signal, reading.time) {
                RowFate::Hidden => return,
                RowFate::AsProduced => reading.value,
                RowFate::Edited => edited_value(signal, reading.value),
            };
            each(Reading {
                time: reading.time,
                value,
            });
        });
    }

    /// Whether a store may hold a live record that the truth does not list: one that began before
    /// reading did, and is given beside what was asked for, or was once. These are
    ///
    /// - trips, duty statuses and assignments that began before and lasted beyond the beginning of
    ///   reading (as they were at some time: later changes of them are not followed),
    /// - safety events that happened before and were published or judged anew after it.
    pub fn may_be_extra(
        &self,
        model: Model,
        began: Option<Timestamp>,
        ended: Option<Timestamp>,
    ) -> bool {
        let began_before = began.is_some_and(|at| at < self.read_from);
        let reaches_in = ended.is_none_or(|at| at > self.read_from);
        match model {
            Model::Trip | Model::HosLog | Model::DriverAssignment => began_before && reaches_in,
            Model::SafetyEvent => began_before,
            _ => false,
        }
    }

    /// By the world's own name of the driver.
    pub fn driver_id(&self, driver: usize) -> DriverId {
        self.ids.driver(&self.world.drivers()[driver].source_id)
    }

    /// By the world's own name of the vehicle.
    pub fn vehicle_id(&self, vehicle: usize) -> VehicleId {
        self.ids.vehicle(&self.world.vehicles()[vehicle].source_id)
    }
}
