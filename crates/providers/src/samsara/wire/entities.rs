//! What listings answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Reference, Scalar};

/// The envelope of `/me`.
#[derive(Deserialize)]
pub struct One<'a> {
    #[serde(borrow)]
    pub data: Organisation<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub struct Organisation<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub carrier_settings: Object<CarrierSettings<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct CarrierSettings<'a> {
    #[serde(borrow)]
    pub dot_number: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct VehicleRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub vin: Scalar<'a>,
    #[serde(borrow)]
    pub make: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
    /// A text of digits.
    #[serde(borrow)]
    pub year: Scalar<'a>,
    #[serde(borrow)]
    pub license_plate: Scalar<'a>,
    #[serde(borrow)]
    pub gateway: Object<GatewayRow<'a>>,
    #[serde(borrow)]
    pub camera_serial: Scalar<'a>,
    #[serde(borrow)]
    pub tags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub created_at_time: Scalar<'a>,
    #[serde(borrow)]
    pub updated_at_time: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct GatewayRow<'a> {
    #[serde(borrow)]
    pub serial: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DriverRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub username: Scalar<'a>,
    #[serde(borrow)]
    pub email: Scalar<'a>,
    /// As typed by somebody.
    #[serde(borrow)]
    pub phone: Scalar<'a>,
    /// A country (`us`), seldom there.
    #[serde(borrow)]
    pub locale: Scalar<'a>,
    #[serde(borrow)]
    pub license_number: Scalar<'a>,
    #[serde(borrow)]
    pub license_state: Scalar<'a>,
    #[serde(borrow)]
    pub driver_activation_status: Scalar<'a>,
    /// IANA, of the driver's home terminal.
    #[serde(borrow)]
    pub timezone: Scalar<'a>,
    #[serde(borrow)]
    pub tags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub created_at_time: Scalar<'a>,
    #[serde(borrow)]
    pub updated_at_time: Scalar<'a>,
}

/// A row of `/tags`, and a tag inside a vehicle or driver.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct TagRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub parent_tag_id: Scalar<'a>,
}

/// A row of `/gateways`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayDeviceRow<'a> {
    #[serde(borrow)]
    pub serial: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
    /// What it is mounted in, whatever that is.
    #[serde(borrow)]
    pub asset: Object<Reference<'a>>,
    #[serde(borrow)]
    pub connection_status: Object<ConnectionStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct ConnectionStatus<'a> {
    #[serde(borrow)]
    pub last_connected: Scalar<'a>,
}

/// A row of `/assets`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct AssetRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub vin: Scalar<'a>,
    #[serde(borrow)]
    pub make: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
    /// A number here, a text in `/fleet/vehicles`.
    #[serde(borrow)]
    pub year: Scalar<'a>,
    #[serde(borrow)]
    pub serial_number: Scalar<'a>,
    #[serde(borrow)]
    pub license_plate: Scalar<'a>,
    #[serde(borrow)]
    pub tags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub created_at_time: Scalar<'a>,
    #[serde(borrow)]
    pub updated_at_time: Scalar<'a>,
}
