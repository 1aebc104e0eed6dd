//! Drivers.

use serde::{Deserialize, Serialize};

use crate::ids::{DriverId, GroupId};
use crate::record::{Model, Record, RecordStatus};
use crate::time::Timestamp;
use crate::vehicle::Licence;

/// A driver as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Driver {
    pub id: DriverId,
    pub status: RecordStatus,
    pub source_id: String,
    pub provider: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// 10 to 14 digits, after an optional plus sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<Licence>,
    #[serde(default)]
    pub groups: Vec<GroupId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

impl Record for Driver {
    const MODEL: Model = Model::Driver;

    fn natural_key(&self) -> &str {
        &self.source_id
    }

    fn driver(&self) -> Option<DriverId> {
        Some(self.id)
    }

    fn status(&self) -> Option<RecordStatus> {
        Some(self.status)
    }
}
