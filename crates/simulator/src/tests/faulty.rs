//! The same truth, with everything going wrong.

use super::history::check_history;
use super::reader::*;
use crate::{FaultPlan, SamsaraConfig, SamsaraServer};

fn all_but_forbidden(seed: u64) -> FaultPlan {
    FaultPlan {
        forbid: None,
        ..FaultPlan::all(seed)
    }
}

#[test]
fn truth_holds_at_every_instant_with_all_faults_on() {
    let server = server(41, 1.5, all_but_forbidden(2));
    for days in [0.6, 1.4, 4.0] {
        check_history(&server, window(0.0, 1.5), after_days(days));
    }
}

#[test]
fn rows_come_late_change_and_go() {
    let server = server(42, 1.0, FaultPlan::parse("late,edit,withdraw", 2).unwrap());
    let at = |days| history(&server, "gps", window(0.0, 1.0), after_days(days));
    let (early, late) = (at(1.0), at(4.0));
    let (mut came, mut changed, mut went) = (0, 0, 0);
    for (vehicle, rows) in &late {
        let before = &early[vehicle];
        came += rows
            .keys()
            .filter(|time| !before.contains_key(time))
            .count();
        went += before
            .keys()
            .filter(|time| !rows.contains_key(time))
            .count();
        changed += rows
            .iter()
            .filter(|(time, row)| before.get(time).is_some_and(|old| old != *row))
            .count();
    }
    assert!(
        came > 5 && changed > 5 && went > 5,
        "{came} {changed} {went}"
    );
    assert_eq!(late, at(9.0), "after 40 h nothing moves");
}

#[test]
fn walks_of_records_survive_faults() {
    let server = server(43, 1.0, all_but_forbidden(7));
    let now = after_days(4.0);
    let truth = server.truth(&ids(), now);
    for _ in 0..20 {
        let mut read: Vec<String> = walk(&server, "/fleet/vehicles?limit=2", now)
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        assert!(read.len() > truth.vehicles.len(), "nothing was repeated");
        read.sort();
        read.dedup();
        let mut expected: Vec<_> = truth.vehicles.iter().map(|v| v.source_id.clone()).collect();
        expected.sort();
        assert_eq!(read, expected);
    }
}

#[test]
fn empty_pages_come_in_the_middle() {
    let server = server(44, 1.0, FaultPlan::parse("empty-pages", 3).unwrap());
    let (mut after, mut empty) = (String::new(), 0);
    loop {
        let (_, page) = json(
            &server,
            &format!("/tags?limit=1&after={after}"),
            after_days(1.0),
        );
        let is_last = page["pagination"]["hasNextPage"] == false;
        if page["data"].as_array().unwrap().is_empty() {
            assert!(!is_last);
            empty += 1;
        }
        after = page["pagination"]["endCursor"].as_str().unwrap().to_owned();
        if is_last {
            break;
        }
    }
    assert!(empty > 0);
}

#[test]
fn one_endpoint_is_forbidden() {
    let server = server(45, 1.0, FaultPlan::parse("forbid", 3).unwrap());
    let url = "/fleet/vehicles/stats?types=engineRpm,batteryMilliVolts";
    assert_eq!(json(&server, url, after_days(1.0)).0, 403);
    assert_eq!(json(&server, "/tags", after_days(1.0)).0, 200);
    assert_eq!(
        server.truth(&ids(), after_days(1.0)).forbidden(),
        Some("batteryMilliVolts")
    );
}

#[test]
fn throttling_and_5xx_have_their_forms() {
    let server = server(46, 1.0, FaultPlan::parse("throttle,errors", 3).unwrap());
    let (mut throttled, mut failed) = (0, 0);
    for _ in 0..400 {
        let answer = get(&server, "/me", after_days(1.0));
        match answer.status {
            200 => {}
            429 => {
                throttled += 1;
                let wait: f64 = answer.header("retry-after").unwrap().parse().unwrap();
                assert!(wait > 0.0 && wait < 1.0 && wait.fract() > 0.0);
                assert!(text(&answer).contains("Exceeded rate limit."));
            }
            _ => {
                failed += 1;
                assert!(
                    answer
                        .header("content-type")
                        .unwrap()
                        .starts_with("text/plain")
                );
                assert!(serde_json::from_str::<serde_json::Value>(&text(&answer)).is_err());
            }
        }
    }
    assert!(throttled > 0 && failed > 0);
}

#[test]
fn rate_limits_count_by_the_clock() {
    let config = SamsaraConfig::default();
    let server = SamsaraServer::new(world(47, 1.0), FaultPlan::none(), config);
    let statuses: Vec<u16> = (0..30)
        .map(|_| get(&server, "/fleet/vehicles", after_days(1.0)).status)
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 5);
    assert_eq!(get(&server, "/fleet/vehicles", after_days(1.1)).status, 200);
}
