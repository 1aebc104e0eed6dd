//! Trips: stretches of time in which a vehicle moved, as the provider cuts them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::coordinates::Coordinates;
use crate::ids::{DriverId, TripId, VehicleId};
use crate::record::{Model, Record};
use crate::time::Timestamp;

/// A trip that is over, as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trip {
    pub id: TripId,
    /// The provider's own id; where it has none, the vehicle's id, a hyphen and the start in
    /// milliseconds since 1970.
    #[schema(example = "281474976710656-1772459109000")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverId>,
    pub vehicle: VehicleId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_location: Option<Coordinates>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_location: Option<Coordinates>,
    /// Kilometres, two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 84.27, minimum = 0)]
    pub distance: Option<f64>,
    /// Milliseconds from start to end.
    #[schema(example = 4_230_000, minimum = 0)]
    pub duration: i64,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
}

impl Record for Trip {
    const MODEL: Model = Model::Trip;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }

    fn vehicle(&self) -> Option<VehicleId> {
        Some(self.vehicle)
    }

    fn driver(&self) -> Option<DriverId> {
        self.driver
    }

    fn started_at(&self) -> Option<Timestamp> {
        Some(self.started_at)
    }

    fn ended_at(&self) -> Option<Timestamp> {
        Some(self.ended_at)
    }
}
