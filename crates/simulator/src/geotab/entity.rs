//! The entities of this database: their names, limits and orders.

/// How many calls of a minute are taken, and how many rows an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub gets_a_minute: u32,
    pub feeds_a_minute: u32,
    pub counts_a_minute: u32,
    /// Rows of a `Get` at most.
    pub most_rows: usize,
    /// Whether a `Get` that asks for more is cut without a word, instead of being refused.
    pub cuts_silently: bool,
    pub most_fed: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Entity {
    AnnotationLog,
    Controller,
    Device,
    DeviceStatusInfo,
    Diagnostic,
    DriverChange,
    DutyStatusAvailability,
    DutyStatusLog,
    ExceptionEvent,
    FailureMode,
    FaultData,
    FuelAndEnergyUsed,
    FuelTaxDetail,
    Group,
    LogRecord,
    Rule,
    StatusData,
    Trailer,
    TrailerAttachment,
    Trip,
    UnitOfMeasure,
    User,
    /// One that exists and of which this database has none.
    Other(&'static str),
}

const OTHERS: [&str; 18] = [
    "Audit",
    "ChargeEvent",
    "CustomData",
    "DVIRLog",
    "DebugData",
    "DriverRegulation",
    "DutyStatusViolation",
    "FillUp",
    "FuelTransaction",
    "FuelUsed",
    "IoxAddOn",
    "MediaFile",
    "Route",
    "ShipmentLog",
    "TextMessage",
    "WorkTime",
    "Zone",
    "ZoneType",
];

impl Entity {
    /// `None`: there is no such entity. Case matters.
    pub fn named(name: &str) -> Option<Entity> {
        Some(match name {
            "AnnotationLog" => Entity::AnnotationLog,
            "Controller" => Entity::Controller,
            "Device" => Entity::Device,
            "DeviceStatusInfo" => Entity::DeviceStatusInfo,
            "Diagnostic" => Entity::Diagnostic,
            "DriverChange" => Entity::DriverChange,
            "DutyStatusAvailability" => Entity::DutyStatusAvailability,
            "DutyStatusLog" => Entity::DutyStatusLog,
            "ExceptionEvent" => Entity::ExceptionEvent,
            "FailureMode" => Entity::FailureMode,
            "FaultData" => Entity::FaultData,
            "FuelAndEnergyUsed" => Entity::FuelAndEnergyUsed,
            "FuelTaxDetail" => Entity::FuelTaxDetail,
            "Group" => Entity::Group,
            "LogRecord" => Entity::LogRecord,
            "Rule" => Entity::Rule,
            "StatusData" => Entity::StatusData,
            "Trailer" => Entity::Trailer,
            "TrailerAttachment" => Entity::TrailerAttachment,
            "Trip" => Entity::Trip,
            "UnitOfMeasure" => Entity::UnitOfMeasure,
            "User" => Entity::User,
            other => Entity::Other(OTHERS.into_iter().find(|known| *known == other)?),
        })
    }

    pub fn limits(self) -> Limits {
        let usual = Limits {
            gets_a_minute: 650,
            feeds_a_minute: 60,
            counts_a_minute: 100,
            most_rows: 50_000,
            cuts_silently: false,
            most_fed: 50_000,
        };
        match self {
            Entity::Device => Limits {
                feeds_a_minute: 250,
                counts_a_minute: 250,
                most_rows: 5_000,
                cuts_silently: true,
                most_fed: 5_000,
                ..usual
            },
            Entity::User => Limits {
                gets_a_minute: 100,
                most_rows: 5_000,
                cuts_silently: true,
                most_fed: 5_000,
                ..usual
            },
            Entity::ExceptionEvent => Limits {
                most_rows: 5_000,
                cuts_silently: true,
                ..usual
            },
            Entity::FaultData => Limits {
                gets_a_minute: 500,
                ..usual
            },
            Entity::LogRecord | Entity::StatusData | Entity::Trip => Limits {
                gets_a_minute: 1_000,
                most_rows: if self == Entity::Trip { 25_000 } else { 50_000 },
                ..usual
            },
            Entity::DutyStatusLog => Limits {
                gets_a_minute: 400,
                feeds_a_minute: 250,
                counts_a_minute: 250,
                most_rows: 25_000,
                ..usual
            },
            Entity::DutyStatusAvailability => Limits {
                gets_a_minute: 2_500,
                ..usual
            },
            Entity::DeviceStatusInfo => Limits {
                gets_a_minute: 900,
                ..usual
            },
            Entity::FuelTaxDetail => Limits {
                gets_a_minute: 1_000,
                most_rows: 1_000,
                ..usual
            },
            Entity::Rule | Entity::Other("FillUp" | "MediaFile" | "Route" | "Zone") => Limits {
                gets_a_minute: 1_000,
                most_fed: 10_000,
                ..usual
            },
            _ => usual,
        }
    }

    /// By what a `Get` may be sorted, in lower case.
    pub fn orders(self) -> &'static [&'static str] {
        match self {
            Entity::Device | Entity::User | Entity::Group | Entity::Trailer => &["id", "name"],
            Entity::Trip => &["id", "start", "stop"],
            Entity::LogRecord | Entity::FaultData | Entity::FuelTaxDetail => &["id", "date"],
            Entity::Diagnostic => &["version"],
            _ => &["version", "date"],
        }
    }

    /// Members that a `propertySelector` may choose among are those of these entities alone.
    pub fn has_selector(self) -> bool {
        matches!(
            self,
            Entity::Device
                | Entity::User
                | Entity::Group
                | Entity::Rule
                | Entity::LogRecord
                | Entity::Trip
        )
    }

    /// What is worked out anew for every call has no feed.
    pub fn has_feed(self) -> bool {
        !matches!(
            self,
            Entity::DutyStatusAvailability | Entity::UnitOfMeasure | Entity::Controller
        )
    }
}
