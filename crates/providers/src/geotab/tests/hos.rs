//! Hours of service.

use expect_test::expect;

use super::{check, fixture, position_after};

#[test]
fn logs_without_notes_are_given_at_once() {
    check(
        "hos.logs",
        None,
        fixture!("hos-logs"),
        &expect![[r#"
        bD2 {
          "codrivers": [
            "drv_01GV4D0S4DTQXQHVVXA8A8KK6H"
          ],
          "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "endedAt": "2026-03-01T08:45:00.000Z",
          "id": "hos_log_01GV4D0S4DS7VK8A09ZX9AMSFJ",
          "location": {
            "latitude": 30.5,
            "longitude": -97.5
          },
          "provider": "geotab",
          "remarks": [],
          "sourceId": "bD2",
          "startedAt": "2026-03-01T08:05:00.000Z",
          "status": "driving",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        bD5 {
          "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "endedAt": "2026-03-01T09:30:00.000Z",
          "id": "hos_log_01GV4D0S4DVH12V1HNM2SB0N0C",
          "provider": "geotab",
          "remarks": [],
          "sourceId": "bD5",
          "startedAt": "2026-03-01T08:56:00.000Z",
          "status": "sleeper_bed",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        bE1 {
          "driver": "drv_01GV4D0S4DTQXQHVVXA8A8KK6H",
          "id": "hos_log_01GV4D0S4DN6ZC5JHC1K099GTB",
          "provider": "geotab",
          "remarks": [],
          "sourceId": "bE1",
          "startedAt": "2026-03-01T08:20:00.000Z",
          "status": "yard_move"
        }
        provider_source_data_invalid at result[1][1].status:
          `Nap` is no known kind of log
        provider_source_data_invalid at result[1][2].status:
          missing: the row is left out
        provider_source_data_invalid at result[1][3].driver:
          not asked for: the row is left out
        provider_source_data_invalid at result[1][4].dateTime:
          a number, not a text
        provider_source_data_invalid at result[1][5].state:
          `Dreaming` is no known state: left out
        provider_source_data_invalid at result[1][6].eventRecordStatus:
          9 is no known record status: left out
        next [{"log":"bD1","annotations":["bAA31","bAA32"]},{"log":"bD3",
          "annotations":["bAA33"]}]
    "#]],
    );
}

#[test]
fn logs_with_notes_are_given_with_them() {
    let position = position_after("hos.logs", fixture!("hos-logs"));
    check(
        "hos.logs",
        Some(&position),
        fixture!("hos-logs-annotated"),
        &expect![[r#"
            bD1 {
              "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
              "endedAt": "2026-03-01T08:05:00.000Z",
              "id": "hos_log_01GV4D0S4D1MJG8HY3M3H4VHQ7",
              "provider": "geotab",
              "remarks": [
                {
                  "notes": "Pre-trip inspection",
                  "sourceId": "bAA31",
                  "submittedAt": "2026-03-01T09:15:00.000Z"
                }
              ],
              "sourceId": "bD1",
              "startedAt": "2026-03-01T07:00:00.000Z",
              "status": "on_duty",
              "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
            }
            bD3 {
              "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
              "endedAt": "2026-03-01T08:55:00.000Z",
              "id": "hos_log_01GV4D0S4DAZM1EGVKQ6C0YEQS",
              "provider": "geotab",
              "remarks": [
                {
                  "notes": "Going home",
                  "sourceId": "bAA33",
                  "submittedAt": "2026-03-01T09:15:00.000Z"
                }
              ],
              "sourceId": "bD3",
              "startedAt": "2026-03-01T08:45:00.000Z",
              "status": "personal_conveyance",
              "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
            }
            provider_source_data_invalid at result[1][1].status:
              `Nap` is no known kind of log
            provider_source_data_invalid at result[1][2].status:
              missing: the row is left out
            provider_source_data_invalid at result[1][3].driver:
              not asked for: the row is left out
            provider_source_data_invalid at result[1][4].dateTime:
              a number, not a text
            provider_source_data_invalid at result[1][5].state:
              `Dreaming` is no known state: left out
            provider_source_data_invalid at result[1][6].eventRecordStatus:
              9 is no known record status: left out
            end
        "#]],
    );
}

#[test]
fn a_day_holds_what_its_statuses_lasted() {
    check(
        "hos.daily",
        None,
        fixture!("hos-daily"),
        &expect![[r#"
        b101-2026-03-01 {
          "date": "2026-03-01",
          "distances": {
            "driving": 50.5,
            "personalConveyance": 2.0,
            "total": 52.5,
            "yardMove": 0.0
          },
          "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "id": "hos_day_01GV4D0S4D38EQ20XP4AFZ7EN4",
          "provider": "geotab",
          "sourceId": "b101-2026-03-01",
          "statusDurations": {
            "driving": 2400000,
            "offDuty": 0,
            "onDuty": 12900000,
            "personalConveyance": 600000,
            "sleeperBed": 2040000,
            "waiting": 0,
            "yardMove": 0
          }
        }
        b102-2026-03-01 {
          "date": "2026-03-01",
          "driver": "drv_01GV4D0S4DTQXQHVVXA8A8KK6H",
          "id": "hos_day_01GV4D0S4DHQPF8VCW8R4G1K2D",
          "provider": "geotab",
          "sourceId": "b102-2026-03-01",
          "statusDurations": {
            "driving": 0,
            "offDuty": 0,
            "onDuty": 0,
            "personalConveyance": 0,
            "sleeperBed": 0,
            "waiting": 0,
            "yardMove": 13200000
          }
        }
        provider_source_data_invalid at result[3][1].status:
          `Nap` is no known kind of log
        provider_source_data_invalid at result[3][2].status:
          missing: the row is left out
        provider_source_data_invalid at result[3][3].driver:
          not asked for: the row is left out
        provider_source_data_invalid at result[3][4].dateTime:
          a number, not a text
        provider_source_data_invalid at result[3][5].state:
          `Dreaming` is no known state: left out
        provider_source_data_invalid at result[3][6].eventRecordStatus:
          9 is no known record status: left out
        end
    "#]],
    );
}
