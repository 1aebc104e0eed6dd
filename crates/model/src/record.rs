//! Records: every entity and event is a row of one table, told apart by its [`Model`].

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ids::{DriverId, IdError, IdSpace, Ulid, VehicleId};
use crate::time::Timestamp;

/// A kind of record. The name is part of every id: frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    Vehicle,
    Driver,
    Group,
    Device,
    Trailer,
    Trip,
    SafetyEvent,
    FaultCodeEvent,
    HosLog,
    HosDailyLog,
    VehicleUtilizationDay,
    IftaVehicleMonth,
    /// Internal: a fact, served by no endpoint.
    DriverAssignment,
    /// Internal: a fact, served by no endpoint.
    FaultReading,
    /// Internal: a fact, served by no endpoint.
    IdleEvent,
}

impl Model {
    pub const ALL: [Model; 15] = [
        Model::Vehicle,
        Model::Driver,
        Model::Group,
        Model::Device,
        Model::Trailer,
        Model::Trip,
        Model::SafetyEvent,
        Model::FaultCodeEvent,
        Model::HosLog,
        Model::HosDailyLog,
        Model::VehicleUtilizationDay,
        Model::IftaVehicleMonth,
        Model::DriverAssignment,
        Model::FaultReading,
        Model::IdleEvent,
    ];

    /// As stored and hashed.
    pub const fn name(self) -> &'static str {
        match self {
            Model::Vehicle => "vehicle",
            Model::Driver => "driver",
            Model::Group => "group",
            Model::Device => "device",
            Model::Trailer => "trailer",
            Model::Trip => "trip",
            Model::SafetyEvent => "safety_event",
            Model::FaultCodeEvent => "fault_code_event",
            Model::HosLog => "hos_log",
            Model::HosDailyLog => "hos_daily_log",
            Model::VehicleUtilizationDay => "vehicle_utilization_day",
            Model::IftaVehicleMonth => "ifta_vehicle_month",
            Model::DriverAssignment => "driver_assignment",
            Model::FaultReading => "fault_reading",
            Model::IdleEvent => "idle_event",
        }
    }

    /// The id prefix of the public contract.
    pub const fn prefix(self) -> &'static str {
        match self {
            Model::Vehicle => "vcl_",
            Model::Driver => "drv_",
            Model::Group => "group_",
            Model::Device => "dvc_",
            Model::Trailer => "trl_",
            Model::Trip => "trp_",
            Model::SafetyEvent => "sft_evt_",
            Model::FaultCodeEvent => "fc_evt_",
            Model::HosLog => "hos_log_",
            Model::HosDailyLog => "hos_day_",
            Model::VehicleUtilizationDay => "vcl_day_",
            Model::IftaVehicleMonth => "ifta_rpt_",
            Model::DriverAssignment => "fact_asg_",
            Model::FaultReading => "fact_flt_",
            Model::IdleEvent => "fact_idl_",
        }
    }

    pub fn from_name(name: &str) -> Option<Model> {
        Model::ALL.into_iter().find(|model| model.name() == name)
    }

    /// A fact: kept for joining and deriving, served by no endpoint.
    pub const fn is_fact(self) -> bool {
        matches!(
            self,
            Model::DriverAssignment | Model::FaultReading | Model::IdleEvent
        )
    }
}

/// The id of a record of any model.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    pub model: Model,
    pub ulid: Ulid,
}

impl RecordId {
    pub fn parse(model: Model, text: &str) -> Result<RecordId, IdError> {
        text.strip_prefix(model.prefix())
            .and_then(|rest| rest.parse().ok())
            .map(|ulid| RecordId { model, ulid })
            .ok_or_else(|| IdError {
                wanted: model.prefix(),
                text: text.to_owned(),
            })
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.model.prefix())?;
        fmt::Display::fmt(&self.ulid, f)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<VehicleId> for RecordId {
    fn from(id: VehicleId) -> RecordId {
        RecordId {
            model: Model::Vehicle,
            ulid: id.0,
        }
    }
}

impl From<DriverId> for RecordId {
    fn from(id: DriverId) -> RecordId {
        RecordId {
            model: Model::Driver,
            ulid: id.0,
        }
    }
}

/// The provider's word on whether a vehicle or driver is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordStatus {
    Active,
    Inactive,
}

impl RecordStatus {
    pub fn name(self) -> &'static str {
        match self {
            RecordStatus::Active => "active",
            RecordStatus::Inactive => "inactive",
        }
    }

    pub fn from_name(name: &str) -> Option<RecordStatus> {
        [RecordStatus::Active, RecordStatus::Inactive]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

/// What a struct must say to be a record. A new model is such a struct, one line in [`Model`] and
/// one file of the API.
pub trait Record: Serialize + DeserializeOwned {
    const MODEL: Model;

    /// The provider's own id, or a key composed of what makes the record itself (and nothing that
    /// may change).
    fn natural_key(&self) -> Cow<'_, str>;

    fn vehicle(&self) -> Option<VehicleId> {
        None
    }

    fn driver(&self) -> Option<DriverId> {
        None
    }

    fn status(&self) -> Option<RecordStatus> {
        None
    }

    /// When the event began, the observation was made, or UTC midnight of the date or month.
    fn started_at(&self) -> Option<Timestamp> {
        None
    }

    fn ended_at(&self) -> Option<Timestamp> {
        None
    }
}

/// A row's place in the decompressed body of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct RawRange {
    pub offset: u32,
    pub length: u32,
}

/// A record as mapped from a page and not yet saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub id: RecordId,
    pub natural_key: String,
    pub vehicle: Option<VehicleId>,
    pub driver: Option<DriverId>,
    pub status: Option<RecordStatus>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The JSON object as served, without `metadata` and `raw`.
    pub body: String,
    /// Where in the page the rows lie that it was made of.
    pub raw: Vec<RawRange>,
}

impl Draft {
    pub fn new<R: Record>(ids: &IdSpace, record: &R, raw: Vec<RawRange>) -> Draft {
        Draft {
            id: ids.record(R::MODEL, &record.natural_key()),
            natural_key: record.natural_key().into_owned(),
            vehicle: record.vehicle(),
            driver: record.driver(),
            status: record.status(),
            started_at: record.started_at(),
            ended_at: record.ended_at(),
            body: serde_json::to_string(record)
                .expect("records are structs of strings, numbers and lists"),
            raw,
        }
    }
}
