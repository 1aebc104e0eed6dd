//! Trips and what is summed of them, assignments, fuel tax.

use expect_test::expect;

use super::{check, fixture};

#[test]
fn trips_begin_where_the_one_before_stopped() {
    check(
        "trips",
        None,
        fixture!("trips"),
        &expect![[r#"
        b1-1772352600000 {
          "distance": 25.13,
          "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "duration": 1800500,
          "endLocation": {
            "latitude": 30.2,
            "longitude": -97.2
          },
          "endedAt": "2026-03-01T08:40:00.500Z",
          "id": "trp_01GV4D0S4DEGE9BCRHEGFSQP78",
          "provider": "geotab",
          "sourceId": "b1-1772352600000",
          "startLocation": {
            "latitude": 30.1,
            "longitude": -97.1
          },
          "startedAt": "2026-03-01T08:10:00.000Z",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        b1-1772355000000 {
          "distance": 30.0,
          "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "duration": 1800000,
          "endLocation": {
            "latitude": 30.3,
            "longitude": -97.3
          },
          "endedAt": "2026-03-01T09:20:00.000Z",
          "id": "trp_01GV4D0S4DJRZ2M08C6SE6NXCP",
          "provider": "geotab",
          "sourceId": "b1-1772355000000",
          "startLocation": {
            "latitude": 30.2,
            "longitude": -97.2
          },
          "startedAt": "2026-03-01T08:50:00.000Z",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        b2-1772353200000 {
          "distance": 0.0,
          "duration": 0,
          "endedAt": "2026-03-01T08:20:00.000Z",
          "id": "trp_01GV4D0S4D78A0ZY27JHWJCR98",
          "provider": "geotab",
          "sourceId": "b2-1772353200000",
          "startedAt": "2026-03-01T08:20:00.000Z",
          "vehicle": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6"
        }
        end
    "#]],
    );
}

#[test]
fn trips_that_are_not_understood_are_told() {
    check(
        "trips",
        None,
        fixture!("trips-unusable"),
        &expect![[r#"
        b1-1772353800000 {
          "duration": 600000,
          "endedAt": "2026-03-01T08:40:00.000Z",
          "id": "trp_01GV4D0S4DZKRGRQ5GJCEABSRV",
          "provider": "geotab",
          "sourceId": "b1-1772353800000",
          "startedAt": "2026-03-01T08:30:00.000Z",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        provider_source_data_invalid at result[0][0].stop:
          missing: the row is left out
        invalid_source_identifier at result[0][1].device:
          nobody: the row is left out
        provider_source_data_invalid at result[0][2].stop:
          before the start: the row is left out
        provider_source_data_invalid at result[0][3].device:
          not asked for: the row is left out
        provider_source_data_invalid at result[0][7]:
          a number, not an object
        provider_source_data_invalid at result[0][4].nextTripStart:
          not an RFC 3339 time
        provider_source_data_invalid at result[0][4].driver:
          a number, neither an id nor an object with one
        provider_source_data_invalid at result[0][4].stopPoint.y:
          outside ±90°
        provider_source_data_invalid at result[0][4].stopPoint.x:
          a text, not a number
        provider_source_data_invalid at result[0][4].distance:
          -1 is out of range
        end
    "#]],
    );
}

#[test]
fn days_are_the_sum_of_trips_cut_at_midnight() {
    check(
        "utilization",
        None,
        fixture!("utilization"),
        &expect![[r#"
        vcl_01GV4D0S4DX7308R3F6T214Z30:2026-03-01 {
          "distance": 75.13,
          "durations": {
            "driving": 5400000,
            "idling": 720000
          },
          "endAt": "2026-03-02T06:00:00.000Z",
          "fuelConsumed": 39.75,
          "provider": "geotab",
          "startAt": "2026-03-01T06:00:00.000Z",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        vcl_01GV4D0S4DZM8ANTGEAVBDN1E6:2026-03-01 {
          "distance": 0.0,
          "durations": {
            "driving": 0,
            "idling": 0
          },
          "endAt": "2026-03-02T06:00:00.000Z",
          "fuelConsumed": 1.5,
          "provider": "geotab",
          "startAt": "2026-03-01T06:00:00.000Z",
          "vehicle": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6"
        }
        provider_source_data_invalid at result[1][3].totalFuelUsed:
          -1 is out of range
        end
    "#]],
    );
}

#[test]
fn a_change_of_driver_lasts_until_the_next() {
    check(
        "assignments",
        None,
        fixture!("assignments"),
        &expect![[r#"
        vcl_01GV4D0S4DX7308R3F6T214Z30:drv_01GV4D0S4DY0QEE8RB3PHM6GEM:2026-03-01T05:00:00.000Z {
          "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "endedAt": "2026-03-01T08:10:00.742Z",
          "startedAt": "2026-03-01T05:00:00.000Z",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        vcl_01GV4D0S4DX7308R3F6T214Z30::2026-03-01T08:10:00.742Z {
          "endedAt": "2026-03-01T08:30:00.000Z",
          "startedAt": "2026-03-01T08:10:00.742Z",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        vcl_01GV4D0S4DX7308R3F6T214Z30:drv_01GV4D0S4DTQXQHVVXA8A8KK6H:2026-03-01T08:30:00.000Z {
          "driver": "drv_01GV4D0S4DTQXQHVVXA8A8KK6H",
          "endedAt": "2026-03-01T09:30:00.000Z",
          "startedAt": "2026-03-01T08:30:00.000Z",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        vcl_01GV4D0S4DZM8ANTGEAVBDN1E6::2026-03-01T08:30:00.000Z {
          "startedAt": "2026-03-01T08:30:00.000Z",
          "vehicle": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6"
        }
        provider_source_data_invalid at result[1][0].dateTime:
          missing: the row is left out
        provider_source_data_invalid at result[1][1].device:
          not asked for: the row is left out
        provider_source_data_invalid at result[1][2].driver:
          a number, neither an id nor an object with one
        end
    "#]],
    );
}

#[test]
fn stretches_of_a_month_are_summed_by_jurisdiction() {
    check(
        "ifta",
        None,
        fixture!("ifta"),
        &expect![[r#"
        vcl_01GV4D0S4DX7308R3F6T214Z30:2026-03:- {
          "distance": 1.0,
          "id": "ifta_rpt_01GV4D0S4DQNJYXJK5Q05TJ2C5",
          "jurisdiction": null,
          "month": "2026-03",
          "provider": "geotab",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        vcl_01GV4D0S4DX7308R3F6T214Z30:2026-03:NM {
          "distance": 4.5,
          "id": "ifta_rpt_01GV4D0S4DT481YWJBCG4JTGPM",
          "jurisdiction": "NM",
          "month": "2026-03",
          "provider": "geotab",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        vcl_01GV4D0S4DX7308R3F6T214Z30:2026-03:OK {
          "distance": 19.74,
          "id": "ifta_rpt_01GV4D0S4DE6YWGER5BVHPQ0F3",
          "jurisdiction": "OK",
          "month": "2026-03",
          "provider": "geotab",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        vcl_01GV4D0S4DX7308R3F6T214Z30:2026-03:TX {
          "distance": 160.66,
          "id": "ifta_rpt_01GV4D0S4DWJ8RHKD85T39N4G2",
          "jurisdiction": "TX",
          "month": "2026-03",
          "provider": "geotab",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        vcl_01GV4D0S4DZM8ANTGEAVBDN1E6:2026-03:TX {
          "distance": 1.0,
          "id": "ifta_rpt_01GV4D0S4DHA155M9VYA3EG045",
          "jurisdiction": "TX",
          "month": "2026-03",
          "provider": "geotab",
          "vehicle": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6"
        }
        provider_source_data_invalid at result[0][5].exitOdometer:
          no odometer: the row is left out
        provider_source_data_invalid at result[0][7].exitOdometer:
          -7 km after it came in
        provider_source_data_invalid at result[0][8].enterTime:
          missing: the row is left out
        provider_source_data_invalid at result[1][0].enterOdometer:
          a text, not a number
        provider_source_data_invalid at result[1][0].exitOdometer:
          an object, not a number
        end
    "#]],
    );
}
