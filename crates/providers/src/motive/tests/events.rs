//! Driving, idling, safety events.

use expect_test::expect;

use super::{asked, check, fixture};

#[test]
fn trips_are_the_periods_that_are_over() {
    check(
        "trips",
        None,
        fixture!("driving-periods.json"),
        &expect![[r#"
            4611096109 {
              "distance": 26.35,
              "duration": 300000,
              "endLocation": {
                "latitude": 41.9,
                "longitude": -87.7
              },
              "endedAt": "2026-03-01T08:45:00.000Z",
              "id": "trp_01GV4D0S4DA629ZYR3KNHDEZ5W",
              "provider": "motive",
              "sourceId": "4611096109",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T08:40:00.000Z",
              "vehicle": "vcl_01GV4D0S4DP3SZBHMZQFVNRJKN"
            }
            4611096108 {
              "distance": 1610.15,
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "duration": 600500,
              "endLocation": {
                "latitude": 41.9,
                "longitude": -87.7
              },
              "endedAt": "2026-03-01T08:20:00.500Z",
              "id": "trp_01GV4D0S4DX0MH9JAW4NYKBM6J",
              "provider": "motive",
              "sourceId": "4611096108",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T08:10:00.000Z",
              "vehicle": "vcl_01GV4D0S4DC33RMNKH1F93BHXH"
            }
            4611096107 {
              "distance": 26.35,
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "duration": 2100000,
              "endLocation": {
                "latitude": 41.9,
                "longitude": -87.7
              },
              "endedAt": "2026-03-01T08:05:00.000Z",
              "id": "trp_01GV4D0S4DA2QMC0ZTAM8J04AQ",
              "provider": "motive",
              "sourceId": "4611096107",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T07:30:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            end
        "#]],
    );
}

#[test]
fn periods_that_are_no_trips_are_told() {
    check(
        "trips",
        None,
        fixture!("driving-periods-unusable.json"),
        &expect![[r#"
            6 {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "duration": 300000,
              "endedAt": "2026-03-01T08:55:00.000Z",
              "id": "trp_01GV4D0S4DR58SXQC8WF2717E6",
              "provider": "motive",
              "sourceId": "6",
              "startedAt": "2026-03-01T08:50:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            7 {
              "duration": 300000,
              "endLocation": {
                "latitude": 41.9,
                "longitude": -87.7
              },
              "endedAt": "2026-03-01T08:55:00.000Z",
              "id": "trp_01GV4D0S4D5KK6Y8GYZRBGY5QX",
              "provider": "motive",
              "sourceId": "7",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T08:50:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            provider_capability_not_supported at driving_periods[0].driving_period.status:
              `interrupted`, not `complete`: the period is left out
            provider_capability_not_supported at driving_periods[1].driving_period.status:
              `nothing`, not `complete`: the period is left out
            provider_source_data_invalid at
              driving_periods[2].driving_period.end_time:
              before the start: the row is left out
            provider_source_data_invalid at
              driving_periods[3].driving_period.end_time:
              missing: the row is left out
            missing_vehicle_identifier at
              driving_periods[4].driving_period.vehicle:
              nobody's: the row is left out
            provider_source_data_invalid at
              driving_periods[5].driving_period.origin_lat:
              outside ±90°
            provider_source_data_invalid at
              driving_periods[5].driving_period.destination_lon:
              a text, not a number
            provider_source_data_invalid at
              driving_periods[5].driving_period.end_kilometers:
              less than at the start
            invalid_source_identifier at
              driving_periods[6].driving_period.driver.id:
              a text, not an id
            provider_source_data_invalid at
              driving_periods[6].driving_period.distance:
              neither miles nor kilometres
            end
        "#]],
    );
}

#[test]
fn idling_has_litres_whatever_the_flag_says() {
    check(
        "idle_events",
        None,
        fixture!("idle-events.json"),
        &expect![[r#"
            5723110251 {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "endedAt": "2026-03-01T08:10:00.000Z",
              "fuelConsumed": 6.44,
              "location": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "sourceId": "5723110251",
              "startedAt": "2026-03-01T07:50:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            5723110252 {
              "endedAt": "2026-03-01T08:30:00.000Z",
              "sourceId": "5723110252",
              "startedAt": "2026-03-01T08:20:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            5723110255 {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "endedAt": "2026-03-01T08:41:00.000Z",
              "location": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "sourceId": "5723110255",
              "startedAt": "2026-03-01T08:40:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            provider_source_data_invalid at idle_events[4].idle_event.veh_fuel_end:
              less than at the start
            end
        "#]],
    );
}

#[test]
fn safety_events_come_in_two_lists() {
    check(
        "safety",
        None,
        fixture!("performance-1.json"),
        &expect![[r#"
        performance-828645972 {
          "cameraMedia": {
            "frontFacing": {
              "available": true,
              "sourceId": "321"
            },
            "rearFacing": {
              "available": false,
              "sourceId": "321"
            }
          },
          "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
          "endLocation": {
            "latitude": 43.032,
            "longitude": -78.83
          },
          "endedAt": "2026-03-01T08:22:53.000Z",
          "id": "sft_evt_01GV4D0S4DEF7ES43Y00Q6AFGD",
          "provider": "motive",
          "sourceId": "performance-828645972",
          "sourceType": "hard_brake",
          "startLocation": {
            "latitude": 41.85,
            "longitude": -87.65
          },
          "startedAt": "2026-03-01T08:22:51.000Z",
          "stats": {
            "averageSpeed": 41.95,
            "gForceForwardBackward": -0.2926,
            "heading": 269.69,
            "maximumSpeed": 68.15
          },
          "type": "harsh_brake",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        performance-828645973 {
          "endedAt": "2026-03-01T08:23:53.000Z",
          "id": "sft_evt_01GV4D0S4D324N0DVK3MSZ2Y7T",
          "provider": "motive",
          "sourceId": "performance-828645973",
          "sourceType": "hard_corner",
          "startLocation": {
            "latitude": 41.85,
            "longitude": -87.65
          },
          "startedAt": "2026-03-01T08:23:51.000Z",
          "stats": {
            "averageSpeed": 41.95,
            "gForceSideToSide": 0.32,
            "maximumSpeed": 68.15
          },
          "type": "harsh_turn",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        next performance 2/3
    "#]],
    );
    check(
        "safety",
        Some("performance 2/3"),
        fixture!("performance-2.json"),
        &expect![[r#"
            performance-828645974 {
              "cameraMedia": {
                "frontFacing": {
                  "available": false,
                  "sourceId": "322"
                },
                "rearFacing": {
                  "available": false,
                  "sourceId": "322"
                }
              },
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "endedAt": "2026-03-01T08:24:53.000Z",
              "id": "sft_evt_01GV4D0S4DHKVEHFAK1ZRRNEWQ",
              "provider": "motive",
              "sourceId": "performance-828645974",
              "sourceType": "cell_phone",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T08:24:51.000Z",
              "stats": {
                "maximumSpeed": 68.15
              },
              "type": "cell_phone",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            next speeding 1/
        "#]],
    );
    check(
        "safety",
        Some("speeding 1/"),
        fixture!("speeding.json"),
        &expect![[r#"
            speeding-828645972 {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "endLocation": {
                "latitude": 41.9,
                "longitude": -87.7
              },
              "endedAt": "2026-03-01T08:06:00.000Z",
              "id": "sft_evt_01GV4D0S4DNGM1553KZ3AA3396",
              "provider": "motive",
              "sourceId": "speeding-828645972",
              "sourceType": "posted",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T08:05:00.000Z",
              "stats": {
                "averageSpeed": 115.2,
                "maximumSpeed": 124.71,
                "roadSpeedLimit": 104.61
              },
              "type": "speeding",
              "vehicle": "vcl_01GV4D0S4DP3SZBHMZQFVNRJKN"
            }
            speeding-828645991 {
              "id": "sft_evt_01GV4D0S4DTRD6J088WA7GCSE8",
              "provider": "motive",
              "sourceId": "speeding-828645991",
              "sourceType": "posted",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T08:59:59.000Z",
              "stats": {
                "averageSpeed": 115.2,
                "roadSpeedLimit": 104.61
              },
              "type": "speeding",
              "vehicle": "vcl_01GV4D0S4DP3SZBHMZQFVNRJKN"
            }
            end
        "#]],
    );
}

#[test]
fn safety_events_that_are_none_are_told() {
    check(
        "safety",
        None,
        fixture!("performance-unusable.json"),
        &expect![[r#"
            performance-828645981 {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "id": "sft_evt_01GV4D0S4DK1EEMR931PH0QE5V",
              "provider": "motive",
              "sourceId": "performance-828645981",
              "sourceType": "hard_brake",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T08:22:51.000Z",
              "type": "harsh_brake",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            performance-828645985 {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "id": "sft_evt_01GV4D0S4DCCM8WXVP0G4Y0XEP",
              "provider": "motive",
              "sourceId": "performance-828645985",
              "sourceType": "hard_accel",
              "startLocation": {
                "latitude": 41.85,
                "longitude": -87.65
              },
              "startedAt": "2026-03-01T08:30:00.000Z",
              "stats": {
                "averageSpeed": 41.95,
                "maximumSpeed": 68.15
              },
              "type": "harsh_acceleration",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            provider_capability_not_supported at
              driver_performance_events[0].driver_performance_event.type:
              no type for `juggling`: the event is left out
            provider_source_data_invalid at
              driver_performance_events[1].driver_performance_event.end_time:
              before the start
            provider_source_data_invalid at
              driver_performance_events[1].driver_performance_event.m_gps_spd:
              not a list of numbers
            provider_source_data_invalid at
              driver_performance_events[1].driver_performance_event.max_speed:
              -4 is out of range
            provider_source_data_invalid at
              driver_performance_events[1].driver_performance_event.intensity:
              `strong` is no known intensity
            provider_source_data_invalid at
              driver_performance_events[1].driver_performance_event.start_bearing:
              outside 0 to 360°
            provider_source_data_invalid at
              driver_performance_events[1].driver_performance_event.camera_media:
              a text, not an object
            provider_source_data_invalid at
              driver_performance_events[2].driver_performance_event.start_time:
              missing: the row is left out
            missing_vehicle_identifier at
              driver_performance_events[4].driver_performance_event.vehicle:
              nobody's: the row is left out
            provider_source_data_invalid at
              driver_performance_events[5].driver_performance_event.primary_behavior:
              not a list of what belongs there
            provider_source_data_invalid at
              driver_performance_events[5].driver_performance_event.intensity:
              `x kph/s` is no known intensity
            next speeding 1/
        "#]],
    );
}

#[test]
fn events_are_asked_for_with_days_to_spare() {
    let all = [
        asked("trips", None),
        asked("trips", Some("3/250")),
        asked("idle_events", None),
        asked("safety", None),
        asked("safety", Some("performance 2/3")),
        asked("safety", Some("speeding 1/")),
    ];
    expect![[r#"
        /v1/driving_periods
            per_page=100
            page_no=1
            vehicle_ids[]=700101
            vehicle_ids[]=700102
            vehicle_ids[]=700103
            start_date=2026-02-28
            end_date=2026-03-01
        /v1/driving_periods
            per_page=100
            page_no=3
            vehicle_ids[]=700101
            vehicle_ids[]=700102
            vehicle_ids[]=700103
            start_date=2026-02-28
            end_date=2026-03-01
        /v1/idle_events
            per_page=100
            page_no=1
            start_date=2026-02-28
            end_date=2026-03-02
        /v2/driver_performance_events
            per_page=100
            page_no=1
            media_required=true
            start_date=2026-02-28
            end_date=2026-03-02
        /v2/driver_performance_events
            per_page=100
            page_no=2
            media_required=true
            start_date=2026-02-28
            end_date=2026-03-02
        /v1/speeding_events
            per_page=100
            page_no=1
            start_date=2026-02-28
            end_date=2026-03-02"#]]
    .assert_eq(&all.join("\n"));
}
