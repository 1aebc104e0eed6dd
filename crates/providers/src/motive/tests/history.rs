//! Positions, and what their rows say of engines.

use expect_test::expect;
use model::{Timestamp, Window};
use provider::{Provider, Task};

use super::{Motive, answer, asked, check, fixture, ids, rendered, stream, zone};

#[test]
fn a_row_is_a_point_of_each_signal_that_it_has() {
    check(
        "locations",
        None,
        fixture!("locations.json"),
        &expect![[r#"
        location:vehicle_locations rank 0
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 418500000 -876500000 heading 1299 speed 0
            driver drv_01GV4D0S4D8XKSJTPSGRCFXZT3
            at Chicago, IL
          2026-03-01T08:02:00.000Z …003 418500000 -876500000 heading - speed -
            driver drv_01GV4D0S4D51ETX3189MTDHMTQ
          2026-03-01T08:04:00.250Z …004 418500000 -876500000 heading 1299 speed 8851
            at Chicago, IL
          2026-03-01T08:58:00.000Z …005 418500000 -876500000 heading 1299 speed 8851
            driver drv_01GV4D0S4D8XKSJTPSGRCFXZT3
            at Chicago, IL
        odometer:odometer.true rank 0
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 12345679
          2026-03-01T08:04:00.250Z …004 12345679
          2026-03-01T08:58:00.000Z …005 12345679
        odometer:odometer.virtual rank 1
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 12340001
          2026-03-01T08:02:00.000Z …003 12340001
          2026-03-01T08:58:00.000Z …005 12340001
        engine_runtime:engine_hours.true rank 0
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 35280900000
          2026-03-01T08:04:00.250Z …004 35280900000
          2026-03-01T08:58:00.000Z …005 35280900000
        engine_runtime:engine_hours.virtual rank 1
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 35555400000
          2026-03-01T08:02:00.000Z …003 35555400000
          2026-03-01T08:58:00.000Z …005 35555400000
        fuel_level:fuel.primary rank 0
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 6250
          2026-03-01T08:04:00.250Z …004 6250
          2026-03-01T08:58:00.000Z …005 6250
        total_fuel_consumption:fuel rank 0
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 5432101
          2026-03-01T08:02:00.000Z …003 5432101
          2026-03-01T08:58:00.000Z …005 5432101
        battery_voltage:battery_voltage rank 0
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 1380
          2026-03-01T08:04:00.250Z …004 1380
          2026-03-01T08:58:00.000Z …005 1380
        engine_state:type rank 0
          of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
          2026-03-01T08:00:00.000Z …002 1
          2026-03-01T08:58:00.000Z …005 0
        end
    "#]],
    );
}

#[test]
fn values_that_cannot_be_used_are_told_one_by_one() {
    check(
        "locations",
        None,
        fixture!("locations-unusable.json"),
        &expect![[r#"
            location:vehicle_locations rank 0
              of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
              2026-03-01T08:04:00.000Z …016 418500000 -876500000 heading - speed -
              2026-03-01T08:05:00.000Z …017 418500000 -876500000 heading 1299 speed 8851
                at Chicago, IL
            odometer:odometer.true rank 0
              of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
              2026-03-01T08:02:00.000Z …014 12345679
              2026-03-01T08:03:00.000Z …015 12345679
              2026-03-01T08:04:00.000Z …016 12345679
              2026-03-01T08:05:00.000Z …017 12345679
            odometer:odometer.virtual rank 1
              of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
              2026-03-01T08:02:00.000Z …014 12340001
              2026-03-01T08:03:00.000Z …015 12340001
              2026-03-01T08:05:00.000Z …017 12340001
            engine_runtime:engine_hours.true rank 0
              of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
              2026-03-01T08:02:00.000Z …014 35280900000
              2026-03-01T08:03:00.000Z …015 35280900000
              2026-03-01T08:04:00.000Z …016 35280900000
              2026-03-01T08:05:00.000Z …017 35280900000
            engine_runtime:engine_hours.virtual rank 1
              of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
              2026-03-01T08:02:00.000Z …014 35555400000
              2026-03-01T08:03:00.000Z …015 35555400000
              2026-03-01T08:05:00.000Z …017 35555400000
            fuel_level:fuel.primary rank 0
              of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
              2026-03-01T08:02:00.000Z …014 6250
              2026-03-01T08:03:00.000Z …015 6250
              2026-03-01T08:05:00.000Z …017 6250
            total_fuel_consumption:fuel rank 0
              of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
              2026-03-01T08:02:00.000Z …014 5432101
              2026-03-01T08:03:00.000Z …015 5432101
              2026-03-01T08:05:00.000Z …017 5432101
            battery_voltage:battery_voltage rank 0
              of vcl_01GV4D0S4DJNMR8DGXHTTK9SBB
              2026-03-01T08:02:00.000Z …014 1380
              2026-03-01T08:03:00.000Z …015 1380
              2026-03-01T08:05:00.000Z …017 1380
            provider_source_data_invalid at
              vehicle_locations[0].vehicle_location.located_at:
              not an RFC 3339 time
            provider_source_data_invalid at
              vehicle_locations[1].vehicle_location.located_at:
              missing, not a time
            provider_source_data_invalid at vehicle_locations[2].vehicle_location.id:
              missing, not an id
            provider_source_data_invalid at
              vehicle_locations[3].vehicle_location.lat:
              missing, not a number
            provider_source_data_invalid at
              vehicle_locations[4].vehicle_location.lon:
              outside ±180°
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.bearing:
              outside 0 to 360°
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.speed:
              -1 is out of range
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.description:
              a number, not a text
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.driver:
              a number, not an object
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.odometer:
              -5 is out of range
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.engine_hours:
              4000000000 is out of range
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.fuel_primary_remaining_percentage:
              101 is out of range
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.fuel:
              a truth value, not a number
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.battery_voltage:
              a text, not a number
            provider_source_data_invalid at
              vehicle_locations[5].vehicle_location.type:
              a number, not a text
            provider_source_data_invalid at
              vehicle_locations[6].vehicle_location.driver.id:
              missing, not an id
            provider_source_data_invalid at vehicle_locations[7].vehicle_location:
              missing, not a position
            provider_source_data_invalid at vehicle_locations[8].vehicle_location:
              missing, not a position
            provider_source_data_invalid at vehicle_locations[9].vehicle_location:
              a list, not a position
            provider_source_data_invalid at vehicle_locations[10].vehicle_location:
              a text, not a position
            end
        "#]],
    );
}

#[test]
fn a_window_is_asked_for_in_its_utc_days() {
    expect![[r#"
        /v3/vehicle_locations/700101
            start_date=2026-03-01
            end_date=2026-03-01"#]]
    .assert_eq(&asked("locations", None));
}

#[test]
fn positions_of_nobody_are_told() {
    let body = fixture!("locations.json");
    let task = Task {
        stream: stream("locations"),
        ids: &ids(),
        zone: &zone(),
        partitions: &[],
        window: Some(Window {
            from: Timestamp::MIN,
            until: Timestamp::MAX,
        }),
        position: None,
    };
    let page = Motive.read(&task, &answer(200, body)).expect("readable");
    expect![[r#"
        invalid_source_identifier at vehicle_locations:
          6 positions of nobody: the answer does not name its vehicle
        end
    "#]]
    .assert_eq(&rendered(&page, body));
}

#[test]
fn a_page_of_another_shape_is_refused_whole() {
    for body in [
        r#"{"vehicle_locations":{}}"#,
        r#"{"vehicles":[]}"#,
        r#"{"vehicle_locations":[],"vehicle_locations":[]}"#,
        r#"[]"#,
        "",
    ] {
        let error = super::read("locations", None, body.as_bytes()).expect_err(body);
        let is_unexpected = matches!(error, provider::ProviderError::UnexpectedAnswer { .. });
        assert!(is_unexpected, "{body}: {error}");
    }
}
