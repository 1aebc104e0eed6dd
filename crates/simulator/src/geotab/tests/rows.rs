//! What single rows look like, and which of them a search finds.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::client::*;
use crate::FaultPlan;

fn of_device(device: &Value, from: i64, until: i64) -> Value {
    json!({
        "deviceSearch": {"id": device["id"]},
        "fromDate": days_later(from).to_string(),
        "toDate": days_later(until).to_string(),
    })
}

#[test]
fn rows_without_an_id_stand_at_the_bounds() {
    let server = server(31, FaultPlan::none());
    let client = Client::new(&server, days_later(4));
    let mut seen = 0;
    for device in client.get("Device", json!(null)) {
        let search = of_device(&device, 2, 3);
        let rows = client.get("LogRecord", search.clone());
        let (recorded, between): (Vec<&Value>, Vec<&Value>) =
            rows.iter().partition(|row| row.get("id").is_some());
        if recorded.is_empty() {
            continue;
        }
        seen += 1;
        let times: Vec<&str> = between.iter().map(|row| text(row, "dateTime")).collect();
        assert_eq!(
            times,
            [days_later(2).to_string(), days_later(3).to_string()]
        );
        assert!(recorded.iter().all(|row| row["speed"].is_u64()));
        let mut search = search;
        search["diagnosticSearch"] = json!({"id": "DiagnosticIgnitionId"});
        let rows = client.get("StatusData", search);
        let recorded = rows.iter().filter(|row| row.get("id").is_some());
        for row in recorded {
            assert_eq!(row["diagnostic"]["id"], "DiagnosticIgnitionId");
            assert!(row["data"] == json!(0) || row["data"] == json!(1));
            assert!(row["controller"] == "ControllerNoneId" || row["controller"].is_object());
        }
    }
    assert!(seen > 6);
}

#[test]
fn references_to_nobody_have_two_shapes() {
    let server = server(32, FaultPlan::none());
    let client = Client::new(&server, days_later(6));
    let mut shapes = BTreeSet::new();
    for change in client.get("DriverChange", json!({})) {
        shapes.insert(match &change["driver"] {
            Value::String(id) => format!("bare {}", id == "UnknownDriverId"),
            driver => format!("object {}", driver["id"] == "UnknownDriverId"),
        });
    }
    let wanted = ["bare true", "object false", "object true"];
    assert!(shapes.iter().eq(wanted), "{shapes:?}");
}

#[test]
fn nothing_is_ever_null() {
    fn holds_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().any(holds_null),
            Value::Object(members) => members.values().any(holds_null),
            _ => false,
        }
    }
    let faults = FaultPlan {
        forbid: None,
        ..FaultPlan::all(2)
    };
    let server = server(33, faults);
    let client = Client::new(&server, days_later(3));
    for entity in [
        "Device",
        "User",
        "Group",
        "Rule",
        "Diagnostic",
        "Controller",
        "FailureMode",
        "UnitOfMeasure",
        "Trailer",
        "TrailerAttachment",
        "Trip",
        "ExceptionEvent",
        "FaultData",
        "DutyStatusLog",
        "AnnotationLog",
        "DriverChange",
        "DeviceStatusInfo",
        "DutyStatusAvailability",
        "FuelTaxDetail",
        "FuelAndEnergyUsed",
    ] {
        let rows = loop {
            let answer = client.ask("Get", json!({"typeName": entity}));
            if answer.status == 200 && answer.cut_after_bytes.is_none() {
                let body = json_of(&answer);
                if let Some(rows) = body["result"].as_array() {
                    break rows.clone();
                }
            }
        };
        assert!(!rows.is_empty(), "{entity}");
        assert!(!rows.iter().any(holds_null), "{entity}");
    }
}

#[test]
fn trips_are_found_by_their_stops() {
    let server = server(34, FaultPlan::none());
    let client = Client::new(&server, days_later(4));
    let all = client.get("Trip", json!({}));
    let (from, until) = (days_later(2).to_string(), days_later(3).to_string());
    let wanted: BTreeSet<&str> = all
        .iter()
        .filter(|trip| *text(trip, "stop") >= *from && *text(trip, "stop") <= *until)
        .map(|trip| text(trip, "id"))
        .collect();
    let found = client.get("Trip", json!({"fromDate": from, "toDate": until}));
    let found: BTreeSet<&str> = found.iter().map(|trip| text(trip, "id")).collect();
    assert_eq!(found, wanted);
    assert!(found.len() > 10);
    for trip in &all {
        let one = client.get("Trip", json!({"id": trip["id"]}));
        assert_eq!(one.as_slice(), std::slice::from_ref(trip));
        let stands = text(trip, "nextTripStart") > text(trip, "stop");
        assert!(stands || trip["idlingDuration"] == "00:00:00");
        assert!(trip["distance"].as_f64().unwrap() < 1_500.0);
    }
    let idling = all
        .iter()
        .filter(|trip| trip["idlingDuration"] != "00:00:00");
    assert!(idling.count() > 10);
}

#[test]
fn exceptions_overlap_and_are_shown_in_every_standing() {
    let server = server(35, FaultPlan::parse("late,edit,withdraw", 6).unwrap());
    let client = Client::new(&server, days_later(20));
    let plain = client.get("ExceptionEvent", json!({}));
    let valid = |row: &&Value| row["state"] == "ExceptionEventStateValidId";
    assert_eq!(plain.iter().filter(valid).count(), plain.len());
    let flagged = |flag: &str| {
        let rows = client.get("ExceptionEvent", json!({flag: true}));
        assert!(rows.len() > plain.len(), "{flag}");
        rows
    };
    flagged("includeInvalidated");
    flagged("includeDismissedEvents");
    let with_deleted = flagged("includeDeleted");
    let gone = with_deleted
        .iter()
        .filter(|row| !row["deletedDateTime"].is_null());
    // What was processed again is there under another id.
    for gone in gone {
        let again = |row: &&Value| {
            row["device"] == gone["device"] && row["activeFrom"] == gone["activeFrom"]
        };
        assert!(
            plain
                .iter()
                .any(|row| again(&row) && row["id"] != gone["id"])
        );
    }
    let lasting = plain
        .iter()
        .find(|row| row["duration"] != "00:00:00")
        .unwrap();
    let end = &lasting["activeTo"];
    let found = client.get("ExceptionEvent", json!({"fromDate": end, "toDate": end}));
    assert!(found.contains(lasting));
    let rules: BTreeSet<&str> = plain.iter().map(|row| text(&row["rule"], "id")).collect();
    assert!(
        rules.iter().any(|id| id.starts_with('a') && id.len() == 23),
        "{rules:?}"
    );
    let known = client.get("Rule", json!(null));
    let known: BTreeSet<&str> = known.iter().map(|rule| text(rule, "id")).collect();
    assert!(rules.is_subset(&known));
}

#[test]
fn faults_name_what_is_listed() {
    let server = server(36, FaultPlan::none());
    let client = Client::new(&server, days_later(10));
    let faults = client.get("FaultData", json!({}));
    assert!(faults.len() > 10);
    for fault in &faults {
        let id = &fault["diagnostic"]["id"];
        let found = client.get("Diagnostic", json!({"id": id}));
        assert_eq!(found.len(), 1, "{fault}");
        if let Some(id) = fault["failureMode"]["id"].as_str()
            && id != "NoFailureModeId"
        {
            assert_eq!(client.get("FailureMode", json!({"id": id})).len(), 1);
        }
    }
    let states: BTreeSet<&str> = faults.iter().map(|row| text(row, "faultState")).collect();
    assert!(
        states.contains("Active") && states.contains("Inactive"),
        "{states:?}"
    );
}

#[test]
fn the_log_before_the_window_comes_with_it() {
    let server = server(37, FaultPlan::parse("edit,withdraw", 6).unwrap());
    let client = Client::new(&server, days_later(6));
    let (from, until) = (days_later(3).to_string(), days_later(4).to_string());
    let mut with_edges = 0;
    for user in client.get("User", json!({"isDriver": true})) {
        let mut search = json!({
            "userSearch": {"id": user["id"]},
            "fromDate": from,
            "toDate": until,
            "statuses": ["ON", "OFF", "D", "SB", "PC", "YM"],
        });
        let inner = client.get("DutyStatusLog", search.clone());
        search["includeBoundaryLogs"] = json!(true);
        let outer = client.get("DutyStatusLog", search);
        assert!(outer.iter().all(|row| row["status"] != "Login"));
        assert!(outer.len() <= inner.len() + 2);
        if let Some(first) = outer.first().filter(|_| outer.len() > inner.len()) {
            assert!(*text(first, "dateTime") < *from);
            with_edges += 1;
        }
        for row in outer.iter().filter(|row| row["annotations"].is_array()) {
            let id = &row["annotations"][0]["id"];
            let notes = client.get("AnnotationLog", json!({"id": id}));
            assert_eq!(notes.len(), 1, "{row}");
            assert_eq!(notes[0]["dutyStatusLog"]["id"], row["id"]);
        }
    }
    assert!(with_edges > 5, "{with_edges}");
    let all = client.get("DutyStatusLog", json!({"includeModifications": true}));
    assert!(all.iter().any(|row| row["eventRecordStatus"] == 2));
    assert!(all.iter().any(|row| row["status"] == "Login"));
}

#[test]
fn stretches_are_cut_where_the_question_ends() {
    let server = server(38, FaultPlan::none());
    let client = Client::new(&server, days_later(4));
    let whole = client.get("FuelTaxDetail", json!({}));
    let long = whole.iter().find(|row| {
        let hour = |name: &str| text(row, name)[..13].to_owned();
        hour("enterTime") != hour("exitTime")
    });
    let long = long.unwrap();
    let exit = text(long, "exitTime");
    let search = json!({
        "deviceSearch": {"id": long["device"]["id"]},
        "fromDate": exit,
        "toDate": exit,
        "includeBoundaries": false,
    });
    let cut = client.get("FuelTaxDetail", search);
    let cut = cut.iter().find(|row| row["id"] == long["id"]).unwrap();
    assert!(text(cut, "enterTime").ends_with(":00:00.000Z"));
    assert!(cut["enterOdometer"].as_f64() > long["enterOdometer"].as_f64());
    assert_eq!(cut["exitOdometer"], long["exitOdometer"]);
}

#[test]
fn everybody_is_somewhere_now() {
    let server = server(39, FaultPlan::none());
    let client = Client::new(&server, days_later(3));
    let diagnostics = json!([{"id": "DiagnosticOdometerId"}, {"id": "DiagnosticIgnitionId"}]);
    let rows = client.get("DeviceStatusInfo", json!({"diagnostics": diagnostics}));
    assert!(rows.len() > 8);
    assert!(rows.iter().any(|row| row["statusData"].is_array()));
    for row in &rows {
        let bearing = row["bearing"].as_i64().unwrap();
        assert!((-1..360).contains(&bearing));
        assert_eq!(row["isDriving"], row["speed"].as_i64().unwrap() > 0);
    }
    let trailers = client.get("Device", json!({"groups": [{"id": "GroupTrailerId"}]}));
    assert!(!trailers.is_empty());
    let entities = client.get("Trailer", json!(null));
    let joined = trailers.iter().filter(|device| {
        let id = &device["tmpTrailerId"];
        entities.iter().any(|trailer| trailer["id"] == *id)
    });
    assert!(joined.count() > 0);
}
