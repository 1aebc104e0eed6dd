//! What is asked at the moment of a call.

use expect_test::expect;
use provider::{
    LiveAnswer, LiveCall, LiveOperation, LiveRows, LiveStep, Member, Partition, ProviderError,
};
use serde::Serialize;

use super::{answer, fixture, geotab, ids};

/// Answers each question in turn; the bodies that were asked, and what came of it.
pub fn walk(
    operation: LiveOperation,
    members: &[Partition],
    bodies: &[&[u8]],
) -> (Vec<String>, Result<LiveAnswer, ProviderError>) {
    let ids = ids();
    let call = LiveCall {
        operation,
        ids: &ids,
        members,
        event: None,
    };
    let mut asked = Vec::new();
    let mut step = geotab().live(&call, None, None);
    let mut bodies = bodies.iter();
    loop {
        match step {
            Err(error) => return (asked, Err(error)),
            Ok(LiveStep::Done(done)) => return (asked, Ok(done)),
            Ok(LiveStep::Ask { request, state }) => {
                asked.push(request.body.expect("a body"));
                let body = bodies.next().expect("an answer to every question");
                step = geotab().live(&call, state, Some(&answer(200, body)));
            }
        }
    }
}

fn shown((asked, done): (Vec<String>, Result<LiveAnswer, ProviderError>)) -> String {
    let done = done.expect("an answer");
    let rows: Vec<String> = match &done.rows {
        LiveRows::VehicleLocations(rows) => rows.iter().map(|row| json(&row.row)).collect(),
        LiveRows::TrailerLocations(rows) => rows.iter().map(|row| json(&row.row)).collect(),
        LiveRows::HosAvailableTime(rows) => rows.iter().map(|row| json(&row.row)).collect(),
        LiveRows::CameraMedia(_) => panic!("no films here"),
    };
    let notices = done.notices.iter();
    let notices = notices.map(|notice| format!("{}: {}", notice.place, notice.reason));
    let asked = asked.iter().map(|body| super::wrapped(body));
    let lines: Vec<String> = asked.chain(rows).chain(notices).collect();
    lines.join("\n")
}

fn json(row: &impl Serialize) -> String {
    let value = serde_json::to_value(row).expect("JSON");
    format!("{value:#}")
}

fn drivers() -> Vec<Partition> {
    ["b101", "b102"]
        .map(|id| Partition {
            member: Member::Driver(ids().driver(id)),
            source_id: id.to_owned(),
        })
        .to_vec()
}

#[test]
fn vehicles_are_where_their_devices_are() {
    let walked = walk(
        LiveOperation::VehicleLocations,
        &[],
        &[fixture!("live-vehicles")],
    );
    expect![[r#"
        {"method":"ExecuteMultiCall","params":{"calls":[{"method":"Get",
          "params":{"search":{"diagnostics":[{"id":"DiagnosticOdometerId"},
          {"id":"DiagnosticRawOdometerId"},{"id":"DiagnosticEngineHoursId"},
          {"id":"DiagnosticFuelLevelId"},{"id":"DiagnosticIgnitionId"}]},
          "typeName":"DeviceStatusInfo"}}]}}
        {
          "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "engineRuntime": 16879647575,
          "engineState": "on",
          "fuel": {
            "primaryPercentage": 62.4
          },
          "heading": 79.0,
          "locatedAt": "2026-03-01T08:59:30.584Z",
          "location": {
            "latitude": 39.4767609,
            "longitude": -2.05665278
          },
          "odometer": 99620.7,
          "provider": "geotab",
          "speed": 88.0,
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        {
          "engineState": "off",
          "locatedAt": "2026-03-01T08:59:30.584Z",
          "location": {
            "latitude": 39.4767609,
            "longitude": -2.05665278
          },
          "provider": "geotab",
          "vehicle": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6"
        }
        result[0][4].device: nobody: the row is left out
        result[0][1].statusData[1]: a number, not an object
        result[0][5].latitude: outside ±90°"#]]
    .assert_eq(&shown(walked));
}

#[test]
fn a_few_vehicles_are_asked_by_name() {
    let members = [Partition {
        member: Member::Vehicle(ids().vehicle("b1")),
        source_id: "b1".to_owned(),
    }];
    let bodies = [fixture!("live-vehicles")];
    let (asked, done) = walk(LiveOperation::VehicleLocations, &members, &bodies);
    assert!(
        asked[0].contains(r#""deviceSearch":{"id":"b1"}"#),
        "{asked:?}"
    );
    match done.expect("an answer").rows {
        LiveRows::VehicleLocations(rows) => assert_eq!(rows.len(), 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn trailers_are_where_they_or_their_vehicles_are() {
    let walked = walk(
        LiveOperation::TrailerLocations,
        &[],
        &[fixture!("live-trailers")],
    );
    expect![[r#"
        {"method":"ExecuteMultiCall","params":{"calls":[{"method":"Get",
          "params":{"search":{"groups":[{"id":"GroupTrailerId"}]},
          "typeName":"Device"}},{"method":"Get",
          "params":{"typeName":"DeviceStatusInfo"}},{"method":"Get",
          "params":{"typeName":"TrailerAttachment"}}]}}
        {
          "locatedAt": "2026-03-01T08:59:30.584Z",
          "location": {
            "latitude": 41.0,
            "longitude": -2.05665278
          },
          "provider": "geotab",
          "speed": 88.0,
          "trailer": "trl_01GV4D0S4DXP66MQ09FH1N6DRV"
        }
        {
          "heading": 79.0,
          "locatedAt": "2026-03-01T08:59:30.584Z",
          "location": {
            "latitude": 39.4767609,
            "longitude": -2.05665278
          },
          "provider": "geotab",
          "speed": 88.0,
          "trailer": "trl_01GV4D0S4DY4T4ZQ0DTTDM3WJN"
        }
        {
          "heading": 79.0,
          "locatedAt": "2026-03-01T08:59:30.584Z",
          "location": {
            "latitude": 39.4767609,
            "longitude": -2.05665278
          },
          "provider": "geotab",
          "speed": 88.0,
          "trailer": "trl_01GV4D0S4D39CJNNT4X4EYHSTP"
        }
        result[0][2].id: missing, not an id: the row is left out
        result[2][3].trailer: nobody: the row is left out"#]]
    .assert_eq(&shown(walked));
}

#[test]
fn clocks_come_with_what_the_driver_does() {
    let walked = walk(
        LiveOperation::HosAvailableTime,
        &drivers(),
        &[fixture!("live-clocks"), fixture!("live-statuses")],
    );
    expect![[r#"
        {"method":"ExecuteMultiCall","params":{"calls":[{"method":"Get",
          "params":{"search":{"userSearch":{"id":"b101"}},
          "typeName":"DutyStatusAvailability"}},{"method":"Get",
          "params":{"search":{"userSearch":{"id":"b102"}},
          "typeName":"DutyStatusAvailability"}}]}}
        {"method":"ExecuteMultiCall","params":{"calls":[{"method":"Get",
          "params":{"search":{"fromDate":"2026-03-01T12:00:00.000Z",
          "includeBoundaryLogs":true,"statuses":["ON","OFF","D","SB","PC","YM","WT",
          "PC_Exempted","Work","Rest","SituationalDrivingClear"],
          "toDate":"2026-03-01T12:00:00.000Z","userSearch":{"id":"b101"}},
          "typeName":"DutyStatusLog"}},{"method":"Get",
          "params":{"search":{"fromDate":"2026-03-01T12:00:00.000Z",
          "includeBoundaryLogs":true,"statuses":["ON","OFF","D","SB","PC","YM","WT",
          "PC_Exempted","Work","Rest","SituationalDrivingClear"],
          "toDate":"2026-03-01T12:00:00.000Z","userSearch":{"id":"b102"}},
          "typeName":"DutyStatusLog"}}]}}
        {
          "availableTime": {
            "break": 3600500,
            "cycle": 180000000,
            "drive": 0,
            "shift": 34200000
          },
          "currentStatus": "driving",
          "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "provider": "geotab"
        }
        {
          "availableTime": {},
          "driver": "drv_01GV4D0S4DTQXQHVVXA8A8KK6H",
          "provider": "geotab"
        }
        result[1][0].cycle: not a time span
        result[1][1].driver: not asked for: the row is left out
        result[1][2].driver: nobody: the row is left out"#]]
    .assert_eq(&shown(walked));
}

#[test]
fn drivers_are_listed_where_nobody_is_named() {
    let bodies = [
        fixture!("live-drivers"),
        fixture!("live-clocks"),
        fixture!("live-statuses"),
    ];
    let (asked, done) = walk(LiveOperation::HosAvailableTime, &[], &bodies);
    assert_eq!(asked.len(), 3);
    let named = walk(
        LiveOperation::HosAvailableTime,
        &drivers(),
        &[fixture!("live-clocks"), fixture!("live-statuses")],
    );
    assert_eq!(done, named.1);
}

#[test]
fn films_are_not_offered() {
    let (_, done) = walk(LiveOperation::CameraMedia, &[], &[]);
    assert!(matches!(
        done,
        Err(ProviderError::Refused { status: 501, .. })
    ));
}

#[test]
fn a_dead_session_ends_a_call_too() {
    let dead = br#"{"error":{"message":"Invalid session","data":{"type":"InvalidUserException"}}}"#;
    for operation in [
        LiveOperation::VehicleLocations,
        LiveOperation::TrailerLocations,
        LiveOperation::HosAvailableTime,
    ] {
        let (_, done) = walk(operation, &[], &[dead]);
        assert!(matches!(done, Err(ProviderError::SessionEnded { .. })));
    }
}
