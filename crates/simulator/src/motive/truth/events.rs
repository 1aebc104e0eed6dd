//! The truth about trips, idling, safety events and fault codes.

use model::fault::{
    FaultCodeEvent, FaultCodeProtocol, FaultCodeStatus, J1939Code, ObdiiCode, ReportedCode,
};
use model::idle::IdleEvent;
use model::safety::{
    CameraMediaFileReference, CameraMediaReference, SafetyEvent, SafetyEventStats, SafetyEventType,
};
use model::time::SECOND_MS;
use model::trip::Trip;

use super::super::faultcodes::{Code, FaultRow, rows};
use super::super::{driving, idling, ids, safety};
use super::{MotiveTruth, PROVIDER};
use crate::shown::safety::ShownSafetyEvent;
use crate::truth::arithmetic::{coordinates, decimal, rounded, thousandth};

/// The common type of an event; only words that this fleet has.
fn event_type(kind: &str, behaviors: &[&str]) -> Option<SafetyEventType> {
    Some(match kind {
        "hard_brake" => SafetyEventType::HarshBrake,
        "hard_accel" => SafetyEventType::HarshAcceleration,
        "hard_corner" => SafetyEventType::HarshTurn,
        "crash" => SafetyEventType::Crash,
        "near_miss" | "forward_collision_warning" => SafetyEventType::NearCrash,
        "cell_phone" => SafetyEventType::CellPhone,
        "distraction" => SafetyEventType::Distracted,
        "drowsiness" => SafetyEventType::Drowsiness,
        "tailgating" | "close_following" => SafetyEventType::Tailgating,
        "stop_sign_violation" => SafetyEventType::StopSignViolation,
        "rolling_stop" => SafetyEventType::RollingStop,
        "seat_belt_violation" => SafetyEventType::SeatBeltViolation,
        "driver_facing_cam_obstruction" => SafetyEventType::CameraObstruction,
        _ if behaviors == ["unsafe_parking"] => SafetyEventType::UnsafeParking,
        _ => return None,
    })
}

impl MotiveTruth {
    /// Trips that began since reading did and are over, by vehicle and time.
    pub fn trips(&self) -> Vec<Trip> {
        let Some(span) = self.span_of("/v1/driving_periods") else {
            return Vec::new();
        };
        let mut trips = Vec::new();
        for vehicle in 0..self.scope.world.vehicles().len() {
            for shown in self.shown().trips(vehicle, span) {
                let trip = &shown.trip;
                if !shown.is_over || trip.from.floor_to(SECOND_MS) < span.from {
                    continue;
                }
                let source_id = ids::event(vehicle, trip.from).to_string();
                trips.push(Trip {
                    id: self.scope.ids.trip(&source_id),
                    source_id,
                    provider: PROVIDER.to_owned(),
                    driver: trip.driver.map(|driver| self.driver_id(driver)),
                    vehicle: self.vehicle_id(vehicle),
                    start_location: Some(coordinates(trip.start)),
                    end_location: Some(coordinates(trip.end)),
                    distance: Some(thousandth(trip.metres)),
                    duration: driving::seconds(trip) * 1_000,
                    started_at: trip.from.floor_to(SECOND_MS),
                    ended_at: trip.until.floor_to(SECOND_MS),
                });
            }
        }
        trips
    }

    /// Idling that began since reading did and is over, by vehicle and time.
    pub fn idle_events(&self) -> Vec<IdleEvent> {
        let Some(span) = self.span_of("/v1/idle_events") else {
            return Vec::new();
        };
        let world = &self.scope.world;
        (0..world.vehicles().len())
            .flat_map(|vehicle| idling::idle_events(world, vehicle, span, self.scope.now))
            .filter(|event| event.from.floor_to(SECOND_MS) >= span.from)
            .map(|event| IdleEvent {
                source_id: ids::event(event.vehicle, event.from).to_string(),
                vehicle: self.vehicle_id(event.vehicle),
                driver: event.driver.map(|driver| self.driver_id(driver)),
                started_at: event.from.floor_to(SECOND_MS),
                ended_at: event.until.floor_to(SECOND_MS),
                location: Some(coordinates(event.position)),
                fuel_consumed: event.fuel_ml.map(|(_, burnt_ml)| thousandth(burnt_ml)),
            })
            .collect()
    }

    /// Events that began since reading did, are published, valid and of a common type, by vehicle
    /// and time.
    pub fn safety_events(&self) -> Vec<SafetyEvent> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        (0..self.scope.world.vehicles().len())
            .flat_map(|vehicle| self.shown().safety_events(vehicle, span))
            .filter(|shown| shown.event.from.floor_to(SECOND_MS) >= span.from)
            .filter_map(|shown| match safety::label(&shown) {
                Some((kind, behaviors)) => {
                    let common = event_type(kind, behaviors)?;
                    let path = "/v2/driver_performance_events";
                    (!self.is_hidden(path)).then(|| self.performance(&shown, kind, common))
                }
                None => {
                    let is_listed = !self.is_hidden("/v1/speeding_events");
                    (is_listed && safety::is_valid(&shown)).then(|| self.speeding(&shown))
                }
            })
            .collect()
    }

    fn performance(
        &self,
        shown: &ShownSafetyEvent,
        kind: &str,
        common: SafetyEventType,
    ) -> SafetyEvent {
        let event = &shown.event;
        let speeds = safety::speeds(event);
        let force_g = safety::force_milli_g(shown).map(|milli| milli as f64 / 1_000.0);
        let source_id = format!("performance-{}", ids::event(event.vehicle, event.from));
        SafetyEvent {
            source_type: Some(kind.to_owned()),
            end_location: Some(coordinates(safety::track(event)[safety::last_point(event)])),
            stats: Some(SafetyEventStats {
                maximum_speed: speeds.iter().max().map(|milli| thousandth(*milli)),
                average_speed: Some(decimal(rounded(
                    speeds.iter().map(|milli| i128::from(*milli)).sum(),
                    10 * speeds.len() as i128,
                ))),
                road_speed_limit: None,
                g_force_forward_backward: force_g.and_then(|force| match common {
                    SafetyEventType::HarshBrake => Some(-force),
                    SafetyEventType::HarshAcceleration | SafetyEventType::Crash => Some(force),
                    _ => None,
                }),
                g_force_side_to_side: force_g.filter(|_| common == SafetyEventType::HarshTurn),
                heading: Some(f64::from(event.heading_degrees)),
            }),
            camera_media: self.camera_media_reference(shown),
            ..self.event(shown, source_id, common)
        }
    }

    fn speeding(&self, shown: &ShownSafetyEvent) -> SafetyEvent {
        let event = &shown.event;
        let source_id = format!("speeding-{}", ids::event(event.vehicle, event.from));
        let until = safety::ends_at(event);
        let end = self.scope.world.moment(event.vehicle, until).position;
        SafetyEvent {
            source_type: Some("posted".to_owned()),
            end_location: Some(coordinates(end)),
            stats: Some(SafetyEventStats {
                maximum_speed: Some(decimal(event.speed_centi_kmh.into())),
                average_speed: Some(decimal(safety::mean_centi_kmh(event))),
                road_speed_limit: event.limit_centi_kmh.map(|limit| decimal(limit.into())),
                ..SafetyEventStats::default()
            }),
            ..self.event(shown, source_id, SafetyEventType::Speeding)
        }
    }

    /// What both lists have.
    fn event(
        &self,
        shown: &ShownSafetyEvent,
        source_id: String,
        common: SafetyEventType,
    ) -> SafetyEvent {
        let event = &shown.event;
        SafetyEvent {
            id: self.scope.ids.safety_event(&source_id),
            event_type: common,
            source_id,
            provider: PROVIDER.to_owned(),
            source_type: None,
            driver: event.driver.map(|driver| self.driver_id(driver)),
            vehicle: self.vehicle_id(event.vehicle),
            start_location: Some(coordinates(event.position)),
            end_location: None,
            stats: None,
            camera_media: None,
            started_at: event.from.floor_to(SECOND_MS),
            ended_at: Some(safety::ends_at(event).floor_to(SECOND_MS)),
        }
    }

    fn camera_media_reference(&self, shown: &ShownSafetyEvent) -> Option<CameraMediaReference> {
        let event = &shown.event;
        let id = ids::media(ids::event(event.vehicle, event.from));
        let film = CameraMediaFileReference {
            source_id: Some(id.to_string()),
            available: safety::is_transcoded(event),
        };
        let both = safety::films_driver(&self.scope.world.vehicles()[event.vehicle]);
        event.has_media.then(|| CameraMediaReference {
            front_facing: Some(film.clone()),
            rear_facing: both.then_some(film),
        })
    }

    /// Openings and closings of codes, by vehicle and time.
    pub fn fault_code_events(&self) -> Vec<FaultCodeEvent> {
        let Some(span) = self.span_of("/v1/fault_codes") else {
            return Vec::new();
        };
        let mut events = Vec::new();
        for vehicle in 0..self.scope.world.vehicles().len() {
            for row in rows(&self.shown(), vehicle) {
                events.push(self.fault(&row, FaultCodeStatus::Open));
                if !row.is_open {
                    events.push(self.fault(&row, FaultCodeStatus::Closed));
                }
            }
        }
        events.retain(|event| span.contains(event.observed_at));
        events
    }

    fn fault(&self, row: &FaultRow, status: FaultCodeStatus) -> FaultCodeEvent {
        let code = reported(&row.code);
        let observed_at = match status {
            FaultCodeStatus::Closed => row.last,
            FaultCodeStatus::Open | FaultCodeStatus::Pending => row.first,
        };
        let vehicle = self.vehicle_id(row.vehicle);
        let key = FaultCodeEvent::key(vehicle, observed_at, &code.identity());
        FaultCodeEvent {
            id: self.scope.ids.fault_code_event(&key),
            status,
            provider: PROVIDER.to_owned(),
            vehicle,
            protocol: code.protocol,
            code: code.code,
            description: code.description,
            observed_at,
            mil_status: None,
            obdii: code.obdii,
            j1939: code.j1939,
        }
    }
}

fn reported(code: &Code) -> ReportedCode {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match code {
        Code::J1939(fault) => ReportedCode {
            protocol: FaultCodeProtocol::J1939,
            code: format!("SPN{}-FMI{}", fault.spn, fault.fmi),
            status: FaultCodeStatus::Open,
            description: filled(fault.spn_description),
            mil_status: None,
            obdii: None,
            j1939: Some(J1939Code {
                fmi: Some(fault.fmi.into()),
                fmi_description: filled(fault.fmi_description),
                spn: fault.spn.into(),
                spn_description: None,
                occurrence_count: Some(fault.occurrence_count.into()),
                source_address: Some(fault.source_address.into()),
            }),
        },
        Code::Obd2(fault) => ReportedCode {
            protocol: FaultCodeProtocol::Obdii,
            code: fault.code.to_owned(),
            status: FaultCodeStatus::Open,
            description: filled(fault.description),
            mil_status: None,
            obdii: Some(ObdiiCode {
                code: fault.code.to_owned(),
                description: filled(fault.description),
            }),
            j1939: None,
        },
    }
}
