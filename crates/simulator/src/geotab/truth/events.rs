//! The truth about trips, safety events and changes of driver.

use model::Timestamp;
use model::assignment::DriverAssignment;
use model::safety::{SafetyEvent, SafetyEventStats, SafetyEventType};
use model::time::MINUTE_MS;
use model::trip::Trip;
use model::{VehicleId, Window};

use super::super::catalogue::Rule;
use super::super::database::Log;
use super::super::exceptions::ExceptionRow;
use super::super::ids;
use super::super::trips::TripRow;
use super::{GeotabTruth, PROVIDER};
use crate::fleet::{SafetyEvent as Noticed, SafetyKind};
use crate::shown::after;
use crate::truth::arithmetic::{coordinates, decimal, rounded};

/// Of rules that are about safety.
fn event_type(kind: SafetyKind) -> Option<SafetyEventType> {
    Some(match kind {
        SafetyKind::HarshBraking => SafetyEventType::HarshBrake,
        SafetyKind::HarshAcceleration => SafetyEventType::HarshAcceleration,
        SafetyKind::HarshTurn => SafetyEventType::HarshTurn,
        SafetyKind::Speeding => SafetyEventType::Speeding,
        SafetyKind::Crash => SafetyEventType::Crash,
        SafetyKind::NoSeatBelt => SafetyEventType::SeatBeltViolation,
        SafetyKind::MobileUsage => SafetyEventType::CellPhone,
        _ => return None,
    })
}

impl GeotabTruth {
    /// The trips of a vehicle that are there, by start.
    pub(super) fn live_trips(&self, vehicle: usize) -> Vec<TripRow> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let revisions = self.database().trip_revisions(vehicle, span).into_iter();
        let mut trips: Vec<TripRow> = revisions
            .filter(|revision| revision.is_live(self.scope.now))
            .map(|revision| revision.row)
            .collect();
        trips.sort_by_key(|row| row.trip.from);
        trips
    }

    /// Trips that began since reading did, by vehicle and time.
    pub(super) fn true_trips(&self) -> Vec<Trip> {
        let mut trips = Vec::new();
        for plan in self.scope.world.vehicles() {
            let rows = self.live_trips(plan.index);
            for row in &rows {
                if row.trip.from < self.scope.read_from {
                    continue;
                }
                // A trip begins where the one before it stopped, if that one is there.
                let before = rows
                    .iter()
                    .find(|before| before.next_start == Some(row.trip.from));
                trips.push(self.trip(row, before));
            }
        }
        trips
    }

    fn trip(&self, row: &TripRow, before: Option<&TripRow>) -> Trip {
        let trip = &row.trip;
        let device = ids::device_id(trip.vehicle);
        let key = format!("{device}-{}", trip.from.millis());
        Trip {
            id: self.scope.ids.trip(&key),
            source_id: key,
            provider: PROVIDER.to_owned(),
            driver: trip.driver.map(|driver| self.driver_id(driver)),
            vehicle: self.vehicle_id(trip.vehicle),
            start_location: before.map(|before| coordinates(before.trip.end)),
            end_location: Some(coordinates(trip.end)),
            distance: Some(decimal(row.distance_dam())),
            duration: row.driving_ms(),
            started_at: trip.from,
            ended_at: trip.until,
        }
    }

    /// Events that began since reading did, are valid and of a rule about safety, by vehicle and
    /// time.
    pub(super) fn true_safety_events(&self) -> Vec<SafetyEvent> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let mut events = Vec::new();
        for plan in self.scope.world.vehicles() {
            for revision in self.database().exception_revisions(plan.index, span) {
                if !revision.is_live(self.scope.now) {
                    continue;
                }
                if let Some(event_type) = event_type(revision.row.event.kind) {
                    events.push(self.safety_event(&revision.row, event_type));
                }
            }
        }
        events
    }

    fn safety_event(&self, row: &ExceptionRow, event_type: SafetyEventType) -> SafetyEvent {
        let event = &row.event;
        let (from, until) = (event.from, row.active_to());
        let logs = self.logs_around(event.vehicle, from, until);
        let nearest = |time: Timestamp| {
            let distance = |log: &&Log| (log.time.millis().abs_diff(time.millis()), log.time);
            let found = logs.iter().min_by_key(distance)?;
            Some(coordinates(found.position))
        };
        let stats = self.stats_of_event(event, until, &logs);
        SafetyEvent {
            id: self.scope.ids.safety_event(&row.id),
            event_type,
            source_id: row.id.clone(),
            provider: PROVIDER.to_owned(),
            source_type: Some(match row.rule {
                Rule::Stock(id, _) => id.to_owned(),
                Rule::Phone => row.rule.name().to_owned(),
            }),
            driver: event.driver.map(|driver| self.driver_id(driver)),
            vehicle: self.vehicle_id(event.vehicle),
            start_location: nearest(from),
            end_location: nearest(until),
            stats: (!stats.is_empty()).then_some(stats),
            camera_media: None,
            started_at: from,
            ended_at: Some(until),
        }
    }

    /// From a minute before until a minute after.
    fn logs_around(&self, vehicle: usize, from: Timestamp, until: Timestamp) -> Vec<Log> {
        let around = Window {
            from: after(from, -MINUTE_MS),
            until: after(until, MINUTE_MS + 1),
        };
        let mut logs = Vec::new();
        self.database().logs(vehicle, around, |log| logs.push(log));
        logs
    }

    fn stats_of_event(&self, event: &Noticed, until: Timestamp, logs: &[Log]) -> SafetyEventStats {
        let lasted = |log: &&Log| event.from <= log.time && log.time <= until;
        let speeds: Vec<i64> = logs
            .iter()
            .filter(lasted)
            .map(|log| log.speed_kmh)
            .collect();
        let count = speeds.len() as i128;
        let fastest = speeds.iter().max().map(|kmh| decimal(kmh * 100));
        let mean = (count > 0).then(|| {
            let sum: i64 = speeds.iter().sum();
            decimal(rounded(i128::from(sum) * 100, count))
        });
        // A speeding exception says itself how fast it was.
        let said = event
            .limit_centi_kmh
            .map(|_| decimal(event.speed_centi_kmh.into()));
        let (along, across) = self.forces(event, until);
        SafetyEventStats {
            maximum_speed: said.or(fastest),
            average_speed: mean,
            road_speed_limit: event.limit_centi_kmh.map(|limit| decimal(limit.into())),
            g_force_forward_backward: along,
            g_force_side_to_side: across,
            heading: None,
        }
    }

    /// The strongest of the event's time along the vehicle and across it, hundredths of g.
    fn forces(&self, event: &Noticed, until: Timestamp) -> (Option<f64>, Option<f64>) {
        let lasted = Window {
            from: event.from,
            until: after(until, 1),
        };
        let others = self.scope.world.safety_events(event.vehicle, lasted);
        let strongest = |is_across: bool| {
            let of_its_way = others
                .iter()
                .filter(|other| (other.kind == SafetyKind::HarshTurn) == is_across);
            of_its_way
                .filter_map(|other| other.max_milli_g)
                .max_by_key(|milli_g| milli_g.abs())
                .map(|milli_g| decimal(rounded(milli_g.into(), 10)))
        };
        (strongest(false), strongest(true))
    }

    /// Changes of driver since reading began, by vehicle and time. Each ends with the next.
    pub(super) fn true_assignments(&self) -> Vec<DriverAssignment> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let mut assignments = Vec::new();
        for plan in self.scope.world.vehicles() {
            let vehicle: VehicleId = self.vehicle_id(plan.index);
            let changes = self.database().changes(plan.index, span);
            for (place, change) in changes.iter().enumerate() {
                assignments.push(DriverAssignment {
                    vehicle,
                    driver: change.driver.map(|driver| self.driver_id(driver)),
                    started_at: change.time,
                    ended_at: changes.get(place + 1).map(|next| next.time),
                    assigned_at: None,
                });
            }
        }
        assignments
    }
}
