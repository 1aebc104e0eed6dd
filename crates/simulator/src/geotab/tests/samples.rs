//! Against rows of the real thing, where they are at hand: every key that this server gives must
//! occur in them with the same JSON type.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::client::*;
use crate::FaultPlan;

fn folder() -> PathBuf {
    let crate_root = std::env::var_os("CARGO_MANIFEST_DIR");
    let crate_root = crate_root.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    crate_root.join("../../../shared/samples/geotab")
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

type Shape = BTreeMap<String, BTreeSet<&'static str>>;

fn shape(value: &Value, path: &str, into: &mut Shape) {
    into.entry(path.to_owned()).or_default().insert(kind(value));
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                shape(member, &format!("{path}.{key}"), into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| shape(item, path, into)),
        _ => {}
    }
}

/// The rows in a sample: of a list, of a feed, or the one that it is.
fn rows_of(sample: &Value) -> Vec<Value> {
    let payload = &sample["payload"];
    let list = payload["result"]
        .as_array()
        .or_else(|| payload["result"]["data"].as_array());
    list.cloned().unwrap_or_else(|| vec![payload.clone()])
}

/// Entity, samples, and what the reference names beside them.
const CHECKS: [(&str, &[&str], &[&str]); 13] = [
    (
        "Device",
        &[
            "get_device_seek_page1_response",
            "device_trailer",
            "demo_device",
        ],
        &[],
    ),
    ("User", &["get_user_response", "demo_user"], &[]),
    ("Group", &["demo_group"], &[]),
    (
        "Trip",
        &["get_trip_window_page1_response", "demo_trip"],
        &["deletedDateTime"],
    ),
    (
        "ExceptionEvent",
        &["get_exceptionevent_response"],
        &["details", "maxSpeed", "speedLimit", "isDriver"],
    ),
    (
        "DutyStatusLog",
        &["getfeed_dutystatuslog_page1_synthetic_shape"],
        &["coDrivers"],
    ),
    (
        "FaultData",
        &["demo_faultdata", "getfeed_faultdata_page1_synthetic_shape"],
        &[],
    ),
    (
        "FuelTaxDetail",
        &["getfeed_fueltaxdetail_page1_synthetic_shape"],
        &[],
    ),
    (
        "FuelAndEnergyUsed",
        &["getfeed_fuelandenergyused_page1_synthetic_shape"],
        &[],
    ),
    (
        "DriverChange",
        &[
            "getfeed_driverchange_page1_synthetic_shape",
            "demo_driverchange",
        ],
        &[],
    ),
    (
        "AnnotationLog",
        &["getfeed_annotationlog_page1_synthetic_shape"],
        &[],
    ),
    ("LogRecord", &["demo_logrecord"], &[]),
    (
        "StatusData",
        &[
            "demo_statusdata",
            "getfeed_statusdata_page1_synthetic_shape",
        ],
        &[],
    ),
];

#[test]
fn keys_are_those_of_the_real_thing() {
    let server = server(41, FaultPlan::none());
    let client = Client::new(&server, days_later(3));
    for (entity, samples, named) in CHECKS {
        let mut known = Shape::new();
        for name in samples {
            let Ok(text) = std::fs::read_to_string(folder().join(format!("{name}.json"))) else {
                println!("skipped: no sample {name} beside this checkout");
                continue;
            };
            let sample: Value = serde_json::from_str(&text).unwrap();
            rows_of(&sample)
                .iter()
                .for_each(|row| shape(row, "", &mut known));
        }
        if known.is_empty() {
            continue;
        }
        let mut ours = Shape::new();
        let search = json!({"fromDate": days_later(2).to_string()});
        let rows = client.get(entity, search);
        rows.iter().for_each(|row| shape(row, "", &mut ours));
        for (path, kinds) in ours {
            let is_named = named
                .iter()
                .any(|name| path.split('.').any(|key| key == *name));
            // A reference may be bare, or not, whatever the samples happen to show.
            let references = [
                "controller",
                "device",
                "diagnostic",
                "driver",
                "failureMode",
            ];
            let is_reference = references
                .iter()
                .any(|name| path.split('.').any(|key| key == *name));
            let of_sample = known.get(&path);
            let fits = of_sample.is_some_and(|known| kinds.is_subset(known));
            assert!(
                fits || is_named || is_reference,
                "{entity}{path}: {kinds:?}, sample {of_sample:?}"
            );
        }
    }
}
