//! Fuel tax: what a vehicle drove in each jurisdiction in a month.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{IftaReportId, VehicleId};
use crate::record::{Model, Record};
use crate::time::Timestamp;
use crate::zone::Month;

/// One vehicle, month and jurisdiction: what the four groupings of the summary are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IftaVehicleMonth {
    pub id: IftaReportId,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    pub vehicle: VehicleId,
    /// In the fleet's time zone.
    pub month: Month,
    /// Two letters of the contract's `State` list; null outside it.
    #[schema(example = "TN")]
    pub jurisdiction: Option<String>,
    /// Kilometres, two decimals.
    #[schema(example = 1_204.55, minimum = 0)]
    pub distance: f64,
}

impl IftaVehicleMonth {
    pub fn key(vehicle: VehicleId, month: Month, jurisdiction: Option<&str>) -> String {
        format!("{vehicle}:{month}:{}", jurisdiction.unwrap_or("-"))
    }
}

impl Record for IftaVehicleMonth {
    const MODEL: Model = Model::IftaVehicleMonth;

    fn natural_key(&self) -> Cow<'_, str> {
        let jurisdiction = self.jurisdiction.as_deref();
        Cow::Owned(IftaVehicleMonth::key(
            self.vehicle,
            self.month,
            jurisdiction,
        ))
    }

    fn vehicle(&self) -> Option<VehicleId> {
        Some(self.vehicle)
    }

    fn started_at(&self) -> Option<Timestamp> {
        Some(self.month.utc_midnight())
    }
}
