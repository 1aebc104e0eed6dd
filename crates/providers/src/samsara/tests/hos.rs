//! Hours of service: duty statuses, and days of both sweeps of drivers.

use expect_test::expect;
use provider::ProviderError;

use super::{asked, check, fixture, read};

#[test]
fn statuses_that_touch_the_window_and_the_one_that_lasts() {
    check(
        "hos.logs",
        None,
        fixture!("hos-logs.json"),
        &expect![[r#"
            88001:2026-03-01T07:40:00.000Z:driving {
              "codrivers": [
                "drv_01GV4D0S4D51ETX3189MTDHMTQ"
              ],
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "endedAt": "2026-03-01T08:15:00.250Z",
              "id": "hos_log_01GV4D0S4DMZFPWNNGKE9NHR6N",
              "location": {
                "latitude": 41.8781136,
                "longitude": -87.6297982
              },
              "provider": "samsara",
              "remarks": [
                {
                  "notes": "Left the yard"
                }
              ],
              "sourceId": "88001:2026-03-01T07:40:00.000Z:driving",
              "startedAt": "2026-03-01T07:40:00.000Z",
              "status": "driving",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            88001:2026-03-01T08:15:00.250Z:on_duty {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "endedAt": "2026-03-01T08:15:00.250Z",
              "id": "hos_log_01GV4D0S4D4VPHZVEXJSK38HG0",
              "provider": "samsara",
              "remarks": [],
              "sourceId": "88001:2026-03-01T08:15:00.250Z:on_duty",
              "startedAt": "2026-03-01T08:15:00.250Z",
              "status": "on_duty"
            }
            88001:2026-03-01T08:15:00.250Z:personal_conveyance {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "id": "hos_log_01GV4D0S4D5KF3QPKVMWXVJTP6",
              "provider": "samsara",
              "remarks": [],
              "sourceId": "88001:2026-03-01T08:15:00.250Z:personal_conveyance",
              "startedAt": "2026-03-01T08:15:00.250Z",
              "status": "personal_conveyance"
            }
            88002:2026-03-01T05:00:00.000Z:sleeper_bed {
              "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
              "id": "hos_log_01GV4D0S4DSZG65X7G2SG86VC0",
              "provider": "samsara",
              "remarks": [],
              "sourceId": "88002:2026-03-01T05:00:00.000Z:sleeper_bed",
              "startedAt": "2026-03-01T05:00:00.000Z",
              "status": "sleeper_bed"
            }
            next logs-1
        "#]],
    );
}

#[test]
fn unusable_statuses_are_reported() {
    check(
        "hos.logs",
        Some("logs-1"),
        fixture!("hos-logs-unusable.json"),
        &expect![[r#"
            88001:2026-03-01T08:00:00.000Z:yard_move {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "id": "hos_log_01GV4D0S4D7DM8STAPSHJW6PT3",
              "provider": "samsara",
              "remarks": [],
              "sourceId": "88001:2026-03-01T08:00:00.000Z:yard_move",
              "startedAt": "2026-03-01T08:00:00.000Z",
              "status": "yard_move"
            }
            invalid_source_identifier at data[0].driver:
              missing: the row is left out
            provider_source_data_invalid at data[1].driver.id:
              not asked for: the row is left out
            provider_source_data_invalid at data[2].hosLogs[0].logStartTime:
              missing: the row is left out
            provider_source_data_invalid at data[2].hosLogs[1].hosStatusType:
              missing: the row is left out
            provider_source_data_invalid at data[2].hosLogs[2].hosStatusType:
              missing: the row is left out
            provider_source_data_invalid at data[2].hosLogs[3].hosStatusType:
              `flying` is no known duty status
            provider_source_data_invalid at data[2].hosLogs[4].hosStatusType:
              a number, not a text
            provider_source_data_invalid at data[2].hosLogs[6].vehicle:
              a text, not an object
            provider_source_data_invalid at data[2].hosLogs[6].codrivers[0].id:
              a number, not a text
            provider_source_data_invalid at data[2].hosLogs[6].codrivers[1]:
              a text, not an object
            provider_source_data_invalid at
              data[2].hosLogs[6].logRecordedLocation.latitude:
              outside ±90°
            provider_source_data_invalid at data[2].hosLogs[6].remark:
              a list, not a text
            provider_source_data_invalid at data[2].hosLogs[6].logEndTime:
              before the start
            provider_source_data_invalid at data[2].hosLogs[7]:
              a text, not an object
            end
        "#]],
    );
    let body = br#"{"data":[{"driver":{"id":"88001"},"hosLogs":{}}],
        "pagination":{"endCursor":"","hasNextPage":false}}"#;
    let error = read("hos.logs", None, body).expect_err("no list");
    assert!(matches!(error, ProviderError::UnexpectedAnswer { .. }));
}

#[test]
fn a_day_has_the_date_of_where_the_driver_lives() {
    check(
        "hos.daily",
        None,
        fixture!("hos-daily-active.json"),
        &expect![[r#"
            88001:2026-03-01 {
              "date": "2026-03-01",
              "distances": {
                "driving": 598.11,
                "personalConveyance": 0.0,
                "yardMove": 1.88
              },
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "id": "hos_day_01GV4D0S4D5H02TNXMSV0BEJP4",
              "provider": "samsara",
              "sourceId": "88001:2026-03-01",
              "statusDurations": {
                "driving": 31970000,
                "offDuty": 20555000,
                "onDuty": 5423000,
                "personalConveyance": 4358000,
                "sleeperBed": 27020000,
                "waiting": 1560000,
                "yardMove": 1432000
              }
            }
            next deactivated:
        "#]],
    );
    check(
        "hos.daily",
        Some("deactivated:"),
        fixture!("hos-daily-deactivated.json"),
        &expect![[r#"
            88003:2026-02-28 {
              "date": "2026-02-28",
              "driver": "drv_01GV4D0S4DMF5W3CWJPXAX4WP5",
              "id": "hos_day_01GV4D0S4DWKEW6ZH7A6YXMD1B",
              "provider": "samsara",
              "sourceId": "88003:2026-02-28",
              "statusDurations": {
                "offDuty": 86400000
              }
            }
            88003:2026-03-01 {
              "date": "2026-03-01",
              "driver": "drv_01GV4D0S4DMF5W3CWJPXAX4WP5",
              "id": "hos_day_01GV4D0S4D5RA6FPSCHV5TQJSF",
              "provider": "samsara",
              "sourceId": "88003:2026-03-01",
              "statusDurations": {}
            }
            provider_source_data_invalid at data[1].driver.timezone:
              no time zone that is known here
            provider_source_data_invalid at
              data[1].distanceTraveled.driveDistanceMeters:
              a text, not a number
            provider_source_data_invalid at
              data[1].dutyStatusDurations.offDutyDurationMs:
              a text, not a number
            provider_source_data_invalid at
              data[1].dutyStatusDurations.driveDurationMs:
              -5 is no duration
            provider_source_data_invalid at data[2].driver.id:
              not asked for: the row is left out
            invalid_source_identifier at data[3].driver.id:
              missing, not an id: the row is left out
            provider_source_data_invalid at data[4].driver:
              missing, not an object
            provider_source_data_invalid at data[5].startTime:
              missing: the row is left out
            end
        "#]],
    );
}

#[test]
fn requests_of_hours_of_service() {
    let all = [
        asked("hos.logs", None),
        asked("hos.logs", Some("logs-1")),
        asked("hos.daily", None),
        asked("hos.daily", Some("active:x:y")),
        asked("hos.daily", Some("deactivated:")),
    ];
    expect![[r#"
        /fleet/hos/logs
            driverIds=88001,88002,88003
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
        /fleet/hos/logs
            driverIds=88001,88002,88003
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            after=logs-1
        /fleet/hos/daily-logs
            driverIds=88001,88002,88003
            startDate=2026-02-28
            endDate=2026-03-01
            driverActivationStatus=active
        /fleet/hos/daily-logs
            driverIds=88001,88002,88003
            startDate=2026-02-28
            endDate=2026-03-01
            driverActivationStatus=active
            after=x:y
        /fleet/hos/daily-logs
            driverIds=88001,88002,88003
            startDate=2026-02-28
            endDate=2026-03-01
            driverActivationStatus=deactivated"#]]
    .assert_eq(&all.join("\n"));
}
