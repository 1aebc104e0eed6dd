//! What listings answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Reference, Scalar};

/// A vehicle, a trailer, or what is mounted in either: MyGeotab has one entity for all of them.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub serial_number: Scalar<'a>,
    #[serde(borrow)]
    pub device_type: Scalar<'a>,
    /// -1 where there is no hardware.
    #[serde(borrow)]
    pub product_id: Scalar<'a>,
    #[serde(borrow)]
    pub vehicle_identification_number: Scalar<'a>,
    /// As the engine reports it.
    #[serde(borrow)]
    pub engine_vehicle_identification_number: Scalar<'a>,
    #[serde(borrow)]
    pub license_plate: Scalar<'a>,
    #[serde(borrow)]
    pub license_state: Scalar<'a>,
    #[serde(borrow)]
    pub vin_info_make: Scalar<'a>,
    #[serde(borrow)]
    pub vin_info_model: Scalar<'a>,
    /// A text.
    #[serde(borrow)]
    pub vin_info_year: Scalar<'a>,
    #[serde(borrow)]
    pub groups: Option<&'a RawValue>,
    #[serde(borrow)]
    pub active_from: Scalar<'a>,
    /// 2050 while it is in use.
    #[serde(borrow)]
    pub active_to: Scalar<'a>,
    /// The id of the trailer that this device stands for, while there are both.
    #[serde(borrow)]
    pub tmp_trailer_id: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct UserRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    /// With which the user signs in, often a mail address.
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub first_name: Scalar<'a>,
    #[serde(borrow)]
    pub last_name: Scalar<'a>,
    #[serde(borrow)]
    pub is_driver: Scalar<'a>,
    /// Typed by people.
    #[serde(borrow)]
    pub phone_number: Scalar<'a>,
    #[serde(borrow)]
    pub license_number: Scalar<'a>,
    #[serde(borrow)]
    pub license_province: Scalar<'a>,
    #[serde(borrow)]
    pub company_groups: Option<&'a RawValue>,
    #[serde(borrow)]
    pub driver_groups: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time_zone_id: Scalar<'a>,
    #[serde(borrow)]
    pub active_from: Scalar<'a>,
    #[serde(borrow)]
    pub active_to: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct GroupRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub children: Option<&'a RawValue>,
}

/// The older entity; trailers are becoming devices.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TrailerRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub groups: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct RuleRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub active_to: Scalar<'a>,
}

/// What a measurement or a fault is of. `code` is a J1939 SPN or an OBD-II number, by `source`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DiagnosticRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub code: Scalar<'a>,
    #[serde(borrow)]
    pub source: Reference<'a>,
    #[serde(borrow)]
    pub diagnostic_type: Scalar<'a>,
    #[serde(borrow)]
    pub unit_of_measure: Reference<'a>,
}

/// `code` is the J1939 FMI.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FailureModeRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub code: Scalar<'a>,
}
