//! Hours of service: changes of duty status, and drivers' days.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::coordinates::Coordinates;
use crate::ids::{DriverId, HosDailyLogId, HosLogId, VehicleId};
use crate::record::{Model, Record};
use crate::time::Timestamp;
use crate::zone::Date;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HosStatus {
    OffDuty,
    SleeperBed,
    Driving,
    OnDuty,
    YardMove,
    PersonalConveyance,
    WaitingTime,
}

impl HosStatus {
    pub fn name(self) -> &'static str {
        match self {
            HosStatus::OffDuty => "off_duty",
            HosStatus::SleeperBed => "sleeper_bed",
            HosStatus::Driving => "driving",
            HosStatus::OnDuty => "on_duty",
            HosStatus::YardMove => "yard_move",
            HosStatus::PersonalConveyance => "personal_conveyance",
            HosStatus::WaitingTime => "waiting_time",
        }
    }
}

/// What somebody noted beside a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HosRemark {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<Timestamp>,
    #[schema(example = "Pre-trip inspection")]
    pub notes: String,
}

/// One duty status of a driver, as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HosLog {
    pub id: HosLogId,
    pub status: HosStatus,
    /// The provider's own id; where it has none, driver, start and status with colons between.
    #[schema(example = "1654973:2026-03-02T14:05:09.000Z:driving")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    pub driver: DriverId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<VehicleId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codrivers: Vec<DriverId>,
    /// Where it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Coordinates>,
    #[serde(default)]
    pub remarks: Vec<HosRemark>,
    pub started_at: Timestamp,
    /// Absent while the status lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl Record for HosLog {
    const MODEL: Model = Model::HosLog;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }

    fn vehicle(&self) -> Option<VehicleId> {
        self.vehicle
    }

    fn driver(&self) -> Option<DriverId> {
        Some(self.driver)
    }

    fn started_at(&self) -> Option<Timestamp> {
        Some(self.started_at)
    }

    fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at
    }
}

/// Kilometres of a driver's day, two decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HosDistances {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 612.48)]
    pub total: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 598.11)]
    pub driving: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 12.5)]
    pub personal_conveyance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1.87)]
    pub yard_move: Option<f64>,
}

/// Milliseconds that a driver's day held of each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HosStatusDurations {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 7_200_000)]
    pub on_duty: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 25_200_000)]
    pub off_duty: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 28_800_000)]
    pub driving: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    pub waiting: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 25_200_000)]
    pub sleeper_bed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    pub personal_conveyance: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 600_000)]
    pub yard_move: Option<i64>,
}

/// A driver's day, as served, without `metadata` and `raw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HosDailyLog {
    pub id: HosDailyLogId,
    /// The provider's own id; where it has none, driver and date with a colon between.
    #[schema(example = "1654973:2026-03-02")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    pub driver: DriverId,
    /// In the zone of the driver's home terminal.
    pub date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distances: Option<HosDistances>,
    pub status_durations: HosStatusDurations,
}

impl Record for HosDailyLog {
    const MODEL: Model = Model::HosDailyLog;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }

    fn driver(&self) -> Option<DriverId> {
        Some(self.driver)
    }

    fn started_at(&self) -> Option<Timestamp> {
        Some(self.date.utc_midnight())
    }
}
