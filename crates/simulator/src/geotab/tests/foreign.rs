//! Questions as other clients of MyGeotab send them.

use serde_json::{Value, json};

use super::client::*;
use crate::{FaultPlan, ProviderServer, SimRequest};

#[test]
fn the_version_has_three_parts_and_needs_no_session() {
    let server = server(1, FaultPlan::none());
    let body = json!({"id": -1, "method": "GetVersion", "params": {}});
    let version = json_of(&post(&server, &body, days_later(1)));
    let version = version["result"].as_str().unwrap();
    assert_eq!(version.split('.').count(), 3);
    let time = json!({"method": "GetSystemTimeUtc"});
    let time = json_of(&post(&server, &time, days_later(1)));
    assert_eq!(time["result"], days_later(1).to_string());
}

#[test]
fn forms_and_other_paths_are_understood() {
    let server = server(1, FaultPlan::none());
    let form = "JSON-RPC=%7B%22method%22%3A%22GetVersion%22%2C%22params%22%3A%7B%7D%7D";
    for path in ["/apiv1", "/apiv1/", "/APIV1"] {
        let answer = server.answer(&SimRequest::post(path, form), days_later(1));
        assert!(json_of(&answer)["result"].is_string());
    }
    let lost = server.answer(&SimRequest::post("/api/v2", form), days_later(1));
    assert_eq!(lost.status, 404);
    let broken = server.answer(&SimRequest::post("/apiv1", "{\"method\""), days_later(1));
    assert_eq!(error_of(&broken), "JsonSerializerException");
}

#[test]
fn an_unknown_entity_blames_the_method() {
    let server = server(1, FaultPlan::none());
    let client = Client::new(&server, days_later(1));
    for (method, entity) in [("Get", "Devices"), ("GetFeed", "trip"), ("Fetch", "Device")] {
        let answer = client.ask(method, json!({"typeName": entity}));
        assert_eq!(error_of(&answer), "MissingMethodException");
        let message = json_of(&answer)["error"]["message"].to_string();
        assert!(message.contains(&format!("'{method}'")), "{message}");
    }
    let driver = client.ask("Get", json!({"typeName": "Driver"}));
    assert_eq!(error_of(&driver), "InvalidCastException");
}

#[test]
fn a_bare_feed_says_where_it_stands() {
    let server = server(2, FaultPlan::none());
    let client = Client::new(&server, days_later(2));
    for entity in ["LogRecord", "StatusData", "Trip", "Device", "MediaFile"] {
        // As mygeotab's DataFeed begins.
        let params = json!({
            "typeName": entity, "search": null, "fromVersion": null, "resultsLimit": 50_000,
        });
        let bare = json_of(&client.ask("GetFeed", params));
        assert_eq!(bare["result"]["data"], json!([]), "{entity}");
        let version = bare["result"]["toVersion"].as_str().unwrap();
        let again = client.feed_after(entity, json!({}), version, 1_000);
        assert!(again.rows.is_empty(), "{entity}");
        let later = client.at(days_later(3));
        let later = later.feed_after(entity, json!({}), version, 60_000);
        let grows = !matches!(entity, "Device" | "MediaFile");
        assert_eq!(!later.rows.is_empty(), grows, "{entity}");
    }
}

#[test]
fn a_feed_from_version_zero_begins_at_the_beginning() {
    // As tap-geotab asks.
    let server = server(2, FaultPlan::none());
    let client = Client::new(&server, days_later(1));
    let devices = client.feed_after("Device", json!({}), "0", 5_000);
    assert_eq!(devices.rows.len(), client.get("Device", json!(null)).len());
    let params = json!({"typeName": "StatusData", "fromVersion": "2024-01-01T00:00:00Z"});
    assert_eq!(
        error_of(&client.ask("GetFeed", params)),
        "ArgumentException"
    );
}

/// As fleetpull walks: by id, ended by the empty page alone, complete by the count.
#[test]
fn lists_are_walked_by_id_to_the_empty_page() {
    let server = server(3, FaultPlan::all(3));
    let client = Client::new(&server, days_later(3));
    let ask = |method: &str, params: Value| loop {
        let answer = client.ask(method, params.clone());
        if answer.status == 200 && answer.cut_after_bytes.is_none() {
            let body = json_of(&answer);
            if body.get("error").is_none() {
                return body;
            }
        }
    };
    for entity in ["Device", "User", "Trip"] {
        let (mut ids, mut offset) = (Vec::new(), Value::Null);
        loop {
            let sort = json!({"sortBy": "id", "sortDirection": "asc", "offset": offset});
            let params = json!({"typeName": entity, "resultsLimit": 5, "sort": sort});
            let page = ask("Get", params);
            let page = page["result"].as_array().unwrap();
            let Some(last) = page.last() else {
                break;
            };
            offset = last["id"].clone();
            ids.extend(page.iter().map(|row| text(row, "id").to_owned()));
        }
        let count = ask("GetCountOf", json!({"typeName": entity}));
        assert_eq!(count["result"], ids.len(), "{entity}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(count["result"], ids.len(), "{entity}");
    }
}

#[test]
fn exceptions_are_not_sorted_by_id() {
    let server = server(3, FaultPlan::none());
    let client = Client::new(&server, days_later(3));
    let sort = json!({"sortBy": "id", "sortDirection": "asc", "offset": null});
    let plain = json!({"typeName": "ExceptionEvent", "sort": sort});
    let answer = client.ask("Get", plain);
    assert_eq!(error_of(&answer), "ArgumentException");
    let message = json_of(&answer)["error"]["message"].clone();
    let wanted = "Can not sort by id. Supported sortable fields are version, date.";
    assert_eq!(message, wanted);
    let searched = json!({
        "typeName": "ExceptionEvent",
        "sort": {"sortBy": "date", "sortDirection": "asc"},
        "search": {"ruleSearch": {"id": "RuleHarshBrakingId"}},
    });
    assert_eq!(error_of(&client.ask("Get", searched)), "GenericException");
    let last_id = json!({"sortBy": "id", "offset": null, "lastId": "b1"});
    let answer = client.ask("Get", json!({"typeName": "Device", "sort": last_id}));
    assert_eq!(error_of(&answer), "ArgumentException");
}

#[test]
fn too_much_is_refused_or_cut() {
    let server = server(3, FaultPlan::none());
    let client = Client::new(&server, days_later(2));
    let many =
        |entity: &str| client.ask("Get", json!({"typeName": entity, "resultsLimit": 50_001}));
    let answer = many("LogRecord");
    assert_eq!(error_of(&answer), "OverLimitException");
    let message = json_of(&answer)["error"]["message"].clone();
    assert_eq!(
        message,
        "Supplied results limit (50001) exceeds maximum limit (50000)."
    );
    assert!(answer.header("retry-after").is_none());
    assert!(json_of(&many("Device"))["result"].is_array());
    let feed = json!({"typeName": "Trip", "resultsLimit": 1_000_000, "fromVersion": "0"});
    assert!(json_of(&client.ask("GetFeed", feed))["result"]["data"].is_array());
}

#[test]
fn nobody_knows_an_id_and_nothing_is_found() {
    let server = server(3, FaultPlan::none());
    let client = Client::new(&server, days_later(2));
    for entity in [
        "LogRecord",
        "StatusData",
        "Trip",
        "ExceptionEvent",
        "FaultData",
        "DriverChange",
        "FuelTaxDetail",
        "FuelAndEnergyUsed",
        "DeviceStatusInfo",
    ] {
        let search = json!({"deviceSearch": {"id": "b1F"}});
        assert!(client.get(entity, search).is_empty(), "{entity}");
    }
    for entity in ["DutyStatusLog", "AnnotationLog", "DutyStatusAvailability"] {
        let search = json!({"userSearch": {"id": "bFFFFFFF"}});
        assert!(client.get(entity, search).is_empty(), "{entity}");
    }
    let search = json!({"diagnosticSearch": {"id": "DiagnosticSpeedId"}});
    assert!(client.get("StatusData", search).is_empty());
    assert!(client.get("User", json!({"name": "nobody"})).is_empty());
}

#[test]
fn a_selector_chooses_members() {
    let server = server(3, FaultPlan::none());
    let client = Client::new(&server, days_later(1));
    let params = json!({
        "typeName": "Device",
        "propertySelector": {"fields": ["id", "name"], "isIncluded": true},
    });
    let rows = json_of(&client.ask("Get", params));
    for row in rows["result"].as_array().unwrap() {
        assert_eq!(row.as_object().unwrap().len(), 2);
    }
    let refused = json!({"typeName": "StatusData", "propertySelector": {"fields": ["id"]}});
    assert_eq!(error_of(&client.ask("Get", refused)), "ArgumentException");
}
