//! What is asked of each endpoint.
//!
//! Lists go with commas (the documented spelling; one endpoint at least refuses repeated keys), and
//! `limit` only where it is known to be honoured: elsewhere it is ignored or refused.

use model::time::MINUTE_MS;
use model::{Date, Timestamp, Window, Zone};
use provider::{Partition, Request, Task};

use super::place::Place;
use super::{DESCRIPTOR, Endpoint};

/// The default and the maximum of the endpoints that have one.
const ROWS_PER_PAGE: &str = "512";

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub fn request(task: &Task<'_>) -> Request {
    let place = Place::of(task);
    let request = match Endpoint::of(task.stream) {
        Endpoint::Account => return Request::get("/me"),
        Endpoint::Vehicles => Request::get("/fleet/vehicles").query("limit", ROWS_PER_PAGE),
        Endpoint::Drivers => Request::get("/fleet/drivers")
            .query("driverActivationStatus", place.sweep.asked_as())
            .query("limit", ROWS_PER_PAGE),
        Endpoint::Groups => Request::get("/tags").query("limit", ROWS_PER_PAGE),
        Endpoint::Gateways => Request::get("/gateways"),
        Endpoint::Trailers => Request::get("/assets")
            .query("type", "trailer")
            .query("includeTags", "true")
            .query("includeExternalIds", "true"),
        Endpoint::StatsHistory => stats_history(task, &stat_types(task)),
        Endpoint::StatsFeed => {
            Request::get("/fleet/vehicles/stats/feed").query("types", stat_types(task))
        }
        Endpoint::Faults => stats_history(task, "faultCodes"),
        Endpoint::Assignments => {
            let request = Request::get("/fleet/driver-vehicle-assignments");
            let request = asked(request.query("filterBy", "vehicles"), "vehicleIds", task);
            between(request, task)
        }
        Endpoint::Trips => return trips(task),
        Endpoint::Safety | Endpoint::SafetyFeed => safety(task),
        Endpoint::HosLogs => {
            let request = asked(Request::get("/fleet/hos/logs"), "driverIds", task);
            between(request, task)
        }
        Endpoint::HosDailyLogs => {
            daily_logs(task).query("driverActivationStatus", place.sweep.asked_as())
        }
        Endpoint::Utilization => utilization(task),
        Endpoint::Ifta => ifta(task),
    };
    match place.cursor {
        "" => request,
        cursor => request.query("after", cursor),
    }
}

fn stat_types(task: &Task<'_>) -> String {
    let signals = DESCRIPTOR.signals(task.stream);
    let types: Vec<&str> = signals.iter().map(|signal| signal.name).collect();
    types.join(",")
}

fn stats_history(task: &Task<'_>, types: &str) -> Request {
    let request = Request::get("/fleet/vehicles/stats/history").query("types", types);
    let request = between(asked(request, "vehicleIds", task), task);
    request.query("limit", ROWS_PER_PAGE)
}

/// One vehicle a call, and times in milliseconds: an endpoint of the older API.
fn trips(task: &Task<'_>) -> Request {
    let request = asked(Request::get("/v1/fleet/trips"), "vehicleId", task);
    match task.window {
        None => request,
        Some(window) => request
            .query("startMs", window.from.millis().to_string())
            .query("endMs", window.until.millis().to_string()),
    }
}

/// The window stream asks by creation, which never moves; the feed by change, and without an end,
/// which is what makes its last cursor good for the next call.
fn safety(task: &Task<'_>) -> Request {
    let is_feed = matches!(Endpoint::of(task.stream), Endpoint::SafetyFeed);
    let request = Request::get("/safety-events/stream");
    let request = match (is_feed, task.window) {
        (true, window) => {
            let request = request.query("queryByTimeField", "updatedAtTime");
            match window {
                None => request,
                Some(window) => request.query("startTime", window.from.to_string()),
            }
        }
        (false, _) => between(request.query("queryByTimeField", "createdAtTime"), task),
    };
    asked(request, "assetIds", task)
        .query("includeDriver", "true")
        .query("includeAsset", "true")
        .query("includeVgOnlyEvents", "true")
}

/// Dates, both inclusive, which Samsara takes in each driver's own zone.
fn daily_logs(task: &Task<'_>) -> Request {
    let request = asked(Request::get("/fleet/hos/daily-logs"), "driverIds", task);
    match task.window {
        None => request,
        Some(window) => {
            let (first, last) = dates(task.zone, window);
            request
                .query("startDate", first.to_string())
                .query("endDate", last.to_string())
        }
    }
}

/// One day is the same day twice: the end is inclusive, and of both only date and offset count.
fn utilization(task: &Task<'_>) -> Request {
    let request = Request::get("/fleet/reports/vehicles/fuel-energy");
    let request = match task.window {
        None => request,
        Some(window) => {
            let day = local_midnight(task.zone.date_of(window.from), window.from);
            request
                .query("startDate", day.clone())
                .query("endDate", day)
        }
    };
    asked(request, "vehicleIds", task)
}

fn ifta(task: &Task<'_>) -> Request {
    let request = Request::get("/fleet/reports/ifta/vehicle");
    let request = match task.window {
        None => request,
        Some(window) => {
            let month = task.zone.date_of(window.from).month();
            let name = usize::try_from(month.number() - 1).map_or("", |index| MONTHS[index % 12]);
            request
                .query("year", month.year().to_string())
                .query("month", name)
        }
    };
    asked(request, "vehicleIds", task)
}

fn asked(request: Request, parameter: &'static str, task: &Task<'_>) -> Request {
    match task.partitions {
        [] => request,
        partitions => request.query(parameter, source_ids(partitions)),
    }
}

pub fn source_ids(partitions: &[Partition]) -> String {
    let ids: Vec<&str> = partitions
        .iter()
        .map(|partition| partition.source_id.as_str())
        .collect();
    ids.join(",")
}

fn between(request: Request, task: &Task<'_>) -> Request {
    match task.window {
        None => request,
        Some(window) => request
            .query("startTime", window.from.to_string())
            .query("endTime", window.until.to_string()),
    }
}

/// The first and the last date that a window of whole local days has.
pub fn dates(zone: &Zone, window: Window) -> (Date, Date) {
    let last = Timestamp::from_millis(window.until.millis().saturating_sub(1));
    (zone.date_of(window.from), zone.date_of(last))
}

/// A date with the offset that clocks had when it began, `2026-03-02T00:00:00-06:00`.
fn local_midnight(date: Date, start: Timestamp) -> String {
    let offset_ms = date.utc_midnight().millis().saturating_sub(start.millis());
    let sign = if offset_ms < 0 { '-' } else { '+' };
    let minutes = offset_ms.unsigned_abs() / MINUTE_MS.unsigned_abs();
    format!(
        "{date}T00:00:00{sign}{:02}:{:02}",
        minutes / 60,
        minutes % 60
    )
}
