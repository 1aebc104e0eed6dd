//! Who drove what: a fact, joined with locations when they are read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::ids::{DriverId, VehicleId};
use crate::record::{Model, Record};
use crate::time::Timestamp;

/// A driver and a vehicle, from one moment to another. Of several that cover a time, the last that
/// began counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DriverAssignment {
    pub vehicle: VehicleId,
    /// Absent where the provider says that from then on nobody, or nobody known, drives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverId>,
    pub started_at: Timestamp,
    /// Absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// When the provider says that it was made: of two that overlap, the later answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_at: Option<Timestamp>,
}

impl DriverAssignment {
    pub fn covers(&self, time: Timestamp) -> bool {
        self.started_at <= time && self.ended_at.is_none_or(|ended_at| time < ended_at)
    }
}

impl Record for DriverAssignment {
    const MODEL: Model = Model::DriverAssignment;

    fn natural_key(&self) -> Cow<'_, str> {
        let (vehicle, started_at) = (self.vehicle, self.started_at);
        Cow::Owned(match self.driver {
            Some(driver) => format!("{vehicle}:{driver}:{started_at}"),
            None => format!("{vehicle}::{started_at}"),
        })
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
        self.ended_at
    }
}
