//! Idling: a fact, kept for checking utilization against.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::coordinates::Coordinates;
use crate::ids::{DriverId, VehicleId};
use crate::record::{Model, Record};
use crate::time::Timestamp;

/// A stretch of time in which a vehicle stood with its engine running, as the provider saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdleEvent {
    /// The provider's own id.
    pub source_id: String,
    pub vehicle: VehicleId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverId>,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Coordinates>,
    /// Litres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel_consumed: Option<f64>,
}

impl Record for IdleEvent {
    const MODEL: Model = Model::IdleEvent;

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
