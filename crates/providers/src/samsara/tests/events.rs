//! Assignments, trips and safety events.

use std::collections::BTreeSet;

use expect_test::expect;
use model::safety::SafetyEventType;

use super::{DESCRIPTOR, asked, check, fixture, read};

#[test]
fn assignments_that_touch_the_window_without_passengers() {
    check(
        "assignments",
        None,
        fixture!("assignments-1.json"),
        &expect![[r#"
            vcl_01GV4D0S4D514NBX0YS981N34Y:drv_01GV4D0S4D8XKSJTPSGRCFXZT3:2026-03-01T05:00:00.000Z {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "endedAt": "2026-03-01T08:30:00.000Z",
              "startedAt": "2026-03-01T05:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            vcl_01GV4D0S4DYVT7V0FMWX84TN96:drv_01GV4D0S4D51ETX3189MTDHMTQ:2026-03-01T08:15:00.500Z {
              "assignedAt": "2026-03-01T08:20:00.000Z",
              "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
              "startedAt": "2026-03-01T08:15:00.500Z",
              "vehicle": "vcl_01GV4D0S4DYVT7V0FMWX84TN96"
            }
            next assignments-1
        "#]],
    );
    check(
        "assignments",
        Some("assignments-1"),
        fixture!("assignments-2.json"),
        &expect![[r#"
            vcl_01GV4D0S4DJH4JV7SV2F6R75KV:drv_01GV4D0S4D8XKSJTPSGRCFXZT3:2026-03-01T08:00:00.000Z {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "startedAt": "2026-03-01T08:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJH4JV7SV2F6R75KV"
            }
            invalid_source_identifier at data[1].driver:
              missing: the row is left out
            invalid_source_identifier at data[2].vehicle:
              missing: the row is left out
            provider_source_data_invalid at data[3].driver:
              a text, not an object
            provider_source_data_invalid at data[4].startTime:
              missing: the row is left out
            provider_source_data_invalid at data[5].vehicle.id:
              not asked for: the row is left out
            provider_source_data_invalid at data[6].isPassenger:
              a text, not a truth value
            provider_source_data_invalid at data[6].endTime:
              before the start
            provider_source_data_invalid at data[6].assignedAtTime:
              a number, not a text
            end
        "#]],
    );
}

#[test]
fn trips_that_are_over() {
    check(
        "trips",
        None,
        fixture!("trips.json"),
        &expect![[r#"
        550000000000101-1772350200250 {
          "distance": 84.27,
          "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
          "duration": 3600000,
          "endedAt": "2026-03-01T08:30:00.250Z",
          "id": "trp_01GV4D0S4DV5KKV0QKJNRADSW5",
          "provider": "samsara",
          "sourceId": "550000000000101-1772350200250",
          "startLocation": {
            "latitude": 41.8781136,
            "longitude": -87.6297982
          },
          "startedAt": "2026-03-01T07:30:00.250Z",
          "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
        }
        550000000000101-1772354400000 {
          "duration": 600000,
          "endedAt": "2026-03-01T08:50:00.000Z",
          "id": "trp_01GV4D0S4DRH4HERD82JHACXTQ",
          "provider": "samsara",
          "sourceId": "550000000000101-1772354400000",
          "startedAt": "2026-03-01T08:40:00.000Z",
          "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
        }
        end
    "#]],
    );
    check(
        "trips",
        None,
        fixture!("trips-unusable.json"),
        &expect![[r#"
            550000000000101-1772354400000 {
              "duration": 600000,
              "endedAt": "2026-03-01T08:50:00.000Z",
              "id": "trp_01GV4D0S4DRH4HERD82JHACXTQ",
              "provider": "samsara",
              "sourceId": "550000000000101-1772354400000",
              "startedAt": "2026-03-01T08:40:00.000Z",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            provider_source_data_invalid at trips[0].startMs:
              missing: the row is left out
            provider_source_data_invalid at trips[1].startMs:
              not a whole number
            provider_source_data_invalid at trips[2].endMs:
              missing: the row is left out
            provider_source_data_invalid at trips[3].endMs:
              before the start: the row is left out
            provider_source_data_invalid at trips[4].startMs:
              not a whole number
            provider_source_data_invalid at trips[5].driverId:
              not a whole number
            provider_source_data_invalid at trips[5].startCoordinates.latitude:
              outside ±90°
            provider_source_data_invalid at trips[5].endCoordinates:
              a list, not an object
            provider_source_data_invalid at trips[5].distanceMeters:
              -1 is out of range
            provider_source_data_invalid at trips[6]:
              null, not an object
            end
        "#]],
    );
}

#[test]
fn safety_events_have_the_gravest_label_that_has_a_type() {
    check(
        "safety",
        None,
        fixture!("safety.json"),
        &expect![[r#"
        6f0d4b8e-0000-4000-8000-000000000001 {
          "cameraMedia": {
            "frontFacing": {
              "available": true
            }
          },
          "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
          "endedAt": "2026-03-01T07:50:09.000Z",
          "id": "sft_evt_01GV4D0S4D1GMWB1PXA2T5798T",
          "provider": "samsara",
          "sourceId": "6f0d4b8e-0000-4000-8000-000000000001",
          "sourceType": "Crash",
          "startLocation": {
            "latitude": 41.8781136,
            "longitude": -87.6297982
          },
          "startedAt": "2026-03-01T07:50:00.500Z",
          "stats": {
            "gForceForwardBackward": 2.125,
            "heading": 271.0
          },
          "type": "crash",
          "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
        }
        6f0d4b8e-0000-4000-8000-000000000002 {
          "endedAt": "2026-03-01T08:12:00.000Z",
          "id": "sft_evt_01GV4D0S4DJ7QA7ZYBVSE7QNFG",
          "provider": "samsara",
          "sourceId": "6f0d4b8e-0000-4000-8000-000000000002",
          "sourceType": "HeavySpeeding",
          "startedAt": "2026-03-01T08:10:00.000Z",
          "stats": {
            "heading": 0.0,
            "maximumSpeed": 131.0,
            "roadSpeedLimit": 105.0
          },
          "type": "speeding",
          "vehicle": "vcl_01GV4D0S4DYVT7V0FMWX84TN96"
        }
        6f0d4b8e-0000-4000-8000-000000000003 {
          "cameraMedia": {
            "rearFacing": {
              "available": true
            }
          },
          "endedAt": "2026-03-01T08:30:00.000Z",
          "id": "sft_evt_01GV4D0S4D8NN24999VB827VVC",
          "provider": "samsara",
          "sourceId": "6f0d4b8e-0000-4000-8000-000000000003",
          "sourceType": "HarshTurn",
          "startLocation": {
            "latitude": -0.5,
            "longitude": 10.25
          },
          "startedAt": "2026-03-01T08:30:00.000Z",
          "stats": {
            "gForceSideToSide": 0.375
          },
          "type": "harsh_turn",
          "vehicle": "vcl_01GV4D0S4DJH4JV7SV2F6R75KV"
        }
        next safety-1
    "#]],
    );
}

#[test]
fn safety_events_without_a_type_are_withdrawn_and_named() {
    check(
        "safety",
        None,
        fixture!("safety-unusable.json"),
        &expect![[r#"
            e-3 {
              "id": "sft_evt_01GV4D0S4DW43M838YR5TQ641N",
              "provider": "samsara",
              "sourceId": "e-3",
              "sourceType": "Braking",
              "startedAt": "2026-03-01T08:00:00.000Z",
              "type": "harsh_brake",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            e-10 {
              "id": "sft_evt_01GV4D0S4DHDCTC8FGQXNXP0T0",
              "provider": "samsara",
              "sourceId": "e-10",
              "sourceType": "Speeding",
              "startedAt": "2026-03-01T08:00:00.000Z",
              "type": "speeding",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            provider_capability_not_supported at data[0].behaviorLabels:
              no type for Reversing, Idling: the event is left out
            provider_source_data_invalid at data[1].behaviorLabels[0].label:
              `TelepathicDriving` is no known label
            provider_source_data_invalid at data[2].behaviorLabels[0].label:
              `TelepathicDriving` is no known label
            provider_source_data_invalid at data[2].maxAccelerationGForce:
              a text, not a number
            provider_source_data_invalid at data[2].location.headingDegrees:
              outside 0 to 360°
            provider_source_data_invalid at data[2].location.latitude:
              outside ±90°
            provider_source_data_invalid at data[2].endMs:
              before the start
            provider_source_data_invalid at data[3].behaviorLabels:
              no label: the event is left out
            provider_source_data_invalid at data[4].behaviorLabels:
              not a list of what belongs there
            provider_capability_not_supported at data[5].asset.type:
              an event of `trailer`, not of a vehicle: left out
            invalid_source_identifier at data[6].asset:
              missing: the row is left out
            provider_source_data_invalid at data[7].startMs:
              a number, not a text
            provider_source_data_invalid at data[8].time:
              missing: the row is left out
            invalid_source_identifier at data[9].id:
              missing, not an id: the row is left out
            provider_source_data_invalid at data[10].behaviorLabels[1]:
              a number, not an object
            provider_source_data_invalid at
              data[10].speedingMetadata.maxSpeedKilometersPerHour:
              -4 is out of range
            provider_source_data_invalid at data[10].driver:
              a number, not an object
            provider_source_data_invalid at data[10].media[0]:
              a number, not an object
            provider_source_data_invalid at data[10].media[1].url:
              a number, not a text
            withdrawn sft_evt_01GV4D0S4DRQ89SKQA7MEG1CZ9
            withdrawn sft_evt_01GV4D0S4DNSFP9PQ8SXYAGCD1
            withdrawn sft_evt_01GV4D0S4DM4RG9WH9PG1KCPHT
            end
        "#]],
    );
}

#[test]
fn legacy_safety_events_are_read_alike() {
    check(
        "safety",
        None,
        fixture!("safety-legacy.json"),
        &expect![[r#"
            550000000000101-1772352000500 {
              "cameraMedia": {
                "frontFacing": {
                  "available": true
                },
                "rearFacing": {
                  "available": true
                }
              },
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "id": "sft_evt_01GV4D0S4DGHY9NN9X3V3NX18G",
              "provider": "samsara",
              "sourceId": "550000000000101-1772352000500",
              "sourceType": "nearCollison",
              "startLocation": {
                "latitude": 41.8781136,
                "longitude": -87.6297982
              },
              "startedAt": "2026-03-01T08:00:00.500Z",
              "type": "near_crash",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            end
        "#]],
    );
}

/// Every label that the vendor's document has, in its order.
const LABELS: &str = "Acceleration AggressiveDriving BluetoothHeadset Braking \
     ContextConstructionOrWorkZone ContextSnowyOrIcy ContextVulnerableRoadUser ContextWet Crash \
     DefensiveDriving DidNotYield Drinking Drowsy Eating EatingDrinking EdgeDistractedDriving \
     EdgeRailroadCrossingViolation FollowingDistance FollowingDistanceModerate \
     FollowingDistanceSevere ForwardCollisionWarning GenericDistraction GenericTailgating \
     HarshTurn HeavySpeeding HighSpeedSuddenDisconnect HosViolation Idling Invalid LaneDeparture \
     LateResponse LeftTurn LightSpeeding MaxSpeed MobileUsage ModerateSpeeding NearCollison \
     NearPedestrianCollision NoSeatbelt ObstructedCamera OperationalEvent OtherViolation \
     Passenger PolicyViolationMask ProtectiveEquipment RanRedLight RearCollisionWarning \
     Reversing RollingStop RolloverProtection SevereSpeeding Smoking Speeding UTurn \
     UnsafeManeuver UnsafeParking VehicleInBlindSpotWarning VulnerableRoadUserCollisionWarning \
     YawControl";

#[test]
fn every_label_is_known_and_every_type_that_is_promised_has_one() {
    let mut given = BTreeSet::new();
    for label in LABELS.split_ascii_whitespace() {
        let body = format!(
            r#"{{"data":[{{"id":"1","asset":{{"id":"550000000000101"}},
                "behaviorLabels":[{{"label":"{label}"}}],"startMs":"2026-03-01T08:00:00Z"}}],
                "pagination":{{"endCursor":"","hasNextPage":false}}}}"#
        );
        let page = read("safety", None, body.as_bytes()).expect("a page");
        match page.drafts.first() {
            Some(draft) => {
                let event: serde_json::Value = serde_json::from_str(&draft.body).expect("JSON");
                assert_eq!(event["sourceType"], label);
                given.insert(event["type"].to_string());
            }
            None => {
                let code = page.notices[0].code.name();
                assert_eq!(code, "provider_capability_not_supported", "{label}");
            }
        }
    }
    let promised: BTreeSet<String> = DESCRIPTOR
        .safety_types
        .iter()
        .map(|event_type| serde_json::to_string(event_type).expect("JSON"))
        .collect();
    assert_eq!(given, promised);
    let without = SafetyEventType::StopSignViolation;
    assert!(!DESCRIPTOR.safety_types.contains(&without));
}

#[test]
fn requests_of_events() {
    let all = [
        asked("assignments", None),
        asked("assignments", Some("assignments-1")),
        asked("trips", None),
        asked("safety", None),
        asked("safety", Some("safety-1")),
    ];
    expect![[r#"
        /fleet/driver-vehicle-assignments
            filterBy=vehicles
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
        /fleet/driver-vehicle-assignments
            filterBy=vehicles
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            after=assignments-1
        /v1/fleet/trips
            vehicleId=550000000000101
            startMs=1772352000000
            endMs=1772355600000
        /safety-events/stream
            queryByTimeField=createdAtTime
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            assetIds=550000000000101,550000000000102,550000000000103
            includeDriver=true
            includeAsset=true
            includeVgOnlyEvents=true
        /safety-events/stream
            queryByTimeField=createdAtTime
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            assetIds=550000000000101,550000000000102,550000000000103
            includeDriver=true
            includeAsset=true
            includeVgOnlyEvents=true
            after=safety-1"#]]
    .assert_eq(&all.join("\n"));
}
