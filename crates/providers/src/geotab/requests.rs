//! What is asked: one path, and in the body which entities, of whom and when.
//!
//! Windows are asked for many members at once, a call for each in one `ExecuteMultiCall`. Calls
//! that give rows name a limit, because what is beyond the default is cut without a word.

use std::time::Duration;

use model::{Timestamp, Window};
use provider::{Partition, Request, Shape, Task};
use serde_json::{Value, json};

use super::map::daily;
use super::map::faults::Code;
use super::map::hos::Annotated;
use super::map::safety::Event;
use super::place::{FEED_LIMIT, SEEK_LIMIT, step, text};
use super::session::PATH;
use super::streams::{self, FORWARD_BRAKING, MEASUREMENTS, SIDE_TO_SIDE};

pub const ROWS_LIMIT: usize = 50_000;
pub const TRIPS_LIMIT: usize = 25_000;
pub const EXCEPTIONS_LIMIT: usize = 5_000;
pub const DUTY_LIMIT: usize = 25_000;
/// Of the reference; whether the server cuts there is not known.
pub const FUEL_TAX_LIMIT: usize = 1_000;
pub const TRAILER_GROUP: &str = "GroupTrailerId";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A trip is found by its stop, and one that starts in a window may stop behind it: driving does
/// not last longer than this.
pub const LONGEST_DRIVE: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// So far behind a window the next change of driver is looked for, which ends the last one in it.
const NEXT_CHANGE: Duration = Duration::from_secs(30 * 86_400);
/// A trip starts where the one before it stopped, if that was not longer ago than this.
pub const LONGEST_STOP: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// So long before and after an event its positions are looked for.
const AROUND_EVENT: Duration = Duration::from_secs(60);

pub fn request(task: &Task<'_>) -> Request {
    match task.stream.name {
        streams::DEVICES => single(get("Device", Value::Null, seek(task)), "Get Device"),
        streams::DRIVERS => {
            let search = json!({ "isDriver": true });
            single(get("User", search, seek(task)), "Get User")
        }
        streams::GROUPS => single(get("Group", Value::Null, Paging::Whole), "Get Group"),
        streams::TRAILERS => trailers(task),
        streams::RULES => single(get("Rule", Value::Null, Paging::Whole), "Get Rule"),
        streams::DIAGNOSTICS => diagnostics(),
        _ => match &task.stream.shape {
            Shape::Window(_) => window(task),
            Shape::Listing { .. } | Shape::Feed(_) | Shape::Watch(_) => feed(task),
        },
    }
}

/// How much of what there is.
#[derive(Clone, Copy)]
pub enum Paging<'a> {
    /// All, in one answer.
    Whole,
    Limit(usize),
    /// In the order of ids, from behind this one.
    Seek(Option<&'a str>),
}

fn seek<'t>(task: &Task<'t>) -> Paging<'t> {
    Paging::Seek(text(task))
}

/// One call.
pub fn get(entity: &str, search: Value, paging: Paging<'_>) -> Value {
    let mut params = json!({ "typeName": entity });
    if !search.is_null() {
        params["search"] = search;
    }
    match paging {
        Paging::Whole => {}
        Paging::Limit(limit) => params["resultsLimit"] = limit.into(),
        Paging::Seek(offset) => {
            params["resultsLimit"] = SEEK_LIMIT.into();
            params["sort"] = json!({
                "sortBy": "id",
                "sortDirection": "asc",
                "offset": offset,
            });
        }
    }
    json!({ "method": "Get", "params": params })
}

/// A request of one call.
pub fn single(call: Value, quota: &'static str) -> Request {
    Request::post(PATH, call.to_string()).counted_as(quota)
}

/// A request of several.
pub fn several(calls: Vec<Value>, quota: &'static str) -> Request {
    let body = json!({ "method": "ExecuteMultiCall", "params": { "calls": calls } });
    Request::post(PATH, body.to_string()).counted_as(quota)
}

/// Devices that are trailers, page by page, and on the first the older entity beside them.
fn trailers(task: &Task<'_>) -> Request {
    let search = json!({ "groups": [{ "id": TRAILER_GROUP }] });
    let mut calls = vec![get("Device", search, seek(task))];
    if task.position.is_none() {
        calls.push(get("Trailer", Value::Null, Paging::Whole));
    }
    several(calls, "Get Device")
}

fn diagnostics() -> Request {
    let calls = MEASUREMENTS
        .iter()
        .map(|signal| by_id("Diagnostic", signal.name));
    several(calls.collect(), "Get Diagnostic")
}

pub fn by_id(entity: &str, id: &str) -> Value {
    get(entity, json!({ "id": id }), Paging::Whole)
}

/// From the moment at which it was begun, then from version to version. What else the search says
/// is said every time: the server keeps none of it.
fn feed(task: &Task<'_>) -> Request {
    let (entity, quota, mut search) = match task.stream.name {
        streams::LOG_RECORDS_FEED => ("LogRecord", "GetFeed LogRecord", json!({})),
        streams::STATUS_DATA_FEED => ("StatusData", "GetFeed StatusData", json!({})),
        streams::TRIPS_FEED => {
            let search = json!({ "includeDeleted": true });
            ("Trip", "GetFeed Trip", search)
        }
        streams::SAFETY_FEED => {
            let search = json!({
                "includeInvalidated": true,
                "includeDismissedEvents": true,
                "includeDeleted": true,
            });
            ("ExceptionEvent", "GetFeed ExceptionEvent", search)
        }
        streams::FAULTS_FEED => ("FaultData", "GetFeed FaultData", json!({})),
        streams::ASSIGNMENTS_FEED => ("DriverChange", "GetFeed DriverChange", json!({})),
        _ => {
            let search = json!({ "includeModifications": true });
            ("DutyStatusLog", "GetFeed DutyStatusLog", search)
        }
    };
    let mut params = json!({ "typeName": entity, "resultsLimit": FEED_LIMIT });
    match (text(task), task.window) {
        (Some(version), _) => params["fromVersion"] = version.into(),
        (None, Some(window)) => search["fromDate"] = window.from.to_string().into(),
        // Without either it answers nothing but the present version.
        (None, None) => {}
    }
    if search.as_object().is_some_and(|search| !search.is_empty()) {
        params["search"] = search;
    }
    let body = json!({ "method": "GetFeed", "params": params });
    Request::post(PATH, body.to_string()).counted_as(quota)
}

fn window(task: &Task<'_>) -> Request {
    // Nobody asks a partitioned stream of nobody; where it is shown what would be asked, it is of
    // everybody.
    let everybody = [None];
    let asked: Vec<Option<&Partition>> = match task.partitions {
        [] => everybody.to_vec(),
        partitions => partitions.iter().map(Some).collect(),
    };
    let mut calls = Vec::with_capacity(streams::MOST_CALLS);
    for partition in asked {
        of_partition(task, partition, &mut calls);
    }
    match task.stream.name {
        streams::SAFETY => of_events(&step(task), &mut calls),
        streams::FAULTS => of_codes(&step(task), &mut calls),
        streams::HOS_LOGS => of_annotations(&step(task), &mut calls),
        _ => {}
    }
    several(calls, quota(task.stream.name))
}

fn quota(stream: &str) -> &'static str {
    match stream {
        streams::LOG_RECORDS => "Get LogRecord",
        streams::STATUS_DATA => "Get StatusData",
        streams::TRIPS | streams::UTILIZATION => "Get Trip",
        streams::SAFETY => "Get ExceptionEvent",
        streams::FAULTS => "Get FaultData",
        streams::ASSIGNMENTS => "Get DriverChange",
        streams::IFTA => "Get FuelTaxDetail",
        _ => "Get DutyStatusLog",
    }
}

fn of_partition(task: &Task<'_>, partition: Option<&Partition>, calls: &mut Vec<Value>) {
    let zero = Duration::ZERO;
    let rows = Paging::Limit(ROWS_LIMIT);
    match task.stream.name {
        streams::LOG_RECORDS => {
            calls.push(get(
                "LogRecord",
                of_device(task, partition, zero, zero),
                rows,
            ));
        }
        streams::STATUS_DATA => calls.extend(MEASUREMENTS.iter().map(|signal| {
            let mut search = of_device(task, partition, zero, zero);
            search["diagnosticSearch"] = json!({ "id": signal.name });
            get("StatusData", search, rows)
        })),
        streams::TRIPS => {
            let search = of_device(task, partition, LONGEST_STOP, LONGEST_DRIVE);
            calls.push(get("Trip", search, Paging::Limit(TRIPS_LIMIT)));
        }
        streams::UTILIZATION => {
            let search = of_device(task, partition, LONGEST_DRIVE, LONGEST_DRIVE);
            calls.push(get("Trip", search, Paging::Limit(TRIPS_LIMIT)));
            let search = of_device(task, partition, zero, zero);
            calls.push(get("FuelAndEnergyUsed", search, rows));
        }
        streams::SAFETY => {
            let search = of_device(task, partition, zero, zero);
            let limit = Paging::Limit(EXCEPTIONS_LIMIT);
            calls.push(get("ExceptionEvent", search, limit));
        }
        streams::FAULTS => {
            calls.push(get(
                "FaultData",
                of_device(task, partition, zero, zero),
                rows,
            ));
        }
        streams::ASSIGNMENTS => {
            let mut search = of_device(task, partition, zero, NEXT_CHANGE);
            search["includeOverlappedChanges"] = true.into();
            calls.push(get("DriverChange", search, rows));
        }
        streams::IFTA => {
            let mut search = of_device(task, partition, zero, zero);
            search["includeBoundaries"] = false.into();
            let limit = Paging::Limit(FUEL_TAX_LIMIT);
            calls.push(get("FuelTaxDetail", search, limit));
        }
        streams::HOS_DAILY => {
            let id = partition.map_or("", |partition| partition.source_id.as_str());
            calls.push(by_id("User", id));
            calls.push(duty_logs(task, partition, daily::FURTHEST_ZONES));
        }
        _ => calls.push(duty_logs(task, partition, DAY)),
    }
}

/// The window, widened, of one device.
fn of_device(
    task: &Task<'_>,
    partition: Option<&Partition>,
    before: Duration,
    after: Duration,
) -> Value {
    let mut search = json!({});
    if let Some(partition) = partition {
        search["deviceSearch"] = json!({ "id": partition.source_id });
    }
    if let Some(Window { from, until }) = task.window {
        between(
            &mut search,
            from.saturating_sub(before),
            until.saturating_add(after),
        );
    }
    search
}

fn between(search: &mut Value, from: Timestamp, until: Timestamp) {
    search["fromDate"] = from.to_string().into();
    search["toDate"] = until.to_string().into();
}

/// Kinds of logs that begin a duty status, and the one that ends a special one.
pub const DUTY_STATUSES: [&str; 11] = [
    "ON",
    "OFF",
    "D",
    "SB",
    "PC",
    "YM",
    "WT",
    "PC_Exempted",
    "Work",
    "Rest",
    "SituationalDrivingClear",
];

/// With the statuses before and behind the window, by which those at its edges begin and end.
fn duty_logs(task: &Task<'_>, partition: Option<&Partition>, margin: Duration) -> Value {
    let mut search = of_device(task, None, margin, margin);
    if let Some(partition) = partition {
        search["userSearch"] = json!({ "id": partition.source_id });
    }
    search["includeBoundaryLogs"] = true.into();
    search["includeModifications"] = true.into();
    search["statuses"] = json!(DUTY_STATUSES);
    get("DutyStatusLog", search, Paging::Limit(DUTY_LIMIT))
}

/// The rules, and for each event where the vehicle was and how it was shaken.
fn of_events(events: &[Event], calls: &mut Vec<Value>) {
    if events.is_empty() {
        return;
    }
    calls.push(get("Rule", Value::Null, Paging::Whole));
    for event in events {
        let of = |margin: Duration| {
            let (from, until) = (
                Timestamp::from_millis(event.from_ms),
                Timestamp::from_millis(event.until_ms),
            );
            let mut search = json!({ "deviceSearch": { "id": event.device } });
            let (from, until) = (from.saturating_sub(margin), until.saturating_add(margin));
            between(&mut search, from, until);
            search
        };
        let rows = Paging::Limit(ROWS_LIMIT);
        calls.push(get("LogRecord", of(AROUND_EVENT), rows));
        for diagnostic in [FORWARD_BRAKING, SIDE_TO_SIDE] {
            let mut search = of(Duration::ZERO);
            search["diagnosticSearch"] = json!({ "id": diagnostic });
            calls.push(get("StatusData", search, rows));
        }
    }
}

fn of_codes(codes: &[Code], calls: &mut Vec<Value>) {
    for (entity, id) in super::map::faults::explanations(codes) {
        calls.push(by_id(entity, id));
    }
}

fn of_annotations(logs: &[Annotated], calls: &mut Vec<Value>) {
    let ids = logs.iter().flat_map(|log| &log.annotations);
    calls.extend(ids.map(|id| by_id("AnnotationLog", id)));
}
