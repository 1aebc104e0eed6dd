//! What is asked at the moment of a call: questions, pages, and what becomes of the answers.

use expect_test::expect;
use model::history::EngineState;
use provider::{
    LiveAnswer, LiveCall, LiveEvent, LiveOperation, LiveRows, LiveState, LiveStep, Partition,
    Provider, ProviderError,
};
use serde_json::{Value, json};

use super::{Samsara, answer, drivers, fixture, ids, time, vehicles};

const EVENT: &str = "6f0d4b8e-0000-4000-8000-000000000001";

/// One step, for no event but the one above.
fn step(
    operation: LiveOperation,
    members: &[Partition],
    state: LiveState,
    body: Option<(u16, &[u8])>,
) -> Result<LiveStep, ProviderError> {
    let event = LiveEvent {
        source_id: EVENT.to_owned(),
        started_at: time("2026-03-01T07:50:00.500Z"),
    };
    let ids = ids();
    let call = LiveCall {
        operation,
        ids: &ids,
        members,
        event: Some(&event),
    };
    let answer = body.map(|(status, body)| answer(status, body));
    Samsara.live(&call, state, answer.as_ref())
}

fn asked(step: LiveStep) -> (String, LiveState) {
    match step {
        LiveStep::Ask { request, state } => (request.path_and_query(), state),
        LiveStep::Done(answer) => panic!("done: {answer:?}"),
    }
}

/// Answers the questions with `bodies`, the last of which must be the end or not be needed.
pub fn walk(operation: LiveOperation, members: &[Partition], bodies: &[&[u8]]) -> LiveAnswer {
    let mut next = step(operation, members, None, None).expect("a question");
    for body in bodies {
        let (_, state) = asked(next);
        next = step(operation, members, state, Some((200, body))).expect("understood");
        if let LiveStep::Done(answer) = next {
            return answer;
        }
    }
    panic!("more is asked than was answered")
}

/// Rows as they are served, how many raw rows each has, and notices.
fn rendered(answer: &LiveAnswer) -> String {
    let row = |row: Value, raw: &[String]| json!({ "row": row, "raw rows": raw.len() });
    let rows: Vec<Value> = match &answer.rows {
        LiveRows::VehicleLocations(rows) => {
            rows.iter().map(|r| row(json!(r.row), &r.raw)).collect()
        }
        LiveRows::TrailerLocations(rows) => {
            rows.iter().map(|r| row(json!(r.row), &r.raw)).collect()
        }
        LiveRows::HosAvailableTime(rows) => {
            rows.iter().map(|r| row(json!(r.row), &r.raw)).collect()
        }
        LiveRows::CameraMedia(found) => found.iter().map(|r| row(json!(r.row), &r.raw)).collect(),
    };
    let notices = answer.notices.iter();
    let notices = notices.map(|n| format!("\n{} at {}:\n  {}", n.code.name(), n.place, n.reason));
    format!("{:#}{}", json!(rows), notices.collect::<String>())
}

#[test]
fn vehicles_are_asked_for_in_two_questions_with_all_their_pages() {
    let all = LiveOperation::VehicleLocations;
    let bodies = [
        fixture!("live-vehicles-1.json"),
        fixture!("live-vehicles-2.json"),
        fixture!("live-vehicles-3.json"),
    ];
    let mut questions = Vec::new();
    let mut next = step(all, &[], None, None).expect("a question");
    for body in bodies {
        let (question, state) = asked(next);
        questions.push(question);
        next = step(all, &[], state, Some((200, body))).expect("understood");
    }
    assert!(matches!(next, LiveStep::Done(_)));
    let (few, _) = asked(step(all, &vehicles(), None, None).expect("a question"));
    questions.push(few);
    expect![[r#"
        /fleet/vehicles/stats
            types=gps,engineStates,fuelPercents
        /fleet/vehicles/stats
            types=gps,engineStates,fuelPercents
            after=live-1
        /fleet/vehicles/stats
            types=obdOdometerMeters,gpsOdometerMeters,obdEngineSeconds
        /fleet/vehicles/stats
            types=gps,engineStates,fuelPercents
            vehicleIds=550000000000101,550000000000102,550000000000103"#]]
    .assert_eq(&questions.join("\n").replace(['?', '&'], "\n    "));
    expect![[r#"
        [
          {
            "raw rows": 2,
            "row": {
              "address": {
                "formatted": "1 Test Street, Chicago, IL"
              },
              "engineRuntime": 31212000000,
              "engineState": "on",
              "fuel": {
                "primaryPercentage": 62.0
              },
              "heading": 271.25,
              "locatedAt": "2026-03-01T08:59:30.000Z",
              "location": {
                "latitude": 41.8781136,
                "longitude": -87.6297982
              },
              "odometer": 412930.55,
              "provider": "samsara",
              "speed": 88.51,
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
          },
          {
            "raw rows": 2,
            "row": {
              "locatedAt": "2026-03-01T08:59:30.000Z",
              "location": {
                "latitude": 41.5,
                "longitude": -87.5
              },
              "odometer": 1.5,
              "provider": "samsara",
              "vehicle": "vcl_01GV4D0S4DJH4JV7SV2F6R75KV"
            }
          }
        ]
        provider_source_data_invalid at data[0].gps.speedMilesPerHour:
          -1 is out of range
        provider_source_data_invalid at data[0].engineState.value:
          `Cranking` is neither `Off`, `On` nor `Idle`
        provider_source_data_invalid at data[0].fuelPercent.value:
          more than 100 percent
        provider_source_data_invalid at data[1].gps.time:
          missing: the row is left out
        provider_source_data_invalid at data[2].gps:
          a list, not an object
        invalid_source_identifier at data[3].id:
          missing, not an id: the row is left out"#]]
    .assert_eq(&rendered(&walk(all, &[], &bodies)));
}

#[test]
fn who_was_not_asked_for_is_left_out() {
    let one = &vehicles()[..1];
    let bodies = [
        fixture!("live-vehicles-1.json"),
        fixture!("live-vehicles-2.json"),
        fixture!("live-vehicles-3.json"),
    ];
    let answer = walk(LiveOperation::VehicleLocations, one, &bodies);
    let LiveRows::VehicleLocations(rows) = &answer.rows else {
        panic!("{answer:?}");
    };
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].row.engine_state, Some(EngineState::On));
    assert_eq!(rows[0].row.odometer, Some(412_930.55));
    assert_eq!(answer.notices.len(), 6, "{:?}", answer.notices);
}

#[test]
fn without_diagnostics_positions_are_left() {
    let all = LiveOperation::VehicleLocations;
    let (_, state) = asked(step(all, &[], None, None).expect("a question"));
    let first = br#"{"data":[{"id":"1","gps":{"time":"2026-03-01T08:00:00Z","latitude":1,
        "longitude":1}}],"pagination":{"endCursor":"","hasNextPage":false}}"#;
    let refusal = br#"{"message":"Not in your plan."}"#.as_slice();
    let (_, second) = asked(step(all, &[], state, Some((200, first))).expect("understood"));
    let done = step(all, &[], second, Some((403, refusal))).expect("positions");
    let LiveStep::Done(answer) = done else {
        panic!("asked again");
    };
    assert!(matches!(&answer.rows, LiveRows::VehicleLocations(rows) if rows.len() == 1));
    assert_eq!(answer.notices.len(), 1);
    // Of the first question it is the answer.
    let (_, state) = asked(step(all, &[], None, None).expect("a question"));
    let refused = step(all, &[], state, Some((403, refusal))).err();
    assert!(matches!(refused, Some(ProviderError::NotEntitled { .. })));
}

#[test]
fn trailers_and_their_positions() {
    let all = LiveOperation::TrailerLocations;
    let (question, _) = asked(step(all, &[], None, None).expect("a question"));
    assert_eq!(question, "/fleet/trailers/stats?types=gps");
    let answer = walk(all, &[], &[fixture!("live-trailers.json")]);
    expect![[r#"
        [
          {
            "raw rows": 1,
            "row": {
              "heading": 90.0,
              "locatedAt": "2026-03-01T08:59:30.000Z",
              "location": {
                "latitude": 41.8781136,
                "longitude": -87.6297982
              },
              "provider": "samsara",
              "speed": 77.25,
              "trailer": "trl_01GV4D0S4D6RQXX6RJ1HF051Z1"
            }
          }
        ]"#]]
    .assert_eq(&rendered(&answer));
}

#[test]
fn clocks_of_drivers() {
    let few = LiveOperation::HosAvailableTime;
    let (question, _) = asked(step(few, &drivers(), None, None).expect("a question"));
    assert_eq!(question, "/fleet/hos/clocks?driverIds=88001,88002,88003");
    let answer = walk(few, &drivers(), &[fixture!("live-clocks.json")]);
    expect![[r#"
        [
          {
            "raw rows": 1,
            "row": {
              "availableTime": {
                "break": 14400000,
                "cycle": 180000000,
                "drive": 21600000,
                "shift": 28800000
              },
              "currentStatus": "driving",
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "provider": "samsara"
            }
          },
          {
            "raw rows": 1,
            "row": {
              "availableTime": {},
              "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
              "provider": "samsara"
            }
          },
          {
            "raw rows": 1,
            "row": {
              "availableTime": {},
              "driver": "drv_01GV4D0S4DMF5W3CWJPXAX4WP5",
              "provider": "samsara"
            }
          }
        ]
        provider_source_data_invalid at data[2].currentDutyStatus.hosStatusType:
          `flying` is no known duty status
        provider_source_data_invalid at data[2].clocks.shift:
          a number, not an object
        provider_source_data_invalid at data[2].clocks.drive.driveRemainingDurationMs:
          -1 is no duration
        invalid_source_identifier at data[3].driver:
          missing: the row is left out"#]]
    .assert_eq(&rendered(&answer));
}

#[test]
fn films_of_an_event() {
    let films = LiveOperation::CameraMedia;
    let (question, state) = asked(step(films, &[], None, None).expect("a question"));
    assert_eq!(
        question,
        format!("/safety-events?safetyEventIds={EVENT}&includeVgOnlyEvents=true")
    );
    let answer = walk(films, &[], &[fixture!("live-media.json")]);
    expect![[r#"
        [
          {
            "raw rows": 1,
            "row": {
              "frontFacing": {
                "videoUrl": "https://media.example.com/road.mp4?signature=1"
              },
              "rearFacing": {
                "videoUrl": "https://media.example.com/driver.mp4?signature=2"
              }
            }
          }
        ]"#]]
    .assert_eq(&rendered(&answer));
    // An event that nobody knows any more has none, whichever way that is said.
    let nothing = br#"{"data":[],"pagination":{"endCursor":"","hasNextPage":false}}"#.as_slice();
    let unknown = br#"{"message":"Not found."}"#.as_slice();
    let gone = step(films, &[], state, Some((404, unknown))).expect("gone");
    for gone in [gone, LiveStep::Done(walk(films, &[], &[nothing]))] {
        assert!(
            matches!(gone, LiveStep::Done(answer) if answer.rows == LiveRows::CameraMedia(None))
        );
    }
    let other = br#"{"data":[{"id":"another"}],"pagination":{"hasNextPage":false}}"#.as_slice();
    let answer = walk(films, &[], &[other]);
    assert_eq!(answer.rows, LiveRows::CameraMedia(None));
    assert_eq!(answer.notices.len(), 1);
}

#[test]
fn refusals_and_nonsense_are_errors_and_never_panics() {
    for operation in [
        LiveOperation::VehicleLocations,
        LiveOperation::TrailerLocations,
        LiveOperation::HosAvailableTime,
        LiveOperation::CameraMedia,
    ] {
        let body = match operation {
            LiveOperation::VehicleLocations => fixture!("live-vehicles-2.json"),
            LiveOperation::TrailerLocations => fixture!("live-trailers.json"),
            LiveOperation::HosAvailableTime => fixture!("live-clocks.json"),
            LiveOperation::CameraMedia => fixture!("live-media.json"),
        };
        let whole = body.trim_ascii_end();
        for end in 0..whole.len() {
            let (_, state) = asked(step(operation, &[], None, None).expect("a question"));
            let cut = step(operation, &[], state, Some((200, &whole[..end]))).err();
            assert!(
                matches!(cut, Some(ProviderError::UnexpectedAnswer { .. })),
                "{operation:?} cut at {end}: {cut:?}"
            );
        }
        let (_, state) = asked(step(operation, &[], None, None).expect("a question"));
        let busy = step(operation, &[], state, Some((429, b"busy"))).err();
        assert_eq!(busy, Some(ProviderError::Throttled { retry_after: None }));
        // An answer to no question begins the call.
        let begun = step(operation, &[], None, Some((200, body))).expect("a question");
        assert!(matches!(begun, LiveStep::Ask { .. }));
    }
}

#[test]
fn a_cursor_that_leads_nowhere_is_refused() {
    let body = br#"{"data":[],"pagination":{"endCursor":"","hasNextPage":true}}"#.as_slice();
    let all = LiveOperation::TrailerLocations;
    let (_, state) = asked(step(all, &[], None, None).expect("a question"));
    let error = step(all, &[], state, Some((200, body))).err();
    assert!(matches!(
        error,
        Some(ProviderError::UnexpectedAnswer { .. })
    ));
}
