//! Positions and measurements, of windows and of feeds.

use expect_test::expect;
use provider::{Next, Position, ProviderError};
use serde_json::{Value, json};

use super::super::Reading;
use super::super::place::{FEED_LIMIT, after_feed};
use super::super::requests::ROWS_LIMIT;
use super::{answer, check, fixture, read, with_task};

#[test]
fn positions_come_without_what_was_interpolated() {
    check(
        "log_records",
        None,
        fixture!("log-records"),
        &expect![[r#"
        location:LogRecord rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:05:00.269Z b72C673 302348557 -977132416 speed 6100 at 08:05:00
          2026-03-01T08:05:09.000Z b72C674 302350001 -977133000 speed 6246 at 08:05:09
          2026-03-01T08:59:59.999Z b72C675 302500000 -975000000 speed 0 at 08:59:59
        location:LogRecord rank 0
          of vcl_01GV4D0S4DZM8ANTGEAVBDN1E6
          2026-03-01T08:10:00.000Z b72D001 455000000 -1226000000 speed - at 08:10:00
        end
    "#]],
    );
}

#[test]
fn positions_that_are_not_understood_are_told() {
    check(
        "log_records",
        None,
        fixture!("log-records-unusable"),
        &expect![[r#"
        location:LogRecord rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:05:01.000Z b1E 300000000 -970000000 speed - at 08:05:01
          2026-03-01T08:05:02.000Z b1F 300000000 -970000000 speed - at 08:05:02
          2026-03-01T08:05:03.500Z b21 300000000 -970000000 speed - at 08:05:03
        invalid_source_identifier at result[0][0].id:
          a number, not an id
        invalid_source_identifier at result[0][1].device:
          not asked for
        provider_source_data_invalid at result[0][2].dateTime:
          not an RFC 3339 time
        provider_source_data_invalid at result[0][3].latitude:
          outside ±90°
        provider_source_data_invalid at result[0][4].longitude:
          a text, not a number
        provider_source_data_invalid at result[0][5].speed:
          not a speed
        provider_source_data_invalid at result[0][6].speed:
          a truth value, not a number
        invalid_source_identifier at result[0][7].device:
          of no device
        provider_source_data_invalid at result[0][9]:
          a text, not a row
        provider_source_data_invalid at result[0][10]:
          null, not a row
        end
    "#]],
    );
}

#[test]
fn the_feed_of_positions_gives_those_of_any_time() {
    check(
        "log_records.feed",
        None,
        fixture!("log-records-feed"),
        &expect![[r#"
        location:LogRecord rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T09:00:00.000Z b72C676 303000000 -976000000 speed 0 at 09:00:00
          2026-03-01T09:00:07.000Z b72C677 303000000 -976000000 speed 0 at 09:00:07
        location:LogRecord rank 0
          of vcl_01GV4D0S4DZM8ANTGEAVBDN1E6
          2026-02-27T09:00:00.000Z b72D002 455100000 -1226100000 speed 1200 at 09:00:00
        invalid_source_identifier at result.data[3].id:
          missing, not an id
        later 00000000034561f1
    "#]],
    );
}

#[test]
fn measurements_are_converted_by_their_diagnostic() {
    check(
        "status_data",
        None,
        fixture!("status-data"),
        &expect![[r#"
        odometer:DiagnosticOdometerId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:00:00.251Z b215600 9962070 at 08:00:00
        odometer:DiagnosticRawOdometerId rank 1
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:01:00.251Z b215601 9962080 at 08:01:00
        engine_runtime:DiagnosticEngineHoursId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:02:00.251Z b215602 16879647575 at 08:02:00
        total_fuel_consumption:DiagnosticTotalFuelUsedId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:03:00.251Z b215603 4123457 at 08:03:00
        total_fuel_consumption:DiagnosticDeviceTotalFuelId rank 1
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:04:00.251Z b215604 123450 at 08:04:00
        fuel_level:DiagnosticFuelLevelId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:05:00.251Z b215605 10000 at 08:05:00
        engine_rpm:DiagnosticEngineSpeedId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:06:00.251Z b215606 145025 at 08:06:00
        engine_coolant_temperature:DiagnosticEngineCoolantTemperatureId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:07:00.251Z b215607 -1250 at 08:07:00
        engine_oil_temperature:DiagnosticEngineOilTemperatureID rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:08:00.251Z b215608 8800 at 08:08:00
        engine_oil_pressure:DiagnosticOilPressureId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:09:00.251Z b215609 4000 at 08:09:00
        engine_oil_percentage:DiagnosticEngineOilLevelId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:10:00.251Z b21560A 8000 at 08:10:00
        coolant_percentage:DiagnosticCoolantLevelId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:11:00.251Z b21560B 7555 at 08:11:00
        battery_voltage:DiagnosticGoDeviceVoltageId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:12:00.251Z b21560C 1385 at 08:12:00
        engine_state:DiagnosticIgnitionId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T08:13:00.251Z b21560D 1 at 08:13:00
          2026-03-01T08:50:00.000Z b2156FF 0 at 08:50:00
        end
    "#]],
    );
}

#[test]
fn measurements_that_are_not_understood_are_told() {
    check(
        "status_data",
        None,
        fixture!("status-data-unusable"),
        &expect![[r#"
        provider_source_data_invalid at result[0][0].data:
          -5 is out of range for odometer
        provider_source_data_invalid at result[0][1].data:
          a text, not a number
        provider_source_data_invalid at result[0][2].diagnostic:
          not asked for
        provider_source_data_invalid at result[0][3].diagnostic:
          missing
        provider_source_data_invalid at result[0][4].diagnostic:
          a number, not a diagnostic
        invalid_source_identifier at result[0][5].device:
          of no device
        provider_source_data_invalid at result[7][0].data:
          -300 is out of range for engine_coolant_temperature
        provider_source_data_invalid at result[13][0].data:
          2 is out of range for engine_state
        provider_source_data_invalid at result[13][1].dateTime:
          a number, not a time
        end
    "#]],
    );
}

#[test]
fn the_feed_of_measurements_leaves_other_diagnostics_out() {
    check(
        "status_data.feed",
        None,
        fixture!("status-data-feed"),
        &expect![[r#"
        odometer:DiagnosticOdometerId rank 0
          of vcl_01GV4D0S4DX7308R3F6T214Z30
          2026-03-01T09:00:00.000Z bB1 9962090 at 09:00:00
          2026-03-01T09:05:00.000Z bB4 9962190 at 09:05:00
        fuel_level:DiagnosticFuelLevelId rank 0
          of vcl_01GV4D0S4DZM8ANTGEAVBDN1E6
          2026-02-27T09:00:00.000Z bB3 4400 at 09:00:00
        later 00000000034561f2
    "#]],
    );
}

/// Serde and the scanner agree: a page with white space and escapes, which the scanner does not
/// know, gives the same points.
#[test]
fn both_walks_read_alike() {
    for (stream, body) in [
        ("log_records", fixture!("log-records")),
        ("log_records", fixture!("log-records-unusable")),
        ("status_data", fixture!("status-data")),
        ("status_data.feed", fixture!("status-data-feed")),
    ] {
        let text = String::from_utf8(body.to_vec()).expect("text");
        // A key with an escape sends the whole page to serde.
        let odd = text.replacen("\"result\"", "\"r\\u0065sult\"", 1);
        let (quick, slow) = (read(stream, None, body), read(stream, None, odd.as_bytes()));
        let strip = |page: Result<provider::Page, ProviderError>| {
            let mut page = page.expect("a page");
            for series in &mut page.points {
                series.points.raw_offset.clear();
            }
            page
        };
        assert_eq!(strip(quick), strip(slow), "{stream}");
    }
}

#[test]
fn a_call_with_all_rows_that_it_may_have_is_too_large() {
    let row = json!({ "id": "b1", "device": "b1", "dateTime": "2026-03-01T08:00:00Z",
                      "latitude": 1, "longitude": 1 });
    let full: Vec<Value> = vec![row; ROWS_LIMIT];
    let body = json!({ "result": [full, []] }).to_string();
    let page = read("log_records", None, body.as_bytes());
    assert_eq!(page, Err(ProviderError::TooLarge));
}

#[test]
fn an_answer_for_fewer_calls_is_refused() {
    for body in [
        r#"{"result":[[]]}"#,
        r#"{"result":[]}"#,
        r#"{"result":[[],[],[]]}"#,
    ] {
        let page = read("log_records", None, body.as_bytes());
        assert!(
            matches!(page, Err(ProviderError::UnexpectedAnswer { .. })),
            "{page:?}"
        );
    }
}

#[test]
fn a_feed_goes_on_behind_full_pages_and_stays_at_its_head() {
    let at = |position, rows, version| {
        with_task("log_records.feed", position, |task| {
            let answer = answer(200, b"{}");
            let reading = Reading {
                provider: "geotab",
                task,
                answer: &answer,
            };
            after_feed(&reading, rows, version)
        })
    };
    let head = Position("0b".to_owned());
    assert_eq!(at(None, FEED_LIMIT, "0b"), Ok(Next::Page(head.clone())));
    assert_eq!(at(Some("0a"), 3, "0b"), Ok(Next::Later(head.clone())));
    assert_eq!(at(Some("0b"), 0, "0b"), Ok(Next::Later(head)));
    for stuck in [at(Some("0b"), FEED_LIMIT, "0b"), at(None, 0, "")] {
        assert!(
            matches!(stuck, Err(ProviderError::UnexpectedAnswer { .. })),
            "{stuck:?}"
        );
    }
}
