//! Drivers.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DriverId, GroupId};
use crate::record::{Model, Record, RecordStatus};
use crate::time::Timestamp;
use crate::vehicle::Licence;

/// A driver as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Driver {
    pub id: DriverId,
    pub status: RecordStatus,
    /// The provider's own id of it.
    #[schema(example = "1654973")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Rosa")]
    pub first_name: Option<String>,
    /// What stands between given and family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Maria")]
    pub middle_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Delgado")]
    pub last_name: Option<String>,
    /// Mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "rosa@example.org")]
    pub email: Option<String>,
    /// 10 to 14 digits, after an optional plus sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "+15125550117")]
    pub phone: Option<String>,
    /// With which the driver signs in at the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "rdelgado")]
    pub username: Option<String>,
    /// Licence to drive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<Licence>,
    /// Groups that the driver is a member of.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// When the provider says that it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When the provider says that it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

impl Record for Driver {
    const MODEL: Model = Model::Driver;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }

    fn driver(&self) -> Option<DriverId> {
        Some(self.id)
    }

    fn status(&self) -> Option<RecordStatus> {
        Some(self.status)
    }
}
