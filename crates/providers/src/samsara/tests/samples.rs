//! What Samsara itself sends: recorded payloads that lie beside the project, not in it (they belong
//! to others). Each file says what it is; the list below says what becomes of it, and a file that
//! it does not name fails the test, so that none is forgotten.

use std::path::Path;

use provider::{Answer, Provider, ProviderError};
use serde_json::Value;

use super::{DESCRIPTOR, Samsara, answer, ids, stream};
use provider::{Page, Task};

/// Drafts, points and notices that a payload gives as an answer to a stream.
type Reads = &'static [(&'static str, [usize; 3])];

enum Sample {
    Page(Reads),
    /// A snapshot: objects where history has lists. No stream reads it; it must be refused.
    Snapshot,
    /// One refusal, as an answer to a stream.
    Refused(&'static str, &'static str),
    /// A list of `{status, headers, body}`, as answers to `stats.motion`.
    Errors(&'static [&'static str]),
    /// Of an endpoint that no stream reads.
    Foreign,
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
        ]),
    ),
    ("composed-stats-snapshot.json", Snapshot),
    ("composed-trailers-stats.json", Foreign),
    ("composed-trips-stream.json", Foreign),
    ("computed-oauth-token-response.json", Foreign),
    ("computed-webhook-signature-vector.json", Foreign),
    (
        "docs-error-bodies.json",
        Errors(&[
            "Refused",
            "Refused",
            "Refused",
            "TooLarge",
            "Refused",
            "TooLarge",
            "CredentialsRejected",
            "Throttled",
            "Unavailable",
        ]),
    ),
    (
        "docs-stats-feed-sequence.json",
        Sample::Page(&[("stats.motion", [0, 1, 0])]),
    ),
    ("docs-stats-snapshot-gps.json", Snapshot),
    ("docs-webhook-engine-fault-on.json", Foreign),
    ("docs-webhook-v1-alert-headers.json", Foreign),
    ("live-addresses-page.json", Foreign),
    ("live-addresses-terminal-page.json", Foreign),
    ("live-asset-locations-page.json", Foreign),
    ("live-asset-locations-terminal-page.json", Foreign),
    ("live-driver-fuel-energy-reports-page.json", Foreign),
    (
        "live-driver-fuel-energy-reports-terminal-page.json",
        Foreign,
    ),
    ("live-driver-vehicle-assignments-page.json", Foreign),
    (
        "live-driver-vehicle-assignments-terminal-page.json",
        Foreign,
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
    ("live-idling-events-page.json", Foreign),
    ("live-idling-events-terminal-page.json", Foreign),
    (
        "live-odometer-readings-terminal-page.json",
        Sample::Page(&[("stats.distance", [0, 1, 0])]),
    ),
    (
        "live-v1-trips-error-missing-vehicleid.json",
        Refused("stats.motion", "Refused"),
    ),
    (
        "live-v1-trips-error-range.json",
        Refused("stats.motion", "TooLarge"),
    ),
    ("live-vehicle-fuel-energy-reports-page.json", Foreign),
    (
        "live-vehicle-fuel-energy-reports-terminal-page.json",
        Foreign,
    ),
    (
        "live-vehicles-page.json",
        Sample::Page(&[("vehicles", [6, 0, 0])]),
    ),
    (
        "live-vehicles-terminal-page.json",
        Sample::Page(&[("vehicles", [1, 0, 0])]),
    ),
    // The document of the API itself.
    ("openapi.json", Foreign),
    ("sdk-assets-location-and-speed-stream.json", Foreign),
    ("sdk-assets.json", Foreign),
    ("sdk-beta-hos-eld-events.json", Foreign),
    ("sdk-cameras-media-retrieval.json", Foreign),
    ("sdk-cameras-media.json", Foreign),
    ("sdk-devices.json", Foreign),
    ("sdk-driver-trailer-assignments.json", Foreign),
    ("sdk-fleet-driver-vehicle-assignments.json", Foreign),
    (
        "sdk-fleet-drivers.json",
        Sample::Page(&[("drivers", [1, 0, 0])]),
    ),
    ("sdk-fleet-equipment-locations.json", Foreign),
    ("sdk-fleet-hos-daily-logs.json", Foreign),
    ("sdk-fleet-hos-logs.json", Foreign),
    ("sdk-fleet-hos-violations.json", Foreign),
    ("sdk-fleet-reports-ifta-jurisdiction.json", Foreign),
    ("sdk-fleet-reports-ifta-vehicle.json", Foreign),
    ("sdk-fleet-reports-vehicles-fuel-energy.json", Foreign),
    ("sdk-fleet-safety-events-audit-logs-feed.json", Foreign),
    ("sdk-fleet-trailers.json", Foreign),
    // One vehicle by its id, not the list.
    ("sdk-fleet-vehicle.json", Foreign),
    ("sdk-fleet-vehicles-locations-feed.json", Foreign),
    ("sdk-fleet-vehicles-locations.json", Foreign),
    (
        "sdk-fleet-vehicles.json",
        Sample::Page(&[("vehicles", [1, 0, 0])]),
    ),
    ("sdk-gateways.json", Foreign),
    ("sdk-idling-events.json", Foreign),
    ("sdk-me.json", Sample::Page(&[("account", [0, 0, 0])])),
    ("sdk-readings-definitions.json", Foreign),
    ("sdk-readings-latest.json", Foreign),
    ("sdk-safety-events-stream.json", Foreign),
    ("sdk-tags.json", Sample::Page(&[("groups", [1, 0, 0])])),
    ("sdk-v1-fleet-assets-locations.json", Foreign),
    ("sdk-v1-fleet-trailers-assignments.json", Foreign),
    ("sdk-v1-fleet-trips.json", Foreign),
    ("sdk-v1-harsh-event.json", Foreign),
    ("sdk-webhooks.json", Foreign),
];

#[test]
fn recorded_payloads_are_read() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/samples/samsara"
    );
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
    if matches!(sample, Foreign) {
        return;
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
        Snapshot => {
            let error = read("stats.motion", &answer(200, &body)).expect_err(name);
            assert_eq!(kind(&error), "UnexpectedAnswer", "{name}");
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
        Foreign => {}
    }
}

fn read(name: &str, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let ids = ids();
    let task = Task {
        stream: stream(name),
        ids: &ids,
        partitions: &[],
        window: None,
        position: None,
    };
    let read = Samsara.read(&task, answer);
    if let Ok(page) = &read {
        let faults = provider::battery::page_faults(&task, answer, page);
        assert_eq!(faults, [], "{}", DESCRIPTOR.code);
    }
    read
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
