//! The API as its clients meet it: one module a resource, named as in its URL, and some on what all
//! operations have in common.
//!
//! Every answer in here is also held against the contract, by the client that asks.

mod camera_media;
mod connections;
mod description;
mod docs;
mod drivers;
mod encodings;
mod errors;
mod groups;
mod ifta;
mod issues;
mod live;
mod live_asking;
mod locations;
mod operations;
mod paging;
mod parameters;
mod passthrough;
mod providers;
mod public_token;
mod rate_limits;
mod record_lists;
mod record_visibility;
mod short_links;
mod stats;
mod syncs;
mod templates;
mod vehicles;
mod whole_fleet;

use model::Timestamp;
use serde_json::Value;
use testkit::client::Answer;

/// An id of the right form that nothing has.
const NO_VEHICLE: &str = "vcl_00000000000000000000000000";

/// The text of a member that must be there.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} in {value}"))
}

fn time(value: &Value, pointer: &str) -> Timestamp {
    Timestamp::parse(text(value, pointer)).expect("the contract wants ISO 8601")
}

fn rows(page: &Value) -> &[Value] {
    page["results"].as_array().expect("a page has results")
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| text(row, "/id")).collect()
}

/// A 400 that names one place, with a message and a suggestion.
fn refused_at(answer: &Answer, path: &str) {
    assert_eq!(answer.status, 400, "{answer}");
    let places = answer.places();
    let [(place, message, suggestion)] = places.as_slice() else {
        panic!("one place is wrong, not {}: {answer}", places.len());
    };
    assert_eq!(place, path, "{answer}");
    assert!(!message.is_empty() && !suggestion.is_empty(), "{answer}");
}

/// A later time by so many milliseconds.
fn later(time: Timestamp, by_ms: i64) -> Timestamp {
    Timestamp::from_millis(time.millis() + by_ms)
}

/// The ids of rows without their order.
fn id_set(rows: &[Value]) -> std::collections::BTreeSet<String> {
    rows.iter().map(|row| text(row, "/id").to_owned()).collect()
}

/// A record without what the server adds to it.
fn body_of(record: &Value) -> Value {
    let mut body = record.clone();
    let members = body.as_object_mut().expect("a record is an object");
    members.remove("metadata");
    members.remove("raw");
    body
}
