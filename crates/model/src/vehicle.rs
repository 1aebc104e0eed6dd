//! Vehicles.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DeviceId, GroupId, VehicleId};
use crate::record::{Model, Record, RecordStatus};
use crate::time::Timestamp;

/// A vehicle as served, without `metadata` and `raw`. A field that the provider does not give is
/// absent, never null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vehicle {
    pub id: VehicleId,
    /// As its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Unit 12")]
    pub name: Option<String>,
    pub status: RecordStatus,
    /// The provider's own id of it.
    #[schema(example = "281474976710656")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    /// Vehicle identification number, as the provider gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1FUJGLDR9CLBP8834")]
    pub vin: Option<String>,
    /// Its manufacturer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Freightliner")]
    pub make: Option<String>,
    /// Its manufacturer's name of the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Cascadia")]
    pub model: Option<String>,
    /// Model year, four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2021)]
    pub year: Option<i32>,
    /// Groups that it is a member of.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// Devices that are mounted in it.
    #[serde(default)]
    pub devices: Vec<DeviceId>,
    /// Its plate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license_plate: Option<Licence>,
    /// When the provider says that it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When the provider says that it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A number issued by a state or province: a vehicle's plate, a driver's licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Licence {
    /// Two letters of the contract's `State` list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "TX")]
    pub state: Option<String>,
    /// What is printed on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "7KLM432")]
    pub number: Option<String>,
}

impl Record for Vehicle {
    const MODEL: Model = Model::Vehicle;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }

    fn vehicle(&self) -> Option<VehicleId> {
        Some(self.id)
    }

    fn status(&self) -> Option<RecordStatus> {
        Some(self.status)
    }
}
