//! Duty statuses and drivers' days.

use expect_test::expect;
use provider::ProviderError;

use super::{asked, check, fixture, read};

#[test]
fn pieces_are_one_status_again_and_those_that_reach_beyond_are_asked_for_alone() {
    check(
        "hos.logs",
        None,
        fixture!("logs.json"),
        &expect![[r#"
        9003 {
          "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
          "id": "hos_log_01GV4D0S4D6KWQ43Q368PQ9XEZ",
          "provider": "motive",
          "remarks": [],
          "sourceId": "9003",
          "startedAt": "2026-03-01T08:30:00.000Z",
          "status": "driving",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        9103 {
          "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
          "endedAt": "2026-03-01T08:10:00.000Z",
          "id": "hos_log_01GV4D0S4DCB5YZ646PBTPXMJ8",
          "provider": "motive",
          "remarks": [
            {
              "notes": "tired"
            }
          ],
          "sourceId": "9103",
          "startedAt": "2026-02-28T20:00:00.000Z",
          "status": "sleeper_bed",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        9104 {
          "codrivers": [
            "drv_01GV4D0S4DMF5W3CWJPXAX4WP5"
          ],
          "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
          "endedAt": "2026-03-01T08:40:00.000Z",
          "id": "hos_log_01GV4D0S4DH5SKWZ4TNG9G93TR",
          "provider": "motive",
          "remarks": [],
          "sourceId": "9104",
          "startedAt": "2026-03-01T08:10:00.000Z",
          "status": "personal_conveyance"
        }
        9105 {
          "codrivers": [
            "drv_01GV4D0S4DMF5W3CWJPXAX4WP5"
          ],
          "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
          "endedAt": "2026-03-01T08:45:00.000Z",
          "id": "hos_log_01GV4D0S4D3NZGATEB0MK91ZCB",
          "provider": "motive",
          "remarks": [],
          "sourceId": "9105",
          "startedAt": "2026-03-01T08:40:00.000Z",
          "status": "yard_move"
        }
        9106 {
          "codrivers": [
            "drv_01GV4D0S4DMF5W3CWJPXAX4WP5"
          ],
          "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
          "endedAt": "2026-03-01T08:50:00.000Z",
          "id": "hos_log_01GV4D0S4DXSRDC14H63FERA4R",
          "provider": "motive",
          "remarks": [
            {
              "notes": "Pre-trip inspection",
              "sourceId": "31",
              "submittedAt": "2026-03-01T08:46:00.000Z"
            }
          ],
          "sourceId": "9106",
          "startedAt": "2026-03-01T08:45:00.000Z",
          "status": "on_duty"
        }
        9107 {
          "codrivers": [
            "drv_01GV4D0S4DMF5W3CWJPXAX4WP5"
          ],
          "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
          "endedAt": "2026-03-01T09:00:10.000Z",
          "id": "hos_log_01GV4D0S4D5FAZE12FK23QYP1A",
          "provider": "motive",
          "remarks": [],
          "sourceId": "9107",
          "startedAt": "2026-03-01T08:50:00.000Z",
          "status": "on_duty"
        }
        next alone 88001:60:0
    "#]],
    );
    check(
        "hos.logs",
        Some("alone 88001:60:0"),
        fixture!("logs-alone.json"),
        &expect![[r#"
            8991 {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "endedAt": "2026-03-01T08:30:00.000Z",
              "id": "hos_log_01GV4D0S4D2QKXK1PQHYSZHZ2V",
              "provider": "motive",
              "remarks": [],
              "sourceId": "8991",
              "startedAt": "2026-02-26T18:00:00.000Z",
              "status": "off_duty",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            9003 {
              "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "id": "hos_log_01GV4D0S4D6KWQ43Q368PQ9XEZ",
              "provider": "motive",
              "remarks": [],
              "sourceId": "9003",
              "startedAt": "2026-03-01T08:30:00.000Z",
              "status": "driving",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            end
        "#]],
    );
}

#[test]
fn a_status_without_an_end_to_it_is_told_and_left_out() {
    check(
        "hos.logs",
        Some("alone 88001:60:0,88002:44:44"),
        fixture!("logs-endless.json"),
        &expect![[r#"
            provider_capability_not_supported at logs[0].log.events[0].event:
              a status of more than 44 days, left out: its start or end is not known
            next alone 88002:44:44
        "#]],
    );
}

#[test]
fn logs_that_are_none_are_told() {
    check(
        "hos.logs",
        None,
        fixture!("logs-unusable.json"),
        &expect![[r#"
            4 {
              "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
              "id": "hos_log_01GV4D0S4DH4EN7ET8F4J1B4R0",
              "provider": "motive",
              "remarks": [],
              "sourceId": "4",
              "startedAt": "2026-03-01T08:30:00.000Z",
              "status": "driving"
            }
            provider_source_data_invalid at logs[0].log.date:
              not a date: the row is left out
            invalid_source_identifier at logs[1].log.driver:
              nobody's: the row is left out
            provider_source_data_invalid at logs[2].log.vehicles:
              not a list of what belongs there
            invalid_source_identifier at logs[2].log.co_drivers[0].co_driver.id:
              a truth value, not an id
            provider_source_data_invalid at logs[2].log.remarks[0].remark.notes:
              a number, not a text
            provider_source_data_invalid at logs[2].log.remarks[0].remark.time:
              not an RFC 3339 time
            provider_source_data_invalid at logs[2].log.events[5]:
              lacks its wrapper: not a wrapped `event`
            provider_source_data_invalid at logs[2].log.events[0].event.type:
              `juggling` is no known duty status
            invalid_source_identifier at logs[2].log.events[1].event.id:
              missing, not an id: the row is left out
            provider_source_data_invalid at logs[2].log.events[2].event.start_time:
              missing: the row is left out
            provider_source_data_invalid at logs[2].log.events[3].event.sds_type:
              `zz` is no known special driving
            provider_source_data_invalid at logs[2].log.events[3].event.end_time:
              before the start
            provider_source_data_invalid at logs[2].log.events[4].event.type:
              missing: the row is left out
            provider_source_data_invalid at logs[3].log.events:
              not a list of what belongs there
            end
        "#]],
    );
}

#[test]
fn statuses_reach_ahead_as_well() {
    let log = |id: u32, date: &str, from: &str, until: &str| {
        format!(
            r#"{{"log":{{"id":{id},"date":"{date}","driver":{{"id":88001}},"events":[{{"event":
            {{"id":{id},"type":"off_duty","start_time":"{from}","end_time":"{until}"}}}}]}}}}"#
        )
    };
    let first = log(
        1,
        "2026-03-01",
        "2026-03-01T08:30:00Z",
        "2026-03-02T06:00:00Z",
    );
    let second = log(
        2,
        "2026-03-02",
        "2026-03-02T06:00:00Z",
        "2026-03-03T06:00:00Z",
    );
    let body = |rows: &[&str]| {
        let (count, rows) = (rows.len(), rows.join(","));
        let pagination = format!(r#"{{"per_page":100,"page_no":1,"total":{count}}}"#);
        format!(r#"{{"logs":[{rows}],"pagination":{pagination}}}"#)
    };
    let both = body(&[&second, &first]);
    let ahead = "alone 88001:0:60";
    let page = read("hos.logs", None, both.as_bytes()).expect("readable");
    assert_eq!(page.drafts, []);
    assert_eq!(
        page.next,
        provider::Next::Page(provider::Position(ahead.to_owned()))
    );
    let page = read("hos.logs", Some(ahead), both.as_bytes()).expect("readable");
    assert!(
        page.drafts[0]
            .body
            .contains(r#""endedAt":"2026-03-03T06:00:00.000Z""#)
    );
    assert_eq!(page.next, provider::Next::End);
}

#[test]
fn more_than_a_page_is_asked_for_in_smaller_batches() {
    let body = r#"{"logs":[{}],"pagination":{"per_page":1,"page_no":1,"total":2}}"#;
    let error = read("hos.logs", None, body.as_bytes());
    assert_eq!(error, Err(ProviderError::TooLarge));
}

#[test]
fn days_have_sums_and_special_driving() {
    check(
        "hos.daily",
        None,
        fixture!("logs-daily.json"),
        &expect![[r#"
        473 {
          "date": "2026-03-01",
          "distances": {
            "total": 480.5
          },
          "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
          "id": "hos_day_01GV4D0S4DGD6MJP642DC15EJZ",
          "provider": "motive",
          "sourceId": "473",
          "statusDurations": {
            "driving": 21600000,
            "offDuty": 43200000,
            "onDuty": 7200500,
            "personalConveyance": 1800000,
            "sleeperBed": 0,
            "waiting": 0,
            "yardMove": 300000
          }
        }
        472 {
          "date": "2026-02-28",
          "distances": {
            "total": 160.93
          },
          "driver": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
          "id": "hos_day_01GV4D0S4D7YB139M0VMJAMVMM",
          "provider": "motive",
          "sourceId": "472",
          "statusDurations": {
            "driving": 21600000,
            "offDuty": 43200000,
            "onDuty": 7200500,
            "personalConveyance": 0,
            "sleeperBed": 0,
            "waiting": 60000,
            "yardMove": 0
          }
        }
        476 {
          "date": "2026-03-01",
          "driver": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
          "id": "hos_day_01GV4D0S4D8XW1V2G7C26Y62KW",
          "provider": "motive",
          "sourceId": "476",
          "statusDurations": {
            "driving": 21600000,
            "offDuty": 43200000,
            "onDuty": 7200500,
            "personalConveyance": 0,
            "sleeperBed": 0,
            "waiting": 0,
            "yardMove": 3600000
          }
        }
        end
    "#]],
    );
}

#[test]
fn logs_are_asked_for_with_the_days_around() {
    let all = [
        asked("hos.logs", None),
        asked("hos.logs", Some("alone 88001:60:0,88002:44:44")),
        asked("hos.logs", Some("alone 88002:44:44")),
        asked("hos.daily", None),
        asked("hos.daily", Some("2/130")),
    ];
    expect![[r#"
        /v1/logs
            per_page=100
            page_no=1
            driver_ids[]=88001
            driver_ids[]=88002
            driver_ids[]=88003
            start_date=2026-02-28
            end_date=2026-03-02
        /v1/logs
            per_page=100
            page_no=1
            driver_ids[]=88001
            start_date=2025-12-30
            end_date=2026-03-02
        /v1/logs
            per_page=100
            page_no=1
            driver_ids[]=88002
            start_date=2026-01-15
            end_date=2026-04-15
        /v1/logs
            per_page=100
            page_no=1
            driver_ids[]=88001
            driver_ids[]=88002
            driver_ids[]=88003
            start_date=2026-02-28
            end_date=2026-03-01
        /v1/logs
            per_page=100
            page_no=2
            driver_ids[]=88001
            driver_ids[]=88002
            driver_ids[]=88003
            start_date=2026-02-28
            end_date=2026-03-01"#]]
    .assert_eq(&all.join("\n"));
}
