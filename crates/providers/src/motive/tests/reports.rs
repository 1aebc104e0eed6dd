//! What Motive sums up, and in which units.

use expect_test::expect;
use provider::ProviderError;

use super::{asked, check, fixture, read};

#[test]
fn a_day_is_in_the_units_that_its_row_names() {
    check(
        "utilization",
        None,
        fixture!("utilization.json"),
        &expect![[r#"
            vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01 {
              "distance": 512.6,
              "durations": {
                "driving": 21540000,
                "idling": 1860000
              },
              "endAt": "2026-03-02T06:00:00.000Z",
              "fuelConsumed": 45.9,
              "provider": "motive",
              "startAt": "2026-03-01T06:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            vcl_01GV4D0S4DP3SZBHMZQFVNRJKN:2026-03-01 {
              "distance": 824.95,
              "durations": {
                "driving": 21540000,
                "idling": 1860000
              },
              "endAt": "2026-03-02T06:00:00.000Z",
              "provider": "motive",
              "startAt": "2026-03-01T06:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4DP3SZBHMZQFVNRJKN"
            }
            provider_source_data_invalid at
              vehicle_utilizations[1].vehicle_utilization.total_fuel:
              in gallons although litres were asked for: left out
            next 2/6
        "#]],
    );
    check(
        "utilization",
        Some("2/6"),
        fixture!("utilization-2.json"),
        &expect![[r#"
            vcl_01GV4D0S4DC33RMNKH1F93BHXH:2026-03-01 {
              "distance": 0.0,
              "durations": {
                "driving": 0,
                "idling": 0
              },
              "endAt": "2026-03-02T06:00:00.000Z",
              "fuelConsumed": 0.0,
              "provider": "motive",
              "startAt": "2026-03-01T06:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4DC33RMNKH1F93BHXH"
            }
            missing_vehicle_identifier at
              vehicle_utilizations[1].vehicle_utilization.vehicle:
              nobody's: the row is left out
            end
        "#]],
    );
}

#[test]
fn days_that_are_none_are_told() {
    check(
        "utilization",
        None,
        fixture!("utilization-unusable.json"),
        &expect![[r#"
            vcl_01GV4D0S4DC33RMNKH1F93BHXH:2026-03-01 {
              "distance": 512.6,
              "endAt": "2026-03-02T06:00:00.000Z",
              "provider": "motive",
              "startAt": "2026-03-01T06:00:00.000Z",
              "vehicle": "vcl_01GV4D0S4DC33RMNKH1F93BHXH"
            }
            provider_source_data_invalid at
              vehicle_utilizations[0].vehicle_utilization.total_distance:
              missing: the row is left out
            provider_source_data_invalid at
              vehicle_utilizations[1].vehicle_utilization.total_distance:
              -1 is out of range
            provider_source_data_invalid at
              vehicle_utilizations[2].vehicle_utilization.driving_time:
              a text, not a number
            provider_source_data_invalid at
              vehicle_utilizations[2].vehicle_utilization.idle_time:
              -5 is no duration
            provider_source_data_invalid at
              vehicle_utilizations[2].vehicle_utilization.total_fuel:
              1000000000000000000 is out of range
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
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03:- {
          "distance": 4.75,
          "id": "ifta_rpt_01GV4D0S4DYT8DH5JG7P0K8PN1",
          "jurisdiction": null,
          "month": "2026-03",
          "provider": "motive",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03:IL {
          "distance": 104.68,
          "id": "ifta_rpt_01GV4D0S4D8W85HSXYQR4CSJ82",
          "jurisdiction": "IL",
          "month": "2026-03",
          "provider": "motive",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03:IN {
          "distance": 19.31,
          "id": "ifta_rpt_01GV4D0S4DGFG1QZNR7W3R3VEB",
          "jurisdiction": "IN",
          "month": "2026-03",
          "provider": "motive",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        vcl_01GV4D0S4DP3SZBHMZQFVNRJKN:2026-03:ON {
          "distance": 0.68,
          "id": "ifta_rpt_01GV4D0S4D01VC529WHWYJJVQS",
          "jurisdiction": "ON",
          "month": "2026-03",
          "provider": "motive",
          "vehicle": "vcl_01GV4D0S4DP3SZBHMZQFVNRJKN"
        }
        end
    "#]],
    );
    check(
        "ifta",
        None,
        fixture!("ifta-unusable.json"),
        &expect![[r#"
        provider_source_data_invalid at
          ifta_mileage_summaries[0].ifta_mileage_summary.distance:
          missing: the row is left out
        provider_source_data_invalid at
          ifta_mileage_summaries[1].ifta_mileage_summary.distance:
          a text, not a number
        missing_vehicle_identifier at
          ifta_mileage_summaries[3].ifta_mileage_summary.vehicle:
          nobody's: the row is left out
        provider_source_data_invalid at ifta_mileage_summaries:
          -2 km of one vehicle are no distance
        end
    "#]],
    );
}

#[test]
fn a_months_rows_are_needed_at_once() {
    let body = r#"{"ifta_trips":[{}],"pagination":{"per_page":1,"page_no":1,"total":2}}"#;
    let error = read("ifta", None, body.as_bytes());
    assert_eq!(error, Err(ProviderError::TooLarge));
}

#[test]
fn reports_are_asked_for_in_days_of_the_company() {
    let all = [
        asked("utilization", None),
        asked("utilization", Some("2/6")),
        asked("ifta", None),
    ];
    expect![[r#"
        /v2/vehicle_utilization
            per_page=100
            page_no=1
            start_date=2026-03-01
            end_date=2026-03-01
        /v2/vehicle_utilization
            per_page=100
            page_no=2
            start_date=2026-03-01
            end_date=2026-03-01
        /v1/ifta/summary
            per_page=100
            page_no=1
            vehicle_ids[]=700101
            vehicle_ids[]=700102
            vehicle_ids[]=700103
            start_date=2026-03-01
            end_date=2026-03-31"#]]
    .assert_eq(&all.join("\n"));
}
