//! Vehicles.

use serde::{Deserialize, Serialize};

use crate::ids::{DeviceId, GroupId, VehicleId};
use crate::record::{Model, Record, RecordStatus};
use crate::time::Timestamp;

/// A vehicle as served, without `metadata` and `raw`. A field that the provider does not give is
/// absent, never null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vehicle {
    pub id: VehicleId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub status: RecordStatus,
    pub source_id: String,
    pub provider: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub make: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    #[serde(default)]
    pub groups: Vec<GroupId>,
    #[serde(default)]
    pub devices: Vec<DeviceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license_plate: Option<Licence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A number issued by a state or province: a vehicle's plate, a driver's licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Two letters of the contract's `State` list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

impl Record for Vehicle {
    const MODEL: Model = Model::Vehicle;

    fn natural_key(&self) -> &str {
        &self.source_id
    }

    fn vehicle(&self) -> Option<VehicleId> {
        Some(self.id)
    }

    fn status(&self) -> Option<RecordStatus> {
        Some(self.status)
    }
}
