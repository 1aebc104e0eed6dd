//! Sums of days and months: utilization and fuel tax.

use expect_test::expect;
use model::Zone;
use provider::{Provider, Task};

use super::{Samsara, asked, check, fixture, ids, stream};

#[test]
fn a_vehicle_s_day_in_the_fleet_s_zone() {
    check(
        "utilization",
        None,
        fixture!("utilization.json"),
        &expect![[r#"
            vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03-01 {
              "distance": 431.9,
              "durations": {
                "driving": 21600000,
                "idling": 1800000
              },
              "endAt": "2026-03-02T06:00:00.000Z",
              "fuelConsumed": 142.31,
              "provider": "samsara",
              "startAt": "2026-03-01T06:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            vcl_01GV4D0S4DYVT7V0FMWX84TN96:2026-03-01 {
              "distance": 0.0,
              "endAt": "2026-03-02T06:00:00.000Z",
              "provider": "samsara",
              "startAt": "2026-03-01T06:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4DYVT7V0FMWX84TN96"
            }
            next utilization-1
        "#]],
    );
    check(
        "utilization",
        Some("utilization-1"),
        fixture!("utilization-unusable.json"),
        &expect![[r#"
            vcl_01GV4D0S4DJH4JV7SV2F6R75KV:2026-03-01 {
              "distance": 0.01,
              "durations": {
                "idling": 4320000
              },
              "endAt": "2026-03-02T06:00:00.000Z",
              "provider": "samsara",
              "startAt": "2026-03-01T06:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJH4JV7SV2F6R75KV"
            }
            invalid_source_identifier at data.vehicleReports[0].vehicle:
              missing: the row is left out
            provider_source_data_invalid at data.vehicleReports[1].vehicle.id:
              not asked for: the row is left out
            provider_source_data_invalid at
              data.vehicleReports[2].distanceTraveledMeters:
              missing: the row is left out
            provider_source_data_invalid at
              data.vehicleReports[3].distanceTraveledMeters:
              -5 is out of range
            provider_source_data_invalid at
              data.vehicleReports[4].engineRunTimeDurationMs:
              less than the idle time
            provider_source_data_invalid at data.vehicleReports[4].fuelConsumedMl:
              a text, not a number
            provider_source_data_invalid at data.vehicleReports[5]:
              a number, not an object
            end
        "#]],
    );
}

#[test]
fn jurisdictions_without_a_code_are_one() {
    check(
        "ifta",
        None,
        fixture!("ifta.json"),
        &expect![[r#"
        vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03:- {
          "distance": 3.01,
          "id": "ifta_rpt_01GV4D0S4DH9YYSE9W30E9RP6F",
          "jurisdiction": null,
          "month": "2026-03",
          "provider": "samsara",
          "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
        }
        vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03:IL {
          "distance": 0.0,
          "id": "ifta_rpt_01GV4D0S4D5BMHF3CD97CXPHJ7",
          "jurisdiction": "IL",
          "month": "2026-03",
          "provider": "samsara",
          "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
        }
        vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03:TN {
          "distance": 1204.55,
          "id": "ifta_rpt_01GV4D0S4DNBJ06SCM3E4BD0Q0",
          "jurisdiction": "TN",
          "month": "2026-03",
          "provider": "samsara",
          "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
        }
        next ifta-1
    "#]],
    );
    check(
        "ifta",
        Some("ifta-1"),
        fixture!("ifta-unusable.json"),
        &expect![[r#"
            vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03:- {
              "distance": 1.0,
              "id": "ifta_rpt_01GV4D0S4DH9YYSE9W30E9RP6F",
              "jurisdiction": null,
              "month": "2026-03",
              "provider": "samsara",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            invalid_source_identifier at data.vehicleReports[0].vehicle:
              missing: the row is left out
            provider_source_data_invalid at data.vehicleReports[1].vehicle.id:
              not asked for: the row is left out
            provider_source_data_invalid at
              data.vehicleReports[2].jurisdictions[0].totalMeters:
              missing: the row is left out
            provider_source_data_invalid at
              data.vehicleReports[2].jurisdictions[1].totalMeters:
              a text, not a number
            provider_source_data_invalid at
              data.vehicleReports[2].jurisdictions[2].jurisdiction:
              a number, not a text
            provider_source_data_invalid at data.vehicleReports[2].jurisdictions[4]:
              a text, not an object
            provider_source_data_invalid at data.vehicleReports[2].jurisdictions:
              -1000 m is no distance
            end
        "#]],
    );
}

#[test]
fn requests_of_reports() {
    let all = [
        asked("utilization", None),
        asked("utilization", Some("utilization-1")),
        asked("ifta", None),
        asked("ifta", Some("ifta-1")),
    ];
    expect![[r#"
        /fleet/reports/vehicles/fuel-energy
            startDate=2026-03-01T00:00:00-06:00
            endDate=2026-03-01T00:00:00-06:00
            vehicleIds=550000000000101,550000000000102,550000000000103
        /fleet/reports/vehicles/fuel-energy
            startDate=2026-03-01T00:00:00-06:00
            endDate=2026-03-01T00:00:00-06:00
            vehicleIds=550000000000101,550000000000102,550000000000103
            after=utilization-1
        /fleet/reports/ifta/vehicle
            year=2026
            month=March
            vehicleIds=550000000000101,550000000000102,550000000000103
        /fleet/reports/ifta/vehicle
            year=2026
            month=March
            vehicleIds=550000000000101,550000000000102,550000000000103
            after=ifta-1"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn a_day_is_asked_for_with_the_offset_that_it_begins_with() {
    let asked = |zone: &str, date: &str| {
        let zone = Zone::named(zone).expect("a zone");
        let task = Task {
            stream: stream("utilization"),
            ids: &ids(),
            zone: &zone,
            partitions: &[],
            window: Some(zone.day(date.parse().expect("a date"))),
            position: None,
        };
        Samsara.request(&task).query[0].1.clone()
    };
    let all = [
        asked("America/Chicago", "2026-03-08"),
        asked("America/Chicago", "2026-03-09"),
        asked("America/Chicago", "2026-11-01"),
        asked("America/St_Johns", "2026-01-15"),
        asked("Asia/Kathmandu", "2026-01-15"),
        // Midnight is skipped on this day: the offset is that of the night before.
        asked("Asia/Beirut", "2026-03-29"),
        asked("UTC", "2026-01-15"),
    ];
    expect![[r#"
        2026-03-08T00:00:00-06:00
        2026-03-09T00:00:00-05:00
        2026-11-01T00:00:00-05:00
        2026-01-15T00:00:00-03:30
        2026-01-15T00:00:00+05:45
        2026-03-29T00:00:00+02:00
        2026-01-15T00:00:00+00:00"#]]
    .assert_eq(&all.join("\n"));
}
