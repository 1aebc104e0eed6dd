//! How vehicles were used, day by day.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::VehicleId;
use crate::record::{Model, Record};
use crate::time::Timestamp;
use crate::zone::Date;

/// Milliseconds of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UtilizationDurations {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 21_600_000)]
    pub driving: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1_800_000)]
    pub idling: Option<i64>,
}

/// A vehicle's day in the fleet's time zone. Served as the contract's `VehicleUtilization`, which
/// has neither an id nor `metadata`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VehicleUtilizationDay {
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    pub vehicle: VehicleId,
    /// Not served: what the row is kept by.
    #[serde(skip)]
    pub date: Date,
    /// When the day began in the fleet's zone.
    pub start_at: Timestamp,
    /// When it ended.
    pub end_at: Timestamp,
    /// Litres, two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 142.31)]
    pub fuel_consumed: Option<f64>,
    /// Kilometres, two decimals.
    #[schema(example = 431.9, minimum = 0)]
    pub distance: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durations: Option<UtilizationDurations>,
}

impl Record for VehicleUtilizationDay {
    const MODEL: Model = Model::VehicleUtilizationDay;

    /// A change of the fleet's zone changes the row's bounds, not the row.
    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{}:{}", self.vehicle, self.date))
    }

    fn vehicle(&self) -> Option<VehicleId> {
        Some(self.vehicle)
    }

    fn started_at(&self) -> Option<Timestamp> {
        Some(self.date.utc_midnight())
    }
}
