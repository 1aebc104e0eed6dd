//! Stats history: readings into columns, in the units of the common model.

use expect_test::expect;
use provider::{ExplainError, ProviderError, explain};

use super::{Samsara, answer, asked, check, fixture, ids, read};

#[test]
fn motion_in_columns_without_what_lies_outside_the_window() {
    check(
        "stats.motion",
        None,
        fixture!("stats-motion.json"),
        &expect![[r#"
            location:gps rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.500Z 418781136 -876297982 heading 27125 speed 8932
                1 Test Street, Chicago, IL at 08:00:00
              2026-03-01T08:00:10.000Z 419000000 -877000000 heading - speed - at 08:00:10
            engine_state:engineStates rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 1 at 08:00:00
              2026-03-01T08:30:00.000Z 2 at 08:30:00
              2026-03-01T08:40:00.000Z 0 at 08:40:00
            fuel_level:fuelPercents rank 0
              of vcl_01GV4D0S4DYVT7V0FMWX84TN96
              2026-03-01T08:15:00.000Z 5400 at 08:15:00
            next stats-cursor-1
        "#]],
    );
}

#[test]
fn a_left_over_cursor_is_no_next_page_and_an_escaped_time_has_no_place() {
    let page = fixture!("stats-motion-last.json");
    check(
        "stats.motion",
        Some("stats-cursor-1"),
        page,
        &expect![[r#"
            location:gps rank 0
              of vcl_01GV4D0S4DJH4JV7SV2F6R75KV
              2026-03-01T08:59:59.999Z 0 -5000000 heading 0 speed 0 at unknown
            end
        "#]],
    );
}

#[test]
fn unusable_readings_are_reported_one_by_one() {
    check(
        "stats.motion",
        None,
        fixture!("stats-motion-unusable.json"),
        &expect![[r#"
            location:gps rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:07.000Z 419000000 -877000000 heading - speed - at 08:00:07
            fuel_level:fuelPercents rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:02.000Z 0 at 08:00:02
            provider_source_data_invalid at data[0].gps[0].latitude:
              outside ±90°
            provider_source_data_invalid at data[0].gps[1].longitude:
              outside ±180°
            provider_source_data_invalid at data[0].gps[2].latitude:
              a text, not a number
            provider_source_data_invalid at data[0].gps[3].longitude:
              missing, not a number
            provider_source_data_invalid at data[0].gps[4].time:
              not an RFC 3339 time
            provider_source_data_invalid at data[0].gps[5].time:
              missing, not a time
            provider_source_data_invalid at data[0].gps[6].time:
              a number, not a time
            provider_source_data_invalid at data[0].gps[7].headingDegrees:
              outside 0 to 360°
            provider_source_data_invalid at data[0].gps[7].speedMilesPerHour:
              not a speed
            provider_source_data_invalid at data[0].gps[7].reverseGeo:
              a text, not an object
            provider_source_data_invalid at data[0].gps[8]:
              null, not a reading
            provider_source_data_invalid at data[0].gps[9]:
              a list, not a reading
            provider_source_data_invalid at data[0].engineStates[0].value:
              `Cranking` is neither `Off`, `On` nor `Idle`
            provider_source_data_invalid at data[0].engineStates[1].value:
              missing, not an engine state
            provider_source_data_invalid at data[0].engineStates[2].value:
              an object, not an engine state
            provider_source_data_invalid at data[0].fuelPercents[0].value:
              -1 is negative
            provider_source_data_invalid at data[0].fuelPercents[1].value:
              101 is out of range for fuel_level
            invalid_source_identifier at data[1].id:
              missing, not an id: 1 readings lost
            provider_source_data_invalid at data[2].id:
              a vehicle that was not asked for: 1 readings left out
            end
        "#]],
    );
}

#[test]
fn distance_has_two_odometers_and_skips_what_was_not_asked_for() {
    check(
        "stats.distance",
        None,
        fixture!("stats-distance.json"),
        &expect![[r#"
            odometer:obdOdometerMeters rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 81234568 at 08:00:00
            odometer:gpsOdometerMeters rank 1
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 81234500 at 08:00:00
            engine_runtime:obdEngineSeconds rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 9723103000 at 08:00:00
            end
        "#]],
    );
}

#[test]
fn engine_values_in_litres_milliseconds_and_rpm() {
    check(
        "stats.engine",
        None,
        fixture!("stats-engine.json"),
        &expect![[r#"
            engine_runtime:syntheticEngineSeconds rank 1
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 9723103000 at 08:00:00
            total_fuel_consumption:fuelConsumedMilliliters rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 123457 at 08:00:00
            engine_rpm:engineRpm rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 125000 at 08:00:00
            end
        "#]],
    );
}

#[test]
fn health_values_in_psi_celsius_and_volts() {
    check(
        "stats.health",
        None,
        fixture!("stats-health.json"),
        &expect![[r#"
            engine_oil_pressure:engineOilPressureKPa rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 4496 at 08:00:00
            engine_coolant_temperature:engineCoolantTemperatureMilliC rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 8825 at 08:00:00
              2026-03-01T08:10:00.000Z -1250 at 08:10:00
            battery_voltage:batteryMilliVolts rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T08:00:00.000Z 1399 at 08:00:00
            provider_source_data_invalid at
              data[0].engineCoolantTemperatureMilliC[2].value:
              -300000 is out of range for engine_coolant_temperature
            end
        "#]],
    );
}

#[test]
fn requests_of_history_name_types_vehicles_and_window() {
    let all = [
        asked("stats.motion", None),
        asked("stats.motion", Some("stats-cursor-1")),
        asked("stats.distance", None),
        asked("stats.engine", None),
        asked("stats.health", None),
    ];
    expect![[r#"
        /fleet/vehicles/stats/history
            types=gps,engineStates,fuelPercents
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            limit=512
        /fleet/vehicles/stats/history
            types=gps,engineStates,fuelPercents
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            limit=512
            after=stats-cursor-1
        /fleet/vehicles/stats/history
            types=obdOdometerMeters,gpsOdometerMeters,obdEngineSeconds
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            limit=512
        /fleet/vehicles/stats/history
            types=syntheticEngineSeconds,fuelConsumedMilliliters,engineRpm
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            limit=512
        /fleet/vehicles/stats/history
            types=engineOilPressureKPa,engineCoolantTemperatureMilliC,batteryMilliVolts
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            limit=512"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn a_page_of_another_shape_is_refused_whole() {
    let refused = |body: &str| match read("stats.motion", None, body.as_bytes()) {
        Err(ProviderError::UnexpectedAnswer { at, .. }) => at,
        other => panic!("{other:?}"),
    };
    let end = r#""pagination":{"endCursor":"","hasNextPage":false}"#;
    let all = [
        refused(&format!(r#"{{"data":[{{"id":"1","gps":{{}}}}],{end}}}"#)),
        refused(&format!(r#"{{"data":[null],{end}}}"#)),
        refused(&format!(r#"{{"data":{{}},{end}}}"#)),
        refused(&format!("{{{end}}}")),
        refused(r#"{"data":[]}"#),
        refused(r#"{"data":[],"pagination":{"endCursor":""}}"#),
        refused(r#"{"data":[],"pagination":{"endCursor":"","hasNextPage":true}}"#),
        refused(r#"{"data":[],"pagination":{"hasNextPage":true}}"#),
        refused(&format!(r#"{{"data":[],{end}}} and more"#)),
        refused("<html>Sign in</html>"),
        refused(""),
    ];
    expect![[r#"
        line 1 column 25 (invalid type: map, expected a list of gps readings)
        line 1 column 13 (invalid type: null, expected a vehicle)
        line 1 column 8 (invalid type: map, expected a list of vehicles)
        line 1 column 51 (missing field `data`)
        line 1 column 11 (missing field `pagination`)
        line 1 column 40 (missing field `hasNextPage`)
        pagination.endCursor
        pagination.endCursor
        line 1 column 63 (trailing characters)
        line 1 column 1 (expected value)
        line 1 column 0 (EOF while parsing a value)"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn the_cursor_that_was_sent_is_no_next_page() {
    let sent = Some("stats-cursor-1");
    match read("stats.motion", sent, fixture!("stats-motion.json")) {
        Err(ProviderError::UnexpectedAnswer { at, .. }) => assert_eq!(at, "pagination.endCursor"),
        other => panic!("it would never end: {other:?}"),
    }
}

#[test]
fn explained_for_people() {
    let body = fixture!("stats-distance.json");
    let json = explain(&Samsara, "stats.distance", &answer(200, body), &ids()).expect("a page");
    expect![[r#"
        {
          "account": null,
          "drafts": [],
          "news": [],
          "next": "end",
          "notices": [],
          "points": [
            {
              "kind": "odometer",
              "points": [
                {
                  "id": "vcl_st_01KJM6JM00MGYMDG1SQ7Q77N90",
                  "odometer": 812345.68,
                  "rawOffset": 63,
                  "time": "2026-03-01T08:00:00.000Z"
                }
              ],
              "rank": 0,
              "signal": "obdOdometerMeters",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            },
            {
              "kind": "odometer",
              "points": [
                {
                  "id": "vcl_st_01KJM6JM0056876FQMY7NH6THG",
                  "odometer": 812345.0,
                  "rawOffset": 135,
                  "time": "2026-03-01T08:00:00.000Z"
                }
              ],
              "rank": 1,
              "signal": "gpsOdometerMeters",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            },
            {
              "kind": "engine_runtime",
              "points": [
                {
                  "duration": 9723103000,
                  "id": "vcl_st_01KJM6JM00SEXSJFECJ3SB6JG9",
                  "rawOffset": 206,
                  "time": "2026-03-01T08:00:00.000Z"
                }
              ],
              "rank": 0,
              "signal": "obdEngineSeconds",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
          ],
          "withdrawals": []
        }"#]]
    .assert_eq(&format!("{json:#}"));
    let error = explain(&Samsara, "stats.speed", &answer(200, body), &ids());
    assert!(matches!(error, Err(ExplainError::UnknownStream { known, .. }) if known.len() == 23));
    let error = explain(&Samsara, "stats.distance", &answer(429, body), &ids());
    assert!(matches!(
        error,
        Err(ExplainError::Answer(ProviderError::Throttled { .. }))
    ));
}

#[test]
fn explained_entities_show_body_and_place() {
    let body = fixture!("vehicles-3.json");
    let json = explain(&Samsara, "vehicles", &answer(200, body), &ids()).expect("a page");
    expect![[r#"
        [
          {
            "body": {
              "createdAt": "2024-05-06T12:08:09.000Z",
              "devices": [],
              "groups": [],
              "id": "vcl_01GV4D0S4DJH4JV7SV2F6R75KV",
              "name": "Café van",
              "provider": "samsara",
              "sourceId": "550000000000103",
              "status": "active",
              "year": 2019
            },
            "id": "vcl_01GV4D0S4DJH4JV7SV2F6R75KV",
            "model": "vehicle",
            "naturalKey": "550000000000103",
            "raw": [
              {
                "length": 129,
                "offset": 9
              }
            ]
          }
        ]"#]]
    .assert_eq(&format!("{:#}", json["drafts"]));
}
