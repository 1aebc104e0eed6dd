//! The contract's words on what a provider supports.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a model is read from a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupportStatus {
    Supported,
    /// The provider has it; Gladhand does not read it (yet). The name is the contract's.
    NotSupportedByTerminal,
    NotSupportedByProvider,
}

/// The models of the support matrix, by the contract's names.
pub const SUPPORTED_MODELS: [&str; 18] = [
    "Group",
    "Vehicle",
    "Driver",
    "LatestVehicleLocation",
    "VehicleLocation",
    "VehicleStatLog",
    "Trailer",
    "LatestTrailerLocation",
    "Trip",
    "Device",
    "HOSLog",
    "HOSDailyLog",
    "HOSAvailableTime",
    "IFTASummary",
    "SafetyEvent",
    "CameraMedia",
    "FaultCodeEvent",
    "VehicleUtilization",
];
