//! What happened: trips, safety events, duty statuses, and who drove what.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Place, Reference, Scalar};

/// The envelope of `/v1/fleet/trips`: neither `data` nor pages.
#[derive(Deserialize)]
pub struct Trips<'a> {
    #[serde(borrow)]
    pub trips: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct TripRow<'a> {
    /// Milliseconds since 1970.
    #[serde(borrow)]
    pub start_ms: Scalar<'a>,
    /// The same; the greatest 64-bit number while the trip lasts.
    #[serde(borrow)]
    pub end_ms: Scalar<'a>,
    /// A number; 0 is nobody.
    #[serde(borrow)]
    pub driver_id: Scalar<'a>,
    #[serde(borrow)]
    pub distance_meters: Scalar<'a>,
    #[serde(borrow)]
    pub start_coordinates: Object<Place<'a>>,
    #[serde(borrow)]
    pub end_coordinates: Object<Place<'a>>,
}

/// A safety event of `/safety-events`, its stream, or the legacy `/fleet/safety-events`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct SafetyRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    /// A text in RFC 3339, whatever its name says. `time` in the legacy endpoint.
    #[serde(borrow)]
    pub start_ms: Scalar<'a>,
    #[serde(borrow)]
    pub time: Scalar<'a>,
    /// The same; the legacy endpoint has no end.
    #[serde(borrow)]
    pub end_ms: Scalar<'a>,
    /// `vehicle` in the legacy endpoint.
    #[serde(borrow)]
    pub asset: Object<Reference<'a>>,
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow)]
    pub behavior_labels: Option<&'a RawValue>,
    #[serde(borrow)]
    pub location: Object<Place<'a>>,
    #[serde(borrow)]
    pub max_acceleration_g_force: Scalar<'a>,
    #[serde(borrow)]
    pub speeding_metadata: Object<SpeedingMetadata<'a>>,
    /// Films that can be fetched, where the token may see them.
    #[serde(borrow)]
    pub media: Option<&'a RawValue>,
    /// The same in the legacy endpoint.
    #[serde(borrow)]
    pub download_forward_video_url: Scalar<'a>,
    #[serde(borrow)]
    pub download_inward_video_url: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelRow<'a> {
    #[serde(borrow)]
    pub label: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct SpeedingMetadata<'a> {
    #[serde(borrow)]
    pub max_speed_kilometers_per_hour: Scalar<'a>,
    #[serde(borrow)]
    pub posted_speed_limit_kilometers_per_hour: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaRow<'a> {
    #[serde(borrow)]
    pub input: Scalar<'a>,
    #[serde(borrow)]
    pub url: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct AssignmentRow<'a> {
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow)]
    pub start_time: Scalar<'a>,
    #[serde(borrow)]
    pub end_time: Scalar<'a>,
    /// Empty on every row that was seen.
    #[serde(borrow)]
    pub assigned_at_time: Scalar<'a>,
    #[serde(borrow)]
    pub is_passenger: Scalar<'a>,
}

/// A driver's duty statuses.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogsOfDriver<'a> {
    #[serde(borrow, default)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow, default)]
    pub hos_logs: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct HosLogRow<'a> {
    #[serde(borrow)]
    pub hos_status_type: Scalar<'a>,
    #[serde(borrow)]
    pub log_start_time: Scalar<'a>,
    #[serde(borrow)]
    pub log_end_time: Scalar<'a>,
    #[serde(borrow)]
    pub log_recorded_location: Object<Place<'a>>,
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
    #[serde(borrow)]
    pub codrivers: Option<&'a RawValue>,
    #[serde(borrow)]
    pub remark: Scalar<'a>,
}
