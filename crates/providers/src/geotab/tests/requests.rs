//! What is asked.

use expect_test::expect;
use serde_json::Value;

use super::super::streams::MOST_CALLS;
use super::{fixture, geotab, position_after, with_task, wrapped};

fn body(stream: &str, position: Option<&str>) -> Value {
    with_task(stream, position, |task| {
        let request = geotab().request(task);
        assert_eq!(request.path, "/apiv1");
        serde_json::from_str(request.body.as_deref().expect("a body")).expect("JSON")
    })
}

/// The calls of a request, a line each.
fn calls(stream: &str, position: Option<&str>) -> String {
    let body = body(stream, position);
    let calls = match &body["params"]["calls"] {
        Value::Array(calls) => calls.clone(),
        _ => vec![body],
    };
    assert!(calls.len() <= MOST_CALLS);
    let lines: Vec<String> = calls.iter().map(Value::to_string).collect();
    lines.join("\n")
}

#[test]
fn each_stream_asks_in_its_own_words() {
    let all: Vec<String> = geotab()
        .descriptor()
        .streams
        .iter()
        .map(|stream| {
            let request = with_task(stream.name, None, |task| geotab().request(task));
            let asked = calls(stream.name, None);
            let shown: Vec<String> = asked.lines().take(3).map(wrapped).collect();
            format!("{} ({})\n{}", stream.name, request.quota, shown.join("\n"))
        })
        .collect();
    expect![[r#"
        devices (Get Device)
        {"method":"Get","params":{"resultsLimit":5000,"sort":{"offset":null,
          "sortBy":"id","sortDirection":"asc"},"typeName":"Device"}}

        drivers (Get User)
        {"method":"Get","params":{"resultsLimit":5000,"search":{"isDriver":true},
          "sort":{"offset":null,"sortBy":"id","sortDirection":"asc"},
          "typeName":"User"}}

        groups (Get Group)
        {"method":"Get","params":{"typeName":"Group"}}

        trailers (Get Device)
        {"method":"Get","params":{"resultsLimit":5000,
          "search":{"groups":[{"id":"GroupTrailerId"}]},"sort":{"offset":null,
          "sortBy":"id","sortDirection":"asc"},"typeName":"Device"}}
        {"method":"Get","params":{"typeName":"Trailer"}}

        rules (Get Rule)
        {"method":"Get","params":{"typeName":"Rule"}}

        diagnostics (Get Diagnostic)
        {"method":"Get","params":{"search":{"id":"DiagnosticOdometerId"},
          "typeName":"Diagnostic"}}
        {"method":"Get","params":{"search":{"id":"DiagnosticRawOdometerId"},
          "typeName":"Diagnostic"}}
        {"method":"Get","params":{"search":{"id":"DiagnosticEngineHoursId"},
          "typeName":"Diagnostic"}}

        log_records.feed (GetFeed LogRecord)
        {"method":"GetFeed","params":{"resultsLimit":50000,
          "search":{"fromDate":"2026-03-01T08:00:00.000Z"},"typeName":"LogRecord"}}

        status_data.feed (GetFeed StatusData)
        {"method":"GetFeed","params":{"resultsLimit":50000,
          "search":{"fromDate":"2026-03-01T08:00:00.000Z"},"typeName":"StatusData"}}

        trips.feed (GetFeed Trip)
        {"method":"GetFeed","params":{"resultsLimit":50000,
          "search":{"fromDate":"2026-03-01T08:00:00.000Z","includeDeleted":true},
          "typeName":"Trip"}}

        safety.feed (GetFeed ExceptionEvent)
        {"method":"GetFeed","params":{"resultsLimit":50000,
          "search":{"fromDate":"2026-03-01T08:00:00.000Z","includeDeleted":true,
          "includeDismissedEvents":true,"includeInvalidated":true},
          "typeName":"ExceptionEvent"}}

        faults.feed (GetFeed FaultData)
        {"method":"GetFeed","params":{"resultsLimit":50000,
          "search":{"fromDate":"2026-03-01T08:00:00.000Z"},"typeName":"FaultData"}}

        assignments.feed (GetFeed DriverChange)
        {"method":"GetFeed","params":{"resultsLimit":50000,
          "search":{"fromDate":"2026-03-01T08:00:00.000Z"},"typeName":"DriverChange"}}

        hos.feed (GetFeed DutyStatusLog)
        {"method":"GetFeed","params":{"resultsLimit":50000,
          "search":{"fromDate":"2026-03-01T08:00:00.000Z",
          "includeModifications":true},"typeName":"DutyStatusLog"}}

        log_records (Get LogRecord)
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"LogRecord"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"LogRecord"}}

        status_data (Get StatusData)
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},
          "diagnosticSearch":{"id":"DiagnosticOdometerId"},
          "fromDate":"2026-03-01T08:00:00.000Z","toDate":"2026-03-01T09:00:00.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},
          "diagnosticSearch":{"id":"DiagnosticRawOdometerId"},
          "fromDate":"2026-03-01T08:00:00.000Z","toDate":"2026-03-01T09:00:00.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},
          "diagnosticSearch":{"id":"DiagnosticEngineHoursId"},
          "fromDate":"2026-03-01T08:00:00.000Z","toDate":"2026-03-01T09:00:00.000Z"},
          "typeName":"StatusData"}}

        assignments (Get DriverChange)
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T08:00:00.000Z",
          "includeOverlappedChanges":true,"toDate":"2026-03-31T09:00:00.000Z"},
          "typeName":"DriverChange"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T08:00:00.000Z",
          "includeOverlappedChanges":true,"toDate":"2026-03-31T09:00:00.000Z"},
          "typeName":"DriverChange"}}

        trips (Get Trip)
        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-02-15T08:00:00.000Z",
          "toDate":"2026-03-03T09:00:00.000Z"},"typeName":"Trip"}}
        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-02-15T08:00:00.000Z",
          "toDate":"2026-03-03T09:00:00.000Z"},"typeName":"Trip"}}

        utilization (Get Trip)
        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-02-27T06:00:00.000Z",
          "toDate":"2026-03-04T06:00:00.000Z"},"typeName":"Trip"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T06:00:00.000Z",
          "toDate":"2026-03-02T06:00:00.000Z"},"typeName":"FuelAndEnergyUsed"}}
        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-02-27T06:00:00.000Z",
          "toDate":"2026-03-04T06:00:00.000Z"},"typeName":"Trip"}}

        safety (Get ExceptionEvent)
        {"method":"Get","params":{"resultsLimit":5000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"ExceptionEvent"}}
        {"method":"Get","params":{"resultsLimit":5000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"ExceptionEvent"}}

        faults (Get FaultData)
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"FaultData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"FaultData"}}

        hos.logs (Get DutyStatusLog)
        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"fromDate":"2026-02-28T08:00:00.000Z","includeBoundaryLogs":true,
          "includeModifications":true,"statuses":["ON","OFF","D","SB","PC","YM","WT",
          "PC_Exempted","Work","Rest","SituationalDrivingClear"],
          "toDate":"2026-03-02T09:00:00.000Z","userSearch":{"id":"b101"}},
          "typeName":"DutyStatusLog"}}
        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"fromDate":"2026-02-28T08:00:00.000Z","includeBoundaryLogs":true,
          "includeModifications":true,"statuses":["ON","OFF","D","SB","PC","YM","WT",
          "PC_Exempted","Work","Rest","SituationalDrivingClear"],
          "toDate":"2026-03-02T09:00:00.000Z","userSearch":{"id":"b102"}},
          "typeName":"DutyStatusLog"}}

        hos.daily (Get DutyStatusLog)
        {"method":"Get","params":{"search":{"id":"b101"},"typeName":"User"}}
        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"fromDate":"2026-02-28T04:00:00.000Z","includeBoundaryLogs":true,
          "includeModifications":true,"statuses":["ON","OFF","D","SB","PC","YM","WT",
          "PC_Exempted","Work","Rest","SituationalDrivingClear"],
          "toDate":"2026-03-03T08:00:00.000Z","userSearch":{"id":"b101"}},
          "typeName":"DutyStatusLog"}}
        {"method":"Get","params":{"search":{"id":"b102"},"typeName":"User"}}

        ifta (Get FuelTaxDetail)
        {"method":"Get","params":{"resultsLimit":1000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T06:00:00.000Z",
          "includeBoundaries":false,"toDate":"2026-04-01T05:00:00.000Z"},
          "typeName":"FuelTaxDetail"}}
        {"method":"Get","params":{"resultsLimit":1000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T06:00:00.000Z",
          "includeBoundaries":false,"toDate":"2026-04-01T05:00:00.000Z"},
          "typeName":"FuelTaxDetail"}}"#]]
    .assert_eq(&all.join("\n\n"));
}

#[test]
fn positions_say_what_is_asked_beside_or_behind() {
    let mut all = vec![
        calls("devices", Some("b9")),
        calls("trailers", Some("bA")),
        calls("log_records.feed", Some("00000000034561f1")),
        calls("trips.feed", Some("00000000034561f3")),
    ];
    for (stream, first) in [
        ("safety", fixture!("safety")),
        ("faults", fixture!("faults")),
        ("hos.logs", fixture!("hos-logs")),
    ] {
        all.push(calls(stream, Some(&position_after(stream, first))));
    }
    let all: Vec<String> = all
        .iter()
        .map(|calls| calls.lines().map(wrapped).collect::<Vec<_>>().join("\n"))
        .collect();
    expect![[r#"
        {"method":"Get","params":{"resultsLimit":5000,"sort":{"offset":"b9",
          "sortBy":"id","sortDirection":"asc"},"typeName":"Device"}}

        {"method":"Get","params":{"resultsLimit":5000,
          "search":{"groups":[{"id":"GroupTrailerId"}]},"sort":{"offset":"bA",
          "sortBy":"id","sortDirection":"asc"},"typeName":"Device"}}

        {"method":"GetFeed","params":{"fromVersion":"00000000034561f1",
          "resultsLimit":50000,"typeName":"LogRecord"}}

        {"method":"GetFeed","params":{"fromVersion":"00000000034561f3",
          "resultsLimit":50000,"search":{"includeDeleted":true},"typeName":"Trip"}}

        {"method":"Get","params":{"resultsLimit":5000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"ExceptionEvent"}}
        {"method":"Get","params":{"resultsLimit":5000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"ExceptionEvent"}}
        {"method":"Get","params":{"typeName":"Rule"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T08:04:00.000Z",
          "toDate":"2026-03-01T08:06:04.000Z"},"typeName":"LogRecord"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},
          "diagnosticSearch":{"id":"DiagnosticAccelerationForwardBrakingId"},
          "fromDate":"2026-03-01T08:05:00.000Z","toDate":"2026-03-01T08:05:04.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},
          "diagnosticSearch":{"id":"DiagnosticAccelerationSideToSideId"},
          "fromDate":"2026-03-01T08:05:00.000Z","toDate":"2026-03-01T08:05:04.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T08:19:00.000Z",
          "toDate":"2026-03-01T08:21:00.000Z"},"typeName":"LogRecord"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},
          "diagnosticSearch":{"id":"DiagnosticAccelerationForwardBrakingId"},
          "fromDate":"2026-03-01T08:20:00.000Z","toDate":"2026-03-01T08:20:00.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},
          "diagnosticSearch":{"id":"DiagnosticAccelerationSideToSideId"},
          "fromDate":"2026-03-01T08:20:00.000Z","toDate":"2026-03-01T08:20:00.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T08:29:00.000Z",
          "toDate":"2026-03-01T08:32:00.000Z"},"typeName":"LogRecord"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},
          "diagnosticSearch":{"id":"DiagnosticAccelerationForwardBrakingId"},
          "fromDate":"2026-03-01T08:30:00.000Z","toDate":"2026-03-01T08:31:00.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},
          "diagnosticSearch":{"id":"DiagnosticAccelerationSideToSideId"},
          "fromDate":"2026-03-01T08:30:00.000Z","toDate":"2026-03-01T08:31:00.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T08:39:00.000Z",
          "toDate":"2026-03-01T08:42:00.000Z"},"typeName":"LogRecord"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},
          "diagnosticSearch":{"id":"DiagnosticAccelerationForwardBrakingId"},
          "fromDate":"2026-03-01T08:40:00.000Z","toDate":"2026-03-01T08:41:00.000Z"},
          "typeName":"StatusData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},
          "diagnosticSearch":{"id":"DiagnosticAccelerationSideToSideId"},
          "fromDate":"2026-03-01T08:40:00.000Z","toDate":"2026-03-01T08:41:00.000Z"},
          "typeName":"StatusData"}}

        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b1"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"FaultData"}}
        {"method":"Get","params":{"resultsLimit":50000,
          "search":{"deviceSearch":{"id":"b2"},"fromDate":"2026-03-01T08:00:00.000Z",
          "toDate":"2026-03-01T09:00:00.000Z"},"typeName":"FaultData"}}
        {"method":"Get",
          "params":{"search":{"id":"DiagnosticDeviceHasBeenUnpluggedId"},
          "typeName":"Diagnostic"}}
        {"method":"Get","params":{"search":{"id":"bGone"},"typeName":"Diagnostic"}}
        {"method":"Get","params":{"search":{"id":"bP0301"},"typeName":"Diagnostic"}}
        {"method":"Get","params":{"search":{"id":"bSpn3226"},
          "typeName":"Diagnostic"}}
        {"method":"Get","params":{"search":{"id":"bU0100"},"typeName":"Diagnostic"}}
        {"method":"Get","params":{"search":{"id":"bFmi18"},
          "typeName":"FailureMode"}}

        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"fromDate":"2026-02-28T08:00:00.000Z","includeBoundaryLogs":true,
          "includeModifications":true,"statuses":["ON","OFF","D","SB","PC","YM","WT",
          "PC_Exempted","Work","Rest","SituationalDrivingClear"],
          "toDate":"2026-03-02T09:00:00.000Z","userSearch":{"id":"b101"}},
          "typeName":"DutyStatusLog"}}
        {"method":"Get","params":{"resultsLimit":25000,
          "search":{"fromDate":"2026-02-28T08:00:00.000Z","includeBoundaryLogs":true,
          "includeModifications":true,"statuses":["ON","OFF","D","SB","PC","YM","WT",
          "PC_Exempted","Work","Rest","SituationalDrivingClear"],
          "toDate":"2026-03-02T09:00:00.000Z","userSearch":{"id":"b102"}},
          "typeName":"DutyStatusLog"}}
        {"method":"Get","params":{"search":{"id":"bAA31"},
          "typeName":"AnnotationLog"}}
        {"method":"Get","params":{"search":{"id":"bAA32"},
          "typeName":"AnnotationLog"}}
        {"method":"Get","params":{"search":{"id":"bAA33"},
          "typeName":"AnnotationLog"}}"#]]
    .assert_eq(&all.join("\n\n"));
}

#[test]
fn full_batches_stay_within_the_calls_of_one_request() {
    for stream in geotab().descriptor().streams {
        if let provider::Shape::Window(shape) = &stream.shape {
            let each = match stream.name {
                "status_data" => 14,
                "utilization" | "hos.daily" => 2,
                _ => 1,
            };
            assert!(shape.max_batch * each <= MOST_CALLS, "{}", stream.name);
        }
    }
}
