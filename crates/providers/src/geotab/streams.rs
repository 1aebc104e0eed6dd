//! Geotab as data: what the engine plans from. The names of streams and signals are stored: frozen.
//!
//! Rows in bulk (positions, measurements) have a window stream for the past and a feed for what
//! arrives. Everything else is read by window, and a feed beside it is watched for where to look
//! again, because those rows are edited, recalculated and understood only with their neighbours.

use std::time::Duration;

use model::safety::SafetyEventType;
use model::{Model, SeriesKind, StatType};
use provider::{
    Descriptor, Difference, FeedShape, Grain, LiveOperation, PartitionBy, Reread, Shape,
    SignalDescriptor, Stream, WatchShape, WindowShape,
};

use super::credentials::CREDENTIALS;

pub const DEVICES: &str = "devices";
pub const DRIVERS: &str = "drivers";
pub const GROUPS: &str = "groups";
pub const TRAILERS: &str = "trailers";
pub const RULES: &str = "rules";
pub const DIAGNOSTICS: &str = "diagnostics";
pub const LOG_RECORDS: &str = "log_records";
pub const LOG_RECORDS_FEED: &str = "log_records.feed";
pub const STATUS_DATA: &str = "status_data";
pub const STATUS_DATA_FEED: &str = "status_data.feed";
pub const TRIPS: &str = "trips";
pub const TRIPS_FEED: &str = "trips.feed";
pub const UTILIZATION: &str = "utilization";
pub const SAFETY: &str = "safety";
pub const SAFETY_FEED: &str = "safety.feed";
pub const FAULTS: &str = "faults";
pub const FAULTS_FEED: &str = "faults.feed";
pub const ASSIGNMENTS: &str = "assignments";
pub const ASSIGNMENTS_FEED: &str = "assignments.feed";
pub const HOS_LOGS: &str = "hos.logs";
pub const HOS_DAILY: &str = "hos.daily";
pub const HOS_FEED: &str = "hos.feed";
pub const IFTA: &str = "ifta";

pub const LIST_DEVICES: &str = "List devices";
pub const VIEW_STATUS: &str = "View device status information";
pub const VIEW_HOS: &str = "View HOS logs";
const LIST_USERS: &str = "List users and drivers";
const VIEW_TRAILERS: &str = "View trailers";
const VIEW_DIAGNOSTICS: &str = "View engine diagnostics and measurements";
const VIEW_RULES: &str = "View exception rules";
const VIEW_EXCEPTIONS: &str = "View exceptions";
const VIEW_FUEL_TAX: &str = "View fuel tax (IFTA) report";

pub const SAFETY_TYPES: &[SafetyEventType] = &[
    SafetyEventType::HarshBrake,
    SafetyEventType::HarshAcceleration,
    SafetyEventType::HarshTurn,
    SafetyEventType::Speeding,
    SafetyEventType::SeatBeltViolation,
    SafetyEventType::Crash,
    // From here on by the names of rules that customers and camera partners write.
    SafetyEventType::NearCrash,
    SafetyEventType::Tailgating,
    SafetyEventType::CellPhone,
    SafetyEventType::Distracted,
    SafetyEventType::Drowsiness,
    SafetyEventType::Smoking,
    SafetyEventType::StopSignViolation,
    SafetyEventType::RedLightViolation,
    SafetyEventType::UnsafeLaneChange,
    SafetyEventType::CameraObstruction,
    SafetyEventType::EatingAndDrinking,
    SafetyEventType::RollingStop,
    SafetyEventType::UnsafeParking,
];

pub const fn descriptor(
    code: &'static str,
    base_code: Option<&'static str>,
    name: &'static str,
) -> Descriptor {
    Descriptor {
        code,
        base_code,
        name,
        default_base_url: "https://my.geotab.com",
        credentials: CREDENTIALS,
        streams: STREAMS,
        check: DEVICES,
        live: &[
            LiveOperation::VehicleLocations,
            LiveOperation::TrailerLocations,
            LiveOperation::HosAvailableTime,
        ],
        lacks: &["CameraMedia"],
        omits: OMITS,
        oauth: None,
        differs: DIFFERS,
        safety_types: SAFETY_TYPES,
        location_sample_rate: "by curve while moving, no fixed rate",
        location_history: "",
        developer_docs_url: "https://developers.geotab.com",
        login_url: "https://my.geotab.com",
        concurrency: 4,
    }
}

const DIFFERS: &[Difference] = &[
    Difference {
        model: "Group",
        member: "",
        how: "lists the platform's own groups, too",
    },
    Difference {
        model: "Group",
        member: "parent",
        how: "is the platform's own group at the top",
    },
    Difference {
        model: "Vehicle",
        member: "groups",
        how: "names the platform's own groups, too",
    },
    Difference {
        model: "Driver",
        member: "groups",
        how: "names the platform's own groups, too",
    },
    Difference {
        model: "Trailer",
        member: "groups",
        how: "names the platform's own groups, too",
    },
    Difference {
        model: "Driver",
        member: "username",
        how: "is the login, often an e-mail address",
    },
    Difference {
        model: "Device",
        member: "description",
        how: "is the kind of device, not its model",
    },
    Difference {
        model: "Trip",
        member: "startLocation",
        how: "is where the trip before ended, so the first has none",
    },
    Difference {
        model: "FaultCodeEvent",
        member: "milStatus",
        how: "is the lamp's with each record",
    },
    Difference {
        model: "HOSDailyLog",
        member: "distances",
        how: "come from odometers at changes of status, where both are known",
    },
    Difference {
        model: "HOSDailyLog",
        member: "statusDurations.offDuty",
        how: "leaves out personal conveyance",
    },
    Difference {
        model: "SafetyEvent",
        member: "",
        how: "has what rules of the database find",
    },
    Difference {
        model: "SafetyEvent",
        member: "startLocation",
        how: "is the position recorded nearest in time",
    },
    Difference {
        model: "SafetyEvent",
        member: "endLocation",
        how: "is the position recorded nearest in time",
    },
    Difference {
        model: "SafetyEvent",
        member: "stats",
        how: "is of what was recorded during the event",
    },
    Difference {
        model: "VehicleUtilization",
        member: "",
        how: "has no row of a day without data",
    },
    Difference {
        model: "VehicleUtilization",
        member: "durations",
        how: "are of trips, idling on the day of the stop",
    },
    Difference {
        model: "VehicleUtilization",
        member: "fuelConsumed",
        how: "is of trips, on the day of the stop",
    },
    Difference {
        model: "VehicleStatLog",
        member: "state",
        how: "is on or off: idling cannot be told",
    },
];

/// Nothing says when things were made or changed; a log record has no heading; addresses cost a
/// call a place.
const OMITS: &[(&str, &[&str])] = &[
    ("Group", &["createdAt", "updatedAt"]),
    ("Vehicle", &["createdAt", "updatedAt"]),
    ("Driver", &["middleName", "createdAt", "updatedAt"]),
    ("Device", &["lastConnectedAt", "createdAt", "updatedAt"]),
    ("Trailer", &["createdAt", "updatedAt"]),
    ("VehicleLocation", &["heading", "address"]),
    (
        "LatestVehicleLocation",
        &["address", "fuel.secondaryPercentage"],
    ),
    ("LatestTrailerLocation", &["address"]),
    ("SafetyEvent", &["stats.heading", "cameraMedia"]),
];

pub const ODOMETER: &str = "DiagnosticOdometerId";
pub const RAW_ODOMETER: &str = "DiagnosticRawOdometerId";
pub const ENGINE_HOURS: &str = "DiagnosticEngineHoursId";
pub const FUEL_LEVEL: &str = "DiagnosticFuelLevelId";
pub const IGNITION: &str = "DiagnosticIgnitionId";
pub const FORWARD_BRAKING: &str = "DiagnosticAccelerationForwardBrakingId";
pub const SIDE_TO_SIDE: &str = "DiagnosticAccelerationSideToSideId";

pub const LOG_RECORD: &[SignalDescriptor] = &[signal("LogRecord", SeriesKind::Location, 0)];

/// Ids by stat and, where several tell it, rank. Spellings are the platform's.
pub const MEASUREMENTS: &[SignalDescriptor] = &[
    stat(ODOMETER, StatType::Odometer, 0),
    stat(RAW_ODOMETER, StatType::Odometer, 1),
    stat(ENGINE_HOURS, StatType::EngineRuntime, 0),
    stat(
        "DiagnosticTotalFuelUsedId",
        StatType::TotalFuelConsumption,
        0,
    ),
    stat(
        "DiagnosticDeviceTotalFuelId",
        StatType::TotalFuelConsumption,
        1,
    ),
    stat(FUEL_LEVEL, StatType::FuelLevel, 0),
    stat("DiagnosticEngineSpeedId", StatType::EngineRpm, 0),
    stat(
        "DiagnosticEngineCoolantTemperatureId",
        StatType::EngineCoolantTemperature,
        0,
    ),
    stat(
        "DiagnosticEngineOilTemperatureID",
        StatType::EngineOilTemperature,
        0,
    ),
    stat("DiagnosticOilPressureId", StatType::EngineOilPressure, 0),
    stat(
        "DiagnosticEngineOilLevelId",
        StatType::EngineOilPercentage,
        0,
    ),
    stat("DiagnosticCoolantLevelId", StatType::CoolantPercentage, 0),
    stat("DiagnosticGoDeviceVoltageId", StatType::BatteryVoltage, 0),
    stat(IGNITION, StatType::EngineState, 0),
];

/// The most calls of one request; the platform's advice.
pub const MOST_CALLS: usize = 100;

pub const STREAMS: &[Stream] = &[
    listing(DEVICES, LIST_DEVICES, &[Model::Vehicle, Model::Device]),
    listing(DRIVERS, LIST_USERS, &[Model::Driver]),
    listing(GROUPS, "View groups", &[Model::Group]),
    listing(TRAILERS, VIEW_TRAILERS, &[Model::Trailer]),
    listing(RULES, VIEW_RULES, &[]),
    listing(DIAGNOSTICS, VIEW_DIAGNOSTICS, &[]),
    feed(LOG_RECORDS_FEED, VIEW_STATUS, LOG_RECORDS),
    feed(STATUS_DATA_FEED, VIEW_DIAGNOSTICS, STATUS_DATA),
    watch(TRIPS_FEED, VIEW_STATUS, &[TRIPS, UTILIZATION]),
    watch(SAFETY_FEED, VIEW_EXCEPTIONS, &[SAFETY]),
    watch(FAULTS_FEED, VIEW_DIAGNOSTICS, &[FAULTS]),
    watch(ASSIGNMENTS_FEED, LIST_USERS, &[ASSIGNMENTS]),
    Stream {
        name: HOS_FEED,
        permission: VIEW_HOS,
        shape: Shape::Watch(WatchShape {
            over: &[HOS_LOGS],
            // There is a row of every day, and it grows with the day.
            stirs: &[HOS_DAILY],
        }),
    },
    window(
        LOG_RECORDS,
        VIEW_STATUS,
        WindowShape {
            signals: LOG_RECORD,
            max_window: hours(24),
            // A position every 10 s for a third of the hour, about 130 bytes each.
            bytes_per_partition_hour: 16 * 1024,
            ..WATCHED
        },
    ),
    window(
        STATUS_DATA,
        VIEW_DIAGNOSTICS,
        WindowShape {
            signals: MEASUREMENTS,
            max_window: hours(24),
            // A call for each measurement.
            max_batch: MOST_CALLS / MEASUREMENTS.len(),
            bytes_per_partition_hour: 32 * 1024,
            ..WATCHED
        },
    ),
    window(
        ASSIGNMENTS,
        LIST_USERS,
        WindowShape {
            owns: &[Model::DriverAssignment],
            ..WATCHED
        },
    ),
    window(
        TRIPS,
        VIEW_STATUS,
        WindowShape {
            owns: &[Model::Trip],
            bytes_per_partition_hour: 512,
            ..WATCHED
        },
    ),
    window(
        UTILIZATION,
        VIEW_STATUS,
        WindowShape {
            grain: Grain::Day,
            owns: &[Model::VehicleUtilizationDay],
            bytes_per_partition_hour: 512,
            ..WATCHED
        },
    ),
    window(
        SAFETY,
        VIEW_EXCEPTIONS,
        WindowShape {
            owns: &[Model::SafetyEvent],
            // The rest of the calls are for what was measured while the events lasted.
            max_batch: 20,
            bytes_per_partition_hour: 256,
            ..WATCHED
        },
    ),
    window(
        FAULTS,
        VIEW_DIAGNOSTICS,
        WindowShape {
            owns: &[Model::FaultCodeEvent],
            // The rest of the calls are for what the codes are.
            max_batch: 40,
            bytes_per_partition_hour: 256,
            ..WATCHED
        },
    ),
    window(
        HOS_LOGS,
        VIEW_HOS,
        WindowShape {
            partition: PartitionBy::Driver,
            owns: &[Model::HosLog],
            // The rest of the calls are for annotations.
            max_batch: 40,
            bytes_per_partition_hour: 512,
            ..WATCHED
        },
    ),
    window(
        HOS_DAILY,
        VIEW_HOS,
        WindowShape {
            partition: PartitionBy::Driver,
            grain: Grain::Day,
            owns: &[Model::HosDailyLog],
            least_open: hours(1),
            // A driver's day may end hours after the connection's (Halifax, Honolulu: six).
            reread: &[reread(6, 6), reread(24, 24)],
            bytes_per_partition_hour: 512,
            ..WATCHED
        },
    ),
    window(
        IFTA,
        VIEW_FUEL_TAX,
        WindowShape {
            grain: Grain::Month,
            owns: &[Model::IftaVehicleMonth],
            settle: hours(1),
            max_window: hours(31 * 24),
            least_open: hours(6),
            // Details are computed behind the trips, and again when those change.
            reread: &[reread(24, 24), reread(72, 24)],
            bytes_per_partition_hour: 32,
            ..WATCHED
        },
    ),
];

/// What windows have in common whose rows a feed tells of, whenever they arrive or change: nothing
/// has to settle, and nothing is read again by a schedule.
const WATCHED: WindowShape = WindowShape {
    partition: PartitionBy::Vehicle,
    grain: Grain::Instant,
    signals: &[],
    owns: &[],
    proves_absence: true,
    settle: Duration::ZERO,
    max_window: hours(7 * 24),
    max_batch: 50,
    bytes_per_partition_hour: 64,
    least_open: Duration::ZERO,
    reread: &[],
};

const fn listing(name: &'static str, permission: &'static str, owns: &'static [Model]) -> Stream {
    Stream {
        name,
        permission,
        shape: Shape::Listing { owns },
    }
}

const fn feed(name: &'static str, permission: &'static str, beside: &'static str) -> Stream {
    Stream {
        name,
        permission,
        shape: Shape::Feed(FeedShape {
            beside,
            // Versions grow as rows are received, and these are never taken back.
            is_complete: true,
        }),
    }
}

const fn watch(
    name: &'static str,
    permission: &'static str,
    over: &'static [&'static str],
) -> Stream {
    Stream {
        name,
        permission,
        shape: Shape::Watch(WatchShape { over, stirs: &[] }),
    }
}

const fn window(name: &'static str, permission: &'static str, shape: WindowShape) -> Stream {
    Stream {
        name,
        permission,
        shape: Shape::Window(shape),
    }
}

const fn stat(name: &'static str, stat: StatType, rank: u8) -> SignalDescriptor {
    signal(name, SeriesKind::Stat(stat), rank)
}

const fn signal(name: &'static str, kind: SeriesKind, rank: u8) -> SignalDescriptor {
    SignalDescriptor { name, kind, rank }
}

const fn reread(after_hours: u64, slot_hours: u64) -> Reread {
    Reread {
        after: hours(after_hours),
        slot: hours(slot_hours),
    }
}

const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 60 * 60)
}
