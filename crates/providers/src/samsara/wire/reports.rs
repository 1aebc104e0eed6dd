//! What was summed: drivers' days and clocks, vehicles' days, fuel tax.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Reference, Scalar};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DailyLogRow<'a> {
    #[serde(borrow)]
    pub driver: Object<DailyDriver<'a>>,
    #[serde(borrow)]
    pub start_time: Scalar<'a>,
    #[serde(borrow)]
    pub distance_traveled: Object<DailyDistances<'a>>,
    #[serde(borrow)]
    pub duty_status_durations: Object<DailyDurations<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DailyDriver<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    /// IANA; the day is one of it.
    #[serde(borrow)]
    pub timezone: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DailyDistances<'a> {
    #[serde(borrow)]
    pub drive_distance_meters: Scalar<'a>,
    #[serde(borrow)]
    pub personal_conveyance_distance_meters: Scalar<'a>,
    #[serde(borrow)]
    pub yard_move_distance_meters: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DailyDurations<'a> {
    #[serde(borrow)]
    pub drive_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub off_duty_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub on_duty_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub personal_conveyance_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub sleeper_berth_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub waiting_time_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub yard_move_duration_ms: Scalar<'a>,
}

/// A row of `/fleet/hos/clocks`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct ClocksRow<'a> {
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow)]
    pub current_duty_status: Object<CurrentDutyStatus<'a>>,
    #[serde(borrow)]
    pub clocks: Object<Clocks<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct CurrentDutyStatus<'a> {
    /// Empty while the driver's app is not connected.
    #[serde(borrow)]
    pub hos_status_type: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Clocks<'a> {
    #[serde(borrow, rename = "break")]
    pub until_break: Object<Clock<'a>>,
    #[serde(borrow)]
    pub cycle: Object<Clock<'a>>,
    #[serde(borrow)]
    pub drive: Object<Clock<'a>>,
    #[serde(borrow)]
    pub shift: Object<Clock<'a>>,
}

/// Each clock has one of these. Milliseconds, perhaps with decimals.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Clock<'a> {
    #[serde(borrow)]
    pub time_until_break_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub cycle_remaining_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub drive_remaining_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub shift_remaining_duration_ms: Scalar<'a>,
}

/// `data` of the fuel and energy report.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VehicleReports<'a> {
    #[serde(borrow)]
    pub vehicle_reports: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct FuelEnergyRow<'a> {
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
    #[serde(borrow)]
    pub distance_traveled_meters: Scalar<'a>,
    #[serde(borrow)]
    pub fuel_consumed_ml: Scalar<'a>,
    /// With the idle time in it, as far as anybody knows.
    #[serde(borrow)]
    pub engine_run_time_duration_ms: Scalar<'a>,
    #[serde(borrow)]
    pub engine_idle_time_duration_ms: Scalar<'a>,
}

/// `data` of the fuel tax report.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IftaReports<'a> {
    #[serde(borrow)]
    pub vehicle_reports: Vec<IftaOfVehicle<'a>>,
}

/// A vehicle's month.
#[derive(Deserialize)]
pub struct IftaOfVehicle<'a> {
    #[serde(borrow, default)]
    pub vehicle: Object<Reference<'a>>,
    #[serde(borrow)]
    pub jurisdictions: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct JurisdictionRow<'a> {
    #[serde(borrow)]
    pub jurisdiction: Scalar<'a>,
    /// All of it; `taxableMeters` is the smaller part that is taxed.
    #[serde(borrow)]
    pub total_meters: Scalar<'a>,
}
