//! Truth against what the answers say.

use model::{StatType, Timestamp, Window};

use super::reader::*;
use crate::samsara::signals_of;
use crate::samsara::wire::signal_name;
use crate::{FaultPlan, SamsaraConfig, SamsaraServer, World, WorldConfig};

/// Every location and stat of the window, as read from answers at `now`, equals the truth then.
pub fn check_history(server: &SamsaraServer, window: Window, now: Timestamp) -> usize {
    let truth = server.truth(&ids(), now);
    let mut rows = 0;
    let gps = history(server, "gps", window, now);
    for plan in server.world().vehicles() {
        let expected = truth.locations(ids().vehicle(&plan.source_id), window);
        let read = gps.get(&plan.source_id).cloned().unwrap_or_default();
        assert_eq!(read.len(), expected.len(), "fixes of {}", plan.source_id);
        rows += expected.len();
        for (row, location) in read.values().zip(&expected) {
            let number = |key: &str| row[key].as_f64().unwrap();
            assert_eq!(row["time"], location.time.to_string());
            let e7 = |key| (number(key) * 1e7).round() as i32;
            assert_eq!(e7("latitude"), location.latitude_e7);
            assert_eq!(e7("longitude"), location.longitude_e7);
            let heading = (number("headingDegrees") * 100.0) as i32;
            assert_eq!(Some(heading), location.heading_centi);
            let kph = number("speedMilesPerHour") * 1.609_344;
            let speed = (kph * 100.0).round() as i32;
            assert_eq!(Some(speed), location.speed_centi_kph);
            let address = row["reverseGeo"]["formattedLocation"].as_str();
            assert_eq!(address, location.address.as_deref());
        }
    }
    for stat in StatType::ALL {
        for signal in signals_of(stat) {
            rows += check_signal(server, stat, signal_name(*signal), window, now);
        }
    }
    rows
}

fn check_signal(
    server: &SamsaraServer,
    stat: StatType,
    signal: &str,
    window: Window,
    now: Timestamp,
) -> usize {
    let (truth, mut rows) = (server.truth(&ids(), now), 0);
    let answers = history(server, signal, window, now);
    for plan in server.world().vehicles() {
        let expected: Vec<(Timestamp, i64)> = truth
            .stats(ids().vehicle(&plan.source_id), stat, window)
            .into_iter()
            .filter(|series| series.series.signal == signal)
            .flat_map(|series| series.points)
            .map(|point| (point.time, point.value))
            .collect();
        let read: Vec<(Timestamp, i64)> = answers
            .get(&plan.source_id)
            .into_iter()
            .flatten()
            .map(|(time, row)| {
                let value = match row["value"].as_str() {
                    Some("Off") => 0,
                    Some("On") => 1,
                    Some(_) => 2,
                    None => in_common_units(signal, row["value"].as_f64().unwrap()),
                };
                (*time, value)
            })
            .collect();
        assert_eq!(read, expected, "{signal} of {}", plan.source_id);
        rows += read.len();
    }
    rows
}

fn in_common_units(signal: &str, value: f64) -> i64 {
    let hundredths = |value: f64| (value * 100.0).round() as i64;
    match signal {
        "fuelPercents" | "engineRpm" => hundredths(value),
        "obdEngineSeconds" | "syntheticEngineSeconds" => (value * 1_000.0) as i64,
        "engineOilPressureKPa" => hundredths(value * 0.145_037_737_7),
        _ => hundredths(value / 1_000.0),
    }
}

#[test]
fn truth_is_what_a_naive_reader_sees() {
    let server = server(11, 2.0, FaultPlan::none());
    let rows = check_history(&server, window(-1.0, 4.0), after_days(5.0));
    assert!(rows > 20_000, "{rows}");
}

#[test]
fn truth_holds_in_the_middle_of_a_day_and_for_partial_windows() {
    let server = server(12, 3.0, FaultPlan::none());
    check_history(&server, window(0.3, 1.7), after_days(1.45));
}

#[test]
fn nothing_lies_outside_history() {
    let server = server(13, 1.0, FaultPlan::none());
    let now = after_days(30.0);
    assert!(history(&server, "gps", window(-20.0, 0.0), now).is_empty());
    assert!(history(&server, "gps", window(1.0, 30.0), now).is_empty());
}

#[test]
fn the_best_signal_answers_for_each_day() {
    let server = server(14, 6.0, FaultPlan::none());
    let truth = server.truth(&ids(), after_days(7.0));
    let window = window(0.0, 7.0);
    let mut days_of = [0, 0];
    for plan in server.world().vehicles() {
        let vehicle = ids().vehicle(&plan.source_id);
        let series = truth.stats(vehicle, StatType::Odometer, window);
        if series.len() < 2 {
            continue;
        }
        let served = truth.served_stats(vehicle, StatType::Odometer, window);
        let mut days: Vec<_> = served
            .iter()
            .map(|p| (p.time.utc_day(), p.signal.clone()))
            .collect();
        days.dedup();
        for pair in days.windows(2) {
            assert!(pair[0].0 < pair[1].0, "two signals on one day: {pair:?}");
        }
        for (_, signal) in days {
            days_of[usize::from(signal == "gpsOdometerMeters")] += 1;
        }
    }
    assert!(days_of.iter().all(|days| *days > 0), "{days_of:?}");
}

#[test]
fn a_world_without_an_end_goes_on_and_hides_what_is_to_come() {
    let config = WorldConfig {
        ends_at: None,
        vehicles: 6,
        ..world(15, 1.0).config().clone()
    };
    let world = std::sync::Arc::new(World::new(config));
    let server = SamsaraServer::new(world, FaultPlan::none(), SamsaraConfig::default());
    let century = window(0.0, 36_500.0);
    let count = |days| {
        let gps = history(&server, "gps", century, after_days(days));
        gps.values()
            .map(std::collections::BTreeMap::len)
            .sum::<usize>()
    };
    let (early, later) = (count(2.3), count(2.4));
    assert!(early < later, "{early} {later}");
    assert!(check_history(&server, century, after_days(2.4)) > later);
}
