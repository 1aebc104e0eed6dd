//! Against answers of the real thing, where they are at hand: every key of theirs must be among
//! ours, with a JSON type that both have somewhere, and refusals must read the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::*;

fn payload(name: &str) -> Option<Value> {
    let crate_root = std::env::var_os("CARGO_MANIFEST_DIR");
    let crate_root = crate_root.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    let folder = crate_root.join("../../../shared/samples/motive");
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

type Shape = BTreeMap<String, BTreeSet<&'static str>>;

/// Paths of keys with all types seen; lists add `[]`.
fn shape(value: &Value, path: &str, into: &mut Shape) {
    into.entry(path.to_owned()).or_default().insert(kind(value));
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

/// `without`: keys of theirs that this fleet never has a value under.
fn check(server: &MotiveServer, path: &str, samples: &[&str], without: &[&str]) {
    let mut known = Shape::new();
    for name in samples {
        let Some(payload) = payload(name) else { return };
        shape(&payload, "", &mut known);
    }
    let mut ours = Shape::new();
    for page in 1..=3 {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}per_page=100&page_no={page}");
        shape(&json(server, &path), "", &mut ours);
    }
    for (key, kinds) in &known {
        if without.iter().any(|absent| key.contains(absent)) {
            continue;
        }
        let Some(own) = ours.get(key) else {
            panic!("{path} lacks {key}");
        };
        let may_be_null = own.contains("null") || kinds.contains("null");
        assert!(
            may_be_null || own.is_subset(kinds),
            "{path} {key}: {own:?}, not {kinds:?}"
        );
    }
}

#[test]
fn keys_of_samples_are_ours() {
    let server = plain(51);
    let days = "start_date=2026-03-07&end_date=2026-03-11";
    let vehicles = ["fp2026_vehicle_full", "docs2022_vehicles"];
    check(&server, "/v1/vehicles", &vehicles, &["external_ids[]"]);
    let users = ["fp2026_users_p1", "fp2026_users_p2"];
    check(&server, "/v1/users", &users, &[]);
    check(&server, "/v1/groups", &["fp2026_groups_p1"], &[]);
    check(
        &server,
        "/v1/assets",
        &["docs2022_assets"],
        &["external_ids[]"],
    );
    check(&server, "/v1/eld_devices", &["kt2017_eld_devices"], &[]);
    let path = "/v1/vehicle_locations";
    check(&server, path, &["kt2017_vehicle_locations_list_v1"], &[]);
    let vehicle = super::super::ids::vehicle(0);
    let path = format!("/v3/vehicle_locations/{vehicle}?{days}");
    check(
        &server,
        &path,
        &["fp2026_vehicle_locations_history_v3"],
        &[],
    );
    let path = format!("/v1/vehicle_locations/{vehicle}?{days}");
    check(
        &server,
        &path,
        &["kt2017_vehicle_locations_history_v1"],
        &[],
    );
    let periods = ["fp2026_driving_periods_p1", "fp2026_driving_periods_p2"];
    check(
        &server,
        &format!("/v1/driving_periods?{days}"),
        &periods,
        &[],
    );
    let idle = ["fp2026_idle_events_p1", "fp2026_idle_events_rg_no_match"];
    check(&server, &format!("/v1/idle_events?{days}"), &idle, &[]);
    let path = format!("/v2/vehicle_utilization?{days}");
    check(&server, &path, &["fp2026_vehicle_utilization_v2_p1"], &[]);
    let path = format!("/v1/vehicle_utilization?{days}");
    check(
        &server,
        &path,
        &["vehicle_utilization_v1_schema_observed"],
        &[],
    );
    let drivers = [
        "fp2026_driver_utilization_v2_p1",
        "fp2026_driver_utilization_v2_p2",
    ];
    check(
        &server,
        &format!("/v2/driver_utilization?{days}"),
        &drivers,
        &[],
    );
    let logs = &["cycle_restarts[]", "hos_violations[]"];
    check(&server, &format!("/v1/logs?{days}"), &["kt2017_logs"], logs);
    let path = format!("/v1/hours_of_service?{days}");
    check(&server, &path, &["kt2017_hours_of_service"], &[]);
    let recap = &["duration[]", "last_cycle_reset.", "driver_company_id"];
    check(
        &server,
        "/v1/available_time",
        &["kt2017_available_time"],
        recap,
    );
    let path = format!("/v1/ifta/summary?{days}");
    check(&server, &path, &["kt2017_ifta_summary"], &[]);
    let path = format!("/v1/ifta/trips?{days}");
    check(&server, &path, &["kt2017_ifta_trips"], &[]);
}

#[test]
fn an_event_has_the_keys_of_the_sample() {
    let Some(event) = payload("pd2023_driver_performance_event_v1") else {
        return;
    };
    let server = plain(52);
    let path = "/v1/driver_performance_events?start_date=2026-03-07&end_date=2026-03-11";
    let found = all(
        &server,
        path,
        "driver_performance_events",
        "driver_performance_event",
    );
    for key in event.as_object().unwrap().keys() {
        assert!(found.iter().all(|one| one.get(key).is_some()), "{key}");
    }
    let points = found[0]["m_gps_spd"].as_array().unwrap().len();
    assert_eq!(points, event["m_gps_spd"].as_array().unwrap().len());
}

#[test]
fn refusals_read_the_same() {
    let server = plain(53);
    if let Some(known) = payload("error_401_invalid_key") {
        let request = SimRequest::get("/v1/users").with_header("X-Api-Key", "nonsense");
        assert_eq!(ask(&server, &request), (401, known));
    }
    if let Some(known) = payload("error_400_range_cap") {
        let path = "/v1/driving_periods?start_date=2026-01-01&end_date=2026-02-11";
        assert_eq!(ask(&server, &get(path)), (400, known));
    }
}
