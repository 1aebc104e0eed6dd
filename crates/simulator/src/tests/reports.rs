//! Reports against the truth.

use std::collections::BTreeMap;

use model::{Record, Timestamp};

use super::reader::*;
use crate::{FaultPlan, SamsaraServer};

const FUEL: &str = "/fleet/reports/vehicles/fuel-energy";

fn check_days(server: &SamsaraServer, now: Timestamp) -> usize {
    let truth = server.truth(&ids(), now).utilization();
    let zone = model::Zone::named(server.world().zone()).unwrap();
    let mut read = BTreeMap::new();
    for date in [
        "2025-06-14",
        "2025-06-15",
        "2025-06-16",
        "2025-06-17",
        "2025-06-18",
    ] {
        // Summer time in Chicago.
        let url = format!("{FUEL}?startDate={date}T00:00:00-05:00&endDate={date}T11:00:00-05:00");
        for row in walk_at(server, &url, now, "/data/vehicleReports") {
            let vehicle = ids().vehicle(row["vehicle"]["id"].as_str().unwrap());
            let ms = |key: &str| row[key].as_i64().unwrap();
            let idle = ms("engineIdleTimeDurationMs");
            let shown = (
                thousandth(&row["distanceTraveledMeters"]),
                thousandth(&row["fuelConsumedMl"]),
                ms("engineRunTimeDurationMs") - idle,
                idle,
            );
            read.insert(format!("{vehicle}:{date}"), shown);
        }
    }
    let expected: BTreeMap<_, _> = truth
        .iter()
        .map(|day| {
            let window = zone.day(day.date);
            assert_eq!((day.start_at, day.end_at), (window.from, window.until));
            let durations = day.durations.unwrap();
            let shown = (
                hundredths(day.distance),
                hundredths(day.fuel_consumed.unwrap()),
                durations.driving.unwrap(),
                durations.idling.unwrap(),
            );
            (day.natural_key().into_owned(), shown)
        })
        .collect();
    check_same("day", &read, &expected);
    expected.len()
}

fn check_months(server: &SamsaraServer, now: Timestamp) -> usize {
    let url = "/fleet/reports/ifta/vehicle?year=2025&month=June";
    let mut read = BTreeMap::new();
    for row in walk_at(server, url, now, "/data/vehicleReports") {
        let vehicle = ids().vehicle(row["vehicle"]["id"].as_str().unwrap());
        for part in row["jurisdictions"].as_array().unwrap() {
            let name = part["jurisdiction"].as_str().unwrap();
            assert!(part["taxableMeters"].as_i64() <= part["totalMeters"].as_i64());
            let key = format!("{vehicle}:2025-06:{name}");
            read.insert(key, thousandth(&part["totalMeters"]));
        }
    }
    let truth = server.truth(&ids(), now).ifta();
    let expected: BTreeMap<_, _> = truth
        .iter()
        .map(|row| (row.natural_key().into_owned(), hundredths(row.distance)))
        .collect();
    check_same("month", &read, &expected);
    expected.len()
}

#[test]
fn reports_are_what_the_truth_says() {
    for (seed, faults) in [
        (81, "none"),
        (82, "late,repeat,errors,throttle,empty-pages"),
    ] {
        let server = server(seed, 2.0, FaultPlan::parse(faults, 4).unwrap());
        for days in [0.9, 2.2, 3.5] {
            assert!(check_days(&server, after_days(days)) >= 15);
            assert!(check_months(&server, after_days(days)) > 0);
        }
    }
}

#[test]
fn figures_of_the_last_hours_still_grow() {
    let server = server(83, 2.0, FaultPlan::parse("late", 4).unwrap());
    let metres = |days: f64| -> i64 {
        let truth = server.truth(&ids(), after_days(days)).utilization();
        truth.iter().map(|day| hundredths(day.distance)).sum()
    };
    let (early, late) = (metres(2.0), metres(3.0));
    assert!(early < late, "{early} {late}");
    assert_eq!(late, metres(4.0));
}

#[test]
fn a_quarter_is_its_months_and_two_days_are_their_sum() {
    let server = server(84, 2.0, FaultPlan::none());
    let now = after_days(3.0);
    let report = |query: &str| {
        let url = format!("/fleet/reports/ifta/vehicle?year=2025&{query}");
        let (status, body) = json(&server, &url, now);
        assert_eq!(status, 200);
        body["data"].clone()
    };
    let (month, quarter) = (report("month=June"), report("quarter=Q2"));
    assert_eq!(month["vehicleReports"], quarter["vehicleReports"]);
    assert_eq!(
        (&month["month"], &month["year"]),
        (&"June".into(), &2025.into())
    );
    assert_eq!(quarter["quarter"], "Q2");
    let metres = |from: &str, until: &str| -> i64 {
        let url = format!("{FUEL}?startDate={from}T00:00:00Z&endDate={until}T00:00:00Z");
        let rows = walk_at(&server, &url, now, "/data/vehicleReports");
        let metres = rows
            .iter()
            .map(|row| row["distanceTraveledMeters"].as_i64().unwrap());
        metres.sum()
    };
    let (first, second) = ("2025-06-15", "2025-06-16");
    let (both, sum) = (
        metres(first, second),
        metres(first, first) + metres(second, second),
    );
    // A metre a row more or less, see `clear_of_halves`.
    assert!(both > 0 && both.abs_diff(sum) < 50, "{both} {sum}");
}
