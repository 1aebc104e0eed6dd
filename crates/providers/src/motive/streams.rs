//! Motive as data: what the engine plans from. The names of streams and signals are stored: frozen.
//!
//! Nothing here is fed but fault codes, so the present is read by windows, and what is uploaded or
//! edited later is found by reading again.

use std::time::Duration;

use model::safety::SafetyEventType;
use model::{Model, SeriesKind, StatType};
use provider::{
    Descriptor, Difference, FeedShape, Grain, LiveOperation, OAuthFlow, PartitionBy, Reread, Shape,
    SignalDescriptor, Stream, WindowShape,
};

use super::credentials::CREDENTIALS;

const DIFFERS: &[Difference] = &[
    Difference {
        model: "Device",
        member: "",
        how: "lists no device of a vehicle without an ELD",
    },
    Difference {
        model: "Driver",
        member: "lastName",
        how: "holds the middle name, too",
    },
    Difference {
        model: "FaultCodeEvent",
        member: "",
        how: "opens and closes a code once, and has no pending ones",
    },
    Difference {
        model: "FaultCodeEvent",
        member: "description",
        how: "says nothing of the failure mode",
    },
    Difference {
        model: "FaultCodeEvent",
        member: "j1939.occurrenceCount",
        how: "counts until the code was last seen",
    },
    Difference {
        model: "HOSLog",
        member: "vehicle",
        how: "is the day's, where a driver had one only",
    },
    Difference {
        model: "HOSLog",
        member: "codrivers",
        how: "are the day's",
    },
    Difference {
        model: "HOSLog",
        member: "remarks.submittedAt",
        how: "comes with remarks of the day's log alone",
    },
    Difference {
        model: "HOSDailyLog",
        member: "statusDurations",
        how: "are whole seconds, and yard moves are on duty, personal conveyance off duty",
    },
    Difference {
        model: "SafetyEvent",
        member: "",
        how: "gives other camera events than others do",
    },
    Difference {
        model: "SafetyEvent",
        member: "endedAt",
        how: "is some seconds later: films go on",
    },
    Difference {
        model: "SafetyEvent",
        member: "stats",
        how: "measures speeds around the event, and heading not for speeding",
    },
    Difference {
        model: "SafetyEvent",
        member: "cameraMedia",
        how: "comes with events that were filmed, once the film is there",
    },
    Difference {
        model: "VehicleLocation",
        member: "",
        how: "has rows of starting and stopping engines, and one a second",
    },
    Difference {
        model: "VehicleLocation",
        member: "speed",
        how: "is left out where the gateway did not measure it",
    },
    Difference {
        model: "VehicleLocation",
        member: "address",
        how: "is a description, and there for every row",
    },
    Difference {
        model: "VehicleStatLog",
        member: "odometer",
        how: "comes with positions alone, the engine's before the gateway's",
    },
    Difference {
        model: "VehicleStatLog",
        member: "fuelPercentage",
        how: "comes with positions alone",
    },
    Difference {
        model: "VehicleStatLog",
        member: "voltage",
        how: "comes with positions alone",
    },
    Difference {
        model: "VehicleStatLog",
        member: "state",
        how: "is on or off: idling cannot be told",
    },
];

pub(super) const ACCOUNT: &str = "account";
pub(super) const VEHICLES: &str = "vehicles";
pub(super) const DRIVERS: &str = "drivers";
pub(super) const GROUPS: &str = "groups";
pub(super) const ELD_DEVICES: &str = "eld_devices";
pub(super) const ASSETS: &str = "assets";
pub(super) const LOCATIONS: &str = "locations";
pub(super) const TRIPS: &str = "trips";
pub(super) const HOS_LOGS: &str = "hos.logs";
pub(super) const HOS_DAILY: &str = "hos.daily";
pub(super) const SAFETY: &str = "safety";
pub(super) const UTILIZATION: &str = "utilization";
pub(super) const IFTA: &str = "ifta";
pub(super) const IDLE_EVENTS: &str = "idle_events";
pub(super) const FAULTS: &str = "faults";
pub(super) const FAULTS_FEED: &str = "faults.feed";

pub(super) const READ_LATEST: &str = "locations.vehicle_locations_list";
pub(super) const READ_ASSET_LOCATIONS: &str = "locations.asset_locations";
pub(super) const READ_AVAILABLE_TIME: &str = "hos_logs.available_time";
pub(super) const READ_PERFORMANCE: &str = "driver_performance_events.read";
/// Two endpoints with a scope each.
const READ_SAFETY: &str = "driver_performance_events.read, speeding_events.read";
const READ_LOGS: &str = "hos_logs.logs";
const READ_FAULTS: &str = "fault_codes.read";

pub static DESCRIPTOR: Descriptor = Descriptor {
    code: "motive",
    base_code: None,
    name: "Motive",
    default_base_url: "https://api.gomotive.com",
    credentials: CREDENTIALS,
    check: ACCOUNT,
    oauth: Some(OAuthFlow {
        authorize_path: "/oauth/authorize",
        scopes: SCOPES,
    }),
    streams: STREAMS,
    live: &[
        LiveOperation::VehicleLocations,
        LiveOperation::TrailerLocations,
        LiveOperation::HosAvailableTime,
        LiveOperation::CameraMedia,
    ],
    lacks: &[],
    differs: DIFFERS,
    omits: &[
        ("Driver", &["middleName"]),
        ("Group", &["createdAt", "updatedAt"]),
        ("Device", &["lastConnectedAt", "createdAt", "updatedAt"]),
        ("Trailer", &["serialNumber", "createdAt", "updatedAt"]),
        ("FaultCodeEvent", &["milStatus", "j1939.spnDescription"]),
        ("HOSLog", &["location"]),
        (
            "HOSDailyLog",
            &[
                "distances.driving",
                "distances.personalConveyance",
                "distances.yardMove",
            ],
        ),
        (
            "VehicleStatLog",
            &["percentage", "pressure", "temperature", "rpm"],
        ),
        ("LatestTrailerLocation", &["heading", "speed"]),
    ],
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
        SafetyEventType::StopSignViolation,
        SafetyEventType::RedLightViolation,
        SafetyEventType::UnsafeLaneChange,
        SafetyEventType::CameraObstruction,
        SafetyEventType::EatingAndDrinking,
        SafetyEventType::RollingStop,
        SafetyEventType::UnsafeParking,
    ],
    location_sample_rate: "about 120 s while moving",
    location_history: "",
    developer_docs_url: "https://developer-docs.gomotive.com",
    login_url: "https://account.gomotive.com",
    concurrency: 10,
};

/// What the streams and live calls below need, one by one.
static SCOPES: &[&str] = &[
    "companies.read",
    "users.read",
    "vehicles.read",
    "groups.read",
    "eld_devices.read",
    "assets.read",
    READ_LATEST,
    "locations.vehicle_locations_single",
    READ_ASSET_LOCATIONS,
    READ_AVAILABLE_TIME,
    READ_LOGS,
    "driving_periods.read",
    "utilization.vehicle_utilization",
    "utilization.idle_events",
    READ_PERFORMANCE,
    "speeding_events.read",
    "ifta_reports.summary",
    READ_FAULTS,
];

static STREAMS: &[Stream] = &[
    listing(ACCOUNT, "companies.read", &[]),
    listing(VEHICLES, "vehicles.read", &[Model::Vehicle]),
    listing(DRIVERS, "users.read", &[Model::Driver]),
    listing(GROUPS, "groups.read", &[Model::Group]),
    listing(ELD_DEVICES, "eld_devices.read", &[Model::Device]),
    listing(ASSETS, "assets.read", &[Model::Trailer]),
    Stream {
        name: FAULTS_FEED,
        permission: READ_FAULTS,
        shape: Shape::Feed(FeedShape {
            beside: FAULTS,
            is_complete: false,
        }),
    },
    window(
        LOCATIONS,
        "locations.vehicle_locations_single",
        WindowShape {
            signals: LOCATION_SIGNALS,
            // One vehicle and whole UTC days are all that the endpoint takes.
            max_window: hours(24),
            max_batch: 1,
            least_open: minutes(15),
            // A row every two minutes for a third of the hour, 700 bytes each.
            bytes_per_partition_hour: 8 * 1024,
            ..OF_VEHICLES
        },
    ),
    window(
        TRIPS,
        "driving_periods.read",
        WindowShape {
            owns: &[Model::Trip],
            bytes_per_partition_hour: 1024,
            ..OF_VEHICLES
        },
    ),
    window(
        HOS_LOGS,
        READ_LOGS,
        WindowShape {
            partition: PartitionBy::Driver,
            owns: &[Model::HosLog],
            // With the days on either side ten for each of ten drivers: one page.
            max_batch: 10,
            reread: HOS_REREAD,
            bytes_per_partition_hour: 256,
            ..OF_VEHICLES
        },
    ),
    window(
        HOS_DAILY,
        READ_LOGS,
        WindowShape {
            partition: PartitionBy::Driver,
            grain: Grain::Day,
            owns: &[Model::HosDailyLog],
            least_open: hours(1),
            reread: HOS_REREAD,
            bytes_per_partition_hour: 256,
            ..OF_VEHICLES
        },
    ),
    window(
        SAFETY,
        READ_SAFETY,
        WindowShape {
            owns: &[Model::SafetyEvent],
            max_batch: WHOLE_FLEET,
            ..OF_VEHICLES
        },
    ),
    window(
        UTILIZATION,
        "utilization.vehicle_utilization",
        WindowShape {
            grain: Grain::Day,
            owns: &[Model::VehicleUtilizationDay],
            // A range is answered as one sum: a call is a day.
            max_window: hours(24),
            max_batch: WHOLE_FLEET,
            least_open: hours(1),
            reread: REPORT_REREAD,
            bytes_per_partition_hour: 24,
            ..OF_VEHICLES
        },
    ),
    window(
        IFTA,
        "ifta_reports.summary",
        WindowShape {
            grain: Grain::Month,
            owns: &[Model::IftaVehicleMonth],
            max_window: hours(31 * 24),
            // So few that their jurisdictions are one page, as a rule.
            max_batch: 10,
            least_open: hours(6),
            reread: REPORT_REREAD,
            bytes_per_partition_hour: 2,
            ..OF_VEHICLES
        },
    ),
    window(
        IDLE_EVENTS,
        "utilization.idle_events",
        WindowShape {
            owns: &[Model::IdleEvent],
            max_batch: WHOLE_FLEET,
            ..OF_VEHICLES
        },
    ),
    window(
        FAULTS,
        READ_FAULTS,
        WindowShape {
            owns: &[Model::FaultCodeEvent],
            // A question is answered with all that changed since its beginning: few and long.
            max_window: hours(31 * 24),
            bytes_per_partition_hour: 32,
            ..OF_VEHICLES
        },
    ),
];

static LOCATION_SIGNALS: &[SignalDescriptor] = &[
    signal("vehicle_locations", SeriesKind::Location, 0),
    stat("odometer.true", StatType::Odometer, 0),
    stat("odometer.virtual", StatType::Odometer, 1),
    stat("engine_hours.true", StatType::EngineRuntime, 0),
    stat("engine_hours.virtual", StatType::EngineRuntime, 1),
    stat("fuel.primary", StatType::FuelLevel, 0),
    stat("fuel", StatType::TotalFuelConsumption, 0),
    stat("battery_voltage", StatType::BatteryVoltage, 0),
    stat("type", StatType::EngineState, 0),
];

/// Of endpoints that answer for everybody whoever is asked about.
const WHOLE_FLEET: usize = 10_000;

/// Gateways without reception upload later, most of them within a day. An answer is a whole day
/// however short the slot is, so slots are not short.
static REREAD: &[Reread] = &[
    reread(6, 6),
    reread(24, 24),
    reread(72, 24),
    reread(168, 24),
];
/// Drivers and their carriers edit logs, as a rule within eight days.
static HOS_REREAD: &[Reread] = &[
    reread(24, 24),
    reread(48, 24),
    reread(96, 24),
    reread(192, 24),
];
/// Sums are stated anew for some days.
static REPORT_REREAD: &[Reread] = &[reread(24, 24), reread(72, 24), reread(168, 24)];

/// What most windows of vehicles' records have in common.
const OF_VEHICLES: WindowShape = WindowShape {
    partition: PartitionBy::Vehicle,
    grain: Grain::Instant,
    signals: &[],
    owns: &[],
    proves_absence: true,
    settle: minutes(5),
    max_window: hours(7 * 24),
    max_batch: 50,
    bytes_per_partition_hour: 64,
    least_open: minutes(15),
    reread: REREAD,
};

const fn listing(name: &'static str, permission: &'static str, owns: &'static [Model]) -> Stream {
    Stream {
        name,
        permission,
        shape: Shape::Listing { owns },
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

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}
