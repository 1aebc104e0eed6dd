//! Streams: their windows, their ends, and what comes when they are asked again.

use std::collections::BTreeMap;

use model::Timestamp;
use serde_json::Value;

use super::reader::*;
use crate::{FaultPlan, SamsaraServer};

/// Polls an endless stream once: all pages until it says that there is no more for now.
fn poll(server: &SamsaraServer, url: &str, after: &mut String, now: Timestamp) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let page_url = match after.as_str() {
            "" => url.to_owned(),
            after => format!("{url}&after={after}"),
        };
        let page = page(server, &page_url, now).expect("the cursor is good");
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        let pagination = &page["pagination"];
        *after = pagination["endCursor"].as_str().unwrap().to_owned();
        assert!(!after.is_empty(), "an endless stream always goes on");
        if pagination["hasNextPage"] == false {
            return rows;
        }
    }
}

#[test]
fn the_stream_of_safety_events_tells_every_change() {
    let faults = FaultPlan::parse("late,edit,errors,empty-pages", 8).unwrap();
    let server = server(101, 4.0, faults);
    let url = format!("/safety-events/stream?startTime={BEGINS_AT}&includeVgOnlyEvents=true");
    let (mut after, mut known, mut told) = (String::new(), BTreeMap::new(), 0);
    for quarter in 1..28 {
        let now = after_days(f64::from(quarter) / 4.0);
        for row in poll(&server, &url, &mut after, now) {
            let updated_at = time(&row["updatedAtTime"]);
            assert!(updated_at <= now);
            known.insert(row["id"].as_str().unwrap().to_owned(), row);
            told += 1;
        }
        let by_creation = format!("{url}&queryByTimeField=createdAtTime");
        let all: BTreeMap<String, Value> = walk(&server, &by_creation, now)
            .into_iter()
            .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
            .collect();
        assert_eq!(known, all, "at {now}");
    }
    assert!(
        told > known.len() && known.len() > 20,
        "{told} {}",
        known.len()
    );
}

#[test]
fn windows_of_creation_are_half_open_and_vehicles_without_a_camera_are_asked_for() {
    let server = server(102, 3.0, FaultPlan::none());
    let now = after_days(5.0);
    let count = |from: f64, until: f64, rest: &str| {
        let url = format!(
            "/safety-events/stream?queryByTimeField=createdAtTime&startTime={}&endTime={}{rest}",
            after_days(from),
            after_days(until)
        );
        walk(&server, &url, now).len()
    };
    let all = count(0.0, 5.0, "&includeVgOnlyEvents=true");
    let parts =
        count(0.0, 1.3, "&includeVgOnlyEvents=true") + count(1.3, 5.0, "&includeVgOnlyEvents=true");
    assert_eq!(all, parts);
    assert!(count(0.0, 5.0, "") < all);
    let plans = server.world().vehicles();
    let of_each: usize = plans
        .iter()
        .map(|plan| {
            let id = &plan.source_id;
            count(
                0.0,
                5.0,
                &format!("&includeVgOnlyEvents=true&assetIds={id}"),
            )
        })
        .sum();
    assert_eq!(all, of_each);
}

#[test]
fn trips_are_streamed_by_start_and_by_change() {
    let server = server(103, 3.0, FaultPlan::none());
    let plans = server.world().vehicles();
    let ids: Vec<&str> = plans.iter().map(|plan| plan.source_id.as_str()).collect();
    let ids = ids.join(",");
    let noon = after_days(1.5);
    let url = format!("/trips/stream?ids={ids}&startTime={BEGINS_AT}&includeAsset=true");
    let (mut after, mut known) = (String::new(), BTreeMap::new());
    for now in [after_days(0.7), noon, after_days(3.5)] {
        for row in poll(&server, &url, &mut after, now) {
            let key = (
                row["asset"]["id"].clone().to_string(),
                time(&row["tripStartTime"]),
            );
            known.insert(key, row);
        }
    }
    let ended = |row: &&Value| row["completionStatus"] == "completed";
    let truth = server.truth(&super::reader::ids(), after_days(3.5));
    assert_eq!(known.values().filter(ended).count(), truth.trips().len());
    let started = format!("{url}&queryBy=tripStartTime&endTime={noon}");
    let rows = walk(&server, &started, after_days(3.5));
    assert!(rows.iter().all(|row| time(&row["tripStartTime"]) < noon));
    assert!(rows.len() < known.len());
}

#[test]
fn locations_are_streamed_as_stats_give_them() {
    let server = server(104, 1.0, FaultPlan::parse("late,edit,withdraw", 3).unwrap());
    let plan = &server.world().vehicles()[0];
    let now = after_days(2.0);
    let (from, until) = (after_days(0.2), after_days(0.6));
    let url = format!(
        "/assets/location-and-speed/stream?ids={}&startTime={from}&endTime={until}\
         &includeSpeed=true&limit=100",
        plan.source_id
    );
    let rows = walk(&server, &url, now);
    let gps = history(&server, "gps", window(0.2, 0.6), now);
    let times: Vec<Timestamp> = rows
        .iter()
        .map(|row| time(&row["happenedAtTime"]))
        .collect();
    assert!(times.len() > 100);
    let expected: Vec<Timestamp> = gps[&plan.source_id].keys().copied().collect();
    assert_eq!(times, expected);
    let old = format!("/fleet/vehicles/locations/history?startTime={from}&endTime={until}");
    let old = walk(&server, &old, now);
    let of_plan = old.iter().find(|row| row["id"] == plan.source_id.as_str());
    let locations = of_plan.unwrap()["locations"].as_array().unwrap();
    assert_eq!(locations.len(), times.len());
}

#[test]
fn the_feed_brings_fault_readings_when_they_arrive() {
    let server = server(105, 4.0, FaultPlan::parse("late", 3).unwrap());
    let url = "/fleet/vehicles/stats/feed?types=faultCodes";
    let (mut after, mut count) = (String::new(), 0);
    for quarter in 0..24 {
        let now = after_days(f64::from(quarter) / 4.0);
        for vehicle in poll(&server, url, &mut after, now) {
            count += vehicle["faultCodes"].as_array().unwrap().len();
        }
    }
    let all = history(&server, "faultCodes", window(0.0, 6.0), after_days(6.0));
    let expected: usize = all.values().map(BTreeMap::len).sum();
    assert_eq!(count, expected);
}

#[test]
fn idling_and_films_are_told_of_others_questions() {
    let server = server(106, 2.0, FaultPlan::none());
    let now = after_days(4.0);
    let span = format!("startTime={}&endTime={}", after_days(0.0), after_days(2.0));
    let idling = walk(&server, &format!("/idling/events?{span}&limit=7"), now);
    assert!(idling.len() > 7);
    assert!(
        idling
            .iter()
            .all(|row| row["durationMilliseconds"].as_i64() >= Some(120_000))
    );
    let plans = server.world().vehicles();
    let ids: Vec<&str> = plans.iter().map(|plan| plan.source_id.as_str()).collect();
    let day = format!("startTime={}&endTime={}", after_days(0.5), after_days(1.5));
    let url = format!("/cameras/media?vehicleIds={}&{day}", ids.join(","));
    assert!(!walk_at(&server, &url, now, "/data/media").is_empty());
    for path in ["/addresses?limit=512", "/webhooks", "/fleet/hos/violations"] {
        assert!(walk(&server, path, now).is_empty());
    }
}
