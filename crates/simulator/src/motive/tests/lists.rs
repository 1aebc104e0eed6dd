//! Credentials, pages, orders, and what is refused.

use std::collections::HashSet;

use serde_json::Value;

use super::*;

const PERIODS: &str = "/v1/driving_periods?start_date=2026-03-06&end_date=2026-03-12";

#[test]
fn keys_and_tokens_are_not_the_same() {
    let server = plain(1);
    let path = "/v1/companies";
    let with =
        |name: &str, value: &str| ask(&server, &SimRequest::get(path).with_header(name, value));
    assert_eq!(with("X-Api-Key", KEY).0, 200);
    let (status, body) = with("X-Api-Key", "nonsense");
    assert_eq!(status, 401);
    assert_eq!(body["error_message"], "invalid API key");
    assert_eq!(with("Authorization", &format!("Bearer {KEY}")).0, 401);
    assert_eq!(ask(&server, &SimRequest::get(path)).0, 401);
    assert_eq!(ask(&server, &get("/v1/trucks")).0, 404);
    assert_eq!(ask(&server, &get("/v3/vehicle_locations/17")).0, 404);
    assert_eq!(ask(&server, &get("/v1/hours_of_service")).0, 400);
}

#[test]
fn pages_are_by_number_and_end_with_empty_ones() {
    let server = plain(2);
    let body = json(&server, PERIODS);
    let page = &body["pagination"];
    assert_eq!(
        (&page["per_page"], &page["page_no"]),
        (&25.into(), &1.into())
    );
    let total = page["total"].as_u64().unwrap();
    assert!(total > 100, "{total}");
    let body = json(&server, &format!("{PERIODS}&per_page=1000&page_no=99"));
    assert_eq!(body["pagination"]["per_page"], 100);
    assert_eq!(body["pagination"]["page_no"], 99);
    assert_eq!(body["pagination"]["total"], total);
    assert_eq!(body["driving_periods"], Value::Array(Vec::new()));
    let found = all(&server, PERIODS, "driving_periods", "driving_period");
    assert_eq!(found.len() as u64, total);
    let ids: HashSet<u64> = found
        .iter()
        .map(|one| one["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids.len() as u64, total);
    assert!(ids.iter().all(|id| *id > u64::from(u32::MAX)));
    assert!(is_sorted_by_text(&found, "start_time", true));
    let flat = json(&server, "/v1/fault_codes?per_page=3");
    assert_eq!(flat["per_page"], 3);
    assert!(flat["total"].is_u64() && flat.get("pagination").is_none());
}

#[test]
fn a_repeating_server_gives_the_last_row_of_the_page_before() {
    let server = server(2, FaultPlan::parse("repeat", 3).unwrap());
    let found = all(
        &server,
        &PERIODS.replace('?', "?x=1&"),
        "driving_periods",
        "driving_period",
    );
    let ids: HashSet<u64> = found
        .iter()
        .map(|one| one["id"].as_u64().unwrap())
        .collect();
    let body = json(&server, PERIODS);
    assert_eq!(body["pagination"]["total"].as_u64(), Some(ids.len() as u64));
    let small = (2..60).any(|page_no| {
        let page = json(&server, &format!("{PERIODS}&per_page=4&page_no={page_no}"));
        page["driving_periods"].as_array().unwrap().len() == 5
    });
    assert!(small);
}

#[test]
fn orders_are_each_lists_own() {
    let server = plain(3);
    let days = "start_date=2026-03-07&end_date=2026-03-11";
    let idle = all(
        &server,
        &format!("/v1/idle_events?{days}"),
        "idle_events",
        "idle_event",
    );
    assert!(idle.len() > 50 && is_sorted_by_text(&idle, "end_time", false));
    let path = format!("/v2/driver_performance_events?{days}");
    let events = all(
        &server,
        &path,
        "driver_performance_events",
        "driver_performance_event",
    );
    assert!(events.len() > 20 && is_sorted_by_text(&events, "start_time", true));
}

#[test]
fn only_driving_periods_mind_more_than_thirty_days() {
    let server = plain(4);
    let range = "start_date=2026-02-05&end_date=2026-03-12";
    let (status, body) = ask(&server, &get(&format!("/v1/driving_periods?{range}")));
    assert_eq!(status, 400);
    let message = "Date range cannot be greater than 30 days";
    assert_eq!(body["error_message"], message);
    let just = "start_date=2026-02-10&end_date=2026-03-12";
    json(&server, &format!("/v1/driving_periods?{just}"));
    json(&server, &format!("/v1/idle_events?{range}"));
}

#[test]
fn what_is_not_known_is_ignored_and_what_is_forbidden_refused() {
    let server = server(5, FaultPlan::parse("forbid=/v1/logs", 1).unwrap());
    let usual = json(&server, "/v1/vehicles");
    assert_eq!(json(&server, "/v1/vehicles?vehcle_ids[]=1&limit=2"), usual);
    let (status, body) = ask(&server, &get("/v1/logs?start_date=2026-03-08"));
    assert_eq!(status, 403);
    assert!(body["error_message"].is_string());
    let later = "/v1/vehicles?updated_after=2030-01-01T00:00:00Z";
    assert_eq!(json(&server, later)["pagination"]["total"], 0);
}

#[test]
fn faulty_requests_get_through_in_time() {
    let server = server(6, FaultPlan::all(6));
    let mut failures: HashSet<u16> = HashSet::new();
    for page in 0..150 {
        let request = get(&format!("/v1/users?per_page=10&page_no={}", page % 40));
        let mut tries = 0;
        loop {
            let answer = server.answer(&request, after_days(f64::from(page) / 24.0));
            if answer.status == 200 && answer.cut_after_bytes.is_none() {
                break;
            }
            failures.insert(answer.status);
            assert!(answer.status != 429 || answer.header("retry-after") == Some("1"));
            tries += 1;
            assert!(tries <= 3);
        }
    }
    assert!(
        failures.contains(&429) && failures.contains(&200),
        "{failures:?}"
    );
}

#[test]
fn dirty_values_are_there() {
    let server = plain(7);
    let vehicles = all(&server, "/v1/vehicles", "vehicles", "vehicle");
    let has = |member: &str, value: Value| vehicles.iter().any(|one| one[member] == value);
    assert!(has("year", "0".into()) && has("status", "deactivated".into()));
    assert!(has("license_plate_state", "".into()) && has("eld_device", Value::Null));
    assert!(has("driver_facing_camera", (-1).into()));
    assert!(vehicles.iter().all(|one| one["year"].is_string()));
    let users = all(&server, "/v1/users", "users", "user");
    let office = users.iter().find(|one| one["role"] == "admin").unwrap();
    assert!(office.get("eld_mode").is_none());
    let drivers = all(&server, "/v1/users?role=driver", "users", "user");
    assert_eq!(drivers.len() + 2, users.len());
    assert!(drivers.iter().any(|one| one["status"] == "deactivated"));
    let days = "start_date=2026-03-07&end_date=2026-03-11";
    let path = format!("/v2/driver_utilization?{days}");
    let rollups = all(&server, &path, "driver_idle_rollups", "driver_idle_rollup");
    assert!(rollups.iter().any(|one| one["driver"].is_null()));
    let path = format!("/v2/vehicle_utilization?{days}");
    let rows = all(
        &server,
        &path,
        "vehicle_utilizations",
        "vehicle_utilization",
    );
    assert_eq!(rows.len(), vehicles.len());
    assert!(
        rows.iter()
            .any(|one| one["message"] != "" && one["total_fuel"] == 0)
    );
    let first = json(&server, &path.replace("/v2", "/v1"));
    assert!(first["pagination"]["total"].as_u64().unwrap() < rows.len() as u64);
}
