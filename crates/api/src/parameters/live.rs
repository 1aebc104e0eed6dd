//! Parameters of what is asked of the provider at the moment of the call, and of issues' resolving.

use super::{
    CURSOR, DRIVER_IDS, Kind, LIST_LIMIT, Operation, Parameter, RAW, VEHICLE_IDS, parameter,
};

const fn expand(members: &'static [&'static str]) -> Parameter {
    parameter(
        "expand",
        Kind::Expand(members),
        "Members to hold whole entities in the place of ids.",
    )
}

pub(crate) static LIST_LATEST_VEHICLE_LOCATIONS: Operation = Operation {
    id: "listLatestVehicleLocations",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        VEHICLE_IDS,
        DRIVER_IDS,
        RAW,
        expand(&["vehicle", "driver"]),
    ],
};

pub(crate) static LIST_LATEST_TRAILER_LOCATIONS: Operation = Operation {
    id: "listLatestTrailerLocations",
    parameters: &[CURSOR, LIST_LIMIT, RAW, expand(&["trailer"])],
};

pub(crate) static LIST_HOS_AVAILABLE_TIME: Operation = Operation {
    id: "listHOSAvailableTime",
    parameters: &[CURSOR, LIST_LIMIT, DRIVER_IDS, RAW, expand(&["driver"])],
};

pub(crate) static GET_EVENT_CAMERA_MEDIA: Operation = Operation {
    id: "getEventCameraMedia",
    parameters: &[RAW],
};

pub(crate) static PASSTHROUGH: Operation = Operation {
    id: "passthrough",
    parameters: &[],
};

pub(crate) static RAW_PASSTHROUGH: Operation = Operation {
    id: "rawPassthrough",
    parameters: &[],
};

pub(crate) static RESOLVE_ISSUE: Operation = Operation {
    id: "resolveIssue",
    parameters: &[],
};

#[cfg(test)]
pub(super) static OPERATIONS: [&Operation; 7] = [
    &LIST_LATEST_VEHICLE_LOCATIONS,
    &LIST_LATEST_TRAILER_LOCATIONS,
    &LIST_HOS_AVAILABLE_TIME,
    &GET_EVENT_CAMERA_MEDIA,
    &PASSTHROUGH,
    &RAW_PASSTHROUGH,
    &RESOLVE_ISSUE,
];
