//! Samsara as data: what the engine plans from. The names of streams and signals are stored:
//! frozen.
//!
//! Stats are asked three types a call, the most that Samsara takes, grouped so that what changes
//! together is read together.

use std::time::Duration;

use model::provider::SupportStatus;
use model::{Model, SeriesKind, StatType};
use provider::{
    CredentialField, Descriptor, PartitionBy, Reread, Shape, SignalDescriptor, Stream, WindowShape,
};

pub(super) const API_KEY: &str = "apiKey";
pub(super) const ACCOUNT: &str = "account";
pub(super) const VEHICLES: &str = "vehicles";
pub(super) const DRIVERS: &str = "drivers";
pub(super) const GROUPS: &str = "groups";

pub static DESCRIPTOR: Descriptor = Descriptor {
    code: "samsara",
    name: "Samsara",
    default_base_url: "https://api.samsara.com",
    credentials: &[CredentialField {
        name: API_KEY,
        label: "API token",
        help: "Samsara dashboard, Settings > API Tokens: a token with the read scopes Org \
               Information, Vehicles, Drivers, Tags and Vehicle Statistics",
        required: true,
    }],
    streams: STREAMS,
    support: &[
        ("Group", SupportStatus::Supported),
        ("Vehicle", SupportStatus::Supported),
        ("Driver", SupportStatus::Supported),
        ("VehicleLocation", SupportStatus::Supported),
        ("VehicleStatLog", SupportStatus::Supported),
    ],
    location_sample_rate: "5 to 60 s while moving",
    developer_docs_url: "https://developers.samsara.com",
    login_url: "https://cloud.samsara.com/signin",
    concurrency: 4,
};

static STREAMS: &[Stream] = &[
    listing(ACCOUNT, "Read Org Information", &[]),
    listing(VEHICLES, "Read Vehicles", &[Model::Vehicle]),
    listing(DRIVERS, "Read Drivers", &[Model::Driver]),
    listing(GROUPS, "Read Tags", &[Model::Group]),
    stats(
        "stats.motion",
        &[
            signal("gps", SeriesKind::Location, 0),
            signal("engineStates", SeriesKind::Stat(StatType::EngineState), 0),
            signal("fuelPercents", SeriesKind::Stat(StatType::FuelLevel), 0),
        ],
        // A position every 10 s for a third of the hour, about 100 bytes each.
        12 * 1024,
    ),
    stats(
        "stats.distance",
        &[
            signal("obdOdometerMeters", SeriesKind::Stat(StatType::Odometer), 0),
            signal("gpsOdometerMeters", SeriesKind::Stat(StatType::Odometer), 1),
            signal(
                "obdEngineSeconds",
                SeriesKind::Stat(StatType::EngineRuntime),
                0,
            ),
        ],
        3 * 1024,
    ),
    stats(
        "stats.engine",
        &[
            signal(
                "syntheticEngineSeconds",
                SeriesKind::Stat(StatType::EngineRuntime),
                1,
            ),
            signal(
                "fuelConsumedMilliliters",
                SeriesKind::Stat(StatType::TotalFuelConsumption),
                0,
            ),
            signal("engineRpm", SeriesKind::Stat(StatType::EngineRpm), 0),
        ],
        3 * 1024,
    ),
    stats(
        "stats.health",
        &[
            signal(
                "engineOilPressureKPa",
                SeriesKind::Stat(StatType::EngineOilPressure),
                0,
            ),
            signal(
                "engineCoolantTemperatureMilliC",
                SeriesKind::Stat(StatType::EngineCoolantTemperature),
                0,
            ),
            signal(
                "batteryMilliVolts",
                SeriesKind::Stat(StatType::BatteryVoltage),
                0,
            ),
        ],
        3 * 1024,
    ),
];

/// Gateways without reception upload later, most of them within hours: history read once would
/// miss it (the vendor's own guide says so).
static REREAD: &[Reread] = &[reread(1, 1), reread(6, 6), reread(24, 24), reread(48, 24)];

const fn listing(name: &'static str, permission: &'static str, owns: &'static [Model]) -> Stream {
    Stream {
        name,
        permission,
        shape: Shape::Listing { owns },
    }
}

const fn stats(
    name: &'static str,
    signals: &'static [SignalDescriptor],
    bytes_per_partition_hour: u32,
) -> Stream {
    Stream {
        name,
        permission: "Read Vehicle Statistics",
        shape: Shape::Window(WindowShape {
            partition: PartitionBy::Vehicle,
            signals,
            settle: Duration::from_secs(2 * 60),
            max_window: hours(24),
            max_batch: 50,
            bytes_per_partition_hour,
            reread: REREAD,
        }),
    }
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
