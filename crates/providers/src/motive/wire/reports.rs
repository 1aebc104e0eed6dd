//! What was summed: drivers' days and clocks, vehicles' days, fuel tax.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Reference, Scalar};

/// A driver's day: its events tile it from midnight to midnight where the driver lives.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LogRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub date: Scalar<'a>,
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow)]
    pub metric_units: Scalar<'a>,
    /// Kilometres where `metric_units` is true, whatever the name says.
    #[serde(borrow)]
    pub total_miles: Scalar<'a>,
    /// Seconds, as all the durations.
    #[serde(borrow)]
    pub off_duty_duration: Scalar<'a>,
    #[serde(borrow)]
    pub on_duty_duration: Scalar<'a>,
    #[serde(borrow)]
    pub sleeper_duration: Scalar<'a>,
    #[serde(borrow)]
    pub driving_duration: Scalar<'a>,
    #[serde(borrow)]
    pub waiting_duration: Scalar<'a>,
    /// Wrapped.
    #[serde(borrow)]
    pub events: Option<&'a RawValue>,
    #[serde(borrow)]
    pub remarks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub vehicles: Option<&'a RawValue>,
    #[serde(borrow)]
    pub co_drivers: Option<&'a RawValue>,
}

/// One status, or the piece of one that lies in a day.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DutyRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow, rename = "type")]
    pub duty_type: Scalar<'a>,
    /// `pc`, `ym` or null.
    #[serde(borrow)]
    pub sds_type: Scalar<'a>,
    #[serde(borrow)]
    pub notes: Scalar<'a>,
    #[serde(borrow)]
    pub start_time: Scalar<'a>,
    #[serde(borrow)]
    pub end_time: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct RemarkRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub time: Scalar<'a>,
    #[serde(borrow)]
    pub notes: Scalar<'a>,
}

/// A driver of `/v1/available_time`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ClocksRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub duty_status: Scalar<'a>,
    #[serde(borrow)]
    pub available_time: Object<AvailableRow<'a>>,
}

/// Seconds that are left.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AvailableRow<'a> {
    #[serde(borrow)]
    pub cycle: Scalar<'a>,
    #[serde(borrow)]
    pub shift: Scalar<'a>,
    #[serde(borrow)]
    pub drive: Scalar<'a>,
    #[serde(borrow, rename = "break")]
    pub until_break: Scalar<'a>,
}

/// A vehicle's sums over the asked days, which the row does not name.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct UtilizationRow<'a> {
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
    /// Seconds.
    #[serde(borrow)]
    pub driving_time: Scalar<'a>,
    #[serde(borrow)]
    pub idle_time: Scalar<'a>,
    #[serde(borrow)]
    pub total_distance: Scalar<'a>,
    #[serde(borrow)]
    pub total_fuel: Scalar<'a>,
    /// Not empty on rows of zeros: there is no data.
    #[serde(borrow)]
    pub message: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct IftaRow<'a> {
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
    #[serde(borrow)]
    pub jurisdiction: Scalar<'a>,
    #[serde(borrow)]
    pub distance: Scalar<'a>,
}
