//! Requests as a public client (fleetpull 0.1.4) sends them, and the members that it insists on.

use super::*;

fn check(server: &MotiveServer, path: &str, list: &str, item: &str, members: &str) -> Vec<Value> {
    let body = json(server, path);
    let found = items(&body, list, item);
    assert!(!found.is_empty(), "{path}");
    for one in &found {
        for member in members.split(' ') {
            let (name, inner) = member.split_once('.').unwrap_or((member, ""));
            let value = match inner {
                "" => one.get(name),
                inner => one[name].get(inner),
            };
            assert!(
                value.is_some_and(|value| !value.is_null()),
                "{path} {member}: {one}"
            );
        }
    }
    found
}

#[test]
fn every_list_has_what_a_strict_reader_needs() {
    let server = plain(41);
    let paged = "per_page=2&page_no=1";
    check(
        &server,
        &format!("/v1/vehicles?{paged}"),
        "vehicles",
        "vehicle",
        "id company_id number status ifta created_at updated_at",
    );
    let groups = json(&server, &format!("/v1/groups?{paged}"));
    for group in items(&groups, "groups", "group") {
        assert!(group.get("parent_id").is_some());
        assert!(group["user"]["first_name"].is_string() && group["id"].is_u64());
    }
    let keys = "id first_name last_name email phone phone_country_code time_zone metric_units role \
                status group_ids created_at updated_at mobile_current_sign_in_at \
                mobile_last_active_at mobile_last_sign_in_at web_current_sign_in_at \
                web_last_active_at web_last_sign_in_at external_ids";
    let users = json(&server, "/v1/users?per_page=100&page_no=1");
    for user in items(&users, "users", "user") {
        for key in keys.split_whitespace() {
            assert!(user.get(key).is_some(), "{key}: {user}");
        }
    }
    let days = "start_date=2026-03-09&end_date=2026-03-10";
    let vehicle = super::super::ids::vehicle(0);
    check(
        &server,
        &format!("/v3/vehicle_locations/{vehicle}?{days}"),
        "vehicle_locations",
        "vehicle_location",
        "id located_at lat lon type",
    );
    check(
        &server,
        &format!("/v1/driving_periods?{days}&per_page=100&page_no=1"),
        "driving_periods",
        "driving_period",
        "id start_time status type duration vehicle.id vehicle.number vehicle.metric_units",
    );
    check(
        &server,
        &format!("/v1/idle_events?{days}&per_page=100&page_no=1"),
        "idle_events",
        "idle_event",
        "id start_time end_time lat lon rg_match end_type vehicle eld_device.id \
         eld_device.identifier eld_device.model location",
    );
    let sums = "driving_time idle_fuel idle_time driving_fuel";
    check(
        &server,
        &format!("/v2/vehicle_utilization?{days}&{paged}"),
        "vehicle_utilizations",
        "vehicle_utilization",
        &format!("vehicle total_distance total_fuel utilization_percentage message {sums}"),
    );
    check(
        &server,
        &format!("/v2/driver_utilization?{days}&{paged}"),
        "driver_idle_rollups",
        "driver_idle_rollup",
        &format!("utilization {sums}"),
    );
}

#[test]
fn every_path_answers() {
    let server = plain(42);
    let days = "start_date=2026-03-09&end_date=2026-03-10";
    for (path, list, item) in [
        ("/v1/companies", "companies", "company"),
        ("/v1/eld_devices", "eld_devices", "eld_device"),
        ("/v1/assets", "assets", "asset"),
        ("/v1/asset_locations", "assets", "asset"),
        ("/v1/vehicle_locations", "vehicles", "vehicle"),
        ("/v2/vehicle_locations", "vehicles", "vehicle"),
        ("/v3/vehicle_locations", "vehicles", "vehicle"),
        ("/v1/logs", "logs", "log"),
        ("/v1/available_time", "users", "user"),
        (
            "/v1/vehicle_utilization",
            "vehicle_idle_rollups",
            "vehicle_idle_rollup",
        ),
        (
            "/v1/driver_utilization",
            "driver_idle_rollups",
            "driver_idle_rollup",
        ),
        (
            "/v1/driver_performance_events",
            "driver_performance_events",
            "driver_performance_event",
        ),
        ("/v1/speeding_events", "speeding_events", "speeding_event"),
        ("/v1/ifta/summary", "ifta_trips", "ifta_trip"),
        ("/v1/ifta/trips", "ifta_trips", "ifta_trip"),
        (
            "/v1/camera_connections",
            "camera_connections",
            "camera_connection",
        ),
        ("/v1/fault_codes", "fault_codes", "fault_code"),
    ] {
        let path = match path {
            "/v1/fault_codes" => path.to_owned(),
            path => format!("{path}?{days}"),
        };
        let found = items(&json(&server, &path), list, item);
        assert!(!found.is_empty(), "{path}");
        assert!(found.iter().all(Value::is_object), "{path}");
    }
    let asset = super::super::ids::asset(0);
    let span = "start_time=2026-03-09T00:00:00Z&end_time=2026-03-10T00:00:00Z";
    let trail = json(&server, &format!("/v1/asset_locations/{asset}?{span}"));
    assert_eq!(trail["asset"]["id"], asset);
    assert!(trail["breadcrumbs"].as_array().unwrap().len() > 3);
    let vehicle = super::super::ids::vehicle(3);
    let one = json(&server, &format!("/v1/vehicles/{vehicle}"));
    assert_eq!(one["vehicle"]["id"], vehicle);
    let day = json(
        &server,
        &format!("/v1/vehicle_locations/{vehicle}?date=2026-03-09"),
    );
    assert!(
        day["vehicle_locations"][0]["vehicle_location"]
            .get("true_odometer")
            .is_none()
    );
}
