//! The same parameters are days of UTC here and of the company there.

use super::*;

fn starts(server: &MotiveServer, path: &str, list: &str, item: &str) -> Vec<Timestamp> {
    let found = all(server, path, list, item);
    let time = |one: &Value| Timestamp::parse(one["start_time"].as_str().unwrap()).unwrap();
    found.iter().map(time).collect()
}

#[test]
fn driving_is_by_days_of_utc() {
    let server = plain(21);
    let path = "/v1/driving_periods?start_date=2026-03-10&end_date=2026-03-10";
    let found = starts(&server, path, "driving_periods", "driving_period");
    let day = Timestamp::parse("2026-03-10T00:00:00Z").unwrap().utc_day();
    assert!(found.len() > 10 && found.iter().all(|start| start.utc_day() == day));
}

#[test]
fn idling_is_by_days_of_the_company_across_the_change_of_clocks() {
    let server = plain(22);
    let of = |date: &str| {
        let path = format!("/v1/idle_events?start_date={date}&end_date={date}");
        starts(&server, &path, "idle_events", "idle_event")
    };
    // Central time: six hours behind before 8 March, five after; that day has 23.
    for (date, from, until) in [
        ("2026-03-07", "2026-03-07T06:00:00Z", "2026-03-08T06:00:00Z"),
        ("2026-03-08", "2026-03-08T06:00:00Z", "2026-03-09T05:00:00Z"),
        ("2026-03-09", "2026-03-09T05:00:00Z", "2026-03-10T05:00:00Z"),
    ] {
        let [from, until] = [from, until].map(|text| Timestamp::parse(text).unwrap());
        let found = of(date);
        assert!(!found.is_empty());
        // Matched by overlap: some began the day before.
        let latest = until;
        let earliest = Timestamp::from_millis(from.millis() - DAY_MS / 2);
        assert!(
            found.iter().all(|start| (earliest..latest).contains(start)),
            "{date}"
        );
    }
    let days: usize = ["2026-03-09", "2026-03-10"]
        .map(|date| of(date).len())
        .iter()
        .sum();
    let path = "/v1/idle_events?start_date=2026-03-09&end_date=2026-03-10";
    let both = starts(&server, path, "idle_events", "idle_event").len();
    assert!(both <= days && both > days / 2);
}

#[test]
fn a_rollup_has_the_grain_of_its_window() {
    let server = plain(23);
    let metres = |first: &str, last: &str| -> f64 {
        let path = format!("/v2/vehicle_utilization?start_date={first}&end_date={last}");
        let rows = all(
            &server,
            &path,
            "vehicle_utilizations",
            "vehicle_utilization",
        );
        assert_eq!(rows.len(), 25);
        rows.iter()
            .map(|row| row["total_distance"].as_f64().unwrap())
            .sum()
    };
    let parts: f64 = ["2026-03-07", "2026-03-08", "2026-03-09"]
        .map(|day| metres(day, day))
        .iter()
        .sum();
    let whole = metres("2026-03-07", "2026-03-09");
    assert!(
        whole > 1_000.0 && (whole - parts).abs() < 0.2,
        "{whole} {parts}"
    );
}

#[test]
fn a_log_is_a_day_of_its_driver_and_pieces_keep_their_number() {
    let server = plain(24);
    let path = "/v1/logs?start_date=2026-03-05&end_date=2026-03-12";
    let logs = all(&server, path, "logs", "log");
    let mut pieces: std::collections::HashMap<u64, usize> = std::collections::HashMap::new();
    let mut under_way = 0;
    for log in &logs {
        let events = items(log, "events", "event");
        assert!(!events.is_empty());
        let mut end = None;
        for event in &events {
            let id = event["id"].as_u64().unwrap();
            *pieces.entry(id).or_default() += 1;
            assert!(end.is_none_or(|end| end == event["start_time"]));
            end = Some(event["end_time"].clone());
            under_way += usize::from(event["end_time"].is_null());
        }
        let sum: i64 = ["off_duty", "on_duty", "sleeper", "driving", "waiting"]
            .map(|kind| log[format!("{kind}_duration")].as_i64().unwrap())
            .iter()
            .sum();
        let is_whole =
            log["date"].as_str() > Some("2026-03-06") && log["date"].as_str() < Some("2026-03-11");
        let hours = if log["date"] == "2026-03-08" && log["time_zone"] != "Arizona" {
            23
        } else {
            24
        };
        assert!(!is_whole || sum == hours * 3_600, "{sum} {log}");
    }
    let drivers = server
        .world()
        .drivers()
        .iter()
        .filter(|plan| plan.is_active)
        .count();
    assert_eq!(under_way, drivers);
    assert!(pieces.values().any(|count| *count > 1));
    let path = "/v1/hours_of_service?start_date=2026-03-05&end_date=2026-03-12";
    let days = all(&server, path, "hours_of_services", "hours_of_service");
    assert_eq!(days.len(), logs.len());
    assert!(
        days.iter()
            .zip(&logs)
            .all(|(day, log)| day["id"] == log["id"])
    );
}

#[test]
fn what_is_under_way_has_no_end() {
    let server = plain(25);
    let mut seen = 0;
    for hour in 0..24 {
        let now = Timestamp::from_millis(now().millis() + hour * DAY_MS / 24);
        let path = "/v1/driving_periods?start_date=2026-03-11&end_date=2026-03-13&per_page=100";
        let answer = server.answer(&get(path), now);
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        for period in items(&body, "driving_periods", "driving_period") {
            if period["status"] != "in_progress" {
                continue;
            }
            seen += 1;
            for member in ["end_time", "end_kilometers", "distance", "destination_lat"] {
                assert!(period[member].is_null(), "{period}");
            }
            assert_eq!(period["destination"], "");
            let start = Timestamp::parse(period["start_time"].as_str().unwrap()).unwrap();
            let so_far = (now.millis() - start.millis()) / 1_000;
            assert!((period["duration"].as_i64().unwrap() - so_far).abs() <= 1);
        }
    }
    assert!(seen > 5, "{seen}");
}
