//! Operations of the contract that are not built yet.

use utoipa::openapi::HttpMethod::{self, Delete, Get, Post};

use super::operation::{Answer, Described, Wants};

const fn get(
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
) -> Described {
    operation(Get, path, Wants::KeyAndToken, id, tag, summary)
}

const fn operation(
    method: HttpMethod,
    path: &'static str,
    wants: Wants,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
) -> Described {
    Described {
        method,
        path,
        tag,
        summary,
        wants,
        answer: Answer::NotBuilt { id },
    }
}

pub(super) static OPERATIONS: &[Described] = &[
    operation(
        Post,
        "/public-token/exchange",
        Wants::Key,
        "publicTokenExchange",
        "Link",
        "Exchanges what the Link page gave for a connection",
    ),
    operation(
        Delete,
        "/connections/current",
        Wants::KeyAndToken,
        "deleteCurrentConnection",
        "Connections",
        "Deletes the connection of the token with all its data",
    ),
    operation(
        Post,
        "/link/short",
        Wants::Key,
        "createShortLink",
        "Link",
        "Makes a short address of the Link page",
    ),
    operation(
        Delete,
        "/link/short/{id}",
        Wants::Key,
        "deleteShortLink",
        "Link",
        "Makes a short address lead nowhere",
    ),
    operation(
        Post,
        "/issues/{issueId}/resolve",
        Wants::Key,
        "resolveIssue",
        "Issues",
        "Marks an issue as resolved",
    ),
    get(
        "/vehicles/locations",
        "listLatestVehicleLocations",
        "Vehicles",
        "Lists where vehicles are now",
    ),
    get(
        "/vehicles/utilization",
        "getVehicleUtilization",
        "Vehicles",
        "Sums up how vehicles were used, day by day",
    ),
    get("/devices", "listDevices", "Devices", "Lists devices"),
    get("/trailers", "listTrailers", "Trailers", "Lists trailers"),
    get(
        "/trailers/locations",
        "listLatestTrailerLocations",
        "Trailers",
        "Lists where trailers are now",
    ),
    get("/trips", "listTrips", "Trips", "Lists trips"),
    get(
        "/hos/available-time",
        "listHOSAvailableTime",
        "Hours of service",
        "Lists how long drivers may still drive",
    ),
    get(
        "/hos/logs",
        "listHOSLogs",
        "Hours of service",
        "Lists changes of drivers' duty status",
    ),
    get(
        "/hos/daily-logs",
        "listHOSDailyLogs",
        "Hours of service",
        "Lists drivers' days",
    ),
    get(
        "/ifta/summary",
        "getIFTASummary",
        "Fuel tax",
        "Sums up distances by jurisdiction and month",
    ),
    get(
        "/fault-codes/events",
        "listFaultCodeEvents",
        "Fault codes",
        "Lists when fault codes came and went",
    ),
    get(
        "/safety/events",
        "listSafetyEvents",
        "Safety",
        "Lists safety events",
    ),
    get(
        "/safety/events/{id}",
        "getSafetyEvent",
        "Safety",
        "Gets a safety event",
    ),
    get(
        "/safety/events/{id}/camera-media",
        "getEventCameraMedia",
        "Safety",
        "Gets pictures and films of a safety event",
    ),
    operation(
        Post,
        "/passthrough",
        Wants::KeyAndToken,
        "passthrough",
        "Passthrough",
        "Asks the provider something in its own terms",
    ),
    operation(
        Post,
        "/passthrough/raw",
        Wants::KeyAndToken,
        "rawPassthrough",
        "Passthrough",
        "Asks the provider something and gives its answer unread",
    ),
];
