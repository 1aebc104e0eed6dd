//! The truth is what the answers say, read here once more and by hand.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectionId, IdSpace, StatType, Window};

use super::*;
use crate::truth::Truth;

fn id_space() -> IdSpace {
    IdSpace {
        connection: ConnectionId::new(BEGINS_AT, 7),
        created_at: BEGINS_AT,
    }
}

fn hundredths(number: f64) -> i64 {
    (number * 100.0 + 1e-6).round() as i64
}

#[test]
fn trips_are_the_periods_that_are_over() {
    let server = server(61, FaultPlan::all(61));
    let server_path = "/v1/driving_periods?start_date=2026-03-06&end_date=2026-03-12";
    let found: BTreeMap<String, Value> = read(&server, server_path, "driving_period")
        .into_iter()
        .filter(|one| one["status"] == "complete")
        .map(|one| (one["id"].to_string(), one))
        .collect();
    let truth = server.truth(&id_space(), now());
    let trips = truth.trips();
    assert!(trips.len() > 100);
    assert_eq!(trips.len(), found.len());
    for trip in trips {
        let period = &found[&trip.source_id];
        let number = |member: &str| period[member].as_f64().unwrap();
        let km = number("end_kilometers") - number("start_kilometers");
        assert_eq!(hundredths(km), hundredths(trip.distance.unwrap()));
        assert_eq!(number("duration") as i64 * 1_000, trip.duration);
        let start = Timestamp::parse(period["start_time"].as_str().unwrap());
        assert_eq!(start, Some(trip.started_at));
    }
}

/// All items of a list under faults: whoever asks again gets through.
fn read(server: &MotiveServer, path: &str, item: &str) -> Vec<Value> {
    let list = format!("{item}s");
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for page_no in 1.. {
        let path = format!("{path}&per_page=100&page_no={page_no}");
        let request = get(&path).with_header("X-Metric-Units", "true");
        let answer = loop {
            let answer = server.answer(&request, now());
            if answer.status == 200 && answer.cut_after_bytes.is_none() {
                break answer;
            }
        };
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        for one in items(&body, &list, item) {
            if seen.insert(one["id"].to_string()) {
                found.push(one);
            }
        }
        let page = body.get("pagination").unwrap_or(&body);
        if page_no * 100 >= page["total"].as_u64().unwrap() {
            break;
        }
    }
    found
}

#[test]
fn history_is_what_the_rows_carry() {
    let server = server(62, FaultPlan::parse("late,edit,withdraw", 62).unwrap());
    let truth = server.truth(&id_space(), now());
    let ever = Window::new(BEGINS_AT, after_days(99.0)).unwrap();
    let ids = Truth::vehicle_ids(&truth);
    let (mut rows_seen, mut points_seen) = (0, 0);
    for (index, vehicle) in ids.into_iter().enumerate().step_by(5) {
        let number = super::super::ids::vehicle(index);
        let days = "start_date=2026-03-06&end_date=2026-03-12";
        let path = format!("/v3/vehicle_locations/{number}?{days}");
        let (status, body) = ask(&server, &get(&path).with_header("X-Metric-Units", "true"));
        if status == 404 {
            continue;
        }
        let rows = items(&body, "vehicle_locations", "vehicle_location");
        let locations = truth.locations(vehicle, ever);
        assert_eq!(locations.len(), rows.len());
        for (point, row) in locations.iter().zip(&rows) {
            let number = |member: &str| row[member].as_f64();
            assert_eq!(
                Timestamp::parse(row["located_at"].as_str().unwrap()),
                Some(point.time)
            );
            let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
            assert_eq!(number("lat").map(e7), Some(point.latitude_e7));
            let speed = number("speed").map(|kph| hundredths(kph) as i32);
            assert_eq!(speed, point.speed_centi_kph);
            assert_eq!(row["driver"].is_null(), point.driver.is_none());
        }
        rows_seen += rows.len();
        for (stat, member) in [
            (StatType::TotalFuelConsumption, "fuel"),
            (StatType::FuelLevel, "fuel_primary_remaining_percentage"),
            (StatType::BatteryVoltage, "battery_voltage"),
        ] {
            let carried = rows.iter().filter_map(|row| row[member].as_f64());
            let wanted: Vec<i64> = carried.map(hundredths).collect();
            let series = truth.stats(vehicle, stat, ever);
            let points = series.first().map_or(&[][..], |series| &series.points);
            let values: Vec<i64> = points.iter().map(|point| point.value).collect();
            assert_eq!(values, wanted, "{member}");
            points_seen += values.len();
        }
        let hours = rows.iter().filter_map(|row| row["engine_hours"].as_f64());
        let wanted: Vec<i64> = hours.map(|h| (h * 3_600_000.0).round() as i64).collect();
        let series = truth.stats(vehicle, StatType::EngineRuntime, ever);
        let estimated = series
            .iter()
            .find(|one| one.series.signal == "engine_hours.virtual");
        let values = estimated.map_or_else(Vec::new, |one| {
            one.points.iter().map(|point| point.value).collect()
        });
        assert_eq!(values, wanted);
    }
    assert!(
        rows_seen > 1_000 && points_seen > 1_000,
        "{rows_seen} {points_seen}"
    );
}

#[test]
fn events_are_those_of_the_lists() {
    let server = server(68, FaultPlan::all(68));
    let truth = server.truth(&id_space(), now());
    let days = "start_date=2026-03-06&end_date=2026-03-12";
    let path = format!("/v2/driver_performance_events?media_required=true&{days}");
    let performance = read(&server, &path, "driver_performance_event");
    let speeding = read(
        &server,
        &format!("/v1/speeding_events?{days}"),
        "speeding_event",
    );
    let events = truth.safety_events();
    let of = |prefix: &str| {
        let ids = events
            .iter()
            .filter_map(|event| event.source_id.strip_prefix(prefix));
        ids.map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let ids = |list: &[&Value]| -> BTreeSet<String> {
        list.iter().map(|one| one["id"].to_string()).collect()
    };
    let known: Vec<&Value> = performance
        .iter()
        .filter(|one| one["type"] != "defensive_driving")
        .collect();
    assert_eq!(of("performance-"), ids(&known));
    let valid: Vec<&Value> = speeding
        .iter()
        .filter(|one| one["status"] == "valid")
        .collect();
    assert_eq!(of("speeding-"), ids(&valid));
    assert!(valid.len() < speeding.len(), "{}", valid.len());
    assert!(known.len() < performance.len(), "{}", known.len());
    let mut films = 0;
    for event in &events {
        let found = truth.camera_media(&event.source_id, event.started_at);
        assert_eq!(found.is_some(), event.source_id.starts_with("performance-"));
        let film = found.and_then(|media| media.front_facing);
        let reference = event.camera_media.as_ref();
        let reference = reference.and_then(|media| media.front_facing.as_ref());
        assert_eq!(reference.is_some_and(|film| film.available), film.is_some());
        films += usize::from(film.is_some());
    }
    assert!(films > 0);
    let rows = read(&server, "/v1/fault_codes?x=1", "fault_code");
    let closed = rows.iter().filter(|row| row["status"] == "closed").count();
    let mut changes = truth.fault_code_events();
    assert_eq!(changes.len(), rows.len() + closed);
    changes.sort_by_key(|change| change.id);
    changes.dedup_by_key(|change| change.id);
    assert_eq!(changes.len(), rows.len() + closed);
    assert!(closed > 0 && truth.ifta().is_empty());
    let idle = read(&server, &format!("/v1/idle_events?{days}"), "idle_event");
    assert_eq!(truth.idle_events().len(), idle.len());
}

#[test]
fn duty_tiles_time_and_is_never_twice_the_same() {
    let server = server(64, FaultPlan::parse("late,edit,withdraw", 64).unwrap());
    let truth = server.truth(&id_space(), now());
    let mut drivers = BTreeMap::new();
    for log in truth.hos_logs() {
        drivers.entry(log.driver).or_insert_with(Vec::new).push(log);
    }
    for logs in drivers.values() {
        for pair in logs.windows(2) {
            assert_eq!(pair[0].ended_at, Some(pair[1].started_at));
            assert_ne!(pair[0].status, pair[1].status);
        }
        assert_eq!(logs.last().unwrap().ended_at, None);
    }
    assert!(drivers.len() > 15);
    let days = truth.hos_daily_logs();
    let notes = truth
        .hos_logs()
        .iter()
        .filter(|log| !log.remarks.is_empty())
        .count();
    assert!(days.len() > 100 && notes > 50);
    let available = truth.available_times().len();
    assert!(available < drivers.len() && available > 15);
    assert!(truth.latest_vehicle_locations().len() > 20);
    assert!(!truth.latest_trailer_locations().is_empty());
}
