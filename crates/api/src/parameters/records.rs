//! Parameters of the lists of events, days, months and of what is not a vehicle or driver.

use super::{
    CURSOR, DELETED, DRIVER_IDS, END_AT, Kind, LIST_LIMIT, MODIFIED_AFTER, MODIFIED_BEFORE,
    Operation, Parameter, RAW, START_AT, VEHICLE_IDS, parameter,
};

const fn expand(members: &'static [&'static str]) -> Parameter {
    parameter(
        "expand",
        Kind::Expand(members),
        "Members to hold whole entities in the place of ids.",
    )
}

const fn required(parameter: Parameter) -> Parameter {
    Parameter {
        required: true,
        ..parameter
    }
}

const STARTED_AFTER: Parameter = parameter(
    "startedAfter",
    Kind::Time,
    "Only what began at this time or later.",
);
const STARTED_BEFORE: Parameter = parameter(
    "startedBefore",
    Kind::Time,
    "Only what began before this time.",
);
const START_DATE: Parameter =
    parameter("startDate", Kind::Date, "Only days of this date or later.");
const END_DATE: Parameter = parameter(
    "endDate",
    Kind::Date,
    "Only days of this date or earlier: the date itself is among them.",
);

pub(crate) static LIST_DEVICES: Operation = Operation {
    id: "listDevices",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        RAW,
        DELETED,
        expand(&["vehicle"]),
    ],
};

pub(crate) static LIST_TRAILERS: Operation = Operation {
    id: "listTrailers",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        RAW,
        DELETED,
        expand(&["groups"]),
    ],
};

pub(crate) static LIST_TRIPS: Operation = Operation {
    id: "listTrips",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        STARTED_AFTER,
        STARTED_BEFORE,
        parameter(
            "endedAfter",
            Kind::Time,
            "Only what ended at this time or later.",
        ),
        parameter(
            "endedBefore",
            Kind::Time,
            "Only what ended before this time.",
        ),
        DRIVER_IDS,
        VEHICLE_IDS,
        RAW,
        expand(&["vehicle", "driver"]),
    ],
};

pub(crate) static LIST_SAFETY_EVENTS: Operation = Operation {
    id: "listSafetyEvents",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        STARTED_AFTER,
        STARTED_BEFORE,
        DRIVER_IDS,
        VEHICLE_IDS,
        RAW,
        expand(&["vehicle", "driver"]),
    ],
};

pub(crate) static GET_SAFETY_EVENT: Operation = Operation {
    id: "getSafetyEvent",
    parameters: &[RAW, expand(&["driver", "vehicle"])],
};

pub(crate) static LIST_FAULT_CODE_EVENTS: Operation = Operation {
    id: "listFaultCodeEvents",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        START_AT,
        END_AT,
        VEHICLE_IDS,
        RAW,
        expand(&["vehicle"]),
    ],
};

pub(crate) static LIST_HOS_LOGS: Operation = Operation {
    id: "listHOSLogs",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        STARTED_AFTER,
        STARTED_BEFORE,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        DRIVER_IDS,
        RAW,
        expand(&["driver", "vehicle", "codrivers"]),
    ],
};

pub(crate) static LIST_HOS_DAILY_LOGS: Operation = Operation {
    id: "listHOSDailyLogs",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        START_DATE,
        END_DATE,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        DRIVER_IDS,
        RAW,
        expand(&["driver"]),
    ],
};

pub(crate) static GET_VEHICLE_UTILIZATION: Operation = Operation {
    id: "getVehicleUtilization",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        START_DATE,
        END_DATE,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        VEHICLE_IDS,
        RAW,
        expand(&["vehicle"]),
    ],
};

/// There is no limit: the server chooses how long its pages are.
pub(crate) static GET_IFTA_SUMMARY: Operation = Operation {
    id: "getIFTASummary",
    parameters: &[
        CURSOR,
        required(parameter(
            "startMonth",
            Kind::Month,
            "The first month whose distances count.",
        )),
        required(parameter(
            "endMonth",
            Kind::Month,
            "The last month whose distances count: the month itself is among them.",
        )),
        parameter(
            "groupBy",
            Kind::Choice(&[
                "vehicle,jurisdiction",
                "jurisdiction",
                "vehicle",
                "vehicle,jurisdiction,month",
            ]),
            "What a row is a sum of; of vehicle and jurisdiction without it.",
        ),
        RAW,
        expand(&["vehicle"]),
    ],
};

#[cfg(test)]
pub(super) static OPERATIONS: [&Operation; 10] = [
    &LIST_DEVICES,
    &LIST_TRAILERS,
    &LIST_TRIPS,
    &LIST_SAFETY_EVENTS,
    &GET_SAFETY_EVENT,
    &LIST_FAULT_CODE_EVENTS,
    &LIST_HOS_LOGS,
    &LIST_HOS_DAILY_LOGS,
    &GET_VEHICLE_UTILIZATION,
    &GET_IFTA_SUMMARY,
];
