//! The server as its clients meet it.

mod calendars;
mod clients;
mod lists;
mod oauth;
mod samples;
mod truth;
mod units;

use std::sync::Arc;

use model::Timestamp;
use model::time::DAY_MS;
use serde_json::Value;

use super::{MotiveConfig, MotiveServer};
use crate::{FaultPlan, ProviderServer, SimAnswer, SimRequest, World, WorldConfig};

/// 2026-03-06, late in the evening of UTC: two days before clocks change in the company's zone.
const BEGINS_AT: Timestamp = Timestamp::from_millis(1_772_838_000_000);
const KEY: &str = "sim-key";

fn after_days(days: f64) -> Timestamp {
    Timestamp::from_millis(BEGINS_AT.millis() + (days * DAY_MS as f64) as i64)
}

fn now() -> Timestamp {
    after_days(5.8)
}

fn world(seed: u64) -> Arc<World> {
    Arc::new(World::new(WorldConfig::days_before(BEGINS_AT, 0, seed)))
}

fn server(seed: u64, faults: FaultPlan) -> MotiveServer {
    MotiveServer::new(world(seed), faults, MotiveConfig::default())
}

fn plain(seed: u64) -> MotiveServer {
    server(seed, FaultPlan::none())
}

fn ask(server: &MotiveServer, request: &SimRequest) -> (u16, Value) {
    let answer: SimAnswer = server.answer(request, now());
    let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status, body)
}

fn get(path: &str) -> SimRequest {
    SimRequest::get(path).with_header("X-Api-Key", KEY)
}

/// The answer of one GET, which must be there.
fn json(server: &MotiveServer, path: &str) -> Value {
    let (status, body) = ask(server, &get(path));
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// The same in the units of the header.
fn in_units(server: &MotiveServer, path: &str, metric: bool) -> Value {
    let request = get(path).with_header("X-Metric-Units", if metric { "true" } else { "false" });
    let (status, body) = ask(server, &request);
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// The inner objects of a list.
fn items(body: &Value, list: &str, item: &str) -> Vec<Value> {
    let wrapped = body[list].as_array().unwrap();
    let inner = wrapped.iter().map(|wrapped| {
        assert_eq!(wrapped.as_object().unwrap().len(), 1, "{wrapped}");
        wrapped[item].clone()
    });
    inner.collect()
}

/// All pages of a list, as long as `page_no * per_page < total`.
fn all(server: &MotiveServer, path: &str, list: &str, item: &str) -> Vec<Value> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let mut found = Vec::new();
    for page_no in 1.. {
        let path = format!("{path}{joint}per_page=100&page_no={page_no}");
        let body = in_units(server, &path, true);
        let page = body.get("pagination").unwrap_or(&body).clone();
        found.extend(items(&body, list, item));
        if page_no * 100 >= page["total"].as_u64().unwrap() {
            break;
        }
    }
    found
}

fn is_sorted_by_text(items: &[Value], member: &str, descending: bool) -> bool {
    let texts = items.iter().map(|item| item[member].as_str().unwrap());
    let texts: Vec<&str> = texts.collect();
    match descending {
        true => texts.is_sorted_by(|a, b| a >= b),
        false => texts.is_sorted(),
    }
}
