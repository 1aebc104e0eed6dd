//! What is asked of each endpoint.
//!
//! Every call asks for metric units, and none names a zone: times then come in UTC. Motive ignores
//! parameters that it does not know, so a filter may always have been without effect; rows that
//! were not asked for are left out when they are read.
//!
//! The same two parameters are UTC days here, the company's days there and the driver's elsewhere.
//! Where that matters or nobody knows, a day more is asked for on either side.

use model::{Date, Timestamp, Window, Zone};
use provider::{Partition, Request, Task};

use super::Endpoint;
use super::place::{FeedPlace, Reach, SafetyList, Walk, reaches};

/// The most that Motive gives; 25 where nothing is asked for.
pub const ROWS_PER_PAGE: u64 = 100;

pub fn request(task: &Task<'_>) -> Request {
    let walk = Walk::of(task);
    match Endpoint::of(task.stream) {
        Endpoint::Account => paged("/v1/companies", walk),
        Endpoint::Vehicles => paged("/v1/vehicles", walk),
        Endpoint::Drivers => paged("/v1/users", walk).query("role", "driver"),
        Endpoint::Groups => paged("/v1/groups", walk),
        Endpoint::EldDevices => paged("/v1/eld_devices", walk),
        Endpoint::Assets => paged("/v1/assets", walk),
        Endpoint::Locations => locations(task),
        Endpoint::Trips => {
            let request = asked(paged("/v1/driving_periods", walk), "vehicle_ids[]", task);
            days(request, task, |first, last| (first.previous(), last))
        }
        Endpoint::HosLogs => hos_logs(task),
        Endpoint::HosDaily => {
            let request = asked(paged("/v1/logs", walk), "driver_ids[]", task);
            local_days(request, task)
        }
        Endpoint::Safety => safety(task),
        Endpoint::Utilization => local_days(paged("/v2/vehicle_utilization", walk), task),
        Endpoint::Ifta => {
            let request = asked(paged("/v1/ifta/summary", walk), "vehicle_ids[]", task);
            local_days(request, task)
        }
        Endpoint::IdleEvents => {
            let request = paged("/v1/idle_events", walk);
            days(request, task, |first, last| (first.previous(), last.next()))
        }
        Endpoint::Faults => {
            let request = asked(paged("/v1/fault_codes", walk), "vehicle_ids[]", task);
            match task.window {
                None => request,
                Some(window) => request.query("updated_after", window.from.to_string()),
            }
        }
        Endpoint::FaultsFeed => {
            let place = FeedPlace::of(task);
            paged("/v1/fault_codes", place.walk).query("updated_after", place.since.to_string())
        }
    }
}

pub fn get(path: impl Into<String>) -> Request {
    let mut request = Request::get(path);
    request.headers = vec![
        ("accept", "application/json".to_owned()),
        ("x-metric-units", "true".to_owned()),
    ];
    request
}

pub fn paged(path: &'static str, walk: Walk) -> Request {
    get(path)
        .query("per_page", ROWS_PER_PAGE.to_string())
        .query("page_no", walk.page.to_string())
}

/// History of one vehicle, which has no pages.
fn locations(task: &Task<'_>) -> Request {
    let vehicle = task.partitions.first();
    let source_id = vehicle.map_or("", |vehicle| vehicle.source_id.as_str());
    let request = get(format!("/v3/vehicle_locations/{source_id}"));
    days(request, task, |first, last| (first, last))
}

/// Statuses are cut at midnight, so the days on either side tell where they began and ended.
fn hos_logs(task: &Task<'_>) -> Request {
    let request = paged("/v1/logs", Walk::FIRST);
    let (request, first, last) = match (task.window, reaches(task).first()) {
        (None, _) => return asked(request, "driver_ids[]", task),
        (Some(window), reach) => {
            let (first, last) = asked_log_days(window, reach);
            let request = match reach {
                Some(reach) => request.query("driver_ids[]", reach.driver.clone()),
                None => asked(request, "driver_ids[]", task),
            };
            (request, first, last)
        }
    };
    between(request, first, last)
}

/// The dates of the logs that are asked for: a day more on either side at least.
pub fn asked_log_days(window: Window, reach: Option<&Reach>) -> (Date, Date) {
    let (first, last) = utc_dates(window);
    let (back, ahead) = reach.map_or((0, 0), |reach| (reach.days_back, reach.days_ahead));
    let first = (0..=back).fold(first, |date, _| date.previous());
    let last = (0..=ahead).fold(last, |date, _| date.next());
    (first, last)
}

fn safety(task: &Task<'_>) -> Request {
    let (list, walk) = SafetyList::of(task);
    let request = match list {
        SafetyList::Performance => performance_events(walk),
        SafetyList::Speeding => paged("/v1/speeding_events", walk),
    };
    days(request, task, |first, last| (first.previous(), last.next()))
}

/// Films are only with those that are asked for with them.
pub fn performance_events(walk: Walk) -> Request {
    paged("/v2/driver_performance_events", walk).query("media_required", "true")
}

/// The UTC days of an event and of those on either side: whose days the endpoint takes is not
/// known.
pub fn days_around(request: Request, time: Timestamp) -> Request {
    let date = Zone::utc().date_of(time);
    between(request, date.previous(), date.next())
}

fn asked(request: Request, parameter: &'static str, task: &Task<'_>) -> Request {
    of_each(request, parameter, task.partitions)
}

pub fn of_each(mut request: Request, parameter: &'static str, partitions: &[Partition]) -> Request {
    for partition in partitions {
        request = request.query(parameter, partition.source_id.as_str());
    }
    request
}

/// UTC days of the task's window, widened.
fn days(request: Request, task: &Task<'_>, widen: fn(Date, Date) -> (Date, Date)) -> Request {
    match task.window {
        None => request,
        Some(window) => {
            let (first, last) = utc_dates(window);
            let (first, last) = widen(first, last);
            between(request, first, last)
        }
    }
}

fn utc_dates(window: Window) -> (Date, Date) {
    dates(&Zone::utc(), window)
}

/// Days of the company's zone.
fn local_days(request: Request, task: &Task<'_>) -> Request {
    match task.window {
        None => request,
        Some(window) => {
            let (first, last) = dates(task.zone, window);
            between(request, first, last)
        }
    }
}

fn between(request: Request, first: Date, last: Date) -> Request {
    request
        .query("start_date", first.to_string())
        .query("end_date", last.to_string())
}

/// The first and the last date that a window has.
pub fn dates(zone: &Zone, window: Window) -> (Date, Date) {
    let last = Timestamp::from_millis(window.until.millis().saturating_sub(1));
    (zone.date_of(window.from), zone.date_of(last))
}
