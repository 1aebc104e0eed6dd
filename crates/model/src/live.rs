//! What is asked of the provider at the moment of the call, and stored nowhere.

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::coordinates::{Coordinates, FormattedAddress};
use crate::history::EngineState;
use crate::hos::HosStatus;
use crate::ids::{DriverId, TrailerId, VehicleId};
use crate::time::Timestamp;

impl Serialize for EngineState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for EngineState {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<EngineState, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        [EngineState::Off, EngineState::On, EngineState::Idle]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| serde::de::Error::custom("not `on`, `off` or `idle`"))
    }
}

impl PartialSchema for EngineState {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["on", "off", "idle"]))
            .into()
    }
}

impl ToSchema for EngineState {}

/// Percent of what the tanks hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FuelTanks {
    #[schema(example = 62.0, minimum = 0, maximum = 100)]
    pub primary_percentage: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 40.0, minimum = 0, maximum = 100)]
    pub secondary_percentage: Option<f64>,
}

/// Where a vehicle is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LatestVehicleLocation {
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    pub vehicle: VehicleId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverId>,
    pub located_at: Timestamp,
    pub location: Coordinates,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<FormattedAddress>,
    /// Degrees clockwise from north.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 271.0, minimum = 0, maximum = 360)]
    pub heading: Option<f64>,
    /// km/h, two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 88.51)]
    pub speed: Option<f64>,
    /// Kilometres, two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 412_930.55)]
    pub odometer: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<FuelTanks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_state: Option<EngineState>,
    /// Milliseconds that the engine has run in its life.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 31_212_000_000_i64)]
    pub engine_runtime: Option<i64>,
}

/// Where a trailer is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LatestTrailerLocation {
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    pub trailer: TrailerId,
    pub located_at: Timestamp,
    pub location: Coordinates,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<FormattedAddress>,
    /// Degrees clockwise from north.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 271.0, minimum = 0, maximum = 360)]
    pub heading: Option<f64>,
    /// km/h, two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 88.51)]
    pub speed: Option<f64>,
}

/// Milliseconds that remain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AvailableTime {
    /// Of the 60 or 70 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 180_000_000)]
    pub cycle: Option<i64>,
    /// Of the shift.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 28_800_000)]
    pub shift: Option<i64>,
    /// Of driving.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 21_600_000)]
    pub drive: Option<i64>,
    /// Until a break must be taken.
    #[serde(rename = "break", skip_serializing_if = "Option::is_none")]
    #[schema(example = 14_400_000)]
    pub until_break: Option<i64>,
}

/// How long a driver may still drive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HosAvailableTime {
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    pub driver: DriverId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_status: Option<HosStatus>,
    pub available_time: AvailableTime,
}

/// A film that can be fetched now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CameraMediaFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Signed by the provider and good for some hours: fetch it, do not keep it.
    #[schema(example = "https://media.example.com/8f2c.mp4")]
    pub video_url: String,
}

/// The films of a safety event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CameraMedia {
    /// The camera that looks at the road.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub front_facing: Option<CameraMediaFile>,
    /// The camera that looks at the driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rear_facing: Option<CameraMediaFile>,
}
