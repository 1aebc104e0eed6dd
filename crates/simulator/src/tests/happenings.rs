//! Truth against answers: trips, safety events, hours of service, assignments, fault codes.

use std::collections::BTreeMap;

use model::coordinates::Coordinates;
use model::fault::FaultCodeStatus;
use model::hos::HosStatus;
use model::{Model, Record, Timestamp};
use serde_json::Value;

use super::reader::*;
use crate::{FaultPlan, SamsaraServer};

const DAYS: f64 = 4.0;

fn all_but_forbidden(seed: u64) -> FaultPlan {
    FaultPlan {
        forbid: None,
        ..FaultPlan::all(seed)
    }
}

fn coordinates(value: &Value) -> Option<Coordinates> {
    value.is_object().then(|| Coordinates {
        longitude: value["longitude"].as_f64().unwrap(),
        latitude: value["latitude"].as_f64().unwrap(),
    })
}

/// Start and end of a window over all history, as the parameters want it.
fn span(now: Timestamp) -> String {
    format!("startTime={BEGINS_AT}&endTime={now}")
}

fn answer(server: &SamsaraServer, url: &str, now: Timestamp) -> Value {
    page(server, url, now).expect("no cursor was given")
}

/// Checks everything that happened until `now` and says how many rows that were.
fn check(server: &SamsaraServer, now: Timestamp) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([
        ("trips", check_trips(server, now)),
        ("safety", check_safety(server, now)),
        ("logs", check_logs(server, now)),
        ("days", check_days(server, now)),
        ("assignments", check_assignments(server, now)),
        ("codes", check_codes(server, now)),
    ])
}

fn check_trips(server: &SamsaraServer, now: Timestamp) -> usize {
    let mut read = BTreeMap::new();
    for plan in server.world().vehicles() {
        let url = format!(
            "/v1/fleet/trips?vehicleId={}&startMs={}&endMs={}",
            plan.source_id,
            BEGINS_AT.millis(),
            now.millis()
        );
        let answer = answer(server, &url, now);
        for row in answer["trips"].as_array().unwrap() {
            let number = |key: &str| row[key].as_i64().unwrap();
            if number("endMs") == i64::MAX {
                continue;
            }
            let key = format!("{}-{}", plan.source_id, number("startMs"));
            let driver = Some(number("driverId")).filter(|driver| *driver != 0);
            let shown = format!(
                "{} {} {:?} {:?} {:?}",
                number("endMs"),
                thousandth(&row["distanceMeters"]),
                driver.map(|driver| ids().driver(&driver.to_string())),
                coordinates(&row["startCoordinates"]),
                coordinates(&row["endCoordinates"])
            );
            assert!(read.insert(key, shown).is_none(), "a trip twice: {row}");
        }
    }
    let truth = server.truth(&ids(), now).trips();
    let expected: BTreeMap<String, String> = truth
        .iter()
        .map(|trip| {
            assert_eq!(
                trip.duration,
                trip.ended_at.millis() - trip.started_at.millis()
            );
            let shown = format!(
                "{} {} {:?} {:?} {:?}",
                trip.ended_at.millis(),
                hundredths(trip.distance.unwrap()),
                trip.driver,
                trip.start_location,
                trip.end_location
            );
            (trip.natural_key().into_owned(), shown)
        })
        .collect();
    check_same("trip", &read, &expected);
    expected.len()
}

fn check_safety(server: &SamsaraServer, now: Timestamp) -> usize {
    let url = format!(
        "/safety-events/stream?queryByTimeField=createdAtTime&{}&includeDriver=true\
         &includeAsset=true&includeVgOnlyEvents=true",
        span(Timestamp::from_millis(now.millis() + 1))
    );
    let rows = walk(server, &url, now);
    let truth = server.truth(&ids(), now).safety_events();
    let by_id: BTreeMap<&str, &Value> = rows
        .iter()
        .map(|row| (row["id"].as_str().unwrap(), row))
        .collect();
    for event in &truth {
        let row = by_id[event.source_id.as_str()];
        assert_eq!(time(&row["startMs"]), event.started_at);
        assert_eq!(Some(time(&row["endMs"])), event.ended_at);
        let first = row["behaviorLabels"][0]["label"].as_str();
        assert_eq!(first, event.source_type.as_deref());
        let driver = filled(&row["driver"]["id"]).map(|id| ids().driver(id));
        assert_eq!(driver, event.driver);
        let vehicle = ids().vehicle(row["asset"]["id"].as_str().unwrap());
        assert_eq!(vehicle, event.vehicle);
        assert_eq!(coordinates(&row["location"]), event.start_location);
        let stats = event.stats.unwrap();
        assert_eq!(row["location"]["headingDegrees"].as_f64(), stats.heading);
        let speeding = &row["speedingMetadata"];
        let fastest = speeding["maxSpeedKilometersPerHour"].as_f64();
        assert_eq!(fastest, stats.maximum_speed);
        let force = stats
            .g_force_forward_backward
            .or(stats.g_force_side_to_side);
        if force.is_some() {
            assert_eq!(row["maxAccelerationGForce"].as_f64(), force);
        }
        let filmed = event.camera_media.is_some();
        assert_eq!(row["media"].is_array(), filmed);
    }
    let typeless = ["DefensiveDriving", "Reversing"];
    let without_type = by_id.values().filter(|row| {
        let labels = row["behaviorLabels"].as_array().unwrap();
        typeless.contains(&labels[0]["label"].as_str().unwrap())
    });
    assert_eq!(without_type.count() + truth.len(), by_id.len());
    truth.len()
}

fn check_logs(server: &SamsaraServer, now: Timestamp) -> usize {
    let url = format!(
        "/fleet/hos/logs?{}",
        span(Timestamp::from_millis(now.millis() + 1))
    );
    let mut read = BTreeMap::new();
    for row in walk(server, &url, now) {
        let driver = row["driver"]["id"].as_str().unwrap();
        for log in row["hosLogs"].as_array().unwrap() {
            let status = match log["hosStatusType"].as_str().unwrap() {
                "offDuty" => "off_duty",
                "sleeperBed" => "sleeper_bed",
                "onDuty" => "on_duty",
                "yardMove" => "yard_move",
                "personalConveyance" => "personal_conveyance",
                same => same,
            };
            let key = format!("{driver}:{}:{status}", time(&log["logStartTime"]));
            let ended_at = log["logEndTime"]
                .as_str()
                .and_then(Timestamp::parse)
                .filter(|at| *at <= now);
            let codrivers = log["codrivers"].as_array().map_or_else(Vec::new, |rows| {
                let id = |row: &Value| ids().driver(row["id"].as_str().unwrap());
                rows.iter().map(id).collect()
            });
            let shown = format!(
                "{ended_at:?} {:?} {:?} {:?} {codrivers:?}",
                log["vehicle"]["id"].as_str().map(|id| ids().vehicle(id)),
                coordinates(&log["logRecordedLocation"]),
                filled(&log["remark"]),
            );
            read.insert(key, shown);
        }
    }
    let truth = server.truth(&ids(), now).hos_logs();
    let expected: BTreeMap<String, String> = truth
        .iter()
        .map(|log| {
            let remark = log.remarks.first().map(|remark| remark.notes.as_str());
            let shown = format!(
                "{:?} {:?} {:?} {remark:?} {:?}",
                log.ended_at, log.vehicle, log.location, log.codrivers
            );
            (log.source_id.clone(), shown)
        })
        .collect();
    check_same("log", &read, &expected);
    expected.len()
}

fn check_days(server: &SamsaraServer, now: Timestamp) -> usize {
    let mut read = BTreeMap::new();
    // Days are asked for by the dates of the fleet's zone.
    let fleet_zone = model::Zone::named(server.world().zone()).unwrap();
    let (first, last) = (fleet_zone.date_of(BEGINS_AT), fleet_zone.date_of(now));
    for status in ["active", "deactivated"] {
        let url = format!(
            "/fleet/hos/daily-logs?startDate={first}&endDate={last}\
             &driverActivationStatus={status}"
        );
        for row in walk(server, &url, now) {
            let zone = row["driver"]["timezone"].as_str().unwrap();
            let zone = model::Zone::named(zone).unwrap();
            let day = (time(&row["startTime"]), time(&row["endTime"]));
            let date = zone.date_of(day.0);
            assert_eq!((zone.day(date).from, zone.day(date).until), day);
            let durations = &row["dutyStatusDurations"];
            let ms = |key: &str| durations[key].as_i64().unwrap();
            let (active, off) = (ms("activeDurationMs"), ms("offDutyDurationMs"));
            let so_far = day.1.min(now).millis() - day.0.millis();
            assert_eq!(active + off + ms("sleeperBerthDurationMs"), so_far, "{row}");
            let shown = format!(
                "{:?} {:?} {off} {:?} {:?}",
                ms("driveDurationMs"),
                ms("onDutyDurationMs"),
                ms("personalConveyanceDurationMs"),
                thousandth(&row["distanceTraveled"]["driveDistanceMeters"])
            );
            let driver = row["driver"]["id"].as_str().unwrap();
            read.insert(format!("{driver}:{date}"), shown);
        }
    }
    let truth = server.truth(&ids(), now).hos_daily_logs();
    let expected: BTreeMap<String, String> = truth
        .iter()
        .map(|log| {
            let durations = log.status_durations;
            let shown = format!(
                "{:?} {:?} {} {:?} {:?}",
                durations.driving.unwrap(),
                durations.on_duty.unwrap(),
                durations.off_duty.unwrap(),
                durations.personal_conveyance.unwrap(),
                hundredths(log.distances.unwrap().driving.unwrap())
            );
            (log.source_id.clone(), shown)
        })
        .collect();
    check_same("day", &read, &expected);
    expected.len()
}

fn check_assignments(server: &SamsaraServer, now: Timestamp) -> usize {
    let mut by_filter = Vec::new();
    for filter in ["vehicles", "drivers"] {
        let url = format!(
            "/fleet/driver-vehicle-assignments?filterBy={filter}&{}",
            span(Timestamp::from_millis(now.millis() + 1))
        );
        let mut read = BTreeMap::new();
        for row in walk(server, &url, now) {
            assert_eq!(row["assignedAtTime"], "");
            if row["isPassenger"] == true {
                continue;
            }
            let vehicle = ids().vehicle(row["vehicle"]["id"].as_str().unwrap());
            let driver = ids().driver(row["driver"]["id"].as_str().unwrap());
            let key = format!("{vehicle}:{driver}:{}", time(&row["startTime"]));
            read.insert(key, row["endTime"].as_str().and_then(Timestamp::parse));
        }
        by_filter.push(read);
    }
    let truth = server.truth(&ids(), now).assignments();
    let expected: BTreeMap<_, _> = truth
        .iter()
        .map(|found| (found.natural_key().into_owned(), found.ended_at))
        .collect();
    check_same("assignment", &by_filter[0], &expected);
    check_same("assignment", &by_filter[1], &expected);
    expected.len()
}

/// Identity of a code, whether it is pending.
fn reported(row: &Value) -> BTreeMap<String, bool> {
    let mut codes = BTreeMap::new();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for code in list(&row["j1939"]["diagnosticTroubleCodes"]) {
        let name = format!("SPN{}-FMI{}@{}", code["spnId"], code["fmiId"], code["txId"]);
        codes.insert(name, false);
    }
    for unit in list(&row["obdii"]["diagnosticTroubleCodes"]) {
        for (key, is_pending) in [
            ("pendingDtcs", true),
            ("confirmedDtcs", false),
            ("permanentDtcs", false),
        ] {
            for code in list(&unit[key]) {
                let name = code["dtcShortCode"].as_str().unwrap().to_owned();
                codes.insert(name, is_pending);
            }
        }
    }
    codes
}

fn check_codes(server: &SamsaraServer, now: Timestamp) -> usize {
    let mut read = BTreeMap::new();
    let until = Timestamp::from_millis(now.millis() + 1);
    let window = model::Window::new(BEGINS_AT, until).unwrap();
    for (vehicle, readings) in history(server, "faultCodes", window, now) {
        let vehicle = ids().vehicle(&vehicle);
        let mut before = BTreeMap::new();
        for (time, row) in readings {
            let codes = reported(&row);
            let mut add = |code: &String, status: &str| {
                read.insert(format!("{vehicle}:{time}:{code}"), status.to_owned());
            };
            for (code, is_pending) in &codes {
                match (before.get(code), is_pending) {
                    (None, true) => add(code, "pending"),
                    (None, false) | (Some(true), false) => add(code, "open"),
                    (Some(_), _) => {}
                }
            }
            let gone = before.keys().filter(|code| !codes.contains_key(*code));
            gone.for_each(|code| add(code, "closed"));
            before = codes;
        }
    }
    let truth = server.truth(&ids(), now).fault_code_events();
    let expected: BTreeMap<String, String> = truth
        .iter()
        .map(|event| {
            (
                event.natural_key().into_owned(),
                event.status.name().to_owned(),
            )
        })
        .collect();
    check_same("code", &read, &expected);
    assert_eq!(truth.len(), expected.len());
    assert!(truth.iter().all(|event| event.description.is_some()));
    expected.len()
}

#[test]
fn truth_is_what_a_naive_reader_sees() {
    let server = server(71, DAYS, FaultPlan::none());
    for days in [1.37, 9.0] {
        let rows = check(&server, after_days(days));
        assert!(rows.values().all(|rows| *rows > 3), "{rows:?}");
    }
    let events = server.truth(&ids(), after_days(9.0)).fault_code_events();
    for status in [FaultCodeStatus::Open, FaultCodeStatus::Closed] {
        assert!(events.iter().any(|event| event.status == status));
    }
}

#[test]
fn truth_holds_at_every_instant_with_all_faults_on() {
    let server = server(72, DAYS, all_but_forbidden(2));
    for days in [0.8, 3.4, 9.0] {
        check(&server, after_days(days));
    }
}

/// What the truth says at an instant, by kind and key.
fn everything(server: &SamsaraServer, days: f64) -> BTreeMap<String, String> {
    fn add<R: Record>(into: &mut BTreeMap<String, String>, records: Vec<R>) {
        for record in records {
            let key = format!("{} {}", R::MODEL.name(), record.natural_key());
            let body = serde_json::to_string(&record).unwrap();
            into.insert(key, body);
        }
    }
    let truth = server.truth(&ids(), after_days(days));
    let mut all = BTreeMap::new();
    add(&mut all, truth.trips());
    add(&mut all, truth.safety_events());
    add(&mut all, truth.hos_logs());
    add(&mut all, truth.assignments());
    add(&mut all, truth.fault_code_events());
    add(&mut all, truth.utilization());
    add(&mut all, truth.ifta());
    all
}

/// How many of each kind came, went and changed between the end of the world and two days later.
fn moves(seed: u64) -> [BTreeMap<String, usize>; 3] {
    let faults = FaultPlan::parse("late,edit,withdraw", 5).unwrap();
    let server = server(seed, DAYS, faults);
    let (early, late) = (everything(&server, DAYS), everything(&server, DAYS + 2.0));
    assert_eq!(
        late,
        everything(&server, DAYS + 9.0),
        "after 40 h nothing moves"
    );
    let kinds = |keys: Vec<&String>| {
        let mut kinds = BTreeMap::new();
        for key in keys {
            let kind = key.split(' ').next().unwrap().to_owned();
            *kinds.entry(kind).or_default() += 1;
        }
        kinds
    };
    let is_changed = |key: &&String| late.get(*key).is_some_and(|now| *now != early[*key]);
    [
        kinds(
            late.keys()
                .filter(|key| !early.contains_key(*key))
                .collect(),
        ),
        kinds(
            early
                .keys()
                .filter(|key| !late.contains_key(*key))
                .collect(),
        ),
        kinds(early.keys().filter(is_changed).collect()),
    ]
}

#[test]
fn events_come_late_change_and_go_and_then_stand_still() {
    let worlds: Vec<_> = (73..77).map(moves).collect();
    for (kind, expected) in [
        ("trip", [true, true, true]),
        ("hos_log", [true, true, true]),
        ("safety_event", [true, false, true]),
        ("driver_assignment", [false, false, true]),
        ("vehicle_utilization_day", [false, false, true]),
    ] {
        for (place, expected) in expected.into_iter().enumerate() {
            let count = |moves: &[BTreeMap<String, usize>; 3]| moves[place].get(kind).copied();
            let count: usize = worlds.iter().filter_map(count).sum();
            let what = ["came", "went", "changed"][place];
            assert!(count > 0 || !expected, "no {kind} {what}");
        }
    }
}

#[test]
fn what_began_before_reading_did_is_not_expected_and_may_be_there() {
    let server = server(74, DAYS, FaultPlan::none());
    let now = after_days(6.0);
    let (from, whole) = (after_days(2.03), server.truth(&ids(), now));
    let part = Box::new(server.truth(&ids(), now)).read_from(from);
    let logs = part.hos_logs();
    assert!(logs.iter().all(|log| log.started_at >= from));
    let extra: Vec<_> = whole
        .hos_logs()
        .into_iter()
        .filter(|log| part.may_be_extra(Model::HosLog, Some(log.started_at), log.ended_at))
        .collect();
    let lasting = |driver| {
        let is_of = |log: &&model::hos::HosLog| log.driver == driver;
        extra.iter().filter(is_of).count()
    };
    for log in &logs {
        assert_eq!(
            lasting(log.driver),
            1,
            "one status lasted over the beginning"
        );
    }
    let first_open = |events: &[model::fault::FaultCodeEvent]| {
        let is_early = |e: &&model::fault::FaultCodeEvent| e.observed_at < after_days(2.5);
        events.iter().filter(is_early).count()
    };
    assert!(first_open(&part.fault_code_events()) > 0);
    assert!(part.trips().len() < whole.trips().len());
    assert!(part.utilization().len() < whole.utilization().len());
}

#[test]
fn locations_name_the_driver_whose_assignment_covers_them() {
    let server = server(75, DAYS, all_but_forbidden(3));
    let truth = server.truth(&ids(), after_days(9.0));
    let assignments = truth.assignments();
    let (mut with, mut without) = (0, 0);
    for vehicle in truth.vehicle_ids() {
        for location in truth.locations(vehicle, window(0.0, 9.0)) {
            let covering = assignments
                .iter()
                .find(|found| found.vehicle == vehicle && found.covers(location.time));
            assert_eq!(location.driver, covering.and_then(|found| found.driver));
            match location.driver {
                Some(_) => with += 1,
                None => without += 1,
            }
        }
    }
    assert!(with > 1_000 && without > 10, "{with} {without}");
}

#[test]
fn every_status_of_the_common_model_but_waiting_occurs() {
    let server = server(76, 9.0, FaultPlan::none());
    let logs = server.truth(&ids(), after_days(10.0)).hos_logs();
    for status in [
        HosStatus::OffDuty,
        HosStatus::SleeperBed,
        HosStatus::Driving,
        HosStatus::OnDuty,
        HosStatus::YardMove,
        HosStatus::PersonalConveyance,
    ] {
        assert!(logs.iter().any(|log| log.status == status), "{status:?}");
    }
}
