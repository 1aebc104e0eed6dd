//! What happened: positions, driving and idling, safety events, fault codes.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Reference, Scalar};

/// A position of `/v3/vehicle_locations/{id}`, or `current_location` of the second version's list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LocationRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub located_at: Scalar<'a>,
    #[serde(borrow)]
    pub lat: Scalar<'a>,
    #[serde(borrow)]
    pub lon: Scalar<'a>,
    #[serde(borrow)]
    pub bearing: Scalar<'a>,
    #[serde(borrow)]
    pub speed: Scalar<'a>,
    #[serde(borrow, rename = "type")]
    pub location_type: Scalar<'a>,
    #[serde(borrow)]
    pub description: Scalar<'a>,
    #[serde(borrow)]
    pub battery_voltage: Scalar<'a>,
    /// The gateway's own.
    #[serde(borrow)]
    pub odometer: Scalar<'a>,
    /// The engine computer's.
    #[serde(borrow)]
    pub true_odometer: Scalar<'a>,
    #[serde(borrow)]
    pub engine_hours: Scalar<'a>,
    #[serde(borrow)]
    pub true_engine_hours: Scalar<'a>,
    /// All that was ever used.
    #[serde(borrow)]
    pub fuel: Scalar<'a>,
    #[serde(borrow)]
    pub fuel_primary_remaining_percentage: Scalar<'a>,
    #[serde(borrow)]
    pub fuel_secondary_remaining_percentage: Scalar<'a>,
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
}

/// A vehicle of `/v2/vehicle_locations`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LatestRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub metric_units: Scalar<'a>,
    #[serde(borrow)]
    pub current_location: Object<LocationRow<'a>>,
    #[serde(borrow)]
    pub current_driver: Object<Reference<'a>>,
}

/// A vehicle of `/v3/vehicle_locations`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StateRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub current_location: Object<StateFix<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StateFix<'a> {
    #[serde(borrow)]
    pub located_at: Scalar<'a>,
    #[serde(borrow)]
    pub lat: Scalar<'a>,
    #[serde(borrow)]
    pub lon: Scalar<'a>,
    #[serde(borrow)]
    pub bearing: Scalar<'a>,
    /// km/h, whatever was asked for.
    #[serde(borrow)]
    pub kph: Scalar<'a>,
    #[serde(borrow)]
    pub vehicle_state: Scalar<'a>,
    #[serde(borrow)]
    pub city: Scalar<'a>,
    #[serde(borrow)]
    pub state: Scalar<'a>,
    /// An address, in words.
    #[serde(borrow)]
    pub current_location: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DrivingRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub status: Scalar<'a>,
    #[serde(borrow)]
    pub start_time: Scalar<'a>,
    #[serde(borrow)]
    pub end_time: Scalar<'a>,
    #[serde(borrow)]
    pub start_kilometers: Scalar<'a>,
    #[serde(borrow)]
    pub end_kilometers: Scalar<'a>,
    /// `42.2 mi`.
    #[serde(borrow)]
    pub distance: Scalar<'a>,
    #[serde(borrow)]
    pub origin_lat: Scalar<'a>,
    #[serde(borrow)]
    pub origin_lon: Scalar<'a>,
    #[serde(borrow)]
    pub destination_lat: Scalar<'a>,
    #[serde(borrow)]
    pub destination_lon: Scalar<'a>,
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct IdleRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub start_time: Scalar<'a>,
    #[serde(borrow)]
    pub end_time: Scalar<'a>,
    /// Litres that the vehicle had used by then.
    #[serde(borrow)]
    pub veh_fuel_start: Scalar<'a>,
    #[serde(borrow)]
    pub veh_fuel_end: Scalar<'a>,
    #[serde(borrow)]
    pub lat: Scalar<'a>,
    #[serde(borrow)]
    pub lon: Scalar<'a>,
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PerformanceRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow, rename = "type")]
    pub event_type: Scalar<'a>,
    #[serde(borrow)]
    pub start_time: Scalar<'a>,
    #[serde(borrow)]
    pub end_time: Scalar<'a>,
    /// Where `start_speed` was.
    #[serde(borrow)]
    pub lat: Scalar<'a>,
    #[serde(borrow)]
    pub lon: Scalar<'a>,
    #[serde(borrow)]
    pub end_speed: Scalar<'a>,
    #[serde(borrow)]
    pub max_speed: Scalar<'a>,
    #[serde(borrow)]
    pub start_bearing: Scalar<'a>,
    /// g, unsigned.
    #[serde(borrow)]
    pub acceleration: Scalar<'a>,
    /// `-10.3 kph/s`.
    #[serde(borrow)]
    pub intensity: Scalar<'a>,
    /// One a second.
    #[serde(borrow)]
    pub m_gps_spd: Option<&'a RawValue>,
    #[serde(borrow)]
    pub m_gps_lat: Option<&'a RawValue>,
    #[serde(borrow)]
    pub m_gps_lon: Option<&'a RawValue>,
    #[serde(borrow)]
    pub primary_behavior: Option<&'a RawValue>,
    #[serde(borrow)]
    pub camera_media: Object<CameraMediaRow<'a>>,
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CameraMediaRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub available: Scalar<'a>,
    #[serde(borrow)]
    pub cam_positions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub downloadable_videos: Object<VideosRow<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct VideosRow<'a> {
    #[serde(borrow)]
    pub front_facing_plain_url: Scalar<'a>,
    #[serde(borrow)]
    pub front_facing_enhanced_url: Scalar<'a>,
    #[serde(borrow)]
    pub driver_facing_plain_url: Scalar<'a>,
}

/// Speeds are km/h, whatever was asked for.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SpeedingRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow, rename = "type")]
    pub event_type: Scalar<'a>,
    #[serde(borrow)]
    pub status: Scalar<'a>,
    #[serde(borrow)]
    pub start_time: Scalar<'a>,
    #[serde(borrow)]
    pub end_time: Scalar<'a>,
    #[serde(borrow)]
    pub start_lat: Scalar<'a>,
    #[serde(borrow)]
    pub start_lon: Scalar<'a>,
    #[serde(borrow)]
    pub end_lat: Scalar<'a>,
    #[serde(borrow)]
    pub end_lon: Scalar<'a>,
    #[serde(borrow)]
    pub max_vehicle_speed: Scalar<'a>,
    #[serde(borrow)]
    pub avg_vehicle_speed: Scalar<'a>,
    #[serde(borrow)]
    pub max_posted_speed_limit_in_kph: Scalar<'a>,
    #[serde(borrow)]
    pub driver: Object<Reference<'a>>,
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
}

/// Updated in place: a code that was seen again is the same row with a later end.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FaultRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub code: Scalar<'a>,
    #[serde(borrow)]
    pub code_description: Scalar<'a>,
    #[serde(borrow)]
    pub status: Scalar<'a>,
    #[serde(borrow)]
    pub dtc_status: Scalar<'a>,
    #[serde(borrow)]
    pub first_observed_at: Scalar<'a>,
    #[serde(borrow)]
    pub last_observed_at: Scalar<'a>,
    #[serde(borrow)]
    pub network: Scalar<'a>,
    #[serde(borrow)]
    pub is_sid: Scalar<'a>,
    #[serde(borrow)]
    pub fmi: Scalar<'a>,
    #[serde(borrow)]
    pub fmi_description: Scalar<'a>,
    #[serde(borrow)]
    pub occurrence_count: Scalar<'a>,
    #[serde(borrow)]
    pub source_address: Scalar<'a>,
    #[serde(borrow)]
    pub vehicle: Object<Reference<'a>>,
}
