//! Against answers of the real thing, where they are at hand: every key that this server gives must
//! occur in them with the same JSON type, and its error texts must read the same.

use crate::ProviderServer;
use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::reader::*;
use crate::{FaultPlan, SamsaraServer};

/// Beside the checkout whose tests run: this may have been compiled in another one.
pub(super) fn samples() -> PathBuf {
    let crate_root = std::env::var_os("CARGO_MANIFEST_DIR");
    let crate_root = crate_root.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    crate_root.join("../../../shared/samples/samsara")
}

fn payload(name: &str) -> Option<Value> {
    let folder = samples();
    let Ok(text) = std::fs::read_to_string(folder.join(format!("{name}.json"))) else {
        println!("skipped: no sample {name} beside this checkout");
        return None;
    };
    let sample: Value = serde_json::from_str(&text).unwrap();
    Some(sample["payload"].clone())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Paths of keys with their types; lists add `[]`.
fn shape(value: &Value, path: &str, into: &mut BTreeMap<String, &'static str>) {
    into.insert(path.to_owned(), kind(value));
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                shape(member, &format!("{path}.{key}"), into);
            }
        }
        Value::Array(items) => {
            for item in items {
                shape(item, &format!("{path}[]"), into);
            }
        }
        _ => {}
    }
}

fn check_shape(server: &SamsaraServer, path: &str, samples: &[&str], newer: &[&str]) {
    let mut known = BTreeMap::new();
    for name in samples {
        let Some(payload) = payload(name) else { return };
        shape(&payload, "", &mut known);
    }
    let (status, answer) = json(server, path, after_days(1.5));
    assert_eq!(status, 200, "{path}");
    let mut ours = BTreeMap::new();
    shape(&answer, "", &mut ours);
    for (key, kind) in ours {
        if !newer.contains(&key.as_str()) {
            assert_eq!(known.get(&key), Some(&kind), "{path}: {key}");
        }
    }
}

#[test]
fn answers_have_the_shape_of_real_ones() {
    let server = server(61, 2.0, FaultPlan::none());
    let times = "startTime=2025-06-15T00:00:00Z&endTime=2025-06-17T00:00:00Z";
    let history = |types: &str| format!("/fleet/vehicles/stats/history?types={types}&{times}");
    let stats_samples = ["composed-stats-feed", "live-gps-readings-terminal-page"];
    check_shape(&server, "/me", &["sdk-me"], &[]);
    check_shape(
        &server,
        "/fleet/vehicles",
        &["live-vehicles-page", "live-vehicles-terminal-page"],
        &[],
    );
    check_shape(
        &server,
        "/fleet/drivers",
        &["live-drivers-page", "live-drivers-terminal-page"],
        // Given by the newest version of the API only, of which no sample exists.
        &[".data[].email"],
    );
    check_shape(&server, "/tags", &["sdk-tags"], &[]);
    for types in [
        "gps,engineStates,fuelPercents",
        "obdOdometerMeters,gpsOdometerMeters,obdEngineSeconds",
        "syntheticEngineSeconds,fuelConsumedMilliliters,engineOilPressureKPa",
        "engineCoolantTemperatureMilliC,engineRpm,batteryMilliVolts",
    ] {
        check_shape(&server, &history(types), &stats_samples, &[]);
        check_shape(
            &server,
            &format!("/fleet/vehicles/stats?types={types}"),
            &["composed-stats-snapshot", "live-vehicles-page"],
            &[],
        );
    }
}

#[test]
fn errors_read_as_real_ones() {
    let server = server(62, 1.0, FaultPlan::none());
    let message = |path: &str| {
        let (status, body) = json(&server, path, after_days(1.0));
        (u64::from(status), body["message"].clone())
    };
    if let Some(sample) = payload("live-drivers-error-enum") {
        let (status, text) = message("/fleet/drivers?driverActivationStatus=x");
        assert_eq!((status, &text), (400, &sample["message"]));
    }
    if let Some(samples) = payload("docs-error-bodies") {
        let of = |when: &str| {
            let found = samples
                .as_array()
                .unwrap()
                .iter()
                .find(|s| s["when"] == when);
            found.unwrap()["body"]["message"].clone()
        };
        let (_, text) = message("/fleet/vehicles/stats?types=bogusType");
        assert_eq!(text, of("unknown value in types"));
        let answer = server.answer(&crate::SimRequest::get("/me"), after_days(1.0));
        let body: Value = serde_json::from_str(&text_of(&answer)).unwrap();
        let bad_bearer = "bad bearer; a live capture read: invalid token";
        assert_eq!(body["message"], of(bad_bearer));
    }
}

fn text_of(answer: &crate::SimAnswer) -> String {
    text(answer)
}
