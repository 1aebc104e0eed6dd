//! The header reaches some fields and not others.

use super::*;
use crate::MotiveConfig;

const DAYS: &str = "start_date=2026-03-09&end_date=2026-03-10";

/// Pairs of the same object in kilometres and in miles.
fn both(server: &MotiveServer, path: &str, list: &str, item: &str) -> Vec<(Value, Value)> {
    let read = |metric| items(&in_units(server, path, metric), list, item);
    read(true).into_iter().zip(read(false)).collect()
}

fn check(metric: &Value, imperial: &Value, member: &str, factor: f64) -> usize {
    let (Some(metric), Some(imperial)) = (metric[member].as_f64(), imperial[member].as_f64())
    else {
        return 0;
    };
    // Metric numbers have three decimals.
    assert!(
        (metric - imperial * factor).abs() < 0.01,
        "{member}: {metric} {imperial}"
    );
    usize::from(metric > 1.0)
}

#[test]
fn distances_speeds_and_fuel_follow_the_header() {
    let server = plain(11);
    let (mile, gallon) = (1.609_344, 3.785_411_784);
    let mut seen = [0; 4];
    let vehicle = super::super::ids::vehicle(1);
    let path = format!("/v3/vehicle_locations/{vehicle}?{DAYS}");
    for (metric, imperial) in both(&server, &path, "vehicle_locations", "vehicle_location") {
        seen[0] += check(&metric, &imperial, "odometer", mile);
        seen[0] += check(&metric, &imperial, "true_odometer", mile);
        seen[1] += check(&metric, &imperial, "speed", mile);
        seen[2] += check(&metric, &imperial, "fuel", gallon);
        for fixed in [
            "lat",
            "bearing",
            "engine_hours",
            "true_engine_hours",
            "battery_voltage",
        ] {
            assert_eq!(metric[fixed], imperial[fixed]);
        }
    }
    let path = format!("/v2/vehicle_utilization?{DAYS}&per_page=100");
    for (metric, imperial) in both(
        &server,
        &path,
        "vehicle_utilizations",
        "vehicle_utilization",
    ) {
        seen[3] += check(&metric, &imperial, "total_distance", mile);
        seen[3] += check(&metric, &imperial, "total_fuel", gallon);
        assert_eq!(metric["driving_time"], imperial["driving_time"]);
        assert_eq!(metric["vehicle"]["metric_units"], true);
        assert_eq!(imperial["vehicle"]["metric_units"], false);
    }
    assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
}

#[test]
fn kilometres_litres_and_g_stay_what_they_are() {
    let server = plain(12);
    let path = format!("/v1/driving_periods?{DAYS}&per_page=100");
    let pairs = both(&server, &path, "driving_periods", "driving_period");
    assert!(pairs.len() > 20);
    for (metric, imperial) in &pairs {
        assert_eq!(metric["start_kilometers"], imperial["start_kilometers"]);
        assert_eq!(metric["duration"], imperial["duration"]);
        if let Some(text) = metric["distance"].as_str() {
            assert!(text.ends_with(" km"), "{text}");
            assert!(imperial["distance"].as_str().unwrap().ends_with(" mi"));
        }
    }
    let path = format!("/v1/idle_events?{DAYS}");
    for (metric, imperial) in both(&server, &path, "idle_events", "idle_event") {
        assert_eq!(metric["veh_fuel_end"], imperial["veh_fuel_end"]);
    }
    let path = format!("/v2/driver_performance_events?{DAYS}&per_page=100");
    let (list, item) = ("driver_performance_events", "driver_performance_event");
    let mut texts = 0;
    for (metric, imperial) in both(&server, &path, list, item) {
        for fixed in ["max_speed", "m_gps_spd", "acceleration"] {
            assert_eq!(metric[fixed], imperial[fixed]);
        }
        if let Some(text) = metric["intensity"].as_str() {
            texts += 1;
            assert!(text.ends_with(" kph/s"), "{text}");
            assert!(imperial["intensity"].as_str().unwrap().ends_with(" mph/s"));
        }
    }
    assert!(texts > 0);
    for (metric, imperial) in both(&server, "/v3/vehicle_locations", "vehicles", "vehicle") {
        assert_eq!(metric["current_location"], imperial["current_location"]);
    }
}

#[test]
fn without_the_header_the_company_decides_and_one_list_always_lets_it() {
    let config = MotiveConfig {
        metric_by_default: true,
        ..MotiveConfig::default()
    };
    let server = MotiveServer::new(world(13), FaultPlan::none(), config);
    let path = format!("/v2/vehicle_utilization?{DAYS}");
    assert_eq!(json(&server, &path), in_units(&server, &path, true));
    assert_ne!(json(&server, &path), in_units(&server, &path, false));
    let path = format!("/v1/driver_utilization?{DAYS}");
    assert_eq!(json(&server, &path), in_units(&server, &path, false));
    let path = path.replace("/v1", "/v2");
    assert_ne!(json(&server, &path), in_units(&server, &path, false));
}
