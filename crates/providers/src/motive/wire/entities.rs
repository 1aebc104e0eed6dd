//! What listings answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Reference, Scalar};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CompanyRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub dot_ids: Option<&'a RawValue>,
    /// A Rails name.
    #[serde(borrow)]
    pub time_zone: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct VehicleRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub number: Scalar<'a>,
    #[serde(borrow)]
    pub status: Scalar<'a>,
    #[serde(borrow)]
    pub vin: Scalar<'a>,
    #[serde(borrow)]
    pub make: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
    /// A text of digits, `0` and empty when unset.
    #[serde(borrow)]
    pub year: Scalar<'a>,
    #[serde(borrow)]
    pub license_plate_state: Scalar<'a>,
    #[serde(borrow)]
    pub license_plate_number: Scalar<'a>,
    #[serde(borrow)]
    pub group_ids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub eld_device: Object<Reference<'a>>,
    #[serde(borrow)]
    pub created_at: Scalar<'a>,
    #[serde(borrow)]
    pub updated_at: Scalar<'a>,
}

/// A user; members that only drivers have are missing on everybody else.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct UserRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub role: Scalar<'a>,
    #[serde(borrow)]
    pub status: Scalar<'a>,
    #[serde(borrow)]
    pub first_name: Scalar<'a>,
    #[serde(borrow)]
    pub last_name: Scalar<'a>,
    #[serde(borrow)]
    pub email: Scalar<'a>,
    #[serde(borrow)]
    pub phone: Scalar<'a>,
    #[serde(borrow)]
    pub phone_country_code: Scalar<'a>,
    #[serde(borrow)]
    pub username: Scalar<'a>,
    #[serde(borrow)]
    pub drivers_license_number: Scalar<'a>,
    #[serde(borrow)]
    pub drivers_license_state: Scalar<'a>,
    #[serde(borrow)]
    pub group_ids: Option<&'a RawValue>,
    /// A Rails name.
    #[serde(borrow)]
    pub time_zone: Scalar<'a>,
    #[serde(borrow)]
    pub created_at: Scalar<'a>,
    #[serde(borrow)]
    pub updated_at: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct GroupRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub parent_id: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct GatewayRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub identifier: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AssetRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub status: Scalar<'a>,
    #[serde(borrow)]
    pub vin: Scalar<'a>,
    #[serde(borrow)]
    pub make: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
    #[serde(borrow)]
    pub year: Scalar<'a>,
    #[serde(borrow)]
    pub license_plate_state: Scalar<'a>,
    #[serde(borrow)]
    pub license_plate_number: Scalar<'a>,
    #[serde(borrow)]
    pub group_ids: Option<&'a RawValue>,
}

/// A row of `/v1/asset_locations`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AssetLocationRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub current_location: Object<AssetFix<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AssetFix<'a> {
    #[serde(borrow)]
    pub lat: Scalar<'a>,
    #[serde(borrow)]
    pub lon: Scalar<'a>,
    #[serde(borrow)]
    pub located_at: Scalar<'a>,
    #[serde(borrow)]
    pub description: Scalar<'a>,
}
