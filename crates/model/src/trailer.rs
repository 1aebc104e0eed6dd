//! Trailers.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{GroupId, TrailerId};
use crate::record::{Model, Record, RecordStatus};
use crate::time::Timestamp;
use crate::vehicle::Licence;

/// A trailer as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trailer {
    pub id: TrailerId,
    /// As its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Reefer 7")]
    pub name: Option<String>,
    pub status: RecordStatus,
    /// The provider's own id of it.
    #[schema(example = "281474977075805")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    /// Vehicle identification number, as the provider gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1UYVS2538GU123456")]
    pub vin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "8K2M-55Q")]
    pub serial_number: Option<String>,
    /// Its manufacturer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Utility")]
    pub make: Option<String>,
    /// Its manufacturer's name of the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "3000R")]
    pub model: Option<String>,
    /// Model year, four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2019)]
    pub year: Option<i32>,
    /// Groups that it is a member of.
    #[serde(default)]
    pub groups: Vec<GroupId>,
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

impl Record for Trailer {
    const MODEL: Model = Model::Trailer;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }

    fn status(&self) -> Option<RecordStatus> {
        Some(self.status)
    }
}
