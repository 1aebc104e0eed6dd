//! Where something happened.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A place in degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Coordinates {
    /// East is positive, -180 to 180.
    #[schema(example = -86.7816)]
    pub longitude: f64,
    /// North is positive, -90 to 90.
    #[schema(example = 36.1627)]
    pub latitude: f64,
}

impl Coordinates {
    /// `None` where no place can lie, and at 0, 0, which is how receivers without a fix report.
    pub fn new(latitude: f64, longitude: f64) -> Option<Coordinates> {
        let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        let is_fix = latitude != 0.0 || longitude != 0.0;
        (on_earth && is_fix).then_some(Coordinates {
            longitude,
            latitude,
        })
    }
}

/// An address as the provider formats it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormattedAddress {
    #[schema(example = "12 Main St, Nashville, TN")]
    pub formatted: String,
}
