//! Parameters, pages, errors and key names.

use crate::ProviderServer;
use std::collections::HashSet;

use serde_json::Value;

use super::reader::*;
use crate::{FaultPlan, SimRequest};

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[test]
fn walks_are_complete_and_without_doubles() {
    let server = server(31, 1.0, FaultPlan::none());
    let now = after_days(2.0);
    for (path, count) in [
        ("/fleet/vehicles?limit=3", 17),
        ("/fleet/drivers?limit=4", 21),
        (
            "/fleet/drivers?driverActivationStatus=deactivated&limit=4",
            9,
        ),
        ("/tags?limit=5", 12),
    ] {
        let rows = walk(&server, path, now);
        let ids = names(&rows);
        assert_eq!(ids.len(), count, "{path}");
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), count, "{path}");
    }
    let stats = walk(&server, "/fleet/vehicles/stats?types=gps", now);
    assert_eq!(stats.len(), 15, "two have no gateway");
}

#[test]
fn the_truth_about_records_is_what_the_lists_say() {
    let server = server(32, 1.0, FaultPlan::parse("edit,withdraw", 1).unwrap());
    for days in [0.0, 1.0, 3.0] {
        let now = after_days(days);
        let truth = server.truth(&ids(), now);
        let vehicles = walk(&server, "/fleet/vehicles", now);
        assert_eq!(vehicles.len(), truth.vehicles.len());
        for (row, vehicle) in vehicles.iter().zip(&truth.vehicles) {
            let filled = |key: &str| row[key].as_str().filter(|text| !text.is_empty());
            assert_eq!(row["id"], vehicle.source_id.as_str());
            assert_eq!(filled("name"), vehicle.name.as_deref());
            assert_eq!(filled("vin"), vehicle.vin.as_deref());
            let year = vehicle.year.map(|year| year.to_string());
            assert_eq!(filled("year"), year.as_deref());
            let updated = filled("updatedAtTime").and_then(model::Timestamp::parse);
            assert_eq!(updated, vehicle.updated_at);
        }
        let mut drivers = walk(&server, "/fleet/drivers", now);
        drivers.extend(walk(
            &server,
            "/fleet/drivers?driverActivationStatus=deactivated",
            now,
        ));
        assert_eq!(drivers.len(), truth.drivers.len());
        for row in &drivers {
            let driver = truth
                .drivers
                .iter()
                .find(|d| row["id"] == d.source_id.as_str())
                .unwrap();
            let words = [&driver.first_name, &driver.middle_name, &driver.last_name];
            let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
            assert_eq!(row["name"], words.join(" "));
            let phone = |text: &str| {
                text.chars()
                    .filter(char::is_ascii_digit)
                    .collect::<String>()
            };
            if let Some(put) = &driver.phone {
                assert!(phone(put).ends_with(&phone(row["phone"].as_str().unwrap())));
            }
        }
        let tags = walk(&server, "/tags", now);
        for (row, group) in tags.iter().zip(&truth.groups) {
            let parent = row["parentTagId"].as_str().filter(|id| !id.is_empty());
            assert_eq!(parent.map(|id| ids().group(id)), group.parent);
        }
    }
    let count = |days| server.truth(&ids(), after_days(days)).vehicles.len();
    assert_eq!((count(0.0), count(3.0)), (17, 16));
}

const HISTORY: &str = "/fleet/vehicles/stats/history?";
const TIMES: &str = "startTime=2025-06-16T00:00:00Z&endTime=2025-06-16T01:00:00Z";

fn check_refused(path_and_query: &str, status: u16, message: &str) {
    let server = server(33, 1.0, FaultPlan::none());
    let (got, body) = json(&server, path_and_query, after_days(2.0));
    assert_eq!(got, status, "{path_and_query}");
    assert!(
        body["message"].as_str().unwrap().contains(message),
        "{path_and_query}: {body}"
    );
    assert!(body["requestId"].is_string());
}

#[test]
fn wrong_stats_requests_are_refused_loudly() {
    for (query, message) in [
        ("types=gps,bogusType", "Invalid stat type(s): bogusType"),
        (
            "decorations=bogus&types=gps",
            "Invalid decoration(s): bogus",
        ),
        ("", "Missing parameter: types"),
        (
            "types=gps,engineRpm,engineStates,fuelPercents",
            "3 stat types",
        ),
        (
            "types=gps&limit=513",
            "limit must be lesser or equal than 512 but got value 513",
        ),
        ("types=gps&after=zzz", "after"),
        ("types=gps&tagIds=1", "Invalid tag id: 1"),
    ] {
        check_refused(&format!("{HISTORY}{TIMES}&{query}"), 400, message);
    }
    for (query, message) in [
        ("", "Missing parameter: startTime"),
        (
            "&startTime=2025-06-16T00:00:00Z",
            "Missing parameter: endTime",
        ),
        ("&startTime=soon&endTime=2025-06-16T00:00:00Z", "soon"),
        (
            "&startTime=2025-06-17T00:00:00Z&endTime=2025-06-16T00:00:00Z",
            "before",
        ),
    ] {
        check_refused(&format!("{HISTORY}types=gps{query}"), 400, message);
    }
    let server = server(33, 1.0, FaultPlan::none());
    let aux = format!("{HISTORY}{TIMES}&types=auxInput3,auxInput4,auxInput10,gps,engineRpm");
    assert_eq!(json(&server, &aux, after_days(2.0)).0, 200);
}

#[test]
fn wrong_list_requests_are_refused_loudly() {
    let status = "driverActivationStatus";
    let only = "Can only be 'active' or 'deactivated'";
    check_refused(&format!("/fleet/drivers?{status}=asleep"), 400, only);
    let twice = format!("/fleet/drivers?{status}=active&{status}=active");
    check_refused(&twice, 400, only);
    check_refused("/fleet/vehicles?updatedAfterTime=soon", 400, "soon");
    check_refused("/fleet/spaceships", 404, "Not Found");
}

#[test]
fn only_the_right_bearer_gets_in() {
    let server = server(34, 1.0, FaultPlan::none());
    for value in [
        None,
        Some("Bearer wrong"),
        Some("sim-token"),
        Some("Basic sim-token"),
    ] {
        let mut request = SimRequest::get("/me");
        if let Some(value) = value {
            request = request.with_header("authorization", value);
        }
        let answer = server.answer(&request, after_days(1.0));
        assert_eq!(answer.status, 401);
        assert!(text(&answer).contains("Invalid token."));
        assert!(answer.header("request-id").is_some());
    }
}

#[test]
fn snapshots_have_single_values_under_their_own_names() {
    let server = server(35, 2.0, FaultPlan::none());
    let url = "/fleet/vehicles/stats?types=gps&types=engineStates,fuelPercents";
    let rows = walk(&server, url, after_days(1.5));
    assert!(!rows.is_empty());
    for row in &rows {
        assert!(row["gps"]["time"].is_string(), "{row}");
        assert!(row.get("engineStates").is_none() && row.get("fuelPercents").is_none());
    }
    assert!(
        rows.iter()
            .any(|row| row["engineState"]["value"].is_string())
    );
    assert!(
        rows.iter()
            .any(|row| row["fuelPercent"]["value"].is_number())
    );
}

#[test]
fn vehicle_ids_and_tags_narrow_a_request() {
    let server = server(36, 1.0, FaultPlan::none());
    let plans = server.world().vehicles();
    let (a, b) = (&plans[0].source_id, &plans[8].source_id);
    for list in [
        format!("vehicleIds={a},{b}"),
        format!("vehicleIds={b}&vehicleIds={a}"),
    ] {
        let url = format!("/fleet/vehicles/stats?types=gps&{list}");
        let rows = walk(&server, &url, after_days(1.0));
        assert_eq!(names(&rows), [a, b]);
    }
    let group = plans.iter().find_map(|plan| plan.groups.first()).unwrap();
    let tag = &server.world().groups()[*group].source_id;
    let rows = walk(
        &server,
        &format!("/fleet/vehicles?tagIds={tag}"),
        after_days(1.0),
    );
    let members = plans
        .iter()
        .filter(|plan| plan.groups.contains(group))
        .count();
    assert_eq!(rows.len(), members);
}

#[test]
fn the_feed_gives_last_values_first_and_then_every_change_once() {
    let server = server(37, 2.0, FaultPlan::parse("late", 3).unwrap());
    let mut now = after_days(0.4);
    let mut after = String::new();
    let mut rows = 0;
    let mut times = HashSet::new();
    while now < after_days(3.5) {
        let url = format!("/fleet/vehicles/stats/feed?types=engineRpm&after={after}");
        let (status, page) = json(&server, &url, now);
        assert_eq!(status, 200);
        let is_first = after.is_empty();
        after = page["pagination"]["endCursor"].as_str().unwrap().to_owned();
        assert!(!after.is_empty());
        for vehicle in page["data"].as_array().unwrap() {
            for row in vehicle["engineRpm"].as_array().unwrap() {
                let key = format!("{}{}", vehicle["id"], row["time"]);
                if !is_first {
                    rows += 1;
                    assert!(times.insert(key.clone()), "{key} came twice");
                }
            }
        }
        if page["pagination"]["hasNextPage"] == false {
            now = model::Timestamp::from_millis(now.millis() + DAY_MS / 7);
        }
    }
    // What had a reading time after the first call's is all there, late or not.
    let all = history(&server, "engineRpm", window(0.4, 2.0), now);
    let expected: usize = all.values().map(std::collections::BTreeMap::len).sum();
    assert!(rows >= expected && expected > 500, "{rows} of {expected}");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let body = |seed| {
        let server = server(seed, 1.0, FaultPlan::none());
        let url = "/fleet/vehicles/stats/history?types=gps,engineRpm,obdOdometerMeters\
                   &startTime=2025-06-15T00:00:00Z&endTime=2025-06-17T00:00:00Z";
        get(&server, url, after_days(2.0)).body
    };
    assert_eq!(body(8), body(8));
    assert_ne!(body(8), body(9));
}
