//! A naive client: it follows cursors, retries, and reads JSON with a general parser.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use model::{ConnectionId, IdSpace, Timestamp, Window};
use serde_json::Value;
use world::Encoding;

pub use crate::truth::Truth;
use crate::{
    FaultPlan, ProviderServer, SamsaraConfig, SamsaraServer, SimAnswer, SimRequest, World,
    WorldConfig,
};

/// 2025-06-15T06:40:00Z.
pub const BEGINS_AT: Timestamp = Timestamp::from_millis(1_749_969_600_000);
pub const DAY_MS: i64 = 86_400_000;

pub fn after_days(days: f64) -> Timestamp {
    Timestamp::from_millis(BEGINS_AT.millis() + (days * DAY_MS as f64) as i64)
}

pub fn world(seed: u64, days: f64) -> Arc<World> {
    Arc::new(World::new(WorldConfig {
        seed,
        vehicles: 17,
        drivers: 30,
        begins_at: BEGINS_AT,
        ends_at: Some(after_days(days)),
    }))
}

pub fn server(seed: u64, days: f64, faults: FaultPlan) -> SamsaraServer {
    let config = SamsaraConfig {
        rate_limits: false,
        page_vehicles: 4,
        ..SamsaraConfig::default()
    };
    SamsaraServer::new(world(seed, days), faults, config)
}

pub fn ids() -> IdSpace {
    IdSpace {
        connection: ConnectionId::new(BEGINS_AT, 7),
        created_at: BEGINS_AT,
    }
}

pub fn window(from_days: f64, until_days: f64) -> Window {
    Window::new(after_days(from_days), after_days(until_days)).unwrap()
}

pub fn get(server: &SamsaraServer, path_and_query: &str, now: Timestamp) -> SimAnswer {
    let request = SimRequest::get(path_and_query).with_header("Authorization", "Bearer sim-token");
    server.answer(&request, now)
}

pub fn text(answer: &SimAnswer) -> String {
    let mut text = String::new();
    match answer.encoding {
        Encoding::Identity => text = String::from_utf8(answer.body.to_vec()).unwrap(),
        Encoding::Gzip => {
            flate2::read::GzDecoder::new(answer.body.as_ref())
                .read_to_string(&mut text)
                .unwrap();
        }
    }
    text
}

pub fn json(server: &SamsaraServer, path_and_query: &str, now: Timestamp) -> (u16, Value) {
    let answer = get(server, path_and_query, now);
    (answer.status, serde_json::from_str(&text(&answer)).unwrap())
}

/// All rows of a list, walked with retries; a refused cursor starts the walk again.
pub fn walk(server: &SamsaraServer, path_and_query: &str, now: Timestamp) -> Vec<Value> {
    walk_at(server, path_and_query, now, "/data")
}

/// The same for answers that keep their rows at another place.
pub fn walk_at(
    server: &SamsaraServer,
    path_and_query: &str,
    now: Timestamp,
    place: &str,
) -> Vec<Value> {
    'again: for _ in 0..200 {
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let url = match after.as_str() {
                "" => path_and_query.to_owned(),
                after if path_and_query.contains('?') => format!("{path_and_query}&after={after}"),
                after => format!("{path_and_query}?after={after}"),
            };
            let Some(page) = page(server, &url, now) else {
                continue 'again;
            };
            let found = page.pointer(place).and_then(Value::as_array).unwrap();
            rows.extend(found.iter().cloned());
            let pagination = &page["pagination"];
            if pagination["hasNextPage"] == false {
                assert_eq!(pagination["endCursor"], "");
                return rows;
            }
            after = pagination["endCursor"].as_str().unwrap().to_owned();
        }
    }
    panic!("the walk of {path_and_query} never ended");
}

/// Fails with what differs, and with nothing else.
pub fn check_same<T: PartialEq + std::fmt::Debug>(
    about: &str,
    read: &BTreeMap<String, T>,
    truth: &BTreeMap<String, T>,
) {
    let keys = read.keys().chain(truth.keys());
    let is_different = |key: &&String| read.get(*key) != truth.get(*key);
    if let Some(key) = keys.into_iter().find(is_different) {
        let (read, truth) = (read.get(key), truth.get(key));
        panic!("{about} {key}:\n read {read:?}\n true {truth:?}");
    }
}

/// Hundredths of a number, as a naive reader rounds.
pub fn hundredths(value: f64) -> i64 {
    (value * 100.0).round() as i64
}

/// Hundredths of kilometres or litres.
pub fn thousandth(value: &Value) -> i64 {
    hundredths(value.as_f64().unwrap() / 1_000.0)
}

pub fn time(value: &Value) -> Timestamp {
    Timestamp::parse(value.as_str().unwrap()).unwrap()
}

/// A text that is there and not empty.
pub fn filled(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// `None` when the cursor was refused.
pub fn page(server: &SamsaraServer, url: &str, now: Timestamp) -> Option<Value> {
    for _ in 0..6 {
        let answer = get(server, url, now);
        match answer.status {
            200 if answer.cut_after_bytes.is_none() => {
                return Some(serde_json::from_str(&text(&answer)).unwrap());
            }
            200 | 429 | 500.. => {}
            400 if url.contains("after=") => return None,
            status => panic!("{status} for {url}: {}", text(&answer)),
        }
    }
    panic!("{url} failed too often");
}

/// Rows of one stat type by vehicle id and time; a row given twice counts once.
pub fn history(
    server: &SamsaraServer,
    stat: &str,
    window: Window,
    now: Timestamp,
) -> BTreeMap<String, BTreeMap<Timestamp, Value>> {
    let url = format!(
        "/fleet/vehicles/stats/history?types={stat}&startTime={}&endTime={}",
        window.from, window.until
    );
    let mut vehicles: BTreeMap<String, BTreeMap<Timestamp, Value>> = BTreeMap::new();
    for vehicle in walk(server, &url, now) {
        let rows = vehicles
            .entry(vehicle["id"].as_str().unwrap().to_owned())
            .or_default();
        for row in vehicle[stat].as_array().unwrap() {
            let time = Timestamp::parse(row["time"].as_str().unwrap()).unwrap();
            assert!(window.contains(time), "{time} is not in {window}");
            rows.insert(time, row.clone());
        }
    }
    vehicles
}
