//! Live answers against the truth.

use std::collections::BTreeMap;

use serde_json::Value;

use super::reader::*;
use crate::FaultPlan;

fn by_id(rows: Vec<Value>) -> BTreeMap<String, Value> {
    rows.into_iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
        .collect()
}

#[test]
fn the_present_is_what_the_snapshots_say() {
    for faults in ["none", "late,edit,withdraw"] {
        let server = server(95, 3.0, FaultPlan::parse(faults, 6).unwrap());
        for days in [0.6, 1.7, 5.0] {
            let now = after_days(days);
            let snapshot = |types: &str| {
                let url = format!("/fleet/vehicles/stats?types={types}");
                by_id(walk(&server, &url, now))
            };
            let motion = snapshot("gps,engineStates,fuelPercents");
            let counters = snapshot("obdOdometerMeters,gpsOdometerMeters,obdEngineSeconds");
            let truth = server.truth(&ids(), now).latest_vehicle_locations();
            assert_eq!(truth.len(), motion.len());
            for (source_id, row) in &motion {
                let vehicle = ids().vehicle(source_id);
                let latest = truth.iter().find(|row| row.vehicle == vehicle).unwrap();
                let gps = &row["gps"];
                assert_eq!(time(&gps["time"]), latest.located_at);
                assert_eq!(gps["latitude"].as_f64(), Some(latest.location.latitude));
                let kph = gps["speedMilesPerHour"].as_f64().unwrap() * 1.609_344;
                assert_eq!(hundredths(kph), hundredths(latest.speed.unwrap()));
                let fuel = latest.fuel.map(|fuel| fuel.primary_percentage);
                assert_eq!(row["fuelPercent"]["value"].as_f64(), fuel);
                let state = latest.engine_state.map(|state| state.name().to_owned());
                let read = row["engineState"]["value"].as_str();
                assert_eq!(read.map(str::to_lowercase), state);
                let counters = counters.get(source_id).unwrap_or(&Value::Null);
                let metres = [
                    &counters["obdOdometerMeters"],
                    &counters["gpsOdometerMeters"],
                ];
                let metres = metres.into_iter().find(|stat| stat.is_object());
                let odometer = metres.map(|stat| thousandth(&stat["value"]));
                assert_eq!(odometer, latest.odometer.map(hundredths));
                let seconds = counters["obdEngineSeconds"]["value"].as_i64();
                assert_eq!(seconds.map(|s| s * 1_000), latest.engine_runtime);
            }
        }
    }
}

#[test]
fn trailers_stand_where_their_stats_say() {
    let server = server(96, 3.0, FaultPlan::parse("withdraw,late", 6).unwrap());
    for days in [0.7, 1.5, 4.0] {
        let now = after_days(days);
        let rows = by_id(walk(&server, "/fleet/trailers/stats?types=gps", now));
        let truth = server.truth(&ids(), now).latest_trailer_locations();
        assert_eq!(rows.len(), truth.len());
        for (source_id, row) in &rows {
            let trailer = ids().trailer(source_id);
            let latest = truth.iter().find(|row| row.trailer == trailer).unwrap();
            let gps = &row["gps"];
            assert_eq!(time(&gps["time"]), latest.located_at);
            assert_eq!(gps["longitude"].as_f64(), Some(latest.location.longitude));
            let mph = gps["speedMilesPerHour"].as_i64().unwrap();
            let kph = mph as f64 * 1.609_344;
            assert_eq!(hundredths(kph), hundredths(latest.speed.unwrap()));
            let address = latest.address.as_ref().map(|a| a.formatted.as_str());
            assert_eq!(gps["reverseGeo"]["formattedLocation"].as_str(), address);
        }
    }
    let empty = walk(
        &server,
        "/fleet/trailers/stats?types=reeferRunMode",
        after_days(1.0),
    );
    assert!(empty.is_empty());
}

#[test]
fn clocks_run_for_every_listed_driver() {
    let server = server(97, 3.0, FaultPlan::parse("withdraw", 6).unwrap());
    for days in [0.5, 2.6] {
        let now = after_days(days);
        let truth = server.truth(&ids(), now).available_times();
        let rows = walk(&server, "/fleet/hos/clocks?limit=4", now);
        assert_eq!(rows.len(), truth.len());
        for (row, left) in rows.iter().zip(&truth) {
            assert_eq!(
                ids().driver(row["driver"]["id"].as_str().unwrap()),
                left.driver
            );
            let clocks = &row["clocks"];
            let available = left.available_time;
            for (read, left) in [
                (
                    &clocks["cycle"]["cycleRemainingDurationMs"],
                    available.cycle,
                ),
                (
                    &clocks["shift"]["shiftRemainingDurationMs"],
                    available.shift,
                ),
                (
                    &clocks["drive"]["driveRemainingDurationMs"],
                    available.drive,
                ),
                (
                    &clocks["break"]["timeUntilBreakDurationMs"],
                    available.until_break,
                ),
            ] {
                assert_eq!(read.as_i64(), left);
            }
            let status = filled(&row["currentDutyStatus"]["hosStatusType"]);
            assert_eq!(status.is_some(), left.current_status.is_some());
        }
        assert!(truth.iter().any(|left| left.current_status.is_none()));
        assert!(truth.iter().any(|left| left.current_status.is_some()));
    }
}

#[test]
fn films_are_found_by_the_events_id() {
    let server = server(98, 4.0, FaultPlan::none());
    let now = after_days(6.0);
    let truth = server.truth(&ids(), now);
    let mut films = 0;
    for event in truth.safety_events() {
        let url = format!(
            "/safety-events?safetyEventIds={}&includeVgOnlyEvents=true",
            event.source_id
        );
        let rows = walk(&server, &url, now);
        assert_eq!(rows.len(), 1);
        let media = truth
            .camera_media(&event.source_id, event.started_at)
            .unwrap();
        let url_of = |input: &str| {
            let films = rows[0]["media"].as_array().cloned().unwrap_or_default();
            let found = films.iter().find(|film| film["input"] == input);
            found.map(|film| film["url"].as_str().unwrap().to_owned())
        };
        let front = media.front_facing.map(|film| film.video_url);
        assert_eq!(url_of("dashcamRoadFacing"), front);
        let rear = media.rear_facing.map(|film| film.video_url);
        assert_eq!(url_of("dashcamDriverFacing"), rear);
        films += usize::from(front.is_some());
    }
    assert!(films > 0);
    assert_eq!(truth.camera_media("nothing", now), None);
}
