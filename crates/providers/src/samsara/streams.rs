//! Samsara as data: what the engine plans from. The names of streams and signals are stored:
//! frozen.
//!
//! Stats are asked three types a call, the most that Samsara takes, grouped so that what changes
//! together is read together.

use std::time::Duration;

use model::safety::SafetyEventType;
use model::{Model, SeriesKind, StatType};
use provider::{
    Descriptor, Difference, FeedShape, Grain, LiveOperation, OAuthFlow, PartitionBy, Reread, Shape,
    SignalDescriptor, Stream, WindowShape,
};

use super::credentials::CREDENTIALS;

pub(super) const ACCOUNT: &str = "account";
pub(super) const VEHICLES: &str = "vehicles";
pub(super) const DRIVERS: &str = "drivers";
pub(super) const GROUPS: &str = "groups";
pub(super) const GATEWAYS: &str = "gateways";
pub(super) const TRAILERS: &str = "trailers";
pub(super) const FAULTS: &str = "faults";
pub(super) const ASSIGNMENTS: &str = "assignments";
pub(super) const TRIPS: &str = "trips";
pub(super) const SAFETY: &str = "safety";
pub(super) const SAFETY_FEED: &str = "safety.feed";
pub(super) const HOS_LOGS: &str = "hos.logs";
pub(super) const HOS_DAILY: &str = "hos.daily";
pub(super) const UTILIZATION: &str = "utilization";
pub(super) const IFTA: &str = "ifta";
const MOTION: &str = "stats.motion";
const DISTANCE: &str = "stats.distance";
const ENGINE: &str = "stats.engine";
const HEALTH: &str = "stats.health";

pub(super) const READ_STATISTICS: &str = "Read Vehicle Statistics";
pub(super) const READ_TRAILER_STATISTICS: &str = "Read Trailer Statistics";
pub(super) const READ_SAFETY: &str = "Read Safety Events & Scores";
/// Hours of service are documented under this scope, whatever its name says.
pub(super) const READ_COMPLIANCE: &str = "Read ELD Compliance Settings (US)";

pub static DESCRIPTOR: Descriptor = Descriptor {
    code: "samsara",
    base_code: None,
    name: "Samsara",
    default_base_url: "https://api.samsara.com",
    credentials: CREDENTIALS,
    check: ACCOUNT,
    streams: STREAMS,
    live: &[
        LiveOperation::VehicleLocations,
        LiveOperation::TrailerLocations,
        LiveOperation::HosAvailableTime,
        LiveOperation::CameraMedia,
    ],
    lacks: &[],
    omits: &[
        ("Vehicle", &["licensePlate.state"]),
        ("HOSLog", &["remarks.submittedAt"]),
        ("HOSDailyLog", &["distances.total"]),
        ("SafetyEvent", &["endLocation", "stats.averageSpeed"]),
    ],
    // What the app may read is chosen in Samsara's dashboard and not asked for.
    oauth: Some(OAuthFlow {
        authorize_path: "/oauth2/authorize",
        scopes: &[],
    }),
    differs: DIFFERS,
    // All but violations of stop signs, for which Samsara has no label.
    safety_types: &[
        SafetyEventType::HarshBrake,
        SafetyEventType::HarshAcceleration,
        SafetyEventType::HarshTurn,
        SafetyEventType::Speeding,
        SafetyEventType::Crash,
        SafetyEventType::NearCrash,
        SafetyEventType::Tailgating,
        SafetyEventType::CellPhone,
        SafetyEventType::Distracted,
        SafetyEventType::Drowsiness,
        SafetyEventType::Smoking,
        SafetyEventType::SeatBeltViolation,
        SafetyEventType::RedLightViolation,
        SafetyEventType::UnsafeLaneChange,
        SafetyEventType::CameraObstruction,
        SafetyEventType::EatingAndDrinking,
        SafetyEventType::RollingStop,
        SafetyEventType::UnsafeParking,
    ],
    location_sample_rate: "5 to 60 s while moving",
    location_history: "",
    developer_docs_url: "https://developers.samsara.com",
    login_url: "https://cloud.samsara.com/signin",
    concurrency: 4,
};

const DIFFERS: &[Difference] = &[
    Difference {
        model: "Device",
        member: "",
        how: "lists cameras, too",
    },
    Difference {
        model: "Vehicle",
        member: "devices",
        how: "names its cameras, too",
    },
    Difference {
        model: "SafetyEvent",
        member: "stats.maximumSpeed",
        how: "comes with speeding alone, as a whole number",
    },
    Difference {
        model: "SafetyEvent",
        member: "stats.roadSpeedLimit",
        how: "is a whole number",
    },
];

static STREAMS: &[Stream] = &[
    listing(ACCOUNT, "Read Org Information", &[]),
    listing(VEHICLES, "Read Vehicles", &[Model::Vehicle, Model::Device]),
    listing(DRIVERS, "Read Drivers", &[Model::Driver]),
    listing(GROUPS, "Read Tags", &[Model::Group]),
    listing(GATEWAYS, "Read Gateways", &[Model::Device]),
    listing(TRAILERS, "Read Assets", &[Model::Trailer]),
    feed("feed.motion", READ_STATISTICS, MOTION),
    feed("feed.distance", READ_STATISTICS, DISTANCE),
    feed("feed.engine", READ_STATISTICS, ENGINE),
    feed("feed.health", READ_STATISTICS, HEALTH),
    feed(SAFETY_FEED, READ_SAFETY, SAFETY),
    stats(
        MOTION,
        &[
            signal("gps", SeriesKind::Location, 0),
            stat("engineStates", StatType::EngineState, 0),
            stat("fuelPercents", StatType::FuelLevel, 0),
        ],
        // A position every 10 s for a third of the hour, about 100 bytes each.
        12 * 1024,
    ),
    stats(
        DISTANCE,
        &[
            stat("obdOdometerMeters", StatType::Odometer, 0),
            stat("gpsOdometerMeters", StatType::Odometer, 1),
            stat("obdEngineSeconds", StatType::EngineRuntime, 0),
        ],
        3 * 1024,
    ),
    stats(
        ENGINE,
        &[
            stat("syntheticEngineSeconds", StatType::EngineRuntime, 1),
            stat("fuelConsumedMilliliters", StatType::TotalFuelConsumption, 0),
            stat("engineRpm", StatType::EngineRpm, 0),
        ],
        3 * 1024,
    ),
    stats(
        HEALTH,
        &[
            stat("engineOilPressureKPa", StatType::EngineOilPressure, 0),
            stat(
                "engineCoolantTemperatureMilliC",
                StatType::EngineCoolantTemperature,
                0,
            ),
            stat("batteryMilliVolts", StatType::BatteryVoltage, 0),
        ],
        3 * 1024,
    ),
    window(
        ASSIGNMENTS,
        "Read Assignments",
        WindowShape {
            owns: &[Model::DriverAssignment],
            bytes_per_partition_hour: 64,
            ..OF_VEHICLES
        },
    ),
    window(
        TRIPS,
        "Read Vehicle Trips",
        WindowShape {
            owns: &[Model::Trip],
            // One vehicle a call is all that the endpoint takes: dear.
            max_batch: 1,
            least_open: hours(1),
            reread: DEAR_REREAD,
            bytes_per_partition_hour: 256,
            ..OF_VEHICLES
        },
    ),
    window(
        SAFETY,
        READ_SAFETY,
        WindowShape {
            owns: &[Model::SafetyEvent],
            // A window is one of creation times; an event is kept by when it began.
            proves_absence: false,
            bytes_per_partition_hour: 64,
            ..OF_VEHICLES
        },
    ),
    window(
        FAULTS,
        READ_STATISTICS,
        WindowShape {
            owns: &[Model::FaultReading],
            bytes_per_partition_hour: 512,
            ..OF_VEHICLES
        },
    ),
    window(
        HOS_LOGS,
        READ_COMPLIANCE,
        WindowShape {
            partition: PartitionBy::Driver,
            owns: &[Model::HosLog],
            settle: minutes(5),
            reread: HOS_REREAD,
            bytes_per_partition_hour: 128,
            ..OF_VEHICLES
        },
    ),
    window(
        HOS_DAILY,
        READ_COMPLIANCE,
        WindowShape {
            partition: PartitionBy::Driver,
            grain: Grain::Day,
            owns: &[Model::HosDailyLog],
            least_open: hours(1),
            reread: HOS_DAILY_REREAD,
            bytes_per_partition_hour: 64,
            ..OF_VEHICLES
        },
    ),
    window(
        UTILIZATION,
        "Read Fuel & Energy",
        WindowShape {
            grain: Grain::Day,
            owns: &[Model::VehicleUtilizationDay],
            // A range is answered as one sum: a call is a day.
            max_window: hours(24),
            least_open: hours(1),
            reread: REPORT_REREAD,
            bytes_per_partition_hour: 24,
            ..OF_VEHICLES
        },
    ),
    window(
        IFTA,
        "Read IFTA (US)",
        WindowShape {
            grain: Grain::Month,
            owns: &[Model::IftaVehicleMonth],
            max_window: hours(31 * 24),
            least_open: hours(6),
            reread: REPORT_REREAD,
            bytes_per_partition_hour: 2,
            ..OF_VEHICLES
        },
    ),
];

/// Gateways without reception upload later, most of them within hours: history read once would
/// miss it (the vendor's own guide says so).
static REREAD: &[Reread] = &[reread(1, 1), reread(6, 6), reread(24, 24), reread(48, 24)];
static DEAR_REREAD: &[Reread] = &[reread(24, 24), reread(48, 24)];
/// Drivers and their carriers edit logs, as a rule within eight days.
static HOS_REREAD: &[Reread] = &[
    reread(1, 1),
    reread(6, 6),
    reread(24, 24),
    reread(48, 24),
    reread(96, 24),
    reread(192, 24),
];
static HOS_DAILY_REREAD: &[Reread] = &[
    reread(24, 24),
    reread(48, 24),
    reread(96, 24),
    reread(192, 24),
];
/// The vendor: the last 72 hours are still being computed.
static REPORT_REREAD: &[Reread] = &[reread(24, 24), reread(72, 24)];

/// What most windows of vehicles' records have in common.
const OF_VEHICLES: WindowShape = WindowShape {
    partition: PartitionBy::Vehicle,
    grain: Grain::Instant,
    signals: &[],
    owns: &[],
    proves_absence: true,
    settle: minutes(2),
    max_window: hours(7 * 24),
    max_batch: 50,
    bytes_per_partition_hour: 64,
    least_open: Duration::ZERO,
    reread: REREAD,
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
            is_complete: false,
        }),
    }
}

const fn window(name: &'static str, permission: &'static str, shape: WindowShape) -> Stream {
    Stream {
        name,
        permission,
        shape: Shape::Window(shape),
    }
}

const fn stats(
    name: &'static str,
    signals: &'static [SignalDescriptor],
    bytes_per_partition_hour: u32,
) -> Stream {
    window(
        name,
        READ_STATISTICS,
        WindowShape {
            signals,
            max_window: hours(24),
            bytes_per_partition_hour,
            ..OF_VEHICLES
        },
    )
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

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}
