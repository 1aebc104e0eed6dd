//! Feeds against lists: who follows a feed from the beginning has what a `Get` shows.

use std::collections::BTreeMap;

use model::time::HOUR_MS;
use serde_json::{Value, json};

use super::client::*;
use crate::{FaultPlan, GeotabServer};

/// Faults of rows without those of requests.
fn restless() -> FaultPlan {
    FaultPlan::parse("late,edit,withdraw", 11).unwrap()
}

fn flags() -> Value {
    json!({
        "includeDeleted": true,
        "includeInvalidated": true,
        "includeDismissedEvents": true,
        "includeModifications": true,
    })
}

/// Whether a row that a feed gives is to be dropped by whoever keeps what there is.
fn is_gone(row: &Value) -> bool {
    let state = row["state"].as_str().unwrap_or_default();
    !row["deletedDateTime"].is_null()
        || matches!(
            state,
            "Inactive" | "ExceptionEventStateDismissedId" | "ExceptionEventStateInvalidId"
        )
}

/// What is left at the end, and how many pages and rows it took.
fn followed(
    server: &GeotabServer,
    entity: &str,
    until_ms: i64,
) -> (BTreeMap<String, Value>, usize, usize) {
    let client = Client::new(server, BEGINS_AT);
    let (mut kept, mut pages, mut rows) = (BTreeMap::new(), 0, 0);
    let mut feed = client.feed(entity, flags(), BEGINS_AT, 700);
    let mut at_ms = BEGINS_AT.millis();
    loop {
        pages += feed.pages;
        rows += feed.rows.len();
        for row in &feed.rows {
            let id = text(row, "id").to_owned();
            if is_gone(row) {
                kept.remove(&id);
            } else {
                kept.insert(id, row.clone());
            }
        }
        if at_ms >= until_ms {
            return (kept, pages, rows);
        }
        at_ms = (at_ms + 7 * HOUR_MS + 1).min(until_ms);
        let now = model::Timestamp::from_millis(at_ms);
        let version = std::mem::take(&mut feed.version);
        feed = client.at(now).feed_after(entity, flags(), &version, 700);
    }
}

/// By id, without the version, which two answers may give a little differently.
fn listed(client: &Client<'_>, entity: &str) -> BTreeMap<String, Value> {
    let mut rows = BTreeMap::new();
    let devices: Vec<Value> = match entity {
        "LogRecord" | "StatusData" => {
            let devices = client.get("Device", json!(null));
            let search = |device: &Value| json!({"deviceSearch": {"id": device["id"]}});
            devices.iter().map(search).collect()
        }
        _ => vec![json!({})],
    };
    for search in devices {
        for row in client.get(entity, search) {
            rows.insert(text(&row, "id").to_owned(), row);
        }
    }
    rows
}

fn without_versions(rows: &mut BTreeMap<String, Value>) {
    for row in rows.values_mut() {
        let row = row.as_object_mut().unwrap();
        row.remove("version");
        row.remove("versions");
    }
}

#[test]
fn who_follows_a_feed_has_what_is_listed() {
    let server = server(21, restless());
    let until = days_later(5);
    for entity in [
        "LogRecord",
        "StatusData",
        "FaultData",
        "DriverChange",
        "DutyStatusLog",
        "AnnotationLog",
        "ExceptionEvent",
        "Trip",
        "FuelTaxDetail",
    ] {
        let (mut kept, pages, rows) = followed(&server, entity, until.millis());
        let mut listed = listed(&Client::new(&server, until), entity);
        without_versions(&mut kept);
        without_versions(&mut listed);
        assert!(kept.len() > 9, "{entity}: {}", kept.len());
        assert!(rows >= kept.len() && pages > 10, "{entity}");
        let missing = listed.keys().filter(|id| !kept.contains_key(*id)).count();
        let extra = kept.keys().filter(|id| !listed.contains_key(*id)).count();
        assert_eq!((missing, extra), (0, 0), "{entity} of {}", listed.len());
        for (id, row) in &listed {
            assert_eq!(&kept[id], row, "{entity}");
        }
    }
}

#[test]
fn late_rows_come_later_and_out_of_order() {
    let server = server(22, FaultPlan::parse("late", 4).unwrap());
    let client = Client::new(&server, days_later(3));
    let seen = client.feed("LogRecord", json!({}), days_later(1), 50_000);
    let old = |row: &&Value| *text(row, "dateTime") < *days_later(1).to_string();
    let late = seen.rows.iter().filter(old).count();
    assert!(late > 20, "{late}");
    let times: Vec<&str> = seen.rows.iter().map(|row| text(row, "dateTime")).collect();
    assert!(!times.is_sorted());
    let on_time = server_without_faults_rows(days_later(1), days_later(3));
    assert!(seen.rows.len() < on_time + late);
}

fn server_without_faults_rows(from: model::Timestamp, until: model::Timestamp) -> usize {
    let server = server(22, FaultPlan::none());
    let client = Client::new(&server, until);
    client.feed("LogRecord", json!({}), from, 50_000).rows.len()
}

#[test]
fn pages_of_a_feed_do_not_depend_on_their_size() {
    let server = server(23, restless());
    let client = Client::new(&server, days_later(3));
    let ids = |limit: usize| -> Vec<String> {
        let feed = client.feed("StatusData", json!({}), days_later(2), limit);
        feed.rows
            .iter()
            .map(|row| text(row, "id").to_owned())
            .collect()
    };
    let whole = ids(50_000);
    assert!(whole.len() > 1_000);
    assert_eq!(ids(97), whole);
    let mut unique = whole.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), whole.len());
}

/// A trip is calculated anew when the next begins; its old id is deleted at that moment.
#[test]
fn trips_change_their_ids() {
    let server = server(24, restless());
    let client = Client::new(&server, days_later(4));
    let feed = client.feed("Trip", json!({"includeDeleted": true}), BEGINS_AT, 50_000);
    let (deleted, live): (Vec<&Value>, Vec<&Value>) =
        feed.rows.iter().partition(|row| is_gone(row));
    assert!(deleted.len() > 50 && live.len() > 50);
    let quiet = client.feed("Trip", json!({}), BEGINS_AT, 50_000);
    assert_eq!(quiet.rows.len(), live.len());
    let mut replaced = 0;
    for gone in &deleted {
        assert!(live.iter().all(|row| row["id"] != gone["id"]));
        let same_start =
            |row: &&&Value| row["device"] == gone["device"] && row["start"] == gone["start"];
        replaced += usize::from(live.iter().any(|row| same_start(&row)));
    }
    assert!(replaced * 10 > deleted.len() * 7, "{replaced}");
    // Of each device only the last trip does not know how long its stop was.
    let begins = |row: &Value| {
        let at = |next: &&&Value| {
            next["device"] == row["device"] && next["start"] == row["nextTripStart"]
        };
        live.iter().any(|next| at(&next))
    };
    let open = live
        .iter()
        .filter(|row| row["stop"] == row["nextTripStart"]);
    assert!(open.filter(|row| !begins(row)).count() <= 12);
}
