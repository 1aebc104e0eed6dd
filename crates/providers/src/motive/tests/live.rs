//! What is asked at the moment of a call: questions, pages, and what becomes of the answers.

use expect_test::expect;
use provider::{
    LiveAnswer, LiveCall, LiveEvent, LiveOperation, LiveRows, LiveState, LiveStep, Partition,
    Provider, ProviderError,
};
use serde_json::{Value, json};

use super::{Motive, answer, drivers, fixture, ids, time, vehicles};

/// One step, for an event of the first list.
fn step(
    operation: LiveOperation,
    members: &[Partition],
    state: LiveState,
    body: Option<(u16, &[u8])>,
) -> Result<LiveStep, ProviderError> {
    step_of("performance-828645972", operation, members, state, body)
}

fn step_of(
    event: &str,
    operation: LiveOperation,
    members: &[Partition],
    state: LiveState,
    body: Option<(u16, &[u8])>,
) -> Result<LiveStep, ProviderError> {
    let event = LiveEvent {
        source_id: event.to_owned(),
        started_at: time("2026-03-01T08:22:51Z"),
    };
    let ids = ids();
    let call = LiveCall {
        operation,
        ids: &ids,
        members,
        event: Some(&event),
    };
    let answer = body.map(|(status, body)| answer(status, body));
    Motive.live(&call, state, answer.as_ref())
}

fn asked(step: LiveStep) -> (String, LiveState) {
    match step {
        LiveStep::Ask { request, state } => (request.path_and_query(), state),
        LiveStep::Done(answer) => panic!("done: {answer:?}"),
    }
}

/// Answers the questions with `bodies` and gathers them.
pub fn walk(
    operation: LiveOperation,
    members: &[Partition],
    bodies: &[&[u8]],
) -> (Vec<String>, LiveAnswer) {
    let mut questions = Vec::new();
    let mut next = step(operation, members, None, None).expect("a question");
    for body in bodies {
        let (question, state) = asked(next);
        questions.push(question);
        next = step(operation, members, state, Some((200, body))).expect("understood");
        if let LiveStep::Done(answer) = next {
            return (questions, answer);
        }
    }
    panic!("more is asked than was answered")
}

fn check(
    operation: LiveOperation,
    members: &[Partition],
    bodies: &[&[u8]],
    expected: &expect_test::Expect,
) {
    let (questions, answer) = walk(operation, members, bodies);
    let questions = questions.join("\n").replace(['?', '&'], "\n    ");
    let text = format!(
        "{}\n{}",
        questions.replace("%5B%5D", "[]"),
        rendered(&answer)
    );
    expected.assert_eq(&text);
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
fn a_vehicles_present_is_made_of_two_lists() {
    check(
        LiveOperation::VehicleLocations,
        &vehicles(),
        &[
            fixture!("live-latest-1.json"),
            fixture!("live-latest-2.json"),
            fixture!("live-states.json"),
        ],
        &expect![[r#"
            /v2/vehicle_locations
                per_page=100
                page_no=1
                vehicle_ids[]=700101
                vehicle_ids[]=700102
                vehicle_ids[]=700103
            /v2/vehicle_locations
                per_page=100
                page_no=2
                vehicle_ids[]=700101
                vehicle_ids[]=700102
                vehicle_ids[]=700103
            /v3/vehicle_locations
                per_page=100
                page_no=1
                vehicle_ids[]=700101
                vehicle_ids[]=700102
                vehicle_ids[]=700103
            [
              {
                "raw rows": 2,
                "row": {
                  "address": {
                    "formatted": "Chicago, IL"
                  },
                  "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
                  "engineRuntime": 35280900000,
                  "engineState": "on",
                  "fuel": {
                    "primaryPercentage": 62.5,
                    "secondaryPercentage": 40.0
                  },
                  "heading": 12.99,
                  "locatedAt": "2026-03-01T08:59:00.000Z",
                  "location": {
                    "latitude": 41.85,
                    "longitude": -87.65
                  },
                  "odometer": 123456.79,
                  "provider": "motive",
                  "speed": 88.5,
                  "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
                }
              },
              {
                "raw rows": 2,
                "row": {
                  "address": {
                    "formatted": "1 Test Street, Chicago, IL"
                  },
                  "engineRuntime": 35555400000,
                  "engineState": "idle",
                  "heading": 13.0,
                  "locatedAt": "2026-03-01T08:59:30.000Z",
                  "location": {
                    "latitude": 41.86,
                    "longitude": -87.66
                  },
                  "odometer": 160.93,
                  "provider": "motive",
                  "speed": 0.0,
                  "vehicle": "vcl_01GV4D0S4DP3SZBHMZQFVNRJKN"
                }
              },
              {
                "raw rows": 2,
                "row": {
                  "address": {
                    "formatted": "Chicago, IL"
                  },
                  "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
                  "engineState": "off",
                  "heading": 13.0,
                  "locatedAt": "2026-03-01T08:00:00.000Z",
                  "location": {
                    "latitude": 41.86,
                    "longitude": -87.66
                  },
                  "provider": "motive",
                  "vehicle": "vcl_01GV4D0S4DC33RMNKH1F93BHXH"
                }
              }
            ]"#]],
    );
}

#[test]
fn what_the_second_list_does_not_say_is_told() {
    check(
        LiveOperation::VehicleLocations,
        &[],
        &[
            fixture!("live-latest-2.json"),
            fixture!("live-states-unusable.json"),
        ],
        &expect![[r#"
            /v2/vehicle_locations
                per_page=100
                page_no=1
            /v3/vehicle_locations
                per_page=100
                page_no=1
            []
            provider_source_data_invalid at vehicles[0].vehicle.current_location.kph:
              -1 is out of range
            provider_source_data_invalid at vehicles[0].vehicle.current_location.vehicle_state:
              `asleep` is no known state of a vehicle
            provider_source_data_invalid at vehicles[0].vehicle.current_location.located_at:
              not an RFC 3339 time
            invalid_source_identifier at vehicles[1].vehicle.id:
              missing, not an id: the row is left out
            provider_source_data_invalid at vehicles[2].vehicle.current_location:
              a list, not an object"#]],
    );
}

#[test]
fn a_list_that_may_not_be_read_takes_nothing_from_the_other() {
    let all = LiveOperation::VehicleLocations;
    let (_, state) = asked(step(all, &[], None, None).expect("a question"));
    let body = fixture!("live-latest-2.json");
    let (_, state) = asked(step(all, &[], state, Some((200, body))).expect("understood"));
    let done = step(all, &[], state, Some((403, b"{}"))).expect("understood");
    let LiveStep::Done(answer) = done else {
        panic!("more is asked");
    };
    expect![[r#"
        []
        permission_missing at answer:
          not permitted: locations.vehicle_locations_list"#]]
    .assert_eq(&rendered(&answer));
    let (_, state) = asked(step(all, &[], None, None).expect("a question"));
    let refused = step(all, &[], state, Some((403, b"{}"))).err();
    expect![[r#"Some(Forbidden { scope: "locations.vehicle_locations_list" })"#]]
        .assert_eq(&format!("{refused:?}"));
}

#[test]
fn trailers_and_clocks() {
    check(
        LiveOperation::TrailerLocations,
        &[],
        &[fixture!("live-assets.json")],
        &expect![[r#"
            /v1/asset_locations
                per_page=100
                page_no=1
            [
              {
                "raw rows": 1,
                "row": {
                  "address": {
                    "formatted": "Chicago, IL"
                  },
                  "locatedAt": "2026-03-01T08:30:00.000Z",
                  "location": {
                    "latitude": 41.8,
                    "longitude": -87.6
                  },
                  "provider": "motive",
                  "trailer": "trl_01GV4D0S4DSMF16VHAZ0SW4G61"
                }
              }
            ]
            provider_source_data_invalid at assets[3].asset.current_location.located_at:
              missing: the row is left out"#]],
    );
    check(
        LiveOperation::HosAvailableTime,
        &drivers(),
        &[fixture!("live-clocks.json")],
        &expect![[r#"
            /v1/available_time
                per_page=100
                page_no=1
                driver_ids[]=88001
                driver_ids[]=88002
                driver_ids[]=88003
            [
              {
                "raw rows": 1,
                "row": {
                  "availableTime": {
                    "break": 28800500,
                    "cycle": 252000000,
                    "drive": 39600000,
                    "shift": 50400000
                  },
                  "currentStatus": "sleeper_bed",
                  "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
                  "provider": "motive"
                }
              },
              {
                "raw rows": 1,
                "row": {
                  "availableTime": {},
                  "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
                  "provider": "motive"
                }
              },
              {
                "raw rows": 1,
                "row": {
                  "availableTime": {},
                  "driver": "drv_01GV4D0S4DMF5W3CWJPXAX4WP5",
                  "provider": "motive"
                }
              }
            ]
            provider_source_data_invalid at users[2].user.available_time.drive:
              -1 is no duration
            provider_source_data_invalid at users[2].user.duty_status:
              `juggling` is no known duty status"#]],
    );
}

#[test]
fn films_are_found_by_listing_the_events_days_again() {
    check(
        LiveOperation::CameraMedia,
        &[],
        &[fixture!("performance-1.json")],
        &expect![[r#"
            /v2/driver_performance_events
                per_page=100
                page_no=1
                media_required=true
                start_date=2026-02-28
                end_date=2026-03-02
            [
              {
                "raw rows": 1,
                "row": {
                  "frontFacing": {
                    "sourceId": "321",
                    "videoUrl": "https://media.example.com/f.mp4"
                  }
                }
              }
            ]"#]],
    );
    // One that is on no page is nobody's any more.
    check(
        LiveOperation::CameraMedia,
        &[],
        &[fixture!("performance-unusable.json")],
        &expect![[r#"
            /v2/driver_performance_events
                per_page=100
                page_no=1
                media_required=true
                start_date=2026-02-28
                end_date=2026-03-02
            []"#]],
    );
    let speeding = step_of(
        "speeding-828645972",
        LiveOperation::CameraMedia,
        &[],
        None,
        None,
    );
    assert!(matches!(speeding, Ok(LiveStep::Done(_))));
}
