//! Samsara: vehicles, drivers, tags and vehicle stats over its REST API.
//!
//! [`wire`] holds what it sends, [`map`] turns entities into records, [`stats`] turns history into
//! columns, [`errors`] says what a refusal means; this module asks the questions. Facts about the
//! API, with their sources, are in the folder's `README.md`.
//!
//! Absent on purpose: the stats *feed* (it has no start time, so it cannot backfill; late uploads
//! are met by reading windows again), the stats *snapshot*, `limit`s other than 512, and the tag
//! filters (a token is limited to tags in Samsara's own dashboard).

mod errors;
mod map;
mod stats;
mod streams;
mod wire;

#[cfg(test)]
mod tests;

use provider::{
    Answer, Auth, Credentials, Descriptor, Excerpt, Page, Partition, Position, Provider,
    ProviderError, Request, Secret, Shape, Stream, Task,
};

pub use streams::DESCRIPTOR;

/// The default and the maximum of every paged endpoint that is asked here.
const ROWS_PER_PAGE: &str = "512";

pub struct Samsara;

impl Provider for Samsara {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn request(&self, task: &Task<'_>) -> Request {
        let place = Place::of(task);
        let request = match Endpoint::of(task.stream) {
            Endpoint::Account => return Request::get("/me"),
            Endpoint::Vehicles => Request::get("/fleet/vehicles"),
            Endpoint::Drivers => Request::get("/fleet/drivers")
                .query("driverActivationStatus", place.sweep.asked_as()),
            Endpoint::Groups => Request::get("/tags"),
            Endpoint::Stats => stats_request(task),
        };
        let request = request.query("limit", ROWS_PER_PAGE);
        match place.cursor {
            "" => request,
            cursor => request.query("after", cursor),
        }
    }

    fn authorize(
        &self,
        _request: &Request,
        credentials: &Credentials,
    ) -> Result<Auth, ProviderError> {
        let rejected = |why: &str| ProviderError::CredentialsRejected {
            excerpt: Excerpt::of(why.as_bytes()),
        };
        let key = credentials
            .get(streams::API_KEY)
            .ok_or_else(|| rejected("no apiKey was given"))?
            .reveal()
            .trim();
        // Anything else could not stand in a header, or would end it and begin another.
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(rejected(
                "the apiKey is empty or has characters no token has",
            ));
        }
        Ok(Auth {
            header: "authorization",
            value: Secret::new(format!("Bearer {key}")),
        })
    }

    fn read(&self, task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
        if answer.status != 200 {
            return Err(errors::classify(task, answer));
        }
        match Endpoint::of(task.stream) {
            Endpoint::Account => map::account(answer),
            Endpoint::Vehicles => map::listing(task, answer, map::vehicle),
            Endpoint::Drivers => map::listing(task, answer, map::driver),
            Endpoint::Groups => map::listing(task, answer, map::group),
            Endpoint::Stats => stats::read(task, answer),
        }
    }
}

fn stats_request(task: &Task<'_>) -> Request {
    let mut request = Request::get("/fleet/vehicles/stats/history");
    if let Shape::Window(shape) = &task.stream.shape {
        let types: Vec<&str> = shape.signals.iter().map(|signal| signal.name).collect();
        request = request.query("types", types.join(","));
    }
    if !task.partitions.is_empty() {
        request = request.query("vehicleIds", vehicle_ids(task.partitions));
    }
    if let Some(window) = task.window {
        request = request
            .query("startTime", window.from.to_string())
            .query("endTime", window.until.to_string());
    }
    request
}

fn vehicle_ids(partitions: &[Partition]) -> String {
    let ids: Vec<&str> = partitions
        .iter()
        .map(|partition| partition.source_id.as_str())
        .collect();
    ids.join(",")
}

enum Endpoint {
    Account,
    Vehicles,
    Drivers,
    Groups,
    Stats,
}

impl Endpoint {
    fn of(stream: &Stream) -> Endpoint {
        match (&stream.shape, stream.name) {
            (Shape::Window(_), _) => Endpoint::Stats,
            (_, streams::VEHICLES) => Endpoint::Vehicles,
            (_, streams::DRIVERS) => Endpoint::Drivers,
            (_, streams::GROUPS) => Endpoint::Groups,
            // The one listing that is left, `account`.
            _ => Endpoint::Account,
        }
    }
}

/// Which drivers: without the second sweep the deactivated ones are invisible, and nearly half of
/// a real tenant's drivers were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sweep {
    Active,
    Deactivated,
}

impl Sweep {
    fn asked_as(self) -> &'static str {
        match self {
            Sweep::Active => "active",
            Sweep::Deactivated => "deactivated",
        }
    }
}

/// Where a task stands. The stored text is the cursor itself, and for drivers the sweep, a colon
/// and the cursor (`deactivated:` begins the second sweep): frozen.
#[derive(Clone, Copy)]
struct Place<'a> {
    sweep: Sweep,
    /// Empty at the start of a sweep.
    cursor: &'a str,
}

impl<'a> Place<'a> {
    fn of(task: &Task<'a>) -> Place<'a> {
        let text = task.position.map_or("", |position| position.0.as_str());
        let (sweep, cursor) = match (Endpoint::of(task.stream), text.split_once(':')) {
            (Endpoint::Drivers, Some(("active", cursor))) => (Sweep::Active, cursor),
            (Endpoint::Drivers, Some(("deactivated", cursor))) => (Sweep::Deactivated, cursor),
            // A driver position without a sweep was not made here: sent as it is, Samsara refuses
            // it and the stream begins anew.
            _ => (Sweep::Active, text),
        };
        Place { sweep, cursor }
    }

    /// The position of `cursor` in this sweep.
    fn at(&self, task: &Task<'_>, cursor: &str) -> Position {
        match Endpoint::of(task.stream) {
            Endpoint::Drivers => Position(format!("{}:{cursor}", self.sweep.asked_as())),
            _ => Position(cursor.to_owned()),
        }
    }

    /// What follows when this sweep has ended.
    fn next_sweep(&self, task: &Task<'_>) -> Option<Position> {
        let second = Place {
            sweep: Sweep::Deactivated,
            cursor: "",
        };
        match (Endpoint::of(task.stream), self.sweep) {
            (Endpoint::Drivers, Sweep::Active) => Some(second.at(task, "")),
            _ => None,
        }
    }
}
