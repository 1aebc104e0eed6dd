//! What happened, and what is now.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Reference, Scalar};
use crate::scan::Scanner;

/// A position. Rows without an id are interpolated at the bounds of the question.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct LogRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub date_time: Scalar<'a>,
    #[serde(borrow)]
    pub latitude: Scalar<'a>,
    #[serde(borrow)]
    pub longitude: Scalar<'a>,
    /// km/h.
    #[serde(borrow)]
    pub speed: Scalar<'a>,
}

impl<'a> LogRow<'a> {
    /// Reads an empty row's members; `None` when they are not as usual: then the row is serde's.
    #[inline(always)]
    pub fn scan(&mut self, json: &mut Scanner<'a>) -> Option<()> {
        json.object(|json| {
            if json.is_key(b"id\"") {
                json.text(&mut self.id)
            } else if json.is_key(b"device\"") {
                json.reference(&mut self.device)
            } else if json.is_key(b"dateTime\"") {
                json.text(&mut self.date_time)
            } else if json.is_key(b"latitude\"") {
                json.number(&mut self.latitude)
            } else if json.is_key(b"longitude\"") {
                json.number(&mut self.longitude)
            } else if json.is_key(b"speed\"") {
                json.number(&mut self.speed)
            } else {
                json.skip_member()
            }
        })
    }
}

/// A measurement, in the unit of its diagnostic. Rows without an id are interpolated.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct StatusRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub diagnostic: Reference<'a>,
    #[serde(borrow)]
    pub date_time: Scalar<'a>,
    #[serde(borrow)]
    pub data: Scalar<'a>,
}

impl<'a> StatusRow<'a> {
    /// As [`LogRow::scan`].
    #[inline(always)]
    pub fn scan(&mut self, json: &mut Scanner<'a>) -> Option<()> {
        json.object(|json| {
            if json.is_key(b"id\"") {
                json.text(&mut self.id)
            } else if json.is_key(b"device\"") {
                json.reference(&mut self.device)
            } else if json.is_key(b"diagnostic\"") {
                json.reference(&mut self.diagnostic)
            } else if json.is_key(b"dateTime\"") {
                json.text(&mut self.date_time)
            } else if json.is_key(b"data\"") {
                json.number(&mut self.data)
            } else {
                json.skip_member()
            }
        })
    }
}

/// `x` is the longitude.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Point<'a> {
    #[serde(borrow)]
    pub x: Scalar<'a>,
    #[serde(borrow)]
    pub y: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct TripRow<'a> {
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub driver: Reference<'a>,
    #[serde(borrow)]
    pub start: Scalar<'a>,
    /// The end of driving; the stop after it is the trip's too.
    #[serde(borrow)]
    pub stop: Scalar<'a>,
    /// The end of the stop; 2050 while nothing follows.
    #[serde(borrow)]
    pub next_trip_start: Scalar<'a>,
    /// km.
    #[serde(borrow)]
    pub distance: Scalar<'a>,
    #[serde(borrow)]
    pub driving_duration: Scalar<'a>,
    /// In the stop after the drive.
    #[serde(borrow)]
    pub idling_duration: Scalar<'a>,
    #[serde(borrow)]
    pub stop_duration: Scalar<'a>,
    #[serde(borrow)]
    pub stop_point: Object<Point<'a>>,
    /// Of feeds alone: the trip was recalculated away.
    #[serde(borrow)]
    pub deleted_date_time: Scalar<'a>,
}

/// What a trip burnt; `dateTime` is the trip's stop.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct FuelUsedRow<'a> {
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub date_time: Scalar<'a>,
    /// Litres.
    #[serde(borrow)]
    pub total_fuel_used: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct ExceptionRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub rule: Reference<'a>,
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub driver: Reference<'a>,
    #[serde(borrow)]
    pub active_from: Scalar<'a>,
    #[serde(borrow)]
    pub active_to: Scalar<'a>,
    #[serde(borrow)]
    pub state: Reference<'a>,
    #[serde(borrow)]
    pub details: Object<ExceptionDetails<'a>>,
}

/// Of some speeding events; km/h.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct ExceptionDetails<'a> {
    #[serde(borrow)]
    pub max_speed: Scalar<'a>,
    #[serde(borrow)]
    pub speed_limit: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct FaultRow<'a> {
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub diagnostic: Reference<'a>,
    #[serde(borrow)]
    pub controller: Reference<'a>,
    #[serde(borrow)]
    pub failure_mode: Reference<'a>,
    #[serde(borrow)]
    pub date_time: Scalar<'a>,
    #[serde(borrow)]
    pub fault_state: Scalar<'a>,
    #[serde(borrow)]
    pub fault_states: Object<FaultStates<'a>>,
    #[serde(borrow)]
    pub count: Scalar<'a>,
    #[serde(borrow)]
    pub malfunction_lamp: Scalar<'a>,
    #[serde(borrow)]
    pub source_address: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct FaultStates<'a> {
    #[serde(borrow)]
    pub effective_status: Reference<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DriverChangeRow<'a> {
    #[serde(borrow)]
    pub version: Scalar<'a>,
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub driver: Reference<'a>,
    #[serde(borrow)]
    pub date_time: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DutyRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub driver: Reference<'a>,
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub date_time: Scalar<'a>,
    #[serde(borrow)]
    pub status: Scalar<'a>,
    #[serde(borrow)]
    pub state: Scalar<'a>,
    #[serde(borrow)]
    pub event_record_status: Scalar<'a>,
    #[serde(borrow)]
    pub is_ignored: Scalar<'a>,
    #[serde(borrow)]
    pub sequence: Scalar<'a>,
    #[serde(borrow)]
    pub annotations: Option<&'a RawValue>,
    #[serde(borrow)]
    pub co_drivers: Option<&'a RawValue>,
    #[serde(borrow)]
    pub location: Object<DutyLocation<'a>>,
    /// Metres.
    #[serde(borrow)]
    pub odometer: Scalar<'a>,
}

/// A point, or (rarely) an address without one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DutyLocation<'a> {
    #[serde(borrow)]
    pub location: Object<Point<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct AnnotationRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub comment: Scalar<'a>,
    #[serde(borrow)]
    pub date_time: Scalar<'a>,
}

/// Spans that are left.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AvailabilityRow<'a> {
    #[serde(borrow)]
    pub driver: Reference<'a>,
    #[serde(borrow)]
    pub cycle: Scalar<'a>,
    #[serde(borrow)]
    pub workday: Scalar<'a>,
    #[serde(borrow)]
    pub driving: Scalar<'a>,
    #[serde(borrow)]
    pub rest: Scalar<'a>,
}

/// What a vehicle drove in one jurisdiction without leaving it. Odometers in km.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct FuelTaxRow<'a> {
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub jurisdiction: Scalar<'a>,
    #[serde(borrow)]
    pub enter_time: Scalar<'a>,
    #[serde(borrow)]
    pub exit_time: Scalar<'a>,
    #[serde(borrow)]
    pub enter_odometer: Scalar<'a>,
    #[serde(borrow)]
    pub exit_odometer: Scalar<'a>,
    #[serde(borrow)]
    pub enter_gps_odometer: Scalar<'a>,
    #[serde(borrow)]
    pub exit_gps_odometer: Scalar<'a>,
}

/// The present of a device.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct StatusInfoRow<'a> {
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub driver: Reference<'a>,
    #[serde(borrow)]
    pub date_time: Scalar<'a>,
    #[serde(borrow)]
    pub latitude: Scalar<'a>,
    #[serde(borrow)]
    pub longitude: Scalar<'a>,
    /// Degrees; -1 where it is not known.
    #[serde(borrow)]
    pub bearing: Scalar<'a>,
    #[serde(borrow)]
    pub speed: Scalar<'a>,
    #[serde(borrow)]
    pub is_driving: Scalar<'a>,
    #[serde(borrow)]
    pub groups: Option<&'a RawValue>,
    /// Of the diagnostics that were asked for.
    #[serde(borrow)]
    pub status_data: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct AttachmentRow<'a> {
    #[serde(borrow)]
    pub trailer: Reference<'a>,
    #[serde(borrow)]
    pub device: Reference<'a>,
    #[serde(borrow)]
    pub active_from: Scalar<'a>,
    /// 2050 while it lasts.
    #[serde(borrow)]
    pub active_to: Scalar<'a>,
}
