//! `/vehicles`, `/vehicles/{id}`.

use serde_json::{Value, json};
use testkit::api_server::ApiServer;

use super::{NO_VEHICLE, body_of, id_set, ids, later, rows, text, time};

#[tokio::test]
async fn the_list_is_the_fleet_in_the_order_of_modification() {
    let server = ApiServer::synced().await;
    let truth = server.fleet.truth().await;
    let list = server.client.all("/vehicles").await;
    assert_eq!(list.len(), truth.vehicles().len());
    for vehicle in truth.vehicles() {
        let wanted = serde_json::to_value(vehicle).expect("a vehicle is JSON");
        let served = list
            .iter()
            .find(|row| row["id"] == wanted["id"])
            .expect("it is listed");
        assert_eq!(body_of(served), wanted);
        assert_eq!(served["metadata"]["visibility"], "visible");
        assert_eq!(served.get("raw"), None, "only when asked for");
    }
    let places: Vec<_> = list
        .iter()
        .map(|row| (time(row, "/metadata/modifiedAt"), text(row, "/id")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn one_is_served_as_in_the_list() {
    let server = ApiServer::synced().await;
    for listed in server.client.all("/vehicles").await {
        let path = format!("/vehicles/{}", text(&listed, "/id"));
        assert_eq!(server.client.get(&path).await.ok(), listed);
    }
    let answer = server.client.get(&format!("/vehicles/{NO_VEHICLE}")).await;
    let body = answer.is(404);
    assert!(text(&body, "/detail").contains(NO_VEHICLE), "{answer}");
}

#[tokio::test]
async fn modified_after_includes_its_bound_and_modified_before_does_not() {
    let server = ApiServer::synced().await;
    check_modification_bounds(&server, "/vehicles").await;
}

/// For every list of records: each row's own time as either bound.
pub(super) async fn check_modification_bounds(server: &ApiServer, path: &str) {
    let list = server.client.all(path).await;
    assert!(!list.is_empty());
    for row in &list {
        let modified = time(row, "/metadata/modifiedAt");
        let since = |bound| {
            let later = list
                .iter()
                .filter(|row| time(row, "/metadata/modifiedAt") >= bound);
            later.cloned().collect::<Vec<_>>()
        };
        let until = |bound| {
            let earlier = list
                .iter()
                .filter(|row| time(row, "/metadata/modifiedAt") < bound);
            earlier.cloned().collect::<Vec<_>>()
        };
        for bound in [later(modified, -1), modified, later(modified, 1)] {
            let after = server
                .client
                .all(&format!("{path}?modifiedAfter={bound}"))
                .await;
            assert_eq!(after, since(bound), "after {bound}");
            let before = server
                .client
                .all(&format!("{path}?modifiedBefore={bound}"))
                .await;
            assert_eq!(before, until(bound), "before {bound}");
        }
        let query = format!("{path}?modifiedAfter={modified}&modifiedBefore={modified}");
        assert_eq!(
            server.client.get(&query).await.ok(),
            json!({ "results": [] })
        );
    }
}

#[tokio::test]
async fn expand_puts_groups_in_the_place_of_their_ids() {
    let server = ApiServer::synced().await;
    let groups = server.client.all("/groups").await;
    let plain = server.client.all("/vehicles").await;
    let expanded = server.client.all("/vehicles?expand=groups").await;
    let mut met = 0;
    for (plain, expanded) in plain.iter().zip(&expanded) {
        for (id, group) in array(plain, "groups").iter().zip(array(expanded, "groups")) {
            assert_eq!(group["id"], *id);
            assert!(
                groups.contains(group),
                "an expanded group is the group as served: {group}"
            );
            met += 1;
        }
        assert_eq!(expanded["devices"], plain["devices"]);
        let path = format!("/vehicles/{}?expand=groups", text(plain, "/id"));
        assert_eq!(server.client.get(&path).await.ok(), *expanded);
    }
    assert!(met > 0, "some vehicle is in a group");
    let devices = server.client.all("/devices").await;
    for list in ["devices", "devices,groups", "groups,devices"] {
        for vehicle in server.client.all(&format!("/vehicles?expand={list}")).await {
            // An id without a record stays an id.
            let whole = |device: &Value| device.is_string() || devices.contains(device);
            assert!(array(&vehicle, "devices").iter().all(whole), "{vehicle}");
        }
    }
}

fn array<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("{name} is no list in {value}"))
}

#[tokio::test]
async fn raw_gives_the_source_rows() {
    let server = ApiServer::synced().await;
    for vehicle in server.client.all("/vehicles?raw=true").await {
        let [raw] = array(&vehicle, "raw") else {
            panic!("one source row: {vehicle}");
        };
        assert_eq!(raw["provider"], "samsara");
        assert_eq!(
            raw["data"]["id"], vehicle["sourceId"],
            "the provider's own row"
        );
        assert_eq!(raw["data"]["name"], vehicle["name"]);
        assert!(time(raw, "/extractedAt") <= time(&vehicle, "/metadata/modifiedAt"));
        let path = format!("/vehicles/{}", text(&vehicle, "/id"));
        assert_eq!(
            server.client.get(&format!("{path}?raw=true")).await.ok(),
            vehicle
        );
        assert_eq!(
            server
                .client
                .get(&format!("{path}?raw=false"))
                .await
                .ok()
                .get("raw"),
            None
        );
    }
}

#[tokio::test]
async fn filters_hide_what_they_exclude_and_hidden_shows_it() {
    let server = ApiServer::synced().await;
    let all = server.client.all("/vehicles").await;
    let [first, second] = [text(&all[0], "/id"), text(&all[1], "/id")];
    let set = async |filter: Value| {
        let body = json!({ "filters": { "vehicles": filter } });
        server
            .client
            .patch_json("/connections/current", &body)
            .await
            .ok();
        id_set(&server.client.all("/vehicles").await)
    };
    let visibility = async |id: &str| {
        let hidden = server.client.all("/vehicles?hidden=true").await;
        assert_eq!(hidden.len(), all.len(), "hidden=true shows everything");
        let row = hidden
            .iter()
            .find(|row| row["id"] == id)
            .expect("it is shown")
            .clone();
        let one = server.client.get(&format!("/vehicles/{id}")).await.ok();
        assert_eq!(one["metadata"]["visibility"], row["metadata"]["visibility"]);
        text(&row, "/metadata/visibility").to_owned()
    };

    let listed = set(json!({ "excludeIds": [first] })).await;
    assert!(!listed.contains(first) && listed.len() == all.len() - 1);
    assert_eq!(visibility(first).await, "hidden_by_exclude_list");
    assert_eq!(visibility(second).await, "visible");

    // What is included beats everything.
    let listed = set(json!({ "includeIds": [first], "excludeIds": [first] })).await;
    assert_eq!(listed, [first.to_owned()].into());
    assert_eq!(visibility(first).await, "visible");
    assert_eq!(visibility(second).await, "hidden_by_include_list");

    let active = id_set(
        &all.iter()
            .filter(|row| row["status"] == "active")
            .cloned()
            .collect::<Vec<_>>(),
    );
    assert_eq!(set(json!({ "status": "active" })).await, active);
    let inactive = set(json!({ "status": "inactive" })).await;
    assert_eq!(active.len() + inactive.len(), all.len());
    if let Some(id) = active.first() {
        assert_eq!(visibility(id).await, "hidden_by_status");
    }

    assert_eq!(
        set(json!({})).await.len(),
        all.len(),
        "an empty filter hides nothing"
    );
}

/// Filters are the client's view: changing them changes no record.
#[tokio::test]
async fn filters_leave_modification_times_alone() {
    let server = ApiServer::synced().await;
    let before = server.client.all("/vehicles").await;
    let exclude = json!({ "filters": { "vehicles": { "excludeIds": [before[0]["id"]] } } });
    server
        .client
        .patch_json("/connections/current", &exclude)
        .await
        .ok();
    let none = json!({ "filters": { "vehicles": {} } });
    server
        .client
        .patch_json("/connections/current", &none)
        .await
        .ok();
    assert_eq!(server.client.all("/vehicles").await, before);
}

/// With a hidden row on a page, pages still hold what fits and end when the list ends.
#[tokio::test]
async fn pages_skip_hidden_rows() {
    let server = ApiServer::synced().await;
    let all = server.client.all("/vehicles").await;
    let exclude = json!({ "filters": { "vehicles": { "excludeIds": [all[1]["id"]] } } });
    server
        .client
        .patch_json("/connections/current", &exclude)
        .await
        .ok();
    let mut wanted = ids(&all);
    wanted.remove(1);
    for limit in 1..=all.len() {
        let listed = server.client.all(&format!("/vehicles?limit={limit}")).await;
        assert_eq!(ids(&listed), wanted, "limit {limit}");
    }
    let page = server.client.get("/vehicles?deleted=true").await.ok();
    assert_eq!(ids(rows(&page)), wanted, "nothing was deleted");
}
