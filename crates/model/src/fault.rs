//! Fault codes: what engines report ([`FaultReading`], a fact) and what is served of it
//! ([`FaultCodeEvent`], one for each coming, confirming and going of a code).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{FaultCodeEventId, VehicleId};
use crate::record::{Model, Record};
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultCodeProtocol {
    /// Heavy vehicles, SAE J1939.
    J1939,
    /// Light vehicles, OBD-II.
    Obdii,
}

/// What became of a code at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultCodeStatus {
    /// Seen, not yet confirmed by the engine's computer.
    Pending,
    Open,
    /// No longer reported.
    Closed,
}

impl FaultCodeStatus {
    pub fn name(self) -> &'static str {
        match self {
            FaultCodeStatus::Pending => "pending",
            FaultCodeStatus::Open => "open",
            FaultCodeStatus::Closed => "closed",
        }
    }
}

/// The malfunction indicator lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilStatus {
    On,
    Off,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObdiiCode {
    #[schema(example = "P0301")]
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Misfire in cylinder 1")]
    pub description: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct J1939Code {
    /// Failure mode identifier, 0 to 31.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 18)]
    pub fmi: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Below normal, moderately severe")]
    pub fmi_description: Option<String>,
    /// Suspect parameter number.
    #[schema(example = 3_226)]
    pub spn: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Outlet NOx")]
    pub spn_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 3)]
    pub occurrence_count: Option<i64>,
    /// Of the control unit that reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 61)]
    pub source_address: Option<i64>,
}

/// A code as one reading shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportedCode {
    pub protocol: FaultCodeProtocol,
    /// `SPN3226-FMI18` or `P0301`.
    pub code: String,
    /// Pending or open; a reading does not name what is closed.
    pub status: FaultCodeStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mil_status: Option<MilStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obdii: Option<ObdiiCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub j1939: Option<J1939Code>,
}

impl ReportedCode {
    /// What makes it the same code in the next reading: two control units may report one code.
    pub fn identity(&self) -> String {
        match self.j1939.as_ref().and_then(|code| code.source_address) {
            Some(address) => format!("{}@{address}", self.code),
            None => self.code.clone(),
        }
    }
}

/// A fact: all codes that a vehicle reported at one moment, perhaps none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultReading {
    pub provider: String,
    pub vehicle: VehicleId,
    pub observed_at: Timestamp,
    pub codes: Vec<ReportedCode>,
}

impl Record for FaultReading {
    const MODEL: Model = Model::FaultReading;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{}:{}", self.vehicle, self.observed_at))
    }

    fn vehicle(&self) -> Option<VehicleId> {
        Some(self.vehicle)
    }

    fn started_at(&self) -> Option<Timestamp> {
        Some(self.observed_at)
    }
}

/// A change of one code, as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultCodeEvent {
    pub id: FaultCodeEventId,
    pub status: FaultCodeStatus,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    pub vehicle: VehicleId,
    pub protocol: FaultCodeProtocol,
    #[schema(example = "SPN3226-FMI18")]
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Outlet NOx: Below normal, moderately severe")]
    pub description: Option<String>,
    /// When the reading was made that shows the change.
    pub observed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mil_status: Option<MilStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obdii: Option<ObdiiCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub j1939: Option<J1939Code>,
}

impl FaultCodeEvent {
    /// A vehicle's code changes at most once in a reading: vehicle, time and code (with the
    /// control unit's address) name the event.
    pub fn key(vehicle: VehicleId, observed_at: Timestamp, identity: &str) -> String {
        format!("{vehicle}:{observed_at}:{identity}")
    }
}

impl Record for FaultCodeEvent {
    const MODEL: Model = Model::FaultCodeEvent;

    fn natural_key(&self) -> Cow<'_, str> {
        let address = self.j1939.as_ref().and_then(|code| code.source_address);
        let identity = match address {
            Some(address) => format!("{}@{address}", self.code),
            None => self.code.clone(),
        };
        Cow::Owned(FaultCodeEvent::key(
            self.vehicle,
            self.observed_at,
            &identity,
        ))
    }

    fn vehicle(&self) -> Option<VehicleId> {
        Some(self.vehicle)
    }

    fn started_at(&self) -> Option<Timestamp> {
        Some(self.observed_at)
    }
}
