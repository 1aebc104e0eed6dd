//! The truth about trips, safety events and assignments.

use model::assignment::DriverAssignment;
use model::safety::{
    CameraMediaFileReference, CameraMediaReference, SafetyEvent, SafetyEventStats, SafetyEventType,
};
use model::trip::Trip;

use super::{PROVIDER, SamsaraTruth};
use crate::samsara::safety::{film_inputs, labels, whole_kmh};
use crate::shown::safety::ShownSafetyEvent;
use crate::truth::arithmetic::{coordinates, thousandth};

/// The common type of a label in Samsara's spelling; only labels that this fleet has.
fn event_type(label: &str) -> Option<SafetyEventType> {
    Some(match label {
        "Acceleration" => SafetyEventType::HarshAcceleration,
        "Braking" => SafetyEventType::HarshBrake,
        "HarshTurn" => SafetyEventType::HarshTurn,
        "Speeding" | "SevereSpeeding" => SafetyEventType::Speeding,
        "Crash" => SafetyEventType::Crash,
        "NearCollison" | "NearPedestrianCollision" | "ForwardCollisionWarning" => {
            SafetyEventType::NearCrash
        }
        "GenericTailgating" | "FollowingDistanceSevere" => SafetyEventType::Tailgating,
        "MobileUsage" => SafetyEventType::CellPhone,
        "EdgeDistractedDriving" => SafetyEventType::Distracted,
        "Drowsy" => SafetyEventType::Drowsiness,
        "NoSeatbelt" => SafetyEventType::SeatBeltViolation,
        "RollingStop" => SafetyEventType::RollingStop,
        _ => return None,
    })
}

impl SamsaraTruth {
    /// Trips that began since reading did and are over, by vehicle and time.
    pub(super) fn true_trips(&self) -> Vec<Trip> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let mut trips = Vec::new();
        for plan in self.scope.world.vehicles() {
            for shown in self.shown().trips(plan.index, span) {
                let trip = &shown.trip;
                if !shown.is_over || trip.from < span.from {
                    continue;
                }
                let key = format!("{}-{}", plan.source_id, trip.from.millis());
                trips.push(Trip {
                    id: self.scope.ids.trip(&key),
                    source_id: key,
                    provider: PROVIDER.to_owned(),
                    driver: trip.driver.map(|driver| self.driver_id(driver)),
                    vehicle: self.vehicle_id(plan.index),
                    start_location: Some(coordinates(trip.start)),
                    end_location: Some(coordinates(trip.end)),
                    distance: Some(thousandth(trip.metres)),
                    duration: trip.until.millis() - trip.from.millis(),
                    started_at: trip.from,
                    ended_at: trip.until,
                });
            }
        }
        trips
    }

    /// Safety events that began since reading did, are published and have a common type, by vehicle
    /// and time.
    pub(super) fn true_safety_events(&self) -> Vec<SafetyEvent> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let vehicles = self.scope.world.vehicles().iter();
        vehicles
            .flat_map(|plan| self.shown().safety_events(plan.index, span))
            .filter_map(|shown| self.safety_event(&shown))
            .collect()
    }

    fn safety_event(&self, shown: &ShownSafetyEvent) -> Option<SafetyEvent> {
        let event = &shown.event;
        let (label, event_type) = labels(shown)
            .iter()
            .find_map(|label| Some((*label, event_type(label)?)))?;
        let force_g = f64::from(event.max_milli_g.unwrap_or_default()) / 1_000.0;
        let is_along = matches!(
            event_type,
            SafetyEventType::HarshBrake
                | SafetyEventType::HarshAcceleration
                | SafetyEventType::Crash
        );
        let is_across = event_type == SafetyEventType::HarshTurn;
        let limit = event.limit_centi_kmh;
        Some(SafetyEvent {
            id: self.scope.ids.safety_event(&event.id),
            event_type,
            source_id: event.id.clone(),
            provider: PROVIDER.to_owned(),
            source_type: Some(label.to_owned()),
            driver: event.driver.map(|driver| self.driver_id(driver)),
            vehicle: self.vehicle_id(event.vehicle),
            start_location: Some(coordinates(event.position)),
            end_location: None,
            stats: Some(SafetyEventStats {
                // Speeds come with speeding alone, and as whole numbers.
                maximum_speed: limit.map(|_| whole_kmh(event.speed_centi_kmh) as f64),
                average_speed: None,
                road_speed_limit: limit.map(|limit| whole_kmh(limit) as f64),
                g_force_forward_backward: is_along.then_some(force_g),
                g_force_side_to_side: is_across.then_some(force_g),
                heading: Some(f64::from(event.heading_degrees)),
            }),
            camera_media: self.camera_media_reference(shown),
            started_at: event.from,
            ended_at: Some(event.until.unwrap_or(event.from)),
        })
    }

    fn camera_media_reference(&self, shown: &ShownSafetyEvent) -> Option<CameraMediaReference> {
        let inputs = film_inputs(&self.scope.world.vehicles()[shown.event.vehicle], shown);
        let film = |input| {
            inputs.contains(&input).then_some(CameraMediaFileReference {
                source_id: None,
                available: true,
            })
        };
        let media = CameraMediaReference {
            front_facing: film("dashcamRoadFacing"),
            rear_facing: film("dashcamDriverFacing"),
        };
        (media != CameraMediaReference::default()).then_some(media)
    }

    /// Assignments that began since reading did, by vehicle and time. Who only comes along is in
    /// none.
    pub(super) fn true_assignments(&self) -> Vec<DriverAssignment> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let vehicles = self.scope.world.vehicles().iter();
        vehicles
            .flat_map(|plan| self.shown().assignments(plan.index, span))
            .filter(|found| found.from >= span.from)
            .map(|found| DriverAssignment {
                vehicle: self.vehicle_id(found.vehicle),
                driver: Some(self.driver_id(found.driver)),
                started_at: found.from,
                ended_at: self.shown().is_over(found.until).then_some(found.until),
                assigned_at: None,
            })
            .collect()
    }
}
