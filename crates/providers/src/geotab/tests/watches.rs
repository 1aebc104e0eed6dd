//! Feeds that tell where to look again.

use expect_test::expect;

use super::{check, fixture};

#[test]
fn trips_tell_of_their_days_and_of_the_next_start() {
    check(
        "trips.feed",
        None,
        fixture!("trips-feed"),
        &expect![[r#"
        trips of vcl_01GV4D0S4DX7308R3F6T214Z30
          [2026-02-28T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        trips of vcl_01GV4D0S4DZM8ANTGEAVBDN1E6
          [2026-03-01T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        utilization of vcl_01GV4D0S4DX7308R3F6T214Z30
          [2026-02-28T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        utilization of vcl_01GV4D0S4DZM8ANTGEAVBDN1E6
          [2026-03-01T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        provider_source_data_invalid at result.data[3].start:
          missing: the row is left out
        invalid_source_identifier at result.data[4].device:
          nobody: the row is left out
        later 00000000034561f3
    "#]],
    );
}

#[test]
fn exceptions_tell_of_their_hour() {
    check(
        "safety.feed",
        None,
        fixture!("safety-feed"),
        &expect![[r#"
        safety of vcl_01GV4D0S4DX7308R3F6T214Z30
          [2026-03-01T08:00:00.000Z, 2026-03-01T09:00:00.000Z)
        safety of vcl_01GV4D0S4DZM8ANTGEAVBDN1E6
          [2026-02-27T08:00:00.000Z, 2026-02-27T09:00:00.000Z)
        invalid_source_identifier at result.data[3].device:
          nobody: the row is left out
        later 00000000034561f4
    "#]],
    );
}

#[test]
fn faults_tell_of_their_hour() {
    check(
        "faults.feed",
        None,
        fixture!("faults-feed"),
        &expect![[r#"
        faults of vcl_01GV4D0S4DX7308R3F6T214Z30
          [2026-03-01T08:00:00.000Z, 2026-03-01T09:00:00.000Z)
        faults of vcl_01GV4D0S4DZM8ANTGEAVBDN1E6
          [2026-02-27T23:00:00.000Z, 2026-02-28T00:00:00.000Z)
        invalid_source_identifier at result.data[2].device:
          nobody: the row is left out
        later 00000000034561f5
    "#]],
    );
}

#[test]
fn changes_of_drivers_tell_of_their_day() {
    check(
        "assignments.feed",
        None,
        fixture!("assignments-feed"),
        &expect![[r#"
        assignments of vcl_01GV4D0S4DX7308R3F6T214Z30
          [2026-03-01T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        invalid_source_identifier at result.data[1].device:
          nobody: the row is left out
        provider_source_data_invalid at result.data[2].dateTime:
          missing: the row is left out
        later 00000000034561f6
    "#]],
    );
}

#[test]
fn duty_logs_tell_of_the_days_that_they_may_last() {
    check(
        "hos.feed",
        None,
        fixture!("hos-feed"),
        &expect![[r#"
        hos.daily of drv_01GV4D0S4DTQXQHVVXA8A8KK6H
          [2026-02-01T00:00:00.000Z, 2026-02-10T00:00:00.000Z)
        hos.daily of drv_01GV4D0S4DTQXQHVVXA8A8KK6H
          [2026-03-01T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        hos.daily of drv_01GV4D0S4DY0QEE8RB3PHM6GEM
          [2026-03-01T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        hos.logs of drv_01GV4D0S4DTQXQHVVXA8A8KK6H
          [2026-02-01T00:00:00.000Z, 2026-02-02T00:00:00.000Z)
        hos.logs of drv_01GV4D0S4DTQXQHVVXA8A8KK6H
          [2026-03-01T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        hos.logs of drv_01GV4D0S4DY0QEE8RB3PHM6GEM
          [2026-03-01T00:00:00.000Z, 2026-03-02T00:00:00.000Z)
        provider_source_data_invalid at result.data[4].dateTime:
          missing: the row is left out
        provider_source_data_invalid at result.data[5].driver:
          missing: the row is left out
        later 00000000034561f7
    "#]],
    );
}
