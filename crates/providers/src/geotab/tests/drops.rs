//! Nothing is dropped in silence: whatever becomes of a member of a row, the page has as many
//! records and points as before, or more notices, or is refused. What is left out on purpose is
//! listed here.

use provider::{Next, Page, ProviderError};
use serde_json::{Value, json};

use super::sound::{EXPLAINED, WALKS};
use super::{position_after, read};

/// What may become of a member without a word, by stream.
fn is_meant(stream: &str, member: &str, put: Option<&Value>) -> bool {
    let is_absent = put.is_none_or(Value::is_null);
    match (stream, member) {
        // Interpolated rows have no id, and as evidence they count for nothing.
        ("log_records" | "status_data", "id") => is_absent,
        // Another event, or another rule's name.
        ("safety", "id") => is_absent || put.is_some_and(Value::is_string),
        // Others than drivers are not asked for.
        ("drivers", "isDriver") => put == Some(&json!(false)),
        // A device without hardware has no tracker.
        ("devices", "productId") => put == Some(&json!(-1)),
        // Calculated away.
        ("trips" | "utilization", "deletedDateTime") => !is_absent,
        // Nothing of a fault, or something else in it, is a code of its own.
        ("faults", "failureMode" | "source" | "diagnosticType") => true,
        // The feed has what is not read.
        ("status_data.feed", "diagnostic") => put.is_some_and(Value::is_string),
        // A day without fuel, or a tax stretch whose place is not known.
        ("utilization", "totalFuelUsed") => is_absent,
        // What is not claimed by a driver is no driver's news; what of another rule, no news.
        ("hos.feed", "driver") | ("safety.feed" | "safety", "rule") => true,
        ("safety", "data" | "speed" | "latitude" | "longitude") => true,
        // Rows of one moment, person or place become one.
        ("ifta", "jurisdiction")
        | ("hos.logs" | "hos.daily", "isIgnored" | "eventRecordStatus") => true,
        ("groups", "id" | "children") => put.is_some_and(Value::is_string),
        _ => false,
    }
}

fn nonsense() -> Vec<Option<Value>> {
    let mut all = vec![None];
    all.extend(
        [
            json!(null),
            json!(true),
            json!(-1),
            json!(1e300),
            json!(""),
            json!("odd"),
            json!({}),
            json!([]),
        ]
        .map(Some),
    );
    all
}

fn weight(page: &Page) -> usize {
    let points: usize = page.points.iter().map(|series| series.points.len()).sum();
    page.drafts.len() + points + page.news.len()
}

/// Every object in the lists of an answer, as a JSON pointer.
fn rows(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                rows(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(members) if members.contains_key("toVersion") => {
            rows(&value["data"], &format!("{pointer}/data"), found);
        }
        Value::Object(_) => found.push(pointer.to_owned()),
        _ => {}
    }
}

/// As notices name it: `/result/data/3` is `result.data[3]`.
fn place(pointer: &str) -> String {
    let parts = pointer.trim_start_matches('/').split('/');
    let named = parts.map(|part| match part.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) if part == "result" => part.to_owned(),
        Err(_) => format!(".{part}"),
    });
    named.collect()
}

/// What was lost without a word, in words.
fn lost(stream: &str, position: Option<&str>, body: &[u8]) -> Vec<String> {
    let mut lost = Vec::new();
    let whole: Value = serde_json::from_slice(body).expect("JSON");
    let before = read(stream, position, body).expect("a page");
    let mut pointers = Vec::new();
    rows(&whole["result"], "/result", &mut pointers);
    for pointer in pointers {
        let row = whole.pointer(&pointer).expect("a row").clone();
        let place = place(&pointer);
        for member in row.as_object().expect("an object").keys() {
            for put in nonsense() {
                let mut changed = whole.clone();
                let row = changed.pointer_mut(&pointer).expect("a row");
                match &put {
                    Some(value) => row[member] = value.clone(),
                    None => {
                        row.as_object_mut().expect("an object").remove(member);
                    }
                }
                let what = format!("{stream} {pointer}/{member} became {put:?}");
                match read(stream, position, changed.to_string().as_bytes()) {
                    Err(ProviderError::UnexpectedAnswer { .. }) => {}
                    Err(error) => lost.push(format!("{what}: {error}")),
                    Ok(after) => {
                        let is_told = weight(&after) >= weight(&before)
                            || after.notices.len() > before.notices.len()
                            // There is more to ask because of it.
                            || matches!(
                                (&before.next, &after.next),
                                (Next::End, Next::Page(_))
                            )
                            || after.notices.iter().any(|n| n.place.starts_with(&place));
                        if !is_told && !is_meant(stream, member, put.as_ref()) {
                            lost.push(what);
                        }
                    }
                }
            }
        }
    }
    lost
}

#[test]
fn no_row_is_lost_without_a_word() {
    for (stream, bodies) in WALKS {
        assert_eq!(lost(stream, None, bodies[0]), Vec::<String>::new());
    }
}

#[test]
fn no_explained_row_is_lost_without_a_word() {
    for (stream, first, second) in EXPLAINED {
        let position = position_after(stream, first);
        assert_eq!(lost(stream, Some(&position), second), Vec::<String>::new());
    }
}
