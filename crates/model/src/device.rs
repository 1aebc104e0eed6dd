//! Devices: what is mounted in vehicles and reports for them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DeviceId, VehicleId};
use crate::record::{Model, Record};
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceType {
    /// A gateway, ELD or plug that reports position or engine data.
    Tracker,
    Camera,
}

/// A device as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Device {
    pub id: DeviceId,
    #[serde(rename = "type")]
    pub device_type: DeviceType,
    /// The provider's own id of it; its serial number where it has no other.
    #[schema(example = "G9RT-D4E-K7N")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    /// The vehicle that it is mounted in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<VehicleId>,
    /// Its model, as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "VG55NA")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "G9RT-D4E-K7N")]
    pub serial_number: Option<String>,
    /// When the provider last heard of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_connected_at: Option<Timestamp>,
    /// When the provider says that it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When the provider says that it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

impl Record for Device {
    const MODEL: Model = Model::Device;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }

    fn vehicle(&self) -> Option<VehicleId> {
        self.vehicle
    }
}
