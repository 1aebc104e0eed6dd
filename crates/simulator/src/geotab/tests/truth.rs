//! The truth against the answers, where both say the same thing in their own words.

use model::{ConnectionId, IdSpace, Record, StatType, Window};
use serde_json::{Value, json};

use super::client::*;
use crate::{FaultPlan, SimulatedProvider};

fn ids() -> IdSpace {
    IdSpace {
        connection: ConnectionId::new(BEGINS_AT, 7),
        created_at: BEGINS_AT,
    }
}

fn faults() -> FaultPlan {
    FaultPlan::parse("late,edit,withdraw", 8).unwrap()
}

fn whole() -> Window {
    Window::new(BEGINS_AT, days_later(30)).unwrap()
}

#[test]
fn the_truth_holds_as_much_as_is_shown() {
    let server = server(51, faults());
    let now = days_later(6);
    let client = Client::new(&server, now);
    let truth = SimulatedProvider::truth(&server, &ids(), now);
    let count = |entity: &str, search: Value| client.get(entity, search).len();
    assert_eq!(truth.trips().len(), count("Trip", json!({})));
    assert_eq!(truth.assignments().len(), count("DriverChange", json!({})));
    let users = json!({"isDriver": true});
    assert_eq!(truth.drivers().len(), count("User", users));
    let statuses = json!({"statuses": ["ON", "OFF", "D", "SB", "PC", "YM"]});
    assert_eq!(truth.hos_logs().len(), count("DutyStatusLog", statuses));
    let faults = client.get("FaultData", json!({}));
    let go = |row: &&Value| row["controller"]["id"] != "ControllerGoDeviceId";
    assert_eq!(
        truth.fault_code_events().len(),
        faults.iter().filter(go).count()
    );
    let safety = client.get("ExceptionEvent", json!({}));
    let other = |row: &&Value| row["rule"]["id"] != "RuleReverseAtStartId";
    assert_eq!(
        truth.safety_events().len(),
        safety.iter().filter(other).count()
    );
    let trailers = client.get("Device", json!({"groups": [{"id": "GroupTrailerId"}]}));
    let entities = client.get("Trailer", json!(null));
    let alone = entities.iter().filter(|entity| {
        let is_shape = |device: &Value| device["tmpTrailerId"] == entity["id"];
        !trailers.iter().any(is_shape)
    });
    assert_eq!(truth.trailers().len(), trailers.len() + alone.count());
    let devices = count("Device", json!(null));
    assert_eq!(truth.vehicles().len(), devices - trailers.len());
    assert!(truth.departed_drivers().is_empty());
}

#[test]
fn days_are_the_sums_of_their_rows() {
    let server = server(52, faults());
    let truth = SimulatedProvider::truth(&server, &ids(), days_later(6));
    let sum = |numbers: &mut dyn Iterator<Item = f64>| (numbers.sum::<f64>() * 100.0).round();
    let days = truth.utilization();
    let trips = truth.trips();
    let by_day = sum(&mut days.iter().map(|day| day.distance));
    let by_trip = sum(&mut trips.iter().filter_map(|trip| trip.distance));
    assert_eq!(by_day, by_trip);
    assert!(by_day > 100_000.0);
    let driving = |day: &model::utilization::VehicleUtilizationDay| {
        day.durations
            .and_then(|durations| durations.driving)
            .unwrap()
    };
    let driven_ms: i64 = days.iter().map(driving).sum();
    assert_eq!(
        driven_ms,
        trips.iter().map(|trip| trip.duration).sum::<i64>()
    );
    assert!(days.iter().all(|day| day.fuel_consumed.is_some()));
    let log_days = truth.hos_daily_logs();
    assert!(
        log_days
            .iter()
            .any(|day| day.distances.is_some_and(|km| km.total > Some(50.0)))
    );
    assert!(!truth.ifta().is_empty());
}

#[test]
fn keys_are_unique() {
    fn check<R: Record>(rows: &[R]) {
        let mut keys: Vec<String> = rows
            .iter()
            .map(|row| row.natural_key().into_owned())
            .collect();
        assert!(!keys.is_empty());
        keys.sort_unstable();
        let all = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }
    let server = server(53, faults());
    let truth = SimulatedProvider::truth(&server, &ids(), days_later(8));
    check(truth.vehicles());
    check(truth.drivers());
    check(truth.groups());
    check(truth.devices());
    check(truth.trailers());
    check(&truth.trips());
    check(&truth.safety_events());
    check(&truth.assignments());
    check(&truth.fault_code_events());
    check(&truth.hos_logs());
    check(&truth.hos_daily_logs());
    check(&truth.utilization());
    check(&truth.ifta());
}

#[test]
fn positions_and_places_of_events_are_there() {
    let server = server(54, faults());
    let truth = SimulatedProvider::truth(&server, &ids(), days_later(6));
    let (mut located, mut driven) = (0, 0);
    for vehicle in truth.vehicle_ids() {
        for location in truth.locations(vehicle, whole()) {
            located += 1;
            driven += usize::from(location.driver.is_some());
            assert!(location.heading_centi.is_none() && location.address.is_none());
        }
    }
    assert!(
        located > 10_000 && driven * 4 > located,
        "{driven} of {located}"
    );
    let events = truth.safety_events();
    assert!(events.iter().all(|event| event.start_location.is_some()));
    let forces = events
        .iter()
        .filter_map(|event| event.stats?.g_force_forward_backward);
    assert!(forces.count() > 3);
    let trips = truth.trips();
    let placed = trips
        .iter()
        .filter(|trip| trip.start_location.is_some())
        .count();
    assert!(placed * 10 > trips.len() * 8);
}

/// Where a vehicle's device counts fuel in two ways the better one answers.
#[test]
fn stats_come_from_the_lowest_rank() {
    let server = server(55, faults());
    let truth = SimulatedProvider::truth(&server, &ids(), days_later(4));
    let mut signals = std::collections::BTreeSet::new();
    for vehicle in truth.vehicle_ids() {
        for stat in StatType::ALL {
            let served = truth.served_stats(vehicle, stat, whole());
            signals.extend(served.into_iter().map(|point| point.signal));
        }
    }
    for id in [
        "DiagnosticOdometerId",
        "DiagnosticRawOdometerId",
        "DiagnosticTotalFuelUsedId",
        "DiagnosticDeviceTotalFuelId",
        "DiagnosticIgnitionId",
        "DiagnosticOilPressureId",
    ] {
        assert!(signals.contains(id), "{id}");
    }
}

/// What a refusal hides is nowhere.
#[test]
fn a_refused_entity_is_in_no_list() {
    let server = server(56, FaultPlan::parse("forbid=Trip", 1).unwrap());
    let client = Client::new(&server, days_later(2));
    let answer = client.ask("Get", json!({"typeName": "Trip"}));
    assert_eq!(error_of(&answer), "InvalidPermissionsException");
    let truth = SimulatedProvider::truth(&server, &ids(), days_later(2));
    assert!(truth.trips().is_empty() && truth.utilization().is_empty());
    assert!(!truth.hos_logs().is_empty());
}

#[test]
fn the_present_is_where_the_last_rows_are() {
    let server = server(57, faults());
    let now = days_later(3);
    let client = Client::new(&server, now);
    let truth = SimulatedProvider::truth(&server, &ids(), now);
    let infos = client.get("DeviceStatusInfo", json!({}));
    let latest = truth.latest_vehicle_locations();
    for one in &latest {
        let time = one.located_at.to_string();
        let longitude = one.location.longitude;
        let is_it =
            |row: &&Value| row["dateTime"] == time && row["longitude"].as_f64() == Some(longitude);
        assert_eq!(infos.iter().filter(is_it).count(), 1);
    }
    assert!(latest.len() > 8);
    assert!(!truth.latest_trailer_locations().is_empty());
    let times = truth.available_times();
    let rows = client.get("DutyStatusAvailability", json!({}));
    assert_eq!(times.len(), rows.len());
    assert!(times.iter().all(|time| time.current_status.is_some()));
}
