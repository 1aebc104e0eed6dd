//! Safety events: harsh driving, risky behaviour, crashes, as the provider detects them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::coordinates::Coordinates;
use crate::ids::{DriverId, SafetyEventId, VehicleId};
use crate::record::{Model, Record};
use crate::time::Timestamp;

/// What happened, in the contract's closed list; `sourceType` keeps the provider's own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SafetyEventType {
    HarshBrake,
    HarshAcceleration,
    HarshTurn,
    Speeding,
    Crash,
    NearCrash,
    Tailgating,
    CellPhone,
    Distracted,
    Drowsiness,
    Smoking,
    SeatBeltViolation,
    StopSignViolation,
    RedLightViolation,
    UnsafeLaneChange,
    CameraObstruction,
    EatingAndDrinking,
    RollingStop,
    UnsafeParking,
}

/// What was measured about an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SafetyEventStats {
    /// km/h, two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 118.07)]
    pub maximum_speed: Option<f64>,
    /// km/h, two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 112.65)]
    pub average_speed: Option<f64>,
    /// The limit at the place, km/h, two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 104.61)]
    pub road_speed_limit: Option<f64>,
    /// g, along the vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.46)]
    pub g_force_forward_backward: Option<f64>,
    /// g, across the vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.38)]
    pub g_force_side_to_side: Option<f64>,
    /// Degrees clockwise from north.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 92.0, minimum = 0, maximum = 360)]
    pub heading: Option<f64>,
}

impl SafetyEventStats {
    pub fn is_empty(&self) -> bool {
        *self == SafetyEventStats::default()
    }
}

/// Whether a film of one camera can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CameraMediaFileReference {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    pub available: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CameraMediaReference {
    /// The camera that looks at the road.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub front_facing: Option<CameraMediaFileReference>,
    /// The camera that looks at the driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rear_facing: Option<CameraMediaFileReference>,
}

/// A safety event as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SafetyEvent {
    pub id: SafetyEventId,
    #[serde(rename = "type")]
    pub event_type: SafetyEventType,
    /// The provider's own id of it.
    #[schema(example = "5f0e6a1e-6f0d-4b8e-9d5c-0c6e7e8f9a0b")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    /// The provider's own name of what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Braking")]
    pub source_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverId>,
    pub vehicle: VehicleId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_location: Option<Coordinates>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_location: Option<Coordinates>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stats: Option<SafetyEventStats>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera_media: Option<CameraMediaReference>,
    pub started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl Record for SafetyEvent {
    const MODEL: Model = Model::SafetyEvent;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }

    fn vehicle(&self) -> Option<VehicleId> {
        Some(self.vehicle)
    }

    fn driver(&self) -> Option<DriverId> {
        self.driver
    }

    fn started_at(&self) -> Option<Timestamp> {
        Some(self.started_at)
    }

    fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at
    }
}
