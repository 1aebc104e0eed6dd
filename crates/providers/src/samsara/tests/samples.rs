//! What Samsara itself sends: recorded payloads that lie beside the project, not in it (they belong
//! to others). Each file says what it is; the list below says what becomes of it, and a file that
//! it does not name fails the test, so that none is forgotten.

use std::path::Path;

use provider::{Answer, LiveOperation, LiveRows, Provider, ProviderError};
use serde_json::Value;

use super::{DESCRIPTOR, Samsara, answer, setting, stream};
use provider::{Page, Task};

/// Drafts, points and notices that a payload gives as an answer to a stream.
type Reads = &'static [(&'static str, [usize; 3])];

enum Sample {
    Page(Reads),
    /// A snapshot: objects where history has lists. Streams must refuse it; the live call for
    /// vehicles reads it, with so many rows and notices.
    Snapshot([usize; 2]),
    /// What a live call reads, with so many rows and notices.
    Live(LiveOperation, [usize; 2]),
    /// One refusal, as an answer to a stream.
    Refused(&'static str, &'static str),
    /// A list of `{status, headers, body}`, as answers to `stats.motion`.
    Errors(&'static [&'static str]),
    /// Of an endpoint that nothing here reads, and why.
    Foreign(&'static str),
}

use Sample::{Errors, Foreign, Refused, Snapshot};

const SAMPLES: &[(&str, Sample)] = &[
    (
        "composed-stats-feed.json",
        // The example's latitude is 122.142.
        Sample::Page(&[
            ("stats.motion", [0, 2, 1]),
            ("stats.distance", [0, 3, 0]),
            ("stats.engine", [0, 3, 0]),
            ("stats.health", [0, 3, 0]),
            ("feed.motion", [0, 2, 1]),
            ("feed.distance", [0, 3, 0]),
            ("feed.engine", [0, 3, 0]),
            ("feed.health", [0, 3, 0]),
            // The maker's own codes are what the notice is about.
            ("faults", [1, 0, 1]),
        ]),
    ),
    ("composed-stats-snapshot.json", Snapshot([0, 2])),
    (
        "composed-trailers-stats.json",
        Sample::Live(LiveOperation::TrailerLocations, [1, 0]),
    ),
    (
        "composed-trips-stream.json",
        Foreign("trips without a driver; the older API has him"),
    ),
    (
        "computed-oauth-token-response.json",
        Foreign("a token, not data"),
    ),
    (
        "computed-webhook-signature-vector.json",
        Foreign("a webhook"),
    ),
    (
        "docs-error-bodies.json",
        Errors(&[
            "Refused",
            "Refused",
            "Refused",
            "TooLarge",
            "Refused",
            "TooLarge",
            "SessionEnded",
            "Throttled",
            "Unavailable",
        ]),
    ),
    (
        "docs-stats-feed-sequence.json",
        Sample::Page(&[("feed.motion", [0, 1, 0])]),
    ),
    ("docs-stats-snapshot-gps.json", Snapshot([2, 0])),
    ("docs-webhook-engine-fault-on.json", Foreign("a webhook")),
    ("docs-webhook-v1-alert-headers.json", Foreign("a webhook")),
    (
        "live-addresses-page.json",
        Foreign("the address book, which the contract does not have"),
    ),
    (
        "live-addresses-terminal-page.json",
        Foreign("the address book, which the contract does not have"),
    ),
    (
        "live-asset-locations-page.json",
        Foreign("positions that the stats have too"),
    ),
    (
        "live-asset-locations-terminal-page.json",
        Foreign("positions that the stats have too"),
    ),
    (
        "live-driver-fuel-energy-reports-page.json",
        Foreign("drivers' fuel, which the contract does not have"),
    ),
    (
        "live-driver-fuel-energy-reports-terminal-page.json",
        Foreign("drivers' fuel, which the contract does not have"),
    ),
    (
        "live-driver-vehicle-assignments-page.json",
        Sample::Page(&[("assignments", [2, 0, 0])]),
    ),
    (
        "live-driver-vehicle-assignments-terminal-page.json",
        Sample::Page(&[("assignments", [2, 0, 0])]),
    ),
    (
        "live-drivers-error-enum.json",
        Refused("drivers", "Refused"),
    ),
    (
        "live-drivers-page.json",
        Sample::Page(&[("drivers", [2, 0, 0])]),
    ),
    (
        "live-drivers-terminal-page.json",
        Sample::Page(&[("drivers", [1, 0, 0])]),
    ),
    (
        "live-engine-states-page.json",
        Sample::Page(&[("stats.motion", [0, 4, 0])]),
    ),
    (
        "live-engine-states-terminal-page.json",
        Sample::Page(&[("stats.motion", [0, 1, 0])]),
    ),
    (
        "live-gps-readings-terminal-page.json",
        Sample::Page(&[("stats.motion", [0, 1, 0])]),
    ),
    // Errors of other endpoints, in the words that this one may use too.
    (
        "live-idling-events-error-limit.json",
        Refused("stats.motion", "Refused"),
    ),
    (
        "live-idling-events-error-range.json",
        Refused("stats.motion", "TooLarge"),
    ),
    (
        "live-idling-events-page.json",
        Foreign("idling, which the contract does not have"),
    ),
    (
        "live-idling-events-terminal-page.json",
        Foreign("idling, which the contract does not have"),
    ),
    (
        "live-odometer-readings-terminal-page.json",
        Sample::Page(&[("stats.distance", [0, 1, 0])]),
    ),
    (
        "live-v1-trips-error-missing-vehicleid.json",
        Refused("trips", "Refused"),
    ),
    (
        "live-v1-trips-error-range.json",
        Refused("trips", "TooLarge"),
    ),
    (
        "live-vehicle-fuel-energy-reports-page.json",
        Sample::Page(&[("utilization", [2, 0, 0])]),
    ),
    (
        "live-vehicle-fuel-energy-reports-terminal-page.json",
        Sample::Page(&[("utilization", [2, 0, 0])]),
    ),
    (
        "live-vehicles-page.json",
        Sample::Page(&[("vehicles", [9, 0, 0])]),
    ),
    (
        "live-vehicles-terminal-page.json",
        Sample::Page(&[("vehicles", [2, 0, 0])]),
    ),
    ("openapi.json", Foreign("the document of the API itself")),
    (
        "sdk-assets-location-and-speed-stream.json",
        Foreign("positions that the stats have too"),
    ),
    ("sdk-assets.json", Sample::Page(&[("trailers", [1, 0, 0])])),
    (
        "sdk-beta-hos-eld-events.json",
        Foreign("ELD events, which the contract does not have"),
    ),
    (
        "sdk-cameras-media-retrieval.json",
        Foreign("films on demand; an event names its own"),
    ),
    (
        "sdk-cameras-media.json",
        Foreign("films by time; an event names its own"),
    ),
    (
        "sdk-devices.json",
        Foreign("in beta: Samsara must enable it"),
    ),
    (
        "sdk-driver-trailer-assignments.json",
        Foreign("who pulls a trailer, which the contract does not have"),
    ),
    (
        "sdk-fleet-driver-vehicle-assignments.json",
        Sample::Page(&[("assignments", [0, 0, 0])]),
    ),
    (
        "sdk-fleet-drivers.json",
        Sample::Page(&[("drivers", [1, 0, 0])]),
    ),
    (
        "sdk-fleet-equipment-locations.json",
        Foreign("equipment, which the contract does not have"),
    ),
    (
        "sdk-fleet-hos-daily-logs.json",
        Sample::Page(&[("hos.daily", [1, 0, 0])]),
    ),
    (
        "sdk-fleet-hos-logs.json",
        Sample::Page(&[("hos.logs", [0, 0, 1])]),
    ),
    (
        "sdk-fleet-hos-violations.json",
        Foreign("violations, which the contract does not have"),
    ),
    (
        "sdk-fleet-reports-ifta-jurisdiction.json",
        Foreign("sums over all vehicles"),
    ),
    (
        "sdk-fleet-reports-ifta-vehicle.json",
        Sample::Page(&[("ifta", [1, 0, 0])]),
    ),
    (
        "sdk-fleet-reports-vehicles-fuel-energy.json",
        Sample::Page(&[("utilization", [1, 0, 1])]),
    ),
    (
        "sdk-fleet-safety-events-audit-logs-feed.json",
        Foreign("who edited an event, not the event"),
    ),
    (
        "sdk-fleet-trailers.json",
        Foreign("trailers without VIN, make and times; `/assets` has them"),
    ),
    (
        "sdk-fleet-vehicle.json",
        Foreign("one vehicle by its id, not the list"),
    ),
    (
        "sdk-fleet-vehicles-locations-feed.json",
        Foreign("positions that the stats have too"),
    ),
    (
        "sdk-fleet-vehicles-locations.json",
        Foreign("positions that the stats have too"),
    ),
    (
        "sdk-fleet-vehicles.json",
        Sample::Page(&[("vehicles", [2, 0, 0])]),
    ),
    (
        "sdk-gateways.json",
        Sample::Page(&[("gateways", [1, 0, 0])]),
    ),
    (
        "sdk-idling-events.json",
        Foreign("idling, which the contract does not have"),
    ),
    ("sdk-me.json", Sample::Page(&[("account", [0, 0, 0])])),
    (
        "sdk-readings-definitions.json",
        Foreign("another API for the same readings"),
    ),
    (
        "sdk-readings-latest.json",
        Foreign("another API for the same readings"),
    ),
    (
        "sdk-safety-events-stream.json",
        Sample::Page(&[("safety", [0, 0, 1]), ("safety.feed", [0, 0, 1])]),
    ),
    ("sdk-tags.json", Sample::Page(&[("groups", [1, 0, 0])])),
    (
        "sdk-v1-fleet-assets-locations.json",
        Foreign("the oldest gateways; `/fleet/trailers/stats` has the others"),
    ),
    (
        "sdk-v1-fleet-trailers-assignments.json",
        Foreign("who pulls a trailer, which the contract does not have"),
    ),
    (
        "sdk-v1-fleet-trips.json",
        Sample::Page(&[("trips", [1, 0, 0])]),
    ),
    (
        "sdk-v1-harsh-event.json",
        Foreign("an older form of one safety event"),
    ),
    ("sdk-webhooks.json", Foreign("webhooks")),
];

#[test]
fn recorded_payloads_are_read() {
    // Of the checkout whose tests run: this may have been compiled in another one.
    let crate_root = std::env::var("CARGO_MANIFEST_DIR");
    let crate_root = crate_root.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let folder = format!("{crate_root}/../../../shared/samples/samsara");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("skipped: the folder of recorded Samsara payloads is not here");
        return;
    };
    for file in files {
        let path = file.expect("a file").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let (_, sample) = SAMPLES
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name} is not in the list of samples"));
        check_sample(name, &path, sample);
    }
}

fn check_sample(name: &str, path: &Path, sample: &Sample) {
    if let Foreign(reason) = sample {
        return assert!(!reason.is_empty(), "{name}");
    }
    let text = std::fs::read_to_string(path).expect("readable");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let body = body_of(&file["payload"]);
    match sample {
        Sample::Page(reads) => {
            for (stream, counts) in *reads {
                let page = read(stream, &answer(200, &body)).expect(name);
                let points = page.points.iter().map(|series| series.points.len()).sum();
                let found = [page.drafts.len(), points, page.notices.len()];
                assert_eq!(found, *counts, "{name} as {stream}: {:?}", page.notices);
                assert_eq!(page.account.is_some(), *stream == "account");
            }
        }
        Snapshot(counts) => {
            for stream in ["stats.motion", "feed.motion"] {
                let error = read(stream, &answer(200, &body)).expect_err(name);
                assert_eq!(kind(&error), "UnexpectedAnswer", "{name}");
            }
            let found = asked_live(LiveOperation::VehicleLocations, &body);
            assert_eq!(found, *counts, "{name}");
        }
        Sample::Live(operation, counts) => {
            assert_eq!(asked_live(*operation, &body), *counts, "{name}");
        }
        Refused(stream, wanted) => {
            let status = status_of(&file["status"]);
            let error = read(stream, &answer(status, &body)).expect_err(name);
            assert_eq!(kind(&error), *wanted, "{name}");
        }
        Errors(wanted) => {
            let errors = file["payload"].as_array().expect("a list");
            let found: Vec<String> = errors.iter().map(refusal).collect();
            assert_eq!(found, *wanted, "{name}");
        }
        Foreign(_) => {}
    }
}

fn read(name: &str, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let setting = setting(name);
    let task = Task {
        stream: stream(name),
        ids: &setting.ids,
        zone: &setting.zone,
        // Recorded answers are of other people, except that trips do not say whose they are.
        partitions: match name {
            "trips" => &setting.partitions,
            _ => &[],
        },
        window: None,
        position: None,
    };
    let read = Samsara.read(&task, answer);
    if let Ok(page) = &read {
        let faults = provider::battery::page_faults(&DESCRIPTOR, &task, answer, page);
        assert_eq!(faults, [], "{}", DESCRIPTOR.code);
    }
    read
}

/// Rows and notices when every question of a live call is answered like this.
fn asked_live(operation: LiveOperation, body: &[u8]) -> [usize; 2] {
    let answered = super::live::walk(operation, &[], &[body, body]);
    let rows = match &answered.rows {
        LiveRows::VehicleLocations(rows) => rows.len(),
        LiveRows::TrailerLocations(rows) => rows.len(),
        LiveRows::HosAvailableTime(rows) => rows.len(),
        LiveRows::CameraMedia(row) => usize::from(row.is_some()),
    };
    [rows, answered.notices.len()]
}

fn refusal(error: &Value) -> String {
    let headers: Vec<(String, String)> = error["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = value.as_str().expect("a text");
            (name.to_lowercase(), value.to_owned())
        })
        .collect();
    let body = body_of(&error["body"]);
    let answer = Answer {
        headers: &headers,
        ..answer(status_of(&error["status"]), &body)
    };
    kind(&read("stats.motion", &answer).expect_err("a refusal"))
}

/// A text payload is a plain-text body, anything else JSON.
fn body_of(payload: &Value) -> Vec<u8> {
    match payload {
        Value::String(text) => text.clone().into_bytes(),
        json => json.to_string().into_bytes(),
    }
}

fn status_of(status: &Value) -> u16 {
    u16::try_from(status.as_u64().expect("a status")).expect("a status")
}

/// The name of the variant.
fn kind(error: &ProviderError) -> String {
    let text = format!("{error:?}");
    text.split([' ', '{']).next().unwrap_or_default().to_owned()
}
